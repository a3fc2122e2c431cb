/* SPDX-License-Identifier: MIT */
/* What the benchmarks compare with, in plain Node-API C. */
#ifndef SYSLETS_BASELINE_H
#define SYSLETS_BASELINE_H

#include <stdint.h>

#include <node_api.h>

#include "syslets/call.h"

double monotonic_ns(void);

napi_value return_double(napi_env env, double value);
uint32_t uint32_argument(napi_env env, napi_callback_info info, size_t index);
void *view_argument(napi_env env, napi_callback_info info, size_t index, size_t *length);
void export_function(napi_env env, napi_value exports, const char *name, napi_callback function);

#ifdef __cplusplus
extern "C" {
#endif
void export_baseline(napi_env env, napi_value exports);
#ifdef __cplusplus
}
#endif
void export_bench(napi_env env, napi_value exports);
void export_signal_storm(napi_env env, napi_value exports);

#endif
