/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of the completion ring.
 *
 * A ring has no kernel-side storage of its own in v7: a u32 that its user sets,
 * wait_group, chooses one of 256 buckets of mutex and wait queue (patch 5). The
 * mutex serializes completions, since the ring's memory may fault or block.
 */
#include "kernel/kernel.h"
#include "kernel/jhash.h"
#include "kernel/trace.h"

#define SYSLET_HASH_BITS 8
#define SYSLET_HASH_NR (1 << SYSLET_HASH_BITS)
#define SYSLET_HASH_MASK (SYSLET_HASH_NR - 1)

struct bucket {
	struct mutex mutex;	  /* orders completions of the rings that hash here */
	struct wait_queue waitq;  /* sys_syslet_ring_wait */
	struct wait_queue room;	  /* completers of a full ring, overflow policy block */
	struct list_head events;  /* struct ring_event, under mutex */
} __attribute__((aligned(64)));

static struct bucket buckets[SYSLET_HASH_NR];

u32 syslet_room_mark;

#define RING_FIELD(ring, field) ((ring) + offsetof(struct syslet_ring, field))

/* Called once by the host before anything attaches. */
void syslet_rings_init(void)
{
	unsigned i;

	for (i = 0; i < SYSLET_HASH_NR; i++) {
		wait_queue_init(&buckets[i].waitq);
		wait_queue_init(&buckets[i].room);
		list_init(&buckets[i].events);
	}
}

static struct bucket *ring_bucket(u64 ring)
{
	struct user_word group = get_user_u32(RING_FIELD(ring, wait_group));

	if (unlikely(group.error))
		return 0;
	return &buckets[jhash_1word((u32)group.value, 0) & SYSLET_HASH_MASK];
}

/* How many completions are in the ring and not yet reaped, as the user tells it. */
static long ring_unread(u64 ring, u32 *head)
{
	struct user_word kernel_head = get_user_u32(RING_FIELD(ring, kernel_head));
	struct user_word user_tail = get_user_u32(RING_FIELD(ring, user_tail));

	*head = (u32)kernel_head.value;
	if (kernel_head.error || user_tail.error)
		return -E_FAULT;
	return (long)((u32)kernel_head.value - (u32)user_tail.value);
}

/*
 * Sleeps until the user has made room, or the task is interrupted. Called and
 * returns with bucket->mutex held; lets it go meanwhile. The mark tells the
 * user's side that its next reap has somebody to wake (sys_syslet_ring_room).
 */
static long wait_for_room(struct task *cur, struct bucket *bucket, u64 ring, u32 elements)
{
	const struct host_ops *ops = cur->ctx->ops;
	struct waiter waiter = {.ring = ring};
	long unread;
	u32 head;

	atomic_add_return(&syslet_room_mark, 1);
	for (;;) {
		mutex_unlock(ops, &bucket->mutex);
		prepare_to_wait(ops, &bucket->room, &waiter);
		unread = ring_unread(ring, &head);
		if (unread >= (long)elements && !is_interrupted(cur))
			ops->park(&waiter.woken, 0, 0);
		finish_wait(ops, &bucket->room, &waiter);
		mutex_lock(ops, &bucket->mutex);
		unread = ring_unread(ring, &head);
		if (unread < (long)elements || is_interrupted(cur))
			break;
	}
	atomic_add_return(&syslet_room_mark, -1u);
	if (unread >= (long)elements)
		return -E_INTR;
	return unread < 0 ? unread : 0;
}

/* Row 4: may a completion be stored now? Precondition: bucket->mutex. */
static long room_in_ring(struct task *cur, struct bucket *bucket, u64 ring, u32 elements)
{
	u32 head;
	long unread = ring_unread(ring, &head);

	if (unread < 0)
		return unread;
	if (likely(unread < (long)elements))
		return 0;
	if (cur->ctx->overflow == OVERFLOW_V7) {
		count(overflows);
		return 0;
	}
	if (cur->ctx->overflow == OVERFLOW_BLOCK)
		return wait_for_room(cur, bucket, ring, elements);
	return -E_AGAIN; /* the user moved the indexes: what was reserved is gone */
}

