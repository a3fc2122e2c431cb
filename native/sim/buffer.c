/* SPDX-License-Identifier: MIT */
/*
 * Store buffers, for models other than sequential consistency.
 *
 * A store waits in its actor's buffer, and is flushed at any moment; those that wait leave in order.
 * TSO: a locked instruction drains the buffer first. WEAK: it waits in the buffer as well,
 * with its address reserved, so that it is atomic but orders nothing after it; only a full
 * fence drains. That is what row 13 of the defects is about on ARM and POWER. A store may also
 * be seen before those that wait, but for a release and what comes behind a release fence; so may
 * a read-modify-write that is relaxed. Loads are made in order in both, and with TSO stores leave
 * in order.
 */
#include "sim/engine.h"

struct store_buffer buffers[MAX_ACTORS];
struct buffered buffer_flushed;
int buffer_pushed;

static int overlaps(const struct buffered *entry, uintptr_t address, unsigned bytes)
{
	return entry->address < address + bytes && address < entry->address + entry->bytes;
}

static int others_hold(u32 actor, uintptr_t address, int rmw_only)
{
	u32 other, i;

	for (other = 0; other < engine.nr_actors; other++) {
		if (other == actor)
			continue;
		for (i = 0; i < buffers[other].used; i++)
			if ((buffers[other].entry[i].is_rmw || !rmw_only) &&
			    overlaps(&buffers[other].entry[i], address & ~7ul, 8))
				return 1;
	}
	return 0;
}

/* A read-modify-write of another actor that has not been seen yet. */
int buffer_reserved(u32 actor, uintptr_t address)
{
	return others_hold(actor, address, 1);
}

/*
 * A read-modify-write may wait in the buffer only if no other actor's store to the same
 * address does: each would wait for the other's.
 */
int buffer_rmw_may_wait(u32 actor, uintptr_t address)
{
	return !others_hold(actor, address, 0);
}

/*
 * A store of its own that came later may be seen before all that wait: none of them is to the
 * same word, or older than a release fence. A read-modify-write that acquires and releases is such
 * a fence: whether it waits, or is of memory that nobody else has, what comes behind it passes
 * nothing that came before.
 */
int buffer_may_pass(u32 actor, uintptr_t address)
{
	const struct store_buffer *buffer = &buffers[actor];
	u32 i;

	if (!buffer->used || buffer->ordered)
		return 0;
	for (i = 0; i < buffer->used; i++)
		if (overlaps(&buffer->entry[i], address & ~7ul, 8))
			return 0;
	return 1;
}

void buffer_release_fence(u32 actor)
{
	buffers[actor].ordered = buffers[actor].used;
}

int buffer_can_flush(u32 actor)
{
	struct store_buffer *buffer = &buffers[actor];

	return buffer->used && !buffer_reserved(actor, buffer->entry[0].address);
}

void buffer_flush(u32 actor)
{
	struct store_buffer *buffer = &buffers[actor];
	struct buffered first = buffer->entry[0];
	u32 i;

	memory_save(first.address, first.bytes, -1);
	memory_write(first.address, first.bytes, first.value);
	buffer_flushed = first;
	buffer->used--;
	buffer->ordered -= buffer->ordered != 0;
	for (i = 0; i < buffer->used; i++)
		buffer->entry[i] = buffer->entry[i + 1];
	buffer->entry[buffer->used] = (struct buffered){0};
}

/* Precondition: nobody else has reserved an address of it. */
void buffer_drain(u32 actor)
{
	while (buffers[actor].used)
		buffer_flush(actor);
}

/* What the actor itself reads there: its own stores, newest last, over memory. */
u64 buffer_view(u32 actor, uintptr_t address, unsigned bytes)
{
	struct store_buffer *buffer = &buffers[actor];
	u64 value = memory_read(address, bytes);
	u32 i;

	for (i = 0; i < buffer->used; i++) {
		struct buffered *entry = &buffer->entry[i];
		unsigned at;

		for (at = 0; overlaps(entry, address, bytes) && at < entry->bytes; at++) {
			u64 shift = 8 * (entry->address + at - address);

			if (entry->address + at < address || shift >= 8 * bytes)
				continue;
			value &= ~(0xffull << shift);
			value |= (entry->value >> 8 * at & 0xff) << shift;
		}
	}
	return value;
}

void buffer_push(u32 actor, uintptr_t address, unsigned bytes, u64 value, int is_rmw)
{
	struct store_buffer *buffer = &buffers[actor];

	if (buffer->used == MAX_BUFFER && buffer_can_flush(actor))
		buffer_flush(actor); /* a buffer is as long as this one */
	if (buffer->used == MAX_BUFFER)
		sim_fail("more stores wait than the explorer's buffer holds");
	buffer_pushed = 1;
	buffer->entry[buffer->used++] = (struct buffered){
		.address = address, .bytes = bytes, .value = value, .is_rmw = (u32)is_rmw,
		.made_at = engine.actors[actor].ops};
}

u64 buffer_hash(void)
{
	u64 hash = 0;
	u32 actor, i;

	for (actor = 0; actor < engine.nr_actors; actor++) {
		hash += buffers[actor].ordered * (2 * actor + 3);
		for (i = 0; i < buffers[actor].used; i++) {
			const struct buffered *entry = &buffers[actor].entry[i];
			u64 words[] = {entry->address, entry->value, entry->bytes, entry->is_rmw};

			hash = hash * 0x9e3779b97f4a7c15ull + hash_bytes(words, sizeof(words), actor);
		}
	}
	return hash;
}
