/* SPDX-License-Identifier: MIT */
/*
 * Who notices that a task blocks. The waiting child is the watcher: it looks at
 * the carrier and, when that is blocked in its call, takes the context over.
 */
#ifndef SYSLETS_WATCH_H
#define SYSLETS_WATCH_H

#include <linux/perf_event.h>
#include "kernel/kernel.h"

enum watch_kind {
	WATCH_AUTO = 0,
	WATCH_PERF = 1,
	WATCH_SAMPLER = 2,
	WATCH_SPIN = 3,
	WATCH_CLOCK = 4
};

#define PERF_PAGE 4096ul
#define PERF_RING_BYTES PERF_PAGE

/* task.host[0..7] */
struct watch_task {
	volatile struct perf_event_mmap_page *page; /* 0: no perf event */
	volatile struct perf_event_mmap_page *alarm_page; /* 0: no alarm */
	s32 alarm_fd;	/* -1: none */
	s32 armed;	/* the alarm is enabled; written by the watcher */
	s32 sampler_fd; /* /proc/self/task/TID/syscall or stat; -1: none */
	s32 unused;
	u64 armed_head; /* of the alarm's ring when it was enabled */
	u64 tried_word; /* the block that was reported last */
	u64 tried_head; /* the record that showed it; 0: no record did */
};

/* The carrier's event is closed while its watcher is parked. */
enum event_state { EVENT_OPEN = 0, EVENT_CLOSING = 1, EVENT_CLOSED = 2 };

/* context.host[0..11] */
struct watch_context {
	u32 kind;	 /* enum watch_kind that was asked for, AUTO resolved */
	u32 automatic;	 /* may go over to the sampler */
	s32 perf_error;	 /* errno of the last perf event that could not be opened; 0: since then one could */
	u32 event;	 /* enum event_state of the carrier's */
	u64 reclaimed_at; /* ns: when blocked tasks were last looked through */
	u64 quiet_seq;	 /* the carrier's word when calls were last seen */
	u64 quiet_since; /* ns */
	u64 perf_again_at; /* ns: before that no perf event is tried after one that failed */
	u64 late_word;	 /* clock.c: the call that was looked at last; here, since watchers change */
	u64 late_at;	 /* ns: when */
	u64 late_cpu;	 /* ns: the processor time that its task had used then */
	s32 sampler_error; /* errno of the last file that could not be opened; 0: since then one could */
	u32 late_times; /* looks since the call was first late */
	u64 beat;	 /* looks of all watchers; one that comes late may set it back */
};

static inline struct watch_task *watch_of(struct task *task)
{
	return (struct watch_task *)&task->host[0];
}

static inline struct watch_context *watch_of_context(struct context *ctx)
{
	return (struct watch_context *)&ctx->host[0];
}

_Static_assert(sizeof(struct watch_task) <= 8 * sizeof(u64), "task.host");
_Static_assert(sizeof(struct watch_context) <= 12 * sizeof(u64), "context.host");

/* watch.c */
void watch_init_task(struct task *task);
long watch_attach(struct context *ctx, enum watch_kind kind);
void watch_detach(struct context *ctx);
void watch_task_born(struct task *task);
void watch_task_parked(struct task *task);
void watch_task_gone(struct task *task);
u64 watch(struct task *task);
long watch_claim_barrier(struct task *watcher, struct task *carrier);
void watch_unpark(struct task *watcher, struct task *carrier);
int watch_mark(struct task *self, u64 word);
void watch_sleep_marked(struct task *self);
void watch_park(struct task *self, struct task *carrier, u64 word);
int watch_is_quiet(struct context *ctx, u64 word, u64 quiet_ns);
int watch_told_otherwise(const struct task *task);
long watch_open_eyes(struct task *task);
void watch_reclaim(struct task *task);
void watch_beat(struct task *self);

/* descriptors.c: process-wide, from the first attach to the last detach */
void descriptors_hold(const struct host_ops *ops);
void descriptors_drop(const struct host_ops *ops);
int reserve_lend(long error);
void reserve_fill(void);
int reserve_missing(int *held);
long task_file(u32 tid, const char *name);

/* clock.c */
u64 watch_overdue(struct task *self, struct task *carrier);
u64 clock_watch(struct task *self);

/* perf-event.c */
long perf_open(struct task *task);
void perf_close(struct task *task);
void perf_open_alarm(struct task *carrier);
int perf_arm(struct task *carrier);
void perf_disarm(struct task *carrier);

/* perf.c */
enum perf_trace { PERF_SAW_NOTHING, PERF_SAW_IT_RUN, PERF_SAW_IT_SLEEP, PERF_SAW_IT_PREEMPTED };
enum perf_trace perf_last_seen(struct task *task);
int perf_still_off(struct task *watcher, struct task *carrier);
u64 perf_watch(struct task *task, int spin_only);

/* sampler.c */
long sampler_open(struct task *task);
void sampler_close(struct task *task);
int sampler_confirms(struct task *carrier);
u64 sampler_watch(struct task *task, int spin_only);

#endif
