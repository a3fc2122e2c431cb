/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait at most for a time that they are given.
 *
 * A call of these that a foreign signal ended is made again with what is left, so the
 * time is read when it begins: by one system call of the host, on calls that are in the
 * table alone (they are marked as special, so that no other call looks here). The clock
 * is the one that the call itself waits by.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

#define NS_PER_SECOND 1000000000ull
#define NS_PER_MS 1000000ull
#define TIMER_ABSTIME 1
#define FUTEX_COMMAND_MASK 127u
#define FUTEX_WAIT 0
#define IORING_ENTER_EXT_ARG (1u << 3)
#define IORING_ENTER_ABS_TIMER (1u << 5)
#define IORING_ENTER_EXT_ARG_REG (1u << 6)
#define URING_FLAGS 3
#define URING_ARGUMENT 4

/* The host's call number, form and argument of the limit, told, form and argument of a mask. */
static const struct limit_row rows[] = {
	{__NR_nanosleep, LIMIT_TIMESPEC, 0, 0, MASK_NONE, 0},
	{__NR_clock_nanosleep, LIMIT_TIMESPEC, 2, 0, MASK_NONE, 0},
#ifdef __NR_poll
	{__NR_poll, LIMIT_MS, 2, 0, MASK_NONE, 0},
#endif
	{__NR_ppoll, LIMIT_TIMESPEC, 2, 1, MASK_ADDRESS, 3},
#ifdef __NR_select
	{__NR_select, LIMIT_TIMEVAL, 4, 1, MASK_NONE, 0},
#endif
	{__NR_pselect6, LIMIT_TIMESPEC, 4, 1, MASK_PAIR, 5},
#ifdef __NR_epoll_wait
	{__NR_epoll_wait, LIMIT_MS, 3, 0, MASK_NONE, 0},
#endif
	{__NR_epoll_pwait, LIMIT_MS, 3, 0, MASK_ADDRESS, 4},
	{__NR_epoll_pwait2, LIMIT_TIMESPEC, 3, 0, MASK_ADDRESS, 4},
	{__NR_futex, LIMIT_TIMESPEC, 3, 0, MASK_NONE, 0},
	{__NR_rt_sigtimedwait, LIMIT_TIMESPEC, 2, 0, MASK_NONE, 0},
	{__NR_semtimedop, LIMIT_TIMESPEC, 3, 0, MASK_NONE, 0},
	{__NR_recvmmsg, LIMIT_TIMESPEC, 4, 1, MASK_NONE, 0},
	{__NR_io_getevents, LIMIT_TIMESPEC, 4, 0, MASK_NONE, 0},
	{__NR_io_pgetevents, LIMIT_TIMESPEC, 4, 0, MASK_PAIR, 5},
	{__NR_io_uring_enter, LIMIT_RING, URING_ARGUMENT, 0, MASK_RING, URING_ARGUMENT},
};

