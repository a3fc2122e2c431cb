/* SPDX-License-Identifier: MIT */
/*
 * aarch64: the user context, `current`, access to user memory, context moves.
 * Offsets are read by entry.S too and checked by arch.c.
 */
#ifndef SYSLETS_ARCH_H
#define SYSLETS_ARCH_H

#define SYSLETS_ARCH_NAME "aarch64"
#define SYSLETS_ARCH_HAS_SYSLETS 1
/* A store may be passed by stores and loads; what relies on an order asks for it. */
#define ARCH_STORES_IN_ORDER 0

/* A kernel stack with the task at its top; aligned to its size (see current_task). */
#define STACK_SIZE 65536
#define TASK_RESERVE 1024
#define TASK_OFFSET (STACK_SIZE - TASK_RESERVE)

#define PT_X19 0
#define PT_X29 80
#define PT_PC 88
#define PT_SP 96
#define PT_FPCR 104
#define PT_D8 112
#define PT_X0 176
#define PT_FPSR 192
#define PT_X18 200
#define TASK_TID 224
#define TASK_ALIVE 228

#define ARCH_RSEQ_SIGNATURE 0xd428bc00 /* glibc's */

/* How an entry's C function tells the stub to leave by pt_regs. */
#define RESULT_FRAME 2

/* Tasks by thread id: the host's largest id is below (PID_MAX_LIMIT). */
#define THREAD_IDS 0x400000

#ifndef __ASSEMBLER__

#include "arch/types.h"

struct pt_regs {
	u64 x19_x28[10]; /*   0 callee-saved: the C ABI keeps them over the call */
	u64 x29;	 /*  80 frame pointer: likewise */
	u64 pc;		 /*  88 where user code goes on */
	u64 sp;		 /*  96 its stack pointer there */
	u64 fpcr;	 /* 104 floating-point control: callee-saved by the ABI */
	u64 d8_d15[8];	 /* 112 the callee-saved halves of v8 to v15 */
	u64 x0, x1;	 /* 176 arguments of a frame's function */
	u64 fpsr;	 /* 192 floating-point status: per OS thread */
	u64 x18;	 /* 200 where a compiler's shadow call stack is kept */
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
			 "3: mov %[error], %[fault]\n"                                             \
			 "mov %[value], xzr\n"                                                     \
			 "b 2b\n"                                                                  \
			 ".popsection\n"                                                           \
			 ".pushsection syslet_fixups,\"a\",@progbits\n"                            \
			 ".balign 4\n"                                                             \
			 "4: .long 1b - ., 3b - .\n"                                               \
			 ".popsection\n"                                                           \
			 ".reloc 1b, R_AARCH64_NONE, 4b\n"                                         \
			 : [value] "=&r"(out), [error] "+r"(err)                                   \
			 : [source] "Q"(*(from)), [fault] "i"(-E_FAULT))

static inline u64 user_load_u64(u64 address, long *error)
{
	u64 value;
	long err = *error;

	USER_LOAD("ldr %[value], %[source]", value, (const u64 *)address, err);
	*error = err;
	return value;
}

static inline struct user_word get_user_u32(u64 address)
{
	struct user_word word = {0, 0};

	USER_LOAD("ldr %w[value], %[source]", word.value, (const u32 *)address, word.error);
	return word;
}

/* Two u32 in the byte order of memory: the first is the low half. */
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

static inline long arch_call(host_call_t *call, const struct indirect_registers *regs,
			     struct task *cur)
{
	return call(regs, cur);
}

#define PR_SVE_SET_VL 50
#define PR_PAC_RESET_KEYS 54
#define PR_SET_TAGGED_ADDR_CTRL 55
#define PR_PAC_SET_ENABLED_KEYS 60
#define PR_SME_SET_VL 63
#define PR_SET_SHADOW_STACK_STATUS 75

/* Each is a property of one OS thread of several that carry the context. */
static inline int arch_refuses_prctl(u32 option)
{
	return option == PR_SVE_SET_VL || option == PR_PAC_RESET_KEYS ||
	       option == PR_SET_TAGGED_ADDR_CTRL || option == PR_PAC_SET_ENABLED_KEYS ||
	       option == PR_SME_SET_VL || option == PR_SET_SHADOW_STACK_STATUS;
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* The virtual counter, which all processors share. */
static inline u64 arch_ticks(void)
{
	u64 ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

/* At least 1,000,000 on all that there are. */
static inline u64 arch_ticks_per_second(void)
{
	u64 rate;

	__asm__("mrs %0, cntfrq_el0" : "=r"(rate));
	return rate;
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

/* This processor's thread pointer is moved by no other means, and no key is the thread's. */
#define arch_has_pkru 0
#define arch_has_fsgsbase 0

/* What the host's kernel leaves on the stack of a signal handler, as far as we read it. */
struct arch_ucontext {
	u64 flags;
	void *link;
	u64 stack[3];
	u64 mask[16];	   /* of which 8 bytes are used */
	u64 unused;	   /* the next is aligned to 16 bytes */
	u64 fault_address; /* 176 */
	u64 regs[31];
	u64 sp, pc, pstate;
	u64 unused2; /* the next is aligned to 16 bytes */
	u64 end[2];  /* 464 records of floating-point and other state begin; zero ends them */
};

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
