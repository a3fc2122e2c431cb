/* SPDX-License-Identifier: MIT */
/*
 * The functions of v7's kernel/syslet.c (patch 5 of the thread of 2007-12-06),
 * under their own names.
 */
#include "kernel/ring-state.h"

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

/*
 * Can the ring's header and the word below the frame's stack pointer be written?
 * Only an atomic write tells, since others may be writing there. v7 programs pass
 * the base of a page as stack: with that policy the word below is not theirs.
 */
static int probe_writable(struct task *cur, const struct syslet_args *args)
{
	u64 head = args->completion_ring_ptr + offsetof(struct syslet_ring, kernel_head);

	if (probe_user_u32(head).error)
		return -E_FAULT;
	if (!cur->ctx->policy->overwrite_unread && probe_frame_stack(&args->frame))
		return -E_FAULT;
	return 0;
}

/*
 * Ours, after v7's checks: ring aligned and writable, frame's stack writable. A
 * locked write next to a system call costs 14 ns, so a pair of ring and stack that
 * was found writable by the context's latest call is only read here, and written
 * again by the watcher before it hands a call over: there it matters.
 */
static int check_memory(struct task *cur, const struct syslet_args *args)
{
	struct context *ctx = cur->ctx;
	u64 ring = args->completion_ring_ptr, sp = frame_sp(&args->frame);

	if (unlikely(ring & (sizeof(u64) - 1)))
		return -E_INVAL;
	if (likely(ctx->checked_ring == ring && ctx->checked_sp == sp))
		return ctx->policy->overwrite_unread ? 0
						     : (int)get_user_u32(sp - sizeof(u64)).error;
	if (probe_writable(cur, args))
		return -E_FAULT;
	ctx->checked_ring = ring;
	ctx->checked_sp = sp;
	return 0;
}

/* v7's two checks of the ring. */
static int check_elements(struct task *cur, u64 ring)
{
	struct user_word word = get_user_u32(ring + offsetof(struct syslet_ring, elements));
	u32 elements = (u32)word.value;

	if (unlikely(word.error))
		return -E_FAULT;
	if (unlikely(!elements || (elements & (elements - 1))))
		return -E_INVAL;
	cur->elements = elements;
	return 0;
}

/* Row 4: -EAGAIN for a submission whose completion might not find room. */
static int check_room(struct task *cur, u64 ring)
{
	struct user_word indexes;
	u32 head, tail;

	cur->ring_state = 0;
	if (cur->ctx->overflow != OVERFLOW_RESERVE)
		return 0;
	indexes = get_user_pair(ring + offsetof(struct syslet_ring, kernel_head));
	if (unlikely(indexes.error))
		return -E_FAULT;
	head = (u32)indexes.value;
	tail = (u32)(indexes.value >> 32);
	cur->ring_state = ring_state_of(cur->ctx, ring);
	if (unlikely(!cur->ring_state))
		return 0;
	if (likely(ring_has_room(cur->ring_state, head, tail, cur->elements)))
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
	int ret;

	if (unlikely(!syslet_frame_valid(&args->frame)))
		return -E_INVAL;
	ret = check_elements(cur, ring);
	if (unlikely(ret))
		return ret;
	ret = check_memory(cur, args);
	if (unlikely(ret))
		return ret;
	ret = check_room(cur, ring);
	if (unlikely(ret))
		return ret;
	if (unlikely(!READ_ONCE(ctx->watcher))) {
		ret = ensure_watcher(cur);
		if (ret && ctx->policy->clone_error_fails_call)
			return ret; /* row 10 */
	}
	ctx->checked_elements = cur->elements;
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
	release_pin(cur);
	if (!frame_is_park(&frame) && !cur->ctx->ops->may_return(cur))
		frame_set_park(&frame); /* no user code with other credentials (row 8) */
	set_user_frame(&cur->regs, &frame, policy->lost_is_silent ? 0 : (u64)error, caller_data);
	cur->indirect_params = (struct indirect_params_both){0};
	cur->state = TASK_FRAME;
}

/*
 * A watcher wants this call. Its verdict is a few instructions and a membarrier
 * away, unless it is preempted there; then yielding lets it go on. 1: taken.
 */
static int claim_was_taken(struct task *cur, u64 word)
{
	unsigned round = 0;
	u64 claim;

	while (claim = smp_load_acquire(&cur->claim),
	       claim == word_with(word, CLAIM_CLAIMED)) { /* pairs with the release in syslet_schedule */
		cpu_relax();
		if (!(++round & 63))
			cur->ctx->ops->yield_processor();
	}
	return claim == word_with(word, CLAIM_TAKEN);
}

/*
 * A watcher has claimed the call that is over. If it took it, the status goes to the
 * ring and this task to the frame.
 */
struct syslet_result syslet_claimed(struct task *cur, u64 word, long status)
{
	if (!claim_was_taken(cur, word))
		return (struct syslet_result){status, HOW_RETURNED};
	complete_handed_over(cur, status);
	return (struct syslet_result){0, HOW_FRAME};
}

