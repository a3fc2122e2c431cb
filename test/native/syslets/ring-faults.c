/* SPDX-License-Identifier: MIT */
/* What a program does to its ring while a call is pending. */
#include "syslet.h"

#define GROUP_BEFORE 1u
#define GROUP_AFTER 2u

static struct pipe pipe_of;
static char byte;

static void submit_read(struct syslet_ring *ring)
{
	submit_blocked_read(ring, 1, pipe_of.read_end, &byte);
}

static void wait_until(const uint64_t *counter, uint64_t value)
{
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;

	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != value)
		if (t_now_ns() > end)
			T_FAIL("a counter is %llu, expected %llu", (unsigned long long)*counter,
			       (unsigned long long)value);
}

/* The pending call's completion is lost, counted; the program goes on. */
static void is_lost_after(void (*spoil)(struct syslet_ring *ring), struct syslet_ring *ring)
{
	uint64_t lost = syslet_counters.completions_lost;
	struct syslet_ring *good = new_ring(4);

	pipe_of = new_pipe();
	attach(0);
	submit_read(ring);
	spoil(ring);
	write_byte(pipe_of, 'x');
	wait_until(&syslet_counters.completions_lost, lost + 1);
	CHECK_EQ(byte, 'x');
	/* nothing was left behind: other rings go on */
	submit_read(good);
	write_byte(pipe_of, 'y');
	CHECK_EQ(reap(good).status, 1);
	detach();
	close_pipe(pipe_of);
	free_ring(good, 4);
}

static void forbid(struct syslet_ring *ring)
{
	CHECK_EQ(mprotect(ring, PAGE, PROT_NONE), 0);
}

static void make_read_only(struct syslet_ring *ring)
{
	CHECK_EQ(mprotect(ring, PAGE, PROT_READ), 0);
}

static void unmap(struct syslet_ring *ring)
{
	CHECK_EQ(munmap(ring, PAGE), 0);
}

static void a_ring_without_access(void)
{
	struct syslet_ring *ring = new_ring(4);

	is_lost_after(forbid, ring);
	free_ring(ring, 4);
}

static void a_read_only_ring(void)
{
	struct syslet_ring *ring = new_ring(4);

	is_lost_after(make_read_only, ring);
	free_ring(ring, 4);
}

/* At a low address, where the host puts nothing of its own into the hole. */
static void an_unmapped_ring(void)
{
	struct syslet_ring *ring =
		mmap((void *)0x40000, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	CHECK(ring == (void *)0x40000);
	ring->elements = 4;
	is_lost_after(unmap, ring);
}

static int ring_file;

static void truncate_file(struct syslet_ring *ring)
{
	(void)ring;
	CHECK_EQ(ftruncate(ring_file, 0), 0);
}

/* SIGBUS instead of SIGSEGV. */
static void a_ring_whose_file_is_truncated(void)
{
	char path[] = "/tmp/syslets-test-XXXXXX";
	struct syslet_ring *ring;

	ring_file = mkstemp(path);
	unlink(path);
	CHECK_EQ(ftruncate(ring_file, PAGE), 0);
	ring = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring_file, 0);
	CHECK(ring != MAP_FAILED);
	ring->elements = 4;
	is_lost_after(truncate_file, ring);
	munmap(ring, PAGE);
	close(ring_file);
}

/* The header stays, the slot that the completion goes to does not. */
static void forbid_second_page(struct syslet_ring *ring)
{
	CHECK_EQ(mprotect((char *)ring + PAGE, PAGE, PROT_NONE), 0);
}

static void a_ring_whose_slot_is_gone(void)
{
	struct syslet_ring *ring = new_ring(256);

	ring->kernel_head = ring->user_tail = 255;
	is_lost_after(forbid_second_page, ring);
	CHECK_EQ(ring->kernel_head, 255);
	free_ring(ring, 256);
}

/* A ring that is gone while somebody waits for it. */
static void a_wait_on_a_ring_that_goes(void)
{
	struct syslet_ring *ring = new_ring(4), *waited = new_ring(4);
	struct syslet_completion completion;

	pipe_of = new_pipe();
	attach(0);
	CHECK_EQ(submit(ring, 3, SYSLET_NR_RING_WAIT, (uint64_t)waited, 0, 0).pending, 1);
	submit_read(waited);
	forbid(waited);
	write_byte(pipe_of, 'x');
	wait_until(&syslet_counters.tasks_away, 1);
	CHECK_EQ(mprotect(waited, PAGE, PROT_READ | PROT_WRITE), 0);
	submit_read(waited);
	write_byte(pipe_of, 'x');
	completion = reap(ring);
	CHECK_EQ(completion.caller_data, 3);
	CHECK_EQ(completion.status, 0);
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 4);
	free_ring(waited, 4);
}

/* Row 14: elements is kept from the check; v7 reads it again, and stores elsewhere. */
static void change_elements(int v7, uint32_t expected_slot)
{
	struct syslet_ring *ring = new_ring(8);

	pipe_of = new_pipe();
	ring->kernel_head = ring->user_tail = 5;
	attach(v7);
	submit_read(ring);
	ring->elements = 4;
	write_byte(pipe_of, 'x');
	while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) != 6)
		;
	CHECK_EQ(ring->comp[expected_slot].caller_data, 1);
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 8);
}

static void row_14_elements_is_kept(void)
{
	change_elements(1, 5 & 3);
	change_elements(0, 5);
}

/* No power of two any more: v7 loses the completion, the default does not look. */
static void elements_becomes_wrong(int v7)
{
	uint64_t lost = syslet_counters.completions_lost;
	struct syslet_ring *ring = new_ring(8);

	pipe_of = new_pipe();
	attach(v7);
	submit_read(ring);
	ring->elements = 3;
	write_byte(pipe_of, 'x');
	if (v7) {
		wait_until(&syslet_counters.completions_lost, lost + 1);
		CHECK_EQ(ring->kernel_head, 0);
	} else {
		while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) != 1)
			;
		CHECK_EQ(ring->comp[0].status, 1);
	}
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 8);
}

static void elements_that_becomes_wrong(void)
{
	elements_becomes_wrong(1);
	elements_becomes_wrong(0);
}

static void wait_group_changes(void)
{
	struct syslet_ring *ring = new_ring(8);

	pipe_of = new_pipe();
	attach(0);
	ring->wait_group = GROUP_BEFORE;
	submit_read(ring);
	submit_read(ring);
	ring->wait_group = GROUP_AFTER;
	write_byte(pipe_of, 'x');
	CHECK_EQ(reap(ring).status, 1);
	ring->wait_group = GROUP_BEFORE;
	write_byte(pipe_of, 'x');
	CHECK_EQ(reap(ring).status, 1);
	detach();
	close_pipe(pipe_of);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(a_ring_without_access);
	RUN(a_read_only_ring);
	RUN(an_unmapped_ring);
	RUN(a_ring_whose_file_is_truncated);
	RUN(a_ring_whose_slot_is_gone);
	RUN(a_wait_on_a_ring_that_goes);
	RUN(row_14_elements_is_kept);
	RUN(elements_that_becomes_wrong);
	RUN(wait_group_changes);
	return 0;
}
