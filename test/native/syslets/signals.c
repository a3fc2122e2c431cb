/* SPDX-License-Identifier: MIT */
/*
 * A program's own handlers go on working: faults in user code reach them, ours do not,
 * wherever the context is carried; what sigaction was told holds.
 */
#include <pthread.h>
#include <setjmp.h>

#include "syslet.h"

#define SIGNAL_STACK_BYTES 65536

static sigjmp_buf back;
static volatile int calls, code, tid;
static void *volatile address;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	__atomic_add_fetch(&calls, 1, __ATOMIC_RELEASE); /* other threads look at it */
	code = info->si_code;
	address = info->si_addr;
	tid = os_thread();
	if (signal == SIGSEGV || signal == SIGBUS)
		siglongjmp(back, signal);
}

static void handle(int signal, int flags)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = flags | SA_SIGINFO};

	CHECK_EQ(sigaction(signal, &action, 0), 0);
	calls = 0;
}

static void handle_by_default(int signal)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	CHECK_EQ(sigaction(signal, &action, 0), 0);
}

/* One hand-off: the context is on another OS thread afterwards. */
static void move(struct syslet_ring *ring)
{
	struct timespec some = {0, 2000000};
	int before = os_thread();

	while (os_thread() == before)
		call_and_wait(ring, SYS_nanosleep, (uint64_t)&some, 0, 0);
}

static char *no_access;

static void fault(void)
{
	if (!sigsetjmp(back, 1))
		*(volatile char *)no_access = 1;
	CHECK(address == (void *)no_access);
	CHECK_EQ(code, SEGV_ACCERR);
	CHECK_EQ(tid, os_thread());
}

static void faults_reach_the_handler(void)
{
	struct syslet_ring *ring = new_ring(8);

	handle(SIGSEGV, 0);
	fault();
	CHECK_EQ(calls, 1);
	attach(0);
	fault();
	move(ring);
	fault();
	CHECK_EQ(calls, 3);
	/* those of the kernel side do not */
	CHECK_EQ(syslet_indirect((void *)no_access, 0, 0, 0).value, -EFAULT);
	CHECK_EQ(syslet_indirect((void *)0x8000000000000000, 0, 0, 0).value, -EFAULT);
	CHECK_EQ(calls, 3);
	detach();
	fault();
	CHECK_EQ(calls, 4);
	handle_by_default(SIGSEGV);
	free_ring(ring, 8);
}

/* What was installed is what sigaction tells. */
static void sigaction_tells_what_was_installed(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGPROF, SIGUSR2};
	struct sigaction before;
	unsigned i;

	for (i = 0; i < 4; i++) {
		handle(signals[i], SA_NODEFER);
		CHECK_EQ(sigaction(signals[i], 0, &before), 0);
		CHECK(before.sa_sigaction == on_fault);
		CHECK_EQ(before.sa_flags & (SA_SIGINFO | SA_NODEFER), SA_SIGINFO | SA_NODEFER);
		handle_by_default(signals[i]);
		CHECK_EQ(sigaction(signals[i], 0, &before), 0);
		CHECK(before.sa_handler == SIG_DFL);
	}
	CHECK_EQ(sigaction(0, 0, &before), -1);
}

