/* SPDX-License-Identifier: MIT */
/*
 * Of `bench serve`: an echo server on epoll, the floor, and the client that all servers
 * have. `serve server` prints its port. `serve client PORT IDLE BUSY MS` opens connections
 * that stay idle, prints that all are there, sends on the busy ones the next message when
 * the last has come back, and prints: requests, nanoseconds, and the worst answer's
 * nanoseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 64
#define BYTES 64

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void watch(int set, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		fail("epoll_ctl");
}

static void echo(int fd)
{
	char bytes[BYTES];
	ssize_t length = recv(fd, bytes, sizeof(bytes), 0);

	if (length <= 0 || send(fd, bytes, (size_t)length, MSG_NOSIGNAL) != length)
		close(fd);
}

static void serve(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct epoll_event events[EVENTS];
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0), i, found;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 512))
		fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	watch(set, listener);
	for (;;) {
		found = epoll_wait(set, events, EVENTS, -1);
		for (i = 0; i < found; i++) {
			if (events[i].data.fd == listener)
				watch(set, accept(listener, NULL, NULL));
			else
				echo(events[i].data.fd);
		}
	}
}

static int connection(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	return fd;
}

/* One byte there and back: the server has accepted it. */
static int accepted(int port)
{
	int fd = connection(port);
	char byte = 'x';

	if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
		fail("first byte");
	return fd;
}

static void client(int port, int idle, int busy, int ms)
{
	struct epoll_event events[EVENTS];
	int set = epoll_create1(0), i, found, *fds = calloc((size_t)busy, sizeof(int));
	uint64_t *sent = calloc(1 << 20, sizeof(*sent));
	uint64_t requests = 0, worst = 0, start, time;
	char bytes[BYTES] = "x";

	for (i = 0; i < idle; i++)
		accepted(port);
	for (i = 0; i < busy; i++) {
		fds[i] = accepted(port);
		watch(set, fds[i]);
	}
	puts("connected");
	fflush(stdout);
	start = now();
	for (i = 0; i < busy; i++) {
		sent[fds[i]] = now();
		send(fds[i], bytes, sizeof(bytes), 0);
	}
	while ((time = now()) - start < (uint64_t)ms * 1000000) {
		found = epoll_wait(set, events, EVENTS, 100);
		time = now();
		for (i = 0; i < found; i++) {
			int fd = events[i].data.fd;

			if (recv(fd, bytes, sizeof(bytes), MSG_WAITALL) <= 0)
				fail("recv");
			if (time - sent[fd] > worst)
				worst = time - sent[fd];
			requests++;
			sent[fd] = now();
			send(fd, bytes, sizeof(bytes), 0);
		}
	}
	printf("%llu %llu %llu\n", (unsigned long long)requests,
	       (unsigned long long)(now() - start), (unsigned long long)worst);
}

int main(int count, char **arguments)
{
	if (count == 2 && !strcmp(arguments[1], "server"))
		serve();
	if (count != 6)
		return 2;
	client(atoi(arguments[2]), atoi(arguments[3]), atoi(arguments[4]), atoi(arguments[5]));
	return 0;
}
