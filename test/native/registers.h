/* SPDX-License-Identifier: MIT */
/*
 * What a processor names differently: the members of struct indirect_registers (v7 has those
 * of x86, other processors have ours), those of struct pt_regs, and a few instructions.
 */
#ifndef SYSLETS_TEST_REGISTERS_H
#define SYSLETS_TEST_REGISTERS_H

#if defined(__x86_64__)

#define NR rax
#define ARG0 rdi
#define ARG1 rsi
#define ARG2 rdx
#define ARG3 r10
#define ARG4 r8
#define ARG5 r9
#define USER_IP rip
#define USER_SP rsp
#define FRAME_ERROR rdi
#define FRAME_DATA rsi

/* A system call without libc, which uses the thread pointer of a context that runs elsewhere. */
static inline long raw_call(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

/*
 * A frame's function: `run` in C, with the frame's two arguments and its stack pointer, and then
 * a return function. At its entry nothing is on the stack; it makes it one that C can use.
 */
#define FRAME_FUNCTION(name, run)                                                                  \
	__asm__(".text\n.globl " #name "\n" #name ":\n"                                            \
		"	movq %rsp, %rdx\n"                                                             \
		"	andq $-16, %rsp\n"                                                             \
		"	call " #run "\n"                                                               \
		"	jmp syslet_park\n");                                                           \
	extern const char name[]

#define JUMP(name, to)                                                                             \
	__asm__(".text\n.globl " #name "\n" #name ":\n"                                            \
		"	jmp " #to "\n");                                                               \
	extern const char name[]

#elif defined(__aarch64__)

#define NR x8
#define ARG0 x0
#define ARG1 x1
#define ARG2 x2
#define ARG3 x3
#define ARG4 x4
#define ARG5 x5
#define USER_IP pc
#define USER_SP sp
#define FRAME_ERROR x0
#define FRAME_DATA x1

static inline long raw_call(long nr, long a, long b, long c)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}

#define FRAME_FUNCTION(name, run)                                                                  \
	__asm__(".text\n.balign 4\n.globl " #name "\n" #name ":\n"                                 \
		"	hint #34\n"                                                                    \
		"	mov x2, sp\n"                                                                  \
		"	and x9, x2, #-16\n"                                                            \
		"	mov sp, x9\n"                                                                  \
		"	bl " #run "\n"                                                                 \
		"	b syslet_park\n");                                                             \
	extern const char name[]

#define JUMP(name, to)                                                                             \
	__asm__(".text\n.balign 4\n.globl " #name "\n" #name ":\n"                                 \
		"	hint #34\n"                                                                    \
		"	b " #to "\n");                                                                 \
	extern const char name[]

#endif

#endif
