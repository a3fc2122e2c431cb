/* SPDX-License-Identifier: MIT */
/*
 * Actors are coroutines: a switch saves the callee-saved registers on the stack that is
 * left. A fault of an actor ends the execution, not the explorer.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/engine.h"

#ifndef __x86_64__
#error "the explorer's switch is written for x86_64"
#endif

void coroutine_switch(void **save, void *load);
__asm__(".text\n"
	".globl coroutine_switch\n"
	"coroutine_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n");

static void *explorer_sp;
jmp_buf outcome_failed;
s32 running = -1;
const char *failure;

static void actor_begins(void)
{
	struct actor *actor = &engine.actors[running];

	count_op(OP_START, 0, 0);
	actor->run(actor->argument);
	access_settle();
	actor->state = ACTOR_DONE;
	actor->op = OP_EXIT;
	coroutine_yield();
	__builtin_trap();
}

/* The first switch to it "returns" to actor_begins. */
static void prepare_stack(struct actor *actor, u32 index)
{
	void **top = (void **)(memory_stack(index) + STACK_BYTES);

	*--top = 0; /* no caller, and the alignment that a call leaves */
	*--top = (void *)actor_begins;
	top -= 6;
	memset(top, 0, 6 * sizeof(*top));
	actor->sp = top;
}

/* Runs the actor until its next step is known. */
void coroutine_run(u32 index)
{
	struct actor *actor = &engine.actors[index];

	if (actor->state == ACTOR_NEW)
		prepare_stack(actor, index);
	actor->state = ACTOR_RUNNABLE;
	running = (s32)index;
	coroutine_switch(&explorer_sp, actor->sp);
	running = -1;
}

/* By the actor: its next step stands in its record. */
void coroutine_yield(void)
{
	coroutine_switch(&engine.actors[running].sp, explorer_sp);
}

void sim_fail(const char *what)
{
	failure = what;
	if (running < 0)
		longjmp(outcome_failed, 1);
	coroutine_yield(); /* the execution is over, so this does not return */
	abort();
}

static void on_fault(int signal)
{
	struct actor *actor = &engine.actors[running < 0 ? 0 : running];
	void *nowhere;

	if (running < 0)
		_exit(70);
	failure = signal == SIGILL || signal == SIGTRAP ? "the kernel side stopped itself (__builtin_trap)"
							: "a bad address (SIGSEGV)";
	actor->op = OP_EXIT;
	coroutine_switch(&nowhere, explorer_sp);
}

void coroutine_init(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
	static char stack[65536];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER};
	unsigned i;

	sigaltstack(&alternate, 0);
	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigaction(faults[i], &action, 0);
}
