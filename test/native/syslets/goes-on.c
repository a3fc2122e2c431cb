/* SPDX-License-Identifier: MIT */
/*
 * Which calls go on behind the bytes that they had moved when a signal came, and which give
 * that number: on a host whose first answer to the call under test has just been
 * interrupted, as a handler of ours leaves it. All other questions go to the real one.
 */
#include <fcntl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fake-host.h"
#include "host/host.h"
#include "tcp-pair.h"

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#define PART 10
#define TCP 0x100 /* a type here: else they are Unix sockets */
#define PIPE 0x101
#define LENGTH 100
#define AT(object) ((uint64_t)(uintptr_t)(object))

static struct syslet_completion_ring {
	struct syslet_ring header;
	struct syslet_completion slots[4];
} __attribute__((aligned(64))) memory;

static uint64_t stack[64];
static char bytes[LENGTH];
static uint64_t control[4];
static struct iovec list[2] = {{bytes, 30}, {bytes + 30, LENGTH - 30}};
static struct msghdr plain = {.msg_iov = list, .msg_iovlen = 2};
static struct msghdr with_control = {
	.msg_iov = list, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)};
static struct sembuf may_not_wait = {0, -1, IPC_NOWAIT};

static struct {
	uint64_t nr;
	int calls;
	uint64_t asked[2]; /* what those after the first are asked for */
} tried;

static uint64_t asked_for(const struct indirect_registers *regs)
{
	const struct msghdr *message = (void *)(uintptr_t)regs->ARG1;

	switch (regs->NR) {
	case SYS_sendmsg:
	case SYS_recvmsg:
		return message->msg_iov->iov_len;
	case SYS_writev:
	case SYS_pwritev2:
		return ((const struct iovec *)(uintptr_t)regs->ARG1)->iov_len;
	case SYS_sendfile:
		return regs->ARG3;
	default:
		return regs->ARG2;
	}
}

/* The rest of a write to a socket is sent, without the signal of a peer that has gone. */
static int is_rest_of_write(const struct indirect_registers *regs)
{
	int writes = tried.nr == SYS_write || tried.nr == SYS_writev || tried.nr == SYS_pwritev2;

	return tried.calls && writes && regs->NR == SYS_sendto && (regs->ARG3 & ~MSG_DONTWAIT) == MSG_NOSIGNAL;
}

static long by_real_host(const struct indirect_registers *regs)
{
	long ret = syscall((long)regs->NR, regs->ARG0, regs->ARG1, regs->ARG2, regs->ARG3, regs->ARG4,
			   regs->ARG5);

	return ret < 0 ? -errno : ret;
}

static long interrupted_once(const struct indirect_registers *regs, struct task *cur)
{
	if (regs->NR != tried.nr && !is_rest_of_write(regs))
		return by_real_host(regs);
	if (tried.calls++ && regs->NR == SYS_sendto)
		CHECK_EQ(regs->ARG3 & MSG_ZEROCOPY, 0); /* it is one call, of one number */
	if (tried.calls > 1)
		return (long)(tried.asked[tried.calls > 2] = asked_for(regs));
	cur->part = PART;
	cur->signalled = 1;
	return -EINTR;
}

static struct context *begin(host_call_t *call)
{
	memset(&memory, 0, sizeof(memory));
	memory.header.elements = 4;
	memory.header.wait_group = 1;
	fake.call = call;
	return fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
}

static struct syslet_result make(struct context *ctx, const struct indirect_registers *regs)
{
	struct indirect_params_both params = {
		.syslet = {.ring_ptr = AT(&memory), .frame = {0x1234, AT(&stack[32])}}};

	return sys_indirect(regs, &params, 32, 0, ctx->carrier);
}

struct one {
	const char *name;
	int type;
	uint64_t nr, second, third, flags;
	int goes_on;
};

