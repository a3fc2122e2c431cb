/* SPDX-License-Identifier: MIT */
/*
 * What is changed of a socket while a call on it is looked at, since nobody could take it over:
 * the call goes on as one does that a thread of the host sleeps in, which has read its limit and
 * its flags when it began. Each is made by such a thread first.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "looked-at.h"
#include "sleeping-call.h"
#include "tcp-pair.h"

#define ASKED 10u
#define BIG (1u << 20)
#define LIMIT_MS 30
#define LATE_MS 1000 /* a limit that ends a call behind its first bytes, on a busy machine too */
#define RWF_OF_ALL 4u /* known wherever the call is, and nothing to a socket */
#define AT(object) ((uint64_t)(uintptr_t)(object))
#ifndef SO_PEEK_OFF
#define SO_PEEK_OFF 42
#endif

enum {
	URGENT = OWN_EVENTS, /* byte */
	THEY_READ, /* all that there is */
	NO_LIMIT,
	LIMITED
};

struct one {
	const char *name;
	int type;
	long nr;
	unsigned flags;
	int limited; /* SO_*TIMEO */
	size_t bytes;
	unsigned changes[4];
};

static char memory[BIG], taken[BIG];
static struct iovec list[2];
static struct msghdr message;

static const struct one calls[] = {
	{"read", SOCK_STREAM, SYS_read, 0, 1, ASKED, {NO_LIMIT}},
	{"readv", SOCK_SEQPACKET, SYS_readv, 0, 1, ASKED, {NO_LIMIT}},
	{"recvfrom", SOCK_DGRAM, SYS_recvfrom, 0, 1, ASKED, {NO_LIMIT}},
	{"recvmsg", TCP, SYS_recvmsg, 0, 1, ASKED, {NO_LIMIT}},
	{"accept", TCP, SYS_accept, 0, 1, 0, {NO_LIMIT}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 1, ASKED, {FOUR, NO_LIMIT}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 1, BIG, {NO_LIMIT}},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, 0, 1, BIG, {NO_LIMIT}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, ASKED, {FOUR, LIMITED, LIMITED, SIX}},
	{"recvmsg of all", TCP, SYS_recvmsg, MSG_WAITALL, 0, ASKED, {FOUR, LIMITED, LIMITED, SIX}},
	{"recvfrom of all", SOCK_STREAM, SYS_recvfrom, MSG_WAITALL, 0, ASKED, {FOUR, NOT_BLOCKING, SIX}},
	{"recvmsg of all", TCP, SYS_recvmsg, MSG_WAITALL, 0, ASKED, {FOUR, NOT_BLOCKING, SIX}},
	{"recvfrom", SOCK_DGRAM, SYS_recvfrom, 0, 0, ASKED, {NOT_BLOCKING, FOUR}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, BIG, {NOT_BLOCKING, THEY_READ}},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, 0, 0, BIG, {NOT_BLOCKING, THEY_READ}},
	{"pwritev2", SOCK_STREAM, SYS_pwritev2, 0, 0, BIG, {NOT_BLOCKING, THEY_READ}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, ASKED, {FOUR, URGENT}},
	{"recvmsg of all", TCP, SYS_recvmsg, MSG_WAITALL, 0, ASKED, {FOUR, URGENT}},
	{"preadv2", SOCK_STREAM, SYS_preadv2, RWF_OF_ALL, 0, ASKED, {FOUR}},
	{"preadv2", TCP, SYS_preadv2, RWF_OF_ALL, 0, ASKED, {FOUR}},
	{"pwritev2", SOCK_STREAM, SYS_pwritev2, RWF_OF_ALL, 0, BIG, {THEY_READ}},
};

static int receives(const struct one *one)
{
	return one->bytes != BIG;
}

static void limit_it(const struct one *one, int fd, int ms)
{
	limit_socket(fd, receives(one) ? SO_RCVTIMEO : SO_SNDTIMEO, ms);
}

