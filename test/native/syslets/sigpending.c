/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_SIGPENDING is used up: the host queues no entry for a signal any more. Interrupts
 * come all the same, and so does a setuid's signal that has to be passed on.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "syslet.h"

#include "host/host.h"

static void use_up(void)
{
	struct rlimit none = {0, 0};

	CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
	CHECK_EQ(syscall(SYS_tgkill, getpid(), os_thread(), SIGRTMAX - 1), -1);
	CHECK_EQ(errno, EAGAIN);
}

static void interrupts_come(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;
	int i;

	attach(0);
	use_up();
	for (i = 0; i < 20; i++) {
		submit_blocked_read(ring, 5, pipe.read_end, &byte);
		while (syslet_interrupt(ring, 5))
			usleep(50);
		CHECK_EQ((long)reap(ring).status, -EINTR);
	}
	submit_blocked_read(ring, 6, pipe.read_end, &byte);
	CHECK_EQ(detach(), 1);
	CHECK_EQ((long)reap(ring).status, -EINTR);
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void an_ordinary_user(void)
{
	if (getuid() == 0 && (setgid(65534) || setuid(65534)))
		T_FAIL("cannot become an ordinary user: %s", strerror(errno));
	interrupts_come();
}

static volatile int handled_by, code, sender;

static void on_setxid_of_glibc(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	handled_by = os_thread();
	code = info->si_code;
	sender = info->si_pid;
}

static void *nothing(void *unused)
{
	return unused;
}

/* In glibc's place, before ours goes before it. */
static void take_glibcs_place(void)
{
	struct kernel_sigaction action = {0, 0, 0, 0};
	pthread_t first; /* with which glibc puts its own in */

	CHECK_EQ(pthread_create(&first, 0, nothing, 0), 0);
	pthread_join(first, 0);
	CHECK_EQ(raw_sigaction(SIG_SETXID, 0, &action), 0);
	action.handler = (void (*)(int, void *, void *))(void *)on_setxid_of_glibc;
	action.flags |= SA_SIGINFO;
	CHECK_EQ(raw_sigaction(SIG_SETXID, &action, 0), 0);
}

/* kill() is the one way by which a real-time signal comes without an entry. */
static void a_setuid_is_passed_on(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec some = {0, 2000000};
	int birth = os_thread();

	if (!T_GLIBC)
		SKIP_TEST("glibc's signal is passed on; musl's has its handler anew with each setuid");
	take_glibcs_place();
	attach(0);
	use_up();
	while (os_thread() == birth)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
	CHECK_EQ(syscall(SYS_kill, getpid(), SIG_SETXID), 0);
	while (!handled_by)
		usleep(100);
	CHECK_EQ(handled_by, os_thread());
	CHECK_EQ(code, SI_TKILL);
	CHECK_EQ(sender, getpid());
	detach();
	free_ring(ring, 8);
}

/* V8's last sample has lost its sender: it must not end the process. */
static void a_late_sample(void)
{
	attach(0);
	use_up();
	CHECK_EQ(syscall(SYS_tgkill, getpid(), os_thread(), SIGPROF), 0);
	detach();
}

/* Whoever has a handler for the signal when the library is loaded keeps it. */
static void nobody_takes_the_signal(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};
	struct syslet_facts facts;

	syslet_read_facts(&facts);
	CHECK_EQ(facts.interrupt_signal, SIGSTKFLT);
	CHECK_EQ(sigaction((int)facts.interrupt_signal, &action, 0), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(sigaction((int)facts.interrupt_signal, 0, &action), 0);
}

static void the_next_one(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};
	struct syslet_facts facts;

	CHECK_EQ(sigaction(SIGSTKFLT, &action, 0), 0);
	syslet_read_facts(&facts);
	CHECK_EQ(facts.interrupt_signal, SIGPWR);
}

static const struct ids_before not_own;
static volatile int told_all;

static void tell_in_handler(int signal)
{
	(void)signal;
	credentials_told(0, &not_own);
}

static void *signal_again_and_again(void *thread)
{
	while (!told_all) {
		pthread_kill(*(pthread_t *)thread, SIGUSR1);
		sched_yield();
	}
	return 0;
}

/* A handler waits until none is under way: it must not run on a thread that counts as one. */
static void who_tells_runs_no_handler_meanwhile(void)
{
	pthread_t self = pthread_self(), sender;
	int i;

	CHECK(signal(SIGUSR1, tell_in_handler) != SIG_ERR);
	CHECK_EQ(pthread_create(&sender, 0, signal_again_and_again, &self), 0);
	for (i = 0; i < 20000; i++)
		credentials_told(0, &not_own);
	told_all = 1;
	pthread_join(sender, 0);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(the_next_one, 10);
	RUN_IN_CHILD(nobody_takes_the_signal, 10);
	RUN_IN_CHILD(interrupts_come, 30);
	RUN_IN_CHILD(an_ordinary_user, 30);
	RUN_IN_CHILD(a_setuid_is_passed_on, 30);
	RUN_IN_CHILD(a_late_sample, 10);
	RUN_IN_CHILD(who_tells_runs_no_handler_meanwhile, 60);
	return 0;
}
