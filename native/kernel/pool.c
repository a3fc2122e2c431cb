/* SPDX-License-Identifier: MIT */
/*
 * The pool of waiting children: who watches, who is idle, who is made and who exits.
 */
#include "kernel/kernel.h"

/* Waiting children that sleep without a limit, however long nobody needs them. */
#define KEEP_IDLE 4

/* Precondition: context.lock. */
void add_idle(struct task *task)
{
	struct context *ctx = task->ctx;

	WRITE_ONCE(task->order, ORDER_IDLE);
	WRITE_ONCE(task->state, TASK_IDLE);
	list_add(&task->pool, &ctx->idle);
	WRITE_ONCE(ctx->nr_idle, ctx->nr_idle + 1);
	count(tasks_idle);
}

/* Precondition: context.lock; the task is in context.idle. */
void remove_idle(struct task *task)
{
	list_del_init(&task->pool);
	WRITE_ONCE(task->ctx->nr_idle, task->ctx->nr_idle - 1);
	uncount(tasks_idle);
}

/*
 * Precondition: context.lock. How many fit tasks are idle, or on the way to a call, and are
 * reserved for none. A birth thread that is unfit can do nothing; a child would have exited.
 */
int unreserved_idle(const struct context *ctx)
{
	u32 unfit = !list_empty(&ctx->birth->pool) && ctx->birth->unfit;

	return (int)(ctx->nr_idle - unfit + ctx->searching - ctx->nr_dispatched);
}

/* Precondition: context.lock. The warmest idle task that can do something, or 0. */
struct task *first_fit_idle(struct context *ctx)
{
	struct list_head *item = ctx->idle.next;
	struct task *task;

	if (item == &ctx->idle)
		return 0;
	task = container_of(item, struct task, pool);
	if (!task->unfit)
		return task;
	item = item->next; /* unfit is the birth thread at most: a child would have exited */
	return item == &ctx->idle ? 0 : container_of(item, struct task, pool);
}

/* Precondition: context.lock. The warmest idle task, with the watcher's place, or 0. */
static struct task *promote_idle(struct context *ctx)
{
	struct task *task = unreserved_idle(ctx) > 0 ? first_fit_idle(ctx) : 0;

	if (!task || !cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)task))
		return 0;
	remove_idle(task);
	smp_store_release(&task->order, ORDER_WATCH);
	return task;
}

/* Precondition: context.lock. A task that exited by itself and can be freed, or 0. */
static struct task *take_retired(struct context *ctx)
{
	struct list_head *item;

	for (item = ctx->retired.next; item != &ctx->retired; item = item->next) {
		struct task *task = container_of(item, struct task, all);

		if (!smp_load_acquire(&task->alive)) {
			list_del_init(&task->all);
			return task;
		}
	}
	return 0;
}

/* Called when a task is made and when one exits, so that one at most is left over. */
static void free_retired(struct context *ctx)
{
	struct task *task;

	do {
		mutex_lock(ctx->ops, &ctx->lock);
		task = take_retired(ctx);
		mutex_unlock(ctx->ops, &ctx->lock);
		if (task)
			ctx->ops->free_task(task);
	} while (task);
}

/*
 * Only the carrier makes tasks: for the carrier the number can only fall meanwhile. The
 * guardian may read an old number, and looks again.
 */
int at_cap(const struct context *ctx, u32 kept_free)
{
	return ctx->max_tasks && READ_ONCE(ctx->nr_tasks) + kept_free >= ctx->max_tasks;
}

/*
 * Called by the carrier, from which the new thread is cloned. What the task is to do
 * is said by prepare, under context.lock and before its thread exists: who fails here
 * has not begun. -EAGAIN at the cap, of which kept_free tasks are left for others.
 */
