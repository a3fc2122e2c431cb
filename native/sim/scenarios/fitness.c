/* SPDX-License-Identifier: MIT */
/* Tasks that may not carry the context, or may not yet: row 8 and what follows from it. */
#include "sim/scenarios/programs.h"

static void begin_with(enum sim_fault fault, u8 times, int no_successor)
{
	sim_kernel_begins();
	begin_calls(waits_for_itself, 0, 1, 2, 0);
	sim_allow(fault, times);
	if (no_successor)
		sim_allow(SIM_NO_SUCCESSOR, 1);
}

static void begin_unfit(void)
{
	begin_with(SIM_UNFIT, 1, 0);
}

const struct sim_scenario unfit_watcher = {
	.name = "kernel/unfit-watcher",
	.title = "a watcher lacks credentials: the carrier is nudged and makes another",
	.begin = begin_unfit,
	.outcome = calls_outcome,
};

static void begin_unfit_no_successor(void)
{
	begin_with(SIM_UNFIT, 1, 1);
}

const struct sim_scenario unfit_no_successor = {
	.name = "kernel/unfit-no-successor",
	.title = "a watcher lacks credentials, and once no other can be made",
	.begin = begin_unfit_no_successor,
	.outcome = calls_outcome,
};

static void begin_later(void)
{
	begin_with(SIM_FIT_LATER, 2, 0);
}

const struct sim_scenario setuid_goes_on = {
	.name = "kernel/setuid-goes-on",
	.title = "a setuid goes on while the watcher takes over",
	.begin = begin_later,
	.outcome = calls_outcome,
};

static void begin_unsettled(void)
{
	begin_with(SIM_UNSETTLED, 2, 0);
}

const struct sim_scenario unsettled_watcher = {
	.name = "kernel/unsettled-watcher",
	.title = "a setuid has reached the watcher, and not yet the carrier",
	.begin = begin_unsettled,
	.outcome = calls_outcome,
};

/* No better task can be had: then the context goes on with another priority. */
static void begin_attributes(void)
{
	begin_with(SIM_ATTRIBUTES, 1, 1);
}

const struct sim_scenario attributes_behind = {
	.name = "kernel/attributes-behind",
	.title = "a watcher may not have the carrier's priority",
	.begin = begin_attributes,
	.outcome = calls_outcome,
};

/* Detach on a child while the birth thread lacks credentials: the context stays there. */
static enum sim_action comes_home(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = self->caller_data = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	self->spare[COMPLETED]++;
	sim_allow(SIM_UNFIT, 1);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK(self->value == 0 || self->value == -E_PERM);
	SIM_CHECK((self->ctx.carrier == self->ctx.birth) == !self->value);
	USER_ENDS(self);
}

static void begin_home(void)
{
	sim_kernel_begins();
	begin_calls(comes_home, 0, 1, 2, 0);
}

const struct sim_scenario unfit_home = {
	.name = "kernel/unfit-home",
	.title = "the birth thread lacks credentials when its context comes home",
	.begin = begin_home,
	.outcome = calls_outcome,
};

/* The birth thread waits, however long a setuid takes: the context does come home. */
static enum sim_action comes_home_in_the_end(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = self->caller_data = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	self->spare[COMPLETED]++;
	sim_allow(SIM_FIT_LATER, 2);
	sim_allow(SIM_UNSETTLED, 2);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK(!self->value && self->ctx.carrier == self->ctx.birth);
	USER_ENDS(self);
}

static void begin_unsettled_home(void)
{
	sim_kernel_begins();
	begin_calls(comes_home_in_the_end, 0, 1, 2, 0);
}

const struct sim_scenario unsettled_home = {
	.name = "kernel/unsettled-home",
	.title = "a setuid goes on while the context comes home",
	.begin = begin_unsettled_home,
	.outcome = calls_outcome,
};

static void begin_frame(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 1, 2, SIM_FUNCTION);
	sim_allow(SIM_NO_FRAME, 1);
}

/* The function has run before detach was over, unless its task might not. */
static void frame_outcome(void)
{
	SIM_CHECK(user->frames <= user->spare[COMPLETED]);
	calls_outcome();
	sim_result(user->frames);
}

const struct sim_scenario frame_function = {
	.name = "kernel/frame-function",
	.title = "a frame's function runs, or may not, and detach waits for it",
	.begin = begin_frame,
	.outcome = frame_outcome,
};
