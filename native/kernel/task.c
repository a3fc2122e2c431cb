/* SPDX-License-Identifier: MIT */
/*
 * Tasks and their pool: carrying -> blocked -> completing -> frame -> waiting
 * (watching or idle) -> carrying. docs/architecture.md draws the graph.
 */
#include "kernel/kernel.h"

/* Called by the host at attach, on the thread that attaches. */
void context_init(struct context *ctx, struct task *birth, const struct policy *policy,
		  const struct host_ops *ops, enum overflow_policy overflow)
{
	ctx->policy = policy;
	ctx->ops = ops;
	ctx->overflow = overflow;
	ctx->fast = policy == &syslet_policy_default && overflow == OVERFLOW_RESERVE;
	ctx->carrier = birth;
	ctx->birth = birth;
	ctx->next_index = 1;
	ctx->nr_tasks = 1;
	list_init(&ctx->idle);
	list_init(&ctx->tasks);
	list_add(&birth->all, &ctx->tasks);
	birth->state = TASK_CARRYING;
}

/* Precondition: context.lock. The warmest idle task, with the watcher's place, or 0. */
static struct task *promote_idle(struct context *ctx)
{
	struct task *task;

	if (list_empty(&ctx->idle))
		return 0;
	task = container_of(ctx->idle.next, struct task, pool);
	if (task->unfit && task->pool.next != &ctx->idle) /* the birth thread at most */
		task = container_of(task->pool.next, struct task, pool);
	if (task->unfit || !cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)task))
		return 0;
	list_del_init(&task->pool);
	uncount(tasks_idle);
	smp_store_release(&task->order, ORDER_WATCH);
	return task;
}

/* Precondition: context.lock. A task that exited by itself and can be freed, or 0. */
static struct task *take_retired(struct context *ctx)
{
	struct list_head *item;

	if (!ctx->retired)
		return 0;
	for (item = ctx->tasks.next; item != &ctx->tasks; item = item->next) {
		struct task *task = container_of(item, struct task, all);

		if (task->state == TASK_EXITED && !smp_load_acquire(&task->alive)) {
			list_del_init(&task->all);
			ctx->retired--;
			return task;
		}
	}
	return 0;
}

static void free_retired(struct context *ctx)
{
	struct task *task;

	mutex_lock(ctx->ops, &ctx->lock);
	task = take_retired(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	if (task)
		ctx->ops->free_task(task);
}

/* The new task is listed and has the watcher's place before its thread exists. */
static void enlist(struct context *ctx, struct task *task)
{
	mutex_lock(ctx->ops, &ctx->lock);
	list_add_tail(&task->all, &ctx->tasks);
	ctx->nr_tasks++;
	task->index = ctx->next_index++;
	if (cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)task))
		task->order = ORDER_WATCH;
	mutex_unlock(ctx->ops, &ctx->lock);
}

static void delist(struct context *ctx, struct task *task)
{
	mutex_lock(ctx->ops, &ctx->lock);
	list_del_init(&task->all);
	ctx->nr_tasks--;
	cmpxchg_bool(&ctx->watcher, (uintptr_t)task, (uintptr_t)0);
	mutex_unlock(ctx->ops, &ctx->lock);
}

static int create_new_syslet_task(struct context *ctx)
{
	struct task *task;
	long ret;

	free_retired(ctx);
	task = ctx->ops->alloc_task(ctx);
	if (!task) {
		count(clone_failed);
		return -E_NOMEM;
	}
	enlist(ctx, task);
	ret = ctx->ops->start_task(task);
	if (ret >= 0) {
		count(tasks_created);
		return 0;
	}
	delist(ctx, task);
	ctx->ops->free_task(task);
	count(clone_failed);
	return (int)ret;
}

/*
 * Called by the carrier at entry when nobody watches: the next watcher is a
 * recycled task, which is woken here, or a new one. A task that completes at
 * the same time may take the place first; that is as good.
 */
