/* SPDX-License-Identifier: MIT */
/*
 * What the machine may refuse: threads, perf, locked memory, descriptors, /proc; and the cap
 * of the program's own on its tasks. Nothing fails for it, and what can be handed over by any
 * means is.
 */
#include <dirent.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "few-threads.h"
#include "forbid.h"
#include "syslet.h"

/* 1 if the sleep was handed over. */
static int sleep_is_handed_over_in(struct syslet_ring *ring, long ms)
{
	struct timespec some = {ms / 1000, ms % 1000 * 1000000};
	struct syslet_call_result result =
		submit(ring, 1, SYS_nanosleep, (uint64_t)&some, 0, 0);

	if (!result.pending) {
		CHECK_EQ(result.value, 0);
		return 0;
	}
	CHECK_EQ(reap(ring).status, 0);
	return 1;
}

/* A watcher that gets no processor needs longer. */
static int sleep_is_handed_over(struct syslet_ring *ring)
{
	long ms;

	for (ms = 20; ms <= 2500; ms *= 5)
		if (sleep_is_handed_over_in(ring, ms))
			return 1;
	return 0;
}

/* However late that is noticed: a read that its own context ends. */
static void read_is_handed_over(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	char byte;

	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	close_pipe(pipe);
}

/* RLIMIT_NPROC exhausted: the call runs and blocks, counted. */
static void no_more_threads(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	if (geteuid())
		SKIP_TEST("only root can become a user with few threads");
	attach(0);
	detach(); /* the thread of our own is there */
	become_nobody();
	set_limit(RLIMIT_NPROC, 1);
	before = t_leaks_now();
	attach(0);
	CHECK_EQ(sleep_is_handed_over_in(ring, 5), 0);
	CHECK_EQ(sleep_is_handed_over_in(ring, 5), 0);
	CHECK(GREW(before, clone_failed) > 2); /* the spare at attach, and each call at least once */
	CHECK_EQ(GREW(before, calls_unwatched), 1); /* from the first one on */
	CHECK_EQ(GREW(before, tasks_created), 0);
	detach();
	t_check_leaks(&before);
}

/* Made again until it is over; how often it surfaced. */
static unsigned call_that_surfaces(struct syslet_ring *ring, uint64_t nr, uint64_t a, uint64_t b,
				   uint64_t c, long *value)
{
	uint64_t kept[2];
	unsigned times = 0;

	*value = submit(ring, 1, nr, a, b, c).value;
	for (; *value == -SYSLET_SURFACED; times++) {
		syslet_kept(kept);
		CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
		syslet_go_on(kept);
		*value = submit(ring, 1, nr, a, b, c).value;
	}
	return times;
}

/* Nobody watches, and none can be made: a call that blocks comes back, and its limit goes on. */
static void a_call_surfaces(int with_guardian)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec time = {1, 0}; /* as long as a busy machine may need to look */
	struct timeval limit = {1, 0};
	uint64_t begun, past[2] = {1, 1};
	int sockets[2];
	char byte;
	long value;

	if (geteuid())
		SKIP_TEST("only root can become a user with few threads");
	if (with_guardian) {
		attach(0);
		detach();
	}
	become_nobody();
	set_limit(RLIMIT_NPROC, 1);
	attach(0);
	syslet_when_unwatched(SYSLET_UNWATCHED_REFUSED);
	syslet_go_on(past); /* of a call that is not made: the next has its own limit */
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, -SYSLET_NOT_MADE);
	syslet_when_unwatched(SYSLET_UNWATCHED_SURFACES);
	begun = t_now_ns();
	CHECK(call_that_surfaces(ring, SYS_nanosleep, (uint64_t)&time, 0, 0, &value) > 0);
	CHECK_EQ(value, 0);
	CHECK(t_now_ns() - begun >= 1000000000);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	CHECK_EQ(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	CHECK(call_that_surfaces(ring, SYS_read, sockets[0], (uint64_t)&byte, 1, &value) > 0);
	CHECK_EQ(value, -EAGAIN);
	CHECK_EQ(write(sockets[1], "x", 1), 1);
	call_that_surfaces(ring, SYS_read, sockets[0], (uint64_t)&byte, 1, &value);
	CHECK_EQ(value, 1);
	detach();
}

