/* SPDX-License-Identifier: MIT */
/*
 * Contexts as a whole, by the C interface.
 *
 * Argument: detach   attach, some calls that block, detach: each completion is there, once
 *           park     the watcher parks while no calls are made, and is back with the next
 *           full     as many calls as the ring has room for, again and again
 *           ids      a context that has dropped its privileges has dropped them all
 *           setuid   a call that is dispatched while a setuid goes on waits for its end
 */
#include <sys/prctl.h>

#include "finder.h"
#include "long-setuid.h"

#define RING 32

static struct syslet_ring *ring;
static struct pipe pipes[RING];
static char bytes[RING];

static void check_completion(uint32_t index, uint64_t round)
{
	struct syslet_completion *completion = &ring->comp[index & (RING - 1)];

	if (completion->caller_data >> 8 != round)
		T_FAIL("completion %u of round %llu has caller_data 0x%llx", index,
		       (unsigned long long)round, (unsigned long long)completion->caller_data);
	if ((long)completion->status != 1 && (long)completion->status != -EINTR)
		T_FAIL("completion %u has status %lld", index, (long long)completion->status);
	*completion = (struct syslet_completion){0};
}

/* Some end by themselves while the others are interrupted. */
static void detach_round(uint64_t round)
{
	unsigned number = 1 + (unsigned)t_below(8), ended = (unsigned)t_below(number + 1), i;
	uint32_t tail = ring->kernel_head;
	struct t_leaks before = t_leaks_now();

	attach(0);
	for (i = 0; i < number; i++)
		submit_blocked_read(ring, round << 8 | i, pipes[i].read_end, &bytes[i]);
	for (i = 0; i < ended; i++)
		write_byte(pipes[i], 'x');
	if (syslet_detach() < 0)
		T_FAIL("detach failed");
	if (ring->kernel_head - tail != number)
		T_FAIL("%u of %u completions are there after detach", ring->kernel_head - tail,
		       number);
	for (i = 0; i < number; i++)
		check_completion(tail + i, round);
	for (i = 0; i < ended; i++) {
		int flags = fcntl(pipes[i].read_end, F_GETFL);

		fcntl(pipes[i].read_end, F_SETFL, flags | O_NONBLOCK);
		if (read(pipes[i].read_end, &bytes[0], 1) < 0)
			CHECK_EQ(errno, EAGAIN);
		fcntl(pipes[i].read_end, F_SETFL, flags);
	}
	ring->user_tail = ring->kernel_head;
	t_check_leaks(&before);
	progress();
}

static void find_detach(void)
{
	uint64_t round = 1;

	while (time_is_left())
		detach_round(round++);
}

static void read_and_reap(uint64_t data)
{
	submit_blocked_read(ring, data, pipes[0].read_end, &bytes[0]);
	write_byte(pipes[0], 'x');
	CHECK_EQ(reap(ring).caller_data, data);
	progress();
}

static void find_park(void)
{
	struct t_leaks before;
	uint64_t data = 0;
	int i;

	attach_with(SYSLET_WATCHER_AUTO, SYSLET_OVERFLOW_RESERVE, 0);
	before = t_leaks_now();
	while (time_is_left()) {
		uint64_t rounds = 20 + t_below(100);

		for (i = 0; i < (int)rounds; i++) {
			t_sleep_ms(1);
			progress();
		}
		finder_doing = "a call after a quiet while";
		read_and_reap(++data);
		finder_doing = "being quiet";
	}
	if (!GREW(before, watcher_unparks))
		printf("skip: the watcher never parked\n");
	CHECK_EQ(detach(), 0);
}

/* The whole ring is in flight, and then reaped in one go. */
static void find_full(void)
{
	uint64_t round = 0, i;

	attach(0);
	while (time_is_left()) {
		uint64_t number = 1 + t_below(RING);

		for (i = 0; i < number; i++)
			submit_blocked_read(ring, round << 8 | i, pipes[i].read_end, &bytes[i]);
		for (i = 0; i < number; i++)
			write_byte(pipes[i], 'x');
		for (i = 0; i < number; i++)
			CHECK_EQ(reap(ring).caller_data >> 8, round);
		round++;
		progress();
	}
	CHECK_EQ(detach(), 0);
}

/* A raw setresuid of the carrier through us is the context's, whoever carries it then. */
static void drop_and_look(void)
{
	unsigned i;
	char byte;

	attach(0);
	for (i = 0; i < 4; i++)
		submit_blocked_read(ring, i, pipes[i].read_end, &bytes[i]);
	for (i = 0; i < 4; i++)
		write_byte(pipes[i], 'x');
	for (i = 0; i < 4; i++)
		reap(ring);
	CHECK_EQ(submit(ring, 9, SYS_setresuid, NOBODY, NOBODY, NOBODY).value, 0);
	for (i = 0; i < 8; i++) {
		submit_blocked_read(ring, 10 + i, pipes[i].read_end, &byte);
		if (geteuid() != NOBODY)
			T_FAIL("after setresuid the context runs as user %d", (int)geteuid());
		write_byte(pipes[i], 'x');
		reap(ring);
	}
	detach();
}

static void dispatch_in_a_long_setuid(void)
{
	attach(0);
	begin_long_setuid();
	CHECK_EQ(dispatch_geteuid(ring).value, -ESYSLETPENDING);
	t_sleep_ms(LONG_SETUID_MS);
	end_long_setuid();
	CHECK_EQ(reap(ring).status, NOBODY);
	join_threads();
	detach();
}

static void find_in_children(void (*drop)(void))
{
	if (geteuid())
		t_skip("only root can drop privileges");
	while (time_is_left()) {
		int status;

		finder_waits_for_child = 1;
		status = t_in_child(drop, 20);
		finder_waits_for_child = 0;
		if (status)
			T_FAIL("the child that dropped its privileges ended with %d", status);
		progress();
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "detach";
	int i;

	finder_start(what);
	finder_doing = what;
	ring = new_ring(RING);
	for (i = 0; i < RING; i++)
		pipes[i] = new_pipe();
	attach(0);
	detach();
	if (!strcmp(what, "detach"))
		find_detach();
	else if (!strcmp(what, "park"))
		find_park();
	else if (!strcmp(what, "full"))
		find_full();
	else if (!strcmp(what, "ids"))
		find_in_children(drop_and_look);
	else if (!strcmp(what, "setuid"))
		find_in_children(dispatch_in_a_long_setuid);
	else
		T_FAIL("there is no finder %s", what);
	return finder_clean();
}