int ensure_watcher(struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct task *task;

	mutex_lock(ctx->ops, &ctx->lock);
	task = promote_idle(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	if (task) {
		count(watcher_wakes);
		ctx->ops->wake(&task->order, 1);
		return 0;
	}
	if (smp_load_acquire(&ctx->watcher))
		return 0;
	return create_new_syslet_task(ctx);
}

/*
 * Called by the carrier in a call when the watcher's place bears the mark. The
 * watcher itself may take the mark off at the same time; one of the two does.
 */
void unpark_watcher(struct context *ctx)
{
	uintptr_t slot = READ_ONCE(ctx->watcher);
	struct task *watcher = (struct task *)(slot & ~WATCHER_PARKED);

	if (!(slot & WATCHER_PARKED) || !cmpxchg_bool(&ctx->watcher, slot, (uintptr_t)watcher))
		return;
	count(watcher_unparks);
	ctx->ops->unpark(watcher, ctx->carrier);
	smp_store_release(&watcher->parked, 0);
	ctx->ops->wake(&watcher->parked, 1);
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
	    !frame_is_park(&cur->indirect_params.syslet.frame))
		return;
	if (cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)cur))
		smp_store_release(&cur->order, ORDER_WATCH);
}

/* The watcher's place if it is free, else a place among the idle. */
static void take_place(struct task *cur)
{
	struct context *ctx = cur->ctx;

	mutex_lock(ctx->ops, &ctx->lock);
	if (cur->order == ORDER_IDLE || cur->order == ORDER_WATCH) {
		if (!cur->unfit && cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)cur)) {
			cur->order = ORDER_WATCH;
		} else {
			cur->order = ORDER_IDLE;
			cur->state = TASK_IDLE;
			list_add(&cur->pool, &ctx->idle);
			count(tasks_idle);
		}
	}
	mutex_unlock(ctx->ops, &ctx->lock);
}

/* It may have been told otherwise before it saw that the place was given to it. */
static void leave_watch(struct task *cur)
{
	uintptr_t slot = (uintptr_t)cur;

	if (!cmpxchg_bool(&cur->ctx->watcher, slot, (uintptr_t)0))
		cmpxchg_bool(&cur->ctx->watcher, slot | WATCHER_PARKED, (uintptr_t)0);
}

/* Precondition: not carrying, and no call in flight on it. */
static void exit_task(struct task *cur)
{
	struct context *ctx = cur->ctx;

	leave_watch(cur);
	mutex_lock(ctx->ops, &ctx->lock);
	if (!list_empty(&cur->pool)) {
		list_del_init(&cur->pool);
		uncount(tasks_idle);
	}
	if (cur->order != ORDER_EXIT) {
		ctx->retired++;
		ctx->nr_tasks--;
	}
	cur->state = TASK_EXITED;
	mutex_unlock(ctx->ops, &ctx->lock);
	count(tasks_exited);
	ctx->ops->task_exit(cur);
}

/* Sleeps until told otherwise. Row 17: with v7 any signal ends a waiting child. */
static void sleep_idle(struct task *cur)
{
	struct context *ctx = cur->ctx;

	while (smp_load_acquire(&cur->order) == ORDER_IDLE) {
		int ret = ctx->ops->park(&cur->order, ORDER_IDLE, 0);

		if (ret == -E_INTR && ctx->policy->signal_ends_child && cur != ctx->birth)
			exit_task(cur);
	}
}

/*
 * It has credentials that it cannot exchange for the context's. A child exits, and
 * the next entry clones one from the carrier; a birth thread sleeps until detach.
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

	cur->state = TASK_WATCHING;
	for (;;) {
		u64 word = ctx->ops->watch(cur);

		if (!word) {
			leave_watch(cur);
			return 0;
		}
		if (syslet_schedule(ctx->carrier, word) == cur) {
			if (ctx->policy->listed_until_it_runs)
				leave_watch(cur); /* row 12: as late as v7's list_del */
			cur->order = ORDER_IDLE;
			return 1;
		}
		if (cur->unfit) {
			retire(cur);
			return 0;
		}
	}
}

/*
 * The birth thread was told that its context comes home; the carrier waits for it.
 * 0 if it may not carry: attributes may stay behind, credentials may not.
 */
static int carry_home(struct task *cur)
{
	struct context *ctx = cur->ctx;

	leave_watch(cur);
	if (!ctx->ops->may_carry(cur, ctx->carrier) && !ctx->ops->may_go_on(cur)) {
		smp_store_release(&cur->order, ORDER_IDLE); /* pairs with sys_go_home */
		take_place(cur);
		return 0;
	}
	cur->state = TASK_CARRYING;
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
		default:
			sleep_idle(cur);
		}
	}
}

