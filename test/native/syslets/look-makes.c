/* SPDX-License-Identifier: MIT */
/*
 * Calls on sockets and pipes whose look cannot tell all: which are not made where nobody could
 * take them over, and what those move that are made and surface.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "few-threads.h"
#include "looked-at.h"
#include "tcp-pair.h"

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#define BIG (1u << 20)
#define GIB (1ul << 30)
#define MOST 0x7ffff000 /* MAX_RW_COUNT, linux/fs.h */
#define AT(object) ((uint64_t)(uintptr_t)(object))

static char bytes[BIG];
static uint64_t control[8];
static struct iovec no_bytes[2] = {{bytes, 0}, {bytes, 0}};
static struct syslet_ring *ring;

static void wait_a_minute(int fd)
{
	struct timeval minute = {60, 0};

	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute)), 0);
}

static void block(int fd, int blocks)
{
	CHECK_EQ(fcntl(fd, F_SETFL, blocks ? 0 : O_NONBLOCK), 0);
}

static struct pipe full_pipe(void)
{
	struct pipe pipe = new_pipe();

	block(pipe.write_end, 0);
	while (write(pipe.write_end, bytes, 4096) > 0)
		;
	block(pipe.write_end, 1);
	return pipe;
}

static void not_made(const struct indirect_registers *regs)
{
	CHECK_EQ(look(ring, regs), -SYSLET_NOT_MADE);
}

/* What may not wait at one end may wait at the other. */
static void splice_and_sendfile(void)
{
	struct pipe from = new_pipe(), to = full_pipe();
	struct indirect_registers splice = {.NR = SYS_splice, .ARG0 = (uint64_t)from.read_end,
					    .ARG2 = (uint64_t)to.write_end, .ARG4 = 1};
	struct indirect_registers sendfile = {.NR = SYS_sendfile, .ARG1 = (uint64_t)from.read_end, .ARG3 = 1};

	write_byte(from, 'x');
	block(from.read_end, 0);
	not_made(&splice);
	block(from.read_end, 1);
	block(to.write_end, 0);
	sendfile.ARG0 = (uint64_t)to.write_end;
	not_made(&sendfile);
	close_pipe(from);
	close_pipe(to);
}

/* Poll tells that there is some, and they wait for all. */
static void receives_of_all(int option)
{
	struct iovec all = {bytes, 10};
	struct msghdr message = {.msg_iov = &all, .msg_iovlen = 1, .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct indirect_registers recvmsg = {.NR = SYS_recvmsg, .ARG1 = AT(&message), .ARG2 = MSG_WAITALL};
	struct indirect_registers recvfrom = {
		.NR = SYS_recvfrom, .ARG1 = AT(bytes), .ARG2 = 10, .ARG3 = MSG_WAITALL};
	int tcp[2], unix_pair[2], on = 1;

	tcp_pair(tcp);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, unix_pair), 0);
	if (setsockopt(unix_pair[0], SOL_SOCKET, option, &on, sizeof(on))) {
		CHECK_EQ(option, SO_PASSPIDFD);
		printf("no SO_PASSPIDFD before Linux 6.5: it is left out\n");
		CHECK_EQ(setsockopt(unix_pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	}
	wait_a_minute(tcp[0]);
	wait_a_minute(unix_pair[0]);
	recvmsg.ARG0 = (uint64_t)tcp[0];
	recvfrom.ARG0 = (uint64_t)unix_pair[0];
	CHECK_EQ(look(ring, &recvmsg), -SYSLET_LOOKED);
	CHECK_EQ(look(ring, &recvfrom), -SYSLET_LOOKED);
	CHECK_EQ(write(tcp[1], "x", 1), 1);
	CHECK_EQ(write(unix_pair[1], "x", 1), 1);
	not_made(&recvmsg);
	not_made(&recvfrom);
	close(tcp[0]);
	close(tcp[1]);
	close(unix_pair[0]);
	close(unix_pair[1]);
}

/* Another process may take the connection that poll has told of. */
static void accepts(void)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), taken;
	struct indirect_registers accept = {.NR = SYS_accept4, .ARG0 = (uint64_t)listener};

	CHECK_EQ(listen(listener, 1), 0);
	CHECK_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	CHECK_EQ(look(ring, &accept), -SYSLET_LOOKED);
	CHECK_EQ(connect(client, (struct sockaddr *)&address, length), 0);
	not_made(&accept);
	syslet_when_unwatched(SYSLET_UNWATCHED_LOOKS);
	taken = (int)look(ring, &accept);
	syslet_when_unwatched(SYSLET_UNWATCHED_REFUSED);
	CHECK(taken >= 0);
	close(taken);
	close(client);
	close(listener);
}

