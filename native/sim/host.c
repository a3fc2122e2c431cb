/* SPDX-License-Identifier: MIT */
/*
 * host_ops under controlled schedules.
 *
 * What the real host and its watchers do at some moment or other, this one may do at any:
 * a watcher notices a call as soon as it has begun or never, a call returns at any
 * instruction, a sleep with a limit ends when the explorer says so.
 */
#include "host/host.h"
#include "sim/host.h"

#include <asm/unistd.h>

#define MAX_TASKS 8

static struct task *pool; /* MAX_TASKS of them, in memory that the explorer sees */
static u32 *pool_used;

#define MAX_PAGES 2

static char *pages; /* MAX_PAGES of them, for records of calls */
static u32 *pages_used;

/* It has not its context's credentials, and never gets them. */
static u32 *is_behind(struct task *task)
{
	return &host_of(task)->caps[0];
}

static int word_is_set(void *argument)
{
	return *(volatile u32 *)argument != 0;
}

/* Handlers of ours run on the task meanwhile, and leave their mark if they end the call. */
static long sleep_in_call(struct task *cur, int (*holds)(void *), void *argument, long value)
{
	long ret;

	while ((ret = sim_block(holds, argument, value)) == SIM_NUDGED)
		on_nudge(cur, 0);
	if (ret == -E_INTR)
		WRITE_ONCE(cur->signalled, 1);
	return ret;
}

static long host_call(const struct indirect_registers *regs, struct task *cur)
{
	const u64 *reg = (const u64 *)regs;
	u32 *word = (u32 *)reg[1];
	long ret;

	switch (reg[0]) {
	case SIM_NR_QUICK:
		return (long)reg[1];
	case SIM_NR_BLOCK:
		return sleep_in_call(cur, 0, 0, (long)reg[1]);
	case SIM_NR_WAIT:
		sim_reads(word, sizeof(*word));
		ret = sleep_in_call(cur, word_is_set, word, 0);
		return ret < 0 ? ret : (long)READ_ONCE(*word);
	default:
		return -E_NOSYS;
	}
}

int host_park(u32 *word, u32 expected, u64 timeout_ns)
{
	return sim_park(word, expected, timeout_ns != 0);
}

void host_wake(u32 *word, u32 count)
{
	sim_wake(word, count);
}

/* What the sources of native/host and native/watch that are compiled here call. */
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	(void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
	if (nr != __NR_nanosleep)
		return -E_NOSYS;
	sim_block(0, 0, 0);
	return 0;
}

long signal_thread(u32 tid, int signal)
{
	if (signal == SIG_PROF)
		sim_nudge(tid);
	return 0;
}

int arch_in_host_call(const struct task *task, const void *ucontext)
{
	(void)task, (void)ucontext;
	return 1;
}

void identity_write(struct task *task)
{
	(void)task;
}

static long barrier_everywhere(void)
{
	sim_barrier_everywhere();
	return 0;
}

/* As watch_claim_barrier. */
static long claim_barrier(struct task *child, struct task *cur)
{
	return perf_still_off(child, cur) ? 0 : barrier_everywhere();
}

/* The lowest free one: which it is does not depend on the way. */
static struct task *alloc_task(struct context *ctx)
{
	u32 i;

	if (sim_happens(SIM_NO_MEMORY))
		return 0;
	for (i = 0; i < MAX_TASKS; i++)
		if (cmpxchg_bool(&pool_used[i], 0u, 1u)) {
			syslet_init(&pool[i], ctx);
			watch_init_task(&pool[i]);
			return &pool[i];
		}
	return 0;
}

static void free_task(struct task *task)
{
	SIM_CHECK(!READ_ONCE(task->alive));
	smp_store_release(&pool_used[task - pool], 0u);
}

static void *alloc_page(void)
{
	u32 i;

	for (i = 0; i < MAX_PAGES; i++)
		if (cmpxchg_bool(&pages_used[i], 0u, 1u))
			return pages + i * CALL_PAGE;
	return 0;
}

static void free_page(void *page)
{
	smp_store_release(&pages_used[((char *)page - pages) / CALL_PAGE], 0u);
}

static void thread_begins(void *argument)
{
	struct task *task = argument;
	long value = syslet_thread(task);

	sim_run_user(task, (struct syslet_result){value, HOW_PENDING});
}

static const char *const thread_names[] = {"task 1", "task 2", "task 3", "task 4", "task 5", "task 6"};

