/* SPDX-License-Identifier: MIT */
/* What the benchmarks compare with, in plain Node-API C. */
#ifndef SYSLETS_BASELINE_H
#define SYSLETS_BASELINE_H

#include <stdint.h>

#include <node_api.h>

#include "syslets/abi.h"

/* struct syslet_call as far as a baseline reads it; TypeScript checked the slot. */
struct bare_call {
	struct indirect_registers regs;
	union indirect_params params;
	int64_t result;
	uint32_t paramslen;
	uint32_t pending;
	uint32_t task;
	uint32_t reserved;
	uint64_t seq;
	uint64_t reserved2;
};

struct bare_call *bare_call_at(uint32_t slot);
double monotonic_ns(void);

napi_value return_double(napi_env env, double value);
uint32_t uint32_argument(napi_env env, napi_callback_info info, size_t index);
void *view_argument(napi_env env, napi_callback_info info, size_t index, size_t *length);
void export_function(napi_env env, napi_value exports, const char *name, napi_callback function);

void export_baseline(napi_env env, napi_value exports);
void export_bench(napi_env env, napi_value exports);
void export_signal_storm(napi_env env, napi_value exports);

#endif
