/* SPDX-License-Identifier: MIT */
/*
 * A look at a call that would wait, where nobody can be made to watch it.
 *
 * Sleeps, polls, locks and waits for children have a form that does not wait, and so have
 * reads and writes of sockets and pipes (stream-look.c). So a caller
 * that is to go on meanwhile need not hold its context for a moment of each: the form is
 * made, and if the call would wait it leaves with -SYSLET_LOOKED, its limit kept as a point
 * of time. It looks again when it is made again. No signal, no other thread and no room for
 * a timer is needed for that.
 *
 * Not for calls whose look would take what the call itself may not: io_getevents and
 * recvmmsg take some of what they wait for, select clears its sets, a lock of fcntl's would
 * not see a deadlock, a futex not who wakes it between two looks. Of such a call that is not made
 * either its limit begins all the same, so that several of them are not late one after the other.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

#define LOCK_NB 4u
#define IPC_NOWAIT 04000
#define WNOHANG 1u
#define NS_PER_SECOND 1000000000
#define CLOCK_REALTIME 0
#define CLOCK_BOOTTIME 7

enum look_form {
	LOOK_SLEEP, /* nothing but its limit */
	LOOK_LIMIT, /* with a limit of no time */
	LOOK_FLAG   /* with a flag in one of its arguments */
};

struct look_row {
	u16 nr;
	u8 form;     /* enum look_form */
	u8 argument; /* of the limit, or of the flag */
	u8 flag;
	s32 waits; /* the form's result where the call would wait */
};

static const struct look_row rows[] = {
	{__NR_nanosleep, LOOK_SLEEP, 0, 0, 0},
	{__NR_clock_nanosleep, LOOK_SLEEP, 2, 0, 0},
#ifdef __NR_poll
	{__NR_poll, LOOK_LIMIT, 2, 0, 0},
#endif
	{__NR_ppoll, LOOK_LIMIT, 2, 0, 0},
#ifdef __NR_epoll_wait
	{__NR_epoll_wait, LOOK_LIMIT, 3, 0, 0},
#endif
	{__NR_epoll_pwait, LOOK_LIMIT, 3, 0, 0},
	{__NR_epoll_pwait2, LOOK_LIMIT, 3, 0, 0},
	{__NR_rt_sigtimedwait, LOOK_LIMIT, 2, 0, -E_AGAIN},
	{__NR_semtimedop, LOOK_LIMIT, 3, 0, -E_AGAIN},
	{__NR_flock, LOOK_FLAG, 1, LOCK_NB, -E_AGAIN},
	{__NR_wait4, LOOK_FLAG, 2, WNOHANG, 0},
};

static const struct look_row *row_of(const struct indirect_registers *regs)
{
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].nr == (u32)REG_NR(regs))
			return &rows[i];
	return 0;
}

/* 1 if its limit, as it was read, is none or lies ahead: one of no time, or a bad one, waits for nothing. */
static int may_wait(const struct limit *limit, const struct indirect_registers *regs)
{
	if (limit->row->form == LIMIT_MS)
		return (s32)REG_ARG(regs, limit->row->argument) != 0;
	if (!REG_ARG(regs, limit->row->argument))
		return 1;
	return limit->deadline && limit->left[1] < NS_PER_SECOND;
}

/* Others there are not, or they stand still while nobody runs. */
static int is_usual_clock(u64 clock)
{
	return (u32)clock == CLOCK_REALTIME || (u32)clock == CLOCK_MONOTONIC ||
	       (u32)clock == CLOCK_BOOTTIME;
}

/* An operation that may not wait (IPC_NOWAIT) gives what a look at one that may gives. */
static int all_may_wait(u64 operations, u64 count)
{
	struct {
		u16 number;
		s16 operation, flags;
	} one;

	for (; count; count--, operations += sizeof(one))
		if (copy_user(&one, (const void *)(uintptr_t)operations, sizeof(one)) ||
		    (one.flags & IPC_NOWAIT))
			return 0;
	return 1;
}

