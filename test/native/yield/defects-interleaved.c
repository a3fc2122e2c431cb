/* SPDX-License-Identifier: MIT */
/*
 * Rows of the table of defects that are interleavings (3, 12, 13), through the yield
 * points of the second build: what "the other side" does happens at a named place.
 */
#include <pthread.h>

#include "fake-host.h"
#include "host/host.h"

#define GROUP_A 1u
#define GROUP_B 2u
#define MS 1000000ull

static struct ring_memory {
	struct syslet_ring header;
	struct syslet_completion slots[8];
} __attribute__((aligned(64))) memory;

static uint64_t stack[64];

static long call_that_blocks(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	return 1;
}

static struct context *begin(const struct policy *policy)
{
	memset(&memory, 0, sizeof(memory));
	memory.header.elements = 8;
	memory.header.wait_group = GROUP_A;
	fake.call = call_that_blocks;
	fake.at = 0;
	return fake_attach(policy, OVERFLOW_RESERVE);
}

/* One call that blocks and completes into the ring. */
static void complete_one(struct context *ctx)
{
	struct indirect_registers regs = {.NR = SYS_getpid};
	struct indirect_params_both params = {
		.syslet = {.ring_ptr = (uint64_t)&memory, .caller_data = 7,
			   .frame = {0x1234, (uint64_t)&stack[32]}}};

	CHECK_EQ(sys_indirect(&regs, &params, 32, 0, ctx->carrier).how, HOW_FRAME);
}

/* A thread that waits for the ring in a context of its own. */
struct waiter_thread {
	struct context *ctx;
	pthread_t thread;
	long result;
};

static void *wait_for_ring(void *argument)
{
	struct waiter_thread *waiter = argument;

	waiter->result = sys_syslet_ring_wait((uint64_t)&memory, 0, 150 * MS, waiter->ctx->carrier);
	return 0;
}

static volatile int asleep;

/* The waiter has looked at the head and goes to sleep next. */
static void tell_when_asleep(struct task *cur, enum yield_point point)
{
	(void)cur;
	if (point == YIELD_WAIT_BEFORE_SLEEP)
		__atomic_store_n(&asleep, 1, __ATOMIC_RELEASE);
}

static void start_waiter(struct waiter_thread *waiter, const struct policy *policy)
{
	waiter->ctx = fake_attach(policy, OVERFLOW_RESERVE);
	asleep = 0;
	CHECK_EQ(pthread_create(&waiter->thread, 0, wait_for_ring, waiter), 0);
	while (!__atomic_load_n(&asleep, __ATOMIC_ACQUIRE))
		t_sleep_ms(1);
	t_sleep_ms(2);
}

static long finish_waiter(struct waiter_thread *waiter)
{
	pthread_join(waiter->thread, 0);
	return waiter->result;
}

static enum yield_point change_at;
static int skip_points;

/* The program changes the ring's wait group while a completion is under way. */
static void change_group(struct task *cur, enum yield_point point)
{
	tell_when_asleep(cur, point);
	if (point == change_at && !skip_points--)
		memory.header.wait_group = GROUP_B;
}

/*
 * 3: wait_group is read twice, for the mutex and for the wait queue. v7's change comes
 * between the two reads, the default's right after its only one.
 */
static long wait_while_the_group_changes(const struct policy *policy)
{
	struct context *ctx = begin(policy);
	struct waiter_thread waiter;
	long result;

	/* v7 yields there once more, between its reads */
	change_at = policy->wait_group_read_twice ? YIELD_CALL_RETURNED : YIELD_POST_BEFORE_STORE;
	skip_points = policy->wait_group_read_twice ? 1 : 0;
	fake.at = change_group;
	start_waiter(&waiter, policy);
	complete_one(ctx);
	result = finish_waiter(&waiter);
	CHECK_EQ(memory.header.wait_group, GROUP_B);
	fake.at = 0;
	/* two contexts: the check of fake_detach is for the last one */
	while (!list_empty(&waiter.ctx->tasks)) {
		struct task *task = container_of(waiter.ctx->tasks.next, struct task, all);

		list_del_init(&task->all);
		fake_free_task(task);
	}
	free(waiter.ctx);
	fake_detach(ctx);
	return result;
}

static void row_03_wait_group_is_read_once(void)
{
	CHECK_EQ(wait_while_the_group_changes(&syslet_policy_v7), -ETIMEDOUT);
	CHECK_EQ(wait_while_the_group_changes(&syslet_policy_default), 0);
}

/*
 * 12: the child that was told to return stays on the list until it runs. A second
 * block before that (the original, whose frame's function made another syslet) picks
 * it again and overwrites the context that it was given.
 */
#define FIRST_IP 0xaaaaull
#define SECOND_IP 0xbbbbull

static const struct indirect_registers a_read = {.NR = SYS_read};
static int told;

static void count_told(struct task *cur, enum yield_point point)
{
	(void)cur;
	told += point == YIELD_SCHEDULE_TOLD;
}

static struct task *second_block_picks(const struct policy *policy, uint64_t *ip_of_child)
{
	struct context *ctx = begin(policy);
	struct task *cur = ctx->carrier, *child, *second;

