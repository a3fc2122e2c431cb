/* SPDX-License-Identifier: MIT */
/*
 * A second host: fake tasks on ordinary memory and ordinary stacks, so that a test
 * drives the functions of native/kernel by hand and no call reaches the real kernel.
 *
 * A thread that would sleep as a waiting child does not exist here. Where the kernel
 * side would put it to sleep (watch, park) the host jumps back to the test, and the
 * task is "a waiting child" in the state that it then has. The test makes it go on:
 * fake_block() is what a watcher does when it has seen its carrier blocked.
 */
#ifndef SYSLETS_TEST_FAKE_HOST_H
#define SYSLETS_TEST_FAKE_HOST_H

#include <linux/futex.h>
#include <setjmp.h>
#include <sys/syscall.h>

#include "kernel/kernel.h"
#include "t.h"

static struct {
	long (*call)(const struct indirect_registers *regs, struct task *cur);
	void (*at)(struct task *cur, enum yield_point point);
	int (*wait)(void); /* instead of a sleep that is no task's: what park returns */
	long start_error; /* of the next tasks to be started */
	int unfit;	  /* may_carry and may_return say no */
	unsigned tasks, parks, wakes;
	jmp_buf *sleeps; /* where a task goes that would sleep; 0: the thread really sleeps */
	jmp_buf *exits;
} fake;

static long fake_call(const struct indirect_registers *regs, struct task *cur)
{
	return fake.call ? fake.call(regs, cur) : 0;
}

static int fake_park(u32 *word, u32 expected, u64 timeout_ns)
{
	struct timespec limit = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};

	__atomic_add_fetch(&fake.parks, 1, __ATOMIC_RELAXED);
	if (fake.sleeps)
		longjmp(*fake.sleeps, 1);
	if (fake.wait)
		return fake.wait();
	if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns ? &limit : 0) < 0 &&
	    errno != EAGAIN)
		return -errno;
	return 0;
}

static void fake_wake(u32 *word, u32 number)
{
	__atomic_add_fetch(&fake.wakes, 1, __ATOMIC_RELAXED);
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, number);
}

static void fake_wait_for_end(struct task *task, u32 alive, u64 timeout_ns)
{
	fake_park(&task->alive, alive, timeout_ns);
}

static struct task *fake_alloc_task(struct context *ctx)
{
	struct task *task = aligned_alloc(64, (sizeof(*task) + 63) / 64 * 64);

	__atomic_add_fetch(&fake.tasks, 1, __ATOMIC_RELAXED);
	syslet_init(task, ctx);
	return task;
}

static void fake_free_task(struct task *task)
{
	__atomic_sub_fetch(&fake.tasks, 1, __ATOMIC_RELAXED);
	free(task);
}

static void *fake_alloc_page(void)
{
	return aligned_alloc(64, CALL_PAGE);
}

static long fake_start_task(struct task *task)
{
	(void)task;
	return fake.start_error;
}

static void fake_task_born(struct task *task)
{
	(void)task;
}

static void fake_task_exit(struct task *task)
{
	__atomic_store_n(&task->alive, 0, __ATOMIC_RELEASE);
	if (fake.exits)
		longjmp(*fake.exits, 1);
}

static u64 fake_watch(struct task *task)
{
	if (fake.sleeps && __atomic_load_n(&task->order, __ATOMIC_ACQUIRE) == ORDER_WATCH)
		longjmp(*fake.sleeps, 1);
	return 0;
}

static void fake_unpark(struct task *watcher, struct task *carrier)
{
	(void)watcher, (void)carrier;
}

static int fake_may_carry(struct task *task, struct task *cur)
{
	(void)task, (void)cur;
	return !fake.unfit;
}

static int fake_may_go_on(struct task *task)
{
	(void)task;
	return 1;
}

static void fake_nudge(struct task *carrier)
{
	(void)carrier;
}

static void fake_unwatched(struct context *ctx)
{
	(void)ctx;
}

static void fake_carrying_begins(struct task *task)
{
	(void)task;
}

static int fake_carrying_begun(struct task *task)
{
	(void)task;
	return 1;
}

static int fake_may_return(struct task *task)
{
	(void)task;
	return !fake.unfit;
}

static void fake_credentials_changed(struct task *cur, u64 nr)
{
	(void)cur, (void)nr;
}

static void fake_nothing(struct task *task)
{
	(void)task;
}

