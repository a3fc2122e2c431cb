/* SPDX-License-Identifier: MIT */
/*
 * A signal that the program did not ask for, in the middle of a call that moves many bytes:
 * the call moves the others too. Each is made by the host first, in quiet, and then as a
 * syslet while signals come; another process takes or gives the bytes, piece by piece.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "syslet.h"
#include "tcp-pair.h"

#define BYTES 200000
#define PIECE 6000
#define MUCH (4l << 20)
#define FOUR_GIB (1ul << 32)
#define PIECE_EVERY_US 500
#define SIGNAL_EVERY_US 1500

#define AT(object) ((uint64_t)(uintptr_t)(object))

static unsigned char bytes[BYTES];
static struct iovec list[3];
static struct msghdr message;
static int file;

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i % 251 + 1);
}

static void fill(void)
{
	size_t i;

	for (i = 0; i < BYTES; i++)
		bytes[i] = byte_at(i);
	list[0] = (struct iovec){bytes, 100};
	list[1] = (struct iovec){bytes + 100, 0};
	list[2] = (struct iovec){bytes + 100, BYTES - 100};
	message = (struct msghdr){.msg_iov = list, .msg_iovlen = 3};
}

enum way { TO_PIPE, TO_SOCKET, FROM_SOCKET };

struct moving_call {
	const char *name;
	enum way way;
	long nr;
	uint64_t second, third, fourth;
};

static const struct moving_call calls[] = {
	{"write to a pipe", TO_PIPE, SYS_write, AT(bytes), BYTES, 0},
	{"writev to a pipe", TO_PIPE, SYS_writev, AT(list), 3, 0},
	{"pwritev2 to a pipe", TO_PIPE, SYS_pwritev2, AT(list), 3, -1ul},
	{"write to a socket", TO_SOCKET, SYS_write, AT(bytes), BYTES, 0},
	{"writev to a socket", TO_SOCKET, SYS_writev, AT(list), 3, 0},
	{"pwritev2 to a socket", TO_SOCKET, SYS_pwritev2, AT(list), 3, -1ul},
	{"sendto", TO_SOCKET, SYS_sendto, AT(bytes), BYTES, 0},
	{"sendmsg", TO_SOCKET, SYS_sendmsg, AT(&message), 0, 0},
	{"sendfile", TO_SOCKET, SYS_sendfile, 0, 0, BYTES},
	{"recvfrom", FROM_SOCKET, SYS_recvfrom, AT(bytes), BYTES, MSG_WAITALL},
	{"recvmsg", FROM_SOCKET, SYS_recvmsg, AT(&message), MSG_WAITALL, 0},
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static void take_pieces(int fd)
{
	unsigned char piece[PIECE];
	size_t at = 0;
	ssize_t i, got;

	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		for (i = 0; i < got; i++)
			if (piece[i] != byte_at(at++))
				_exit(1);
		usleep(PIECE_EVERY_US);
	}
	_exit(at == BYTES ? 0 : 2);
}

static void give_pieces(int fd)
{
	size_t at;

	for (at = 0; at < BYTES; at += PIECE) {
		size_t left = BYTES - at;

		if (write(fd, bytes + at, left < PIECE ? left : PIECE) < 0)
			_exit(1);
		usleep(PIECE_EVERY_US);
	}
	_exit(read(fd, bytes, 1) == 0 ? 0 : 3); /* all of them are enough: the end need not come */
}

static void keep_only(int fd)
{
	int i;

	for (i = 3; i < 1024; i++)
		if (i != fd)
			close(i);
}

/* The process at the other end. */
static pid_t start_peer(enum way way, int ends[2])
{
	pid_t child;

	if (way == TO_PIPE)
		CHECK_EQ(pipe(ends), 0); /* 1 is ours */
	else if (way == FROM_SOCKET)
		tcp_pair(ends); /* of a Unix one a receive ends where descriptors lie */
	else
		CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	CHECK(child >= 0);
	if (child) {
		close(ends[0]);
		return child;
	}
	keep_only(ends[0]); /* an end that others keep open has no end */
	if (way == FROM_SOCKET)
		give_pieces(ends[0]);
	take_pieces(ends[0]);
	return 0;
}

/* Peers are forked while no thread is attached. */
static struct {
	pid_t pid;
	int ends[2];
} peers[3][CALLS];

