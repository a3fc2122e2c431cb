/* SPDX-License-Identifier: MIT */
/*
 * The writer's side of a trace (syslets/trace.h has its memory). Each task has a part
 * of its own, which its OS thread alone writes: so an event is a few plain stores.
 */
#include "kernel/trace.h"

_Static_assert(sizeof(struct syslet_trace_event) == 40, "syslets/trace.h");
_Static_assert(sizeof(struct syslet_trace_task) == 64, "syslets/trace.h");
_Static_assert(sizeof(struct syslet_trace) == 128, "syslets/trace.h");

static u64 bytes_for(u64 tasks, u64 events)
{
	return sizeof(struct syslet_trace) +
	       tasks * (sizeof(struct syslet_trace_task) + events * sizeof(struct syslet_trace_event));
}

/* 0 if so many tasks find room in that memory, else how many bytes are the least. */
long trace_memory_needed(u64 bytes, u32 tasks)
{
	u64 least = bytes_for(tasks ? tasks : 1, SYSLET_TRACE_MIN_EVENTS);

	return tasks && bytes >= least ? 0 : (long)least;
}

static struct syslet_trace_task *part_of(const struct trace *trace, u32 index)
{
	return (struct syslet_trace_task *)(trace->header + 1) + index;
}

static struct syslet_trace_event *events_of(const struct trace *trace, u32 index)
{
	struct syslet_trace_event *first = (struct syslet_trace_event *)part_of(trace, trace->tasks);

	return first + (u64)index * trace->events;
}

/*
 * Called on the task's own OS thread. `written` after the event: pairs with the acquire
 * of a reader. The event after `written` of the one before: the reader, who looks at
 * that again when it has copied, then knows which may be half written.
 */
void trace_record(struct task *task, const struct syslet_trace_event *event)
{
	struct trace *trace = task->ctx->trace;
	struct syslet_trace_event *slot;

	if (unlikely(!task->trace_part)) {
		atomic_inc(&trace->header->unrecorded);
		return;
	}
	smp_wmb();
	slot = &task->trace_events[task->trace_written & (trace->events - 1)];
	*slot = *event;
	slot->time = trace->real->now();
	smp_store_release(&task->trace_part->written, ++task->trace_written);
}

/* Before the first event of a task; by the one that attaches, or that makes the task. */
void trace_task(struct task *task)
{
	struct trace *trace = task->ctx->trace;
	u32 index;

	/* not by an addition alone: a program that makes tasks for days would begin again at 0 */
	do {
		index = READ_ONCE(trace->used);
		if (index >= trace->tasks)
			return;
	} while (!cmpxchg_bool(&trace->used, index, index + 1));
	task->trace_part = part_of(trace, index);
	task->trace_events = events_of(trace, index);
	task->trace_part->stack = (u64)(uintptr_t)task - TASK_OFFSET;
	task->trace_part->task = task->index;
	WRITE_ONCE(trace->header->used, index + 1);
}

/* On the task's thread, or on that which attaches. */
void trace_task_born(struct task *task, const char name[16])
{
	struct syslet_trace_task *part = task->trace_part;
	unsigned i;

	if (!part)
		return;
	part->task = task->index;
	for (i = 0; i < sizeof(part->name); i++)
		part->name[i] = name[i];
	smp_store_release(&part->tid, task->tid);
}

/* Of the carrier, or of a task that makes a call that was dispatched to it. */
static u32 seq_of_call(const struct task *cur)
{
	if (word_state(cur->word) != WORD_USER)
		return trace_seq(cur->word);
	return cur->state == TASK_BLOCKED ? trace_seq(cur->call->id) : 0;
}

/* A call that cannot be handed over, as a frame's function makes it, has no number. */
void trace_enter(struct task *cur, u32 nr)
{
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_ENTER, .nr = nr};

	if (!is_traced(cur))
		return;
	event.seq = seq_of_call(cur);
	event.data = event.seq ? cur->call->indirect_params.syslet.caller_data : 0;
	trace_record(cur, &event);
}

void trace_return(struct task *cur, u32 nr, long value)
{
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_RETURN, .nr = nr, .value = value};

	if (!is_traced(cur))
		return;
	event.seq = seq_of_call(cur);
	trace_record(cur, &event);
}

/* Called by the carrier when somebody has the call. */
void trace_dispatch(struct task *cur, u32 nr)
{
	struct context *ctx = cur->ctx;
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_DISPATCH, .nr = nr};

	if (!is_traced(cur))
		return;
	event.seq = trace_seq(ctx->pending->id);
	event.other = ctx->pending_task;
	event.data = cur->own.indirect_params.syslet.caller_data;
	trace_record(cur, &event);
}

