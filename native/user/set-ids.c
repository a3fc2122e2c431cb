/* SPDX-License-Identifier: MIT */
/*
 * setuid() and its like, where the program imports them (interpose.c). The C library tells a
 * change of ids to every thread that it knows by a signal. Ours learn it from glibc's; but where
 * RLIMIT_SIGPENDING is used up the host queues none, and glibc goes on. So the thread that
 * has made the call tells it itself (host/told.c).
 *
 * musl tells it to nobody if the OS thread that calls is not the one that it started, which an
 * attached thread's carrier seldom is. So there a thread of its own makes the call for one that
 * is attached, which waits for it.
 */
#include <errno.h>
#include <features.h>
#include <grp.h>
#include <pthread.h>
#include <unistd.h>

#include "syslets/syslets.h"
#include "user/user.h"

#ifdef __GLIBC__
#define CARRIERS_MAY_SET_IDS 1
#else
#define CARRIERS_MAY_SET_IDS 0
#endif

#define MOST_ARGUMENTS 3

struct change {
	int (*call)(const u64 *arguments);
	u64 arguments[MOST_ARGUMENTS];
	int result, error;
};

static void make_and_tell(struct change *change)
{
	struct ids_before before;

	ids_will_change(&before);
	change->result = change->call(change->arguments);
	change->error = errno;
	if (!change->result)
		ids_have_changed(&before);
}

static void *make_elsewhere(void *change)
{
	make_and_tell(change);
	return 0;
}

static int make_change(struct change *change)
{
	pthread_t thread;

	if (CARRIERS_MAY_SET_IDS || !syslet_is_attached() || in_child()) {
		make_and_tell(change);
	} else {
		change->error = pthread_create(&thread, 0, make_elsewhere, change);
		if (change->error)
			change->result = -1;
		else
			pthread_join(thread, 0);
	}
	if (change->result)
		errno = change->error;
	return change->result;
}

/* Volatile for the reason that interpose.c gives. */
#define ROUTED(name, parameters, actual, ...)                                                      \
	static int(*volatile real_##name) parameters;                                              \
	static int call_##name(const u64 *arguments)                                               \
	{                                                                                          \
		return real_##name actual;                                                         \
	}                                                                                          \
	static int told_##name parameters                                                          \
	{                                                                                          \
		struct change change = {call_##name, {__VA_ARGS__}, 0, 0};                         \
                                                                                                   \
		return make_change(&change);                                                       \
	}

#define ID(i) ((uid_t)arguments[i]) /* a gid_t is the same */

ROUTED(setuid, (uid_t a), (ID(0)), a)
ROUTED(setgid, (gid_t a), (ID(0)), a)
ROUTED(seteuid, (uid_t a), (ID(0)), a)
ROUTED(setegid, (gid_t a), (ID(0)), a)
ROUTED(setreuid, (uid_t a, uid_t b), (ID(0), ID(1)), a, b)
ROUTED(setregid, (gid_t a, gid_t b), (ID(0), ID(1)), a, b)
ROUTED(setresuid, (uid_t a, uid_t b, uid_t c), (ID(0), ID(1), ID(2)), a, b, c)
ROUTED(setresgid, (gid_t a, gid_t b, gid_t c), (ID(0), ID(1), ID(2)), a, b, c)
ROUTED(setgroups, (size_t a, const gid_t *b), (arguments[0], (const gid_t *)arguments[1]), a,
       (u64)b)
ROUTED(initgroups, (const char *a, gid_t b), ((const char *)arguments[0], ID(1)), (u64)a, b)

#define REPLACED(name) {#name, (void *)told_##name}

const struct routed routed_set_ids[] = {
	REPLACED(setuid),    REPLACED(setgid),	  REPLACED(seteuid),   REPLACED(setegid),
	REPLACED(setreuid),  REPLACED(setregid),  REPLACED(setresuid), REPLACED(setresgid),
	REPLACED(setgroups), REPLACED(initgroups)};

const unsigned routed_set_ids_count = sizeof(routed_set_ids) / sizeof(*routed_set_ids);

/* Once, before our own imports are routed. */
void find_set_ids(void)
{
	real_setuid = setuid;
	real_setgid = setgid;
	real_seteuid = seteuid;
	real_setegid = setegid;
	real_setreuid = setreuid;
	real_setregid = setregid;
	real_setresuid = setresuid;
	real_setresgid = setresgid;
	real_setgroups = setgroups;
	real_initgroups = initgroups;
}
