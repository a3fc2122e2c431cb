/* SPDX-License-Identifier: MIT */
/* What can happen next in a state, and making it happen. */
#include "sim/search.h"

static void add(struct transitions *into, u8 kind, u32 actor, u32 choice)
{
	if (into->used == sizeof(into->list) / sizeof(*into->list))
		sim_fail("too many choices at one step");
	into->list[into->used++] =
		(struct transition){.kind = kind, .actor = (u8)actor, .choice = (u16)choice};
}

static int last_chooses(void)
{
	return engine.last >= 0 && engine.actors[engine.last].state == ACTOR_CHOOSES;
}

/*
 * To go on with another actor than the last is a preemption, if that one could go on and
 * has not just let others run.
 */
static int is_preemption(u32 actor)
{
	return engine.last >= 0 && (u32)engine.last != actor &&
	       engine.actors[engine.last].state == ACTOR_RUNNABLE &&
	       engine.actors[engine.last].op != OP_REST && actor_enabled((u32)engine.last);
}

static int within(u32 used, int bound)
{
	return bound < 0 || (int)used < bound;
}

/* The step that it makes next is a store that might wait. */
static int can_delay(u32 index)
{
	const struct actor *actor = &engine.actors[index];

	return sim_model != SIM_SC && actor->state == ACTOR_RUNNABLE && actor->delayable &&
	       !buffers[index].used &&
	       (actor->op == OP_WRITE ||
		(actor->op == OP_RMW && buffer_rmw_may_wait(index, actor->op_address)));
}

/* It comes behind stores that wait, and may be seen before them. */
static int can_pass(u32 index)
{
	const struct actor *actor = &engine.actors[index];

	return sim_model == SIM_WEAK && actor->state == ACTOR_RUNNABLE &&
	       (actor->op == OP_WRITE || actor->op == OP_RMW) && actor->delayable == MAY_PASS &&
	       buffer_may_pass(index, actor->op_address);
}

static void add_run(struct transitions *into, u32 actor, const struct bounds *bounds)
{
	if (!actor_enabled(actor))
		return;
	if (is_preemption(actor) && !within(engine.preemptions, bounds->preemptions))
		return;
	add(into, TRANSITION_RUN, actor, 0);
	if (!within(engine.delays, bounds->delays))
		return;
	if (can_delay(actor))
		add(into, TRANSITION_DELAY, actor, 0);
	if (can_pass(actor))
		add(into, TRANSITION_PASS, actor, 0);
}

/* The actor that ran last comes first, so that the first execution found switches least. */
const struct bounds no_bounds = {-1, -1};

void list_transitions(struct transitions *into, const struct bounds *bounds)
{
	u32 i, last = engine.last < 0 ? MAX_ACTORS : (u32)engine.last;

	into->used = 0;
	if (last_chooses()) {
		for (i = 0; i < engine.actors[last].choices; i++)
			add(into, TRANSITION_CHOOSE, last, i);
		return;
	}
	if (last < engine.nr_actors)
		add_run(into, last, bounds);
	for (i = 0; i < engine.nr_actors; i++)
		if (i != last)
			add_run(into, i, bounds);
	for (i = 0; i < engine.nr_actors; i++)
		if (buffer_can_flush(i))
			add(into, TRANSITION_FLUSH, i, 0);
}

int has_transitions(void)
{
	u32 i;

	if (last_chooses())
		return 1;
	for (i = 0; i < engine.nr_actors; i++)
		if (actor_enabled(i) || buffer_can_flush(i))
			return 1;
	return 0;
}

/* Somebody has changed something: who rests may look again. */
static void end_rests(u32 but)
{
	u32 i;

	for (i = 0; i < engine.nr_actors; i++) {
		if (i == but)
			continue;
		engine.actors[i].looked = 0;
		if (engine.actors[i].state == ACTOR_RESTING)
			engine.actors[i].state = ACTOR_RUNNABLE;
	}
}

static void run(u32 actor)
{
	u8 op = engine.actors[actor].op;
	u64 before = memory_undo_position();

	engine.preemptions += (u32)is_preemption(actor);
	engine.last = (s32)actor;
	coroutine_run(actor);
	if (op > OP_READ && op != OP_REST && op != OP_UNTIL && (memory_undo_position() != before || op > OP_RMW))
		end_rests(actor);
}

void take(struct transition *transition)
{
	struct actor *actor = &engine.actors[transition->actor];
	u32 before = actor->ops;

	memory_step_begins();
	ops_check = 0;
	store_waits = stack_fences = buffer_pushed = 0;
	engine.delay_now = transition->kind == TRANSITION_DELAY;
	engine.pass_now = transition->kind == TRANSITION_PASS;
	switch (transition->kind) {
	case TRANSITION_DELAY:
	case TRANSITION_PASS:
		engine.delays++;
		run(transition->actor);
		break;
	case TRANSITION_RUN:
		run(transition->actor);
		break;
	case TRANSITION_FLUSH:
		before = actor->ops - (u32)buffers[transition->actor].entry[0].made_at;
		note_made(OP_FLUSH, transition->actor, actor->ops - before);
		buffer_flush(transition->actor);
		end_rests(MAX_ACTORS);
		break;
	default:
		note_made(OP_CHOOSE, transition->actor, transition->choice);
		actor->result = transition->choice;
		coroutine_run(transition->actor);
	}
	memory_step_ends();
	transition->ops = actor->ops - before;
	transition->check = ops_check;
	transition->fences = (u8)stack_fences;
	if (transition->kind == TRANSITION_RUN && store_waits)
		transition->kind = TRANSITION_WAIT;
}