/* No limit, but a signal ends them although its handler asks for a restart. */
static const struct limit_row never_restarted[] = {
#ifdef __NR_pause
	{__NR_pause, LIMIT_NONE, 0, 0, MASK_NONE, 0},
#endif
	{__NR_semop, LIMIT_NONE, 0, 0, MASK_NONE, 0},
	{__NR_msgrcv, LIMIT_NONE, 0, 0, MASK_NONE, 0},
	{__NR_msgsnd, LIMIT_NONE, 0, 0, MASK_NONE, 0},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Called once by the host before anything attaches. */
void limit_init(void (*mark)(u32 nr))
{
	unsigned i;

	for (i = 0; i < LENGTH(rows); i++)
		mark(rows[i].nr);
}

static const struct limit_row *find(const struct limit_row *table, unsigned length, u64 nr)
{
	unsigned i;

	for (i = 0; i < length; i++)
		if (table[i].nr == (u32)nr)
			return &table[i];
	return 0;
}

static const struct limit_row *row_of(u64 nr)
{
	const struct limit_row *row = find(rows, LENGTH(rows), nr);

	return row ? row : find(never_restarted, LENGTH(never_restarted), nr);
}

/* 1 if the time that the call names is a point of time: it holds as it is. */
int limit_is_absolute(const struct indirect_registers *regs)
{
	switch ((u32)REG_NR(regs)) {
	case __NR_clock_nanosleep:
		return ((u32)REG_ARG(regs, 1) & TIMER_ABSTIME) != 0;
	case __NR_futex: /* of the others one has a point of time, and the rest have none */
		return ((u32)REG_ARG(regs, 1) & FUTEX_COMMAND_MASK) != FUTEX_WAIT;
	case __NR_io_uring_enter: /* or a registered argument, which cannot be another's */
		return !(REG_ARG(regs, URING_FLAGS) & IORING_ENTER_EXT_ARG) ||
		       (REG_ARG(regs, URING_FLAGS) &
			(IORING_ENTER_ABS_TIMER | IORING_ENTER_EXT_ARG_REG));
	default:
		return 0;
	}
}

/* linux/io_uring.h: address of the mask, its bytes, address of the limit */
static long read_extended(struct limit *limit, u64 address)
{
	if (copy_user(limit->extended, (const void *)(uintptr_t)address, sizeof(limit->extended)))
		return 0;
	return (long)limit->extended[2];
}

/* Nanoseconds of the limit; 0: none, or one that the host will refuse. */
static u64 read_limit(struct limit *limit, const struct indirect_registers *regs)
{
	u64 argument = REG_ARG(regs, limit->row->argument), unit;

	if (limit->row->form == LIMIT_MS)
		return (s32)argument > 0 ? (u64)(s32)argument * NS_PER_MS : 0;
	if (limit->row->form == LIMIT_RING)
		argument = (u64)read_extended(limit, argument);
	if (!argument || copy_user(limit->left, (const void *)(uintptr_t)argument, sizeof(limit->left)))
		return 0;
	limit->user = argument;
	unit = limit->row->form == LIMIT_TIMEVAL ? 1000 : 1;
	if (limit->left[0] < 0 || limit->left[1] < 0)
		return 0;
	if (limit->row->form == LIMIT_TIMESPEC && (u64)limit->left[1] >= NS_PER_SECOND)
		return 0; /* EINVAL */
	if ((u64)limit->left[0] > ~0ull / NS_PER_SECOND / 4)
		return 0; /* centuries */
	return (u64)limit->left[0] * NS_PER_SECOND + (u64)limit->left[1] * unit;
}

/* Before the call is made for the first time. */
void limit_begin(struct limit *limit, const struct indirect_registers *regs, struct task *cur)
{
	u64 ns;

	limit->row = row_of(REG_NR(regs));
	limit->deadline = limit->user = 0;
	if (!limit->row || limit->row->form == LIMIT_NONE || limit_is_absolute(regs))
		return;
	limit->clock = CLOCK_MONOTONIC;
	if ((u32)REG_NR(regs) == __NR_clock_nanosleep && REG_ARG(regs, 0))
		limit->clock = (u32)REG_ARG(regs, 0); /* that of the date waits by the monotonic one */
	ns = read_limit(limit, regs);
	if (!ns)
		return;
	limit->deadline = kept_limit(cur, KEPT_ARGUMENT);
	if (likely(!limit->deadline))
		limit->deadline = cur->ctx->ops->clock(limit->clock) + ns;
}

/*
 * 1 if the call names signals that may come meanwhile: then one of them, which is the
 * program's own, may have ended it.
 */
int limit_mask_given(const struct limit *limit, const struct indirect_registers *regs)
{
	u64 argument, address = 0;
	long error = 0;

	if (!limit->row || limit->row->mask_form == MASK_NONE)
		return 0;
	argument = REG_ARG(regs, limit->row->mask_argument);
	if (limit->row->mask_form == MASK_ADDRESS || !argument)
		return argument != 0;
	if (limit->row->mask_form == MASK_RING && (REG_ARG(regs, URING_FLAGS) & IORING_ENTER_EXT_ARG_REG))
		return 1; /* it cannot be told */
	if (limit->row->mask_form == MASK_RING && !(REG_ARG(regs, URING_FLAGS) & IORING_ENTER_EXT_ARG))
		return 1;
	address = user_load_u64(argument, &error); /* a pair of address and bytes */
	return error || address;
}

static void set_time(struct limit *limit, u64 left)
{
	limit->left[0] = (s64)(left / NS_PER_SECOND);
	limit->left[1] = (s64)(left % NS_PER_SECOND);
	if (limit->row->form == LIMIT_TIMEVAL)
		limit->left[1] = (limit->left[1] + 999) / 1000;
	if (limit->row->form == LIMIT_TIMEVAL && limit->left[1] == 1000000) {
		limit->left[0]++;
		limit->left[1] = 0;
	}
}

/* The call is made again: regs, a copy of the program's, name what is left of the time. */
void limit_rest(struct limit *limit, struct indirect_registers *regs, struct task *cur)
{
	u64 now, left, *argument;

	if (!limit->deadline)
		return;
	now = cur->ctx->ops->clock(limit->clock);
	left = now < limit->deadline ? limit->deadline - now : 0;
	argument = &REG_ARG(regs, limit->row->argument);
	if (limit->row->form == LIMIT_MS) {
		*argument = (left + NS_PER_MS - 1) / NS_PER_MS;
		return;
	}
	set_time(limit, left);
	*argument = (u64)(uintptr_t)limit->left;
	if (limit->row->form == LIMIT_RING) {
		limit->extended[2] = *argument;
		*argument = (u64)(uintptr_t)limit->extended;
	}
}

/*
 * The call that was made again is over. Where the host tells the time that is left, it
 * told us: recvmmsg with messages alone, the others always.
 */
void limit_tell(const struct limit *limit, long status)
{
	if (!limit->deadline || !limit->row->told || (limit->row->nr == __NR_recvmmsg && status <= 0))
		return;
	(void)copy_user((void *)(uintptr_t)limit->user, limit->left, sizeof(limit->left));
}

/* A call that was not made is over: its caller is told what is left now. */
void limit_tell_rest(struct limit *limit, const struct indirect_registers *regs, struct task *cur,
		     long status)
{
	struct indirect_registers unused = *regs;

	limit_rest(limit, &unused, cur);
	limit_tell(limit, status);
}
