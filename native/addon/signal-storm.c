/* SPDX-License-Identifier: MIT */
/* Signals at a rate, half to the process, half by tgkill to threads that JavaScript names. */
#include "addon/addon.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000l

static struct {
	pthread_t thread;
	int32_t *tids; /* shared with JavaScript, which fills it; 0 is an empty place */
	size_t count, next;
	long interval_ns;
	uint32_t stop;
	double to_process, to_threads;
} storm;

/* SIGPROF is open on attached threads, SIGUSR2 is masked there: both must do no harm. */
static int signal_number(unsigned round)
{
	return round & 2 ? SIGPROF : SIGUSR2; /* bit 0 chooses process or thread */
}

/* 1 if it was sent; the place of a thread that has gone is empty from then on. */
static int signal_place(size_t place, unsigned round)
{
	int32_t tid = __atomic_load_n(&storm.tids[place], __ATOMIC_ACQUIRE);

	if (!tid)
		return 0;
	if (!syscall(SYS_tgkill, getpid(), tid, signal_number(round)))
		return 1;
	__atomic_compare_exchange_n(&storm.tids[place], &tid, 0, 0, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	return 0;
}

/* The next thread named that is still there. */
static void signal_thread(unsigned round)
{
	size_t i;

	for (i = 0; i < storm.count; i++) {
		size_t place = (storm.next + i) % storm.count;

		if (!signal_place(place, round))
			continue;
		storm.to_threads++;
		storm.next = place + 1;
		return;
	}
}

/* By the clock: who wakes late sends the next ones at once, so that the rate holds. */
static void next_time(struct timespec *time)
{
	time->tv_nsec += storm.interval_ns;
	while (time->tv_nsec >= SECOND_NS) {
		time->tv_nsec -= SECOND_NS;
		time->tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, time, 0) == EINTR)
		;
}

static void *send_signals(void *unused)
{
	struct timespec time;
	unsigned round;

	clock_gettime(CLOCK_MONOTONIC, &time);
	for (round = 0; !__atomic_load_n(&storm.stop, __ATOMIC_ACQUIRE); round++) {
		next_time(&time);
		if (round & 1)
			signal_thread(round);
		else if (!kill(getpid(), signal_number(round)))
			storm.to_process++;
	}
	return unused;
}

/* startStorm(tids: Int32Array, intervalNs): 0 or -errno */
static napi_value start_storm(napi_env env, napi_callback_info info)
{
	storm.tids = view_argument(env, info, 0, &storm.count);
	storm.interval_ns = (long)uint32_argument(env, info, 1);
	storm.to_process = storm.to_threads = 0;
	storm.stop = 0;
	return return_double(env, -(double)pthread_create(&storm.thread, 0, send_signals, 0));
}

/* stopStorm(): how many signals were sent to the process and to threads */
static napi_value stop_storm(napi_env env, napi_callback_info info)
{
	napi_value result;

	(void)info;
	__atomic_store_n(&storm.stop, 1, __ATOMIC_RELEASE);
	pthread_join(storm.thread, 0);
	napi_create_object(env, &result);
	napi_set_named_property(env, result, "toProcess", return_double(env, storm.to_process));
	napi_set_named_property(env, result, "toThreads", return_double(env, storm.to_threads));
	return result;
}

void export_signal_storm(napi_env env, napi_value exports)
{
	export_function(env, exports, "startStorm", start_storm);
	export_function(env, exports, "stopStorm", stop_storm);
}
