/* SPDX-License-Identifier: MIT */
/* Programs of contexts that more than one file of scenarios runs (hand-over.c). */
#ifndef SYSLETS_SIM_PROGRAMS_H
#define SYSLETS_SIM_PROGRAMS_H

#include "sim/host.h"

/* spare[] of such a program */
enum { RETURNED, COMPLETED, NUMBER, REFUSED, PENDING, FLAG };

/* The context that begin_calls has made. */
extern struct sim_user *user;
/* Set after begin_calls: a wait that a signal ended is made again. */
extern int calls_see_signals;

/* Call after call; where one was handed over, waits for its completion. */
enum sim_action one_by_one(struct sim_user *self);
/* A call that ends only when its own context, which went on, says so. */
enum sim_action waits_for_itself(struct sim_user *self);

/* In begin(), after sim_kernel_begins: so many calls that return at once, and that sleep. */
void begin_calls(sim_program program, u32 quick, u32 slow, u32 elements, u64 frame_ip);
/* Every call has returned or has completed, and nothing is left over. */
void calls_outcome(void);

#endif
