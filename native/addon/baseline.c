/* SPDX-License-Identifier: MIT */
/*
 * The baselines of `npm run bench` that run in C: a block as a bare system call, and
 * what it takes to wake a thread on another processor. (bareCall is in hot.c.)
 */
#include "addon/addon.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

double monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

napi_value return_double(napi_env env, double value)
{
	napi_value result = 0;

	napi_create_double(env, value, &result);
	return result;
}

uint32_t uint32_argument(napi_env env, napi_callback_info info, size_t index)
{
	napi_value arguments[4];
	size_t count = 4;
	uint32_t value = 0;

	napi_get_cb_info(env, info, &count, arguments, 0, 0);
	napi_get_value_uint32(env, arguments[index], &value);
	return value;
}

/* Address and number of elements of a typed array. */
void *view_argument(napi_env env, napi_callback_info info, size_t index, size_t *length)
{
	napi_value arguments[4];
	size_t count = 4;
	void *data = 0;

	napi_get_cb_info(env, info, &count, arguments, 0, 0);
	napi_get_typedarray_info(env, arguments[index], 0, length, &data, 0, 0);
	return data;
}

void export_function(napi_env env, napi_value exports, const char *name, napi_callback function)
{
	napi_value value;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, function, 0, &value);
	napi_set_named_property(env, exports, name, value);
}

static long bare_syscall(const struct indirect_registers *regs)
{
	const uint64_t *all = (const uint64_t *)regs; /* the number and six arguments */

	return syscall((long)all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
}

/* Nanoseconds that `count` bare calls take in a C loop. */
static napi_value bare_loop(napi_env env, napi_callback_info info)
{
	const struct syslet_call *calls = view_argument(env, info, 0, 0);
	const struct syslet_call *call = &calls[uint32_argument(env, info, 1)];
	uint32_t i, count = uint32_argument(env, info, 2);
	double start = monotonic_ns();

	for (i = 0; i < count; i++)
		bare_syscall(&call->regs);
	return return_double(env, monotonic_ns() - start);
}

/* Between two wake-ups the sleeper's processor halts: that is what a wake-up costs. */
#define WAKE_PAUSE_NS 60e3

struct wake {
	uint32_t word __attribute__((aligned(64))); /* futex: 1 once there is something to do */
	uint32_t done __attribute__((aligned(64))); /* samples that the sleeper has taken */
	double sent __attribute__((aligned(64)));
	double *samples;
	uint32_t count;
	int sleeper_cpu, waker_cpu;
};

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *sleep_until_woken(void *argument)
{
	struct wake *wake = argument;
	uint32_t i;

	run_on(wake->sleeper_cpu);
	for (i = 0; i < wake->count; i++) {
		while (!__atomic_load_n(&wake->word, __ATOMIC_ACQUIRE))
			syscall(SYS_futex, &wake->word, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
		wake->samples[i] = monotonic_ns() - wake->sent;
		__atomic_store_n(&wake->word, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&wake->done, i + 1, __ATOMIC_RELEASE); /* pairs with wake_sleeper */
	}
	return 0;
}

static void spin_until(double ns)
{
	while (monotonic_ns() < ns)
		;
}

static void *wake_sleeper(void *argument)
{
	struct wake *wake = argument;
	uint32_t i;

	run_on(wake->waker_cpu);
	for (i = 0; i < wake->count; i++) {
		while (__atomic_load_n(&wake->done, __ATOMIC_ACQUIRE) != i)
			;
		spin_until(monotonic_ns() + WAKE_PAUSE_NS);
		wake->sent = monotonic_ns();
		__atomic_store_n(&wake->word, 1, __ATOMIC_RELEASE);
		/* not asleep: the sample is none. The sleeper overwrites it before this one reads done. */
		if (syscall(SYS_futex, &wake->word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0) == 1)
			continue;
		while (__atomic_load_n(&wake->done, __ATOMIC_ACQUIRE) != i + 1)
			;
		wake->samples[i] = -1;
	}
	return 0;
}

/* Two processors that this thread may run on; 0 if there is only one. */
static int find_processors(struct wake *wake)
{
	cpu_set_t set;
	int cpu, found = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	for (cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		*(found++ ? &wake->waker_cpu : &wake->sleeper_cpu) = cpu;
	}
	return found == 2;
}

/*
 * Fills a Float64Array with the nanoseconds from before a futex wake to the
 * sleeper's first instruction on another processor; -1 for those where it was not
 * asleep. Returns how many were measured: 0 on a single processor.
 */
static napi_value futex_wake(napi_env env, napi_callback_info info)
{
	struct wake wake = {0};
	pthread_t sleeper, waker;
	size_t length = 0;

	wake.samples = view_argument(env, info, 0, &length);
	wake.count = (uint32_t)length;
	if (!find_processors(&wake) || pthread_create(&sleeper, 0, sleep_until_woken, &wake))
		return return_double(env, 0);
	if (pthread_create(&waker, 0, wake_sleeper, &wake))
		wake_sleeper(&wake); /* this thread does it; its affinity changes, the numbers hold */
	else
		pthread_join(waker, 0);
	pthread_join(sleeper, 0);
	return return_double(env, (double)length);
}

void export_baseline(napi_env env, napi_value exports)
{
	export_function(env, exports, "bareLoop", bare_loop);
	export_function(env, exports, "futexWake", futex_wake);
	export_bench(env, exports);
	export_signal_storm(env, exports);
}
