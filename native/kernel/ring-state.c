/* SPDX-License-Identifier: MIT */
/*
 * How many calls of each ring are in flight.
 *
 * v7 keeps no state for a ring, so it cannot know whether a completion will find
 * room (row 4). This table does: a ring has an entry while a context remembers
 * it as its latest or while a handed-over call will complete into it. The count
 * is raised at hand-off only; the sync path reads it.
 */
#include "kernel/ring-state.h"

#define RING_STATES 4096

static struct {
	struct mutex lock;
	struct ring_state state[RING_STATES];
} ring_table;

static unsigned slot_of(u64 ring)
{
	return (unsigned)((ring >> 4) * 0x9e3779b97f4a7c15ull >> 52) % RING_STATES;
}

/* Precondition: ring_table.lock. An entry of nobody's may be given away. */
static struct ring_state *find_or_take(u64 ring)
{
	struct ring_state *unused = 0;
	unsigned i, slot = slot_of(ring);

	for (i = 0; i < RING_STATES; i++) {
		struct ring_state *state = &ring_table.state[(slot + i) % RING_STATES];

		if (state->ring == ring)
			return state;
		if (!unused && !state->users && !(u32)READ_ONCE(state->word))
			unused = state;
		if (!state->ring)
			break;
	}
	if (unused)
		unused->ring = ring;
	return unused;
}

/*
 * The entry of ring, remembered in the context so that the sync path finds it
 * without a lock. 0 if 4,096 rings are in use at once: then nothing is reserved.
 */
struct ring_state *ring_state_find(struct context *ctx, u64 ring)
{
	mutex_lock(ctx->ops, &ring_table.lock);
	if (ctx->ring_cached)
		ctx->ring_cached->users--;
	ctx->ring_cached = find_or_take(ring);
	if (ctx->ring_cached)
		ctx->ring_cached->users++;
	ctx->ring_cached_ptr = ctx->ring_cached ? ring : 0;
	mutex_unlock(ctx->ops, &ring_table.lock);
	return ctx->ring_cached;
}

/* The context goes away. */
void ring_state_drop(struct context *ctx)
{
	mutex_lock(ctx->ops, &ring_table.lock);
	if (ctx->ring_cached)
		ctx->ring_cached->users--;
	ctx->ring_cached = 0;
	ctx->ring_cached_ptr = 0;
	mutex_unlock(ctx->ops, &ring_table.lock);
}

/*
 * Called by the watcher before its claim: one more call will complete
 * into the ring. 0 if that might not find room, because another context has
 * handed over a call of the same ring since the check at entry. The load of word
 * before head pairs with the order in ring_completed's caller.
 */
int ring_reserve(struct ring_state *state, u64 ring, u32 elements)
{
	u64 old = smp_load_acquire(&state->word);

	for (;;) {
		struct user_word head = get_user_u32(ring + offsetof(struct syslet_ring, kernel_head));
		struct user_word tail = get_user_u32(ring + offsetof(struct syslet_ring, user_tail));
		u32 promised = promised_index(old, (u32)head.value);

		if (head.error || tail.error || promised - (u32)tail.value >= elements)
			return 0;
		if (cmpxchg_bool(&state->word, old, (u64)(promised + 1) << 32 | ((u32)old + 1)))
			return 1;
		old = smp_load_acquire(&state->word);
	}
}

/* The last of the calls in flight leaves a word that was not there before (ring-state.h). */
static void one_less(struct ring_state *state, u64 of_one)
{
	u64 old = READ_ONCE(state->word);

	for (;;) {
		u64 left = old - of_one;

		if (!(u32)left)
			left = (u64)atomic_add_return(&state->rests, 1) << 32;
		if (cmpxchg_bool(&state->word, old, left)) /* pairs with ring_reserve's acquire */
			return;
		old = READ_ONCE(state->word);
	}
}

/* The head has been raised for this call. */
void ring_completed(struct ring_state *state)
{
	one_less(state, 1);
}

/* The call will not complete into the ring: not handed over after all, or lost. */
void ring_unreserve(struct ring_state *state)
{
	one_less(state, (1ull << 32) + 1);
}
