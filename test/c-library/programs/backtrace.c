/* SPDX-License-Identifier: MIT */
/* For a debugger: a call that is entered, one that was handed over, and what goes on after that. */
#include <pthread.h>

#include "check.h"

static struct syslet_ring *ring;
static int ends[2];
static char byte;

/* The debugger stops here, on the OS thread that has taken over. */
__attribute__((noinline)) void after_hand_over(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void inner(int depth)
{
	if (depth) {
		inner(depth - 1);
		return;
	}
	read_blocks(ring, 1, ends[0], &byte);
	after_hand_over();
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
}

__attribute__((noinline)) void outer(void)
{
	inner(3);
	__asm__ volatile("");
}

static void *run_thread(void *unused)
{
	(void)unused;
	attach_or_fail();
	outer();
	CHECK(syslet_detach() == 0);
	return NULL;
}

/* With an argument, on another thread than the first. */
int main(int argc, char **argv)
{
	pthread_t thread;

	(void)argv;
	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(2, &ring) == 0);
	if (argc > 1) {
		CHECK(pthread_create(&thread, NULL, run_thread, NULL) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
	} else {
		run_thread(NULL);
	}
	puts("ok");
	return 0;
}
