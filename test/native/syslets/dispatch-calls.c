/* SPDX-License-Identifier: MIT */
/* Dispatch on the real host: a call that is known to block is given to a task. */
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "dispatch.h"

static void face_attach(uint32_t max_tasks, uint32_t idle_ms)
{
	struct syslet_attach_options how = {
		.watcher = wanted_watcher(), .max_tasks = max_tasks, .idle_ms = idle_ms};
	struct syslet_attached attached;

	CHECK_EQ(syslet_attach(&how, &attached), 0);
}

static struct syslet_call_result face_dispatch(const struct indirect_registers *regs,
					       const union indirect_params *params, uint32_t *slept)
{
	return syslet_dispatch(regs, params, sizeof(*params), slept);
}

static int face_interrupt(struct syslet_ring *of, uint64_t data)
{
	return syslet_interrupt(of, data);
}

static int face_detach(void)
{
	return detach();
}

static void the_context_stays_and_the_task_differs(void)
{
	int born = os_thread();

	face_attach(0, 0);
	must_dispatch(1, SYS_gettid, 0, 0, 0);
	CHECK(must_reap().status != (uint64_t)born);
	CHECK_EQ(os_thread(), born);
	face_detach();
}

/* Two kinds of pending calls in one ring, and none is lost. */
static void hand_offs_and_dispatches_mix(void)
{
	struct pipe pipe = new_pipe();
	static char bytes[64];
	struct t_leaks before = t_leaks_now();
	int round, i;

	face_attach(0, 0);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < 8; i++) {
			must_dispatch(1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&bytes[i], 1);
			submit_blocked_read(ring, 2, pipe.read_end, &bytes[8 + i]);
			must_dispatch(3, SYS_getpid, 0, 0, 0);
		}
		for (i = 0; i < 16; i++)
			write_byte(pipe, 'x');
		for (i = 0; i < 24; i++)
			CHECK(must_reap().status > 0);
	}
	CHECK_EQ(GREW(before, hand_offs), 800);
	CHECK_EQ(GREW(before, dispatches), 1600);
	CHECK_EQ(face_detach(), 0);
	close_pipe(pipe);
}

static void whether_it_slept_is_told(void)
{
	struct timespec some = {0, 3000000};
	struct indirect_registers quick = {.NR = SYS_getpid},
				  slow = {.NR = SYS_nanosleep, .ARG0 = (uint64_t)&some}, read;
	union indirect_params params = params_for(ring, 1);
	struct pipe pipe = new_pipe();
	uint32_t slept;
	char byte;
	int i;

	read = (struct indirect_registers){
		.NR = SYS_read, .ARG0 = (uint64_t)pipe.read_end, .ARG1 = (uint64_t)&byte, .ARG2 = 1};
	face_attach(0, 0);
	for (i = 0; i < 50; i++) {
		slept = 0;
		CHECK_EQ(face_dispatch(&quick, &params, &slept).pending, 1);
		must_reap();
		CHECK_EQ(slept, 1);
		CHECK_EQ(face_dispatch(&slow, &params, &slept).pending, 1);
		must_reap();
		CHECK_EQ(slept, 2);
		slept = 0;
		CHECK_EQ(face_dispatch(&read, &params, &slept).pending, 1);
		CHECK_EQ(slept, 0); /* it is not over, so nothing is told */
		write_byte(pipe, 'x');
		must_reap();
		CHECK(slept == 1 || slept == 2);
	}
	CHECK_EQ(syslet_dispatch(&quick, &params, sizeof(params), (uint32_t *)8).value, -EFAULT);
	face_detach();
	close_pipe(pipe);
}