static const struct one all[] = {
	{"sendto", SOCK_STREAM, SYS_sendto, AT(bytes), LENGTH, 0, 1},
	{"sendto, zero copy", SOCK_STREAM, SYS_sendto, AT(bytes), LENGTH, MSG_ZEROCOPY, 1},
	{"sendto, fast open", SOCK_STREAM, SYS_sendto, AT(bytes), LENGTH, MSG_FASTOPEN, 0},
	{"sendto, may not wait", SOCK_STREAM, SYS_sendto, AT(bytes), LENGTH, MSG_DONTWAIT, 0},
	{"sendto, a datagram", SOCK_DGRAM, SYS_sendto, AT(bytes), LENGTH, 0, 0},
	{"sendto, a packet", SOCK_SEQPACKET, SYS_sendto, AT(bytes), LENGTH, 0, 0},
	{"sendto, more than asked", SOCK_STREAM, SYS_sendto, AT(bytes), PART / 2, 0, 0},
	{"write to a socket", SOCK_STREAM, SYS_write, AT(bytes), LENGTH, 0, 1},
	{"write of a datagram", SOCK_DGRAM, SYS_write, AT(bytes), LENGTH, 0, 0},
	{"recvfrom of all", TCP, SYS_recvfrom, AT(bytes), LENGTH, MSG_WAITALL, 1},
	{"recvfrom of all, Unix", SOCK_STREAM, SYS_recvfrom, AT(bytes), LENGTH, MSG_WAITALL, 0},
	{"recvfrom of some", TCP, SYS_recvfrom, AT(bytes), LENGTH, 0, 0},
	{"recvfrom, a datagram", SOCK_DGRAM, SYS_recvfrom, AT(bytes), LENGTH, MSG_WAITALL, 0},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, AT(&plain), 0, 0, 1},
	{"sendmsg, control", TCP, SYS_sendmsg, AT(&with_control), 0, 0, 0},
	{"sendmsg, descriptors", SOCK_STREAM, SYS_sendmsg, AT(&with_control), 0, 0, 1},
	{"recvmsg of all", TCP, SYS_recvmsg, AT(&plain), MSG_WAITALL, 0, 1},
	{"recvmsg, control", TCP, SYS_recvmsg, AT(&with_control), MSG_WAITALL, 0, 0},
	{"sendfile to a socket", TCP, SYS_sendfile, 0, 0, LENGTH, 1},
	{"sendfile to a pipe", PIPE, SYS_sendfile, 0, 0, LENGTH, 0},
	{"write to a pipe", PIPE, SYS_write, AT(bytes), LENGTH, 0, 1},
	{"writev to a pipe", PIPE, SYS_writev, AT(list), 2, 0, 1},
	{"pwritev2 to a pipe", PIPE, SYS_pwritev2, AT(list), 2, 0, 1},
	{"pwritev2 to a socket", SOCK_STREAM, SYS_pwritev2, AT(list), 2, 0, 1},
	{"pwritev2, may not wait", PIPE, SYS_pwritev2, AT(list), 2, RWF_NOWAIT, 0},
	{"preadv2 of a socket", SOCK_STREAM, SYS_preadv2, AT(list), 2, 0, 0},
	{"an open", SOCK_STREAM, SYS_openat, AT("x"), 0, 0, 0},
	{"dup, of a socket", SOCK_STREAM, SYS_dup, 0, 0, 0, 0},
};

/* Of a list: the part ends in its first buffer, the next is what is left of it. */
static uint64_t expected_second(const struct one *one)
{
	switch (one->nr) {
	case SYS_sendmsg:
	case SYS_recvmsg:
	case SYS_writev:
	case SYS_pwritev2:
		return list[0].iov_len - PART;
	default:
		return LENGTH - PART;
	}
}

