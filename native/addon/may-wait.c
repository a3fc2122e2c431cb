/* SPDX-License-Identifier: MIT */
/*
 * A call may wait for readiness only if poll tells all that could end it. Where the kernel
 * would answer at once and poll is silent (a wrong access mode, O_NONBLOCK, a listening
 * socket that is read) or has a limit of its own (SO_RCVTIMEO, VTIME), the call is made.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#ifndef STATX_TYPE
#include <linux/stat.h> /* a C library that does not declare it */
#endif

#include "addon/poll.h"

#define EVERY_LENGTH 1

/* Without asking a file system's server, which may be slow: what a file is never changes. */
int file_kind(int fd)
{
	struct statx status;

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status))
		return -1;
	return status.stx_mode & S_IFMT;
}

static int writes(int how)
{
	return how >= WAIT_WRITE;
}

/* O_NONBLOCK: EAGAIN is the answer. It is asked each time, since others share the file. */
static int blocks(int fd, int how)
{
	int flags = fcntl(fd, F_GETFL);
	int other = writes(how) ? O_RDONLY : O_WRONLY;

	return flags >= 0 && !(flags & (O_NONBLOCK | O_PATH)) && (flags & O_ACCMODE) != other;
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t bytes = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &bytes) ? -1 : value;
}

/* Of a Unix socket alone: others give errors here that no call would be told, such as routers'. */
int socket_error(int fd)
{
	int error = option(fd, SO_DOMAIN) == AF_UNIX ? option(fd, SO_ERROR) : 0;

	return error > 0 ? -error : 0;
}

/* Has the socket a limit? Below zero: the descriptor is no socket. */
static int has_limit(int fd, int how)
{
	struct timeval limit = { 0, 0 };
	socklen_t bytes = sizeof(limit);

	if (getsockopt(fd, SOL_SOCKET, writes(how) ? SO_SNDTIMEO : SO_RCVTIMEO, &limit, &bytes))
		return -1;
	return limit.tv_sec || limit.tv_usec;
}

/*
 * Poll tells of SO_RCVLOWAT bytes and no fewer; a receive of fewer ends with those that it asked for.
 * Anybody may change that at any time.
 */
static int least_received(int fd)
{
	int least = option(fd, SO_RCVLOWAT);

	if (least <= 1)
		return EVERY_LENGTH;
	return WAIT_ASK | (least < WAIT_ASK ? least : WAIT_ASK - 1);
}

/* Others have no poll, or one that tells less. */
static int is_known_family(int family)
{
	return family == AF_UNIX || family == AF_INET || family == AF_INET6;
}

static int socket_may_wait(int fd, int how)
{
	int listens = option(fd, SO_ACCEPTCONN);

	if (!is_known_family(option(fd, SO_DOMAIN)) || listens != (how == WAIT_ACCEPT))
		return WAIT_REFUSED;
	return EVERY_LENGTH;
}

#define NAME_BYTES 64

/* What the file is called; it has no path if it has no slash. False where that cannot be told. */
static int name_of(int fd, char name[NAME_BYTES])
{
	char path[32];
	ssize_t bytes;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	bytes = readlink(path, name, NAME_BYTES - 1);
	name[bytes < 0 ? 0 : bytes] = '\0';
	return bytes >= 0;
}

/*
 * A FIFO that nobody has opened for writing yet gives 0 to a read, and nothing to poll;
 * once it has been read poll tells its end. A small write may have room in a full pipe, so
 * that it has to be tried first.
 */
static int fifo_may_wait(int fd, int how)
{
	char name[NAME_BYTES];

	if (how == (WAIT_READ | WAIT_TRIED) || (how & WAIT_HOW) == WAIT_REST)
		return EVERY_LENGTH;
	if (how != WAIT_READ || !name_of(fd, name))
		return WAIT_REFUSED;
	return strncmp(name, "pipe:[", 6) ? WAIT_FIRST_READ : EVERY_LENGTH;
}

/* Poll tells of VMIN bytes and no fewer, without VTIME; a read of fewer ends with those that it asked for. */
static int least_typed(const struct termios *settings)
{
	return settings->c_lflag & ICANON || settings->c_cc[VTIME] ? EVERY_LENGTH : settings->c_cc[VMIN];
}

/* VMIN 0 lets a read end with nothing; a read in the background ends by a signal. */
static int terminal_may_wait(int fd, int how)
{
	struct termios settings;
	pid_t foreground;

	if (how != WAIT_READ || tcgetattr(fd, &settings))
		return WAIT_REFUSED;
	if (!(settings.c_lflag & ICANON) && settings.c_cc[VMIN] == 0)
		return WAIT_REFUSED;
	foreground = tcgetpgrp(fd);
	if (foreground >= 0 && foreground != getpgrp())
		return WAIT_REFUSED;
	return WAIT_ASK | least_typed(&settings);
}

/* The bytes that a read has to take; less is EINVAL at once. */
static const struct {
	const char *name;
	int least;
} anonymous[] = {
	{ "anon_inode:[eventfd]", 8 },
	{ "anon_inode:[timerfd]", 8 },
	{ "anon_inode:[signalfd]", 128 }, /* struct signalfd_siginfo */
	{ "anon_inode:inotify", EVERY_LENGTH },
};

static int anonymous_may_wait(int fd, int how)
{
	char name[NAME_BYTES];
	size_t i;

	if (how != WAIT_READ || !name_of(fd, name))
		return WAIT_REFUSED;
	for (i = 0; i < sizeof(anonymous) / sizeof(anonymous[0]); i++)
		if (!strcmp(name, anonymous[i].name))
			return anonymous[i].least;
	return WAIT_REFUSED;
}

static int file_may_wait(int fd, int how)
{
	switch (file_kind(fd)) {
	case S_IFIFO:
		return fifo_may_wait(fd, how);
	case S_IFCHR:
		return terminal_may_wait(fd, how & WAIT_HOW);
	case 0:
		return anonymous_may_wait(fd, how & WAIT_HOW);
	default:
		return WAIT_REFUSED;
	}
}

int may_wait(int fd, int how)
{
	int kind = how & WAIT_HOW;
	int limit, verdict;

	if (kind == WAIT_ANY)
		return EVERY_LENGTH;
	limit = has_limit(fd, kind);
	if (!blocks(fd, kind) || limit > 0)
		return WAIT_REFUSED;
	if (how & WAIT_KNOWN)
		verdict = EVERY_LENGTH;
	else
		verdict = limit < 0 ? file_may_wait(fd, how) : socket_may_wait(fd, kind);
	if (verdict < 0 || limit < 0 || (kind != WAIT_READ && kind != WAIT_RECEIVE))
		return verdict;
	return least_received(fd);
}
