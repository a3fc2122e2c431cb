/* SPDX-License-Identifier: MIT */
/* Calls of the host that a seccomp filter denies, in all threads of the process. */
#ifndef FORBID_H
#define FORBID_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "t.h"

/* For all threads, tasks too. */
static inline void set_filter(struct sock_filter *filter, unsigned short length)
{
	struct sock_fprog program = {length, filter};

	CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	CHECK_EQ(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program), 0);
}

/* `answer`: what a seccomp filter gives in place of the call. */
static inline void filter_call(uint32_t nr, uint32_t answer)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	set_filter(filter, sizeof(filter) / sizeof(filter[0]));
}

/* prctl with that option. */
static inline void forbid_prctl(uint32_t option, uint32_t error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	set_filter(filter, sizeof(filter) / sizeof(filter[0]));
}

static inline void forbid_call(uint32_t nr, uint32_t error)
{
	filter_call(nr, SECCOMP_RET_ERRNO | error);
}

#endif
