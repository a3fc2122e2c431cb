/* SPDX-License-Identifier: MIT */
/*
 * While a call is blocked and its context waits in it, somebody looks until either is
 * over: each test takes something away, and then makes calls that only their own context
 * can end. One that holds its context hangs, and the child is killed.
 */
#include <sys/resource.h>

#include "syslet.h"

#define CALLS 8
#define LIMIT_SECONDS 20

/* Reads that nobody ends before all of them have been handed over. */
static void reads_are_handed_over(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	static char bytes[CALLS];
	int i;

	for (i = 0; i < CALLS; i++)
		submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
	for (i = 0; i < CALLS; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < CALLS; i++)
		CHECK_EQ(reap(ring).status, 1);
	close_pipe(pipe);
}

static void let_the_watcher_park(void)
{
	int i;

	for (i = 0; i < 20; i++)
		t_sleep_ms(20); /* by the C library: sleeps outside of calls, as an event loop does */
}

#define FILES 64

static int taken[FILES];
static int nr_taken;

/* Every descriptor that the limit leaves, as a server does under load. */
static void take_all_descriptors(void)
{
	struct rlimit limit = {FILES, FILES};

	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (nr_taken = 0; nr_taken < FILES; nr_taken++)
		if ((taken[nr_taken] = dup(0)) < 0)
			break;
	CHECK(nr_taken > 0 && nr_taken < FILES);
	CHECK_EQ(errno, EMFILE);
}

static void give_back_descriptors(void)
{
	while (nr_taken > 0)
		close(taken[--nr_taken]);
}

/* What the watcher closed while it was idle cannot be opened by the usual way. */
static void no_descriptor_after_idling(void)
{
	struct syslet_ring *ring = new_ring(16);
	struct pipe pipe = new_pipe();
	char byte;

	attach(0);
	reads_are_handed_over(ring);
	let_the_watcher_park();
	take_all_descriptors();
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	give_back_descriptors();
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	reads_are_handed_over(ring);
	CHECK_EQ(detach(), 0);
}

/* Also what was in reserve is gone: the numbers above the limit are not opened any more. */
static void no_descriptor_for_one_call(void)
{
	struct syslet_ring *ring = new_ring(16);
	struct rlimit before, none = {0, 0};
	struct pipe pipe = new_pipe();
	struct t_leaks at_first;
	int perf_errno, by_perf;
	const char *why;
	char byte;

	attach(0);
	reads_are_handed_over(ring);
	let_the_watcher_park();
	at_first = t_leaks_now();
	by_perf = syslet_current_watcher(&why, &perf_errno) == SYSLET_WATCHER_PERF;
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
	none.rlim_max = before.rlim_max;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK(!by_perf || GREW(at_first, overdue) > 0);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	reads_are_handed_over(ring);
	CHECK_EQ(detach(), 0);
}

/* For good, and more calls at once than there are descriptors. */
static void no_descriptor_for_good(void)
{
	struct syslet_ring *ring = new_ring(16);
	struct pipe pipe = new_pipe();
	static char bytes[CALLS];
	struct t_leaks before;
	int round, i, perf_errno, by_perf;
	const char *why;

	attach(0);
	by_perf = syslet_current_watcher(&why, &perf_errno) == SYSLET_WATCHER_PERF;
	take_all_descriptors();
	before = t_leaks_now();
	for (round = 0; round < 3; round++) {
		for (i = 0; i < CALLS; i++)
			submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
		for (i = 0; i < CALLS; i++)
			write_byte(pipe, 'x');
		for (i = 0; i < CALLS; i++)
			CHECK_EQ(reap(ring).status, 1);
	}
	CHECK(!by_perf || GREW(before, perf_opened) > 0); /* by the reserve: there is no other descriptor */
	give_back_descriptors();
	CHECK_EQ(detach(), 0);
}

/* The folder of the process's threads is held open, so that their files are found without a path. */
static void files_of_threads_after_a_chroot(void)
{
	struct syslet_ring *ring = new_ring(16);
	char folder[] = "/tmp/syslets-XXXXXX";
	struct t_leaks before;

	if (geteuid())
		SKIP_TEST("only root can chroot");
	CHECK(mkdtemp(folder) != 0);
	CHECK_EQ(chdir(folder), 0);
	CHECK_EQ(rmdir(folder), 0);
	attach_with(SYSLET_WATCHER_SAMPLER, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(chroot("."), 0);
	before = t_leaks_now();
	reads_are_handed_over(ring);
	CHECK(GREW(before, sampler_files) > 0);
	CHECK_EQ(detach(), 0);
}

/* The clock alone, from the beginning. */
static void nothing_but_the_clock(void)
{
	struct syslet_ring *ring = new_ring(16);
	int round;

	attach_with(SYSLET_WATCHER_CLOCK, SYSLET_OVERFLOW_RESERVE, 0);
	for (round = 0; round < 3; round++)
		reads_are_handed_over(ring);
	CHECK_EQ(detach(), 0);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN_IN_CHILD(no_descriptor_after_idling, LIMIT_SECONDS);
	RUN_IN_CHILD(no_descriptor_for_one_call, LIMIT_SECONDS);
	RUN_IN_CHILD(no_descriptor_for_good, LIMIT_SECONDS);
	RUN_IN_CHILD(files_of_threads_after_a_chroot, LIMIT_SECONDS);
	RUN_IN_CHILD(nothing_but_the_clock, LIMIT_SECONDS);
	return 0;
}
