/* SPDX-License-Identifier: MIT */
/*
 * The architecture of controlled schedules: a user context is a few numbers, and user
 * memory is memory of the explorer's, accessed in C so that each access is seen.
 * Nothing here runs on a processor of its own (native/sim).
 */
#ifndef SYSLETS_ARCH_H
#define SYSLETS_ARCH_H

#include "arch/types.h"

#define SYSLETS_ARCH_NAME "sim"
#define SYSLETS_ARCH_HAS_SYSLETS 1
/* The explorer's models have barriers of their own (native/sim). */
#define ARCH_STORES_IN_ORDER 1

/* Stacks are the explorer's; a task lies anywhere. */
#define STACK_SIZE 32768
#define TASK_RESERVE 1024
#define TASK_OFFSET 0
#define RESULT_FRAME 2

/* Where user code goes on, and on what: the explorer compares them after each move. */
struct pt_regs {
	u64 ip;
	u64 sp;
	u64 user;	/* which context this is, and how many calls it has made */
	u64 fp_control; /* row 15: not part of v7's pt_regs */
	u64 argument;	/* of a frame's function */
	u64 argument2;
};

struct user_word {
	u64 value;
	long error;
};

/* 1: user memory of that length can be read there, or written. A scenario says which cannot. */
int sim_user_memory(u64 address, u64 bytes);

static inline int syslet_frame_valid(const struct syslet_frame *frame)
{
	return frame->ip && frame->sp;
}

static inline u64 frame_sp(const struct syslet_frame *frame)
{
	return frame->sp;
}

static inline struct user_word get_user_u32(u64 address)
{
	if (!sim_user_memory(address, sizeof(u32)))
		return (struct user_word){0, -E_FAULT};
	return (struct user_word){__atomic_load_n((u32 *)address, __ATOMIC_RELAXED), 0};
}

static inline u64 user_load_u64(u64 address, long *error)
{
	if (sim_user_memory(address, sizeof(u64)))
		return __atomic_load_n((u64 *)address, __ATOMIC_RELAXED);
	*error |= -E_FAULT;
	return 0;
}

/* Two u32, the first is the low half. */
static inline struct user_word get_user_pair(u64 address)
{
	struct user_word word = {0, 0};

	word.value = user_load_u64(address, &word.error);
	return word;
}

static inline long copy_user_words(void *to, const void *from, unsigned words)
{
	u64 *t = to;
	long error = 0;
	unsigned i;

	for (i = 0; i < words; i++)
		t[i] = user_load_u64((u64)from + i * sizeof(u64), &error);
	return error;
}

static inline long load_frame(struct syslet_frame *frame, u64 address)
{
	long error = 0;

	frame->ip = user_load_u64(address, &error);
	frame->sp = user_load_u64(address + sizeof(u64), &error);
	return error;
}

long copy_user(void *to, const void *from, u64 bytes);
long put_user_u32(u64 address, u32 value);
long put_user_u64(u64 address, u64 value);
struct user_word probe_user_u32(u64 address);
long probe_user_u64(u64 address);

struct task *arch_task_of_thread(void);

/* Of the host's few calls that its own code makes (native/host, native/watch). */
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
/* A signal of ours finds its task in a call; elsewhere it is lost. */
int arch_in_host_call(const struct task *task, const void *ucontext);

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

/* The task lets others run: it rests until one of them has changed something. */
void cpu_relax(void);

void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone);
void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data);
void init_user_context(struct pt_regs *regs);
long probe_frame_stack(const struct syslet_frame *frame);

/* The return functions are names here, not code. */
#define SIM_PARK 0x1001ull
#define SIM_EXIT 0x1002ull
#define SIM_FUNCTION 0x1003ull /* counts, and parks */

static inline void frame_set_park(struct syslet_frame *frame)
{
	frame->ip = SIM_PARK;
}

static inline int frame_is_park(const struct syslet_frame *frame)
{
	return frame->ip == SIM_PARK;
}

#endif
