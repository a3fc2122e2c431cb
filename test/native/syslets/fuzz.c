/* SPDX-License-Identifier: MIT */
/*
 * Random bytes as registers, parameters, ring and frame. The host's calls make none:
 * they return random results and "block" at random, and while a call is pending its
 * context makes more of them; so hand-off, completion and overflow are all reached.
 * Nothing may crash, hang or be lost without a counter that says so.
 */
#include <sys/mman.h>

#include "fake-host.h"
#include "host/host.h"

#define CALLS 100000
#define MAX_DEPTH 6
#define WRITABLE_BYTES (1u << 16)
#define RESERVED_BYTES (1ull << 36) /* elements up to 2^31 stay inside: they fault */

static unsigned char *memory, *read_only;
static struct {
	uint64_t entered, returned, handed, frames, ran, waited;
} saw;

static unsigned depth;
static struct context *ctx;

static uint64_t random_pointer(unsigned alignment)
{
	uint64_t inside = (uint64_t)memory + t_below(WRITABLE_BYTES);

	switch (t_below(16)) {
	case 0:
		return 0;
	case 1:
		return t_below(4096); /* the page of NULL */
	case 2:
		return t_random() | 0xffff800000000000; /* the kernel's half */
	case 3:
		return t_random() | 0x0000800000000000; /* mostly non-canonical */
	case 4:
		return (uint64_t)read_only + t_below(4096);
	case 5:
		return (uint64_t)memory + RESERVED_BYTES - 4096 + t_below(4096);
	case 6:
		return (uint64_t)memory + WRITABLE_BYTES - t_below(64); /* across the end */
	case 7:
		return inside;
	default:
		return inside & ~(uint64_t)(alignment - 1);
	}
}

/* A ring that passes the checks, if nothing else is wrong, in three of four cases. */
static uint64_t random_ring(void)
{
	uint64_t address = random_pointer(8);
	struct syslet_ring header = {(uint32_t)t_random(), 0, (uint32_t)t_random(),
				     (uint32_t)t_random()};

	if (t_below(4)) {
		header.elements = 1u << t_below(t_below(2) ? 4 : 32);
		header.user_tail = header.kernel_head - (uint32_t)t_below(header.elements + 1ull);
	} else {
		header.user_tail = (uint32_t)t_random();
	}
	if (address >= (uint64_t)memory &&
	    address + sizeof(header) <= (uint64_t)memory + WRITABLE_BYTES && t_below(8))
		memcpy((void *)address, &header, sizeof(header));
	return address;
}

/* Numbers with a meaning of ours come more often than chance would have them. */
static uint64_t random_number(void)
{
	switch (t_below(12)) {
	case 0:
		return SYSLET_NR_INDIRECT;
	case 1:
		return SYSLET_NR_V7_INDIRECT;
	case 2:
		return SYSLET_NR_RING_WAIT;
	case 3:
		return SYSLET_NR_V7_RING_WAIT;
	case 4:
		return t_random();
	default:
		return t_below(500);
	}
}

static struct indirect_registers random_registers(void)
{
	struct indirect_registers regs;
	uint64_t *words = (uint64_t *)&regs;
	size_t i;

	words[0] = random_number();
	for (i = 1; i < sizeof(regs) / sizeof(*words); i++)
		words[i] = t_below(2) ? random_pointer(8) : t_random();
	if (words[0] == SYSLET_NR_INDIRECT || words[0] == SYSLET_NR_V7_INDIRECT)
		regs.ARG3 = t_below(2);
	if ((words[0] == SYSLET_NR_RING_WAIT || words[0] == SYSLET_NR_V7_RING_WAIT) && t_below(4)) {
		regs.ARG0 = (uint64_t)memory + 64 * t_below(WRITABLE_BYTES / 64);
		regs.ARG1 = *(uint32_t *)regs.ARG0; /* so that there is something to wait for */
	}
	return regs;
}

static struct indirect_params_both random_params(void)
{
	struct indirect_params_both params;
	uint64_t *words = (uint64_t *)&params;
	size_t i;

	for (i = 0; i < sizeof(params) / sizeof(*words); i++)
		words[i] = t_random();
	if (t_below(8)) {
		params.syslet.completion_ring_ptr = random_ring();
		params.syslet.frame.sp = random_pointer(8);
	}
	if (!t_below(8))
		params.syslet.frame.ip = 0;
	if (t_below(2))
		params.file_flags.flags = 0;
	return params;
}

static uint64_t random_length(void)
{
	static const uint64_t usual[] = {0, 4, 32, 40};

	switch (t_below(8)) {
	case 0:
		return t_below(64);
	case 1:
		return t_random();
	case 2:
		return usual[t_below(4)];
	default:
		return 32;
	}
}

static void one_call(struct task *cur);

/* The frame of a task that completed is where and what its parameters said. */
static void return_to_frame(struct task *cur, const struct syslet_args *args)
{
	saw.frames++;
	if (args) {
		CHECK_EQ(cur->regs.USER_IP, args->frame.ip);
		CHECK_EQ(cur->regs.USER_SP, args->frame.sp);
		CHECK_EQ(cur->regs.FRAME_DATA, args->caller_data);
	}
	CHECK_EQ(cur->own.indirect_params.syslet.completion_ring_ptr, 0);
	fake_park_task(cur);
}

