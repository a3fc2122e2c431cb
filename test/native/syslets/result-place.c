/* SPDX-License-Identifier: MIT */
/*
 * Results that go to an address and not into a ring: struct indirect_params_placed. The
 * caller learns of them by the status, by a word beside it, by a futex or by an eventfd.
 */
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <syslets/submit.h>

#include "syslet.h"

#define WAIT_LIMIT_MS 10000
#define PENDING 0x5a5a5a5a5a5a5a5aull /* what no call gives, until the status is there */

struct result {
	uint64_t status;
	uint32_t done;
};

static struct indirect_params_placed placed_at(struct result *result, uint32_t flags, int eventfd)
{
	result->status = PENDING;
	result->done = 0;
	return (struct indirect_params_placed){
		.syslet = {.caller_data = 7, .frame = {syslet_park_ip(), frame_stack()}},
		.place = {(uint64_t)&result->status, (uint64_t)&result->done, flags, eventfd}};
}

static struct syslet_call_result call_with(const struct indirect_params_placed *params, long nr,
					   uint64_t a, uint64_t b, uint64_t c)
{
	struct indirect_registers regs = {.NR = (uint64_t)nr, .ARG0 = a, .ARG1 = b, .ARG2 = c};

	return syslet_indirect(&regs, params, sizeof(*params), 0);
}

static void read_blocks(const struct indirect_params_placed *params, struct pipe pipe, char *byte)
{
	struct syslet_call_result result =
		call_with(params, SYS_read, (uint64_t)pipe.read_end, (uint64_t)byte, 1);

	CHECK_EQ(result.pending, 1);
	CHECK_EQ(result.value, -ESYSLETPENDING);
}

static int is_done(const struct result *result)
{
	return (int)__atomic_load_n(&result->done, __ATOMIC_ACQUIRE);
}

static long await(struct result *result)
{
	uint64_t end = t_now_ns() + WAIT_LIMIT_MS * 1000000ull;

	while (!is_done(result)) {
		if (t_now_ns() > end)
			T_FAIL("no result within 10 s");
		t_sleep_ms(1);
	}
	return (long)result->status;
}

static void what_does_not_block_returns(void)
{
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	struct syslet_call_result got;

	attach(0);
	got = call_with(&params, SYS_getpid, 0, 0, 0);
	CHECK_EQ(got.value, getpid());
	CHECK_EQ(got.pending, 0);
	CHECK_EQ(call_with(&params, SYS_read, ~0ull, 0, 0).value, -EBADF);
	CHECK_EQ(result.status, PENDING);
	CHECK_EQ(result.done, 0);
	detach();
}

static void status_then_word(void)
{
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	struct t_leaks before = t_leaks_now();
	char byte = 0;

	attach(0);
	read_blocks(&params, pipe, &byte);
	CHECK_EQ(result.done, 0);
	write_byte(pipe, 'x');
	CHECK_EQ(await(&result), 1);
	CHECK_EQ(byte, 'x');
	CHECK_EQ(GREW(before, hand_offs), 1);
	CHECK_EQ(GREW(before, completions), 1);
	CHECK_EQ(GREW(before, completions_lost), 0);
	detach();
	close_pipe(pipe);
}

/* No word beside it: the caller looks at the status alone, which is stored as one. */
static void status_alone(void)
{
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	char byte;

	params.place.done_ptr = 0;
	attach(0);
	read_blocks(&params, pipe, &byte);
	write_byte(pipe, 'y');
	while (__atomic_load_n(&result.status, __ATOMIC_ACQUIRE) == PENDING)
		t_sleep_ms(1);
	CHECK_EQ(result.status, 1);
	CHECK_EQ(result.done, 0);
	detach();
	close_pipe(pipe);
}

struct waiter {
	struct result *result;
	pthread_t thread;
	long returned;
};

