/* SPDX-License-Identifier: MIT */
/*
 * The runtime that -fsanitize=thread expects, with the explorer's meaning.
 *
 * An atomic access is made here. A plain one is made by the code itself, right after the
 * call that announces it; what the model has to say of it happens at the actor's next
 * call (access_settle): a plain store is taken out of memory again and into the buffer,
 * and what a plain load was shown instead of memory is taken back.
 */
#include <string.h>

#include "sim/engine.h"

#define MAX_PLAIN 128
#define MAX_KEPT 8 /* it lies on the actor's stack while others run */

/* Plain accesses of the running actor that have not been settled. */
static struct plain {
	uintptr_t address;
	u64 before, shown;
	u32 bytes, is_store;
} plain[MAX_PLAIN];
static u32 plain_used;
u64 engine_accesses;
int every_access;
int store_waits, stack_fences, recorded_waits = -1, recorded_fences = -1;
u32 ops_check;

void note_made(u8 op, u32 actor, u64 what)
{
	u64 hash = (engine.made ^ op ^ actor << 8 ^ what << 16) * 0x9e3779b97f4a7c15ull;

	engine.made = hash ^ hash >> 29;
}

void count_op(u8 op, uintptr_t address, unsigned bytes)
{
	engine.actors[running].ops++;
	ops_check = ops_check * 31 + op * 16u + bytes;
	note_made(op, (u32)running, memory_place(address) << 8 | bytes);
}

void access_settle(void)
{
	u32 i = 0;

	for (; i < plain_used; i++) {
		u64 now = memory_read(plain[i].address, plain[i].bytes);

		memory_write(plain[i].address, plain[i].bytes, plain[i].before);
		if (plain[i].is_store)
			buffer_push((u32)running, plain[i].address, plain[i].bytes, now, 0);
	}
	plain_used = 0;
}

static void remember(uintptr_t address, unsigned bytes, int is_store)
{
	if (plain_used == MAX_PLAIN)
		sim_fail("one plain access is too long for the explorer");
	plain[plain_used++] = (struct plain){.address = address,
					     .before = memory_read(address, bytes),
					     .bytes = bytes,
					     .is_store = (u32)is_store};
}

/* What the actor itself would read there. */
static u64 own_view(uintptr_t address, unsigned bytes)
{
	if (sim_model == SIM_SC || !buffers[running].used)
		return memory_read(address, bytes);
	return buffer_view((u32)running, address, bytes);
}

/*
 * What is stored may wait in the buffer: behind others, or since the explorer says so. A store that
 * no other actor sees is made at once. Which these are depends on the executions that were
 * searched, so a replay goes by its record.
 */
static int is_delayed(int shared)
{
	int waits = buffers[running].used ? shared && !engine.pass_now : (int)engine.delay_now;

	if (sim_model == SIM_SC)
		return 0;
	if (recorded_waits >= 0)
		waits = recorded_waits;
	store_waits |= waits;
	return waits;
}

/* A locked instruction of x86 makes what waits seen, wherever it stores itself. */
static int drains(u8 op)
{
	return op == OP_RMW && sim_model == SIM_TSO && buffers[running].used;
}

/* Eight bytes at most, that lie in one word. 1: other actors see it. */
static int announce(u8 op, uintptr_t address, unsigned bytes, enum delayable delayable,
		    uintptr_t pc)
{
	int shared;

	engine_accesses++;
	engine.delay_now = engine.pass_now = 0;
	engine.actors[running].delayable = (u8)delayable;
	shared = memory_mark(address, bytes, op != OP_READ, (u32)running) | every_access;
	if (shared || drains(op))
		step(op, address, bytes, pc);
	else
		count_op(op, address, bytes);
	return shared;
}

static void show(uintptr_t address, unsigned bytes, u64 value)
{
	if (value == memory_read(address, bytes))
		return;
	remember(address, bytes, 0);
	plain[plain_used - 1].shown = value;
	memory_write(address, bytes, value);
}

/*
 * A copy is announced as a read and then as a write, before either is made: what the read
 * was shown is shown again after the write's step.
 */
