/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, wait queues, the ring's state and completion by many threads, with a test's
 * host and no context that moves: so ThreadSanitizer can follow. For every architecture
 * that has syslets; the ring's memory is reached by the kernel's own access functions.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "fake-host.h"
#include "kernel/ring-state.h"

#if !SYSLETS_ARCH_HAS_SYSLETS
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	long value = syscall(nr, a, b, c, d, e, f);

	return value < 0 ? -errno : value;
}
#endif

#define THREADS 4
#define ROUNDS 20000

static void run_threads(void *(*body)(void *), void *argument)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, body, argument), 0);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], 0), 0);
}

static struct mutex mutex;
static uint64_t guarded[2];

static void *lock_and_count(void *unused)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&fake_ops, &mutex);
		guarded[0]++;
		guarded[1] += guarded[0] & 1;
		mutex_unlock(&fake_ops, &mutex);
	}
	return unused;
}

static void a_mutex_excludes(void)
{
	memset(guarded, 0, sizeof(guarded));
	run_threads(lock_and_count, 0);
	CHECK_EQ(guarded[0], THREADS * ROUNDS);
	CHECK_EQ(guarded[1], THREADS * ROUNDS / 2);
	CHECK_EQ(mutex.word, 0);
}

/* A queue of two rings: a ball goes round, each thread waits for its turn. */
static struct wait_queue queue;
static u32 turn;

static void *wait_for_turn(void *argument)
{
	u32 mine = __atomic_fetch_add((u32 *)argument, 1, __ATOMIC_RELAXED);
	int i;

	for (i = 0; i < ROUNDS / 20; i++) {
		struct waiter waiter = {.ring = mine};

		for (;;) {
			prepare_to_wait(&fake_ops, &queue, &waiter);
			if (smp_load_acquire(&turn) % THREADS == mine)
				break;
			CHECK(fake_park(&waiter.woken, 0, 10000000000ull) != -ETIMEDOUT);
			finish_wait(&fake_ops, &queue, &waiter);
		}
		finish_wait(&fake_ops, &queue, &waiter);
		atomic_add_return(&turn, 1);
		wake_up_ring(&fake_ops, &queue, (mine + 1) % THREADS, 0);
	}
	return argument;
}

static void a_wait_queue_loses_no_wake_up(void)
{
	u32 next = 0;

	turn = 0;
	wait_queue_init(&queue);
	run_threads(wait_for_turn, &next);
	CHECK_EQ(turn, THREADS * (ROUNDS / 20));
	CHECK(list_empty(&queue.waiters));
}

/* Everyone of a bucket with v7, only those of the ring with the default. */
static void wake_up_picks_by_ring(void)
{
	struct waiter a = {.ring = 1}, b = {.ring = 2}, c = {.ring = 1};

	wait_queue_init(&queue);
	prepare_to_wait(&fake_ops, &queue, &a);
	prepare_to_wait(&fake_ops, &queue, &b);
	prepare_to_wait(&fake_ops, &queue, &c);
	wake_up_ring(&fake_ops, &queue, 1, 0);
	CHECK_EQ(a.woken, 1);
	CHECK_EQ(b.woken, 0);
	CHECK_EQ(c.woken, 1);
	wake_up_ring(&fake_ops, &queue, 1, 1);
	CHECK_EQ(b.woken, 1);
	finish_wait(&fake_ops, &queue, &a);
	finish_wait(&fake_ops, &queue, &b);
	finish_wait(&fake_ops, &queue, &c);
	CHECK(list_empty(&queue.waiters));
}

#define ELEMENTS 8u

static struct ring_memory {
	struct syslet_ring header;
	struct syslet_completion slots[ELEMENTS];
} __attribute__((aligned(64))) ring;

