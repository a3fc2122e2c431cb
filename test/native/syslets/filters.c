/* SPDX-License-Identifier: MIT */
/*
 * A sandbox that denies a system call of the library's own. Attaching works without it, or is
 * refused with the reason; it never ends in a context that stands still.
 */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <ucontext.h>

#include "forbid.h"
#include "syslet.h"

#define LIMIT_SECONDS 20

/* Attaching is refused, and says why. */
static void is_refused(int error)
{
	struct syslet_attach_options how = {.watcher = SYSLET_WATCHER_AUTO};
	struct syslet_attached attached;

	CHECK_EQ(syslet_attach(&how, &attached), -error);
	CHECK(attached.why != 0);
	printf("   %s\n", attached.why);
}

/* Reads that only their own context ends. */
static void reads_are_handed_over(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	char byte;
	int i;

	for (i = 0; i < 3; i++) {
		submit_blocked_read(ring, 1, pipe.read_end, &byte);
		write_byte(pipe, 'x');
		CHECK_EQ(reap(ring).status, 1);
	}
	close_pipe(pipe);
}

static void hide_proc(void)
{
	if (geteuid())
		SKIP_TEST("only root can hide /proc");
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0), 0);
	CHECK_EQ(mount("none", "/proc", "tmpfs", 0, 0), 0);
}

static void no_membarrier(void)
{
	forbid_call(SYS_membarrier, EPERM);
	is_refused(ENOSYS);
}

/* The capabilities of another task are read in /proc. */
static void no_capget(void)
{
	struct syslet_ring *ring = new_ring(8);

	forbid_call(SYS_capget, EPERM);
	attach(0);
	reads_are_handed_over(ring);
	if (!geteuid()) {
		CHECK_EQ(setresuid(65534, 65534, 65534), 0);
		reads_are_handed_over(ring);
	}
	detach();
}

static void no_capget_and_no_proc(void)
{
	hide_proc();
	forbid_call(SYS_capget, EPERM);
	is_refused(EPERM);
}

/* Each call that was handed over can be ended, one by one and by detach. */
static void calls_can_be_ended(struct syslet_ring *ring)
{
	struct pipe pipe = new_pipe();
	char byte;

	submit_blocked_read(ring, 7, pipe.read_end, &byte);
	do
		syslet_interrupt(ring, 7);
	while (syslet_ring_wait(ring, ring->user_tail, 10000000) == -ETIMEDOUT);
	CHECK_EQ(reap(ring).status, -EINTR);
	submit_blocked_read(ring, 8, pipe.read_end, &byte);
	CHECK_EQ(syslet_detach(), 1);
	CHECK_EQ(reap(ring).status, -EINTR);
	close_pipe(pipe);
}

/* The other call that names a thread ends calls, and nudges. */
static void no_tgkill(void)
{
	struct syslet_ring *ring = new_ring(8);

	forbid_call(SYS_tgkill, EPERM);
	attach(0);
	reads_are_handed_over(ring);
	calls_can_be_ended(ring);
}

/* To every other thread of this process: a signal that the program did not ask for. */
static void send_foreign_signals(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct syslet_facts facts;
	struct dirent *entry;

	syslet_read_facts(&facts);
	while ((entry = readdir(dir)) != 0)
		if (atoi(entry->d_name) && atoi(entry->d_name) != os_thread())
			syscall(SYS_tgkill, getpid(), atoi(entry->d_name), (int)facts.interrupt_signal);
	closedir(dir);
}

/* A receive that goes on after a signal would sleep in ppoll, for the time that its socket has left. */
static void no_ppoll(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timeval minute = {60, 0};
	struct t_leaks before;
	int ends[2];
	char byte;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CHECK_EQ(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute)), 0);
	attach(0);
	submit_blocked_read(ring, 7, ends[0], &byte);
	forbid_call(SYS_ppoll, EPERM);
	for (before = t_leaks_now(); !GREW(before, restarted); usleep(1000))
		send_foreign_signals();
	CHECK_EQ(write(ends[1], "x", 1), 1);
	CHECK_EQ(reap(ring).status, 1);
	reads_are_handed_over(ring);
	detach();
	free_ring(ring, 8);
}

static void no_thread_ids(void)
{
	forbid_call(SYS_gettid, EPERM);
	is_refused(EPERM);
}

/* Without a handler the signal that interrupts calls would end the process. */
static void no_handler(void)
{
	forbid_call(SYS_rt_sigaction, EPERM);
	is_refused(EPERM);
}

static void no_signal_to_a_thread(void)
{
	forbid_call(SYS_tgkill, EPERM);
	forbid_call(SYS_rt_tgsigqueueinfo, EPERM);
	is_refused(EPERM);
}