static void *futex_waiter(void *data)
{
	struct waiter *waiter = data;
	struct timespec limit = {WAIT_LIMIT_MS / 1000, 0};

	while (!is_done(waiter->result)) {
		waiter->returned = syscall(SYS_futex, &waiter->result->done, FUTEX_WAIT_PRIVATE, 0,
					   &limit, 0, 0);
		if (waiter->returned && errno == ETIMEDOUT)
			T_FAIL("waited 10 s for a wake");
	}
	return 0;
}

static int sleeps(pid_t tid)
{
	char path[64], text[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "r");
	CHECK(file);
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	return strtol(text, 0, 10) == SYS_futex && text[0] != 'r';
}

static pid_t waiter_tid;

static void *told_futex_waiter(void *data)
{
	__atomic_store_n(&waiter_tid, os_thread(), __ATOMIC_RELEASE);
	return futex_waiter(data);
}

/* Two threads that sleep on the word; both are woken. */
static void a_futex_wakes_every_waiter(void)
{
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, SYSLET_PLACE_WAKE, 0);
	struct waiter waiters[2] = {{.result = &result}, {.result = &result}};
	char byte;
	int i;

	for (i = 0; i < 2; i++) {
		__atomic_store_n(&waiter_tid, 0, __ATOMIC_RELEASE);
		CHECK_EQ(pthread_create(&waiters[i].thread, 0, told_futex_waiter, &waiters[i]), 0);
		while (!__atomic_load_n(&waiter_tid, __ATOMIC_ACQUIRE) || !sleeps(waiter_tid))
			t_sleep_ms(1);
	}
	attach(0);
	read_blocks(&params, pipe, &byte);
	write_byte(pipe, 'z');
	for (i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(waiters[i].thread, 0), 0);
	CHECK_EQ(result.status, 1);
	detach();
	close_pipe(pipe);
}

/* By number, and the wait that the library has for it. */
static void by_number(void)
{
	struct pipe pipe = new_pipe();
	struct result result = {PENDING, 0};
	struct syslet_result_place place = {(uint64_t)&result.status, (uint64_t)&result.done,
					    SYSLET_PLACE_WAKE, 0};
	char byte = 0;
	uint64_t args[6] = {(uint64_t)pipe.read_end, (uint64_t)&byte, 1};

	attach(0);
	CHECK_EQ(syslet_submit_at(&place, 9, SYS_getpid, args).value, getpid());
	CHECK_EQ(syslet_submit_at(&place, 9, SYS_read, args).pending, 1);
	CHECK_EQ(syslet_place_wait(&place, 1000000), -ETIMEDOUT);
	place.flags = 0;
	CHECK_EQ(syslet_place_wait(&place, 1000000), -EINVAL);
	write_byte(pipe, 'n');
	place.flags = SYSLET_PLACE_WAKE;
	CHECK_EQ(syslet_place_wait(&place, 0), 0);
	CHECK_EQ(result.status, 1);
	CHECK_EQ(byte, 'n');
	detach();
	CHECK_EQ(syslet_place_wait(&place, 1), 0);
	close_pipe(pipe);
}

static void an_eventfd_counts(void)
{
	int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct pollfd poll_for = {event, POLLIN, 0};
	struct pipe pipe = new_pipe();
	struct result result[2];
	char bytes[2];
	uint64_t count = 0, sum = 0;
	int i;

	attach(0);
	for (i = 0; i < 2; i++) {
		struct indirect_params_placed params =
			placed_at(&result[i], SYSLET_PLACE_EVENT, event);

		read_blocks(&params, pipe, &bytes[i]);
	}
	CHECK_EQ(read(event, &count, sizeof(count)), -1);
	CHECK_EQ(write(pipe.write_end, "ab", 2), 2);
	while (sum < 2) {
		CHECK_EQ(poll(&poll_for, 1, WAIT_LIMIT_MS), 1);
		CHECK_EQ(read(event, &count, sizeof(count)), sizeof(count));
		sum += count;
	}
	for (i = 0; i < 2; i++) {
		CHECK(is_done(&result[i]));
		CHECK_EQ(result[i].status, 1);
	}
	detach();
	close_pipe(pipe);
	close(event);
}

