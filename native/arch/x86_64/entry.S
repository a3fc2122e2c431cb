/* SPDX-License-Identifier: MIT */
/*
 * x86_64 entry, return and context creation. Assembly without logic.
 *
 *   user stack                          kernel stack of the task (64 KiB)
 *   |  caller's frame     |             | struct task             | <- GS base
 *   |---------------------|             |   .regs (struct pt_regs)|
 *   |  return address     | <- rsp at   |-------------------------| <- rsp at entry
 *   |                     |    entry    |  C frames               |
 *   |                     |             |  signal frames          |
 *   |                     |             |  guard page             |
 *
 * Why each register is or is not in pt_regs: rbx, rbp, r12-r15, MXCSR and the
 * x87 control word are the C ABI's callee-saved state; rip and rsp are where
 * the caller goes on; PKRU is per OS thread; rdi and rsi carry the arguments
 * of a frame's function. All other registers are dead over a call, FS base is
 * the same on every task of a context, GS base belongs to the OS thread.
 */
#include "arch.h"

#define NR_ARCH_PRCTL 158
#define NR_CLONE 56
#define NR_EXIT 60
#define NR_RT_SIGRETURN 15
#define ARCH_SET_GS 0x1001
#define ARCH_GET_GS 0x1004

	.hidden arch_has_pkru, arch_has_fsgsbase
	.hidden sys_indirect, sys_dispatch, enter_ring_wait, enter_ring_room, enter_home
	.hidden sys_park, sys_exit_task

	.text

/*
 * For debuggers and profilers, while rsp is the task: the caller's frame begins at pt_regs.rsp,
 * and goes on at pt_regs.rip, times (state == TASK_CARRYING). The stack of a call that was
 * handed over has gone on with its context, so there the unwinder finds 0, and stops.
 */
#define DW_CFA_DEF_CFA_EXPRESSION 0x0f
#define DW_CFA_VAL_EXPRESSION 0x16
#define DW_COLUMN_RIP 16
#define DW_OP_DEREF 0x06
#define DW_OP_BREG7_RSP 0x77
#define DW_OP_DEREF_SIZE 0x94
#define DW_OP_LIT1 0x31 /* TASK_CARRYING */
#define DW_OP_EQ 0x29
#define DW_OP_MUL 0x1e
#define SLEB128_TWO_BYTES(n) ((n) & 0x7f) | 0x80, (n) >> 7
	.macro CFI_USER_CONTEXT
	.cfi_escape DW_CFA_DEF_CFA_EXPRESSION, 3, DW_OP_BREG7_RSP, PT_RSP, DW_OP_DEREF
	.cfi_escape DW_CFA_VAL_EXPRESSION, DW_COLUMN_RIP, 11, DW_OP_BREG7_RSP, PT_RIP, DW_OP_DEREF, \
		DW_OP_BREG7_RSP, SLEB128_TWO_BYTES(TASK_STATE), DW_OP_DEREF_SIZE, 4, DW_OP_LIT1, \
		DW_OP_EQ, DW_OP_MUL
	.endm

/*
 * Saves the user context and runs \cfunc(rdi, rsi, rdx, rcx, r8 = task) on the
 * task's kernel stack. When it returns with how != RESULT_FRAME nothing was moved:
 * the callee-saved registers are as they were and only the stack is switched
 * back. Ends in ret, so that the processor's return predictor stays in step.
 */
	.macro ENTRY_POINT name, cfunc
	.globl \name
	.hidden \name
	.type \name, @function
	.p2align 5
\name:
	.cfi_startproc
	movq %gs:TASK_SELF, %r8
	movq (%rsp), %r10
	leaq 8(%rsp), %r11
	movq %rbx, PT_RBX(%r8)
	movq %rbp, PT_RBP(%r8)
	movq %r12, PT_R12(%r8)
	movq %r13, PT_R13(%r8)
	movq %r14, PT_R14(%r8)
	movq %r15, PT_R15(%r8)
	movq %r10, PT_RIP(%r8)
	movq %r11, PT_RSP(%r8)
	stmxcsr PT_MXCSR(%r8)
	fnstcw PT_FPUCW(%r8)
	cmpl $0, arch_has_pkru(%rip)
	jne 1f
2:	movq %r8, %rsp
	.cfi_remember_state
	CFI_USER_CONTEXT
	call \cfunc
	cmpl $RESULT_FRAME, %edx
	je return_to_user
	movq PT_RSP(%rsp), %rsp
	.cfi_restore_state
	.cfi_def_cfa rsp, 0
	subq $8, %rsp
	.cfi_def_cfa rsp, 8
	ret
