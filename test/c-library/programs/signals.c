/* SPDX-License-Identifier: MIT */
/* The table "Signals" of docs/c.md, row by row. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "check.h"

extern char **environ;

static volatile sig_atomic_t handled;
static long handled_on;

static void on_signal(int signal)
{
	(void)signal;
	handled_on = os_thread();
	handled++;
}

static int is_blocked(int signal)
{
	sigset_t mask;

	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	return sigismember(&mask, signal);
}

static int is_pending(int signal)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, signal);
}

static void attached_threads_mask_them(void)
{
	static const int masked[] = {SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2, SIGHUP};
	static const int open[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				   SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
	size_t i;

	attach_or_fail();
	for (i = 0; i < sizeof(masked) / sizeof(*masked); i++)
		CHECK(is_blocked(masked[i]));
	for (i = 0; i < sizeof(open) / sizeof(*open); i++)
		CHECK(!is_blocked(open[i]));
	CHECK(syslet_detach() == 0);
	for (i = 0; i < sizeof(masked) / sizeof(*masked); i++)
		CHECK(!is_blocked(masked[i]));
}

/* No other thread of this program takes it: the library's own masks all. */
static void one_that_nobody_takes_comes_at_detach(void)
{
	handled = 0;
	attach_or_fail();
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(is_pending(SIGUSR1) && !handled);
	CHECK(syslet_detach() == 0);
	CHECK(handled == 1);
}

/* The write gives its error, and goes on; the signal waits for the thread that it was raised on. */
static void one_that_a_write_raises_comes_at_detach(void)
{
	int broken[2];

	handled = 0;
	CHECK(pipe(broken) == 0 && close(broken[0]) == 0);
	attach_or_fail();
	CHECK(write(broken[1], "x", 1) == -1 && errno == EPIPE);
	CHECK(is_pending(SIGPIPE) && !handled);
	CHECK(syslet_detach() == 0);
	CHECK(handled == 1);
	close(broken[1]);
}

/* Not what the test is about: a call of the host's, by its number, in one line. */
static struct syslet_call_result call(struct syslet_ring *ring, long nr, uint64_t a, uint64_t b,
				      uint64_t c)
{
	uint64_t args[6] = {a, b, c, 0, 0, 0};

	return syslet_submit(ring, 9, nr, args);
}

static void a_signalfd_takes_them(struct syslet_ring *ring)
{
	struct signalfd_siginfo info;
	struct syslet_call_result result;
	sigset_t set;
	int fd;

	attach_or_fail();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	result = call(ring, SYS_read, (uint64_t)fd, (uint64_t)&info, sizeof(info));
	CHECK(result.pending);
	CHECK(kill(getpid(), SIGUSR2) == 0);
	CHECK(reap_one(ring).status == sizeof(info) && info.ssi_signo == SIGUSR2);
	CHECK(syslet_detach() == 0);
	close(fd);
}