/* Precondition: bucket->mutex. */
static long store_in_slot(struct task *cur, u64 ring, u32 elements,
			  const struct syslet_completion *comp)
{
	struct user_word head = get_user_u32(RING_FIELD(ring, kernel_head));
	u64 slot;

	if (head.error)
		return -E_FAULT;
	slot = RING_FIELD(ring, comp) + sizeof(*comp) * ((u32)head.value & (elements - 1));
	YIELD(cur, YIELD_POST_BEFORE_STORE);
	if (copy_user((void *)slot, comp, sizeof(*comp)))
		return -E_FAULT;
	YIELD(cur, YIELD_POST_BEFORE_HEAD);
	volunteer(cur);
	count(completions); /* who sees the completion finds it counted */
	/*
	 * The completion before the index that refers to it. Pairs with the
	 * reader's acquire: Atomics.load of kernel_head in lib/ring.
	 */
	smp_wmb();
	if (!put_user_u32(RING_FIELD(ring, kernel_head), (u32)head.value + 1))
		return 0;
	uncount(completions);
	return -E_FAULT;
}

/*
 * Completions into the ring write the event's descriptor, at most once for each time
 * that its reader armed it. 0 or -EFAULT. A completion whose task was in its bucket
 * before is not noticed: the reader arms, and then looks at the ring.
 */
long ring_event_add(const struct host_ops *ops, struct ring_event *event)
{
	struct bucket *bucket = ring_bucket(event->ring);

	if (!bucket)
		return -E_FAULT;
	event->bucket = bucket;
	mutex_lock(ops, &bucket->mutex);
	list_add_tail(&event->item, &bucket->events);
	mutex_unlock(ops, &bucket->mutex);
	count(ring_events);
	return 0;
}

/* Afterwards nobody refers to the event, nor writes its descriptor. */
void ring_event_remove(const struct host_ops *ops, struct ring_event *event)
{
	mutex_lock(ops, &event->bucket->mutex);
	list_del_init(&event->item);
	mutex_unlock(ops, &event->bucket->mutex);
	uncount(ring_events);
}

/*
 * Precondition: bucket->mutex, and the ring's head was raised. The full barrier, between
 * that and the look at armed, pairs with the exchange by which the reader arms before it
 * looks at the head: either it sees the completion, or it is written to.
 */
static void write_events(const struct host_ops *ops, struct bucket *bucket, u64 ring)
{
	struct list_head *item;

	smp_mb();
	for (item = bucket->events.next; item != &bucket->events; item = item->next) {
		struct ring_event *event = container_of(item, struct ring_event, item);

		if (event->ring != ring || !READ_ONCE(event->armed) || !xchg(&event->armed, 0))
			continue;
		count(events_written);
		ops->write_event(event->fd);
	}
}

/* Row 14: v7 reads elements again, after the call, so that a program can change it. */
static long elements_of(struct task *cur, u64 ring, u32 *elements)
{
	struct user_word word;

	*elements = cur->call->elements;
	if (!cur->ctx->policy->elements_read_again)
		return 0;
	word = get_user_u32(RING_FIELD(ring, elements));
	if (word.error)
		return -E_FAULT;
	*elements = (u32)word.value;
	return *elements && !(*elements & (*elements - 1)) ? 0 : -E_INVAL;
}

/*
 * Called by the original thread when its call is over and its context went on
 * elsewhere: stores the completion and wakes who waits for the ring. -errno if
 * it could not be stored; then it is lost, and the caller counts it.
 */
