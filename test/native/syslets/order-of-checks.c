/* SPDX-License-Identifier: MIT */
/*
 * sys_indirect's checks in the order of docs/abi.md, each with the wrong input of the
 * steps after it present too: the first check that fails decides. For both policies.
 */
#include "syslet.h"

#define EVERY(array) (sizeof(array) / sizeof((array)[0]))

struct bad_pointer {
	const char *name;
	uint64_t address;
	int readable; /* what can be read is a bad ring all the same: it cannot be written */
};

static struct bad_pointer bad_pointers[] = {
	{"NULL page", 8, 0},
	{"unmapped", 0x20000, 0}, /* the host maps from the top down */
	{"no access", 0, 0},
	{"kernel", 0xffffffff81000000, 0},
	{"highest", 0xfffffffffffffff8, 0},
	{"non-canonical", 0x0000900000010000, 0},
	{"non-canonical, high", 0x8000000000001000, 0},
	{"above user space", 0x00007fffffffffe8, 0},
	{"read-only", 0, 1},
};

static struct indirect_registers getpid_regs = {.NR = SYS_getpid};
static struct syslet_ring *ring;

static void make_bad_pointers(void)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	struct syslet_ring *read_only = (struct syslet_ring *)pages;

	read_only->elements = 8;
	mprotect(pages, PAGE, PROT_READ);
	mprotect(pages + PAGE, PAGE, PROT_NONE);
	bad_pointers[2].address = (uint64_t)pages + PAGE;
	bad_pointers[8].address = (uint64_t)pages;
}

static long indirect(const void *regs, const void *params, uint64_t paramslen, int flags)
{
	struct syslet_call_result result = syslet_indirect(regs, params, paramslen, flags);

	CHECK_EQ(result.pending, 0);
	return result.value;
}

static long with_params(union indirect_params params)
{
	return indirect(&getpid_regs, &params, sizeof(params), 0);
}

static void flags_come_first(void)
{
	CHECK_EQ(indirect(0, 0, ~0ul, 1), -EINVAL);
	CHECK_EQ(indirect(0, 0, ~0ul, -1), -EINVAL);
}

static void then_the_registers(void)
{
	size_t i;

	for (i = 0; i < EVERY(bad_pointers); i++)
		if (!bad_pointers[i].readable)
			CHECK_EQ(indirect((void *)bad_pointers[i].address, 0, ~0ul, 0), -EFAULT);
}

/* The last word of the registers is in the next page, which is not there. */
static void registers_that_end_too_early(void)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);

	mprotect(pages + PAGE, PAGE, PROT_NONE);
	CHECK_EQ(indirect(pages + PAGE - 48, 0, 0, 0), -EFAULT);
	CHECK_EQ(indirect(pages + PAGE - 4, 0, 0, 0), -EFAULT);
	munmap(pages, 2 * PAGE);
}

static void then_the_length(int v7)
{
	CHECK_EQ(indirect(&getpid_regs, 0, ~0ul, 0), -EINVAL);
	CHECK_EQ(indirect(&getpid_regs, 0, 41, 0), -EINVAL);
	CHECK_EQ(indirect(&getpid_regs, (void *)8, 33, 0), v7 ? -EINVAL : -EFAULT);
	CHECK_EQ(indirect(&getpid_regs, (void *)8, 40, 0), v7 ? -EINVAL : -EFAULT);
	CHECK_EQ(indirect(&getpid_regs, 0, 63, 0), -EINVAL);
	CHECK_EQ(indirect(&getpid_regs, (void *)8, 64, 0), v7 ? -EINVAL : -EFAULT);
	CHECK_EQ(indirect(&getpid_regs, 0, 65, 0), -EINVAL);
}

static void then_the_parameters(void)
{
	static const uint64_t lengths[] = {1, 4, 8, 31, 32};
	size_t i, j;

	for (i = 0; i < EVERY(bad_pointers); i++)
		for (j = 0; j < EVERY(lengths) && !bad_pointers[i].readable; j++)
			CHECK_EQ(indirect(&getpid_regs, (void *)bad_pointers[i].address, lengths[j],
					  0),
				 -EFAULT);
	/* 0 is legal: nothing is read; then getpid is not one of the listed calls */
	CHECK_EQ(indirect(&getpid_regs, (void *)8, 0, 0), -EINVAL);
}

static void then_the_frame(void)
{
	union indirect_params params = params_for((struct syslet_ring *)8, 0);

	params.syslet.frame.ip = 0;
	CHECK_EQ(with_params(params), -EINVAL);
	params = params_for((struct syslet_ring *)8, 0);
	params.syslet.frame.sp = 0;
	CHECK_EQ(with_params(params), -EINVAL);
}

