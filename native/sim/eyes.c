/* SPDX-License-Identifier: MIT */
/*
 * What shows blocks, to the watch (native/watch/watch.c, unchanged): an event that can be
 * opened or not, and a look that sees a call at any moment from its beginning on. A watcher
 * whose carrier makes no call parks whenever it likes.
 */
#include "sim/host.h"
#include "watch/watch.h"

static struct perf_event_mmap_page event; /* of every task; nobody reads it */

struct sight {
	struct task *watcher;
	struct context *ctx;
	int parks;
};

/*
 * A call that was not tried yet; or a try that failed is made again, as watch_overdue does
 * while the carrier is off its processor.
 */
static int is_due(struct task *watcher, u64 word)
{
	return word_state(word) == WORD_IN_CALL &&
	       (word != *(volatile u64 *)&watch_of(watcher)->tried_word ||
		sim_is_blocked(*(volatile u32 *)&watcher->ctx->carrier->tid));
}

/* What a look would show; read without steps, as by a watcher that sleeps until then. */
static int has_something(void *argument)
{
	struct sight *sight = argument;
	u64 word = *(volatile u64 *)&sight->ctx->carrier->word;

	return *(volatile u32 *)&sight->watcher->order != ORDER_WATCH ||
	       (sight->parks && word_state(word) == WORD_USER) || is_due(sight->watcher, word);
}

enum seen { SEEN_ORDER, SEEN_CALL, SEEN_QUIET };

/* Until there is a call that was not seen yet, none at all, or another order. */
static enum seen look(struct task *self, int parks, u64 *seen)
{
	struct sight sight = {self, self->ctx, parks};
	u64 word;

	for (;;) {
		sim_reads(&self->ctx->carrier, sizeof(void *));
		sim_reads(&self->order, sizeof(self->order));
		sim_reads(&READ_ONCE(self->ctx->carrier)->word, sizeof(u64));
		sim_until(has_something, &sight);
		if (watch_told_otherwise(self))
			return SEEN_ORDER;
		*seen = word = smp_load_acquire(&READ_ONCE(self->ctx->carrier)->word);
		if (parks && word_state(word) == WORD_USER)
			return SEEN_QUIET;
		if (!is_due(self, word))
			continue;
		watch_of(self)->tried_word = word;
		if (*(volatile u32 *)&self->ctx->when_unwatched) /* else no guardian looks at it */
			watch_beat(self);
		return SEEN_CALL;
	}
}

u64 sim_watch(struct task *self)
{
	u64 word;

	return look(self, 0, &word) == SEEN_CALL ? word : 0;
}

long perf_open(struct task *task)
{
	if (sim_happens(SIM_NO_EVENT))
		return -E_MFILE;
	sim_reads(&watch_of(task)->page, sizeof(watch_of(task)->page));
	SIM_CHECK(!watch_of(task)->page); /* else two have opened one, and nobody closes the first */
	watch_of(task)->page = &event;
	return 0;
}

void perf_close(struct task *task)
{
	watch_of(task)->page = 0;
}

u64 perf_watch(struct task *self, int spin_only)
{
	u64 word;
	enum seen seen = look(self, 1, &word);

	(void)spin_only;
	if (seen == SEEN_QUIET)
		watch_park(self, self->ctx->carrier, word);
	return seen == SEEN_CALL ? word : 0;
}

/* Without an event; as the real one it tries to open one at its first look, and now and then. */
u64 clock_watch(struct task *self)
{
	enum seen seen;
	u64 word;

	if (!watch_open_eyes(self->ctx->carrier))
		return 0;
	seen = look(self, 1, &word);
	if (seen == SEEN_QUIET) {
		watch_mark(self, word);
		watch_sleep_marked(self);
	}
	return seen == SEEN_CALL ? word : 0;
}

/*
 * A carrier that is still off its processor after our barrier will pass one of its own
 * before it reads the claim.
 */
int perf_still_off(struct task *watcher, struct task *carrier)
{
	(void)watcher;
	smp_mb();
	return sim_is_blocked(READ_ONCE(carrier->tid));
}

long sampler_open(struct task *task)
{
	(void)task;
	return -E_NOSYS;
}

void sampler_close(struct task *task)
{
	(void)task;
}

u64 sampler_watch(struct task *self, int spin_only)
{
	(void)spin_only;
	return clock_watch(self);
}

void descriptors_hold(const struct host_ops *ops)
{
	(void)ops;
}

void descriptors_drop(const struct host_ops *ops)
{
	(void)ops;
}
