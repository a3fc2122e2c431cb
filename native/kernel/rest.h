/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_REST_H
#define SYSLETS_REST_H

#include "kernel/kernel.h"

/* What a call that moves bytes has moved. Lives on the stack of who makes it. */
struct rest {
	u64 done;
	const struct rest_row *row; /* 0: what it has done is its result */
	u32 known;     /* it was looked at */
	u32 is_socket, is_unix;
	u32 has_waited; /* the next part need not be waited for here: it has been, up to its limit */
};

/* rest.c */
int rest_goes_on(struct rest *rest, const struct indirect_registers *regs, struct task *cur);
long rest_call(struct rest *rest, const struct indirect_registers *regs, struct task *cur);
long rest_result(const struct rest *rest, long status);

#endif
