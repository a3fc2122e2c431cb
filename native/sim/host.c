/* SPDX-License-Identifier: MIT */
/*
 * host_ops under controlled schedules.
 *
 * What the real host and its watchers do at some moment or other, this one may do at any:
 * a watcher notices a call as soon as it has begun or never, a call returns at any
 * instruction, a sleep with a limit ends when the explorer says so.
 */
#include "sim/host.h"

#include <asm/unistd.h>

#define MAX_TASKS 8

static struct task *pool; /* MAX_TASKS of them, in memory that the explorer sees */
static u32 *pool_used;

/* The host's own words of a task. */
struct sim_task {
	u64 tried; /* the call that it tried to take over last */
};

static struct sim_task *sim_of(struct task *task)
{
	return (struct sim_task *)&task->host[0];
}

static int word_is_set(void *argument)
{
	return *(volatile u32 *)argument != 0;
}

static long host_call(const struct indirect_registers *regs, struct task *cur)
{
	const u64 *reg = (const u64 *)regs;
	u32 *word = (u32 *)reg[1];

	(void)cur;
	switch (reg[0]) {
	case SIM_NR_QUICK:
		return (long)reg[1];
	case SIM_NR_BLOCK:
		return sim_block(0, 0, (long)reg[1]);
	case SIM_NR_WAIT:
		sim_reads(word, sizeof(*word));
		if (sim_block(word_is_set, word, 0) < 0)
			return -E_INTR;
		return (long)READ_ONCE(*word);
	default:
		return -E_NOSYS;
	}
}

static int host_park(u32 *word, u32 expected, u64 timeout_ns)
{
	return sim_park(word, expected, timeout_ns != 0);
}

static long barrier_everywhere(void)
{
	sim_barrier_everywhere();
	return 0;
}

/*
 * As perf_still_off: a carrier that is still off its processor after our barrier will pass
 * one of its own before it reads the claim.
 */
static long claim_barrier(struct task *child, struct task *cur)
{
	(void)child;
	smp_mb();
	if (!sim_is_blocked(READ_ONCE(cur->tid)))
		sim_barrier_everywhere();
	return 0;
}

/* The lowest free one: which it is does not depend on the way. */
static struct task *alloc_task(struct context *ctx)
{
	u32 i;

	for (i = 0; i < MAX_TASKS; i++)
		if (cmpxchg_bool(&pool_used[i], 0u, 1u)) {
			syslet_init(&pool[i], ctx);
			return &pool[i];
		}
	return 0;
}

static void free_task(struct task *task)
{
	SIM_CHECK(!READ_ONCE(task->alive));
	smp_store_release(&pool_used[task - pool], 0u);
}

void sim_run_user(struct task *task, struct syslet_result result);

static void thread_begins(void *argument)
{
	struct task *task = argument;
	long value = syslet_thread(task);

	sim_run_user(task, (struct syslet_result){value, HOW_PENDING});
}

static const char *const thread_names[] = {"task 1", "task 2", "task 3", "task 4", "task 5", "task 6"};

static long start_task(struct task *task)
{
	task->tid = sim_start(thread_begins, task, thread_names[(task->index - 1) % 6]);
	return 0;
}

static void task_born(struct task *task)
{
	WRITE_ONCE(task->tid, sim_gettid());
}

static void task_exit(struct task *task)
{
	sim_exit(&task->alive);
}

struct sight {
	struct task *watcher;
	struct context *ctx;
};

/* A call that was not tried yet, or an order: read without steps, as a watcher that sleeps. */
static int has_something(void *argument)
{
	struct sight *sight = argument;
	u64 word = *(volatile u64 *)&sight->ctx->carrier->word;

	if (*(volatile u32 *)&sight->watcher->order != ORDER_WATCH)
		return 1;
	return word_state(word) == WORD_IN_CALL && word != *(volatile u64 *)&sim_of(sight->watcher)->tried;
}

static u64 host_watch(struct task *self)
{
	struct sight sight = {self, self->ctx};
	u64 word;

	for (;;) {
		sim_reads(&self->ctx->carrier, sizeof(void *));
		sim_reads(&self->order, sizeof(self->order));
		sim_reads(&READ_ONCE(self->ctx->carrier)->word, sizeof(u64));
		sim_until(has_something, &sight);
		if (smp_load_acquire(&self->order) != ORDER_WATCH)
			return 0;
		word = smp_load_acquire(&READ_ONCE(self->ctx->carrier)->word);
		if (word_state(word) == WORD_IN_CALL && word != sim_of(self)->tried) {
			sim_of(self)->tried = word;
			return word;
		}
	}
}