static void bad_input_is_refused(void)
{
	struct indirect_registers regs = {.NR = SYS_getpid};
	union indirect_params params = params_for(ring, 1);
	const long never[] = {SYS_clone, SYS_exit, SYS_setuid, SYS_prctl, SYS_setpriority, SYS_unshare,
			      SYSLET_NR_INDIRECT};
	unsigned i;

	CHECK_EQ(face_dispatch(&regs, &params, 0).value, -ENOSYS); /* not attached */
	face_attach(0, 0);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		CHECK_EQ(dispatch(1, never[i], 0, 0, 0).value, -EINVAL);
#if defined(__x86_64__)
	CHECK_EQ(dispatch(1, SYS_getpid | 0x40000000, 0, 0, 0).value, -ENOSYS); /* x32 */
#endif
	CHECK_EQ(dispatch(1, SYS_futex, (uint64_t)&i, 6, 0).value, -EINVAL); /* LOCK_PI */
	CHECK_EQ(syslet_dispatch((void *)8, &params, sizeof(params), 0).value, -EFAULT);
	CHECK_EQ(syslet_dispatch(&regs, (void *)8, sizeof(params), 0).value, -EFAULT);
	CHECK_EQ(syslet_dispatch(&regs, &params, 1000, 0).value, -EINVAL);
	CHECK_EQ(syslet_dispatch(&regs, &params, 4, 0).value, -EINVAL);
	params.syslet.frame.ip = syslet_exit_ip();
	CHECK_EQ(face_dispatch(&regs, &params, 0).value, -EINVAL);
	params = params_for((struct syslet_ring *)64, 1);
	CHECK_EQ(face_dispatch(&regs, &params, 0).value, -EFAULT);
	params = params_for((struct syslet_ring *)((char *)ring + 4), 1);
	CHECK(face_dispatch(&regs, &params, 0).value < 0);
	CHECK_EQ(face_detach(), 0);
	CHECK_EQ(syslet_interrupt(ring, 1), 0);
}

/* v7 has no dispatch. */
static void v7_has_none(void)
{
	attach(1);
	CHECK_EQ(dispatch(1, SYS_getpid, 0, 0, 0).value, -ENOSYS);
	detach();
}

/* A ring_wait can be dispatched as it can be hosted in a syslet (row 18). */
static void a_ring_wait_is_hosted(void)
{
	struct syslet_ring *other = new_ring(8);
	struct pipe pipe = new_pipe();
	struct indirect_registers regs = {.NR = SYS_read, .ARG0 = (uint64_t)pipe.read_end};
	union indirect_params params = params_for(other, 5);
	char byte;

	face_attach(0, 0);
	regs.ARG1 = (uint64_t)&byte;
	regs.ARG2 = 1;
	must_dispatch(9, SYSLET_NR_RING_WAIT, (uint64_t)other, 0, 0);
	must_dispatch(8, SYSLET_NR_RING_WAIT, (uint64_t)other, 1, 0);
	CHECK_EQ(must_reap().caller_data, 8);
	CHECK_EQ(face_dispatch(&regs, &params, 0).pending, 1);
	write_byte(pipe, 'x');
	CHECK_EQ(must_reap().caller_data, 9);
	other->user_tail = 1;
	must_dispatch(7, SYSLET_NR_RING_WAIT, (uint64_t)other, 1, 0);
	while (ring->kernel_head == ring->user_tail)
		face_interrupt(ring, 7);
	CHECK_EQ((long)must_reap().status, -EINTR);
	face_detach();
	close_pipe(pipe);
	free_ring(other, 8);
}

#define NOBODY 65534

/* A dispatched call has the credentials that the context has when it is dispatched. */
static void credentials_are_the_contexts(void)
{
	int i;

	if (geteuid())
		SKIP_TEST("only root can drop privileges");
	ring = new_ring(RING);
	face_attach(0, 0);
	for (i = 0; i < 20; i++) /* tasks of root */
		must_dispatch(1, SYS_geteuid, 0, 0, 0);
	for (i = 0; i < 20; i++)
		CHECK_EQ(must_reap().status, 0);
	CHECK_EQ(setgroups(0, 0), 0);
	CHECK_EQ(setresgid(NOBODY, NOBODY, NOBODY), 0);
	CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
	for (i = 0; i < 100; i++)
		must_dispatch(1, i % 2 ? SYS_geteuid : SYS_getegid, 0, 0, 0);
	for (i = 0; i < 100; i++)
		CHECK_EQ(must_reap().status, NOBODY);
	CHECK_EQ(face_detach(), 0);
}

