/* SPDX-License-Identifier: MIT */
/* For tests through the public C interface on the real host: attach, submit, reap. */
#ifndef SYSLETS_TEST_SYSLET_H
#define SYSLETS_TEST_SYSLET_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <syslets/syslets.h>

#include "t.h"

#define PAGE 4096ul
#define REAP_LIMIT_NS 10000000000ull

/*
 * A user context moves between OS threads; ThreadSanitizer keeps its idea of a
 * thread in TLS, which two OS threads then use at once.
 */
static T_UNUSED void t_needs_moving_contexts(void)
{
	if (T_THREAD_SANITIZER)
		t_skip("user contexts move between OS threads, which ThreadSanitizer cannot follow");
}

/* preadv2 at the file's own position, which musl has not. */
static T_UNUSED long read_without_waiting(int fd, void *into)
{
	struct iovec one = {into, 1};

	return syscall(SYS_preadv2, fd, &one, 1, -1l, -1l, RWF_NOWAIT);
}

static T_UNUSED void *map_pages(size_t pages, int protection)
{
	void *map = mmap(0, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(map != MAP_FAILED);
	return map;
}

static T_UNUSED struct syslet_ring *new_ring(uint32_t elements)
{
	size_t bytes = sizeof(struct syslet_ring) + elements * sizeof(struct syslet_completion);
	struct syslet_ring *ring = map_pages((bytes + PAGE - 1) / PAGE, PROT_READ | PROT_WRITE);

	ring->elements = elements;
	ring->wait_group = (uint32_t)(uintptr_t)ring >> 12;
	return ring;
}

static T_UNUSED void free_ring(struct syslet_ring *ring, uint32_t elements)
{
	size_t bytes = sizeof(struct syslet_ring) + elements * sizeof(struct syslet_completion);

	munmap(ring, (bytes + PAGE - 1) / PAGE * PAGE);
}

/* The base of a page, as v7 programs pass it; the page below is there too. */
static T_UNUSED uint64_t frame_stack(void)
{
	static char *pages;

	if (!pages)
		pages = map_pages(2, PROT_READ | PROT_WRITE);
	return (uint64_t)pages + PAGE;
}

static T_UNUSED enum syslet_watcher wanted_watcher(void)
{
	const char *text = getenv("SYSLETS_TEST_WATCHER");

	return text ? (enum syslet_watcher)atoi(text) : SYSLET_WATCHER_AUTO;
}

static T_UNUSED void attach_with(enum syslet_watcher watcher, enum syslet_overflow overflow, int v7)
{
	enum syslet_policy policy = v7 ? SYSLET_POLICY_V7 : SYSLET_POLICY_DEFAULT;
	struct syslet_attach_options how = {
		.watcher = watcher, .overflow = overflow, .policy = policy};
	struct syslet_attached attached;
	int error = syslet_attach(&how, &attached);

	if (error)
		T_FAIL("attach: %s (%s)", strerror(-error), attached.why ? attached.why : "");
	CHECK(syslet_is_attached());
}

static T_UNUSED void attach(int v7)
{
	attach_with(wanted_watcher(), SYSLET_OVERFLOW_RESERVE, v7);
}

static T_UNUSED void attach_overflow(enum syslet_overflow overflow)
{
	attach_with(wanted_watcher(), overflow, 0);
}

static T_UNUSED int detach(void)
{
	int interrupted = syslet_detach();

	CHECK(interrupted >= 0);
	CHECK(!syslet_is_attached());
	return interrupted;
}

static T_UNUSED union indirect_params params_for(struct syslet_ring *ring, uint64_t data)
{
	return (union indirect_params){
		.syslet = {.ring_ptr = (uint64_t)ring,
			   .caller_data = data,
			   .frame = {syslet_park_ip(), frame_stack()}}};
}

/* A call of up to three arguments; the others are 0. */
static T_UNUSED struct syslet_call_result submit(struct syslet_ring *ring, uint64_t data, long nr,
						 uint64_t a, uint64_t b, uint64_t c)
{
	struct indirect_registers regs = {.NR = (uint64_t)nr, .ARG0 = a, .ARG1 = b, .ARG2 = c};
	union indirect_params params = params_for(ring, data);

	return syslet_indirect(&regs, &params, sizeof(params), 0);
}

/* The next completion of the ring; a ring that stays empty for 10 s is a failure. */
static T_UNUSED struct syslet_completion reap(struct syslet_ring *ring)
{
	uint32_t tail = ring->user_tail;
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;
	struct syslet_completion completion;

	while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == tail) {
		syslet_ring_wait(ring, tail, 100000000);
		if (t_now_ns() > end)
			T_FAIL("no completion within 10 s");
	}
	completion = ring->comp[tail & (ring->elements - 1)];
	__atomic_store_n(&ring->user_tail, tail + 1, __ATOMIC_RELEASE);
	return completion;
}

