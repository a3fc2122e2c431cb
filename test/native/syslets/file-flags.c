/* SPDX-License-Identifier: MIT */
/*
 * The calls that run without syslet arguments because they create a descriptor, and
 * the flags that they give it. Rows 11 and 2 of the table of defects are about this.
 */
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "syslet.h"

static long with_flags(struct indirect_registers regs, int flags)
{
	struct syslet_file_flags params = {flags};
	struct syslet_call_result result = syslet_indirect(&regs, &params, sizeof(params), 0);

	CHECK_EQ(result.pending, 0);
	return result.value;
}

/* What the descriptor really has; closes it. */
static void check_descriptor(long fd, int flags)
{
	if (fd < 0)
		T_FAIL("the call that should create a descriptor failed: %s", strerror((int)-fd));
	CHECK_EQ(fcntl((int)fd, F_GETFD) & FD_CLOEXEC, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
	CHECK_EQ(fcntl((int)fd, F_GETFL) & O_NONBLOCK, flags & O_NONBLOCK);
	close((int)fd);
}

static int listening_socket(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	CHECK_EQ(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
	CHECK_EQ(listen(fd, 4), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)address, &length), 0);
	return fd;
}

static void accept_with(int flags)
{
	struct sockaddr_in address;
	int listener = listening_socket(&address);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct indirect_registers regs = {.NR = SYS_accept, .ARG0 = (uint64_t)listener};

	CHECK_EQ(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	check_descriptor(with_flags(regs, flags), flags);
	close(client);
	close(listener);
}

static void every_listed_call(int flags)
{
	sigset_t signals;
	int pair[2];

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	accept_with(flags);
	check_descriptor(with_flags((struct indirect_registers){.NR = SYS_socket, .ARG0 = AF_UNIX,
								.ARG1 = SOCK_STREAM},
				    flags),
			 flags);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_socketpair, .ARG0 = AF_UNIX,
							.ARG1 = SOCK_STREAM, .ARG3 = (uint64_t)pair},
			    flags),
		 0);
	check_descriptor(pair[0], flags);
	check_descriptor(pair[1], flags);
#ifdef SYS_eventfd
	check_descriptor(with_flags((struct indirect_registers){.NR = SYS_eventfd, .ARG0 = 3}, flags),
			 flags);
#endif
#ifdef SYS_signalfd
	check_descriptor(with_flags((struct indirect_registers){.NR = SYS_signalfd,
								.ARG0 = (uint64_t)-1,
								.ARG1 = (uint64_t)&signals,
								.ARG2 = 8},
				    flags),
			 flags);
#endif
	check_descriptor(with_flags((struct indirect_registers){.NR = SYS_timerfd_create,
								.ARG0 = CLOCK_MONOTONIC},
				    flags),
			 flags);
}

static void flags_are_on_the_descriptor(void)
{
	attach(0);
	every_listed_call(0);
	every_listed_call(O_CLOEXEC);
	every_listed_call(O_NONBLOCK);
	every_listed_call(O_CLOEXEC | O_NONBLOCK);
	detach();
}

static void wrong_flags_are_refused(void)
{
	attach(0);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_timerfd_create}, O_APPEND), -EINVAL);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_timerfd_create}, -1), -EINVAL);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_getpid}, 0), -EINVAL);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_openat}, O_CLOEXEC), -EINVAL);
	detach();
}

/* A listed call without any flags, in every length that holds none. */
static void lengths_without_flags(void)
{
	struct indirect_registers regs = {.NR = SYS_timerfd_create, .ARG0 = CLOCK_MONOTONIC};
	union indirect_params none = {{0}};
	struct indirect_params_both both = {{{0}, 0, {0, 0}}, {O_CLOEXEC}, 0};
	uint64_t length;

	attach(0);
	for (length = 0; length <= sizeof(none); length++)
		check_descriptor(syslet_indirect(&regs, &none, length, 0).value, 0);
	check_descriptor(syslet_indirect(&regs, &both, sizeof(both), 0).value, O_CLOEXEC);
	detach();
}

/* patch 4's open question: a syslet and file flags at once, handed over when it blocks. */
static void both_kinds_at_once(void)
{
	struct sockaddr_in address;
	struct syslet_ring *ring = new_ring(4);
	int listener = listening_socket(&address), client;
	struct indirect_registers regs = {.NR = SYS_accept, .ARG0 = (uint64_t)listener};
	struct indirect_params_both params = {params_for(ring, 5).syslet,
					      {O_CLOEXEC | O_NONBLOCK}, 0};
	struct syslet_completion completion;
	struct syslet_call_result result;

	attach(0);
	result = syslet_indirect(&regs, &params, sizeof(params), 0);
	CHECK_EQ(result.pending, 1);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQ(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	completion = reap(ring);
	CHECK_EQ(completion.caller_data, 5);
	check_descriptor((long)completion.status, O_CLOEXEC | O_NONBLOCK);

	/* any other call goes with both kinds, as long as it is given no flags */
	regs = (struct indirect_registers){.NR = SYS_getpid};
	CHECK_EQ(syslet_indirect(&regs, &params, sizeof(params), 0).value, -EINVAL);
	params.file_flags.flags = 0;
	CHECK_EQ(syslet_indirect(&regs, &params, sizeof(params), 0).value, getpid());
	detach();
	close(client);
	close(listener);
	free_ring(ring, 4);
}

/* The full long of a listed call comes back under v7 too; v7 has no file flags (row 11). */
static void v7_runs_them_without_flags(void)
{
	attach(1);
	check_descriptor(with_flags((struct indirect_registers){.NR = SYS_timerfd_create}, 0), 0);
	CHECK_EQ(with_flags((struct indirect_registers){.NR = SYS_timerfd_create}, O_CLOEXEC), -EINVAL);
	detach();
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(flags_are_on_the_descriptor);
	RUN(wrong_flags_are_refused);
	RUN(lengths_without_flags);
	RUN(both_kinds_at_once);
	RUN(v7_runs_them_without_flags);
	return 0;
}
