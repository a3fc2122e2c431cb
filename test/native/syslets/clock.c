/* SPDX-License-Identifier: MIT */
/* The clock of limits and waits, made of the processor's ticks. */
#include "syslet.h"

#include "host/host.h"

/* Two readings of the host's own around ours say what the truth may be. */
static void it_keeps_pace(void)
{
	uint64_t before = t_now_ns(), first = host_now(), between = t_now_ns();
	uint64_t early, last, late;

	t_sleep_ms(50);
	early = t_now_ns();
	last = host_now();
	late = t_now_ns();
	CHECK(last - first >= (early - between) / 1000 * 995);
	CHECK(last - first <= (late - before) / 1000 * 1005 + 1000);
}

/* A machine that runs for years has more ticks than 2^64 / 1000. */
static void it_does_not_wrap(void)
{
	uint64_t ticks = 1ull << 40, ns = ns_of_ticks(ticks);

	for (; ticks < 1ull << 62 && ns < 1ull << 62; ticks *= 2, ns *= 2) {
		uint64_t twice = ns_of_ticks(2 * ticks);

		CHECK(twice > ns);
		CHECK(twice - 2 * ns <= ticks >> 32 || 2 * ns - twice <= ticks >> 32);
	}
}

int main(void)
{
	syslet_library_init();
	RUN(it_keeps_pace);
	RUN(it_does_not_wrap);
	return 0;
}
