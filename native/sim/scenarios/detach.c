/* SPDX-License-Identifier: MIT */
/* Detach in the states that other scenarios do not end in. */
#include "sim/scenarios/programs.h"

/* A context that never made a call: its spare task is not born, or just. */
static void begin_unused(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 0, 2, 0);
	user->spare_task = 1;
}

const struct sim_scenario detach_unused = {
	.name = "kernel/detach-unused",
	.title = "attach makes a spare task, and detach ends it at once",
	.begin = begin_unused,
	.outcome = calls_outcome,
};

/* A call that nobody ends is dispatched, begun or not. */
static enum sim_action dispatches_and_leaves(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = self->caller_data = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_DISPATCH);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK((long)self->ring->comp[0].status == -E_INTR);
	self->spare[COMPLETED] = 1;
	USER_ENDS(self);
}

static void begin_dispatched(void)
{
	sim_kernel_begins();
	begin_calls(dispatches_and_leaves, 0, 1, 2, 0);
}

const struct sim_scenario detach_dispatched = {
	.name = "kernel/detach-dispatched",
	.title = "detach ends a dispatched call, begun or not",
	.begin = begin_dispatched,
	.outcome = calls_outcome,
};

/* One call sleeps on its original, another was dispatched; both end by the detach. */
static enum sim_action leaves_both(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = self->caller_data = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DISPATCH);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK((long)self->ring->comp[0].status == -E_INTR);
	SIM_CHECK((long)self->ring->comp[1].status == -E_INTR);
	self->spare[COMPLETED] = 2;
	USER_ENDS(self);
}

static void begin_both(void)
{
	sim_kernel_begins();
	begin_calls(leaves_both, 0, 2, 2, 0);
}

const struct sim_scenario detach_both = {
	.name = "kernel/detach-both",
	.title = "detach with one call handed over and one dispatched",
	.begin = begin_both,
	.outcome = calls_outcome,
};

/* The carrier's own call returns while the watcher is on its way: detach finds it anywhere. */
static void begin_returning(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 1, 0, 2, 0);
	user->spare_task = 1;
}

const struct sim_scenario detach_watched = {
	.name = "kernel/detach-watched",
	.title = "detach while a watcher is born, looks, or takes over",
	.begin = begin_returning,
	.outcome = calls_outcome,
};

/* Attached anew on the same thread: nothing of the first time is left. */
static enum sim_action attaches_again(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = self->caller_data = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK(self->ctx.carrier == self->ctx.birth);
	context_init(&self->ctx, self->ctx.birth, self->ctx.policy, self->ctx.ops, OVERFLOW_RESERVE);
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DETACH);
	self->spare[COMPLETED] = 2;
	USER_ENDS(self);
}

static void begin_again(void)
{
	sim_kernel_begins();
	begin_calls(attaches_again, 0, 2, 2, 0);
}

const struct sim_scenario detach_again = {
	.name = "kernel/detach-again",
	.title = "detach, attach and detach again, each with a call pending",
	.begin = begin_again,
	.outcome = calls_outcome,
};