static void a_call_surfaces_by_the_guardian(void)
{
	a_call_surfaces(1);
}

static void a_call_surfaces_by_an_alarm(void)
{
	a_call_surfaces(0);
}

static void attach_with_cap(uint32_t tasks)
{
	struct syslet_attach_options how = {.max_tasks = tasks};
	struct syslet_attached attached;

	CHECK_EQ(syslet_attach(&how, &attached), 0);
}

/* No task is free, and the program lets none be made. */
static void a_call_surfaces_at_the_cap(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec time = {0, 200000000};
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	char byte;
	long value;

	attach_with_cap(2);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	before = t_leaks_now();
	syslet_when_unwatched(SYSLET_UNWATCHED_SURFACES);
	while (!call_that_surfaces(ring, SYS_nanosleep, (uint64_t)&time, 0, 0, &value))
		time.tv_sec++; /* a busy machine may let the guardian look later */
	CHECK_EQ(value, 0);
	CHECK_EQ(GREW(before, tasks_created), 0);
	CHECK_EQ(GREW(before, spares_used), 0);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	detach();
}

/* How often all threads but the calling one have slept. */
static unsigned long sleeps_of_other_threads(void)
{
	unsigned long all = 0, one;
	char path[64], line[256];
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	FILE *file;

	CHECK(folder != 0);
	while ((entry = readdir(folder))) {
		snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", entry->d_name);
		file = atoi(entry->d_name) == (int)syscall(SYS_gettid) ? 0 : fopen(path, "r");
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "voluntary_ctxt_switches: %lu", &one) == 1)
				all += one;
		if (file)
			fclose(file);
	}
	closedir(folder);
	return all;
}

/* The guardian looks while there is a call, and not for as long as the context is at its cap. */
static void an_idle_context_at_the_cap_wakes_no_thread(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	unsigned long sleeps;
	char byte;

	attach_with_cap(2);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	before = t_leaks_now();
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
	CHECK_EQ(GREW(before, calls_unwatched), 1);
	do {
		sleeps = sleeps_of_other_threads();
		t_sleep_ms(200);
	} while (sleeps_of_other_threads() != sleeps);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	detach();
}

/* Some time after the carrier has fallen asleep; if before, its call begins with a watcher. */
static void *write_later(void *pipe)
{
	t_sleep_ms(200);
	write_byte(*(struct pipe *)pipe, 'x');
	return 0;
}

/* A task that exits leaves room for one that watches the call that holds its context. */
static void a_task_that_ends_makes_room_at_the_cap(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct indirect_registers regs = {.NR = SYS_read, .ARG2 = 1};
	union indirect_params params = params_for(ring, 2);
	struct pipe pipes[3] = {new_pipe(), new_pipe(), new_pipe()};
	char bytes[3];
	pthread_t writer;

	attach_with_cap(3);
	submit_blocked_read(ring, 1, pipes[0].read_end, &bytes[0]);
	regs.ARG0 = (uint64_t)pipes[1].read_end;
	regs.ARG1 = (uint64_t)&bytes[1];
	params.syslet.frame.ip = syslet_exit_ip();
	CHECK_EQ(syslet_indirect(&regs, &params, sizeof(params), 0).pending, 1);
	CHECK_EQ(pthread_create(&writer, 0, write_later, &pipes[1]), 0);
	submit_blocked_read(ring, 3, pipes[2].read_end, &bytes[2]);
	CHECK_EQ(reap(ring).caller_data, 2);
	write_byte(pipes[2], 'x');
	CHECK_EQ(reap(ring).caller_data, 3);
	write_byte(pipes[0], 'x');
	CHECK_EQ(reap(ring).caller_data, 1);
	CHECK_EQ(pthread_join(writer, 0), 0);
	detach();
}

