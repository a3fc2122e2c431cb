/* SPDX-License-Identifier: MIT */
/*
 * Calls that return when all their bytes are moved, or as many as a receive waits for, but for
 * a signal: then they return the number of those that were moved before it. Of a signal that is none of the program's the
 * program sees nothing, so the call goes on with the others (restart.c).
 *
 * A handler of ours finds the number where the call has just returned it (task.part). Of
 * pipes, sockets and terminals: a file's calls are not ended by such signals, and its
 * position is another's affair. A list of buffers is read again, as the host does for a
 * call that it restarts itself. What errors end a part is no result of the whole: the host
 * gives the number and keeps the error for the next call; so a socket is asked first.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"
#include "kernel/stream-form.h"

#define SEEK_CUR 1
#define SOL_SOCKET 1
#define SO_TYPE 3
#define SO_RCVLOWAT 18
#define SO_DOMAIN 39
#define SO_PEEK_OFF 42
#define AF_UNIX 1
#define SOCK_STREAM 1
#define MSG_OOB 0x1u
#define MSG_PEEK 0x2u
#define MSG_DONTWAIT 0x40u
#define MSG_WAITALL 0x100u
#define MSG_ERRQUEUE 0x2000u
#define MSG_NOSIGNAL 0x4000u
#define MSG_ZEROCOPY 0x4000000u
#define MSG_FASTOPEN 0x20000000u
#define NOT_IN_PARTS (MSG_DONTWAIT | MSG_FASTOPEN)
#define RWF_NOWAIT 8u
#define SIOCATMARK 0x8905
#define POLLIN 1
#define POLLPRI 2
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16
#define NO_FLAGS 7 /* no argument has that number */
#define MOST_BYTES 0x7ffff000ull /* MAX_RW_COUNT, linux/fs.h: the host moves no more in one call */

enum rest_form {
	REST_BUFFER,	/* its address, and behind it its length */
	REST_LIST,	/* the address of a list of buffers, and behind it their number */
	REST_MESSAGE,	/* the address of a struct msghdr */
	REST_LENGTH	/* a length alone: the host counts positions itself */
};

struct rest_row {
	u16 nr;
	u8 form;     /* enum rest_form */
	u8 argument; /* the first of the form's */
	u8 flags;    /* the argument that has MSG_ flags, or NO_FLAGS */
	u8 receives;
	u8 any_file; /* not of streams alone: its first argument is no descriptor */
};

static const struct rest_row rows[] = {
	{__NR_write, REST_BUFFER, 1, NO_FLAGS, 0, 0},
	{__NR_writev, REST_LIST, 1, NO_FLAGS, 0, 0},
	{__NR_pwritev2, REST_LIST, 1, NO_FLAGS, 0, 0}, /* of a stream: its offset is -1 */
	{__NR_sendto, REST_BUFFER, 1, 3, 0, 0},
	{__NR_sendmsg, REST_MESSAGE, 1, 2, 0, 0},
	{__NR_recvfrom, REST_BUFFER, 1, 3, 1, 0},
	{__NR_recvmsg, REST_MESSAGE, 1, 2, 1, 0},
	{__NR_read, REST_BUFFER, 1, NO_FLAGS, 1, 0},
	{__NR_readv, REST_LIST, 1, NO_FLAGS, 1, 0},
	{__NR_preadv2, REST_LIST, 1, NO_FLAGS, 1, 0},
	{__NR_sendfile, REST_LENGTH, 3, NO_FLAGS, 0, 0},
	{__NR_getrandom, REST_BUFFER, 0, NO_FLAGS, 0, 1},
};

static u32 flags_of(const struct rest_row *row, const struct indirect_registers *regs)
{
	return row->flags == NO_FLAGS ? 0 : (u32)REG_ARG(regs, row->flags);
}

/*
 * It may go on behind a part. A send of MSG_FASTOPEN connects; a peek of a Unix socket waits for
 * no more than there is.
 */
static int has_parts(const struct rest_row *row, const struct indirect_registers *regs, struct task *cur)
{
	u32 nr = (u32)REG_NR(regs), flags = flags_of(row, regs);

	if (flags & NOT_IN_PARTS ||
	    ((nr == __NR_pwritev2 || nr == __NR_preadv2) && (REG_ARG(regs, 5) & RWF_NOWAIT)))
		return 0;
	if (!row->receives)
		return 1;
	if (flags & (MSG_OOB | MSG_ERRQUEUE))
		return 0;
	return !(flags & MSG_PEEK) || socket_option(cur, regs, SO_DOMAIN) != AF_UNIX;
}

