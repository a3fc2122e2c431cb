/* SPDX-License-Identifier: MIT */
/*
 * sys_indirect: "indirect v6" as patched by patches 4 and 5 of the thread.
 * The order of the checks is v7's; docs/abi.md lists it and a test walks it.
 */
#include <asm/unistd.h>
#include "kernel/ring-state.h"

#define MAX_NESTING 8 /* v7 has no limit but its stack */

static struct syslet_result returned(long value)
{
	return (struct syslet_result){value, HOW_RETURNED};
}

/*
 * The calls that run without syslet arguments, because they create a descriptor,
 * and how each takes the flags today. 0 if nr is not one of them.
 */
static int apply_file_flags(struct indirect_registers *regs, int flags)
{
	switch (REG_NR(regs)) {
	case __NR_accept:
		REG_NR(regs) = __NR_accept4;
		REG_ARG(regs, 3) = (u64)flags;
		return 1;
	case __NR_socket:
	case __NR_socketpair:
		REG_ARG(regs, 1) |= (u64)flags;
		return 1;
#ifdef __NR_eventfd
	case __NR_eventfd:
		REG_NR(regs) = __NR_eventfd2;
		REG_ARG(regs, 1) = (u64)flags;
		return 1;
#endif
#ifdef __NR_signalfd
	case __NR_signalfd:
		REG_NR(regs) = __NR_signalfd4;
		REG_ARG(regs, 3) = (u64)flags;
		return 1;
#endif
	case __NR_timerfd_create:
		REG_ARG(regs, 1) |= (u64)flags;
		return 1;
	default:
		return 0;
	}
}

enum params_kind { PARAMS_FILE_FLAGS, PARAMS_SYSLET, PARAMS_BOTH, PARAMS_MALFORMED };

/* v7: whatever is not zero where the ring pointer lies (rows 2 and 11). */
static enum params_kind v7_params_kind(const struct task *cur)
{
	u64 ring = cur->own.indirect_params.syslet.completion_ring_ptr;

	if (cur->ctx->policy->ring_ptr_is_int ? (int)ring != 0 : ring != 0)
		return PARAMS_SYSLET;
	return PARAMS_FILE_FLAGS;
}

/*
 * The default tells them apart by paramslen. A zero ring pointer is no syslet, but where the
 * parameters are long enough to name another place for the result.
 */
static enum params_kind params_kind(struct task *cur, u64 paramslen)
{
	const struct indirect_params_placed *params = &cur->own.indirect_params;

	if (unlikely(cur->ctx->policy->params_aliased))
		return v7_params_kind(cur);
	if (unlikely(paramslen == sizeof(*params)))
		return params->syslet.completion_ring_ptr ? PARAMS_MALFORMED : PARAMS_BOTH;
	if (unlikely(paramslen <= sizeof(struct syslet_file_flags)))
		return PARAMS_FILE_FLAGS;
	if (unlikely(paramslen > sizeof(struct syslet_args)))
		return params->syslet.completion_ring_ptr ? PARAMS_BOTH : PARAMS_FILE_FLAGS;
	return params->syslet.completion_ring_ptr ? PARAMS_SYSLET : PARAMS_FILE_FLAGS;
}

/* Where the flags of a descriptor's call lie, for each kind. */
static int file_flags_of(const struct task *cur, u64 paramslen)
{
	if (paramslen > sizeof(struct syslet_args))
		return cur->own.indirect_params.file_flags.flags;
	return cur->own.v7_params.file_flags.flags;
}

static int nr_is(const struct task *cur, u64 nr, u64 ours, u64 v7s)
{
	return nr == ours || (cur->ctx->policy->raw_numbers && nr == v7s);
}

