/* SPDX-License-Identifier: MIT */
/*
 * Many hand-offs with each watcher, several contexts that complete into one ring,
 * signals at carriers and originals, detach with calls pending: 0 lost, doubled or wrong.
 * A few seconds; SYSLETS_TEST_SECONDS makes each part run that long.
 */
#include <dirent.h>
#include <pthread.h>

#include "syslet.h"

#define THREADS 3
#define PIPES 16

static const enum syslet_watcher watchers[] = {SYSLET_WATCHER_PERF, SYSLET_WATCHER_SAMPLER,
					       SYSLET_WATCHER_SPIN};
static const char *const names[] = {"auto", "perf", "sampler", "spin"};

static int can_have(enum syslet_watcher watcher)
{
	struct syslet_facts facts;

	syslet_read_facts(&facts);
	if (watcher == SYSLET_WATCHER_SAMPLER)
		return facts.sampler_errno == 0;
	return facts.perf_errno == 0;
}

/* Reads that block on pipes, up to PIPES in flight; every byte and tag is checked. */
static uint64_t read_many(double seconds)
{
	struct syslet_ring *ring = new_ring(32);
	struct pipe pipes[PIPES];
	uint64_t end = t_now_ns() + (uint64_t)(seconds * 1e9), done = 0, tag = 0;
	char bytes[PIPES], expected[PIPES];
	int i;

	for (i = 0; i < PIPES; i++)
		pipes[i] = new_pipe();
	while (t_now_ns() < end) {
		unsigned number = 1 + (unsigned)t_below(PIPES), seen = 0;

		for (i = 0; i < (int)number; i++) {
			bytes[i] = 0;
			expected[i] = (char)(tag + (uint64_t)i + 1);
			submit_blocked_read(ring, tag + (uint64_t)i, pipes[i].read_end, &bytes[i]);
		}
		for (i = (int)number - 1; i >= 0; i--)
			write_byte(pipes[i], expected[i]);
		for (i = 0; i < (int)number; i++) {
			struct syslet_completion completion = reap(ring);
			uint64_t which = completion.caller_data - tag;

			CHECK_EQ(completion.status, 1);
			CHECK(which < number);
			CHECK(!(seen & 1u << which));
			CHECK_EQ(bytes[which], expected[which]);
			seen |= 1u << which;
		}
		tag += number;
		done += number;
	}
	for (i = 0; i < PIPES; i++)
		close_pipe(pipes[i]);
	free_ring(ring, 32);
	return done;
}

static void each_watcher(void)
{
	struct t_leaks before;
	uint64_t done;
	unsigned i;

	for (i = 0; i < sizeof(watchers) / sizeof(watchers[0]); i++) {
		if (!can_have(watchers[i])) {
			printf("skip: watcher %s cannot be had on this machine\n",
			       names[watchers[i]]);
			continue;
		}
		before = t_leaks_now();
		attach_with(watchers[i], SYSLET_OVERFLOW_RESERVE, 0);
		done = read_many(t_seconds(0.7));
		CHECK_EQ(detach(), 0);
		CHECK_EQ(GREW(before, hand_offs), done);
		CHECK_EQ(GREW(before, completions), done);
		CHECK_EQ(GREW(before, completions_lost), 0);
		printf("   %s: %llu hand-offs, %llu threads made\n", names[watchers[i]],
		       (unsigned long long)done, (unsigned long long)GREW(before, tasks_created));
	}
}

/* Several contexts, one ring, one reaper; TLS, stack and registers stay each context's own. */
static struct syslet_ring *shared;
static volatile uint32_t stop;
static uint64_t submitted[THREADS], direct[THREADS];
static __thread uint64_t in_tls;

static void *submit_shared(void *argument)
{
	uint64_t self = (uint64_t)argument, number = 0;
	struct timespec some = {0, 4000};
	double kept = (double)self + 0.5;

	in_tls = self;
	attach(0);
	while (!stop || !number) {
		struct syslet_call_result result = submit(shared, self << 48 | number, SYS_nanosleep,
							  (uint64_t)&some, 0, 0);

		if (result.pending)
			number++;
		else if (result.value == 0)
			direct[self]++;
		else
			CHECK_EQ(result.value, -EAGAIN);
		CHECK_EQ(in_tls, self);
		CHECK(kept == (double)self + 0.5);
		CHECK(!errno || errno == EAGAIN || errno == EINTR);
	}
	submitted[self] = number;
	CHECK(syslet_detach() >= 0);
	return 0;
}

static uint64_t reap_shared(uint64_t *seen_of)
{
	uint32_t tail = shared->user_tail;
	uint32_t head = __atomic_load_n(&shared->kernel_head, __ATOMIC_ACQUIRE);
	uint64_t reaped = head - tail;

	for (; tail != head; tail++) {
		struct syslet_completion completion = shared->comp[tail & (shared->elements - 1)];

		CHECK(completion.caller_data >> 48 < THREADS);
		CHECK(completion.status == 0 || (long)completion.status == -EINTR);
		seen_of[completion.caller_data >> 48]++;
	}
	__atomic_store_n(&shared->user_tail, tail, __ATOMIC_RELEASE);
	return reaped;
}

