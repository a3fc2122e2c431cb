/* SPDX-License-Identifier: MIT */
/*
 * No task runs user code with other credentials than its context has (row 8): ids,
 * groups and capabilities of whoever runs user code, before and after a drop to
 * nobody, and while setuid races with contexts in constant motion.
 */
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>

#include "long-setuid.h"

/* What an OS thread is allowed; read without libc, so that a frame's function can. */
struct identity {
	uint32_t uid[3], gid[3], effective[2], permitted[2];
	long groups;
};

static void read_identity(struct identity *id)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	uint32_t groups[64];

	raw_call(SYS_getresuid, (long)&id->uid[0], (long)&id->uid[1], (long)&id->uid[2]);
	raw_call(SYS_getresgid, (long)&id->gid[0], (long)&id->gid[1], (long)&id->gid[2]);
	raw_call(SYS_capget, (long)&header, (long)data, 0);
	id->groups = raw_call(SYS_getgroups, 64, (long)groups, 0);
	id->effective[0] = data[0].effective;
	id->effective[1] = data[1].effective;
	id->permitted[0] = data[0].permitted;
	id->permitted[1] = data[1].permitted;
}

static int is_nobody(const struct identity *id)
{
	int i, ids = 1;

	for (i = 0; i < 3; i++)
		ids &= id->uid[i] == NOBODY && id->gid[i] == NOBODY;
	return ids && id->groups == 0 && !(id->effective[0] | id->effective[1]) &&
	       !(id->permitted[0] | id->permitted[1]);
}

static void check_is_nobody(const char *who)
{
	struct identity id;

	read_identity(&id);
	if (!is_nobody(&id))
		T_FAIL("%s has uid %u %u %u, gid %u, %ld groups, capabilities 0x%x", who, id.uid[0],
		       id.uid[1], id.uid[2], id.gid[0], id.groups, id.effective[0]);
}

static void drop_to_nobody(void)
{
	CHECK_EQ(setgroups(0, 0), 0);
	CHECK_EQ(setresgid(NOBODY, NOBODY, NOBODY), 0);
	CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

/* What the frame's function saw on the original thread. */
static struct identity in_frame;
static volatile uint32_t frames_run, frames_wrong;
static int (*frame_check)(void);

__attribute__((used)) static void identity_frame(void)
{
	if (frame_check)
		__atomic_add_fetch(&frames_wrong, frame_check() != 0, __ATOMIC_RELAXED);
	else
		read_identity(&in_frame);
	__atomic_add_fetch(&frames_run, 1, __ATOMIC_RELEASE);
}

FRAME_FUNCTION(frame_reads_identity, identity_frame);

/* A stack of its own for every call that may be in flight. */
#define STACKS 1024u

static uint64_t stack_of_call(void)
{
	static char *pages;
	static uint32_t next;
	uint32_t number = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % STACKS;

	if (!pages)
		pages = map_pages(STACKS * 2, PROT_READ | PROT_WRITE);
	return (uint64_t)pages + (number + 1) * 2 * PAGE;
}

static struct syslet_call_result submit_with_frame(struct syslet_ring *ring, long nr, uint64_t a,
						   uint64_t b, uint64_t c)
{
	struct indirect_registers regs = {.NR = (uint64_t)nr, .ARG0 = a, .ARG1 = b, .ARG2 = c};
	union indirect_params params = params_for(ring, 1);

	params.syslet.frame.ip = (uint64_t)frame_reads_identity;
	params.syslet.frame.sp = stack_of_call();
	return syslet_indirect(&regs, &params, sizeof(params), 0);
}

enum dropper { BY_LIBC, BY_SYSLETS };

/* setuid and the like as syslets: they change the context that makes them. */
static void drop_by_syslets(struct syslet_ring *ring)
{
	CHECK_EQ(submit(ring, 0, SYS_setgroups, 0, 0, 0).value, 0);
	CHECK_EQ(submit(ring, 0, SYS_setresgid, NOBODY, NOBODY, NOBODY).value, 0);
	CHECK_EQ(submit(ring, 0, SYS_setresuid, NOBODY, NOBODY, NOBODY).value, 0);
}

/* The carrier drops while its birth thread is in a call, and other tasks wait. */
static void drop_while_a_call_is_pending(enum dropper dropper)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	struct timespec some = {0, 2000000};
	int born = os_thread(), i;
	char byte[2];

	attach(0);
	/* some tasks with the old credentials are in the pool */
	for (i = 0; i < 3; i++)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
	while (os_thread() == born)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
	CHECK_EQ(submit_with_frame(ring, SYS_read, (uint64_t)pipe.read_end, (uint64_t)byte, 1)
			 .pending,
		 1);
	if (dropper == BY_LIBC)
		drop_to_nobody();
	else
		drop_by_syslets(ring);
	check_is_nobody("the carrier");
	for (i = 0; i < 5; i++) {
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
		check_is_nobody("the carrier after a hand-off");
	}
	write_byte(pipe, 'x');
	reap(ring);
	while (!__atomic_load_n(&frames_run, __ATOMIC_ACQUIRE)) /* it is called behind the completion */
		t_sleep_ms(1);
	if (!is_nobody(&in_frame))
		T_FAIL("a frame's function ran with uid %u, capabilities 0x%x", in_frame.uid[1],
		       in_frame.effective[0]);
	CHECK_EQ(frames_run, 1);
	CHECK_EQ(syslet_detach(), 0);
	CHECK_EQ(os_thread(), born);
	check_is_nobody("the birth thread at home");
}

