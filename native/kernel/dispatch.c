/* SPDX-License-Identifier: MIT */
/*
 * Dispatch: a call that is known to block is given to a waiting task, which makes it
 * and stores the completion as an original does. No context moves; the caller goes
 * on with -ESYSLETPENDING at once.
 *
 * Each dispatched call has a task of its own from the beginning, so that one that
 * blocks holds up no other. But not each costs a wake: the task stays asleep in
 * context.dispatched, with its call, until its turn comes. Whoever takes a call from
 * the list wakes the next one's task if there is one and nobody else is on the way;
 * and a task whose call is over takes the first call of the list, whose task then
 * never wakes. So a call goes from task to task, under context.lock, until it begins.
 *
 * There is always somebody on the way while the list is not empty: context.searching
 * counts tasks that were woken and have not looked. All of it is under context.lock.
 */
#include "kernel/ring-state.h"
#include "kernel/trace.h"

/* A call that has not begun, on its way from task to task. */
struct parcel {
	struct indirect_registers regs;
	struct indirect_params_placed params;
	struct ring_state *ring_state;
	u64 slept, call_id;
	uintptr_t pin;
	u32 elements, interrupt;
};

/* Precondition: context.lock. */
static struct parcel take_parcel(struct task *from)
{
	return (struct parcel){
		.regs = from->regs_dispatched,
		.params = from->indirect_params,
		.ring_state = from->ring_state,
		.slept = from->slept,
		.call_id = from->call_id,
		.pin = xchg(&from->pin, (uintptr_t)0),
		.elements = from->elements,
		.interrupt = READ_ONCE(from->interrupt),
	};
}

/*
 * Precondition: context.lock. The carrier may be naming another call as the one that
 * is pending at this moment: then that one stays named.
 */
static void give_parcel(struct task *to, struct task *from, const struct parcel *parcel)
{
	to->regs_dispatched = parcel->regs;
	to->indirect_params = parcel->params;
	to->ring_state = parcel->ring_state;
	to->slept = parcel->slept;
	to->call_id = parcel->call_id;
	WRITE_ONCE(to->pin, parcel->pin);
	to->elements = parcel->elements;
	WRITE_ONCE(to->interrupt, parcel->interrupt);
	WRITE_ONCE(to->handed, 1);
	if (parcel->call_id == READ_ONCE(to->ctx->pending_id))
		cmpxchg_bool(&to->ctx->pending_task, from, to);
}

/* Precondition: context.lock. */
static void start_searching(struct task *task)
{
	task->searching = 1;
	task->ctx->searching++;
}

/* Precondition: context.lock. */
void stop_searching(struct task *task)
{
	task->ctx->searching -= task->searching;
	task->searching = 0;
}

/* Precondition: context.lock. Whom to wake so that somebody is on the way, or 0. */
static struct task *next_to_wake(struct context *ctx)
{
	struct task *task;

	if (list_empty(&ctx->dispatched) || ctx->searching)
		return 0;
	task = container_of(ctx->dispatched.next, struct task, pool);
	start_searching(task);
	return task;
}

static void wake_task(const struct host_ops *ops, struct task *task)
{
	if (!task)
		return;
	count(dispatch_wakes);
	ops->wake(&task->order, 1); /* it may have gone meanwhile: then the wake is spurious */
}

/* Precondition: context.lock. Its call went to another task; who was woken will look. */
static void give_up_call(struct task *task)
{
	list_del_init(&task->pool);
	WRITE_ONCE(task->handed, 0);
	WRITE_ONCE(task->interrupt, 0);
	WRITE_ONCE(task->state, TASK_IDLE);
	if (!task->searching)
		add_idle(task);
}

/* Precondition: context.lock. Each gets the other's call, and cur's place in the list. */
static void swap_calls(struct task *cur, struct task *first)
{
	struct parcel mine = take_parcel(cur), theirs = take_parcel(first);

	give_parcel(cur, first, &theirs);
	give_parcel(first, cur, &mine);
	list_del_init(&first->pool);
	list_add_tail(&first->pool, list_empty(&cur->pool) ? &cur->ctx->dispatched : &cur->pool);
}