static int may_wait_now(u64 fd, struct task *cur)
{
	return !(ask_host(cur, __NR_fcntl, fd, F_GETFL, 0, 0, 0) & O_NONBLOCK);
}

/* It was away, and is none of O_NONBLOCK. */
static int may_wait_away(struct task *cur)
{
	return READ_ONCE(cur->may_wait) && call_is_away(cur);
}

/* A stream, whose calls wait: a socket's read O_NONBLOCK when they begin, and not again. */
static int is_stream(const struct rest *rest, u64 fd, struct task *cur)
{
	int has_waited = rest->is_socket && (rest->may_wait || may_wait_away(cur));

	return ask_host(cur, __NR_lseek, fd, 0, SEEK_CUR, 0, 0) == -E_SPIPE &&
	       (has_waited || may_wait_now(fd, cur));
}

static const struct rest_row *find(const struct indirect_registers *regs)
{
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].nr == (u32)REG_NR(regs))
			return &rows[i];
	return 0;
}

/*
 * For a call that is going away: that is asked now, since its program goes on and may set
 * O_NONBLOCK. Of a part nothing tells later if its call would have waited. A receive of
 * SO_RCVLOWAT bytes is left out: it would cost each that blocks a question.
 */
void rest_goes_away(const struct indirect_registers *regs, struct task *away, struct task *cur)
{
	const struct rest_row *row = find(regs);

	away->may_wait = row && !row->any_file &&
			 (!row->receives || (flags_of(row, regs) & MSG_WAITALL)) &&
			 may_wait_now(REG_ARG(regs, 0), cur);
}

static const struct rest_row *row_of(const struct rest *rest, const struct indirect_registers *regs,
				     struct task *cur)
{
	const struct rest_row *row = find(regs);

	return row && has_parts(row, regs, cur) && (row->any_file || is_stream(rest, REG_ARG(regs, 0), cur))
		       ? row
		       : 0;
}

/* What a receive waits for: SO_RCVLOWAT, unless it is told to wait for all. */
static u64 least_of(const struct rest_row *row, const struct indirect_registers *regs, struct task *cur)
{
	s32 least;

	if (!row->receives || (flags_of(row, regs) & MSG_WAITALL))
		return REST_ALL;
	least = socket_option(cur, regs, SO_RCVLOWAT);
	return least > 1 ? (u64)least : 0;
}

/*
 * Which calls want more than a part. A datagram is moved whole, and what comes behind it is
 * another one. A read of a pipe or a terminal takes what is there; sendfile to a pipe gives
 * what there is room for.
 */
void rest_look(struct rest *rest, const struct indirect_registers *regs, struct task *cur)
{
	s32 type;

	if (rest->known)
		return;
	rest->known = 1;
	type = socket_option(cur, regs, SO_TYPE);
	rest->is_socket = type >= 0 && (u32)REG_NR(regs) != __NR_getrandom; /* that has an address there */
	rest->row = row_of(rest, regs, cur);
	rest->least = REST_ALL;
	if (!rest->row || rest->row->any_file)
		return;
	rest->is_unix = rest->is_socket && socket_option(cur, regs, SO_DOMAIN) == AF_UNIX;
	rest->may_wait = 1; /* it may wait now: what comes later is not its own */
	rest->anew = rest->row->receives && (flags_of(rest->row, regs) & MSG_PEEK) &&
		     socket_option(cur, regs, SO_PEEK_OFF) < 0;
	if (rest->is_socket ? type != SOCK_STREAM
			    : rest->row->receives || rest->row->form == REST_LENGTH)
		rest->row = 0;
	else if (rest->is_socket)
		rest->least = least_of(rest->row, regs, cur);
	if (!rest->least)
		rest->row = 0;
}

int rest_receives(const struct rest *rest)
{
	return rest->row && rest->row->receives;
}

/* A packet socket's send may give more than it was asked for. */
static u64 bytes_left(u64 bytes, u64 done)
{
	u64 most = bytes < MOST_BYTES ? bytes : MOST_BYTES;

	return done < most ? most - done : 0;
}

