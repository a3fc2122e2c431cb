/* SPDX-License-Identifier: MIT */
/*
 * Calls that nobody could take over are looked at: each gives what the host gives, after its
 * limit or when what it waits for is there, and none of them waits.
 */
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "looked-at.h"

#define LIMIT_MS 30
#define LIMIT_NS (LIMIT_MS * 1000000ull)
#define AT(object) ((uint64_t)(uintptr_t)(object))

static struct timespec limit;
static const struct timespec bad_limit = {0, 1000000000}, no_time;
static struct pollfd pollfd;
static struct epoll_event events[2];
static struct sembuf wait_for_one = {0, -1, 0}, take_at_once = {0, -1, IPC_NOWAIT};
static uint32_t word;
static uint64_t one_signal = 1ull << (SIGUSR2 - 1);
static int epoll, semaphore;
static struct pipe quiet;
/* Full, and with limits of their own; each pair's other end has nothing to read either. */
static int stream[2], packets[2], listener, impatient;
static char byte;
static struct iovec one_byte = {&byte, 1};
static struct msghdr message = {.msg_iov = &one_byte, .msg_iovlen = 1};

struct call {
	const char *name;
	struct indirect_registers regs;
	long expected;
};

#define CALL(name, expected, a, b, c, d, e)                                                        \
	{#name, {SYS_##name, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), (uint64_t)(d), (uint64_t)(e), 0}, expected}

/* Until it is over, as a runtime does. */
static long look_on(struct syslet_ring *ring, const struct indirect_registers *regs)
{
	uint64_t kept[2];
	long value;

	while ((value = look(ring, regs)) == -SYSLET_LOOKED) {
		CHECK_EQ(syslet_kept(kept), 0);
		usleep(500);
		syslet_go_on(kept);
	}
	return value;
}

static void begin(void)
{
	limit = (struct timespec){0, (long)LIMIT_NS};
	pollfd = (struct pollfd){quiet.read_end, POLLIN, 0};
}

static void set_limit(int fd)
{
	struct timeval time = {0, LIMIT_MS * 1000};

	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)), 0);
}

static void new_pair(int type, int pair[2])
{
	CHECK_EQ(socketpair(AF_UNIX, type, 0, pair), 0);
	while (send(pair[0], &byte, 1, MSG_DONTWAIT) == 1)
		;
	CHECK_EQ(errno, EAGAIN);
	set_limit(pair[0]);
}

static void new_sockets(void)
{
	new_pair(SOCK_STREAM, stream);
	new_pair(SOCK_SEQPACKET, packets);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(listen(listener, 1), 0);
	set_limit(listener);
	impatient = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK_EQ(listen(impatient, 1), 0);
	set_limit(impatient);
}

static void limits_are_those_of_the_host(void)
{
	struct call calls[] = {
		CALL(nanosleep, 0, &limit, 0, 0, 0, 0),
		CALL(clock_nanosleep, 0, CLOCK_MONOTONIC, 0, &limit, 0, 0),
		CALL(clock_nanosleep, 0, CLOCK_REALTIME, 0, &limit, 0, 0),
#ifdef SYS_poll
		CALL(poll, 0, &pollfd, 1, LIMIT_MS, 0, 0),
#endif
		CALL(ppoll, 0, &pollfd, 1, &limit, 0, 8),
#ifdef SYS_epoll_wait
		CALL(epoll_wait, 0, epoll, events, 2, LIMIT_MS, 0),
#endif
		CALL(epoll_pwait, 0, epoll, events, 2, LIMIT_MS, 0),
		CALL(epoll_pwait2, 0, epoll, events, 2, &limit, 0),
		CALL(rt_sigtimedwait, -EAGAIN, &one_signal, 0, &limit, 8, 0),
		CALL(semtimedop, -EAGAIN, semaphore, &wait_for_one, 1, &limit, 0),
		CALL(read, -EAGAIN, stream[0], &byte, 1, 0, 0),
		CALL(readv, -EAGAIN, packets[0], &one_byte, 1, 0, 0),
		CALL(recvfrom, -EAGAIN, stream[0], &byte, 1, MSG_WAITALL, 0),
		CALL(recvmsg, -EAGAIN, packets[0], &message, 0, 0, 0),
		CALL(accept4, -EAGAIN, listener, 0, 0, 0, 0),
		CALL(write, -EAGAIN, stream[0], &byte, 1, 0, 0),
		CALL(write, -EAGAIN, packets[0], &byte, 1, 0, 0),
		CALL(writev, -EAGAIN, stream[0], &one_byte, 1, 0, 0),
		CALL(writev, -EAGAIN, packets[0], &one_byte, 1, 0, 0),
		CALL(sendto, -EAGAIN, stream[0], &byte, 1, 0, 0),
		CALL(sendto, -EAGAIN, packets[0], &byte, 1, 0, 0),
		CALL(sendmsg, -EAGAIN, stream[0], &message, 0, 0, 0),
		CALL(sendmsg, -EAGAIN, packets[0], &message, 0, 0, 0),
	};
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;
	unsigned i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			struct moment begun = this_moment();
			long ret;

			begin();
			ret = round ? look_on(ring, &calls[i].regs) : by_host(&calls[i].regs);
			if (ret == -ENOSYS && calls[i].regs.NR == SYS_epoll_pwait2)
				continue; /* before Linux 5.11 */
			if (ret != calls[i].expected)
				T_FAIL("%s (%u) returned %ld in round %u, expected %ld",
				       calls[i].name, i, ret, round, calls[i].expected);
			if (passed_since(begun) + 1000000 < LIMIT_NS)
				T_FAIL("%s (%u) was over before its limit", calls[i].name, i);
			if (round && calls[i].regs.NR == SYS_ppoll)
				CHECK_EQ(limit.tv_sec + limit.tv_nsec, 0); /* what is left, as the host tells it */
		}
		if (!round)
			attach_alone(SYSLET_UNWATCHED_LOOKS);
		if (!round)
			before = t_leaks_now();
	}
	CHECK(GREW(before, looks) > 0);
	CHECK_EQ(GREW(before, surfaced), 0);
	detach();
	free_ring(ring, 8);
}

