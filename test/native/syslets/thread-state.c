/* SPDX-License-Identifier: MIT */
/*
 * What Linux keeps for each OS thread, seen from a context before and after its
 * hand-off: docs/architecture.md has the table, and names the tests here.
 */
#include <linux/futex.h>
#include <linux/rseq.h>
#include <pthread.h>
#include <sys/prctl.h>

#include "saved-state.h"
#include "syslet.h"

#define ARCH_GET_GS 0x1004
#define MASK_BYTES 8
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_LOWEST_BEST_EFFORT (2 << 13 | 7)
#define MPOL_LOCAL 4
#define UNREGISTERED (~0u) /* rseq's cpu_id without an owner */

/* Attached, with a pipe to block on. */
static struct syslet_ring *ring;
static struct pipe source;

static void begin(void)
{
	ring = new_ring(8);
	source = new_pipe();
	frame_stack();
	attach(0);
}

static void end(void)
{
	CHECK_EQ(detach(), 0);
	close_pipe(source);
	free_ring(ring, 8);
}

/* Blocks, goes on elsewhere, and lets the original finish. */
static void move(void)
{
	static char byte;
	int before = os_thread();

	submit_blocked_read(ring, 1, source.read_end, &byte);
	CHECK(os_thread() != before);
	write_byte(source, 'm');
	CHECK_EQ(reap(ring).status, 1);
}

void move_from_assembly(void)
{
	move();
}

static void callee_saved_registers_move(void)
{
	uint64_t saved[SAVED];
	int round, i;

	begin();
	for (round = 0; round < 20; round++) {
		for (i = 0; i < SAVED; i++)
			saved[i] = 0x1111111111111111ull * (uint64_t)(i + 1) + (uint64_t)round;
		move_with(saved);
		for (i = 0; i < SAVED; i++)
			CHECK_EQ(saved[i], 0x1111111111111111ull * (uint64_t)(i + 1) + (uint64_t)round);
	}
	end();
}

/* Each time another rounding mode, so that a recycled task cannot have it by chance. */
static void fp_control_moves(void)
{
	unsigned before = fp_control(), mode;

	begin();
	for (mode = 0; mode < 3 * ROUNDINGS; mode++) {
		set_fp_control(mode % ROUNDINGS);
		move();
		CHECK_EQ(fp_control(), mode % ROUNDINGS);
	}
	set_fp_control(before);
	end();
}

#ifdef PKEY_DISABLE_ACCESS
static void protection_keys_move(void)
{
	int key = pkey_alloc(0, 0), rights, round;

	if (key < 0)
		SKIP_TEST("this processor or kernel has no protection keys (PKRU)");
	begin();
	for (round = 0; round < 12; round++) {
		rights = round & 3;
		CHECK_EQ(pkey_set(key, (unsigned)rights), 0);
		move();
		CHECK_EQ(pkey_get(key), rights);
	}
	pkey_set(key, 0);
	end();
	pkey_free(key);
}
#else
static void protection_keys_move(void)
{
	SKIP_TEST("the C library has no protection keys");
}
#endif

static __thread int thread_local_word;

/* TLS, errno and pthread_self are the context's. */
static void thread_pointer_moves(void)
{
	void *pointer = __builtin_thread_pointer();
	pthread_t self = pthread_self();
	int *error = &errno;

	begin();
	thread_local_word = 4711;
	move();
	CHECK(__builtin_thread_pointer() == pointer);
	CHECK(pthread_equal(pthread_self(), self));
	CHECK(&errno == error);
	CHECK_EQ(thread_local_word, 4711);
	end();
}

#if defined(__x86_64__)
static uint64_t gs_base(void)
{
	uint64_t base = 0;

	syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
	return base;
}

/* GS base is the OS thread's. */
static void gs_base_stays(void)
{
	uint64_t gs;

	CHECK_EQ(gs_base(), 0);
	begin();
	gs = gs_base();
	CHECK(gs != 0);
	move();
	CHECK(gs_base() != gs && gs_base() != 0);
	end();
	CHECK_EQ(gs_base(), 0);
}
#endif

static uint64_t signal_mask(void)
{
	uint64_t mask = 0;

	CHECK_EQ(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 0, &mask, MASK_BYTES), 0);
	return mask;
}

/* Every task has the same; what the thread had before it has again after detach. */
static void signal_mask_is_the_same_everywhere(void)
{
	uint64_t before = signal_mask(), attached;

	begin();
	attached = signal_mask();
	CHECK(attached >> (SIGTERM - 1) & 1);
	CHECK(!(attached >> (SIGPROF - 1) & 1));
	CHECK(!(attached >> (SIGSEGV - 1) & 1));
	move();
	CHECK_EQ(signal_mask(), attached);
	end();
	CHECK_EQ(signal_mask(), before);
}

/* musl registers its list with the first mutex of the kind that processes share. */
static void use_a_robust_mutex(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t mutex;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&mutex, &attributes);
	CHECK_EQ(pthread_mutex_lock(&mutex), 0);
	CHECK_EQ(pthread_mutex_unlock(&mutex), 0);
	pthread_mutex_destroy(&mutex);
}

static void robust_list_is_copied(void)
{
	void *head = 0, *moved = 0;
	size_t bytes = 0, moved_bytes = 0;

	use_a_robust_mutex();
	begin();
	CHECK_EQ(syscall(SYS_get_robust_list, 0, &head, &bytes), 0);
	CHECK(head != 0);
	move();
	CHECK_EQ(syscall(SYS_get_robust_list, 0, &moved, &moved_bytes), 0);
	CHECK(moved == head);
	CHECK_EQ(moved_bytes, bytes);
	end();
}

