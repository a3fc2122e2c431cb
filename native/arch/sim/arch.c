/* SPDX-License-Identifier: MIT */
#include "arch.h"

#define FP_CONTROL_DEFAULT 0x1f80

void init_user_context(struct pt_regs *regs)
{
	*regs = (struct pt_regs){.fp_control = FP_CONTROL_DEFAULT};
}

/* Row 15: v7's pt_regs are the general registers alone. */
void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone)
{
	dest->ip = src->ip;
	dest->sp = src->sp;
	dest->user = src->user;
	if (!pt_regs_alone)
		dest->fp_control = src->fp_control;
}

void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data)
{
	regs->ip = frame->ip;
	regs->sp = frame->sp;
	regs->argument = error;
	regs->argument2 = caller_data;
}

/* Words where both sides allow it, since the ring's slots are words. */
long copy_user(void *to, const void *from, u64 bytes)
{
	u64 at = 0, word = sizeof(u64);
	int words = !(((u64)to | (u64)from) & (word - 1));

	if (!sim_user_memory((u64)to, bytes) || !sim_user_memory((u64)from, bytes))
		return -E_FAULT;
	for (; words && at + word <= bytes; at += word)
		*(u64 *)((char *)to + at) = *(const u64 *)((const char *)from + at);
	for (; at < bytes; at++)
		((char *)to)[at] = ((const char *)from)[at];
	return 0;
}

long put_user_u32(u64 address, u32 value)
{
	if (!sim_user_memory(address, sizeof(u32)))
		return -E_FAULT;
	__atomic_store_n((u32 *)address, value, __ATOMIC_RELAXED);
	return 0;
}

long put_user_u64(u64 address, u64 value)
{
	if (!sim_user_memory(address, sizeof(u64)))
		return -E_FAULT;
	__atomic_store_n((u64 *)address, value, __ATOMIC_RELAXED);
	return 0;
}

/* Relaxed: an architecture promises no order of its probes. */
struct user_word probe_user_u32(u64 address)
{
	if (!sim_user_memory(address, sizeof(u32)))
		return (struct user_word){0, -E_FAULT};
	return (struct user_word){__atomic_fetch_add((u32 *)address, 0, __ATOMIC_RELAXED), 0};
}

long probe_user_u64(u64 address)
{
	if (!sim_user_memory(address, sizeof(u64)))
		return -E_FAULT;
	__atomic_fetch_add((u64 *)address, 0, __ATOMIC_RELAXED);
	return 0;
}

long probe_frame_stack(const struct syslet_frame *frame)
{
	return probe_user_u64(frame->sp - sizeof(u64));
}
