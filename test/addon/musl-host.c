/* SPDX-License-Identifier: MIT */
/*
 * Loads the addon under musl, where no Node can be had: offers what it needs of Node-API, and makes
 * calls by it as JavaScript would.
 *
 *   musl-host SYSLETS.NODE
 *
 * Ends with 1 where not all calls that it wants handed over were.
 *
 * Values are boxes that are never freed. musl binds every import at once: what is not offered here is
 * in a table of stubs that the test generates, each of which ends the process by its name.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <node_api.h>

#include "registers.h"
#include "syslets/call.h"

#define PROPERTIES 64
#define CALLS 4
#define HAND_OFFS 100
#define TRIES 5000 /* of a machine whose other work leaves the watcher no processor */
#define RING 8
#define WAIT_TIMES 10000

struct napi_value__ {
	napi_valuetype type;
	double number;
	uint64_t big;
	const char *text;
	napi_callback callback;
	void *data; /* a function's, or the bytes of an array */
	size_t bytes;
	unsigned count;
	struct {
		const char *name;
		napi_value value;
	} properties[PROPERTIES];
};

struct napi_callback_info__ {
	napi_value *arguments;
	size_t count;
	void *data;
};

static void *instance;
static struct napi_value__ undefined_value = {.type = napi_undefined};

static _Noreturn void fail(const char *what)
{
	printf("musl-host: %s\n", what);
	fflush(stdout);
	_exit(1);
}

/* Called by the stubs. */
_Noreturn void not_offered(const char *name)
{
	printf("musl-host: %s is not offered\n", name);
	fflush(stdout);
	_exit(1);
}

static napi_value new_value(napi_valuetype type)
{
	napi_value value = calloc(1, sizeof(*value));

	if (!value)
		fail("no memory");
	value->type = type;
	return value;
}

static napi_value new_number(double number)
{
	napi_value value = new_value(napi_number);

	value->number = number;
	return value;
}

static napi_value property(napi_value object, const char *name)
{
	unsigned i;

	for (i = 0; i < object->count; i++)
		if (!strcmp(object->properties[i].name, name))
			return object->properties[i].value;
	return &undefined_value;
}

static void set_property(napi_value object, const char *name, napi_value value)
{
	if (object->count == PROPERTIES)
		fail("more properties than there is room for");
	object->properties[object->count].name = strdup(name);
	object->properties[object->count++].value = value;
}

napi_status napi_create_object(napi_env env, napi_value *result)
{
	*result = new_value(napi_object);
	return napi_ok;
}

napi_status napi_get_global(napi_env env, napi_value *result)
{
	return napi_create_object(env, result);
}

napi_status napi_get_undefined(napi_env env, napi_value *result)
{
	*result = &undefined_value;
	return napi_ok;
}

napi_status napi_get_boolean(napi_env env, bool value, napi_value *result)
{
	*result = new_value(napi_boolean);
	(*result)->number = value;
	return napi_ok;
}

napi_status napi_create_double(napi_env env, double value, napi_value *result)
{
	*result = new_number(value);
	return napi_ok;
}

napi_status napi_create_int32(napi_env env, int32_t value, napi_value *result)
{
	return napi_create_double(env, value, result);
}

napi_status napi_create_uint32(napi_env env, uint32_t value, napi_value *result)
{
	return napi_create_double(env, value, result);
}

napi_status napi_create_bigint_uint64(napi_env env, uint64_t value, napi_value *result)
{
	*result = new_value(napi_bigint);
	(*result)->big = value;
	return napi_ok;
}

napi_status napi_create_string_utf8(napi_env env, const char *text, size_t length, napi_value *result)
{
	*result = new_value(napi_string);
	(*result)->text = length == NAPI_AUTO_LENGTH ? strdup(text) : strndup(text, length);
	return napi_ok;
}

napi_status napi_create_function(napi_env env, const char *name, size_t length, napi_callback callback,
				 void *data, napi_value *result)
{
	*result = new_value(napi_function);
	(*result)->callback = callback;
	(*result)->data = data;
	return napi_ok;
}

/* What the addon has evaluated is a function that does nothing. */
napi_status napi_run_script(napi_env env, napi_value script, napi_value *result)
{
	return napi_create_function(env, 0, 0, 0, 0, result);
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char *name, napi_value value)
{
	set_property(object, name, value);
	return napi_ok;
}

napi_status napi_get_named_property(napi_env env, napi_value object, const char *name, napi_value *result)
{
	*result = property(object, name);
	return napi_ok;
}

napi_status napi_define_properties(napi_env env, napi_value object, size_t count,
				   const napi_property_descriptor *descriptors)
{
	size_t i;

	for (i = 0; i < count; i++) {
		napi_value function;

		napi_create_function(env, 0, 0, descriptors[i].method, descriptors[i].data, &function);
		set_property(object, descriptors[i].utf8name, function);
	}
	return napi_ok;
}

napi_status napi_typeof(napi_env env, napi_value value, napi_valuetype *result)
{
	*result = value->type;
	return napi_ok;
}

napi_status napi_is_typedarray(napi_env env, napi_value value, bool *result)
{
	*result = value->bytes != 0;
	return napi_ok;
}

napi_status napi_get_typedarray_info(napi_env env, napi_value array, napi_typedarray_type *type,
				     size_t *length, void **data, napi_value *buffer, size_t *offset)
{
	if (type)
		*type = napi_uint8_array;
	if (length)
		*length = array->bytes;
	if (data)
		*data = array->data;
	return napi_ok;
}

napi_status napi_get_value_int32(napi_env env, napi_value value, int32_t *result)
{
	*result = (int32_t)value->number;
	return napi_ok;
}

