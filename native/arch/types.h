/* SPDX-License-Identifier: MIT */
/* Integer names of the kernel side, and the part of a task that assembly reads. */
#ifndef SYSLETS_TYPES_H
#define SYSLETS_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "arch/error.h"
#include "syslets/abi.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef int32_t s32;
typedef int16_t s16;

struct context;
struct task;

/* A system call of the host, by its number and arguments: its result or -errno. */
typedef long host_call_t(const struct indirect_registers *regs, struct task *cur);

/*
 * The first members of struct task (native/kernel/kernel.h).
 *
 *   regs   the user context while this task is in the kernel
 *   self   read through GS in user mode
 *   tid    written by clone before the task runs
 *   alive  cleared, with a futex wake, by the host when the thread has exited
 *   state  enum task_state: debuggers read it, by the unwind tables of an entry
 */
#define TASK_HEAD                                                                                  \
	struct pt_regs regs;                                                                       \
	struct task *self;                                                                         \
	struct context *ctx;                                                                       \
	u32 tid;                                                                                   \
	u32 alive;                                                                                 \
	u32 state

#endif
