/* SPDX-License-Identifier: MIT */
/*
 * The table of defects of v7 (docs/defects.md), row by row: v7 shows the defect, the
 * default the right column. Here are the rows that need no thread: a test's host plays
 * the machine. Rows 5 (frame), 4 (overflow), 7, 9 and 18 (ring-wait), 8 (setuid),
 * 14 (ring-faults) have theirs on real threads beside this.
 */
#include <sys/mman.h>

#include "fake-host.h"
#include "host/host.h"

#define FOUR_GIB 0x100000000ull

static struct ring_memory {
	struct syslet_ring header;
	struct syslet_completion slots[8];
} __attribute__((aligned(64))) memory;

static uint64_t frame_stack[64];
static long call_result;
static int call_blocks;

/* A call of the fake host: its result, after its context went on elsewhere if it blocks. */
static long simple_call(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	if (call_blocks)
		CHECK(fake_block(cur) != 0);
	return call_result;
}

static struct context *begin(const struct policy *policy)
{
	memset(&memory, 0, sizeof(memory));
	memory.header.elements = 8;
	fake.call = simple_call;
	fake.at = 0;
	fake.unfit = 0;
	fake.start_error = 0;
	return fake_attach(policy, policy == &syslet_policy_v7 ? OVERFLOW_V7 : OVERFLOW_RESERVE);
}

static struct indirect_params_both params_at(uint64_t ring)
{
	return (struct indirect_params_both){
		.syslet = {.ring_ptr = ring, .caller_data = 7,
			   .frame = {0x1234, (uint64_t)&frame_stack[32]}}};
}

static struct syslet_result indirect(struct context *ctx, uint64_t nr, uint64_t ring)
{
	struct indirect_registers regs = {.NR = nr};
	struct indirect_params_both params = params_at(ring);

	return sys_indirect(&regs, &params, 32, 0, ctx->carrier);
}

static struct syslet_result call(struct context *ctx)
{
	return indirect(ctx, SYS_getpid, (uint64_t)&memory);
}

/* A call that blocks; the status that its completion has. */
static uint64_t completed_status(struct context *ctx, long result)
{
	uint32_t head = memory.header.kernel_head;

	call_blocks = 1;
	call_result = result;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(memory.header.kernel_head, head + 1);
	memory.header.user_tail = head + 1;
	return memory.slots[head % 8].status;
}

/* 1: every result passes through an int, on the sync path too. */
static void row_01(void)
{
	struct context *ctx = begin(&syslet_policy_v7);

	call_blocks = 0;
	call_result = 5000000000;
	CHECK_EQ(call(ctx).value, (int)5000000000);
	CHECK_EQ(completed_status(ctx, 5000000000), (uint64_t)(int)5000000000);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	call_blocks = 0;
	call_result = 5000000000;
	CHECK_EQ(call(ctx).value, 5000000000);
	CHECK_EQ(completed_status(ctx, 5000000000), 5000000000);
	fake_detach(ctx);
}

