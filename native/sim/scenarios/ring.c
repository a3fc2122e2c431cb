/* SPDX-License-Identifier: MIT */
/* The ring by itself: completers, waiters and readers, each a thread of its own. */
#include "kernel/ring-state.h"
#include "sim/host.h"

#define ELEMENTS 4
#define STATUS 42

static struct sim_ring *ring;
static struct task *completers[2], *waiter;
static u32 *seen; /* what the reader found: statuses, in order */
static u32 waiter_tid;
static const struct policy *policy = &syslet_policy_default;

static struct task *task_for(const char *name, enum overflow_policy overflow)
{
	struct task *task = sim_plain_context(name, policy, overflow)->birth;

	task->own.elements = ring->header.elements;
	task->own.indirect_params.syslet.completion_ring_ptr = (u64)ring;
	return task;
}

static void begin_with(u32 elements, enum overflow_policy overflow)
{
	sim_kernel_begins();
	ring = sim_ring("ring", elements, 1);
	completers[0] = task_for("first", overflow);
	completers[1] = task_for("second", overflow);
	waiter = task_for("waiter's", overflow);
	seen = sim_alloc(4 * sizeof(*seen));
	sim_name(seen, 16, 0, "seen");
}

static void complete(void *argument)
{
	struct task *task = argument;

	task->own.indirect_params.syslet.caller_data = STATUS;
	SIM_CHECK(syslet_store_completion(task, STATUS) == 0);
}

/* Waits for each of so many completions, and reads it. */
static void wait_for(void *argument)
{
	u32 i, count = (u32)(u64)argument;
	struct syslet_completion comp;

	for (i = 0; i < count; i++) {
		long ret;

		do
			ret = sys_syslet_ring_wait((u64)ring, i, 0, waiter);
		while (ret < 0 && ret != -E_FAULT);
		SIM_CHECK(ret == 0);
		SIM_CHECK(sim_reap(ring, &comp) && "ring_wait returned 0: there is a completion");
		SIM_CHECK(comp.caller_data == STATUS && "it is whole");
		seen[i] = (u32)comp.status;
	}
}

static void outcome(void)
{
	sim_result(seen[0]);
	sim_result(seen[1]);
}

static void begin_one(void)
{
	begin_with(ELEMENTS, OVERFLOW_RESERVE);
	sim_spawn("completer", complete, completers[0], 1);
	sim_spawn("waiter", wait_for, (void *)1, 1);
}

const struct sim_scenario completion_and_wait = {
	.name = "kernel/completion-and-wait",
	.title = "a completion against one that waits for it",
	.begin = begin_one,
	.outcome = outcome,
};

/* Row 13: between the head's store and the look at the queue v7 has no full barrier. */
static void begin_v7(void)
{
	policy = &syslet_policy_v7;
	begin_one();
}

const struct sim_scenario v7_completion_and_wait = {
	.name = "kernel/v7-completion-and-wait",
	.title = "as kernel/completion-and-wait, with v7's policy (row 13)",
	.begin = begin_v7,
	.outcome = outcome,
};

static void begin_two(void)
{
	begin_with(ELEMENTS, OVERFLOW_RESERVE);
	sim_spawn("first", complete, completers[0], 1);
	sim_spawn("second", complete, completers[1], 1);
	sim_spawn("waiter", wait_for, (void *)2, 1);
}

const struct sim_scenario two_completers = {
	.name = "kernel/two-completers",
	.title = "two completions against one that waits for both",
	.begin = begin_two,
	.outcome = outcome,
};

/* A signal that nobody asked for, at any moment. */
static void send_signal(void *unused)
{
	(void)unused;
	sim_signal(waiter_tid);
}

static void begin_signal(void)
{
	begin_with(ELEMENTS, OVERFLOW_RESERVE);
	sim_spawn("completer", complete, completers[0], 1);
	waiter_tid = sim_spawn("waiter", wait_for, (void *)1, 1);
	sim_spawn("signal", send_signal, 0, 1);
}

