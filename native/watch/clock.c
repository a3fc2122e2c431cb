/* SPDX-License-Identifier: MIT */
/*
 * The look that needs nothing: no descriptor, no memory, no /proc, no privilege.
 *
 * Each means of noticing a block can fail, or miss one: a perf event that was opened
 * after the carrier fell asleep has no record of it, a file cannot be read, a hand-off
 * was refused for want of room. So every watcher looks this way too, each few
 * milliseconds, until the call or its context is gone: is the carrier still in the call,
 * and has it used little of the processor since the last look? The clock of a thread's
 * processor time can be read from every thread of the process by its id alone.
 *
 * A carrier that is merely kept off its processor looks the same, and on a busy machine
 * is no rarity. So what other means there is, is asked to confirm it. Where there is none,
 * the call is handed over: it completes in the ring, as if it had blocked.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define LATE_NS 5000000ull
#define STANDS_STILL 10 /* looks */
#define BLIND_STEP_NS 1000000ull
#define BLIND_QUIET_NS 20000000ull
#define EYES_EVERY 8 /* steps between two tries to open them */

/* linux/posix-timers.h: the scheduler's clock of one thread */
#define THREAD_CLOCK(tid) ((s32)(~(u32)(tid) << 3 | 4 | 2))

/* Processor time of a thread in ns; 0 where even that cannot be had. */
static u64 processor_time(u32 tid)
{
	struct kernel_timespec time = {0, 0};

	SYS2(clock_gettime, THREAD_CLOCK(tid), &time);
	return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

/*
 * Its perf event has the last word if there is a record at all, then its file. A record
 * that says "on the processor" while the clock stands still is believed for a while.
 */
static int is_confirmed(struct watch_context *watch, struct task *carrier)
{
	enum perf_trace seen = perf_last_seen(carrier);

	if (seen == PERF_SAW_NOTHING)
		return sampler_confirms(carrier);
	if (seen == PERF_SAW_IT_RUN)
		return ++watch->late_times >= STANDS_STILL;
	return seen == PERF_SAW_IT_SLEEP;
}

/*
 * The carrier's word if it has been in one call since the last look, LATE_NS ago or
 * more, and mostly off the processor; else 0. A hand-off that failed is tried again so.
 */
u64 watch_overdue(struct task *self, struct task *carrier)
{
	struct watch_context *watch = watch_of_context(self->ctx);
	u64 word = smp_load_acquire(&carrier->word), now, before, used;

	watch_beat(self);
	if (likely(word_state(word) != WORD_IN_CALL))
		return 0;
	now = self->ctx->ops->now();
	before = watch->late_at;
	if (watch->late_word == word && now - before < LATE_NS)
		return 0;
	used = processor_time(carrier->tid) - watch->late_cpu;
	watch->late_cpu += used;
	watch->late_at = now;
	if (watch->late_word != word) {
		watch->late_word = word;
		watch->late_times = 0;
		return 0;
	}
	if (used > (now - before) / 2 || !is_confirmed(watch, carrier))
		return 0;
	watch_of(self)->tried_word = word;
	watch_of(self)->tried_head = 0; /* the claim needs its full barrier */
	count(overdue);
	return word;
}

/*
 * The watcher of a carrier that nothing else shows. Returns its word when it is blocked
 * in a call; 0: told otherwise, or it can be seen now.
 */
u64 clock_watch(struct task *self)
{
	struct context *ctx = self->ctx;
	struct task *carrier = ctx->carrier;
	unsigned step = 0;
	u64 word;

	while (!watch_told_otherwise(self)) {
		word = watch_overdue(self, carrier);
		if (word)
			return word;
		if (!(step++ % EYES_EVERY) && !watch_open_eyes(carrier))
			return 0;
		word = smp_load_acquire(&carrier->word);
		if (word_state(word) == WORD_USER && watch_is_quiet(ctx, word, BLIND_QUIET_NS)) {
			watch_mark(self, word);
			watch_sleep_marked(self);
			return 0;
		}
		watch_reclaim(self);
		sleep_ns(BLIND_STEP_NS);
	}
	return 0;
}
