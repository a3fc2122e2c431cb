/* SPDX-License-Identifier: MIT */
/*
 * States that were seen. A hash of all that decides what can still happen tells them
 * apart.
 */
#include <string.h>
#include <sys/mman.h>

#include "sim/search.h"

#define FIRST_BITS 16

struct visited {
	u64 hash;
	u32 preemptions; /* + 1; 0: free */
	u32 pass;
};

static struct visited *visited;
static u32 visited_bits, pass;

/* Entries lie anywhere in it: with pages of the usual size each look would miss the TLB. */
static struct visited *new_table(u32 bits)
{
	struct visited *table = map_lazily(sizeof(*table) << bits);

	madvise(table, sizeof(*table) << bits, MADV_HUGEPAGE);
	return table;
}

void states_init(void)
{
	visited_bits = FIRST_BITS;
	visited = new_table(visited_bits);
}

/* Where the hash is, or would be: the entry is of another pass if it is not there. */
static struct visited *entry_of(u64 hash)
{
	u64 at = hash >> (64 - visited_bits), mask = (1ul << visited_bits) - 1;

	while (visited[at].pass == pass && visited[at].hash != hash)
		at = (at + 1) & mask;
	return &visited[at];
}

/* The table is a quarter empty at least. */
static void make_room(u64 states)
{
	struct visited *old = visited, *entry;
	u64 size = 1ul << visited_bits;

	if (states < size / 4 * 3)
		return;
	visited = new_table(++visited_bits);
	for (entry = old; entry < old + size; entry++)
		if (entry->pass == pass)
			*entry_of(entry->hash) = *entry;
	munmap(old, size * sizeof(*old));
}

void states_forget(void)
{
	pass++;
}

/* The words of an actor that decide what it does next, beside its stack. */
static u64 actor_hash(const struct actor *actor)
{
	u64 words[] = {actor->state | (u64)actor->op << 8 | (u64)actor->limited << 16 |
			       (u64)actor->signalled << 24 | (u64)actor->nudged << 25 | (u64)actor->looked << 26 |
			       (u64)(u32)actor->result << 32,
		       (u64)actor->word, (u64)actor->holds, (u64)actor->holds_argument,
		       actor->op_address, actor->op_pc, actor->stack_hash};

	return hash_bytes(words, sizeof(words), 77);
}

/* The order of those that are parked matters, the numbers by which it is kept do not. */
static u64 parked_order(u32 index)
{
	const struct actor *actor = &engine.actors[index];
	u64 before = 0;
	u32 i;

	if (actor->state != ACTOR_PARKED)
		return 0;
	for (i = 0; i < engine.nr_actors; i++)
		before += engine.actors[i].state == ACTOR_PARKED &&
			  engine.actors[i].word == actor->word &&
			  engine.actors[i].parked_at < actor->parked_at;
	return before;
}

/* What may still happen, and how late it is. */
static u64 faults_hash(void)
{
	u64 words[] = {0, 0, engine.seconds};

	_Static_assert(sizeof(engine.left) <= 2 * sizeof(*words), "two words");
	memcpy(words, engine.left, sizeof(engine.left));
	return words[0] | words[1] | words[2] ? hash_bytes(words, sizeof(words), 99) : 0;
}

/*
 * Who ran last says what a switch costs. To leave an actor that sleeps, rests or has ended
 * costs nothing, and before it goes on somebody else has run: it does not matter who it
 * was. An actor that waits for its own stores counts, since a flush lets it go on.
 */
static s32 last_that_counts(void)
{
	const struct actor *actor;

	if (engine.last < 0)
		return -1;
	actor = &engine.actors[engine.last];
	if (actor->state == ACTOR_CHOOSES)
		return engine.last;
	return actor->state == ACTOR_RUNNABLE && actor->op != OP_REST ? engine.last : -1;
}

static u64 state_hash(const struct bounds *bounds)
{
	u64 hash = engine.memory_hash + buffer_hash() + faults_hash() + engine.bad_address * 31 +
		   engine.bad_bytes;
	u32 i;

	for (i = 0; i < engine.nr_actors; i++)
		hash += (actor_hash(&engine.actors[i]) + parked_order(i)) * (2 * i + 3);
	if (bounds->delays >= 0)
		hash += engine.delays * 0xbf58476d1ce4e5b9ull;
	if (bounds->preemptions >= 0)
		hash = hash * 0x9e3779b97f4a7c15ull + (u64)(last_that_counts() + 2);
	return hash;
}

/* 1 if the state that is now was seen before, with no more preemptions than now. */
int state_seen(struct search *search)
{
	u64 hash = state_hash(&search->bounds);
	struct visited *entry = entry_of(hash);

	if (entry->pass == pass) {
		if (entry->preemptions <= engine.preemptions + 1)
			return 1;
		entry->preemptions = engine.preemptions + 1;
		return 0;
	}
	if (search->states >= search->options->max_states)
		return 0;
	*entry = (struct visited){hash, engine.preemptions + 1, pass};
	make_room(++search->states);
	return 0;
}
