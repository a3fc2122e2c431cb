/* SPDX-License-Identifier: MIT */
/*
 * A look at a call on a socket with SO_RCVTIMEO or SO_SNDTIMEO, where nobody can be made to
 * watch it: so its time begins when it is first made, and ends when it is over, however
 * seldom the call has a moment (look.c).
 *
 * Where the form that does not wait gives what the call gives, it is made. What moves a
 * part first, or waits for all, is left to the call once poll says that it can go on. A
 * shutdown of a Unix stream is told by no poll, but by a send of nothing.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

#define SOL_SOCKET 1
#define SO_TYPE 3
#define SO_RCVLOWAT 18
#define SO_DOMAIN 39
#define AF_UNIX 1
#define SOCK_STREAM 1
#define MSG_OOB 0x1u
#define MSG_DONTWAIT 0x40u
#define MSG_WAITALL 0x100u
#define MSG_ERRQUEUE 0x2000u
#define MSG_NOSIGNAL 0x4000u
#define RWF_NOWAIT 8u
#define SPLICE_F_NONBLOCK 2u
#define POLLOUT 4u
#define MOST_BUFFERS 1024u /* more are an error, of another name in each form */

struct message { /* struct msghdr of 64 bits */
	u64 name;
	u64 name_bytes;
	u64 list, count;
	u64 control, control_bytes, flags;
};

/* Of the socket, or -1. */
static s32 option_of(const struct indirect_registers *regs, struct task *cur, u64 name)
{
	s32 value = 0;
	u32 bytes = sizeof(value);

	return ask_host(cur, __NR_getsockopt, REG_ARG(regs, 0), SOL_SOCKET, name,
			(u64)(uintptr_t)&value, (u64)(uintptr_t)&bytes)
		       ? -1
		       : value;
}

static void to_buffer_form(struct indirect_registers *regs, u64 nr)
{
	REG_NR(regs) = nr;
	REG_ARG(regs, 3) = MSG_DONTWAIT;
	REG_ARG(regs, 4) = REG_ARG(regs, 5) = 0;
}

static void to_message_form(struct indirect_registers *regs, u64 nr, struct message *message)
{
	*message = (struct message){.list = REG_ARG(regs, 1), .count = REG_ARG(regs, 2)};
	REG_NR(regs) = nr;
	REG_ARG(regs, 1) = (u64)(uintptr_t)message;
	REG_ARG(regs, 2) = MSG_DONTWAIT;
}

/* Its flags, or those of its descriptor, say that it does not: what it gives is its own. */
static int may_wait(const struct indirect_registers *regs, struct task *cur)
{
	u64 says_not = 0;

	switch ((u32)REG_NR(regs)) {
	case __NR_recvfrom:
	case __NR_sendto:
		says_not = REG_ARG(regs, 3) & (MSG_DONTWAIT | MSG_ERRQUEUE);
		break;
	case __NR_recvmsg:
	case __NR_sendmsg:
		says_not = REG_ARG(regs, 2) & (MSG_DONTWAIT | MSG_ERRQUEUE);
		break;
	case __NR_preadv2:
	case __NR_pwritev2:
		says_not = REG_ARG(regs, 5) & RWF_NOWAIT;
		break;
	case __NR_splice:
		says_not = REG_ARG(regs, 5) & SPLICE_F_NONBLOCK;
		break;
	default:
		break;
	}
	return !says_not && !(ask_host(cur, __NR_fcntl, REG_ARG(regs, 0), F_GETFL, 0, 0, 0) & O_NONBLOCK);
}

/* Of no bytes, or more buffers than there may be: an answer at once, and no other form's. */
static int is_answered(const struct indirect_registers *regs)
{
	switch ((u32)REG_NR(regs)) {
	case __NR_read:
	case __NR_write:
		return !REG_ARG(regs, 2);
	case __NR_readv:
	case __NR_writev:
		return !REG_ARG(regs, 2) || REG_ARG(regs, 2) > MOST_BUFFERS;
	default:
		return 0;
	}
}