static long traced_call(const struct indirect_registers *regs, struct task *cur)
{
	u32 nr = (u32) * (const u64 *)regs;
	long ret;

	trace_enter(cur, nr);
	ret = cur->ctx->trace->real->call(regs, cur);
	trace_return(cur, nr, ret);
	return ret;
}

static u64 traced_watch(struct task *task)
{
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_BLOCKED};
	u64 word = task->ctx->trace->real->watch(task);

	if (!word)
		return 0;
	event.seq = trace_seq(word);
	event.other = task->ctx->carrier->index;
	trace_record(task, &event);
	return word;
}

/* Comes home, or takes over: then its word is that of the call, and pending_task makes it. */
static void traced_carrying_begins(struct task *task)
{
	struct context *ctx = task->ctx;
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_HOME};

	ctx->trace->homeward = READ_ONCE(task->order) == ORDER_HOME;
	if (!ctx->trace->homeward) {
		event.kind = SYSLET_TRACE_HAND_OFF;
		event.seq = trace_seq(task->word);
		event.other = ctx->pending_task;
	}
	trace_record(task, &event);
	ctx->trace->real->carrying_begins(task);
}

static int traced_carrying_begun(struct task *task)
{
	struct trace *trace = task->ctx->trace;
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_RESUME};
	int begun = trace->real->carrying_begun(task);

	event.seq = trace->homeward ? 0 : trace_seq(task->word);
	trace_record(task, &event);
	return begun;
}

static void traced_task_parked(struct task *task)
{
	trace_point(task, SYSLET_TRACE_PARK, 0, 0);
	task->ctx->trace->real->task_parked(task);
}

/* Every host's: what wakes is not told in which context it does so. */
static void (*untraced_wake)(u32 *word, u32 number);

/* That is the task of this OS thread. */
static void traced_wake(u32 *word, u32 number)
{
	struct task *task = arch_task_of_thread();
	struct syslet_trace_event event = {.kind = SYSLET_TRACE_WAKE, .data = (u64)(uintptr_t)word};

	if (task && is_traced(task))
		trace_record(task, &event);
	untraced_wake(word, number);
}

static struct task *traced_alloc_task(struct context *ctx)
{
	struct task *task = ctx->trace->real->alloc_task(ctx);

	if (task)
		trace_task(task);
	return task;
}

static void exchange_ops(struct trace *trace, const struct host_ops *real)
{
	trace->real = real;
	untraced_wake = real->wake;
	trace->ops = *real;
	trace->ops.call = traced_call;
	trace->ops.watch = traced_watch;
	trace->ops.carrying_begins = traced_carrying_begins;
	trace->ops.carrying_begun = traced_carrying_begun;
	trace->ops.task_parked = traced_task_parked;
	trace->ops.wake = traced_wake;
	trace->ops.alloc_task = traced_alloc_task;
}

/* Called at attach. Precondition: trace_memory_needed found the memory large enough. */
void trace_init(struct trace *trace, struct context *ctx, void *memory, u64 bytes, u32 tasks)
{
	u32 events = SYSLET_TRACE_MIN_EVENTS;

	while (events < 1u << 30 && bytes_for(tasks, 2 * (u64)events) <= bytes)
		events *= 2;
	trace->header = memory;
	trace->tasks = tasks;
	trace->events = events;
	*trace->header = (struct syslet_trace){.magic = SYSLET_TRACE_MAGIC,
					       .context = ctx->index,
					       .tasks = tasks,
					       .events = events,
					       .stack_bytes = STACK_SIZE};
	exchange_ops(trace, ctx->ops);
	ctx->trace = trace;
	ctx->ops = &trace->ops;
	trace_task(ctx->birth);
}

/* Two clocks at both ends: the host's is not quite as fast as CLOCK_MONOTONIC. */
void trace_begin(struct trace *trace, u64 ns, u32 pid)
{
	trace->header->time = trace->real->now();
	trace->header->ns = ns;
	trace->header->pid = pid;
}

/* At detach, when no task but the birth thread is left. The context's ops are the host's again. */
void trace_end(struct context *ctx, u64 ns)
{
	struct trace *trace = ctx->trace;

	ctx->ops = trace->real;
	ctx->trace = 0;
	trace->header->time_end = trace->real->now();
	trace->header->ns_end = ns;
	smp_store_release(&trace->header->detached, 1);
}
