/* SPDX-License-Identifier: MIT */
/* Limits that hold: those of a user who is not root. */
#ifndef SYSLETS_TEST_FEW_THREADS_H
#define SYSLETS_TEST_FEW_THREADS_H

#include <grp.h>
#include <sys/resource.h>

#include "t.h"

#define NOBODY 65534

static inline void become_nobody(void)
{
	if (geteuid())
		return;
	CHECK_EQ(setgroups(0, 0), 0);
	CHECK_EQ(setresgid(NOBODY, NOBODY, NOBODY), 0);
	CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static inline void set_limit(int resource, rlim_t limit)
{
	struct rlimit both = {limit, limit};

	CHECK_EQ(setrlimit(resource, &both), 0);
}

#endif