/* Calls that the bitmap marked, and our own two. */
static long run_special(struct indirect_registers *regs, struct task *cur)
{
	u64 nr = REG_NR(regs);
	long ret;

	if (nr_is(cur, nr, SYSLET_NR_RING_WAIT, SYSLET_NR_V7_RING_WAIT)) /* row 18 */
		return sys_syslet_ring_wait(REG_ARG(regs, 0), REG_ARG(regs, 1), 0, cur);
	if (nr_is(cur, nr, SYSLET_NR_INDIRECT, SYSLET_NR_V7_INDIRECT)) {
		if (!cur->ctx->policy->any_call_number || cur->depth >= MAX_NESTING)
			return -E_INVAL; /* row 16 */
		cur->depth++;
		ret = sys_indirect((const void *)REG_ARG(regs, 0), (const void *)REG_ARG(regs, 1),
				   REG_ARG(regs, 2), REG_ARG(regs, 3), cur)
			      .value;
		cur->depth--;
		return ret;
	}
	if (!cur->ctx->policy->any_call_number) {
		if (call_is_foreign(nr))
			return -E_NOSYS;
		if (call_is_refused(nr) || arguments_are_refused(nr, REG_ARG(regs, 0), REG_ARG(regs, 1)))
			return -E_INVAL;
		ret = change_is_told(regs, cur);
		if (ret)
			return ret;
	}
	ret = call_with_limit(regs, cur);
	if (ret >= 0 && call_changes_credentials(nr))
		cur->ctx->ops->credentials_changed(cur, nr);
	return ret;
}

static long run_call(struct indirect_registers *regs, struct task *cur)
{
	if (unlikely(call_is_special(REG_NR(regs)) || cur->ctx->policy->raw_numbers))
		return run_special(regs, cur);
	if (unlikely(call_goes_on(cur)))
		return call_rest_of(regs, cur);
	return call_host(regs, cur);
}

/* Row 1: v7 passes every result through an int. */
static long narrowed(const struct task *cur, long status)
{
	return unlikely(cur->ctx->policy->result_is_int) ? (int)status : status;
}

/*
 * The call can be handed over from here on; its word. The store pairs with the
 * watcher, which reads the word before what shows it a block. No full barrier
 * before the load of the slot: a watcher that parks passes one for both sides
 * between its mark and its last look at the word.
 */
static inline u64 enter_call(struct task *cur)
{
	struct context *ctx = cur->ctx;
	u64 word = (ctx->seq += WORD_SEQ_ONE) | WORD_IN_CALL;

	smp_store_release(&cur->word, word);
	barrier();
	if (unlikely(READ_ONCE(ctx->watcher) & WATCHER_MARKS))
		unpark_watcher(ctx);
	YIELD(cur, YIELD_INDIRECT_ENTERED);
	return word;
}

/*
 * The call that is about to begin has no watcher. Its word is locked meanwhile: no task that
 * takes the place can take the context over here, and the guardian, which looks at nothing
 * while the word is USER, looks again. Pairs with guardian_look: the store of the word comes
 * before what the guardian clears.
 */
static __attribute__((noinline)) void begin_unwatched(struct task *cur)
{
	struct context *ctx = cur->ctx;
	u64 word = (ctx->seq + WORD_SEQ_ONE) | WORD_LOCKED;

	saw_waiting(cur, &cur->began_unwatched, word);
	smp_store_release(&cur->word, word);
	ctx->ops->unwatched(ctx);
}

/*
 * A syslet. From the store of the word on, the waiting child may take the context
 * over at any instruction until syslet_post_indirect has got it back: what follows
 * may use cur and the local copy of the registers, and nothing of the context's
 * that its carrier writes.
 */
static struct syslet_result run_syslet(struct indirect_registers *regs, struct task *cur)
{
	u64 word;
	long status;
	enum look look;
	int ret = syslet_pre_indirect(cur);

	if (unlikely(ret == -SYSLET_NOT_MADE)) {
		look = look_at(regs, cur, &status);
		if (look == LOOK_TELLS)
			return returned(status);
		if (cur->ctx->when_unwatched == UNWATCHED_LOOKS ||
		    (look == LOOK_MAKES && cur->ctx->when_unwatched != LOOKS_ALONE))
			ret = 0;
	}
	if (unlikely(ret))
		return returned(ret);
	/* one that blocks on its way would change the original's, and not the context's */
	if (unlikely(call_is_special(REG_NR(regs)) && call_changes_thread(REG_NR(regs))))
		return returned(narrowed(cur, run_special(regs, cur)));
	if (unlikely(!is_watched(cur->ctx)))
		begin_unwatched(cur);
	word = enter_call(cur);
	status = narrowed(cur, run_call(regs, cur));
	return syslet_post_indirect(cur, word, status);
}

/*
 * A frame's function calls: its context has no child, so the call runs and blocks. What
 * changes the thread that makes it is meant for the context, which is on another one.
 */
