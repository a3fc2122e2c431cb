/* SPDX-License-Identifier: MIT */
/*
 * What the watchers have in common: the choice among them, parking, and the
 * events of tasks that stay blocked.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define RECLAIM_EVERY_NS 5000000ull
#define RECLAIM_AFTER_NS 100000000ull
#define RECLAIM_BATCH 64

void watch_init_task(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	watch->perf_fd = -1;
	watch->alarm_fd = -1;
	watch->sampler_fd = -1;
}

int watch_told_otherwise(const struct task *task)
{
	return smp_load_acquire(&task->order) != ORDER_WATCH;
}

/* No perf event: `auto` goes on with the sampler, in mid-run too. */
static long fall_back(struct task *task, long error)
{
	struct watch_context *watch = watch_of_context(task->ctx);

	WRITE_ONCE(watch->perf_error, (s32)-error);
	if (!watch->automatic)
		return error;
	return watch_of(task)->sampler_fd >= 0 ? 0 : sampler_open(task);
}

static long open_eyes(struct task *task)
{
	struct watch_context *watch = watch_of_context(task->ctx);
	long error;

	if (watch->kind == WATCH_SAMPLER)
		return watch_of(task)->sampler_fd >= 0 ? 0 : sampler_open(task);
	if (watch_of(task)->page)
		return 0;
	error = perf_open(task);
	return error ? fall_back(task, error) : 0;
}

/* Called on the birth thread at attach. -errno if the kind asked for cannot be had. */
long watch_attach(struct context *ctx, enum watch_kind kind)
{
	struct watch_context *watch = watch_of_context(ctx);
	long error;

	watch->automatic = kind == WATCH_AUTO;
	watch->kind = kind == WATCH_AUTO ? WATCH_PERF : (u32)kind;
	error = open_eyes(ctx->birth);
	if (watch->automatic && watch->perf_error)
		watch->kind = WATCH_SAMPLER;
	return error;
}

/* On the new task's thread. One that is made for a dispatched call may never watch. */
void watch_task_born(struct task *task)
{
	if (task->order == ORDER_WATCH)
		open_eyes(task);
}

/* The task is a waiting child again; its event may have been reclaimed meanwhile. */
void watch_task_parked(struct task *task)
{
	if (unlikely(!watch_of(task)->page && watch_of(task)->sampler_fd < 0))
		open_eyes(task);
}

void watch_task_gone(struct task *task)
{
	perf_close(task);
	sampler_close(task);
}

/* host_ops.watch */
u64 watch(struct task *self)
{
	struct context *ctx = self->ctx;
	int spin_only = watch_of_context(ctx)->kind == WATCH_SPIN;

	if (unlikely(!watch_of(self)->page && watch_of(self)->sampler_fd < 0))
		open_eyes(self); /* whoever watches carries next */
	watch_reclaim(self);
	while (!watch_told_otherwise(self)) {
		struct watch_task *carrier = watch_of(ctx->carrier);

		u64 word = 0;

		if (carrier->page)
			word = perf_watch(self, spin_only);
		else if (carrier->sampler_fd >= 0)
			word = sampler_watch(self, spin_only);
		else
			sleep_ns(RECLAIM_EVERY_NS); /* nothing shows us its blocks: its calls just block */
		if (word)
			return word;
	}
	return 0;
}

/*
 * host_ops.claim_barrier. membarrier interrupts a processor that is just going idle,
 * which takes 12 us here; the carrier that is off its processor needs none of it.
 */
long watch_claim_barrier(struct task *watcher, struct task *carrier)
{
	if (watch_of(carrier)->page && perf_still_off(watcher, carrier))
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

/*
 * Puts the mark into the watcher's slot: from then on no call is made without its
 * entry taking the mark off and calling host_ops.unpark. `word` is the carrier's,
 * which was quiet. The membarrier is the full barrier of both sides: an entry
 * stores its word and then loads the slot without one. 0 if a call came first.
 */
int watch_mark(struct task *self, u64 word)
{
	struct context *ctx = self->ctx;
	uintptr_t slot = (uintptr_t)self;

	smp_store_release(&self->parked, 1);
	if (!cmpxchg_bool(&ctx->watcher, slot, slot | WATCHER_PARKED))
		return 0;
	if (!ctx->ops->barrier_everywhere() && READ_ONCE(ctx->carrier->word) == word)
		return 1;
	watch_unmark(self);
	return 0;
}

/* The entry that took the mark off, if one did, sees no difference. */
void watch_unmark(struct task *self)
{
	uintptr_t slot = (uintptr_t)self;

	cmpxchg_bool(&self->ctx->watcher, slot | WATCHER_PARKED, slot);
}

/* Sleeps until an entry has taken the mark off, or the task is told otherwise. */
void watch_sleep_marked(struct task *self)
{
	while (smp_load_acquire(&self->parked) && !watch_told_otherwise(self))
		self->ctx->ops->park(&self->parked, 1, 0);
	watch_unmark(self);
}

/*
 * host_ops.unpark: by the carrier, in its call, before the watcher is woken. A
 * watcher that is just closing the event is waited for: a block without one would
 * never be seen.
 */
void watch_unpark(struct task *watcher, struct task *carrier)
{
	struct watch_context *watch = watch_of_context(watcher->ctx);

	while (smp_load_acquire(&watch->event) == EVENT_CLOSING)
		carrier->ctx->ops->yield_processor();
	if (READ_ONCE(watch->event) == EVENT_OPEN)
		return;
	WRITE_ONCE(watch->event, EVENT_OPEN);
	open_eyes(carrier);
}

/* Precondition: context.lock. Takes the event of a task that stays blocked. */
static int take_event(struct task *task, u64 now, struct watch_task *taken)
{
	struct watch_task *watch = watch_of(task);

	if (!READ_ONCE(task->handed) || now - task->blocked_at < RECLAIM_AFTER_NS)
		return 0;
	if (!watch->page && watch->sampler_fd < 0)
		return 0;
	*taken = *watch;
	*watch = (struct watch_task){.perf_fd = -1, .alarm_fd = -1, .sampler_fd = -1};
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
