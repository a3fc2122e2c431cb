/* SPDX-License-Identifier: MIT */
/*
 * How calls in flight end before their time, and how a context and its tasks do.
 */
#include "kernel/kernel.h"

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
	if (!list_empty(&birth->pool))
		remove_idle(birth);
	stop_searching(birth);
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

/* A caller that repeats it as fast as it can would keep the task in its handler for ever. */
#define SIGNAL_EVERY_NS 50000ull

/* Precondition: context.lock. */
static void signal_task(struct task *task, int again)
{
	u64 now = task->ctx->ops->now();

	if (again && now - task->signalled_at < SIGNAL_EVERY_NS)
		return;
	task->signalled_at = now;
	task->ctx->ops->interrupt(task);
}

/* Precondition: context.lock. 1 if it was interrupted before. */
static int mark_interrupted(struct call *call)
{
	int again = (int)xchg(&call->interrupt, 1);

	if (!again)
		count(interrupted);
	return again;
}

/* Is it the call? With into 0 any is. One that is over may have other parameters by now. */
static int is_meant(const struct call *call, u64 into, u64 caller_data)
{
	return !into || (completes_into(call) == into &&
			 READ_ONCE(call->indirect_params.syslet.caller_data) == caller_data &&
			 READ_ONCE(call->pin) != PIN_DONE);
}

/*
 * Interrupts one call, or with into 0 each; how many of these are not over. One that has not
 * begun ends without being made. A task cannot leave its call for another one meanwhile.
 */
static u32 interrupt_calls(struct context *ctx, u64 into, u64 caller_data)
{
	struct list_head *item;
	u32 found = 0;

	mutex_lock(ctx->ops, &ctx->lock);
	for (item = ctx->tasks.next; item != &ctx->tasks && !(into && found); item = item->next) {
		struct task *task = container_of(item, struct task, all);
		u32 state = READ_ONCE(task->state);

		if (!READ_ONCE(task->handed) || !is_meant(task->call, into, caller_data))
			continue;
		signal_task(task, mark_interrupted(task->call));
		found += state == TASK_BLOCKED;
	}
	for (item = ctx->dispatched.next; item != &ctx->dispatched && !(into && found); item = item->next) {
		struct call *call = container_of(item, struct call, item);

		if (!is_meant(call, into, caller_data))
			continue;
		mark_interrupted(call);
		found++;
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	return found;
}

/*
 * Interrupts one pending call; 0 if there is none that completes into that with caller_data. A
 * signal that comes just before its task sleeps is lost: the caller repeats it until
 * the call is over. To interrupt what is over is harmless.
 */
int interrupt_call(struct context *ctx, u64 into, u64 caller_data)
{
	return into ? (int)interrupt_calls(ctx, into, caller_data) : 0;
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
		seen = interrupt_calls(ctx, 0, 0);
		found = seen > found ? seen : found;
		ctx->ops->park(&ctx->away, away, 1000000);
	}
	return found;
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
		ops->wait_for_end(task, alive, 1000000);
	}
}

/* Precondition: context.lock. */
static void tell_to_exit(struct task *task)
{
	if (!list_empty(&task->pool))
		remove_idle(task);
	if (task->ctx->spare == task)
		task->ctx->spare = 0;
	stop_searching(task);
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
	while (!list_empty(&ctx->retired)) {
		struct task *task = container_of(ctx->retired.next, struct task, all);

		list_del_init(&task->all);
		kill_task(ops, task);
		ops->free_task(task);
	}
	free_calls(ctx);
	ctx->nr_tasks = 0;
}