static struct syslet_result run_in_frame(struct indirect_registers *regs, struct task *cur)
{
	count(frame_calls);
	if (unlikely(call_is_special(REG_NR(regs)) && call_changes_thread(REG_NR(regs)) &&
		     !cur->ctx->policy->any_call_number))
		return returned(-E_INVAL);
	return returned(narrowed(cur, run_call(regs, cur)));
}

static struct syslet_result run_with_params(struct indirect_registers *regs, struct task *cur,
					    u64 paramslen)
{
	enum params_kind kind = params_kind(cur, paramslen);
	int flags;

	if (likely(kind == PARAMS_SYSLET && cur == cur->ctx->carrier && !cur->depth))
		return run_syslet(regs, cur);
	if (unlikely(kind == PARAMS_MALFORMED))
		return returned(-E_INVAL);
	flags = kind == PARAMS_SYSLET ? 0 : file_flags_of(cur, paramslen);
	if (kind != PARAMS_SYSLET && !apply_file_flags(regs, flags) &&
	    (kind == PARAMS_FILE_FLAGS || flags))
		return returned(-E_INVAL);
	if (kind == PARAMS_FILE_FLAGS)
		return returned(call_host(regs, cur));
	if (cur != cur->ctx->carrier || cur->depth)
		return run_in_frame(regs, cur);
	return run_syslet(regs, cur);
}

/* Up to the end of both kinds it may end anywhere; with a place for the result it is whole. */
static int length_is_known(const struct task *cur, u64 paramslen)
{
	return paramslen <= cur->ctx->policy->params_max &&
	       (paramslen <= sizeof(struct indirect_params_both) ||
		paramslen == sizeof(struct indirect_params_placed));
}

/*
 * A short paramslen leaves the rest zero. The length of a whole union is the common
 * one; then nothing that is read later is left of an earlier call.
 */
static long copy_params(struct task *cur, const void *userparams, u64 paramslen)
{
	if (likely(paramslen == sizeof(union indirect_params)))
		return copy_user_words(&cur->own.v7_params, userparams,
				       sizeof(union indirect_params) / sizeof(u64));
	cur->own.indirect_params = (struct indirect_params_placed){0};
	return copy_user(&cur->own.indirect_params, userparams, paramslen);
}

/*
 * The short way: a syslet whose ring and frame stack are those of the context's
 * latest call, with room in the ring, a watcher in its place, and a call that is in
 * no table. Every check of the long way is made, by comparison with what that found;
 * whatever differs, faults or is rare is left to the long way, which starts anew.
 * 1 if the call was made.
 */
static inline __attribute__((always_inline)) int
short_way(u64 params, struct task *cur, struct syslet_result *result)
{
	struct context *ctx = cur->ctx;
	long error = 0;
	u64 ring = user_load_u64(params, &error);
	u64 caller_data = user_load_u64(params + sizeof(u64), &error);
	struct syslet_frame frame;
	struct user_word elements, indexes;
	uintptr_t slot = READ_ONCE(ctx->watcher);
	u64 word;

	if (unlikely(load_frame(&frame, params + offsetof(struct syslet_args, frame)) | error) || cur != ctx->carrier)
		return 0;
	if (ring != ctx->checked_ring || frame_sp(&frame) != ctx->checked_sp || !ctx->fast ||
	    !syslet_frame_valid(&frame) || ring != ctx->ring_cached_ptr)
		return 0;
	elements = get_user_u32(ring + offsetof(struct syslet_ring, elements));
	indexes = get_user_pair(ring + offsetof(struct syslet_ring, kernel_head));
	if ((elements.error | indexes.error | get_user_u32(frame_sp(&frame) - sizeof(u64)).error) ||
	    (u32)elements.value != ctx->checked_elements || !slot || (slot & WATCHER_MARKS) ||
	    call_is_special(REG_NR(&cur->own.regs)) ||
	    !ring_has_room(ctx->ring_cached, (u32)indexes.value, (u32)(indexes.value >> 32),
			   (u32)elements.value))
		return 0;
	cur->own.indirect_params.syslet.completion_ring_ptr = ring;
	cur->own.indirect_params.syslet.caller_data = caller_data;
	cur->own.indirect_params.syslet.frame = frame;
	cur->own.elements = (u32)elements.value;
	cur->own.ring_state = ctx->ring_cached;
	word = enter_call(cur);
	*result = syslet_post_indirect(cur, word, call_host(&cur->own.regs, cur));
	return 1;
}

