/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

enum { FREE = 0, TAKEN = 1, WAITED_FOR = 2 };

/*
 * Sleeps until the mutex is free and takes it. The acquire of each successful
 * exchange pairs with the release in mutex_unlock. A task that sleeps here may
 * be seen blocked and handed over: it goes on as the original, with the lock.
 */
void mutex_lock(const struct host_ops *ops, struct mutex *mutex)
{
	if (likely(cmpxchg_bool(&mutex->word, FREE, TAKEN)))
		return;
	while (xchg(&mutex->word, WAITED_FOR) != FREE)
		ops->park(&mutex->word, WAITED_FOR, 0);
}

/* The exchange's release pairs with the acquire in mutex_lock. */
void mutex_unlock(const struct host_ops *ops, struct mutex *mutex)
{
	if (unlikely(xchg(&mutex->word, FREE) == WAITED_FOR))
		ops->wake(&mutex->word, 1);
}