1:	movq %rcx, %r9
	movq %rdx, %r10
	xorl %ecx, %ecx
	rdpkru
	movl %eax, PT_PKRU(%r8)
	movq %r9, %rcx
	movq %r10, %rdx
	jmp 2b
	.cfi_endproc
	.size \name, . - \name
	.endm

	ENTRY_POINT syslet_enter_indirect, sys_indirect
	ENTRY_POINT syslet_enter_dispatch, sys_dispatch
	ENTRY_POINT syslet_enter_ring_wait, enter_ring_wait
	ENTRY_POINT syslet_enter_ring_room, enter_ring_room
	ENTRY_POINT syslet_enter_home, enter_home

/*
 * The return functions. They come from a frame: no return address, a stack that
 * other tasks may share, a thread pointer that runs elsewhere. So they touch
 * nothing but GS and leave for the task's own kernel stack at once.
 */
	.macro RETURN_FUNCTION name, cfunc
	.globl \name
	.type \name, @function
	.p2align 4
\name:
	.cfi_startproc
	.cfi_undefined rip
	movq %gs:TASK_SELF, %rdi
	movq %rdi, %rsp
	call \cfunc
	jmp return_to_user
	.cfi_endproc
	.size \name, . - \name
	.endm

	RETURN_FUNCTION syslet_park, sys_park
	RETURN_FUNCTION syslet_exit, sys_exit_task

/*
 * Leaves for user space by the task's pt_regs. Precondition: rsp is the task
 * (its kernel stack is empty), rax and rdx are the two result registers.
 */
	.type return_to_user, @function
	.p2align 4
return_to_user:
	.cfi_startproc
	.cfi_undefined rip
	movq %rsp, %r8
	ldmxcsr PT_MXCSR(%r8)
	fldcw PT_FPUCW(%r8)
	cmpl $0, arch_has_pkru(%rip)
	jne 1f
2:	movq PT_RBX(%r8), %rbx
	movq PT_RBP(%r8), %rbp
	movq PT_R12(%r8), %r12
	movq PT_R13(%r8), %r13
	movq PT_R14(%r8), %r14
	movq PT_R15(%r8), %r15
	movq PT_RDI(%r8), %rdi
	movq PT_RSI(%r8), %rsi
	movq PT_RIP(%r8), %r11
	movq PT_RSP(%r8), %rsp
	jmp *%r11
1:	movq %rax, %r9
	movq %rdx, %r10
	xorl %ecx, %ecx
	rdpkru
	cmpl PT_PKRU(%r8), %eax
	je 3f
	movl PT_PKRU(%r8), %eax
	xorl %ecx, %ecx
	xorl %edx, %edx
	wrpkru
3:	movq %r9, %rax
	movq %r10, %rdx
	jmp 2b
	.cfi_endproc
	.size return_to_user, . - return_to_user

/*
 * long create_syslet_thread(long (*fn)(struct task *), struct task *task, flags)
 * v7's: a new thread that runs fn and then returns to user space by its pt_regs,
 * with fn's result in rax and HOW_PENDING beside it. The parent gets the tid.
 * The child's first instruction gives it a GS base of its own.
 */
	.globl create_syslet_thread
	.type create_syslet_thread, @function
	.p2align 4
create_syslet_thread:
	.cfi_startproc
	pushq %r12
	.cfi_adjust_cfa_offset 8
	pushq %r13
	.cfi_adjust_cfa_offset 8
	movq %rdi, %r12
	movq %rsi, %r13
	movq %rdx, %rdi
	leaq TASK_TID(%r13), %rdx
	leaq TASK_ALIVE(%r13), %r10
	xorl %r8d, %r8d
	movl $NR_CLONE, %eax
	syscall
	testq %rax, %rax
	jz 1f
	popq %r13
	.cfi_adjust_cfa_offset -8
	popq %r12
	.cfi_adjust_cfa_offset -8
	ret
1:	.cfi_undefined rip
	movq %r13, %rdi
	call arch_set_task
	movq %r13, %rdi
	call *%r12
	movl $1, %edx
	jmp return_to_user
	.cfi_endproc
	.size create_syslet_thread, . - create_syslet_thread

/* void arch_set_task(struct task *): GS base of this OS thread; NULL takes it away */
	.globl arch_set_task
	.type arch_set_task, @function
	.p2align 4
arch_set_task:
	.cfi_startproc
	cmpl $0, arch_has_fsgsbase(%rip)
	je 1f
	wrgsbase %rdi
	ret
1:	movq %rdi, %rsi
	movl $ARCH_SET_GS, %edi
	movl $NR_ARCH_PRCTL, %eax
	syscall
	ret
	.cfi_endproc
	.size arch_set_task, . - arch_set_task

/* struct task *arch_task_of_thread(void): 0 on a thread that is not a task */
	.globl arch_task_of_thread
	.type arch_task_of_thread, @function
	.p2align 4
arch_task_of_thread:
	.cfi_startproc
	cmpl $0, arch_has_fsgsbase(%rip)
	je 1f
	rdgsbase %rax
	ret