static void fake_no_interrupt(void)
{
}

static u64 fake_switches(void)
{
	return 0;
}

static void fake_write_event(int fd)
{
	uint64_t one = 1;

	CHECK_EQ(write(fd, &one, sizeof(one)), sizeof(one));
}

static long fake_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return 0;
}

static long fake_claim_barrier(struct task *child, struct task *cur)
{
	(void)child, (void)cur;
	return fake_barrier();
}

static u64 fake_now(void)
{
	return t_now_ns();
}

static u64 fake_clock(u32 id)
{
	struct timespec time;

	CHECK(id != CLOCK_REALTIME); /* the date can be set at any time: no limit goes by it */
	clock_gettime((clockid_t)id, &time);
	return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

static void fake_yield_processor(void)
{
}

static void fake_yield_point(struct task *cur, enum yield_point point)
{
	if (fake.at)
		fake.at(cur, point);
}

static const struct host_ops fake_ops = {
	.call = fake_call,
	.park = fake_park,
	.wake = fake_wake,
	.wait_for_end = fake_wait_for_end,
	.barrier_everywhere = fake_barrier,
	.claim_barrier = fake_claim_barrier,
	.yield_processor = fake_yield_processor,
	.alloc_task = fake_alloc_task,
	.free_task = fake_free_task,
	.alloc_page = fake_alloc_page,
	.free_page = free,
	.start_task = fake_start_task,
	.task_born = fake_task_born,
	.task_exit = fake_task_exit,
	.watch = fake_watch,
	.unpark = fake_unpark,
	.may_carry = fake_may_carry,
	.may_go_on = fake_may_go_on,
	.nudge = fake_nudge,
	.unwatched = fake_unwatched,
	.guard = fake_unwatched,
	.carrying_begins = fake_carrying_begins,
	.carrying_begun = fake_carrying_begun,
	.may_return = fake_may_return,
	.credentials_changed = fake_credentials_changed,
	.task_parked = fake_nothing,
	.interrupt = fake_nothing,
	.take_interrupt = fake_no_interrupt,
	.voluntary_switches = fake_switches,
	.write_event = fake_write_event,
	.now = fake_now,
	.clock = fake_clock,
	.yield_point = fake_yield_point,
};

/* A context and its birth task, which carries. */
static T_UNUSED struct context *fake_attach(const struct policy *policy, enum overflow_policy overflow)
{
	struct context *ctx = aligned_alloc(64, (sizeof(*ctx) + 63) / 64 * 64);
	struct task *birth;

	memset(ctx, 0, sizeof(*ctx));
	birth = fake_alloc_task(ctx);
	context_init(ctx, birth, policy, &fake_ops, overflow);
	return ctx;
}

/* All tasks at once, whatever they were doing: they have no threads. */
static T_UNUSED void fake_detach(struct context *ctx)
{
	struct list_head *list;

	while (list = list_empty(&ctx->tasks) ? &ctx->retired : &ctx->tasks, !list_empty(list)) {
		struct task *task = container_of(list->next, struct task, all);

		if (!list_empty(&task->pool))
			remove_idle(task);
		if (task->handed)
			uncount(tasks_away);
		list_del_init(&task->all);
		fake_free_task(task);
	}
	ring_state_drop(ctx);
	free_calls(ctx);
	free(ctx);
	CHECK_EQ(fake.tasks, 0);
}

/* The child that was told to return runs: v7 takes it off its list only now (row 12). */
static T_UNUSED void fake_child_runs(struct task *child)
{
	uintptr_t slot = (uintptr_t)child;

	cmpxchg_bool(&child->ctx->watcher, slot, (uintptr_t)0);
	child->order = ORDER_IDLE;
}

/*
 * What a watcher does that has seen the carrier blocked: the context goes to it.
 * The new carrier, or 0 if nothing was handed over.
 */
static T_UNUSED struct task *fake_block(struct task *cur)
{
	struct task *child = syslet_schedule(cur, cur->word);

	if (child)
		fake_child_runs(child);
	return child;
}

/* The frame's function is park: the task waits again, as watcher or in the pool. */
static T_UNUSED void fake_park_task(struct task *task)
{
	jmp_buf here, *before = fake.sleeps;

	if (!setjmp(here)) {
		fake.sleeps = &here;
		sys_park(task);
		T_FAIL("park returned though nobody told the task to carry");
	}
	fake.sleeps = before;
}

#endif