static void start_peers(void)
{
	unsigned i, j;

	for (i = 0; i < 3; i++)
		for (j = 0; j < CALLS; j++)
			peers[i][j].pid = start_peer(calls[j].way, peers[i][j].ends);
}

static void make_one(struct syslet_ring *ring, call_function *make, unsigned round, unsigned i)
{
	const struct moving_call *call = &calls[i];
	struct indirect_registers regs = {.NR = (uint64_t)call->nr,
					  .ARG0 = (uint64_t)peers[round][i].ends[1],
					  .ARG1 = call->second,
					  .ARG2 = call->third,
					  .ARG3 = call->fourth};
	size_t at;
	long ret;
	int status;

	if (call->nr == SYS_sendfile) {
		regs.ARG1 = (uint64_t)file;
		CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	}
	if (call->way == FROM_SOCKET)
		memset(bytes, 0, sizeof(bytes));
	ret = make ? make(ring, &regs) : by_host(&regs);
	if (ret != BYTES)
		T_FAIL("%s returned %ld in round %u, expected %d", call->name, ret, round, BYTES);
	for (at = 0; at < BYTES; at++)
		CHECK_EQ(bytes[at], byte_at(at));
	close(peers[round][i].ends[1]);
	CHECK_EQ(waitpid(peers[round][i].pid, &status, 0), peers[round][i].pid);
	if (status)
		T_FAIL("%s in round %u: the other side has status %x", call->name, round, status);
}

static void make_all(struct syslet_ring *ring, call_function *make, unsigned round)
{
	unsigned i;

	for (i = 0; i < CALLS; i++)
		make_one(ring, make, round, i);
}

static void on_prof(int signal)
{
	(void)signal;
}

static volatile int sending, sender_ends;

static void *send_signals(void *unused)
{
	while (!sender_ends) {
		DIR *dir = sending ? opendir("/proc/self/task") : 0;
		struct dirent *entry;

		while (dir && (entry = readdir(dir)) != 0)
			if (atoi(entry->d_name) && atoi(entry->d_name) != os_thread())
				syscall(SYS_tgkill, getpid(), atoi(entry->d_name), SIGPROF);
		if (dir)
			closedir(dir);
		usleep(SIGNAL_EVERY_US);
	}
	return unused;
}

static void all_bytes_are_moved(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;
	pthread_t sender;

	signal(SIGPROF, on_prof);
	start_peers();
	make_all(0, 0, 0);
	CHECK_EQ(pthread_create(&sender, 0, send_signals, 0), 0);
	attach(0);
	before = t_leaks_now();
	sending = 1;
	make_all(ring, by_syslet, 1);
	make_all(ring, by_dispatch, 2);
	sending = 0;
	CHECK(GREW(before, restarted) > 0);
	detach();
	sender_ends = 1;
	pthread_join(sender, 0);
	free_ring(ring, 8);
}

/* The low half of an address there is how far it is from it. */
static unsigned char *memory_at_a_multiple_of_4_gib(void)
{
	uintptr_t start = (uintptr_t)mmap(0, FOUR_GIB + MUCH + 4096, PROT_NONE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned char *memory = (unsigned char *)((start + FOUR_GIB - 1) & -FOUR_GIB);

	CHECK((void *)start != MAP_FAILED);
	CHECK_EQ(mprotect(memory, MUCH + 4096, PROT_READ | PROT_WRITE), 0);
	return memory;
}

/*
 * No descriptor, and it looks for signals itself. Its first argument is an address, which is no
 * descriptor either: this one would be that of a socket whose other side has gone.
 */
static void random_bytes(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;
	unsigned char *much;
	pthread_t sender;
	int i, ends[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[1]);
	much = memory_at_a_multiple_of_4_gib();
	signal(SIGPROF, on_prof);
	CHECK_EQ(pthread_create(&sender, 0, send_signals, 0), 0);
	attach(0);
	before = t_leaks_now();
	sending = 1;
	for (i = 0; i < 20 || !GREW(before, restarted); i++)
		CHECK_EQ(call_and_wait(ring, SYS_getrandom, AT(much + ends[0]), MUCH, 0), MUCH);
	sending = 0;
	detach();
	sender_ends = 1;
	pthread_join(sender, 0);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	fill();
	file = memfd_create("bytes", 0);
	CHECK_EQ(write(file, bytes, BYTES), BYTES);
	RUN_IN_CHILD(all_bytes_are_moved, 100);
	RUN_IN_CHILD(random_bytes, 100);
	return 0;
}
