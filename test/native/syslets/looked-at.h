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

/* The same, and what it keeps if it would wait, for the next look. */
static inline long look_once(struct syslet_ring *ring, const struct indirect_registers *regs, uint64_t kept[2])
{
	long value = look(ring, regs);

	if (value == -SYSLET_LOOKED)
		syslet_kept(kept);
	return value;
}

static inline long look_again(struct syslet_ring *ring, const struct indirect_registers *regs, uint64_t kept[2])
{
	syslet_go_on(kept);
	return look_once(ring, regs, kept);
}

#endif
