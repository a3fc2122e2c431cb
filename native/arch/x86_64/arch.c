/* SPDX-License-Identifier: MIT */
#include "arch.h"
#include "arch/sys.h"

_Static_assert(offsetof(struct pt_regs, r15) == PT_R15, "entry.S");
_Static_assert(offsetof(struct pt_regs, r14) == PT_R14, "entry.S");
_Static_assert(offsetof(struct pt_regs, r13) == PT_R13, "entry.S");
_Static_assert(offsetof(struct pt_regs, r12) == PT_R12, "entry.S");
_Static_assert(offsetof(struct pt_regs, rbp) == PT_RBP, "entry.S");
_Static_assert(offsetof(struct pt_regs, rbx) == PT_RBX, "entry.S");
_Static_assert(offsetof(struct pt_regs, rip) == PT_RIP, "entry.S");
_Static_assert(offsetof(struct pt_regs, rsp) == PT_RSP, "entry.S");
_Static_assert(offsetof(struct pt_regs, rdi) == PT_RDI, "entry.S");
_Static_assert(offsetof(struct pt_regs, rsi) == PT_RSI, "entry.S");
_Static_assert(offsetof(struct pt_regs, mxcsr) == PT_MXCSR, "entry.S");
_Static_assert(offsetof(struct pt_regs, fpucw) == PT_FPUCW, "entry.S");
_Static_assert(offsetof(struct pt_regs, pkru) == PT_PKRU, "entry.S");
_Static_assert(offsetof(struct task_head, self) == TASK_SELF, "entry.S");
_Static_assert(offsetof(struct task_head, tid) == TASK_TID, "entry.S");
_Static_assert(offsetof(struct task_head, alive) == TASK_ALIVE, "entry.S");
_Static_assert(offsetof(struct task_head, state) == TASK_STATE, "entry.S");

#define ARCH_GET_GS 0x1004
#define ARCH_SHSTK_STATUS 0x5005
#define ARCH_SHSTK_SHSTK 1
#define CPUID7_ECX_OSPKE (1u << 4)

u64 arch_ticks_per_us = 1000;
u32 arch_has_pkru;
u32 arch_has_fsgsbase;

static void cpuid(u32 leaf, u32 *ebx, u32 *ecx)
{
	u32 eax = leaf, edx;

	*ecx = 0;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(*ebx), "+c"(*ecx), "=d"(edx));
}

#define HARDWARE_FSGSBASE 2

/* What this processor has. Called once by the host, before any task exists. */
void arch_init(u64 hardware)
{
	u32 ebx, ecx;

	arch_has_fsgsbase = (hardware & HARDWARE_FSGSBASE) != 0;
	cpuid(0, &ebx, &ecx);
	cpuid(7, &ebx, &ecx);
	arch_has_pkru = (ecx & CPUID7_ECX_OSPKE) != 0;
}

/*
 * Asked at attach on the thread that attaches: 1 and a reason if its context cannot
 * be moved. A user shadow stack would not move with the stack; GS must be ours.
 */
int arch_refuses(const char **why)
{
	u64 value = 0;

	if (!SYS2(arch_prctl, ARCH_SHSTK_STATUS, &value) &&
	    (value & ARCH_SHSTK_SHSTK)) {
		*why = "this thread runs with a user shadow stack, which cannot be moved";
		return 1;
	}
	value = 0;
	SYS2(arch_prctl, ARCH_GET_GS, &value);
	if (value) {
		*why = "this thread's GS base is in use by other code";
		return 1;
	}
	return 0;
}

#define MXCSR_DEFAULT 0x1f80
#define FPUCW_DEFAULT 0x37f

/* What execve gives a new program: row 15 can be seen only against a known state. */
void init_user_context(struct pt_regs *regs)
{
	regs->mxcsr = MXCSR_DEFAULT;
	regs->fpucw = FPUCW_DEFAULT;
}

