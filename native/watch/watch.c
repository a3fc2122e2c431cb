/* SPDX-License-Identifier: MIT */
/*
 * What the watchers have in common: the choice among them, parking, and the
 * events of tasks that stay blocked.
 */
#include "watch/watch.h"

#define RECLAIM_EVERY_NS 5000000ull
#define RECLAIM_AFTER_NS 100000000ull
#define RECLAIM_BATCH 64
#define CLOSING_NS 20000000ull

void watch_init_task(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	watch->alarm_fd = -1;
	watch->sampler_fd = -1;
}

int watch_told_otherwise(const struct task *task)
{
	return smp_load_acquire(&task->order) != ORDER_WATCH;
}

#define PERF_AGAIN_NS 50000000ull

/* A perf event for the task; not at once again after one that failed. */
static long open_event(struct task *task)
{
	struct watch_context *watch = watch_of_context(task->ctx);
	u64 now = task->ctx->ops->now();
	long error = READ_ONCE(watch->perf_error);

	if (error && now < READ_ONCE(watch->perf_again_at))
		return -error;
	error = perf_open(task);
	WRITE_ONCE(watch->perf_again_at, now + PERF_AGAIN_NS);
	WRITE_ONCE(watch->perf_error, (s32)-error);
	return error;
}

static long open_file(struct task *task)
{
	long error = watch_of(task)->sampler_fd >= 0 ? 0 : sampler_open(task);

	WRITE_ONCE(watch_of_context(task->ctx)->sampler_error, (s32)-error);
	return error;
}

static int has_eyes(struct task *task)
{
	return watch_of(task)->page || watch_of(task)->sampler_fd >= 0;
}

/*
 * What shows the task's blocks: 0, or -errno. Without a perf event `auto` goes on with
 * the sampler, in mid-run too, and tries perf again for the next task. Called on the
 * task, or by its watcher.
 */
long watch_open_eyes(struct task *task)
{
	struct watch_context *watch = watch_of_context(task->ctx);
	long error = 0;

	if (watch->kind == WATCH_CLOCK)
		return -E_NOSYS;
	if (watch->kind != WATCH_SAMPLER) {
		if (watch_of(task)->page)
			return 0;
		error = open_event(task);
		if (!error || !watch->automatic)
			return error;
	}
	return open_file(task);
}

/* No more tries where perf is denied for good; what runs out may come back. */
static enum watch_kind kind_without_perf(s32 error)
{
	int passing = error == E_MFILE || error == E_NFILE || error == E_NOMEM;

	return passing ? WATCH_PERF : WATCH_SAMPLER;
}

/*
 * Called on the birth thread at attach. -errno if the kind asked for cannot be had;
 * `auto` is content with the clock.
 */
long watch_attach(struct context *ctx, enum watch_kind kind)
{
	struct watch_context *watch = watch_of_context(ctx);
	long error;

	watch->automatic = kind == WATCH_AUTO;
	watch->kind = kind == WATCH_AUTO ? WATCH_PERF : (u32)kind;
	descriptors_hold(ctx->ops);
	error = watch_open_eyes(ctx->birth);
	if (watch->automatic && watch->perf_error)
		watch->kind = kind_without_perf(watch->perf_error);
	return watch->automatic || kind == WATCH_CLOCK ? 0 : error;
}

/* The context goes away; it may not have come as far as watch_attach. */
void watch_detach(struct context *ctx)
{
	watch_task_gone(ctx->birth);
	if (watch_of_context(ctx)->kind)
		descriptors_drop(ctx->ops);
}

/* On the new task's thread. One that is made for a dispatched call may never watch. */
void watch_task_born(struct task *task)
{
	if (task->order == ORDER_WATCH)
		watch_open_eyes(task);
}

/* The task is a waiting child again; its event may have been reclaimed meanwhile. */
void watch_task_parked(struct task *task)
{
	if (unlikely(!has_eyes(task)))
		watch_open_eyes(task);
}

