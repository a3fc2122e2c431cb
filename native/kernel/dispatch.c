/* SPDX-License-Identifier: MIT */
/*
 * Dispatch: a call that is known to block is given to a waiting task, which makes it
 * and stores the completion as an original does. No context moves; the caller goes
 * on with -ESYSLETPENDING at once.
 *
 * The call waits in context.dispatched until a task takes it. A task is reserved for each
 * call there, so that one that blocks holds up no other: unreserved_idle counts. But not
 * each call costs a wake. A task that takes a call wakes another one if there are more calls
 * and no task is on the way; and a task whose call is over takes the next one of the queue.
 *
 * A task is on the way while the queue is not empty: context.searching counts those that
 * were woken and have not looked. All of it is under context.lock.
 */
#include "kernel/ring-state.h"
#include "kernel/trace.h"

/* Memory of dispatched calls: the context's, since a task's own goes away with it. */
struct call_page {
	struct call_page *next;
	struct call call[(CALL_PAGE - sizeof(void *)) / sizeof(struct call)];
};

/* Precondition: context.lock, and the carrier: no call takes the pending one's memory but the next. */
static struct call *new_call(struct context *ctx)
{
	struct call_page *page;
	struct call *call;

	if (list_empty(&ctx->unused)) {
		page = ctx->ops->alloc_page();
		if (!page)
			return 0;
		page->next = ctx->call_pages;
		ctx->call_pages = page;
		for (call = page->call; (char *)(call + 1) <= (char *)page + CALL_PAGE; call++)
			list_add_tail(&call->item, &ctx->unused);
	}
	call = container_of(ctx->unused.next, struct call, item);
	list_del_init(&call->item);
	return call;
}

/* Called at detach, when no call is in flight. */
void free_calls(struct context *ctx)
{
	struct call_page *page;

	while ((page = ctx->call_pages) != 0) {
		ctx->call_pages = page->next;
		ctx->ops->free_page(page);
	}
	ctx->pending = 0;
}

/* Precondition: context.lock; the call is in context.dispatched. */
static void remove_call(struct context *ctx, struct call *call)
{
	list_del_init(&call->item);
	ctx->nr_dispatched--;
}

/* Precondition: context.lock. */
static void start_searching(struct task *task)
{
	WRITE_ONCE(task->order, ORDER_DISPATCH);
	task->searching = 1;
	task->ctx->searching++;
}

/* Precondition: context.lock. */
void stop_searching(struct task *task)
{
	task->ctx->searching -= task->searching;
	task->searching = 0;
}

/* Precondition: context.lock. The idle task to wake so that one is on the way, or 0. */
static struct task *next_to_wake(struct context *ctx)
{
	struct task *task;

	if (list_empty(&ctx->dispatched) || ctx->searching)
		return 0;
	task = first_fit_idle(ctx); /* 0 while one is being made for the only call */
	if (task) {
		remove_idle(task);
		start_searching(task);
	}
	return task;
}

static void wake_task(const struct host_ops *ops, struct task *task)
{
	if (!task)
		return;
	count(dispatch_wakes);
	ops->wake(&task->order, 1); /* it may have gone meanwhile: then the wake is spurious */
}

/* Precondition: context.lock. The call that was dispatched first is cur's; 0: there is none. */
static int take_first_call(struct task *cur)
{
	struct context *ctx = cur->ctx;

	if (list_empty(&ctx->dispatched))
		return 0;
	cur->call = container_of(ctx->dispatched.next, struct call, item);
	remove_call(ctx, cur->call);
	WRITE_ONCE(cur->blocked_at, ctx->ops->now()); /* before handed: its events stay open */
	WRITE_ONCE(cur->handed, 1);
	WRITE_ONCE(cur->state, TASK_BLOCKED);
	WRITE_ONCE(cur->order, ORDER_IDLE);
	return 1;
}