static u32 take_shown(struct plain *kept)
{
	u32 i, n = 0;

	for (i = 0; i < plain_used; i++)
		if (!plain[i].is_store && n < MAX_KEPT)
			kept[n++] = plain[i];
	return n;
}

static void show_again(const struct plain *kept, u32 n, uintptr_t address, u64 size)
{
	for (; n--; kept++)
		if (kept->address >= address + size || address >= kept->address + kept->bytes)
			show(kept->address, kept->bytes, kept->shown);
}

/* A read of several words may be torn between any two of them. */
static void plain_read(uintptr_t address, u64 size, uintptr_t pc)
{
	u64 seen[MAX_PLAIN], at, n = 0;

	if (running < 0)
		return;
	access_settle();
	for (at = 0; at < size && n < MAX_PLAIN; n++) {
		unsigned bytes = (unsigned)(8 - ((address + at) & 7));

		if (bytes > size - at)
			bytes = (unsigned)(size - at);
		announce(OP_READ, address + at, bytes, MADE_AT_ONCE, pc);
		seen[n] = own_view(address + at, bytes);
		at += bytes;
	}
	for (at = 0, n = 0; at < size && n < MAX_PLAIN; n++) {
		unsigned bytes = (unsigned)(8 - ((address + at) & 7));

		if (bytes > size - at)
			bytes = (unsigned)(size - at);
		if (size > 8 || sim_model != SIM_SC)
			show(address + at, bytes, seen[n]);
		at += bytes;
	}
}

/* A full fence: what the actor stored before is seen by all. */
static void fence(uintptr_t pc)
{
	if (running < 0 || sim_model == SIM_SC)
		return;
	access_settle();
	if (!buffers[running].used)
		return;
	step(OP_FENCE, 0, 0, pc);
	buffer_drain((u32)running);
}

/*
 * The compiler keeps values on the stack without a word to us, so a store to the own stack
 * cannot wait in a buffer: it is made at once. Where others see it, all that was stored
 * before is seen first.
 */
static int on_own_stack(uintptr_t address)
{
	return running >= 0 && address - (uintptr_t)memory_stack((u32)running) < STACK_BYTES;
}

static void fence_for_stack(uintptr_t address, u64 bytes, uintptr_t pc)
{
	int shared = memory_mark(address, (unsigned)bytes, 1, (u32)running);

	if (!buffers[running].used || !(recorded_fences >= 0 ? recorded_fences : shared))
		return;
	stack_fences = 1;
	fence(pc);
}

static int in_one_word(uintptr_t address, u64 size)
{
	return (address & 7) + size <= 8;
}

/*
 * One of more than a word does not wait: what it would add is a data race's, and each of
 * its words would wait by itself.
 */
static void plain_write(uintptr_t address, u64 size, uintptr_t pc)
{
	int direct = size > 8 || on_own_stack(address);
	struct plain kept[MAX_KEPT];
	int shared, waits;
	u32 nr_kept;
	u64 at;

	if (running < 0)
		return;
	nr_kept = take_shown(kept);
	access_settle();
	if (direct)
		fence_for_stack(address, size, pc);
	shared = announce(OP_WRITE, address, size > 8 ? 8 - (address & 7) : (unsigned)size,
			  direct ? MADE_AT_ONCE : in_one_word(address, size) ? MAY_PASS : MAY_WAIT, pc);
	waits = !direct && is_delayed(shared);
	for (at = 0; at < size;) {
		unsigned bytes = (unsigned)(8 - ((address + at) & 7));

		if (bytes > size - at)
			bytes = (unsigned)(size - at);
		if (size > 8 && at)
			memory_mark(address + at, bytes, 1, (u32)running);
		if (waits)
			remember(address + at, bytes, 1);
		else
			memory_save(address + at, bytes, running);
		at += bytes;
	}
	show_again(kept, nr_kept, address, size);
}

