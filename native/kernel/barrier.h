/* SPDX-License-Identifier: MIT */
/*
 * Memory-order words, in one place. Every use names its partner.
 */
#ifndef SYSLETS_BARRIER_H
#define SYSLETS_BARRIER_H

#include "arch.h"

#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/*
 * Those that return a value are full barriers, as Linux has them. On x86 they are by
 * themselves; on aarch64 a later load may pass the store of one.
 */
#if ARCH_STORES_IN_ORDER
#define smp_mb_after_rmw() barrier()
#else
#define smp_mb_after_rmw() smp_mb()
#endif

#define xchg(p, v)                                                                                 \
	({                                                                                         \
		__typeof__(*(p)) __was = __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST);          \
                                                                                                   \
		smp_mb_after_rmw();                                                                \
		__was;                                                                             \
	})
#define atomic_add_return(p, v)                                                                    \
	({                                                                                         \
		__typeof__(*(p)) __sum = __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST);           \
                                                                                                   \
		smp_mb_after_rmw();                                                                \
		__sum;                                                                             \
	})
#define atomic_inc(p) ((void)__atomic_fetch_add((p), 1, __ATOMIC_RELAXED))

/* 1 if *p was old and is now new, else 0; full barrier when it succeeds */
#define cmpxchg_bool(p, old, new)                                                                  \
	({                                                                                         \
		__typeof__(*(p)) __old = (old);                                                    \
		int __done = __atomic_compare_exchange_n((p), &__old, (new), 0, __ATOMIC_SEQ_CST,  \
							 __ATOMIC_RELAXED);                        \
                                                                                                   \
		if (__done)                                                                        \
			smp_mb_after_rmw();                                                        \
		__done;                                                                            \
	})

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
