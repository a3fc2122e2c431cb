/* SPDX-License-Identifier: MIT */
/*
 * Who may carry a context when something is in the way: threads that others have used up,
 * a priority that root gave from outside, ids that no /proc tells, a setuid that never
 * stops. As in liveness.c a call that holds its context hangs, and the child is killed.
 */
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "forbid.h"
#include "syslet.h"

#define NOBODY 65534
#define LIMIT_SECONDS 20

#define NEEDS_ROOT()                                                                               \
	do {                                                                                       \
		if (geteuid())                                                                     \
			SKIP_TEST("only root can take that away from another user");               \
	} while (0)

static void become_nobody(void)
{
	CHECK_EQ(setgroups(0, 0), 0);
	CHECK_EQ(setresgid(NOBODY, NOBODY, NOBODY), 0);
	CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

/* A read that only its own context ends, `rounds` times one after the other. */
static void read_in_turn(struct syslet_ring *ring, int rounds)
{
	struct pipe pipe = new_pipe();
	char byte;

	while (rounds--) {
		submit_blocked_read(ring, 1, pipe.read_end, &byte);
		write_byte(pipe, 'x');
		CHECK_EQ(reap(ring).status, 1);
	}
	close_pipe(pipe);
}

static void limit_threads(rlim_t soft)
{
	struct rlimit limit = {soft, RLIM_INFINITY};

	CHECK_EQ(getrlimit(RLIMIT_NPROC, &limit), 0);
	limit.rlim_cur = soft == RLIM_INFINITY ? limit.rlim_max : soft;
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &limit), 0);
}

/* From before the first call on: the spare watches, and each task that parks after it. */
static void no_thread_for_a_watcher(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	NEEDS_ROOT();
	attach(0);
	detach();
	become_nobody();
	before = t_leaks_now();
	attach(0);
	limit_threads(1);
	read_in_turn(ring, 5);
	CHECK_EQ(GREW(before, spares_used), 1);
	CHECK_EQ(GREW(before, calls_unwatched), 0);
	detach();
	t_check_leaks(&before);
}

static void *give_threads_back(void *unused)
{
	(void)unused;
	t_sleep_ms(100);
	limit_threads(RLIM_INFINITY);
	return 0;
}

/* The spare is used too: the call goes on being interrupted until a watcher can be made. */
static void no_thread_for_a_while(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	pthread_t thread;
	char bytes[2];

	NEEDS_ROOT();
	attach(0);
	detach();
	become_nobody();
	CHECK_EQ(pthread_create(&thread, 0, give_threads_back, 0), 0);
	before = t_leaks_now();
	attach(0);
	limit_threads(1);
	submit_blocked_read(ring, 1, pipe.read_end, &bytes[0]);
	submit_blocked_read(ring, 2, pipe.read_end, &bytes[1]);
	CHECK_EQ(GREW(before, spares_used), 1);
	CHECK_EQ(GREW(before, calls_unwatched), 1);
	write_byte(pipe, 'x');
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(pthread_join(thread, 0), 0);
	detach();
}

/*
 * Root, outside: a process of its own that changes a thread of ours when told to. The
 * command is a thread's id and what to do with it.
 */
struct command {
	int tid;
	enum { RENICE, REALTIME, RESET_ON_FORK } what;
	int value;
};

static struct {
	int commands, answers;
} root;

/* musl's own answers ENOSYS, since POSIX means a process by its first argument. */
static long set_scheduler(int tid, int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setscheduler, tid, policy, &param);
}

static int obey(const struct command *command)
{
	int policy = command->what == REALTIME ? SCHED_FIFO : SCHED_RR | SCHED_RESET_ON_FORK;

	if (command->what == RENICE)
		return setpriority(PRIO_PROCESS, (id_t)command->tid, command->value) ? errno : 0;
	return set_scheduler(command->tid, policy, command->value) ? errno : 0;
}

static void start_root(void)
{
	int commands[2], answers[2], error;
	struct command command;

	CHECK_EQ(pipe(commands), 0);
	CHECK_EQ(pipe(answers), 0);
	root.commands = commands[1];
	root.answers = answers[0];
	if (fork())
		return;
	close(commands[1]);
	while (read(commands[0], &command, sizeof(command)) == sizeof(command)) {
		error = obey(&command);
		if (write(answers[1], &error, sizeof(error)) != sizeof(error))
			break;
	}
	_exit(0);
}

static int root_does(int tid, int what, int value)
{
	struct command command = {.tid = tid, .what = what, .value = value};
	int error;

	CHECK_EQ(write(root.commands, &command, sizeof(command)), sizeof(command));
	CHECK_EQ(read(root.answers, &error, sizeof(error)), sizeof(error));
	return error;
}

static int nice_of(int tid)
{
	return getpriority(PRIO_PROCESS, (id_t)tid);
}

