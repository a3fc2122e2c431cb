/* SPDX-License-Identifier: MIT */
/* The C compiler agrees with the posted headers on every shape; both names of the ring pointer. */
#include <stddef.h>
#include <stdio.h>

#include <syslets/abi.h>

static int failures;

#define EXPECT(expression, expected)                                                               \
	do {                                                                                       \
		unsigned long got = (unsigned long)(expression);                                   \
		if (got != (expected)) {                                                           \
			failures++;                                                                \
			fprintf(stderr, "%s is %lu, expected %lu\n", #expression, got,             \
				(unsigned long)(expected));                                        \
		}                                                                                  \
	} while (0)

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
#define FRAME_SIZE 16u
#else
#define FRAME_SIZE 0u
#endif

int main(void)
{
	EXPECT(sizeof(struct syslet_frame), FRAME_SIZE);
	EXPECT(sizeof(struct syslet_args), 16 + FRAME_SIZE);
	EXPECT(offsetof(struct syslet_args, completion_ring_ptr), 0);
	EXPECT(offsetof(struct syslet_args, ring_ptr), 0);
	EXPECT(offsetof(struct syslet_args, caller_data), 8);
	EXPECT(offsetof(struct syslet_args, frame), 16);
	EXPECT(sizeof(struct syslet_completion), 16);
	EXPECT(offsetof(struct syslet_completion, caller_data), 8);
	EXPECT(sizeof(struct syslet_ring), 16);
	EXPECT(offsetof(struct syslet_ring, kernel_head), 0);
	EXPECT(offsetof(struct syslet_ring, user_tail), 4);
	EXPECT(offsetof(struct syslet_ring, elements), 8);
	EXPECT(offsetof(struct syslet_ring, wait_group), 12);
	EXPECT(sizeof(struct syslet_result_place), 24);
	EXPECT(offsetof(struct syslet_result_place, done_ptr), 8);
	EXPECT(offsetof(struct syslet_result_place, flags), 16);
	EXPECT(offsetof(struct syslet_result_place, eventfd), 20);
	EXPECT(sizeof(struct indirect_params_placed), 48 + FRAME_SIZE);
	EXPECT(offsetof(struct indirect_params_placed, file_flags), 16 + FRAME_SIZE);
	EXPECT(offsetof(struct indirect_params_placed, place), 24 + FRAME_SIZE);
	EXPECT(offsetof(struct syslet_ring, comp), 16);
	EXPECT(sizeof(union indirect_params), 16 + FRAME_SIZE);
#if defined(__x86_64__)
	EXPECT(sizeof(struct indirect_registers), 56);
	EXPECT(offsetof(struct indirect_registers, r10), 32);
	EXPECT(offsetof(struct indirect_registers, r9), 48);
	EXPECT(sizeof(struct indirect_registers32), 28);
#elif defined(__aarch64__)
	EXPECT(sizeof(struct indirect_registers), 56);
	EXPECT(offsetof(struct indirect_registers, x0), 8);
	EXPECT(offsetof(struct indirect_registers, x5), 48);
#endif
	return failures != 0;
}
