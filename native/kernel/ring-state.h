/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_RING_STATE_H
#define SYSLETS_RING_STATE_H

#include "kernel/kernel.h"

/*
 * `word` is (promised << 32 | in flight). Promised is the index that kernel_head
 * will have once all calls in flight have completed; it counts while there are
 * any. A completion raises the head and only then lowers the count, so that who
 * reads the word and then the head is never misled: while the count says one is in
 * flight, promised holds it; when it says none, the head has it.
 *
 * While there are none, `rests` stands in the place of promised, and no such word
 * comes again before 2^32 others: who has read the head since an old one would
 * reserve what others have reserved and completed meanwhile. Promised itself does
 * come again, where a ring is made anew in the same memory, which a program may do
 * while no call into it is in flight.
 */
struct ring_state {
	u64 ring;
	u64 word;
	u32 rests; /* how often the count has come to zero; wraps */
	u32 users; /* contexts that remember it; under ring_table.lock */
};

struct ring_state *ring_state_find(struct context *ctx, u64 ring);
int ring_reserve(struct ring_state *state, u64 ring, u32 elements);
void ring_completed(struct ring_state *state);
void ring_unreserve(struct ring_state *state);

/* The ring's entry; without a lock for the ring of the context's latest call. */
static inline struct ring_state *ring_state_of(struct context *ctx, u64 ring)
{
	if (likely(ctx->ring_cached_ptr == ring))
		return ctx->ring_cached;
	return ring_state_find(ctx, ring);
}

static inline u32 promised_index(u64 word, u32 head)
{
	return (u32)word ? (u32)(word >> 32) : head;
}

/*
 * Read by the sync path: would a call that is handed over now find room? The indexes were read
 * before the word, so that calls of other contexts may have made it too much or too little since:
 * ring_reserve decides.
 */
static inline int ring_has_room(const struct ring_state *state, u32 head, u32 tail, u32 elements)
{
	return promised_index(READ_ONCE(state->word), head) - tail < elements;
}

#endif
