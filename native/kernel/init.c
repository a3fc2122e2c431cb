/* SPDX-License-Identifier: MIT */
/* What a task and a context begin with. */
#include "kernel/kernel.h"

/*
 * Called for a new task, before its thread exists. Nothing of a task that used
 * the same memory before may be left.
 */
void syslet_init(struct task *task, struct context *ctx)
{
	*task = (struct task){.self = task, .ctx = ctx, .alive = 1, .call = &task->own};
	init_user_context(&task->regs);
	list_init(&task->pool);
	list_init(&task->all);
}

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
	list_init(&ctx->dispatched);
	list_init(&ctx->unused);
	list_init(&ctx->tasks);
	list_init(&ctx->retired);
	list_add(&birth->all, &ctx->tasks);
	birth->state = TASK_CARRYING;
}
