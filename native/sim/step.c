/* SPDX-License-Identifier: MIT */
/* Steps of actors: where the explorer may switch, and when an actor can go on. */
#include <string.h>

#include "sim/engine.h"

struct engine_state engine;
enum sim_model sim_model;
const char *const sim_model_names[] = {[SIM_SC] = "sc", [SIM_TSO] = "tso", [SIM_WEAK] = "weak"};

static struct actor *me(void)
{
	return &engine.actors[running];
}

/* The actor's next step. Returns when the explorer has chosen it. */
void step(u8 op, uintptr_t address, unsigned bytes, uintptr_t pc)
{
	struct actor *actor = me();

	actor->op = op;
	actor->op_bytes = (u8)bytes;
	actor->op_address = address;
	actor->op_pc = pc;
	coroutine_yield();
	count_op(op, address, bytes);
}

/* Sleeps, relaxes or waits: how is in `state`; the step is `op`. */
static void rest_in(u8 state, u8 op, uintptr_t address, uintptr_t pc)
{
	me()->state = state;
	step(op, address, 4, pc);
}

/* A system call and a switch are full barriers: what was stored before is seen. */
static void enter_host(u8 op, uintptr_t address, uintptr_t pc)
{
	access_settle();
	step(op, address, 4, pc);
	buffer_drain((u32)running);
}

/* Only the weak model has steps that must wait for their own stores. */
static int may_step(u32 index, const struct actor *actor)
{
	if (sim_model != SIM_WEAK)
		return 1;
	switch (actor->op) {
	case OP_RMW:
		return !buffer_reserved(index, actor->op_address) &&
		       (!buffers[index].used || buffer_rmw_may_wait(index, actor->op_address));
	case OP_WRITE: /* nobody writes between the two halves of a read-modify-write */
		return !buffer_reserved(index, actor->op_address);
	case OP_FENCE:
	case OP_PARK:
	case OP_WAKE:
	case OP_BLOCK:
	case OP_SIGNAL:
	case OP_START:
		return !buffers[index].used;
	default:
		return 1;
	}
}

int actor_enabled(u32 index)
{
	const struct actor *actor = &engine.actors[index];

	switch (actor->state) {
	case ACTOR_NEW:
		return 1;
	case ACTOR_RUNNABLE:
		return may_step(index, actor);
	case ACTOR_PARKED:
		return actor->limited || actor->signalled;
	case ACTOR_UNTIL:
		return actor->holds(actor->holds_argument);
	case ACTOR_BLOCKED:
		return actor->signalled || actor->nudged || !actor->holds ||
		       actor->holds(actor->holds_argument);
	default:
		return 0;
	}
}

void sim_reads(const void *address, unsigned bytes)
{
	memory_mark((uintptr_t)address, bytes, 0, (u32)running);
}

/* What is over must not tell states apart. */
static void forget_condition(struct actor *actor)
{
	actor->holds = 0;
	actor->holds_argument = 0;
}

static int take_result(struct actor *actor)
{
	int result = actor->result;

	actor->result = 0;
	return result;
}

void sim_until(int (*holds)(void *), void *argument)
{
	struct actor *actor = me();

	access_settle();
	actor->holds = holds;
	actor->holds_argument = argument;
	rest_in(ACTOR_UNTIL, OP_UNTIL, 0, STEP_PC());
	forget_condition(actor);
}

/*
 * What it has looked at may have changed since: so it looks once more before it rests. Then
 * nothing changed between the look and the rest, or the rest ends.
 */
void sim_rest(void)
{
	u8 state = me()->looked ? ACTOR_RESTING : ACTOR_RUNNABLE;

	access_settle();
	me()->looked = 1;
	rest_in(state, OP_REST, 0, STEP_PC());
}

/* 0 if the word has changed or somebody woke it, else why the sleep ended. */
int sim_park(u32 *word, u32 expected, int limited)
{
	struct actor *actor = me();

	memory_mark((uintptr_t)word, 4, 0, (u32)running);
	enter_host(OP_PARK, (uintptr_t)word, STEP_PC());
	if (memory_read((uintptr_t)word, 4) != expected)
		return 0;
	actor->word = word;
	actor->limited = (u8)limited;
	actor->signalled = 0;
	actor->parked_at = engine.park_counter++;
	actor->result = -E_TIMEDOUT;
	rest_in(ACTOR_PARKED, OP_RETURN, (uintptr_t)word, STEP_PC());
	actor->word = 0;
	actor->limited = 0;
	if (actor->signalled)
		actor->result = -E_INTR;
	actor->signalled = 0;
	return take_result(actor);
}

static struct actor *first_parked(const u32 *word)
{
	struct actor *first = 0;
	u32 i;

	for (i = 0; i < engine.nr_actors; i++) {
		struct actor *actor = &engine.actors[i];

		if (actor->state == ACTOR_PARKED && actor->word == word &&
		    (!first || actor->parked_at < first->parked_at))
			first = actor;
	}
	return first;
}