/* It is made, which may take its limit: then it surfaces, and goes on. */
static long made(struct syslet_ring *ring, const struct indirect_registers *regs)
{
	uint64_t kept[2];
	long value;

	while ((value = look(ring, regs)) == -SYSLET_SURFACED) {
		syslet_kept(kept);
		syslet_go_on(kept);
	}
	return value;
}

static void what_does_not_wait_is_made(void)
{
	struct call calls[] = {
		CALL(nanosleep, -EINVAL, &bad_limit, 0, 0, 0, 0),
		CALL(nanosleep, -EFAULT, 8, 0, 0, 0, 0),
		CALL(nanosleep, -EFAULT, 0, 0, 0, 0, 0),
		CALL(clock_nanosleep, -EFAULT, CLOCK_MONOTONIC, 0, 0, 0, 0),
		CALL(clock_nanosleep, -EINVAL, 77, 0, &limit, 0, 0),
		CALL(ppoll, -EINVAL, &pollfd, 1, &bad_limit, 0, 8),
		CALL(ppoll, 0, &pollfd, 1, &no_time, 0, 8),
		CALL(epoll_pwait, -EBADF, -1, events, 2, LIMIT_MS, 0),
		CALL(futex, -EAGAIN, &word, FUTEX_WAIT, 1, &limit, 0),
		CALL(futex, 0, &word, FUTEX_WAKE, 1, 0, 0),
		CALL(semtimedop, -EAGAIN, semaphore, &take_at_once, 1, 0, 0),
		CALL(wait4, -ECHILD, -1, 0, 0, 0, 0),
		CALL(flock, -EBADF, -1, LOCK_EX, 0, 0, 0),
		/* on sockets with a limit */
		CALL(recvfrom, -EAGAIN, stream[0], &byte, 1, MSG_DONTWAIT, 0),
		CALL(recvfrom, -EAGAIN, stream[0], &byte, 1, MSG_ERRQUEUE, 0),
		CALL(sendto, -EAGAIN, stream[0], &byte, 1, MSG_DONTWAIT, 0),
		CALL(read, 0, stream[0], &byte, 0, 0, 0),
		CALL(readv, 0, stream[0], &one_byte, 0, 0, 0),
		CALL(readv, -EINVAL, stream[0], &one_byte, 1025, 0, 0),
		CALL(accept4, -EAGAIN, impatient, 0, 0, 0, 0),
	};
	struct syslet_ring *ring = new_ring(8);
	unsigned i;

	begin();
	attach_alone(SYSLET_UNWATCHED_LOOKS);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		CHECK_EQ(by_host(&calls[i].regs), calls[i].expected);
		if (made(ring, &calls[i].regs) != calls[i].expected)
			T_FAIL("%s (%u) does not give %ld", calls[i].name, i, calls[i].expected);
	}
	detach();
	free_ring(ring, 8);
}

