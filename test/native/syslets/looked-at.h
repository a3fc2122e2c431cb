/* SPDX-License-Identifier: MIT */
/* A context that nobody can take over, and its calls. A cap of one task leaves no room for a watcher. */
#ifndef SYSLETS_TEST_LOOKED_AT_H
#define SYSLETS_TEST_LOOKED_AT_H

#include "syslet.h"

static inline void attach_alone(enum syslet_unwatched what)
{
	struct syslet_attach_options how = {.max_tasks = 1};
	struct syslet_attached attached;

	CHECK_EQ(syslet_attach(&how, &attached), 0);
	syslet_when_unwatched(what);
}

static inline long look(struct syslet_ring *ring, const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	struct syslet_call_result result = syslet_indirect(regs, &params, sizeof(params), 0);

	CHECK(!result.pending);
	return result.value;
}

#endif
