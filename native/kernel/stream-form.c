/* SPDX-License-Identifier: MIT */
/*
 * The form of a call on a socket or a pipe that does not wait: the same call with a flag, or
 * another one that has it (stream-look.c).
 */
#include <asm/unistd.h>
#include "kernel/stream-form.h"

#define MSG_OOB 0x1u
#define MSG_CTRUNC 0x8u
#define MSG_DONTWAIT 0x40u
#define MSG_NOSIGNAL 0x4000u
#define MSG_ZEROCOPY 0x4000000u
#define MSG_FASTOPEN 0x20000000u
#define NO_FORM (MSG_OOB | MSG_ZEROCOPY | MSG_FASTOPEN)
#define RWF_NOWAIT 8u
#define RWF_ALWAYS_KNOWN 0x3fu /* refused for nothing but that they may not wait */

/* The argument of its MSG_ flags; 0: none. */
unsigned flags_argument(const struct indirect_registers *regs)
{
	switch ((u32)REG_NR(regs)) {
	case __NR_recvfrom:
	case __NR_sendto:
		return 3;
	case __NR_recvmsg:
	case __NR_sendmsg:
		return 2;
	default:
		return 0;
	}
}

u32 msg_flags_of(const struct indirect_registers *regs)
{
	unsigned at = flags_argument(regs);

	return at ? (u32)REG_ARG(regs, at) : 0;
}

/* Bytes of a list of buffers; 0 too if it cannot be read. */
u64 bytes_of(u64 list, u64 count)
{
	long error = 0;
	u64 bytes = 0;

	for (; count && !error; count--, list += sizeof(struct buffer))
		bytes += user_load_u64(list + sizeof(u64), &error);
	return error ? 0 : bytes;
}

/* Of a receive with MSG_ flags. */
u64 asked_for(const struct indirect_registers *regs)
{
	struct message message;

	if ((u32)REG_NR(regs) == __NR_recvfrom)
		return REG_ARG(regs, 2);
	if (copy_user(&message, (const void *)(uintptr_t)REG_ARG(regs, 1), sizeof(message)))
		return 0;
	return bytes_of(message.list, message.count);
}

/* What else a message has can be told of one part alone. */
int has_control(const struct indirect_registers *regs)
{
	struct message message;

	return flags_argument(regs) == 2 &&
	       !copy_user(&message, (const void *)(uintptr_t)REG_ARG(regs, 1), sizeof(message)) &&
	       message.control;
}

static void name_message(struct form *form, u64 list, u64 count)
{
	form->message = (struct message){.list = list, .count = count};
	REG_ARG(&form->regs, 1) = (u64)(uintptr_t)&form->message;
}

static void to_buffer_form(struct form *form, u64 nr)
{
	REG_NR(&form->regs) = nr;
	REG_ARG(&form->regs, 3) = MSG_DONTWAIT;
	REG_ARG(&form->regs, 4) = REG_ARG(&form->regs, 5) = 0;
}

static void to_message_form(struct form *form, u64 nr)
{
	REG_NR(&form->regs) = nr;
	name_message(form, REG_ARG(&form->regs, 1), REG_ARG(&form->regs, 2));
	REG_ARG(&form->regs, 2) = MSG_DONTWAIT;
}

/* Flags of its own: the host looks at them, and tells which it does not know. */
static void to_vector_form(struct form *form, u64 nr)
{
	int has_flags = (u32)REG_NR(&form->regs) == __NR_preadv2 || (u32)REG_NR(&form->regs) == __NR_pwritev2;

	if (has_flags && REG_ARG(&form->regs, 5))
		REG_ARG(&form->regs, 5) |= RWF_NOWAIT;
	else
		to_message_form(form, nr);
}

static int to_socket_form(struct form *form)
{
	unsigned at = flags_argument(&form->regs);

	if (at) {
		if (REG_ARG(&form->regs, at) & NO_FORM)
			return 0;
		REG_ARG(&form->regs, at) |= MSG_DONTWAIT;
		return 1;
	}
	switch ((u32)REG_NR(&form->regs)) {
	case __NR_read:
		to_buffer_form(form, __NR_recvfrom);
		return 1;
	case __NR_write:
		to_buffer_form(form, __NR_sendto);
		return 1;
	case __NR_preadv2:
	case __NR_readv:
		to_vector_form(form, __NR_recvmsg);
		return 1;
	case __NR_pwritev2:
	case __NR_writev:
		to_vector_form(form, __NR_sendmsg);
		return 1;
	default:
		return 0;
	}
}

static void name_one_buffer(struct form *form)
{
	form->one = (struct buffer){REG_ARG(&form->regs, 1), REG_ARG(&form->regs, 2)};
	REG_ARG(&form->regs, 1) = (u64)(uintptr_t)&form->one;
	REG_ARG(&form->regs, 2) = 1;
}

static int to_pipe_form(struct form *form)
{
	u64 nr = __NR_pwritev2, flags = 0;

	switch ((u32)REG_NR(&form->regs)) {
	case __NR_read:
		nr = __NR_preadv2;
		/* fall through */
	case __NR_write:
		name_one_buffer(form);
		break;
	case __NR_readv:
		nr = __NR_preadv2;
		/* fall through */
	case __NR_writev:
		break;
	case __NR_preadv2:
		nr = __NR_preadv2;
		/* fall through */
	case __NR_pwritev2:
		flags = REG_ARG(&form->regs, 5);
		break;
	default:
		return 0;
	}
	REG_NR(&form->regs) = nr;
	REG_ARG(&form->regs, 3) = REG_ARG(&form->regs, 4) = POSITION_OF_FILE;
	REG_ARG(&form->regs, 5) = flags | RWF_NOWAIT;
	return 1;
}

/*
 * A receive in parts from a Unix socket ends where descriptors lie. That some were left out for
 * want of room tells it, so it is made as one that says so in its message.
 */
void stream_form_tells(struct form *form)
{
	u64 flags = msg_flags_of(&form->regs);

	if ((u32)REG_NR(&form->regs) != __NR_recvmsg) {
		name_one_buffer(form);
		name_message(form, REG_ARG(&form->regs, 1), 1);
		REG_NR(&form->regs) = __NR_recvmsg;
	}
	REG_ARG(&form->regs, 2) = flags;
}

/* Descriptors, or what else a message has, were left out. */
int stream_form_ended(const struct form *form)
{
	struct message message;

	return !copy_user(&message, (const void *)(uintptr_t)REG_ARG(&form->regs, 1), sizeof(message)) &&
	       (message.flags & MSG_CTRUNC);
}

/* A send: SIGPIPE is not raised. */
void stream_form_quiet(struct form *form)
{
	if (!flags_argument(&form->regs))
		to_message_form(form, __NR_sendmsg);
	REG_ARG(&form->regs, flags_argument(&form->regs)) |= MSG_NOSIGNAL;
}

/*
 * A FIFO with a name has no form with RWF_NOWAIT, nor has any pipe or socket of older hosts.
 * 0: the call itself is refused. Those hosts know no flags but the old ones, and refuse the others.
 */
int stream_form_unknown(const struct form *form, int is_pipe, long status)
{
	return status == -E_OPNOTSUPP && !flags_argument(&form->regs) &&
	       (is_pipe || !(REG_ARG(&form->regs, 5) & ~(u64)RWF_ALWAYS_KNOWN));
}

/* Makes of the form's call the one that does not wait; 0: there is none. */
int stream_form(struct form *form, int is_pipe)
{
	return is_pipe ? to_pipe_form(form) : to_socket_form(form);
}
