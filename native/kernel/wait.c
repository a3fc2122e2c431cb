/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. The lost-wake-up argument: a waiter is queued (prepare_to_wait)
 * before it tests its condition, a waker changes the condition before it looks
 * at the queue, and there is a full barrier on both sides. So either the waker
 * sees the waiter or the waiter sees the condition.
 */
#include "kernel/kernel.h"

void wait_queue_init(struct wait_queue *queue)
{
	queue->lock.word = 0;
	list_init(&queue->waiters);
}

/*
 * Called by a task that is about to test its condition and then sleep on
 * waiter->woken. The full barrier pairs with the one in wake_up_ring.
 */
void prepare_to_wait(const struct host_ops *ops, struct wait_queue *queue, struct waiter *waiter)
{
	mutex_lock(ops, &queue->lock);
	WRITE_ONCE(waiter->woken, 0);
	list_add_tail(&waiter->item, &queue->waiters);
	mutex_unlock(ops, &queue->lock);
	count(ring_waiters);
	smp_mb();
}

/* The waiter may be on the caller's stack: afterwards nobody refers to it. */
void finish_wait(const struct host_ops *ops, struct wait_queue *queue, struct waiter *waiter)
{
	mutex_lock(ops, &queue->lock);
	list_del_init(&waiter->item);
	mutex_unlock(ops, &queue->lock);
	uncount(ring_waiters);
}

/*
 * Wakes those who wait for this ring; everyone of the bucket with v7 (row 9).
 * Precondition: the condition was changed, and a full barrier lies between that
 * and this call, which pairs with the one in prepare_to_wait (row 13).
 * A waiter is not touched after woken is set: its task may have gone. The wake
 * of a word that is no longer a waiter's is spurious and harmless.
 */
void wake_up_ring(const struct host_ops *ops, struct wait_queue *queue, u64 ring, int everyone)
{
	struct list_head *item, *next;

	if (list_empty(&queue->waiters))
		return;
	mutex_lock(ops, &queue->lock);
	for (item = queue->waiters.next; item != &queue->waiters; item = next) {
		struct waiter *waiter = container_of(item, struct waiter, item);
		u32 *woken = &waiter->woken;

		next = item->next;
		if (!everyone && waiter->ring != ring)
			continue;
		list_del_init(item);
		smp_store_release(woken, 1); /* who waits takes the queue's lock in finish_wait, after this */
		ops->wake(woken, 1);
	}
	mutex_unlock(ops, &queue->lock);
}

/* Of the monotonic clock; 0: none, or in centuries. */
u64 deadline_after(const struct host_ops *ops, u64 timeout_ns)
{
	u64 now;

	if (!timeout_ns)
		return 0;
	now = ops->clock(CLOCK_MONOTONIC);
	return timeout_ns < ~0ull - now ? now + timeout_ns : 0;
}

/*
 * Sleeps until woken or the deadline (0: none) of the monotonic clock. A signal wakes too
 * early, again and again, so that the time that is left is reckoned anew each time.
 */
int park_until(const struct host_ops *ops, u32 *word, u64 deadline)
{
	u64 now;

	if (!deadline)
		return ops->park(word, 0, 0);
	now = ops->clock(CLOCK_MONOTONIC);
	return now < deadline ? ops->park(word, 0, deadline - now) : -E_TIMEDOUT;
}
