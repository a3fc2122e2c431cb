/* SPDX-License-Identifier: MIT */
/*
 * Controlled schedules of the kernel side: what scenarios and the host of the explorer
 * may use.
 *
 * The sources of native/kernel are compiled unchanged with -fsanitize=thread against a
 * runtime of our own (access.c): each access to memory becomes a call, and each access to
 * memory that two actors use is a place where the explorer may switch. Actors are
 * coroutines of one OS thread, so an execution is a sequence of choices and nothing else.
 */
#ifndef SYSLETS_SIM_H
#define SYSLETS_SIM_H

#include "kernel/kernel.h"

/* Which order of memory an execution has. */
enum sim_model {
	SIM_SC,	  /* sequential consistency: a store is seen at once */
	SIM_TSO,  /* x86: stores wait in a buffer; a locked instruction or a fence drains it */
	/* as TSO, but a read-modify-write waits in the buffer too: only fences drain it. And a store
	 * may be made before all that wait, but for those behind a release fence, and releases */
	SIM_WEAK,
};

/* In a scenario's begin(); its thread id. `required`: it must end, or there is a deadlock. */
u32 sim_spawn(const char *name, void (*run)(void *), void *argument, int required);
/* Zeroed memory that all actors share, a multiple of 64 bytes. Before anything runs. */
void *sim_alloc(unsigned long bytes);
/* Names memory in tables of steps; the fields end with a name of 0, or are 0. */
struct sim_field {
	const char *name;
	unsigned long offset;
};
void sim_name(const void *address, unsigned long bytes, const struct sim_field *fields,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The execution ends here, and has failed. */
void sim_fail(const char *what) __attribute__((noreturn));
#define SIM_CHECK(condition)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			sim_fail(#condition);                                                      \
	} while (0)

/* What a machine does now and then, and an explorer whenever it is allowed to. */
enum sim_fault {
	SIM_NO_THREAD,	/* no thread can be made: -EAGAIN */
	SIM_NO_SUCCESSOR, /* none in the place of a watcher that may not carry */
	SIM_NO_MEMORY,	/* no stack can be had for a task */
	SIM_NO_EVENT,	/* no perf event can be opened */
	SIM_UNFIT,	/* a task has not the context's credentials, and never gets them */
	SIM_FIT_LATER,	/* a setuid goes on */
	SIM_UNSETTLED,	/* it has not reached the carrier, which other tasks are compared with */
	SIM_ATTRIBUTES, /* a task may not have the carrier's priority */
	SIM_NO_FRAME,	/* a task may not run the frame's function */
	SIM_SECOND,	/* a second passes */
	SIM_FAULTS
};
/* In begin(): it may happen so many times in an execution. */
void sim_allow(enum sim_fault fault, u8 times);
/* 1 if the explorer lets it happen here. */
int sim_happens(enum sim_fault fault);
u64 sim_seconds(void);

/* In a scenario's outcome(): one value of the outcome, in order. */
void sim_result(long value);

/* The explorer chooses 0 to n-1. */
unsigned sim_choose(unsigned n, const char *label);
/*
 * Waits until the predicate holds. It changes nothing; what it reads of other actors'
 * memory is named by sim_reads before.
 */
void sim_reads(const void *address, unsigned bytes);
void sim_until(int (*holds)(void *), void *argument);
/* Rests until another actor has changed something. */
void sim_rest(void);

/* As host_ops.park and host_ops.wake; limited: the explorer may let the time run out. */
int sim_park(u32 *word, u32 expected, int limited);
void sim_wake(u32 *word, u32 count);
/* Off the processor, in a system call: until the predicate holds (0: at any moment). */
long sim_block(int (*holds)(void *), void *argument, long value);
/* The signal that interrupts: ends a park or a call, is lost otherwise. */
void sim_signal(u32 tid);
/* A signal whose handler runs while the call goes on: sim_block returns SIM_NUDGED there. */
#define SIM_NUDGED (-4000l)
void sim_nudge(u32 tid);
/* Starts an OS thread; its thread id. Ends the calling one. */
u32 sim_start(void (*run)(void *), void *argument, const char *name);
void sim_exit(u32 *alive) __attribute__((noreturn));
u32 sim_gettid(void);
int sim_is_blocked(u32 tid);
/* Everybody's stores are seen: membarrier. */
void sim_barrier_everywhere(void);
/* From now on user memory there cannot be accessed (0 bytes: all can). */
void sim_unmap(u64 address, u64 bytes);

struct sim_scenario {
	const char *name;
	const char *title;
	void (*begin)(void);
	void (*outcome)(void); /* at the end of an execution: SIM_CHECK and sim_result */
};

#endif
