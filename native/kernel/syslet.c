/* SPDX-License-Identifier: MIT */
/*
 * The functions of v7's kernel/syslet.c (patch 5 of the thread of 2007-12-06),
 * under their own names.
 */
#include "kernel/kernel.h"

/*
 * Called for a new task, before its thread exists. Nothing of a task that used
 * the same memory before may be left.
 */
void syslet_init(struct task *task, struct context *ctx)
{
	*task = (struct task){.self = task, .ctx = ctx, .alive = 1};
	init_user_context(&task->regs);
	list_init(&task->pool);
	list_init(&task->all);
}

/*
 * The waiting child that syslet_schedule would tell to return. The slot instead
 * of v7's list: exactly one child watches, the others sleep in context.idle.
 */
struct task *first_syslet_task(struct context *ctx)
{
	return (struct task *)(smp_load_acquire(&ctx->watcher) & ~WATCHER_PARKED);
}

/* v7's two checks of the ring, then ours: aligned and writable, for both policies. */
static int check_ring(struct task *cur, u64 ring, u32 *head)
{
	struct user_word word = get_user_u32(ring + offsetof(struct syslet_ring, elements));
	u32 elements = (u32)word.value;

	if (unlikely(word.error))
		return -E_FAULT;
	if (unlikely(!elements || (elements & (elements - 1))))
		return -E_INVAL;
	cur->elements = elements;
	if (unlikely(ring & (sizeof(u64) - 1)))
		return -E_INVAL;
	word = probe_user_u32(ring + offsetof(struct syslet_ring, kernel_head));
	*head = (u32)word.value;
	return (int)word.error;
}

/* Row 4: -EAGAIN for a submission whose completion might not find room. */
static int check_room(struct task *cur, u64 ring, u32 head)
{
	struct user_word tail;

	cur->ring_state = 0;
	if (cur->ctx->overflow != OVERFLOW_RESERVE)
		return 0;
	tail = get_user_u32(ring + offsetof(struct syslet_ring, user_tail));
	cur->ring_state = ring_state_of(cur->ctx, ring);
	if (unlikely(!cur->ring_state))
		return 0;
	if (likely(ring_has_room(cur->ring_state, head, (u32)tail.value, cur->elements)))
		return 0;
	count(reserve_refused);
	return -E_AGAIN;
}

/*
 * Called by sys_indirect when it sees syslet arguments. Checks them and makes
 * sure that a child waits. After it returned 0 the caller may set the context's
 * word to IN_CALL, from when on the call can be handed over.
 */
int syslet_pre_indirect(struct task *cur)
{
	struct context *ctx = cur->ctx;
	const struct syslet_args *args = &cur->indirect_params.syslet;
	u64 ring = args->completion_ring_ptr;
	u32 head;
	int ret;

	if (unlikely(!syslet_frame_valid(&args->frame)))
		return -E_INVAL;
	ret = check_ring(cur, ring, &head);
	if (unlikely(ret))
		return ret;
	/* v7 programs pass the base of a page: the word below it is not theirs */
	if (!ctx->policy->overwrite_unread && unlikely(probe_frame_stack(&args->frame)))
		return -E_FAULT;
	ret = check_room(cur, ring, head);
	if (unlikely(ret))
		return ret;
	if (unlikely(!READ_ONCE(ctx->watcher))) {
		ret = ensure_watcher(cur);
		if (ret && ctx->policy->clone_error_fails_call)
			return ret; /* row 10 */
	}
	return 0;
}

/* The runtime's record of what was kept alive for the call goes back to it. */
static void release_pin(struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct pin_record *record = (struct pin_record *)xchg(&cur->pin, PIN_DONE);
	struct pin_record *head;

	if (!record)
		return;
	do {
		head = READ_ONCE(ctx->unpin);
		record->next = head;
	} while (!cmpxchg_bool(&ctx->unpin, head, record)); /* pairs with the runtime's exchange */
}

/*
 * The context went on elsewhere. The result goes to the ring, and this task to
 * the frame, which tells in its first argument if the completion was lost (row 5).
 */
static void complete_handed_over(struct task *cur, long status)
{
	const struct policy *policy = cur->ctx->policy;
	struct syslet_frame frame = cur->indirect_params.syslet.frame;
	u64 caller_data = cur->indirect_params.syslet.caller_data;
	long error;

	cur->state = TASK_COMPLETING;
	error = syslet_store_completion(cur, status);
	if (cur->ring_state)
		error ? ring_unreserve(cur->ring_state) : ring_completed(cur->ring_state);
	if (error)
		count(completions_lost);
	else
		count(completions);
	release_pin(cur);
	set_user_frame(&cur->regs, &frame, policy->lost_is_silent ? 0 : (u64)error, caller_data);
	cur->state = TASK_FRAME;
}

