/* SPDX-License-Identifier: MIT */
/*
 * The hot call and its baseline: the same block, the same conversion of argument
 * and result; one goes through sys_indirect, the other is the bare system call.
 * Plain Node-API, since a wrapper costs more than what is measured here.
 */
#include <errno.h>
#include <stdlib.h>

#include "addon/addon.h"
#include "syslets/call.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

struct hot {
	struct syslet_call *calls;
	uint32_t count;
	struct syslet_call *bare_calls;
	uint32_t bare_count;
	napi_ref nothing; /* a function that does nothing */
};

long call_indirect(const struct indirect_registers *regs, void *unused);

void *hot_new(void)
{
	return calloc(1, sizeof(struct hot));
}

/* What javascript_goes_on calls. */
void hot_set_nothing(void *data, napi_env env, napi_value function)
{
	struct hot *hot = data;

	napi_create_reference(env, function, 1, &hot->nothing);
}

void hot_set_blocks(void *data, void *calls, size_t bytes)
{
	struct hot *hot = data;

	hot->calls = calls;
	hot->count = (uint32_t)(bytes / sizeof(struct syslet_call));
}

void hot_set_bare_blocks(void *data, void *calls, size_t bytes)
{
	struct hot *hot = data;

	hot->bare_calls = calls;
	hot->bare_count = (uint32_t)(bytes / sizeof(struct syslet_call));
}

/* The first argument as an index, and the addon's own data. */
static uint32_t slot_of(napi_env env, napi_callback_info info, struct hot **hot)
{
	napi_value argument;
	size_t number = 1;
	uint32_t slot = UINT32_MAX;

	napi_get_cb_info(env, info, &number, &argument, NULL, (void **)hot);
	napi_get_value_uint32(env, argument, &slot);
	return slot;
}

static napi_value throw_slot(napi_env env)
{
	napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "slot is not a block of calls");
	return NULL;
}

static napi_value number_of(napi_env env, long value)
{
	napi_value result = NULL;

	if (value == (int32_t)value)
		napi_create_int32(env, (int32_t)value, &result);
	else
		napi_create_double(env, (double)value, &result);
	return result;
}

/*
 * 0 if this thread is to end: worker.terminate() and process.exit() tell JavaScript, which
 * looks when a function of its own begins.
 */
static int javascript_goes_on(napi_env env, const struct hot *hot)
{
	napi_value function = NULL, undefined = NULL;
	napi_handle_scope scope = NULL;
	int goes_on;

	if (napi_open_handle_scope(env, &scope) != napi_ok)
		return 0;
	goes_on = napi_get_reference_value(env, hot->nothing, &function) == napi_ok &&
		  napi_get_undefined(env, &undefined) == napi_ok &&
		  napi_call_function(env, undefined, function, 0, NULL, NULL) == napi_ok;
	napi_close_handle_scope(env, scope);
	return goes_on;
}

static int has_surfaced(struct syslet_call_result result)
{
	return result.value == -SYSLET_SURFACED || result.value == -SYSLET_LOOKED;
}

/* The call has surfaced, and its caller waits for it: it goes on as long as JavaScript does. */
static __attribute__((noinline)) struct syslet_call_result
surface_until_over(napi_env env, const struct hot *hot, const struct indirect_registers *regs,
	   const void *params, size_t paramslen)
{
	struct syslet_call_result result;
	uint64_t kept[2], moved;

	do {
		moved = syslet_kept(kept);
		if (!javascript_goes_on(env, hot))
			return (struct syslet_call_result){moved ? (long)moved : -EINTR, 0};
		syslet_go_on(kept);
		result = syslet_indirect(regs, params, paramslen, 0);
	} while (has_surfaced(result));
	return result;
}

/* A look would come back at once, for as long as it takes. */
static __attribute__((noinline)) struct syslet_call_result
until_over(napi_env env, const struct hot *hot, const struct indirect_registers *regs,
	   const void *params, size_t paramslen)
{
	struct syslet_call_result result;

	syslet_when_unwatched(SYSLET_UNWATCHED_SURFACES);
	result = surface_until_over(env, hot, regs, params, paramslen);
	syslet_when_unwatched(SYSLET_UNWATCHED_LOOKS);
	return result;
}

