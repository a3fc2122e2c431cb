/* SPDX-License-Identifier: MIT */
/*
 * The functions of v7's kernel/syslet.c (patch 5 of the thread of 2007-12-06),
 * under their own names.
 */
#include "kernel/ring-state.h"

/*
 * The waiting child that syslet_schedule would tell to return. The slot instead
 * of v7's list: exactly one child watches, the others sleep in context.idle.
 */
struct task *first_syslet_task(struct context *ctx)
{
	return (struct task *)(smp_load_acquire(&ctx->watcher) & ~WATCHER_MARKS);
}

/*
 * Called by sys_indirect when it sees syslet arguments. Checks them and makes
 * sure that a child waits. After it returned 0 the caller may set the context's
 * word to IN_CALL, from when on the call can be handed over.
 */
int syslet_pre_indirect(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int ret = check_syslet(cur);

	if (unlikely(ret))
		return ret;
	if (unlikely(ctx->when_unwatched == LOOKS_ALONE)) {
		ret = -SYSLET_NOT_MADE;
	} else if (unlikely(!is_watched(ctx))) {
		ret = ensure_watcher(cur);
		if (ret && ctx->policy->clone_error_fails_call)
			return ret; /* row 10 */
		ret = ret && ctx->when_unwatched >= UNWATCHED_REFUSED ? -SYSLET_NOT_MADE : 0;
	}
	return ret;
}

/*
 * Credentials are a must. A priority that the child may not have stays behind if no
 * better task can be had: a context that stands still would be worse.
 */
static int is_fit_to_carry(struct task *child, struct task *cur, u64 word)
{
	int fitness = child->ctx->ops->may_carry(child, cur);

	if (fitness == FIT_BUT_FOR_ATTRIBUTES && child->renewal_failed == word) {
		count(attributes_left);
		fitness = FIT;
	}
	child->unfit = fitness == UNFIT || fitness == FIT_BUT_FOR_ATTRIBUTES;
	return fitness == FIT;
}

/*
 * Claims the call `word` of cur; 1 if it is the child's to carry on. Pairs with
 * syslet_post_indirect: see the words above struct task.
 */
static int claim_call(struct task *child, struct task *cur, u64 word)
{
	const struct host_ops *ops = cur->ctx->ops;

	smp_store_release(&cur->claim, word_with(word, CLAIM_CLAIMED));
	if (ops->claim_barrier(child, cur))
		return 0;
	return smp_load_acquire(&cur->word) == word;
}

/*
 * Precondition: the call is claimed. Its completion will find room, which is promised
 * here, in a ring that can be written. Until the verdict cur does not leave the call, so
 * that all that is read of it belongs to this call.
 */
static int promise_completion(struct task *cur)
{
	const struct syslet_args *args = &cur->own.indirect_params.syslet;

	if (probe_writable(cur, args))
		return 0;
	return !cur->own.ring_state ||
	       ring_reserve(cur->own.ring_state, args->completion_ring_ptr, cur->own.elements);
}

/* The verdict: the call stays its task's own. */
static struct task *give_up_claim(struct task *cur, u64 word)
{
	smp_store_release(&cur->claim, word_with(word, CLAIM_FAILED));
	return 0;
}

/* From here on what is sent to the context's thread reaches task. */
void become_carrier(struct context *ctx, struct task *task)
{
	ctx->ops->carrying_begins(task);
	smp_store_release(&ctx->carrier, task);
}

/*
 * The carrier before the look at the credentials. Pairs with the handler of a
 * setuid, which counts itself before it looks who carries: either it is seen
 * here, or it sees the task. What the old carrier could do the task can, who was
 * like it a moment ago: to go on with other credentials would be worse than to end.
 */
void settle_carrier(struct task *task)
{
	smp_mb();
	if (unlikely(!task->ctx->ops->carrying_begun(task)))
		__builtin_trap();
}

/*
 * Precondition: the call is claimed and will be handed over. What cur reads of it after
 * the verdict, and detach of the context, is written before.
 */
static void mark_handed_over(struct task *cur, struct task *child, u64 word)
{
	struct context *ctx = cur->ctx;

	rest_goes_away(&cur->own.regs, cur, child);
	WRITE_ONCE(cur->handed, 1);
	WRITE_ONCE(cur->own.pin, 0);
	WRITE_ONCE(cur->state, TASK_BLOCKED);
	atomic_add_return(&ctx->away, 1);
	count(hand_offs);
	count(tasks_away);
	WRITE_ONCE(ctx->pending, &cur->own); /* pairs with exit_task */
	ctx->pending_task = cur->index;
	cur->own.id = word & ~WORD_STATE_MASK;
	cur->blocked_at = ctx->last_hand_off = ctx->ops->now();
}

/*
 * From here on the child carries. The context is installed before the verdict,
 * and both are seen before the slot is free.
 */
static void install_carrier(struct context *ctx, struct task *child, struct task *cur, u64 word)
{
	child->state = TASK_CARRYING;
	child->word = word_with(word, WORD_USER);
	become_carrier(ctx, child);
	smp_store_release(&cur->claim, word_with(word, CLAIM_TAKEN));
}

/*
 * v7's scheduler calls this when a task that is ready blocks; here the waiting
 * child calls it that saw cur blocked while its word was `word`. Hands cur's user
 * context to the first waiting child and returns that child, which then returns to
 * user space with -ESYSLETPENDING; 0 if nothing was handed over.
 *
 * cur may return from its call at any instruction: once the claim is seen it waits for
 * the verdict, which says if it returns to its caller or completes into the ring. Before
 * the claim nothing is read of the call, which may be over; nothing of it is written
 * unless it is handed over, but when it was first seen to wait. No thread is woken between
 * the claim and the resume.
 */
struct task *syslet_schedule(struct task *cur, u64 word)
{
	struct context *ctx = cur->ctx;
	struct task *child = first_syslet_task(ctx);

	if (!child || !is_fit_to_carry(child, cur, word)) {
		saw_waiting(cur, &cur->seen_waiting, word);
		count(hand_offs_refused);
		return 0;
	}
	YIELD(child, YIELD_SCHEDULE_PICKED);
	if (!claim_call(child, cur, word)) {
		count(claims_failed);
		return give_up_claim(cur, word);
	}
	if (!promise_completion(cur)) {
		saw_waiting(cur, &cur->seen_waiting, word);
		count(hand_offs_refused);
		return give_up_claim(cur, word);
	}
	move_user_context(&child->regs, &cur->regs, ctx->policy->pt_regs_alone);
	mark_handed_over(cur, child, word);
	YIELD(child, YIELD_SCHEDULE_HANDED);
	install_carrier(ctx, child, cur, word);
	settle_carrier(child);
	YIELD(child, YIELD_SCHEDULE_TOLD);
	if (!ctx->policy->listed_until_it_runs) /* row 12 */
		smp_store_release(&ctx->watcher, (uintptr_t)0);
	return child;
}

/*
 * What a new task runs first: it waits until it carries the context. The result
 * tells user space that its call will complete in the ring.
 */
long syslet_thread(struct task *cur)
{
	sleep_unborn(cur);
	cur->ctx->ops->task_born(cur);
	return wait_to_carry(cur).value;
}
