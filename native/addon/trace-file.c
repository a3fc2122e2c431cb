/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "addon/trace-file.h"

/*
 * Its blocks are allocated first: a task that finds the disk full when it writes an event
 * would get a signal for it.
 */
static void *map_file(int fd, size_t bytes, int *error)
{
	void *memory;

	*error = posix_fallocate(fd, 0, (off_t)bytes);
	if (*error)
		return NULL;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED)
		return memory;
	*error = errno;
	return NULL;
}

void *trace_file_map(const char *path, size_t bytes, int *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	void *memory;

	if (fd < 0) {
		*error = errno;
		return NULL;
	}
	memory = map_file(fd, bytes, error);
	close(fd);
	if (!memory)
		unlink(path);
	return memory;
}

void trace_file_unmap(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
}