static void new_ends(const struct one *one, int ends[2])
{
	if (one->nr == SYS_accept)
		new_listener(ends);
	else
		new_pair(one->type, ends);
	if (one->limited)
		limit_it(one, ends[0], one->changes[0] == FOUR ? LATE_MS : LIMIT_MS);
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_it = {fd, events, 0};

	CHECK_EQ(poll(&poll_it, 1, 10000), 1);
}

static void change_it(const struct one *one, unsigned change, int ends[2])
{
	switch (change) {
	case URGENT:
		CHECK_EQ(send(ends[1], "X", 1, MSG_OOB), 1);
		wait_for(ends[0], POLLPRI);
		bytes_come(ends[1], "efghijklm", 9);
		break;
	case NO_LIMIT:
		limit_it(one, ends[0], 0);
		break;
	case LIMITED:
		limit_it(one, ends[0], LIMIT_MS);
		usleep(2 * LIMIT_MS * 1000);
		break;
	default:
		happen_to_pair(change, ends);
	}
}

static struct indirect_registers registers_of(const struct one *one, int fd)
{
	struct indirect_registers regs = {.NR = (uint64_t)one->nr, .ARG0 = (uint64_t)fd};

	if (one->nr == SYS_accept)
		return regs;
	memset(memory, receives(one) ? '.' : 'y', one->bytes);
	list[0] = (struct iovec){memory, one->bytes / 3};
	list[1] = (struct iovec){memory + one->bytes / 3, one->bytes - one->bytes / 3};
	message = (struct msghdr){.msg_iov = list, .msg_iovlen = 2};
	regs.ARG1 = AT(memory);
	regs.ARG2 = one->bytes;
	if (one->nr == SYS_recvmsg || one->nr == SYS_sendmsg) {
		regs.ARG1 = AT(&message);
		regs.ARG2 = one->flags;
	} else if (one->nr == SYS_recvfrom) {
		regs.ARG3 = one->flags;
	} else if (one->nr != SYS_read) {
		regs.ARG1 = AT(list);
		regs.ARG2 = 2;
		regs.ARG3 = -1ul; /* the file's own position */
		regs.ARG5 = one->flags;
	}
	return regs;
}

static int reads(const struct one *one)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		if (one->changes[i] == THEY_READ)
			return 1;
	return 0;
}

static size_t read_by_them;

static long in_host(const struct one *one, int ends[2])
{
	pthread_t thread;
	unsigned i;

	host.regs = registers_of(one, ends[0]);
	host.tid = host.is_over = 0;
	CHECK_EQ(pthread_create(&thread, 0, sleep_in_host, 0), 0);
	for (i = 0; i < 4 && one->changes[i]; i++)
		if (!until_it_sleeps())
			change_it(one, one->changes[i], ends);
	while (reads(one) && !__atomic_load_n(&host.is_over, __ATOMIC_ACQUIRE))
		read_by_them += take(ends[1], taken, sizeof(taken));
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

	for (i = 0; i < 4 && one->changes[i] && value == -SYSLET_LOOKED; i++) {
		change_it(one, one->changes[i], ends);
		value = look_again(ring, &regs, kept);
	}
	for (; value == -SYSLET_LOOKED; value = look_again(ring, &regs, kept))
		if (reads(one))
			read_by_them += take(ends[1], taken, sizeof(taken));
		else
			usleep(500);
	return value;
}

struct given {
	long value;
	size_t theirs; /* bytes that came to the other side, where it reads */
	char bytes[ASKED];
};

static struct given give(const struct one *one, long (*call)(const struct one *, int *))
{
	struct given given = {0};
	size_t more;
	int ends[2];

	new_ends(one, ends);
	read_by_them = 0;
	given.value = call(one, ends);
	while (reads(one) && (more = take(ends[1], taken, sizeof(taken))) > 0)
		read_by_them += more;
	given.theirs = read_by_them;
	if (receives(one) && one->bytes)
		memcpy(given.bytes, memory, ASKED);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return given;
}

/* A socket of older hosts knows no RWF_NOWAIT, so what has such flags cannot be looked at. */
static int flags_have_a_form(void)
{
	int pair[2], has;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK_EQ(read_without_waiting(pair[0], taken), -1);
	has = errno == EAGAIN;
	close(pair[0]);
	close(pair[1]);
	if (!has)
		printf("sockets have no RWF_NOWAIT here: calls with RWF_ flags are left out\n");
	return has;
}

