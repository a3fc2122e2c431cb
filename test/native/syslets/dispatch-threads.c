/* SPDX-License-Identifier: MIT */
/*
 * Dispatch on a host whose tasks are POSIX threads: ThreadSanitizer can follow them, since
 * no context moves. The calls are real, and so are the signals that interrupt them.
 */
#include "dispatch.h"
#include "fake-host.h"

static struct host_ops thread_ops;
static struct context *context;

#define SIG_INTERRUPT SIGRTMIN

static u32 calls_begun;

static long thread_call(const struct indirect_registers *regs, struct task *cur)
{
	long ret;

	__atomic_add_fetch(&calls_begun, 1, __ATOMIC_RELAXED);
	ret = syscall((long)regs->NR, regs->ARG0, regs->ARG1, regs->ARG2, regs->ARG3, regs->ARG4,
			   regs->ARG5);

	(void)cur;
	return ret < 0 ? -errno : ret;
}

/* Stops tasks that wake, until it is opened. */
static u32 gate_shut;
static int no_more_threads;

/* Who has begun to park passes the gate when it wakes. */
static u32 at_gate;

static int gated_park(u32 *word, u32 expected, u64 timeout_ns)
{
	int ret;

	__atomic_add_fetch(&at_gate, 1, __ATOMIC_RELEASE);
	ret = fake_park(word, expected, timeout_ns);
	while (__atomic_load_n(&gate_shut, __ATOMIC_ACQUIRE))
		usleep(50);
	__atomic_sub_fetch(&at_gate, 1, __ATOMIC_RELEASE);
	return ret;
}

/* The tasks that were woken look for calls now, and then there is no thread for the new one. */
static long fail_to_start(void)
{
	u32 begun = __atomic_load_n(&calls_begun, __ATOMIC_RELAXED);

	__atomic_store_n(&gate_shut, 0, __ATOMIC_RELEASE);
	while (__atomic_load_n(&calls_begun, __ATOMIC_RELAXED) == begun)
		usleep(50);
	return -EAGAIN;
}

static void *thread_of_task(void *data)
{
	struct task *task = data;

	__atomic_store_n(&task->tid, (u32)os_thread(), __ATOMIC_RELEASE);
	syslet_thread(task);
	return 0;
}

static long thread_start_task(struct task *task)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	if (no_more_threads)
		return fail_to_start();
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, thread_of_task, task);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* The task's memory may be freed once alive is 0; the thread's own stack is not in it. */
static void thread_task_exit(struct task *task)
{
	__atomic_store_n(&task->alive, 0, __ATOMIC_RELEASE);
	fake_wake(&task->alive, 1);
	pthread_exit(0);
}

/* Nothing is ever handed over: the carrier makes no call that could be. */
static u64 thread_watch(struct task *task)
{
	while (__atomic_load_n(&task->order, __ATOMIC_ACQUIRE) == ORDER_WATCH)
		fake_park(&task->order, ORDER_WATCH, 0);
	return 0;
}

static void thread_interrupt(struct task *task)
{
	u32 tid = __atomic_load_n(&task->tid, __ATOMIC_ACQUIRE);

	if (tid)
		syscall(SYS_tgkill, getpid(), tid, SIG_INTERRUPT);
}

static void thread_take_interrupt(void)
{
	syscall(SYS_getpid);
}

static void on_interrupt(int signal)
{
	(void)signal;
}

static void *exits_at_once(void *data)
{
	(void)data;
	pthread_exit(0);
}

/* The first exit loads libgcc_s: its descriptor would be counted where a test looks for leaks. */
static void load_unwinder(void)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, 0, exits_at_once, 0), 0);
	CHECK_EQ(pthread_join(thread, 0), 0);
}

static void init_ops(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	thread_ops = fake_ops;
	thread_ops.call = thread_call;
	thread_ops.park = gated_park;
	thread_ops.start_task = thread_start_task;
	thread_ops.task_exit = thread_task_exit;
	thread_ops.watch = thread_watch;
	thread_ops.interrupt = thread_interrupt;
	thread_ops.take_interrupt = thread_take_interrupt;
	CHECK_EQ(sigaction(SIG_INTERRUPT, &action, 0), 0);
}

static void face_attach(uint32_t max_tasks, uint32_t idle_ms)
{
	context = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	context->ops = &thread_ops;
	context->max_tasks = max_tasks;
	context->idle_ns = idle_ms * 1000000ull;
}

static struct syslet_call_result face_dispatch(const struct indirect_registers *regs,
					       const union indirect_params *params, uint32_t *slept)
{
	struct syslet_result result =
		sys_dispatch(regs, params, sizeof(*params), (u64)slept, context->carrier);

	return (struct syslet_call_result){result.value, result.how};
}

static int face_interrupt(struct syslet_ring *of, uint64_t data)
{
	return interrupt_call(context, (u64)of, data);
}

static int face_detach(void)
{
	u32 interrupted;

	__atomic_store_n(&context->closing, 1, __ATOMIC_RELEASE);
	interrupted = wait_away(context);
	kill_syslet_tasks(context);
	fake_free_task(context->birth);
	ring_state_drop(context);
	free(context);
	CHECK_EQ(__atomic_load_n(&fake.tasks, __ATOMIC_RELAXED), 0);
	return (int)interrupted;
}

/* One sleeps in each of four tasks, which then are the watcher, the spare, and two idle ones. */
static void make_four_tasks(struct pipe pipe)
{
	static char bytes[4];
	int i;

	for (i = 0; i < 4; i++)
		must_dispatch(0, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&bytes[i], 1);
	for (i = 0; i < 4; i++)
		write_byte(pipe, 'x');
	for (i = 0; i < 4; i++)
		CHECK_EQ(must_reap().status, 1);
	while (__atomic_load_n(&context->nr_idle, __ATOMIC_RELAXED) < 2 ||
	       __atomic_load_n(&at_gate, __ATOMIC_ACQUIRE) < 2)
		usleep(50);
}

/*
 * The first call blocks until the second is made. Its task does not wake the second's, since
 * the third's is on the way; and that one cannot be had.
 */
static void a_task_that_cannot_start_is_replaced(void)
{
	struct pipe pipe = new_pipe();
	char byte, more = 'y';

	ring = new_ring(RING);
	face_attach(0, 0);
	make_four_tasks(pipe);
	__atomic_store_n(&gate_shut, 1, __ATOMIC_RELEASE);
	must_dispatch(1, SYS_read, (uint64_t)pipe.read_end, (uint64_t)&byte, 1);
	must_dispatch(2, SYS_write, (uint64_t)pipe.write_end, (uint64_t)&more, 1);
	no_more_threads = 1;
	CHECK_EQ(dispatch(3, SYS_getpid, 0, 0, 0).value, -EAGAIN);
	no_more_threads = 0;
	CHECK_EQ(must_reap().status, 1);
	CHECK_EQ(must_reap().status, 1);
	CHECK_EQ(face_detach(), 0);
	free_ring(ring, RING);
	close_pipe(pipe);
}

int main(void)
{
	syslet_library_init();
	load_unwinder();
	init_ops();
	run_dispatch_tests();
	RUN(a_task_that_cannot_start_is_replaced);
	return 0;
}