static u32 load_user(u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* A task that completes calls of which the watcher has promised that they fit. */
static void *complete_many(void *argument)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	struct ring_state *state = ring_state_of(ctx, (u64)&ring);
	struct task *task = ctx->carrier;
	u32 thread = __atomic_fetch_add((u32 *)argument, 1, __ATOMIC_RELAXED);
	u32 i;

	CHECK(state != 0);
	for (i = 0; i < ROUNDS / 4; i++) {
		while (!ring_reserve(state, (u64)&ring, ELEMENTS))
			sched_yield();
		task->own.indirect_params.syslet.completion_ring_ptr = (u64)&ring;
		task->own.indirect_params.syslet.caller_data = (u64)thread << 32 | i;
		task->own.elements = ELEMENTS;
		CHECK_EQ(syslet_store_completion(task, (long)i), 0);
		ring_completed(state);
	}
	ring_state_drop(ctx);
	fake_free_task(task);
	free(ctx);
	return argument;
}

/* Each comes once, in its thread's order, and none is ever overwritten. */
static void *reap_all(void *unused)
{
	u32 next[THREADS] = {0}, tail = 0;

	while (tail != THREADS * (ROUNDS / 4)) {
		u32 head = load_user(&ring.header.kernel_head);

		CHECK(head - tail <= ELEMENTS);
		for (; tail != head; tail++) {
			struct syslet_completion comp = ring.slots[tail % ELEMENTS];
			u32 thread = (u32)(comp.caller_data >> 32);

			CHECK(thread < THREADS);
			CHECK_EQ((u32)comp.caller_data, next[thread]);
			CHECK_EQ(comp.status, next[thread]);
			next[thread]++;
		}
		__atomic_store_n(&ring.header.user_tail, tail, __ATOMIC_RELEASE);
		sched_yield();
	}
	return unused;
}

static void many_complete_into_one_ring(void)
{
	struct t_leaks before = t_leaks_now();
	pthread_t reaper;
	u32 next = 0;

	memset(&ring, 0, sizeof(ring));
	ring.header.elements = ELEMENTS;
	CHECK_EQ(pthread_create(&reaper, 0, reap_all, 0), 0);
	run_threads(complete_many, &next);
	CHECK_EQ(pthread_join(reaper, 0), 0);
	CHECK_EQ(ring.header.kernel_head, THREADS * (ROUNDS / 4));
	CHECK_EQ(GREW(before, overflows), 0);
}

/* What is reserved and given back leaves nothing behind, whatever else is in flight. */
static void reservations_are_given_back(void)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	struct ring_state *state = ring_state_of(ctx, (u64)&ring);
	unsigned i;

	memset(&ring, 0, sizeof(ring));
	ring.header.elements = ELEMENTS;
	for (i = 0; i < ELEMENTS; i++)
		CHECK(ring_reserve(state, (u64)&ring, ELEMENTS));
	CHECK(!ring_reserve(state, (u64)&ring, ELEMENTS));
	ring_unreserve(state);
	CHECK(ring_reserve(state, (u64)&ring, ELEMENTS));
	for (i = 0; i < ELEMENTS; i++)
		ring_unreserve(state);
	CHECK(ring_has_room(state, 0, 0, 1));
	ring.header.kernel_head = ring.header.user_tail = 0xfffffffe;
	for (i = 0; i < ELEMENTS; i++)
		CHECK(ring_reserve(state, (u64)&ring, ELEMENTS));
	CHECK(!ring_has_room(state, ring.header.kernel_head, ring.header.user_tail, ELEMENTS));
	for (i = 0; i < ELEMENTS; i++)
		ring_unreserve(state);
	fake_detach(ctx);
}

/* More rings than the table has entries: then nothing is reserved, and nothing breaks. */
static void more_rings_than_entries(void)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	struct ring_state *state, *first = 0;
	u64 address;

	for (address = 64; address < 64 * 6000; address += 64) {
		state = ring_state_of(ctx, address);
		CHECK(state != 0); /* the context remembers one at a time */
		first = first ? first : state;
		CHECK(ring_state_of(ctx, address) == state);
	}
	fake_detach(ctx);
}

int main(void)
{
	syslet_rings_init();
	RUN(a_mutex_excludes);
	RUN(a_wait_queue_loses_no_wake_up);
	RUN(wake_up_picks_by_ring);
	RUN(reservations_are_given_back);
	RUN(many_complete_into_one_ring);
	RUN(more_rings_than_entries);
	return 0;
}
