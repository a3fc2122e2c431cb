/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_SIM_SEARCH_H
#define SYSLETS_SIM_SEARCH_H

#include "sim/engine.h"

#define MAX_OUTCOMES 256
#define MAX_REPLAYED (1u << 21) /* steps; in a replay each access is one */
#define NO_END "no end within the limit of steps"
#define MAX_SCHEDULE (1u << 16) /* an argument of a command may be twice as long */

enum transition_kind {
	TRANSITION_RUN,
	TRANSITION_WAIT, /* as RUN, once it was made: its store waits behind others */
	TRANSITION_DELAY,
	TRANSITION_PASS,
	TRANSITION_FLUSH,
	TRANSITION_CHOOSE
};

struct transition {
	u8 kind, actor, fences; /* then the actor stands before a fence that no source has */
	u16 choice;
	u32 ops;   /* made by it; of a flush: the store's number */
	u32 check; /* of these operations */
};

/* How many of each an execution may have; -1: any number. */
struct bounds {
	int preemptions, delays;
};

struct transitions {
	u32 used;
	struct transition list[3 * MAX_ACTORS + 8];
};

struct search_options {
	enum sim_model model;
	u64 max_states, max_steps, max_ms;
	u64 executions; /* so many at random; 0: all */
	u64 seed;
	int every_access;   /* each is a place to switch at, also those that nobody else sees */
	const char *replay;
};

struct outcome {
	u64 count;
	u32 used;
	const char *failure; /* 0: none */
	long values[MAX_RESULTS];
	char schedule[MAX_SCHEDULE]; /* of the first execution with it */
};

struct search {
	const struct sim_scenario *scenario;
	const struct search_options *options;
	void (*on_step)(struct search *search, struct transition step, u32 depth);
	struct bounds bounds;
	int begun;
	u64 grew_at; /* steps when something was found to be shared; 0: nothing was */
	u32 rounds;

	/* what was found; search_forget */
	u64 states, executions, steps, bounded, looks, began_ms;
	const char *cut; /* what ran out */
	int failed;
	u32 preempted; /* of the last execution: how often */
	u32 outcomes_used;
	u32 results_used;
	long results[MAX_RESULTS];

	u64 random;
	const char *replay_error;
	struct outcome *outcomes; /* MAX_OUTCOMES */
};

/* search.c */
void search_init(void);
void search_run(struct search *search);
u64 search_now_ms(void);
void *map_lazily(size_t bytes); /* memory that is there when it is used */

/* state.c */
void states_init(void);
void states_forget(void);
int state_seen(struct search *search);

/* transition.c */
void list_transitions(struct transitions *into, const struct bounds *bounds);
extern const struct bounds no_bounds;
int has_transitions(void);
void take(struct transition *transition);

/* outcome.c */
void search_forget(struct search *search);
u64 outcome_hash(const struct search *search, const char *failed);
void outcome_record(struct search *search, const struct transition *taken, u32 steps);

#endif
