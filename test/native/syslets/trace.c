/* SPDX-License-Identifier: MIT */
/* Traces: which events a call writes and where, what a full buffer does, names of threads. */
#include <pthread.h>
#include <sys/prctl.h>

#include <syslets/trace.h>

#include "syslet.h"

#define TASKS 8
#define BYTES (1u << 20)

static char memory[BYTES] __attribute__((aligned(4096)));
static const struct syslet_trace *const header = (const struct syslet_trace *)memory;

static const struct syslet_trace_task *part(unsigned i)
{
	return (const struct syslet_trace_task *)(header + 1) + i;
}

static const struct syslet_trace_event *event(unsigned i, uint64_t n)
{
	const struct syslet_trace_event *first =
		(const struct syslet_trace_event *)part(header->tasks);

	return &first[(uint64_t)i * header->events + (n & (header->events - 1))];
}

static int try_attach(void *trace, uint64_t bytes, uint32_t tasks, const char **why)
{
	struct syslet_attach_options how = {.watcher = wanted_watcher(),
					    .trace = trace,
					    .trace_bytes = bytes,
					    .trace_tasks = tasks};
	struct syslet_attached attached;
	int error = syslet_attach(&how, &attached);

	*why = attached.why;
	return error;
}

static void attach_traced(uint64_t bytes, uint32_t tasks)
{
	const char *why;

	memset(memory, 0, BYTES);
	CHECK_EQ(try_attach(memory, bytes, tasks, &why), 0);
}

/* The kinds of a task's events, without the wakes, which depend on who sleeps. */
static const char *kinds_of(unsigned i)
{
	static const char letters[] = "?ERBHUCLFPWMD";
	static char text[2][256];
	static unsigned which;
	char *to = text[which ^= 1];
	unsigned at = 0;
	uint64_t n;

	for (n = 0; n < part(i)->written && at < sizeof(text[0]) - 1; n++)
		if (event(i, n)->kind != SYSLET_TRACE_WAKE)
			to[at++] = letters[event(i, n)->kind];
	to[at] = 0;
	return to;
}

#define CHECK_KINDS(i, expected)                                                                   \
	do {                                                                                       \
		if (strcmp(kinds_of(i), expected))                                                 \
			T_FAIL("task %u wrote %s, expected %s", (unsigned)(i), kinds_of(i),        \
			       expected);                                                          \
	} while (0)

static struct syslet_completion reap_spinning(struct syslet_ring *ring)
{
	while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == ring->user_tail)
		;
	return reap(ring);
}

static void a_call_that_does_not_block_writes_two(void)
{
	struct syslet_ring *ring = new_ring(8);
	const struct syslet_trace_event *enter, *leave;
	struct syslet_call_result result;

	do { /* again if it is handed over, as it gets no processor for long */
		attach_traced(BYTES, TASKS);
		result = submit(ring, 0x1234, SYS_getpid, 0, 0, 0);
		detach();
		if (result.pending)
			reap(ring);
	} while (result.pending);
	CHECK_EQ(result.value, getpid());
	CHECK_KINDS(0, "ER");
	enter = event(0, 0);
	leave = event(0, 1);
	CHECK_EQ(enter->nr, SYS_getpid);
	CHECK_EQ(enter->data, 0x1234);
	CHECK(enter->seq != 0);
	CHECK_EQ(leave->seq, enter->seq);
	CHECK_EQ(leave->value, getpid());
	CHECK(leave->time >= enter->time);
	CHECK_EQ(header->magic, SYSLET_TRACE_MAGIC);
	CHECK_EQ(header->pid, getpid());
	CHECK_EQ(header->detached, 1);
	CHECK(enter->time >= header->time && leave->time <= header->time_end);
	CHECK_EQ(part(0)->tid, getpid());
	CHECK_EQ(part(0)->task, 0);
	CHECK_EQ(header->unrecorded, 0);
	free_ring(ring, 8);
}

/* The next task has written so much: what it writes after it has parked is over, too. */
static void wait_for_park(unsigned i)
{
	while (!strchr(kinds_of(i), 'P'))
		t_sleep_ms(1);
}

