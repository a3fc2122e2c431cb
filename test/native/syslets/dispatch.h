/* SPDX-License-Identifier: MIT */
/*
 * Tests of dispatch that run twice: on the real host through the public interface, and
 * on a host of POSIX threads, which sanitizers can follow (dispatch moves no context).
 * Each includes this file and says how its calls are made.
 */
#ifndef SYSLETS_TEST_DISPATCH_H
#define SYSLETS_TEST_DISPATCH_H

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include "syslet.h"

static void face_attach(uint32_t max_tasks, uint32_t idle_ms);
static struct syslet_call_result face_dispatch(const struct indirect_registers *regs,
					       const union indirect_params *params, uint32_t *slept);
static int face_interrupt(struct syslet_ring *ring, uint64_t data);
static int face_detach(void);

#define RING 256

static struct syslet_ring *ring;

static struct syslet_call_result dispatch(uint64_t data, long nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct indirect_registers regs = {.NR = (uint64_t)nr, .ARG0 = a, .ARG1 = b, .ARG2 = c};
	union indirect_params params = params_for(ring, data);

	return face_dispatch(&regs, &params, 0);
}

static void must_dispatch(uint64_t data, long nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct syslet_call_result result = dispatch(data, nr, a, b, c);

	CHECK_EQ(result.value, -ESYSLETPENDING);
	CHECK_EQ(result.pending, 1);
}

/* The next completion; looks at the ring alone, as any thread may. */
static int try_reap(struct syslet_completion *completion)
{
	uint32_t tail = ring->user_tail;

	if (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == tail)
		return 0;
	*completion = ring->comp[tail & (ring->elements - 1)];
	__atomic_store_n(&ring->user_tail, tail + 1, __ATOMIC_RELEASE);
	return 1;
}

static struct syslet_completion must_reap(void)
{
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;
	struct syslet_completion completion;

	while (!try_reap(&completion)) {
		if (t_now_ns() > end)
			T_FAIL("no completion within 10 s");
		usleep(20);
	}
	return completion;
}

#define MANY 20000ull

static void many_calls_complete_once(void)
{
	static unsigned seen[MANY];
	uint64_t i, sent = 0, got = 0;

	memset(seen, 0, sizeof(seen));
	face_attach(0, 0);
	while (got < MANY) {
		for (i = t_below(64); i && sent < MANY && sent - got < RING; i--)
			must_dispatch(sent++, SYS_getpid, 0, 0, 0);
		for (i = t_below(64); i && got < sent; i--) {
			struct syslet_completion completion = must_reap();

			CHECK_EQ(completion.status, getpid());
			CHECK(completion.caller_data < sent);
			CHECK_EQ(seen[completion.caller_data]++, 0);
			got++;
		}
	}
	CHECK_EQ(face_detach(), 0);
}

/* With one task more than the carrier they begin and end in the order of dispatch. */
static void one_task_keeps_the_order(void)
{
	uint64_t i;

	face_attach(3, 0); /* one is left for a watcher */
	for (i = 0; i < 3000; i++) {
		while (dispatch(i, SYS_getpid, 0, 0, 0).value == -EAGAIN)
			usleep(10);
		CHECK_EQ(must_reap().caller_data, i);
	}
	face_detach();
}

/* Reads of one pipe: who reads which byte tells the order in which the calls began. */
static void a_blocked_call_holds_up_no_other(void)
{
	struct pipe pipe = new_pipe();
	static char bytes[RING];
	uint64_t i;

	face_attach(0, 0);
	for (i = 0; i < RING - 1; i++)
		must_dispatch(i, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&bytes[i], 1);
	must_dispatch(1000, SYS_getpid, 0, 0, 0);
	CHECK_EQ(must_reap().caller_data, 1000);
	CHECK_EQ(dispatch(0, SYS_getpid, 0, 0, 0).value, -ESYSLETPENDING);
	CHECK_EQ(dispatch(0, SYS_getpid, 0, 0, 0).value, -EAGAIN); /* no room in the ring */
	CHECK_EQ(must_reap().status, getpid());
	for (i = 0; i < RING - 1; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < RING - 1; i++)
		CHECK_EQ(must_reap().status, 1);
	CHECK_EQ(face_detach(), 0);
	close_pipe(pipe);
}

