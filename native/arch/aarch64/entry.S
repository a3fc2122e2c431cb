/* SPDX-License-Identifier: MIT */
/*
 * aarch64 entry, return and context creation. Assembly without logic.
 *
 *   user stack                          kernel stack of the task (64 KiB)
 *   |  caller's frame     | <- sp at    |-------------------------|
 *   |---------------------|    entry    | struct task             |
 *   |                     |             |   .regs (struct pt_regs)|
 *   |                     |             |-------------------------| <- sp at entry
 *   |                     |             |  C frames               |
 *   |                     |             |  signal frames          |
 *   |                     |             |  guard page             |
 *
 * Why each register is or is not in pt_regs: x19-x29, d8-d15 and FPCR are the C
 * ABI's callee-saved state; x18 is the shadow call stack's where there is one; x30 and sp are where the caller goes on; FPSR is per
 * OS thread; x0 and x1 carry the arguments of a frame's function. All other
 * registers are dead over a call; the thread pointer is the same on every task of a
 * context, since clone without CLONE_SETTLS leaves the parent's.
 *
 * No register belongs to the OS thread: the task is found by the thread's id, in a
 * table (arch.c). Everything leaves by `ret` with the address in x30, never by `br`,
 * which could not go to a caller where branch targets are checked (BTI).
 */
#include <asm/unistd.h>
#include "arch.h"

	.arch armv8-a+fp+simd /* kernel-side C uses neither, and says so to the compiler */

	.hidden sys_indirect, sys_dispatch, enter_ring_wait, enter_ring_room, enter_home
	.hidden sys_park, sys_exit_task, arch_task_by_id

/* The file keeps to BTI: each function that may be jumped to begins with `bti c`. */
	.section .note.gnu.property, "a"
	.p2align 3
	.word 4, 16, 5
	.asciz "GNU"
	.word 0xc0000000, 4, 1, 0

	.text

	.macro FUNCTION name
	.globl \name
	.type \name, @function
	.p2align 4
\name:
.Lbegin_\name:
	.cfi_startproc
	hint #34 /* bti c */
	.endm

	.macro END name
	.cfi_endproc
	.size \name, . - \name
	.endm

