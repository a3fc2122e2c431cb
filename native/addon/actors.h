/* SPDX-License-Identifier: MIT */
/* Actors of `syslets stress` in C, and the processors of a thread. */
#ifndef SYSLETS_ACTORS_H
#define SYSLETS_ACTORS_H

#include <node_api.h>

#ifdef __cplusplus
extern "C" {
#endif
void export_actors(napi_env env, napi_value exports);
#ifdef __cplusplus
}
#endif

#endif