int create_new_syslet_task(struct context *ctx, u32 kept_free,
			   void (*prepare)(struct task *task, void *data), void *data)
{
	struct task *task;
	long ret;

	free_retired(ctx);
	if (unlikely(at_cap(ctx, kept_free))) {
		count(cap_reached);
		return -E_AGAIN;
	}
	task = ctx->ops->alloc_task(ctx);
	if (!task) {
		count(clone_failed);
		return -E_NOMEM;
	}
	mutex_lock(ctx->ops, &ctx->lock);
	list_add_tail(&task->all, &ctx->tasks);
	WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks + 1);
	task->index = ctx->next_index++;
	prepare(task, data);
	mutex_unlock(ctx->ops, &ctx->lock);
	ret = ctx->ops->start_task(task);
	if (ret >= 0) {
		count(tasks_created);
		return 0;
	}
	mutex_lock(ctx->ops, &ctx->lock);
	list_del_init(&task->all);
	if (task->is_spare)
		ctx->spare = 0;
	else
		WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks - 1);
	stop_searching(task);
	leave_watch(task);
	mutex_unlock(ctx->ops, &ctx->lock);
	ctx->ops->free_task(task);
	count(clone_failed);
	return (int)ret;
}

/*
 * Precondition: the carrier, in its call or about to begin one. Nobody watches it, and no
 * task can be made, or take the place of a watcher that is kept off the processors: the spare
 * does, or the guardian looks. At the cap the spare stays unused.
 * The guardian looks only while there is a call: the carrier of a call that is about to begin
 * tells it afterwards (run_syslet).
 */
static int watch_somehow(struct task *cur, int error)
{
	struct context *ctx = cur->ctx;
	int is_free = !smp_load_acquire(&ctx->watcher);

	if ((is_free && !at_cap(ctx, 0) && use_spare(ctx)) || is_watched(ctx))
		return 0;
	if (!xchg(&ctx->unwatched, 1))
		count(calls_unwatched);
	if (word_state(READ_ONCE(cur->word)) != WORD_USER)
		ctx->ops->unwatched(ctx);
	return error;
}

/* Precondition: context.lock. It has the watcher's place before its thread exists. */
static void prepare_watcher(struct task *task, void *unused)
{
	(void)unused;
	if (cmpxchg_bool(&task->ctx->watcher, (uintptr_t)0, (uintptr_t)task))
		WRITE_ONCE(task->order, ORDER_WATCH);
}

/* 1 if a recycled task watches now. */
static int wake_watcher(struct context *ctx)
{
	struct task *task;

	mutex_lock(ctx->ops, &ctx->lock);
	task = promote_idle(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	if (!task)
		return 0;
	count(watcher_wakes);
	ctx->ops->wake(&task->order, 1);
	ctx->ops->guard(ctx);
	return 1;
}

/*
 * Called by the carrier at entry when nobody watches: the next watcher is a
 * recycled task, which is woken here, or a new one. A task that completes at
 * the same time may take the place first; that is as good. A watcher that is kept off the
 * processors keeps its place, and perhaps the lock: then no lock is taken.
 */
int ensure_watcher(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int error = -E_AGAIN;

	if (likely(!smp_load_acquire(&ctx->watcher))) {
		if (wake_watcher(ctx) || is_watched(ctx))
			return 0;
		error = create_new_syslet_task(ctx, 0, prepare_watcher, 0);
	} else if (is_watched(ctx)) {
		return 0;
	}
	if (likely(!error)) {
		WRITE_ONCE(ctx->unwatched, 0);
		ctx->ops->guard(ctx);
	}
	return likely(!error) || ctx->policy->clone_error_fails_call /* row 10 */
		       ? error
		       : watch_somehow(cur, error);
}

/*
 * Called by the carrier in a call when the watcher's place bears a mark. The
 * watcher itself may take the mark off at the same time; one of the two does.
 */
void unpark_watcher(struct context *ctx)
{
	uintptr_t slot = READ_ONCE(ctx->watcher);
	struct task *watcher = (struct task *)(slot & ~WATCHER_MARKS);

	if (slot & WATCHER_AWAY)
		ctx->ops->unwatched(ctx); /* pairs with the guardian's barrier after its mark */
	if (!(slot & WATCHER_PARKED) || !cmpxchg_bool(&ctx->watcher, slot, (uintptr_t)watcher))
		return;
	count(watcher_unparks);
	ctx->ops->unpark(watcher, ctx->carrier);
	smp_store_release(&watcher->parked, 0);
	ctx->ops->wake(&watcher->parked, 1);
	ctx->ops->guard(ctx);
}

/*
 * Called by a task whose call is over, just before its completion can be seen: if
 * nobody watches, it will, as soon as it has parked. Who reaps and calls again at
 * once then finds the place taken and wakes nobody. Only a task whose frame is
 * `park` knows that it will be back within microseconds.
 */
void volunteer(struct task *cur)
{
	struct context *ctx = cur->ctx;

	if (cur->unfit || READ_ONCE(ctx->watcher) || cur == ctx->carrier ||
	    !frame_is_park(&cur->call->indirect_params.syslet.frame))
		return;
	if (!cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)cur))
		return;
	smp_store_release(&cur->order, ORDER_WATCH);
	ctx->ops->guard(ctx);
}

