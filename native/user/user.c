/* SPDX-License-Identifier: MIT */
/*
 * The user's side of the C interface: the stub that finds the task, attach and
 * detach. This is user code: it may use TLS, which moves with the context.
 */
#include <pthread.h>
#include <string.h>

#include "arch/sys.h"
#include "host/host.h"
#include "syslets/submit.h"
#include "user/user.h"

#define DEFAULT_IDLE_MS 5000u

/* One TLS word: is this user context attached, and which one is it? */
static TLS_WORD struct context *attached_context;

struct syslet_call_result syslet_enter_indirect(const struct indirect_registers *regs,
						const void *params, uint64_t paramslen, long flags);
struct syslet_call_result syslet_enter_dispatch(const struct indirect_registers *regs,
						const void *params, uint64_t paramslen, u64 slept);
struct syslet_call_result syslet_enter_ring_wait(u64 ring, u64 idx, u64 timeout_ns);
struct syslet_call_result syslet_enter_ring_room(u64 ring);
struct syslet_call_result syslet_enter_home(void);

static void init(void)
{
	host_init(hardware(), libc_signals());
	interpose_signals();
}

/* A thread that comes second waits until the first has ended it. */
void syslet_library_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init);
}

int syslet_is_attached(void)
{
	return attached_context != 0;
}

static struct attach_request request_of(const struct syslet_attach_options *how)
{
	int v7 = how->policy == SYSLET_POLICY_V7;
	struct attach_request request = {
		.watcher = (enum watch_kind)how->watcher,
		.policy = v7 ? &syslet_policy_v7 : &syslet_policy_default,
		.overflow = v7 ? OVERFLOW_V7 : (enum overflow_policy)how->overflow,
		.max_tasks = how->max_tasks,
		.idle_ns = (how->idle_ms ? how->idle_ms : DEFAULT_IDLE_MS) * 1000000ull,
		.trace = how->trace,
		.trace_bytes = how->trace_bytes,
		.trace_tasks = how->trace_tasks,
	};

	find_rseq(&request);
	return request;
}

int syslet_attach(const struct syslet_attach_options *how, struct syslet_attached *attached)
{
	struct attach_request request = request_of(how);
	struct context *ctx = 0;
	long error;

	syslet_library_init();
	*attached = (struct syslet_attached){0};
	if (attached_context) {
		attached->why = "this thread is attached already";
		return -E_BUSY;
	}
	start_witness();
	interpose_signals_again();
	error = host_attach(&request, &ctx, &attached->why);
	if (error)
		return (int)error;
	attached_context = ctx;
	attached_add(ctx);
	ids_since_attach(ctx->birth);
	attached->context = ctx->index;
	attached->tid = ctx->birth->tid;
	return 0;
}

/*
 * No call is in flight once wait_away has returned, so every record has come back;
 * memory that was pinned may go only from then on.
 */
int syslet_detach_pinned(void (*release)(void *data, struct syslet_pin_record *record), void *data)
{
	struct context *ctx = attached_context;
	struct syslet_pin_record *records;
	u32 interrupted;
	long error;

	if (!ctx)
		return -E_INVAL;
	smp_store_release(&ctx->closing, 1);
	interrupted = wait_away(ctx);
	error = syslet_enter_home().value;
	if (error) {
		smp_store_release(&ctx->closing, 0);
		return (int)error;
	}
	records = syslet_unpin();
	if (release)
		release(data, records);
	attached_remove(ctx);
	host_detach(ctx);
	attached_context = 0;
	return (int)interrupted;
}

int syslet_detach(void)
{
	return syslet_detach_pinned(0, 0);
}

struct syslet_call_result syslet_indirect(const struct indirect_registers *regs, const void *params,
					  uint64_t paramslen, int flags)
{
	if (unlikely(!attached_context))
		return (struct syslet_call_result){-E_NOSYS, 0};
	return syslet_enter_indirect(regs, params, paramslen, flags);
}

long syslet_sys_indirect(const struct indirect_registers *regs, const void *params,
			 uint64_t paramslen, int flags)
{
	return syslet_indirect(regs, params, paramslen, flags).value;
}