/*
 * A call that may be handed over, as far as memory, ring and child are concerned;
 * *reserved is where a completion was promised, or 0. What is read of cur is stable
 * while the call goes on. If the call is over and cur is in its next one already,
 * the claim will fail; so nothing is read of cur twice.
 */
static int may_hand_over(struct task *child, struct task *cur, struct ring_state **reserved)
{
	struct syslet_args args = cur->indirect_params.syslet;
	struct ring_state *state = READ_ONCE(cur->ring_state);

	*reserved = 0;
	child->unfit = !child->ctx->ops->may_carry(child, cur);
	if (child->unfit || probe_writable(cur, &args))
		return 0;
	if (state && !ring_reserve(state, args.completion_ring_ptr, READ_ONCE(cur->elements)))
		return 0;
	*reserved = state;
	return 1;
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

static void undo_hand_over(struct task *cur, u64 word, struct ring_state *reserved)
{
	WRITE_ONCE(cur->handed, 0);
	cur->state = TASK_CARRYING;
	atomic_add_return(&cur->ctx->away, -1u);
	if (reserved)
		ring_unreserve(reserved);
	count(claims_failed);
	smp_store_release(&cur->claim, word_with(word, CLAIM_FAILED));
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
 * From here on the child carries. The context is installed before the verdict,
 * and both are seen before the slot is free.
 */
static void install_carrier(struct context *ctx, struct task *child, struct task *cur, u64 word)
{
	child->state = TASK_CARRYING;
	child->word = word_with(word, WORD_USER);
	ctx->pending_task = cur;
	cur->blocked_at = ctx->last_hand_off = ctx->ops->now();
	become_carrier(ctx, child);
	smp_store_release(&cur->claim, word_with(word, CLAIM_TAKEN));
}

/*
 * v7's scheduler calls this when a task that is ready blocks; here the waiting
 * child calls it that saw cur blocked while its word was `word`. Hands cur's user
 * context to the first waiting child and returns that child, which then returns to
 * user space with -ESYSLETPENDING; 0 if nothing was handed over.
 *
 * cur may return from its call at any instruction: before the claim is settled it
 * waits for the verdict, which says if it returns to its caller or completes into
 * the ring. What the child wrote of cur before the claim is undone when that fails.
 * No thread is woken between the claim and the resume.
 */
struct task *syslet_schedule(struct task *cur, u64 word)
{
	struct context *ctx = cur->ctx;
	struct task *child = first_syslet_task(ctx);
	struct ring_state *reserved;

	if (!child || !may_hand_over(child, cur, &reserved)) {
		count(hand_offs_refused);
		return 0;
	}
	YIELD(child, YIELD_SCHEDULE_PICKED);
	move_user_context(&child->regs, &cur->regs, ctx->policy->pt_regs_alone);
	WRITE_ONCE(cur->handed, 1);
	WRITE_ONCE(cur->pin, 0);
	cur->state = TASK_BLOCKED;
	atomic_add_return(&ctx->away, 1);
	if (!claim_call(child, cur, word)) {
		undo_hand_over(cur, word, reserved);
		return 0;
	}
	YIELD(child, YIELD_SCHEDULE_HANDED);
	count(hand_offs);
	count(tasks_away);
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

/* Precondition: context.lock. */
static void tell_to_exit(struct task *task)
{
	if (!list_empty(&task->pool)) {
		list_del_init(&task->pool);
		uncount(tasks_idle);
	}
	WRITE_ONCE(task->order, ORDER_EXIT);
}

/*
 * The watcher goes first: it may still look at the task that carried before the
 * context came home, whose event is closed when that exits. Who takes the place
 * after it sees the birth thread as carrier.
 */
static void kill_watchers(struct context *ctx)
{
	struct task *watcher;

	while ((watcher = first_syslet_task(ctx)) != 0) {
		mutex_lock(ctx->ops, &ctx->lock);
		tell_to_exit(watcher);
		mutex_unlock(ctx->ops, &ctx->lock);
		kill_task(ctx->ops, watcher);
	}
}

/*
 * Called when the context is at home and no call of it is in flight: every child
 * exits, and its stack is freed. They are told under the lock and woken outside
 * of it (row 17), all of them before the first is waited for: nobody lists a task
 * any more then, so the list holds still.
 */
void kill_syslet_tasks(struct context *ctx)
{
	const struct host_ops *ops = ctx->ops;
	struct list_head *item;

	kill_watchers(ctx);
	mutex_lock(ops, &ctx->lock);
	for (item = ctx->tasks.next; item != &ctx->tasks; item = item->next) {
		struct task *task = container_of(item, struct task, all);

		if (task != ctx->birth)
			tell_to_exit(task);
	}
	mutex_unlock(ops, &ctx->lock);
	for (item = ctx->tasks.next; item != &ctx->tasks; item = item->next)
		ops->wake(&container_of(item, struct task, all)->order, 1);
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
