/* SPDX-License-Identifier: MIT */
/* More completions than a ring has elements (row 4): reserve, block and v7, exact and counted. */
#include <pthread.h>
#include <sys/prctl.h>

#include "syslet.h"

static struct pipe pipe_of;
static char byte;

static struct syslet_call_result submit_read(struct syslet_ring *ring, uint64_t data)
{
	return submit(ring, data, SYS_read, (uint64_t)pipe_of.read_end, (uint64_t)&byte, 1);
}

static void finish(unsigned reads)
{
	while (reads--)
		write_byte(pipe_of, 'x');
}

static void wait_for_head(struct syslet_ring *ring, uint32_t head)
{
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;

	while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) != head)
		if (t_now_ns() > end)
			T_FAIL("kernel_head is %u, expected %u", ring->kernel_head, head);
}

/* A submission whose completion might not find room is refused before its call runs. */
static void reserve_refuses_what_might_not_fit(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(2);
	char path[] = "/tmp/syslets-test-XXXXXX";

	pipe_of = new_pipe();
	close(mkstemp(path));
	attach_overflow(SYSLET_OVERFLOW_RESERVE);
	CHECK_EQ(submit_read(ring, 1).pending, 1);
	CHECK_EQ(submit_read(ring, 2).pending, 1);
	CHECK_EQ(submit(ring, 3, SYS_unlinkat, (uint64_t)AT_FDCWD, (uint64_t)path, 0).value, -EAGAIN);
	CHECK_EQ(access(path, F_OK), 0);
	finish(2);
	wait_for_head(ring, 2);
	/* in the ring and not reaped: still no room */
	CHECK_EQ(submit(ring, 3, SYS_unlinkat, (uint64_t)AT_FDCWD, (uint64_t)path, 0).value, -EAGAIN);
	CHECK_EQ(GREW(before, reserve_refused), 2);
	reap(ring);
	/* of the thread that makes it: it is never handed over */
	CHECK_EQ(submit(ring, 3, SYS_prctl, PR_GET_DUMPABLE, 0, 0).value, prctl(PR_GET_DUMPABLE));
	CHECK_EQ(submit_read(ring, 4).pending, 1);
	CHECK_EQ(submit_read(ring, 5).value, -EAGAIN);
	finish(1);
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(reap(ring).caller_data, 4);
	detach();
	CHECK_EQ(unlink(path), 0); /* no call that was refused had been made */
	CHECK_EQ(GREW(before, completions), 3); /* counted after it can be reaped */
	CHECK_EQ(GREW(before, completions_lost), 0);
	close_pipe(pipe_of);
	free_ring(ring, 2);
}

/* The completers wait until the ring is reaped; each completion comes exactly once. */
static void block_waits_for_room(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(1);
	unsigned i, seen = 0;

	pipe_of = new_pipe();
	attach_overflow(SYSLET_OVERFLOW_BLOCK);
	for (i = 0; i < 4; i++)
		CHECK_EQ(submit_read(ring, i).pending, 1);
	CHECK_EQ(syslet_room_wanted(), 0);
	finish(4);
	wait_for_head(ring, 1);
	for (i = 0; i < 4; i++) {
		uint64_t end = t_now_ns() + REAP_LIMIT_NS;

		wait_for_head(ring, i + 1);
		while (i < 3 && !syslet_room_wanted())
			CHECK(t_now_ns() < end);
		CHECK_EQ(ring->kernel_head, i + 1);
		seen |= 1u << reap(ring).caller_data;
		CHECK_EQ(syslet_ring_room(ring), 0);
	}
	CHECK_EQ(seen, 15);
	detach();
	CHECK_EQ(GREW(before, completions), 4);
	CHECK_EQ(GREW(before, completions_lost), 0);
	CHECK_EQ(GREW(before, ring_waiters), 0);
	close_pipe(pipe_of);
	free_ring(ring, 1);
}

/* Who waits for room when the context detaches cannot complete: lost, and counted. */
static void detach_ends_the_wait_for_room(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(1);
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;
	unsigned i;

	pipe_of = new_pipe();
	attach_overflow(SYSLET_OVERFLOW_BLOCK);
	for (i = 0; i < 3; i++)
		CHECK_EQ(submit_read(ring, i).pending, 1);
	finish(3);
	while (GREW(before, ring_waiters) != 2)
		CHECK(t_now_ns() < end);
	detach();
	CHECK_EQ(GREW(before, completions), 1);
	CHECK_EQ(GREW(before, completions_lost), 2);
	close_pipe(pipe_of);
	free_ring(ring, 1);
}

/* v7 never compares head with tail: unread completions are overwritten, which we count. */
static void row_04_v7_overwrites(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(2);
	unsigned i;

	pipe_of = new_pipe();
	attach(1);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(submit_read(ring, 100 + i).pending, 1);
		finish(1);
		wait_for_head(ring, i + 1);
	}
	CHECK_EQ(ring->comp[0].caller_data, 104);
	CHECK_EQ(ring->comp[1].caller_data, 103);
	detach();
	CHECK_EQ(GREW(before, overflows), 3);
	CHECK_EQ(GREW(before, completions), 5);
	close_pipe(pipe_of);
	free_ring(ring, 2);
}

