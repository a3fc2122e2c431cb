/* SPDX-License-Identifier: MIT */
/*
 * All executions of a scenario, or some at random.
 *
 * Depth first over states: a node keeps what is needed to come back to it (the position in
 * the undo log, the stack of the actor that ran, the explorer's own state). A state that
 * was seen before, with no more preemptions, is not gone into again. A preemption is a
 * switch away from an actor that could have gone on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "sim/schedule.h"
#include "sim/search.h"

#define MAX_NODES (1u << 17)
#define STACK_COPIES (1ul << 31)
#define GOES_ON 20000

struct node {
	struct engine_state state;
	u64 undo_position, copies;
	struct transitions choices;
	u32 next;
	s32 ran; /* whose stack lies at `copies` */
};

static struct node *nodes;
static struct store_buffer (*node_buffers)[MAX_ACTORS];
static char *copies;
static struct engine_state initial;
static struct transition taken[MAX_NODES];

void *map_lazily(size_t bytes)
{
	void *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

void search_init(void)
{
	nodes = map_lazily(MAX_NODES * sizeof(*nodes));
	node_buffers = map_lazily(MAX_NODES * sizeof(*node_buffers));
	copies = map_lazily(STACK_COPIES);
	states_init();
}

u64 search_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000 + (u64)now.tv_nsec / 1000000;
}

/* Of each buffer what is in it, which is little or nothing. */
static void copy_buffers(struct store_buffer *to, const struct store_buffer *from)
{
	u32 i;

	for (i = 0; i < MAX_ACTORS; i++) {
		to[i].used = from[i].used;
		to[i].ordered = from[i].ordered;
		memcpy(to[i].entry, from[i].entry, from[i].used * sizeof(*from[i].entry));
	}
}

static void save_node(struct node *node, u32 depth, u64 copies_used)
{
	node->state = engine;
	node->undo_position = memory_undo_position();
	node->copies = copies_used;
	node->ran = -1;
	node->next = 0;
	if (sim_model != SIM_SC)
		copy_buffers(node_buffers[depth], buffers);
}

/* The stack of the actor that is about to run. Its length. */
static u64 save_stack(struct node *node, s32 actor)
{
	char *top = memory_stack((u32)actor) + STACK_BYTES, *sp = engine.actors[actor].sp;
	u8 state = engine.actors[actor].state;

	node->ran = -1;
	if (state == ACTOR_NEW || state == ACTOR_NONE)
		return 0;
	node->ran = actor;
	memcpy(copies + node->copies, sp, (size_t)(top - sp));
	return (u64)(top - sp);
}

static void restore_node(struct node *node, u32 depth)
{
	memory_undo(node->undo_position);
	engine = node->state;
	if (node->ran >= 0) {
		char *sp = engine.actors[node->ran].sp;

		memcpy(sp, copies + node->copies,
		       (size_t)(memory_stack((u32)node->ran) + STACK_BYTES - sp));
	}
	if (sim_model != SIM_SC)
		copy_buffers(buffers, node_buffers[depth]);
	failure = 0;
}

/* At the end: everybody who has to has ended, or the execution has failed. */
static int ended_well(void)
{
	u32 i;

	for (i = 0; i < engine.nr_actors; i++)
		if (engine.actors[i].required && engine.actors[i].state != ACTOR_DONE) {
			failure = "no actor can go on (deadlock)";
			return 0;
		}
	return 1;
}

/* The outcome of the execution that has ended here. */
static void record_end(struct search *search, u32 depth)
{
	search->executions++;
	search->preempted = engine.preemptions;
	search->results_used = 0;
	if (!failure && ended_well() && !setjmp(outcome_failed))
		search->scenario->outcome();
	outcome_record(search, taken, depth);
	failure = 0;
}

static int out_of_budget(struct search *search)
{
	const struct search_options *options = search->options;

	if (search->states >= options->max_states)
		search->cut = "states";
	else if (!(++search->looks & 1023) && search_now_ms() - search->began_ms > options->max_ms)
		search->cut = "time";
	return search->cut != 0;
}

/*
 * Where something was found to be shared there is mostly more behind it. So the search goes
 * on for a while, a part of what it has cost so far, before it begins anew.
 */
static int begins_anew(struct search *search)
{
	if (!memory_grew)
		return 0;
	if (!search->grew_at)
		search->grew_at = search->steps;
	return search->steps >= search->grew_at + search->grew_at / 4 + GOES_ON;
}

static int stop_now(struct search *search)
{
	return search->cut || begins_anew(search);
}

