/* SPDX-License-Identifier: MIT */
/*
 * A look at a call that reads or writes a socket or a pipe, where nobody can be made to watch
 * it (look.c).
 *
 * The form that does not wait is made. What goes in parts - a write to a stream, a receive that
 * waits for all or for SO_RCVLOWAT bytes - takes what it can with each look, and is over when
 * the call would be. If it would wait it leaves with what it has moved and the limit of its
 * socket (SO_RCVTIMEO, SO_SNDTIMEO), whose time begins with the first look. What has no such
 * form waits until poll says that it can go on, if it has a limit or accepts: then it is made
 * as others are that nobody watches.
 */
#include <asm/unistd.h>
#include "kernel/stream-form.h"
#include "kernel/stream-look.h"

#define SOL_SOCKET 1
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_PASSCRED 16
#define SO_RCVLOWAT 18
#define SO_ACCEPTCONN 30
#define SO_PASSSEC 34
#define SO_DOMAIN 39
#define SO_PASSPIDFD 76
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define MSG_PEEK 0x2u
#define MSG_DONTWAIT 0x40u
#define MSG_WAITALL 0x100u
#define MSG_ERRQUEUE 0x2000u
#define MSG_ZEROCOPY 0x4000000u
#define RWF_NOWAIT 8u
#define SPLICE_F_NONBLOCK 2u
#define F_GETPIPE_SZ 1032
#define POLLIN 1u
#define POLLOUT 4u
#define POLLERR 8u
#define POLLHUP 16u
#define POLLRDHUP 0x2000u
#define MOST_BUFFERS 1024u /* more are an error, of another name in each form */

/* What poll tells of these events, of errors and of the other side's end. */
static u32 poll_says(const struct stream_look *look, u32 events)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(look->regs, 0), (u16)events, 0};
	s64 no_time[2] = {0, 0};
	long status;

	do {
		status = ask_host(look->cur, __NR_ppoll, (u64)(uintptr_t)&poll, 1,
				  (u64)(uintptr_t)no_time, 0, 0);
	} while (status == -E_INTR && ended_by_foreign(look->cur));
	return poll.revents;
}

/* O_NONBLOCK: a pipe's calls read it at each step, a socket's when they begin. */
int stream_is_nonblocking(const struct stream_look *look)
{
	return (ask_host(look->cur, __NR_fcntl, REG_ARG(look->regs, 0), F_GETFL, 0, 0, 0) & O_NONBLOCK) != 0;
}