1:	subq $24, %rsp
	.cfi_adjust_cfa_offset 24
	movq $0, (%rsp)
	movl $ARCH_GET_GS, %edi
	movq %rsp, %rsi
	movl $NR_ARCH_PRCTL, %eax
	syscall
	movq (%rsp), %rax
	addq $24, %rsp
	.cfi_adjust_cfa_offset -24
	ret
	.cfi_endproc
	.size arch_task_of_thread, . - arch_task_of_thread

/*
 * gdb, libgcc and libunwind know a signal's frame by these very bytes (movq and not movl) where
 * there are no tables. They look for tables one byte before: the nop has none.
 */
	.globl arch_sigreturn
	.type arch_sigreturn, @function
	.p2align 4
	nop
arch_sigreturn:
	movq $NR_RT_SIGRETURN, %rax
	syscall
	.size arch_sigreturn, . - arch_sigreturn

/* void arch_exit_thread(void): uses no stack, which its reaper may free */
	.globl arch_exit_thread
	.type arch_exit_thread, @function
arch_exit_thread:
	xorl %edi, %edi
	movl $NR_EXIT, %eax
	syscall
	ud2
	.size arch_exit_thread, . - arch_exit_thread

/* long host_syscall6(nr, a, b, c, d, e, f) */
	.globl host_syscall6, host_syscall_ip
	.type host_syscall6, @function
	.p2align 4
host_syscall6:
	.cfi_startproc
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	movq %r9, %r8
	movq 8(%rsp), %r9
	syscall
host_syscall_ip:
	ret
	.cfi_endproc
	.size host_syscall6, . - host_syscall6

/*
 * The call of the registers at rdi, and a jump to rbx. Where the host's kernel guards its own
 * returns, each ret that follows a system call is predicted wrongly (docs/architecture.md,
 * "What it costs"): arch_call comes here without a call, and is left without a ret.
 */
	.globl call_host_registers, call_indirect_ip
	.hidden call_host_registers
	.type call_host_registers, @function
	.p2align 4
call_host_registers:
	.cfi_startproc
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rbx
	movq 0(%rdi), %rax
	movq 16(%rdi), %rsi
	movq 24(%rdi), %rdx
	movq 32(%rdi), %r10
	movq 40(%rdi), %r8
	movq 48(%rdi), %r9
	movq 8(%rdi), %rdi
	syscall
call_indirect_ip:
	jmp *%rbx
	.cfi_endproc
	.size call_host_registers, . - call_host_registers

/* long call_indirect(const struct indirect_registers *): the same as a function */
	.globl call_indirect
	.type call_indirect, @function
	.p2align 4
call_indirect:
	.cfi_startproc
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	leaq 1f(%rip), %rbx
	jmp call_host_registers
1:	popq %rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	ret
	.cfi_endproc
	.size call_indirect, . - call_indirect

/*
 * Access to user memory. A fault anywhere between uaccess_start and uaccess_end
 * goes on at uaccess_fault (arch_fix_fault, for native/host/signals.c). These functions are leaves that
 * push nothing, so that the fix-up can return for them.
 */
	.globl uaccess_start, uaccess_end, uaccess_fault
	.p2align 4
uaccess_start:

/* long copy_user(void *to, const void *from, u64 bytes): 0 or -EFAULT */
	.globl copy_user
	.type copy_user, @function
copy_user:
	xorl %eax, %eax
	subq $8, %rdx
	jb 2f
1:	movq (%rsi), %rcx
	movq %rcx, (%rdi)
	addq $8, %rsi
	addq $8, %rdi
	subq $8, %rdx
	jae 1b
2:	addq $8, %rdx
	je 4f
3:	movb (%rsi), %cl
	movb %cl, (%rdi)
	incq %rsi
	incq %rdi
	decq %rdx
	jne 3b
4:	ret
	.size copy_user, . - copy_user

	.globl put_user_u32
	.type put_user_u32, @function
put_user_u32:
	movl %esi, (%rdi)
	xorl %eax, %eax
	ret
	.size put_user_u32, . - put_user_u32

	.globl put_user_u64
	.type put_user_u64, @function
put_user_u64:
	movq %rsi, (%rdi)
	xorl %eax, %eax
	ret
	.size put_user_u64, . - put_user_u64

/*
 * struct user_word probe_user_u32(u64 address): reads a word and shows that it can
 * be written. Atomic, because others may be writing the same word.
 */
	.globl probe_user_u32
	.type probe_user_u32, @function
probe_user_u32:
	xorl %eax, %eax
	lock xaddl %eax, (%rdi)
	xorl %edx, %edx
	ret
	.size probe_user_u32, . - probe_user_u32

	.globl probe_user_u64
	.type probe_user_u64, @function
probe_user_u64:
	lock orq $0, (%rdi)
	xorl %eax, %eax
	ret
	.size probe_user_u64, . - probe_user_u64

uaccess_end:
uaccess_fault:
	movq $-14, %rax
	movq $-14, %rdx
	ret

	.section .note.GNU-stack, "", @progbits