/*
 * Called by sys_indirect after the system call. If the context is still here,
 * the call did not block, or nobody saw it: its status is the result. Else user
 * space got -ESYSLETPENDING long ago.
 *
 * word is the value that was stored at entry; the compare-exchange pairs with the
 * one in syslet_schedule, and one of the two wins. It cannot find LOCKED: the
 * handler that locks runs on this thread and unlocks before it ends.
 */
struct syslet_result syslet_post_indirect(struct task *cur, u64 word, long status)
{
	YIELD(cur, YIELD_CALL_RETURNED);
	if (likely(cmpxchg_bool(&cur->ctx->word, word, word_with(word, WORD_USER))))
		return (struct syslet_result){status, HOW_RETURNED};
	complete_handed_over(cur, status);
	return (struct syslet_result){0, HOW_FRAME};
}

/* A call that may be handed over, as far as the ring and the child are concerned. */
static int may_hand_over(struct task *child, struct task *cur)
{
	u64 ring = cur->indirect_params.syslet.completion_ring_ptr;

	child->unfit = !child->ctx->ops->may_carry(child, cur);
	if (child->unfit)
		return 0;
	return !cur->ring_state || ring_reserve(cur->ring_state, ring, cur->elements);
}

/* From here on the child carries. The stores below are seen before the slot is free. */
static void install_carrier(struct context *ctx, struct task *child, struct task *cur, u64 word)
{
	child->state = TASK_CARRYING;
	ctx->pending_task = cur;
	cur->blocked_at = ctx->last_hand_off = ctx->ops->now();
	smp_store_release(&ctx->carrier, child);
	smp_store_release(&ctx->word, word_with(word, WORD_USER));
}

/*
 * v7's scheduler calls this when a task that is ready blocks; here the waiting
 * child calls it that saw cur blocked while the context's word was `word`. Hands
 * cur's user context to the first waiting child and returns that child, which
 * then returns to user space with -ESYSLETPENDING; 0 if nothing was handed over.
 *
 * cur may return from its call at any instruction before the compare-exchange
 * (then nothing happened) or after it (then it completes into the ring). No
 * thread is woken between the compare-exchange and the resume.
 */
struct task *syslet_schedule(struct task *cur, u64 word)
{
	struct context *ctx = cur->ctx;
	struct task *child = first_syslet_task(ctx);

	if (!child || !may_hand_over(child, cur)) {
		count(hand_offs_refused);
		return 0;
	}
	YIELD(child, YIELD_SCHEDULE_PICKED);
	move_user_context(&child->regs, &cur->regs, ctx->policy->pt_regs_alone);
	WRITE_ONCE(cur->handed, 1);
	WRITE_ONCE(cur->pin, 0);
	cur->state = TASK_BLOCKED;
	atomic_add_return(&ctx->away, 1);
	if (!cmpxchg_bool(&ctx->word, word, word_with(word, WORD_HANDED_OVER))) {
		WRITE_ONCE(cur->handed, 0);
		cur->state = TASK_CARRYING;
		atomic_add_return(&ctx->away, -1u);
		if (cur->ring_state)
			ring_unreserve(cur->ring_state);
		return 0;
	}
	YIELD(child, YIELD_SCHEDULE_HANDED);
	count(hand_offs);
	count(tasks_away);
	install_carrier(ctx, child, cur, word);
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
	cur->ctx->ops->task_born(cur);
	return wait_to_carry(cur).value;
}

/* Tells a task to exit and waits until it has. Precondition: it waits in the pool. */
static void kill_task(const struct host_ops *ops, struct task *task)
{
	u32 alive;

	while ((alive = smp_load_acquire(&task->alive)) != 0) {
		WRITE_ONCE(task->parked, 0);
		ops->wake(&task->parked, 1);
		ops->wake(&task->order, 1);
		ops->interrupt(task);
		ops->park(&task->alive, alive, 1000000);
	}
}

/*
 * Called when the context is at home and no call of it is in flight: every child
 * exits, and its stack is freed. They are told under the lock and woken outside
 * of it (row 17).
 */
void kill_syslet_tasks(struct context *ctx)
{
	const struct host_ops *ops = ctx->ops;
	struct list_head *item;

	mutex_lock(ops, &ctx->lock);
	for (item = ctx->tasks.next; item != &ctx->tasks; item = item->next) {
		struct task *task = container_of(item, struct task, all);

		if (task != ctx->birth) {
			if (!list_empty(&task->pool))
				uncount(tasks_idle);
			list_del_init(&task->pool);
			WRITE_ONCE(task->order, ORDER_EXIT);
		}
	}
	mutex_unlock(ops, &ctx->lock);
	while (!list_empty(&ctx->tasks)) {
		struct task *task = container_of(ctx->tasks.next, struct task, all);

		list_del_init(&task->all);
		if (task == ctx->birth)
			continue;
		kill_task(ops, task);
		ops->free_task(task);
	}
	ctx->nr_tasks = 0;
}