struct syslet_call_result syslet_dispatch(const struct indirect_registers *regs,
					  const void *params, uint64_t paramslen, uint32_t *slept)
{
	if (!attached_context)
		return (struct syslet_call_result){-E_NOSYS, 0};
	return syslet_enter_dispatch(regs, params, paramslen, (u64)slept);
}

_Static_assert((int)SYSLET_UNWATCHED_SURFACES == (int)UNWATCHED_SURFACES, "the same");
_Static_assert((int)SYSLET_UNWATCHED_REFUSED == (int)UNWATCHED_REFUSED, "the same");
_Static_assert((int)SYSLET_UNWATCHED_LOOKS == (int)UNWATCHED_LOOKS, "the same");
_Static_assert((int)SYSLET_LOOKS_ALONE == (int)LOOKS_ALONE, "the same");

void syslet_when_unwatched(enum syslet_unwatched what)
{
	struct context *ctx = attached_context;
	u32 before;

	if (!ctx)
		return;
	before = ctx->when_unwatched;
	WRITE_ONCE(ctx->when_unwatched, (u32)what);
	if (before == UNWATCHED_BLOCKS) {
		smp_mb(); /* pairs with guardian_wait's */
		ctx->ops->guard(ctx);
	}
	if (what == SYSLET_LOOKS_ALONE)
		ctx->checked_ring = 0; /* the short way does not look */
}

/* It surfaced on the task that carries: its context went nowhere. */
uint64_t syslet_kept(uint64_t kept[2])
{
	kept[0] = attached_context->carrier->kept[KEPT_ARGUMENT];
	kept[1] = attached_context->carrier->kept[KEPT_SOCKET];
	return attached_context->carrier->kept_moved;
}

void syslet_go_on(const uint64_t kept[2])
{
	if (attached_context)
		go_on_with(attached_context, kept);
}

/* On a thread that is about to change the process's ids. What a context has of its own is recorded. */
void ids_will_change(struct ids_before *before)
{
	*before = (struct ids_before){0};
	if (!in_child() && attached_any() && !attached_context)
		credentials_before(before);
}

/* On a thread that has just changed the process's ids; also in a child on its way to exec. */
void ids_have_changed(const struct ids_before *before)
{
	struct context *ctx = attached_context;

	if (in_child() || !attached_any())
		return;
	credentials_told(ctx ? ctx->carrier : 0, before);
	attached_told();
}

int syslet_interrupt(const void *into, uint64_t caller_data)
{
	return attached_context ? interrupt_call(attached_context, (u64)into, caller_data) : 0;
}

_Static_assert(sizeof(struct syslet_ring_event) == sizeof(struct ring_event), "the same");

int syslet_ring_event_add(struct syslet_ring_event *event, const struct syslet_ring *ring, int fd)
{
	syslet_library_init();
	*event = (struct syslet_ring_event){.ring = (u64)ring, .fd = fd};
	return (int)ring_event_add(&host_thread_ops, (struct ring_event *)event);
}

void syslet_ring_event_remove(struct syslet_ring_event *event)
{
	ring_event_remove(&host_thread_ops, (struct ring_event *)event);
}

/* A full barrier: see write_events. */
void syslet_ring_arm(struct syslet_ring_event *event)
{
	xchg(&event->armed, 1);
}

/*
 * A thread that is not attached may wait for a ring and say that it has reaped: it
 * has no context that could move, so the kernel's functions run on its own stack.
 */
struct bystander {
	struct context ctx;
	struct task task;
};

static struct task *stand_by(struct bystander *bystander)
{
	syslet_library_init();
	memset(bystander, 0, sizeof(*bystander));
	bystander->ctx.policy = &syslet_policy_default;
	bystander->ctx.ops = &host_thread_ops;
	bystander->task.ctx = &bystander->ctx;
	bystander->task.call = &bystander->task.own;
	return &bystander->task;
}

long syslet_ring_wait(const struct syslet_ring *ring, uint64_t idx, uint64_t timeout_ns)
{
	struct bystander bystander;

	if (attached_context)
		return syslet_enter_ring_wait((u64)ring, idx, timeout_ns).value;
	return sys_syslet_ring_wait((u64)ring, idx, timeout_ns, stand_by(&bystander));
}

