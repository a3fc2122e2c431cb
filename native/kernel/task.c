/* SPDX-License-Identifier: MIT */
/*
 * Tasks and their pool: carrying -> blocked -> completing -> frame -> waiting
 * (watching or idle) -> carrying. docs/architecture.md draws the graph.
 */
#include "kernel/kernel.h"

/*
 * It has credentials that it cannot exchange for the context's, and another task watches.
 * A child exits; a birth thread sleeps until detach.
 */
static void retire(struct task *cur)
{
	if (cur != cur->ctx->birth)
		exit_task(cur);
	leave_watch(cur);
	if (cmpxchg_bool(&cur->order, ORDER_WATCH, ORDER_IDLE))
		take_place(cur);
}

/* 1 when the context was taken over, 0 when the task was told something else. */
static int watch_and_take_over(struct task *cur)
{
	struct context *ctx = cur->ctx;

	WRITE_ONCE(cur->state, TASK_WATCHING);
	for (;;) {
		u64 word = ctx->ops->watch(cur);

		if (!word) {
			leave_watch(cur);
			return 0;
		}
		if (syslet_schedule(ctx->carrier, word) == cur) {
			if (ctx->policy->listed_until_it_runs)
				leave_watch(cur); /* row 12: as late as v7's list_del */
			WRITE_ONCE(cur->order, ORDER_IDLE);
			return 1;
		}
		if (unlikely(cur->unfit)) {
			if (make_successor(cur, word)) {
				retire(cur);
				return 0;
			}
			cur->unfit = 0; /* it looks on, and is tried again */
		}
	}
}

#define HOME_TRIES 200 /* each of some milliseconds: a setuid that goes on is over by then */

static int is_passing(int fitness)
{
	return fitness == FIT_LATER || fitness == FIT_ONCE_SETTLED;
}

static int may_come_home(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int fitness = FIT_LATER, tries;

	for (tries = 0; tries < HOME_TRIES && is_passing(fitness); tries++)
		fitness = ctx->ops->may_carry(cur, ctx->carrier);
	return fitness == FIT || fitness == FIT_BUT_FOR_ATTRIBUTES;
}

/*
 * The birth thread was told that its context comes home; the carrier waits for it.
 * 0 if it may not carry: attributes may stay behind, credentials may not.
 */
static int carry_home(struct task *cur)
{
	struct context *ctx = cur->ctx;

	leave_watch(cur);
	if (!may_come_home(cur)) {
		smp_store_release(&cur->order, ORDER_IDLE); /* pairs with sys_go_home */
		take_place(cur);
		return 0;
	}
	WRITE_ONCE(cur->state, TASK_CARRYING);
	move_user_context(&cur->regs, &ctx->carrier->regs, 0);
	become_carrier(ctx, cur); /* pairs with the acquire in sys_go_home */
	smp_store_release(&cur->order, ORDER_IDLE);
	settle_carrier(cur);
	return 1;
}

/*
 * A task without a user context waits until it carries one. Returns, to user
 * space by the caller's way, the result that the context gets there.
 */
struct syslet_result wait_to_carry(struct task *cur)
{
	if (cur->order == ORDER_IDLE)
		take_place(cur);
	for (;;) {
		YIELD(cur, YIELD_PARKED);
		switch (smp_load_acquire(&cur->order)) {
		case ORDER_WATCH:
			if (watch_and_take_over(cur))
				return (struct syslet_result){-ESYSLETPENDING, HOW_PENDING};
			break;
		case ORDER_HOME:
			if (carry_home(cur))
				return (struct syslet_result){0, HOW_RETURNED};
			break;
		case ORDER_EXIT:
			exit_task(cur);
			break;
		case ORDER_DISPATCH:
			run_dispatched_calls(cur);
			break;
		default:
			sleep_idle(cur);
		}
	}
}

/*
 * Precondition: context.lock. From here on no interrupt is meant for the task; 1 if one
 * was, whose signal may still be on its way (take_interrupt).
 */
int leave_away(struct task *cur)
{
	int interrupted = is_interrupted(cur);

	WRITE_ONCE(cur->handed, 0);
	WRITE_ONCE(cur->call->interrupt, 0);
	return interrupted;
}

/* One call less is in flight; detach waits for the last one. */
void count_back(struct context *ctx)
{
	uncount(tasks_away);
	if (!atomic_add_return(&ctx->away, -1u) && READ_ONCE(ctx->closing))
		ctx->ops->wake(&ctx->away, 1);
}

/* Its call is over and so is the frame's function. */
static void come_back(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int interrupted;

	mutex_lock(ctx->ops, &ctx->lock);
	interrupted = leave_away(cur);
	mutex_unlock(ctx->ops, &ctx->lock);
	if (unlikely(interrupted))
		ctx->ops->take_interrupt();
	ctx->ops->task_parked(cur);
	count_back(ctx);
}

/*
 * `park`, the default return function. Precondition: the frame's function ran on
 * this task; a carrier has a context that would be lost, so that is a user's fault.
 */
struct syslet_result sys_park(struct task *cur)
{
	if (cur == cur->ctx->carrier)
		__builtin_trap();
	come_back(cur);
	return wait_to_carry(cur);
}

/*
 * `exit`. A birth thread parks instead, and that is counted: glibc knows it, its
 * struct would say "no thread" while its context goes on. Only with v7 it exits.
 */
struct syslet_result sys_exit_task(struct task *cur)
{
	int birth = cur == cur->ctx->birth;

	if (cur == cur->ctx->carrier)
		__builtin_trap();
	if (birth && !cur->ctx->policy->lost_is_silent) {
		count(birth_exits_parked);
		return sys_park(cur);
	}
	come_back(cur);
	exit_task(cur);
	return (struct syslet_result){0, HOW_RETURNED};
}
