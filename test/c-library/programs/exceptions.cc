// SPDX-License-Identifier: MIT
// Exceptions and destructors of a context that goes from task to task.
#include <stdexcept>

#include "check.h"

namespace
{
int destroyed;

struct Counted {
	~Counted() { destroyed++; }
};

struct syslet_ring *ring;
int ends[2];

void deep(int depth)
{
	Counted counted;
	char byte = 0;

	if (depth > 0)
		return deep(depth - 1);
	read_blocks(ring, 1, ends[0], &byte);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
	throw std::runtime_error("after a hand-over");
}
} // namespace

int main()
{
	int caught = 0;

	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(4, &ring) == 0);
	attach_or_fail();
	for (int i = 0; i < 50; i++) {
		try {
			deep(5);
		} catch (const std::exception &) {
			caught++;
		}
	}
	CHECK(syslet_detach() == 0);
	CHECK(caught == 50 && destroyed == 300);
	puts("ok");
	return 0;
}
