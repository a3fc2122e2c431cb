/* SPDX-License-Identifier: MIT */
/* No thread or no memory for a task: the context goes on, with a spare task or a guardian. */
#include "sim/scenarios/programs.h"

/* A call that nobody watches when it begins, and that ends only when it is handed over. */
static void begin_unwatched(void)
{
	sim_kernel_begins();
	begin_calls(waits_for_itself, 0, 1, 2, 0);
	sim_guardian(user);
}

static void begin_no_thread(void)
{
	begin_unwatched();
	sim_allow(SIM_NO_THREAD, 2);
}

const struct sim_scenario no_thread = {
	.name = "kernel/no-thread",
	.title = "no thread can be made for a while; the guardian looks",
	.begin = begin_no_thread,
	.outcome = calls_outcome,
};

static void begin_no_memory(void)
{
	begin_unwatched();
	sim_allow(SIM_NO_MEMORY, 2);
}

const struct sim_scenario no_memory = {
	.name = "kernel/no-memory",
	.title = "no stack can be had for a while; the guardian looks",
	.begin = begin_no_memory,
	.outcome = calls_outcome,
};

static void begin_spare(void)
{
	sim_kernel_begins();
	begin_calls(waits_for_itself, 0, 1, 2, 0);
	user->spare_task = 1;
	sim_allow(SIM_NO_THREAD, 1);
}

const struct sim_scenario spare_task = {
	.name = "kernel/spare-task",
	.title = "the spare task of attach watches where no thread can be made",
	.begin = begin_spare,
	.outcome = calls_outcome,
};
