/* SPDX-License-Identifier: MIT */
/*
 * A call that nobody can be made to watch comes back to its caller now and then.
 *
 * Where others have used up the threads, and the spare too, or the program has reached its own
 * cap, or something keeps the watcher off the processors, a call that blocks would hold its context
 * until one of its own has ended, which may need what the context does next. So the guardian
 * interrupts it, as a foreign signal would (restart.c); a carrier that still finds no watcher
 * leaves the call with -SYSLET_SURFACED. Its caller looks about, and makes it again with the time
 * that is left, and behind the bytes that it has moved. A caller with other things to do asks that
 * such a call is not even begun: -SYSLET_NOT_MADE. One that was begun, since somebody watched then,
 * comes back likewise.
 *
 * Only runtimes that ask for it see these numbers (syslet_when_unwatched).
 */
#include "kernel/kernel.h"

int surfaces_when_unwatched(const struct context *ctx)
{
	return READ_ONCE(ctx->when_unwatched) != UNWATCHED_BLOCKS;
}

/*
 * 1 if the call of cur, which was interrupted, is to be left. Its word stays locked then: an
 * original that parks meanwhile may watch, but a claim on a call that is no more must fail.
 */
int surfaces(struct task *cur)
{
	struct context *ctx = cur->ctx;
	u64 word = READ_ONCE(cur->word);

	if (likely(is_watched(ctx)) || word_state(word) != WORD_IN_CALL ||
	    smp_load_acquire(&ctx->carrier) != cur ||
	    !surfaces_when_unwatched(ctx) || !lock_call(cur, word))
		return 0;
	count(surfaced);
	return 1;
}

/* Before it surfaces: points of time, or 0. */
void keep_limits(struct task *cur, u64 argument, u64 socket)
{
	cur->kept[KEPT_ARGUMENT] = argument;
	cur->kept[KEPT_SOCKET] = socket;
	cur->kept_moved = 0;
}

/* Likewise, of a call that has moved some bytes. */
void keep_moved(struct task *cur, u64 bytes, u64 socket)
{
	keep_limits(cur, bytes, socket);
	cur->kept_moved = bytes;
}

/* In user mode, by the carrier: its next call is one that surfaced, and had these limits. */
void go_on_with(struct context *ctx, const u64 *kept)
{
	struct task *cur = ctx->carrier;

	keep_limits(cur, kept[KEPT_ARGUMENT], kept[KEPT_SOCKET]);
	cur->kept_for = ctx->seq + WORD_SEQ_ONE;
	ctx->checked_ring = 0; /* the short way makes no call that goes on */
}

/*
 * 1 if the call that cur is in goes on with one that surfaced. sys_indirect forgets it at the
 * call's end, so a call that is only looked at finds no number of an earlier one.
 */
int call_goes_on(struct task *cur)
{
	return unlikely(cur->kept_for && cur->kept_for == (READ_ONCE(cur->word) & ~WORD_STATE_MASK));
}

/* The end of a limit of a call that goes on; 0: there is none, or it begins now. */
u64 kept_limit(struct task *cur, enum kept_limit which)
{
	return call_goes_on(cur) ? cur->kept[which] : 0;
}