/*
 * No task may have what root gave the carrier: one is made from the carrier that has it. A carrier
 * that does not answer in time loses it, so that the call goes on: then root gives it again.
 */
static void root_renices_the_carrier(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	NEEDS_ROOT();
	start_root();
	become_nobody();
	attach(0);
	read_in_turn(ring, 3);
	do {
		before = t_leaks_now();
		CHECK_EQ(root_does(os_thread(), RENICE, -5), 0);
		read_in_turn(ring, 5);
	} while (GREW(before, nudges_unanswered));
	CHECK_EQ(nice_of(os_thread()), -5);
	CHECK(GREW(before, watchers_renewed) > 0);
	CHECK_EQ(GREW(before, attributes_left), 0);
	detach();
}

static void root_makes_the_carrier_real_time(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	NEEDS_ROOT();
	start_root();
	become_nobody();
	attach(0);
	read_in_turn(ring, 3);
	do {
		before = t_leaks_now();
		if (root_does(os_thread(), REALTIME, 1)) {
			detach();
			SKIP_TEST("this machine gives nobody SCHED_FIFO");
		}
		read_in_turn(ring, 5);
	} while (GREW(before, nudges_unanswered));
	CHECK_EQ(syscall(SYS_sched_getscheduler, os_thread()), SCHED_FIFO);
	detach();
}

/*
 * As RealtimeKit does: a clone of that thread has no such priority, so that no task can be made
 * that has it. It stays behind, and few tasks are made in vain.
 */
static void no_clone_has_the_carriers_priority(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;
	int error;

	NEEDS_ROOT();
	start_root();
	become_nobody();
	attach(0);
	read_in_turn(ring, 3);
	error = root_does(os_thread(), RESET_ON_FORK, 1);
	if (error) {
		detach();
		SKIP_TEST("this machine gives nobody SCHED_RR");
	}
	before = t_leaks_now();
	read_in_turn(ring, 5);
	CHECK(GREW(before, attributes_left) > 0);
	CHECK(GREW(before, tasks_created) <= 10);
	detach();
}

/* The same for a nice value, from before the attach on. */
static void no_clone_has_the_nice_value(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	NEEDS_ROOT();
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, -5), 0);
	CHECK_EQ(set_scheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), 0);
	become_nobody();
	before = t_leaks_now();
	attach(0);
	read_in_turn(ring, 5);
	CHECK(GREW(before, attributes_left) > 0);
	CHECK(GREW(before, tasks_created) <= 10);
	detach();
}

/* The carrier cannot be cloned at all: the priority stays behind. */
static void no_thread_with_the_carriers_priority(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before;

	NEEDS_ROOT();
	start_root();
	become_nobody();
	attach(0);
	read_in_turn(ring, 3);
	before = t_leaks_now();
	CHECK_EQ(root_does(os_thread(), RENICE, -5), 0);
	limit_threads(1);
	read_in_turn(ring, 5);
	CHECK(GREW(before, attributes_left) > 0);
	limit_threads(RLIM_INFINITY);
	detach();
}

/* `renice -p PID` while another task carries: the process's thread is meant, and so the context. */
static void renice_of_a_process_that_is_carried_elsewhere(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	NEEDS_ROOT();
	attach(0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	CHECK(os_thread() != getpid());
	CHECK_EQ(setpriority(PRIO_PROCESS, (id_t)getpid(), 17), 0);
	CHECK(nice_of(os_thread()) < 17);
	read_in_turn(ring, 4);
	CHECK_EQ(nice_of(os_thread()), 17);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	detach();
	CHECK_EQ(nice_of(getpid()), 17);
	close_pipe(pipe);
}

/* What nobody else may have is not undone: the thread keeps it until it carries again. */
static void a_priority_for_the_process_alone(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	NEEDS_ROOT();
	start_root();
	become_nobody();
	attach(0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	CHECK_EQ(root_does(getpid(), RENICE, -5), 0);
	read_in_turn(ring, 4);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	read_in_turn(ring, 20);
	CHECK_EQ(nice_of(getpid()), -5);
	detach();
	CHECK_EQ(nice_of(getpid()), -5);
	close_pipe(pipe);
}

static void enter_empty_root(void)
{
	char path[] = "/tmp/syslets-root-XXXXXX";

	CHECK(mkdtemp(path) != 0);
	CHECK_EQ(chroot(path), 0);
	CHECK_EQ(chdir("/"), 0);
}

static void hide_proc(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0), 0);
	CHECK_EQ(mount("none", "/proc", "tmpfs", 0, 0), 0);
}

