/* SPDX-License-Identifier: MIT */
/*
 * An environment's event loop sees completions, and descriptors that are ready: an epoll
 * set with the eventfd of a ring in it, polled by libuv as one descriptor. One for each
 * environment. The handle does not keep the loop alive until pollRef(true).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "addon/addon.h"
#include "addon/poll.h"

/* Deno has no libuv, and pollRing is refused there: the addon loads all the same. */
#pragma weak uv_err_name
#pragma weak uv_close
#pragma weak uv_handle_size
#pragma weak uv_poll_init
#pragma weak uv_poll_start
#pragma weak uv_poll_stop
#pragma weak uv_ref
#pragma weak uv_unref

static void *poll_new(void)
{
	struct poll *poll = calloc(1, sizeof(*poll));

	if (poll)
		poll->set = -1;
	return poll;
}

struct poll *poll_of(napi_env env, napi_callback_info info, size_t *number,
		     napi_value *arguments)
{
	struct poll *poll = NULL;

	napi_get_cb_info(env, info, number, arguments, NULL, (void **)&poll);
	return poll;
}

static void throw_errno(napi_env env, const char *what, int error)
{
	napi_value message, code, thrown;

	napi_create_string_utf8(env, what, NAPI_AUTO_LENGTH, &message);
	napi_create_string_utf8(env, uv_err_name(error), NAPI_AUTO_LENGTH, &code);
	napi_create_error(env, code, message, &thrown);
	napi_set_named_property(env, thrown, "errno", return_double(env, error));
	napi_throw(env, thrown);
}

/*
 * The callback runs in a scope of the runtime's, which drains microtasks after it; what
 * it throws is an uncaught exception, as from any other event. It runs in no async
 * context: one that is made when the poll begins would keep the AsyncLocalStorage of
 * whoever made the thread's first call, and show it to all others. The receiver is an
 * object of its own, since Node 20 keeps what `enterWith` sets there.
 */
static void call_back(struct poll *poll, int count)
{
	napi_env env = poll->env;
	napi_value receiver, function, argument, error;
	napi_handle_scope scope;

	napi_open_handle_scope(env, &scope);
	napi_create_object(env, &receiver);
	napi_get_reference_value(env, poll->on_ready, &function);
	napi_create_int32(env, count, &argument);
	if (napi_make_callback(env, NULL, receiver, function, 1, &argument, NULL) ==
		    napi_pending_exception &&
	    napi_get_and_clear_last_exception(env, &error) == napi_ok)
		napi_fatal_exception(env, error);
	napi_close_handle_scope(env, scope);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
	struct poll *poll = handle->data;
	int count = ready_take(poll, 0);

	(void)status, (void)events;
	if (count > 0)
		call_back(poll, count);
}

/* The last that libuv knows of the handle. */
static void on_closed(uv_handle_t *handle)
{
	napi_async_cleanup_hook_handle cleanup = handle->data;

	free(handle);
	if (cleanup)
		napi_remove_async_cleanup_hook(cleanup);
}

/* The set and its eventfd, as far as they were opened. */
static void close_descriptors(struct poll *poll)
{
	if (poll->event.fd >= 0)
		close(poll->event.fd);
	if (poll->set >= 0)
		close(poll->set);
	poll->event.fd = poll->set = -1;
}

/* From here on nothing calls back. The handle closes in a later turn of the loop. */
static void stop(struct poll *poll)
{
	if (poll->set < 0)
		return;
	syslet_ring_event_remove(&poll->event);
	uv_poll_stop(poll->handle);
	close_descriptors(poll);
	poll->handle->data = poll->cleanup;
	napi_delete_reference(poll->env, poll->on_ready);
	napi_delete_reference(poll->env, poll->events);
	uv_close((uv_handle_t *)poll->handle, on_closed);
}

static void on_environment_end(napi_async_cleanup_hook_handle cleanup, void *data)
{
	(void)cleanup; /* on_closed removes it, and the environment waits for that */
	stop(data);
}

/* An unref'd poll handle on the environment's loop; 0 or libuv's -errno. */
static int open_handle(struct poll *poll)
{
	uv_loop_t *loop;
	int error;

	if (napi_get_uv_event_loop(poll->env, &loop) != napi_ok)
		return UV_ENOTSUP;
	poll->handle = calloc(1, uv_handle_size(UV_POLL));
	if (poll->handle == NULL)
		return UV_ENOMEM;
	error = uv_poll_init(loop, poll->handle, poll->set);
	if (error) {
		free(poll->handle);
		return error;
	}
	poll->handle->data = poll;
	uv_unref((uv_handle_t *)poll->handle);
	return uv_poll_start(poll->handle, UV_READABLE, on_readable);
}