static void by_libc(void)
{
	drop_while_a_call_is_pending(BY_LIBC);
}

static void by_syslets(void)
{
	drop_while_a_call_is_pending(BY_SYSLETS);
}

/* Capabilities alone, by a call that libc does not broadcast. */
static void capabilities_dropped_in_between(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
	struct syslet_ring *ring = new_ring(8);
	struct timespec some = {0, 2000000};
	struct identity id;
	int i;

	attach(0);
	for (i = 0; i < 3; i++)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
	CHECK_EQ(syscall(SYS_capset, &header, none), 0);
	for (i = 0; i < 5; i++) {
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
		read_identity(&id);
		CHECK_EQ(id.effective[0] | id.permitted[0], 0);
	}
	CHECK_EQ(syslet_detach(), 0);
	read_identity(&id);
	CHECK_EQ(id.effective[0] | id.permitted[0], 0);
}

static uint32_t effective_id_of(int tid)
{
	char path[64], line[256];
	unsigned real, effective = ~0u;
	FILE *file;

	sprintf(path, "/proc/self/task/%d/status", tid);
	file = fopen(path, "r");
	CHECK(file != 0);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Uid: %u %u", &real, &effective) == 2)
			break;
	fclose(file);
	return effective;
}

/* An idle task has the capabilities of a carrier before, and follows the process all the same. */
static void who_has_no_capabilities_follows(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct own[2], less[2];
	struct syslet_ring *ring = new_ring(8);
	struct timespec some = {0, 2000000};
	int born = os_thread();
	struct t_leaks before;

	if (!T_GLIBC)
		SKIP_TEST("musl ends a process of which one thread alone may not change its ids");
	attach(0);
	CHECK_EQ(syscall(SYS_capget, &header, own), 0);
	memcpy(less, own, sizeof(less));
	less[0].effective = less[1].effective = 0;
	CHECK_EQ(syscall(SYS_capset, &header, less), 0);
	while (os_thread() == born)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
	CHECK_EQ(syscall(SYS_capset, &header, own), 0);
	before = t_leaks_now();
	CHECK_EQ(seteuid(NOBODY), 0);
	CHECK_EQ(GREW(before, credentials_refused), 0);
	CHECK_EQ(effective_id_of(born), NOBODY);
	CHECK_EQ(seteuid(0), 0);
	CHECK_EQ(effective_id_of(born), 0);
	CHECK_EQ(syslet_detach(), 0);
}

/* Row 8 under v7: "syslet, setuid, syslet": the child that takes over is still root. */
static void row_08_v7_keeps_stale_credentials(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach(1);
	CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	t_sleep_ms(5); /* the child waits, with root's credentials */
	drop_to_nobody();
	check_is_nobody("the carrier");
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	CHECK_EQ(raw_call(SYS_geteuid, 0, 0, 0), 0);
}

