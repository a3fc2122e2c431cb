/* SPDX-License-Identifier: MIT */
/*
 * The shapes of the syslets v7 ABI, as C. Nothing but <stdint.h> is needed.
 *
 * Source: Zach Brown's thread of 2007-12-06 ("syslets v7: back to basics"):
 * patch 2 (asm-generic frame), 3 (args, completion, ring), 4 (indirect
 * params), 6 (x86 frame, numbers); the register structs are those of the
 * "indirect v6" patches under it. docs/abi.md has the table of sizes.
 *
 * A C++ file must not take sizeof of these: an empty struct has size 0 in GNU C
 * and 1 in C++. C tells C++ the numbers (syslet_shapes in syslets.h).
 */
#ifndef SYSLETS_ABI_H
#define SYSLETS_ABI_H

#include <stdint.h>

/* "pending": errno of a call that was handed over. ERFKILL on today's Linux. */
#define ESYSLETPENDING 132

/* Ours: see syslet_when_unwatched. */
#define SYSLET_LOOKED 4089
#define SYSLET_NOT_MADE 4090
#define SYSLET_SURFACED 4091

#if defined(__i386__)
#define SYSLET_NR_V7_INDIRECT 325
#define SYSLET_NR_V7_RING_WAIT 326
#else
#define SYSLET_NR_V7_INDIRECT 286
#define SYSLET_NR_V7_RING_WAIT 287
#endif

/*
 * Our two calls where they are named inside indirect_registers: outside of the
 * host's range, since the host's 286 is timerfd_settime.
 */
#define SYSLET_NR_INDIRECT 0x53590000L
#define SYSLET_NR_RING_WAIT 0x53590001L

/* Where and on what stack the original thread returns when its call is over. */
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
struct syslet_frame {
	uint64_t ip; /*  0 address of the return function */
	uint64_t sp; /*  8 stack pointer at its entry; nothing is pushed */
};
#else
struct syslet_frame { /* patch 2: an architecture without syslets */
};
#endif

struct syslet_args {
	union { /* 0: the posted header's name, and that of basic.c and fio */
		uint64_t completion_ring_ptr;
		uint64_t ring_ptr;
	};
	uint64_t caller_data;	   /*  8 comes back in the completion */
	struct syslet_frame frame; /* 16 */
};

struct syslet_completion {
	uint64_t status;      /* 0 the call's result: value or -errno */
	uint64_t caller_data; /* 8 */
};

/*
 * 16 + 16 n bytes, aligned to a u64 by its user; n = elements is a power of two.
 * Indexes wrap: head - tail is the number of completions not yet reaped. ISO C++ has no
 * flexible arrays: there the completions begin at (struct syslet_completion *)(ring + 1).
 */
struct syslet_ring {
#ifdef __cplusplus
	alignas(syslet_completion)
#endif
	uint32_t kernel_head; /*  0 written by the kernel side */
	uint32_t user_tail;   /*  4 written by the reader */
	uint32_t elements;    /*  8 */
	uint32_t wait_group;  /* 12 chooses mutex and wait queue */
#ifndef __cplusplus
	struct syslet_completion comp[];
#endif
};

#if defined(__x86_64__)
struct indirect_registers {
	uint64_t rax; /* system call number */
	uint64_t rdi;
	uint64_t rsi;
	uint64_t rdx;
	uint64_t r10;
	uint64_t r8;
	uint64_t r9;
};

struct indirect_registers32 { /* of a 32-bit task */
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint32_t esi;
	uint32_t edi;
	uint32_t ebp;
};
#elif defined(__i386__)
struct indirect_registers {
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint32_t esi;
	uint32_t edi;
	uint32_t ebp;
};
#elif defined(__aarch64__)
struct indirect_registers {
	uint64_t x8; /* system call number */
	uint64_t x0;
	uint64_t x1;
	uint64_t x2;
	uint64_t x3;
	uint64_t x4;
	uint64_t x5;
};
#else
struct indirect_registers { /* ours: v7 names no registers here */
	uint64_t nr;
	uint64_t arg[6];
};
#endif

struct syslet_file_flags {
	int flags; /* O_CLOEXEC, O_NONBLOCK for the descriptor that a listed call creates */
};

union indirect_params {
	struct syslet_file_flags file_flags;
	struct syslet_args syslet;
};

/*
 * Both kinds at once, patch 4's open question: a struct of its own, told apart
 * by paramslen. The default policy takes it, v7 refuses it as too long.
 */
struct indirect_params_both {
	struct syslet_args syslet;
	struct syslet_file_flags file_flags;
	int reserved;
};

enum syslet_place_flags {
	SYSLET_PLACE_WAKE = 1, /* who waits for *done_ptr with FUTEX_WAIT_PRIVATE is woken */
	SYSLET_PLACE_EVENT = 2 /* 1 is added to eventfd, which is EFD_NONBLOCK */
};

/*
 * Where the result of a call goes that has no ring. 24 bytes, aligned to a u64. Rusty
 * Russell asked for it on 2008-01-09: "why not just specify an address for the return value".
 */
struct syslet_result_place {
	uint64_t status_ptr; /*  0 of a u64, aligned: the value or -errno is stored there */
	uint64_t done_ptr;   /*  8 of a u32, aligned: 1 is stored there afterwards; or 0 */
	uint32_t flags;	     /* 16 enum syslet_place_flags */
	int32_t eventfd;     /* 20 */
};

/*
 * A syslet whose result goes to an address: told apart by paramslen, which is exactly this
 * size, 64 bytes. syslet.ring_ptr is 0. The default policy takes it, v7 refuses it as too long.
 */
struct indirect_params_placed {
	struct syslet_args syslet;
	struct syslet_file_flags file_flags;
	int reserved; /* 0 */
	struct syslet_result_place place;
};

#endif
