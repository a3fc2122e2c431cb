/* SPDX-License-Identifier: MIT */
/*
 * One completer and those who read or wait for its ring, by the kernel's own functions on
 * plain threads: nothing here moves.
 *
 * Argument: order  a reader that spins sees each completion whole when it sees its index
 *           wait   a waiter sleeps only while there is nothing new, and is always woken
 *           signal the same while signals interrupt it
 *           group  the ring's wait_group changes as soon as a completion can be seen
 *           room   a completer that waits for room is woken by who makes some
 *           anew   a ring of one element that is made again and again promises room once
 */
#include "finder.h"
#include "host/host.h"
#include "kernel/ring-state.h"

#define ELEMENTS 16

static struct syslet_ring *ring;
static uint32_t acknowledged; /* completions that the other side has seen */
static uint32_t stop;
static uint32_t waiting;
static uint32_t changed; /* completions after which wait_group was changed */
static int groups;
static struct context ctx;
static struct task completer;

static uint32_t head_now(void)
{
	return __atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE);
}

static void set_up(enum overflow_policy overflow)
{
	ring = new_ring(ELEMENTS);
	ctx.policy = &syslet_policy_default;
	ctx.ops = &host_thread_ops;
	ctx.overflow = (u32)overflow;
	completer.ctx = &ctx;
	completer.own.elements = ELEMENTS;
	completer.call = &completer.own;
	completer.unfit = 1; /* no watcher's place for it */
	completer.own.indirect_params.syslet.completion_ring_ptr = (uint64_t)ring;
}

static void complete(uint64_t value)
{
	completer.own.indirect_params.syslet.caller_data = value;
	CHECK_EQ(syslet_store_completion(&completer, (long)value), 0);
}

static void pause_for(uint64_t ns)
{
	uint64_t until = t_now_ns() + ns;

	while (t_now_ns() < until)
		;
}

/* Spins, and looks at the next slot meanwhile, as a reader does that reaps in batches. */
static void *read_in_order(void *unused)
{
	uint32_t tail = 0;

	while (!stop) {
		volatile struct syslet_completion *slot = &ring->comp[tail & (ELEMENTS - 1)];
		uint64_t before = slot->status, status, data;

		if (head_now() == tail)
			continue;
		status = slot->status;
		data = slot->caller_data;
		if (status != tail + 1 || data != tail + 1)
			T_FAIL("completion %u is seen as %llu, %llu (%llu before its index came)", tail + 1,
			       (unsigned long long)status, (unsigned long long)data,
			       (unsigned long long)before);
		tail++;
		__atomic_store_n(&ring->user_tail, tail, __ATOMIC_RELEASE);
		progress();
	}
	return unused;
}

static void find_order(void)
{
	uint64_t n = 0;
	pthread_t reader;

	CHECK_EQ(pthread_create(&reader, 0, read_in_order, 0), 0);
	while (time_is_left()) {
		if (n - __atomic_load_n(&ring->user_tail, __ATOMIC_ACQUIRE) < ELEMENTS)
			complete(++n);
	}
	while (head_now() != ring->user_tail)
		;
	stop = 1;
	CHECK_EQ(pthread_join(reader, 0), 0);
}

/* As v7's wait: 0 only if there is something new. */
static void *wait_in_turn(void *unused)
{
	uint32_t idx = 0;

	while (!stop) {
		long ret;

		__atomic_store_n(&waiting, (uint32_t)os_thread(), __ATOMIC_RELEASE);
		ret = syslet_ring_wait(ring, idx, 0);
		if (ret == -EINTR)
			continue;
		CHECK_EQ(ret, 0);
		if (head_now() == idx)
			T_FAIL("the wait for index %u ended, and there is nothing new", idx);
		idx++;
		while (groups && __atomic_load_n(&changed, __ATOMIC_ACQUIRE) != idx)
			; /* nobody may wait, or complete, by the old one from now on */
		__atomic_store_n(&ring->user_tail, idx, __ATOMIC_RELEASE);
		__atomic_store_n(&acknowledged, idx, __ATOMIC_RELEASE);
		progress();
	}
	return unused;
}

static void on_signal(int signal)
{
	(void)signal;
}

