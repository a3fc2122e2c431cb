/* SPDX-License-Identifier: MIT */
/*
 * While a task takes on its context's ids no signal comes to it: the handler of one would wait for
 * the lock that the task holds, or would change ids of which some are the old ones and some the new.
 * The linker puts this file between the task and the host (--wrap=host_syscall6).
 */
#include <asm/unistd.h>
#include <grp.h>

#include "syslet.h"

#include "host/host.h"

#define OTHER 4242
#define CALLS 3

long __real_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);

static uint32_t changes, unmasked;

/* No TLS here, and no libc: a task that has no thread pointer of its own may be here. */
long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	uint64_t mask = 0, wanted;

	if (nr == __NR_setresuid || nr == __NR_setresgid || nr == __NR_setgroups) {
		wanted = 1ull << (SIG_SETXID - 1) | 1ull << (host_interrupt_signal - 1);
		__real_host_syscall6(__NR_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, sizeof(mask), 0, 0);
		__atomic_fetch_add(&changes, 1, __ATOMIC_RELAXED);
		if ((mask & wanted) != wanted)
			__atomic_fetch_add(&unmasked, 1, __ATOMIC_RELAXED);
	}
	return __real_host_syscall6(nr, a, b, c, d, e, f);
}

/* Several at once, so that tasks are left over that were made before. */
static void blocked_reads(struct syslet_ring *ring, struct pipe pipe)
{
	static char bytes[CALLS];
	int i;

	for (i = 0; i < CALLS; i++)
		submit_blocked_read(ring, 1, pipe.read_end, &bytes[i]);
	for (i = 0; i < CALLS; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < CALLS; i++)
		CHECK_EQ((long)reap(ring).status, 1);
}

static void a_dispatched_sleep(struct syslet_ring *ring)
{
	struct timespec some = {0, 1000000};
	struct indirect_registers regs = {.NR = SYS_nanosleep, .ARG0 = (uint64_t)&some};

	CHECK_EQ(by_dispatch(ring, &regs), 0);
}

enum dropper { BY_LIBC, BY_SYSLET };

/* uid 0 stays: all that it changes can be changed again. */
static void change_ids(struct syslet_ring *ring, enum dropper dropper, int round)
{
	gid_t gid = (gid_t)(OTHER + round);

	if (dropper == BY_LIBC) {
		CHECK_EQ(setresgid(gid, gid, gid), 0);
		CHECK_EQ(setgroups(1, &gid), 0);
		return;
	}
	CHECK_EQ(submit(ring, 0, SYS_setresgid, gid, gid, gid).value, 0);
	CHECK_EQ(submit(ring, 0, SYS_setgroups, 1, (uint64_t)&gid, 0).value, 0);
}

static void adopt(enum dropper dropper)
{
	struct syslet_ring *ring;
	struct pipe pipe = new_pipe();
	uint32_t before;
	int round;

	if (getuid())
		SKIP_TEST("only root can change its groups");
	ring = new_ring(8);
	attach(0);
	blocked_reads(ring, pipe);
	for (round = 0; round < 5; round++) {
		before = __atomic_load_n(&changes, __ATOMIC_RELAXED);
		change_ids(ring, dropper, round);
		blocked_reads(ring, pipe);
		a_dispatched_sleep(ring);
		CHECK(__atomic_load_n(&changes, __ATOMIC_RELAXED) > before);
	}
	CHECK_EQ(__atomic_load_n(&unmasked, __ATOMIC_RELAXED), 0);
	detach();
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void ids_of_the_process(void)
{
	adopt(BY_LIBC);
}

static void ids_of_the_context(void)
{
	adopt(BY_SYSLET);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(ids_of_the_process, 60);
	RUN_IN_CHILD(ids_of_the_context, 60);
	return 0;
}
