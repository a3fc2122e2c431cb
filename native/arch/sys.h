/* SPDX-License-Identifier: MIT */
/* System calls of the host without libc: the result or -errno. */
#ifndef SYSLETS_SYS_H
#define SYSLETS_SYS_H

#include <asm/unistd.h>
#include "arch.h"

#define SYS0(name) host_syscall6(__NR_##name, 0, 0, 0, 0, 0, 0)
#define SYS1(name, a) host_syscall6(__NR_##name, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(name, a, b) host_syscall6(__NR_##name, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(name, a, b, c) host_syscall6(__NR_##name, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(name, a, b, c, d)                                                                     \
	host_syscall6(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS5(name, a, b, c, d, e)                                                                  \
	host_syscall6(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS6(name, a, b, c, d, e, f)                                                               \
	host_syscall6(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Of a call whose good result is an address. */
static inline int sys_failed(long result)
{
	return result < 0 && result > -4096;
}

struct kernel_timespec {
	s64 tv_sec;
	s64 tv_nsec;
};

static inline struct kernel_timespec timespec_of_ns(u64 ns)
{
	return (struct kernel_timespec){(s64)(ns / 1000000000u), (s64)(ns % 1000000000u)};
}

static inline void sleep_ns(u64 ns)
{
	struct kernel_timespec time = timespec_of_ns(ns);

	SYS2(nanosleep, &time, 0);
}

#endif
