/* SPDX-License-Identifier: MIT */
/*
 * A small test harness: assertions that print file and line, a leak check round
 * every test, printed seeds. A test is a function; main() runs them by RUN().
 * Exit 0 passes, 77 skips and says why, anything else fails.
 */
#ifndef SYSLETS_T_H
#define SYSLETS_T_H

#include <dirent.h>
#include <stddef.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <syslets/counters.h>

#include "registers.h"

#ifdef __GLIBC__
#define T_GLIBC 1
#else
#define T_GLIBC 0
#endif

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x00000008 /* musl's headers have none of these */
#endif

#if defined(__SANITIZE_THREAD__)
#define T_THREAD_SANITIZER 1
#else
#define T_THREAD_SANITIZER 0
#endif
#if defined(__SANITIZE_ADDRESS__)
#define T_ADDRESS_SANITIZER 1
#else
#define T_ADDRESS_SANITIZER 0
#endif

/* The library's own, which it exports to nobody: tests see each change. */
extern struct syslet_counters syslet_counters;

#define T_UNUSED __attribute__((unused))
#define SKIPPED 77

static const char *t_name = "?";

/* _exit: atexit handlers do not run while a context may be on another OS thread. */
#define T_FAIL(...)                                                                                \
	do {                                                                                       \
		fflush(stdout);                                                                    \
		fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, t_name);                        \
		fprintf(stderr, __VA_ARGS__);                                                      \
		fputc('\n', stderr);                                                               \
		_exit(1);                                                                          \
	} while (0)

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			T_FAIL("%s is false", #condition);                                         \
	} while (0)

#define CHECK_EQ(got, expected)                                                                    \
	do {                                                                                       \
		long long got_value = (long long)(got), expected_value = (long long)(expected);    \
		if (got_value != expected_value)                                                   \
			T_FAIL("%s is %lld (0x%llx), expected %s = %lld (0x%llx)", #got, got_value, \
			       (unsigned long long)got_value, #expected, expected_value,           \
			       (unsigned long long)expected_value);                                \
	} while (0)

static T_UNUSED void t_skip(const char *reason)
{
	printf("skip: %s\n", reason);
	fflush(stdout);
	exit(SKIPPED);
}

/* One test of several in a program cannot run here. */
#define SKIP_TEST(reason)                                                                          \
	do {                                                                                       \
		printf("skip: %s: %s\n", t_name, (reason));                                        \
		return;                                                                            \
	} while (0)

static T_UNUSED uint64_t t_now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static T_UNUSED void t_sleep_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* SYSLETS_TEST_SECONDS makes stress tests run longer than they do in CI. */
static T_UNUSED double t_seconds(double usual)
{
	const char *text = getenv("SYSLETS_TEST_SECONDS");

	return text ? atof(text) : usual;
}

/* splitmix64; SYSLETS_TEST_SEED repeats a run. */
static uint64_t t_random_state;

static T_UNUSED uint64_t t_random(void)
{
	uint64_t z = (t_random_state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static T_UNUSED void t_seed(void)
{
	const char *text = getenv("SYSLETS_TEST_SEED");

	t_random_state = text ? strtoull(text, 0, 0) : t_now_ns();
	printf("SYSLETS_TEST_SEED=0x%llx\n", (unsigned long long)t_random_state);
	fflush(stdout);
}

static T_UNUSED uint64_t t_below(uint64_t bound)
{
	return t_random() % bound;
}

/* /proc/thread-self: a thread-group leader that has exited shows no descriptors. */
static T_UNUSED int t_open_files(void)
{
	DIR *dir = opendir("/proc/thread-self/fd");
	int number = 0;

	if (!dir)
		return -1;
	while (readdir(dir))
		number++;
	closedir(dir);
	return number;
}

/* Both as they were before the test: what it made, it has freed. */
struct t_leaks {
	struct syslet_counters counters;
	int files;
};

static T_UNUSED struct t_leaks t_leaks_now(void)
{
	struct t_leaks leaks = {.files = t_open_files()};
	uint64_t *to = (uint64_t *)&leaks.counters;
	const uint64_t *from = (const uint64_t *)&syslet_counters;
	size_t i;

	for (i = 0; i < sizeof(leaks.counters) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	return leaks;
}

#define T_KIND_gauge 1
#define T_KIND_count 0

static T_UNUSED void t_check_leaks(const struct t_leaks *before)
{
	struct t_leaks after = t_leaks_now();

#define X(c_name, ts_name, kind)                                                                   \
	if (T_KIND_##kind && before->counters.c_name != after.counters.c_name)                     \
		T_FAIL("gauge %s was %lld before the test and is %lld", #c_name,                   \
		       (long long)before->counters.c_name, (long long)after.counters.c_name);
	SYSLET_COUNTERS(X)
#undef X
	if (before->files != after.files)
		T_FAIL("%d descriptors were open before the test, now %d", before->files,
		       after.files);
}

#define RUN(test)                                                                                  \
	do {                                                                                       \
		struct t_leaks leaks_before = t_leaks_now();                                       \
		uint64_t begun = t_now_ns();                                                       \
		t_name = #test;                                                                    \
		test();                                                                            \
		t_check_leaks(&leaks_before);                                                      \
		printf("ok %s (%.1f ms)\n", #test, (double)(t_now_ns() - begun) / 1e6);            \
		fflush(stdout);                                                                    \
	} while (0)

/* How much a counter grew since `before`. */
#define GREW(before, name) (t_leaks_now().counters.name - (before).counters.name)

/*
 * Runs body in a child process, which may drop privileges, set limits or end as a
 * zombie leader. Returns its exit status, 128 + n if signal n ended it; a child
 * that does not end within the limit is killed and that is a failure.
 */
static T_UNUSED int t_in_child(void (*body)(void), int limit_seconds)
{
	uint64_t end = t_now_ns() + (uint64_t)limit_seconds * 1000000000u;
	int status;
	pid_t pid;

	fflush(stdout);
	fflush(stderr);
	pid = fork();
	if (pid < 0)
		T_FAIL("fork: %s", strerror(errno));
	if (!pid) {
		body();
		fflush(stdout);
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (t_now_ns() > end) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			T_FAIL("the child did not end within %d s", limit_seconds);
		}
		t_sleep_ms(2);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define RUN_IN_CHILD(test, limit_seconds)                                                          \
	do {                                                                                       \
		int child_status;                                                                  \
		uint64_t begun = t_now_ns();                                                       \
		t_name = #test;                                                                    \
		child_status = t_in_child(test, limit_seconds);                                    \
		if (child_status && child_status != SKIPPED)                                       \
			T_FAIL("the child's status is %d", child_status);                          \
		printf("%s %s (%.1f ms)\n", child_status ? "skipped" : "ok", #test,                \
		       (double)(t_now_ns() - begun) / 1e6);                                        \
		fflush(stdout);                                                                    \
	} while (0)

#endif