long syslet_place_wait(const struct syslet_result_place *place, uint64_t timeout_ns)
{
	return place_wait(&host_thread_ops, place, timeout_ns);
}

long syslet_ring_room(const struct syslet_ring *ring)
{
	struct bystander bystander;

	if (attached_context)
		return syslet_enter_ring_room((u64)ring).value;
	return sys_syslet_ring_room((u64)ring, stand_by(&bystander));
}

int syslet_room_wanted(void)
{
	return READ_ONCE(syslet_room_mark) != 0;
}

uint64_t syslet_park_ip(void)
{
	return (u64)syslet_park;
}

uint64_t syslet_exit_ip(void)
{
	return (u64)syslet_exit;
}

uint32_t syslet_pending_task(void)
{
	return attached_context ? attached_context->pending_task : 0;
}

enum syslet_watcher syslet_current_watcher(const char **why, int *perf_errno)
{
	const struct watch_context *watch;

	*why = "this thread is not attached";
	*perf_errno = 0;
	if (!attached_context)
		return SYSLET_WATCHER_AUTO;
	watch = watch_of_context(attached_context);
	*perf_errno = watch->perf_error;
	if (!watch->automatic)
		*why = "it was asked for";
	else if (watch->perf_error && watch->sampler_error)
		*why = "auto: neither a perf event nor a file of /proc can be opened";
	else if (watch->perf_error)
		*why = "auto: a perf event could not be opened";
	else
		*why = "auto: perf events can be opened, and they are exact";
	if (watch->automatic && watch->perf_error)
		return watch->sampler_error ? SYSLET_WATCHER_CLOCK : SYSLET_WATCHER_SAMPLER;
	return (enum syslet_watcher)watch->kind;
}

void syslet_read_counters(struct syslet_counters *counters)
{
	u64 *to = (u64 *)counters;
	const u64 *from = (const u64 *)&syslet_counters;
	size_t i;

	for (i = 0; i < sizeof(*counters) / sizeof(u64); i++)
		to[i] = READ_ONCE(from[i]);
}

const struct syslet_refused_call *syslet_refused(unsigned i)
{
	_Static_assert(sizeof(struct syslet_refused_call) == sizeof(struct refused_call), "the same");
	return i < syslet_refused_count ? (const struct syslet_refused_call *)&syslet_refused_calls[i]
					: 0;
}

static int probe(struct task *task, long (*open_one)(struct task *), void (*close)(struct task *))
{
	long error = open_one(task);

	close(task);
	return (int)-error;
}

void syslet_read_facts(struct syslet_facts *facts)
{
	struct task task = {.tid = (u32)SYS0(gettid)};

	syslet_library_init();
	watch_init_task(&task);
	*facts = (struct syslet_facts){
		.arch = SYSLETS_ARCH_NAME,
		.hand_off = SYSLETS_ARCH_HAS_SYSLETS,
		.fsgsbase = (int)arch_has_fsgsbase,
		.protection_keys = (int)arch_has_pkru,
		.perf_errno = probe(&task, perf_open, perf_close),
		.sampler_errno = probe(&task, sampler_open, sampler_close),
		.interrupt_signal = host_interrupt_signal,
	};
	if (!attached_context)
		return;
	facts->spare = READ_ONCE(attached_context->spare) != 0;
	facts->guardian = has_witness();
	facts->descriptors_missing = reserve_missing(&facts->descriptors_held);
}

void syslet_pin(struct syslet_pin_record *record)
{
	count(pins);
	pin_call(attached_context, (struct pin_record *)record);
}

/* All records whose calls are over, as a list. The caller counts them off. */
struct syslet_pin_record *syslet_unpin(void)
{
	struct syslet_pin_record *record, *all;

	if (!attached_context || !READ_ONCE(attached_context->unpin))
		return 0;
	all = (struct syslet_pin_record *)xchg(&attached_context->unpin, (struct pin_record *)0);
	for (record = all; record; record = record->next)
		uncount(pins);
	return all;
}
