/* SPDX-License-Identifier: MIT */
/*
 * Each system call that watcher, pool and host make for themselves fails once, at each
 * place, by turns; after which the process must go on. The linker puts this file between
 * them and the host (--wrap=host_syscall6, --wrap=create_syslet_thread), so that the
 * sources under test know nothing of it. The calls of the program go another way.
 *
 * A first run writes down the places. Then each place fails in a process of its own, the
 * first time that it is reached, and in another one from the third time on for a while.
 * Such a process sleeps most of the time, so that several run at once.
 */
#include <asm/unistd.h>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/resource.h>

#include "syslet.h"

struct task;

long __real_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f);
long __real_create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags);
long __wrap_create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags);

#define PLACES 256
#define LIMIT_SECONDS 30
#define A_WHILE 20
#define AT_ONCE 8

struct place {
	uintptr_t at;
	long nr;
};

struct trial {
	uint32_t place; /* that fails */
	uint32_t after; /* times that it goes well before */
	uint32_t times; /* that it fails then */
	uint32_t met, failed;
};

/* Shared with the processes that try the places. */
static struct {
	struct place place[PLACES];
	uint32_t used;
	uint32_t next; /* place to be tried */
	uint32_t reached; /* places that failed where they were to fail the first time */
	struct trial trial[AT_ONCE];
} * all;

static struct trial *trial; /* of this process; 0: places are written down */

/* What such a call may fail with, that its caller has not brought about itself. 0: it cannot. */
static long error_of(long nr)
{
	switch (nr) {
	case __NR_perf_event_open:
	case __NR_openat:
	case __NR_eventfd2:
		return -EMFILE;
	case __NR_mmap:
	case __NR_mprotect:
	case __NR_madvise:
	case __NR_munmap:
	case __NR_membarrier:
	case __NR_ioctl:
	case __NR_capget:
	case __NR_prctl:
		return -ENOMEM;
	case __NR_clone:
	case __NR_tgkill:
	case __NR_setresuid:
	case __NR_setresgid:
	case __NR_setgroups:
		return -EAGAIN;
	case __NR_capset:
	case __NR_sched_setattr:
	case __NR_sched_getattr:
	case __NR_sched_setaffinity:
	case __NR_sched_getaffinity:
		return -EPERM;
	case __NR_pread64:
	case __NR_read:
		return -EIO;
	case __NR_ppoll:
	case __NR_nanosleep:
	case __NR_clock_gettime:
	case __NR_getrusage:
	case __NR_set_robust_list:
	case __NR_get_robust_list:
		return -EINVAL;
	default:
		return 0; /* futex wakes, getpid, masks of signals: they need nothing */
	}
}

static uint32_t find_place(uintptr_t at, long nr)
{
	uint32_t i, used = __atomic_load_n(&all->used, __ATOMIC_ACQUIRE);

	for (i = 0; i < used && i < PLACES; i++)
		if (all->place[i].at == at && all->place[i].nr == nr)
			return i;
	return PLACES;
}

/* Two threads may write the same place down twice: it is tried twice. */
static void write_down(uintptr_t at, long nr)
{
	uint32_t i;

	if (find_place(at, nr) < PLACES)
		return;
	i = __atomic_fetch_add(&all->used, 1, __ATOMIC_ACQ_REL);
	if (i < PLACES)
		all->place[i] = (struct place){at, nr};
}

/* 1 if the call at this place is to fail now. No TLS here, and no libc. */
static int fails(uintptr_t at, long nr)
{
	uint32_t met;

	if (!all || !error_of(nr))
		return 0;
	if (!trial) {
		write_down(at, nr);
		return 0;
	}
	if (all->place[trial->place].at != at || all->place[trial->place].nr != nr)
		return 0;
	met = __atomic_fetch_add(&trial->met, 1, __ATOMIC_RELAXED);
	if (met < trial->after || met >= trial->after + trial->times)
		return 0;
	__atomic_fetch_add(&trial->failed, 1, __ATOMIC_RELAXED);
	return 1;
}

long __wrap_host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	if (fails((uintptr_t)__builtin_return_address(0), nr)) {
		if (nr == __NR_clock_gettime || nr == __NR_munmap)
			__real_host_syscall6(nr, a, b, c, d, e, f); /* what is freed is freed */
		return error_of(nr);
	}
	return __real_host_syscall6(nr, a, b, c, d, e, f);
}

long __wrap_create_syslet_thread(long (*fn)(struct task *), struct task *task, unsigned long flags)
{
	if (fails((uintptr_t)__builtin_return_address(0), __NR_clone))
		return error_of(__NR_clone);
	return __real_create_syslet_thread(fn, task, flags);
}

static struct syslet_ring *ring;

static void reads_in_a_row(int number)
{
	struct pipe pipe = new_pipe();
	static char bytes[8];
	int i;

	for (i = 0; i < number; i++)
		submit_blocked_read(ring, (uint64_t)i, pipe.read_end, &bytes[i]);
	for (i = 0; i < number; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < number; i++)
		CHECK_EQ(reap(ring).status, 1);
	close_pipe(pipe);
}

