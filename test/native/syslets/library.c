/* SPDX-License-Identifier: MIT */
/* What the library does once, and what it waits for. */
#include <pthread.h>
#include <sched.h>

#include "syslet.h"

#include "host/host.h"

#define THREADS 8

static pthread_barrier_t together;
static volatile int too_early;

/* Threads that come second wait until the first has made everything ready. */
static void *initialise(void *unused)
{
	pthread_barrier_wait(&together);
	syslet_library_init();
	if (!host_interrupt_signal || !ns_of_ticks(1ull << 40))
		too_early = 1;
	return unused;
}

static void it_is_ready_when_it_says_so(void)
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&together, 0, THREADS);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, initialise, 0), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], 0);
	CHECK(!too_early);
}

static int sleep_a_while(void *unused)
{
	struct timespec some = {0, 50000000};

	(void)unused;
	syscall(SYS_nanosleep, &some, 0);
	syscall(SYS_exit, 0);
	return 0;
}

/* The limit is an hour: who would not be woken would sleep that long. */
static void the_end_of_a_thread_wakes(void)
{
	static struct task task = {.alive = 1};
	char *stack = map_pages(16, PROT_READ | PROT_WRITE);
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		    CLONE_CHILD_CLEARTID;

	CHECK(clone(sleep_a_while, stack + 16 * PAGE, flags, 0, 0, 0, &task.alive) > 0);
	while (__atomic_load_n(&task.alive, __ATOMIC_ACQUIRE))
		host_thread_ops.wait_for_end(&task, 1, 3600000000000ull);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(it_is_ready_when_it_says_so, 10);
	RUN_IN_CHILD(the_end_of_a_thread_wakes, 10);
	return 0;
}