static void a_call_that_is_handed_over(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte = 0;
	uint32_t seq;

	attach_traced(BYTES, TASKS);
	submit_blocked_read(ring, 0x77, pipe.read_end, &byte);
	write_byte(pipe, 'x');
	CHECK_EQ(reap_spinning(ring).status, 1);
	wait_for_park(0);
	CHECK_EQ(detach(), 0);
	CHECK_KINDS(0, "ERCFPMU"); /* its own call to the frame; then its context comes home */
	CHECK_KINDS(1, "BHU");
	seq = event(0, 0)->seq;
	CHECK_EQ(event(0, 0)->nr, SYS_read);
	CHECK_EQ(event(1, 0)->other, 0);
	CHECK_EQ(event(1, 0)->seq, seq);
	CHECK_EQ(event(1, 1)->other, 0);
	CHECK_EQ(event(1, 1)->seq, seq);
	CHECK(event(1, 2)->time <= event(0, 1)->time); /* it went on before the read ended */
	CHECK_EQ(event(0, 2)->seq, seq);
	CHECK_EQ(event(0, 2)->data, 0x77);
	CHECK_EQ(event(0, 2)->value, 1);
	CHECK_EQ(event(0, 3)->value, 1); /* park */
	CHECK_EQ(part(1)->task, 1);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* The context stays: another task makes the call from the beginning. */
static void a_call_that_is_dispatched(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct indirect_registers regs = {.NR = SYS_getpid};
	union indirect_params params = params_for(ring, 0x88);

	attach_traced(BYTES, TASKS);
	CHECK_EQ(syslet_dispatch(&regs, &params, sizeof(params), 0).pending, 1);
	CHECK_EQ(reap_spinning(ring).status, getpid());
	CHECK_EQ(detach(), 0);
	CHECK_KINDS(0, "D");
	CHECK_EQ(strncmp(kinds_of(1), "ERC", 3), 0);
	CHECK_EQ(event(0, 0)->other, 1);
	CHECK_EQ(event(0, 0)->data, 0x88);
	CHECK(event(0, 0)->seq != 0);
	CHECK_EQ(event(1, 0)->seq, event(0, 0)->seq);
	CHECK_EQ(event(1, 0)->data, 0x88);
	CHECK_EQ(event(1, 2)->seq, event(0, 0)->seq);
	CHECK_EQ(event(1, 2)->value, getpid());
	free_ring(ring, 8);
}

/* How often task 1 was woken, which waits for the end of such a sleep of task 0's; 0: it came too late for that. */
static uint64_t wakes_after_a_sleep_of(long ms)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	uint64_t n, wakes = 0;

	attach_traced(BYTES, TASKS);
	if (submit(ring, 1, SYS_nanosleep, (uint64_t)&time, 0, 0).pending) {
		CHECK_EQ(syslet_ring_wait(ring, 0, 0), 0);
		CHECK_EQ(reap(ring).status, 0);
		CHECK_EQ(detach(), 0);
		CHECK_EQ(event(1, 3)->kind, SYSLET_TRACE_ENTER);
		CHECK_EQ(event(1, 3)->nr, SYSLET_NR_RING_WAIT);
		CHECK_EQ(event(1, 3)->seq, 0);
		for (n = 0; n < part(0)->written; n++)
			wakes += event(0, n)->kind == SYSLET_TRACE_WAKE &&
				 event(0, n)->data - part(1)->stack < header->stack_bytes;
	} else {
		detach();
	}
	free_ring(ring, 8);
	return wakes;
}

/* The word that it sleeps on is on its stack. */
static void a_waiter_that_is_woken(void)
{
	uint64_t wakes = 0;
	long ms;

	for (ms = 30; !wakes && ms < 10000; ms *= 4)
		wakes = wakes_after_a_sleep_of(ms);
	CHECK(wakes > 0);
}

static void a_ring_that_cannot_be_written(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach_traced(BYTES, TASKS);
	submit_blocked_read(ring, 0x99, pipe.read_end, &byte);
	free_ring(ring, 8);
	write_byte(pipe, 'x');
	wait_for_park(0);
	CHECK_EQ(detach(), 0);
	CHECK_KINDS(0, "ERLFPMU");
	CHECK_EQ(event(0, 2)->value, -EFAULT);
	CHECK_EQ(event(0, 2)->data, 0x99);
	close_pipe(pipe);
}

/*
 * Its fields belong together: caller_data is one less than the number of the call. A call
 * that was kept off its processor for long may be handed over, which has events of its own.
 */
static void check_whole(const struct syslet_trace_event *seen)
{
	if (seen->kind != SYSLET_TRACE_ENTER && seen->kind != SYSLET_TRACE_RETURN)
		return;
	CHECK_EQ(seen->nr, SYS_getpid);
	CHECK_EQ(seen->data, seen->kind == SYSLET_TRACE_ENTER ? seen->seq - 1 : 0);
	CHECK_EQ(seen->value, seen->kind == SYSLET_TRACE_RETURN ? getpid() : 0);
}

static void a_full_part_overwrites_its_oldest(void)
{
	struct syslet_ring *ring = new_ring(8);
	uint64_t bytes = sizeof(struct syslet_trace) +
			 2 * (sizeof(struct syslet_trace_task) + 8 * sizeof(struct syslet_trace_event));
	unsigned i;

	attach_traced(bytes, 2);
	CHECK_EQ(header->events, 8);
	for (i = 0; i < 100; i++)
		submit(ring, i, SYS_getpid, 0, 0, 0);
	CHECK(part(0)->written >= 200);
	CHECK_EQ(event(0, part(0)->written - 1)->seq, 100);
	for (i = 0; i < 8; i++)
		check_whole(event(0, i));
	CHECK_EQ(detach(), 0);
	for (i = (unsigned)bytes; i < BYTES; i++)
		CHECK_EQ(memory[i], 0);
	free_ring(ring, 8);
}

