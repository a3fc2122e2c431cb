/* SPDX-License-Identifier: MIT */
/*
 * The memory of an execution: what was written, how to undo it, and a hash of it.
 *
 * Two regions: one of the explorer's, for tasks, rings and stacks, and the kernel side's
 * own variables. A step saves each line that it is about to write; the hash of all lines
 * is kept by difference, so it does not depend on the way by which a state was reached.
 */
#include <string.h>
#include <sys/mman.h>

#include "sim/engine.h"

#define REGION_BASE 0x20000000000ul
#define HEAP_BYTES (1ul << 20)
#define REGION_BYTES (HEAP_BYTES + MAX_ACTORS * STACK_BYTES)
#define UNDO_RECORDS (1u << 22)

extern char __data_start[], _end[];

struct undo {
	uintptr_t address; /* of the line */
	u64 hash;
	u8 hashed;
	u8 stack_of; /* 1 + the actor whose stack it is, or 0 */
	u64 content[LINE_BYTES / 8];
};

static struct line *lines, *data_lines;
static struct granule *granules, *data_granules;
static uintptr_t data_base, data_bytes;
static struct undo *undo;
static u64 undo_used, step_began;
static u32 stamp;
static unsigned long heap_used;
int memory_grew;

static void *map(unsigned long bytes, uintptr_t at)
{
	void *p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);

	if (p == MAP_FAILED || (at && p != (void *)at))
		__builtin_trap();
	return p;
}

void memory_init(void)
{
	data_base = (uintptr_t)__data_start & ~(uintptr_t)(LINE_BYTES - 1);
	data_bytes = (uintptr_t)_end - data_base + LINE_BYTES;
	map(REGION_BYTES, REGION_BASE);
	lines = map(REGION_BYTES / LINE_BYTES * sizeof(struct line), 0);
	granules = map(REGION_BYTES / 8 * sizeof(struct granule), 0);
	data_lines = map(data_bytes / LINE_BYTES * sizeof(struct line), 0);
	data_granules = map(data_bytes / 8 * sizeof(struct granule), 0);
	undo = map(UNDO_RECORDS * sizeof(struct undo), 0);
}

void *sim_alloc(unsigned long bytes)
{
	void *p = (void *)(REGION_BASE + heap_used);

	heap_used += (bytes + LINE_BYTES - 1) & ~(unsigned long)(LINE_BYTES - 1);
	if (heap_used > HEAP_BYTES)
		sim_fail("the scenario needs more memory than the explorer has");
	return p;
}

/* What is in memory now is the beginning of each execution; what is shared is known on. */
void memory_seal(void)
{
	undo_used = 0;
	memory_grew = 0;
	memset(lines, 0, REGION_BYTES / LINE_BYTES * sizeof(struct line));
	memset(data_lines, 0, data_bytes / LINE_BYTES * sizeof(struct line));
}

char *memory_stack(u32 actor)
{
	return (char *)REGION_BASE + HEAP_BYTES + actor * STACK_BYTES;
}

static int stack_owner(uintptr_t address)
{
	uintptr_t at = address - REGION_BASE - HEAP_BYTES;

	return at < MAX_ACTORS * STACK_BYTES ? (int)(at / STACK_BYTES) : -1;
}

/*
 * The counters are for people: nothing is decided by them. As memory they would tell states
 * apart that differ in nothing else, a try that is made again and again from the one before.
 */
static int is_counter(uintptr_t address)
{
	return address - (uintptr_t)&syslet_counters < sizeof(syslet_counters);
}

static struct line *line_of(uintptr_t address)
{
	if (is_counter(address))
		return 0;
	if (address - REGION_BASE < REGION_BYTES)
		return &lines[(address - REGION_BASE) / LINE_BYTES];
	if (address - data_base < data_bytes)
		return &data_lines[(address - data_base) / LINE_BYTES];
	return 0;
}

struct granule *memory_granule(uintptr_t address)
{
	if (is_counter(address))
		return 0;
	if (address - REGION_BASE < REGION_BYTES)
		return &granules[(address - REGION_BASE) / 8];
	if (address - data_base < data_bytes)
		return &data_granules[(address - data_base) / 8];
	return 0;
}

u64 memory_place(uintptr_t address)
{
	return address - REGION_BASE < HEAP_BYTES ? address - REGION_BASE : 0;
}

static int is_shared(const struct granule *granule)
{
	u16 all = granule->readers | granule->writers;

	return granule->writers && (all & (all - 1));
}

/*
 * Notes that the actor reads or writes there. 1 if others do too and somebody writes: only
 * such accesses are places to switch at. Where an access turns out to be one that was not
 * known before, executions so far had no switch there, and exploration begins anew.
 */
