/* SPDX-License-Identifier: MIT */
/* Calls that are dispatched: each is made once, by one task, in their order. */
#include "sim/host.h"

static struct sim_user *user;
static u32 calls;

enum { REAPED, NUMBER, REFUSED };

/* Dispatches them all, then reaps them. */
static enum sim_action dispatches(struct sim_user *self)
{
	struct syslet_completion comp;

	USER_BEGINS(self);
	for (; self->spare[NUMBER] < calls; self->spare[NUMBER]++) {
		self->nr = SIM_NR_BLOCK;
		self->argument = self->caller_data = 100 + self->spare[NUMBER];
		USER_DOES(self, USER_DISPATCH);
		SIM_CHECK(self->how == HOW_PENDING && self->value == -ESYSLETPENDING);
	}
	while (self->spare[REAPED] < calls) {
		self->wait_for = READ_ONCE(self->ring->header.user_tail);
		USER_DOES(self, USER_RING_WAIT);
		SIM_CHECK(self->value == 0 && sim_reap(self->ring, &comp));
		SIM_CHECK(comp.status == comp.caller_data && "each result with its own data");
		self->spare[REAPED]++;
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void begin_with(u32 number)
{
	calls = number;
	sim_kernel_begins();
	user = sim_context("context", dispatches, &syslet_policy_default, OVERFLOW_RESERVE,
			   sim_ring("ring", 4, 1));
}

static void outcome(void)
{
	SIM_CHECK(user->ended && "the context goes on");
	SIM_CHECK(!user->ctx.away);
	SIM_CHECK(user->ring->header.kernel_head == calls);
	sim_result(user->spare[REAPED]);
}

static void begin_one(void)
{
	begin_with(1);
}

const struct sim_scenario dispatch_one = {
	.name = "kernel/dispatch",
	.title = "one dispatched call, and detach",
	.begin = begin_one,
	.outcome = outcome,
};

static void begin_two(void)
{
	begin_with(2);
}

const struct sim_scenario dispatch_two = {
	.name = "kernel/dispatch-two",
	.title = "two dispatched calls, and detach",
	.begin = begin_two,
	.outcome = outcome,
};

/* One is dispatched and interrupted; it ends once, whatever the moment. */
static enum sim_action interrupts(struct sim_user *self)
{
	struct syslet_completion comp;

	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = (u64)&self->spare[5];
	self->caller_data = 7;
	USER_DOES(self, USER_DISPATCH);
	SIM_CHECK(self->how == HOW_PENDING);
	while (!READ_ONCE(self->ring->header.kernel_head)) {
		interrupt_call(&self->ctx, (u64)self->ring, 7);
		self->ctx.ops->park(&self->spare[7], 0, 1000000);
	}
	SIM_CHECK(sim_reap(self->ring, &comp) && (long)comp.status == -E_INTR);
	self->spare[REAPED]++;
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void begin_interrupt(void)
{
	calls = 1;
	sim_kernel_begins();
	user = sim_context("context", interrupts, &syslet_policy_default, OVERFLOW_RESERVE,
			   sim_ring("ring", 4, 1));
}

const struct sim_scenario dispatch_interrupt = {
	.name = "kernel/dispatch-interrupt",
	.title = "a dispatched call is interrupted, begun or not",
	.begin = begin_interrupt,
	.outcome = outcome,
};

/* A task without the credentials makes no call (row 8): -EAGAIN, where no other can. */
static enum sim_action dispatches_to_unfit(struct sim_user *self)
{
	struct syslet_completion comp;

	USER_BEGINS(self);
	for (; self->spare[NUMBER] < calls; self->spare[NUMBER]++) {
		self->nr = SIM_NR_BLOCK;
		self->argument = self->caller_data = 100 + self->spare[NUMBER];
		USER_DOES(self, USER_DISPATCH);
		SIM_CHECK(self->how == HOW_PENDING);
	}
	while (self->spare[REAPED] < calls) {
		self->wait_for = READ_ONCE(self->ring->header.user_tail);
		USER_DOES(self, USER_RING_WAIT);
		SIM_CHECK(self->value == 0 && sim_reap(self->ring, &comp));
		if ((long)comp.status == -E_AGAIN)
			self->spare[REFUSED]++;
		else
			SIM_CHECK(comp.status == comp.caller_data);
		self->spare[REAPED]++;
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void unfit_outcome(void)
{
	outcome();
	sim_result(user->spare[REFUSED]);
}

static void begin_unfit(void)
{
	calls = 2;
	sim_kernel_begins();
	user = sim_context("context", dispatches_to_unfit, &syslet_policy_default, OVERFLOW_RESERVE,
			   sim_ring("ring", 4, 1));
	sim_allow(SIM_UNFIT, 1);
}

const struct sim_scenario dispatch_unfit = {
	.name = "kernel/dispatch-unfit",
	.title = "a task that was given a call lacks credentials",
	.begin = begin_unfit,
	.outcome = unfit_outcome,
};

/*
 * It waits until the setuid is over, and then makes its call: longer than one that lacks
 * credentials (UNFIT_TRIES).
 */
static void unsettled_outcome(void)
{
	SIM_CHECK(!user->spare[REFUSED]);
	outcome();
}

static void begin_unsettled(void)
{
	calls = 1;
	sim_kernel_begins();
	user = sim_context("context", dispatches_to_unfit, &syslet_policy_default, OVERFLOW_RESERVE,
			   sim_ring("ring", 4, 1));
	sim_allow(SIM_UNSETTLED, 21);
}

const struct sim_scenario dispatch_unsettled = {
	.name = "kernel/dispatch-unsettled",
	.title = "a setuid goes on while a dispatched call begins",
	.begin = begin_unsettled,
	.outcome = unsettled_outcome,
};

static void begin_unsettled_interrupt(void)
{
	begin_interrupt();
	sim_allow(SIM_UNSETTLED, 2);
}

const struct sim_scenario unsettled_interrupt = {
	.name = "kernel/unsettled-interrupt",
	.title = "a dispatched call is interrupted while it waits for a setuid",
	.begin = begin_unsettled_interrupt,
	.outcome = outcome,
};