/* Its flags, or those of its descriptor, say that it does not: what it gives is its own. */
static int may_wait(const struct stream_look *look)
{
	const struct indirect_registers *regs = look->regs;
	u64 says_not = msg_flags_of(regs) & (MSG_DONTWAIT | MSG_ERRQUEUE);

	switch ((u32)REG_NR(regs)) {
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
	return !says_not && ((look->has_waited && !look->is_pipe) || !stream_is_nonblocking(look));
}

/* Their other end may wait. */
static int has_two_ends(const struct indirect_registers *regs)
{
	return (u32)REG_NR(regs) == __NR_splice || (u32)REG_NR(regs) == __NR_sendfile;
}

/*
 * Of no bytes, more buffers than there may be, or at a position: an answer at once. But a
 * write of no bytes, of one buffer, is a datagram's, and may wait.
 */
static int is_answered(const struct stream_look *look)
{
	const struct indirect_registers *regs = look->regs;

	switch ((u32)REG_NR(regs)) {
	case __NR_read:
		return !REG_ARG(regs, 2);
	case __NR_write:
		return look->is_pipe && !REG_ARG(regs, 2);
	case __NR_preadv2:
	case __NR_pwritev2:
		if (REG_ARG(regs, 3) != POSITION_OF_FILE)
			return 1;
		/* fall through */
	case __NR_readv:
	case __NR_writev:
		return REG_ARG(regs, 2) > MOST_BUFFERS || !bytes_of(REG_ARG(regs, 1), REG_ARG(regs, 2));
	case __NR_accept:
	case __NR_accept4:
		return socket_option(look->cur, look->regs, SO_ACCEPTCONN) == 0;
	default:
		return 0;
	}
}

/* Who sleeps in a send to a Unix socket is told without a signal that the other side has gone. */
static void be_quiet(const struct stream_look *look, struct form *form)
{
	if (look->has_waited && look->domain == AF_UNIX && look->limit.events == POLLOUT)
		stream_form_quiet(form);
}

/*
 * A signal that came at its end is none of the program's.
 */
static long make_form(const struct stream_look *look, struct form *form)
{
	long status;

	be_quiet(look, form);
	status = ask_host_for(&form->regs, look->cur);
	if (stream_form_unknown(form, (int)look->is_pipe, status))
		return -SYSLET_NOT_MADE;
	return status == -E_INTR && ended_by_foreign(look->cur) ? -E_AGAIN : status;
}

/* Bytes that a peek waits for: a stream's for as many as a receive would, but a Unix socket's. */
static u64 least_of_peek(const struct stream_look *look)
{
	if (!(msg_flags_of(look->regs) & MSG_PEEK) || look->type != SOCK_STREAM || look->domain == AF_UNIX)
		return 0;
	return msg_flags_of(look->regs) & MSG_WAITALL
		       ? asked_for(look->regs)
		       : (u64)socket_option(look->cur, look->regs, SO_RCVLOWAT);
}

/* Or until the other side has ended. */
static long peeked(const struct stream_look *look, long status, int over)
{
	return status <= 0 || (u64)status >= least_of_peek(look) || over ||
			       poll_says(look, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)
		       ? status
		       : -E_AGAIN;
}

/*
 * It was told that the other side is gone. Who waits on a Unix stream meanwhile is told of
 * what was not read, which the socket keeps as its error.
 */
static long gone(const struct stream_look *look)
{
	s32 error = look->domain == AF_UNIX && look->has_waited ? socket_option(look->cur, look->regs, SO_ERROR) : 0;

	return error > 0 ? -error : -E_PIPE;
}

/* Poll tells if the call can go on. It may wait all the same: for more, or since another was quicker. */
static long by_poll(struct stream_look *look)
{
	if (!poll_says(look, look->limit.events))
		return -E_AGAIN;
	look->is_made = look->has_waited && stream_is_nonblocking(look);
	return -SYSLET_NOT_MADE;
}

/* A call that is over when it has moved something. */
static long whole(struct stream_look *look, int over)
{
	struct form form = {.regs = *look->regs};
	long status;

	if (!stream_form(&form, look->is_pipe))
		return -SYSLET_NOT_MADE;
	status = make_form(look, &form);
	/* this side has shut down a datagram's socket: the form alone says EAGAIN then */
	look->is_made = status == -E_AGAIN && look->type != SOCK_STREAM && look->limit.events == POLLIN &&
			poll_says(look, POLLRDHUP) & POLLRDHUP;
	if (look->is_made)
		return -SYSLET_NOT_MADE;
	if (msg_flags_of(look->regs) & MSG_PEEK)
		return peeked(look, status, over);
	return status == -E_PIPE ? gone(look) : status;
}

/* The next part, as far as it goes now; ends: the call would end with it. */
static long take_part_now(const struct stream_look *look, struct part *part, int *ends)
{
	struct form form = {.regs = look->rest.done ? part->regs : *look->regs};
	int tells = look->domain == AF_UNIX && rest_receives(&look->rest);
	long status;

	if (!stream_form(&form, look->is_pipe))
		return -SYSLET_NOT_MADE;
	if (tells)
		stream_form_tells(&form);
	status = make_form(look, &form);
	*ends = status <= 0 || (tells && stream_form_ended(&form));
	return status == -E_PIPE ? gone(look) : status;
}

/* It has moved some: an error is the next call's, but on a Unix socket, which forgets it. */
int stream_cannot_go_on(const struct stream_look *look)
{
	u32 ends = rest_receives(&look->rest) ? POLLERR : POLLERR | POLLHUP;

	if (!look->rest.done || look->is_pipe)
		return 0;
	return rest_at_mark(&look->rest, look->regs, look->cur) ||
	       (look->domain != AF_UNIX && poll_says(look, 0) & ends);
}

/* A call that goes in parts: what it gives, or -EAGAIN if it would wait. */
static long in_parts(struct stream_look *look, int over)
{
	struct rest *rest = &look->rest;
	struct part part;
	int ends = 0;
	long status;

	for (;;) {
		rest_next_part(&part, rest, look->regs);
		if (!part.bytes) /* of no bytes, or of a list that cannot be read */
			return rest->done ? (long)rest->done : whole(look, over);
		if (ends || stream_cannot_go_on(look))
			return (long)rest->done;
		status = take_part_now(look, &part, &ends);
		if (status == -SYSLET_NOT_MADE) /* and what it has moved before is not all */
			return status;
		if (status == -E_AGAIN)
			return rest->done >= rest->least ? (long)rest->done : status;
		if (status <= 0)
			return rest->done ? (long)rest->done : status;
		rest->done += (u64)status;
	}
}

/* 0: it would give a part, where the call waits for more. */
static int parts_can_be_told(const struct stream_look *look)
{
	const struct indirect_registers *regs = look->regs;
	int receives = rest_receives(&look->rest);

	if (look->is_pipe || look->rest.done)
		return 1;
	if (receives ? has_control(regs) : look->domain != AF_UNIX && has_control(regs))
		return 0;
	if (look->domain != AF_UNIX || !receives)
		return 1;
	return socket_option(look->cur, regs, SO_PASSCRED) <= 0 &&
	       socket_option(look->cur, regs, SO_PASSSEC) <= 0 &&
	       socket_option(look->cur, regs, SO_PASSPIDFD) <= 0 &&
	       !((u32)REG_NR(regs) == __NR_recvfrom && REG_ARG(regs, 4)) &&
	       !((u32)REG_NR(regs) == __NR_preadv2 && REG_ARG(regs, 5));
}

static int is_known_family(s32 domain)
{
	return domain == AF_UNIX || domain == AF_INET || domain == AF_INET6;
}

/* Where there is no form, or none that tells enough: what has a limit waits for poll, and an accept. */
static long without_form(struct stream_look *look)
{
	u32 nr = (u32)REG_NR(look->regs);

	return look->limit.deadline || nr == __NR_accept || nr == __NR_accept4 ? by_poll(look)
									      : -SYSLET_NOT_MADE;
}

/* Of the call, or of its rest, whose parts are copied (rest.c). */
static int has_form(const struct stream_look *look)
{
	struct form form = {.regs = *look->regs};
	unsigned at = flags_argument(&form.regs);

	if (look->rest.done && at)
		REG_ARG(&form.regs, at) &= ~(u64)MSG_ZEROCOPY;
	return stream_form(&form, (int)look->is_pipe) && (look->is_pipe || is_known_family(look->domain));
}

/* What it gives, -EAGAIN if it would wait, or -SYSLET_NOT_MADE: it is to be made itself. */
long stream_try(struct stream_look *look, int over)
{
	if (!has_form(look))
		return without_form(look);
	look->rest.may_wait = look->has_waited && !look->is_pipe;
	rest_look(&look->rest, look->regs, look->cur);
	if (!look->rest.row || look->rest.anew)
		return whole(look, over);
	return parts_can_be_told(look) ? in_parts(look, over) : without_form(look);
}

/* What it has moved, and its limit or that it has none, if it has been looked at, or has surfaced. */
static void begin(struct stream_look *look)
{
	struct task *cur = look->cur;

	look->has_waited = cur->kept_for && cur->kept_for == cur->ctx->seq + WORD_SEQ_ONE;
	if (!look->has_waited)
		return;
	look->rest.done = cur->kept[KEPT_ARGUMENT];
	look->limit.deadline = cur->kept[KEPT_SOCKET];
}

/* 1 if the descriptor is a socket or a pipe. */
static int know_file(struct stream_look *look)
{
	u64 fd = REG_ARG(look->regs, 0);

	look->type = socket_option(look->cur, look->regs, SO_TYPE);
	if (look->type >= 0) {
		look->domain = socket_option(look->cur, look->regs, SO_DOMAIN);
		return 1;
	}
	look->is_pipe = ask_host(look->cur, __NR_fcntl, fd, F_GETPIPE_SZ, 0, 0, 0) > 0;
	return (int)look->is_pipe;
}

/* It would wait. */
static long waits(const struct stream_look *look, int over)
{
	if (over)
		return look->rest.done ? (long)look->rest.done : look->limit.over;
	keep_moved(look->cur, look->rest.done, look->limit.deadline);
	count(looks);
	return -SYSLET_LOOKED;
}

/* By look_at. */
enum look look_at_stream(const struct indirect_registers *regs, struct task *cur, long *status)
{
	struct stream_look look = {.regs = regs, .cur = cur};
	int over;

	socket_limited(&look.limit, regs, cur);
	if (!look.limit.events || (u32)REG_NR(regs) == __NR_recvmmsg || !know_file(&look))
		return LOOK_NONE; /* recvmmsg has a limit of its own, too */
	begin(&look);
	if (!may_wait(&look))
		return has_two_ends(regs) ? LOOK_NONE : LOOK_MAKES;
	if (is_answered(&look))
		return LOOK_MAKES;
	over = look.limit.deadline && cur->ctx->ops->now() >= look.limit.deadline;
	*status = stream_try(&look, over);
	if (*status == -SYSLET_NOT_MADE)
		return look.is_made ? LOOK_MAKES : LOOK_NONE;
	if (*status == -E_AGAIN)
		*status = waits(&look, over);
	return LOOK_TELLS;
}
