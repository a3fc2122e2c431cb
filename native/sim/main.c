/* SPDX-License-Identifier: MIT */
/*
 * The explorer of the kernel side as a program: one scenario, one model, one bound. What it
 * found goes to standard output as one line of JSON (lib/explore reads it).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

static const char *const ops[] = {
	[OP_NONE] = "none", [OP_READ] = "read", [OP_WRITE] = "write", [OP_RMW] = "update",
	[OP_FENCE] = "fence", [OP_START] = "start", [OP_PARK] = "park", [OP_WAKE] = "wake",
	[OP_UNTIL] = "wait", [OP_BLOCK] = "block", [OP_RETURN] = "return", [OP_CHOOSE] = "choose",
	[OP_REST] = "rest", [OP_SIGNAL] = "signal", [OP_FLUSH] = "flush", [OP_EXIT] = "exit",
};

static int list_scenarios(void)
{
	const struct sim_scenario *const *scenario;

	for (scenario = sim_scenarios; *scenario; scenario++)
		printf("{\"name\":\"%s\",\"title\":\"%s\"}\n", (*scenario)->name, (*scenario)->title);
	return 0;
}

static const struct sim_scenario *find(const char *name)
{
	const struct sim_scenario *const *scenario;

	for (scenario = sim_scenarios; *scenario; scenario++)
		if (!strcmp((*scenario)->name, name))
			return *scenario;
	fprintf(stderr, "no scenario %s: --list names them\n", name);
	exit(2);
}

static void print_failure(const char *failure)
{
	printf(",\"failure\":\"");
	for (; *failure; failure++)
		printf(*failure == '"' || *failure == '\\' ? "\\%c" : "%c", *failure);
	printf("\"");
}

static void print_outcome(const struct outcome *outcome)
{
	u32 i;

	printf("{\"count\":%lu,\"schedule\":\"%s\",\"values\":[", (unsigned long)outcome->count,
	       outcome->schedule);
	for (i = 0; i < outcome->used; i++)
		printf(i ? ",%ld" : "%ld", outcome->values[i]);
	printf("]");
	if (outcome->failure)
		print_failure(outcome->failure);
	printf("}");
}

/* Of memory that is the scenario's: its name, and what the step saw or made there. */
static void print_place(uintptr_t address, u64 value)
{
	char name[96];

	name_of(address, name, sizeof(name));
	printf(",\"what\":\"%s\",\"value\":%lu", name, (unsigned long)value);
}

/*
 * Whether a store waits in its buffer, and how many of the actor's do. A compare-and-swap that was
 * told to wait and failed has stored nothing. A fence may be everyone's.
 */
static void print_buffer(struct transition step, u8 op)
{
	u32 i;

	if (buffer_pushed)
		printf(",\"store\":\"waits\"");
	if (step.kind == TRANSITION_PASS)
		printf(",\"store\":\"passes\"");
	if (buffers[step.actor].used)
		printf(",\"waiting\":%u", buffers[step.actor].used);
	if (op != OP_FENCE)
		return;
	printf(",\"everywhere\":[");
	for (i = 0; i < engine.nr_actors; i++)
		printf(i ? ",%u" : "%u", buffers[i].used);
	printf("]");
}

/* One step of a replay, when it has been made: what it did, where, and the value then. */
static void print_step(struct search *search, struct transition step, u32 depth)
{
	static struct actor before[MAX_ACTORS];
	const struct actor *actor = &before[step.actor];
	u32 i;
	u8 op;

	(void)search;
	if (!depth)
		for (i = 0; i < MAX_ACTORS; i++)
			before[i].op = OP_START;
	op = step.kind == TRANSITION_FLUSH ? OP_FLUSH : actor->op;
	printf("%s{\"actor\":%u,\"name\":\"%s\",\"op\":\"%s\"", depth ? "," : "", step.actor,
	       engine.actors[step.actor].name ? engine.actors[step.actor].name : "?", ops[op]);
	if (op == OP_FLUSH && memory_granule(buffer_flushed.address))
		print_place(buffer_flushed.address,
			    memory_read(buffer_flushed.address, buffer_flushed.bytes));
	if (op != OP_FLUSH && memory_granule(actor->op_address))
		print_place(actor->op_address,
			    buffer_view(step.actor, actor->op_address, actor->op_bytes));
	if (actor->op_pc && op != OP_FLUSH)
		printf(",\"pc\":\"%#lx\"", (unsigned long)actor->op_pc - 1);
	if (step.kind == TRANSITION_CHOOSE)
		printf(",\"chosen\":%u", step.choice);
	print_buffer(step, op);
	printf("}");
	memcpy(before, engine.actors, sizeof(before));
}

