/* SPDX-License-Identifier: MIT */
/*
 * What a thread of a runtime gives up when it attaches, and gets back when it
 * detaches: its signal mask, its rseq area, its GS base.
 */
#include "arch/sys.h"
#include "host/host.h"

#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANON 0x22
#define PR_GET_NAME 16
#define RSEQ_FLAG_UNREGISTER 1
#define RSEQ_REGISTERED_BYTES 32 /* what glibc registers, whatever __rseq_size says */

static struct mutex first_lock;
static u32 next_context;

static struct context *alloc_context(void)
{
	long map = SYS6(mmap, 0, sizeof(struct context), PROT_READ_WRITE, MAP_PRIVATE_ANON, -1, 0);

	return sys_failed(map) ? 0 : (struct context *)map;
}

/* Two OS threads would own one area: it is given up while attached. */
static void give_up_rseq(struct host_context *host, const struct attach_request *request)
{
	if (!request->rseq)
		return;
	host->rseq = request->rseq;
	host->rseq_signature = request->rseq_signature;
	host->rseq_bytes = RSEQ_REGISTERED_BYTES;
	if (!SYS4(rseq, host->rseq, host->rseq_bytes, RSEQ_FLAG_UNREGISTER, host->rseq_signature))
		return;
	host->rseq_bytes = request->rseq_bytes;
	if (SYS4(rseq, host->rseq, host->rseq_bytes, RSEQ_FLAG_UNREGISTER, host->rseq_signature))
		host->rseq = 0;
}

static void take_back_rseq(const struct host_context *host)
{
	if (host->rseq)
		SYS4(rseq, host->rseq, host->rseq_bytes, 0, host->rseq_signature);
}

static void give_up(struct context *ctx, struct task *birth, const struct attach_request *request)
{
	struct host_context *host = host_of_context(ctx);

	SYS3(get_robust_list, 0, &host->robust_head, &host->robust_bytes);
	give_up_rseq(host, request);
	host->mask_before = mask_signals();
	host->mask_attached = signals_attached_mask(host->mask_before);
	arch_set_task(birth);
	unmask_signals(host->mask_attached);
}

static void take_back(struct context *ctx)
{
	struct host_context *host = host_of_context(ctx);

	unmask_signals(host->mask_before);
	arch_set_task(0);
	take_back_rseq(host);
}

/*
 * Before the birth thread is a task with a watcher. Room for the trace's own state is
 * there only if there is a trace.
 */
static long start_trace(struct context *ctx, const struct attach_request *request)
{
	char name[TASK_NAME] = {0};
	long map;

	if (!request->trace)
		return 0;
	map = SYS6(mmap, 0, sizeof(struct trace), PROT_READ_WRITE, MAP_PRIVATE_ANON, -1, 0);
	if (sys_failed(map))
		return map;
	trace_init((struct trace *)map, ctx, request->trace, request->trace_bytes,
		   request->trace_tasks);
	trace_begin(ctx->trace, clock_ns(), (u32)SYS0(getpid));
	SYS2(prctl, PR_GET_NAME, name);
	trace_task_born(ctx->birth, name);
	return 0;
}

static void stop_trace(struct context *ctx)
{
	struct trace *trace = ctx->trace;

	if (!trace)
		return;
	trace_end(ctx, clock_ns());
	SYS2(munmap, trace, sizeof(*trace));
}

static void free_context(struct context *ctx)
{
	stop_trace(ctx);
	watch_detach(ctx);
	ring_state_drop(ctx);
	credentials_free(ctx);
	uncount(tasks);
	stack_free(ctx->birth);
	SYS2(munmap, ctx, sizeof(*ctx));
	uncount(contexts);
}

static struct task *new_birth(struct context *ctx, const struct attach_request *request)
{
	struct task *birth = stack_alloc();

	if (!birth)
		return 0;
	syslet_init(birth, ctx);
	watch_init_task(birth);
	birth->tid = (u32)SYS0(gettid);
	context_init(ctx, birth, request->policy, &host_thread_ops, request->overflow);
	ctx->max_tasks = request->max_tasks;
	ctx->idle_ns = request->idle_ns;
	ctx->index = atomic_add_return(&next_context, 1);
	credentials_init_task(birth, birth);
	ids_at_attach(birth);
	attributes_attach(birth);
	count(tasks);
	count(contexts);
	return birth;
}

