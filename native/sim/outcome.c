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

void outcome_record(struct search *search, const struct transition *taken, u32 steps)
{
	struct outcome *outcome = find(search);

	search->failed |= failure != 0;
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
		schedule_write(outcome->schedule, sizeof(outcome->schedule), taken, steps);
	}
	outcome->count++;
}