/* Makes of regs the form that does not wait; 0: there is none. */
static int to_form(struct indirect_registers *regs, struct message *message)
{
	switch ((u32)REG_NR(regs)) {
	case __NR_read:
		to_buffer_form(regs, __NR_recvfrom);
		return 1;
	case __NR_write:
		to_buffer_form(regs, __NR_sendto);
		return 1;
	case __NR_readv:
		to_message_form(regs, __NR_recvmsg, message);
		return 1;
	case __NR_writev:
		to_message_form(regs, __NR_sendmsg, message);
		return 1;
	case __NR_recvfrom:
	case __NR_sendto:
		REG_ARG(regs, 3) |= MSG_DONTWAIT;
		return !(REG_ARG(regs, 3) & (MSG_WAITALL | MSG_OOB));
	case __NR_recvmsg:
	case __NR_sendmsg:
		REG_ARG(regs, 2) |= MSG_DONTWAIT;
		return !(REG_ARG(regs, 2) & (MSG_WAITALL | MSG_OOB));
	default:
		return 0;
	}
}

/* A stream takes a part of what is sent; a receive waits for SO_RCVLOWAT bytes. */
static int is_whole(const struct indirect_registers *regs, struct task *cur, u32 events)
{
	if (events == POLLOUT)
		return option_of(regs, cur, SO_TYPE) != SOCK_STREAM;
	return option_of(regs, cur, SO_RCVLOWAT) <= 1;
}

/* Nobody will read it any more. */
static int is_shut(const struct indirect_registers *regs, struct task *cur)
{
	return option_of(regs, cur, SO_DOMAIN) == AF_UNIX &&
	       option_of(regs, cur, SO_TYPE) == SOCK_STREAM &&
	       ask_host(cur, __NR_sendto, REG_ARG(regs, 0), 0, 0, MSG_DONTWAIT | MSG_NOSIGNAL, 0) ==
		       -E_PIPE;
}

static int can_go_on(const struct indirect_registers *regs, struct task *cur, u32 events)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(regs, 0), (u16)events, 0};
	s64 no_time[2] = {0, 0};

	return ask_host(cur, __NR_ppoll, (u64)(uintptr_t)&poll, 1, (u64)(uintptr_t)no_time, 0, 0) != 0 ||
	       (events == POLLOUT && is_shut(regs, cur));
}

/* What it has moved, of which it tells if its time is over. */
static u64 begin(struct socket_limit *limit, struct task *cur)
{
	if (!cur->kept_for || cur->kept_for != cur->ctx->seq + WORD_SEQ_ONE || !cur->kept[KEPT_SOCKET])
		return 0;
	limit->deadline = cur->kept[KEPT_SOCKET];
	return cur->kept[KEPT_ARGUMENT];
}

/* What it gives, -EAGAIN if it would wait, or -SYSLET_NOT_MADE: it is to be made itself. */
static long try_now(const struct indirect_registers *regs, struct task *cur, u32 events, u64 moved)
{
	struct indirect_registers form = *regs;
	struct message message;

	if (!moved && to_form(&form, &message) && is_whole(regs, cur, events))
		return ask_host_for(&form, cur);
	return can_go_on(regs, cur, events) ? -SYSLET_NOT_MADE : -E_AGAIN;
}

/* By look_at: 1, and what the call gives; 0: it is to be made, or has no such limit. */
int look_at_socket(const struct indirect_registers *regs, struct task *cur, long *status)
{
	struct socket_limit limit = {0};
	u64 moved;
	int over;

	if ((u32)REG_NR(regs) == __NR_recvmmsg || /* it has a limit of its own, too */
	    !socket_limited(&limit, regs, cur) || is_answered(regs) || !may_wait(regs, cur))
		return 0;
	moved = begin(&limit, cur);
	over = cur->ctx->ops->now() >= limit.deadline;
	*status = try_now(regs, cur, limit.events, moved);
	if (*status == -SYSLET_NOT_MADE)
		return 0;
	cur->kept_for = 0;
	if (*status != -E_AGAIN)
		return 1;
	if (over) {
		*status = moved ? (long)moved : limit.over;
		return 1;
	}
	keep_moved(cur, moved, limit.deadline);
	count(looks);
	*status = -SYSLET_LOOKED;
	return 1;
}