static long no_memory(struct context *ctx, const char **why)
{
	if (ctx)
		SYS2(munmap, ctx, sizeof(*ctx));
	*why = "no memory for a context and its kernel stack";
	return -E_NOMEM;
}

/*
 * A task that lies on no stack of ours: another copy of this library has attached the
 * thread, or the one that made it. Its head tells: first members, where a kernel stack
 * has them.
 */
static int is_of_other_copy(const struct task *task)
{
	long error = 0;
	u64 self;

	if (((u64)task & (STACK_SIZE - 1)) != TASK_OFFSET || stack_is_task(task))
		return 0;
	self = user_load_u64((u64)&task->self, &error);
	return !error && self == (u64)task;
}

/*
 * A thread has the GS base of the one that made it, so a worker that was started by
 * a carrier bears that task's. It is told from a task by its thread id.
 */
static void drop_inherited_task(void)
{
	struct task *task = arch_task_of_thread();

	if (task && (stack_is_task(task) || is_of_other_copy(task)) &&
	    task->tid != (u32)SYS0(gettid))
		arch_set_task(0);
}

/* Without these calls of the host there is no hand-off, or no end to a call. */
static long lacks(const char **why)
{
	if (host_thread_ops.barrier_everywhere()) {
		*why = "this kernel or a seccomp filter refuses membarrier, which hand-offs need";
		return -E_NOSYS;
	}
	if (!host_has_clock()) {
		*why = "a seccomp filter refuses the system call clock_gettime, which limits need";
		return -E_NOSYS;
	}
	if (SYS0(gettid) < 0 || SYS0(getpid) < 0) {
		*why = "a seccomp filter refuses gettid or getpid, by which threads are named";
		return -E_PERM;
	}
	if (signal_thread((u32)SYS0(gettid), 0)) {
		*why = "a seccomp filter refuses tgkill and rt_tgsigqueueinfo, without which no call "
		       "could be ended: allow one of the two";
		return -E_PERM;
	}
	if (!signals_can_interrupt()) {
		*why = "a seccomp filter refuses rt_sigaction, without which no call could be "
		       "interrupted";
		return -E_PERM;
	}
	if (!credentials_are_told()) {
		*why = "a seccomp filter refuses capget, and /proc/self/task/TID/status cannot be "
		       "read: allow one of the two";
		return -E_PERM;
	}
	return 0;
}

/* 0, or -errno and what is in the way. */
static long refuses(const char **why)
{
	if (is_of_other_copy(arch_task_of_thread())) {
		*why = "another copy of syslets has attached this thread; load one copy "
		       "(npm ls syslets shows where the others come from)";
		return -E_EXIST;
	}
	return arch_refuses(why) ? -E_BUSY : lacks(why);
}

/* Called on the thread that attaches. 0 and the context, or -errno and the reason. */
long host_attach(const struct attach_request *request, struct context **out, const char **why)
{
	struct context *ctx;
	struct task *birth;
	long error;

	drop_inherited_task();
	error = refuses(why);
	if (error)
		return error;
	if (request->trace && trace_memory_needed(request->trace_bytes, request->trace_tasks)) {
		*why = "the trace's memory is too small for its tasks, or it has none";
		return -E_INVAL;
	}
	mutex_lock(&host_thread_ops, &first_lock);
	signals_first_attach();
	mutex_unlock(&host_thread_ops, &first_lock);
	ctx = alloc_context();
	if (!ctx || credentials_alloc(ctx))
		return no_memory(ctx, why);
	birth = new_birth(ctx, request);
	if (!birth) {
		credentials_free(ctx);
		return no_memory(ctx, why);
	}
	make_spare(ctx);
	if (start_trace(ctx, request)) {
		kill_syslet_tasks(ctx);
		free_context(ctx);
		return no_memory(0, why);
	}
	give_up(ctx, birth, request);
	error = watch_attach(ctx, request->watcher);
	if (error) {
		kill_syslet_tasks(ctx);
		take_back(ctx);
		free_context(ctx);
		*why = "the watcher that was asked for cannot be had on this machine";
		return error;
	}
	*out = ctx;
	return 0;
}

/*
 * Called on the context's birth thread, which carries, with no call in flight.
 */
long host_detach(struct context *ctx)
{
	alarm_drop(host_of_context(ctx));
	kill_syslet_tasks(ctx);
	take_back(ctx);
	free_context(ctx);
	return 0;
}