static void a_task_without_room_is_counted(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach_traced(BYTES, 1);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	write_byte(pipe, 'x');
	CHECK_EQ(reap_spinning(ring).status, 1);
	CHECK_EQ(detach(), 0);
	CHECK_EQ(header->used, 1);
	CHECK(header->unrecorded >= 3);
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void without_a_trace_nothing_is_written(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;
	unsigned i;

	memset(memory, 0, BYTES);
	attach(0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(detach(), 0);
	for (i = 0; i < BYTES; i++)
		CHECK_EQ(memory[i], 0);
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void memory_that_is_too_small_is_refused(void)
{
	struct t_leaks before = t_leaks_now();
	const char *why;

	CHECK_EQ(try_attach(memory, 128, 1, &why), -EINVAL);
	CHECK(why && strstr(why, "too small"));
	CHECK_EQ(try_attach(memory, BYTES, 0, &why), -EINVAL);
	CHECK_EQ(try_attach(memory, BYTES, UINT32_MAX, &why), -EINVAL);
	CHECK(!syslet_is_attached());
	CHECK_EQ(GREW(before, contexts), 0);
}

/* A program that scribbles in the header while it is traced spoils its trace alone. */
static void a_spoilt_header_does_no_harm(void)
{
	struct syslet_ring *ring = new_ring(8);
	unsigned i;

	attach_traced(4096, 2);
	memset(memory, 0xff, 128 + 2 * 64);
	for (i = 0; i < 1000; i++)
		CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	CHECK_EQ(detach(), 0);
	for (i = 4096; i < BYTES; i++)
		CHECK_EQ(memory[i], 0);
	free_ring(ring, 8);
}

static volatile int stop_reading;

/* Copies while events are written; what it keeps must be whole. */
static void *read_live(void *unused)
{
	struct syslet_trace_event copy[8];
	uint64_t *checked = unused, written, again, n;

	while (!stop_reading) {
		written = __atomic_load_n(&part(0)->written, __ATOMIC_ACQUIRE);
		for (n = written < 8 ? 0 : written - 8; n < written; n++)
			copy[n & 7] = *event(0, n);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		again = __atomic_load_n(&part(0)->written, __ATOMIC_RELAXED);
		for (n = written < 8 ? 0 : written - 8; n < written; n++) {
			if (n + 8 <= again)
				continue;
			check_whole(&copy[n & 7]);
			__atomic_add_fetch(checked, 1, __ATOMIC_RELAXED);
		}
	}
	return 0;
}

static void a_reader_knows_what_is_whole(void)
{
	struct syslet_ring *ring = new_ring(8);
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(0.3) * 1e9), checked = 0, i;
	pthread_t reader;

	attach_traced(128 + 64 + 8 * 40, 1);
	stop_reading = 0;
	CHECK_EQ(pthread_create(&reader, 0, read_live, &checked), 0);
	for (i = 0; t_now_ns() < end || !__atomic_load_n(&checked, __ATOMIC_RELAXED); i++)
		submit(ring, i, SYS_getpid, 0, 0, 0);
	stop_reading = 1;
	CHECK_EQ(pthread_join(reader, 0), 0);
	CHECK_EQ(detach(), 0);
	printf("   %llu events read while others were written\n", (unsigned long long)checked);
	free_ring(ring, 8);
}

/* Which context and which task; the birth thread keeps its own. */
static void threads_have_names(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	unsigned context, task;
	char name[16], byte;

	attach_traced(BYTES, TASKS);
	prctl(PR_GET_NAME, name);
	CHECK_EQ(strncmp(part(0)->name, name, 16), 0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	prctl(PR_GET_NAME, name);
	CHECK_EQ(sscanf(name, "syslet-%u-%u", &context, &task), 2);
	CHECK_EQ(context, header->context);
	CHECK_EQ(task, 1);
	CHECK_EQ(strncmp(part(1)->name, name, 16), 0);
	write_byte(pipe, 'x');
	reap(ring);
	detach();
	prctl(PR_GET_NAME, name);
	CHECK_EQ(strncmp(part(0)->name, name, 16), 0);
	close_pipe(pipe);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN(a_call_that_does_not_block_writes_two);
	RUN(a_call_that_is_handed_over);
	RUN(a_call_that_is_dispatched);
	RUN(a_waiter_that_is_woken);
	RUN(a_ring_that_cannot_be_written);
	RUN(a_full_part_overwrites_its_oldest);
	RUN(a_task_without_room_is_counted);
	RUN(without_a_trace_nothing_is_written);
	RUN(memory_that_is_too_small_is_refused);
	RUN(a_spoilt_header_does_no_harm);
	RUN(a_reader_knows_what_is_whole);
	RUN(threads_have_names);
	return 0;
}