static void try_one(const struct one *one)
{
	struct context *ctx = begin(interrupted_once);
	int at_offset = one->nr == SYS_pwritev2 || one->nr == SYS_preadv2;
	struct indirect_registers regs = {.NR = one->nr,
					  .ARG1 = one->second,
					  .ARG2 = one->third,
					  .ARG3 = at_offset ? -1ul : one->flags, /* the file's own */
					  .ARG5 = at_offset ? one->flags : 0};
	struct syslet_result result;
	int ends[2];

	if (one->type == TCP)
		tcp_pair(ends);
	else
		CHECK_EQ(one->type == PIPE ? pipe(ends) : socketpair(AF_UNIX, one->type, 0, ends), 0);
	CHECK_EQ(write(ends[1], "there", 5), 5); /* a receive need not wait */
	regs.ARG0 = (uint64_t)ends[one->type == PIPE];
	tried.nr = one->nr;
	tried.calls = 0;
	result = make(ctx, &regs);
	CHECK_EQ(result.how, HOW_RETURNED);
	if ((tried.calls > 1) != one->goes_on)
		T_FAIL("%s: made %d times, and it %s", one->name, tried.calls,
		       one->goes_on ? "goes on" : "does not");
	if (result.value != (one->goes_on ? LENGTH : PART))
		T_FAIL("%s returned %ld", one->name, result.value);
	if (one->goes_on && tried.asked[0] != expected_second(one) && tried.calls == 2)
		T_FAIL("%s: the second asked for %lu", one->name, tried.asked[0]);
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

static void what_goes_on(void)
{
	unsigned i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		try_one(&all[i]);
}

static long call_that_blocks(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	return 1;
}

static long interrupted_then_real(const struct indirect_registers *regs, struct task *cur)
{
	if (!tried.calls && regs->NR == tried.nr)
		return interrupted_once(regs, cur);
	return by_real_host(regs);
}

/* Its next part gives an error, and must not raise SIGPIPE: the first is the result. */
static void a_peer_that_has_gone(void)
{
	struct context *ctx = begin(interrupted_then_real);
	struct indirect_registers regs = {.NR = SYS_write, .ARG1 = AT(bytes), .ARG2 = LENGTH};
	int ends[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[1]);
	regs.ARG0 = (uint64_t)ends[0];
	tried.nr = SYS_write;
	tried.calls = 0;
	CHECK_EQ(make(ctx, &regs).value, PART);
	CHECK_EQ(tried.calls, 1);
	close(ends[0]);
	fake_detach(ctx);
}

/* Poll tells of no shutdown of a Unix socket: the call itself waits for room in it. */
static void a_full_unix_socket(void)
{
	struct context *ctx = begin(interrupted_once);
	struct indirect_registers regs = {.NR = SYS_write, .ARG1 = AT(bytes), .ARG2 = LENGTH};
	int ends[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	while (send(ends[0], bytes, LENGTH, MSG_DONTWAIT) > 0)
		;
	regs.ARG0 = (uint64_t)ends[0];
	tried.nr = SYS_write;
	tried.calls = 0;
	CHECK_EQ(make(ctx, &regs).value, LENGTH);
	CHECK_EQ(tried.calls, 2);
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

static int sends;

/* There is no room at first, then for a part, then for the rest. */
static long little_room(const struct indirect_registers *regs, struct task *cur)
{
	(void)cur;
	if (regs->NR == SYS_sendto)
		return !sends++ ? -EAGAIN : sends == 2 ? PART : (long)regs->ARG2;
	return by_real_host(regs);
}

/* It has waited, so it is none of those that O_NONBLOCK, which came later, is for. */
static void a_socket_that_blocks_no_more(int type)
{
	struct context *ctx = begin(little_room);
	struct indirect_registers regs = {.NR = SYS_write, .ARG1 = AT(bytes), .ARG2 = LENGTH};
	uint64_t kept[2] = {PART, 0};
	int ends[2];

	if (type == TCP)
		tcp_pair(ends);
	else
		CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CHECK_EQ(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	regs.ARG0 = (uint64_t)ends[0];
	sends = 0;
	go_on_with(ctx, kept);
	CHECK_EQ(make(ctx, &regs).value, LENGTH);
	CHECK_EQ(sends, 3);
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

static void sockets_that_block_no_more(void)
{
	a_socket_that_blocks_no_more(TCP);
	a_socket_that_blocks_no_more(SOCK_STREAM);
}

/* It waits for as many as the socket says, and takes what lies behind them. */
static void a_receive_of_some(void)
{
	struct context *ctx = begin(interrupted_once);
	struct indirect_registers regs = {.NR = SYS_recvfrom, .ARG1 = AT(bytes), .ARG2 = LENGTH};
	int least = LENGTH / 2, ends[2];

	tcp_pair(ends);
	CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)), 0);
	regs.ARG0 = (uint64_t)ends[0];
	tried.nr = SYS_recvfrom;
	tried.calls = 0;
	CHECK_EQ(make(ctx, &regs).value, LENGTH);
	CHECK_EQ(tried.calls, 3);
	CHECK_EQ(tried.asked[0], LENGTH / 2 - PART);
	CHECK_EQ(tried.asked[1], LENGTH / 2);
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

#define MESSAGES 2

static int receives;

/* It has none when the first signal comes, and some when the next does. */
static long some_messages(const struct indirect_registers *regs, struct task *cur)
{
	if (regs->NR != SYS_recvmmsg)
		return -EINVAL;
	cur->signalled = 1;
	if (receives++) {
		*(struct timespec *)(uintptr_t)regs->ARG4 = (struct timespec){0, 5}; /* what is left */
		cur->part = MESSAGES;
	}
	return -EINTR;
}

/* Linux tells what is left of the limit where it received some, and so do we, of a call made again. */
static void what_is_left_after_a_part(void)
{
	struct context *ctx = begin(some_messages);
	struct timespec limit = {1, 0};
	struct indirect_registers regs = {.NR = SYS_recvmmsg, .ARG2 = 4, .ARG4 = AT(&limit)};

	receives = 0;
	CHECK_EQ(make(ctx, &regs).value, MESSAGES);
	CHECK_EQ(receives, 2);
	CHECK_EQ(limit.tv_sec, 0);
	CHECK_EQ(limit.tv_nsec, 5);
	fake_detach(ctx);
}

/* What was kept for a call is not the next one's: a frame's function makes that. */
static void nothing_is_kept_for_a_frame(void)
{
	struct context *ctx = begin(call_that_blocks);
	struct timespec limit = {1, 0};
	struct indirect_registers regs = {.NR = SYS_nanosleep, .ARG0 = AT(&limit)};
	uint64_t kept[2] = {fake_clock(CLOCK_MONOTONIC) + 1000000000, 0};
	struct task *birth = ctx->birth;
	struct syslet_result result;

	go_on_with(ctx, kept);
	result = make(ctx, &regs);
	CHECK_EQ(result.value, 0);
	CHECK_EQ(result.how, HOW_FRAME);
	CHECK_EQ(birth->kept_for, 0);
	fake_park_task(birth);
	fake_detach(ctx);
}

static int signals_left;
static struct timespec one_second = {1, 0};

/* A call of no time gives EINTR where a signal is there, though nobody waits. */
static long poll_with_signals(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	cur->signalled = 1;
	return signals_left-- > 0 ? -EINTR : 1;
}

static void a_signal_ends_no_look(void)
{
	struct context *ctx = begin(poll_with_signals);
	struct indirect_registers regs = {.NR = SYS_ppoll, .ARG0 = AT(bytes), .ARG1 = 1, .ARG2 = AT(&one_second)};
	long status = 0;

	signals_left = 3;
	CHECK_EQ(look_at(&regs, ctx->carrier, &status), LOOK_TELLS);
	CHECK_EQ(status, 1);
	signals_left = 3;
	ctx->carrier->call->interrupt = 1;
	CHECK_EQ(look_at(&regs, ctx->carrier, &status), LOOK_TELLS);
	CHECK_EQ(status, -EINTR); /* that one was meant for it */
	ctx->carrier->call->interrupt = 0;
	fake_detach(ctx);
}

static struct {
	uint64_t nr;
	int left;
} signals_at;

/* Others are asked of a socket that has nothing to read. */
static long host_with_signals(const struct indirect_registers *regs, struct task *cur)
{
	if (regs->NR == signals_at.nr && signals_at.left-- > 0) {
		cur->signalled = 1;
		return -EINTR;
	}
	return by_real_host(regs);
}

/* Nor does one leave its mark: an error of the next call's own would be taken for a signal's. */
static void a_signal_ends_no_look_at_a_stream(void)
{
	static const uint64_t at[] = {SYS_recvfrom, SYS_ppoll};
	struct context *ctx = begin(host_with_signals);
	struct indirect_registers regs = {
		.NR = SYS_recvfrom, .ARG1 = AT(bytes), .ARG2 = LENGTH, .ARG3 = MSG_PEEK};
	int least = LENGTH, ends[2];
	unsigned i;
	long status;

	tcp_pair(ends);
	regs.ARG0 = (uint64_t)ends[0];
	CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)), 0);
	CHECK_EQ(write(ends[1], bytes, 1), 1);
	for (i = 0; i < 2; i++) {
		signals_at.nr = at[i];
		signals_at.left = 3;
		do {
			CHECK_EQ(look_at(&regs, ctx->carrier, &status), LOOK_TELLS);
			CHECK_EQ(status, -SYSLET_LOOKED);
			CHECK_EQ(ctx->carrier->signalled, 0);
		} while (signals_at.left > 0);
	}
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

static void who_may_not_wait_is_not_looked_at(void)
{
	struct context *ctx = begin(call_that_blocks);
	struct indirect_registers regs = {
		.NR = SYS_semtimedop, .ARG1 = AT(&may_not_wait), .ARG2 = 1};
	long status;

	CHECK_EQ(look_at(&regs, ctx->carrier, &status), LOOK_NONE);
	fake_detach(ctx);
}

#define AN_HOUR 3600

/* What a sleep asks of the host. Newer processors lack the calls that take milliseconds. */
static uint64_t milliseconds_of(const struct indirect_registers *regs)
{
	const struct timespec *limit;

#ifdef SYS_poll
	if (regs->NR == SYS_poll)
		return regs->ARG2;
	if (regs->NR == SYS_epoll_wait)
		return regs->ARG3;
#endif
	limit = (void *)(uintptr_t)(regs->NR == SYS_nanosleep ? regs->ARG0 : regs->ARG2);
	return (uint64_t)limit->tv_sec * 1000 + (uint64_t)limit->tv_nsec / 1000000;
}

static long interrupted_sleep(const struct indirect_registers *regs, struct task *cur)
{
	if (!tried.calls++) {
		cur->signalled = 1;
		return -EINTR;
	}
	tried.asked[0] = milliseconds_of(regs);
	return 0;
}

/* Limits go by a clock that is not set (fake_clock), also that of a sleep by the date's clock. */
static void what_is_left_whatever_the_date(void)
{
	struct timespec limit = {AN_HOUR, 0};
	const struct indirect_registers sleeps[] = {
		{.NR = SYS_nanosleep, .ARG0 = AT(&limit)},
		{.NR = SYS_clock_nanosleep, .ARG0 = CLOCK_REALTIME, .ARG2 = AT(&limit)},
		{.NR = SYS_clock_nanosleep, .ARG0 = CLOCK_BOOTTIME, .ARG2 = AT(&limit)},
		{.NR = SYS_ppoll, .ARG2 = AT(&limit)},
#ifdef SYS_poll
		{.NR = SYS_poll, .ARG2 = AN_HOUR * 1000},
		{.NR = SYS_epoll_wait, .ARG3 = AN_HOUR * 1000},
#endif
	};
	struct context *ctx;
	unsigned i;

	for (i = 0; i < sizeof(sleeps) / sizeof(*sleeps); i++) {
		ctx = begin(interrupted_sleep);
		tried.calls = 0;
		CHECK_EQ(make(ctx, &sleeps[i]).value, 0);
		CHECK_EQ(tried.calls, 2);
		CHECK(tried.asked[0] > 0 && tried.asked[0] <= AN_HOUR * 1000);
		fake_detach(ctx);
	}
}

#define LIMIT_S 10
#define LATE_S 4

static u64 seconds; /* of the host's clock */
/* A watcher sees the read blocked, and may not take over; but later, if it may then. */
static int sees_the_block, takes_over, reads, polls;

static u64 now_of_host(void)
{
	return 1000000000 + seconds * 1000000000;
}

/* A read that waits for LATE_S when a signal comes, and its socket has nothing to read. */
static long read_with_a_late_signal(const struct indirect_registers *regs, struct task *cur)
{
	const struct timespec *left = (void *)(uintptr_t)regs->ARG2;

	if (regs->NR == SYS_ppoll) {
		polls++;
		CHECK_EQ(left->tv_sec, LIMIT_S - LATE_S);
		seconds += (u64)left->tv_sec;
		return 0;
	}
	if (regs->NR != SYS_read)
		return by_real_host(regs);
	CHECK_EQ(reads++, 0);
	if (sees_the_block)
		CHECK(!syslet_schedule(cur, cur->word));
	seconds += LATE_S;
	fake.unfit = !takes_over;
	if (sees_the_block)
		CHECK_EQ(!syslet_schedule(cur, cur->word), !takes_over);
	cur->signalled = 1;
	return -EINTR;
}

/*
 * The limit of a socket is looked for only when a signal has come. It begins with the call all
 * the same, or when a watcher has seen it blocked and could not take over.
 */
static void a_socket_has_its_limit_once(int is_watched, int is_taken_over)
{
	struct context *ctx = begin(read_with_a_late_signal);
	struct host_ops ops = *ctx->ops;
	struct timeval limit = {LIMIT_S, 0};
	struct indirect_registers regs = {.NR = SYS_read, .ARG1 = AT(bytes), .ARG2 = LENGTH};
	int ends[2];

	ops.now = now_of_host;
	ctx->ops = &ops;
	sees_the_block = fake.unfit = is_watched;
	takes_over = is_taken_over;
	fake.start_error = is_watched ? 0 : -EAGAIN;
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	regs.ARG0 = (uint64_t)ends[0];
	CHECK_EQ(make(ctx, &regs).value, is_taken_over ? 0 : -EAGAIN);
	CHECK_EQ(polls, 1);
	close(ends[0]);
	close(ends[1]);
	fake_detach(ctx);
}

static void a_call_that_nobody_watches_has_its_limit_once(void)
{
	a_socket_has_its_limit_once(0, 0);
}

static void a_call_that_is_not_taken_over_has_its_limit_once(void)
{
	a_socket_has_its_limit_once(1, 0);
}

static void a_call_that_is_taken_over_late_has_its_limit_once(void)
{
	a_socket_has_its_limit_once(1, 1);
}

int main(void)
{
	host_init(0, GLIBC_SIGNALS);
	RUN_IN_CHILD(what_goes_on, 20);
	RUN_IN_CHILD(a_peer_that_has_gone, 20);
	RUN_IN_CHILD(a_full_unix_socket, 20);
	RUN_IN_CHILD(sockets_that_block_no_more, 20);
	RUN_IN_CHILD(a_receive_of_some, 20);
	RUN_IN_CHILD(what_is_left_after_a_part, 20);
	RUN_IN_CHILD(nothing_is_kept_for_a_frame, 20);
	RUN_IN_CHILD(a_signal_ends_no_look, 20);
	RUN_IN_CHILD(a_signal_ends_no_look_at_a_stream, 20);
	RUN_IN_CHILD(what_is_left_whatever_the_date, 20);
	RUN_IN_CHILD(who_may_not_wait_is_not_looked_at, 20);
	RUN_IN_CHILD(a_call_that_nobody_watches_has_its_limit_once, 20);
	RUN_IN_CHILD(a_call_that_is_not_taken_over_has_its_limit_once, 20);
	RUN_IN_CHILD(a_call_that_is_taken_over_late_has_its_limit_once, 20);
	return 0;
}