/* Precondition: context.lock. The call that was dispatched first is cur's; 0: there is none. */
static int take_first_call(struct task *cur)
{
	struct context *ctx = cur->ctx;
	int has_call = cur->state == TASK_QUEUED;
	struct task *first = cur;

	if (!list_empty(&ctx->dispatched))
		first = container_of(ctx->dispatched.next, struct task, pool);
	else if (!has_call)
		return 0;
	if (first != cur && has_call) {
		swap_calls(cur, first);
	} else if (first != cur) {
		struct parcel parcel = take_parcel(first);

		give_up_call(first);
		give_parcel(cur, first, &parcel);
	}
	list_del_init(&cur->pool);
	WRITE_ONCE(cur->state, TASK_BLOCKED);
	WRITE_ONCE(cur->order, ORDER_IDLE);
	return 1;
}

/*
 * Precondition: the task was told ORDER_DISPATCH, or its dispatched call is over.
 * 1: another call is its own now. Else it has its place, or was told otherwise.
 */
static int next_call(struct task *cur, int is_over)
{
	struct context *ctx = cur->ctx;
	int found = 0, interrupted = 0;
	struct task *next;

	mutex_lock(ctx->ops, &ctx->lock);
	stop_searching(cur);
	if (is_over) {
		interrupted = leave_away(cur);
		cur->indirect_params = (struct indirect_params_placed){0};
	}
	if (cur->order == ORDER_DISPATCH || (is_over && cur->order == ORDER_IDLE)) {
		found = (!cur->unfit || cur->state == TASK_QUEUED) && take_first_call(cur);
		if (!found) {
			WRITE_ONCE(cur->order, ORDER_IDLE);
			if (!cur->unfit || cur == ctx->birth)
				take_place_locked(cur);
		}
	}
	next = next_to_wake(ctx);
	mutex_unlock(ctx->ops, &ctx->lock);
	wake_task(ctx->ops, next);
	if (unlikely(interrupted))
		ctx->ops->take_interrupt();
	return found;
}

/* Tells who dispatched it if the call slept: 2, or 1 if not. Seen with the completion. */
static void tell_if_slept(struct task *cur, int slept)
{
	count(dispatches_observed);
	if (slept)
		count(dispatches_slept);
	put_user_u32(cur->slept, slept ? 2 : 1);
}

/* Each takes some milliseconds, in which nothing may change: else they are counted anew. */
#define UNFIT_TRIES 20
#define UNSETTLED_TRIES 1000

/*
 * 1 if the task has the credentials of its context. A setuid that goes on is waited for as
 * long as it takes, or until the call is interrupted: nobody else would make the call. A
 * carrier that keeps other ids than the recorded ones for seconds is in no setuid.
 */
static int is_fit(struct task *cur)
{
	int unfit = 0, unsettled = 0;

	while (unfit < UNFIT_TRIES && unsettled < UNSETTLED_TRIES && !READ_ONCE(cur->interrupt)) {
		int fitness = cur->ctx->ops->may_go_on(cur);

		if (likely(fitness == FIT))
			return 1;
		unfit = fitness == UNFIT ? unfit + 1 : 0;
		unsettled = fitness == FIT_ONCE_SETTLED ? unsettled + 1 : 0;
	}
	return 0;
}

/*
 * Makes the call. Not with other credentials than the context has (row 8): -EAGAIN
 * from a task that cannot have them, which was counted.
 */
static long make_call(struct task *cur)
{
	const struct host_ops *ops = cur->ctx->ops;
	u64 before;
	long status;
	int fit;

	fit = is_fit(cur);
	if (unlikely(READ_ONCE(cur->interrupt)))
		return -E_INTR; /* is_fit may have given up for that: the task is as fit as it was */
	cur->unfit = !fit;
	if (unlikely(!fit))
		return -E_AGAIN;
	WRITE_ONCE(cur->blocked_at, ops->now());
	rest_goes_away(&cur->regs_dispatched, cur, cur);
	if (likely(!cur->slept))
		return run_dispatched(cur);
	before = ops->voluntary_switches();
	status = run_dispatched(cur);
	tell_if_slept(cur, ops->voluntary_switches() != before);
	return status;
}

/* Makes its own call, and those that were dispatched meanwhile. Called from wait_to_carry. */
void run_dispatched_calls(struct task *cur)
{
	int found = next_call(cur, 0);

	while (found) {
		complete_call(cur, make_call(cur));
		found = next_call(cur, 1);
		count_back(cur->ctx);
		if (unlikely(cur->unfit && !found && cur != cur->ctx->birth))
			exit_task(cur);
	}
}