/* The ids change in between, by glibc and by a call of our own: each call has the latest. */
static void credentials_change_in_between(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.0) * 1e9);
	unsigned long rounds = 0;

	if (geteuid())
		SKIP_TEST("only root can change its ids");
	ring = new_ring(RING);
	face_attach(0, 0);
	while (t_now_ns() < end) {
		uid_t wanted = rounds++ % 2 ? 0 : NOBODY;
		int i, number = 1 + (int)t_below(20);

		if (t_below(2))
			CHECK_EQ(setresuid((uid_t)-1, wanted, (uid_t)-1), 0);
		else
			CHECK_EQ(call_and_wait(ring, SYS_setresuid, ~0u, wanted, ~0u), 0);
		for (i = 0; i < number; i++)
			must_dispatch(1, SYS_geteuid, 0, 0, 0);
		for (i = 0; i < number; i++)
			CHECK_EQ(must_reap().status, wanted);
	}
	printf("   %lu changes of ids\n", rounds);
	CHECK_EQ(face_detach(), 0);
}

/* Contexts that do everything at once; each call completes once, in its own ring. */
#define ACTORS 3
#define IN_FLIGHT 48

struct actor {
	pthread_t thread;
	uint64_t seed, calls;
	struct syslet_ring *ring;
	struct pipe pipe;
	unsigned char in_flight[IN_FLIGHT];
};

static uint64_t actor_random(struct actor *actor, uint64_t below)
{
	actor->seed = actor->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (actor->seed >> 33) % below;
}

static unsigned free_number(struct actor *actor)
{
	unsigned i;

	for (i = 0; i < IN_FLIGHT && actor->in_flight[i]; i++)
		;
	return i;
}

static void actor_submits(struct actor *actor, struct timespec *time, char *byte)
{
	unsigned number = free_number(actor);
	union indirect_params params = params_for(actor->ring, number);
	struct indirect_registers regs = {.NR = SYS_nanosleep, .ARG0 = (uint64_t)time};
	struct syslet_call_result result;

	if (number == IN_FLIGHT)
		return;
	if (actor_random(actor, 2))
		regs = (struct indirect_registers){.NR = SYS_read, .ARG1 = (uint64_t)byte, .ARG2 = 1,
						   .ARG0 = (uint64_t)actor->pipe.read_end};
	if (actor_random(actor, 3) || regs.NR == SYS_read)
		result = syslet_dispatch(&regs, &params, sizeof(params), 0);
	else
		result = syslet_indirect(&regs, &params, sizeof(params), 0);
	if (!result.pending && result.value && result.value != -EAGAIN)
		T_FAIL("a call returned %ld", result.value);
	actor->in_flight[number] = (unsigned char)result.pending;
	actor->calls += (uint64_t)result.pending;
}

static void actor_reaps(struct actor *actor)
{
	while (actor->ring->kernel_head != actor->ring->user_tail) {
		struct syslet_completion completion = reap(actor->ring);
		long status = (long)completion.status;

		CHECK(completion.caller_data < IN_FLIGHT);
		CHECK_EQ(actor->in_flight[completion.caller_data], 1);
		CHECK(status == 0 || status == 1 || status == -EINTR);
		actor->in_flight[completion.caller_data] = 0;
	}
}

static void *act(void *data)
{
	struct actor *actor = data;
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(1.5) * 1e9);
	struct timespec time = {0, 200000};
	struct syslet_attach_options how = {
		.watcher = wanted_watcher(), .max_tasks = 24, .idle_ms = 1};
	struct syslet_attached attached;
	char byte = 0;
	unsigned i;

	while (t_now_ns() < end) {
		CHECK_EQ(syslet_attach(&how, &attached), 0);
		for (i = 0; i < 300; i++) {
			actor_submits(actor, &time, &byte);
			if (actor_random(actor, 4) == 0)
				syslet_interrupt(actor->ring, actor_random(actor, IN_FLIGHT));
			if (actor_random(actor, 2) == 0)
				CHECK_EQ(write(actor->pipe.write_end, "x", 1), 1);
			if (actor_random(actor, 10) == 0)
				usleep((useconds_t)actor_random(actor, 3000));
			actor_reaps(actor);
		}
		detach();
		actor_reaps(actor);
		CHECK_EQ(free_number(actor), 0);
		for (i = 0; i < IN_FLIGHT; i++)
			CHECK_EQ(actor->in_flight[i], 0);
	}
	return 0;
}

