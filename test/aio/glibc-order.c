// SPDX-License-Identifier: MIT
/*
 * What glibc's aio does with a write behind a pending read of the same socket, and with a file
 * write behind 40 pending socket reads. Each case lets nothing happen for WAIT_MS and looks what
 * has; then it ends one of the reads and looks again. Prints one line for each thing seen.
 */
#define _GNU_SOURCE
#include <aio.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 300
#define END_MS 20000
#define SOCKETS 40
#define HELPERS 20 /* as many threads as glibc makes */

static void check(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static void prepare(struct aiocb *cb, int fd, void *buf, size_t nbytes)
{
	memset(cb, 0, sizeof(*cb));
	cb->aio_fildes = fd;
	cb->aio_buf = buf;
	cb->aio_nbytes = nbytes;
	cb->aio_sigevent.sigev_notify = SIGEV_NONE;
}

static int in_progress(const struct aiocb *cb)
{
	return aio_error(cb) == EINPROGRESS;
}

static int readable(int fd, int ms)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	return poll(&one, 1, ms) == 1;
}

static void end(struct aiocb *cb)
{
	const struct aiocb *list[] = {cb};
	struct timespec limit = {.tv_sec = END_MS / 1000};

	while (in_progress(cb))
		check(aio_suspend(list, 1, &limit), "aio_suspend");
}

static void same_socket(void)
{
	static struct aiocb reader, writer;
	static char in[1];
	int pair[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	prepare(&reader, pair[0], in, 1);
	prepare(&writer, pair[0], "w", 1);
	check(aio_read(&reader), "aio_read");
	check(aio_write(&writer), "aio_write");
	printf("socket: %s\n", readable(pair[1], WAIT_MS) ? "written" : "not written");
	printf("socket: read %s\n", in_progress(&reader) ? "pending" : "over");
	check((int)write(pair[1], "r", 1), "write");
	end(&reader);
	end(&writer);
	printf("socket: after the read %s\n", readable(pair[1], END_MS) ? "written" : "not written");
}

/*
 * Until all helpers are there. While the first of them wake up a request may have a new one for
 * itself, and pass those that wait.
 */
static void await_helpers(void)
{
	int threads;

	do {
		DIR *tasks = opendir("/proc/self/task");

		check(tasks ? 0 : -1, "/proc/self/task");
		for (threads = -2; readdir(tasks); threads++)
			; /* "." and ".." are none */
		closedir(tasks);
		poll(NULL, 0, 1);
	} while (threads < 1 + HELPERS);
}

static void file_behind_sockets(const char *path)
{
	static struct aiocb readers[SOCKETS], writer;
	static char in[SOCKETS];
	int pairs[SOCKETS][2];
	FILE *file = fopen(path, "w");

	check(file ? 0 : -1, path);
	for (int i = 0; i < SOCKETS; i++) {
		check(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), "socketpair");
		prepare(&readers[i], pairs[i][0], in + i, 1);
		check(aio_read(&readers[i]), "aio_read");
	}
	await_helpers();
	prepare(&writer, fileno(file), "w", 1);
	check(aio_write(&writer), "aio_write");
	poll(NULL, 0, WAIT_MS);
	printf("file: %s\n", in_progress(&writer) ? "not written" : "written");
	for (int i = 0; i < SOCKETS; i++)
		check((int)write(pairs[i][1], "r", 1), "write");
	end(&writer);
	printf("file: after the reads %s\n", aio_return(&writer) == 1 ? "written" : "not written");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	alarm(60);
	same_socket();
	file_behind_sockets(argv[1]);
	return 0;
}
