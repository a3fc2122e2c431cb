/* SPDX-License-Identifier: MIT */
#ifndef SYSLETS_STREAM_FORM_H
#define SYSLETS_STREAM_FORM_H

#include "kernel/rest.h"

#define POSITION_OF_FILE (~0ull) /* of preadv2 and pwritev2: where the file is */

/* A form, and what its arguments name. */
struct form {
	struct indirect_registers regs;
	struct message message;
	struct buffer one;
};

/* stream-form.c */
unsigned flags_argument(const struct indirect_registers *regs);
u32 msg_flags_of(const struct indirect_registers *regs);
u64 bytes_of(u64 list, u64 count);
u64 asked_for(const struct indirect_registers *regs);
int has_control(const struct indirect_registers *regs);
int stream_form(struct form *form, int is_pipe);
void stream_form_tells(struct form *form);
int stream_form_ended(const struct form *form);
void stream_form_quiet(struct form *form);
int stream_form_unknown(const struct form *form, int is_pipe, long status);

#endif