/* v7 would fail the call instead (row 10). */
static void row_10_on_a_real_limit(void)
{
	struct syslet_ring *ring = new_ring(8);

	if (geteuid())
		SKIP_TEST("only root can become a user with few threads");
	attach(1);
	detach();
	become_nobody();
	set_limit(RLIMIT_NPROC, 1);
	attach(1);
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	detach();
	attach(0);
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
	detach();
}

static void is_handed_over_by_the_sampler(void)
{
	struct syslet_ring *ring = new_ring(8);
	const char *why;
	int perf_errno, i;

	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(syslet_current_watcher(&why, &perf_errno), SYSLET_WATCHER_SAMPLER);
	CHECK(perf_errno != 0);
	for (i = 0; i < 5; i++)
		CHECK_EQ(sleep_is_handed_over(ring), 1);
	detach();
}

static void no_perf_by_a_filter(void)
{
	struct syslet_attach_options how = {.watcher = SYSLET_WATCHER_PERF};
	struct syslet_attached attached;
	struct t_leaks before = t_leaks_now();

	forbid_call(SYS_perf_event_open, EACCES);
	CHECK_EQ(syslet_attach(&how, &attached), -EACCES);
	CHECK(attached.why != 0);
	CHECK_EQ(syslet_is_attached(), 0);
	is_handed_over_by_the_sampler();
	t_check_leaks(&before);
}

/* Locked memory for no perf ring at all. */
static void no_perf_for_want_of_locked_memory(void)
{
	if (geteuid())
		SKIP_TEST("only root can become a user without locked memory");
	if (access("/proc/sys/kernel/perf_event_mlock_kb", R_OK))
		SKIP_TEST("this kernel has no perf");
	become_nobody();
	CHECK_EQ(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0); /* else the sampler's files are root's */
	set_limit(RLIMIT_MEMLOCK, 0);
	/* what every user has besides is not used up by one ring: perf, or the sampler */
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(sleep_is_handed_over(new_ring(8)), 1);
	detach();
}

/* In mid-run perf cannot be opened any more: auto goes on with the sampler. */
static void perf_is_forbidden_in_mid_run(void)
{
	struct syslet_ring *ring = new_ring(64);
	struct pipe pipe = new_pipe();
	static char bytes[32];
	const char *why;
	int perf_errno, i;

	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	if (syslet_current_watcher(&why, &perf_errno) != SYSLET_WATCHER_PERF)
		SKIP_TEST("no perf from the beginning");
	CHECK_EQ(sleep_is_handed_over(ring), 1);
	forbid_call(SYS_perf_event_open, EMFILE);
	for (i = 0; i < 8; i++)
		submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
	CHECK_EQ(syslet_current_watcher(&why, &perf_errno), SYSLET_WATCHER_SAMPLER);
	CHECK_EQ(perf_errno, EMFILE);
	for (i = 0; i < 8; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < 8; i++)
		CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(detach(), 0);
}

/* Every number that the limit allows is used, by dup: until then the limit is no limit. */
static int use_up_descriptors(int *first)
{
	int fd, number = 0;

	set_limit(RLIMIT_NOFILE, 128);
	while ((fd = dup(0)) >= 0)
		if (!number++)
			*first = fd;
	CHECK_EQ(errno, EMFILE);
	CHECK(number > 0);
	return number;
}

/*
 * By calls of the context: a watcher that closed an event of its own meanwhile left a number. The
 * lowest of those that are used up.
 */
static int use_up_what_is_free(struct syslet_ring *ring, int first)
{
	long value;

	while ((value = call_and_wait(ring, SYS_dup, 0, 0, 0)) >= 0)
		if (value < first)
			first = (int)value;
	CHECK_EQ(value, -EMFILE);
	return first;
}