long syslet_store_completion(struct task *cur, long status)
{
	const struct policy *policy = cur->ctx->policy;
	const struct syslet_args *args = &cur->call->indirect_params.syslet;
	struct syslet_completion comp = {.status = (u64)status, .caller_data = args->caller_data};
	u64 ring = args->completion_ring_ptr;
	struct bucket *bucket = ring_bucket(ring), *wake_bucket = bucket;
	u32 elements;
	long error;

	if (!bucket)
		return -E_FAULT;
	if (policy->wait_group_read_twice) {
		YIELD(cur, YIELD_CALL_RETURNED);
		wake_bucket = ring_bucket(ring);
		if (!wake_bucket)
			return -E_FAULT;
	}
	error = elements_of(cur, ring, &elements);
	if (error)
		return error;
	mutex_lock(cur->ctx->ops, &bucket->mutex);
	error = room_in_ring(cur, bucket, ring, elements);
	if (!error)
		error = store_in_slot(cur, ring, elements, &comp);
	if (!error && unlikely(!list_empty(&bucket->events)))
		write_events(cur->ctx->ops, bucket, ring);
	mutex_unlock(cur->ctx->ops, &bucket->mutex);
	if (!error)
		trace_point(cur, SYSLET_TRACE_COMPLETION, comp.caller_data, status);
	YIELD(cur, YIELD_POST_BEFORE_WAKE);
	if (!policy->wake_without_barrier)
		smp_mb(); /* row 13: head before the look at the queue; pairs with prepare_to_wait */
	if (!error)
		wake_up_ring(cur->ctx->ops, &wake_bucket->waitq, ring, policy->wake_whole_bucket);
	return error;
}

/* Row 7: v7 compares a u32 with an unsigned long. */
static int index_differs(const struct policy *policy, u32 head, u64 user_idx)
{
	return policy->index_is_long ? (u64)head != user_idx : head != (u32)user_idx;
}

/*
 * Returns 0 when kernel_head is no longer user_idx, that is when there is a new
 * completion for a user whose tail is user_idx; -EFAULT; -EINTR (v7: -ERESTARTSYS)
 * when the task is interrupted or its context closes; -ETIMEDOUT where the host's
 * own face gave a limit (timeout_ns != 0).
 */
static long ring_wait(u64 ring, u64 user_idx, u64 timeout_ns, struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct bucket *bucket = ring_bucket(ring);
	struct waiter waiter = {.ring = ring};
	struct user_word head;
	u64 deadline = deadline_after(ctx->ops, timeout_ns);
	long ret;

	if (!bucket)
		return -E_FAULT;
	for (;;) {
		prepare_to_wait(ctx->ops, &bucket->waitq, &waiter);
		YIELD(cur, YIELD_WAIT_QUEUED);
		head = get_user_u32(RING_FIELD(ring, kernel_head));
		ret = head.error;
		if (ret || index_differs(ctx->policy, (u32)head.value, user_idx))
			break;
		ret = ctx->policy->raw_restart_codes ? -E_RESTARTSYS : -E_INTR;
		if (is_interrupted(cur) || READ_ONCE(ctx->closing))
			break;
		YIELD(cur, YIELD_WAIT_BEFORE_SLEEP);
		ret = park_until(ctx->ops, &waiter.woken, deadline);
		if (ret == -E_TIMEDOUT)
			break; /* who gave a limit looks at the ring again anyway */
		finish_wait(ctx->ops, &bucket->waitq, &waiter);
	}
	finish_wait(ctx->ops, &bucket->waitq, &waiter);
	return ret;
}

long sys_syslet_ring_wait(u64 ring, u64 user_idx, u64 timeout_ns, struct task *cur)
{
	long ret;

	trace_enter(cur, SYSLET_NR_RING_WAIT);
	ret = ring_wait(ring, user_idx, timeout_ns, cur);
	trace_return(cur, SYSLET_NR_RING_WAIT, ret);
	return ret;
}

/* The user has reaped from a ring while room_mark was set: wake who waits for room. */
long sys_syslet_ring_room(u64 ring, struct task *cur)
{
	struct bucket *bucket = ring_bucket(ring);

	if (!bucket)
		return -E_FAULT;
	smp_mb(); /* the user's tail before the look at the queue; pairs with prepare_to_wait */
	wake_up_ring(cur->ctx->ops, &bucket->room, ring, 0);
	return 0;
}
