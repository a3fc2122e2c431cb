/* SPDX-License-Identifier: MIT */
/* Results that go to an address: no ring, no lock, and a word of the user's that tells. */
#include "sim/scenarios/programs.h"

#define STATUS 42
#define DATA 7
#define NO_RESULT (~0ull) /* no call gives it */

static struct {
	u64 status, data;
	u32 done;
} *at;

static struct task *completer;
static u64 *seen; /* by the reader: status and data */

static struct syslet_result_place place(int has_word)
{
	return (struct syslet_result_place){.status_ptr = (u64)&at->status,
					    .done_ptr = has_word ? (u64)&at->done : 0,
					    .flags = has_word ? SYSLET_PLACE_WAKE : 0};
}

static void prepare_place(void)
{
	static const struct sim_field fields[] = {{"status", 0}, {"data", 8}, {"done", 16}, {0, 0}};

	at = sim_alloc(sizeof(*at));
	sim_name(at, sizeof(*at), fields, "place");
	at->status = NO_RESULT;
}

/* A call that has moved data is over. */
static void complete(void *unused)
{
	(void)unused;
	WRITE_ONCE(at->data, DATA);
	SIM_CHECK(complete_call(completer, STATUS) == 0);
}

static void note(void)
{
	seen[0] = READ_ONCE(at->status);
	seen[1] = READ_ONCE(at->data);
}

static void wait_for(void *unused)
{
	struct syslet_result_place where = place(1);

	(void)unused;
	SIM_CHECK(place_wait(completer->ctx->ops, &where, 0) == 0);
	note();
}

/* The acquire is that of docs/c.md; loads are made in order in each model. */
static void look_for(void *unused)
{
	(void)unused;
	while (__atomic_load_n(&at->status, __ATOMIC_ACQUIRE) == NO_RESULT)
		sim_rest();
	note();
}

static void outcome(void)
{
	sim_result((long)seen[0]);
	sim_result((long)seen[1]);
}

static void begin_with(int has_word)
{
	sim_kernel_begins();
	prepare_place();
	seen = sim_alloc(2 * sizeof(*seen));
	sim_name(seen, 16, 0, "seen");
	completer = sim_plain_context("completer's", &syslet_policy_default, OVERFLOW_RESERVE)->birth;
	completer->own.indirect_params.place = place(has_word);
	completer->own.indirect_params.syslet.caller_data = STATUS;
	sim_spawn("completer", complete, 0, 1);
}

static u32 waiter_tid;

/* A signal that nobody asked for, at any moment. */
static void send_signal(void *unused)
{
	(void)unused;
	sim_signal(waiter_tid);
}

static void begin_wait(void)
{
	begin_with(1);
	waiter_tid = sim_spawn("waiter", wait_for, 0, 1);
	sim_spawn("signal", send_signal, 0, 1);
}

const struct sim_scenario place_and_wait = {
	.name = "kernel/place-and-wait",
	.title = "a result at an address against one that waits for it, and a signal",
	.begin = begin_wait,
	.outcome = outcome,
};

/* It volunteers for nothing, so that no read-modify-write orders what it stores. */
static void begin_status(void)
{
	begin_with(0);
	completer->unfit = 1;
	sim_spawn("reader", look_for, 0, 1);
}

const struct sim_scenario place_by_status = {
	.name = "kernel/place-by-status",
	.title = "a result at an address, told by its status alone",
	.begin = begin_status,
	.outcome = outcome,
};

/* The memory is the user's again: the next call may have it. */
static void use_place(struct sim_user *self, u64 nr, u64 argument)
{
	WRITE_ONCE(at->done, 0);
	WRITE_ONCE(at->status, NO_RESULT);
	self->place = place(1);
	self->nr = nr;
	self->argument = argument;
	self->caller_data = 100;
}

static void note_call(struct sim_user *self, u64 result)
{
	SIM_CHECK(READ_ONCE(at->done) == 1 && "the wait ends with the result");
	SIM_CHECK(READ_ONCE(at->status) == result && "it is this call's");
	self->spare[COMPLETED]++;
}

static enum sim_action uses_again(struct sim_user *self)
{
	USER_BEGINS(self);
	for (; self->spare[NUMBER] < 2; self->spare[NUMBER]++) {
		use_place(self, SIM_NR_BLOCK, 100 + self->spare[NUMBER]);
		USER_DOES(self, USER_CALL);
		if (self->how != HOW_PENDING) {
			SIM_CHECK((u64)self->value == self->argument && "the call's own result");
			self->spare[RETURNED]++;
			continue;
		}
		USER_DOES(self, USER_PLACE_WAIT);
		SIM_CHECK(self->value == 0);
		note_call(self, self->argument);
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

/* Every call has returned or has its result at the address; nothing went to the ring. */
static void calls_outcome_placed(void)
{
	SIM_CHECK(user->ended && "the context goes on");
	SIM_CHECK(!user->ctx.away);
	SIM_CHECK(!user->ring->header.kernel_head);
	SIM_CHECK(user->spare[RETURNED] + user->spare[COMPLETED] == 2);
	sim_result(user->spare[RETURNED]);
	sim_result(user->spare[COMPLETED]);
	sim_result(user->spare[REFUSED]);
}

static void begin_reused(void)
{
	sim_kernel_begins();
	prepare_place();
	begin_calls(uses_again, 0, 2, 1, 0);
}

const struct sim_scenario place_reused = {
	.name = "kernel/place-reused",
	.title = "two calls whose results go to one address, one after the other",
	.begin = begin_reused,
	.outcome = calls_outcome_placed,
};

/* The first ends by the interrupt alone, which names the address; the second is not interrupted. */
static enum sim_action interrupts_the_first(struct sim_user *self)
{
	USER_BEGINS(self);
	use_place(self, SIM_NR_WAIT, (u64)&self->spare[FLAG]);
	USER_DOES(self, USER_CALL);
	SIM_CHECK(self->how == HOW_PENDING);
	while (!smp_load_acquire(&at->done)) {
		interrupt_call(&self->ctx, (u64)&at->status, self->caller_data);
		self->ctx.ops->park(&at->done, 0, 1000000);
	}
	note_call(self, (u64)-E_INTR);
	use_place(self, SIM_NR_BLOCK, 200);
	USER_DOES(self, USER_CALL);
	if (self->how != HOW_PENDING) {
		SIM_CHECK(self->value == 200 && "the call's own result");
		self->spare[RETURNED]++;
	} else {
		USER_DOES(self, USER_PLACE_WAIT);
		SIM_CHECK(self->value == 0);
		note_call(self, 200);
	}
	USER_DOES(self, USER_DETACH);
	USER_ENDS(self);
}

static void begin_interrupted(void)
{
	sim_kernel_begins();
	prepare_place();
	begin_calls(interrupts_the_first, 0, 2, 1, 0);
}

const struct sim_scenario place_interrupted = {
	.name = "kernel/place-interrupted",
	.title = "an interrupted call, and another with its address",
	.begin = begin_interrupted,
	.outcome = calls_outcome_placed,
};
