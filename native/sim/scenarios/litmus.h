/* SPDX-License-Identifier: MIT */
/* How litmus tests are written: variables, registers, actors, and what is shown of them. */
#ifndef SYSLETS_SIM_LITMUS_H
#define SYSLETS_SIM_LITMUS_H

#include "sim/sim.h"

extern u32 *litmus_x, *litmus_y, *litmus_z, *litmus_registers;
#define x litmus_x
#define y litmus_y
#define z litmus_z

#define LOAD(p) READ_ONCE(*(p))
#define STORE(p, v) WRITE_ONCE(*(p), (u32)(v))
#define LOCKED(p, v) xchg((p), (u32)(v))
#define R(n) litmus_registers[n]

void litmus_begin(void (*const actors[])(void *));

/* The first registers; with memory the values that are left in x and y, too. */
void two(void);
void three(void);
void four(void);
void six(void);
void one_and_memory(void);
void two_and_memory(void);
void three_and_memory(void);

#define LITMUS(id, text, results, ...)                                                             \
	static void begin_##id(void)                                                               \
	{                                                                                          \
		static void (*const actors[])(void *) = {__VA_ARGS__, 0};                          \
                                                                                                   \
		litmus_begin(actors);                                                                \
	}                                                                                          \
	const struct sim_scenario litmus_##id = {                                                  \
		.name = "litmus/" text, .title = text, .begin = begin_##id, .outcome = results};

/* Each actor's code, on one line: a column of the published table. */
#define ACTOR(name, ...)                                                                           \
	static void name(void *unused)                                                             \
	{                                                                                          \
		(void)unused;                                                                      \
		__VA_ARGS__;                                                                       \
	}

#endif