/* As libuv's children do before they execute a program, in memory that is still ours. */
static void a_child_resets_its_own(void)
{
	struct sigaction before;
	int n, status;
	pid_t pid;

	handle(SIGSEGV, 0);
	pid = vfork();
	if (!pid) {
		for (n = 1; n < 32; n++)
			if (n != SIGKILL && n != SIGSTOP && signal(n, SIG_DFL) == SIG_ERR)
				_exit(n);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(sigaction(SIGSEGV, 0, &before), 0);
	CHECK(before.sa_sigaction == on_fault);
	handle_by_default(SIGSEGV);
}

static void with_no_handler(void)
{
	attach(0);
	*(volatile char *)no_access = 1;
}

static void with_a_handler_that_resets(void)
{
	handle(SIGSEGV, SA_RESETHAND);
	if (!sigsetjmp(back, 1))
		*(volatile char *)no_access = 1;
	CHECK_EQ(calls, 1);
	*(volatile char *)no_access = 1;
}

static void ignored_but_real(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	CHECK_EQ(sigaction(SIGSEGV, &action, 0), 0);
	raise(SIGSEGV);
	*(volatile char *)no_access = 1;
}

/* A core is not wanted of those that end so. */
static void defaults_still_kill(void)
{
	CHECK_EQ(t_in_child(with_no_handler, 10), 128 + SIGSEGV);
	CHECK_EQ(t_in_child(with_a_handler_that_resets, 10), 128 + SIGSEGV);
	CHECK_EQ(t_in_child(ignored_but_real, 10), 128 + SIGSEGV);
}

static int __attribute__((noinline)) overflow_the_stack(volatile char *above)
{
	volatile char frame[4096];

	frame[0] = *above;
	return frame[0] ? 0 : overflow_the_stack(frame) + frame[0];
}

static void on_overflow(int signal)
{
	(void)signal;
	_exit(42);
}

static void overflow_with_a_signal_stack(void)
{
	struct sigaction action = {.sa_handler = on_overflow, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_sp = malloc(SIGNAL_STACK_BYTES), .ss_size = SIGNAL_STACK_BYTES};
	volatile char zero = 0;

	CHECK_EQ(sigaltstack(&stack, 0), 0);
	CHECK_EQ(sigaction(SIGSEGV, &action, 0), 0);
	_exit(overflow_the_stack(&zero));
}

static void a_handler_on_a_signal_stack(void)
{
	CHECK_EQ(t_in_child(overflow_with_a_signal_stack, 20), 42);
}

/* The profiler's signal, sent to the birth thread, is handled where the context is. */
static void prof_is_handled_by_the_carrier(void)
{
	struct syslet_ring *ring = new_ring(8);
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;
	int born = os_thread();

	handle(SIGPROF, SA_RESTART);
	attach(0);
	move(ring);
	CHECK_EQ(syscall(SYS_tgkill, getpid(), born, SIGPROF), 0);
	while (!calls)
		CHECK(t_now_ns() < end);
	CHECK_EQ(tid, os_thread());
	CHECK(tid != born);
	detach();
	handle_by_default(SIGPROF);
	free_ring(ring, 8);
}

#define SAMPLES 40

static pthread_t profiled;

static void *send_samples(void *unused)
{
	int i;

	for (i = 0; i < SAMPLES; i++) {
		CHECK_EQ(pthread_kill(profiled, SIGPROF), 0);
		while (__atomic_load_n(&calls, __ATOMIC_ACQUIRE) <= i)
			sched_yield();
	}
	return unused;
}

static long times_it_slept(int thread)
{
	char path[64], line[128];
	long times = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", thread);
	file = fopen(path, "r");
	CHECK(file);
	while (times < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %ld", &times);
	fclose(file);
	CHECK(times >= 0);
	return times;
}

/* V8 sends it by pthread_kill: the birth thread, which sleeps in a call, is not woken for it. */
static void prof_by_pthread_kill_goes_to_the_carrier(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct pipe pipe = new_pipe();
	uint64_t end = t_now_ns() + REAP_LIMIT_NS;
	int born = os_thread();
	pthread_t sender;
	long before;
	char byte;

	handle(SIGPROF, SA_RESTART);
	attach(0);
	submit_blocked_read(ring, 1, pipe.read_end, &byte);
	while (!thread_is_asleep(born))
		CHECK(t_now_ns() < end);
	before = times_it_slept(born);
	profiled = pthread_self();
	CHECK_EQ(pthread_create(&sender, 0, send_samples, 0), 0);
	while (__atomic_load_n(&calls, __ATOMIC_ACQUIRE) < SAMPLES)
		CHECK(t_now_ns() < end);
	pthread_join(sender, 0);
	CHECK(times_it_slept(born) - before < SAMPLES / 2);
	write_byte(pipe, 1);
	CHECK_EQ(reap(ring).status, 1);
	detach();
	handle_by_default(SIGPROF);
	close_pipe(pipe);
	free_ring(ring, 8);
}

/* Asynchronous signals are not for attached threads; the mask comes back at detach. */
static void the_mask_comes_back(void)
{
	struct syslet_ring *ring = new_ring(8);
	sigset_t before, attached, after;

	sigprocmask(SIG_SETMASK, 0, &before);
	attach(0);
	sigprocmask(SIG_SETMASK, 0, &attached);
	CHECK(sigismember(&attached, SIGUSR1) && sigismember(&attached, SIGINT));
	CHECK(!sigismember(&attached, SIGSEGV) && !sigismember(&attached, SIGPROF));
	move(ring);
	sigprocmask(SIG_SETMASK, 0, &after);
	CHECK_EQ(memcmp(&attached, &after, 8), 0);
	detach();
	sigprocmask(SIG_SETMASK, 0, &after);
	CHECK_EQ(memcmp(&before, &after, 8), 0);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	if (T_ADDRESS_SANITIZER)
		t_skip("AddressSanitizer has a handler of faults of its own");
	syslet_library_init();
	no_access = map_pages(1, PROT_NONE);
	frame_stack();
	attach(0); /* a thread of our own is made at the first attach */
	detach();
	RUN(faults_reach_the_handler);
	RUN(sigaction_tells_what_was_installed);
	RUN(a_child_resets_its_own);
	RUN(defaults_still_kill);
	RUN(a_handler_on_a_signal_stack);
	RUN(prof_is_handled_by_the_carrier);
	RUN(prof_by_pthread_kill_goes_to_the_carrier);
	RUN(the_mask_comes_back);
	return 0;
}
