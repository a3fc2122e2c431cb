/* SPDX-License-Identifier: MIT */
/*
 * What calls on sockets and pipes give that are looked at, since nobody could take them over:
 * the same as those of a thread that the host puts to sleep in them. Each is made by such a
 * thread first. What comes meanwhile comes to both; the last of it ends the call.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "looked-at.h"
#include "sleeping-call.h"
#include "tcp-pair.h"

#define PIPE 0x101 /* a type here */
#define ASKED 10u
#define BIG (1u << 20)
#define LEAST 6
#define LIMIT_MS 30 /* that is over; with events none is, however busy the machine */
#define LONG_MS 60000
#define AT(object) ((uint64_t)(uintptr_t)(object))

enum { FOUR_AND_A_FILE = OWN_EVENTS };

struct one {
	const char *name;
	int type;
	long nr;
	unsigned flags;
	int least, limited, full, big; /* SO_RCVLOWAT, SO_*TIMEO, no room, more than there is room for */
	unsigned before, events[3];
};

static char memory[BIG], rest[ASKED];
static struct iovec list[2];
static struct msghdr message;
static uint64_t control[8];

static const struct one calls[] = {
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, CLOSE}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, WE_READ_NO_MORE, CLOSE}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR_AND_A_FILE}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 1, 0, 0, FOUR, {0}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, 1, 0, 0, 0, {0}},
	{"recvmsg of all", SOCK_STREAM, SYS_recvmsg, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"recvmsg of all", SOCK_STREAM, SYS_recvmsg, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR_AND_A_FILE}},
	{"recvmsg of all", TCP, SYS_recvmsg, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, THEY_WRITE_NO_MORE}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 1, 0, 0, FOUR, {0}},
	{"recvfrom, least", SOCK_STREAM, SYS_recvfrom, 0, LEAST, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"recvfrom, least", SOCK_STREAM, SYS_recvfrom, 0, LEAST, 0, 0, 0, 0, {FOUR, CLOSE}},
	{"read, least", SOCK_STREAM, SYS_read, 0, LEAST, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"readv, least", TCP, SYS_readv, 0, LEAST, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"preadv2, least", TCP, SYS_preadv2, 0, LEAST, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"recvmsg, least", TCP, SYS_recvmsg, 0, LEAST, 0, 0, 0, 0, {FOUR, CLOSE}},
	{"recvfrom, least", TCP, SYS_recvfrom, 0, LEAST, 1, 0, 0, FOUR, {0}},
	{"recvfrom, least", SOCK_STREAM, SYS_recvfrom, 0, LEAST, 1, 0, 0, FOUR, {0}},
	{"peek, least", TCP, SYS_recvfrom, MSG_PEEK, LEAST, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"peek of all", TCP, SYS_recvmsg, MSG_PEEK | MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, SIX, CLOSE}},
	{"peek of all", TCP, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR, CLOSE}},
	{"peek of all", TCP, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 1, 0, 0, FOUR, {0}},
	{"peek of all", SOCK_STREAM, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR}},
	{"recvfrom", SOCK_STREAM, SYS_recvfrom, 0, 0, 0, 0, 0, 0, {FOUR}},
	{"recvmsg", TCP, SYS_recvmsg, 0, 0, 0, 0, 0, 0, {WE_READ_NO_MORE}},
	{"read", SOCK_STREAM, SYS_read, 0, 0, 0, 0, 0, 0, {CLOSE}},
	{"read", TCP, SYS_read, 0, 0, 0, 0, 0, NOT_BLOCKING, {0}},
	{"readv", PIPE, SYS_readv, 0, 0, 0, 0, 0, NOT_BLOCKING, {0}},
	{"readv", PIPE, SYS_readv, 0, 0, 0, 0, 0, 0, {FOUR}},
	{"read", PIPE, SYS_read, 0, 0, 0, 0, 0, 0, {CLOSE}},
	{"preadv2", PIPE, SYS_preadv2, 0, 0, 0, 0, 0, 0, {SIX}},
	{"recvfrom", SOCK_DGRAM, SYS_recvfrom, 0, 0, 1, 0, 0, 0, {WE_READ_NO_MORE}},
	{"recvfrom", SOCK_DGRAM, SYS_recvfrom, 0, 0, 0, 0, 0, 0, {WE_READ_NO_MORE}},
	{"peek", SOCK_DGRAM, SYS_recvfrom, MSG_PEEK, 0, 0, 0, 0, 0, {WE_READ_NO_MORE}},
	{"recvmsg of all", SOCK_DGRAM, SYS_recvmsg, MSG_WAITALL, 0, 0, 0, 0, 0, {FOUR}},
	{"read", SOCK_SEQPACKET, SYS_read, 0, LEAST, 0, 0, 0, 0, {FOUR}},
	{"read", SOCK_SEQPACKET, SYS_read, 0, 0, 0, 0, 0, 0, {WE_READ_NO_MORE}},

	{"write", SOCK_STREAM, SYS_write, 0, 0, 0, 1, 0, 0, {CLOSE}},
	{"write", SOCK_STREAM, SYS_write, 0, 0, 0, 1, 0, 0, {THEY_READ_NO_MORE}},
	{"write", SOCK_STREAM, SYS_write, 0, 0, 0, 1, 0, 0, {WE_WRITE_NO_MORE}},
	{"write", SOCK_STREAM, SYS_write, 0, 0, 1, 1, 0, 0, {0}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 1, 0, 0, {CLOSE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 0, 1, 0, {CLOSE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 0, 1, 0, {WE_WRITE_NO_MORE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 0, 1, 0, {THEY_READ_NO_MORE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 1, 0, 1, 0, {0}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 0, 1, NOT_BLOCKING, {0}},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, 0, 0, 0, 0, 1, 0, {CLOSE}},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, 0, 0, 0, 1, 0, NOT_BLOCKING, {0}},
	{"sendto", SOCK_STREAM, SYS_sendto, MSG_NOSIGNAL, 0, 0, 1, 0, 0, {CLOSE}},
	{"pwritev2", SOCK_STREAM, SYS_pwritev2, 0, 0, 0, 0, 1, 0, {WE_WRITE_NO_MORE}},
	{"sendmsg", SOCK_SEQPACKET, SYS_sendmsg, 0, 0, 0, 1, 0, 0, {CLOSE}},
	{"writev", SOCK_SEQPACKET, SYS_writev, 0, 0, 0, 1, 0, 0, {WE_WRITE_NO_MORE}},
	{"sendto", SOCK_DGRAM, SYS_sendto, 0, 0, 0, 1, 0, 0, {CLOSE}},
	{"sendto", SOCK_DGRAM, SYS_sendto, 0, 0, 0, 1, 0, 0, {WE_WRITE_NO_MORE}},
	{"write", PIPE, SYS_write, 0, 0, 0, 1, 0, 0, {CLOSE}},
	{"writev", PIPE, SYS_writev, 0, 0, 0, 0, 1, 0, {CLOSE}},
	{"writev", PIPE, SYS_writev, 0, 0, 0, 0, 1, NOT_BLOCKING, {0}},
	{"pwritev2", PIPE, SYS_pwritev2, 0, 0, 0, 0, 1, 0, {CLOSE}},
};

static int receives(const struct one *one)
{
	return one->nr == SYS_read || one->nr == SYS_readv || one->nr == SYS_preadv2 ||
	       one->nr == SYS_recvfrom || one->nr == SYS_recvmsg;
}

static size_t room_of(const struct one *one)
{
	return receives(one) ? ASKED : one->big ? BIG : 1000;
}

/* ends[0] is the call's, ends[1] the other side's. */
static void new_ends(const struct one *one, int ends[2])
{
	int least = one->least, other;

	if (one->type == PIPE) {
		CHECK_EQ(pipe(ends), 0);
		other = ends[0];
		ends[0] = receives(one) ? other : ends[1];
		ends[1] = receives(one) ? ends[1] : other;
	} else {
		new_pair(one->type, ends);
	}
	if (least)
		CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)), 0);
	if (one->limited)
		limit_socket(ends[0], receives(one) ? SO_RCVTIMEO : SO_SNDTIMEO,
			     one->events[0] ? LONG_MS : LIMIT_MS);
	if (one->full)
		fill_up(ends[0], one->type == SOCK_STREAM);
}