/* The call of cur blocks: its context goes to the child and makes up to three calls there. */
static void block(struct task *cur)
{
	struct task *child = fake_block(cur);
	unsigned more;

	if (!child)
		return;
	CHECK(child != cur && ctx->carrier == child);
	saw.handed++;
	for (more = (unsigned)t_below(4); more && depth < MAX_DEPTH; more--)
		one_call(ctx->carrier);
}

static int is_in_a_call(const struct task *cur)
{
	return cur == ctx->carrier && word_state(cur->word) == WORD_IN_CALL;
}

/* A call of the host, which may block before it is over. */
static long random_call(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	saw.ran++;
	if (is_in_a_call(cur) && t_below(2))
		block(cur);
	switch (t_below(4)) {
	case 0:
		return -ESYSLETPENDING;
	case 1:
		return -(long)t_below(4096);
	default:
		return (long)t_random();
	}
}

/* A hosted ring_wait sleeps, perhaps as the original of its context; not for ever. */
static int random_wait(void)
{
	saw.waited++;
	if (is_in_a_call(ctx->carrier) && t_below(2))
		block(ctx->carrier);
	return t_below(2) ? -ETIMEDOUT : t_below(2) ? -EINTR : 0;
}

static void one_call(struct task *cur)
{
	struct indirect_registers *regs = (void *)(memory + 64 * t_below(8));
	struct indirect_params_both *params = (void *)(memory + 1024 + 64 * t_below(8));
	struct indirect_params_both copy, used = {0};
	struct syslet_result result;
	uint64_t userregs, userparams, length = random_length();
	int known;

	depth++;
	saw.entered++;
	*regs = random_registers();
	*params = copy = random_params();
	memcpy(&used, &copy, length < sizeof(used) ? length : sizeof(used));
	userregs = t_below(16) ? (uint64_t)regs : random_pointer(8);
	userparams = t_below(16) ? (uint64_t)params : random_pointer(8);
	/* a nested call of v7 leaves its own parameters, or none */
	known = userparams == (uint64_t)params && regs->NR != SYSLET_NR_INDIRECT &&
		regs->NR != SYSLET_NR_V7_INDIRECT;
	result = sys_indirect((void *)userregs, (void *)userparams, length,
			      t_below(16) ? 0 : t_random(), cur);
	CHECK_EQ(cur->depth, 0);
	if (result.how == HOW_FRAME) {
		return_to_frame(cur, known ? &used.syslet : 0);
	} else {
		CHECK_EQ(result.how, HOW_RETURNED);
		saw.returned++;
		if (cur != ctx->carrier)
			T_FAIL("a call returned to a task that does not carry");
	}
	depth--;
}

static void fuzz(const struct policy *policy, enum overflow_policy overflow, unsigned calls)
{
	struct t_leaks before = t_leaks_now();
	uint64_t completed, lost;

	memset(&saw, 0, sizeof(saw));
	fake.call = random_call;
	fake.wait = random_wait;
	ctx = fake_attach(policy, overflow);
	while (saw.entered < calls) {
		fake.start_error = t_below(64) ? 0 : -E_AGAIN;
		one_call(ctx->carrier);
	}
	completed = GREW(before, completions);
	lost = GREW(before, completions_lost);
	printf("   %s, overflow %d: %llu calls, %llu made, %llu waits, %llu handed over, %llu completed, "
	       "%llu lost, %llu overflows, %llu refused for room, %llu faults\n",
	       policy->name, (int)overflow, (unsigned long long)saw.entered,
	       (unsigned long long)saw.ran, (unsigned long long)saw.waited,
	       (unsigned long long)saw.handed,
	       (unsigned long long)completed, (unsigned long long)lost,
	       (unsigned long long)GREW(before, overflows),
	       (unsigned long long)GREW(before, reserve_refused),
	       (unsigned long long)GREW(before, faults_fixed));
	CHECK_EQ(GREW(before, hand_offs), saw.handed);
	CHECK_EQ(saw.frames, saw.handed);
	CHECK_EQ(completed + lost, saw.handed);
	CHECK(saw.handed > calls / 100);
	CHECK(completed > calls / 200);
	CHECK_EQ(ctx->away, 0);
	fake_detach(ctx);
}

static void the_default_policy(void)
{
	fuzz(&syslet_policy_default, OVERFLOW_RESERVE, CALLS);
}

static void v7(void)
{
	fuzz(&syslet_policy_v7, OVERFLOW_V7, CALLS);
}

static void the_default_policy_that_overwrites(void)
{
	fuzz(&syslet_policy_default, OVERFLOW_V7, CALLS / 2);
}

int main(void)
{
	t_seed();
	host_init(0, GLIBC_SIGNALS);
	memory = mmap(0, RESERVED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		      0);
	CHECK(memory != MAP_FAILED);
	CHECK_EQ(mprotect(memory, WRITABLE_BYTES, PROT_READ | PROT_WRITE), 0);
	read_only = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(read_only != MAP_FAILED);
	RUN(the_default_policy);
	RUN(v7);
	RUN(the_default_policy_that_overwrites);
	return 0;
}
