/* SPDX-License-Identifier: MIT */
/* A call that blocks goes on on another OS thread; a call that does not comes back at once. */
#include "syslet.h"

static void a_getpid_probe_comes_back_at_once(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct syslet_call_result result;
	int v7;

	for (v7 = 0; v7 < 2; v7++) {
		attach(v7);
		for (;;) { /* again if it is handed over, as it gets no processor for long */
			result = submit(ring, 1, SYS_getpid, 0, 0, 0);
			if (!result.pending)
				break;
			CHECK_EQ(reap(ring).status, getpid());
		}
		CHECK_EQ(result.value, getpid());
		CHECK_EQ(ring->kernel_head, ring->user_tail);
		CHECK_EQ(detach(), 0);
	}
	free_ring(ring, 8);
}

static void a_blocked_read_goes_on_elsewhere(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct syslet_completion completion;
	char byte = 0;
	int born, carried;

	born = os_thread();
	attach(0);
	submit_blocked_read(ring, 42, pipe.read_end, &byte);
	carried = os_thread();
	CHECK(carried != born);
	CHECK_EQ(ring->kernel_head, 0);
	write_byte(pipe, 'x');
	completion = reap(ring);
	CHECK_EQ(completion.status, 1);
	CHECK_EQ(completion.caller_data, 42);
	CHECK_EQ(byte, 'x');
	CHECK_EQ(detach(), 0);
	CHECK_EQ(os_thread(), born);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* "The same test body on the real system call first, then on ours." */
typedef long call3(long nr, uint64_t a, uint64_t b, uint64_t c);

static struct syslet_ring *body_ring;

static long real_call(long nr, uint64_t a, uint64_t b, uint64_t c)
{
	long value = syscall(nr, a, b, c, 0, 0, 0);

	return value < 0 ? -errno : value;
}

static long our_call(long nr, uint64_t a, uint64_t b, uint64_t c)
{
	return call_and_wait(body_ring, nr, a, b, c);
}

static void file_body(call3 *call)
{
	char path[] = "/tmp/syslets-test-XXXXXX", back[8] = "";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	CHECK_EQ(call(SYS_write, (uint64_t)fd, (uint64_t)"content", 7), 7);
	CHECK_EQ(call(SYS_lseek, (uint64_t)fd, 0, SEEK_SET), 0);
	CHECK_EQ(call(SYS_read, (uint64_t)fd, (uint64_t)back, 7), 7);
	CHECK_EQ(memcmp(back, "content", 7), 0);
	CHECK_EQ(call(SYS_lseek, (uint64_t)fd, 5000000000, SEEK_SET), 5000000000);
	CHECK_EQ(call(SYS_fsync, (uint64_t)fd, 0, 0), 0);
	CHECK_EQ(call(SYS_unlinkat, (uint64_t)AT_FDCWD, (uint64_t)path, 0), 0);
	CHECK_EQ(call(SYS_unlinkat, (uint64_t)AT_FDCWD, (uint64_t)path, 0), -ENOENT);
	CHECK_EQ(call(SYS_close, (uint64_t)fd, 0, 0), 0);
	CHECK_EQ(call(SYS_read, (uint64_t)-1, 0, 0), -EBADF);
	CHECK_EQ(call(1000, 0, 0, 0), -ENOSYS);
}

static void time_body(call3 *call)
{
	struct timespec some = {0, 3000000};
	uint64_t begun = t_now_ns();

	CHECK_EQ(call(SYS_nanosleep, (uint64_t)&some, 0, 0), 0);
	CHECK(t_now_ns() - begun >= 3000000);
	CHECK_EQ(call(SYS_ppoll, 0, 0, (uint64_t)&some), 0);
}

static void in_both(void (*body)(call3 *))
{
	body(real_call);
	body_ring = new_ring(8);
	attach(0);
	body(our_call);
	detach();
	free_ring(body_ring, 8);
}

static void files_behave_alike(void)
{
	in_both(file_body);
}

static void times_behave_alike(void)
{
	in_both(time_body);
}

/* Many pending at once; each completes exactly once, with its own data. */
#define MANY 200

static void many_are_pending_at_once(void)
{
	struct syslet_ring *ring = new_ring(256);
	struct pipe pipe = new_pipe();
	static char bytes[MANY];
	static unsigned seen[MANY];
	uint64_t i;

	memset(seen, 0, sizeof(seen));
	attach(0);
	for (i = 0; i < MANY; i++)
		submit_blocked_read(ring, i, pipe.read_end, &bytes[i]);
	for (i = 0; i < MANY; i++)
		write_byte(pipe, 'y');
	for (i = 0; i < MANY; i++) {
		struct syslet_completion completion = reap(ring);

		CHECK_EQ(completion.status, 1);
		CHECK(completion.caller_data < MANY);
		CHECK_EQ(seen[completion.caller_data]++, 0);
	}
	CHECK_EQ(detach(), 0);
	close_pipe(pipe);
	free_ring(ring, 256);
}

/*
 * Once the pool is warm a hand-off creates no thread and opens no event. On a busy
 * machine an original may be slow to park, which is a new peak of tasks in use. A task
 * opens two events: one at its birth, and the alarm when it first carries. The watcher
 * closes both of a call that was blocked for 100 ms, and of a carrier that was woken 16
 * times without a call, or not for 40 ms (watch_reclaim, watch_park). A busy machine can
 * do that to any hand-off; 200 of them take 10 ms where nothing else runs.
 */
#define NEW_PEAKS 4
#define TASK_EVENTS 2
#define CLOSED_AFTER_NS 10000000u

static void a_steady_state_creates_nothing(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct t_leaks before;
	uint64_t begun = 0, closed;
	char byte;
	int i;

	attach(0);
	for (i = 0; i < 300; i++) {
		if (i == 100) {
			before = t_leaks_now();
			begun = t_now_ns();
		}
		submit_blocked_read(ring, 1, pipe.read_end, &byte);
		write_byte(pipe, 'z');
		CHECK_EQ(reap(ring).status, 1);
	}
	CHECK_EQ(GREW(before, hand_offs), 200);
	CHECK(GREW(before, tasks_created) <= NEW_PEAKS);
	closed = (t_now_ns() - begun) / CLOSED_AFTER_NS;
	CHECK(GREW(before, perf_opened) <= TASK_EVENTS * (NEW_PEAKS + closed));
	detach();
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* Sum over the threads of this process but one. */
static long voluntary_switches_without(int tid)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	long sum = 0, one;

	CHECK(dir != 0);
	while ((entry = readdir(dir)) != 0) {
		char path[300], line[100];
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == tid || !(file = fopen(path, "r")))
			continue;
		while (fgets(line, sizeof(line), file))
			if (sscanf(line, "voluntary_ctxt_switches: %ld", &one) == 1)
				sum += one;
		fclose(file);
	}
	closedir(dir);
	return sum;
}

