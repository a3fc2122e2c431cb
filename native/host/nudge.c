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
 *
 * A watcher that is there need not look: somebody may have frozen that one thread, or busy
 * threads may leave no processor to it. So the guardian looks at watchers too, as long as they
 * have not parked. One that has not looked for some time, while the carrier was in one and
 * the same call, gets the mark WATCHER_AWAY, and the context counts as unwatched until it looks
 * again. It keeps its place: it may be in the middle of a look, and what it looks at, the
 * carrier's stack and perf event, must stay until it has noticed. So no other task can take the
 * context over meanwhile, and only calls that come back to their caller are helped.
 */
#include "arch/sys.h"
#include "host/host.h"

#define GUARD_NS 20000000ull
#define LOOKS_IN_VAIN 2 /* a watcher looks each 10 ms, or its nudge waits 20 ms for an answer */

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

/* host_ops.guard. The load comes after the slot's exchange; pairs with guardian_wait. */
void guard_watcher(struct context *ctx)
{
	if (READ_ONCE(ctx->when_unwatched) != UNWATCHED_BLOCKS && !READ_ONCE(guard_wanted))
		call_for_guardian(ctx);
}

/* By the guardian: returns when a context may be in need. */
void guardian_wait(void)
{
	while (!smp_load_acquire(&guard_wanted))
		host_park(&guard_wanted, 0, 0);
	sleep_ns(GUARD_NS);
	WRITE_ONCE(guard_wanted, 0);
	/* before the look at the contexts; pairs with the xchg of call_for_guardian, and with guard_watcher */
	smp_mb();
}

/*
 * 1 if somebody watches now: then nobody need look. But the place may just be taken back
 * from a task whose thread could not be made. Its carrier says so afterwards, by the xchg in
 * watch_somehow: if that came before ours, we see the place empty; if it came later, it
 * says so once more, and wakes us.
 */
static int is_watched_again(struct context *ctx)
{
	if (!is_watched(ctx))
		return 0;
	xchg(&ctx->unwatched, 0);
	if (is_watched(ctx))
		return 1;
	xchg(&ctx->unwatched, 1);
	return 0;
}

/*
 * The watcher has looked since the last time, or there was no one call for it to look at. Its
 * place is compared by the marking itself: it may have gone to another task.
 */
static int has_looked(struct context *ctx, u64 word)
{
	struct host_context *host = host_of_context(ctx);
	u64 beat = READ_ONCE(watch_of_context(ctx)->beat);
	int same = word_state(word) == WORD_IN_CALL && word == host->guard_word &&
		   beat == host->guard_beat;

	host->guard_word = word;
	host->guard_beat = beat;
	host->guard_in_vain = same ? host->guard_in_vain + 1 : 0;
	return host->guard_in_vain < LOOKS_IN_VAIN;
}

/*
 * Looks at a watcher that has not parked, if there is one. After the mark each entry sees it, or
 * the look at the carrier's word sees its call; pairs with unpark_watcher. v7 knows no call
 * without a watcher (row 10).
 */
static void look_at_watcher(struct context *ctx, struct task *carrier)
{
	uintptr_t slot = smp_load_acquire(&ctx->watcher);

	if (!slot || (slot & WATCHER_MARKS) || READ_ONCE(ctx->when_unwatched) == UNWATCHED_BLOCKS ||
	    ctx->policy->clone_error_fails_call) {
		host_of_context(ctx)->guard_word = 0; /* no call's: the next watcher has its time */
		return;
	}
	xchg(&guard_wanted, 1); /* look again, until it parks */
	if (has_looked(ctx, smp_load_acquire(&carrier->word)) ||
	    !cmpxchg_bool(&ctx->watcher, slot, slot | WATCHER_AWAY))
		return;
	if (!xchg(&ctx->unwatched, 1))
		count(calls_unwatched);
	ctx->ops->barrier_everywhere();
}

/* By the guardian, while the context cannot go away. */
void guardian_look(struct context *ctx)
{
	struct task *carrier = smp_load_acquire(&ctx->carrier);
	enum word_state state;

	look_at_watcher(ctx, carrier);
	if (!READ_ONCE(ctx->unwatched) || is_watched_again(ctx))
		return;
	state = word_state(smp_load_acquire(&carrier->word));
	if (state == WORD_USER)
		return; /* the next call that nobody watches tells us, once its word is no longer USER */
	xchg(&guard_wanted, 1); /* look again, until somebody watches or the call is over */
	if (state != WORD_IN_CALL)
		return;
	if (surfaces_when_unwatched(ctx))
		ctx->ops->interrupt(carrier);
	else if (!smp_load_acquire(&ctx->watcher) && !at_cap(ctx, 0))
		nudge(carrier); /* at the cap it could make none: a task whose call is over watches */
}
