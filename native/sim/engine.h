/* SPDX-License-Identifier: MIT */
/* The explorer's own parts. Nothing of it is instrumented. */
#ifndef SYSLETS_SIM_ENGINE_H
#define SYSLETS_SIM_ENGINE_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

#define MAX_ACTORS 12
#define MAX_BUFFER 64
#define MAX_RESULTS 8
#define LINE_BYTES 64
#define STACK_BYTES 32768ul

enum actor_state {
	ACTOR_NONE = 0,
	ACTOR_NEW,	/* has not run yet */
	ACTOR_RUNNABLE,
	ACTOR_RESTING,	/* relaxed in a loop: runs again when another has changed something */
	ACTOR_PARKED,	/* sleeps on a futex */
	ACTOR_UNTIL,	/* waits for a predicate */
	ACTOR_BLOCKED,	/* off its processor in a system call */
	ACTOR_CHOOSES,	/* the explorer chooses for it */
	ACTOR_DONE,
};

enum op_kind {
	OP_NONE,
	OP_READ,
	OP_WRITE,
	OP_RMW,
	OP_FENCE,
	OP_START,
	OP_PARK,
	OP_WAKE,
	OP_UNTIL,
	OP_BLOCK,
	OP_RETURN, /* of a system call that slept */
	OP_CHOOSE,
	OP_REST,
	OP_SIGNAL,
	OP_FLUSH,
	OP_EXIT,
};

enum delayable {
	MADE_AT_ONCE,
	MAY_WAIT, /* in the buffer */
	MAY_PASS, /* that, or be seen before those that wait: it is no release */
};

struct actor {
	void *sp;
	void (*run)(void *);
	void *argument;
	const char *name;
	int (*holds)(void *);
	void *holds_argument;
	u32 *word;	/* that it is parked on */
	u64 parked_at;	/* order of those parked on one word */
	u64 stack_hash;
	int result;	/* of its park */
	u16 choices;
	u8 state, required, limited, signalled, nudged;
	u8 looked; /* in a loop that rests, since another has changed something */
	/* the step that it makes next, or has just made */
	u8 op, op_bytes, delayable; /* enum delayable */
	u32 ops; /* that it has made so far */
	uintptr_t op_address;
	uintptr_t op_pc;
};

struct buffered {
	uintptr_t address;
	u64 value;
	u32 bytes, is_rmw;
	u64 made_at; /* the actor's ops then; not part of the state */
};

/* What an execution consists of beside memory and stacks; copied at each choice. */
struct engine_state {
	struct actor actors[MAX_ACTORS];
	u32 nr_actors;
	s32 last;	 /* who ran last; -1 at the beginning */
	u32 preemptions;
	u64 park_counter;
	u64 memory_hash;
	u64 bad_address, bad_bytes;
	u8 left[SIM_FAULTS]; /* how often each may still happen */
	u8 seconds;	     /* that have passed */
	u32 delays;    /* stores that were told to wait, or to pass those that do */
	u32 delay_now; /* the step that is made now is */
	u32 pass_now;  /* it is seen before those that wait */
	u64 made;      /* a check of all steps so far; not part of the state */
};

struct store_buffer {
	u32 used;
	u32 ordered; /* so many are older than the last release fence: no later store passes them */
	struct buffered entry[MAX_BUFFER];
};

extern struct engine_state engine;
extern struct store_buffer buffers[MAX_ACTORS];
/* for tables of steps: the last that left a buffer, and whether one came in with the step */
extern struct buffered buffer_flushed;
extern int buffer_pushed;
extern enum sim_model sim_model;
extern const char *const sim_model_names[];
extern s32 running; /* the actor whose code runs, -1: the explorer's */
extern u64 engine_accesses;
extern int every_access; /* a replay: each is a step */
extern int store_waits, stack_fences; /* of the step that was made: is_delayed, fence_for_stack */
extern int recorded_waits, recorded_fences; /* of the step, in a replay; -1: the model says */
extern u32 ops_check;	 /* of the operations since it was set to 0 */
void count_op(u8 op, uintptr_t address, unsigned bytes);
void note_made(u8 op, u32 actor, u64 what);
extern const char *failure; /* of the execution; 0: none */

/* memory.c */
struct line {
	u64 hash;
	u32 stamp; /* of the step in which it was saved last */
	u8 hashed;
};
struct granule { /* eight bytes: who reads and who writes them, in any execution so far */
	u16 readers, writers;
};
void memory_init(void);
void memory_seal(void);
char *memory_stack(u32 actor); /* its lowest address */
struct granule *memory_granule(uintptr_t address);
u64 memory_place(uintptr_t address); /* in the heap; of other memory, which compilers lay out, 0 */
int memory_mark(uintptr_t address, unsigned bytes, int is_write, u32 actor); /* 1: it is shared */
void memory_save(uintptr_t address, unsigned bytes, s32 actor);
void memory_step_begins(void);
void memory_step_ends(void);
u64 memory_undo_position(void);
void memory_undo(u64 position);
u64 hash_bytes(const void *bytes, size_t size, u64 seed);
extern int memory_grew; /* an access was found to be shared: exploration begins anew */
u64 memory_read(uintptr_t address, unsigned bytes);
void memory_write(uintptr_t address, unsigned bytes, u64 value);

/* coroutine.c */
void coroutine_run(u32 actor); /* until its next step is known */
void coroutine_yield(void);
void coroutine_init(void);
extern jmp_buf outcome_failed; /* where a check of the outcome goes that fails */

/* access.c */
void access_settle(void); /* plain accesses of the running actor since its last step */

/* buffer.c */
void buffer_flush(u32 actor);
void buffer_drain(u32 actor);
int buffer_can_flush(u32 actor);
u64 buffer_view(u32 actor, uintptr_t address, unsigned bytes);
void buffer_push(u32 actor, uintptr_t address, unsigned bytes, u64 value, int is_rmw);
int buffer_reserved(u32 actor, uintptr_t address);
int buffer_rmw_may_wait(u32 actor, uintptr_t address);
int buffer_may_pass(u32 actor, uintptr_t address);
void buffer_release_fence(u32 actor);
u64 buffer_hash(void);

/* step.c */
void step(u8 op, uintptr_t address, unsigned bytes, uintptr_t pc);
#define STEP_PC() ((uintptr_t)__builtin_return_address(0))
int actor_enabled(u32 actor);

/* names.c */
void name_of(uintptr_t address, char *into, size_t size);

extern const struct sim_scenario *const sim_scenarios[];

#endif
