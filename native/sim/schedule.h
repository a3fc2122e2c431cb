/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_SIM_SCHEDULE_H
#define SYSLETS_SIM_SCHEDULE_H

#include "sim/search.h"

u32 schedule_whole(u64 made, u64 outcome);
void schedule_write(char *into, size_t size, u32 whole, const struct transition *taken, u32 steps);
const struct transition *schedule_next(struct search *search, u32 depth);
void schedule_ends(struct search *search, u64 outcome);

#endif
