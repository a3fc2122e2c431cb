/* SPDX-License-Identifier: MIT */
/* Ends of processes and threads, as docs/c.md has them: forks, and exit with a call pending. */
#include <pthread.h>
#include <sys/wait.h>

#include "check.h"

static struct syslet_ring *ring;
static int ends[2];
static char byte;

static int status_of(pid_t pid)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void at_exit(void)
{
	CHECK(syslet_is_attached());
	_exit(5);
}

static void exits_with_a_call_pending(void)
{
	atexit(at_exit);
	attach_or_fail();
	read_blocks(ring, 1, ends[0], &byte);
	exit(3);
}

/* After a hand-over, so that the child is forked by a task that is no thread of glibc's. */
static void a_forked_child_may_leave_and_execute(void)
{
	pid_t pid;

	attach_or_fail();
	read_blocks(ring, 1, ends[0], &byte);
	pid = fork();
	if (!pid)
		_exit(4);
	CHECK(status_of(pid) == 4);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "exit 6", (char *)NULL);
		_exit(1);
	}
	CHECK(status_of(pid) == 6);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
	CHECK(syslet_detach() == 0);
}

static void forks_and_calls_through_the_library_are_refused(void)
{
	uint64_t none[6] = {0, 0, 0, 0, 0, 0};

	attach_or_fail();
	CHECK(syslet_submit(ring, 1, SYS_fork, none).value == -22);
	CHECK(syslet_detach() == 0);
}

static void *attaches_for_itself(void *unused)
{
	(void)unused;
	CHECK(!syslet_is_attached());
	attach_or_fail();
	CHECK(syslet_detach() == 0);
	return NULL;
}

static void every_thread_attaches_for_itself(void)
{
	pthread_t thread;

	attach_or_fail();
	CHECK(pthread_create(&thread, NULL, attaches_for_itself, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(syslet_is_attached());
	CHECK(syslet_detach() == 0);
}

/* A pending call is interrupted by detach, which says how many it were. */
static void detach_ends_what_is_pending(void)
{
	attach_or_fail();
	read_blocks(ring, 1, ends[0], &byte);
	CHECK(syslet_detach() == 1);
	CHECK((long)reap_one(ring).status == -4); /* EINTR */
}

int main(void)
{
	pid_t pid;

	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(8, &ring) == 0);
	pid = fork();
	if (!pid)
		exits_with_a_call_pending();
	CHECK(status_of(pid) == 5);
	a_forked_child_may_leave_and_execute();
	forks_and_calls_through_the_library_are_refused();
	every_thread_attaches_for_itself();
	detach_ends_what_is_pending();
	puts("ok");
	return 0;
}