const struct sim_scenario wait_and_signal = {
	.name = "kernel/wait-and-signal",
	.title = "a signal to one that waits is no completion",
	.begin = begin_signal,
	.outcome = outcome,
};

static int has_completed(void *unused)
{
	(void)unused;
	return *(volatile u32 *)&ring->header.kernel_head != 0;
}

/* Once the completion is in the ring its completer has chosen the bucket. */
static void change_group(void *unused)
{
	(void)unused;
	sim_reads(&ring->header.kernel_head, sizeof(u32));
	sim_until(has_completed, 0);
	WRITE_ONCE(ring->header.wait_group, 2);
}

static void begin_group(void)
{
	begin_with(ELEMENTS, OVERFLOW_RESERVE);
	sim_spawn("completer", complete, completers[0], 1);
	sim_spawn("waiter", wait_for, (void *)1, 1);
	sim_spawn("program", change_group, 0, 1);
}

const struct sim_scenario group_changes = {
	.name = "kernel/wait-group-changes",
	.title = "the wait group changes while a completion is under way (row 3)",
	.begin = begin_group,
	.outcome = outcome,
};

/* Reads as lib/ring does, and tells of the room where the mark says so. */
static void read_two(void *unused)
{
	struct syslet_completion comp;
	u32 i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		while (!sim_reap(ring, &comp))
			sim_rest();
		SIM_CHECK(comp.caller_data == STATUS && "it is whole");
		seen[i] = (u32)comp.status;
		smp_mb(); /* the tail before the look at the mark, as in lib/ring */
		if (READ_ONCE(syslet_room_mark))
			sys_syslet_ring_room((u64)ring, waiter);
	}
}

static void begin_full(void)
{
	begin_with(1, OVERFLOW_BLOCK);
	sim_spawn("first", complete, completers[0], 1);
	sim_spawn("second", complete, completers[1], 1);
	sim_spawn("reader", read_two, 0, 1);
}

const struct sim_scenario full_ring = {
	.name = "kernel/full-ring",
	.title = "a completer waits for room, and the reader makes it",
	.begin = begin_full,
	.outcome = outcome,
};

static struct ring_state *promises;

/* As a watcher takes a call, and as its completion ends that. */
static void take(void *argument)
{
	struct task *task = argument;

	if (!ring_reserve(promises, (u64)ring, 1))
		return;
	complete(task);
	ring_completed(promises);
	seen[task == completers[1]] = STATUS;
}

/* The kernel side is not told that a ring is made anew: what it knows is of the one before. */
static void begin_anew(void)
{
	begin_with(1, OVERFLOW_RESERVE);
	promises = ring_state_find(completers[0]->ctx, (u64)ring);
	SIM_CHECK(ring_reserve(promises, (u64)ring, 1));
	ring_completed(promises);
	sim_spawn("first", take, completers[0], 1);
	sim_spawn("second", take, completers[1], 1);
}

const struct sim_scenario made_anew = {
	.name = "kernel/ring-made-anew",
	.title = "two calls, and room for one, in memory that was such a ring before",
	.begin = begin_anew,
	.outcome = outcome,
};

static void read_one(void *unused)
{
	struct syslet_completion comp;

	(void)unused;
	while (!sim_reap(ring, &comp))
		sim_rest();
	SIM_CHECK(comp.caller_data == STATUS && "the completion before the head");
	seen[0] = (u32)comp.status;
}

static void begin_reader(void)
{
	begin_with(ELEMENTS, OVERFLOW_RESERVE);
	sim_spawn("completer", complete, completers[0], 1);
	sim_spawn("reader", read_one, 0, 1);
}

const struct sim_scenario reader_spins = {
	.name = "kernel/reader-spins",
	.title = "a reader that spins finds whole completions",
	.begin = begin_reader,
	.outcome = outcome,
};
