/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that calls wait for, in the epoll set of their environment. Which of them
 * may be there is said in may-wait.c.
 *
 * Each is armed for one event (EPOLLONESHOT): a wait costs one MOD, and what nobody waits
 * for any more wakes nobody. MOD finds the registration by number and file, so it also
 * tells whether the number still names the file that it named before.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon/addon.h"
#include "addon/poll.h"

/* Stores a ring's event only if its eventfd was written: then its mark is used up. */
static int is_told(struct poll *poll, const struct epoll_event *event)
{
	uint64_t number;

	return (int32_t)event->data.u64 != POLL_RING ||
	       read(poll->event.fd, &number, sizeof(number)) == (ssize_t)sizeof(number);
}

int ready_take(struct poll *poll, int timeout_ms)
{
	struct epoll_event events[POLL_EVENTS];
	int32_t *to = poll->told;
	int i, found, told = 0;

	if (poll->set < 0)
		return 0;
	found = epoll_wait(poll->set, events, POLL_EVENTS, timeout_ms);
	for (i = 0; i < found; i++) {
		if (!is_told(poll, &events[i]))
			continue;
		*to++ = (int32_t)events[i].data.u64;
		*to++ = (int32_t)(events[i].data.u64 >> 32);
		*to++ = (int32_t)events[i].events;
		told++;
	}
	return told;
}

static napi_value integer(napi_env env, int value)
{
	napi_value result = NULL;

	napi_create_int32(env, value, &result);
	return result;
}

/* The arguments, all numbers. */
static struct poll *numbers_of(napi_env env, napi_callback_info info, size_t count, int32_t *to)
{
	napi_value arguments[4];
	size_t number = 4, i;
	struct poll *poll = poll_of(env, info, &number, arguments);

	for (i = 0; i < count; i++) {
		to[i] = 0;
		napi_get_value_int32(env, arguments[i], &to[i]);
	}
	return poll;
}

/* readyTake(timeoutMs): number */
static napi_value take(napi_env env, napi_callback_info info)
{
	int32_t timeout;
	struct poll *poll = numbers_of(env, info, 1, &timeout);

	return integer(env, ready_take(poll, timeout));
}

/* readyKind(fd): number, of lib/loop/descriptor.ts */
static napi_value kind(napi_env env, napi_callback_info info)
{
	int32_t fd;

	numbers_of(env, info, 1, &fd);
	switch (file_kind(fd)) {
	case -1:
		return integer(env, -1);
	case S_IFREG:
	case S_IFDIR:
	case S_IFBLK:
		return integer(env, 0);
	case S_IFSOCK:
		return integer(env, 2);
	case S_IFIFO:
		return integer(env, 3);
	default:
		return integer(env, 1);
	}
}

/* readyAsk(fd, events): boolean. What poll has to say of the descriptor itself is for the call. */
static napi_value ask(napi_env env, napi_callback_info info)
{
	struct pollfd one = { 0 };
	int32_t arguments[2];
	napi_value result = NULL;

	numbers_of(env, info, 2, arguments);
	one.fd = arguments[0];
	one.events = (short)arguments[1];
	napi_get_boolean(env, poll(&one, 1, 0) != 0, &result);
	return result;
}

/* readyError(fd): number */
static napi_value error(napi_env env, napi_callback_info info)
{
	int32_t fd;

	numbers_of(env, info, 1, &fd);
	return integer(env, socket_error(fd));
}

static int control(struct poll *poll, int operation, int fd, int events, int generation)
{
	struct epoll_event event = { .events = (uint32_t)events | EPOLLONESHOT };

	event.data.u64 = (uint64_t)(uint32_t)generation << 32 | (uint32_t)fd;
	return epoll_ctl(poll->set, operation, fd, &event) ? -errno : 0;
}

/* Does the number still name the file that the set has, for which nobody waits now? */
static int same_file(struct poll *poll, const int32_t *a, int verdict)
{
	switch (control(poll, EPOLL_CTL_ADD, a[0], 0, a[2])) {
	case 0:
		return WAIT_OTHER_FILE;
	case -EEXIST:
		return verdict;
	default:
		return WAIT_REFUSED;
	}
}

/*
 * readyArm(fd, events, generation, how): number. Where nobody waits nothing is armed: the host would tell of
 * an error or a hang-up each time that it is asked. A first read need not be the first of this file:
 * calls may wait behind it.
 */
static napi_value arm(napi_env env, napi_callback_info info)
{
	int32_t a[4];
	struct poll *poll = numbers_of(env, info, 4, a);
	int verdict = may_wait(a[0], a[3]);

	if (verdict < 0 && verdict != WAIT_FIRST_READ)
		return integer(env, verdict);
	if ((a[3] & WAIT_HOW) == WAIT_ANY && !a[1])
		return integer(env, same_file(poll, a, verdict));
	switch (control(poll, EPOLL_CTL_MOD, a[0], a[1], a[2])) {
	case 0:
		return integer(env, verdict);
	case -ENOENT:
		return integer(env, WAIT_OTHER_FILE);
	default:
		return integer(env, WAIT_REFUSED);
	}
}

/* readyAdd(fd, events, generation, how): number */
static napi_value add(napi_env env, napi_callback_info info)
{
	int32_t a[4];
	struct poll *poll = numbers_of(env, info, 4, a);
	int verdict = may_wait(a[0], a[3]);
	int error;

	if (verdict < 0)
		return integer(env, verdict);
	error = control(poll, EPOLL_CTL_ADD, a[0], a[1], a[2]);
	if (error == -EEXIST) /* it was armed for somebody before, who is forgotten */
		error = control(poll, EPOLL_CTL_MOD, a[0], a[1], a[2]);
	return integer(env, error ? WAIT_REFUSED : verdict);
}

/* readyForget(fd): void. Before the descriptor is closed: a dup would keep it in the set. */
static napi_value forget(napi_env env, napi_callback_info info)
{
	struct epoll_event none = { 0 };
	int32_t fd;
	struct poll *poll = numbers_of(env, info, 1, &fd);

	epoll_ctl(poll->set, EPOLL_CTL_DEL, fd, &none);
	return NULL;
}

void export_ready(napi_env env, napi_value exports, struct poll *poll)
{
	export_with(env, exports, "readyTake", take, poll);
	export_with(env, exports, "readyKind", kind, poll);
	export_with(env, exports, "readyAsk", ask, poll);
	export_with(env, exports, "readyError", error, poll);
	export_with(env, exports, "readyArm", arm, poll);
	export_with(env, exports, "readyAdd", add, poll);
	export_with(env, exports, "readyForget", forget, poll);
}