#define PC ((uintptr_t)__builtin_return_address(0))
#define PLAIN(bytes)                                                                               \
	void __tsan_read##bytes(void *p);                                                          \
	void __tsan_write##bytes(void *p);                                                         \
	void __tsan_unaligned_read##bytes(void *p);                                                \
	void __tsan_unaligned_write##bytes(void *p);                                               \
	void __tsan_volatile_read##bytes(void *p);                                                 \
	void __tsan_volatile_write##bytes(void *p);                                                \
	void __tsan_read##bytes(void *p) { plain_read((uintptr_t)p, bytes, PC); }                  \
	void __tsan_write##bytes(void *p) { plain_write((uintptr_t)p, bytes, PC); }                \
	void __tsan_unaligned_read##bytes(void *p) { plain_read((uintptr_t)p, bytes, PC); }        \
	void __tsan_unaligned_write##bytes(void *p) { plain_write((uintptr_t)p, bytes, PC); }      \
	void __tsan_volatile_read##bytes(void *p) { plain_read((uintptr_t)p, bytes, PC); }         \
	void __tsan_volatile_write##bytes(void *p) { plain_write((uintptr_t)p, bytes, PC); }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size);
void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read_range(void *p, unsigned long size) { plain_read((uintptr_t)p, size, PC); }
void __tsan_write_range(void *p, unsigned long size) { plain_write((uintptr_t)p, size, PC); }
void __tsan_init(void) {}
void __tsan_func_entry(void *pc) { (void)pc; }
void __tsan_func_exit(void) {}

static u64 atomic_load(uintptr_t address, unsigned bytes, uintptr_t pc)
{
	if (running < 0)
		return memory_read(address, bytes);
	access_settle();
	announce(OP_READ, address, bytes, MADE_AT_ONCE, pc);
	return own_view(address, bytes);
}

static void write_now(uintptr_t address, unsigned bytes, u64 value)
{
	if (running >= 0)
		memory_save(address, bytes, running);
	memory_write(address, bytes, value);
}

static void atomic_store(uintptr_t address, unsigned bytes, u64 value, int order, uintptr_t pc)
{
	int shared, direct = on_own_stack(address);
	enum delayable delayable = order == __ATOMIC_RELAXED ? MAY_PASS : MAY_WAIT;

	if (running < 0)
		return write_now(address, bytes, value);
	access_settle();
	if (direct)
		fence_for_stack(address, bytes, pc);
	shared = announce(OP_WRITE, address, bytes, direct ? MADE_AT_ONCE : delayable, pc);
	if (direct || !is_delayed(shared))
		return write_now(address, bytes, value);
	buffer_push((u32)running, address, bytes, value, 0);
	if (order == __ATOMIC_SEQ_CST)
		fence(pc);
}

enum rmw { RMW_XCHG, RMW_ADD, RMW_SUB, RMW_AND, RMW_OR, RMW_XOR };

static u64 apply(enum rmw rmw, u64 old, u64 operand)
{
	switch (rmw) {
	case RMW_XCHG:
		return operand;
	case RMW_ADD:
		return old + operand;
	case RMW_SUB:
		return old - operand;
	case RMW_AND:
		return old & operand;
	case RMW_OR:
		return old | operand;
	default:
		return old ^ operand;
	}
}

/* A read-modify-write begins: its old value. What it stores goes to end_rmw. */
static u64 begin_rmw(uintptr_t address, unsigned bytes, int *shared, int order, uintptr_t pc)
{
	enum delayable delayable = order == __ATOMIC_RELAXED ? MAY_PASS : MAY_WAIT;

	*shared = 0;
	if (running < 0)
		return memory_read(address, bytes);
	access_settle();
	*shared = announce(OP_RMW, address, bytes, sim_model == SIM_WEAK ? delayable : MADE_AT_ONCE, pc);
	if (sim_model == SIM_TSO)
		buffer_drain((u32)running);
	return own_view(address, bytes);
}

