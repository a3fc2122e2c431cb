/* SPDX-License-Identifier: MIT */
/*
 * Litmus tests of the models themselves, by the names that the literature gives them: what
 * each model allows is known, so the explorer is held to it (test/kernel-explore).
 */
#include "sim/scenarios/litmus.h"

u32 *litmus_x, *litmus_y, *litmus_z, *litmus_registers;

void litmus_begin(void (*const actors[])(void *))
{
	static const char *const names[] = {"P0", "P1", "P2", "P3"};
	unsigned i;

	x = sim_alloc(4);
	y = sim_alloc(4);
	z = sim_alloc(4);
	litmus_registers = sim_alloc(32);
	sim_name(x, 4, 0, "x");
	sim_name(y, 4, 0, "y");
	sim_name(z, 4, 0, "z");
	for (i = 0; actors[i]; i++)
		sim_spawn(names[i], actors[i], 0, 1);
}

static void show(unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		sim_result(R(i));
}

static void show_with_memory(unsigned count)
{
	show(count);
	sim_result(*x);
	sim_result(*y);
}

void two(void) { show(2); }
void three(void) { show(3); }
void four(void) { show(4); }
void six(void) { show(6); }
void one_and_memory(void) { show_with_memory(1); }
void two_and_memory(void) { show_with_memory(2); }
void three_and_memory(void) { show_with_memory(3); }

ACTOR(sb0, STORE(x, 1); R(0) = LOAD(y))
ACTOR(sb1, STORE(y, 1); R(1) = LOAD(x))
LITMUS(sb, "SB", two, sb0, sb1)

ACTOR(sbf0, STORE(x, 1); smp_mb(); R(0) = LOAD(y))
ACTOR(sbf1, STORE(y, 1); smp_mb(); R(1) = LOAD(x))
LITMUS(sb_fences, "SB+mbs", two, sbf0, sbf1)

ACTOR(sbl0, xchg(x, 1u); R(0) = LOAD(y))
ACTOR(sbl1, xchg(y, 1u); R(1) = LOAD(x))
LITMUS(sb_locked, "SB+rmws", two, sbl0, sbl1)

/*
 * Behind the load, on memory that no other actor has: the store may be seen when the load is over.
 * Registers of one word would be shared, and storing to one a place to switch at.
 */
ACTOR(sbo0, STORE(x, 1); R(0) = LOAD(y); xchg(z, 1u))
ACTOR(sbo1, STORE(y, 1); smp_mb(); R(2) = LOAD(x))
LITMUS(sb_rmw_own, "SB+mfence+po-rmw-own", three, sbo0, sbo1)

ACTOR(sbw0, STORE(x, 1); R(0) = LOAD(x); R(1) = LOAD(y))
ACTOR(sbw1, STORE(y, 1); R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(sb_forwarded, "SB+rfi-pos", four, sbw0, sbw1)

ACTOR(mp0, STORE(x, 1); STORE(y, 1))
ACTOR(mp1, R(0) = LOAD(y); R(1) = LOAD(x))
LITMUS(mp, "MP", two, mp0, mp1)

ACTOR(rmp0, STORE(x, 1); xchg(y, 1u))
LITMUS(rmw_mp, "MP+rmw", two, rmp0, mp1)

/* The same on memory that no other actor has, which never waits. */
ACTOR(rmo0, STORE(x, 1); xchg(z, 1u); STORE(y, 1))
LITMUS(mp_rmw_own, "MP+rmw-own", two, rmo0, mp1)

/* One that releases is behind what came before it; what comes after it may be before both. */
ACTOR(rms0, STORE(x, 1); __atomic_fetch_sub(z, 1, __ATOMIC_RELEASE); STORE(y, 1))
LITMUS(mp_rmw_release, "MP+rmw-release", two, rms0, mp1)

/* A relaxed one orders nothing, and is ordered by nothing. */
ACTOR(inc0, STORE(x, 1); atomic_inc(y))
LITMUS(mp_inc, "MP+inc", two, inc0, mp1)

ACTOR(rmr0, STORE(x, 1); atomic_inc(z); STORE(y, 1))
LITMUS(mp_rmw_relaxed, "MP+rmw-relaxed", two, rmr0, mp1)

ACTOR(mpf0, STORE(x, 1); smp_wmb(); STORE(y, 1))
LITMUS(mp_wmb, "MP+wmb", two, mpf0, mp1)

ACTOR(mpr0, STORE(x, 1); smp_store_release(y, 1u))
LITMUS(mp_rel, "MP+rel", two, mpr0, mp1)

/* A release is behind what came before it, and what comes after it may be before both. */
ACTOR(mrp0, STORE(x, 1); smp_store_release(z, 1u); STORE(y, 1))
LITMUS(mp_rel_po, "MP+rel+po", two, mrp0, mp1)

ACTOR(lb0, R(0) = LOAD(x); STORE(y, 1))
ACTOR(lb1, R(1) = LOAD(y); STORE(x, 1))
LITMUS(lb, "LB", two, lb0, lb1)

ACTOR(r0, STORE(x, 1); STORE(y, 1))
ACTOR(r1, STORE(y, 2); R(0) = LOAD(x))
LITMUS(r, "R", one_and_memory, r0, r1)

ACTOR(s0, STORE(x, 2); STORE(y, 1))
ACTOR(s1, R(0) = LOAD(y); STORE(x, 1))
LITMUS(s, "S", one_and_memory, s0, s1)

ACTOR(w0, STORE(x, 1); STORE(y, 2))
ACTOR(w1, STORE(y, 1); STORE(x, 2))
LITMUS(2_2w, "2+2W", one_and_memory, w0, w1)

ACTOR(wf0, STORE(x, 1); smp_wmb(); STORE(y, 2))
ACTOR(wf1, STORE(y, 1); smp_wmb(); STORE(x, 2))
LITMUS(2_2w_wmbs, "2+2W+wmbs", one_and_memory, wf0, wf1)

ACTOR(co0, STORE(x, 1))
ACTOR(co1, R(0) = LOAD(x); R(1) = LOAD(x))
LITMUS(corr, "CoRR", two, co0, co1)

ACTOR(i0, STORE(x, 1))
ACTOR(i1, STORE(y, 1))
ACTOR(i2, R(0) = LOAD(x); R(1) = LOAD(y))
ACTOR(i3, R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(iriw, "IRIW", four, i0, i1, i2, i3)

ACTOR(wrc0, STORE(x, 1))
ACTOR(wrc1, R(0) = LOAD(x); STORE(y, 1))
ACTOR(wrc2, R(1) = LOAD(y); R(2) = LOAD(x))
LITMUS(wrc, "WRC", three, wrc0, wrc1, wrc2)
