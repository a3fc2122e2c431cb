/* SPDX-License-Identifier: MIT */
/* socketpair of TCP, over the loopback. */
#ifndef SYSLETS_TEST_TCP_PAIR_H
#define SYSLETS_TEST_TCP_PAIR_H

#include <sys/ioctl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "t.h"

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

#endif
