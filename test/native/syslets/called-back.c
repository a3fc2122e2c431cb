/* SPDX-License-Identifier: MIT */
/* What happens in between, when a call that a foreign signal ended is made again. */
#include "fake-host.h"

static struct {
	struct syslet_ring head;
	struct syslet_completion comp[8];
} ring;
static u64 stack[64];
static int calls, at_call;
static long results[4];

static struct syslet_result read_one(struct task *cur)
{
	static struct indirect_registers regs = {.NR = SYS_read};
	union indirect_params params = {.syslet = {.ring_ptr = (u64)&ring,
						   .frame = {(u64)syslet_park, (u64)(stack + 64)}}};

	calls = 0;
	ring.head.elements = 8;
	return sys_indirect(&regs, &params, sizeof(params), 0, cur);
}

static long ended(const struct indirect_registers *regs, struct task *cur)
{
	if (regs->NR == SYS_getsockopt)
		return -ENOTSOCK;
	CHECK_EQ(regs->NR, SYS_read);
	if (calls == at_call) {
		cur->signalled = 1;
		fake.start_error = 0;
	}
	return results[calls++];
}

/* Nobody could be made to watch at entry; the carrier that is called back makes somebody. */
static void a_carrier_makes_a_watcher(void)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);

	fake.call = ended;
	fake.start_error = -EAGAIN;
	at_call = 0;
	results[0] = -EINTR;
	results[1] = 7;
	CHECK_EQ(read_one(ctx->carrier).value, 7);
	CHECK_EQ(calls, 2);
	CHECK(first_syslet_task(ctx) != 0);
	CHECK_EQ(word_state(ctx->carrier->word), WORD_USER);
	fake_detach(ctx);
}

/* EINTR that no signal is known to have made is the file system's own. */
static void an_eintr_of_others(void)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);

	fake.call = ended;
	at_call = -1;
	results[0] = -EINTR;
	CHECK_EQ(read_one(ctx->carrier).value, -EINTR);
	CHECK_EQ(calls, 1);
	fake_detach(ctx);
}

/* A call whose interrupt was meant ends, whatever signal came beside. */
static void an_interrupt_that_was_meant(void)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);

	fake.call = ended;
	at_call = 0;
	results[0] = -EINTR;
	ctx->carrier->call->interrupt = 1;
	CHECK_EQ(read_one(ctx->carrier).value, -EINTR);
	CHECK_EQ(calls, 1);
	fake_detach(ctx);
}

/* v7 knows of no such thing. */
static void v7_ends(void)
{
	struct context *ctx = fake_attach(&syslet_policy_v7, OVERFLOW_V7);

	fake.call = ended;
	at_call = 0;
	results[0] = -EINTR;
	CHECK_EQ(read_one(ctx->carrier).value, -EINTR);
	CHECK_EQ(calls, 1);
	fake_detach(ctx);
}

int main(void)
{
	RUN(a_carrier_makes_a_watcher);
	RUN(an_eintr_of_others);
	RUN(an_interrupt_that_was_meant);
	RUN(v7_ends);
	return 0;
}
