/* SPDX-License-Identifier: MIT */
/*
 * The hot call and its baseline: the same block, the same conversion of argument
 * and result; one goes through sys_indirect, the other is the bare system call.
 * Plain Node-API, since a wrapper costs more than what is measured here.
 */
#include <stdlib.h>

#include "addon/addon.h"
#include "syslets/call.h"

struct hot {
	struct syslet_call *calls;
	uint32_t count;
	struct syslet_call *bare_calls;
	uint32_t bare_count;
};

long call_indirect(const struct indirect_registers *regs, void *unused);

void *hot_new(void)
{
	return calloc(1, sizeof(struct hot));
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

napi_value hot_call(napi_env env, napi_callback_info info)
{
	struct hot *hot;
	uint32_t slot = slot_of(env, info, &hot);
	struct syslet_call *call;
	struct syslet_call_result result;

	if (slot >= hot->count) {
		return throw_slot(env);
	}
	call = &hot->calls[slot];
	result = syslet_indirect(&call->regs, &call->params, call->paramslen, 0);
	call->result = result.value;
	call->pending = (uint32_t)result.pending;
	if (result.pending)
		call->task = syslet_pending_task();
	return number_of(env, result.value);
}

static long run(struct syslet_call *call)
{
	struct syslet_call_result result =
		syslet_indirect(&call->regs, &call->params, call->paramslen, 0);

	call->result = result.value;
	call->pending = (uint32_t)result.pending;
	if (result.pending)
		call->task = syslet_pending_task();
	return result.pending;
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
	while (i < count && !run(&hot->calls[first + i++]))
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
	call->slept = 0;
	result = syslet_dispatch(&call->regs, &call->params, call->paramslen,
				 observe ? &call->slept : NULL);
	call->result = result.value;
	call->pending = (uint32_t)result.pending;
	if (result.pending)
		call->task = syslet_pending_task();
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

struct syslet_call_result hot_indirect(uint64_t regs, uint64_t params, uint64_t paramslen, int flags)
{
	return syslet_indirect((const struct indirect_registers *)(uintptr_t)regs,
			       (const void *)(uintptr_t)params, (size_t)paramslen, flags);
}