static long dispatch_and_reap(struct syslet_ring *ring, int fd, char *byte)
{
	struct indirect_registers regs = {.NR = SYS_read, .ARG0 = (uint64_t)fd,
					  .ARG1 = (uint64_t)byte, .ARG2 = 1};
	union indirect_params params = params_for(ring, 5);

	CHECK_EQ(syslet_dispatch(&regs, &params, sizeof(params), 0).pending, 1);
	return (long)reap(ring).status;
}

/* Both ways, after the context has changed its ids by the C library. */
static void read_as_nobody(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	char byte;
	int i;

	read_in_turn(ring, 2);
	become_nobody();
	for (i = 0; i < 3; i++) {
		write_byte(pipe, 'x');
		CHECK_EQ(dispatch_and_reap(ring, pipe.read_end, &byte), 1);
		read_in_turn(ring, 2);
		CHECK_EQ(geteuid(), NOBODY);
	}
	close_pipe(pipe);
}

static void chroot_and_then_setuid(void)
{
	struct syslet_ring *ring = new_ring(8);

	NEEDS_ROOT();
	attach(0);
	enter_empty_root();
	read_as_nobody(ring);
	detach();
}

/* Attached without /proc: no folder of threads is held, and the carrier is asked itself. */
static void no_proc_from_the_beginning(void)
{
	struct syslet_ring *ring = new_ring(8);

	NEEDS_ROOT();
	hide_proc();
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	read_as_nobody(ring);
	detach();
}

static void no_perf_and_no_proc_from_the_beginning(void)
{
	struct syslet_ring *ring = new_ring(8);

	NEEDS_ROOT();
	hide_proc();
	forbid_call(SYS_perf_event_open, EACCES);
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	read_as_nobody(ring);
	detach();
}

static void proc_is_hidden_and_perf_forbidden_in_mid_run(void)
{
	struct syslet_ring *ring = new_ring(8);

	NEEDS_ROOT();
	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	read_in_turn(ring, 2);
	hide_proc();
	enter_empty_root();
	forbid_call(SYS_perf_event_open, EACCES);
	read_as_nobody(ring);
	detach();
}

static volatile int stop_toggling;

static void *toggle(void *unused)
{
	long changes = 0;

	while (!stop_toggling) {
		CHECK_EQ(seteuid(NOBODY), 0);
		CHECK_EQ(seteuid(0), 0);
		changes += 2;
	}
	printf("   %ld changes of ids\n", changes);
	(void)unused;
	return 0;
}

/* And goes on when it has stopped. */
static void a_thread_toggles_its_id_for_ever(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(2) * 1e9);
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	pthread_t thread;
	long reads = 0;
	char byte;

	NEEDS_ROOT();
	CHECK_EQ(pthread_create(&thread, 0, toggle, 0), 0);
	before = t_leaks_now();
	attach(0);
	while (t_now_ns() < end || reads <= 10) {
		read_in_turn(ring, 1);
		write_byte(pipe, 'x');
		CHECK_EQ(dispatch_and_reap(ring, pipe.read_end, &byte), 1);
		reads += 2;
	}
	stop_toggling = 1;
	CHECK_EQ(pthread_join(thread, 0), 0);
	read_in_turn(ring, 3);
	printf("   %ld reads, %llu adopted, %llu refused\n", reads,
	       (unsigned long long)GREW(before, credentials_adopted),
	       (unsigned long long)GREW(before, credentials_refused));
	detach();
	t_check_leaks(&before);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN_IN_CHILD(no_thread_for_a_watcher, LIMIT_SECONDS);
	RUN_IN_CHILD(no_thread_for_a_while, LIMIT_SECONDS);
	RUN_IN_CHILD(root_renices_the_carrier, LIMIT_SECONDS);
	RUN_IN_CHILD(root_makes_the_carrier_real_time, LIMIT_SECONDS);
	RUN_IN_CHILD(no_clone_has_the_carriers_priority, LIMIT_SECONDS);
	RUN_IN_CHILD(no_clone_has_the_nice_value, LIMIT_SECONDS);
	RUN_IN_CHILD(no_thread_with_the_carriers_priority, LIMIT_SECONDS);
	RUN_IN_CHILD(renice_of_a_process_that_is_carried_elsewhere, LIMIT_SECONDS);
	RUN_IN_CHILD(a_priority_for_the_process_alone, LIMIT_SECONDS);
	RUN_IN_CHILD(chroot_and_then_setuid, LIMIT_SECONDS);
	RUN_IN_CHILD(no_proc_from_the_beginning, LIMIT_SECONDS);
	RUN_IN_CHILD(no_perf_and_no_proc_from_the_beginning, LIMIT_SECONDS);
	RUN_IN_CHILD(proc_is_hidden_and_perf_forbidden_in_mid_run, LIMIT_SECONDS);
	RUN_IN_CHILD(a_thread_toggles_its_id_for_ever, LIMIT_SECONDS);
	return 0;
}