int memory_mark(uintptr_t address, unsigned bytes, int is_write, u32 actor)
{
	uintptr_t at = address & ~7ul, end = address + bytes;
	int shared = 0;

	for (; at < end; at += 8) {
		struct granule *granule = memory_granule(at);
		u16 bit = (u16)(1u << actor);
		int before;

		if (!granule)
			continue;
		before = is_shared(granule);
		if (is_write)
			granule->writers |= bit;
		else
			granule->readers |= bit;
		if (is_shared(granule)) {
			shared = 1;
			memory_grew |= !before;
		}
	}
	return shared;
}

/* fast enough: a multiplication for each eight bytes */
u64 hash_bytes(const void *bytes, size_t size, u64 seed)
{
	const u64 *word = bytes;
	u64 hash = seed * 0x9e3779b97f4a7c15ull + 0x1234567;
	size_t i;

	for (i = 0; i < size / 8; i++) {
		__uint128_t product = (__uint128_t)(word[i] ^ hash) * 0xd6e8feb86659fd93ull;

		hash = (u64)product ^ (u64)(product >> 64) ^ (hash << 23 | hash >> 41);
	}
	return hash * 0xff51afd7ed558ccdull ^ hash >> 29;
}

/* But for counters, which may lie beside something else. */
static u64 hash_line(uintptr_t at)
{
	u64 copy[LINE_BYTES / 8];
	unsigned i;

	memcpy(copy, (void *)at, LINE_BYTES);
	for (i = 0; i < LINE_BYTES / 8; i++)
		if (is_counter(at + 8 * i))
			copy[i] = 0;
	return hash_bytes(copy, LINE_BYTES, at);
}

/*
 * Called before the bytes are written, by the actor that runs (-1: the explorer). The own
 * stack is copied as a whole at each switch.
 */
void memory_save(uintptr_t address, unsigned bytes, s32 actor)
{
	uintptr_t at = address & ~(uintptr_t)(LINE_BYTES - 1);

	for (; at < address + bytes; at += LINE_BYTES) {
		struct line *line = line_of(at);
		int owner = stack_owner(at);
		struct undo *record;

		if (!line || (actor >= 0 && owner == actor) || line->stamp == stamp)
			continue;
		if (undo_used == UNDO_RECORDS)
			__builtin_trap();
		line->stamp = stamp;
		if (!line->hashed && owner < 0) {
			line->hash = hash_line(at);
			line->hashed = 1;
		}
		record = &undo[undo_used++];
		record->address = at;
		record->hash = line->hash;
		record->stack_of = (u8)(owner + 1);
		memcpy(record->content, (void *)at, LINE_BYTES);
	}
}

void memory_step_begins(void)
{
	stamp++;
	step_began = undo_used;
}

static u64 hash_stack(u32 actor)
{
	struct actor *a = &engine.actors[actor];
	char *top = memory_stack(actor) + STACK_BYTES;

	if (a->state == ACTOR_NONE || a->state == ACTOR_NEW || a->state == ACTOR_DONE)
		return 0;
	return hash_bytes(a->sp, (size_t)(top - (char *)a->sp), (u64)a->sp);
}

/* The hash of memory and stacks follows what the step has written. */
void memory_step_ends(void)
{
	u32 dirty = engine.last >= 0 ? 1u << engine.last : 0, actor;
	u64 i;

	for (i = step_began; i < undo_used; i++) {
		struct line *line = line_of(undo[i].address);

		if (undo[i].stack_of) {
			dirty |= 1u << (undo[i].stack_of - 1);
			continue;
		}
		engine.memory_hash -= line->hash;
		line->hash = hash_line(undo[i].address);
		engine.memory_hash += line->hash;
	}
	for (actor = 0; actor < engine.nr_actors; actor++)
		if (dirty >> actor & 1)
			engine.actors[actor].stack_hash = hash_stack(actor);
}

u64 memory_undo_position(void)
{
	return undo_used;
}

void memory_undo(u64 position)
{
	while (undo_used > position) {
		struct undo *record = &undo[--undo_used];
		struct line *line = line_of(record->address);

		memcpy((void *)record->address, record->content, LINE_BYTES);
		line->hash = record->hash;
		line->stamp = 0;
	}
}

u64 memory_read(uintptr_t address, unsigned bytes)
{
	u64 value = 0;

	memcpy(&value, (void *)address, bytes);
	return value;
}

void memory_write(uintptr_t address, unsigned bytes, u64 value)
{
	memcpy((void *)address, &value, bytes);
}
