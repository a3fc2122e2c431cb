/* SPDX-License-Identifier: MIT */
/*
 * When the call is over and its completion is in the ring, the original thread
 * really runs frame.ip on frame.sp.
 */
#include "syslet.h"

static struct syslet_ring *ring;

/* What the frame's function saw; written by another OS thread. */
static struct {
	uint64_t error, data, sp;
	long tid;
	uint32_t head;
	struct syslet_call_result inner;
	volatile uint32_t runs;
} seen;

static union indirect_params inner_params;
static long frame_sleeps_ms;

__attribute__((used)) static void frame_ran(uint64_t error, uint64_t data, uint64_t sp)
{
	struct timespec some = {0, 1000000};
	long ms;

	seen.error = error;
	seen.data = data;
	seen.sp = sp;
	seen.tid = raw_call(SYS_gettid, 0, 0, 0);
	seen.head = ring->kernel_head;
	for (ms = 0; ms < frame_sleeps_ms; ms++)
		raw_call(SYS_nanosleep, (long)&some, 0, 0);
	__atomic_add_fetch(&seen.runs, 1, __ATOMIC_RELEASE);
}

static uint64_t inner_nr = SYS_getpid;

/* A frame function that makes a syslet: it has no child, so the call is just made. */
__attribute__((used)) static void frame_calls(void)
{
	struct indirect_registers regs = {.NR = inner_nr, .ARG0 = -1ul, .ARG1 = -1ul, .ARG2 = -1ul};

	seen.inner = syslet_indirect(&regs, &inner_params, sizeof(inner_params), 0);
	__atomic_add_fetch(&seen.runs, 1, __ATOMIC_RELEASE);
}

FRAME_FUNCTION(frame_function, frame_ran);
FRAME_FUNCTION(frame_that_calls, frame_calls);
JUMP(frame_tail_calls_exit, syslet_exit);

#define STACK_PAGES 4

static uint64_t own_stack(void)
{
	static char *pages;

	if (!pages)
		pages = map_pages(STACK_PAGES, PROT_READ | PROT_WRITE);
	return (uint64_t)pages + STACK_PAGES * PAGE - 64;
}

static void submit_with_frame(uint64_t data, int fd, char *byte, const char *ip, uint64_t sp)
{
	struct indirect_registers regs = {
		.NR = SYS_read, .ARG0 = (uint64_t)fd, .ARG1 = (uint64_t)byte, .ARG2 = 1};
	union indirect_params params = params_for(ring, data);

	params.syslet.frame.ip = (uint64_t)ip;
	params.syslet.frame.sp = sp;
	CHECK_EQ(syslet_indirect(&regs, &params, sizeof(params), 0).pending, 1);
}

static void wait_for_runs(uint32_t runs)
{
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;

	while (__atomic_load_n(&seen.runs, __ATOMIC_ACQUIRE) < runs)
		if (t_now_ns() > end)
			T_FAIL("the frame's function did not run within 10 s");
}

static void begin(int v7)
{
	memset(&seen, 0, sizeof(seen));
	frame_sleeps_ms = 0;
	ring = new_ring(8);
	attach(v7);
}

static void end(struct pipe pipe)
{
	detach();
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void the_original_runs_it(void)
{
	struct pipe pipe = new_pipe();
	int born = os_thread();
	char byte;

	begin(0);
	submit_with_frame(0xabcdef, pipe.read_end, &byte, frame_function, own_stack());
	CHECK_EQ(seen.runs, 0);
	write_byte(pipe, 'a');
	wait_for_runs(1);
	CHECK_EQ(seen.tid, born);
	CHECK(os_thread() != born);
	CHECK_EQ(seen.sp, own_stack());
	CHECK_EQ(seen.error, 0);
	CHECK_EQ(seen.data, 0xabcdef);
	CHECK_EQ(seen.head, 1); /* the completion was in the ring before */
	CHECK_EQ(reap(ring).status, 1);
	end(pipe);
}

/* No hand-off, no frame: the result came back directly. */
static void it_does_not_run_without_a_hand_off(void)
{
	struct indirect_registers regs = {.NR = SYS_getpid};
	struct pipe pipe = new_pipe();
	union indirect_params params;

	begin(0);
	params = params_for(ring, 0);
	params.syslet.frame.ip = (uint64_t)frame_function;
	CHECK_EQ(syslet_indirect(&regs, &params, sizeof(params), 0).value, getpid());
	t_sleep_ms(5);
	CHECK_EQ(seen.runs, 0);
	end(pipe);
}

static void it_may_make_a_syslet(void)
{
	struct t_leaks before = t_leaks_now();
	struct pipe pipe = new_pipe();
	char byte;

	begin(0);
	inner_params = params_for(ring, 9);
	submit_with_frame(1, pipe.read_end, &byte, frame_that_calls, own_stack());
	write_byte(pipe, 'a');
	wait_for_runs(1);
	CHECK_EQ(seen.inner.value, getpid());
	CHECK_EQ(seen.inner.pending, 0);
	CHECK_EQ(GREW(before, frame_calls), 1);
	CHECK_EQ(reap(ring).caller_data, 1);
	CHECK_EQ(ring->kernel_head, 1);
	end(pipe);
}

/* What is meant for the context would change the original's thread, or be recorded for both. */
static void it_may_not_change_its_thread(void)
{
	static const uint64_t calls[] = {SYS_setresuid, SYS_setgroups, SYS_prctl, SYS_setpriority};
	struct pipe pipe = new_pipe();
	unsigned i;
	char byte;

	begin(0);
	inner_params = params_for(ring, 9);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		inner_nr = calls[i];
		submit_with_frame(1, pipe.read_end, &byte, frame_that_calls, own_stack());
		write_byte(pipe, 'a');
		wait_for_runs(i + 1);
		CHECK_EQ(seen.inner.value, -EINVAL);
		reap(ring);
	}
	inner_nr = SYS_getpid;
	end(pipe);
}