void watch_task_gone(struct task *task)
{
	perf_close(task);
	sampler_close(task);
}

/*
 * By the watcher, at each look, which is each few milliseconds while a call is blocked: tells the
 * guardian that it looks. If that has taken it for one that does not, it watches again.
 */
void watch_beat(struct task *self)
{
	struct context *ctx = self->ctx;
	struct watch_context *watch = watch_of_context(ctx);
	uintptr_t away = (uintptr_t)self | WATCHER_AWAY;

	WRITE_ONCE(watch->beat, watch->beat + 1);
	if (unlikely(READ_ONCE(ctx->watcher) == away) &&
	    cmpxchg_bool(&ctx->watcher, away, (uintptr_t)self))
		ctx->ops->guard(ctx);
}

/* host_ops.watch */
u64 watch(struct task *self)
{
	struct context *ctx = self->ctx;
	int spin_only = watch_of_context(ctx)->kind == WATCH_SPIN;

	if (unlikely(!has_eyes(self)))
		watch_open_eyes(self); /* whoever watches carries next */
	watch_reclaim(self);
	while (!watch_told_otherwise(self)) {
		struct watch_task *carrier = watch_of(ctx->carrier);
		u64 word;

		watch_beat(self);
		if (likely(carrier->page))
			word = perf_watch(self, spin_only);
		else if (carrier->sampler_fd >= 0)
			word = sampler_watch(self, spin_only);
		else
			word = clock_watch(self);
		if (word)
			return word;
	}
	return 0;
}

/*
 * host_ops.claim_barrier. membarrier interrupts a processor that is just going idle,
 * which takes 12 us here; the carrier that is off its processor needs none of it, where a
 * lock that the host's scheduler takes is a full barrier.
 */
long watch_claim_barrier(struct task *watcher, struct task *carrier)
{
	if (ARCH_STORES_IN_ORDER && watch_of(carrier)->page && perf_still_off(watcher, carrier))
		return 0;
	return watcher->ctx->ops->barrier_everywhere();
}

/* 1 if no call was made for quiet_ns. `word` is the context's, just read. */
int watch_is_quiet(struct context *ctx, u64 word, u64 quiet_ns)
{
	struct watch_context *watch = watch_of_context(ctx);
	u64 now = ctx->ops->now();

	if (watch->quiet_seq != word) {
		watch->quiet_seq = word;
		watch->quiet_since = now;
		return 0;
	}
	return now - watch->quiet_since > quiet_ns;
}

/* 1 if no entry has done so, which sees no difference. */
static int take_mark_off(struct task *self)
{
	uintptr_t slot = (uintptr_t)self;

	if (!cmpxchg_bool(&self->ctx->watcher, slot | WATCHER_PARKED, slot))
		return 0;
	self->ctx->ops->guard(self->ctx);
	return 1;
}

/*
 * Puts the mark into the watcher's slot: from then on no call is made without its
 * entry taking the mark off and calling host_ops.unpark. `word` is the carrier's,
 * which was quiet. The membarrier is the full barrier of both sides: an entry
 * stores its word and then loads the slot without one. 0 if a call came first: an
 * entry that has taken the mark off may still be opening the event then, and is
 * waited for by watch_sleep_marked.
 */
int watch_mark(struct task *self, u64 word)
{
	struct context *ctx = self->ctx;
	uintptr_t slot = (uintptr_t)self;

	smp_store_release(&self->parked, 1);
	if (cmpxchg_bool(&ctx->watcher, slot, slot | WATCHER_PARKED)) {
		if (!ctx->ops->barrier_everywhere() && READ_ONCE(ctx->carrier->word) == word)
			return 1;
		if (!take_mark_off(self))
			return 0;
	}
	WRITE_ONCE(self->parked, 0);
	return 0;
}

