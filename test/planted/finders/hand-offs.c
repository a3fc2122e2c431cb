/* SPDX-License-Identifier: MIT */
/*
 * Hand-off against return: calls that block for about as long as it takes to be noticed,
 * with each watcher, so that many end just when they are claimed. Each call has one
 * result, in its hand or in the ring; and the program goes on on one thread at a time.
 *
 * Arguments: the watcher, and what blocks: nap (a sleep of a few us), pipe (a byte that
 * another thread writes), both.
 */
#include <linux/futex.h>

#include "finder.h"

#define RING 16

static struct syslet_ring *ring;
static struct pipe ping, pong;
static uint64_t submitted, direct, completed;
static volatile uint64_t inside; /* one thread at a time may be in the program's own code */

/* Answers each byte, after a while that differs. */
static void *answer(void *unused)
{
	uint64_t state = 1;
	char byte;

	while (read(ping.read_end, &byte, 1) == 1) {
		uint64_t until = t_now_ns() + ((state = state * 6364136223846793005ull + 1) >> 33) % 9000;

		while (byte & 1 && t_now_ns() < until)
			;
		if (write(pong.write_end, &byte, 1) != 1)
			break;
	}
	return unused;
}

/* Two threads that run this at once see each other in it. */
static void alone(void)
{
	uint64_t mine = submitted << 20 | (uint64_t)os_thread();
	int i;

	if (__atomic_exchange_n(&inside, mine, __ATOMIC_SEQ_CST))
		T_FAIL("two threads run one context, after %llu calls",
		       (unsigned long long)submitted);
	for (i = 0; i < 20; i++)
		CHECK_EQ(inside, mine);
	if (__atomic_exchange_n(&inside, 0, __ATOMIC_SEQ_CST) != mine)
		T_FAIL("two threads run one context, after %llu calls",
		       (unsigned long long)submitted);
}

static void reap_all(void)
{
	uint32_t tail = ring->user_tail;
	uint32_t head = __atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE);

	for (; tail != head; tail++) {
		struct syslet_completion completion = ring->comp[tail & (RING - 1)];

		if (completion.caller_data >> 32 != 0x5eed)
			T_FAIL("a completion with caller_data 0x%llx",
			       (unsigned long long)completion.caller_data);
		ring->comp[tail & (RING - 1)] = (struct syslet_completion){1, 1};
		if (completion.status != 0 && completion.status != 1)
			T_FAIL("a completion with status %lld", (long long)completion.status);
		completed++;
	}
	__atomic_store_n(&ring->user_tail, tail, __ATOMIC_RELEASE);
}

static void one_call(int use_pipe)
{
	struct timespec time = {0, (long)t_below(8) * 1000};
	struct syslet_call_result result;
	char byte = (char)t_below(256);

	if (use_pipe && submitted == direct + completed) {
		CHECK_EQ(write(ping.write_end, &byte, 1), 1);
		result = submit(ring, 0x5eedull << 32, SYS_read, (uint64_t)pong.read_end,
				(uint64_t)&byte, 1);
	} else {
		result = submit(ring, 0x5eedull << 32, SYS_nanosleep, (uint64_t)&time, 0, 0);
	}
	alone();
	if (!result.pending && result.value == -EAGAIN) {
		if (submitted == direct + completed)
			T_FAIL("EAGAIN, and no call is in flight to this ring");
		return reap_all();
	}
	submitted++;
	if (result.pending)
		CHECK_EQ(result.value, -ESYSLETPENDING);
	else
		CHECK(result.value == 0 || result.value == 1);
	direct += !result.pending;
	reap_all();
	while (use_pipe && submitted != direct + completed)
		reap_all();
	progress();
}

static uint64_t argument(int argc, char **argv, int i, const char *const *names, uint64_t usual)
{
	uint64_t n;

	if (argc <= i)
		return usual;
	for (n = 0; names[n]; n++)
		if (!strcmp(argv[i], names[n]))
			return n;
	T_FAIL("unknown argument %s", argv[i]);
}

int main(int argc, char **argv)
{
	static const char *const watchers[] = {"auto", "perf", "sampler", "spin", 0};
	static const char *const kinds[] = {"nap", "pipe", "both", 0};
	enum syslet_watcher watcher = (enum syslet_watcher)argument(argc, argv, 1, watchers, 0);
	uint64_t kind = argument(argc, argv, 2, kinds, 2);
	struct t_leaks before;
	pthread_t other;

	finder_start("hand-offs");
	ping = new_pipe();
	pong = new_pipe();
	CHECK_EQ(pthread_create(&other, 0, answer, 0), 0);
	ring = new_ring(RING);
	before = t_leaks_now();
	attach_with(watcher, SYSLET_OVERFLOW_RESERVE, 0);
	finder_doing = "calling";
	while (time_is_left()) {
		one_call(kind == 2 ? t_below(2) != 0 : kind == 1);
		if (!(submitted & 63) && GREW(before, frame_calls))
			T_FAIL("a call of the context was taken for one of a frame's function");
	}
	finder_doing = "waiting for completions";
	while (submitted != direct + completed)
		reap_all();
	finder_doing = "detaching";
	CHECK_EQ(detach(), 0);
	CHECK_EQ(GREW(before, hand_offs), completed);
	CHECK_EQ(GREW(before, completions), completed);
	CHECK_EQ(GREW(before, completions_lost), 0);
	CHECK_EQ(GREW(before, tasks_away), 0);
	CHECK_EQ(GREW(before, frame_calls), 0);
	printf("%llu calls, %llu handed over, %llu claims failed\n", (unsigned long long)submitted,
	       (unsigned long long)completed, (unsigned long long)GREW(before, claims_failed));
	return finder_clean();
}