static void errors_come_there_too(void)
{
	int pair[2];
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	char byte;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	attach(0);
	read_blocks(&params, (struct pipe){pair[0], pair[1]}, &byte);
	CHECK_EQ(syslet_interrupt((void *)&result.status, 8), 0);
	CHECK_EQ(syslet_interrupt((void *)&result.done, 7), 0);
	while (syslet_interrupt((void *)&result.status, 7))
		t_sleep_ms(1);
	CHECK_EQ(await(&result), -EINTR);
	detach();
	close(pair[0]);
	close(pair[1]);
}

static void detach_completes_there(void)
{
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	char byte;

	attach(0);
	read_blocks(&params, pipe, &byte);
	CHECK_EQ(detach(), 1);
	CHECK_EQ(await(&result), -EINTR);
	close_pipe(pipe);
}

static void dispatched_calls_too(void)
{
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	char byte = 0;
	struct indirect_registers regs = {.NR = SYS_read,
					  .ARG0 = (uint64_t)pipe.read_end,
					  .ARG1 = (uint64_t)&byte,
					  .ARG2 = 1};
	struct syslet_call_result got;

	attach(0);
	got = syslet_dispatch(&regs, &params, sizeof(params), 0);
	CHECK_EQ(got.pending, 1);
	write_byte(pipe, 'd');
	CHECK_EQ(await(&result), 1);
	CHECK_EQ(byte, 'd');
	params.syslet.ring_ptr = (uint64_t)&result;
	CHECK_EQ(syslet_dispatch(&regs, &params, sizeof(params), 0).value, -EINVAL);
	params.syslet.ring_ptr = 0;
	params.place.status_ptr = 8;
	CHECK_EQ(syslet_dispatch(&regs, &params, sizeof(params), 0).value, -EFAULT);
	detach();
	close_pipe(pipe);
}

static long getpid_with(struct indirect_params_placed params)
{
	struct syslet_call_result got = call_with(&params, SYS_getpid, 0, 0, 0);

	/* handed over, if it gets no processor for long */
	return got.pending ? await((struct result *)(uintptr_t)params.place.status_ptr) : got.value;
}

static void bad_places(void)
{
	struct result result;
	const struct indirect_params_placed good = placed_at(&result, 0, 0);
	struct indirect_params_placed params;
	char *read_only = map_pages(1, PROT_READ);

#define WITH(member, value)                                                                        \
	(params = good, params.member = (uint64_t)(value), getpid_with(params))
	attach(0);
	CHECK_EQ(WITH(place.status_ptr, 0), -EFAULT);
	CHECK_EQ(WITH(place.status_ptr, read_only), -EFAULT);
	CHECK_EQ(WITH(place.status_ptr, (char *)&result + 4), -EINVAL);
	CHECK_EQ(WITH(place.status_ptr, 0x0000900000010000), -EFAULT);
	CHECK_EQ(WITH(place.done_ptr, 4), -EFAULT);
	CHECK_EQ(WITH(place.done_ptr, read_only), -EFAULT);
	CHECK_EQ(WITH(place.done_ptr, (char *)&result.done + 2), -EINVAL);
	CHECK_EQ(WITH(syslet.ring_ptr, &result), -EINVAL);
	CHECK_EQ(WITH(syslet.frame.ip, 0), -EINVAL);
	CHECK_EQ(WITH(syslet.frame.sp, 4096), -EFAULT);
	params = good;
	params.place.flags = 4;
	CHECK_EQ(getpid_with(params), -EINVAL);
	params.place.flags = SYSLET_PLACE_WAKE;
	params.place.done_ptr = 0;
	CHECK_EQ(getpid_with(params), -EINVAL);
	params = good;
	params.place.flags = SYSLET_PLACE_EVENT;
	params.place.eventfd = -1;
	CHECK_EQ(getpid_with(params), -EINVAL);
	params = good;
	params.reserved = 1;
	CHECK_EQ(getpid_with(params), -EINVAL);
	CHECK_EQ(getpid_with(good), getpid());
	detach();
#undef WITH
	munmap(read_only, PAGE);
}