static long start_task(struct task *task)
{
	int renews = READ_ONCE(task->ctx->renewal) == RENEWAL_BUSY;

	if (sim_happens(renews ? SIM_NO_SUCCESSOR : SIM_NO_THREAD)) {
		WRITE_ONCE(task->alive, 0);
		return -E_AGAIN;
	}
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

/* Credentials and attributes of the machine's threads are not here: only what they decide. */
static int fitness_of(struct task *task)
{
	if (sim_happens(SIM_FIT_LATER))
		return FIT_LATER;
	if (sim_happens(SIM_UNSETTLED))
		return FIT_ONCE_SETTLED;
	if (!*is_behind(task) && sim_happens(SIM_UNFIT))
		*is_behind(task) = 1;
	return *is_behind(task) ? UNFIT : FIT;
}

static int may_carry(struct task *task, struct task *cur)
{
	int fitness = fitness_of(task);

	(void)cur;
	if (fitness == FIT && sim_happens(SIM_ATTRIBUTES))
		fitness = FIT_BUT_FOR_ATTRIBUTES;
	return fitness;
}

static int may_go_on(struct task *task)
{
	return fitness_of(task);
}

static int may_return(struct task *task)
{
	(void)task;
	return !sim_happens(SIM_NO_FRAME);
}

static int yes(struct task *task)
{
	(void)task;
	return 1;
}

static void wait_for_end(struct task *task, u32 alive, u64 timeout_ns)
{
	sim_park(&task->alive, alive, timeout_ns != 0);
}

/* Its watchers do not park. */
static void unpark(struct task *watcher, struct task *carrier)
{
	(void)watcher, (void)carrier;
}

static void nothing(struct task *task)
{
	(void)task;
}

static void no_credentials_changed(struct task *cur, u64 nr)
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

/* Time stands still, but for the seconds that a scenario lets pass. */
static u64 now(void)
{
	return 1000000000ull * (1 + sim_seconds());
}

static u64 clock(u32 id)
{
	(void)id;
	return now();
}

#define OPS_OF_BOTH                                                                                \
	.call = host_call, .park = host_park, .wake = host_wake, .wait_for_end = wait_for_end,     \
	.barrier_everywhere = barrier_everywhere, .yield_processor = sim_rest,                     \
	.free_task = free_task, .alloc_page = alloc_page, .free_page = free_page,                  \
	.start_task = start_task,                                                                  \
	.may_carry = may_carry, .carrying_begins = nothing, .carrying_begun = yes,                 \
	.may_go_on = may_go_on, .nudge = nudge, .unwatched = call_for_guardian,                    \
	.guard = guard_watcher,                                                                            \
	.may_return = may_return, .credentials_changed = no_credentials_changed,                     \
	.interrupt = interrupt, .take_interrupt = take_interrupt,                                  \
	.voluntary_switches = voluntary_switches, .write_event = write_event, .now = now,          \
	.clock = clock, .alloc_task = alloc_task

/* A watcher that does nothing but look. */
const struct host_ops sim_host_ops = {
	OPS_OF_BOTH,
	.claim_barrier = claim_barrier,
	.task_born = task_born,
	.task_exit = task_exit,
	.watch = sim_watch,
	.unpark = unpark,
	.task_parked = nothing,
};

static void watching_task_born(struct task *task)
{
	task_born(task);
	watch_task_born(task);
}

static void watching_task_exit(struct task *task)
{
	watch_task_gone(task);
	task_exit(task);
}

/* With the real watch: watchers park, events are opened and closed. */
const struct host_ops sim_watch_ops = {
	OPS_OF_BOTH,
	.claim_barrier = watch_claim_barrier,
	.task_born = watching_task_born,
	.task_exit = watching_task_exit,
	.watch = watch,
	.unpark = watch_unpark,
	.task_parked = watch_task_parked,
};

void cpu_relax(void)
{
	sim_rest();
}

struct task *arch_task_of_thread(void)
{
	return 0;
}

void sim_pool_begins(void)
{
	u32 i;

	pool = sim_alloc(MAX_TASKS * sizeof(*pool));
	pool_used = sim_alloc(MAX_TASKS * sizeof(*pool_used));
	sim_name(pool_used, MAX_TASKS * sizeof(*pool_used), 0, "host's pool");
	pages = sim_alloc(MAX_PAGES * CALL_PAGE);
	pages_used = sim_alloc(MAX_PAGES * sizeof(*pages_used));
	sim_name(pages, MAX_PAGES * CALL_PAGE, 0, "calls");
	sim_name(pages_used, MAX_PAGES * sizeof(*pages_used), 0, "host's pages");
	for (i = 0; i < MAX_TASKS; i++)
		sim_name_task(&pool[i], i + 1);
}

struct task *sim_plain_task(struct context *ctx)
{
	struct task *task = alloc_task(ctx);

	list_add_tail(&task->all, &ctx->tasks);
	return task;
}