/*
 * Precondition: context.lock. The watcher's place if it is free, else a call that was
 * dispatched and has not begun, else a place among the idle.
 */
void take_place_locked(struct task *cur)
{
	struct context *ctx = cur->ctx;

	if ((cur->order != ORDER_IDLE && cur->order != ORDER_WATCH) ||
	    first_syslet_task(ctx) == cur) /* a spare that was given the place before it was born */
		return;
	if (!cur->unfit && cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)cur)) {
		WRITE_ONCE(cur->order, ORDER_WATCH);
		ctx->ops->guard(ctx);
	} else if (become_spare(cur)) {
		return;
	} else if (!cur->unfit && !list_empty(&ctx->dispatched)) {
		WRITE_ONCE(cur->order, ORDER_DISPATCH);
	} else {
		add_idle(cur);
	}
}

void take_place(struct task *cur)
{
	mutex_lock(cur->ctx->ops, &cur->ctx->lock);
	take_place_locked(cur);
	mutex_unlock(cur->ctx->ops, &cur->ctx->lock);
}

/* It may have been told otherwise before it saw that the place was given to it. */
void leave_watch(struct task *cur)
{
	uintptr_t slot;

	do
		slot = READ_ONCE(cur->ctx->watcher);
	while ((slot & ~WATCHER_MARKS) == (uintptr_t)cur &&
	       !cmpxchg_bool(&cur->ctx->watcher, slot, (uintptr_t)0));
}

/* Precondition: not carrying, and no call in flight on it. */
void exit_task(struct task *cur)
{
	struct context *ctx = cur->ctx;

	leave_watch(cur);
	free_retired(ctx);
	mutex_lock(ctx->ops, &ctx->lock);
	if (!list_empty(&cur->pool))
		remove_idle(cur);
	if (ctx->spare == cur)
		ctx->spare = 0;
	if (cur->order != ORDER_EXIT) {
		list_del_init(&cur->all);
		list_add(&cur->all, &ctx->retired);
		WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks - 1);
	}
	WRITE_ONCE(cur->state, TASK_EXITED);
	cmpxchg_bool(&ctx->pending, &cur->own, (struct call *)0); /* pairs with pin_call */
	mutex_unlock(ctx->ops, &ctx->lock);
	count(tasks_exited);
	ctx->ops->task_exit(cur);
}

/*
 * Has slept for idle_ns: 1 if there are others to spare. Off the list nobody can tell
 * it anything but to exit. At detach none is: the task that brought the context home is
 * one of them, and the watcher looks at it until kill_watchers has seen that end.
 */
static int is_surplus(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int surplus;

	mutex_lock(ctx->ops, &ctx->lock);
	surplus = cur->order == ORDER_IDLE && !cur->is_spare && !READ_ONCE(ctx->closing) &&
		  ctx->nr_idle > KEEP_IDLE && unreserved_idle(ctx) > 0;
	if (surplus)
		remove_idle(cur);
	mutex_unlock(ctx->ops, &ctx->lock);
	return surplus;
}

/*
 * Sleeps until told otherwise. The pool shrinks: a child that nobody has needed for
 * idle_ns exits, but for a few; these sleep without a limit, so that an idle process
 * has no timers. Row 17: with v7 any signal ends a waiting child.
 */
void sleep_idle(struct task *cur)
{
	struct context *ctx = cur->ctx;

	while (smp_load_acquire(&cur->order) == ORDER_IDLE) {
		int surplus = cur != ctx->birth && !READ_ONCE(cur->is_spare) &&
			      READ_ONCE(ctx->nr_idle) > KEEP_IDLE;
		int ret = ctx->ops->park(&cur->order, ORDER_IDLE, surplus ? ctx->idle_ns : 0);

		if (cur == ctx->birth)
			continue;
		if (ret == -E_INTR && ctx->policy->signal_ends_child)
			exit_task(cur);
		if (ret == -E_TIMEDOUT && is_surplus(cur))
			exit_task(cur);
	}
}