/* Depth first from the state that is now. */
static void search_all(struct search *search)
{
	u64 copies_used = 0;
	u32 depth = 0;

	states_forget();
	save_node(&nodes[0], 0, 0);
	list_transitions(&nodes[0].choices, &search->bounds);
	for (;;) {
		struct node *node = &nodes[depth];
		struct transition next;
		u64 stack;

		if (node->next == node->choices.used || stop_now(search)) {
			restore_node(node, depth);
			copies_used = node->copies;
			if (!depth--)
				return;
			restore_node(&nodes[depth], depth);
			continue;
		}
		next = node->choices.list[node->next++];
		stack = save_stack(node, next.actor);
		take(&next);
		taken[depth] = next;
		search->steps++;
		if (failure || !has_transitions()) {
			record_end(search, depth + 1);
		} else if (depth + 1 >= search->options->max_steps || depth + 2 >= MAX_NODES) {
			failure = NO_END;
			record_end(search, depth + 1);
		} else if (!out_of_budget(search) &&
			   !state_seen(search)) {
			copies_used = node->copies + stack;
			depth++;
			save_node(&nodes[depth], depth, copies_used);
			list_transitions(&nodes[depth].choices, &search->bounds);
			if (nodes[depth].choices.used)
				continue;
			search->bounded++;
			depth--;
		}
		restore_node(node, depth);
	}
}

static u64 next_random(u64 *state)
{
	u64 z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* One execution, chosen at each step by `choose`; it ends where that chooses nothing. */
static void run_once(struct search *search, const struct transition *(*choose)(struct search *, u32))
{
	const struct search_options *options = search->options;
	u64 most = options->replay ? MAX_REPLAYED : options->max_steps < MAX_NODES ? options->max_steps : MAX_NODES;
	const struct transition *next;
	struct transition now;
	u32 depth = 0;

	save_node(&nodes[0], 0, 0);
	while (!failure && has_transitions()) {
		if (depth == most) {
			failure = NO_END;
			break;
		}
		next = choose(search, depth);
		if (!next)
			break;
		now = *next;
		take(&now);
		if (depth < MAX_NODES)
			taken[depth] = now;
		if (search->on_step)
			search->on_step(search, now, depth);
		search->steps++;
		depth++;
	}
	record_end(search, depth);
	restore_node(&nodes[0], 0);
}

static const struct transition *choose_uniformly(struct search *search, u32 depth)
{
	static struct transitions choices;

	(void)depth;
	list_transitions(&choices, &no_bounds);
	return &choices.list[next_random(&search->random) % choices.used];
}

static void search_at_random(struct search *search)
{
	u64 i;

	search->random = search->options->seed;
	for (i = 0; i < search->options->executions && !search->cut; i++) {
		run_once(search, choose_uniformly);
		if (memory_grew)
			return;
		if (search_now_ms() - search->began_ms > search->options->max_ms)
			search->cut = "time";
	}
}

#define SCOUTS 400
#define SCOUT_ACCESSES 1000000 /* by chance some executions are very long */

/*
 * What actors share is found on the way, and each find makes the search begin anew. Most of
 * it is found here, by executions that are forgotten.
 */
static void find_shared(struct search *search)
{
	u64 enough = engine_accesses + SCOUT_ACCESSES;
	int i;

	search->random = 1;
	for (i = 0; i < SCOUTS && engine_accesses < enough; i++)
		run_once(search, choose_uniformly);
}

static void start_anew(struct search *search)
{
	engine = initial;
	memset(buffers, 0, sizeof(buffers));
	memory_seal();
	search_forget(search);
	search->grew_at = 0;
	search->rounds++;
}

/* Most of the rest is found by searches with few preemptions, which are small. */
static void find_more_shared(struct search *search)
{
	const int wanted = search->bounds.preemptions;

	for (search->bounds.preemptions = 0; search->bounds.preemptions < 2; search->bounds.preemptions++) {
		if (wanted >= 0 && wanted <= search->bounds.preemptions)
			break;
		do {
			start_anew(search);
			search_all(search);
		} while (memory_grew && !search->cut);
	}
	search->bounds.preemptions = wanted;
}

/* The beginning of each execution: memory is as begin() left it, since all else is undone. */
static void begin(struct search *search)
{
	engine = (struct engine_state){.last = -1};
	search->scenario->begin();
	memory_seal();
	initial = engine;
}

/* Each time that a new place to switch at was found, everything begins anew. */
void search_run(struct search *search)
{
	sim_model = search->options->model;
	if (!search->begun++) {
		begin(search);
		search->began_ms = search_now_ms();
	}
	/* of a replay each access is a step: so it does not matter which were known to be shared */
	every_access = search->options->replay || search->options->every_access;
	search_forget(search);
	if (!every_access && !search->options->executions) {
		engine = initial;
		find_shared(search);
		find_more_shared(search);
	}
	do {
		start_anew(search);
		if (search->options->replay)
			run_once(search, schedule_next);
		else if (search->options->executions)
			search_at_random(search);
		else
			search_all(search);
	} while (memory_grew && !search->cut && !search->options->replay);
}