/* A shell that kills itself: "alive" if it has SIGTERM masked. */
static int shell_is_alive(posix_spawnattr_t *attributes)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)"kill -TERM $$; exit 7", NULL};
	int status;
	pid_t pid;

	CHECK(posix_spawn(&pid, "/bin/sh", NULL, attributes, argv, environ) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static void children_inherit_the_mask(void)
{
	posix_spawnattr_t attributes;
	sigset_t none;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	attach_or_fail();
	CHECK(shell_is_alive(NULL));
	CHECK(!shell_is_alive(&attributes));
	CHECK(syslet_detach() == 0);
	posix_spawnattr_destroy(&attributes);
}

static void *attaches_and_is_killed(void *unused)
{
	(void)unused;
	attach_or_fail();
	CHECK(pthread_kill(pthread_self(), SIGUSR1) == 0);
	CHECK(!handled);
	CHECK(syslet_detach() == 0);
	CHECK(handled == 1); /* still on its birth thread, which is this one again */
	return NULL;
}

static void pthread_kill_waits_too(void)
{
	pthread_t thread;

	handled = 0;
	CHECK(pthread_create(&thread, NULL, attaches_and_is_killed, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void *tells_if_masked(void *masked)
{
	*(int *)masked = is_blocked(SIGTERM);
	return NULL;
}

static void threads_inherit_the_mask(void)
{
	pthread_t thread;
	int masked = 0;

	attach_or_fail();
	CHECK(pthread_create(&thread, NULL, tells_if_masked, &masked) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(masked);
	CHECK(syslet_detach() == 0);
}

static int ends[2]; /* of a pipe that is empty */
static char byte;

static void is_handed_over(struct syslet_ring *ring)
{
	read_blocks(ring, 1, ends[0], &byte);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
}

static void a_mask_of_ones_own_stays_behind(struct syslet_ring *ring)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	attach_or_fail();
	CHECK(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
	CHECK(!is_blocked(SIGUSR2));
	is_handed_over(ring);
	CHECK(is_blocked(SIGUSR2));
	CHECK(syslet_detach() == 0);
}

static char *guarded;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	CHECK(info->si_addr == guarded);
	handled_on = os_thread();
	handled++;
	mprotect(guarded, 4096, PROT_READ | PROT_WRITE);
}

/* Its handler was there before the first attach: main. */
static void faults_are_handled_where_they_are(struct syslet_ring *ring)
{
	handled = 0;
	attach_or_fail();
	is_handed_over(ring);
	*(volatile char *)guarded = 1;
	CHECK(handled == 1 && handled_on == os_thread());
	CHECK(syslet_detach() == 0);
}

/* pthread_kill names the thread of birth, which does not carry. */
static void a_profiler_finds_the_carrier(struct syslet_ring *ring)
{
	handled = 0;
	attach_or_fail();
	is_handed_over(ring);
	CHECK(pthread_kill(pthread_self(), SIGPROF) == 0);
	while (!handled)
		;
	CHECK(handled == 1 && handled_on == os_thread());
	CHECK(syslet_detach() == 0);
}

static int is_static(void)
{
	return getauxval(AT_BASE) == 0; /* of the dynamic linker */
}

static void one_signal_is_the_librarys(void)
{
	struct sigaction action;
	struct syslet_facts facts;

	if (is_static())
		return; /* nothing refuses it there */
	syslet_read_facts(&facts);
	CHECK(facts.interrupt_signal == SIGSTKFLT);
	memset(&action, 0, sizeof(action));
	CHECK(sigaction(SIGSTKFLT, &action, NULL) == -1 && errno == EINVAL);
}

static void *waits_for_one(void *ready)
{
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	__atomic_store_n((int *)ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

static void a_thread_that_is_not_attached_takes_them(void)
{
	pthread_t thread;
	int ready = 0;

	handled = 0;
	CHECK(pthread_create(&thread, NULL, waits_for_one, &ready) == 0);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		usleep(1000);
	attach_or_fail();
	CHECK(kill(getpid(), SIGUSR1) == 0);
	while (!handled)
		usleep(1000);
	CHECK(handled_on != os_thread());
	CHECK(syslet_detach() == 0);
	CHECK(pthread_cancel(thread) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

/* Last: that thread stays. */
static void the_signal_thread_takes_them(void)
{
	handled = 0;
	CHECK(syslet_start_signal_thread() == 0);
	attach_or_fail();
	CHECK(kill(getpid(), SIGUSR1) == 0);
	while (!handled)
		usleep(1000);
	CHECK(handled_on != os_thread());
	CHECK(syslet_detach() == 0);
}

int main(void)
{
	struct sigaction action;
	struct syslet_ring *ring;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	CHECK(sigaction(SIGPIPE, &action, NULL) == 0);
	CHECK(sigaction(SIGPROF, &action, NULL) == 0);
	action.sa_sigaction = on_fault;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
	guarded = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(guarded != MAP_FAILED && pipe(ends) == 0);
	CHECK(syslet_ring_create(8, &ring) == 0);
	attached_threads_mask_them();
	one_that_nobody_takes_comes_at_detach();
	one_that_a_write_raises_comes_at_detach();
	a_signalfd_takes_them(ring);
	children_inherit_the_mask();
	pthread_kill_waits_too();
	threads_inherit_the_mask();
	a_mask_of_ones_own_stays_behind(ring);
	faults_are_handled_where_they_are(ring);
	a_profiler_finds_the_carrier(ring);
	one_signal_is_the_librarys();
	a_thread_that_is_not_attached_takes_them();
	the_signal_thread_takes_them();
	puts("ok");
	return 0;
}