/*
 * A program that sleeps again and again, and between two sleeps makes a call that does not block. An
 * alarm at each switch would wake the watcher twice for each sleep, and looks each 100 us more often
 * still. On a busy machine the sleeps are longer, and the wakes are fewer.
 */
#define PACED_NS 1000000000u
#define WAKES_AT_FIRST 500 /* until the looks have become rare; then there are 500 a second */

static void where_no_call_blocks(long sleep_ns)
{
	const struct timespec time = {0, sleep_ns};
	struct syslet_ring *ring;
	struct pipe pipe;
	uint64_t begun, ms;
	int perf_errno;
	const char *why;
	long before, wakes;
	int carrier, moved;
	char byte;

	attach(0);
	if (syslet_current_watcher(&why, &perf_errno) != SYSLET_WATCHER_PERF) {
		detach();
		SKIP_TEST(why);
	}
	ring = new_ring(8);
	pipe = new_pipe();
	CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	carrier = os_thread();
	before = voluntary_switches_without(carrier);
	begun = t_now_ns();
	while (t_now_ns() - begun < PACED_NS) {
		nanosleep(&time, 0); /* by the C library: outside of calls */
		CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	}
	ms = (t_now_ns() - begun) / 1000000;
	wakes = voluntary_switches_without(carrier) - before;
	moved = os_thread() != carrier; /* by a page fault: then they are not those of watchers alone */
	CHECK(moved || wakes < (long)(WAKES_AT_FIRST + ms));
	submit_blocked_read(ring, 1, pipe.read_end, &byte); /* and it still sees a block */
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	CHECK_EQ(detach(), 0);
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void where_no_call_blocks_the_watcher_seldom_wakes(void)
{
	where_no_call_blocks(300000);
	where_no_call_blocks(1000000);
}

/* Detach interrupts what is pending, waits for it and counts it (row 6: as -EINTR). */
static void detach_interrupts_and_waits(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach(0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	submit_blocked_read(ring, 2, pipe.read_end, &byte);
	submit_blocked_read(ring, 3, pipe.read_end, &byte);
	CHECK_EQ(detach(), 3);
	CHECK_EQ(ring->kernel_head, 3);
	CHECK_EQ((long)ring->comp[0].status, -EINTR);
	CHECK_EQ((long)ring->comp[1].status, -EINTR);
	CHECK_EQ((long)ring->comp[2].status, -EINTR);
	close_pipe(pipe);
	free_ring(ring, 8);
}

static void attach_refuses_a_second_time(void)
{
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;

	attach(0);
	CHECK_EQ(syslet_attach(&how, &attached), -EBUSY);
	CHECK(attached.why != 0);
	detach();
	CHECK_EQ(syslet_detach(), -EINVAL);
	CHECK_EQ(syslet_ring_wait(0, 0, 0), -EFAULT); /* any thread may wait for a ring */
	CHECK_EQ(syslet_indirect(0, 0, 0, 0).value, -ENOSYS);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	RUN(a_getpid_probe_comes_back_at_once);
	RUN(a_blocked_read_goes_on_elsewhere);
	RUN(files_behave_alike);
	RUN(times_behave_alike);
	RUN(many_are_pending_at_once);
	RUN(a_steady_state_creates_nothing);
	RUN(where_no_call_blocks_the_watcher_seldom_wakes);
	RUN(detach_interrupts_and_waits);
	RUN(attach_refuses_a_second_time);
	return 0;
}