/* One at a time, each at another moment of the waiter's way to its sleep. */
static void find_lost_wakes(int signals)
{
	struct sigaction action = {.sa_handler = on_signal};
	uint32_t n = 0;
	pthread_t waiter;

	CHECK_EQ(sigaction(SIGUSR1, &action, 0), 0);
	CHECK_EQ(pthread_create(&waiter, 0, wait_in_turn, 0), 0);
	while (!__atomic_load_n(&waiting, __ATOMIC_ACQUIRE))
		;
	while (time_is_left()) {
		pause_for(t_below(8) ? t_below(1500) : 60000);
		if (signals && !t_below(2)) {
			syscall(SYS_tgkill, getpid(), (int)waiting, SIGUSR1);
			pause_for(t_below(30000));
		}
		if (groups)
			pause_for(20000);
		complete(++n);
		while (__atomic_load_n(&acknowledged, __ATOMIC_ACQUIRE) != n)
			;
	}
	stop = 1;
	complete(++n);
	pthread_join(waiter, 0);
}

/* Sees the completion by its index, and has the ring wait elsewhere from then on. */
static void *change_group(void *unused)
{
	uint32_t seen = 0;

	while (stop < 2) {
		if (head_now() == seen)
			continue;
		__atomic_store_n(&ring->wait_group, ring->wait_group ^ 0x5a5a, __ATOMIC_RELAXED);
		__atomic_store_n(&changed, ++seen, __ATOMIC_RELEASE);
	}
	return unused;
}

static void find_groups(void)
{
	pthread_t changer;

	groups = 1;
	CHECK_EQ(pthread_create(&changer, 0, change_group, 0), 0);
	find_lost_wakes(0);
	stop = 2;
	CHECK_EQ(pthread_join(changer, 0), 0);
}

/* Reaps as lib/ring does: says so only where somebody waits for room. */
static void *reap_slowly(void *unused)
{
	uint32_t tail = 0;
	uint64_t state = 1;

	while (!stop || head_now() != tail) {
		if (head_now() == tail)
			continue;
		state = state * 6364136223846793005ull + 1;
		if (!(state >> 60))
			pause_for(30000);
		tail = head_now();
		__atomic_store_n(&ring->user_tail, tail, __ATOMIC_SEQ_CST);
		if (syslet_room_wanted())
			CHECK_EQ(syslet_ring_room(ring), 0);
		progress();
	}
	return unused;
}

static void find_room(void)
{
	uint64_t n = 0;
	pthread_t reaper;

	CHECK_EQ(pthread_create(&reaper, 0, reap_slowly, 0), 0);
	while (time_is_left())
		complete(++n);
	stop = 1;
	CHECK_EQ(pthread_join(reaper, 0), 0);
}

static struct ring_state *promises;
static uint32_t taken; /* in this round */
static uint32_t met;   /* both threads have begun, or ended, so many rounds */

/* Both threads call it; neither returns before the other has called it. */
static void meet(void)
{
	uint32_t here = __atomic_add_fetch(&met, 1, __ATOMIC_SEQ_CST);
	uint32_t both = (here + 1) & ~1u, look = 0;

	while ((int32_t)(__atomic_load_n(&met, __ATOMIC_ACQUIRE) - both) < 0)
		if (++look % 1000 == 0)
			sched_yield(); /* they may have one processor */
}

/* As a watcher takes a call, and as its completion ends that. */
static void take(void)
{
	if (!ring_reserve(promises, (u64)ring, 1))
		return;
	__atomic_add_fetch(&taken, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->kernel_head, head_now() + 1, __ATOMIC_RELEASE);
	ring_completed(promises);
}

static void *take_beside(void *unused)
{
	for (;;) {
		meet();
		if (stop)
			return unused;
		take();
		meet();
	}
}

static void find_anew(void)
{
	pthread_t beside;

	promises = ring_state_find(&ctx, (u64)ring);
	CHECK_EQ(pthread_create(&beside, 0, take_beside, 0), 0);
	while (time_is_left()) {
		ring->kernel_head = 0;
		taken = 0;
		meet();
		take();
		meet();
		CHECK_EQ(taken, 1);
		progress();
	}
	stop = 1;
	meet();
	CHECK_EQ(pthread_join(beside, 0), 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "order";
	int room = !strcmp(what, "room");

	finder_start(what);
	finder_doing = what;
	set_up(room ? OVERFLOW_BLOCK : OVERFLOW_V7);
	if (!strcmp(what, "order"))
		find_order();
	else if (!strcmp(what, "group"))
		find_groups();
	else if (room)
		find_room();
	else if (!strcmp(what, "anew"))
		find_anew();
	else
		find_lost_wakes(!strcmp(what, "signal"));
	return finder_clean();
}
