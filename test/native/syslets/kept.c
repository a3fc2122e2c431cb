/* SPDX-License-Identifier: MIT */
/*
 * What is kept for a call that goes on ends with that call, however it ends: the next one has a
 * limit of its own and has moved nothing. Nobody can take the context over.
 */
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "looked-at.h"

#define LIMIT_S 600 /* no test lasts as long */
#define BIG (1u << 20)
#define AT(object) ((uint64_t)(uintptr_t)(object))
#define CALL(name, ...) {SYS_##name, __VA_ARGS__}

static struct syslet_ring *ring;
static struct timespec limit = {LIMIT_S, 0};
static struct pollfd pollfd = {-1, POLLIN, 0};
static struct epoll_event event;
static uint32_t word;
static char memory[BIG];
static struct pipe quiet;
static int empty[2]; /* a socket with limits, in which nothing is */

/* A point of time that is long over, for both limits; or one byte, if the call has no limit. */
static const uint64_t past[2] = {1, 1};

static long make(const struct indirect_registers *regs)
{
	return look(ring, regs);
}

static const struct indirect_registers sleep_regs = CALL(nanosleep, AT(&limit), 0, 0, 0, 0, 0);

static void a_sleep(void)
{
	CHECK_EQ(make(&sleep_regs), 0);
}

static void a_futex(void)
{
	struct indirect_registers regs = CALL(futex, AT(&word), FUTEX_WAIT, 0, AT(&limit), 0, 0);

	CHECK_EQ(make(&regs), -ETIMEDOUT);
}

static void a_receive(void)
{
	struct indirect_registers regs =
		CALL(recvfrom, (uint64_t)empty[0], AT(memory), 2, MSG_DONTWAIT, 0, 0);

	make(&regs);
}

static void a_sleep_by_its_look(void)
{
	syslet_when_unwatched(SYSLET_UNWATCHED_REFUSED);
	a_sleep();
}

static void a_call_of_the_threads_own(void)
{
	struct indirect_registers regs = CALL(setpriority, 1000, 0, 0, 0, 0, 0);

	make(&regs);
}

static void bad_flags(void)
{
	union indirect_params params = params_for(ring, 1);

	CHECK_EQ(syslet_indirect(&sleep_regs, &params, sizeof(params), 1).value, -EINVAL);
}

static void bad_registers(void)
{
	union indirect_params params = params_for(ring, 1);

	CHECK_EQ(syslet_indirect((void *)8, &params, sizeof(params), 0).value, -EFAULT);
}

static void bad_parameters(void)
{
	CHECK_EQ(syslet_indirect(&sleep_regs, (void *)8, sizeof(union indirect_params), 0).value, -EFAULT);
}

static void a_bad_length(void)
{
	union indirect_params params = params_for(ring, 1);

	CHECK_EQ(syslet_indirect(&sleep_regs, &params, 4096, 0).value, -EINVAL);
}

static const struct {
	const char *name;
	void (*end)(void);
} ends[] = {
	{"a sleep", a_sleep},
	{"a futex wait", a_futex},
	{"a receive", a_receive},
	{"a sleep by its look", a_sleep_by_its_look},
	{"a call of the thread's own", a_call_of_the_threads_own},
	{"bad flags", bad_flags},
	{"bad registers", bad_registers},
	{"bad parameters", bad_parameters},
	{"a bad length", a_bad_length},
};

enum limit_of { ARGUMENT, SOCKET, BYTES };

struct next {
	const char *name;
	struct indirect_registers regs;
	enum limit_of of;
};

static void check_kept(const char *after, const struct next *next, uint64_t begun, uint64_t sent)
{
	uint64_t kept[2], moved;
	long value = make(&next->regs);

	if (value != -SYSLET_LOOKED && value != -SYSLET_SURFACED)
		T_FAIL("%s after %s gave %ld: it has not waited", next->name, after, value);
	moved = syslet_kept(kept);
	if (next->of == BYTES && (!moved || moved != sent))
		T_FAIL("%s after %s has moved %lu bytes, not %lu", next->name, after,
		       (unsigned long)moved, (unsigned long)sent);
	/* two clocks: the kernel side counts ticks */
	if (next->of != BYTES && kept[next->of] < begun + LIMIT_S / 2 * 1000000000ull)
		T_FAIL("%s after %s has the limit of that", next->name, after);
}

static int socket_with_limits(int pair[2])
{
	struct timeval time = {LIMIT_S, 0};

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK_EQ(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)), 0);
	return pair[0];
}

/* Bytes that a send of too many moves into an empty socket. */
static uint64_t room(void)
{
	int pair[2];
	ssize_t sent;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	sent = send(pair[0], memory, BIG, MSG_DONTWAIT);
	CHECK(sent > 1 && sent < BIG);
	close(pair[0]);
	close(pair[1]);
	return (uint64_t)sent;
}

static void try_next(unsigned end, struct next next, uint64_t sent)
{
	int pair[2];

	if (next.of != ARGUMENT)
		next.regs.ARG0 = (uint64_t)socket_with_limits(pair);
	syslet_when_unwatched(SYSLET_UNWATCHED_BLOCKS);
	syslet_go_on(past);
	ends[end].end();
	syslet_when_unwatched(SYSLET_UNWATCHED_REFUSED);
	check_kept(ends[end].name, &next, t_now_ns(), sent);
	if (next.of != ARGUMENT) {
		close(pair[0]);
		close(pair[1]);
	}
}

static void nothing_outlives_its_call(void)
{
	uint64_t epoll = (uint64_t)epoll_create1(0), sent = room();
	const struct next nexts[] = {
		{"nanosleep", CALL(nanosleep, AT(&limit), 0, 0, 0, 0, 0), ARGUMENT},
		{"clock_nanosleep", CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, AT(&limit), 0, 0, 0), ARGUMENT},
		{"ppoll", CALL(ppoll, AT(&pollfd), 1, AT(&limit), 0, 8, 0), ARGUMENT},
#ifdef SYS_poll
		{"poll", CALL(poll, AT(&pollfd), 1, LIMIT_S * 1000, 0, 0, 0), ARGUMENT},
#endif
		{"epoll_pwait", CALL(epoll_pwait, epoll, AT(&event), 1, LIMIT_S * 1000, 0, 0), ARGUMENT},
		{"futex", CALL(futex, AT(&word), FUTEX_WAIT, 0, AT(&limit), 0, 0), ARGUMENT},
		{"recvfrom", CALL(recvfrom, 0, AT(memory), 1, 0, 0, 0), SOCKET},
		{"read", CALL(read, 0, AT(memory), 1, 0, 0, 0), SOCKET},
		{"sendto", CALL(sendto, 0, AT(memory), BIG, 0, 0, 0), BYTES},
		{"write", CALL(write, 0, AT(memory), BIG, 0, 0, 0), BYTES},
	};
	unsigned end, next;

	ring = new_ring(8);
	quiet = new_pipe();
	pollfd.fd = quiet.read_end;
	socket_with_limits(empty);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	for (end = 0; end < sizeof(ends) / sizeof(*ends); end++)
		for (next = 0; next < sizeof(nexts) / sizeof(*nexts); next++)
			try_next(end, nexts[next], sent);
	detach();
	close_pipe(quiet);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(nothing_outlives_its_call, 30);
	return 0;
}
