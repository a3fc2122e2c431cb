/* SPDX-License-Identifier: MIT */
/*
 * The callee-saved state of a processor, for a test that moves it.
 *
 *   SAVED            how many callee-saved registers there are, 8 bytes each
 *   move_with        calls move_from_assembly with those registers from saved, which then
 *                    gets what they are afterwards
 *   fp_control       the rounding modes of the floating-point units, one of ROUNDINGS
 */
#ifndef SYSLETS_TEST_SAVED_STATE_H
#define SYSLETS_TEST_SAVED_STATE_H

#include "t.h"

#if defined(__x86_64__)
#define SAVED 6 /* rbx, rbp, r12 to r15 */
#define ROUNDINGS 4
#elif defined(__aarch64__)
#define SAVED 18 /* x19 to x28, d8 to d15 */
#define ROUNDINGS 4
#endif

void move_with(uint64_t saved[SAVED]);
void move_from_assembly(void);

#if defined(__x86_64__)

__asm__(".text\n"
	".type move_with, @function\n"
	".globl move_with\n"
	"move_with:\n"
	"pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
	"pushq %rdi\n"
	"movq 0(%rdi), %rbx\n movq 8(%rdi), %rbp\n movq 16(%rdi), %r12\n"
	"movq 24(%rdi), %r13\n movq 32(%rdi), %r14\n movq 40(%rdi), %r15\n"
	"call move_from_assembly\n"
	"popq %rdi\n"
	"movq %rbx, 0(%rdi)\n movq %rbp, 8(%rdi)\n movq %r12, 16(%rdi)\n"
	"movq %r13, 24(%rdi)\n movq %r14, 32(%rdi)\n movq %r15, 40(%rdi)\n"
	"popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"
	"ret\n"
	".size move_with, . - move_with\n");

#define MXCSR_STICKY 0x3fu /* exceptions that were seen */

static unsigned fp_control(void)
{
	uint32_t mxcsr;
	uint16_t fpucw;

	__asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(fpucw));
	CHECK_EQ(mxcsr >> 13 & 3, fpucw >> 10 & 3);
	CHECK_EQ(mxcsr & ~MXCSR_STICKY & ~(3u << 13), 0x1f80);
	CHECK_EQ(fpucw & ~(3u << 10), 0x37f);
	return mxcsr >> 13 & 3;
}

static void set_fp_control(unsigned rounding)
{
	uint32_t mxcsr = 0x1f80 | rounding << 13;
	uint16_t fpucw = (uint16_t)(0x37f | rounding << 10);

	__asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(mxcsr), "m"(fpucw));
}

#elif defined(__aarch64__)

__asm__(".text\n"
	".type move_with, %function\n"
	".globl move_with\n"
	".balign 4\n"
	"move_with:\n"
	"stp x29, x30, [sp, #-176]!\n"
	"stp x19, x20, [sp, #16]\n stp x21, x22, [sp, #32]\n stp x23, x24, [sp, #48]\n"
	"stp x25, x26, [sp, #64]\n stp x27, x28, [sp, #80]\n"
	"stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n"
	"stp d12, d13, [sp, #128]\n stp d14, d15, [sp, #144]\n str x0, [sp, #160]\n"
	"ldp x19, x20, [x0]\n ldp x21, x22, [x0, #16]\n ldp x23, x24, [x0, #32]\n"
	"ldp x25, x26, [x0, #48]\n ldp x27, x28, [x0, #64]\n"
	"ldp d8, d9, [x0, #80]\n ldp d10, d11, [x0, #96]\n"
	"ldp d12, d13, [x0, #112]\n ldp d14, d15, [x0, #128]\n"
	"bl move_from_assembly\n"
	"ldr x0, [sp, #160]\n"
	"stp x19, x20, [x0]\n stp x21, x22, [x0, #16]\n stp x23, x24, [x0, #32]\n"
	"stp x25, x26, [x0, #48]\n stp x27, x28, [x0, #64]\n"
	"stp d8, d9, [x0, #80]\n stp d10, d11, [x0, #96]\n"
	"stp d12, d13, [x0, #112]\n stp d14, d15, [x0, #128]\n"
	"ldp x19, x20, [sp, #16]\n ldp x21, x22, [sp, #32]\n ldp x23, x24, [sp, #48]\n"
	"ldp x25, x26, [sp, #64]\n ldp x27, x28, [sp, #80]\n"
	"ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n"
	"ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
	"ldp x29, x30, [sp], #176\n"
	"ret\n"
	".size move_with, . - move_with\n");

static unsigned fp_control(void)
{
	uint64_t fpcr;

	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	CHECK_EQ(fpcr & ~(3ull << 22), 0);
	return fpcr >> 22 & 3;
}

static void set_fp_control(unsigned rounding)
{
	uint64_t fpcr = (uint64_t)rounding << 22;

	__asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
}

#endif

#endif