	told = 0;
	fake.at = count_told;
	CHECK_EQ(ensure_watcher(cur), 0);
	cur->own.indirect_params.syslet.ring_ptr = (uint64_t)&memory;
	cur->own.indirect_params.syslet.frame.sp = (uint64_t)&stack[32];
	cur->regs.USER_IP = FIRST_IP;
	cur->own.regs = a_read;
	cur->word = WORD_SEQ_ONE | WORD_IN_CALL;
	child = syslet_schedule(cur, cur->word);
	CHECK(child != 0);
	CHECK_EQ(told, 1);
	/* the child has not run yet */
	cur->regs.USER_IP = SECOND_IP;
	cur->word = 2 * WORD_SEQ_ONE | WORD_IN_CALL;
	second = syslet_schedule(cur, cur->word);
	*ip_of_child = child->regs.USER_IP;
	CHECK(!second || second == child);
	fake.at = 0;
	cur->handed = 0;
	while (syslet_counters.tasks_away)
		uncount(tasks_away);
	fake_detach(ctx);
	return second;
}

static void row_12_a_told_child_is_taken_off_at_once(void)
{
	uint64_t ip;

	CHECK(second_block_picks(&syslet_policy_v7, &ip) != 0);
	CHECK_EQ(ip, SECOND_IP); /* the first context is lost */
	CHECK(second_block_picks(&syslet_policy_default, &ip) == 0);
	CHECK_EQ(ip, FIRST_IP);
}

/*
 * 13: the look at the wait queue may come before the head's store, where the machine
 * reorders: v7 has no full barrier between the two. Here the mutex's unlock is one,
 * on x86 by itself, so the lost wake-up cannot be seen for either; what can be shown
 * is that in every place where the two sides can meet the default loses none.
 */
static struct context *completer;
static enum yield_point complete_at;

static void complete_at_point(struct task *cur, enum yield_point point)
{
	if (cur->ctx == completer || point != complete_at)
		return;
	complete_at = YIELD_POINTS;
	complete_one(completer);
}

static long wait_that_meets_a_completion(const struct policy *policy, enum yield_point point)
{
	struct context *ctx = begin(policy);
	struct context *waiter = fake_attach(policy, OVERFLOW_RESERVE);
	long result;

	completer = ctx;
	complete_at = point;
	fake.at = complete_at_point;
	result = sys_syslet_ring_wait((uint64_t)&memory, 0, 50 * MS, waiter->carrier);
	fake.at = 0;
	fake_free_task(waiter->birth);
	free(waiter);
	fake_detach(ctx);
	return result;
}

static struct waiter_thread late_waiter;
static const struct policy *late_policy;

static void start_waiter_at_point(struct task *cur, enum yield_point point)
{
	tell_when_asleep(cur, point);
	if (cur->ctx != completer || point != complete_at)
		return;
	complete_at = YIELD_POINTS;
	late_waiter.ctx = fake_attach(late_policy, OVERFLOW_RESERVE);
	asleep = 0;
	CHECK_EQ(pthread_create(&late_waiter.thread, 0, wait_for_ring, &late_waiter), 0);
	/* until it sleeps, or has seen the head and is through */
	for (int i = 0; i < 10 && !__atomic_load_n(&asleep, __ATOMIC_ACQUIRE); i++)
		t_sleep_ms(1);
}

static long completion_that_meets_a_waiter(const struct policy *policy, enum yield_point point)
{
	struct context *ctx = begin(policy);
	long result;

	completer = ctx;
	complete_at = point;
	late_policy = policy;
	fake.at = start_waiter_at_point;
	complete_one(ctx);
	result = finish_waiter(&late_waiter);
	fake.at = 0;
	fake_free_task(late_waiter.ctx->birth);
	free(late_waiter.ctx);
	fake_detach(ctx);
	return result;
}

static void row_13_no_wake_up_is_lost(void)
{
	static const enum yield_point of_waiter[] = {YIELD_WAIT_QUEUED, YIELD_WAIT_BEFORE_SLEEP};
	static const enum yield_point of_completer[] = {
		YIELD_CALL_RETURNED, YIELD_POST_BEFORE_STORE, YIELD_POST_BEFORE_HEAD,
		YIELD_POST_BEFORE_WAKE};
	const struct policy *policies[] = {&syslet_policy_v7, &syslet_policy_default};
	unsigned i, j;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++)
			CHECK_EQ(wait_that_meets_a_completion(policies[i], of_waiter[j]), 0);
		for (j = 0; j < 4; j++)
			CHECK_EQ(completion_that_meets_a_waiter(policies[i], of_completer[j]), 0);
	}
	CHECK_EQ(syslet_policy_v7.wake_without_barrier, 1);
	CHECK_EQ(syslet_policy_default.wake_without_barrier, 0);
}

int main(void)
{
	host_init(0, GLIBC_SIGNALS);
	RUN(row_03_wait_group_is_read_once);
	RUN(row_12_a_told_child_is_taken_off_at_once);
	RUN(row_13_no_wake_up_is_lost);
	return 0;
}
