/* SPDX-License-Identifier: MIT */
/* Calls by number, and the rings of the library's making (syslets/submit.h). */
#include <pthread.h>
#include <sys/eventfd.h>

#include <syslets/submit.h>

#include "syslet.h"

static struct syslet_ring *ring_of(uint32_t elements)
{
	struct syslet_ring *ring;

	CHECK_EQ(syslet_ring_create(elements, &ring), 0);
	return ring;
}

static struct syslet_call_result read_of(struct syslet_ring *ring, uint64_t data, int fd, char *byte)
{
	uint64_t args[6] = {(uint64_t)fd, (uint64_t)byte, 1};

	return syslet_submit(ring, data, SYS_read, args);
}

static long result_of(struct syslet_ring *ring, long nr, const uint64_t args[6])
{
	struct syslet_call_result result = syslet_submit(ring, 1, nr, args);

	return result.pending ? (long)reap(ring).status : result.value;
}

static void rings_are_powers_of_two(void)
{
	static const uint32_t bad[] = {0, 3, 6, 1000, 0x80000001u, ~0u};
	struct syslet_ring *ring;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ring = (struct syslet_ring *)8;
		CHECK_EQ(syslet_ring_create(bad[i], &ring), -EINVAL);
		CHECK(!ring);
	}
	for (i = 0; i < 20; i++) {
		ring = ring_of(1u << i);
		CHECK_EQ(ring->elements, 1u << i);
		CHECK_EQ(ring->kernel_head, 0);
		CHECK_EQ(ring->user_tail, 0);
		ring->comp[(1u << i) - 1].status = 1; /* all of it is there */
		syslet_ring_destroy(ring);
	}
	syslet_ring_destroy(0);
}

static void arguments_arrive_in_their_order(void)
{
	struct syslet_ring *ring = ring_of(2);
	char path[] = "/tmp/syslets-test-XXXXXX", back[4] = "";
	int fd = mkstemp(path);
	uint64_t write_args[6] = {(uint64_t)fd, (uint64_t)"abcdef", 6, 5000000000};
	uint64_t read_args[6] = {(uint64_t)fd, (uint64_t)back, 3, 5000000002};
	uint64_t map_args[6] = {0, 4096, PROT_READ, MAP_SHARED, (uint64_t)fd, 0};

	CHECK(fd >= 0);
	attach(0);
	CHECK_EQ(result_of(ring, SYS_pwrite64, write_args), 6);
	CHECK_EQ(result_of(ring, SYS_pread64, read_args), 3);
	CHECK_EQ(memcmp(back, "cde", 4), 0);
	map_args[5] = 1; /* no multiple of a page */
	CHECK_EQ(result_of(ring, SYS_mmap, map_args), -EINVAL);
	CHECK_EQ(detach(), 0);
	close(fd);
	unlink(path);
	syslet_ring_destroy(ring);
}

static void refusals(void)
{
	struct syslet_ring *ring = ring_of(1);
	struct pipe pipe = new_pipe();
	char bytes[2];

	CHECK_EQ(read_of(ring, 1, pipe.read_end, bytes).value, -ENOSYS);
	attach(0);
	CHECK_EQ(read_of(ring, 1, pipe.read_end, &bytes[0]).pending, 1);
	CHECK_EQ(read_of(ring, 2, pipe.read_end, &bytes[1]).value, -EAGAIN); /* no room */
	CHECK_EQ(read_of(0, 2, pipe.read_end, &bytes[1]).value, -EINVAL);
	CHECK_EQ(read_of((void *)64, 2, pipe.read_end, &bytes[1]).value, -EFAULT);
	CHECK_EQ(detach(), 1);
	close_pipe(pipe);
	syslet_ring_destroy(ring);
}

static void reaping_takes_the_oldest_first(void)
{
	struct syslet_ring *ring = ring_of(4);
	struct syslet_completion done[8];
	struct pipe pipe = new_pipe();
	char byte;
	uint64_t i, round;

	attach(0);
	for (round = 0; round < 5; round++) {
		for (i = 0; i < 3; i++) {
			CHECK_EQ(read_of(ring, i, pipe.read_end, &byte).pending, 1);
			write_byte(pipe, 'x');
			CHECK_EQ(syslet_ring_wait(ring, ring->user_tail + (uint32_t)i, 0), 0);
		}
		CHECK_EQ(syslet_ring_reap(ring, done, 0), 0);
		CHECK_EQ(syslet_ring_reap(ring, done, 2), 2);
		CHECK_EQ(done[0].caller_data, 0);
		CHECK_EQ(done[1].caller_data, 1);
		CHECK_EQ(syslet_ring_reap_wait(ring, done, 8, 0), 1);
		CHECK_EQ(done[0].caller_data, 2);
		CHECK_EQ(syslet_ring_reap(ring, done, 8), 0);
	}
	CHECK_EQ(detach(), 0);
	close_pipe(pipe);
	syslet_ring_destroy(ring);
}

