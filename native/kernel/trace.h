/* SPDX-License-Identifier: MIT */
/*
 * Tracing, by an exchange of the context's host_ops: a context that is not traced runs
 * the host's own, and no instruction of a call that does not block knows of traces.
 * What host_ops does not show is a trace_point, on slow paths only.
 */
#ifndef SYSLETS_KERNEL_TRACE_H
#define SYSLETS_KERNEL_TRACE_H

#include "kernel/kernel.h"
#include "syslets/trace.h"

/*
 * A traced context's. The header in user memory is for the reader: what decides where
 * is written is kept here, so that a program that scribbles in it spoils its trace alone.
 */
struct trace {
	struct syslet_trace *header;
	u32 tasks;
	u32 events; /* a power of two */
	u32 used;   /* under no lock: taken by atomic addition */
	u32 homeward; /* the context goes home; written by the task that is about to carry it */
	const struct host_ops *real;
	struct host_ops ops; /* real, with what is traced exchanged */
};

long trace_memory_needed(u64 bytes, u32 tasks);
void trace_init(struct trace *trace, struct context *ctx, void *memory, u64 bytes, u32 tasks);
void trace_begin(struct trace *trace, u64 ns, u32 pid);
void trace_task(struct task *task);
void trace_task_born(struct task *task, const char name[16]);
void trace_end(struct context *ctx, u64 ns);
void trace_record(struct task *task, const struct syslet_trace_event *event);
void trace_enter(struct task *cur, u32 nr);
void trace_return(struct task *cur, u32 nr, long value);
void trace_dispatch(struct task *cur, u32 nr);

/* The number of the call that the task is in, as events tell it. */
static inline u32 trace_seq(u64 word)
{
	return (u32)(word / WORD_SEQ_ONE);
}

static inline int is_traced(const struct task *task)
{
	return unlikely(task->ctx->trace != 0);
}

/* An event of the call that the task was handed over with, or that was dispatched to it. */
static inline void trace_point(struct task *cur, enum syslet_trace_kind kind, u64 data, s64 value)
{
	struct syslet_trace_event event = {
		.kind = kind, .seq = trace_seq(cur->call->id), .data = data, .value = value};

	if (is_traced(cur))
		trace_record(cur, &event);
}

#endif