/* Whatever the watchers need is there, or is done without; the program's own calls fail. */
static void descriptors_run_out_in_mid_run(void)
{
	struct syslet_ring *ring = new_ring(64);
	struct pipe pipe = new_pipe();
	static char bytes[32];
	int i, round, first;

	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(sleep_is_handed_over(ring), 1);
	CHECK(use_up_descriptors(&first) > 100);
	for (round = 0; round < 3; round++) {
		first = use_up_what_is_free(ring, first);
		for (i = 0; i < 8; i++)
			submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
		t_sleep_ms(120); /* their events are reclaimed */
		CHECK_EQ(sleep_is_handed_over(ring), 1);
		for (i = 0; i < 8; i++)
			write_byte(pipe, 'x');
		for (i = 0; i < 8; i++)
			CHECK_EQ(reap(ring).status, 1);
	}
	CHECK_EQ(detach(), 0);
	for (i = first; i < 128; i++)
		close(i);
}

/* From the beginning: attach takes what it gets, which is nothing. */
static void descriptors_ran_out_before(void)
{
	struct syslet_ring *ring = new_ring(8);
	int i, first;

	use_up_descriptors(&first);
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	for (i = 0; i < 3; i++) /* by the clock, which a busy machine may make late */
		CHECK_EQ(sleep_is_handed_over(ring), 1);
	CHECK_EQ(detach(), 0);
}

/* Address space: attach refuses with the reason; in mid-run calls go on with what is there. */
static void address_space_runs_out(void)
{
	struct syslet_attach_options how = {.watcher = SYSLET_WATCHER_AUTO};
	struct rlimit none = {1 << 20, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
	struct syslet_ring *ring = new_ring(64);
	struct syslet_attached attached;
	int i;

	if (T_ADDRESS_SANITIZER)
		SKIP_TEST("AddressSanitizer needs address space of its own");
	CHECK_EQ(setrlimit(RLIMIT_AS, &none), 0);
	CHECK_EQ(syslet_attach(&how, &attached), -ENOMEM);
	CHECK(attached.why != 0);
	CHECK_EQ(setrlimit(RLIMIT_AS, &all), 0);
	attach(0);
	CHECK_EQ(sleep_is_handed_over(ring), 1);
	CHECK_EQ(setrlimit(RLIMIT_AS, &none), 0);
	for (i = 0; i < 5; i++)
		CHECK_EQ(sleep_is_handed_over(ring), 1);
	CHECK_EQ(submit(ring, 1, SYS_setresuid, -1ul, -1ul, -1ul).value, 0); /* needs a record */
	CHECK_EQ(sleep_is_handed_over(ring), 1);
	CHECK_EQ(setrlimit(RLIMIT_AS, &all), 0);
	CHECK_EQ(detach(), 0);
}

#define MOST_RINGS 4096 /* perf_event_mlock_kb is 516 KiB a processor, a ring 8 KiB */
#define SOME_READS 40

/* Rings of our own, until there is no locked memory for another one; how many. */
static int take_locked_memory(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	size_t bytes = 2 * (size_t)sysconf(_SC_PAGESIZE);
	int rings = 0;

	for (; rings < MOST_RINGS; rings++) {
		int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
		void *ring = fd < 0 ? MAP_FAILED : mmap(0, bytes, PROT_READ, MAP_SHARED, fd, 0);

		if (fd >= 0)
			close(fd); /* a ring keeps its event */
		if (ring == MAP_FAILED)
			break;
	}
	return rings;
}

static void locked_memory_runs_out_in_mid_run(void)
{
	struct syslet_ring *ring = new_ring(64);
	struct pipe pipe = new_pipe();
	static char bytes[SOME_READS];
	struct t_leaks before;
	const char *why;
	int perf_errno, i;

	if (geteuid())
		SKIP_TEST("only root can become a user without locked memory");
	become_nobody();
	CHECK_EQ(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	set_limit(RLIMIT_MEMLOCK, 0);
	before = t_leaks_now();
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	if (syslet_current_watcher(&why, &perf_errno) != SYSLET_WATCHER_PERF)
		SKIP_TEST("no perf from the beginning");
	CHECK(take_locked_memory() < MOST_RINGS);
	for (i = 0; i < SOME_READS; i++)
		submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
	syslet_current_watcher(&why, &perf_errno);
	printf("   %llu events opened, %llu failed, %llu reclaimed, watcher %d, errno %d\n",
	       (unsigned long long)GREW(before, perf_opened),
	       (unsigned long long)GREW(before, perf_failed),
	       (unsigned long long)GREW(before, perf_reclaimed),
	       (int)syslet_current_watcher(&why, &perf_errno), perf_errno);
	CHECK(GREW(before, perf_failed) > 0); /* it was used up */
	for (i = 0; i < SOME_READS; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < SOME_READS; i++)
		CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(detach(), 0);
	t_check_leaks(&before);
}

/* Neither perf nor files, and no number for what is in reserve: the clock shows the block. */
static void no_descriptors_at_all(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before = t_leaks_now();
	struct pipe pipe = new_pipe();
	char bytes[5];
	int i;

	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	set_limit(RLIMIT_NOFILE, 3);
	for (i = 0; i < 5; i++)
		submit_blocked_read(ring, 1, pipe.read_end, &bytes[i]);
	for (i = 0; i < 5; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < 5; i++)
		CHECK_EQ(reap(ring).status, 1);
	CHECK(GREW(before, overdue) > 0);
	detach();
}

static void hide_proc(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0), 0);
	CHECK_EQ(mount("none", "/proc", "tmpfs", 0, 0), 0);
}

