/* SPDX-License-Identifier: MIT */
/*
 * A change of the process's ids is told to each context by the thread that made it.
 *
 * glibc tells it to the threads that it knows by a signal that the host has to queue, and
 * where RLIMIT_SIGPENDING is used up it goes on without. So when its setuid is over, the
 * carrier of each context is looked at, and its birth thread, which may be blocked in a
 * call of the context's: the leader of the process says to others whose the process is.
 * Who has other ids than those recorded last finds a word, and our own signal, which
 * needs no room in a queue; its handler takes the ids on. A blocked call is made again,
 * as after glibc's signal. All other tasks do so before they next run a call or user code.
 *
 * Who becomes carrier meanwhile sees the new generation, or is seen here: it stores itself
 * and then looks (settle_carrier), we have raised the generation and then look.
 */
#include "arch/sys.h"
#include "host/host.h"

static int is_behind(const struct task *task)
{
	return READ_ONCE(task->cred_generation) != credentials_generation();
}

/*
 * Precondition: context.lock, so that the task does not end. 1 if it has to take them on. One
 * that has answered, and may not have them, is not asked again.
 */
static u32 tell(struct task *task)
{
	if (!is_behind(task) || READ_ONCE(host_of(task)->refused_ids) == credentials_generation())
		return 0;
	WRITE_ONCE(host_of(task)->owed_ids, 1);
	task->ctx->ops->interrupt(task);
	return 1;
}

/*
 * For a context that cannot go away meanwhile, again and again until it is 0: how many of
 * its threads have not answered.
 */
u32 tell_ids(struct context *ctx)
{
	struct task *carrier;
	u32 behind;

	mutex_lock(ctx->ops, &ctx->lock);
	carrier = smp_load_acquire(&ctx->carrier);
	behind = tell(carrier);
	if (ctx->birth != carrier && READ_ONCE(ctx->birth->state) != TASK_EXITED)
		behind += tell(ctx->birth);
	mutex_unlock(ctx->ops, &ctx->lock);
	return behind;
}

/*
 * In the handler of our signal, on the task. One that is on its way to being the carrier
 * is just taking credentials on, and looks here once more when it has.
 */
void take_owed_ids(struct task *task)
{
	struct host_task *host = host_of(task);

	if (likely(!READ_ONCE(host->owed_ids)) || READ_ONCE(host->becoming))
		return;
	WRITE_ONCE(host->owed_ids, 0);
	barrier(); /* who tells stores it again after it has raised the generation */
	if (is_behind(task))
		credentials_take_on(task);
}

/*
 * On the thread that attaches, before it makes a task. Ids that differ from those that
 * were recorded are its own: nobody could tell it, or foreign code has set them for it
 * alone. It keeps them, and its tasks have them as if it had changed them through us.
 */
void ids_at_attach(struct task *birth)
{
	if (credentials_generation())
		credentials_keep_or_match(birth);
}

/* Once its context can be told: what came before it could be. */
void ids_since_attach(struct task *birth)
{
	if (is_behind(birth))
		credentials_take_on(birth);
}
