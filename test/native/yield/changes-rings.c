/* SPDX-License-Identifier: MIT */
/*
 * A carrier that goes from ring to ring while its watcher is about to take a call over: what is
 * reserved and what completes belongs to the ring of that call. The watcher stands still at a
 * named place, and meanwhile the call that it saw returns and the next one begins.
 */
#include <pthread.h>
#include <semaphore.h>

#include "fake-host.h"
#include "host/host.h"
#include "kernel/ring-state.h"

static struct one_element {
	struct syslet_ring header;
	struct syslet_completion slots[1];
} __attribute__((aligned(64))) rings[2];

static uint64_t stack[64];

/* The watcher stands there until go_on, when its carrier is in the next call. */
static enum yield_point stands_at;
static sem_t stands, goes_on;

static void stand_still(struct task *cur, enum yield_point point)
{
	(void)cur;
	if (point != stands_at)
		return;
	sem_post(&stands);
	sem_wait(&goes_on);
}

struct watcher_thread {
	struct task *carrier;
	uint64_t word;
	struct task *took_over;
	pthread_t thread;
};

static void *see_block(void *argument)
{
	struct watcher_thread *watcher = argument;

	watcher->took_over = syslet_schedule(watcher->carrier, watcher->word);
	return 0;
}

static struct watcher_thread watcher;

/* The first call: seen while it blocks, and over before the watcher has claimed it. */
static long seen_too_late(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	watcher.carrier = cur;
	watcher.word = cur->word;
	fake.at = stand_still;
	CHECK_EQ(pthread_create(&watcher.thread, 0, see_block, &watcher), 0);
	sem_wait(&stands);
	return 1;
}

/* The next one, while which the watcher goes on with what it knows of the first. */
static long meanwhile(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs, (void)cur;
	sem_post(&goes_on);
	CHECK_EQ(pthread_join(watcher.thread, 0), 0);
	fake.at = 0;
	return 2;
}

static long blocks(const struct indirect_registers *regs, struct task *cur)
{
	struct ring_state *state = cur->own.ring_state;

	(void)regs;
	CHECK(fake_block(cur) != 0);
	CHECK_EQ((uint32_t)state->word, 1);
	return 3;
}

static struct syslet_result call_with_ring(struct task *cur, int ring,
					   long (*call)(const struct indirect_registers *,
							struct task *))
{
	struct indirect_registers regs = {.NR = SYS_getpid};
	struct indirect_params_both params = {
		.syslet = {.ring_ptr = (uint64_t)&rings[ring], .caller_data = (uint64_t)ring,
			   .frame = {0x1234, (uint64_t)&stack[32]}}};

	fake.call = call;
	return sys_indirect(&regs, &params, 32, 0, cur);
}

static uint32_t in_flight(struct context *ctx, int ring)
{
	return (uint32_t)ring_state_of(ctx, (uint64_t)&rings[ring])->word;
}

/* A ring of one element has room, takes one completion, and is full then. */
static void ring_is_empty(struct context *ctx, int ring)
{
	struct task *cur = ctx->carrier;

	CHECK_EQ(in_flight(ctx, ring), 0);
	CHECK_EQ(rings[ring].header.kernel_head, 0);
	CHECK_EQ(call_with_ring(cur, ring, blocks).how, HOW_FRAME);
	CHECK_EQ(rings[ring].header.kernel_head, 1);
	CHECK_EQ(rings[ring].slots[0].caller_data, ring);
	CHECK_EQ(call_with_ring(ctx->carrier, ring, blocks).value, -EAGAIN);
	fake_park_task(cur);
}

static struct context *begin(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		memset(&rings[i], 0, sizeof(rings[i]));
		rings[i].header.elements = 1;
		rings[i].header.wait_group = 1;
	}
	return fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
}

/* From one ring to the other, and to the same again. */
static void change(int from, int to)
{
	struct context *ctx = begin();
	struct task *cur = ctx->carrier;
	struct t_leaks before = t_leaks_now();

	CHECK_EQ(call_with_ring(cur, from, seen_too_late).value, 1);
	CHECK_EQ(call_with_ring(cur, to, meanwhile).value, 2);
	CHECK(!watcher.took_over);
	CHECK(ctx->carrier == cur);
	CHECK_EQ(GREW(before, claims_failed), 1);
	ring_is_empty(ctx, to);
	ring_is_empty(ctx, !to);
	fake_detach(ctx);
}

static void what_was_seen_of_another_call_is_not_believed(void)
{
	stands_at = YIELD_SCHEDULE_PICKED;
	change(0, 1);
	change(1, 0);
	change(0, 0);
}

int main(void)
{
	host_init(0, GLIBC_SIGNALS);
	sem_init(&stands, 0, 0);
	sem_init(&goes_on, 0, 0);
	RUN(what_was_seen_of_another_call_is_not_believed);
	return 0;
}
