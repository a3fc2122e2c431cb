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

/* may-wait.c: may a call wait until epoll says that its descriptor is ready? */

/* How the call uses its descriptor; lib/loop/readiness.ts has the same numbers. */
enum wait_how {
	WAIT_ANY = 0, /* it is known that it may: nothing is asked */
	WAIT_READ = 1,
	WAIT_RECEIVE = 2,
	WAIT_ACCEPT = 3,
	WAIT_WRITE = 4,
	WAIT_SEND = 5,
	WAIT_REST = 6, /* a write or a send for which there was no room just now */
	WAIT_HOW = 7,
	WAIT_KNOWN = 8, /* a call like it has waited for this file before */
	WAIT_TRIED = 16 /* the file is a FIFO that has been read before */
};

/* Above zero: yes, calls for so many bytes or more; with WAIT_ASK: ask again next time. */
#define WAIT_ASK 0x40000000
#define WAIT_REFUSED (-1)    /* the call is to be made: it ends at once, or needs a thread */
#define WAIT_OTHER_FILE (-2) /* the number names another file than before, or none */
#define WAIT_FIRST_READ (-3) /* a FIFO's first read is to be made: poll may know nothing of it */

int may_wait(int fd, int how);

/* -errno that a Unix socket has kept for its next call, which it then has no more; 0: none */
int socket_error(int fd);

/* S_IFMT of the file; -1: not open */
int file_kind(int fd);

#ifdef __cplusplus
}
#endif
#endif
