/* SPDX-License-Identifier: MIT */
/*
 * The checks of a syslet: of its frame, its ring, and the room in it. v7 makes the
 * first two; the order is v7's (docs/abi.md).
 */
#include "kernel/ring-state.h"

#define PLACE_FLAGS (SYSLET_PLACE_WAKE | SYSLET_PLACE_EVENT)

/*
 * A result that goes to an address (ours, not v7's). There is no room to run out of. 0 or -EINVAL.
 */
static int check_place(const struct call *call)
{
	const struct syslet_result_place *place = &call->indirect_params.place;

	if (call->indirect_params.reserved ||
	    ((place->flags & SYSLET_PLACE_EVENT) && place->eventfd < 0) ||
	    (place->status_ptr & (sizeof(u64) - 1)) || (place->done_ptr & (sizeof(u32) - 1)) ||
	    (place->flags & ~PLACE_FLAGS) ||
	    ((place->flags & SYSLET_PLACE_WAKE) && !place->done_ptr))
		return -E_INVAL;
	return 0;
}

/* Can it be written? 0 or -EFAULT. */
long probe_place(const struct call *call)
{
	const struct syslet_result_place *place = &call->indirect_params.place;
	long error = probe_user_u64(place->status_ptr);

	return error || !place->done_ptr ? error : probe_user_u32(place->done_ptr).error;
}

/*
 * Can the ring's header, or the result's place, and the word below the frame's stack pointer
 * be written? Only an atomic write tells, since others may be writing there. v7 programs pass
 * the base of a page as stack: with that policy the word below is not theirs.
 */
int probe_writable(struct task *cur, const struct syslet_args *args)
{
	u64 ring = args->completion_ring_ptr;

	if (unlikely(!ring) ? probe_place(&cur->own)
			    : probe_user_u32(ring + offsetof(struct syslet_ring, kernel_head)).error)
		return -E_FAULT;
	if (!cur->ctx->policy->overwrite_unread && probe_frame_stack(&args->frame))
		return -E_FAULT;
	return 0;
}

/*
 * Ours, after v7's checks: ring aligned and writable, frame's stack writable. A
 * locked write next to a system call costs 14 ns, so a pair of ring and stack that
 * was found writable by the context's latest call is only read here, and written
 * again by the watcher before it hands a call over: there it matters.
 */
static int check_memory(struct task *cur, const struct syslet_args *args)
{
	struct context *ctx = cur->ctx;
	u64 ring = args->completion_ring_ptr, sp = frame_sp(&args->frame);

	if (unlikely(ring & (sizeof(u64) - 1)))
		return -E_INVAL;
	if (likely(ctx->checked_ring == ring && ctx->checked_sp == sp))
		return ctx->policy->overwrite_unread ? 0
						     : (int)get_user_u32(sp - sizeof(u64)).error;
	if (probe_writable(cur, args))
		return -E_FAULT;
	ctx->checked_ring = ring;
	ctx->checked_sp = sp;
	return 0;
}

/* v7's two checks of the ring. */
static int check_elements(struct task *cur, u64 ring)
{
	struct user_word word = get_user_u32(ring + offsetof(struct syslet_ring, elements));
	u32 elements = (u32)word.value;

	if (unlikely(word.error))
		return -E_FAULT;
	if (unlikely(!elements || (elements & (elements - 1))))
		return -E_INVAL;
	cur->own.elements = elements;
	return 0;
}

/* Row 4: -EAGAIN for a submission whose completion might not find room. */
static int check_room(struct task *cur, u64 ring)
{
	struct user_word indexes;
	u32 head, tail;

	cur->own.ring_state = 0;
	if (cur->ctx->overflow != OVERFLOW_RESERVE)
		return 0;
	indexes = get_user_pair(ring + offsetof(struct syslet_ring, kernel_head));
	if (unlikely(indexes.error))
		return -E_FAULT;
	head = (u32)indexes.value;
	tail = (u32)(indexes.value >> 32);
	cur->own.ring_state = ring_state_of(cur->ctx, ring);
	if (unlikely(!cur->own.ring_state))
		return 0;
	if (likely(ring_has_room(cur->own.ring_state, head, tail, cur->own.elements)))
		return 0;
	count(reserve_refused);
	return -E_AGAIN;
}

/*
 * All checks of a syslet, on the parameters that cur has copied: 0 or -errno. What a
 * completion needs is kept in cur.
 */
int check_syslet(struct task *cur)
{
	const struct syslet_args *args = &cur->own.indirect_params.syslet;
	u64 ring = args->completion_ring_ptr;
	int ret;

	if (unlikely(!syslet_frame_valid(&args->frame)))
		return -E_INVAL;
	if (unlikely(!ring)) {
		cur->own.ring_state = 0;
		ret = check_place(&cur->own);
		return ret ? ret : probe_writable(cur, args);
	}
	ret = check_elements(cur, ring);
	if (unlikely(ret))
		return ret;
	ret = check_memory(cur, args);
	if (unlikely(ret))
		return ret;
	ret = check_room(cur, ring);
	if (likely(!ret))
		cur->ctx->checked_elements = cur->own.elements;
	return ret;
}