static void hold(struct poll *poll, napi_value on_ready, napi_value events)
{
	napi_create_reference(poll->env, on_ready, 1, &poll->on_ready);
	napi_create_reference(poll->env, events, 1, &poll->events);
	napi_get_typedarray_info(poll->env, events, NULL, NULL, (void **)&poll->told, NULL, NULL);
	napi_add_async_cleanup_hook(poll->env, on_environment_end, poll, &poll->cleanup);
}

/* 0 or -errno: the set, and in it the eventfd, which is ready until it is read. */
static int open_descriptors(struct poll *poll)
{
	struct epoll_event ring = { .events = EPOLLIN };

	ring.data.u64 = (uint32_t)POLL_RING;
	poll->event.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (poll->event.fd < 0)
		return -errno;
	poll->set = epoll_create1(EPOLL_CLOEXEC);
	if (poll->set < 0)
		return -errno;
	return epoll_ctl(poll->set, EPOLL_CTL_ADD, poll->event.fd, &ring) ? -errno : 0;
}

static int open_event(struct poll *poll, const struct syslet_ring *ring)
{
	int error;

	poll->ring = ring;
	error = syslet_ring_event_add(&poll->event, ring, poll->event.fd);
	if (error)
		return error;
	error = open_handle(poll);
	if (error)
		syslet_ring_event_remove(&poll->event);
	return error;
}

/* 0 or -errno; nothing is left of what failed. */
static int start(struct poll *poll, const struct syslet_ring *ring)
{
	int error = open_descriptors(poll);

	if (!error)
		error = open_event(poll, ring);
	if (error)
		close_descriptors(poll);
	return error;
}

/* pollRing(ring: bigint, onReady: (count: number) => void, events: Int32Array): void */
static napi_value poll_ring(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t number = 3;
	struct poll *poll = poll_of(env, info, &number, arguments);
	uint64_t ring = 0;
	bool lossless;
	int error;

	napi_get_value_bigint_uint64(env, arguments[0], &ring, &lossless);
	if (poll->set >= 0) {
		throw_errno(env, "a ring is polled already: one for each environment", UV_EBUSY);
		return NULL;
	}
	poll->env = env;
	error = start(poll, (const struct syslet_ring *)(uintptr_t)ring);
	if (error)
		throw_errno(env, "the ring cannot be polled", error);
	else
		hold(poll, arguments[1], arguments[2]);
	return NULL;
}

/*
 * pollArm(): boolean. true: the next completion calls back, once. false: there are
 * completions that were not reaped; they are not told again.
 */
static napi_value poll_arm(napi_env env, napi_callback_info info)
{
	size_t number = 0;
	struct poll *poll = poll_of(env, info, &number, NULL);
	napi_value result = NULL;
	int armed = 0;

	if (poll->set >= 0) {
		const struct syslet_ring *ring = poll->ring;

		syslet_ring_arm(&poll->event); /* a full barrier, then the look at the ring */
		armed = __atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == ring->user_tail;
	}
	napi_get_boolean(env, armed, &result);
	return result;
}

/* pollRef(on: boolean): does the handle keep the loop alive? */
static napi_value poll_ref(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	size_t number = 1;
	struct poll *poll = poll_of(env, info, &number, arguments);
	bool on = false;

	napi_get_value_bool(env, arguments[0], &on);
	if (poll->set < 0)
		return NULL;
	if (on)
		uv_ref((uv_handle_t *)poll->handle);
	else
		uv_unref((uv_handle_t *)poll->handle);
	return NULL;
}

static napi_value poll_close(napi_env env, napi_callback_info info)
{
	size_t number = 0;

	stop(poll_of(env, info, &number, NULL));
	return NULL;
}

void export_with(napi_env env, napi_value exports, const char *name, napi_callback callback,
		 void *data)
{
	napi_value function;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
	napi_set_named_property(env, exports, name, function);
}

void export_poll(napi_env env, napi_value exports)
{
	void *poll = poll_new();

	napi_add_env_cleanup_hook(env, free, poll); /* the last to run: added first */
	export_with(env, exports, "pollRing", poll_ring, poll);
	export_with(env, exports, "pollArm", poll_arm, poll);
	export_with(env, exports, "pollRef", poll_ref, poll);
	export_with(env, exports, "pollClose", poll_close, poll);
	export_ready(env, exports, poll);
}