static void send_with_file(int fd)
{
	struct iovec four = {"abcd", 4};
	struct msghdr with = {.msg_iov = &four, .msg_iovlen = 1, .msg_control = control};
	struct cmsghdr *header;

	with.msg_controllen = CMSG_SPACE(sizeof(int));
	header = CMSG_FIRSTHDR(&with);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	CHECK_EQ(sendmsg(fd, &with, 0), 4);
}

static void happen(unsigned event, int ends[2])
{
	if (event == FOUR_AND_A_FILE)
		send_with_file(ends[1]);
	else
		happen_to_pair(event, ends);
}

static struct indirect_registers registers_of(const struct one *one, int fd)
{
	size_t bytes = room_of(one);
	struct indirect_registers regs = {.NR = (uint64_t)one->nr, .ARG0 = (uint64_t)fd};

	memset(memory, receives(one) ? '.' : 'y', bytes);
	list[0] = (struct iovec){memory, bytes / 3};
	list[1] = (struct iovec){memory + bytes / 3, bytes - bytes / 3};
	message = (struct msghdr){.msg_iov = list, .msg_iovlen = 2};
	switch (one->nr) {
	case SYS_recvmsg:
	case SYS_sendmsg:
		regs.ARG1 = AT(&message);
		regs.ARG2 = one->flags;
		break;
	case SYS_readv:
	case SYS_writev:
	case SYS_preadv2:
	case SYS_pwritev2:
		regs.ARG1 = AT(list);
		regs.ARG2 = 2;
		regs.ARG3 = -1ul; /* of preadv2 and pwritev2: the file's own position */
		break;
	default:
		regs.ARG1 = AT(memory);
		regs.ARG2 = bytes;
		regs.ARG3 = one->flags;
	}
	return regs;
}