/* A write of no bytes is a datagram; of a list of none it is nothing. */
static void empty_datagrams(int type)
{
	int pair[2];
	struct indirect_registers write_call = {.NR = SYS_write, .ARG1 = AT(bytes)};
	struct indirect_registers writev_call = {.NR = SYS_writev, .ARG1 = AT(no_bytes), .ARG2 = 2};
	struct indirect_registers readv_call = {.NR = SYS_readv, .ARG1 = AT(no_bytes), .ARG2 = 2};

	CHECK_EQ(socketpair(AF_UNIX, type, 0, pair), 0);
	write_call.ARG0 = writev_call.ARG0 = (uint64_t)pair[0];
	readv_call.ARG0 = (uint64_t)pair[1];
	CHECK_EQ(by_host(&writev_call), 0);
	CHECK_EQ(look(ring, &writev_call), 0);
	CHECK_EQ(recv(pair[1], bytes, 1, MSG_DONTWAIT), -1);
	CHECK_EQ(send(pair[0], "x", 1, 0), 1);
	CHECK_EQ(by_host(&readv_call), 0);
	CHECK_EQ(look(ring, &readv_call), 0);
	CHECK_EQ(recv(pair[1], bytes, 1, MSG_DONTWAIT), 1);
	CHECK_EQ(look(ring, &write_call), 0);
	CHECK_EQ(recv(pair[1], bytes, 1, MSG_DONTWAIT), 0);
	while (send(pair[0], bytes, 0, MSG_DONTWAIT) == 0)
		;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(look(ring, &write_call), -SYSLET_LOOKED);
	CHECK_EQ(look(ring, &writev_call), 0);
	close(pair[0]);
	close(pair[1]);
}

