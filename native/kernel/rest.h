/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_REST_H
#define SYSLETS_REST_H

#include "kernel/kernel.h"

#define REST_ALL (~0ull)

/* What a call that moves bytes has moved. Lives on the stack of who makes it. */
struct rest {
	u64 done;
	u64 least; /* bytes that it waits for: all, or a receive those of SO_RCVLOWAT */
	const struct rest_row *row; /* 0: what it has done is its result */
	u32 known;     /* it was looked at */
	u32 is_socket, is_unix;
	u32 anew;      /* a peek: it begins anew behind each part */
	u32 may_wait;  /* it has waited: O_NONBLOCK of a socket came later, and is not its own */
	u32 has_waited; /* the next part need not be waited for here: it has been, up to its limit */
};

struct buffer {
	u64 address, bytes;
};

struct message { /* struct msghdr of 64 bits */
	u64 name;
	u32 name_bytes, pad;
	u64 list, count;
	u64 control, control_bytes;
	u32 flags, pad_2;
};

/* What the next part's arguments name; on the kernel stack. */
struct part {
	struct indirect_registers regs;
	struct message message;
	struct buffer first; /* what is left of a buffer of which some is moved */
	u64 bytes;	     /* that it is to move; 0: all are moved, or they cannot be told */
};

/* rest.c */
void rest_look(struct rest *rest, const struct indirect_registers *regs, struct task *cur);
int rest_receives(const struct rest *rest);
int rest_at_mark(const struct rest *rest, const struct indirect_registers *regs, struct task *cur);
void rest_next_part(struct part *part, const struct rest *rest, const struct indirect_registers *regs);
int rest_goes_on(struct rest *rest, const struct indirect_registers *regs, struct task *cur);
long rest_call(struct rest *rest, const struct indirect_registers *regs, struct task *cur);
long rest_result(const struct rest *rest, long status);

#endif