/* Added when it is attached already: calls are handed over as ever, and end by themselves alone. */
static void no_signal_to_a_thread_any_more(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach(0);
	submit_blocked_read(ring, 7, pipe.read_end, &byte);
	forbid_call(SYS_tgkill, EPERM);
	forbid_call(SYS_rt_tgsigqueueinfo, EPERM);
	reads_are_handed_over(ring);
	syslet_interrupt(ring, 7);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(syslet_detach(), 0);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* Likewise: calls are ended, one by one and by detach, by the process's id of attach. */
static void no_process_id_any_more(void)
{
	struct syslet_ring *ring = new_ring(8);

	attach(0);
	reads_are_handed_over(ring);
	forbid_call(SYS_getpid, EPERM);
	reads_are_handed_over(ring);
	calls_can_be_ended(ring);
	free_ring(ring, 8);
}

/* The library is loaded and measures its clock, which the C library has without that call. */
static void no_clock(void)
{
	forbid_call(SYS_clock_gettime, EPERM);
	is_refused(ENOSYS);
}

static void answer_trapped_call(int signal, siginfo_t *info, void *context)
{
	mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;

	(void)signal, (void)info;
#ifdef __x86_64__
	registers->gregs[REG_RAX] = 4711;
#else
	registers->regs[0] = 4711;
#endif
}

/* SECCOMP_RET_TRAP: the handler answers for the host, on the thread that made the call. */
static void a_filter_that_traps(void)
{
	struct sigaction action = {.sa_sigaction = answer_trapped_call, .sa_flags = SA_SIGINFO};
	struct syslet_ring *ring = new_ring(8);

	CHECK_EQ(sigaction(SIGSYS, &action, 0), 0);
	filter_call(SYS_getsid, SECCOMP_RET_TRAP);
	CHECK_EQ(getsid(0), 4711);
	attach(0);
	CHECK_EQ(getsid(0), 4711);
	reads_are_handed_over(ring);
	CHECK_EQ(getsid(0), 4711);
	CHECK_EQ(call_and_wait(ring, SYS_getsid, 0, 0, 0), 4711);
	detach();
	CHECK_EQ(getsid(0), 4711);
}

#define CAP_WAKE_ALARM 35
#define SECBIT_NO_SETUID_FIXUP 4

/*
 * A change that nothing shows would stay with the task that made it. So it is refused; each
 * other change of prctl is made.
 */
static void no_change_that_is_not_told(void)
{
	static const struct {
		uint32_t question;
		uint64_t change, value;
	} all[] = {
		{PR_CAPBSET_READ, PR_CAPBSET_DROP, CAP_WAKE_ALARM},
		{PR_GET_SECUREBITS, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP},
		{PR_GET_SECUREBITS, PR_SET_KEEPCAPS, 1},
		{PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, 1},
	};
	struct syslet_ring *ring = new_ring(8);
	unsigned i;

	if (geteuid())
		SKIP_TEST("only root can change all of them");
	attach(0);
	reads_are_handed_over(ring);
	CHECK_EQ(submit(ring, 1, SYS_prctl, PR_SET_KEEPCAPS, 1, 0).value, 0);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		forbid_prctl(all[i].question, EPERM);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		CHECK_EQ(submit(ring, 1, SYS_prctl, all[i].change, all[i].value, 0).value, -EPERM);
	CHECK_EQ(submit(ring, 1, SYS_prctl, PR_SET_DUMPABLE, 1, 0).value, 0);
	reads_are_handed_over(ring);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	frame_stack();
	RUN_IN_CHILD(no_membarrier, LIMIT_SECONDS);
	RUN_IN_CHILD(no_capget, LIMIT_SECONDS);
	RUN_IN_CHILD(no_capget_and_no_proc, LIMIT_SECONDS);
	RUN_IN_CHILD(no_tgkill, LIMIT_SECONDS);
	RUN_IN_CHILD(no_ppoll, LIMIT_SECONDS);
	RUN_IN_CHILD(no_thread_ids, LIMIT_SECONDS);
	RUN_IN_CHILD(no_handler, LIMIT_SECONDS);
	RUN_IN_CHILD(no_signal_to_a_thread, LIMIT_SECONDS);
	RUN_IN_CHILD(no_signal_to_a_thread_any_more, LIMIT_SECONDS);
	RUN_IN_CHILD(no_process_id_any_more, LIMIT_SECONDS);
	RUN_IN_CHILD(no_clock, LIMIT_SECONDS);
	RUN_IN_CHILD(a_filter_that_traps, LIMIT_SECONDS);
	RUN_IN_CHILD(no_change_that_is_not_told, LIMIT_SECONDS);
	return 0;
}
