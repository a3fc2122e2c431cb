/* SPDX-License-Identifier: MIT */
/* A call that a thread of its own makes, and that the host puts to sleep. */
#ifndef SYSLETS_TEST_SLEEPING_CALL_H
#define SYSLETS_TEST_SLEEPING_CALL_H

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "syslet.h"

static struct {
	struct indirect_registers regs;
	long value;
	int raised;
	pid_t tid;
	int is_over;
} host;

static const uint64_t sigpipe = 1ull << (SIGPIPE - 1);

/* 1 if it waits for this thread, where it is masked. */
static int take_sigpipe(void)
{
	static const struct timespec no_time;

	return syscall(SYS_rt_sigtimedwait, &sigpipe, 0, &no_time, sizeof(sigpipe)) == SIGPIPE;
}

static T_UNUSED void *sleep_in_host(void *unused)
{
	CHECK_EQ(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &sigpipe, 0, sizeof(sigpipe)), 0);
	__atomic_store_n(&host.tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	host.value = by_host(&host.regs);
	host.raised = take_sigpipe();
	__atomic_store_n(&host.is_over, 1, __ATOMIC_RELEASE);
	return unused;
}

/* 1 if it is over. */
static T_UNUSED int until_it_sleeps(void)
{
	pid_t tid;

	for (;; usleep(200)) {
		if (__atomic_load_n(&host.is_over, __ATOMIC_ACQUIRE))
			return 1;
		tid = __atomic_load_n(&host.tid, __ATOMIC_ACQUIRE);
		if (tid && thread_is_asleep(tid))
			return 0;
	}
}

#endif