static void contexts_do_everything_at_once(void)
{
	static struct actor actors[ACTORS];
	struct t_leaks before = t_leaks_now();
	int i;

	for (i = 0; i < ACTORS; i++) {
		actors[i] = (struct actor){.seed = t_random(), .ring = new_ring(64), .pipe = new_pipe()};
		CHECK_EQ(pthread_create(&actors[i].thread, 0, act, &actors[i]), 0);
	}
	for (i = 0; i < ACTORS; i++) {
		pthread_join(actors[i].thread, 0);
		close_pipe(actors[i].pipe);
		free_ring(actors[i].ring, 64);
	}
	printf("   %llu dispatches, %llu hand-offs, %llu interrupted, %llu refused at the cap\n",
	       (unsigned long long)GREW(before, dispatches),
	       (unsigned long long)GREW(before, hand_offs),
	       (unsigned long long)GREW(before, interrupted),
	       (unsigned long long)GREW(before, cap_reached));
	CHECK(GREW(before, dispatches) > 0);
	CHECK(GREW(before, hand_offs) > 0);
}

/* Also if it had not begun: its task was not asked to have anything that it could not have. */
static void an_interrupted_call_costs_no_task(void)
{
	struct timespec hour = {3600, 0};
	struct t_leaks before;
	uint64_t i;

	face_attach(0, 3600000); /* no task is idle for too long, whatever the machine does */
	must_dispatch(0, SYS_getpid, 0, 0, 0);
	must_reap();
	before = t_leaks_now();
	for (i = 0; i < 2000; i++) {
		must_dispatch(i, SYS_nanosleep, (uint64_t)&hour, 0, 0);
		while (face_interrupt(ring, i))
			sched_yield();
		CHECK_EQ(must_reap().status, -EINTR);
	}
	CHECK_EQ(GREW(before, tasks_exited), 0);
	CHECK_EQ(GREW(before, credentials_refused), 0);
	face_detach();
}

/* No thread to be had: refused, and the carrier's own calls go on. */
static void no_thread_to_be_had(void)
{
	struct rlimit one = {1, 1};
	struct t_leaks before;

	if (geteuid())
		SKIP_TEST("only root can become a user with few threads");
	ring = new_ring(RING);
	face_attach(0, 0);
	face_detach();
	CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &one), 0);
	before = t_leaks_now();
	face_attach(0, 0);
	CHECK_EQ(dispatch(1, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	CHECK_EQ(dispatch(1, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	CHECK_EQ(GREW(before, clone_failed), 3); /* the spare's is one of them */
	CHECK_EQ(submit(ring, 1, SYS_getpid, 0, 0, 0).value, getpid());
	CHECK_EQ(face_detach(), 0);
	t_check_leaks(&before);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	RUN_IN_CHILD(credentials_are_the_contexts, 30);
	RUN_IN_CHILD(credentials_change_in_between, 60);
	RUN_IN_CHILD(no_thread_to_be_had, 30);
	run_dispatch_tests();
	ring = new_ring(RING);
	RUN(the_context_stays_and_the_task_differs);
	RUN(hand_offs_and_dispatches_mix);
	RUN(whether_it_slept_is_told);
	RUN(bad_input_is_refused);
	RUN(an_interrupted_call_costs_no_task);
	RUN(v7_has_none);
	RUN(a_ring_wait_is_hosted);
	RUN(contexts_do_everything_at_once);
	free_ring(ring, RING);
	return 0;
}
