/* SPDX-License-Identifier: MIT */
/* Watchers that park while no call is made: the real watch, on eyes of the explorer's. */
#include "sim/scenarios/programs.h"
#include "watch/watch.h"

static void begin_park(void)
{
	sim_kernel_begins();
	sim_watchers_park();
	begin_calls(waits_for_itself, 0, 1, 2, 0);
}

const struct sim_scenario park = {
	.name = "kernel/park",
	.title = "a watcher parks, and the call that comes then is handed over all the same",
	.begin = begin_park,
	.outcome = calls_outcome,
};

/* The event is closed while the watcher is parked; at the next call none can be had. */
static void begin_blind(void)
{
	begin_park();
	sim_allow(SIM_NO_EVENT, 2);
}

const struct sim_scenario park_blind = {
	.name = "kernel/park-blind",
	.title = "a watcher parks, and now and then no event can be opened",
	.begin = begin_blind,
	.outcome = calls_outcome,
};

static void begin_two(void)
{
	sim_kernel_begins();
	sim_watchers_park();
	begin_calls(one_by_one, 0, 2, 2, 0);
}

const struct sim_scenario park_two = {
	.name = "kernel/park-two",
	.title = "watchers park before, between and after two calls",
	.begin = begin_two,
	.outcome = calls_outcome,
};

/* The call before has found no event; at the next one carrier and watcher may both open one. */
static void begin_reopens(void)
{
	struct watch_context *watch;

	sim_kernel_begins();
	sim_watchers_park();
	begin_calls(one_by_one, 2, 0, 2, 0);
	watch = watch_of_context(&user->ctx);
	watch_of(user->ctx.birth)->page = 0;
	watch->event = EVENT_CLOSED;
	watch->perf_error = E_MFILE;
	watch->perf_again_at = user->ctx.ops->now() + 1;
	sim_allow(SIM_SECOND, 1);
}

const struct sim_scenario park_reopens = {
	.name = "kernel/park-reopens",
	.title = "an event is opened again, by the carrier or by its watcher",
	.begin = begin_reopens,
	.outcome = calls_outcome,
};

/* Nothing was handed over: detach finds the watcher parked, parking, or looking. */
static void begin_detach(void)
{
	sim_kernel_begins();
	sim_watchers_park();
	begin_calls(one_by_one, 1, 0, 2, 0);
}

const struct sim_scenario park_detach = {
	.name = "kernel/park-detach",
	.title = "detach ends a watcher that parks",
	.begin = begin_detach,
	.outcome = calls_outcome,
};