#define CALLS (sizeof(calls) / sizeof(*calls))

static void what_changes_changes_no_call(void)
{
	struct given expected[CALLS], given;
	unsigned i;
	int flags = flags_have_a_form();

	for (i = 0; i < CALLS; i++)
		expected[i] = give(&calls[i], in_host);
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	for (i = 0; i < CALLS; i++) {
		if (calls[i].flags == RWF_OF_ALL && !flags)
			continue;
		given = give(&calls[i], by_looks);
		if (given.value != expected[i].value || given.theirs != expected[i].theirs ||
		    memcmp(given.bytes, expected[i].bytes, ASKED))
			T_FAIL("%s (%u) gave %ld %.10s, %zu came; the host: %ld %.10s, %zu",
			       calls[i].name, i, given.value, given.bytes, given.theirs,
			       expected[i].value, expected[i].bytes, expected[i].theirs);
	}
	detach();
	free_ring(ring, 8);
}

/* The host looks at them before it would wait: some are refused. */
static void refused_flags(const int ends[2], unsigned flags)
{
	struct iovec one = {memory, 1};
	struct indirect_registers regs = {.ARG0 = (uint64_t)ends[0], .ARG1 = AT(&one), .ARG2 = 1, .ARG3 = -1ul,
					  .ARG5 = flags};
	long expected;

	regs.NR = SYS_preadv2;
	expected = by_host(&regs);
	CHECK(expected < 0);
	CHECK_EQ(look(ring, &regs), expected);
	regs.NR = SYS_pwritev2;
	expected = by_host(&regs);
	CHECK(expected < 0);
	CHECK_EQ(look(ring, &regs), expected);
}

static void what_is_refused_is_refused_at_once(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, TCP};
	unsigned i;

	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct one one = {.type = types[i]};
		int ends[2];

		new_ends(&one, ends);
		refused_flags(ends, 0x40);
		refused_flags(ends, 0x8000);
		close(ends[0]);
		close(ends[1]);
	}
	detach();
	free_ring(ring, 8);
}

/* Each look moves the offset, so the next one goes on there. */
static void a_peek_goes_on_at_its_offset(void)
{
	struct indirect_registers peek = {
		.NR = SYS_recvfrom, .ARG1 = AT(memory), .ARG2 = ASKED, .ARG3 = MSG_PEEK | MSG_WAITALL};
	int at = 0, least = 6, ends[2];

	tcp_pair(ends);
	if (setsockopt(ends[0], SOL_SOCKET, SO_PEEK_OFF, &at, sizeof(at)))
		SKIP_TEST("TCP has no SO_PEEK_OFF before Linux 6.9");
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_REFUSED);
	peek.ARG0 = (uint64_t)ends[0];
	CHECK_EQ(write(ends[1], "abcd", 4), 4);
	tcp_arrives(ends[1]);
	CHECK_EQ(look_once(ring, &peek, kept), -SYSLET_LOOKED);
	CHECK_EQ(write(ends[1], "efghijklmn", 10), 10);
	tcp_arrives(ends[1]);
	CHECK_EQ(look_again(ring, &peek, kept), ASKED);
	CHECK_EQ(memcmp(memory, "abcdefghij", ASKED), 0);
	CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)), 0);
	peek.ARG3 = MSG_PEEK;
	CHECK_EQ(look_once(ring, &peek, kept), -SYSLET_LOOKED);
	CHECK_EQ(write(ends[1], "opqr", 4), 4);
	tcp_arrives(ends[1]);
	CHECK_EQ(look_again(ring, &peek, kept), 8);
	CHECK_EQ(memcmp(memory, "klmnopqr", 8), 0);
	detach();
	free_ring(ring, 8);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(what_changes_changes_no_call, 60);
	RUN_IN_CHILD(what_is_refused_is_refused_at_once, 20);
	RUN_IN_CHILD(a_peek_goes_on_at_its_offset, 20);
	return 0;
}