static void contexts_share_a_ring(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.5) * 1e9), seen_of[THREADS] = {0};
	struct t_leaks before = t_leaks_now();
	pthread_t threads[THREADS];
	uint64_t i;

	shared = new_ring(64);
	stop = 0;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, submit_shared, (void *)i), 0);
	while (t_now_ns() < end)
		reap_shared(seen_of);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		while (pthread_tryjoin_np(threads[i], 0))
			reap_shared(seen_of);
	reap_shared(seen_of);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(seen_of[i], submitted[i]);
	CHECK_EQ(GREW(before, completions_lost), 0);
	CHECK_EQ(GREW(before, hand_offs), submitted[0] + submitted[1] + submitted[2]);
	free_ring(shared, 64);
}

/* The interrupting signal, and PROF, to every OS thread of the process, again and again. */
static uint32_t interrupt_signal;
static volatile uint32_t prof_handled;

static void on_prof(int signal)
{
	(void)signal;
	__atomic_add_fetch(&prof_handled, 1, __ATOMIC_RELAXED);
}

static void *send_signals(void *argument)
{
	uint64_t *sent = argument;

	while (!stop) {
		DIR *dir = opendir("/proc/self/task");
		struct dirent *entry;

		CHECK(dir != 0);
		while ((entry = readdir(dir)) != 0) {
			int tid = atoi(entry->d_name);

			if (tid <= 0 || tid == os_thread())
				continue;
			*sent += !syscall(SYS_tgkill, getpid(), tid,
					  t_below(3) ? (int)interrupt_signal : SIGPROF);
		}
		closedir(dir);
		usleep(700);
	}
	return 0;
}

/* A sleep that a signal may end early; a read that it may not, or a read that fails so. */
static void signals_at_everyone(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.5) * 1e9), sent = 0, done = 0;
	struct sigaction action = {.sa_handler = on_prof, .sa_flags = SA_RESTART}, old;
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	struct syslet_facts facts;
	pthread_t sender;

	syslet_read_facts(&facts);
	interrupt_signal = facts.interrupt_signal;
	CHECK_EQ(sigaction(SIGPROF, &action, &old), 0);
	before = t_leaks_now();
	stop = 0;
	attach(0);
	CHECK_EQ(pthread_create(&sender, 0, send_signals, &sent), 0);
	while (t_now_ns() < end || !prof_handled) {
		char byte = 0;
		struct syslet_call_result result =
			submit(ring, done, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1);
		long status = result.value;

		if (result.pending) {
			struct syslet_completion completion;

			write_byte(pipe, 'x');
			completion = reap(ring);
			CHECK_EQ(completion.caller_data, done);
			status = (long)completion.status;
			done++;
		}
		if (status == -EINTR && result.pending)
			CHECK_EQ(read(pipe.read_end, &byte, 1), 1);
		else if (status != -EINTR)
			CHECK_EQ(status, 1);
	}
	stop = 1;
	pthread_join(sender, 0);
	CHECK_EQ(detach(), 0);
	CHECK_EQ(GREW(before, completions), done);
	CHECK_EQ(GREW(before, completions_lost), 0);
	printf("   %llu hand-offs, %llu signals sent, %u handled as PROF, %llu forwarded\n",
	       (unsigned long long)done, (unsigned long long)sent, prof_handled,
	       (unsigned long long)GREW(before, signals_forwarded));
	CHECK_EQ(sigaction(SIGPROF, &old, 0), 0);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* Attach, some calls, detach with a random number of them pending. */
static void *attach_and_detach(void *argument)
{
	uint64_t *rounds = argument;
	struct syslet_ring *ring = new_ring(16);
	struct pipe pipe = new_pipe();
	char bytes[16];

	while (!stop || *rounds <= 3) {
		unsigned pending = (unsigned)t_below(6), i;
		uint32_t head;

		ring->kernel_head = ring->user_tail = 0;
		attach(0);
		for (i = 0; i < pending; i++)
			submit_blocked_read(ring, i, pipe.read_end, &bytes[i]);
		if (t_below(2) && pending) {
			write_byte(pipe, 'x');
			reap(ring);
			pending--;
		}
		head = ring->user_tail + pending;
		CHECK(syslet_detach() <= (int)pending);
		CHECK_EQ(ring->kernel_head, head);
		__atomic_add_fetch(rounds, 1, __ATOMIC_RELAXED);
	}
	close_pipe(pipe);
	free_ring(ring, 16);
	return 0;
}

static void detach_with_calls_pending(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.5) * 1e9), rounds[THREADS] = {0}, i;
	pthread_t threads[THREADS];

	stop = 0;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, attach_and_detach, &rounds[i]), 0);
	while (t_now_ns() < end || __atomic_load_n(&rounds[0], __ATOMIC_RELAXED) <= 3)
		t_sleep_ms(10);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], 0), 0);
	printf("   %llu rounds\n", (unsigned long long)(rounds[0] + rounds[1] + rounds[2]));
}

int main(void)
{
	t_needs_moving_contexts();
	t_seed();
	syslet_library_init();
	frame_stack();
	attach(0); /* a thread of our own is made at the first attach */
	detach();
	RUN(each_watcher);
	RUN(contexts_share_a_ring);
	RUN(signals_at_everyone);
	RUN(detach_with_calls_pending);
	return 0;
}
