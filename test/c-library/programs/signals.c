/* SPDX-License-Identifier: MIT */
/* The table "Signals" of docs/c.md, row by row. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
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
	static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
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
	CHECK(syslet_ring_create(8, &ring) == 0);
	attached_threads_mask_them();
	one_that_nobody_takes_comes_at_detach();
	a_signalfd_takes_them(ring);
	children_inherit_the_mask();
	pthread_kill_waits_too();
	the_signal_thread_takes_them();
	puts("ok");
	return 0;
}