/* Its call is over and so is the frame's function. */
static void come_back(struct task *cur)
{
	struct context *ctx = cur->ctx;

	mutex_lock(ctx->ops, &ctx->lock);
	WRITE_ONCE(cur->handed, 0);
	mutex_unlock(ctx->ops, &ctx->lock);
	WRITE_ONCE(cur->interrupt, 0);
	ctx->ops->task_parked(cur);
	uncount(tasks_away);
	if (!atomic_add_return(&ctx->away, -1u) && READ_ONCE(ctx->closing))
		ctx->ops->wake(&ctx->away, 1);
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

/*
 * Called at detach on the thread that carries: the context goes home to the
 * thread on which it was born, which waits in the pool since no call is in
 * flight. This task joins the pool instead. -ESRCH if that thread has exited, as it
 * does with v7 when its frame ends in exit: then the context stays here. -EPERM if
 * it has credentials that it cannot exchange for the context's.
 */
struct syslet_result sys_go_home(struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct task *birth = ctx->birth;

	if (cur == birth)
		return (struct syslet_result){0, HOW_RETURNED};
	mutex_lock(ctx->ops, &ctx->lock);
	if (birth->state == TASK_EXITED) {
		mutex_unlock(ctx->ops, &ctx->lock);
		return (struct syslet_result){-E_SRCH, HOW_RETURNED};
	}
	if (!list_empty(&birth->pool)) {
		list_del_init(&birth->pool);
		uncount(tasks_idle);
	}
	smp_store_release(&birth->order, ORDER_HOME);
	mutex_unlock(ctx->ops, &ctx->lock);
	while (smp_load_acquire(&ctx->carrier) != birth) {
		if (smp_load_acquire(&birth->order) != ORDER_HOME &&
		    smp_load_acquire(&ctx->carrier) != birth)
			return (struct syslet_result){-E_PERM, HOW_RETURNED};
		WRITE_ONCE(birth->parked, 0);
		ctx->ops->wake(&birth->parked, 1);
		ctx->ops->wake(&birth->order, 1);
		ctx->ops->interrupt(birth);
		ctx->ops->park(&cur->parked, cur->parked, 50000);
	}
	return wait_to_carry(cur);
}

/* Interrupts every call of the context that was handed over; how many there are. */
u32 interrupt_away(struct context *ctx)
{
	struct list_head *item;
	u32 found = 0;

	mutex_lock(ctx->ops, &ctx->lock);
	for (item = ctx->tasks.next; item != &ctx->tasks; item = item->next) {
		struct task *task = container_of(item, struct task, all);

		if (!READ_ONCE(task->handed))
			continue;
		found += READ_ONCE(task->state) == TASK_BLOCKED;
		if (!xchg(&task->interrupt, 1))
			count(interrupted);
		ctx->ops->interrupt(task);
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	return found;
}

/*
 * Called at detach: interrupts the calls in flight and waits for them. A signal
 * that arrives just before its task sleeps is lost, so it is sent again each
 * millisecond. Returns how many there were.
 */
u32 wait_away(struct context *ctx)
{
	u32 away, found = 0, seen;

	while ((away = smp_load_acquire(&ctx->away)) != 0) {
		seen = interrupt_away(ctx);
		found = seen > found ? seen : found;
		ctx->ops->park(&ctx->away, away, 1000000);
	}
	return found;
}

/* Entry points with their arguments as the stub passes them (entry.S). */
struct syslet_result enter_ring_wait(u64 ring, u64 idx, u64 timeout_ns, u64 unused,
				     struct task *cur);
struct syslet_result enter_ring_room(u64 ring, u64 a, u64 b, u64 c, struct task *cur);
struct syslet_result enter_home(u64 a, u64 b, u64 c, u64 d, struct task *cur);

struct syslet_result enter_ring_wait(u64 ring, u64 idx, u64 timeout_ns, u64 unused,
				     struct task *cur)
{
	(void)unused;
	return (struct syslet_result){sys_syslet_ring_wait(ring, idx, timeout_ns, cur),
				      HOW_RETURNED};
}

struct syslet_result enter_ring_room(u64 ring, u64 a, u64 b, u64 c, struct task *cur)
{
	(void)a, (void)b, (void)c;
	return (struct syslet_result){sys_syslet_ring_room(ring, cur), HOW_RETURNED};
}

struct syslet_result enter_home(u64 a, u64 b, u64 c, u64 d, struct task *cur)
{
	(void)a, (void)b, (void)c, (void)d;
	return sys_go_home(cur);
}
