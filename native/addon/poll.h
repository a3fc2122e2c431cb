/* SPDX-License-Identifier: MIT */
/*
 * What libuv polls for an environment: one epoll set, with the eventfd of its ring and
 * the descriptors that calls wait for.
 */
#ifndef SYSLETS_ADDON_POLL_H
#define SYSLETS_ADDON_POLL_H

#include <node_api.h>
#include <stdint.h>
#include <uv.h>

#include "syslets/syslets.h"

/* Events that are told at once, each as three words: descriptor, generation, events. */
#define POLL_EVENTS 64
#define POLL_EVENT_WORDS 3
/* The descriptor of the ring's event. */
#define POLL_RING (-1)

#ifdef __cplusplus
extern "C" {
#endif

struct poll {
	int set;		       /* < 0: nothing is polled */
	struct syslet_ring_event event; /* its eventfd is in the set */
	const struct syslet_ring *ring;
	uv_poll_t *handle; /* uv_handle_size bytes: libuv is the runtime's */
	napi_env env;
	napi_ref on_ready;
	napi_ref events; /* the memory of `told` */
	int32_t *told;
	napi_async_cleanup_hook_handle cleanup;
};

/* ready.c: waits at most timeout_ms and stores what is ready in poll->told; how many */
int ready_take(struct poll *poll, int timeout_ms);
void export_ready(napi_env env, napi_value exports, struct poll *poll);

/* poll.c */
void export_with(napi_env env, napi_value exports, const char *name, napi_callback callback,
		 void *data);
struct poll *poll_of(napi_env env, napi_callback_info info, size_t *number,
		     napi_value *arguments);

#ifdef __cplusplus
}
#endif
#endif