/* The task of this OS thread into \to; uses x0, x8 and no stack. */
	.macro TASK_OF_THREAD to
	mov x8, #__NR_gettid
	svc #0
	adrp \to, arch_task_by_id
	ldr \to, [\to, :lo12:arch_task_by_id]
	ldr \to, [\to, x0, lsl #3]
	.endm

/*
 * Saves the user context and runs \cfunc(x0, x1, x2, x3, x4 = task) on the task's
 * kernel stack. When it returns with how != RESULT_FRAME nothing was moved: the
 * callee-saved registers are as they were and only the stack is switched back.
 */
	.macro ENTRY_POINT name, cfunc
	.hidden \name
	FUNCTION \name
	mov x9, x0
	TASK_OF_THREAD x4
	mov x0, x9
	mov x10, sp
	mrs x11, fpcr
	mrs x12, fpsr
	stp x19, x20, [x4, #PT_X19]
	stp x21, x22, [x4, #PT_X19 + 16]
	stp x23, x24, [x4, #PT_X19 + 32]
	stp x25, x26, [x4, #PT_X19 + 48]
	stp x27, x28, [x4, #PT_X19 + 64]
	stp x29, x30, [x4, #PT_X29]
	stp x10, x11, [x4, #PT_SP]
	stp d8, d9, [x4, #PT_D8]
	stp d10, d11, [x4, #PT_D8 + 16]
	stp d12, d13, [x4, #PT_D8 + 32]
	stp d14, d15, [x4, #PT_D8 + 48]
	stp x12, x18, [x4, #PT_FPSR]
	mov sp, x4
	.cfi_undefined x30
	bl \cfunc
	cmp w1, #RESULT_FRAME
	b.eq return_to_user
	mov x9, sp
	ldr x30, [x9, #PT_PC]
	ldr x10, [x9, #PT_SP]
	mov sp, x10
	ret
	END \name
	.endm

	ENTRY_POINT syslet_enter_indirect, sys_indirect
	ENTRY_POINT syslet_enter_dispatch, sys_dispatch
	ENTRY_POINT syslet_enter_ring_wait, enter_ring_wait
	ENTRY_POINT syslet_enter_ring_room, enter_ring_room
	ENTRY_POINT syslet_enter_home, enter_home

/*
 * The return functions. They come from a frame: no return address, a stack that
 * other tasks may share, a thread pointer that runs elsewhere. So they touch
 * neither and leave for the task's own kernel stack at once.
 */
	.macro RETURN_FUNCTION name, cfunc
	FUNCTION \name
	.cfi_undefined x30
	TASK_OF_THREAD x9
	mov sp, x9
	mov x0, x9
	bl \cfunc
	b return_to_user
	END \name
	.endm

	RETURN_FUNCTION syslet_park, sys_park
	RETURN_FUNCTION syslet_exit, sys_exit_task

/*
 * Leaves for user space by the task's pt_regs. Precondition: sp is the task (its
 * kernel stack is empty), x0 and x1 are the two result registers; for a frame they
 * become its function's arguments.
 *
 * A frame whose function is one of the two above stays here: there the task is found by
 * a system call, behind which a signal may come, and what the host then writes below the
 * stack pointer is more than a page. A frame's stack need not have so much.
 */
	.type return_to_user, @function
	.p2align 4
return_to_user:
	.cfi_startproc
	.cfi_undefined x30
	mov x9, sp
	cmp w1, #RESULT_FRAME
	b.ne 1f
	ldr x10, [x9, #PT_PC]
	adr x11, .Lbegin_syslet_park
	cmp x10, x11
	b.eq 2f
	adr x11, .Lbegin_syslet_exit
	cmp x10, x11
	b.eq 3f
	ldp x0, x1, [x9, #PT_X0]
1:	ldp x10, x11, [x9, #PT_SP]
	ldp x12, x18, [x9, #PT_FPSR]
	msr fpcr, x11
	msr fpsr, x12
	ldp x19, x20, [x9, #PT_X19]
	ldp x21, x22, [x9, #PT_X19 + 16]
	ldp x23, x24, [x9, #PT_X19 + 32]
	ldp x25, x26, [x9, #PT_X19 + 48]
	ldp x27, x28, [x9, #PT_X19 + 64]
	ldp x29, x30, [x9, #PT_X29]
	ldp d8, d9, [x9, #PT_D8]
	ldp d10, d11, [x9, #PT_D8 + 16]
	ldp d12, d13, [x9, #PT_D8 + 32]
	ldp d14, d15, [x9, #PT_D8 + 48]
	mov sp, x10
	ret
2:	mov x0, x9
	bl sys_park
	b return_to_user
3:	mov x0, x9
	bl sys_exit_task
	b return_to_user
	.cfi_endproc
	.size return_to_user, . - return_to_user

/*
 * long create_syslet_thread(long (*fn)(struct task *), struct task *task, flags)
 * v7's: a new thread that runs fn and then returns to user space by its pt_regs,
 * with fn's result in x0 and HOW_PENDING beside it. The parent gets the tid.
 * The child's first instructions put it into the table of tasks.
 */
	FUNCTION create_syslet_thread
	mov x9, x0
	mov x10, x1
	mov x0, x2
	add x2, x10, #TASK_TID
	mov x3, xzr
	add x4, x10, #TASK_ALIVE
	mov x8, #__NR_clone
	svc #0
	cbz x0, 1f
	ret
1:	.cfi_undefined x30
	mov x19, x9
	mov x20, x10
	mov x29, xzr
	mov x0, x20
	bl arch_set_task
	mov x0, x20
	blr x19
	mov x1, #1
	b return_to_user
	END create_syslet_thread

	FUNCTION arch_sigreturn
	mov x8, #__NR_rt_sigreturn
	svc #0
	END arch_sigreturn

/*
 * void arch_exit_thread(void): uses no stack, which its reaper may free. The next
 * thread of this id is no task.
 */
	FUNCTION arch_exit_thread
	mov x8, #__NR_gettid
	svc #0
	adrp x9, arch_task_by_id
	ldr x9, [x9, :lo12:arch_task_by_id]
	str xzr, [x9, x0, lsl #3]
	mov x0, xzr
	mov x8, #__NR_exit
	svc #0
	brk #1
	END arch_exit_thread

/* long host_syscall6(nr, a, b, c, d, e, f) */
	.globl host_syscall_ip
	FUNCTION host_syscall6
	mov x8, x0
	mov x0, x1
	mov x1, x2
	mov x2, x3
	mov x3, x4
	mov x4, x5
	mov x5, x6
	svc #0
host_syscall_ip:
	ret
	END host_syscall6

/* long call_indirect(const struct indirect_registers *) */
	.globl call_indirect_ip
	FUNCTION call_indirect
	mov x9, x0
	ldr x8, [x9]
	ldp x0, x1, [x9, #8]
	ldp x2, x3, [x9, #24]
	ldp x4, x5, [x9, #40]
	svc #0
call_indirect_ip:
	ret
	END call_indirect

/*
 * Access to user memory. A fault anywhere between uaccess_start and uaccess_end
 * goes on at uaccess_fault (arch_fix_fault, for native/host/signals.c). These
 * functions are leaves that push nothing, so that the fix-up can return for them.
 */
	.globl uaccess_start, uaccess_end
	.p2align 4
uaccess_start:

/* long copy_user(void *to, const void *from, u64 bytes): 0 or -EFAULT */
	FUNCTION copy_user
	subs x2, x2, #8
	b.lo 2f
1:	ldr x3, [x1], #8
	str x3, [x0], #8
	subs x2, x2, #8
	b.hs 1b
2:	adds x2, x2, #8
	b.eq 4f
3:	ldrb w3, [x1], #1
	strb w3, [x0], #1
	subs x2, x2, #1
	b.ne 3b
4:	mov x0, xzr
	ret
	END copy_user

	FUNCTION put_user_u32
	str w1, [x0]
	mov x0, xzr
	ret
	END put_user_u32

	FUNCTION put_user_u64
	str x1, [x0]
	mov x0, xzr
	ret
	END put_user_u64

/* Writes back the \bytes bytes at x2, one by one. */
	.macro PROBE_BYTES bytes
	add x6, x2, #\bytes
1:	sub x6, x6, #1
2:	ldaxrb w0, [x6]
	stlxrb w3, w0, [x6]
	cbnz w3, 2b
	cmp x6, x2
	b.ne 1b
	.endm

/*
 * struct user_word probe_user_u32(u64 address): reads a word and shows that it can
 * be written. Atomic, because others may be writing the same word. At an address that
 * is not aligned such an access faults here, and succeeds on x86: there each byte is
 * written back alone, if nobody changed it meanwhile.
 */
	FUNCTION probe_user_u32
	mov x2, x0
	tst x2, #3
	b.ne 4f
3:	ldaxr w0, [x2]
	stlxr w3, w0, [x2]
	cbnz w3, 3b
	mov x1, xzr
	ret
4:	PROBE_BYTES 4
	ldr w0, [x2]
	mov x1, xzr
	ret
	END probe_user_u32

	FUNCTION probe_user_u64
	mov x2, x0
	tst x2, #7
	b.ne 4f
3:	ldaxr x0, [x2]
	stlxr w3, x0, [x2]
	cbnz w3, 3b
	mov x0, xzr
	ret
4:	PROBE_BYTES 8
	mov x0, xzr
	ret
	END probe_user_u64

uaccess_end:
	.globl uaccess_fault
	.type uaccess_fault, @function
uaccess_fault:
	mov x0, #-14
	mov x1, #-14
	ret
	.size uaccess_fault, . - uaccess_fault

	.section .note.GNU-stack, "", @progbits
