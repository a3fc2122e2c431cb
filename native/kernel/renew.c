/* SPDX-License-Identifier: MIT */
/*
 * A watcher that may not carry the context makes one that may, and looks on until it has.
 *
 * It may lack credentials that it cannot get back, or may not have the priority that
 * somebody gave the carrier from outside. Whatever the reason: a task that is cloned from
 * the carrier has what the carrier has. But the carrier is blocked in its call. So it is
 * nudged: a signal handler on it makes the task, on the kernel stack, while the call is
 * interrupted at its system call instruction, where no lock is held; then the call goes
 * on. A carrier that sleeps where no signal reaches it cannot answer. That is counted,
 * and tried again as long as the call is blocked. So is a task that turns out to be as unfit
 * as the one before, but no more than once a second.
 *
 * The same helps a call that began without any watcher, because no task could be made.
 */
#include "kernel/kernel.h"

#define ANSWER_NS 20000000ull
#define NUDGE_EVERY_NS 1000000ull
#define RENEWALS_AT_ONCE 3 /* for one call; then one each second */
#define RENEW_AGAIN_NS 1000000000ull

/* Precondition: context.lock. An idle task that was made after cur, or 0. */
static struct task *fresher_idle(struct task *cur)
{
	struct list_head *item;

	for (item = cur->ctx->idle.next; item != &cur->ctx->idle; item = item->next) {
		struct task *task = container_of(item, struct task, pool);

		if (!task->unfit && task != cur->ctx->birth && task->index > cur->index)
			return task;
	}
	return 0;
}

/* Gives the watcher's place to a task that was cloned later: it is likelier to be fit. */
static int pass_on(struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct task *task;

	mutex_lock(ctx->ops, &ctx->lock);
	task = unreserved_idle(ctx) > 0 ? fresher_idle(cur) : 0;
	if (task && !cmpxchg_bool(&ctx->watcher, (uintptr_t)cur, (uintptr_t)task))
		task = 0;
	if (task) {
		remove_idle(task);
		smp_store_release(&task->order, ORDER_WATCH);
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	if (task)
		ctx->ops->wake(&task->order, 1);
	return task != 0;
}

/* The call is over, or the watcher has something else to do. */
static int need_is_over(struct task *cur, u64 word)
{
	u64 now = smp_load_acquire(&cur->ctx->carrier->word);

	return !same_call(now, word) || word_state(now) == WORD_USER ||
	       smp_load_acquire(&cur->order) != ORDER_WATCH;
}

/* Nudges the carrier until it has answered; RENEWAL_NONE if it does not, or need not. */
static enum renewal ask_carrier(struct task *cur, u64 word)
{
	struct context *ctx = cur->ctx;
	const struct host_ops *ops = ctx->ops;
	u64 end = ops->now() + ANSWER_NS;

	smp_store_release(&ctx->renewal, RENEWAL_WANTED);
	for (;;) {
		u32 answer = smp_load_acquire(&ctx->renewal);

		if (answer == RENEWAL_MADE || answer == RENEWAL_FAILED)
			return (enum renewal)answer;
		/* taken back by the watcher before, for which the answer to its own came too late */
		if (answer == RENEWAL_NONE)
			break;
		if (answer == RENEWAL_WANTED) {
			if ((need_is_over(cur, word) || ops->now() > end) &&
			    cmpxchg_bool(&ctx->renewal, RENEWAL_WANTED, RENEWAL_NONE))
				break;
			ops->nudge(ctx->carrier);
		}
		ops->park(&ctx->renewal, answer, NUDGE_EVERY_NS);
	}
	if (!need_is_over(cur, word))
		count(nudges_unanswered);
	return RENEWAL_NONE;
}

/*
 * By the watcher. 1: the tasks that were made for this call are as unfit as the first, and one
 * more would be, too. A clone has not all that the host lets a thread have.
 */
static int renewed_in_vain(const struct context *ctx, u64 word)
{
	return same_call(READ_ONCE(ctx->renewed_for), word) &&
	       READ_ONCE(ctx->renewals) >= RENEWALS_AT_ONCE &&
	       ctx->ops->now() - READ_ONCE(ctx->renewed_at) < RENEW_AGAIN_NS;
}

/*
 * Called by the watcher that may not carry the context, whose carrier is blocked in the
 * call `word`. 1: another task watches now, and this one is not needed. 0: it is to look
 * on; renewal_failed then names a call for which no other task can be had.
 */
int make_successor(struct task *cur, u64 word)
{
	enum renewal answer = RENEWAL_FAILED;

	if (pass_on(cur))
		return 1;
	if (!renewed_in_vain(cur->ctx, word))
		answer = ask_carrier(cur, word);
	if (first_syslet_task(cur->ctx) != cur)
		return 1;
	if (answer != RENEWAL_MADE && !need_is_over(cur, word))
		cur->renewal_failed = word;
	return 0;
}

/* Precondition: context.lock. The place goes over before the thread exists, as ever. */
static void prepare_successor(struct task *task, void *data)
{
	if (cmpxchg_bool(&task->ctx->watcher, (uintptr_t)data, (uintptr_t)task))
		WRITE_ONCE(task->order, ORDER_WATCH);
}

/* Before the task is made, which reads it when it watches. */
static void count_renewal(struct context *ctx, u64 word)
{
	u32 before = same_call(ctx->renewed_for, word) ? ctx->renewals : 0;

	WRITE_ONCE(ctx->renewed_for, word);
	WRITE_ONCE(ctx->renewals, before + 1);
	WRITE_ONCE(ctx->renewed_at, ctx->ops->now());
}

static enum renewal replace_watcher(struct context *ctx, u64 word)
{
	struct task *watcher = first_syslet_task(ctx);

	count_renewal(ctx, word);
	if (!create_new_syslet_task(ctx, IN_PLACE_OF_ONE, prepare_successor, watcher)) {
		count(watchers_renewed);
		return RENEWAL_MADE;
	}
	/* the place was taken back with the task; somebody else may have it now */
	if (cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)watcher))
		ctx->ops->guard(ctx);
	return RENEWAL_FAILED;
}

/*
 * Called on the carrier by the host's signal handler. Precondition: its word is locked,
 * and what the signal interrupted is its call of the host's, so that it holds no lock.
 */
void answer_nudge(struct task *cur)
{
	struct context *ctx = cur->ctx;

	if (cmpxchg_bool(&ctx->renewal, RENEWAL_WANTED, RENEWAL_BUSY)) {
		/* pairs with ask_carrier */
		smp_store_release(&ctx->renewal, replace_watcher(ctx, cur->word));
		ctx->ops->wake(&ctx->renewal, 1);
	} else if (READ_ONCE(ctx->unwatched) && !READ_ONCE(ctx->watcher)) {
		ensure_watcher(cur);
	}
}