static void v7_refuses_them(void)
{
	struct result result;

	attach(1);
	CHECK_EQ(getpid_with(placed_at(&result, 0, 0)), -EINVAL);
	detach();
}

/* The memory is gone when the call is over: that is counted, and nothing else is wrong. */
static void a_place_that_goes_away(void)
{
	struct pipe pipe = new_pipe();
	struct result *result = map_pages(1, PROT_READ | PROT_WRITE);
	struct indirect_params_placed params = placed_at(result, SYSLET_PLACE_WAKE, 0);
	struct t_leaks before = t_leaks_now();
	char byte;

	attach(0);
	read_blocks(&params, pipe, &byte);
	munmap(result, PAGE);
	write_byte(pipe, 'x');
	detach();
	CHECK_EQ(GREW(before, completions_lost), 1);
	CHECK_EQ(GREW(before, completions), 0);
	close_pipe(pipe);
}

/* A ring and places by turns. */
static void beside_a_ring(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	char bytes[2];
	uint32_t before;
	int i;

	attach(0);
	for (i = 0; i < 100; i++) {
		CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
		CHECK_EQ(getpid_with(params), getpid());
	}
	before = ring->kernel_head;
	submit_blocked_read(ring, 3, pipe.read_end, &bytes[0]);
	read_blocks(&params, pipe, &bytes[1]);
	CHECK_EQ(write(pipe.write_end, "ab", 2), 2);
	CHECK_EQ(reap(ring).caller_data, 3);
	CHECK_EQ(await(&result), 1);
	CHECK_EQ(ring->kernel_head, before + 1);
	detach();
	close_pipe(pipe);
	free_ring(ring, 8);
}

#define AT_ONCE 64

static void many_at_once(void)
{
	static struct result results[AT_ONCE];
	struct pipe pipes[AT_ONCE];
	char bytes[AT_ONCE];
	int i;

	attach(0);
	for (i = 0; i < AT_ONCE; i++) {
		struct indirect_params_placed params = placed_at(&results[i], 0, 0);

		pipes[i] = new_pipe();
		read_blocks(&params, pipes[i], &bytes[i]);
	}
	for (i = AT_ONCE - 1; i >= 0; i--) {
		write_byte(pipes[i], (char)i);
		CHECK_EQ(await(&results[i]), 1);
		CHECK_EQ(bytes[i], i);
		if (i)
			CHECK_EQ(is_done(&results[i - 1]), 0);
	}
	detach();
	for (i = 0; i < AT_ONCE; i++)
		close_pipe(pipes[i]);
}

/* Both kinds at once: the descriptor gets the flags, and the result goes to the place. */
static void flags_of_a_descriptor(void)
{
	struct result result;
	struct indirect_params_placed params = placed_at(&result, 0, 0);
	long fd;

	params.file_flags.flags = O_CLOEXEC;
	attach(0);
	fd = call_with(&params, SYS_socket, AF_UNIX, SOCK_STREAM, 0).value;
	CHECK(fd >= 0);
	CHECK_EQ(fcntl((int)fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(close((int)fd), 0);
	CHECK_EQ(getpid_with(params), -EINVAL);
	detach();
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	CHECK_EQ(sizeof(struct indirect_params_placed), 64);
	RUN(what_does_not_block_returns);
	RUN(status_then_word);
	RUN(status_alone);
	RUN(a_futex_wakes_every_waiter);
	RUN(by_number);
	RUN(an_eventfd_counts);
	RUN(errors_come_there_too);
	RUN(detach_completes_there);
	RUN(dispatched_calls_too);
	RUN(bad_places);
	RUN(v7_refuses_them);
	RUN(a_place_that_goes_away);
	RUN(beside_a_ring);
	RUN(many_at_once);
	RUN(flags_of_a_descriptor);
	return 0;
}