/* Nobody parks his watch here yet; the slot's mark is never set. */
static void unpark(struct task *watcher, struct task *carrier)
{
	(void)watcher, (void)carrier;
}

static int may_carry(struct task *task, struct task *cur)
{
	(void)task, (void)cur;
	return FIT;
}

static int may_go_on(struct task *task)
{
	(void)task;
	return FIT;
}

static int yes(struct task *task)
{
	(void)task;
	return 1;
}

/* Every task is fit here, so nobody has to be made while the carrier is blocked. */
static void nudge(struct task *carrier)
{
	(void)carrier;
	sim_fail("a carrier was nudged");
}

static void unwatched(struct context *ctx)
{
	(void)ctx;
	sim_fail("a call began unwatched");
}

static void wait_for_end(struct task *task, u32 alive, u64 timeout_ns)
{
	sim_park(&task->alive, alive, timeout_ns != 0);
}

static void nothing(struct task *task)
{
	(void)task;
}

static void credentials_changed(struct task *cur, u64 nr)
{
	(void)cur, (void)nr;
}

static void interrupt(struct task *task)
{
	sim_signal(READ_ONCE(task->tid));
}

static void take_interrupt(void)
{
}

static u64 voluntary_switches(void)
{
	return 0;
}

static void write_event(int fd)
{
	(void)fd;
}

/* Time stands still: what takes time is a choice of the explorer's. */
static u64 now(void)
{
	return 1000000000ull;
}

static u64 clock(u32 id)
{
	(void)id;
	return now();
}

const struct host_ops sim_host_ops = {
	.call = host_call,
	.park = host_park,
	.wake = sim_wake,
	.wait_for_end = wait_for_end,
	.barrier_everywhere = barrier_everywhere,
	.claim_barrier = claim_barrier,
	.yield_processor = sim_rest,
	.alloc_task = alloc_task,
	.free_task = free_task,
	.start_task = start_task,
	.task_born = task_born,
	.task_exit = task_exit,
	.watch = host_watch,
	.unpark = unpark,
	.may_carry = may_carry,
	.carrying_begins = nothing,
	.carrying_begun = yes,
	.may_go_on = may_go_on,
	.nudge = nudge,
	.unwatched = unwatched,
	.may_return = yes,
	.credentials_changed = credentials_changed,
	.task_parked = nothing,
	.interrupt = interrupt,
	.take_interrupt = take_interrupt,
	.voluntary_switches = voluntary_switches,
	.write_event = write_event,
	.now = now,
	.clock = clock,
};

void cpu_relax(void)
{
	sim_rest();
}

struct task *arch_task_of_thread(void)
{
	return 0;
}

#define FIELD(type, name) {#name, offsetof(struct type, name)}

static const struct sim_field task_fields[] = {
	FIELD(task, regs), FIELD(task, ctx), FIELD(task, tid), FIELD(task, alive), FIELD(task, state),
	FIELD(task, depth), FIELD(task, interrupt), FIELD(task, unfit), FIELD(task, parked),
	FIELD(task, word), FIELD(task, indirect_params), FIELD(task, elements),
	FIELD(task, wait_group), FIELD(task, ring_state), FIELD(task, claim), FIELD(task, handed),
	FIELD(task, blocked_at), FIELD(task, pin), FIELD(task, regs_dispatched), FIELD(task, slept),
	FIELD(task, call_id), FIELD(task, signalled_at), FIELD(task, order), FIELD(task, searching),
	FIELD(task, pool), FIELD(task, all), FIELD(task, host), {0, 0},
};