/* The buffer of a list that has byte `done` of them all: what is left of it, as far as the host moves it. */
static void find_buffer(struct part *part, u64 list, u64 count, u64 done)
{
	u64 bytes, left = bytes_left(MOST_BYTES, done);
	long error = 0;

	for (; count; list += sizeof(struct buffer), count--) {
		part->first.address = user_load_u64(list, &error);
		bytes = user_load_u64(list + sizeof(u64), &error);
		if (error)
			return;
		if (done < bytes) {
			part->first.address += done;
			bytes -= done;
			part->bytes = part->first.bytes = bytes < left ? bytes : left;
			return;
		}
		done -= bytes;
	}
}

/* Descriptors went with the first byte. What other control messages would say of the rest cannot be told. */
static void next_of_message(struct part *part, const struct rest *rest, u64 *argument)
{
	if (copy_user(&part->message, (const void *)(uintptr_t)*argument, sizeof(part->message)) ||
	    (part->message.control && !rest->is_unix))
		return;
	find_buffer(part, part->message.list, part->message.count, rest->done);
	part->message = (struct message){.list = (u64)(uintptr_t)&part->first, .count = 1};
	*argument = (u64)(uintptr_t)&part->message;
}

/* The peer that goes meanwhile is told to the next call, by its signal too. */
static void to_send(struct part *part, const u64 *argument)
{
	u64 address = part->first.address ? part->first.address : argument[0];

	REG_NR(&part->regs) = __NR_sendto;
	REG_ARG(&part->regs, 1) = address;
	REG_ARG(&part->regs, 2) = part->bytes;
	REG_ARG(&part->regs, 3) = MSG_NOSIGNAL;
	REG_ARG(&part->regs, 4) = REG_ARG(&part->regs, 5) = 0;
}

/* The call gives what lies behind the least that it waits for, and waits no more then. */
static void to_receive(struct part *part, const struct rest *rest, u64 address, u32 flags)
{
	u64 left = rest->least > rest->done ? rest->least - rest->done : 0;

	REG_NR(&part->regs) = __NR_recvfrom;
	REG_ARG(&part->regs, 1) = address;
	if (left && left < part->bytes)
		part->bytes = left;
	REG_ARG(&part->regs, 2) = part->bytes;
	REG_ARG(&part->regs, 3) = flags | (left ? MSG_WAITALL : MSG_DONTWAIT);
	REG_ARG(&part->regs, 4) = REG_ARG(&part->regs, 5) = 0;
}

/*
 * Each send of MSG_ZEROCOPY has a number, which the program counts by its calls. The first part
 * has it, so the others are copied.
 */
static void to_flags(u64 *flags, u64 done)
{
	*flags |= MSG_NOSIGNAL;
	if (done)
		*flags &= ~(u64)MSG_ZEROCOPY;
}

void rest_next_part(struct part *part, const struct rest *rest, const struct indirect_registers *regs)
{
	const struct rest_row *row = rest->row;
	u64 *argument = &REG_ARG(&part->regs, row->argument);

	part->regs = *regs;
	part->bytes = part->first.address = 0;
	switch (row->form) {
	case REST_BUFFER:
		part->bytes = bytes_left(argument[1], rest->done);
		argument[0] += rest->done;
		argument[1] = part->bytes;
		break;
	case REST_LENGTH:
		part->bytes = argument[0] = bytes_left(argument[0], rest->done);
		break;
	case REST_LIST:
		find_buffer(part, argument[0], argument[1], rest->done);
		argument[0] = (u64)(uintptr_t)&part->first;
		argument[1] = 1;
		break;
	default:
		next_of_message(part, rest, argument);
	}
	if (row->flags != NO_FLAGS && !row->receives)
		to_flags(&REG_ARG(&part->regs, row->flags), rest->done);
	else if (rest->is_socket && !row->receives && row->form != REST_LENGTH)
		to_send(part, argument);
	if (rest->least != REST_ALL)
		to_receive(part, rest, part->first.address ? part->first.address : argument[0],
			   flags_of(row, regs));
	if (row->nr == __NR_recvfrom) /* who sent it was told with the first part */
		REG_ARG(&part->regs, 4) = REG_ARG(&part->regs, 5) = 0;
}