/* The default cannot overwrite: the same five submissions, the last three refused. */
static void row_04_the_default_does_not(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(2);
	unsigned i, handed = 0;

	pipe_of = new_pipe();
	attach_overflow(SYSLET_OVERFLOW_RESERVE);
	for (i = 0; i < 5; i++) {
		if (submit_read(ring, 100 + i).value == -EAGAIN)
			continue;
		finish(1);
		wait_for_head(ring, ++handed);
	}
	CHECK_EQ(handed, 2);
	CHECK_EQ(ring->comp[0].caller_data, 100);
	CHECK_EQ(ring->comp[1].caller_data, 101);
	CHECK_EQ(GREW(before, overflows), 0);
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 2);
}

static void wrap_from(uint32_t start, enum syslet_overflow overflow, uint32_t elements)
{
	struct syslet_ring *ring = new_ring(elements);
	uint64_t i;

	pipe_of = new_pipe();
	attach_overflow(overflow);
	ring->kernel_head = ring->user_tail = start;
	for (i = 0; i < 8; i++) {
		CHECK_EQ(submit_read(ring, i).pending, 1);
		finish(1);
		CHECK_EQ(reap(ring).caller_data, i);
	}
	CHECK_EQ(ring->kernel_head, (uint32_t)(start + 8));
	detach();
	close_pipe(pipe_of);
	free_ring(ring, elements);
}

static void indexes_wrap_past_2_to_the_32(void)
{
	wrap_from(0xfffffffc, SYSLET_OVERFLOW_RESERVE, 4);
	wrap_from(0xfffffffc, SYSLET_OVERFLOW_RESERVE, 1);
	wrap_from(0xffffffff, SYSLET_OVERFLOW_BLOCK, 2);
	wrap_from(0x7ffffffd, SYSLET_OVERFLOW_RESERVE, 4);
}

/* Indexes that make no sense: head below tail. Refused or lost, never a crash. */
static void indexes_that_make_no_sense(void)
{
	struct syslet_ring *ring = new_ring(4);

	pipe_of = new_pipe();
	attach_overflow(SYSLET_OVERFLOW_RESERVE);
	ring->user_tail = 1000;
	CHECK_EQ(submit_read(ring, 1).value, -EAGAIN);
	ring->user_tail = 0;
	CHECK_EQ(submit_read(ring, 1).pending, 1);
	ring->user_tail = 1000;
	finish(1);
	t_sleep_ms(20);
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 4);
}

/* Several contexts and one small ring: what was promised room finds it. */
#define THREADS 3
#define ENOUGH 600

static struct syslet_ring *shared;
static volatile uint32_t handed_over, stop;

static void *hammer(void *unused)
{
	struct timespec some = {0, 3000};

	(void)unused;
	attach_overflow(SYSLET_OVERFLOW_RESERVE);
	while (!stop)
		if (submit(shared, 1, SYS_nanosleep, (uint64_t)&some, 0, 0).pending)
			__atomic_add_fetch(&handed_over, 1, __ATOMIC_RELAXED);
	detach();
	return 0;
}

static void contexts_share_a_small_ring(void)
{
	struct t_leaks before = t_leaks_now();
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(3) * 1e9);
	pthread_t threads[THREADS];
	uint32_t reaped = 0;
	int i;

	shared = new_ring(4);
	handed_over = stop = 0;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, hammer, 0), 0);
	while (reaped < ENOUGH && t_now_ns() < end) {
		uint32_t head = __atomic_load_n(&shared->kernel_head, __ATOMIC_ACQUIRE);

		CHECK(head - shared->user_tail <= 4);
		reaped = head;
		__atomic_store_n(&shared->user_tail, head, __ATOMIC_RELEASE);
	}
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		while (pthread_tryjoin_np(threads[i], 0))
			__atomic_store_n(&shared->user_tail,
					 __atomic_load_n(&shared->kernel_head, __ATOMIC_ACQUIRE),
					 __ATOMIC_RELEASE);
	}
	printf("   %u hand-offs, %llu refused at entry, %llu at hand-off\n", handed_over,
	       (unsigned long long)GREW(before, reserve_refused),
	       (unsigned long long)GREW(before, hand_offs_refused));
	CHECK_EQ(shared->kernel_head, handed_over);
	CHECK_EQ(GREW(before, completions), handed_over);
	CHECK_EQ(GREW(before, completions_lost), 0);
	free_ring(shared, 4);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(reserve_refuses_what_might_not_fit);
	RUN(block_waits_for_room);
	RUN(detach_ends_the_wait_for_room);
	RUN(row_04_v7_overwrites);
	RUN(row_04_the_default_does_not);
	RUN(indexes_wrap_past_2_to_the_32);
	RUN(indexes_that_make_no_sense);
	RUN(contexts_share_a_small_ring);
	return 0;
}