/* Detach waits for a frame's function that is still running. */
static void detach_waits_for_it(void)
{
	struct pipe pipe = new_pipe();
	char byte;

	begin(0);
	frame_sleeps_ms = 20;
	submit_with_frame(1, pipe.read_end, &byte, frame_function, own_stack());
	write_byte(pipe, 'a');
	CHECK_EQ(reap(ring).status, 1);
	detach();
	CHECK_EQ(seen.runs, 1);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* Row 5: the completion is lost; the first argument says why, the second whose it was. */
static void a_lost_completion_is_told(int v7, long error)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *gone = new_ring(8), *mine;
	struct pipe pipe = new_pipe();
	char byte;

	begin(v7);
	mine = ring;
	ring = gone;
	submit_with_frame(77, pipe.read_end, &byte, frame_function, own_stack());
	ring = mine;
	CHECK_EQ(mprotect(gone, PAGE, PROT_NONE), 0);
	write_byte(pipe, 'a');
	wait_for_runs(1);
	CHECK_EQ(seen.error, error);
	CHECK_EQ(seen.data, 77);
	CHECK_EQ(GREW(before, completions_lost), 1);
	CHECK_EQ(GREW(before, completions), 0);
	free_ring(gone, 8);
	end(pipe);
}

static void row_05_a_lost_completion_is_told(void)
{
	a_lost_completion_is_told(1, 0);
	a_lost_completion_is_told(0, -EFAULT);
}

/* v7 programs: one page for all calls in flight, whose function tail-calls exit. */
static void programs_of_v7_under_the_default(void)
{
	struct t_leaks before = t_leaks_now();
	struct pipe pipe = new_pipe();
	int born = os_thread(), i;
	char bytes[3];

	begin(0);
	for (i = 0; i < 3; i++)
		submit_with_frame(1, pipe.read_end, &bytes[i], frame_tail_calls_exit, frame_stack());
	for (i = 0; i < 3; i++)
		write_byte(pipe, 'a');
	for (i = 0; i < 3; i++)
		CHECK_EQ(reap(ring).status, 1);
	end(pipe);
	CHECK_EQ(os_thread(), born);
	CHECK_EQ(GREW(before, birth_exits_parked), 1);
}

static char state_of_thread(int tid)
{
	char path[64], text[512], *name_end;
	FILE *file;
	size_t bytes;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", getpid(), tid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	bytes = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[bytes] = 0;
	name_end = strrchr(text, ')');
	return name_end ? name_end[2] : 0;
}

/* Under v7 the thread-group leader really exits, and the program goes on without it. */
static void programs_of_v7_under_v7(void)
{
	struct pipe pipe = new_pipe();
	int born = os_thread(), i;
	uint64_t limit = t_now_ns() + REAP_LIMIT_NS;
	char bytes[3];

	begin(1);
	for (i = 0; i < 3; i++)
		submit_with_frame(1, pipe.read_end, &bytes[i], frame_tail_calls_exit, frame_stack());
	for (i = 0; i < 3; i++)
		write_byte(pipe, 'a');
	for (i = 0; i < 3; i++)
		CHECK_EQ(reap(ring).status, 1);
	while (state_of_thread(born) != 'Z')
		if (t_now_ns() > limit)
			T_FAIL("the leader is in state %c", state_of_thread(born));
	/* other calls are handed over as before */
	submit_with_frame(1, pipe.read_end, bytes, (const char *)syslet_park_ip(), frame_stack());
	write_byte(pipe, 'a');
	CHECK_EQ(reap(ring).status, 1);
	/* there is no home to go to */
	CHECK_EQ(syslet_detach(), -ESRCH);
	CHECK(syslet_is_attached());
	CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	own_stack();
	RUN(the_original_runs_it);
	RUN(it_does_not_run_without_a_hand_off);
	RUN(it_may_make_a_syslet);
	RUN(it_may_not_change_its_thread);
	RUN(detach_waits_for_it);
	RUN(row_05_a_lost_completion_is_told);
	RUN(programs_of_v7_under_the_default);
	RUN_IN_CHILD(programs_of_v7_under_v7, 30);
	return 0;
}
