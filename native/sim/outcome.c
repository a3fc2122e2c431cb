/* SPDX-License-Identifier: MIT */
/* The outcomes of executions, each with the first schedule that gives it. */
#include <string.h>

#include "sim/schedule.h"

static struct search *current;

void sim_result(long value)
{
	if (current->results_used < MAX_RESULTS)
		current->results[current->results_used++] = value;
}

void search_forget(struct search *search)
{
	current = search;
	search->states = search->executions = search->steps = search->bounded = 0;
	search->outcomes_used = 0;
	search->failed = 0;
	search->cut = 0;
}

static struct outcome *find(struct search *search)
{
	u32 i;

	for (i = 0; i < search->outcomes_used; i++) {
		struct outcome *outcome = &search->outcomes[i];

		if (failure ? outcome->failure && !strcmp(outcome->failure, failure)
			    : !outcome->failure && outcome->used == search->results_used &&
				      !memcmp(outcome->values, search->results,
					      search->results_used * sizeof(long)))
			return outcome;
	}
	return 0;
}

/* How the execution ended, as one number; failed: why it did, or 0. */
u64 outcome_hash(const struct search *search, const char *failed)
{
	u64 hash = failed ? 1 : 2;
	const char *c = failed;
	u32 i;

	for (; c && *c; c++)
		hash = hash * 31 + (u8)*c;
	for (i = 0; !failed && i < search->results_used; i++)
		hash = hash_bytes(&search->results[i], sizeof(long), hash);
	return hash;
}

void outcome_record(struct search *search, const struct transition *taken, u32 steps)
{
	struct outcome *outcome = find(search);

	search->failed |= failure != 0;
	if (search->options->replay)
		schedule_ends(search, outcome_hash(search, failure));
	if (!outcome) {
		if (search->outcomes_used == MAX_OUTCOMES) {
			search->cut = "outcomes";
			return;
		}
		outcome = &search->outcomes[search->outcomes_used++];
		outcome->count = 0;
		outcome->failure = failure;
		outcome->used = failure ? 0 : search->results_used;
		memcpy(outcome->values, search->results, sizeof(outcome->values));
		if (search->options->replay)
			outcome->schedule[0] = 0; /* it is known */
		else
			schedule_write(outcome->schedule, sizeof(outcome->schedule),
				       schedule_whole(engine.made, outcome_hash(search, failure)), taken,
				       steps);
	}
	outcome->count++;
}
