/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_SIM_SCHEDULE_H
#define SYSLETS_SIM_SCHEDULE_H

#include "sim/search.h"

void schedule_write(char *into, size_t size, const struct transition *taken, u32 steps);
struct transition schedule_next(struct search *search, u32 depth);

#endif
