/* SPDX-License-Identifier: MIT */
/* sys_syslet_ring_wait: by itself, and hosted in a syslet. */
#include <pthread.h>

#include "kernel/kernel.h"
#include "kernel/jhash.h"
#include "syslet.h"

#define MS 1000000ull

/* lookup2 of three words, computed apart from our source. */
static void the_hash_is_that_of_2_6_24(void)
{
	static const struct {
		uint32_t word, hash;
	} known[] = {
		{0, 0xbd49d10d},		 {1, 0x2027e3ea},	  {2, 0x99a389b4},
		{255, 0x2aaa98bd},	 {256, 0xea34e7d7},	  {0xdeadbeef, 0xfa26b3ae},
		{0x7fffffff, 0x00aa5acc}, {0xffffffff, 0x6477d91b},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		CHECK_EQ(jhash_1word(known[i].word, 0), known[i].hash);
}

/* Two wait groups of one bucket. */
#define GROUP_A 1u
#define GROUP_B 403u

static void it_returns_when_the_head_differs(void)
{
	struct syslet_ring *ring = new_ring(8);

	attach(0);
	ring->kernel_head = 5;
	CHECK_EQ(syslet_ring_wait(ring, 4, 0), 0);
	CHECK_EQ(syslet_ring_wait(ring, 6, 0), 0);
	CHECK_EQ(syslet_ring_wait(ring, 5, 3 * MS), -ETIMEDOUT);
	ring->kernel_head = 0;
	CHECK_EQ(syslet_ring_wait(ring, 0xffffffff, 0), 0);
	detach();
	free_ring(ring, 8);
}

/* Row 7: an index above 2^32-1 is compared as u32; v7 never sleeps on one. */
static void row_07_the_index_is_a_u32(void)
{
	struct syslet_ring *ring = new_ring(8);

	attach(1);
	CHECK_EQ(syslet_ring_wait(ring, 1ull << 32, 3 * MS), 0);
	detach();
	attach(0);
	CHECK_EQ(syslet_ring_wait(ring, 1ull << 32, 3 * MS), -ETIMEDOUT);
	detach();
	free_ring(ring, 8);
}

/* A thread that waits for a ring, and how often it was woken. */
struct waiting {
	struct syslet_ring *ring;
	uint64_t timeout_ns;
	int v7;
	pthread_t thread;
	volatile int tid;
	long result;
};

static void *wait_in_thread(void *argument)
{
	struct waiting *waiting = argument;

	attach(waiting->v7);
	waiting->tid = os_thread();
	waiting->result = syslet_ring_wait(waiting->ring, waiting->ring->user_tail,
					   waiting->timeout_ns);
	detach();
	return 0;
}

static long switches_of(int tid)
{
	char path[64], line[128];
	long switches = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	file = fopen(path, "r");
	CHECK(file != 0);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %ld", &switches);
	fclose(file);
	return switches;
}

static void start_waiting(struct waiting *waiting)
{
	uint64_t waiters = __atomic_load_n(&syslet_counters.ring_waiters, __ATOMIC_RELAXED);
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;

	CHECK_EQ(pthread_create(&waiting->thread, 0, wait_in_thread, waiting), 0);
	while (__atomic_load_n(&syslet_counters.ring_waiters, __ATOMIC_RELAXED) == waiters) {
		CHECK(t_now_ns() < end);
		t_sleep_ms(1);
	}
	while (!thread_is_asleep(waiting->tid)) { /* in the futex */
		CHECK(t_now_ns() < end);
		t_sleep_ms(1);
	}
	t_sleep_ms(5);
}

static void complete_into(struct syslet_ring *ring, struct pipe pipe)
{
	static char byte;

	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	write_byte(pipe, 'x');
}

static void a_completion_wakes_a_waiter(void)
{
	struct waiting waiting = {.ring = new_ring(8)};
	struct pipe pipe = new_pipe();

	start_waiting(&waiting);
	attach(0);
	complete_into(waiting.ring, pipe);
	pthread_join(waiting.thread, 0);
	CHECK_EQ(waiting.result, 0);
	detach();
	close_pipe(pipe);
	free_ring(waiting.ring, 8);
}

/* Until the waiter has gone back to sleep once more: on a busy machine that takes its time. */
static void await_switches(int tid, long number)
{
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;

	while (switches_of(tid) < number && t_now_ns() < end)
		t_sleep_ms(1);
}

/* Row 9: rings that share a bucket. How often the waiter of A was woken by B. */
static long wakes_by_a_colliding_ring(int v7)
{
	struct waiting waiting = {.ring = new_ring(8), .v7 = v7};
	struct syslet_ring *other = new_ring(64);
	struct pipe pipe = new_pipe();
	long before, wakes;
	int i;

	waiting.ring->wait_group = GROUP_A;
	other->wait_group = GROUP_B;
	start_waiting(&waiting);
	attach(v7);
	before = switches_of(waiting.tid);
	for (i = 0; i < 10; i++) {
		complete_into(other, pipe);
		reap(other);
		t_sleep_ms(2);
		if (v7)
			await_switches(waiting.tid, before + i + 1);
	}
	wakes = switches_of(waiting.tid) - before;
	complete_into(waiting.ring, pipe);
	pthread_join(waiting.thread, 0);
	CHECK_EQ(waiting.result, 0);
	detach();
	close_pipe(pipe);
	free_ring(waiting.ring, 8);
	free_ring(other, 64);
	return wakes;
}

static void row_09_only_waiters_of_the_ring_are_woken(void)
{
	CHECK(wakes_by_a_colliding_ring(1) >= 10);
	CHECK_EQ(wakes_by_a_colliding_ring(0), 0);
}

/* A signal is not a completion: the wait goes on, */
static void signals_do_not_end_a_wait(void)
{
	struct waiting waiting = {.ring = new_ring(8)};
	struct pipe pipe = new_pipe();
	struct syslet_facts facts;
	struct t_leaks before;
	int i;

	syslet_read_facts(&facts);
	before = t_leaks_now();
	start_waiting(&waiting);
	for (i = 0; i < 5; i++) {
		syscall(SYS_tgkill, getpid(), waiting.tid, facts.interrupt_signal);
		t_sleep_ms(2);
		CHECK_EQ(t_leaks_now().counters.contexts - before.counters.contexts, 1);
	}
	attach(0);
	complete_into(waiting.ring, pipe);
	pthread_join(waiting.thread, 0);
	CHECK_EQ(waiting.result, 0);
	detach();
	close_pipe(pipe);
	free_ring(waiting.ring, 8);
}

/* A thread that sends another one signals until it is told to end. */
struct signalling {
	int tid, signal, is_over;
};

static void *send_signals(void *argument)
{
	struct signalling *signalling = argument;

	while (!__atomic_load_n(&signalling->is_over, __ATOMIC_RELAXED)) {
		syscall(SYS_tgkill, getpid(), signalling->tid, signalling->signal);
		t_sleep_ms(1);
	}
	return 0;
}

/* and its limit still ends it. */
static void a_limit_ends_a_wait_among_signals(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct signalling signalling = {.tid = os_thread()};
	struct syslet_facts facts;
	pthread_t thread;

	syslet_read_facts(&facts);
	signalling.signal = facts.interrupt_signal;
	attach(0);
	CHECK_EQ(pthread_create(&thread, 0, send_signals, &signalling), 0);
	CHECK_EQ(syslet_ring_wait(ring, 0, 100 * MS), -ETIMEDOUT);
	__atomic_store_n(&signalling.is_over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, 0);
	detach();
	free_ring(ring, 8);
}

/* Row 18: a syslet of ring_wait is how a wait is hosted in a ring, under both. */
static void hosted(int v7, long nr)
{
	struct syslet_ring *ring = new_ring(8), *waited = new_ring(8);
	struct pipe pipe = new_pipe();
	struct syslet_completion completion;

	attach(v7);
	waited->kernel_head = 3;
	waited->user_tail = 3;
	CHECK_EQ(call_and_wait(ring, nr, (uint64_t)waited, 2, 0), 0);
	CHECK_EQ(call_and_wait(ring, nr, 8, 2, 0), -EFAULT);
	CHECK_EQ(submit(ring, 7, nr, (uint64_t)waited, 3, 0).pending, 1);
	complete_into(waited, pipe);
	completion = reap(ring);
	CHECK_EQ(completion.caller_data, 7);
	CHECK_EQ(completion.status, 0);
	CHECK_EQ(reap(waited).caller_data, 1);
	detach();
	close_pipe(pipe);
	free_ring(ring, 8);
	free_ring(waited, 8);
}

static void row_18_ring_wait_can_be_hosted(void)
{
	hosted(0, SYSLET_NR_RING_WAIT);
	hosted(1, SYSLET_NR_RING_WAIT);
	hosted(1, SYSLET_NR_V7_RING_WAIT);
}

static void detach_ends_a_hosted_wait(void)
{
	struct syslet_ring *ring = new_ring(8), *waited = new_ring(8);

	attach(0);
	CHECK_EQ(submit(ring, 7, SYSLET_NR_RING_WAIT, (uint64_t)waited, 0, 0).pending, 1);
	/* not for `ring`: the first wait that ends completes there, and would end that one too */
	CHECK_EQ(submit(ring, 8, SYSLET_NR_RING_WAIT, (uint64_t)waited, 0, 0).pending, 1);
	CHECK_EQ(detach(), 2);
	CHECK_EQ(ring->kernel_head, 2);
	CHECK_EQ((long)ring->comp[0].status <= 0, 1);
	free_ring(ring, 8);
	free_ring(waited, 8);
}

/* Waiters and completers at once: no wake is lost. */
#define ROUNDS 3000
#define SHORT_NS 5000
#define LONG_NS 100000000

static void *reap_rounds(void *argument)
{
	struct syslet_ring *ring = argument;
	unsigned i;

	attach(0);
	for (i = 0; i < ROUNDS; i++) {
		while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == ring->user_tail)
			if (syslet_ring_wait(ring, ring->user_tail, 5000 * MS))
				T_FAIL("a wait of 5 s ended without a completion: round %u", i);
		__atomic_store_n(&ring->user_tail, ring->user_tail + 1, __ATOMIC_RELEASE);
	}
	detach();
	return 0;
}

