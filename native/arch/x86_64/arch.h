/* SPDX-License-Identifier: MIT */
/*
 * x86_64: the user context, `current`, access to user memory, context moves.
 * Offsets are read by entry.S too and checked by arch.c.
 */
#ifndef SYSLETS_ARCH_H
#define SYSLETS_ARCH_H

#define SYSLETS_ARCH_NAME "x86_64"
#define SYSLETS_ARCH_HAS_SYSLETS 1
/* Total store order: a store is passed by no store, and a locked access by nothing. */
#define ARCH_STORES_IN_ORDER 1

/* A kernel stack with the task at its top; aligned to its size (see current). */
#define STACK_SIZE 65536
#define TASK_RESERVE 1024
#define TASK_OFFSET (STACK_SIZE - TASK_RESERVE)

#define PT_R15 0
#define PT_R14 8
#define PT_R13 16
#define PT_R12 24
#define PT_RBP 32
#define PT_RBX 40
#define PT_RIP 48
#define PT_RSP 56
#define PT_RDI 64
#define PT_RSI 72
#define PT_MXCSR 80
#define PT_FPUCW 84
#define PT_PKRU 88
#define TASK_SELF 96
#define TASK_TID 112
#define TASK_ALIVE 116
#define TASK_STATE 120

#define ARCH_RSEQ_SIGNATURE 0x53053053 /* glibc's */

/* How an entry's C function tells the stub to leave by pt_regs. */
#define RESULT_FRAME 2

#ifndef __ASSEMBLER__

#include "arch/types.h"

struct pt_regs {
	u64 r15;      /*  0 callee-saved: the C ABI keeps them over the call */
	u64 r14;      /*  8 */
	u64 r13;      /* 16 */
	u64 r12;      /* 24 */
	u64 rbp;      /* 32 */
	u64 rbx;      /* 40 */
	u64 rip;      /* 48 where user code goes on */
	u64 rsp;      /* 56 its stack pointer there */
	u64 rdi;      /* 64 first argument of a frame's function */
	u64 rsi;      /* 72 second */
	u32 mxcsr;    /* 80 SSE control: callee-saved by the ABI */
	u16 fpucw;    /* 84 x87 control word: likewise */
	u16 unused;   /* 86 */
	u32 pkru;     /* 88 protection keys, where the processor has them */
	u32 unused2;  /* 92 */
};

struct task_head {
	TASK_HEAD;
};

/* Precondition: on a kernel stack. */
static inline struct task *current_task(void)
{
	u64 sp = (u64)__builtin_frame_address(0);

	return (struct task *)((sp & ~(u64)(STACK_SIZE - 1)) + TASK_OFFSET);
}

static inline int syslet_frame_valid(const struct syslet_frame *frame)
{
	return frame->ip && frame->sp;
}

static inline u64 frame_sp(const struct syslet_frame *frame)
{
	return frame->sp;
}

/*
 * Access to user memory. A load that faults goes on at its fix-up, which stores
 * -EFAULT: the table says where (host/signals.c calls arch_fix_fault). A good
 * access costs its one instruction.
 */
struct user_word {
	u64 value;
	long error;
};

struct fixup {
	s32 fault; /* relative to the member itself */
	s32 fix;
};
extern const struct fixup __start_syslet_fixups[] __attribute__((visibility("hidden")));
extern const struct fixup __stop_syslet_fixups[] __attribute__((visibility("hidden")));

/* The relocation does nothing: a linker that drops what nothing names sees that the row is used. */
#define USER_LOAD(load, out, from, err)                                                            \
	__asm__ volatile("1: " load "\n"                                                           \
			 "2:\n"                                                                    \
			 ".pushsection .text.unlikely,\"ax\",@progbits\n"                          \
			 "3: movq %[fault], %[error]\n"                                            \
			 "xorl %k[value], %k[value]\n"                                             \
			 "jmp 2b\n"                                                                \
			 ".popsection\n"                                                           \
			 ".pushsection syslet_fixups,\"a\",@progbits\n"                            \
			 ".balign 4\n"                                                             \
			 "4: .long 1b - ., 3b - .\n"                                               \
			 ".popsection\n"                                                           \
			 ".reloc 1b, R_X86_64_NONE, 4b\n"                                          \
			 : [value] "=&r"(out), [error] "+r"(err)                                   \
			 : [source] "m"(*(from)), [fault] "i"(-E_FAULT))