/* A read of one byte from an empty pipe, which must be handed over. */
static T_UNUSED void submit_blocked_read(struct syslet_ring *ring, uint64_t data, int fd, char *byte)
{
	struct syslet_call_result result =
		submit(ring, data, SYS_read, (uint64_t)fd, (uint64_t)byte, 1);

	if (!result.pending)
		T_FAIL("a read of an empty pipe returned %ld instead of being handed over",
		       result.value);
	CHECK_EQ(result.value, -ESYSLETPENDING);
}

/* A way to make a call; none: the host's. */
typedef long call_function(struct syslet_ring *ring, const struct indirect_registers *regs);

/* The same call by the host, as a syslet, and dispatched: its result or -errno. */
static T_UNUSED long by_host(const struct indirect_registers *regs)
{
	long ret = syscall((long)regs->NR, regs->ARG0, regs->ARG1, regs->ARG2, regs->ARG3, regs->ARG4,
			   regs->ARG5);

	return ret < 0 ? -errno : ret;
}

static T_UNUSED long by_syslet(struct syslet_ring *ring, const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	struct syslet_call_result result = syslet_indirect(regs, &params, sizeof(params), 0);

	return result.pending ? (long)reap(ring).status : result.value;
}

static T_UNUSED long by_dispatch(struct syslet_ring *ring, const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	struct syslet_call_result result = syslet_dispatch(regs, &params, sizeof(params), 0);

	return result.pending ? (long)reap(ring).status : result.value;
}

/* The result of a call, waited for if it is handed over: like syscall(), but -errno. */
static T_UNUSED long call_and_wait(struct syslet_ring *ring, long nr, uint64_t a, uint64_t b,
				   uint64_t c)
{
	struct syslet_call_result result = submit(ring, 0x77, nr, a, b, c);
	struct syslet_completion completion;

	if (!result.pending)
		return result.value;
	completion = reap(ring);
	CHECK_EQ(completion.caller_data, 0x77);
	return (long)completion.status;
}

/* A descriptor pair that a test writes to so that a blocked read ends. */
struct pipe {
	int read_end, write_end;
};

static T_UNUSED struct pipe new_pipe(void)
{
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	return (struct pipe){ends[0], ends[1]};
}

static T_UNUSED void close_pipe(struct pipe pipe)
{
	close(pipe.read_end);
	close(pipe.write_end);
}

static T_UNUSED void write_byte(struct pipe pipe, char byte)
{
	CHECK_EQ(write(pipe.write_end, &byte, 1), 1);
}

static T_UNUSED int os_thread(void)
{
	return (int)syscall(SYS_gettid);
}

/* The first line of a file of the thread. */
static T_UNUSED const char *line_of(pid_t tid, const char *name)
{
	static __thread char line[512];
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	file = fopen(path, "r");
	line[0] = 0;
	if (file && !fgets(line, sizeof(line), file))
		line[0] = 0;
	if (file)
		fclose(file);
	return line;
}

/*
 * A thread that is about to sleep, and finds that it need not, shows the state of one that
 * does: a processor that is taken from it there may leave it so for long. Its `syscall` says
 * "running" then.
 */
static T_UNUSED int thread_is_asleep(pid_t tid)
{
	const char *name_ends = strrchr(line_of(tid, "stat"), ')');

	return name_ends && name_ends[2] == 'S' && strncmp(line_of(tid, "syscall"), "running", 7);
}

static T_UNUSED uint64_t read_clock(clockid_t id)
{
	struct timespec time;

	CHECK_EQ(clock_gettime(id, &time), 0);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct moment {
	uint64_t exact, ticks;
};

static T_UNUSED struct moment this_moment(void)
{
	return (struct moment){read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_MONOTONIC_COARSE)};
}

/*
 * The host counts a socket's limit in ticks. Where its processors are kept off theirs (an emulated
 * machine that is busy) the ticks come late, and then all at once: by the exact clock such a limit
 * may end after a millisecond of its 40, also where no signal comes. The coarse clock goes by the
 * same ticks.
 */
static T_UNUSED uint64_t passed_since(struct moment begun)
{
	struct moment now = this_moment();
	uint64_t exact = now.exact - begun.exact, ticks = now.ticks - begun.ticks;

	return exact > ticks ? exact : ticks;
}

#endif