static void without_proc_and_with_perf(void)
{
	struct syslet_facts facts;

	if (geteuid())
		SKIP_TEST("only root can hide /proc");
	hide_proc();
	syslet_read_facts(&facts);
	CHECK(facts.sampler_errno != 0);
	if (facts.perf_errno)
		SKIP_TEST("no perf on this machine");
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(sleep_is_handed_over(new_ring(8)), 1);
	detach();
}

static void without_proc_and_without_perf(void)
{
	struct syslet_ring *ring = new_ring(8);
	const char *why;
	int perf_errno, i;

	if (geteuid())
		SKIP_TEST("only root can hide /proc");
	hide_proc();
	forbid_call(SYS_perf_event_open, EACCES);
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	CHECK_EQ(syslet_current_watcher(&why, &perf_errno), SYSLET_WATCHER_CLOCK);
	for (i = 0; i < 3; i++)
		read_is_handed_over(ring);
	detach();
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN_IN_CHILD(no_more_threads, 20);
	RUN_IN_CHILD(a_call_surfaces_by_the_guardian, 20);
	RUN_IN_CHILD(a_call_surfaces_by_an_alarm, 20);
	RUN_IN_CHILD(a_call_surfaces_at_the_cap, 20);
	RUN_IN_CHILD(an_idle_context_at_the_cap_wakes_no_thread, 20);
	RUN_IN_CHILD(a_task_that_ends_makes_room_at_the_cap, 20);
	RUN_IN_CHILD(row_10_on_a_real_limit, 20);
	RUN_IN_CHILD(no_perf_by_a_filter, 20);
	RUN_IN_CHILD(no_perf_for_want_of_locked_memory, 20);
	RUN_IN_CHILD(perf_is_forbidden_in_mid_run, 20);
	RUN_IN_CHILD(locked_memory_runs_out_in_mid_run, 30);
	RUN_IN_CHILD(no_descriptors_at_all, 20);
	RUN_IN_CHILD(descriptors_run_out_in_mid_run, 20);
	RUN_IN_CHILD(descriptors_ran_out_before, 20);
	RUN_IN_CHILD(address_space_runs_out, 20);
	RUN_IN_CHILD(without_proc_and_with_perf, 20);
	RUN_IN_CHILD(without_proc_and_without_perf, 20);
	return 0;
}