static void wake_parked(const u32 *word, u32 count)
{
	struct actor *actor;

	while (count-- && (actor = first_parked(word)) != 0) {
		actor->state = ACTOR_RUNNABLE;
		actor->result = 0;
	}
}

void sim_wake(u32 *word, u32 count)
{
	enter_host(OP_WAKE, (uintptr_t)word, STEP_PC());
	wake_parked(word, count);
}

long sim_block(int (*holds)(void *), void *argument, long value)
{
	struct actor *actor = me();

	enter_host(OP_BLOCK, 0, STEP_PC());
	actor->holds = holds;
	actor->holds_argument = argument;
	actor->signalled = actor->nudged = 0;
	rest_in(ACTOR_BLOCKED, OP_RETURN, 0, STEP_PC());
	forget_condition(actor);
	if (actor->nudged)
		value = SIM_NUDGED; /* a signal that came as well is lost: its sender repeats it */
	else if (actor->signalled)
		value = -E_INTR;
	actor->signalled = actor->nudged = 0;
	return value;
}

static struct actor *by_tid(u32 tid)
{
	return tid && tid <= engine.nr_actors ? &engine.actors[tid - 1] : 0;
}

void sim_signal(u32 tid)
{
	struct actor *actor = by_tid(tid);

	enter_host(OP_SIGNAL, 0, STEP_PC());
	if (actor && (actor->state == ACTOR_PARKED || actor->state == ACTOR_BLOCKED))
		actor->signalled = 1;
}

void sim_nudge(u32 tid)
{
	struct actor *actor = by_tid(tid);

	enter_host(OP_SIGNAL, 0, STEP_PC());
	if (actor && actor->state == ACTOR_BLOCKED)
		actor->nudged = 1;
}

void sim_allow(enum sim_fault fault, u8 times)
{
	engine.left[fault] = times;
}

int sim_happens(enum sim_fault fault)
{
	if (!engine.left[fault] || !sim_choose(2, 0))
		return 0;
	engine.left[fault]--;
	return 1;
}

u64 sim_seconds(void)
{
	engine.seconds += (u8)sim_happens(SIM_SECOND);
	return engine.seconds;
}

unsigned sim_choose(unsigned n, const char *label)
{
	struct actor *actor = me();

	(void)label;
	if (n < 2)
		return 0;
	access_settle();
	actor->choices = (u16)n;
	rest_in(ACTOR_CHOOSES, OP_CHOOSE, 0, STEP_PC());
	return (unsigned)take_result(actor);
}

static u32 new_actor(const char *name, void (*run)(void *), void *argument, int required)
{
	u32 i = 0;

	while (i < engine.nr_actors && engine.actors[i].state != ACTOR_DONE)
		i++;
	if (i == MAX_ACTORS)
		sim_fail("the scenario needs more actors than the explorer has");
	if (i == engine.nr_actors)
		engine.nr_actors++;
	engine.actors[i] = (struct actor){.run = run,
					  .argument = argument,
					  .name = name,
					  .required = (u8)required,
					  .state = ACTOR_NEW,
					  .op = OP_START};
	return i + 1;
}

u32 sim_spawn(const char *name, void (*run)(void *), void *argument, int required)
{
	return new_actor(name, run, argument, required);
}

u32 sim_start(void (*run)(void *), void *argument, const char *name)
{
	if (running >= 0)
		enter_host(OP_START, 0, STEP_PC());
	return new_actor(name, run, argument, 0);
}

/* As a thread ends: its word is cleared and who waits for that is woken. */
void sim_exit(u32 *alive)
{
	enter_host(OP_EXIT, (uintptr_t)alive, STEP_PC());
	memory_mark((uintptr_t)alive, 4, 1, (u32)running);
	memory_save((uintptr_t)alive, 4, running);
	memory_write((uintptr_t)alive, 4, 0);
	wake_parked(alive, MAX_ACTORS);
	me()->state = ACTOR_DONE;
	coroutine_yield();
	__builtin_unreachable();
}

u32 sim_gettid(void)
{
	return (u32)running + 1;
}

int sim_is_blocked(u32 tid)
{
	struct actor *actor = by_tid(tid);

	return actor && actor->state == ACTOR_BLOCKED;
}

void sim_barrier_everywhere(void)
{
	u32 i, left = 1;

	enter_host(OP_FENCE, 0, STEP_PC());
	while (left)
		for (i = left = 0; i < engine.nr_actors; i++) {
			while (buffer_can_flush(i))
				buffer_flush(i);
			left |= buffers[i].used;
		}
}

void sim_unmap(u64 address, u64 bytes)
{
	engine.bad_address = address;
	engine.bad_bytes = bytes;
}

int sim_user_memory(u64 address, u64 bytes)
{
	if (!memory_granule(address) || !memory_granule(address + bytes - 1))
		return 0;
	return !engine.bad_bytes || address + bytes <= engine.bad_address ||
	       address >= engine.bad_address + engine.bad_bytes;
}
