/* SPDX-License-Identifier: MIT */
/* The example of docs/c.md with checks: a call that ends at once, one that is handed over. */
#include "check.h"

static void a_call_that_ends_at_once(struct syslet_ring *ring)
{
	uint64_t none[6] = {0, 0, 0, 0, 0, 0};
	struct syslet_call_result result = syslet_submit(ring, 1, SYS_getpid, none);

	CHECK(!result.pending && result.value == getpid());
	none[0] = (uint64_t)-1;
	result = syslet_submit(ring, 1, SYS_close, none);
	CHECK(!result.pending && result.value == -9); /* EBADF */
}

static void a_call_that_is_handed_over(struct syslet_ring *ring, const int ends[2])
{
	struct syslet_completion completion;
	char byte = 0;

	read_blocks(ring, 42, ends[0], &byte);
	CHECK(syslet_ring_reap(ring, &completion, 1) == 0);
	CHECK(write(ends[1], "x", 1) == 1);
	completion = reap_one(ring);
	CHECK(completion.status == 1 && completion.caller_data == 42 && byte == 'x');
}

/* As a v7 program does it: registers, and a frame of its own. */
static void a_call_by_registers(struct syslet_ring *ring, const int ends[2])
{
	static uint64_t stack[8192];
	struct indirect_registers regs;
	union indirect_params params;
	char byte = 0;

	memset(&regs, 0, sizeof(regs));
	memset(&params, 0, sizeof(params));
	regs.rax = SYS_read;
	regs.rdi = (uint64_t)ends[0];
	regs.rsi = (uint64_t)(uintptr_t)&byte;
	regs.rdx = 1;
	params.syslet.ring_ptr = (uint64_t)(uintptr_t)ring;
	params.syslet.frame.ip = syslet_park_ip();
	params.syslet.frame.sp = (uint64_t)(uintptr_t)(stack + 8192);
	CHECK(syslet_sys_indirect(&regs, &params, sizeof(params), 0) == -ESYSLETPENDING);
	CHECK(write(ends[1], "y", 1) == 1);
	CHECK(reap_one(ring).status == 1 && byte == 'y');
	params.syslet.frame.ip = syslet_exit_ip();
	CHECK(syslet_dispatch(&regs, &params, sizeof(params), NULL).value == -22); /* not park */
}

int main(void)
{
	struct syslet_ring *ring;
	struct syslet_counters counters;
	int ends[2], round;
	long born = os_thread();

	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(8, &ring) == 0);
	attach_or_fail();
	a_call_that_ends_at_once(ring);
	for (round = 0; round < 100; round++) {
		a_call_that_is_handed_over(ring, ends);
		a_call_by_registers(ring, ends);
	}
	syslet_read_counters(&counters);
	CHECK(counters.hand_offs == 200 && counters.contexts == 1);
	CHECK(syslet_detach() == 0);
	CHECK(os_thread() == born);
	syslet_ring_destroy(ring);
	puts("ok");
	return 0;
}