napi_status napi_get_value_uint32(napi_env env, napi_value value, uint32_t *result)
{
	*result = (uint32_t)value->number;
	return napi_ok;
}

napi_status napi_get_value_int64(napi_env env, napi_value value, int64_t *result)
{
	*result = (int64_t)value->number;
	return napi_ok;
}

napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char *into, size_t bytes,
				       size_t *length)
{
	size_t all = strlen(value->text);

	if (into)
		snprintf(into, bytes, "%s", value->text);
	if (length)
		*length = all;
	return napi_ok;
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments,
			     napi_value *self, void **data)
{
	size_t i, room = count ? *count : 0;

	for (i = 0; i < room; i++)
		arguments[i] = i < info->count ? info->arguments[i] : &undefined_value;
	if (count)
		*count = info->count;
	if (self)
		*self = &undefined_value;
	if (data)
		*data = info->data;
	return napi_ok;
}

napi_status napi_set_instance_data(napi_env env, void *data, napi_finalize finalize, void *hint)
{
	instance = data;
	return napi_ok;
}

napi_status napi_get_instance_data(napi_env env, void **data)
{
	*data = instance;
	return napi_ok;
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count, napi_ref *result)
{
	*result = (napi_ref)value;
	return napi_ok;
}

napi_status napi_delete_reference(napi_env env, napi_ref reference)
{
	return napi_ok;
}

napi_status napi_add_env_cleanup_hook(napi_env env, void (*hook)(void *), void *data)
{
	return napi_ok;
}

napi_status napi_remove_env_cleanup_hook(napi_env env, void (*hook)(void *), void *data)
{
	return napi_ok;
}

napi_status napi_is_exception_pending(napi_env env, bool *result)
{
	*result = false;
	return napi_ok;
}

napi_status napi_create_error(napi_env env, napi_value code, napi_value message, napi_value *result)
{
	fail(message->text);
}

static napi_value call_function(napi_value exports, const char *name, napi_value argument)
{
	napi_value function = property(exports, name);
	struct napi_callback_info__ info = {&argument, argument ? 1 : 0, function->data};

	if (function->type != napi_function)
		fail(name);
	return function->callback(0, &info);
}

static napi_value attach_options(struct syslet_call *calls)
{
	napi_value options = new_value(napi_object), array = new_value(napi_object);

	array->data = calls;
	array->bytes = CALLS * sizeof(*calls);
	set_property(options, "calls", array);
	return options;
}

struct ring {
	struct syslet_ring head;
	struct syslet_completion completions[RING];
};

static void wait_for_completion(struct ring *ring, uint32_t before)
{
	struct timespec some = {0, 1000000};
	int i;

	for (i = 0; i < WAIT_TIMES; i++) {
		if (__atomic_load_n(&ring->head.kernel_head, __ATOMIC_ACQUIRE) != before)
			return;
		nanosleep(&some, 0);
	}
	fail("a call that was handed over never completed");
}

/* The frame that JavaScript gives: its function parks the thread, and uses no stack. */
static void set_frame(napi_value exports, struct syslet_frame *frame)
{
	static char stack[4096] __attribute__((aligned(16)));

	frame->ip = property(call_function(exports, "functions", 0), "park")->big;
	frame->sp = (uint64_t)(stack + sizeof(stack));
}

/* One blocked call: where it was handed over, the next line runs on another OS thread. */
static int sleep_once(napi_value exports, struct syslet_call *call, struct ring *ring)
{
	static struct timespec some = {0, 2000000};
	uint32_t before = ring->head.kernel_head;
	long thread = syscall(SYS_gettid);

	memset(call, 0, sizeof(*call));
	call->regs.NR = SYS_nanosleep;
	call->regs.ARG0 = (uint64_t)&some;
	call->params.syslet.completion_ring_ptr = (uint64_t)ring;
	call->params.syslet.caller_data = before + 1;
	set_frame(exports, &call->params.syslet.frame);
	call->paramslen = sizeof(call->params);
	call_function(exports, "call", new_number(0));
	if (call->pending != SYSLET_CALL_AWAY)
		return 0;
	if (syscall(SYS_gettid) == thread)
		fail("a call was handed over, and the caller is on the same OS thread");
	wait_for_completion(ring, before);
	ring->head.user_tail = ring->head.kernel_head;
	return 1;
}

/* Whether as many as wanted were. */
static int hand_over(napi_value exports)
{
	static struct syslet_call calls[CALLS];
	static struct ring ring = {.head = {.elements = RING}};
	long home = syscall(SYS_gettid);
	int tries, handed_over = 0;

	call_function(exports, "attach", attach_options(calls));
	for (tries = 0; handed_over < HAND_OFFS && tries < TRIES; tries++)
		handed_over += sleep_once(exports, &calls[0], &ring);
	call_function(exports, "detach", 0);
	if (syscall(SYS_gettid) != home)
		fail("detach did not come home");
	printf("%d calls were handed over\n", handed_over);
	return handed_over == HAND_OFFS;
}

int main(int count, char **arguments)
{
	napi_value exports = new_value(napi_object), result;
	napi_addon_register_func init;
	void *addon;

	if (count != 2)
		fail("a path of the addon is needed");
	addon = dlopen(arguments[1], RTLD_NOW);
	if (!addon)
		fail(dlerror());
	init = (napi_addon_register_func)dlsym(addon, "napi_register_module_v1");
	if (!init)
		fail(dlerror());
	result = init(0, exports);
	if (result)
		exports = result;
	return hand_over(exports) ? 0 : 1;
}