static void nothing_is_written_to_a_full_stream(void)
{
	struct pipe pipe = full_pipe();
	struct indirect_registers write_call = {.NR = SYS_write, .ARG1 = AT(bytes)};
	int pair[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	while (send(pair[0], bytes, 1, MSG_DONTWAIT) > 0)
		;
	write_call.ARG0 = (uint64_t)pair[0];
	CHECK_EQ(by_host(&write_call), 0);
	CHECK_EQ(look(ring, &write_call), 0);
	write_call.ARG0 = (uint64_t)pipe.write_end;
	CHECK_EQ(by_host(&write_call), 0);
	CHECK_EQ(look(ring, &write_call), 0);
	close_pipe(pipe);
	close(pair[0]);
	close(pair[1]);
}

static void what_may_wait_is_not_made(void)
{
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	splice_and_sendfile();
	receives_of_all(SO_PASSCRED);
	receives_of_all(SO_PASSPIDFD);
	accepts();
	empty_datagrams(SOCK_DGRAM);
	empty_datagrams(SOCK_SEQPACKET);
	nothing_is_written_to_a_full_stream();
	detach();
	free_ring(ring, 8);
}

static size_t drain(int fd)
{
	static char taken[BIG];
	size_t all = 0;
	ssize_t got;

	while ((got = read(fd, taken, sizeof(taken))) > 0)
		all += (size_t)got;
	return all;
}

/* A FIFO with a name cannot be looked at: the call is made, surfaces, and goes on behind its bytes. */
static void a_write_to_a_fifo_surfaces(void)
{
	char folder[] = "/tmp/syslets-XXXXXX", path[64];
	struct iovec list[2] = {{bytes, BIG / 4}, {bytes + BIG / 4, BIG - BIG / 4}};
	struct indirect_registers writev = {.NR = SYS_writev, .ARG1 = AT(list), .ARG2 = 2};
	uint64_t kept[2], moved = 0;
	size_t taken = 0;
	int reader, times = 0;
	long value;

	if (geteuid())
		SKIP_TEST("only root can become a user with few threads");
	CHECK(mkdtemp(folder) != 0);
	snprintf(path, sizeof(path), "%s/fifo", folder);
	CHECK_EQ(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	writev.ARG0 = (uint64_t)open(path, O_WRONLY);
	unlink(path);
	rmdir(folder);
	ring = new_ring(8);
	attach(0);
	detach(); /* the guardian is there */
	become_nobody();
	set_limit(RLIMIT_NPROC, 1);
	attach(0);
	syslet_when_unwatched(SYSLET_UNWATCHED_LOOKS);
	for (; (value = look(ring, &writev)) == -SYSLET_SURFACED; times++) {
		CHECK(syslet_kept(kept) >= moved);
		moved = syslet_kept(kept);
		taken += drain(reader);
		CHECK_EQ(taken, moved);
		syslet_go_on(kept);
	}
	CHECK_EQ(value, BIG);
	CHECK_EQ(taken + drain(reader), BIG);
	CHECK(times > 1);
	detach();
	free_ring(ring, 8);
}

/* Of a call that is neither made nor looked at: it is not late by what it waits for its turn. */
static void a_limit_begins_with_the_first_try(void)
{
	struct timespec limit = {0, 5000000};
	struct indirect_registers select = {.NR = SYS_pselect6, .ARG4 = AT(&limit)};
	uint64_t kept[2], first, before;

	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	before = t_now_ns();
	CHECK_EQ(look(ring, &select), -SYSLET_SURFACED);
	CHECK_EQ(syslet_kept(kept), 0);
	CHECK(kept[0] >= before + (uint64_t)limit.tv_nsec && kept[0] <= t_now_ns() + (uint64_t)limit.tv_nsec);
	CHECK_EQ(kept[1], 0);
	first = kept[0];
	usleep(1000);
	syslet_go_on(kept);
	CHECK_EQ(look(ring, &select), -SYSLET_SURFACED);
	syslet_kept(kept);
	CHECK_EQ(kept[0], first);
	while (t_now_ns() <= first)
		usleep(1000);
	syslet_when_unwatched(SYSLET_UNWATCHED_BLOCKS);
	limit.tv_sec = 3600; /* it has been read */
	syslet_go_on(kept);
	CHECK_EQ(look(ring, &select), 0);
	detach();
	free_ring(ring, 8);
}

/* No time is put in its place: the host tells what is wrong. */
static void a_limit_that_is_none_is_left_to_the_host(void)
{
	struct timespec limit = {0, 1000000000};
	struct indirect_registers select = {.NR = SYS_pselect6, .ARG4 = AT(&limit)};

	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	CHECK_EQ(look(ring, &select), -SYSLET_NOT_MADE);
	syslet_when_unwatched(SYSLET_UNWATCHED_BLOCKS);
	CHECK_EQ(look(ring, &select), -EINVAL);
	detach();
	free_ring(ring, 8);
}

/* It has moved all but 4 of the bytes that the host moves in one call, MAX_RW_COUNT. */
static void moves_the_last_four(struct indirect_registers *regs)
{
	uint64_t kept[2] = {MOST - 4, 0};
	int ends[2];

	new_pair(SOCK_STREAM, ends); /* pipes can be looked at from Linux 6.4 on */
	regs->ARG0 = (uint64_t)ends[0];
	syslet_go_on(kept);
	CHECK_EQ(look(ring, regs), MOST);
	CHECK_EQ(read(ends[1], bytes, 64), 4);
	close(ends[0]);
	close(ends[1]);
}

/* A call that has surfaced gives no more than one that has not. */
static void no_more_is_moved_than_in_one_call(void)
{
	char *all = mmap(0, 2 * GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct iovec list[4] = {{all, GIB}, {all, GIB - 8192}, {all, 4096}, {all, GIB}};
	struct indirect_registers write = {.NR = SYS_write, .ARG1 = AT(all), .ARG2 = 2 * GIB};
	struct indirect_registers writev = {.NR = SYS_writev, .ARG1 = AT(list), .ARG2 = 4};

	CHECK(all != MAP_FAILED);
	CHECK_EQ(2 * GIB - 4096, MOST); /* the third buffer ends there */
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	moves_the_last_four(&write);
	moves_the_last_four(&writev);
	list[1].iov_len = GIB; /* it ends in the middle of a buffer */
	moves_the_last_four(&writev);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(what_may_wait_is_not_made, 30);
	RUN_IN_CHILD(a_write_to_a_fifo_surfaces, 60);
	RUN_IN_CHILD(a_limit_begins_with_the_first_try, 30);
	RUN_IN_CHILD(no_more_is_moved_than_in_one_call, 30);
	RUN_IN_CHILD(a_limit_that_is_none_is_left_to_the_host, 30);
	return 0;
}
