// SPDX-License-Identifier: MIT
/*
 * The baseline of `npm run bench -- aio`: cached reads of 4 KiB by glibc's aio, so many in flight
 * at a time. Prints nanoseconds for each read, one line for each batch.
 */
#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BYTES 4096
#define MAX_DEPTH 64

static struct aiocb cbs[MAX_DEPTH];
static char buffers[MAX_DEPTH][BYTES];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void finish(struct aiocb *cb)
{
	const struct aiocb *list[] = {cb};

	while (aio_error(cb) == EINPROGRESS)
		if (aio_suspend(list, 1, NULL) != 0 && errno != EINTR)
			fail("aio_suspend");
	if (aio_error(cb) != 0 || aio_return(cb) != BYTES) {
		fprintf(stderr, "a read failed: %s\n", strerror(aio_error(cb)));
		exit(1);
	}
}

/* `count` reads, `depth` of them at a time, one block of the file after the other. */
static void batch(int fd, int depth, int count, int blocks)
{
	int block = 0;

	for (int done = 0; done < count; done += depth) {
		for (int i = 0; i < depth; i++) {
			cbs[i].aio_fildes = fd;
			cbs[i].aio_buf = buffers[i];
			cbs[i].aio_nbytes = BYTES;
			cbs[i].aio_offset = (off_t)block * BYTES;
			cbs[i].aio_sigevent.sigev_notify = SIGEV_NONE;
			block = (block + 1) % blocks;
			if (aio_read(&cbs[i]) != 0)
				fail("aio_read");
		}
		for (int i = 0; i < depth; i++)
			finish(&cbs[i]);
	}
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "usage: aio-glibc FILE BLOCKS DEPTH READS BATCHES\n");
		return 2;
	}
	int fd = open(argv[1], O_RDONLY);
	int blocks = atoi(argv[2]), depth = atoi(argv[3]), count = atoi(argv[4]);

	if (fd < 0)
		fail(argv[1]);
	if (blocks < 1 || depth < 1 || depth > MAX_DEPTH || count % depth != 0)
		return 2;
	batch(fd, depth, count, blocks);
	for (int i = atoi(argv[5]); i > 0; i--) {
		double start = now();

		batch(fd, depth, count, blocks);
		printf("%.1f\n", (now() - start) / count);
	}
	return 0;
}
