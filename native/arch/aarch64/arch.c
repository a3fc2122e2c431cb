/* SPDX-License-Identifier: MIT */
#include "arch.h"
#include "arch/sys.h"

_Static_assert(offsetof(struct pt_regs, x19_x28) == PT_X19, "entry.S");
_Static_assert(offsetof(struct pt_regs, x29) == PT_X29, "entry.S");
_Static_assert(offsetof(struct pt_regs, pc) == PT_PC, "entry.S");
_Static_assert(offsetof(struct pt_regs, sp) == PT_SP, "entry.S");
_Static_assert(offsetof(struct pt_regs, fpcr) == PT_FPCR, "entry.S");
_Static_assert(offsetof(struct pt_regs, d8_d15) == PT_D8, "entry.S");
_Static_assert(offsetof(struct pt_regs, x0) == PT_X0, "entry.S");
_Static_assert(offsetof(struct pt_regs, fpsr) == PT_FPSR, "entry.S");
_Static_assert(offsetof(struct pt_regs, x18) == PT_X18, "entry.S");
_Static_assert(offsetof(struct task_head, tid) == TASK_TID, "entry.S");
_Static_assert(offsetof(struct task_head, alive) == TASK_ALIVE, "entry.S");
_Static_assert(offsetof(struct arch_ucontext, fault_address) == 176, "asm/sigcontext.h");
_Static_assert(offsetof(struct arch_ucontext, end) == 464, "asm/sigcontext.h");

#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANON_NORESERVE 0x4022
#define PR_GET_SHADOW_STACK_STATUS 74
#define PR_SHADOW_STACK_ENABLE 1

u64 arch_ticks_per_us = 1000;

/*
 * The task of each OS thread that is one, by thread id. An entry is written by its own
 * thread alone, so none needs a lock or an order; entry.S clears it when the thread ends.
 * Reserved address space: memory is used where there are tasks.
 */
struct task **arch_task_by_id __attribute__((visibility("hidden")));

/* Called once by the host, before any task exists. */
void arch_init(u64 hardware)
{
	long map = SYS6(mmap, 0, THREAD_IDS * sizeof(struct task *), PROT_READ_WRITE,
			MAP_PRIVATE_ANON_NORESERVE, -1, 0);

	(void)hardware;
	if (!sys_failed(map))
		arch_task_by_id = (struct task **)map;
}

/*
 * Asked at attach on the thread that attaches: 1 and a reason if its context cannot
 * be moved. A guarded control stack would not move with the stack.
 */
int arch_refuses(const char **why)
{
	u64 value = 0;

	if (!arch_task_by_id) {
		*why = "no address space for the table of tasks (32 MiB)";
		return 1;
	}
	if (!SYS5(prctl, PR_GET_SHADOW_STACK_STATUS, &value, 0, 0, 0) &&
	    (value & PR_SHADOW_STACK_ENABLE)) {
		*why = "this thread runs with a guarded control stack, which cannot be moved";
		return 1;
	}
	return 0;
}

/* The task of this OS thread from now on; 0 takes it away. */
void arch_set_task(struct task *task)
{
	__atomic_store_n(&arch_task_by_id[SYS0(gettid)], task, __ATOMIC_RELAXED);
}

/* 0 on a thread that is not a task. */
struct task *arch_task_of_thread(void)
{
	if (!arch_task_by_id)
		return 0;
	return __atomic_load_n(&arch_task_by_id[SYS0(gettid)], __ATOMIC_RELAXED);
}

/* What execve gives a new program: row 15 can be seen only against a known state. */
void init_user_context(struct pt_regs *regs)
{
	regs->fpcr = 0;
	regs->fpsr = 0;
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

	if (context->pc >= (u64)uaccess_start && context->pc < (u64)uaccess_end) {
		context->pc = (u64)uaccess_fault;
		return 1;
	}
	for (row = __start_syslet_fixups; row < __stop_syslet_fixups; row++) {
		if (context->pc == (u64)&row->fault + (u64)(s64)row->fault) {
			context->pc = (u64)&row->fix + (u64)(s64)row->fix;
			return 1;
		}
	}
	return 0;
}

/* Was the interrupted code on the task's kernel stack? */
int arch_on_stack_of(const struct task *task, const void *ucontext)
{
	u64 sp = ((const struct arch_ucontext *)ucontext)->sp;

	return sp > (u64)task - TASK_OFFSET && sp <= (u64)task;
}

/* Has this signal ended a system call of the task's with EINTR, which returns next? */
int arch_ended_call(const struct task *task, const void *ucontext)
{
	const struct arch_ucontext *context = ucontext;

	return context->pc == (u64)call_indirect_ip && context->regs[0] == (u64)-E_INTR &&
	       arch_on_stack_of(task, ucontext);
}

/*
 * What a system call of the task's gives that returns next, if that is above 0: it ends
 * with EINTR instead.
 */
u64 arch_part_of_call(const struct task *task, void *ucontext)
{
	struct arch_ucontext *context = ucontext;
	u64 part = context->regs[0];

	if (context->pc != (u64)call_indirect_ip || (s64)part <= 0 || !arch_on_stack_of(task, ucontext))
		return 0;
	context->regs[0] = (u64)-E_INTR;
	return part;
}

#define SYSCALL_BYTES 4 /* of the instruction */

/* Was it interrupted in a call that it makes for its context, or just before one? */
int arch_in_host_call(const struct task *task, const void *ucontext)
{
	u64 pc = ((const struct arch_ucontext *)ucontext)->pc;

	return arch_on_stack_of(task, ucontext) &&
	       (pc == (u64)call_indirect_ip || pc == (u64)call_indirect_ip - SYSCALL_BYTES);
}

/*
 * Makes a copy of a signal's context look as if the signal had come at the call
 * site: what a profiler then walks is the user's stack. The records of other state
 * stay behind, since they are not part of the copy.
 */
void arch_show_user_context(const struct task *task, void *ucontext)
{
	const struct pt_regs *regs = &((const struct task_head *)task)->regs;
	struct arch_ucontext *context = ucontext;
	unsigned i;

	context->pc = regs->pc;
	context->sp = regs->sp;
	for (i = 0; i < 10; i++)
		context->regs[19 + i] = regs->x19_x28[i];
	context->regs[29] = regs->x29;
	context->regs[30] = regs->pc;
	context->end[0] = 0;
	context->end[1] = 0;
}

/*
 * The child will return to user space where src's caller would have. Called by
 * the child before the claim that makes it true: src's registers do
 * not change while it is in that call. Row 15: v7 moved pt_regs alone, so that
 * the FPU control state was the child's.
 */
void move_user_context(struct pt_regs *dest, const struct pt_regs *src, int pt_regs_alone)
{
	u64 fpcr = dest->fpcr;

	*dest = *src;
	if (pt_regs_alone)
		dest->fpcr = fpcr;
}

/*
 * The task will return to user space at the frame, on the frame's stack. Nothing
 * is stored there; the two arguments go in registers (row 5).
 */
void set_user_frame(struct pt_regs *regs, const struct syslet_frame *frame, u64 error,
		    u64 caller_data)
{
	regs->pc = frame->ip;
	regs->sp = frame->sp;
	regs->x0 = error;
	regs->x1 = caller_data;
	regs->x29 = 0;
}
