/* SPDX-License-Identifier: MIT */
/*
 * An architecture without syslets, after patch 2 of the seed: everything
 * compiles, no frame is valid, so that sys_indirect refuses every syslet with
 * -EINVAL and the functions below are never reached.
 */
#ifndef SYSLETS_ARCH_H
#define SYSLETS_ARCH_H

#include "arch/types.h"

#define SYSLETS_ARCH_NAME "generic"
#define SYSLETS_ARCH_HAS_SYSLETS 0
/* Nothing is known. */
#define ARCH_STORES_IN_ORDER 0

#define STACK_SIZE 65536
#define TASK_RESERVE 1024
#define TASK_OFFSET (STACK_SIZE - TASK_RESERVE)

#define RESULT_FRAME 2

struct pt_regs {
	u64 none;
};

struct user_word {
	u64 value;
	long error;
};

static inline int syslet_frame_valid(const struct syslet_frame *frame)
{
	(void)frame;
	return 0;
}

static inline u64 frame_sp(const struct syslet_frame *frame)
{
	(void)frame;
	return 0;
}

static inline void frame_set_park(struct syslet_frame *frame)
{
	(void)frame;
}

static inline int frame_is_park(const struct syslet_frame *frame)
{
	(void)frame;
	return 0;
}

/* No thread is ever attached. */
static inline struct task *arch_task_of_thread(void)
{
	return 0;
}

static inline long arch_call(host_call_t *call, const struct indirect_registers *regs,
			     struct task *cur)
{
	return call(regs, cur);
}

static inline int arch_refuses_prctl(u32 option)
{
	(void)option;
	return 0;
}

static inline void cpu_relax(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/*
 * Access to user memory by the host's process_vm_readv and process_vm_writev on
 * ourselves: slow, but a bad address is -EFAULT and no assembly is needed.
 */
long copy_user(void *to, const void *from, u64 bytes);

static inline long copy_user_words(void *to, const void *from, unsigned words)
{
	return copy_user(to, from, words * sizeof(u64));
}

struct user_word get_user_u32(u64 address);
struct user_word get_user_pair(u64 address);
long put_user_u32(u64 address, u32 value);
long put_user_u64(u64 address, u64 value);
struct user_word probe_user_u32(u64 address);
long probe_user_u64(u64 address);

static inline u64 user_load_u64(u64 address, long *error)
{
	u64 value = 0;

	*error |= copy_user(&value, (const void *)(uintptr_t)address, sizeof(value));
	return value;
}

static inline long load_frame(struct syslet_frame *frame, u64 address)
{
	(void)frame, (void)address;
	return -E_INVAL;
}

void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone);
void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data);
void init_user_context(struct pt_regs *regs);
long probe_frame_stack(const struct syslet_frame *frame);
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
long create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags);

#endif