static void row_08_the_default_does_not(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	attach(0);
	CHECK_EQ(call_and_wait(ring, SYS_getpid, 0, 0, 0), getpid());
	t_sleep_ms(5);
	drop_to_nobody();
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	check_is_nobody("the child that took over");
}

/*
 * The race. A thread that is not attached changes the effective id of the process,
 * there and back; contexts that move all the time look at theirs. Once setresuid has
 * returned, no user code may see the old id.
 */
#define MOVERS 3

static volatile uint32_t published; /* number of the change << 1; odd: one is going on */
static volatile uint32_t stop_movers, wrong, checks, moves;

static uint32_t expected_id(uint32_t number)
{
	return number & 2 ? NOBODY : 0;
}

/* 1 if this thread has an id that the process has no more. */
static int has_wrong_id(void)
{
	uint32_t before = __atomic_load_n(&published, __ATOMIC_SEQ_CST);
	uint32_t id = (uint32_t)raw_call(SYS_geteuid, 0, 0, 0);
	uint32_t after = __atomic_load_n(&published, __ATOMIC_SEQ_CST);

	if (before != after || before & 1)
		return 0;
	__atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);
	return id != expected_id(before);
}

static void move_and_look(struct syslet_ring *ring)
{
	struct timespec some = {0, 3000};
	struct syslet_call_result result =
		submit_with_frame(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);

	if (has_wrong_id())
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&moves, result.pending != 0, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->user_tail, __atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
}

static void *mover(void *unused)
{
	struct syslet_ring *ring = new_ring(64);

	(void)unused;
	attach(0);
	while (!stop_movers)
		move_and_look(ring);
	CHECK(syslet_detach() >= 0);
	if (has_wrong_id())
		wrong++;
	free_ring(ring, 64);
	return 0;
}

static void setuid_races_with_hand_offs(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(8) * 1e9);
	struct t_leaks before = t_leaks_now();
	pthread_t threads[MOVERS];
	uint32_t rounds, number = 0;
	int i;

	frame_check = has_wrong_id;
	for (i = 0; i < MOVERS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, mover, 0), 0);
	t_sleep_ms(20);
	for (rounds = 0; (rounds < 1000 && t_now_ns() < end) || rounds <= 50 || moves <= 50;
	     rounds++) {
		__atomic_store_n(&published, number | 1, __ATOMIC_SEQ_CST);
		number += 2;
		CHECK_EQ(setresuid((uid_t)-1, expected_id(number), (uid_t)-1), 0);
		__atomic_store_n(&published, number, __ATOMIC_SEQ_CST);
		if (t_below(2))
			t_sleep_ms(1);
	}
	stop_movers = 1;
	for (i = 0; i < MOVERS; i++)
		CHECK_EQ(pthread_join(threads[i], 0), 0);
	printf("   %u rounds, %u hand-offs, %u checks, %u wrong, %u of %u frames wrong, "
	       "%llu adopted, %llu refused\n",
	       rounds, moves, checks, wrong, frames_wrong, frames_run,
	       (unsigned long long)GREW(before, credentials_adopted),
	       (unsigned long long)GREW(before, credentials_refused));
	CHECK_EQ(wrong, 0);
	CHECK_EQ(frames_wrong, 0);
}

/* The same from an attached thread: libc does not signal the caller. */
static void a_context_in_motion_changes_its_own(void)
{
	uint64_t end = t_now_ns() + (uint64_t)(t_seconds(5) * 1e9);
	struct syslet_ring *ring = new_ring(64);
	pthread_t threads[MOVERS];
	uint32_t rounds, number = 0;
	int i;

	frame_check = has_wrong_id;
	for (i = 0; i < MOVERS; i++)
		CHECK_EQ(pthread_create(&threads[i], 0, mover, 0), 0);
	attach(0);
	for (rounds = 0; (rounds < 500 && t_now_ns() < end) || rounds <= 20; rounds++) {
		move_and_look(ring);
		__atomic_store_n(&published, number | 1, __ATOMIC_SEQ_CST);
		number += 2;
		CHECK_EQ(setresuid((uid_t)-1, expected_id(number), (uid_t)-1), 0);
		__atomic_store_n(&published, number, __ATOMIC_SEQ_CST);
		for (i = 0; i < 3; i++)
			move_and_look(ring);
	}
	stop_movers = 1;
	for (i = 0; i < MOVERS; i++)
		CHECK_EQ(pthread_join(threads[i], 0), 0);
	CHECK(syslet_detach() >= 0);
	CHECK_EQ(has_wrong_id(), 0);
	printf("   %u rounds, %u hand-offs, %u checks, %u wrong, %u of %u frames wrong\n", rounds,
	       moves, checks, wrong, frames_wrong, frames_run);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(frames_wrong, 0);
}

