/* SPDX-License-Identifier: MIT */
/* Calls that may be handed over: the result of each comes exactly once. */
#include "sim/scenarios/programs.h"

struct sim_user *user;
int calls_see_signals;

/* How often a program makes its call: first those that return at once, then those that sleep. */
static struct plan {
	u32 quick, slow;
	u64 frame_ip;
} plan;

static void prepare(struct sim_user *self, u64 nr)
{
	self->nr = nr;
	self->argument = self->caller_data = 100 + self->spare[NUMBER];
	self->frame_ip = plan.frame_ip;
}

static void note_returned(struct sim_user *self)
{
	if (self->value == -E_AGAIN)
		self->spare[REFUSED]++;
	else
		SIM_CHECK((u64)self->value == self->argument && "the call's own result");
	self->spare[RETURNED]++;
}

static void note_completed(struct sim_user *self)
{
	struct syslet_completion comp;

	SIM_CHECK(self->value == 0 && "ring_wait");
	SIM_CHECK(sim_reap(self->ring, &comp) && "ring_wait returned 0: there is a completion");
	SIM_CHECK(comp.status == self->argument && comp.caller_data == self->caller_data);
	self->spare[COMPLETED]++;
}

/* Call after call; where one was handed over, waits for its completion. */
enum sim_action one_by_one(struct sim_user *self)
{
	USER_BEGINS(self);
	for (; self->spare[NUMBER] < plan.quick + plan.slow; self->spare[NUMBER]++) {
		prepare(self, self->spare[NUMBER] < plan.quick ? SIM_NR_QUICK : SIM_NR_BLOCK);
		USER_DOES(self, USER_CALL);
		if (self->how != HOW_PENDING) {
			note_returned(self);
			continue;
		}
		do {
			self->wait_for = READ_ONCE(self->ring->header.user_tail);
			USER_DOES(self, USER_RING_WAIT);
		} while (self->value == -E_INTR && calls_see_signals);
		note_completed(self);
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

void begin_calls(sim_program program, u32 quick, u32 slow, u32 elements, u64 frame_ip)
{
	calls_see_signals = 0;
	plan = (struct plan){quick, slow, frame_ip};
	user = sim_context("context", program, &syslet_policy_default, OVERFLOW_RESERVE,
			   sim_ring("ring", elements, 1));
}

/* Every call has returned or has completed, and nothing is left over. */
void calls_outcome(void)
{
	SIM_CHECK(user->ended && "the context goes on");
	SIM_CHECK(!user->ctx.away);
	SIM_CHECK(user->spare[RETURNED] + user->spare[COMPLETED] == plan.quick + plan.slow);
	SIM_CHECK(user->ring->header.kernel_head == user->spare[COMPLETED]);
	sim_result(user->spare[RETURNED]);
	sim_result(user->spare[COMPLETED]);
	sim_result(user->spare[REFUSED]);
}

static void begin_one(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 1, 4, 0);
}

const struct sim_scenario hand_over = {
	.name = "kernel/hand-over",
	.title = "one call that sleeps, and detach",
	.begin = begin_one,
	.outcome = calls_outcome,
};

static void begin_two(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 2, 1, 0);
}

const struct sim_scenario hand_over_two = {
	.name = "kernel/hand-over-two",
	.title = "two calls one after the other, a ring of one element, and detach",
	.begin = begin_two,
	.outcome = calls_outcome,
};

static void begin_many(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 8, 1, 1, 0);
}

const struct sim_scenario hand_over_many = {
	.name = "kernel/hand-over-after-many",
	.title = "eight calls that return, and one that sleeps",
	.begin = begin_many,
	.outcome = calls_outcome,
};

static void begin_exit(void)
{
	sim_kernel_begins();
	begin_calls(one_by_one, 0, 2, 2, SIM_EXIT);
}

const struct sim_scenario hand_over_exit = {
	.name = "kernel/hand-over-exit",
	.title = "two calls whose frame is exit",
	.begin = begin_exit,
	.outcome = calls_outcome,
};

/* Two calls in flight at once: the second is made while the first sleeps. */
static enum sim_action both_at_once(struct sim_user *self)
{
	struct syslet_completion comp;

	USER_BEGINS(self);
	for (; self->spare[NUMBER] < 2; self->spare[NUMBER]++) {
		prepare(self, SIM_NR_BLOCK);
		USER_DOES(self, USER_CALL);
		if (self->how == HOW_PENDING)
			self->spare[PENDING]++;
		else
			note_returned(self);
	}
	while (self->spare[COMPLETED] < self->spare[PENDING]) {
		self->wait_for = READ_ONCE(self->ring->header.user_tail);
		USER_DOES(self, USER_RING_WAIT);
		SIM_CHECK(self->value == 0 && sim_reap(self->ring, &comp));
		SIM_CHECK(comp.status == comp.caller_data && "each result with its own data");
		self->spare[COMPLETED]++;
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void begin_both(void)
{
	sim_kernel_begins();
	begin_calls(both_at_once, 0, 2, 2, 0);
}

const struct sim_scenario two_in_flight = {
	.name = "kernel/two-in-flight",
	.title = "two calls in flight at once",
	.begin = begin_both,
	.outcome = calls_outcome,
};

/* A call that ends only when its own context, which went on, says so. */
enum sim_action waits_for_itself(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	WRITE_ONCE(self->spare[FLAG], 1);
	self->argument = 1;
	self->wait_for = 0;
	USER_DOES(self, USER_RING_WAIT);
	note_completed(self);
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void begin_itself(void)
{
	sim_kernel_begins();
	begin_calls(waits_for_itself, 0, 1, 2, 0);
}

const struct sim_scenario wait_for_oneself = {
	.name = "kernel/wait-for-oneself",
	.title = "a call that ends only when its own context goes on",
	.begin = begin_itself,
	.outcome = calls_outcome,
};

/* Detach with a call pending that nobody ends: it is interrupted, and its completion is there. */
static enum sim_action detaches(struct sim_user *self)
{
	USER_BEGINS(self);
	self->nr = SIM_NR_WAIT;
	self->argument = (u64)&self->spare[FLAG];
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	USER_DOES(self, USER_DETACH);
	SIM_CHECK((long)self->ring->comp[0].status == -E_INTR);
	self->spare[COMPLETED] = 1;
	USER_ENDS(self);
}

static void begin_detach(void)
{
	sim_kernel_begins();
	begin_calls(detaches, 0, 1, 2, 0);
}

const struct sim_scenario detach_pending = {
	.name = "kernel/detach-pending",
	.title = "detach interrupts the call that is pending",
	.begin = begin_detach,
	.outcome = calls_outcome,
};
