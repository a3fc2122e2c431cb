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
 * A carrier that was called back does here what an entry does before its call: it makes
 * sure that somebody watches. So whoever finds a blocked carrier without a watcher
 * interrupts it, and no reason needs to be told.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

/* 1 if what ended the call was neither an interrupt that is meant for it nor the program's. */
static int is_foreign(struct task *cur, const struct limit *limit, struct socket_limit *socket,
		      const struct indirect_registers *regs)
{
	int marked = (int)xchg(&cur->signalled, 0);

	if (READ_ONCE(cur->interrupt) || cur->ctx->policy->raw_restart_codes ||
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

/*
 * The call `regs` of cur has ended with -EINTR; its result after it was made again, as
 * often as it takes. limit is 0 for a call that is in no table.
 */
long call_interrupted(const struct indirect_registers *regs, struct task *cur, struct limit *limit)
{
	struct indirect_registers again = *regs;
	struct limit none = {.row = 0};
	struct socket_limit socket = {.known = 0};
	long status = -E_INTR;

	if (!limit) {
		limit = &none;
		limit_begin(limit, regs, cur);
	}
	while (status == -E_INTR && is_foreign(cur, limit, &socket, &again)) {
		count(restarted);
		look_after_watcher(cur);
		if (!socket_over(&socket, &again, cur) && surfaces(cur)) {
			keep_limits(cur, limit->deadline, socket.deadline);
			return -SYSLET_SURFACED;
		}
		status = socket_wait(&socket, &again, cur);
		if (status)
			continue;
		limit_rest(limit, &again, cur);
		status = cur->ctx->ops->call(&again, cur);
	}
	limit_tell(limit, status);
	return status;
}

/* It surfaced: of its limit only a part is left. */
static long call_with_rest(const struct indirect_registers *regs, struct task *cur,
			   struct limit *limit)
{
	struct indirect_registers again = *regs;

	limit_rest(limit, &again, cur);
	return cur->ctx->ops->call(&again, cur);
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