static void wait_against_complete(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec some = {0, SHORT_NS};
	pthread_t thread;
	int handed = 0;

	CHECK_EQ(pthread_create(&thread, 0, reap_rounds, ring), 0);
	attach(0);
	while (handed < ROUNDS) { /* -EAGAIN while the ring is full */
		struct syslet_call_result result =
			submit(ring, 1, SYS_nanosleep, (uint64_t)&some, 0, 0);

		handed += result.pending != 0;
		if (result.pending)
			some.tv_nsec = SHORT_NS;
		else if (!result.value && some.tv_nsec < LONG_NS)
			some.tv_nsec *= 2; /* nobody saw it sleep, as on a busy machine */
	}
	pthread_join(thread, 0);
	CHECK_EQ(ring->kernel_head, ROUNDS);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	the_hash_is_that_of_2_6_24();
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(it_returns_when_the_head_differs);
	RUN(row_07_the_index_is_a_u32);
	RUN(a_completion_wakes_a_waiter);
	RUN(row_09_only_waiters_of_the_ring_are_woken);
	RUN(signals_do_not_end_a_wait);
	RUN(a_limit_ends_a_wait_among_signals);
	RUN(row_18_ring_wait_can_be_hosted);
	RUN(detach_ends_a_hosted_wait);
	RUN(wait_against_complete);
	return 0;
}
