/* SPDX-License-Identifier: MIT */
/*
 * A call on a socket that has waited, and that a foreign signal has ended or that has surfaced:
 * it goes on as if it had slept all the time (restart.c).
 *
 * It is looked at first (stream-look.c): a look raises no SIGPIPE, and gives the error, where a
 * sleeping call would be told so. The host cannot be told what is left of the socket's limit,
 * nor that O_NONBLOCK or a limit came after the call had begun. Such a call is looked at until it
 * is over, and sleeps in poll between two looks. Any other call that would wait is made again.
 */
#include <asm/unistd.h>
#include "kernel/stream-form.h"
#include "kernel/stream-look.h"

#define SO_TYPE 3
#define SO_RCVLOWAT 18
#define SO_DOMAIN 39
#define AF_UNIX 1
#define POLLIN 1u
#define POLLOUT 4u
#define NS_PER_SECOND 1000000000ull
#define FOR_EVER (~0ull)
/* Poll says that there is something, or nothing, where the call is not sure of it. */
#define LOOK_EVERY_NS 4000000ull
/* Poll does not tell a writer that its Unix socket is shut down. */
#define TRY_EVERY_NS 100000000ull

/* How long it may sleep before the next look. */
static u64 longest_sleep(const struct stream_look *look, int in_vain)
{
	u64 left = FOR_EVER, most = FOR_EVER, now;

	if (look->limit.deadline) {
		now = look->cur->ctx->ops->now();
		left = now < look->limit.deadline ? look->limit.deadline - now : 0;
	}
	if (in_vain ||
	    (look->limit.events == POLLIN && socket_option(look->cur, look->regs, SO_RCVLOWAT) > 1))
		most = LOOK_EVERY_NS;
	else if (look->limit.events == POLLOUT && look->domain == AF_UNIX)
		most = TRY_EVERY_NS;
	return left < most ? left : most;
}

/* Above 0 if poll says that the call can go on; -EINTR. */
static long sleep_in_poll(const struct stream_look *look, int in_vain)
{
	struct {
		s32 fd;
		u16 events, revents;
	} poll = {(s32)REG_ARG(look->regs, 0), (u16)look->limit.events, 0};
	u64 ns = longest_sleep(look, in_vain);
	s64 time[2] = {(s64)(ns / NS_PER_SECOND), (s64)(ns % NS_PER_SECOND)};

	return ask_host(look->cur, __NR_ppoll, (u64)(uintptr_t)&poll, !in_vain,
			ns == FOR_EVER ? 0 : (u64)(uintptr_t)time, 0, 0);
}

/* A call that the host makes waits for as long as this one has to. */
static int host_knows(const struct stream_look *look)
{
	return !look->limit.deadline && !stream_is_nonblocking(look) &&
	       !socket_limit_now(look->cur, look->regs, look->limit.events);
}

/*
 * The call, or its next part: its socket is O_NONBLOCK by now, so that the host waits for nothing.
 * A part of what goes in parts is not the result.
 */
static long make_now(struct stream_look *look)
{
	struct rest *rest = &look->rest;
	struct part part = {.regs = *look->regs};
	long status;

	rest_look(rest, look->regs, look->cur);
	if (rest->done && !rest->row)
		return -SYSLET_NOT_MADE;
	if (!rest->anew && stream_cannot_go_on(look))
		return (long)rest->done;
	if (rest->done)
		rest_next_part(&part, rest, look->regs);
	status = ask_host_for(&part.regs, look->cur);
	if (!rest->row || rest->anew || status == -E_AGAIN)
		return status;
	if (status <= 0)
		return rest_result(rest, status);
	rest->done += (u64)status;
	rest_next_part(&part, rest, look->regs);
	return part.bytes && rest->done < rest->least ? -E_AGAIN : (long)rest->done;
}

/* -EAGAIN if it would wait; -SYSLET_NOT_MADE if that cannot be told. */
static long look_again(struct stream_look *look, int over)
{
	long status = stream_try(look, over);

	return status == -SYSLET_NOT_MADE && look->is_made ? make_now(look) : status;
}

static long until_over(struct stream_look *look)
{
	int over, in_vain = 0;
	long status, ready = 0;
	u64 done;

	for (;;) {
		over = look->limit.deadline && look->cur->ctx->ops->now() >= look->limit.deadline;
		done = look->rest.done;
		status = look_again(look, over);
		if (status != -E_AGAIN)
			return status;
		if (over)
			return look->limit.over;
		if (host_knows(look))
			return -SYSLET_NOT_MADE;
		in_vain = ready > 0 && look->rest.done == done;
		ready = sleep_in_poll(look, in_vain);
		if (ready < 0) /* a filter may refuse ppoll: the host makes the call */
			return ready == -E_INTR ? ready : -SYSLET_NOT_MADE;
	}
}

/*
 * What the call gives, -EINTR if a signal came, or -SYSLET_NOT_MADE: the host may make it, or
 * what is left of it. `rest` tells what it has moved.
 */
long stream_goes_on(const struct indirect_registers *regs, struct rest *rest,
		    struct socket_limit *limit, struct task *cur)
{
	struct stream_look look = {.regs = regs, .cur = cur, .has_waited = 1};
	long status;

	socket_limited(limit, regs, cur);
	look.limit = *limit;
	look.rest = *rest;
	if (!limit->events || (u32)REG_NR(regs) == __NR_recvmmsg)
		return -SYSLET_NOT_MADE;
	look.type = socket_option(cur, regs, SO_TYPE);
	if (look.type < 0)
		return -SYSLET_NOT_MADE;
	look.domain = socket_option(cur, regs, SO_DOMAIN);
	status = until_over(&look);
	*rest = look.rest;
	return status;
}
