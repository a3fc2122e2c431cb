/* SPDX-License-Identifier: MIT */
/* backtrace() in a handler, as crash reporters have it: through the library's handler and its frame. */
#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>

#include "check.h"

#define FRAMES 64

static char *guarded;
static void *caller_of_fault; /* where the function with the fault returns to */
static int found, handled;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	void *frames[FRAMES];
	int number = backtrace(frames, FRAMES), i;

	(void)signal;
	(void)info;
	(void)context;
	for (i = 0; i < number; i++)
		found += frames[i] == caller_of_fault;
	handled++;
	mprotect(guarded, 4096, PROT_READ | PROT_WRITE);
}

__attribute__((noinline)) static void faults(void)
{
	caller_of_fault = __builtin_return_address(0);
	mprotect(guarded, 4096, PROT_NONE);
	*(volatile char *)guarded = 1;
}

int main(void)
{
	void *frames[FRAMES];
	struct sigaction action;
	struct syslet_ring *ring;
	char byte;
	int ends[2];

	backtrace(frames, FRAMES); /* loads what it needs */
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_fault;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
	guarded = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(guarded != MAP_FAILED && pipe(ends) == 0 && syslet_ring_create(2, &ring) == 0);
	faults();
	CHECK(handled == 1 && found == 1); /* without the library */
	attach_or_fail();
	faults();
	CHECK(handled == 2 && found == 2);
	read_blocks(ring, 1, ends[0], &byte);
	faults();
	CHECK(handled == 3 && found == 3);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(reap_one(ring).status == 1);
	CHECK(syslet_detach() == 0);
	puts("ok");
	return 0;
}