/* A call that is dispatched in between waits, and is not refused. */
static void a_dispatched_call_waits_for_a_long_setuid(void)
{
	struct t_leaks before = t_leaks_now();
	struct syslet_ring *ring = new_ring(8);

	if (!T_GLIBC)
		SKIP_TEST("musl holds all threads until each can change, so that none has new ids early");
	attach(0);
	begin_long_setuid();
	CHECK_EQ(dispatch_geteuid(ring).value, -ESYSLETPENDING);
	t_sleep_ms(LONG_SETUID_MS);
	CHECK_EQ(ring->kernel_head, 0);
	end_long_setuid();
	CHECK_EQ(reap(ring).status, NOBODY);
	CHECK_EQ(GREW(before, credentials_refused), 0);
	join_threads();
	CHECK_EQ(syslet_detach(), 0);
}

#define SHORTER_SETUID_MS 50 /* longer than one look at the credentials, far from FRAME_TRIES */

/* The completion is there at once; the frame's function runs when its thread has the new ids. */
static void a_frame_waits_for_a_setuid(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	char byte;

	if (!T_GLIBC)
		SKIP_TEST("musl holds all threads until each can change, so that none has new ids early");
	attach(0);
	CHECK_EQ(submit_with_frame(ring, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1)
			 .pending,
		 1);
	begin_long_setuid();
	write_byte(pipe, 'x');
	while (!__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE))
		t_sleep_ms(1);
	t_sleep_ms(SHORTER_SETUID_MS);
	CHECK_EQ(frames_run, 0);
	end_long_setuid();
	join_threads();
	CHECK_EQ(syslet_detach(), 0); /* waits for the frame */
	CHECK_EQ(frames_run, 1);
	CHECK_EQ(in_frame.uid[1], NOBODY);
}

#define GROUP_OF_ITS_OWN 1234

static volatile int may_begin;

static void *change_with_a_group_of_its_own(void *unused)
{
	while (!may_begin)
		usleep(100);
	CHECK_EQ(raw_call(SYS_setresgid, -1, GROUP_OF_ITS_OWN, -1), 0);
	CHECK_EQ(seteuid(0), 0);
	return unused;
}

/* Who changes the process's ids has others itself, that a raw call has given to it alone. */
static void what_a_thread_has_alone_is_not_the_processs(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec some = {0, 2000000};
	pthread_t other;
	int i;

	if (!T_GLIBC)
		SKIP_TEST("under musl the thread that calls setuid is the one that tells its ids");
	CHECK_EQ(pthread_create(&other, 0, change_with_a_group_of_its_own, 0), 0);
	attach(0);
	may_begin = 1;
	pthread_join(other, 0);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(call_and_wait(ring, SYS_getegid, 0, 0, 0), 0);
		CHECK_EQ(call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0), 0);
	}
	detach();
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	if (geteuid())
		t_skip("only root can drop to nobody");
	t_seed();
	syslet_library_init();
	frame_stack();
	stack_of_call();
	RUN_IN_CHILD(row_08_v7_keeps_stale_credentials, 20);
	RUN_IN_CHILD(row_08_the_default_does_not, 20);
	RUN_IN_CHILD(by_libc, 20);
	RUN_IN_CHILD(by_syslets, 20);
	RUN_IN_CHILD(capabilities_dropped_in_between, 20);
	RUN_IN_CHILD(who_has_no_capabilities_follows, 20);
	RUN_IN_CHILD(a_dispatched_call_waits_for_a_long_setuid, 20);
	RUN_IN_CHILD(a_frame_waits_for_a_setuid, 20);
	RUN_IN_CHILD(what_a_thread_has_alone_is_not_the_processs, 20);
	RUN_IN_CHILD(setuid_races_with_hand_offs, 60);
	RUN_IN_CHILD(a_context_in_motion_changes_its_own, 60);
	return 0;
}