static inline void tell(struct syslet_call *call, struct syslet_call_result result)
{
	call->result = result.value;
	call->pending = (uint32_t)result.pending;
	if (result.pending)
		call->task = syslet_pending_task();
}

static inline struct syslet_call_result run(napi_env env, const struct hot *hot,
					    struct syslet_call *call)
{
	struct syslet_call_result result =
		syslet_indirect(&call->regs, &call->params, call->paramslen, 0);

	if (unlikely(has_surfaced(result)))
		result = until_over(env, hot, &call->regs, &call->params, call->paramslen);
	tell(call, result);
	return result;
}

napi_value hot_call(napi_env env, napi_callback_info info)
{
	struct hot *hot;
	uint32_t slot = slot_of(env, info, &hot);

	if (slot >= hot->count) {
		return throw_slot(env);
	}
	return number_of(env, run(env, hot, &hot->calls[slot]).value);
}

/* Not over and not in flight: the block says so, and JavaScript sees what it sees of others. */
static __attribute__((noinline)) napi_value tell_unmade(napi_env env, struct syslet_call *call,
							 long value)
{
	if (value != -SYSLET_NOT_MADE) {
		call->result = (int64_t)syslet_kept(call->kept);
		call->pending =
			value == -SYSLET_LOOKED ? SYSLET_CALL_LOOKED : SYSLET_CALL_SURFACED;
	} else if (call->pending < SYSLET_CALL_SURFACED) {
		call->result = 0;
		call->pending = SYSLET_CALL_NOT_MADE;
	} else { /* it goes on: no look tells of it now */
		call->pending = SYSLET_CALL_SURFACED;
	}
	return number_of(env, -ESYSLETPENDING);
}

static inline napi_value run_up(napi_env env, struct syslet_call *call)
{
	struct syslet_call_result result;

	if (unlikely(call->pending >= SYSLET_CALL_SURFACED))
		syslet_go_on(call->kept);
	result = syslet_indirect(&call->regs, &call->params, call->paramslen, 0);
	if (unlikely(has_surfaced(result) || result.value == -SYSLET_NOT_MADE))
		return tell_unmade(env, call, result.value);
	tell(call, result);
	return number_of(env, result.value);
}

/* callUp(slot): as call(), but one that surfaces comes back: pending is SYSLET_CALL_SURFACED. */
napi_value hot_call_up(napi_env env, napi_callback_info info)
{
	struct hot *hot;
	uint32_t slot = slot_of(env, info, &hot);

	return slot >= hot->count ? throw_slot(env) : run_up(env, &hot->calls[slot]);
}

static napi_value run_as(enum syslet_unwatched what, napi_env env, napi_callback_info info)
{
	struct hot *hot;
	uint32_t slot = slot_of(env, info, &hot);
	napi_value result;

	if (slot >= hot->count)
		return throw_slot(env);
	syslet_when_unwatched(what);
	result = run_up(env, &hot->calls[slot]);
	syslet_when_unwatched(SYSLET_UNWATCHED_LOOKS);
	return result;
}

/* callWatched(slot): likewise, and SYSLET_CALL_NOT_MADE where nobody could take it over. */
napi_value hot_call_watched(napi_env env, napi_callback_info info)
{
	return run_as(SYSLET_UNWATCHED_REFUSED, env, info);
}

/* callLooks(slot): it is looked at, though somebody could take it over, or SYSLET_CALL_NOT_MADE. */
napi_value hot_call_looks(napi_env env, napi_callback_info info)
{
	return run_as(SYSLET_LOOKS_ALONE, env, info);
}