/* A point of time is no limit that begins; who names signals lets them in. */
static int has_look(const struct look_row *row, const struct limit *limit,
		    const struct indirect_registers *regs)
{
	if (row->form == LOOK_FLAG)
		return !(REG_ARG(regs, row->argument) & row->flag);
	if (row->form == LOOK_SLEEP && !REG_ARG(regs, row->argument))
		return 0; /* EFAULT: a sleep has a limit */
	if ((u32)REG_NR(regs) == __NR_semtimedop &&
	    !all_may_wait(REG_ARG(regs, 1), REG_ARG(regs, 2)))
		return 0;
	if ((u32)REG_NR(regs) == __NR_clock_nanosleep && !is_usual_clock(REG_ARG(regs, 0)))
		return 0;
	return !limit_is_absolute(regs) && !limit_mask_given(limit, regs) && may_wait(limit, regs);
}

/* The limit of a call that goes on, which looked before, began then. */
static void begin(struct limit *limit, const struct indirect_registers *regs, struct task *cur)
{
	limit_begin(limit, regs, cur);
	if (cur->kept_for && cur->kept_for == cur->ctx->seq + WORD_SEQ_ONE && limit->deadline &&
	    cur->kept[KEPT_ARGUMENT])
		limit->deadline = cur->kept[KEPT_ARGUMENT];
}

/*
 * The signal that has ended a look: no form that has one lets a signal in. A call of no time
 * gives EINTR too, if a signal is there and nothing else.
 */
int ended_by_foreign(struct task *cur)
{
	WRITE_ONCE(cur->signalled, 0);
	return !is_interrupted(cur);
}

static long ask(const struct look_row *row, const struct limit *limit,
		const struct indirect_registers *regs, struct task *cur)
{
	struct indirect_registers look = *regs;
	u64 *argument = &REG_ARG(&look, row->argument);
	s64 no_time[2] = {0, 0};
	long status;

	if (row->form == LOOK_SLEEP)
		return row->waits;
	if (row->form == LOOK_FLAG)
		*argument |= row->flag;
	else
		*argument = limit->row->form == LIMIT_MS ? 0 : (u64)(uintptr_t)no_time;
	do {
		status = ask_host(cur, REG_NR(&look), REG_ARG(&look, 0), REG_ARG(&look, 1),
				  REG_ARG(&look, 2), REG_ARG(&look, 3), REG_ARG(&look, 4));
	} while (status == -E_INTR && ended_by_foreign(cur));
	return status;
}

/* The time is over: what the host gives then is what it gives where there is none. */
static int is_over(const struct limit *limit, struct task *cur)
{
	return limit->deadline && cur->ctx->ops->clock(limit->clock) >= limit->deadline;
}

static enum look look_now(const struct indirect_registers *regs, struct task *cur, long *status)
{
	const struct look_row *row = row_of(regs);
	struct limit limit;
	int over;

	if (!row)
		return look_at_stream(regs, cur, status);
	begin(&limit, regs, cur);
	if (!has_look(row, &limit, regs))
		return LOOK_NONE;
	over = is_over(&limit, cur); /* before the look: what comes until then counts */
	*status = ask(row, &limit, regs, cur);
	if (*status != row->waits || over) {
		if (limit.deadline)
			limit_tell_rest(&limit, regs, cur, *status);
		return LOOK_TELLS;
	}
	keep_limits(cur, limit.deadline, 0);
	count(looks);
	*status = -SYSLET_LOOKED;
	return LOOK_TELLS;
}

/* A call that is not made now has a limit, which is kept. */
static int limit_begins(const struct indirect_registers *regs, struct task *cur)
{
	struct limit limit;

	begin(&limit, regs, cur);
	if (!limit.deadline)
		return 0;
	keep_limits(cur, limit.deadline, 0);
	return 1;
}

/*
 * By the carrier, in place of a call that nobody would watch, which has not begun. Nobody can
 * claim it.
 */
enum look look_at(const struct indirect_registers *regs, struct task *cur, long *status)
{
	enum look look = look_now(regs, cur, status);

	if (look != LOOK_NONE || cur->ctx->when_unwatched != UNWATCHED_REFUSED || !limit_begins(regs, cur))
		return look;
	*status = -SYSLET_SURFACED;
	return LOOK_TELLS;
}