static void waits_end(void)
{
	struct syslet_ring *ring = ring_of(4);
	struct syslet_completion done;
	uint64_t begun = t_now_ns();

	CHECK_EQ(syslet_ring_reap_wait(ring, &done, 1, 3000000), -ETIMEDOUT); /* attached or not */
	CHECK(t_now_ns() - begun >= 3000000);
	CHECK_EQ(syslet_ring_reap_wait(ring, &done, 0, 0), -EINVAL);
	attach(0);
	CHECK_EQ(syslet_ring_reap_wait(ring, &done, 1, 3000000), -ETIMEDOUT);
	CHECK_EQ(detach(), 0);
	syslet_ring_destroy(ring);
}

/* A ring of one: each completion but the first waits until the one before was reaped. */
static void reaping_makes_room_for_who_waits(void)
{
	struct syslet_ring *ring = ring_of(1);
	struct syslet_completion done;
	struct pipe pipe = new_pipe();
	unsigned seen = 0;
	char bytes[8];
	uint64_t i;

	attach_overflow(SYSLET_OVERFLOW_BLOCK);
	for (i = 0; i < 8; i++)
		CHECK_EQ(read_of(ring, i, pipe.read_end, &bytes[i]).pending, 1);
	for (i = 0; i < 8; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < 8; i++) {
		CHECK_EQ(syslet_ring_reap_wait(ring, &done, 1, 0), 1);
		CHECK_EQ(done.status, 1);
		seen |= 1u << done.caller_data;
	}
	CHECK_EQ(seen, 0xff);
	CHECK_EQ(detach(), 0);
	close_pipe(pipe);
	syslet_ring_destroy(ring);
}

static void what_v7_overwrote_is_left_out(void)
{
	struct syslet_ring *ring = ring_of(2);
	struct syslet_completion done[2];
	struct pipe pipe = new_pipe();
	char byte;
	uint64_t i;

	attach(1);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(read_of(ring, i, pipe.read_end, &byte).pending, 1);
		write_byte(pipe, 'x');
		CHECK_EQ(syslet_ring_wait(ring, i, 0), 0);
	}
	CHECK_EQ(syslet_ring_reap(ring, done, 2), 2);
	CHECK_EQ(done[0].caller_data, 3);
	CHECK_EQ(done[1].caller_data, 4);
	CHECK_EQ(syslet_ring_reap(ring, done, 2), 0);
	CHECK_EQ(detach(), 0);
	close_pipe(pipe);
	syslet_ring_destroy(ring);
}

/* As syslet_ring_event_add(3) has it: armed, then looked at, then waited for. */
static void an_eventfd_tells(void)
{
	struct syslet_ring *ring = ring_of(2);
	struct syslet_completion done;
	struct syslet_ring_event event;
	struct pipe pipe = new_pipe();
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uint64_t told = 0;
	char byte;

	CHECK_EQ(syslet_ring_event_add(&event, ring, fd), 0);
	attach(0);
	CHECK_EQ(read_of(ring, 1, pipe.read_end, &byte).pending, 1);
	syslet_ring_arm(&event);
	CHECK_EQ(syslet_ring_reap(ring, &done, 1), 0);
	write_byte(pipe, 'x');
	CHECK_EQ(syslet_ring_reap_wait(ring, &done, 1, 0), 1);
	CHECK_EQ(detach(), 0); /* the task that completes is done with it */
	CHECK_EQ(read(fd, &told, sizeof(told)), sizeof(told));
	CHECK_EQ(told, 1);
	syslet_ring_event_remove(&event);
	close(fd);
	close_pipe(pipe);
	syslet_ring_destroy(ring);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	RUN(rings_are_powers_of_two);
	RUN(arguments_arrive_in_their_order);
	RUN(refusals);
	RUN(reaping_takes_the_oldest_first);
	RUN(waits_end);
	RUN(reaping_makes_room_for_who_waits);
	RUN(what_v7_overwrote_is_left_out);
	RUN(an_eventfd_tells);
	return 0;
}
