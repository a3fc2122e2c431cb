/* SPDX-License-Identifier: MIT */
/*
 * host_ops on real threads.
 */
#include "arch/sys.h"
#include "host/host.h"

_Static_assert(TASK_CARRYING == 1, "DW_OP_LIT1 of entry.S");

#define FUTEX_WAIT_SHARED 0
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129
#define CALIBRATE_NS 500000ull
#define TICKS_OF_NO_CLOCK 2000000000ull /* a second: attach refuses, but rings can be waited for */
#define MEMBARRIER_PRIVATE_EXPEDITED 8
#define MEMBARRIER_REGISTER_PRIVATE_EXPEDITED 16

#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_THREAD 0x00010000
#define CLONE_SYSVSEM 0x00040000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000

/* v7's flags, and how the tid is told and the end is seen */
#define SYSLET_CLONE_FLAGS                                                                         \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |        \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

u32 host_interrupt_signal;

static u64 read_clock(u32 id)
{
	struct kernel_timespec time = {0, 0};

	SYS2(clock_gettime, id, &time);
	return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

/* 0 where a filter refuses the system call, as it may: the C library reads the vDSO's. */
int host_has_clock(void)
{
	struct kernel_timespec time;

	return !SYS2(clock_gettime, CLOCK_MONOTONIC, &time);
}

/* CLOCK_MONOTONIC */
u64 clock_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

#define PAIR_TRIES 16

/* Both clocks at one moment: a thread that is preempted between them tries again. */
struct moment {
	u64 ticks, ns;
};

static struct moment this_moment(void)
{
	struct moment best = {0, 0};
	u64 shortest = ~0ull;
	int i;

	for (i = 0; i < PAIR_TRIES; i++) {
		u64 before = arch_ticks(), ns = clock_ns(), took = arch_ticks() - before;

		if (took >= shortest)
			continue;
		shortest = took;
		best = (struct moment){before + took / 2, ns};
	}
	return best;
}

static u64 ns_per_tick; /* in units of 2^-32 */

/* The processor tells how many ticks a second has. */
static void know_rate(u64 per_second)
{
	ns_per_tick = (1000000000ull << 32) / per_second;
	arch_ticks_per_us = per_second / 1000000;
}

static void calibrate(void)
{
	struct moment first, last;

	if (arch_ticks_per_second() || !host_has_clock()) {
		know_rate(arch_ticks_per_second() ?: TICKS_OF_NO_CLOCK);
		return;
	}
	first = this_moment();
	do
		last = this_moment();
	while (last.ns - first.ns < CALIBRATE_NS || last.ticks == first.ticks);
	ns_per_tick = ((last.ns - first.ns) << 32) / (last.ticks - first.ticks);
	arch_ticks_per_us = (last.ticks - first.ticks) * 1000 / (last.ns - first.ns);
	if (!arch_ticks_per_us)
		arch_ticks_per_us = 1;
}

/*
 * Called once, when the library is loaded, before anything attaches. `hardware` is AT_HWCAP2
 * of the auxiliary vector.
 */
void host_init(u64 hardware, u32 libc_signals)
{
	arch_init(hardware);
	syslet_rings_init();
	refuse_init();
	calibrate();
	SYS3(membarrier, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	signals_init(libc_signals);
}

/* 128 bits in between: 64 would be full after weeks. */
u64 ns_of_ticks(u64 ticks)
{
	return (u64)((unsigned __int128)ticks * ns_per_tick >> 32);
}

u64 host_now(void)
{
	return ns_of_ticks(arch_ticks());
}

int host_park(u32 *word, u32 expected, u64 timeout_ns)
{
	struct kernel_timespec limit = timespec_of_ns(timeout_ns);
	long ret = SYS4(futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns ? &limit : 0);

	return ret == -E_AGAIN ? 0 : (int)ret;
}

void host_wake(u32 *word, u32 number)
{
	SYS3(futex, word, FUTEX_WAKE_PRIVATE, number);
}

/* The host wakes with its futex for all processes when a thread ends (CLONE_CHILD_CLEARTID). */
static void wait_for_end(struct task *task, u32 alive, u64 timeout_ns)
{
	struct kernel_timespec limit = timespec_of_ns(timeout_ns);

	SYS4(futex, &task->alive, FUTEX_WAIT_SHARED, alive, &limit);
}

/* Without membarrier there is no hand-off: attach refuses. */
static long barrier_everywhere(void)
{
	count(membarriers);
	return SYS3(membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0);
}

static void yield_processor(void)
{
	SYS0(sched_yield);
}

static struct task *alloc_task(struct context *ctx)
{
	struct task *task = stack_alloc();

	if (!task)
		return 0;
	syslet_init(task, ctx);
	watch_init_task(task);
	count(tasks);
	return task;
}

static void free_task(struct task *task)
{
	uncount(tasks);
	stack_free(task);
}

/*
 * Cloned from the carrier, so that it has the carrier's credentials, attributes
 * and thread pointer. Signals are masked meanwhile: until its first instructions
 * have run, the child's GS base is the carrier's.
 */
static long start_task(struct task *task)
{
	struct context *ctx = task->ctx;
	u64 before;
	long ret;

	credentials_init_task(task, ctx->carrier);
	before = mask_signals();
	ret = create_syslet_thread(syslet_thread, task, SYSLET_CLONE_FLAGS);
	unmask_signals(before);
	return ret < 0 ? ret : 0;
}

static void task_born(struct task *task)
{
	struct host_context *host = host_of_context(task->ctx);
	char name[TASK_NAME];

	/* before signals: glibc's list of robust mutexes that the context holds */
	SYS2(set_robust_list, host->robust_head, host->robust_bytes);
	unmask_signals(host->mask_attached);
	name_task(task, name);
	if (task->ctx->trace)
		trace_task_born(task, name);
	watch_task_born(task);
}

/* AddressSanitizer would look for the bounds of a stack that it does not know. */
__attribute__((no_sanitize_address)) static void task_exit(struct task *task)
{
	watch_task_gone(task);
	if (task == task->ctx->birth) { /* v7's policy from C only */
		SYS1(set_tid_address, 0);
		SYS2(set_robust_list, 0, 24);
	}
	mask_signals();
	arch_exit_thread();
}

/*
 * Credentials and attributes of the one that carries now. Row 8: with v7 the child
 * keeps what it had when it was created.
 */
static int may_carry(struct task *task, struct task *cur)
{
	enum fitness fitness;

	if (task->ctx->policy->stale_credentials)
		return FIT;
	fitness = credentials_adopt(task, cur);
	if (likely(fitness == FIT) && unlikely(!attributes_adopt(task, cur)))
		return FIT_BUT_FOR_ATTRIBUTES;
	return fitness;
}

static u64 begin_to_watch(struct task *task)
{
	if (!task->ctx->policy->stale_credentials)
		attributes_watching(task);
	return watch(task);
}

static void carrying_begins(struct task *task)
{
	if (!task->ctx->policy->stale_credentials)
		credentials_carrying_begins(task);
}

static int carrying_begun(struct task *task)
{
	return task->ctx->policy->stale_credentials || credentials_carrying_begun(task);
}

static int may_go_on(struct task *task)
{
	if (task->ctx->policy->stale_credentials)
		return FIT;
	return (int)credentials_adopt(task, smp_load_acquire(&task->ctx->carrier));
}

static int may_return(struct task *task)
{
	return task->ctx->policy->stale_credentials || credentials_enter_frame(task);
}

static void task_parked(struct task *task)
{
	credentials_leave_frame(task);
	watch_task_parked(task);
}

static void interrupt(struct task *task)
{
	u32 tid = READ_ONCE(task->tid);

	if (tid)
		signal_thread(tid, (int)host_interrupt_signal);
}

/* On the way back from any system call a signal that was sent before it is taken. */
static void take_interrupt(void)
{
	SYS0(getpid);
}

#define RUSAGE_THREAD 1

struct usage { /* linux/resource.h */
	s64 times[4];
	s64 other[12];
	s64 voluntary, involuntary;
};

static u64 voluntary_switches(void)
{
	struct usage usage = {.voluntary = 0};

	SYS2(getrusage, RUSAGE_THREAD, &usage);
	return (u64)usage.voluntary;
}

/* With EFD_NONBLOCK: a counter that is full can be read already. */
static void write_event(int fd)
{
	u64 one = 1;

	SYS3(write, fd, &one, sizeof(one));
}

const struct host_ops host_thread_ops = {
	.call = call_indirect,
	.park = host_park,
	.wake = host_wake,
	.wait_for_end = wait_for_end,
	.barrier_everywhere = barrier_everywhere,
	.claim_barrier = watch_claim_barrier,
	.yield_processor = yield_processor,
	.alloc_task = alloc_task,
	.free_task = free_task,
	.alloc_page = page_alloc,
	.free_page = page_free,
	.start_task = start_task,
	.task_born = task_born,
	.task_exit = task_exit,
	.watch = begin_to_watch,
	.unpark = watch_unpark,
	.may_carry = may_carry,
	.carrying_begins = carrying_begins,
	.carrying_begun = carrying_begun,
	.may_go_on = may_go_on,
	.nudge = nudge,
	.unwatched = call_for_help,
	.guard = guard_watcher,
	.may_return = may_return,
	.credentials_changed = credentials_changed,
	.task_parked = task_parked,
	.interrupt = interrupt,
	.take_interrupt = take_interrupt,
	.voluntary_switches = voluntary_switches,
	.write_event = write_event,
	.now = host_now,
	.clock = read_clock,
};