struct given {
	long value;
	int raised;	   /* SIGPIPE */
	char bytes[ASKED]; /* of a receive */
	long left, error;  /* in the socket */
};

static long in_host(const struct one *one, int ends[2])
{
	pthread_t thread;
	unsigned i;

	host.regs = registers_of(one, ends[0]);
	host.tid = host.is_over = 0;
	CHECK_EQ(pthread_create(&thread, 0, sleep_in_host, 0), 0);
	for (i = 0; i < 3 && one->events[i]; i++)
		if (!until_it_sleeps())
			happen(one->events[i], ends);
	CHECK_EQ(pthread_join(thread, 0), 0);
	return host.value;
}

static struct syslet_ring *ring;
static uint64_t kept[2];

static long by_looks(const struct one *one, int ends[2])
{
	struct indirect_registers regs = registers_of(one, ends[0]);
	long value = look_once(ring, &regs, kept);
	unsigned i;

	for (i = 0; i < 3 && one->events[i] && value == -SYSLET_LOOKED; i++) {
		happen(one->events[i], ends);
		value = look_again(ring, &regs, kept);
	}
	for (; value == -SYSLET_LOOKED; value = look_again(ring, &regs, kept))
		usleep(500);
	return value;
}

static int raised_in_host(void)
{
	return host.raised;
}

static struct given give(const struct one *one, long (*call)(const struct one *, int *), int (*raised)(void))
{
	struct given given = {0};
	socklen_t bytes = sizeof(int);
	int ends[2], error = 0;

	new_ends(one, ends);
	happen(one->before, ends);
	given.value = call(one, ends);
	given.raised = raised();
	if (receives(one))
		memcpy(given.bytes, memory, ASKED);
	if (one->type != PIPE) {
		CHECK_EQ(getsockopt(ends[0], SOL_SOCKET, SO_ERROR, &error, &bytes), 0);
		given.left = recv(ends[0], rest, ASKED, MSG_DONTWAIT);
	}
	given.error = error;
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return given;
}

/* Before Linux 6.4 a pipe has no form that does not wait. */
static int pipes_have_a_form(void)
{
	long value;
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	value = read_without_waiting(ends[0], rest);
	CHECK_EQ(value, -1);
	CHECK(errno == EAGAIN || errno == EOPNOTSUPP);
	value = errno == EAGAIN;
	close(ends[0]);
	close(ends[1]);
	if (!value)
		printf("pipes have no RWF_NOWAIT here: calls that wait on them are left out\n");
	return (int)value;
}

static int is_left_out(const struct one *one, int pipes)
{
	return !pipes && one->type == PIPE && one->before != NOT_BLOCKING;
}

#define CALLS (sizeof(calls) / sizeof(*calls))

static void looks_give_what_the_host_gives(void)
{
	struct given expected[CALLS], given;
	struct t_leaks before;
	unsigned i;
	int pipes = pipes_have_a_form();

	for (i = 0; i < CALLS; i++)
		expected[i] = give(&calls[i], in_host, raised_in_host);
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	before = t_leaks_now();
	for (i = 0; i < CALLS; i++) {
		if (is_left_out(&calls[i], pipes))
			continue;
		given = give(&calls[i], by_looks, take_sigpipe);
		if (given.value != expected[i].value || given.left != expected[i].left ||
		    given.error != expected[i].error || memcmp(given.bytes, expected[i].bytes, ASKED))
			T_FAIL("%s (%u) gave %ld %.10s and left %ld, error %ld; the host: %ld %.10s, %ld, %ld",
			       calls[i].name, i, given.value, given.bytes, given.left, given.error,
			       expected[i].value, expected[i].bytes, expected[i].left, expected[i].error);
		if (given.raised != expected[i].raised)
			T_FAIL("%s (%u) raised SIGPIPE %d times, the host %d", calls[i].name, i,
			       given.raised, expected[i].raised);
	}
	CHECK(GREW(before, looks) > 0);
	CHECK_EQ(GREW(before, surfaced), 0);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(looks_give_what_the_host_gives, 60);
	return 0;
}