struct dispatch {
	const struct indirect_registers *regs;
	struct task *carrier; /* holds the parameters, as the checks left them */
	u64 slept;
};

/* Precondition: context.lock. The call is the task's until it begins or another takes it. */
static void assign(struct task *task, const struct dispatch *dispatch)
{
	struct task *carrier = dispatch->carrier;
	struct context *ctx = task->ctx;

	task->regs_dispatched = *dispatch->regs;
	task->indirect_params = carrier->indirect_params;
	task->elements = carrier->elements;
	task->ring_state = carrier->ring_state;
	task->slept = dispatch->slept;
	WRITE_ONCE(task->pin, 0);
	WRITE_ONCE(task->interrupt, 0);
	task->call_id = ctx->seq += WORD_SEQ_ONE;
	ctx->pending_task = task;
	WRITE_ONCE(ctx->pending_id, task->call_id);
	task->blocked_at = ctx->ops->now();
	WRITE_ONCE(task->state, TASK_QUEUED);
	WRITE_ONCE(task->handed, 1);
	smp_store_release(&task->order, ORDER_DISPATCH);
}

/* create_new_syslet_task's: who is made for a call is on the way to it. */
static void prepare_dispatched(struct task *task, void *data)
{
	assign(task, data);
	start_searching(task);
}

/* To an idle task: 1, or 0 if there is none. */
static int give_to_idle(struct context *ctx, const struct dispatch *dispatch)
{
	struct task *task, *wake = 0;

	mutex_lock(ctx->ops, &ctx->lock);
	task = first_fit_idle(ctx);
	if (task) {
		remove_idle(task);
		assign(task, dispatch);
		list_add_tail(&task->pool, &ctx->dispatched);
		wake = next_to_wake(ctx);
	}
	mutex_unlock(ctx->ops, &ctx->lock);
	wake_task(ctx->ops, wake);
	return task != 0;
}

/* One task below the cap is left for a watcher, without which other calls would block. */
static u32 kept_for_watcher(const struct context *ctx)
{
	return READ_ONCE(ctx->watcher) ? 0 : 1;
}

static long give_to_somebody(struct context *ctx, struct dispatch *dispatch)
{
	if (give_to_idle(ctx, dispatch))
		return 0;
	if (!create_new_syslet_task(ctx, kept_for_watcher(ctx), prepare_dispatched, dispatch))
		return 0;
	return -E_AGAIN;
}

static struct syslet_result returned(long value)
{
	return (struct syslet_result){value, HOW_RETURNED};
}

/* Row 4, and the count of calls in flight: 0 where the completion might find no room. */
static int reserve(struct task *cur)
{
	u64 ring = cur->indirect_params.syslet.completion_ring_ptr;

	if (!cur->ring_state || ring_reserve(cur->ring_state, ring, cur->elements))
		return 1;
	count(reserve_refused);
	return 0;
}

/*
 * Called by the entry stub: the checks of a syslet, then a task gets the call. slept
 * is 0 or the address of a u32 for tell_if_slept. -ENOSYS with v7, which has no such
 * call; -EAGAIN without room in the ring, or when no task can be had; -EINVAL for what
 * is no syslet, for a frame other than `park`, and for calls that change the OS thread.
 */
struct syslet_result sys_dispatch(const void *userregs, const void *userparams, u64 paramslen,
				  u64 slept, struct task *cur)
{
	struct context *ctx = cur->ctx;
	struct indirect_registers regs;
	struct dispatch dispatch = {&regs, cur, slept};
	long ret;

	if (ctx->policy->any_call_number)
		return returned(-E_NOSYS);
	ret = take_dispatched(&regs, userregs, userparams, paramslen, cur);
	if (ret)
		return returned(ret);
	if (probe_writable(cur, &cur->indirect_params.syslet) ||
	    (slept && probe_user_u32(slept).error))
		return returned(-E_FAULT);
	if (!reserve(cur))
		return returned(-E_AGAIN);
	atomic_add_return(&ctx->away, 1);
	count(tasks_away);
	ret = give_to_somebody(ctx, &dispatch);
	if (likely(!ret)) {
		count(dispatches);
		trace_dispatch(cur, (u32) * (const u64 *)&regs);
		return (struct syslet_result){-ESYSLETPENDING, HOW_PENDING};
	}
	count_back(ctx);
	if (cur->ring_state)
		ring_unreserve(cur->ring_state);
	return returned(ret);
}
