/* SPDX-License-Identifier: MIT */
/*
 * `npm run bench -- address`: reads of empty pipes, handed over, and then the bytes come. Prints,
 * for each round, how many reads there were at once, and the nanoseconds of one, from its
 * submission until the program has its result: at an address with a futex, at an address whose
 * word is looked at, at an address with an eventfd, and in a ring.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <syslets/submit.h>
#include <time.h>
#include <unistd.h>

#define MOST 64
#define WAYS 4

struct result {
	uint64_t status;
	uint32_t done;
} __attribute__((aligned(64)));

static struct syslet_ring *ring;
static struct result results[MOST];
static int read_ends[MOST], write_ends[MOST], event;
static char bytes[MOST];

static void fail(const char *what)
{
	fprintf(stderr, "c-address: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static struct syslet_result_place place_of(int i, uint32_t flags)
{
	results[i].done = 0;
	return (struct syslet_result_place){(uint64_t)&results[i].status,
					    (uint64_t)&results[i].done, flags, event};
}

static int is_done(int i)
{
	return (int)__atomic_load_n(&results[i].done, __ATOMIC_ACQUIRE);
}

static void submit(int i, int by_ring, uint32_t flags)
{
	uint64_t args[6] = {(uint64_t)read_ends[i], (uint64_t)&bytes[i], 1};
	struct syslet_result_place place = place_of(i, flags);
	struct syslet_call_result got =
		by_ring ? syslet_submit(ring, (uint64_t)i, SYS_read, args)
			: syslet_submit_at(&place, (uint64_t)i, SYS_read, args);

	if (!got.pending)
		fail("a read of an empty pipe was not handed over");
}

static void bytes_come(int calls)
{
	int i;

	for (i = 0; i < calls; i++)
		if (write(write_ends[i], "x", 1) != 1)
			fail("a byte was not written");
}

static void by_futex(int calls)
{
	int i;

	for (i = 0; i < calls; i++)
		submit(i, 0, SYSLET_PLACE_WAKE);
	bytes_come(calls);
	for (i = 0; i < calls; i++) {
		struct syslet_result_place place = {.done_ptr = (uint64_t)&results[i].done,
						    .flags = SYSLET_PLACE_WAKE};

		syslet_place_wait(&place, 0);
	}
}

/* One processor might be the reader's: it is given away between two looks. */
static void by_word(int calls)
{
	struct timespec nothing = {0, 0};
	int i;

	for (i = 0; i < calls; i++)
		submit(i, 0, 0);
	bytes_come(calls);
	for (i = 0; i < calls; i++)
		while (!is_done(i))
			clock_nanosleep(CLOCK_MONOTONIC, 0, &nothing, NULL);
}

static void by_event(int calls)
{
	uint64_t count, sum;
	int i;

	for (i = 0; i < calls; i++)
		submit(i, 0, SYSLET_PLACE_EVENT);
	bytes_come(calls);
	for (sum = 0; sum < (uint64_t)calls; sum += count)
		if (read(event, &count, sizeof(count)) != sizeof(count))
			fail("the eventfd was not read");
}

static void by_ring(int calls)
{
	struct syslet_completion done[MOST];
	int i, got;

	for (i = 0; i < calls; i++)
		submit(i, 1, 0);
	bytes_come(calls);
	for (got = 0; got < calls;)
		got += (int)syslet_ring_reap_wait(ring, done, (uint32_t)(calls - got), 0);
}

typedef void way(int calls);
static way *const ways[WAYS] = {by_futex, by_word, by_event, by_ring};

static double batch(way *make, int calls)
{
	int times = MOST / calls, i;
	double begun = now();

	for (i = 0; i < times; i++)
		make(calls);
	return (now() - begun) / (times * calls);
}

/* All ways in each round, each round beginning with another one. */
static void measure(int calls, int rounds)
{
	int round, i;

	for (round = -2; round < rounds; round++) {
		double ns[WAYS];

		for (i = 0; i < WAYS; i++) {
			int which = (i + round + WAYS) % WAYS;

			ns[which] = batch(ways[which], calls);
		}
		if (round >= 0)
			printf("%d %.1f %.1f %.1f %.1f\n", calls, ns[0], ns[1], ns[2], ns[3]);
	}
}

int main(int argc, char **argv)
{
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;
	int i, ends[2];

	if (argc != 2)
		fail("usage: c-address ROUNDS");
	event = eventfd(0, EFD_CLOEXEC); /* this program's own reads of it are to wait */
	if (event < 0 || syslet_ring_create(MOST, &ring))
		fail("no eventfd, or no memory");
	for (i = 0; i < MOST; i++) {
		if (pipe(ends))
			fail("no pipe");
		read_ends[i] = ends[0];
		write_ends[i] = ends[1];
	}
	if (syslet_attach(&how, &attached))
		fail(attached.why);
	measure(1, atoi(argv[1]));
	measure(MOST, atoi(argv[1]));
	syslet_detach();
	return 0;
}
