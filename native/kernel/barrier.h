/* SPDX-License-Identifier: MIT */
/*
 * Memory-order words, in one place. Every use names its partner.
 */
#ifndef SYSLETS_BARRIER_H
#define SYSLETS_BARRIER_H

#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

#define xchg(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define atomic_add_return(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define atomic_inc(p) ((void)__atomic_fetch_add((p), 1, __ATOMIC_RELAXED))

/* 1 if *p was old and is now new, else 0; full barrier when it succeeds */
#define cmpxchg_bool(p, old, new)                                                                  \
	({                                                                                         \
		__typeof__(*(p)) __old = (old);                                                    \
		__atomic_compare_exchange_n((p), &__old, (new), 0, __ATOMIC_SEQ_CST,               \
					    __ATOMIC_RELAXED);                                     \
	})

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
