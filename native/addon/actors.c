/* SPDX-License-Identifier: MIT */
/*
 * Actors of `syslets stress` that are C functions of a user's shared object, and the
 * processors that a thread may use.
 *
 * A native actor walks the states of a stride as the JavaScript ones do, between the
 * same barriers, on the same words. lib/stress/control.ts has the same table of words
 * and lib/stress/barrier.ts the other half of the barrier. It cannot notify a sleeping
 * JavaScript thread, so these look again every millisecond.
 */
#include "addon/addon.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>


#define LINE	   16
#define ARRIVED	   0
#define GENERATION LINE
#define STOP	   (3 * LINE)
#define ACTIVE	   (3 * LINE + 1)
#define THREADS	   (4 * LINE)
#define PHASE	   0
#define SAMPLE	   1
#define ACTING	   1
#define WAITING	   2
#define AT_BARRIER 4
#define PAST_ALL   0x7fffffff

#define MAX_REGISTERS 64
#define MAX_CPUS      1024
#define NAP_NS	      50000

typedef void (*actor_function)(void *state, void *const result[]);

struct actor {
	actor_function run;
	int32_t *words;
	const uint32_t *order;
	char *state;
	char *results;
	size_t step;
	int32_t thread, threads, looks, sync;
	uint32_t registers;
	struct {
		size_t offset, size;
	} place[MAX_REGISTERS];
	size_t cpus_size;
	unsigned long cpus[MAX_CPUS / (8 * sizeof(unsigned long))];
};

