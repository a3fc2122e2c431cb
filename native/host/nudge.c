/* SPDX-License-Identifier: MIT */
/*
 * A nudge: a handler of ours runs on the carrier, in its blocked call or wherever it is,
 * and the call goes on. It comes as a SIGPROF, which every task keeps open: one of the old
 * signals, which needs no room in the queue of signals and restarts what the kernel can
 * restart. A mark in the task tells it from V8's.
 *
 * The guardian is a thread outside of all contexts. It nudges a carrier whose call began
 * without a watcher, so that the carrier tries again to make one. Where the call is to come
 * back to its caller meanwhile (kernel/surface.c), it interrupts it instead.
 */
#include "arch/sys.h"
#include "host/host.h"

#define GUARD_NS 20000000ull

static u32 guard_wanted; /* futex of the guardian */

/* host_ops.nudge */
void nudge(struct task *carrier)
{
	u32 tid = READ_ONCE(carrier->tid);

	WRITE_ONCE(host_of(carrier)->nudged, 1);
	signal_thread(tid, SIG_PROF);
}

/* In the handler on a task that was nudged. */
void on_nudge(struct task *task, void *ucontext)
{
	u64 word = READ_ONCE(task->word);

	identity_write(task);
	if (!arch_in_host_call(task, ucontext) || word_state(word) != WORD_IN_CALL ||
	    smp_load_acquire(&task->ctx->carrier) != task || !lock_call(task, word))
		return;
	answer_nudge(task);
	unlock_call(task, word);
}

/* By the carrier, whose context has said that nobody watches. */
void call_for_guardian(struct context *ctx)
{
	(void)ctx;
	if (!xchg(&guard_wanted, 1))
		host_wake(&guard_wanted, 1);
}

/* By the guardian: returns when a context may be in need. */
void guardian_wait(void)
{
	while (!smp_load_acquire(&guard_wanted))
		host_park(&guard_wanted, 0, 0);
	sleep_ns(GUARD_NS);
	WRITE_ONCE(guard_wanted, 0);
	smp_mb(); /* before the look at the contexts; pairs with the xchg of call_for_guardian */
}

/*
 * 1 if somebody watches now: then nobody need look. But the place may just be taken back
 * from a task whose thread could not be made. Its carrier says so afterwards, by the xchg in
 * watch_somehow: if that came before ours, we see the place empty; if it came later, it
 * says so once more, and wakes us.
 */
static int is_watched(struct context *ctx)
{
	if (!smp_load_acquire(&ctx->watcher))
		return 0;
	xchg(&ctx->unwatched, 0);
	if (smp_load_acquire(&ctx->watcher))
		return 1;
	xchg(&ctx->unwatched, 1);
	return 0;
}

/* By the guardian, while the context cannot go away. */
void guardian_look(struct context *ctx)
{
	struct task *carrier = smp_load_acquire(&ctx->carrier);
	enum word_state state;

	if (!READ_ONCE(ctx->unwatched) || is_watched(ctx))
		return;
	state = word_state(smp_load_acquire(&carrier->word));
	if (state == WORD_USER)
		return; /* the next call that nobody watches tells us, once its word is no longer USER */
	xchg(&guard_wanted, 1); /* look again, until somebody watches or the call is over */
	if (state != WORD_IN_CALL)
		return;
	if (surfaces_when_unwatched(ctx))
		ctx->ops->interrupt(carrier);
	else if (!at_cap(ctx, 0)) /* else it could make none: a task whose call is over watches */
		nudge(carrier);
}