/*
 * A call whose own effect is on the OS thread that makes it, or that no task may
 * make, cannot be dispatched: 0, or the error that says so.
 */
static long refused_to_dispatch(struct indirect_registers *regs)
{
	u64 nr = REG_NR(regs);

	if (likely(!call_is_special(nr)) || nr == SYSLET_NR_RING_WAIT) /* row 18 */
		return 0;
	if (nr == SYSLET_NR_INDIRECT)
		return -E_INVAL;
	if (call_is_foreign(nr))
		return -E_NOSYS;
	if (call_is_refused(nr) || call_changes_thread(nr) ||
	    arguments_are_refused(nr, REG_ARG(regs, 0), REG_ARG(regs, 1)))
		return -E_INVAL;
	return 0;
}

/*
 * For sys_dispatch: takes registers and parameters of a syslet, and checks them in the
 * order of sys_indirect. They are in cur->own afterwards.
 */
long take_dispatched(const void *userregs, const void *userparams, u64 paramslen, struct task *cur)
{
	struct indirect_registers *regs = &cur->own.regs;
	enum params_kind kind;
	long ret;
	int flags;

	if (copy_user_words(regs, userregs, sizeof(*regs) / sizeof(u64)))
		return -E_FAULT;
	if (!length_is_known(cur, paramslen))
		return -E_INVAL;
	if (copy_params(cur, userparams, paramslen))
		return -E_FAULT;
	kind = params_kind(cur, paramslen);
	flags = kind == PARAMS_BOTH ? file_flags_of(cur, paramslen) : 0;
	if (kind == PARAMS_FILE_FLAGS || kind == PARAMS_MALFORMED || cur != cur->ctx->carrier ||
	    (kind == PARAMS_BOTH && !apply_file_flags(regs, flags) && flags) ||
	    !frame_is_park(&cur->own.indirect_params.syslet.frame))
		return -E_INVAL;
	ret = refused_to_dispatch(regs);
	return ret ? ret : check_syslet(cur);
}

/* For the task that a call was dispatched to. */
long run_dispatched(struct task *cur)
{
	return run_call(&cur->call->regs, cur);
}

/*
 * What was kept for a call ends with it, however it ended: the next call is another. The short
 * way makes no call for which something is kept (go_on_with).
 */
static struct syslet_result ended(struct task *cur, struct syslet_result result)
{
	cur->kept_for = 0;
	return result;
}

/* Apart, so that the short way saves no registers for it. */
static __attribute__((noinline)) struct syslet_result
long_way(const void *userparams, u64 paramslen, struct task *cur)
{
	struct syslet_result result;

	if (unlikely(!length_is_known(cur, paramslen)))
		return ended(cur, returned(-E_INVAL));
	if (unlikely(copy_params(cur, userparams, paramslen)))
		result = returned(-E_FAULT);
	else
		result = run_with_params(&cur->own.regs, cur, paramslen);
	/*
	 * v7 always clears them, a nested call the outer's too. Without nesting nothing
	 * reads them before the next call has stored its own: the default clears them
	 * only after a hand-off.
	 */
	if (unlikely(cur->ctx->policy->any_call_number))
		cur->own.indirect_params = (struct indirect_params_placed){0};
	return ended(cur, result);
}

/*
 * Called by the entry stub on the task's kernel stack, or by a call that names
 * sys_indirect itself (v7, row 16). Returns the result, or HOW_FRAME when the
 * context went on elsewhere and this task has to return to the frame.
 */
struct syslet_result sys_indirect(const void *userregs, const void *userparams, u64 paramslen,
				  u64 flags, struct task *cur)
{
	struct syslet_result result;

	if (unlikely((int)flags))
		return ended(cur, returned(-E_INVAL));
	if (unlikely(copy_user_words(&cur->own.regs, userregs, sizeof(cur->own.regs) / sizeof(u64))))
		return ended(cur, returned(-E_FAULT));
	if (likely(paramslen == sizeof(union indirect_params)) &&
	    likely(short_way((u64)(uintptr_t)userparams, cur, &result)))
		return result;
	return long_way(userparams, paramslen, cur);
}