/* A late signal must not hit a later call of the same task. */
static void interrupts_hit_their_call_alone(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.0) * 1e9), next = 0, in_flight = 0;
	static unsigned char asked[1 << 20];
	unsigned long ended = 0, missed = 0;
	struct timespec some = {0, 50000}, none = {0, 0};

	memset(asked, 0, sizeof(asked));
	face_attach(0, 0);
	while (t_now_ns() < end || (!ended && next < sizeof(asked)) || in_flight) {
		struct syslet_completion completion;

		while (in_flight < 8 && (t_now_ns() < end || !ended) && next < sizeof(asked)) {
			must_dispatch(next++, SYS_nanosleep,
				      (uint64_t)(t_below(2) ? &some : &none), 0, 0);
			in_flight++;
		}
		if (next && t_below(3) == 0) {
			uint64_t victim = next - 1 - t_below(next < 10 ? next : 10);

			asked[victim] = 1;
			missed += !face_interrupt(ring, victim);
		}
		while (try_reap(&completion)) {
			in_flight--;
			if ((long)completion.status == -EINTR) {
				ended++;
				if (!asked[completion.caller_data])
					T_FAIL("call %llu was interrupted, and nobody asked for it",
					       (unsigned long long)completion.caller_data);
				continue;
			}
			CHECK_EQ(completion.status, 0);
		}
	}
	printf("   %llu calls, %lu interrupted, %lu interrupts too late\n", (unsigned long long)next,
	       ended, missed);
	CHECK(ended > 0);
	face_detach();
}

/* A reader that sleeps on the eventfd: a wake that is lost stops it for ever. */
struct reader {
	struct syslet_ring_event event;
	uint64_t expected, reaped, wakes;
};

static void *read_events(void *data)
{
	struct reader *reader = data;
	struct pollfd fd = {.fd = reader->event.fd, .events = POLLIN};
	struct syslet_completion completion;
	uint64_t number;

	while (reader->reaped < reader->expected) {
		syslet_ring_arm(&reader->event);
		while (try_reap(&completion))
			__atomic_add_fetch(&reader->reaped, 1, __ATOMIC_RELAXED);
		if (reader->reaped >= reader->expected)
			break;
		if (poll(&fd, 1, 10000) == 0)
			T_FAIL("the eventfd stayed silent: %llu of %llu reaped",
			       (unsigned long long)reader->reaped,
			       (unsigned long long)reader->expected);
		if (read(fd.fd, &number, sizeof(number)) == sizeof(number))
			reader->wakes++;
	}
	return 0;
}

static void no_wake_by_eventfd_is_lost(void)
{
	struct reader reader = {.expected = 0};
	uint64_t sent;
	struct t_leaks before = t_leaks_now();
	pthread_t thread;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	CHECK_EQ(syslet_ring_event_add(&reader.event, ring, fd), 0);
	reader.expected = MANY;
	face_attach(0, 0);
	CHECK_EQ(pthread_create(&thread, 0, read_events, &reader), 0);
	for (sent = 0; sent < reader.expected;) {
		if (dispatch(sent, SYS_getpid, 0, 0, 0).pending)
			sent++;
		else
			sched_yield(); /* no room: the reader reaps */
		if (t_below(50) == 0)
			usleep((useconds_t)t_below(100));
	}
	pthread_join(thread, 0);
	printf("   %llu completions, %llu wakes\n", (unsigned long long)reader.reaped,
	       (unsigned long long)reader.wakes);
	CHECK(GREW(before, events_written) >= reader.wakes);
	face_detach();
	syslet_ring_event_remove(&reader.event);
	close(fd);
}

