/* SPDX-License-Identifier: MIT */
/* A return function of the program's own, which leaves by park through the GOT (docs/frames.md). */
#include "check.h"

__asm__(".text\n"
	".globl note_and_park\n"
	".hidden note_and_park\n"
	"note_and_park:\n"
	"	movl $1, (%rsi)\n"
	"	jmp *syslet_park@GOTPCREL(%rip)\n");

#ifdef __cplusplus
extern "C" {
#endif
extern const char note_and_park[] __attribute__((visibility("hidden")));
#ifdef __cplusplus
}
#endif

static uint64_t stack[8192];

int main(void)
{
	struct indirect_registers regs;
	union indirect_params params;
	struct syslet_ring *ring;
	uint32_t noted = 0;
	char byte = 0;
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(syslet_ring_create(1, &ring) == 0);
	attach_or_fail();
	memset(&regs, 0, sizeof(regs));
	memset(&params, 0, sizeof(params));
	regs.rax = SYS_read;
	regs.rdi = (uint64_t)ends[0];
	regs.rsi = (uint64_t)(uintptr_t)&byte;
	regs.rdx = 1;
	params.syslet.ring_ptr = (uint64_t)(uintptr_t)ring;
	params.syslet.caller_data = (uint64_t)(uintptr_t)&noted;
	params.syslet.frame.ip = (uint64_t)(uintptr_t)note_and_park;
	params.syslet.frame.sp = (uint64_t)(uintptr_t)(stack + 8192);
	CHECK(syslet_indirect(&regs, &params, sizeof(params), 0).pending);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
	CHECK(syslet_detach() == 0); /* which waits for the task to park */
	CHECK(noted == 1);
	puts("ok");
	return 0;
}
