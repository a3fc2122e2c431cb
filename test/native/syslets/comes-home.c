/* SPDX-License-Identifier: MIT */
/*
 * The context comes home to its birth thread as soon as a setuid that goes on is over, however
 * long that takes: on a host whose setuid takes as many looks as the test says.
 */
#include "fake-host.h"
#include "host/host.h"

static struct syslet_completion_ring {
	struct syslet_ring header;
	struct syslet_completion slots[4];
} __attribute__((aligned(64))) memory;

static uint64_t stack[64];

static struct {
	enum fitness while_it_goes_on, in_the_end;
	int looks, looked;
} setuid_of_host;

static int may_carry_in_the_end(struct task *task, struct task *cur)
{
	(void)task, (void)cur;
	return setuid_of_host.looked++ < setuid_of_host.looks ? (int)setuid_of_host.while_it_goes_on
							      : (int)setuid_of_host.in_the_end;
}

static long call_that_blocks(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	return 1;
}

/* One call was handed over and is over: a child carries, and the birth thread waits. */
static struct context *begin(struct host_ops *ops)
{
	struct context *ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	struct indirect_registers regs = {.NR = SYS_getpid};
	struct indirect_params_both params = {
		.syslet = {.ring_ptr = (uint64_t)&memory, .frame = {0x1234, (uint64_t)&stack[32]}}};

	memset(&memory, 0, sizeof(memory));
	memory.header.elements = 4;
	memory.header.wait_group = 1;
	fake.call = call_that_blocks;
	CHECK_EQ(sys_indirect(&regs, &params, 32, 0, ctx->birth).how, HOW_FRAME);
	CHECK(ctx->carrier != ctx->birth);
	fake_park_task(ctx->birth);
	*ops = fake_ops;
	ops->may_carry = may_carry_in_the_end;
	ctx->ops = ops;
	return ctx;
}

/* What sys_go_home tells the birth thread. 1 if that carries its context then. */
static int comes_home(struct context *ctx)
{
	struct task *birth = ctx->birth;
	jmp_buf here;

	if (!list_empty(&birth->pool))
		remove_idle(birth);
	birth->order = ORDER_HOME;
	fake.sleeps = &here;
	if (!setjmp(here))
		CHECK_EQ(wait_to_carry(birth).how, HOW_RETURNED);
	fake.sleeps = 0;
	CHECK_EQ(birth->order == ORDER_HOME, 0);
	return ctx->carrier == birth;
}

static int after(int looks, enum fitness while_it_goes_on, enum fitness in_the_end)
{
	struct host_ops ops;
	struct context *ctx = begin(&ops);
	int home;

	setuid_of_host.while_it_goes_on = while_it_goes_on;
	setuid_of_host.in_the_end = in_the_end;
	setuid_of_host.looks = looks;
	setuid_of_host.looked = 0;
	home = comes_home(ctx);
	fake_detach(ctx);
	return home;
}

/* Each look of the real host takes milliseconds (credentials_adopt): 199 are a second. */
static void a_setuid_is_waited_for(void)
{
	int looks;

	for (looks = 0; looks < 200; looks++) {
		CHECK_EQ(after(looks, FIT_LATER, FIT), 1);
		CHECK_EQ(after(looks, FIT_ONCE_SETTLED, FIT), 1);
		CHECK_EQ(setuid_of_host.looked, looks + 1);
	}
}

static void a_priority_stays_behind(void)
{
	CHECK_EQ(after(0, FIT, FIT_BUT_FOR_ATTRIBUTES), 1);
	CHECK_EQ(after(7, FIT_ONCE_SETTLED, FIT_BUT_FOR_ATTRIBUTES), 1);
}

static void credentials_do_not(void)
{
	CHECK_EQ(after(0, FIT, UNFIT), 0);
	CHECK_EQ(setuid_of_host.looked, 1);
	CHECK_EQ(after(7, FIT_ONCE_SETTLED, UNFIT), 0);
	CHECK_EQ(setuid_of_host.looked, 8);
}

/* Detach answers, and says EPERM. */
static void what_never_ends_is_given_up(void)
{
	CHECK_EQ(after(1000, FIT_LATER, FIT), 0);
	CHECK_EQ(after(1000, FIT_ONCE_SETTLED, FIT), 0);
	CHECK(setuid_of_host.looked < 1000);
}

int main(void)
{
	host_init(0, GLIBC_SIGNALS);
	RUN(a_setuid_is_waited_for);
	RUN(a_priority_stays_behind);
	RUN(credentials_do_not);
	RUN(what_never_ends_is_given_up);
	return 0;
}