/* A dispatch may find no task: then it says so, and the same call is made inline. */
static void dispatched(void)
{
	struct pipe pipe = new_pipe();
	char byte;
	struct indirect_registers regs = {.NR = SYS_read, .ARG0 = (uint64_t)pipe.read_end,
					  .ARG1 = (uint64_t)&byte, .ARG2 = 1};
	union indirect_params params = params_for(ring, 5);
	uint32_t slept = 0;
	struct syslet_call_result result =
		syslet_dispatch(&regs, &params, sizeof(params), &slept);

	if (!result.pending) {
		CHECK_EQ(result.value, -EAGAIN);
		submit_blocked_read(ring, 6, pipe.read_end, &byte);
	}
	write_byte(pipe, 'x');
	CHECK_EQ(reap(ring).status, 1);
	close_pipe(pipe);
}

/* The reclaim of events, the alarm, the parked watcher. */
static void rest(long ms)
{
	while (ms > 0) {
		t_sleep_ms(10);
		ms -= 10;
	}
}

static void *change_ids(void *unused)
{
	(void)unused;
	if (!geteuid()) {
		CHECK_EQ(seteuid(65534), 0);
		CHECK_EQ(seteuid(0), 0);
	}
	return 0;
}

static void change_ids_elsewhere(void)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, 0, change_ids, 0), 0);
	CHECK_EQ(pthread_join(thread, 0), 0);
}

static void interrupted_one(void)
{
	struct pipe pipe = new_pipe();
	char byte;

	submit_blocked_read(ring, 9, pipe.read_end, &byte);
	while (ring->kernel_head == ring->user_tail) {
		syslet_interrupt(ring, 9);
		t_sleep_ms(1);
	}
	CHECK_EQ(reap(ring).status, -EINTR);
	close_pipe(pipe);
}

static enum syslet_watcher watcher;

/* What a program does. Only attach may say that it cannot. */
static void live(void)
{
	struct syslet_attach_options how = {.watcher = watcher, .idle_ms = 50};
	struct syslet_attached attached;
	int nice_before = getpriority(PRIO_PROCESS, 0), tries;

	ring = new_ring(32);
	for (tries = 0; syslet_attach(&how, &attached); tries++) {
		CHECK(attached.why != 0);
		CHECK(tries < A_WHILE);
	}
	reads_in_a_row(6);
	rest(150);
	reads_in_a_row(2);
	dispatched();
	CHECK_EQ(submit(ring, 7, SYS_setresuid, -1ul, -1ul, -1ul).value, 0); /* is recorded */
	change_ids_elsewhere();
	reads_in_a_row(2);
	setpriority(PRIO_PROCESS, 0, nice_before + 1);
	reads_in_a_row(2);
	interrupted_one();
	dispatched();
	CHECK(detach() >= 0);
	free_ring(ring, 32);
}

static const char *name_of(uintptr_t at)
{
	Dl_info info;

	return dladdr((void *)at, &info) && info.dli_sname ? info.dli_sname : "?";
}

static void try_place(uint32_t i, uint32_t after, uint32_t times)
{
	const struct place *place = &all->place[i];
	int status;

	*trial = (struct trial){.place = i, .after = after, .times = times};
	if (getenv("SYSLETS_TEST_VERBOSE"))
		printf("%u: call %ld at %p, from time %u on, %u times\n", i, place->nr,
		       (void *)place->at, after + 1, times);
	status = t_in_child(live, LIMIT_SECONDS);
	if (status)
		T_FAIL("call %ld at %p (%s), which fails from its time %u on, %u times: status %d",
		       place->nr, (void *)place->at, name_of(place->at), after + 1, times, status);
}

/* Tries places that no other has begun with, until there are no more. */
static void try_places(struct trial *own)
{
	uint32_t i;

	trial = own;
	while ((i = __atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED)) < all->used) {
		try_place(i, 0, 1);
		if (trial->failed)
			__atomic_fetch_add(&all->reached, 1, __ATOMIC_RELAXED);
		try_place(i, 2, A_WHILE);
	}
}

static void try_all_places(void)
{
	int i, status, failed = 0;

	fflush(stdout);
	for (i = 0; i < AT_ONCE; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			try_places(&all->trial[i]);
			fflush(stdout);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK_EQ(failed, 0);
}

static void by_turns(const char *name, enum syslet_watcher kind)
{
	char text[64];

	snprintf(text, sizeof(text), "faults_by_turns, watcher %s", name);
	t_name = text;
	watcher = kind;
	all->used = all->next = all->reached = 0;
	CHECK_EQ(t_in_child(live, LIMIT_SECONDS), 0);
	CHECK(all->used < PLACES);
	try_all_places();
	printf("ok %s: %u places, %u of them reached again\n", text, all->used, all->reached);
	fflush(stdout);
	CHECK(all->used > 20);
	CHECK(all->reached > all->used / 2);
}

int main(void)
{
	t_needs_moving_contexts();
	all = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(all != MAP_FAILED);
	syslet_library_init();
	frame_stack();
	by_turns("auto", SYSLET_WATCHER_AUTO);
	if (!T_ADDRESS_SANITIZER) /* which is slow, and has seen what both have in common */
		by_turns("sampler", SYSLET_WATCHER_SAMPLER);
	return 0;
}
