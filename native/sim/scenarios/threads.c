/* SPDX-License-Identifier: MIT */
/*
 * No thread or no memory for a task, or no processor for its thread: the context goes on, with a
 * spare task or a guardian.
 */
#include "host/host.h"
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

/*
 * A call that is handed over, or comes back to its context: which lets it end, and makes it again.
 */
static enum sim_action surfaces_for_itself(struct sim_user *self)
{
	u64 kept[KEPT_LIMITS];

	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	WRITE_ONCE(self->spare[FLAG], 1);
	while (self->value == -SYSLET_SURFACED) {
		kept[KEPT_ARGUMENT] = self->ctx.carrier->kept[KEPT_ARGUMENT];
		kept[KEPT_SOCKET] = self->ctx.carrier->kept[KEPT_SOCKET];
		go_on_with(&self->ctx, kept);
		USER_DOES(self, USER_CALL);
	}
	if (self->how == HOW_PENDING) {
		self->wait_for = 0;
		USER_DOES(self, USER_RING_WAIT);
		self->spare[COMPLETED]++;
	} else {
		SIM_CHECK(self->value == 1 && "the call's own result");
		self->spare[RETURNED]++;
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

#define LOOKS 4 /* a watcher gets the mark at the third; one that has it runs then, at last */

static void look_a_few_times(void *context)
{
	u32 i;

	for (i = 0; i < LOOKS; i++) {
		guardian_wait();
		guardian_look(context);
	}
}

static void begin_away(void)
{
	sim_kernel_begins();
	begin_calls(surfaces_for_itself, 0, 1, 2, 0);
	user->ctx.when_unwatched = UNWATCHED_SURFACES;
	sim_spawn("guardian", look_a_few_times, &user->ctx, 0);
}

const struct sim_scenario watcher_away = {
	.name = "kernel/watcher-away",
	.title = "a watcher is kept off the processors, also in the middle of a look; the guardian sees it",
	.begin = begin_away,
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