static int32_t load(const int32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(int32_t *word, int32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static int32_t *own_word(const struct actor *actor, int32_t thread, int32_t word)
{
	return &actor->words[THREADS + thread * LINE + word];
}

/* One more look; after `looks` of them the processor is given up for a moment. */
static void look_again(const struct actor *actor, int32_t *looks)
{
	static const struct timespec nap = {0, NAP_NS};

	if (++*looks < actor->looks)
		return;
	nanosleep(&nap, NULL);
}

static void arrive(const struct actor *actor)
{
	int32_t *words = actor->words;
	int32_t generation = load(&words[GENERATION]);
	int32_t looks = 0;

	store(own_word(actor, actor->thread, PHASE), AT_BARRIER);
	if (__atomic_add_fetch(&words[ARRIVED], 1, __ATOMIC_SEQ_CST) == actor->threads) {
		store(&words[ARRIVED], 0);
		/* partner: the loads of GENERATION here and in barrier.ts */
		store(&words[GENERATION], (int32_t)((uint32_t)generation + 1));
		return;
	}
	while (load(&words[GENERATION]) == generation)
		look_again(actor, &looks);
}

static void meet(const struct actor *actor, int32_t sample)
{
	store(own_word(actor, actor->thread, SAMPLE), sample);
	store(own_word(actor, actor->thread, PHASE), WAITING);
	for (int32_t other = 0; other < actor->threads; other++) {
		int32_t looks = 0;

		while (load(own_word(actor, other, SAMPLE)) < sample)
			look_again(actor, &looks);
	}
	store(own_word(actor, actor->thread, PHASE), ACTING);
}

static void walk(const struct actor *actor, int32_t active)
{
	int32_t *sample_word = own_word(actor, actor->thread, SAMPLE);
	void *result[MAX_REGISTERS];

	store(own_word(actor, actor->thread, PHASE), ACTING);
	for (int32_t sample = 0; sample < active; sample++) {
		size_t index = actor->order[sample];

		if (actor->sync && sample % actor->sync == 0)
			meet(actor, sample);
		else
			__atomic_store_n(sample_word, sample, __ATOMIC_RELAXED);
		for (uint32_t i = 0; i < actor->registers; i++)
			result[i] = actor->results + actor->place[i].offset +
				    index * actor->place[i].size;
		actor->run(actor->state + index * actor->step, result);
	}
	store(sample_word, PAST_ALL);
}

/* The counterpart of ActorThread.run() for a thread that does not grade. */
static void *actor_thread(void *argument)
{
	struct actor *actor = argument;
	int32_t active, next;

	if (actor->cpus_size)
		syscall(SYS_sched_setaffinity, 0, actor->cpus_size, actor->cpus);
	arrive(actor);
	active = load(&actor->words[ACTIVE]);
	while (!load(&actor->words[STOP])) {
		store(own_word(actor, actor->thread, SAMPLE), 0);
		arrive(actor);
		walk(actor, active);
		arrive(actor);
		next = load(&actor->words[ACTIVE]);
		if (next != active)
			arrive(actor); /* the parts that are graded move */
		active = next;
	}
	free(actor);
	return NULL;
}

static size_t cpu_mask(unsigned long *mask, const int32_t *cpus, size_t count)
{
	const size_t bits = 8 * sizeof(*mask);

	for (size_t i = 0; i < count; i++)
		if (cpus[i] >= 0 && cpus[i] < MAX_CPUS)
			mask[(size_t)cpus[i] / bits] |= 1UL << ((size_t)cpus[i] % bits);
	return count ? MAX_CPUS / 8 : 0;
}

/* setAffinity(Int32Array): 0 or -errno, for the calling thread */
static napi_value set_affinity(napi_env env, napi_callback_info info)
{
	unsigned long mask[MAX_CPUS / (8 * sizeof(unsigned long))] = {0};
	size_t count = 0;
	int32_t *cpus = view_argument(env, info, 0, &count);
	size_t size = cpu_mask(mask, cpus, count);
	long error = syscall(SYS_sched_setaffinity, 0, size, mask);

	return return_double(env, error < 0 ? -errno : 0);
}

/* getAffinity(): an array of the calling thread's processors; empty where it cannot be told */
static napi_value get_affinity(napi_env env, napi_callback_info info)
{
	unsigned long mask[MAX_CPUS / (8 * sizeof(unsigned long))] = {0};
	const size_t bits = 8 * sizeof(*mask);
	napi_value cpus;
	uint32_t count = 0;

	napi_create_array(env, &cpus);
	if (syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) < 0)
		return cpus;
	for (uint32_t cpu = 0; cpu < MAX_CPUS; cpu++)
		if (mask[cpu / bits] >> (cpu % bits) & 1)
			napi_set_element(env, cpus, count++, return_double(env, cpu));
	return cpus;
}

static napi_value fail(napi_env env, const char *text)
{
	napi_throw_error(env, NULL, text);
	return NULL;
}

static actor_function find_function(napi_env env, napi_value library, napi_value symbol)
{
	char path[4096], name[256];
	size_t length;
	void *handle, *found;

	napi_get_value_string_utf8(env, library, path, sizeof(path), &length);
	napi_get_value_string_utf8(env, symbol, name, sizeof(name), &length);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return NULL;
	found = dlsym(handle, name);
	return (actor_function)(uintptr_t)found;
}

static void *bytes_of(napi_env env, napi_value view, size_t *length)
{
	void *data = NULL;

	napi_get_typedarray_info(env, view, NULL, length, &data, NULL, NULL);
	return data;
}

/*
 * startActor(library, symbol, control, order, state, results, cpus, numbers): a thread
 * that acts until STOP. numbers, an Int32Array: step, thread, threads, looks, sync, then
 * offset and size of each register. Throws what dlopen or dlsym say.
 */
static napi_value start_actor(napi_env env, napi_callback_info info)
{
	napi_value arguments[8];
	size_t count = 8, length;
	struct actor *actor = calloc(1, sizeof(*actor));
	int32_t *numbers, *cpus;
	pthread_t thread;
	int error;

	if (!actor)
		return fail(env, "no memory");
	napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
	actor->run = find_function(env, arguments[0], arguments[1]);
	if (!actor->run) {
		const char *text = dlerror();

		free(actor);
		return fail(env, text ? text : "the symbol is NULL");
	}
	actor->words = bytes_of(env, arguments[2], &length);
	actor->order = bytes_of(env, arguments[3], &length);
	actor->state = bytes_of(env, arguments[4], &length);
	actor->results = bytes_of(env, arguments[5], &length);
	cpus = bytes_of(env, arguments[6], &length);
	actor->cpus_size = cpu_mask(actor->cpus, cpus, length);
	numbers = bytes_of(env, arguments[7], &length);
	actor->step = (size_t)numbers[0];
	actor->thread = numbers[1];
	actor->threads = numbers[2];
	actor->looks = numbers[3];
	actor->sync = numbers[4];
	for (size_t at = 5; at + 1 < length && actor->registers < MAX_REGISTERS; at += 2) {
		actor->place[actor->registers].offset = (size_t)numbers[at];
		actor->place[actor->registers++].size = (size_t)numbers[at + 1];
	}
	error = pthread_create(&thread, NULL, actor_thread, actor);
	if (error) {
		free(actor);
		return fail(env, strerror(error));
	}
	pthread_detach(thread);
	return NULL;
}

void export_actors(napi_env env, napi_value exports)
{
	export_function(env, exports, "setAffinity", set_affinity);
	export_function(env, exports, "getAffinity", get_affinity);
	export_function(env, exports, "startActor", start_actor);
}
