/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_STREAM_LOOK_H
#define SYSLETS_STREAM_LOOK_H

#include "kernel/limit.h"
#include "kernel/rest.h"

struct stream_look {
	const struct indirect_registers *regs; /* the program's */
	struct task *cur;
	struct socket_limit limit;
	struct rest rest;
	u32 is_pipe;
	s32 domain, type;
	u32 has_waited; /* a look before this one found that it would wait */
	u32 is_made;	/* the call would not wait, though its form says so, or there is none */
};

/* stream-look.c */
int stream_is_nonblocking(const struct stream_look *look);
int stream_cannot_go_on(const struct stream_look *look);
long stream_try(struct stream_look *look, int over);

/* stream-again.c */
long stream_goes_on(const struct indirect_registers *regs, struct rest *rest,
		    struct socket_limit *limit, struct task *cur);

#endif