static inline u64 user_load_u64(u64 address, long *error)
{
	u64 value;
	long err = *error;

	USER_LOAD("movq %[source], %[value]", value, (const u64 *)address, err);
	*error = err;
	return value;
}

static inline struct user_word get_user_u32(u64 address)
{
	struct user_word word = {0, 0};

	USER_LOAD("movl %[source], %k[value]", word.value, (const u32 *)address, word.error);
	return word;
}

/* Two u32, the first is the low half. */
static inline struct user_word get_user_pair(u64 address)
{
	struct user_word word = {0, 0};

	word.value = user_load_u64(address, &word.error);
	return word;
}

/* For a number of words that the compiler knows. */
static inline __attribute__((always_inline)) long copy_user_words(void *to, const void *from,
								   unsigned words)
{
	u64 *t = to;
	u64 f = (u64)from; /* a number: what a user passes need not be a pointer */
	long error = 0;
	unsigned i;

#pragma GCC unroll 8
	for (i = 0; i < words; i++)
		t[i] = user_load_u64(f + i * sizeof(u64), &error);
	return error;
}

/* A frame at a user address; 0 or -EFAULT. */
static inline long load_frame(struct syslet_frame *frame, u64 address)
{
	long error = 0;

	frame->ip = user_load_u64(address, &error);
	frame->sp = user_load_u64(address + sizeof(u64), &error);
	return error;
}

/* entry.S: 0 or -EFAULT */
long copy_user(void *to, const void *from, u64 bytes);
long put_user_u32(u64 address, u32 value);
long put_user_u64(u64 address, u64 value);
struct user_word probe_user_u32(u64 address);
long probe_user_u64(u64 address);

extern const char uaccess_start[], uaccess_end[], uaccess_fault[];

/* entry.S: system calls of the host; the sampler knows the two addresses */
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
host_call_t call_indirect;
extern const char host_syscall_ip[], call_indirect_ip[];

/* The host's own call is made without the function around it: see call_host_registers. */
static inline long arch_call(host_call_t *call, const struct indirect_registers *regs,
			     struct task *cur)
{
	register const struct indirect_registers *at __asm__("rdi") = regs;
	long status;

	if (__builtin_expect(call != call_indirect, 0))
		return call(regs, cur);
	__asm__ volatile("leaq 1f(%%rip), %%rbx\n"
			 "jmp call_host_registers\n"
			 "1:\n"
			 : "=a"(status), "+r"(at)
			 :
			 : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "cc", "memory");
	return status;
}

#define PR_SET_TSC 26

/* Takes an instruction from one OS thread of several that carry the context. */
static inline int arch_refuses_prctl(u32 option)
{
	return option == PR_SET_TSC;
}

static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
}

static inline u64 arch_ticks(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return ((u64)hi << 32) | lo;
}

/* Nothing tells. */
static inline u64 arch_ticks_per_second(void)
{
	return 0;
}

/* arch.c, entry.S: the names are v7's (patch 6) */
void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone);
void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data);
long create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags);
void init_user_context(struct pt_regs *regs);
long probe_frame_stack(const struct syslet_frame *frame);
void arch_set_task(struct task *task);
void arch_init(u64 hardware);
int arch_refuses(const char **why);
void arch_exit_thread(void) __attribute__((noreturn));
extern u64 arch_ticks_per_us; /* set by the host */
extern u32 arch_has_pkru;
extern u32 arch_has_fsgsbase;

/* What the host's kernel leaves on the stack of a signal handler, as far as we read it. */
struct arch_ucontext {
	u64 flags;
	void *link;
	u64 stack[3];
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
	u64 rest[16]; /* eflags, segments, pointer to FP state, signal mask */
};

/* The restorer that x86_64 wants in every sigaction. */
void arch_sigreturn(void);
struct task *arch_task_of_thread(void);
int arch_fix_fault(void *ucontext);
int arch_on_stack_of(const struct task *task, const void *ucontext);
int arch_ended_call(const struct task *task, const void *ucontext);
u64 arch_part_of_call(const struct task *task, void *ucontext);
int arch_in_host_call(const struct task *task, const void *ucontext);
void arch_show_user_context(const struct task *task, void *ucontext);

/* The return functions: user addresses, never called from the kernel side. */
extern const char syslet_park[], syslet_exit[];

static inline void frame_set_park(struct syslet_frame *frame)
{
	frame->ip = (u64)syslet_park;
}

static inline int frame_is_park(const struct syslet_frame *frame)
{
	return frame->ip == (u64)syslet_park;
}

#endif
#endif
