/* SPDX-License-Identifier: MIT */
/*
 * A finder of planted bugs: runs for SYSLETS_TEST_SECONDS and exits 0 if all was well;
 * as soon as something is wrong, also when nothing goes on any more, it says so and
 * exits 1. Correct sources must always survive it.
 */
#ifndef SYSLETS_FINDER_H
#define SYSLETS_FINDER_H

#include <pthread.h>

#include "syslet.h"

#define HUNG_AFTER_MS 2000
#define USUAL_SECONDS 2.0

static uint64_t finder_end, finder_progress;
static const char *finder_doing = "starting";
static volatile int finder_waits_for_child; /* which has a limit of its own */

/* Called by whoever gets on. */
static T_UNUSED void progress(void)
{
	__atomic_add_fetch(&finder_progress, 1, __ATOMIC_RELAXED);
}

static T_UNUSED int time_is_left(void)
{
	return t_now_ns() < finder_end;
}

/* A plain thread with its signals masked: nothing of what is tested can stop it. */
static void *watch_progress(void *unused)
{
	uint64_t seen = 0, since = t_now_ns();

	for (;;) {
		uint64_t now = __atomic_load_n(&finder_progress, __ATOMIC_RELAXED);

		t_sleep_ms(20);
		if (now != seen || finder_waits_for_child)
			since = t_now_ns();
		else if (t_now_ns() - since > HUNG_AFTER_MS * 1000000ull)
			T_FAIL("hung while %s, after %llu steps", finder_doing,
			       (unsigned long long)now);
		seen = now;
	}
	return unused;
}

/* Before anything attaches. */
static T_UNUSED void finder_start(const char *name)
{
	sigset_t all, before;
	pthread_t watchdog;

	t_name = name;
	t_seed();
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	CHECK_EQ(pthread_create(&watchdog, 0, watch_progress, 0), 0);
	pthread_sigmask(SIG_SETMASK, &before, 0);
	syslet_library_init();
	frame_stack();
	finder_end = t_now_ns() + (uint64_t)(t_seconds(USUAL_SECONDS) * 1e9);
}

static T_UNUSED int finder_clean(void)
{
	printf("clean after %llu steps\n",
	       (unsigned long long)__atomic_load_n(&finder_progress, __ATOMIC_RELAXED));
	return 0;
}

#endif
