/* SPDX-License-Identifier: MIT */
/* Pairs of sockets, of TCP over the loopback too, and what happens to a call on one of them. */
#ifndef SYSLETS_TEST_TCP_PAIR_H
#define SYSLETS_TEST_TCP_PAIR_H

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "t.h"

#define TCP 0x100 /* a type here: else they are Unix sockets */

/* ends[0] is the call's, ends[1] the other side's. A test's own events begin with OWN_EVENTS. */
enum pair_event {
	NOTHING,
	FOUR, /* bytes come */
	SIX,
	CLOSE, /* of the other side */
	THEY_WRITE_NO_MORE,
	THEY_READ_NO_MORE,
	WE_READ_NO_MORE,
	WE_WRITE_NO_MORE,
	NOT_BLOCKING, /* O_NONBLOCK */
	OWN_EVENTS
};

static T_UNUSED void tcp_pair(int ends[2])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t bytes = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_EQ(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(listen(listener, 1), 0);
	CHECK_EQ(getsockname(listener, (struct sockaddr *)&at, &bytes), 0);
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(connect(ends[1], (struct sockaddr *)&at, sizeof(at)), 0);
	ends[0] = accept(listener, 0, 0);
	CHECK(ends[0] >= 0);
	close(listener);
}

/* Bytes that were written and have not arrived; 0 of other sockets. */
static inline int tcp_under_way(int fd)
{
	int domain = 0, left = 0;
	socklen_t bytes = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) || domain != AF_INET)
		return 0;
	return ioctl(fd, TIOCOUTQ, &left) ? 0 : left;
}

/* Until the other side has what was written: the host brings it a moment later, if it is busy. */
static inline void tcp_arrives(int fd)
{
	while (tcp_under_way(fd))
		usleep(100);
}

static T_UNUSED void new_pair(int type, int ends[2])
{
	if (type == TCP)
		tcp_pair(ends);
	else
		CHECK_EQ(socketpair(AF_UNIX, type, 0, ends), 0);
}

/* For an accept: there is no other side yet. */
static T_UNUSED void new_listener(int ends[2])
{
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	ends[1] = -1;
	CHECK_EQ(listen(ends[0], 1), 0);
}

/* SO_RCVTIMEO or SO_SNDTIMEO */
static T_UNUSED void limit_socket(int fd, int option, int ms)
{
	struct timeval limit = {ms / 1000, ms % 1000 * 1000};

	CHECK_EQ(setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit)), 0);
}

/* Until there is no room for 1,000 bytes, or in a stream for one. */
static T_UNUSED void fill_up(int fd, int is_stream)
{
	static const char some[1000];

	CHECK_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while (write(fd, some, sizeof(some)) > 0)
		;
	while (is_stream && write(fd, some, 1) > 0)
		;
	CHECK_EQ(fcntl(fd, F_SETFL, 0), 0);
}

static T_UNUSED void bytes_come(int fd, const char *bytes, size_t number)
{
	CHECK_EQ(write(fd, bytes, number), (ssize_t)number);
	tcp_arrives(fd);
}

/* What has come, and how much. */
static T_UNUSED size_t take(int fd, char *to, size_t room)
{
	ssize_t got = recv(fd, to, room, MSG_DONTWAIT);

	return got > 0 ? (size_t)got : 0;
}

static T_UNUSED void happen_to_pair(unsigned event, int ends[2])
{
	switch (event) {
	case FOUR:
		bytes_come(ends[1], "abcd", 4);
		break;
	case SIX:
		bytes_come(ends[1], "efghij", 6);
		break;
	case CLOSE:
		close(ends[1]);
		ends[1] = -1;
		break;
	case THEY_WRITE_NO_MORE:
		CHECK_EQ(shutdown(ends[1], SHUT_WR), 0);
		break;
	case THEY_READ_NO_MORE:
		CHECK_EQ(shutdown(ends[1], SHUT_RD), 0);
		break;
	case WE_READ_NO_MORE:
		CHECK_EQ(shutdown(ends[0], SHUT_RD), 0);
		break;
	case WE_WRITE_NO_MORE:
		CHECK_EQ(shutdown(ends[0], SHUT_WR), 0);
		break;
	case NOT_BLOCKING:
		CHECK_EQ(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
		break;
	default:
		break;
	}
}

#endif
