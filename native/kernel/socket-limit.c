/* SPDX-License-Identifier: MIT */
/*
 * Sockets with SO_RCVTIMEO or SO_SNDTIMEO: the host ends their calls with EINTR however
 * the handler was installed, and their limit is no argument of the call. Any call that
 * reads or writes may be on such a socket, so nothing is looked for before a foreign
 * signal has ended one; where its time began is then told by a watcher that could not take over,
 * by a call that began without one, or by the hand-off. Else it is now.
 *
 * What is left cannot be told to the call, so the wait for it is made here: a poll of
 * the socket with the time that is left, and then the call. If somebody else was quicker
 * it may wait its whole time once more, and no longer.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

#define SOL_SOCKET 1
#define SO_RCVTIMEO_OLD 20
#define SO_SNDTIMEO_OLD 21
#define SO_DOMAIN 39
#define AF_UNIX 1
#define MSG_OOB 1
#define POLLIN 1u
#define POLLPRI 2u
#define POLLOUT 4u

/* The direction of a call whose first argument may be a socket; 0: it has none. */
static u32 events_of(const struct indirect_registers *regs)
{
	switch ((u32)REG_NR(regs)) {
	case __NR_recvfrom:
		return REG_ARG(regs, 3) & MSG_OOB ? POLLPRI : POLLIN;
	case __NR_recvmsg:
		return REG_ARG(regs, 2) & MSG_OOB ? POLLPRI : POLLIN;
	case __NR_recvmmsg:
	case __NR_accept:
	case __NR_accept4:
	case __NR_read:
	case __NR_readv:
	case __NR_preadv2:
	case __NR_splice:
		return POLLIN;
	case __NR_connect:
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_sendmmsg:
	case __NR_write:
	case __NR_writev:
	case __NR_pwritev2:
	case __NR_sendfile:
		return POLLOUT;
	default:
		return 0;
	}
}

/* A question of ours: a signal at its end changes nothing of its answer. */
long ask_host_for(const struct indirect_registers *regs, struct task *cur)
{
	long ret = cur->ctx->ops->call(regs, cur);
	u64 part = take_part(cur);

	if (likely(!part))
		return ret;
	WRITE_ONCE(cur->signalled, 0);
	return (long)part;
}

long ask_host(struct task *cur, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	struct indirect_registers regs = {0};

	REG_NR(&regs) = nr;
	REG_ARG(&regs, 0) = a;
	REG_ARG(&regs, 1) = b;
	REG_ARG(&regs, 2) = c;
	REG_ARG(&regs, 3) = d;
	REG_ARG(&regs, 4) = e;
	return ask_host_for(&regs, cur);
}

static int option(struct task *cur, u64 fd, u64 name, void *value, u32 bytes)
{
	return !ask_host(cur, __NR_getsockopt, fd, SOL_SOCKET, name, (u64)(uintptr_t)value,
		     (u64)(uintptr_t)&bytes);
}

/* An option of SOL_SOCKET, of the call's first argument; -1: it has none. */
s32 socket_option(struct task *cur, const struct indirect_registers *regs, u64 name)
{
	s32 value = 0;

	return option(cur, REG_ARG(regs, 0), name, &value, sizeof(value)) ? value : -1;
}

/* A limit that is over is no error of a read or write, but "try again". */
static long result_when_over(struct task *cur, const struct indirect_registers *regs)
{
	s32 domain = 0;

	if ((u32)REG_NR(regs) != __NR_connect)
		return -E_AGAIN;
	option(cur, REG_ARG(regs, 0), SO_DOMAIN, &domain, sizeof(domain));
	return domain == AF_UNIX ? -E_AGAIN : -E_INPROGRESS;
}

/* It was handed over, or dispatched. */
int call_is_away(struct task *cur)
{
	u64 word = READ_ONCE(cur->word);

	return word_state(word) == WORD_IN_CALL ? claim_was_taken(cur, word)
						: READ_ONCE(cur->state) == TASK_BLOCKED;
}

/* When the call fell asleep, if that is known. Else now. A frame's call has no word of its own. */
static u64 begun_at(struct task *cur)
{
	u64 word = READ_ONCE(cur->word);

	if (word_state(word) != WORD_USER) { /* before a hand-off, if there was one */
		if (same_call(cur->began_unwatched.call, word))
			return cur->began_unwatched.since;
		if (same_call(smp_load_acquire(&cur->seen_waiting.call), word))
			return READ_ONCE(cur->seen_waiting.since);
	}
	if (call_is_away(cur))
		return READ_ONCE(cur->blocked_at);
	return cur->ctx->ops->now();
}

/* ns; 0: none, or no socket. */
u64 socket_limit_now(struct task *cur, const struct indirect_registers *regs, u32 events)
{
	s64 time[2] = {0, 0};

	option(cur, REG_ARG(regs, 0), events == POLLOUT ? SO_SNDTIMEO_OLD : SO_RCVTIMEO_OLD, time,
	       sizeof(time));
	return (u64)time[0] * 1000000000u + (u64)time[1] * 1000u;
}

/* As the host does, which reads it when the call begins. 0: it has none. */
static u64 deadline_of(struct task *cur, const struct indirect_registers *regs, u32 events)
{
	u64 ns;

	if (call_goes_on(cur))
		return kept_limit(cur, KEPT_SOCKET);
	ns = socket_limit_now(cur, regs, events);
	return ns ? begun_at(cur) + ns : 0;
}

/* Looks for the limit once: 1 if the call that was ended by a signal has one. */
int socket_limited(struct socket_limit *limit, const struct indirect_registers *regs,
		   struct task *cur)
{
	if (limit->known)
		return limit->deadline != 0;
	limit->known = 1;
	limit->events = events_of(regs);
	if (!limit->events)
		return 0;
	limit->over = result_when_over(cur, regs);
	limit->deadline = deadline_of(cur, regs, limit->events);
	return limit->deadline != 0;
}

/* 1 if the time of its socket is over: then socket_wait tells its result at once. */
int socket_over(struct socket_limit *limit, const struct indirect_registers *regs,
		struct task *cur)
{
	return socket_limited(limit, regs, cur) && cur->ctx->ops->now() >= limit->deadline;
}

/*
 * Before a call is made again: 0, -EINTR if this wait was interrupted too, or what the
 * call returns since its time is over.
 */
long socket_wait(struct socket_limit *limit, const struct indirect_registers *regs,
		 struct task *cur)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(regs, 0), 0, 0};
	s64 left[2];
	u64 now;
	long ret;

	if (likely(!socket_limited(limit, regs, cur)))
		return 0;
	now = cur->ctx->ops->now();
	if (now >= limit->deadline)
		return limit->over;
	left[0] = (s64)((limit->deadline - now) / 1000000000u);
	left[1] = (s64)((limit->deadline - now) % 1000000000u);
	poll.events = (u16)limit->events;
	ret = ask_host(cur, __NR_ppoll, (u64)(uintptr_t)&poll, 1, (u64)(uintptr_t)left, 0, 0);
	if (!ret)
		return limit->over;
	return ret == -E_INTR ? ret : 0;
}