/* Detach at any moment: each call completes, those that have not begun too. */
static void detach_with_dispatched_calls(void)
{
	struct pipe pipe = new_pipe();
	static char byte;
	int round;

	for (round = 0; round < 100; round++) {
		uint64_t i, number = t_below(40), begun = 0;
		struct syslet_completion completion;

		face_attach(0, 0);
		for (i = 0; i < number; i++)
			must_dispatch(i, t_below(2) ? SYS_read : SYS_getpid, (uint64_t)pipe.read_end,
				      (uint64_t)&byte, 1);
		if (t_below(2))
			usleep((useconds_t)t_below(200));
		CHECK(face_detach() >= 0);
		while (try_reap(&completion)) {
			begun++;
			CHECK((long)completion.status == -EINTR ||
			      (long)completion.status == getpid());
		}
		CHECK_EQ(begun, number);
	}
	close_pipe(pipe);
}

/* Tasks exit after 1 ms while others are given calls. */
static void the_pool_shrinks_under_dispatch(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.0) * 1e9), sent = 0;
	struct timespec some = {0, 300000};
	struct t_leaks before = t_leaks_now();

	face_attach(0, 1);
	while (t_now_ns() < end || !GREW(before, tasks_exited)) {
		uint64_t i, burst = 1 + t_below(30);

		for (i = 0; i < burst; i++)
			must_dispatch(sent++, SYS_nanosleep, (uint64_t)&some, 0, 0);
		for (i = 0; i < burst; i++)
			CHECK_EQ(must_reap().status, 0);
		usleep((useconds_t)t_below(3000));
	}
	printf("   %llu calls, %llu tasks made, %llu exited\n", (unsigned long long)sent,
	       (unsigned long long)GREW(before, tasks_created),
	       (unsigned long long)GREW(before, tasks_exited));
	face_detach();
}

static void a_cap_refuses(void)
{
	struct pipe pipe = new_pipe();
	static char byte;
	int i;

	face_attach(5, 0); /* the birth thread, three, and one that is left for a watcher */
	for (i = 0; i < 3; i++)
		must_dispatch(1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1);
	CHECK_EQ(dispatch(1, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	CHECK_EQ(dispatch(1, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	write_byte(pipe, 'x');
	CHECK_EQ(must_reap().status, 1);
	while (dispatch(2, SYS_getpid, 0, 0, 0).value == -EAGAIN)
		usleep(100);
	CHECK_EQ(must_reap().status, getpid());
	CHECK_EQ(face_detach(), 2);
	CHECK_EQ(ring->kernel_head, ring->user_tail + 2);
	ring->user_tail = ring->kernel_head;
	close_pipe(pipe);
}

static void a_call_that_has_not_begun_is_not_made(void)
{
	struct pipe pipe = new_pipe();
	char byte = 'x';
	int i, ended = 0;

	face_attach(0, 0);
	for (i = 0; i < 200; i++) {
		must_dispatch(7, SYS_write, (uint64_t)pipe.write_end, (uint64_t)&byte, 1);
		face_interrupt(ring, 7);
		if ((long)must_reap().status == -EINTR)
			ended++;
		else
			CHECK_EQ(read(pipe.read_end, &byte, 1), 1);
	}
	fcntl(pipe.read_end, F_SETFL, O_NONBLOCK);
	CHECK_EQ(read(pipe.read_end, &byte, 1), -1); /* as many bytes as calls that were made */
	printf("   %d of 200 were ended before they began\n", ended);
	face_detach();
	close_pipe(pipe);
}

static void run_dispatch_tests(void)
{
	t_seed();
	ring = new_ring(RING);
	RUN(many_calls_complete_once);
	RUN(one_task_keeps_the_order);
	RUN(a_blocked_call_holds_up_no_other);
	RUN(a_call_that_has_not_begun_is_not_made);
	RUN(interrupts_hit_their_call_alone);
	RUN(no_wake_by_eventfd_is_lost);
	RUN(detach_with_dispatched_calls);
	RUN(the_pool_shrinks_under_dispatch);
	RUN(a_cap_refuses);
	free_ring(ring, RING);
}

#endif