static void end_rmw(uintptr_t address, unsigned bytes, u64 value, int shared, int order)
{
	if (sim_model != SIM_WEAK || running < 0)
		return write_now(address, bytes, value);
	if (is_delayed(shared))
		buffer_push((u32)running, address, bytes, value, 1);
	else
		write_now(address, bytes, value);
	if (order == __ATOMIC_SEQ_CST || order == __ATOMIC_ACQ_REL)
		buffer_release_fence((u32)running);
}

static u64 atomic_rmw(enum rmw rmw, uintptr_t address, unsigned bytes, u64 operand, int order,
		      uintptr_t pc)
{
	int shared;
	u64 old = begin_rmw(address, bytes, &shared, order, pc);

	end_rmw(address, bytes, apply(rmw, old, operand), shared, order);
	return old;
}

static u64 masked(u64 value, unsigned bytes)
{
	return bytes == 8 ? value : value & ((1ull << 8 * bytes) - 1);
}

static int atomic_cas(uintptr_t address, unsigned bytes, void *expected, u64 desired, int order,
		      uintptr_t pc)
{
	u64 want = memory_read((uintptr_t)expected, bytes), old;
	int shared;

	old = masked(begin_rmw(address, bytes, &shared, order, pc), bytes);
	if (old == want) {
		end_rmw(address, bytes, desired, shared, order);
		return 1;
	}
	memory_write((uintptr_t)expected, bytes, old); /* a local variable of the caller's */
	return 0;
}

#define RMW(bits, name, rmw)                                                                       \
	u##bits __tsan_atomic##bits##_##name(volatile u##bits *p, u##bits v, int order);           \
	u##bits __tsan_atomic##bits##_##name(volatile u##bits *p, u##bits v, int order)            \
	{                                                                                          \
		return (u##bits)atomic_rmw(rmw, (uintptr_t)p, bits / 8, v, order, PC);             \
	}
#define ATOMIC(bits)                                                                               \
	u##bits __tsan_atomic##bits##_load(const volatile u##bits *p, int order);                  \
	void __tsan_atomic##bits##_store(volatile u##bits *p, u##bits v, int order);               \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile u##bits *p, u##bits *expected,  \
							  u##bits v, int order, int failed);       \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile u##bits *p, u##bits *expected,    \
							u##bits v, int order, int failed);         \
	u##bits __tsan_atomic##bits##_load(const volatile u##bits *p, int order)                   \
	{                                                                                          \
		(void)order;                                                                       \
		return (u##bits)atomic_load((uintptr_t)p, bits / 8, PC);                           \
	}                                                                                          \
	void __tsan_atomic##bits##_store(volatile u##bits *p, u##bits v, int order)                \
	{                                                                                          \
		atomic_store((uintptr_t)p, bits / 8, v, order, PC);                                \
	}                                                                                          \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile u##bits *p, u##bits *expected,  \
							  u##bits v, int order, int failed)        \
	{                                                                                          \
		(void)failed;                                                                      \
		return atomic_cas((uintptr_t)p, bits / 8, expected, v, order, PC);                 \
	}                                                                                          \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile u##bits *p, u##bits *expected,    \
							u##bits v, int order, int failed)          \
	{                                                                                          \
		(void)failed;                                                                      \
		return atomic_cas((uintptr_t)p, bits / 8, expected, v, order, PC);                 \
	}                                                                                          \
	RMW(bits, exchange, RMW_XCHG)                                                              \
	RMW(bits, fetch_add, RMW_ADD)                                                              \
	RMW(bits, fetch_sub, RMW_SUB)                                                              \
	RMW(bits, fetch_and, RMW_AND)                                                              \
	RMW(bits, fetch_or, RMW_OR)                                                                \
	RMW(bits, fetch_xor, RMW_XOR)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

/* Loads are made in order, and with TSO stores leave in order. */
void __tsan_atomic_thread_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST)
		return fence(PC);
	if (running < 0 || sim_model != SIM_WEAK || (order != __ATOMIC_RELEASE && order != __ATOMIC_ACQ_REL))
		return;
	access_settle();
	buffer_release_fence((u32)running);
}

void __tsan_atomic_signal_fence(int order) { (void)order; }
