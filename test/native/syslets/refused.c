/* SPDX-License-Identifier: MIT */
/*
 * Calls that would break the process are refused, each with a reason, however their
 * number is written: the host takes the low 32 bits of the register.
 */
#include "syslet.h"

#define HIGH_BITS 0x5a5a5a5a00000000ull
#define X32_BIT 0x40000000ull
#define PR_SET_SECCOMP_FILTER_MODE 2

static struct syslet_ring *ring;

static void every_refused_call_has_a_reason(void)
{
	const struct syslet_refused_call *call;
	unsigned i;

	ring = new_ring(8);
	attach(0);
	for (i = 0; (call = syslet_refused(i)) != 0; i++) {
		CHECK(call->name && *call->name);
		CHECK(call->reason && strlen(call->reason) > 10);
		CHECK_EQ(submit(ring, 0, call->nr, 0, 0, 0).value, -EINVAL);
	}
	CHECK(i > 20);
	CHECK_EQ(ring->kernel_head, 0);
	detach();
	free_ring(ring, 8);
}

/* The host ignores the upper half of rax: a fork in disguise is a fork. */
static void high_bits_do_not_hide_a_number(void)
{
	const struct syslet_refused_call *call;
	unsigned i;

	ring = new_ring(8);
	attach(0);
	CHECK_EQ(call_and_wait(ring, (long)(HIGH_BITS | SYS_getpid), 0, 0, 0), getpid());
	for (i = 0; (call = syslet_refused(i)) != 0; i++)
		CHECK_EQ(submit(ring, 0, (long)(HIGH_BITS | call->nr), 0, 0, 0).value, -EINVAL);
#if defined(__x86_64__)
	CHECK_EQ(submit(ring, 0, (long)(X32_BIT | SYS_fork), 0, 0, 0).value, -ENOSYS);
	CHECK_EQ(submit(ring, 0, (long)(X32_BIT | 520), 0, 0, 0).value, -ENOSYS);
#endif
	detach();
	free_ring(ring, 8);
}

static void is_refused(long nr, const char *name)
{
	const struct syslet_refused_call *call;
	unsigned i;

	for (i = 0; (call = syslet_refused(i)) != 0; i++)
		if (call->nr == (uint32_t)nr)
			return;
	T_FAIL("%s (%ld) is not refused", name, nr);
}

#define IS_REFUSED(name) is_refused(SYS_##name, #name)

/* Each of these changes one OS thread of several for good, or takes a handler's place. */
static void the_table_has_them_all(void)
{
#if defined(__x86_64__)
	IS_REFUSED(fork);
	IS_REFUSED(vfork);
	IS_REFUSED(arch_prctl);
	IS_REFUSED(ioperm);
	IS_REFUSED(iopl);
#endif
	IS_REFUSED(clone);
	IS_REFUSED(clone3);
	IS_REFUSED(execve);
	IS_REFUSED(execveat);
	IS_REFUSED(exit);
	IS_REFUSED(exit_group);
	IS_REFUSED(rt_sigreturn);
	IS_REFUSED(rt_sigaction);
	IS_REFUSED(rt_sigprocmask);
	IS_REFUSED(set_tid_address);
	IS_REFUSED(set_robust_list);
	IS_REFUSED(rseq);
	IS_REFUSED(seccomp);
	IS_REFUSED(unshare);
	IS_REFUSED(setns);
	IS_REFUSED(keyctl);
	IS_REFUSED(add_key);
	IS_REFUSED(request_key);
	IS_REFUSED(landlock_restrict_self);
	IS_REFUSED(setfsuid);
	IS_REFUSED(setfsgid);
}

/* prctl is allowed but for what would filter or kill one OS thread of several. */
static void prctl_by_its_first_argument(void)
{
	ring = new_ring(8);
	attach(0);
	CHECK_EQ(submit(ring, 0, SYS_prctl, 22 /* PR_SET_SECCOMP */, PR_SET_SECCOMP_FILTER_MODE, 0)
			 .value,
		 -EINVAL);
	CHECK_EQ(submit(ring, 0, SYS_prctl, 3 /* PR_GET_DUMPABLE */, 0, 0).value, 1);
	detach();
	free_ring(ring, 8);
}

/* Registers that name sys_indirect itself (row 16). */
static void nesting_is_refused(void)
{
	struct indirect_registers inner = {.NR = SYS_getpid};
	union indirect_params params;

	ring = new_ring(8);
	params = params_for(ring, 1);
	attach(0);
	CHECK_EQ(submit(ring, 2, SYSLET_NR_INDIRECT, (uint64_t)&inner, (uint64_t)&params,
			sizeof(params))
			 .value,
		 -EINVAL);
	detach();
	free_ring(ring, 8);
}

/* 286 and 287 are the host's own calls where v7's numbers do not mean ours. */
static void raw_numbers_are_the_hosts(void)
{
	struct indirect_registers first = {.NR = SYSLET_NR_V7_INDIRECT, .ARG0 = (uint64_t)-1};
	struct indirect_registers second = {.NR = SYSLET_NR_V7_RING_WAIT, .ARG0 = (uint64_t)-1};

	ring = new_ring(8);
	attach(0);
	CHECK(by_host(&first) < 0 && by_host(&first) != -ENOSYS);
	CHECK(by_host(&second) < 0 && by_host(&second) != -ENOSYS);
	CHECK_EQ(by_syslet(ring, &first), by_host(&first));
	CHECK_EQ(by_syslet(ring, &second), by_host(&second));
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(every_refused_call_has_a_reason);
	RUN(the_table_has_them_all);
	RUN(high_bits_do_not_hide_a_number);
	RUN(prctl_by_its_first_argument);
	RUN(nesting_is_refused);
	RUN(raw_numbers_are_the_hosts);
	return 0;
}
