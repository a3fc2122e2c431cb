/* SPDX-License-Identifier: MIT */
/* What benchmarks and the tour run in C: loops of sys_indirect, a ticker, a frame's function. */
#include "addon/addon.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "syslets/syslets.h"

/* Nanoseconds that `count` calls of sys_indirect take in a C loop. */
static napi_value call_loop(napi_env env, napi_callback_info info)
{
	const struct syslet_call *calls = view_argument(env, info, 0, 0);
	const struct syslet_call *call = &calls[uint32_argument(env, info, 1)];
	uint32_t i, count = uint32_argument(env, info, 2);
	double start = monotonic_ns();

	for (i = 0; i < count; i++)
		syslet_indirect(&call->regs, &call->params, call->paramslen, 0);
	return return_double(env, monotonic_ns() - start);
}

/* A thread that writes one byte to a descriptor in a fixed interval. */
static struct {
	pthread_t thread;
	int fd;
	long interval_ns;
	uint32_t stop;
	double ticks, cpu_ns;
} ticker;

static void add_ns(struct timespec *time, long ns)
{
	time->tv_nsec += ns;
	if (time->tv_nsec >= 1000000000L) {
		time->tv_nsec -= 1000000000L;
		time->tv_sec++;
	}
}

static void *tick(void *unused)
{
	struct timespec next, cpu;

	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!__atomic_load_n(&ticker.stop, __ATOMIC_ACQUIRE)) {
		add_ns(&next, ticker.interval_ns);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, 0);
		if (write(ticker.fd, "", 1) == 1)
			ticker.ticks++;
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	ticker.cpu_ns = (double)cpu.tv_sec * 1e9 + (double)cpu.tv_nsec;
	return unused;
}

/* startTicker(fd, intervalNs): 0 or -errno */
static napi_value start_ticker(napi_env env, napi_callback_info info)
{
	ticker.fd = (int)uint32_argument(env, info, 0);
	ticker.interval_ns = (long)uint32_argument(env, info, 1);
	ticker.ticks = ticker.cpu_ns = 0;
	ticker.stop = 0;
	return return_double(env, -(double)pthread_create(&ticker.thread, 0, tick, 0));
}

static void set_number(napi_env env, napi_value object, const char *name, double value)
{
	napi_set_named_property(env, object, name, return_double(env, value));
}

/* stopTicker(): { ticks, cpuNs } of the ticker */
static napi_value stop_ticker(napi_env env, napi_callback_info info)
{
	napi_value result;

	(void)info;
	__atomic_store_n(&ticker.stop, 1, __ATOMIC_RELEASE);
	pthread_join(ticker.thread, 0);
	napi_create_object(env, &result);
	set_number(env, result, "ticks", ticker.ticks);
	set_number(env, result, "cpuNs", ticker.cpu_ns);
	return result;
}

/*
 * A call that was not handed over blocks the only thread that could end it. So a
 * thread looks now and then whether JavaScript is still in the same call, and then
 * writes a byte to the descriptor that it named.
 */
static struct {
	pthread_t thread;
	int32_t *words; /* 0: descriptor or -1; 1: number of the call */
	uint32_t stop;
	double rescued;
} rescue;

static void *rescue_stuck_calls(void *unused)
{
	struct timespec pause = {0, 200000000L};
	int32_t seen = -1;

	while (!__atomic_load_n(&rescue.stop, __ATOMIC_ACQUIRE)) {
		int32_t fd = __atomic_load_n(&rescue.words[0], __ATOMIC_ACQUIRE);
		int32_t number = __atomic_load_n(&rescue.words[1], __ATOMIC_ACQUIRE);

		if (fd >= 0 && number == seen && write(fd, "", 1) == 1)
			rescue.rescued++;
		seen = number;
		nanosleep(&pause, 0);
	}
	return unused;
}

/* startRescue(words: Int32Array): 0 or -errno */
static napi_value start_rescue(napi_env env, napi_callback_info info)
{
	rescue.words = view_argument(env, info, 0, 0);
	rescue.rescued = 0;
	rescue.stop = 0;
	return return_double(env, -(double)pthread_create(&rescue.thread, 0, rescue_stuck_calls, 0));
}

/* stopRescue(): how many calls it ended */
static napi_value stop_rescue(napi_env env, napi_callback_info info)
{
	(void)info;
	__atomic_store_n(&rescue.stop, 1, __ATOMIC_RELEASE);
	pthread_join(rescue.thread, 0);
	return return_double(env, rescue.rescued);
}

/*
 * A frame's function: stores what it sees at its second argument, caller_data, and
 * parks. Nothing has been pushed for it, and its thread pointer runs elsewhere: no
 * C, no stack, no TLS. The thread id comes last; who waits for it finds the rest.
 *
 *   0 u64 thread id   8 u64 stack pointer   16 u64 first argument   24 u64 second
 */
#if defined(__x86_64__)
#define SYS_GETTID_NR "186"
extern const char syslets_note_frame[] __attribute__((visibility("hidden")));
__asm__(".text\n"
	".hidden syslets_note_frame\n"
	".globl syslets_note_frame\n"
	".type syslets_note_frame, @function\n"
	"syslets_note_frame:\n"
	"	movq %rsp, 8(%rsi)\n"
	"	movq %rdi, 16(%rsi)\n"
	"	movq %rsi, 24(%rsi)\n"
	"	movl $" SYS_GETTID_NR ", %eax\n"
	"	syscall\n"
	"	movq %rax, (%rsi)\n"
	"	jmp syslet_park\n"
	".size syslets_note_frame, . - syslets_note_frame\n");
#define NOTE_FRAME ((uintptr_t)syslets_note_frame)
#elif defined(__aarch64__)
#define SYS_GETTID_NR "178"
extern const char syslets_note_frame[] __attribute__((visibility("hidden")));
__asm__(".text\n"
	".hidden syslets_note_frame\n"
	".globl syslets_note_frame\n"
	".type syslets_note_frame, %function\n"
	".balign 4\n"
	"syslets_note_frame:\n"
	"	hint #34\n"
	"	mov x2, sp\n"
	"	stp x2, x0, [x1, #8]\n"
	"	str x1, [x1, #24]\n"
	"	mov x8, #" SYS_GETTID_NR "\n"
	"	svc #0\n"
	"	str x0, [x1]\n"
	"	b syslet_park\n"
	".size syslets_note_frame, . - syslets_note_frame\n");
#define NOTE_FRAME ((uintptr_t)syslets_note_frame)
#else
#define NOTE_FRAME ((uintptr_t)0)
#endif

/* Address of that function; 0n where there are no frames. */
static napi_value note_function(napi_env env, napi_callback_info info)
{
	napi_value result = 0;

	(void)info;
	napi_create_bigint_uint64(env, NOTE_FRAME, &result);
	return result;
}

void export_bench(napi_env env, napi_value exports)
{
	export_function(env, exports, "callLoop", call_loop);
	export_function(env, exports, "startTicker", start_ticker);
	export_function(env, exports, "stopTicker", stop_ticker);
	export_function(env, exports, "startRescue", start_rescue);
	export_function(env, exports, "stopRescue", stop_rescue);
	export_function(env, exports, "noteFunction", note_function);
}
