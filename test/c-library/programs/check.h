/* SPDX-License-Identifier: MIT */
/* For programs that are compiled against the installed library, as C and as C++. */
#ifndef SYSLETS_TEST_CHECK_H
#define SYSLETS_TEST_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <syslets/submit.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #condition);   \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static inline long os_thread(void)
{
	return syscall(SYS_gettid);
}

static inline void attach_or_fail(void)
{
	struct syslet_attach_options how;
	struct syslet_attached attached;
	int error;

	memset(&how, 0, sizeof(how));
	error = syslet_attach(&how, &attached);
	if (error) {
		fprintf(stderr, "attach: %s (%s)\n", strerror(-error), attached.why);
		_exit(1);
	}
}

/* A read of a pipe that is empty: it is handed over, and this thread has another OS thread. */
static inline void read_blocks(struct syslet_ring *ring, uint64_t data, int fd, char *byte)
{
	uint64_t args[6] = {(uint64_t)fd, (uint64_t)(uintptr_t)byte, 1, 0, 0, 0};
	long before = os_thread();
	struct syslet_call_result result = syslet_submit(ring, data, SYS_read, args);

	CHECK(result.pending);
	CHECK(result.value == -ESYSLETPENDING);
	CHECK(os_thread() != before);
}

static inline struct syslet_completion reap_one(struct syslet_ring *ring)
{
	struct syslet_completion completion;

	CHECK(syslet_ring_reap_wait(ring, &completion, 1, 0) == 1);
	return completion;
}

#endif