/* Under the default policy the word below the frame's stack pointer can be written. */
long probe_frame_stack(const struct syslet_frame *frame)
{
	return probe_user_u64(frame->sp - sizeof(u64));
}

/*
 * A fault of ours on a user address: in one of the functions of entry.S, or at a
 * load that is in the table. Then the interrupted code goes on with -EFAULT.
 */
int arch_fix_fault(void *ucontext)
{
	struct arch_ucontext *context = ucontext;
	const struct fixup *row;

	if (context->rip >= (u64)uaccess_start && context->rip < (u64)uaccess_end) {
		context->rip = (u64)uaccess_fault;
		return 1;
	}
	for (row = __start_syslet_fixups; row < __stop_syslet_fixups; row++) {
		if (context->rip == (u64)&row->fault + (u64)(s64)row->fault) {
			context->rip = (u64)&row->fix + (u64)(s64)row->fix;
			return 1;
		}
	}
	return 0;
}

/* Was the interrupted code on the task's kernel stack? */
int arch_on_stack_of(const struct task *task, const void *ucontext)
{
	u64 sp = ((const struct arch_ucontext *)ucontext)->rsp;

	return sp > (u64)task - TASK_OFFSET && sp <= (u64)task;
}

/* Has this signal ended a system call of the task's with EINTR, which returns next? */
int arch_ended_call(const struct task *task, const void *ucontext)
{
	const struct arch_ucontext *context = ucontext;

	return context->rip == (u64)call_indirect_ip && context->rax == (u64)-E_INTR &&
	       arch_on_stack_of(task, ucontext);
}

/*
 * What a system call of the task's gives that returns next, if that is above 0: it ends
 * with EINTR instead.
 */
u64 arch_part_of_call(const struct task *task, void *ucontext)
{
	struct arch_ucontext *context = ucontext;
	u64 part = context->rax;

	if (context->rip != (u64)call_indirect_ip || (s64)part <= 0 || !arch_on_stack_of(task, ucontext))
		return 0;
	context->rax = (u64)-E_INTR;
	return part;
}

#define SYSCALL_BYTES 2 /* of the instruction */

/* Was it interrupted in a call that it makes for its context, or just before one? */
int arch_in_host_call(const struct task *task, const void *ucontext)
{
	u64 ip = ((const struct arch_ucontext *)ucontext)->rip;

	return arch_on_stack_of(task, ucontext) &&
	       (ip == (u64)call_indirect_ip || ip == (u64)call_indirect_ip - SYSCALL_BYTES);
}

/*
 * Makes a copy of a signal's context look as if the signal had come at the call
 * site: what a profiler then walks is the user's stack.
 */
void arch_show_user_context(const struct task *task, void *ucontext)
{
	const struct pt_regs *regs = &((const struct task_head *)task)->regs;
	struct arch_ucontext *context = ucontext;

	context->rip = regs->rip;
	context->rsp = regs->rsp;
	context->rbp = regs->rbp;
	context->rbx = regs->rbx;
	context->r12 = regs->r12;
	context->r13 = regs->r13;
	context->r14 = regs->r14;
	context->r15 = regs->r15;
}

/*
 * The child will return to user space where src's caller would have. Called by
 * the child before the claim that makes it true: src's registers do
 * not change while it is in that call. Row 15: v7 moved pt_regs alone, so that
 * the FPU control state was the child's.
 */
void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone)
{
	u32 mxcsr = dest->mxcsr;
	u16 fpucw = dest->fpucw;

	*dest = *src;
	if (pt_regs_alone) {
		dest->mxcsr = mxcsr;
		dest->fpucw = fpucw;
	}
}

/*
 * The task will return to user space at the frame, on the frame's stack. Nothing
 * is stored there; the two arguments go in registers (row 5).
 */
void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data)
{
	regs->rip = frame->ip;
	regs->rsp = frame->sp;
	regs->rdi = error;
	regs->rsi = caller_data;
	regs->rbp = 0;
}