static void print(const struct search *search)
{
	const struct search_options *options = search->options;
	u32 i;

	printf("\"scenario\":\"%s\",\"model\":\"%s\",\"preemptions\":%d,\"delays\":%d,\"complete\":%s,\"cut\":\"%s\","
	       "\"states\":%lu,\"executions\":%lu,\"steps\":%lu,\"accesses\":%lu,\"bounded\":%lu,"
	       "\"ms\":%lu,\"rounds\":%u,\"preempted\":%u",
	       search->scenario->name, sim_model_names[options->model], search->bounds.preemptions, search->bounds.delays,
	       search->cut || options->executions || options->replay ? "false" : "true",
	       search->cut ? search->cut : "", (unsigned long)search->states,
	       (unsigned long)search->executions, (unsigned long)search->steps,
	       (unsigned long)engine_accesses, (unsigned long)search->bounded,
	       (unsigned long)(search_now_ms() - search->began_ms), search->rounds, search->preempted);
	if (search->replay_error)
		printf(",\"replay\":\"%s\"", search->replay_error);
	printf(",\"outcomes\":[");
	for (i = 0; i < search->outcomes_used; i++) {
		printf(i ? "," : "");
		print_outcome(&search->outcomes[i]);
	}
	printf("]}\n");
}

static int same_outcome(const struct outcome *a, const struct outcome *b)
{
	if (a->failure || b->failure)
		return a->failure && b->failure && !strcmp(a->failure, b->failure);
	return a->used == b->used && !memcmp(a->values, b->values, a->used * sizeof(*a->values));
}

/* Makes a recorded execution again; how often with the outcome of the first time. */
static u64 repeat(struct search *search, u64 times)
{
	static struct outcome first;
	u64 same = 0;

	search->on_step = 0;
	first = search->outcomes[0];
	while (times--) {
		search_run(search);
		same += !search->replay_error && same_outcome(&first, &search->outcomes[0]);
	}
	return same;
}

static u64 number(const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "%s is not a number\n", text);
		exit(2);
	}
	return value;
}

static int usage(void)
{
	fprintf(stderr,
		"kernel-explore NAME [--model sc|tso|weak] [--bound N] [--delays N] [--states N] [--steps N]\n"
		"  [--time MS] [--random N --seed S] [--replay SCHEDULE [--repeat N]]\n"
		"  [--every-access] | --list\n");
	return 2;
}

static enum sim_model model_named(const char *name)
{
	unsigned i;

	for (i = 0; i <= SIM_WEAK; i++)
		if (!strcmp(sim_model_names[i], name))
			return (enum sim_model)i;
	exit(usage());
}

int main(int argc, char **argv)
{
	static struct outcome outcomes[MAX_OUTCOMES];
	struct search_options options = {.max_states = 100000000, .max_steps = 100000, .max_ms = ~0ull};
	struct search search = {.options = &options, .bounds = {-1, -1}, .outcomes = outcomes};
	u64 times = 0;
	int i;

	if (argc < 2)
		return usage();
	if (!strcmp(argv[1], "--list"))
		return list_scenarios();
	search.scenario = find(argv[1]);
	for (i = 2; i < argc; i++) {
		const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(option, "--every-access")) {
			options.every_access = 1;
			continue;
		}
		i++;
		if (!strcmp(option, "--model"))
			options.model = model_named(value);
		else if (!strcmp(option, "--bound"))
			search.bounds.preemptions = (int)number(value);
		else if (!strcmp(option, "--delays"))
			search.bounds.delays = (int)number(value);
		else if (!strcmp(option, "--states"))
			options.max_states = number(value);
		else if (!strcmp(option, "--steps"))
			options.max_steps = number(value);
		else if (!strcmp(option, "--time"))
			options.max_ms = number(value);
		else if (!strcmp(option, "--random"))
			options.executions = number(value);
		else if (!strcmp(option, "--seed"))
			options.seed = number(value);
		else if (!strcmp(option, "--replay"))
			options.replay = value;
		else if (!strcmp(option, "--repeat"))
			times = number(value);
		else
			return usage();
	}
	memory_init();
	coroutine_init();
	search_init();
	printf("{");
	if (options.replay) {
		printf("\"trace\":[");
		search.on_step = print_step;
	}
	search_run(&search);
	if (options.replay)
		printf("],");
	if (options.replay && times)
		printf("\"same\":%lu,", (unsigned long)repeat(&search, times));
	print(&search);
	return search.failed;
}