/* Sleeps until an entry has taken the mark off and is done, or the task is told otherwise. */
void watch_sleep_marked(struct task *self)
{
	while (smp_load_acquire(&self->parked) && !watch_told_otherwise(self))
		self->ctx->ops->park(&self->parked, 1, 0);
	take_mark_off(self);
}

/*
 * The carrier is woken often and makes no calls: each of its switches would wake
 * the watcher, and costs it the event's bookkeeping. Closes the event and parks;
 * the next entry opens a new one and wakes us. The mark comes first, so that no
 * call is made while nothing shows its block.
 */
void watch_park(struct task *self, struct task *carrier, u64 word)
{
	struct watch_context *watch = watch_of_context(self->ctx);

	smp_store_release(&watch->event, EVENT_CLOSING); /* see watch_unpark */
	if (!watch_mark(self, word)) {
		smp_store_release(&watch->event, EVENT_OPEN);
		return;
	}
	perf_close(carrier);
	smp_store_release(&watch->event, EVENT_CLOSED);
	watch_sleep_marked(self);
}

/*
 * A watcher that is just closing the event is waited for, but not where it stands still meanwhile:
 * then it finds no event when it goes on, and opens one by itself.
 */
static void wait_for_closed(const struct watch_context *watch, const struct host_ops *ops)
{
	u64 end = 0;

	while (smp_load_acquire(&watch->event) == EVENT_CLOSING) {
		u64 now = ops->now();

		end = end ? end : now + CLOSING_NS;
		if (now > end)
			return;
		ops->yield_processor();
	}
}

/*
 * host_ops.unpark: by the carrier, in its call, before the watcher is woken. Where no event can
 * be opened now, the watcher tries again, and looks by clock.c meanwhile.
 */
void watch_unpark(struct task *watcher, struct task *carrier)
{
	struct watch_context *watch = watch_of_context(watcher->ctx);

	wait_for_closed(watch, carrier->ctx->ops);
	if (READ_ONCE(watch->event) == EVENT_CLOSED && !watch_open_eyes(carrier))
		WRITE_ONCE(watch->event, EVENT_OPEN);
}

/* Precondition: context.lock. Takes the event of a task that stays blocked. */
static int take_event(struct task *task, u64 now, struct watch_task *taken)
{
	struct watch_task *watch = watch_of(task);

	if (!READ_ONCE(task->handed) || now - task->blocked_at < RECLAIM_AFTER_NS)
		return 0;
	if (!has_eyes(task))
		return 0;
	*taken = *watch;
	*watch = (struct watch_task){.alarm_fd = -1, .sampler_fd = -1};
	return 1;
}

static void close_taken(struct watch_task *taken)
{
	struct task shell;

	*watch_of(&shell) = *taken;
	if (taken->page)
		count(perf_reclaimed);
	perf_close(&shell);
	sampler_close(&shell);
}

/*
 * Called by the watcher now and then: events and files of calls that have been
 * blocked for more than 100 ms are closed; the task opens its own again when its
 * call is over. Looks through 64 tasks at a time, in turn.
 */
void watch_reclaim(struct task *self)
{
	struct context *ctx = self->ctx;
	struct watch_context *watch = watch_of_context(ctx);
	struct watch_task taken[RECLAIM_BATCH];
	u64 now = ctx->ops->now();
	int i, n = 0;

	if (!READ_ONCE(ctx->away) || now - watch->reclaimed_at < RECLAIM_EVERY_NS)
		return;
	watch->reclaimed_at = now;
	mutex_lock(ctx->ops, &ctx->lock);
	for (i = 0; i < RECLAIM_BATCH; i++) {
		struct task *task = container_of(ctx->tasks.next, struct task, all);

		list_del_init(&task->all);
		list_add_tail(&task->all, &ctx->tasks);
		n += take_event(task, now, &taken[n]);
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	while (n)
		close_taken(&taken[--n]);
}
