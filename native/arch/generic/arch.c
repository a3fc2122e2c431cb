/* SPDX-License-Identifier: MIT */
/*
 * The refusing architecture: access to user memory works, so that sys_indirect
 * can check what it is given; no context is ever moved.
 */
#include <asm/unistd.h>
#include "arch.h"
#include "arch/sys.h"

struct span {
	const void *base;
	u64 bytes;
};

static long transfer(long nr, const void *local, const void *remote, u64 bytes)
{
	struct span mine = {local, bytes}, theirs = {remote, bytes};
	long pid = SYS0(getpid);
	long done = host_syscall6(nr, pid, (long)&mine, 1, (long)&theirs, 1, 0);

	return done == (long)bytes ? 0 : -E_FAULT;
}

long copy_user(void *to, const void *from, u64 bytes)
{
	if (!bytes)
		return 0;
	return transfer(__NR_process_vm_readv, to, from, bytes);
}

struct user_word get_user_u32(u64 address)
{
	u32 value = 0;
	long error = copy_user(&value, (const void *)(uintptr_t)address, sizeof(value));

	return (struct user_word){value, error};
}

/* Two u32 in the byte order of memory: the first is the low half. */
struct user_word get_user_pair(u64 address)
{
	u32 words[2] = {0, 0};
	long error = copy_user(words, (const void *)(uintptr_t)address, sizeof(words));

	return (struct user_word){(u64)words[1] << 32 | words[0], error};
}

long put_user_u32(u64 address, u32 value)
{
	return transfer(__NR_process_vm_writev, &value, (void *)(uintptr_t)address, sizeof(value));
}

long put_user_u64(u64 address, u64 value)
{
	return transfer(__NR_process_vm_writev, &value, (void *)(uintptr_t)address, sizeof(value));
}

/* Not atomic; reached by no syslet, since no frame is valid here. */
struct user_word probe_user_u32(u64 address)
{
	struct user_word word = get_user_u32(address);

	if (!word.error)
		word.error = put_user_u32(address, (u32)word.value);
	return word;
}

long probe_user_u64(u64 address)
{
	return probe_user_u32(address).error;
}

void init_user_context(struct pt_regs *regs)
{
	regs->none = 0;
}

long probe_frame_stack(const struct syslet_frame *frame)
{
	(void)frame;
	return -E_INVAL;
}

/* patch 2 has BUG() in the three below: syslet_frame_valid keeps them from being called */
void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone)
{
	(void)dest, (void)src, (void)pt_regs_alone;
	__builtin_trap();
}

void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data)
{
	(void)regs, (void)frame, (void)error, (void)caller_data;
	__builtin_trap();
}

long create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags)
{
	(void)fn, (void)task, (void)flags;
	return -E_INVAL;
}