/*
 * Some bytes were moved before a signal came: 1 if there are more to move. A receive from a Unix
 * socket ends where descriptors lie, which cannot be told from a signal.
 */
int rest_goes_on(struct rest *rest, const struct indirect_registers *regs, struct task *cur)
{
	struct part part;

	rest_look(rest, regs, cur);
	if (!rest->row || (rest->is_unix && rest->row->receives) || rest->done >= rest->least)
		return 0;
	if (rest->anew) {
		part.bytes = bytes_left(asked_for(regs), rest->done);
		rest->done = part.bytes ? 0 : rest->done;
	} else {
		rest_next_part(&part, rest, regs);
	}
	return part.bytes != 0;
}

/* A receive that has some ends before an urgent byte. */
int rest_at_mark(const struct rest *rest, const struct indirect_registers *regs, struct task *cur)
{
	s32 is_there = 0;

	return rest_receives(rest) && rest->is_socket && rest->done &&
	       !ask_host(cur, __NR_ioctl, REG_ARG(regs, 0), SIOCATMARK, (u64)(uintptr_t)&is_there, 0, 0) &&
	       is_there;
}

/*
 * 0: the socket can go on. An error stays where it is, for the next call, and a peer that has
 * gone is told to that one. What has waited up to its limit does not wait here, nor does a
 * Unix socket, of whose shutdown poll says nothing, nor a receive of SO_RCVLOWAT bytes, less
 * than which poll does not tell: the call does, and keeps no error either.
 */
static long ask_socket(const struct rest *rest, const struct indirect_registers *regs,
		       struct task *cur)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(regs, 0), rest->row->receives ? POLLIN | POLLPRI : POLLOUT, 0};
	u16 ends = rest->row->receives ? POLLERR : POLLERR | POLLHUP;
	s64 no_time[2] = {0, 0};
	long ret = ask_host(cur, __NR_ppoll, (u64)(uintptr_t)&poll, 1,
			    rest->has_waited || rest->is_unix || rest->least != REST_ALL
				    ? (u64)(uintptr_t)no_time
				    : 0,
			    0, 0);

	if (ret < 0)
		return ret;
	return poll.revents & ends || rest_at_mark(rest, regs, cur) ? -E_AGAIN : 0;
}

/*
 * A part gave less than it was asked for. 0: it is to be tried again, since the call may wait,
 * and the socket has become O_NONBLOCK, or got a limit, later. Poll tells no shutdown of a Unix
 * socket, nor room for little in it, so that is tried after a second. What is short for another
 * reason is tried as well: it ends with nothing, or ask_socket tells.
 */
static long wait_for_more(const struct rest *rest, const struct indirect_registers *regs,
			  struct task *cur, long status)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(regs, 0), rest->row->receives ? POLLIN : POLLOUT, 0};
	s64 second[2] = {1, 0};
	long ret;

	if (!rest->is_socket || !rest->may_wait || rest->has_waited || rest->done >= rest->least ||
	    rest->row->form == REST_LENGTH || (rest->is_unix && rest->row->receives))
		return status > 0 ? -E_AGAIN : status;
	ret = status == -E_AGAIN ? ask_host(cur, __NR_ppoll, (u64)(uintptr_t)&poll, 1,
					    (u64)(uintptr_t)second, 0, 0)
				 : 0;
	return ret < 0 ? ret : 0;
}

/*
 * Moves what is left, part by part: 0 if it is all, or why it has ended. done tells how much the
 * call has moved.
 */
long rest_call(struct rest *rest, const struct indirect_registers *regs, struct task *cur)
{
	struct part part;
	long status = 0;

	rest_look(rest, regs, cur);
	while (rest->row) {
		rest_next_part(&part, rest, regs);
		if (!part.bytes)
			return 0;
		if (rest->is_socket)
			status = ask_socket(rest, regs, cur);
		if (status)
			return status;
		status = cur->ctx->ops->call(&part.regs, cur);
		if (status <= 0 && status != -E_AGAIN)
			return status;
		if (status > 0)
			rest->done += (u64)status;
		if (status > 0 && (u64)status >= part.bytes)
			status = 0;
		else
			status = wait_for_more(rest, regs, cur, status);
		if (status)
			return status;
	}
	return 0;
}

/* Of the whole call, whose last part has ended so. */
long rest_result(const struct rest *rest, long status)
{
	return rest->done ? (long)rest->done : status;
}