static void then_the_ring(void)
{
	static const uint32_t not_powers[] = {0, 3, 5, 6, 7, 9, 0x80000001, 0xffffffff};
	size_t i;

	for (i = 0; i < EVERY(bad_pointers); i++)
		CHECK_EQ(with_params(params_for((void *)bad_pointers[i].address, 0)), -EFAULT);
	for (i = 0; i < EVERY(not_powers); i++) {
		ring->elements = not_powers[i];
		CHECK_EQ(with_params(params_for(ring, 0)), -EINVAL);
	}
	ring->elements = 1;
	CHECK_EQ(with_params(params_for(ring, 0)), getpid());
	ring->elements = 8;
}

static void then_alignment(void)
{
	unsigned offset;

	for (offset = 1; offset < 8; offset++) {
		char *moved = (char *)ring + 512 + offset;
		uint32_t elements = 8;

		memcpy(moved + offsetof(struct syslet_ring, elements), &elements, 4);
		CHECK_EQ(with_params(params_for((struct syslet_ring *)moved, 0)), -EINVAL);
	}
	CHECK_EQ(with_params(params_for(ring, 0)), getpid());
}

/* A ring that spans two pages, the second one gone: its header decides. */
static void a_ring_at_the_end_of_memory(void)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	struct syslet_ring *last = (struct syslet_ring *)(pages + PAGE - sizeof(*last));

	mprotect(pages + PAGE, PAGE, PROT_NONE);
	last->elements = 8;
	CHECK_EQ(with_params(params_for(last, 0)), getpid());
	CHECK_EQ(with_params(params_for((struct syslet_ring *)(pages + PAGE - 8), 0)), -EFAULT);
	munmap(pages, 2 * PAGE);
}

/* v7 programs pass the base of a page: the word below it is not theirs. */
static void then_the_frame_stack(int v7)
{
	union indirect_params params;
	size_t i;

	for (i = 0; i < EVERY(bad_pointers); i++) {
		params = params_for(ring, 0);
		params.syslet.frame.sp = bad_pointers[i].address + (bad_pointers[i].readable ? 8 : 0);
		CHECK_EQ(with_params(params), v7 ? getpid() : -EFAULT);
	}
	params = params_for(ring, 0);
	params.syslet.frame.sp -= 4; /* misaligned, but memory */
	CHECK_EQ(with_params(params), getpid());
}

static void numbers(void)
{
	static const uint64_t unknown[] = {511, 1000, 0x7fffffff, 0xffffffff, 0xffffffffffffffff};
	size_t i;

	for (i = 0; i < EVERY(unknown); i++) {
		struct indirect_registers regs = {.NR = unknown[i]};
		union indirect_params params = params_for(ring, 0);

		CHECK_EQ(indirect(&regs, &params, sizeof(params), 0), -ENOSYS);
	}
}

/* The parameters of one call are not there for the next. */
static void parameters_are_cleared(void)
{
	union indirect_params params = params_for(ring, 0);

	CHECK_EQ(with_params(params), getpid());
	CHECK_EQ(indirect(&getpid_regs, &params, 8, 0), -EINVAL); /* a ring, and an empty frame */
	CHECK_EQ(indirect(&getpid_regs, &params, 24, 0), -EINVAL);
	CHECK_EQ(indirect(&getpid_regs, &params, 31, 0), getpid());
	CHECK_EQ(indirect(&getpid_regs, &params, 0, 0), -EINVAL);
}

static void walk(int v7)
{
	struct t_leaks before = t_leaks_now();

	ring = new_ring(8);
	attach(v7);
	flags_come_first();
	then_the_registers();
	registers_that_end_too_early();
	then_the_length(v7);
	then_the_parameters();
	then_the_frame();
	then_the_ring();
	then_alignment();
	a_ring_at_the_end_of_memory();
	then_the_frame_stack(v7);
	numbers();
	parameters_are_cleared();
	CHECK(GREW(before, faults_fixed) > 0);
	CHECK_EQ(GREW(before, hand_offs), 0);
	detach();
	free_ring(ring, 8);
}

static void in_the_default_policy(void)
{
	walk(0);
}

static void in_v7(void)
{
	walk(1);
}

/* ring_wait and ring_room take the same bad pointers. */
static void ring_calls_take_bad_pointers(void)
{
	size_t i;

	attach(0);
	for (i = 0; i < EVERY(bad_pointers); i++) {
		if (bad_pointers[i].readable)
			continue;
		CHECK_EQ(syslet_ring_wait((void *)bad_pointers[i].address, 0, 1), -EFAULT);
		CHECK_EQ(syslet_ring_room((void *)bad_pointers[i].address), -EFAULT);
	}
	detach();
}

/* A system call's own bad pointers are the host kernel's to answer. */
static void bad_pointers_inside_the_call(void)
{
	size_t i;

	ring = new_ring(8);
	attach(0);
	for (i = 0; i < EVERY(bad_pointers); i++)
		CHECK_EQ(call_and_wait(ring, SYS_uname, bad_pointers[i].address, 0, 0), -EFAULT);
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	make_bad_pointers();
	frame_stack();
	RUN(in_the_default_policy);
	RUN(in_v7);
	RUN(ring_calls_take_bad_pointers);
	RUN(bad_pointers_inside_the_call);
	return 0;
}
