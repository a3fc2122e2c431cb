/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_LIMIT_H
#define SYSLETS_LIMIT_H

#include "kernel/kernel.h"

#define F_GETFL 3
#define O_NONBLOCK 0x800 /* the same wherever there are syslets */

/* Where a call's limit lies. Calls with an absolute one are in no table: it holds as it is. */
enum limit_form {
	LIMIT_NONE,
	LIMIT_MS,	/* a signed number of milliseconds; below 0: none */
	LIMIT_TIMESPEC, /* by address; 0: none */
	LIMIT_TIMEVAL,	/* likewise */
	LIMIT_RING	/* in what the extended argument of io_uring_enter names */
};

/* How a call names the signals that may come while it waits, if it does. */
enum mask_form { MASK_NONE, MASK_ADDRESS, MASK_PAIR, MASK_RING };

struct limit_row {
	u16 nr;
	u8 form;       /* enum limit_form */
	u8 argument;
	u8 told;       /* the host stores in the same place what is left */
	u8 mask_form;  /* enum mask_form */
	u8 mask_argument;
};

/* What a call in flight still has of its limit. Lives on the stack of who makes it. */
struct limit {
	const struct limit_row *row; /* 0: a call that is in no table */
	u64 deadline;		     /* ns of clock; 0: none */
	u64 user;		     /* address of the limit in user memory */
	u32 clock;
	s64 left[2];	 /* what the call is given instead */
	u64 extended[3]; /* likewise, for io_uring_enter */
};

/* limit.c */
void limit_init(void (*mark)(u32 nr));
void limit_begin(struct limit *limit, const struct indirect_registers *regs, struct task *cur);
int limit_mask_given(const struct limit *limit, const struct indirect_registers *regs);
void limit_rest(struct limit *limit, struct indirect_registers *regs, struct task *cur);
void limit_tell(const struct limit *limit, long status);
void limit_tell_rest(struct limit *limit, const struct indirect_registers *regs, struct task *cur,
		     long status);
int limit_is_absolute(const struct indirect_registers *regs);

/* socket-limit.c */
long ask_host_for(const struct indirect_registers *regs, struct task *cur);
long ask_host(struct task *cur, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e);
int call_is_away(struct task *cur);
s32 socket_option(struct task *cur, const struct indirect_registers *regs, u64 name);
struct socket_limit {
	u64 deadline; /* ns of host_ops.now; 0: none */
	u32 known;    /* it was looked for */
	u32 events;   /* that the call waits for */
	long over;    /* its result when the time is over */
};
u64 socket_limit_now(struct task *cur, const struct indirect_registers *regs, u32 events);
int socket_limited(struct socket_limit *limit, const struct indirect_registers *regs,
		   struct task *cur);
int socket_over(struct socket_limit *limit, const struct indirect_registers *regs,
		struct task *cur);
long socket_wait(struct socket_limit *limit, const struct indirect_registers *regs,
		 struct task *cur);

/* look.c */
int ended_by_foreign(struct task *cur);

/* stream-look.c */
enum look look_at_stream(const struct indirect_registers *regs, struct task *cur, long *status);

#endif