/* What they wait for comes: no limit. */
static void what_comes_is_seen(void)
{
	int first = memfd_create("lock", 0), second, status;
	char path[64];
	struct syslet_ring *ring = new_ring(8);
	struct indirect_registers lock = {.NR = SYS_flock}, wait = {.NR = SYS_wait4};
	struct indirect_registers poll = {
		.NR = SYS_ppoll, .ARG0 = AT(&pollfd), .ARG1 = 1};
	struct indirect_registers wake = {.NR = SYS_futex, .ARG0 = AT(&word), .ARG1 = FUTEX_WAIT};
	pid_t child = fork();

	CHECK(child >= 0);
	if (!child) {
		pause();
		_exit(0);
	}
	sprintf(path, "/proc/self/fd/%d", first);
	second = open(path, O_RDWR);
	CHECK_EQ(flock(first, LOCK_EX), 0);
	lock.ARG0 = (uint64_t)second;
	lock.ARG1 = LOCK_EX;
	wait.ARG0 = (uint64_t)child;
	wait.ARG1 = AT(&status);
	begin();
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	CHECK_EQ(look(ring, &wake), -SYSLET_NOT_MADE);
	CHECK_EQ(look(ring, &lock), -SYSLET_LOOKED);
	CHECK_EQ(look(ring, &wait), -SYSLET_LOOKED);
	CHECK_EQ(look(ring, &poll), -SYSLET_LOOKED);
	close(first);
	kill(child, SIGKILL);
	write_byte(quiet, 'x');
	CHECK_EQ(look_on(ring, &lock), 0);
	CHECK_EQ(look_on(ring, &wait), child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK_EQ(look_on(ring, &poll), 1);
	CHECK_EQ(pollfd.revents, POLLIN);
	detach();
	free_ring(ring, 8);
}

/* Each gives what the host gave a moment before, though it was looked at when it would wait. */
static void what_comes_to_sockets_is_seen(void)
{
	struct call calls[] = {
		CALL(read, 1, stream[0], &byte, 1, 0, 0),
		CALL(readv, 1, packets[0], &one_byte, 1, 0, 0),
		CALL(recvmsg, 1, packets[0], &message, 0, 0, 0),
		CALL(write, -EPIPE, stream[0], &byte, 1, 0, 0),
		CALL(writev, -EPIPE, packets[0], &one_byte, 1, 0, 0),
		CALL(sendmsg, -EPIPE, stream[0], &message, 0, 0, 0),
	};
	struct syslet_ring *ring = new_ring(8);
	unsigned i;

	signal(SIGPIPE, SIG_IGN);
	attach_alone(SYSLET_UNWATCHED_LOOKS);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		CHECK_EQ(look(ring, &calls[i].regs), -SYSLET_LOOKED);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(write(stream[1], &byte, 1), 1);
		CHECK_EQ(write(packets[1], &byte, 1), 1);
	}
	CHECK_EQ(shutdown(stream[1], SHUT_RD), 0);
	CHECK_EQ(shutdown(packets[1], SHUT_RD), 0);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		CHECK_EQ(by_host(&calls[i].regs), calls[i].expected);
		if (look_on(ring, &calls[i].regs) != calls[i].expected)
			T_FAIL("%s (%u) does not give %ld", calls[i].name, i, calls[i].expected);
	}
	detach();
	free_ring(ring, 8);
}

/* On request, though there are threads: also after a call that has left the short way open. */
static void looks_alone(void)
{
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;
	struct syslet_ring *ring = new_ring(8);
	struct indirect_registers getpid_call = {.NR = SYS_getpid};
	struct indirect_registers wake = {.NR = SYS_futex, .ARG0 = AT(&word), .ARG1 = FUTEX_WAIT};
	struct indirect_registers read = {.NR = SYS_read, .ARG0 = (uint64_t)stream[0],
					  .ARG1 = AT(&byte), .ARG2 = 1};

	CHECK_EQ(syslet_attach(&how, &attached), 0);
	CHECK_EQ(look(ring, &getpid_call), getpid());
	CHECK_EQ(look(ring, &getpid_call), getpid());
	syslet_when_unwatched(SYSLET_LOOKS_ALONE);
	CHECK_EQ(look(ring, &read), -SYSLET_LOOKED);
	CHECK_EQ(look(ring, &wake), -SYSLET_NOT_MADE);
	CHECK_EQ(write(stream[1], &byte, 1), 1);
	CHECK_EQ(look_on(ring, &read), 1);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	quiet = new_pipe();
	epoll = epoll_create1(0);
	new_sockets();
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	CHECK(semaphore >= 0);
	RUN_IN_CHILD(looks_alone, 30);
	RUN_IN_CHILD(limits_are_those_of_the_host, 60);
	RUN_IN_CHILD(what_does_not_wait_is_made, 30);
	RUN_IN_CHILD(what_comes_is_seen, 30);
	RUN_IN_CHILD(what_comes_to_sockets_is_seen, 30);
	semctl(semaphore, 0, IPC_RMID);
	return 0;
}