/*
 * Precondition: the task was told ORDER_DISPATCH, or its dispatched call is over.
 * 1: another call is its own now. Else it has its place, or was told otherwise.
 */
static int next_call(struct task *cur, int is_over)
{
	struct context *ctx = cur->ctx;
	int found = 0, interrupted = 0;
	struct task *next;

	mutex_lock(ctx->ops, &ctx->lock);
	stop_searching(cur);
	if (is_over) {
		interrupted = leave_away(cur);
		list_add(&cur->call->item, &ctx->unused);
		cur->call = &cur->own;
	}
	if (cur->order == ORDER_DISPATCH || (is_over && cur->order == ORDER_IDLE)) {
		found = !cur->unfit && take_first_call(cur);
		if (!found) {
			WRITE_ONCE(cur->order, ORDER_IDLE);
			if (!cur->unfit || cur == ctx->birth)
				take_place_locked(cur);
		}
	}
	next = next_to_wake(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	wake_task(ctx->ops, next);
	if (unlikely(interrupted))
		ctx->ops->take_interrupt();
	return found;
}

/* Tells who dispatched it if the call slept: 2, or 1 if not. Seen with the completion. */
static void tell_if_slept(struct task *cur, int slept)
{
	count(dispatches_observed);
	if (slept)
		count(dispatches_slept);
	put_user_u32(cur->call->slept, slept ? 2 : 1);
}

/* Each takes some milliseconds, in which nothing may change: else they are counted anew. */
#define UNFIT_TRIES 20
#define UNSETTLED_TRIES 1000

/*
 * 1 if the task has the credentials of its context. A setuid that goes on is waited for as
 * long as it takes, or until the call is interrupted: nobody else would make the call. A
 * carrier that keeps other ids than the recorded ones for seconds is in no setuid.
 */
static int is_fit(struct task *cur)
{
	int unfit = 0, unsettled = 0;

	while (unfit < UNFIT_TRIES && unsettled < UNSETTLED_TRIES && !is_interrupted(cur)) {
		int fitness = cur->ctx->ops->may_go_on(cur);

		if (likely(fitness == FIT))
			return 1;
		unfit = fitness == UNFIT ? unfit + 1 : 0;
		unsettled = fitness == FIT_ONCE_SETTLED ? unsettled + 1 : 0;
	}
	return 0;
}

/*
 * Makes the call. Not with other credentials than the context has (row 8): -EAGAIN
 * from a task that cannot have them, which was counted.
 */
static long make_call(struct task *cur)
{
	const struct host_ops *ops = cur->ctx->ops;
	u64 before;
	long status;
	int fit;

	fit = is_fit(cur);
	if (unlikely(is_interrupted(cur)))
		return -E_INTR; /* is_fit may have given up for that: the task is as fit as it was */
	cur->unfit = !fit;
	if (unlikely(!fit))
		return -E_AGAIN;
	WRITE_ONCE(cur->blocked_at, ops->now());
	rest_goes_away(&cur->call->regs, cur, cur);
	if (likely(!cur->call->slept))
		return run_dispatched(cur);
	before = ops->voluntary_switches();
	status = run_dispatched(cur);
	tell_if_slept(cur, ops->voluntary_switches() != before);
	return status;
}

/* Makes its own call, and those that were dispatched meanwhile. Called from wait_to_carry. */
void run_dispatched_calls(struct task *cur)
{
	int found = next_call(cur, 0);

	while (found) {
		complete_call(cur, make_call(cur));
		found = next_call(cur, 1);
		count_back(cur->ctx);
		if (unlikely(cur->unfit && !found && cur != cur->ctx->birth))
			exit_task(cur);
	}
}

/* Precondition: context.lock. */
static void prepare_dispatched(struct task *task, void *unused)
{
	(void)unused;
	task->ctx->pending_task = task->index;
	start_searching(task);
}

/* One task below the cap is left for a watcher, without which other calls would block. */
static u32 kept_for_watcher(const struct context *ctx)
{
	return READ_ONCE(ctx->watcher) ? 0 : 1;
}

/*
 * No task could be made for the call. It is the last of the queue, or another task has taken it:
 * then 0. Earlier calls have their tasks, which may sleep because this one was on the way.
 */
static long withdraw(struct context *ctx, struct call *call)
{
	struct task *next;
	int is_there;

	mutex_lock(ctx->ops, &ctx->lock);
	is_there = ctx->dispatched.prev == &call->item;
	if (is_there) {
		remove_call(ctx, call);
		WRITE_ONCE(call->pin, PIN_DONE); /* context.pending may name its record still */
		list_add(&call->item, &ctx->unused);
	}
	next = next_to_wake(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	wake_task(ctx->ops, next);
	return is_there ? -E_AGAIN : 0;
}

/* A copy of the carrier's own call goes to the queue. -EAGAIN if no task can be had for it. */
static long publish(struct task *carrier, u64 slept)
{
	struct context *ctx = carrier->ctx;
	struct task *wake = 0;
	struct call *call;
	int is_reserved = 0;

	mutex_lock(ctx->ops, &ctx->lock);
	call = new_call(ctx);
	if (call) {
		*call = carrier->own;
		call->interrupt = 0;
		call->pin = 0;
		call->slept = slept;
		call->id = ctx->seq += WORD_SEQ_ONE;
		is_reserved = unreserved_idle(ctx) > 0;
		list_add_tail(&call->item, &ctx->dispatched);
		ctx->nr_dispatched++;
		wake = next_to_wake(ctx);
		ctx->pending_task = wake ? wake->index : 0;
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	wake_task(ctx->ops, wake);
	if (!call || (!is_reserved &&
		      create_new_syslet_task(ctx, kept_for_watcher(ctx), prepare_dispatched, 0) &&
		      withdraw(ctx, call)))
		return -E_AGAIN;
	WRITE_ONCE(ctx->pending, call); /* pairs with exit_task */
	return 0;
}

static struct syslet_result returned(long value)
{
	return (struct syslet_result){value, HOW_RETURNED};
}

/* Row 4, and the count of calls in flight: 0 where the completion might find no room. */
static int reserve(struct task *cur)
{
	u64 ring = cur->own.indirect_params.syslet.completion_ring_ptr;

	if (!cur->own.ring_state || ring_reserve(cur->own.ring_state, ring, cur->own.elements))
		return 1;
	count(reserve_refused);
	return 0;
}

/*
 * Called by the entry stub: the checks of a syslet, then the call is queued. slept
 * is 0 or the address of a u32 for tell_if_slept. -ENOSYS with v7, which has no such
 * call; -EAGAIN without room in the ring, or when no task can be had; -EINVAL for what
 * is no syslet, for a frame other than `park`, and for calls that change the OS thread.
 */
struct syslet_result sys_dispatch(const void *userregs, const void *userparams, u64 paramslen,
				  u64 slept, struct task *cur)
{
	struct context *ctx = cur->ctx;
	long ret;

	if (ctx->policy->any_call_number)
		return returned(-E_NOSYS);
	ret = take_dispatched(userregs, userparams, paramslen, cur);
	if (ret)
		return returned(ret);
	if (probe_writable(cur, &cur->own.indirect_params.syslet) ||
	    (slept && probe_user_u32(slept).error))
		return returned(-E_FAULT);
	if (!reserve(cur))
		return returned(-E_AGAIN);
	atomic_add_return(&ctx->away, 1);
	count(tasks_away);
	ret = publish(cur, slept);
	if (likely(!ret)) {
		count(dispatches);
		trace_dispatch(cur, (u32)REG_NR(&cur->own.regs));
		return (struct syslet_result){-ESYSLETPENDING, HOW_PENDING};
	}
	count_back(ctx);
	if (cur->own.ring_state)
		ring_unreserve(cur->own.ring_state);
	return returned(ret);
}
