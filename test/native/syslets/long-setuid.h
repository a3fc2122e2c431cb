/* SPDX-License-Identifier: MIT */
/*
 * A setuid of libc's that does not end before the test says so: the attached thread blocks the
 * signal by which libc tells it.
 */
#ifndef SYSLETS_TEST_LONG_SETUID_H
#define SYSLETS_TEST_LONG_SETUID_H

#include <pthread.h>

#include "syslet.h"

#define NOBODY 65534u

/* Longer than a task that cannot be fit is tried. */
#define LONG_SETUID_MS 600

static volatile uint32_t bystander_id, goes_on = 1, may_change;

static void *bystander(void *unused)
{
	while (__atomic_load_n(&goes_on, __ATOMIC_ACQUIRE)) {
		bystander_id = (uint32_t)syscall(SYS_geteuid);
		t_sleep_ms(1);
	}
	return unused;
}

static void *become_nobody_for_a_while(void *unused)
{
	while (!__atomic_load_n(&may_change, __ATOMIC_ACQUIRE))
		t_sleep_ms(1);
	CHECK_EQ(setresuid((uid_t)-1, NOBODY, (uid_t)-1), 0);
	return unused;
}

/* Signal 33, by which libc tells a thread of a setuid; libc would refuse to block it. */
static void block_setxid(int how)
{
	uint64_t mask = 1ull << 32;

	CHECK_EQ(syscall(SYS_rt_sigprocmask, how, &mask, 0, sizeof(mask)), 0);
}

static pthread_t looks, changes;

/*
 * The new ids are recorded as soon as one thread has them, and the carrier may be the last
 * to get them. From here on it has root's, and the bystander has nobody's.
 */
static T_UNUSED void begin_long_setuid(void)
{
	CHECK_EQ(pthread_create(&looks, 0, bystander, 0), 0);
	CHECK_EQ(pthread_create(&changes, 0, become_nobody_for_a_while, 0), 0);
	block_setxid(SIG_BLOCK);
	__atomic_store_n(&may_change, 1, __ATOMIC_RELEASE);
	while (bystander_id != NOBODY)
		t_sleep_ms(1);
}

static T_UNUSED void end_long_setuid(void)
{
	CHECK_EQ(syscall(SYS_geteuid), 0); /* it does go on */
	block_setxid(SIG_UNBLOCK);
}

static T_UNUSED void join_threads(void)
{
	__atomic_store_n(&goes_on, 0, __ATOMIC_RELEASE);
	CHECK_EQ(pthread_join(looks, 0) | pthread_join(changes, 0), 0);
}

/* The call tells which id its task has. */
static T_UNUSED struct syslet_call_result dispatch_geteuid(struct syslet_ring *ring)
{
	struct indirect_registers regs = {.NR = SYS_geteuid};
	union indirect_params params = params_for(ring, 1);

	return syslet_dispatch(&regs, &params, sizeof(params), 0);
}

#endif