/* Of glibc 2.35 and later. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static uint32_t rseq_cpu(void)
{
	struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	return *(volatile uint32_t *)&area->cpu_id;
}

static void rseq_is_given_up_and_taken_back(void)
{
	if (!&__rseq_size || !__rseq_size || (int)rseq_cpu() < 0)
		SKIP_TEST("the C library has registered no rseq area");
	begin();
	CHECK_EQ(rseq_cpu(), UNREGISTERED);
	move();
	CHECK_EQ(rseq_cpu(), UNREGISTERED);
	CHECK(sched_getcpu() >= 0);
	end();
	CHECK(rseq_cpu() != UNREGISTERED);
}

/* glibc's id of the thread stays that of the birth thread: who locked can unlock. */
static void thread_id_in_glibc_stays(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t recursive, checking;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&checking, &attributes);
	begin();
	CHECK_EQ(pthread_mutex_lock(&recursive), 0);
	CHECK_EQ(pthread_mutex_lock(&checking), 0);
	move();
	CHECK_EQ(pthread_mutex_lock(&recursive), 0);
	CHECK_EQ(pthread_mutex_unlock(&recursive), 0);
	CHECK_EQ(pthread_mutex_unlock(&recursive), 0);
	CHECK_EQ(pthread_mutex_lock(&checking), EDEADLK);
	CHECK_EQ(pthread_mutex_unlock(&checking), 0);
	end();
	pthread_mutex_destroy(&recursive);
	pthread_mutex_destroy(&checking);
}

struct copied {
	char name[16];
	long timer_slack, io_priority, personality;
	int memory_policy;
};

static struct copied read_copied(void)
{
	struct copied copied = {.memory_policy = -1};

	prctl(PR_GET_NAME, copied.name);
	copied.timer_slack = prctl(PR_GET_TIMERSLACK);
	copied.io_priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
	copied.personality = syscall(SYS_personality, 0xffffffff);
	syscall(SYS_get_mempolicy, &copied.memory_policy, 0, 0, 0, 0);
	return copied;
}

/* As they are when a task is made: it is cloned from the carrier. */
static void clone_copies_slack_priorities_and_policy(void)
{
	struct copied before, after;

	CHECK_EQ(prctl(PR_SET_NAME, "thread-state"), 0);
	CHECK_EQ(prctl(PR_SET_TIMERSLACK, 123456), 0);
	CHECK_EQ(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_LOWEST_BEST_EFFORT), 0);
	if (syscall(SYS_set_mempolicy, MPOL_LOCAL, 0, 0))
		printf("# no memory policy here: %s\n", strerror(errno));
	begin();
	before = read_copied();
	CHECK_EQ(before.timer_slack, 123456);
	CHECK_EQ(before.io_priority, IOPRIO_LOWEST_BEST_EFFORT);
	move();
	after = read_copied();
	CHECK_EQ(strcmp(before.name, "thread-state"), 0);
	CHECK_EQ(strncmp(after.name, "syslet-", 7), 0); /* its own: context and task */
	CHECK_EQ(after.timer_slack, before.timer_slack);
	CHECK_EQ(after.io_priority, before.io_priority);
	CHECK_EQ(after.personality, before.personality);
	CHECK_EQ(after.memory_policy, before.memory_policy);
	end();
	_exit(0);
}

/* A change through us would be one OS thread's alone. */
static void changes_of_one_thread_are_refused(void)
{
	begin();
	CHECK_EQ(submit(ring, 0, SYS_sigaltstack, 0, 0, 0).value, -EINVAL);
	CHECK_EQ(submit(ring, 0, SYS_personality, 0xffffffff, 0, 0).value, -EINVAL);
	CHECK_EQ(submit(ring, 0, SYS_ptrace, 0, 0, 0).value, -EINVAL);
	CHECK_EQ(submit(ring, 0, SYS_rt_sigsuspend, 0, 0, 0).value, -EINVAL);
#ifdef SYS_modify_ldt
	CHECK_EQ(submit(ring, 0, SYS_modify_ldt, 0, 0, 0).value, -EINVAL);
#endif
	end();
}

/* The kernel knows the owner of such a lock as an OS thread. */
static void locks_of_one_thread_are_refused(void)
{
	static const int operations[] = {FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI,
					 FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG};
	static uint32_t word;
	size_t i;

	begin();
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		CHECK_EQ(submit(ring, 0, SYS_futex, (uint64_t)&word, (uint64_t)operations[i], 0).value,
			 -EINVAL);
	CHECK_EQ(word, 0);
	CHECK_EQ(call_and_wait(ring, SYS_futex, (uint64_t)&word, FUTEX_WAKE, 1), 0);
	end();
}

/* What a thread changes through us is done on the spot, and not handed over. */
static void io_priority_is_changed_on_the_carrier(void)
{
	begin();
	CHECK_EQ(submit(ring, 0, SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_LOWEST_BEST_EFFORT)
			 .pending,
		 0);
	CHECK_EQ(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), IOPRIO_LOWEST_BEST_EFFORT);
	end();
	_exit(0);
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	frame_stack();
	RUN(callee_saved_registers_move);
	RUN(fp_control_moves);
	RUN(protection_keys_move);
	RUN(thread_pointer_moves);
#if defined(__x86_64__)
	RUN(gs_base_stays);
#endif
	RUN(signal_mask_is_the_same_everywhere);
	RUN(robust_list_is_copied);
	RUN(rseq_is_given_up_and_taken_back);
	RUN(thread_id_in_glibc_stays);
	RUN(changes_of_one_thread_are_refused);
	RUN(locks_of_one_thread_are_refused);
	RUN_IN_CHILD(clone_copies_slack_priorities_and_policy, 20);
	RUN_IN_CHILD(io_priority_is_changed_on_the_carrier, 20);
	return 0;
}
