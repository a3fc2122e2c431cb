/* SPDX-License-Identifier: MIT */
/*
 * One submission block: registers and parameters of a call, filled by TypeScript
 * with plain stores, and what became of it. Ours, not v7's. 128 bytes.
 */
#ifndef SYSLETS_CALL_H
#define SYSLETS_CALL_H

#include "syslets/abi.h"

struct syslet_call {
	struct indirect_registers regs; /*   0 */
	union indirect_params params;	/*  56 */
	int64_t result;			/*  88 exact, also past 2^53; surfaced: bytes that it has moved */
	uint32_t paramslen;		/*  96 */
	uint32_t pending;		/* 100 enum syslet_call_pending */
	uint32_t task;			/* 104 number of the task that runs it, if pending */
	uint32_t slept;		/* 108 of an observed dispatch: 0 not over, 1 did not sleep, 2 did */
	uint64_t kept[2];		/* 112 of a call that surfaced: syslet_kept */
};

enum syslet_call_pending {
	SYSLET_CALL_OVER,     /* the result is there */
	SYSLET_CALL_AWAY,     /* handed over or dispatched: the result comes in the ring */
	SYSLET_CALL_NOT_MADE, /* by callUp and callWatched alone: nobody could take it over */
	SYSLET_CALL_SURFACED, /* likewise; it goes on when it is made again */
	SYSLET_CALL_LOOKED    /* likewise; it has held nobody */
};

#endif
