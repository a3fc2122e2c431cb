/* SPDX-License-Identifier: MIT */
/*
 * The end of a call whose context went on elsewhere: completion, pins, frame.
 */
#include "kernel/ring-state.h"
#include "kernel/trace.h"

#define EVERYONE (~0u >> 1) /* of those that a futex wakes */

/* The record goes back to the runtime, which takes the whole stack by an exchange. */
static void give_back_pin(struct context *ctx, struct pin_record *record)
{
	struct pin_record *head;

	do {
		head = READ_ONCE(ctx->unpin);
		record->next = head;
	} while (!cmpxchg_bool(&ctx->unpin, head, record)); /* pairs with syslet_unpin */
}

/* The call is over: what was kept alive for it can go. Pairs with pin_call. */
static void release_pin(struct task *cur)
{
	struct pin_record *record = (struct pin_record *)xchg(&cur->call->pin, PIN_DONE);

	if (record)
		give_back_pin(cur->ctx, record);
}

/*
 * What is to be kept alive for the call that was handed over or dispatched last. That
 * may be over already: then the record goes where its task would have put it. The memory of
 * the call is not used again before its context's next one; under context.lock it does not
 * go away either (exit_task).
 */
void pin_call(struct context *ctx, struct pin_record *record)
{
	int pinned;

	mutex_lock(ctx->ops, &ctx->lock);
	pinned = ctx->pending && cmpxchg_bool(&ctx->pending->pin, (uintptr_t)0, (uintptr_t)record);
	mutex_unlock(ctx->ops, &ctx->lock);
	if (!pinned)
		give_back_pin(ctx, record);
}

/*
 * A result that goes to an address: stores the status, then that it is there, and tells as
 * asked. No lock, and no order among calls. -EFAULT if the memory went away; then nobody is
 * told. The memory is the user's again at the last store: the wake after it takes the address
 * for a name alone.
 */
static long store_at_place(struct task *cur, long status)
{
	const struct syslet_result_place place = cur->call->indirect_params.place;
	const struct host_ops *ops = cur->ctx->ops;

	/* to bring the memory in may take long, and no watcher's place is taken meanwhile */
	if (probe_place(cur->call))
		return -E_FAULT;
	YIELD(cur, YIELD_POST_BEFORE_STORE);
	volunteer(cur);
	count(completions); /* a reader of the status finds it counted */
	smp_wmb(); /* what the call wrote before the status, which tells alone where there is no word */
	if (put_user_u64(place.status_ptr, (u64)status))
		goto lost;
	YIELD(cur, YIELD_POST_BEFORE_HEAD);
	smp_wmb(); /* the status before the word that tells of it; pairs with the reader's acquire */
	if (place.done_ptr && put_user_u32(place.done_ptr, 1))
		goto lost;
	trace_point(cur, SYSLET_TRACE_COMPLETION, cur->call->indirect_params.syslet.caller_data, status);
	YIELD(cur, YIELD_POST_BEFORE_WAKE);
	if (place.flags & SYSLET_PLACE_WAKE)
		ops->wake((u32 *)(uintptr_t)place.done_ptr, EVERYONE);
	if (place.flags & SYSLET_PLACE_EVENT)
		ops->write_event(place.eventfd);
	return 0;
lost:
	uncount(completions);
	return -E_FAULT;
}

/*
 * Sleeps until the result is there: 0, -EINVAL for a place that nobody wakes, -ETIMEDOUT. The
 * acquire pairs with the barrier of store_at_place. A wake may be one of the place's earlier
 * result, which was seen before its waker came to wake.
 */
long place_wait(const struct host_ops *ops, const struct syslet_result_place *place, u64 timeout_ns)
{
	u32 *done = (u32 *)(uintptr_t)place->done_ptr;
	u64 deadline = deadline_after(ops, timeout_ns);
	int ret = 0;

	if (!done || !(place->flags & SYSLET_PLACE_WAKE))
		return -E_INVAL;
	while (!smp_load_acquire(done) && ret != -E_TIMEDOUT)
		ret = park_until(ops, done, deadline);
	return smp_load_acquire(done) ? 0 : -E_TIMEDOUT;
}

static long store_result(struct task *cur, long status)
{
	if (likely(cur->call->indirect_params.syslet.completion_ring_ptr))
		return syslet_store_completion(cur, status);
	return store_at_place(cur, status);
}

/*
 * The call is over: stores its completion. -errno if that could not be done; then it
 * is lost, and counted.
 */
long complete_call(struct task *cur, long status)
{
	long error;

	WRITE_ONCE(cur->state, TASK_COMPLETING);
	error = store_result(cur, status);
	if (cur->call->ring_state)
		error ? ring_unreserve(cur->call->ring_state) : ring_completed(cur->call->ring_state);
	if (error) {
		count(completions_lost);
		trace_point(cur, SYSLET_TRACE_LOST, cur->call->indirect_params.syslet.caller_data, error);
	}
	release_pin(cur);
	return error;
}

/*
 * The context went on elsewhere. The result goes to the ring, and this task to
 * the frame, which tells in its first argument if the completion was lost (row 5).
 */
static void complete_handed_over(struct task *cur, long status)
{
	const struct policy *policy = cur->ctx->policy;
	struct syslet_frame frame = cur->call->indirect_params.syslet.frame;
	u64 caller_data = cur->call->indirect_params.syslet.caller_data;
	long error = complete_call(cur, status);

	if (!frame_is_park(&frame) && !cur->ctx->ops->may_return(cur))
		frame_set_park(&frame); /* no user code with other credentials (row 8) */
	set_user_frame(&cur->regs, &frame, policy->lost_is_silent ? 0 : (u64)error, caller_data);
	cur->call->indirect_params = (struct indirect_params_placed){0};
	WRITE_ONCE(cur->state, TASK_FRAME);
	trace_point(cur, SYSLET_TRACE_FRAME_RETURN, caller_data, frame_is_park(&frame));
}

/*
 * A watcher wants this call. Its verdict is a few instructions and a membarrier
 * away, unless it is preempted there; then yielding lets it go on. 1: taken.
 */
int claim_was_taken(struct task *cur, u64 word)
{
	unsigned round = 0;
	u64 claim;

	while (claim = smp_load_acquire(&cur->claim),
	       claim == word_with(word, CLAIM_CLAIMED)) { /* pairs with the release in syslet_schedule */
		cpu_relax();
		if (!(++round & 63))
			cur->ctx->ops->yield_processor();
	}
	return claim == word_with(word, CLAIM_TAKEN);
}

/*
 * A watcher has claimed the call that is over. If it took it, the status goes to the
 * ring and this task to the frame.
 */
struct syslet_result syslet_claimed(struct task *cur, u64 word, long status)
{
	if (!claim_was_taken(cur, word))
		return (struct syslet_result){status, HOW_RETURNED};
	complete_handed_over(cur, status);
	return (struct syslet_result){0, HOW_FRAME};
}
