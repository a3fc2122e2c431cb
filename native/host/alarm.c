/* SPDX-License-Identifier: MIT */
/*
 * An alarm of the carrier's own, where the guardian is missing: threads were used up before
 * the process attached for the first time. A timer of the host sends it the interrupting
 * signal, again and again, since one may come just before the call falls asleep. It stops
 * when it has found no call a few times in a row.
 *
 * Where no timer can be had either, signals being used up too, a call that blocks and cannot
 * be looked at (kernel/look.c) holds its context until it is over. Nothing else that the host has
 * wakes one thread after a time: its notifications by signal take an entry when they are made,
 * timerfd, epoll and io_uring send none, limits of processor time count none of a
 * sleep, and ITIMER_REAL is the program's, whose signal goes to any of its threads.
 */
#include "arch/sys.h"
#include "host/host.h"

#define SIGEV_THREAD_ID 4
#define EVERY_NS 20000000ull
#define RINGS_IN_VAIN 3

struct kernel_sigevent {
	u64 value;
	s32 signo;
	s32 notify;
	s32 tid;
	s32 pad[11];
};

struct kernel_itimerspec {
	struct kernel_timespec interval, value;
};

static u32 has_guardian;

/* Called when the guardian's thread was made. */
void guardian_is_there(void)
{
	smp_store_release(&has_guardian, 1);
}

static void set(const struct host_context *host, u64 ns)
{
	struct kernel_itimerspec time = {timespec_of_ns(ns), timespec_of_ns(ns)};

	SYS4(timer_settime, host->alarm, 0, &time, 0);
}

/* A timer names one thread, and the context may be on another by now. */
static int has_alarm(struct host_context *host, u32 tid)
{
	struct kernel_sigevent event = {.signo = (s32)host_interrupt_signal,
					.notify = SIGEV_THREAD_ID,
					.tid = (s32)tid};

	if (host->alarm_tid == tid)
		return 1;
	alarm_drop(host);
	if (SYS3(timer_create, CLOCK_MONOTONIC, &event, &host->alarm))
		return 0;
	WRITE_ONCE(host->alarm_tid, tid);
	return 1;
}

static void begin(struct context *ctx)
{
	struct host_context *host = host_of_context(ctx);

	if (!has_alarm(host, ctx->carrier->tid))
		return;
	WRITE_ONCE(host->alarm_in_vain, 0);
	set(host, EVERY_NS);
}

/* host_ops.unwatched: by the carrier, whose call nobody will watch. */
void call_for_help(struct context *ctx)
{
	if (likely(smp_load_acquire(&has_guardian)))
		call_for_guardian(ctx);
	else
		begin(ctx);
}

/* In the handler of the interrupting signal, on the task. */
void alarm_rang(struct task *task)
{
	struct host_context *host = host_of_context(task->ctx);

	if (likely(READ_ONCE(host->alarm_tid) != task->tid))
		return;
	if (word_state(READ_ONCE(task->word)) == WORD_IN_CALL &&
	    smp_load_acquire(&task->ctx->carrier) == task)
		WRITE_ONCE(host->alarm_in_vain, 0);
	else if (READ_ONCE(host->alarm_in_vain) + 1 < RINGS_IN_VAIN)
		WRITE_ONCE(host->alarm_in_vain, READ_ONCE(host->alarm_in_vain) + 1);
	else
		set(host, 0);
}

void alarm_drop(struct host_context *host)
{
	if (!host->alarm_tid)
		return;
	SYS1(timer_delete, host->alarm);
	WRITE_ONCE(host->alarm_tid, 0);
}