/* 2: the ring pointer passes through an int: one at a multiple of 4 GiB is no ring. */
static void row_02(void)
{
	struct syslet_ring *ring =
		mmap((void *)(8 * FOUR_GIB), 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	struct context *ctx;

	if (ring != (void *)(8 * FOUR_GIB))
		SKIP_TEST("the address 32 GiB is in use");
	call_blocks = 0;
	call_result = 11;
	ctx = begin(&syslet_policy_v7);
	ring->elements = 8;
	CHECK_EQ(indirect(ctx, SYS_getpid, (uint64_t)ring).value, -EINVAL);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	CHECK_EQ(indirect(ctx, SYS_getpid, (uint64_t)ring).value, 11);
	fake_detach(ctx);
	munmap(ring, 4096);
}

/* 4: head is never compared with tail. */
static void row_04(void)
{
	struct context *ctx = begin(&syslet_policy_v7);
	unsigned i;

	call_blocks = 1;
	for (i = 0; i < 10; i++)
		CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(memory.header.kernel_head, 10);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	for (i = 0; i < 8; i++)
		CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(call(ctx).value, -EAGAIN);
	CHECK_EQ(memory.header.kernel_head, 8);
	fake_detach(ctx);
}

static long call_that_loses_its_ring(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	CHECK_EQ(mprotect((void *)cur->own.indirect_params.syslet.ring_ptr, 4096, PROT_NONE), 0);
	return 1;
}

/* 5: a completion that cannot be stored is lost, and nobody is told. */
static uint64_t frame_argument_of_a_lost_one(const struct policy *policy)
{
	struct syslet_ring *ring = mmap(0, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct context *ctx = begin(policy);
	struct task *cur = ctx->carrier;
	struct t_leaks before = t_leaks_now();
	uint64_t argument;

	ring->elements = 8;
	fake.call = call_that_loses_its_ring;
	CHECK_EQ(indirect(ctx, SYS_getpid, (uint64_t)ring).how, HOW_FRAME);
	CHECK_EQ(GREW(before, completions_lost), 1);
	argument = cur->regs.FRAME_ERROR;
	CHECK_EQ(cur->regs.FRAME_DATA, 7);
	munmap(ring, 4096);
	fake_detach(ctx);
	return argument;
}

static void row_05(void)
{
	CHECK_EQ(frame_argument_of_a_lost_one(&syslet_policy_v7), 0);
	CHECK_EQ(frame_argument_of_a_lost_one(&syslet_policy_default), (uint64_t)-EFAULT);
}

static long call_that_waits(const struct indirect_registers *regs, struct task *cur)
{
	CHECK(fake_block(cur) != 0);
	cur->call->interrupt = 1; /* as detach does */
	(void)regs;
	return sys_syslet_ring_wait((uint64_t)&memory, memory.header.kernel_head, 0, cur);
}

/* 6: an interrupted call posts a restart code that user space should never see. */
static uint64_t status_of_an_interrupted_wait(const struct policy *policy)
{
	struct context *ctx = begin(policy);
	uint64_t status;

	fake.call = call_that_waits;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	status = memory.slots[0].status;
	fake_detach(ctx);
	return status;
}

static void row_06(void)
{
	CHECK_EQ(status_of_an_interrupted_wait(&syslet_policy_v7), (uint64_t)-512);
	CHECK_EQ(status_of_an_interrupted_wait(&syslet_policy_default), (uint64_t)-EINTR);
}

/* 10: no child can be created. v7 fails the call, the default runs it. */
static void row_10(void)
{
	struct context *ctx = begin(&syslet_policy_v7);
	struct t_leaks before = t_leaks_now();

	call_blocks = 0;
	call_result = 3;
	fake.start_error = -EAGAIN;
	CHECK_EQ(call(ctx).value, -EAGAIN);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	fake.start_error = -EAGAIN;
	CHECK_EQ(call(ctx).value, 3);
	CHECK_EQ(GREW(before, clone_failed), 2);
	fake.start_error = 0;
	CHECK_EQ(call(ctx).value, 3);
	CHECK(first_syslet_task(ctx) != 0);
	fake_detach(ctx);
}

/* 11: file flags are taken for a ring pointer. */
static void row_11(void)
{
	struct indirect_registers regs = {.NR = SYS_timerfd_create};
	struct syslet_file_flags flags = {02000000};
	struct context *ctx = begin(&syslet_policy_v7);

	call_blocks = 0;
	call_result = 9;
	CHECK_EQ(sys_indirect(&regs, &flags, sizeof(flags), 0, ctx->carrier).value, -EINVAL);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	CHECK_EQ(sys_indirect(&regs, &flags, sizeof(flags), 0, ctx->carrier).value, 9);
	fake_detach(ctx);
}

/* 14: elements is read again after the block. */
static long call_that_changes_elements(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	memory.header.elements = 2;
	return 5;
}

static void row_14(void)
{
	struct context *ctx = begin(&syslet_policy_v7);

	fake.call = call_that_changes_elements;
	memory.header.kernel_head = memory.header.user_tail = 7;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(memory.slots[1].status, 5);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	fake.call = call_that_changes_elements;
	memory.header.kernel_head = memory.header.user_tail = 7;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(memory.slots[7].status, 5);
	fake_detach(ctx);
}

/* The control words of floating point in pt_regs, as execve sets them, and rounding towards zero. */
#if defined(__x86_64__)
struct fp_words {
	u32 mxcsr, fpucw;
};
#define FIRST_WORDS {0x1f80, 0x37f}
#define TOWARDS_ZERO {0x7f80, 0xc7f}

static void set_fp_words(struct pt_regs *regs, const struct fp_words *words)
{
	regs->mxcsr = words->mxcsr;
	regs->fpucw = (u16)words->fpucw;
}

static void get_fp_words(const struct pt_regs *regs, struct fp_words *words)
{
	*words = (struct fp_words){regs->mxcsr, regs->fpucw};
}
#elif defined(__aarch64__)
struct fp_words {
	u64 fpcr;
};
#define FIRST_WORDS {0}
#define TOWARDS_ZERO {3ull << 22}

static void set_fp_words(struct pt_regs *regs, const struct fp_words *words)
{
	regs->fpcr = words->fpcr;
}

static void get_fp_words(const struct pt_regs *regs, struct fp_words *words)
{
	words->fpcr = regs->fpcr;
}
#endif

/* 15: the control words of the floating point units are the child's. */
static void control_words_after_a_hand_off(const struct policy *policy, struct fp_words *words)
{
	struct context *ctx = begin(policy);

	call_blocks = 1;
	set_fp_words(&ctx->carrier->regs, &(struct fp_words)TOWARDS_ZERO);
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	get_fp_words(&ctx->carrier->regs, words);
	fake_detach(ctx);
}

static void row_15(void)
{
	struct fp_words words, first = FIRST_WORDS, set = TOWARDS_ZERO;

	control_words_after_a_hand_off(&syslet_policy_v7, &words);
	CHECK_EQ(memcmp(&words, &first, sizeof(words)), 0);
	control_words_after_a_hand_off(&syslet_policy_default, &words);
	CHECK_EQ(memcmp(&words, &set, sizeof(words)), 0);
}

/* 16: registers that name sys_indirect recurse, and clear the outer call's parameters. */
static uint64_t ring_after_nesting;

static long call_that_looks_at_its_params(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	ring_after_nesting = cur->own.indirect_params.syslet.ring_ptr;
	return 4;
}

static void row_16(void)
{
	static struct indirect_registers inner = {.NR = SYS_getpid};
	struct indirect_params_both params = params_at((uint64_t)&memory);
	struct indirect_registers outer = {.NR = SYSLET_NR_V7_INDIRECT, .ARG0 = (uint64_t)&inner,
					   .ARG1 = (uint64_t)&params, .ARG2 = 32};
	struct context *ctx = begin(&syslet_policy_v7);
	struct task *cur = ctx->carrier;

	fake.call = call_that_looks_at_its_params;
	CHECK_EQ(sys_indirect(&outer, &params, 32, 0, cur).value, 4);
	CHECK_EQ(ring_after_nesting, (uint64_t)&memory);
	CHECK_EQ(cur->own.indirect_params.syslet.ring_ptr, 0);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_default);
	outer.NR = SYSLET_NR_INDIRECT;
	CHECK_EQ(sys_indirect(&outer, &params, 32, 0, ctx->carrier).value, -EINVAL);
	/* and the table of refused calls is the default's alone */
	call_blocks = 0;
	fake.call = simple_call;
	CHECK_EQ(indirect(ctx, SYS_clone, (uint64_t)&memory).value, -EINVAL);
	fake_detach(ctx);
	ctx = begin(&syslet_policy_v7);
	call_result = 123;
	CHECK_EQ(indirect(ctx, SYS_clone, (uint64_t)&memory).value, 123);
	fake_detach(ctx);
}

/* 17: any signal that is pending on a waiting child makes it exit. */
static int interrupted_park(u32 *word, u32 expected, u64 timeout_ns)
{
	static int times;

	(void)expected, (void)timeout_ns;
	if (times++ % 2 == 0)
		return -EINTR;
	(void)word;
	longjmp(*fake.sleeps, 1);
}

static int exits_by_a_signal(const struct policy *policy)
{
	static struct host_ops ops;
	struct context *ctx = begin(policy);
	jmp_buf sleeps, exits;
	struct task *idle;
	int exited = 0;

	ops = fake_ops;
	ops.park = interrupted_park;
	call_blocks = 0;
	CHECK_EQ(call(ctx).how, HOW_RETURNED); /* somebody watches */
	idle = fake_alloc_task(ctx);
	list_add_tail(&idle->all, &ctx->tasks);
	ctx->ops = &ops;
	if (setjmp(exits)) {
		exited = 1;
	} else if (!setjmp(sleeps)) {
		fake.sleeps = &sleeps;
		fake.exits = &exits;
		wait_to_carry(idle);
	}
	fake.sleeps = fake.exits = 0;
	CHECK_EQ(idle->state, exited ? TASK_EXITED : TASK_IDLE);
	ctx->ops = &fake_ops;
	fake_detach(ctx);
	return exited;
}

static void row_17(void)
{
	CHECK_EQ(exits_by_a_signal(&syslet_policy_v7), 1);
	CHECK_EQ(exits_by_a_signal(&syslet_policy_default), 0);
}

/* A host call that itself returns -132 is a result: "pending" is told beside the value. */
static void a_result_of_minus_132(void)
{
	struct context *ctx = begin(&syslet_policy_default);
	struct syslet_result result;

	call_blocks = 0;
	call_result = -ESYSLETPENDING;
	result = call(ctx);
	CHECK_EQ(result.value, -ESYSLETPENDING);
	CHECK_EQ(result.how, HOW_RETURNED);
	CHECK_EQ(memory.header.kernel_head, 0);
	CHECK_EQ((long)completed_status(ctx, -ESYSLETPENDING), -ESYSLETPENDING);
	fake_detach(ctx);
}

/* A child that may not carry leaves the call where it is: it just blocks. */
static void an_unfit_child_does_not_carry(void)
{
	struct context *ctx = begin(&syslet_policy_default);
	struct t_leaks before = t_leaks_now();
	struct task *cur = ctx->carrier;

	call_blocks = 0;
	CHECK_EQ(call(ctx).how, HOW_RETURNED);
	fake.unfit = 1;
	CHECK(syslet_schedule(cur, cur->word) == 0);
	CHECK_EQ(GREW(before, hand_offs_refused), 1);
	CHECK(ctx->carrier == cur);
	fake.unfit = 0;
	fake_detach(ctx);
}

/* What the original may not be, it does not run: its frame is park instead (row 8). */
static int unfit_original_call(const struct policy *policy, uint64_t *ip)
{
	struct context *ctx = begin(policy);
	struct task *cur = ctx->carrier;

	call_blocks = 1;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	*ip = cur->regs.USER_IP;
	fake_detach(ctx);
	return 0;
}

static long call_after_which_nobody_is_fit(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	CHECK(fake_block(cur) != 0);
	fake.unfit = 1;
	return 1;
}

static void an_unfit_original_parks(void)
{
	struct context *ctx;
	struct task *cur;
	uint64_t ip;

	unfit_original_call(&syslet_policy_default, &ip);
	CHECK_EQ(ip, 0x1234);
	ctx = begin(&syslet_policy_default);
	cur = ctx->carrier;
	fake.call = call_after_which_nobody_is_fit;
	CHECK_EQ(call(ctx).how, HOW_FRAME);
	CHECK_EQ(cur->regs.USER_IP, (uint64_t)syslet_park);
	CHECK_EQ(memory.header.kernel_head, 1);
	fake.unfit = 0;
	fake_detach(ctx);
}

int main(void)
{
	host_init(0, GLIBC_SIGNALS);
	RUN(row_01);
	RUN(row_02);
	RUN(row_04);
	RUN(row_05);
	RUN(row_06);
	RUN(row_10);
	RUN(row_11);
	RUN(row_14);
	RUN(row_15);
	RUN(row_16);
	RUN(row_17);
	RUN(a_result_of_minus_132);
	RUN(an_unfit_child_does_not_carry);
	RUN(an_unfit_original_parks);
	return 0;
}
