/* SPDX-License-Identifier: MIT */
/* Names that the library has inside are the program's to define. */
#include "check.h"

void mutex_lock(void);
void mutex_unlock(void);
int copy_user(void);
void nudge(void);
void host_init(void);

static int called;

void mutex_lock(void)
{
	called++;
}

void mutex_unlock(void)
{
	called++;
}

int copy_user(void)
{
	return ++called;
}

void nudge(void)
{
	called++;
}

void host_init(void)
{
	called++;
}

int main(void)
{
	struct syslet_ring *ring;
	char byte = 0;
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(2, &ring) == 0);
	attach_or_fail();
	read_blocks(ring, 1, ends[0], &byte);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
	CHECK(syslet_detach() == 0);
	CHECK(called == 0);
	puts("ok");
	return 0;
}