static const struct sim_field user_fields[] = {
	{"seq", offsetof(struct sim_user, ctx.seq)},
	{"ring_cached", offsetof(struct sim_user, ctx.ring_cached)},
	{"pending_task", offsetof(struct sim_user, ctx.pending_task)},
	{"pending_id", offsetof(struct sim_user, ctx.pending_id)},
	{"checked_ring", offsetof(struct sim_user, ctx.checked_ring)},
	{"watcher", offsetof(struct sim_user, ctx.watcher)},
	{"carrier", offsetof(struct sim_user, ctx.carrier)},
	{"birth", offsetof(struct sim_user, ctx.birth)},
	{"unpin", offsetof(struct sim_user, ctx.unpin)},
	{"away", offsetof(struct sim_user, ctx.away)},
	{"closing", offsetof(struct sim_user, ctx.closing)},
	{"lock", offsetof(struct sim_user, ctx.lock)},
	{"idle", offsetof(struct sim_user, ctx.idle)},
	{"dispatched", offsetof(struct sim_user, ctx.dispatched)},
	{"tasks", offsetof(struct sim_user, ctx.tasks)},
	{"retired", offsetof(struct sim_user, ctx.retired)},
	{"nr_tasks", offsetof(struct sim_user, ctx.nr_tasks)},
	{"nr_idle", offsetof(struct sim_user, ctx.nr_idle)},
	{"program", offsetof(struct sim_user, program)},
	FIELD(sim_user, carried), FIELD(sim_user, calls), FIELD(sim_user, ended), FIELD(sim_user, nr),
	FIELD(sim_user, value), FIELD(sim_user, spare), FIELD(sim_user, stack), {0, 0},
};

static const struct sim_field ring_fields[] = {
	{"kernel_head", 0}, {"user_tail", 4}, {"elements", 8}, {"wait_group", 12},
	{"comp[0]", 16}, {"comp[1]", 32}, {"comp[2]", 48}, {"comp[3]", 64}, {0, 0},
};

void sim_kernel_begins(void)
{
	u32 i;

	syslet_rings_init();
	refuse_init();
	pool = sim_alloc(MAX_TASKS * sizeof(*pool));
	pool_used = sim_alloc(MAX_TASKS * sizeof(*pool_used));
	sim_name(pool_used, MAX_TASKS * sizeof(*pool_used), 0, "host's pool");
	for (i = 0; i < MAX_TASKS; i++)
		sim_name(&pool[i], sizeof(*pool), task_fields, "task %u", i + 1);
}

struct sim_ring *sim_ring(const char *name, u32 elements, u32 wait_group)
{
	struct sim_ring *ring = sim_alloc(sizeof(*ring));

	ring->header.elements = elements;
	ring->header.wait_group = wait_group;
	sim_name(ring, sizeof(*ring), ring_fields, "%s", name);
	return ring;
}

static void run_birth(void *argument)
{
	struct task *task = argument;

	WRITE_ONCE(task->tid, sim_gettid());
	sim_run_user(task, (struct syslet_result){0, HOW_RETURNED});
}

static struct sim_user *new_user(const char *name, const struct policy *policy,
				 enum overflow_policy overflow)
{
	struct sim_user *user = sim_alloc(sizeof(*user));
	struct task *birth = sim_alloc(sizeof(*birth));

	syslet_init(birth, &user->ctx);
	context_init(&user->ctx, birth, policy, &sim_host_ops, overflow);
	sim_name(user, sizeof(*user), user_fields, "%s", name);
	sim_name(birth, sizeof(*birth), task_fields, "birth of %s", name);
	return user;
}

struct sim_user *sim_context(const char *name, sim_program program, const struct policy *policy,
			     enum overflow_policy overflow, struct sim_ring *ring)
{
	struct sim_user *user = new_user(name, policy, overflow);

	user->program = program;
	user->ring = ring;
	user->birth_tid = sim_spawn(name, run_birth, user->ctx.birth, 0);
	return user;
}

struct context *sim_plain_context(const char *name, const struct policy *policy,
				  enum overflow_policy overflow)
{
	return &new_user(name, policy, overflow)->ctx;
}

struct task *sim_plain_task(struct context *ctx)
{
	struct task *task = alloc_task(ctx);

	list_add_tail(&task->all, &ctx->tasks);
	return task;
}

int sim_reap(struct sim_ring *ring, struct syslet_completion *into)
{
	u32 tail = __atomic_load_n(&ring->header.user_tail, __ATOMIC_RELAXED);
	u32 head = __atomic_load_n(&ring->header.kernel_head, __ATOMIC_SEQ_CST);
	struct syslet_completion *slot = &ring->comp[tail & (ring->header.elements - 1)];

	if (head == tail)
		return 0;
	into->status = slot->status;
	into->caller_data = slot->caller_data;
	__atomic_store_n(&ring->header.user_tail, tail + 1, __ATOMIC_SEQ_CST);
	return 1;
}