/* callMany(first, count): how many blocks were run, up to one that was handed over. */
napi_value hot_call_many(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result = NULL;
	size_t number = 2;
	struct hot *hot;
	uint32_t first = UINT32_MAX, count = UINT32_MAX, i = 0;

	napi_get_cb_info(env, info, &number, arguments, NULL, (void **)&hot);
	napi_get_value_uint32(env, arguments[0], &first);
	napi_get_value_uint32(env, arguments[1], &count);
	if (first > hot->count || count > hot->count - first)
		return throw_slot(env);
	while (i < count && !run(env, hot, &hot->calls[first + i++]).pending)
		;
	napi_create_uint32(env, i, &result);
	return result;
}

/* dispatch(slot, observe): -ESYSLETPENDING or -errno, and in the block what call() leaves. */
napi_value hot_dispatch(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t number = 2;
	struct hot *hot;
	struct syslet_call *call;
	struct syslet_call_result result;
	uint32_t slot = UINT32_MAX;
	bool observe = false;

	napi_get_cb_info(env, info, &number, arguments, NULL, (void **)&hot);
	napi_get_value_uint32(env, arguments[0], &slot);
	napi_get_value_bool(env, arguments[1], &observe);
	if (slot >= hot->count)
		return throw_slot(env);
	call = &hot->calls[slot];
	if (call->pending >= SYSLET_CALL_SURFACED)
		return number_of(env, -EAGAIN); /* it goes on where it began */
	call->slept = 0;
	result = syslet_dispatch(&call->regs, &call->params, call->paramslen,
				 observe ? &call->slept : NULL);
	tell(call, result);
	return number_of(env, result.value);
}

enum how_at { AT_RUN, AT_DISPATCH, AT_OBSERVE };

static struct syslet_call_result call_at(napi_env env, const struct hot *hot, struct syslet_call *call,
					 const struct syslet_result_place *place, uint32_t how)
{
	const struct indirect_params_placed params = {
		.syslet = {.caller_data = call->params.syslet.caller_data,
			   .frame = call->params.syslet.frame},
		.place = *place};
	struct syslet_call_result result;

	if (how != AT_RUN) {
		call->slept = 0;
		return syslet_dispatch(&call->regs, &params, sizeof(params),
				       how == AT_OBSERVE ? &call->slept : NULL);
	}
	result = syslet_indirect(&call->regs, &params, sizeof(params), 0);
	if (unlikely(has_surfaced(result)))
		result = until_over(env, hot, &call->regs, &params, sizeof(params));
	return result;
}

/* callAt(slot, place, how): as call() or dispatch(), for a struct syslet_result_place. */
napi_value hot_call_at(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t number = 3;
	struct hot *hot;
	struct syslet_call_result result;
	uint32_t slot = UINT32_MAX, how = AT_RUN;
	uint64_t place = 0;
	bool exact;

	napi_get_cb_info(env, info, &number, arguments, NULL, (void **)&hot);
	napi_get_value_uint32(env, arguments[0], &slot);
	napi_get_value_bigint_uint64(env, arguments[1], &place, &exact);
	napi_get_value_uint32(env, arguments[2], &how);
	if (slot >= hot->count)
		return throw_slot(env);
	result = call_at(env, hot, &hot->calls[slot], (const void *)(uintptr_t)place, how);
	tell(&hot->calls[slot], result);
	return number_of(env, result.value);
}

napi_value hot_bare_call(napi_env env, napi_callback_info info)
{
	struct hot *hot;
	uint32_t slot = slot_of(env, info, &hot);
	struct syslet_call *call;

	if (slot >= hot->bare_count) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "slot is not a block of calls");
		return NULL;
	}
	call = &hot->bare_calls[slot];
	call->result = call_indirect(&call->regs, NULL);
	call->pending = 0;
	return number_of(env, call->result);
}

struct syslet_call_result hot_indirect(napi_env env, const void *data, uint64_t regs,
				       uint64_t params, uint64_t paramslen, int flags)
{
	const struct indirect_registers *registers = (const void *)(uintptr_t)regs;
	const void *parameters = (const void *)(uintptr_t)params;
	struct syslet_call_result result =
		syslet_indirect(registers, parameters, (size_t)paramslen, flags);

	if (unlikely(has_surfaced(result)))
		return until_over(env, data, registers, parameters, (size_t)paramslen);
	return result;
}
