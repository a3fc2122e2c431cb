/* SPDX-License-Identifier: MIT */
/*
 * The spare task: made at attach, and used for nothing but the moment at which the
 * carrier needs a watcher and no task can be made, since others have used up the threads
 * of the user or the memory. It waits outside of the idle list, so that no dispatch and
 * no usual call takes it. The next task that has nothing to do takes its place.
 *
 * A cap of the program's own is no such moment: maxTasks is what it wanted. There only the
 * guardian looks.
 *
 * The one of attach is not yet born: no number, no name, no part of a trace, and every
 * signal masked, until it is used.
 */
#include "kernel/trace.h"

/* Precondition: context.lock. */
static void prepare_spare(struct task *task, void *unused)
{
	struct context *ctx = task->ctx;

	(void)unused;
	task->is_spare = 1;
	task->index = 0;
	ctx->next_index--;
	ctx->spare = task;
	WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks - 1);
}

/* Called on the new thread, before anything else. */
void sleep_unborn(struct task *cur)
{
	if (!READ_ONCE(cur->is_spare))
		return;
	while (smp_load_acquire(&cur->order) == ORDER_IDLE)
		cur->ctx->ops->park(&cur->order, ORDER_IDLE, 0);
}

/* Called by the carrier at attach. If there is none, the first task that parks becomes it. */
void make_spare(struct context *ctx)
{
	if (!ctx->policy->clone_error_fails_call) /* row 10: v7 has none */
		create_new_syslet_task(ctx, 0, prepare_spare, 0);
}

/* Precondition: context.lock. It is a task like any other again. */
static void release_spare(struct task *task)
{
	struct context *ctx = task->ctx;

	WRITE_ONCE(task->is_spare, 0);
	ctx->spare = 0;
	WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks + 1);
	if (task->index)
		return;
	task->index = ctx->next_index++;
	if (ctx->trace)
		trace_task(task);
}

/* Called by the carrier when no other task can be had: 1 if the spare watches now. */
int use_spare(struct context *ctx)
{
	struct task *task;

	mutex_lock(ctx->ops, &ctx->lock);
	task = ctx->spare;
	if (task && !cmpxchg_bool(&ctx->watcher, (uintptr_t)0, (uintptr_t)task))
		task = 0;
	if (task) {
		release_spare(task);
		smp_store_release(&task->order, ORDER_WATCH);
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	if (!task)
		return is_watched(ctx);
	count(spares_used);
	ctx->ops->wake(&task->order, 1);
	ctx->ops->guard(ctx);
	return 1;
}

/* Precondition: context.lock; cur has nothing to do. 1 if it is the spare, or now became it. */
int become_spare(struct task *cur)
{
	struct context *ctx = cur->ctx;

	if (cur->is_spare)
		return 1;
	if (ctx->spare || cur == ctx->birth || cur->unfit || ctx->policy->clone_error_fails_call)
		return 0;
	cur->is_spare = 1;
	ctx->spare = cur;
	WRITE_ONCE(ctx->nr_tasks, ctx->nr_tasks - 1);
	WRITE_ONCE(cur->order, ORDER_IDLE);
	WRITE_ONCE(cur->state, TASK_IDLE);
	return 1;
}
