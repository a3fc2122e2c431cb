/* SPDX-License-Identifier: MIT */
/*
 * What the two languages of the addon tell each other. The shapes of the ABI are
 * compiled as C; C++ never takes their size.
 */
#ifndef SYSLETS_ADDON_H
#define SYSLETS_ADDON_H

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#include "syslets/call.h"
#include "syslets/syslets.h"

#ifdef __cplusplus
extern "C" {
#endif

/* hot.c: the call that allocates nothing, in plain Node-API C */
napi_value hot_call(napi_env env, napi_callback_info info);
napi_value hot_call_up(napi_env env, napi_callback_info info);
napi_value hot_call_watched(napi_env env, napi_callback_info info);
napi_value hot_call_looks(napi_env env, napi_callback_info info);
napi_value hot_call_many(napi_env env, napi_callback_info info);
napi_value hot_dispatch(napi_env env, napi_callback_info info);
napi_value hot_call_at(napi_env env, napi_callback_info info);
napi_value hot_bare_call(napi_env env, napi_callback_info info);
void hot_set_blocks(void *hot, void *calls, size_t bytes);
void *hot_new(void);
void hot_set_bare_blocks(void *hot, void *calls, size_t bytes);
void hot_set_nothing(void *hot, napi_env env, napi_value function);
struct syslet_call_result hot_indirect(napi_env env, const void *hot, uint64_t regs,
				       uint64_t params, uint64_t paramslen, int flags);

/* poll.c: pollRing and its like */
void export_poll(napi_env env, napi_value exports);

/* actors.c: actors of `syslets stress` in C, and the processors of a thread */
void export_actors(napi_env env, napi_value exports);

/* hold.cc: memory of calls that have not begun */
void export_hold(napi_env env, napi_value exports);

/* baseline.c: what the benchmarks compare with, in plain Node-API C; bench.c, signal-storm.c */
double monotonic_ns(void);
napi_value return_double(napi_env env, double value);
uint32_t uint32_argument(napi_env env, napi_callback_info info, size_t index);
void *view_argument(napi_env env, napi_callback_info info, size_t index, size_t *length);
void export_function(napi_env env, napi_value exports, const char *name, napi_callback function);
void export_baseline(napi_env env, napi_value exports);
void export_bench(napi_env env, napi_value exports);
void export_signal_storm(napi_env env, napi_value exports);

/* shapes.c: what the C compiler says of each struct; the i-th row, or a NULL name */
struct shape_row {
	const char *structure;
	const char *field; /* NULL: the struct itself */
	uint32_t offset;   /* alignment, where it is the struct itself */
	uint32_t size;
};
const struct shape_row *shape_at(unsigned i);
const char *counter_name(unsigned i, const struct syslet_counters *counters, uint64_t *value);

#ifdef __cplusplus
}
#endif
#endif
