/* SPDX-License-Identifier: MIT */
/*
 * While a call is blocked and its context waits in it, somebody looks until either is
 * over: each test takes something away, and then makes calls that only their own context
 * can end. One that holds its context hangs, and the child is killed.
 */
#include <dirent.h>
#include <signal.h>
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

static int is_kept, has_come;

/* On the watcher, in the middle of whatever it does; with the context's thread pointer. */
static void stay(int signal)
{
	static const struct timespec some = {0, 1000000};

	(void)signal;
	__atomic_store_n(&has_come, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&is_kept, __ATOMIC_ACQUIRE))
		syscall(SYS_nanosleep, &some, 0);
}

/* The only task with a name, once it has one; 0: there is none yet. */
static pid_t watcher_thread(void)
{
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	char path[64], name[32];
	pid_t found = 0;
	FILE *file;

	CHECK(folder != 0);
	while (!found && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), "/proc/self/task/%.20s/comm", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file) && !strncmp(name, "syslet-", 7))
			found = atoi(entry->d_name);
		if (file)
			fclose(file);
	}
	closedir(folder);
	return found;
}

static void keep_the_watcher_off(void)
{
	pid_t tid;

	while (!(tid = watcher_thread()))
		t_sleep_ms(1);
	is_kept = 1;
	has_come = 0;
	CHECK_EQ(syscall(SYS_tgkill, getpid(), tid, SIGTRAP), 0);
	while (!__atomic_load_n(&has_come, __ATOMIC_ACQUIRE))
		t_sleep_ms(1);
}

/* Nobody ends the read before it has come back. */
static void a_read_comes_back(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	uint64_t kept[2];
	char byte;

	CHECK_EQ(submit(ring, 1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1).value,
		 -SYSLET_SURFACED);
	syslet_kept(kept);
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
	write_byte(pipe, 'x');
	syslet_go_on(kept);
	CHECK_EQ(submit(ring, 1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1).value, 1);
	close_pipe(pipe);
}

/* The first begins where the watcher counts still, the second where it does not. */
static void refused_reads_come_back(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	char byte;
	int64_t value;

	CHECK_EQ(submit(ring, 1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1).value,
		 -SYSLET_SURFACED);
	value = submit(ring, 1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1).value;
	CHECK(value == -SYSLET_LOOKED || value == -SYSLET_NOT_MADE); /* not all kernels look at a pipe */
	close_pipe(pipe);
}

static void the_watcher_is_kept_off(struct syslet_ring *ring, enum syslet_unwatched what)
{
	syslet_when_unwatched(what);
	keep_the_watcher_off();
	if (what == SYSLET_UNWATCHED_REFUSED) {
		refused_reads_come_back(ring);
	} else {
		a_read_comes_back(ring);
		a_read_comes_back(ring);
	}
	__atomic_store_n(&is_kept, 0, __ATOMIC_RELEASE);
	syslet_when_unwatched(SYSLET_UNWATCHED_BLOCKS);
	reads_are_handed_over(ring);
}

/*
 * Somebody freezes that one thread, or busy ones leave it no processor: calls come back until
 * it looks again, wherever it was when it was stopped.
 */
static void a_watcher_that_gets_no_processor(void)
{
	struct syslet_ring *ring = new_ring(16);
	struct sigaction action = {.sa_handler = stay};
	struct t_leaks before;
	int i;

	sigfillset(&action.sa_mask);
	CHECK_EQ(sigaction(SIGTRAP, &action, 0), 0);
	for (i = 0; i < 4; i++) {
		int parks = i & 1;
		enum syslet_unwatched what = i & 2 ? SYSLET_UNWATCHED_REFUSED : SYSLET_UNWATCHED_SURFACES;

		attach(0);
		before = t_leaks_now();
		CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
		if (parks)
			let_the_watcher_park();
		the_watcher_is_kept_off(ring, what);
		CHECK(GREW(before, surfaced) >= (what == SYSLET_UNWATCHED_REFUSED ? 1 : 2));
		CHECK(GREW(before, calls_unwatched) >= 1);
		CHECK_EQ(detach(), 0);
		while (watcher_thread()) /* its thread is over, and goes from the list a little later */
			t_sleep_ms(1);
	}
}

static long test_thread; /* 0: the watcher stands still nowhere */
static int stands;

long __real_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);

/* As a freezer does it: a thread is stopped on its way out of a system call. */
long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	long result = __real_host_syscall6(nr, a, b, c, d, e, f);
	long some[2] = {0, 1000000};

	if (nr != SYS_munmap || !__atomic_load_n(&test_thread, __ATOMIC_ACQUIRE) ||
	    __real_host_syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0) == test_thread)
		return result;
	__atomic_store_n(&stands, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&test_thread, __ATOMIC_ACQUIRE))
		__real_host_syscall6(SYS_nanosleep, (long)some, 0, 0, 0, 0, 0);
	return result;
}

/* A call's entry waits for a watcher that is just closing its event, but not without end. */
static void a_watcher_that_stands_still_as_it_parks(void)
{
	struct syslet_ring *ring = new_ring(16);

	attach(0);
	CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	__atomic_store_n(&test_thread, (long)gettid(), __ATOMIC_RELEASE);
	let_the_watcher_park();
	if (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
		printf("the watcher has no event of perf's here: it stands still nowhere\n");
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
	__atomic_store_n(&test_thread, 0, __ATOMIC_RELEASE);
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
	RUN_IN_CHILD(a_watcher_that_gets_no_processor, LIMIT_SECONDS);
	RUN_IN_CHILD(a_watcher_that_stands_still_as_it_parks, LIMIT_SECONDS);
	return 0;
}
