/* SPDX-License-Identifier: MIT */
/* Calls by number, for programs that fill no registers themselves. */
#include "arch.h"
#include "syslets/submit.h"

/*
 * The stack of every frame: park leaves for the task's own at its second instruction, so
 * it holds no more than a signal that comes just then, with the vector registers that the
 * host saves for it.
 */
#define FRAME_STACK_BYTES 32768
static char frame_stack[FRAME_STACK_BYTES] __attribute__((aligned(64)));

static struct indirect_registers registers_of(long nr, const uint64_t args[6])
{
	return (struct indirect_registers){(u64)nr, args[0], args[1], args[2],
					   args[3], args[4], args[5]};
}

static struct syslet_args syslet_of(struct syslet_ring *ring, uint64_t caller_data)
{
	struct syslet_args syslet = {.ring_ptr = (u64)ring,
				     .caller_data = caller_data,
				     .frame = {.sp = (u64)(frame_stack + FRAME_STACK_BYTES)}};

	frame_set_park(&syslet.frame);
	return syslet;
}

struct syslet_call_result syslet_submit(struct syslet_ring *ring, uint64_t caller_data, long nr,
					const uint64_t args[6])
{
	struct indirect_registers regs = registers_of(nr, args);
	union indirect_params params = {.syslet = syslet_of(ring, caller_data)};

	return syslet_indirect(&regs, &params, sizeof(params), 0);
}

struct syslet_call_result syslet_submit_at(const struct syslet_result_place *place,
					   uint64_t caller_data, long nr, const uint64_t args[6])
{
	struct indirect_registers regs = registers_of(nr, args);
	struct indirect_params_placed params = {.syslet = syslet_of(0, caller_data), .place = *place};

	return syslet_indirect(&regs, &params, sizeof(params), 0);
}
