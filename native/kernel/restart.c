/* SPDX-License-Identifier: MIT */
/*
 * A call that a foreign signal ended is made again, with the time that is left.
 *
 * Foreign is every signal that the program did not ask for: V8's profiler, glibc's
 * setuid, an interrupt of ours that came too late for the call it was meant for, one that
 * only calls the carrier back from its wait (below), and what stops or freezes the
 * process. The program's own end a call as ever; while a thread is attached they come
 * only into a call that names signals to let in.
 *
 * How a foreign signal is told: our handlers run first, and leave a mark in the task
 * whose call they ended (host_ops.call's result is then -EINTR, task.signalled is 1).
 * The calls in limit.c's tables, and those of sockets with a limit, end so at a stop too,
 * where no handler runs: unless they name signals, they need no mark. All others do: a
 * file system may say EINTR itself.
 *
 * A signal that comes when a call has moved some of its bytes lets it return their number:
 * our handlers put -EINTR in its place, and it goes on with the others (rest.c).
 *
 * A carrier that was called back does here what an entry does before its call: it makes
 * sure that somebody watches. So whoever finds a blocked carrier without a watcher
 * interrupts it, and no reason needs to be told.
 */
#include <asm/unistd.h>
#include "kernel/stream-look.h"

/* 1 if what ended the call was neither an interrupt that is meant for it nor the program's. */
static int is_foreign(struct task *cur, const struct limit *limit, struct socket_limit *socket,
		      const struct indirect_registers *regs)
{
	int marked = (int)xchg(&cur->signalled, 0);

	if (is_interrupted(cur) || cur->ctx->policy->raw_restart_codes ||
	    (u32)REG_NR(regs) == __NR_close) /* the descriptor is gone: it may be another's now */
		return 0;
	if (marked)
		return 1;
	return limit->row ? !limit_mask_given(limit, regs) : socket_limited(socket, regs, cur);
}

/*
 * The carrier in its call, for a moment: no claim on it succeeds until unlock_call. 0: a
 * watcher has it. The store of LOCKED and the load of the claim are this side of the pair
 * above struct task. Called by signal handlers too, on the thread that writes the word.
 */
int lock_call(struct task *cur, u64 word)
{
	WRITE_ONCE(cur->word, word_with(word, WORD_LOCKED));
	smp_mb();
	if (!claim_was_taken(cur, word))
		return 1;
	WRITE_ONCE(cur->word, word);
	return 0;
}

void unlock_call(struct task *cur, u64 word)
{
	smp_store_release(&cur->word, word);
}

/* What an entry does before its call, for a call that is about to be made again. */
static void look_after_watcher(struct task *cur)
{
	struct context *ctx = cur->ctx;
	u64 word = READ_ONCE(cur->word);

	if (likely(READ_ONCE(ctx->watcher)) || word_state(word) != WORD_IN_CALL ||
	    smp_load_acquire(&ctx->carrier) != cur || !lock_call(cur, word))
		return;
	ensure_watcher(cur);
	unlock_call(cur, word);
}

/* What one call has before it and behind it, while it is made again and again. */
struct again {
	struct indirect_registers regs; /* with the time that is left */
	struct limit *limit;
	struct socket_limit socket;
	struct rest rest;
	int is_made; /* once more at least */
};

/* The call, or the rest of it. */
static long make_again(struct again *again, const struct indirect_registers *regs, struct task *cur)
{
	long status = stream_goes_on(regs, &again->rest, &again->socket, cur);

	if (status != -SYSLET_NOT_MADE)
		return status;
	status = socket_wait(&again->socket, &again->regs, cur);
	if (status)
		return status;
	if (again->rest.done) {
		again->rest.has_waited = again->socket.deadline != 0;
		return rest_call(&again->rest, regs, cur);
	}
	limit_rest(again->limit, &again->regs, cur);
	again->is_made = 1;
	return cur->ctx->ops->call(&again->regs, cur);
}

/* 1 if the call, which a signal has ended, or came at the end of, is to go on. */
static int goes_on(struct again *again, const struct indirect_registers *regs, struct task *cur)
{
	u64 part = take_part(cur);

	again->rest.done += part;
	again->rest.may_wait |= !part; /* a socket's call that does not wait is ended by no signal */
	return is_foreign(cur, again->limit, &again->socket, &again->regs) &&
	       (!part || rest_goes_on(&again->rest, regs, cur));
}

static long surface(const struct again *again, struct task *cur)
{
	if (again->rest.done)
		keep_moved(cur, again->rest.done, again->socket.deadline);
	else
		keep_limits(cur, again->limit->deadline, again->socket.deadline);
	return -SYSLET_SURFACED;
}

/* The call has ended with -EINTR; its result after it went on, as often as it takes. */
static long until_over(struct again *again, const struct indirect_registers *regs, struct task *cur)
{
	long status = -E_INTR, result;

	while (status == -E_INTR && goes_on(again, regs, cur)) {
		count(restarted);
		look_after_watcher(cur);
		if (!socket_over(&again->socket, &again->regs, cur) && surfaces(cur))
			return surface(again, cur);
		status = make_again(again, regs, cur);
	}
	result = rest_result(&again->rest, status);
	if (again->is_made)
		limit_tell(again->limit, result);
	return result;
}

/*
 * The call `regs` of cur has ended with -EINTR; its result after it was made again, as
 * often as it takes. limit is 0 for a call that is in no table.
 */
long call_interrupted(const struct indirect_registers *regs, struct task *cur, struct limit *limit)
{
	struct limit none = {.row = 0};
	struct again again = {.regs = *regs, .limit = limit ? limit : &none,
			      .is_made = call_goes_on(cur)};

	if (!limit)
		limit_begin(&none, regs, cur);
	return until_over(&again, regs, cur);
}

/* A call that is in no table, has moved some bytes, or none, and has surfaced. */
long call_rest_of(const struct indirect_registers *regs, struct task *cur)
{
	struct limit none = {.row = 0};
	struct again again = {.regs = *regs, .limit = &none};
	long status;

	again.rest.done = kept_limit(cur, KEPT_ARGUMENT);
	again.rest.may_wait = 1;
	limit_begin(&none, regs, cur);
	status = make_again(&again, regs, cur);
	return status == -E_INTR ? until_over(&again, regs, cur) : rest_result(&again.rest, status);
}

/* It surfaced: of its limit only a part is left. */
static long call_with_rest(const struct indirect_registers *regs, struct task *cur,
			   struct limit *limit)
{
	struct indirect_registers again = *regs;
	long status;

	limit_rest(limit, &again, cur);
	status = cur->ctx->ops->call(&again, cur);
	if (status != -E_INTR)
		limit_tell(limit, status);
	return status;
}

/* A call that may have a limit, which begins now, or before it surfaced. */
long call_with_limit(const struct indirect_registers *regs, struct task *cur)
{
	struct limit limit;
	long status;

	limit_begin(&limit, regs, cur);
	if (call_goes_on(cur))
		status = call_with_rest(regs, cur, &limit);
	else
		status = cur->ctx->ops->call(regs, cur);
	return unlikely(status == -E_INTR) ? call_interrupted(regs, cur, &limit) : status;
}
