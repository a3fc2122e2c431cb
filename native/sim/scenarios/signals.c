/* SPDX-License-Identifier: MIT */
/* Signals that nobody asked for, to any thread at any moment. */
#include "sim/scenarios/programs.h"

#define THREADS 3 /* the birth thread, and the first two that are made */

static void send(void *unused)
{
	static const u8 others[THREADS] = {1, 3, 4}; /* the second is this one */

	(void)unused;
	sim_signal(others[sim_choose(THREADS, "thread")]);
}

static void begin_signals(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 1, 2, 0);
	calls_see_signals = 1;
	sim_spawn("signal", send, 0, 0);
}

const struct sim_scenario signals = {
	.name = "kernel/signals",
	.title = "a signal ends a sleep or a call of any task: the call is made again",
	.begin = begin_signals,
	.outcome = calls_outcome,
};
