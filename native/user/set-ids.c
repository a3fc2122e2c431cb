/* SPDX-License-Identifier: MIT */
/*
 * setuid() and its like, where the program imports them (interpose.c). glibc tells a change
 * of ids to every thread that it knows by a signal, from which ours learn it; but where
 * RLIMIT_SIGPENDING is used up the host queues none, and glibc goes on. So the thread that
 * has made the call tells it itself (host/told.c).
 */
#include <grp.h>
#include <unistd.h>

#include "syslets/syslets.h"
#include "user/user.h"

/* Volatile for the reason that interpose.c gives. */
#define ROUTED(name, parameters, arguments)                                                        \
	static int(*volatile real_##name) parameters;                                              \
	static int told_##name parameters                                                          \
	{                                                                                          \
		struct ids_before before;                                                          \
		int error;                                                                         \
                                                                                                   \
		ids_will_change(&before);                                                          \
		error = real_##name arguments;                                                     \
		if (!error)                                                                        \
			ids_have_changed(&before);                                                 \
		return error;                                                                      \
	}

ROUTED(setuid, (uid_t a), (a))
ROUTED(setgid, (gid_t a), (a))
ROUTED(seteuid, (uid_t a), (a))
ROUTED(setegid, (gid_t a), (a))
ROUTED(setreuid, (uid_t a, uid_t b), (a, b))
ROUTED(setregid, (gid_t a, gid_t b), (a, b))
ROUTED(setresuid, (uid_t a, uid_t b, uid_t c), (a, b, c))
ROUTED(setresgid, (gid_t a, gid_t b, gid_t c), (a, b, c))
ROUTED(setgroups, (size_t a, const gid_t *b), (a, b))
ROUTED(initgroups, (const char *a, gid_t b), (a, b))

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
