/* SPDX-License-Identifier: MIT */
/* The host of controlled schedules, and user contexts whose programs are scenarios'. */
#ifndef SYSLETS_SIM_HOST_H
#define SYSLETS_SIM_HOST_H

#include "sim/sim.h"

/* Calls that a context's program makes, in indirect_registers. */
#define SIM_NR_QUICK 39	 /* returns its first argument at once */
#define SIM_NR_BLOCK 230 /* sleeps, and returns its first argument at any moment */
#define SIM_NR_WAIT 7	 /* sleeps until the u32 at its first argument is not 0; its value */

struct sim_ring {
	struct syslet_ring header;
	struct syslet_completion comp[8];
} __attribute__((aligned(64)));

struct sim_user;

/* What a context's program does next. */
enum sim_action {
	USER_CALL,     /* sys_indirect */
	USER_DISPATCH, /* sys_dispatch */
	USER_RING_WAIT,
	USER_PLACE_WAIT,
	USER_DETACH,
	USER_END,
};

/* A context's program: makes up its mind from the last result. Plain C with a pc of its own. */
typedef enum sim_action (*sim_program)(struct sim_user *user);

struct sim_user {
	struct context ctx;
	sim_program program;
	struct sim_ring *ring;
	u32 pc;
	u32 carried; /* 1 while a task runs its program: never two */
	u32 calls;   /* made so far: names what the context must find after a move */
	u32 ended;
	u32 pending; /* calls whose results come by the ring */
	u32 frames;  /* functions of frames that ran */
	u32 spare_task; /* attach makes one */

	/* the call to be made */
	u64 nr, argument, caller_data;
	u64 frame_ip; /* 0: park */
	u64 wait_for; /* of USER_RING_WAIT */
	struct syslet_result_place place; /* of a result that goes there: status_ptr is not 0 */

	/* its result */
	long value;
	long how;

	u32 spare[16];	    /* the scenario's own */
	u64 stack[16];
};

extern const struct host_ops sim_host_ops, sim_watch_ops;

/* host.c */
void sim_pool_begins(void);
/* user.c: the task carries the context, whose last call gave `result` */
void sim_run_user(struct task *task, struct syslet_result result);
/* eyes.c: host_ops.watch of one that does nothing but look */
u64 sim_watch(struct task *self);
/* contexts.c */
void sim_name_task(struct task *task, u32 number);

/* In begin(): a context on an actor of its own. */
struct sim_user *sim_context(const char *name, sim_program program, const struct policy *policy,
			     enum overflow_policy overflow, struct sim_ring *ring);
/* The thread outside of all contexts that looks after this one. */
void sim_guardian(struct sim_user *user);
struct sim_ring *sim_ring(const char *name, u32 elements, u32 wait_group);
void sim_kernel_begins(void); /* first thing in begin() */
void sim_watchers_park(void); /* next: contexts have the real watch, whose watchers park */
struct context *sim_plain_context(const char *name, const struct policy *policy,
				  enum overflow_policy overflow);
struct task *sim_plain_task(struct context *ctx); /* a task of it that the scenario drives itself */

/* The reader of a ring, as lib/ring reads it: takes one completion, 0 if there is none. */
int sim_reap(struct sim_ring *ring, struct syslet_completion *into);

/* As a program that is written as one: the next action, and where to go on after it. */
#define USER_BEGINS(user)                                                                          \
	switch ((user)->pc) {                                                                      \
	case 0:
#define USER_DOES(user, action)                                                                    \
	do {                                                                                       \
		(user)->pc = __LINE__;                                                             \
		return (action);                                                                   \
	case __LINE__:;                                                                            \
	} while (0)
#define USER_ENDS(user)                                                                            \
	}                                                                                          \
	return USER_END

#endif
