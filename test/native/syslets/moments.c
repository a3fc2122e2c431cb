/* SPDX-License-Identifier: MIT */
/*
 * Moments that a machine shows once in a million calls: a watcher that gets no processor in the
 * middle of a look, a task that cannot be made after all.
 */
#include <pthread.h>
#include <sys/socket.h>

#include "fake-host.h"

#define MS 1000000ull
#define LIMIT_MS 1000 /* of the socket */

static struct {
	struct syslet_ring head;
	struct syslet_completion comp[8];
} ring;
static u64 stack[64];
static struct host_ops ops;
static struct context *ctx;

static struct context *begin(void)
{
	ops = fake_ops;
	ring.head.elements = 8;
	ctx = fake_attach(&syslet_policy_default, OVERFLOW_RESERVE);
	ctx->ops = &ops;
	return ctx;
}

static union indirect_params params(void)
{
	return (union indirect_params){.syslet = {.ring_ptr = (u64)&ring,
						  .frame = {(u64)syslet_park, (u64)(stack + 64)}}};
}

static long make(u64 nr)
{
	struct indirect_registers regs = {.NR = nr};
	union indirect_params with = params();

	return sys_indirect(&regs, &with, sizeof(with), 0, ctx->carrier).value;
}

static void watcher_is_kept_off(void)
{
	CHECK_EQ(ctx->watcher & WATCHER_MARKS, 0);
	CHECK(ctx->watcher != 0);
	ctx->watcher |= WATCHER_AWAY;
}

static int would_sleep(void)
{
	T_FAIL("the carrier waits for the lock");
}

/* It may have been stopped with the lock. */
static void an_entry_takes_no_lock_of_its_watcher(void)
{
	begin();
	CHECK_EQ(make(SYS_getpid), 0);
	watcher_is_kept_off();
	ctx->lock.word = 1;
	fake.wait = would_sleep;
	CHECK_EQ(make(SYS_getpid), 0);
	CHECK_EQ(ctx->unwatched, 1);
	fake.wait = 0;
	ctx->lock.word = 0;
	fake_detach(ctx);
}

/* A task whose call is over takes the place while the carrier is on the way to it: row 10 is no reason to fail. */
static void an_entry_finds_the_place_taken(void)
{
	const struct policy *policies[] = {&syslet_policy_default, &syslet_policy_v7};
	int i;

	for (i = 0; i < 2; i++) {
		ctx = fake_attach(policies[i], OVERFLOW_RESERVE);
		ctx->watcher = (uintptr_t)ctx->birth;
		CHECK_EQ(ensure_watcher(ctx->carrier), 0);
		ctx->watcher = 0;
		fake_detach(ctx);
	}
}

static struct {
	pthread_t thread;
	u64 word;
	int stands, goes_on; /* in the midst of the look */
} watcher;
static __thread int is_watcher;
static u64 now, time_left;

/* The watcher has the time, and gets no processor before it can tell it. */
static u64 now_and_stand(void)
{
	u64 then = __atomic_load_n(&now, __ATOMIC_RELAXED);

	if (!is_watcher)
		return then;
	__atomic_store_n(&watcher.stands, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&watcher.goes_on, __ATOMIC_ACQUIRE))
		usleep(50);
	return then;
}

static void *refuse_to_take_over(void *unused)
{
	(void)unused;
	is_watcher = 1;
	CHECK(!syslet_schedule(ctx->carrier, watcher.word));
	return 0;
}

static long blocks_while_it_is_looked_at(const struct indirect_registers *regs, struct task *cur)
{
	(void)regs;
	watcher.word = cur->word;
	CHECK_EQ(pthread_create(&watcher.thread, 0, refuse_to_take_over, 0), 0);
	while (!__atomic_load_n(&watcher.stands, __ATOMIC_ACQUIRE))
		usleep(50);
	return 0;
}

/* The watcher goes on in the midst of this call; 300 ms after its begin a foreign signal comes. */
static long is_interrupted_once(const struct indirect_registers *regs, struct task *cur)
{
	static int calls;
	struct timeval *limit = (struct timeval *)regs->ARG3;
	struct timespec *left = (struct timespec *)regs->ARG2;

	switch (regs->NR) {
	case SYS_getsockopt:
		if (regs->ARG2 != SO_RCVTIMEO)
			return -ENOPROTOOPT;
		*limit = (struct timeval){.tv_sec = LIMIT_MS / 1000};
		return 0;
	case SYS_ppoll:
		time_left = (u64)left->tv_sec * 1000 * MS + (u64)left->tv_nsec;
		return 1;
	case SYS_recvfrom:
		if (calls++)
			return 7;
		__atomic_store_n(&watcher.goes_on, 1, __ATOMIC_RELEASE);
		pthread_join(watcher.thread, 0);
		now += 300 * MS;
		cur->signalled = 1;
		return -EINTR;
	default:
		return -ENOSYS;
	}
}

/* The limit of a call without a watcher begins with it, whatever a late one says of the call before. */
static void a_late_watcher_tells_of_its_own_call(void)
{
	begin();
	ops.now = now_and_stand;
	now = 5000 * MS;
	CHECK_EQ(make(SYS_getpid), 0);
	fake.call = blocks_while_it_is_looked_at;
	fake.unfit = 1;
	CHECK_EQ(make(SYS_getpid), 0);
	watcher_is_kept_off();
	now += 2000 * MS;
	fake.call = is_interrupted_once;
	CHECK_EQ(make(SYS_recvfrom), 7);
	CHECK_EQ(time_left, (LIMIT_MS - 300) * MS);
	fake.unfit = 0;
	fake.call = 0;
	fake_detach(ctx);
}

static unsigned guarded;

static void count_guarded(struct context *of)
{
	CHECK(of->watcher != 0);
	guarded++;
}

static long asks_for_a_watcher(const struct indirect_registers *regs, struct task *cur)
{
	u64 word = cur->word;

	(void)regs;
	guarded = 0;
	ctx->renewal = RENEWAL_WANTED;
	CHECK(lock_call(cur, word));
	answer_nudge(cur);
	unlock_call(cur, word);
	return 0;
}

/* Its place was free for a moment, in which the guardian may have looked: then it must look again. */
static void a_watcher_that_cannot_be_replaced_is_guarded(void)
{
	uintptr_t before;

	begin();
	ops.guard = count_guarded;
	CHECK_EQ(make(SYS_getpid), 0);
	before = ctx->watcher;
	fake.start_error = -EAGAIN;
	fake.call = asks_for_a_watcher;
	CHECK_EQ(make(SYS_getpid), 0);
	CHECK_EQ(ctx->renewal, RENEWAL_FAILED);
	CHECK_EQ(ctx->watcher, before);
	CHECK_EQ(guarded, 1);
	fake.start_error = 0;
	fake.call = 0;
	fake_detach(ctx);
}

static long dispatch(void)
{
	struct indirect_registers regs = {.NR = SYS_getpid};
	union indirect_params with = params();

	return sys_dispatch(&regs, &with, sizeof(with), 0, ctx->carrier).value;
}

/* It has the memory of the call before: what is pinned to that comes back, as it is over. */
static void a_withdrawn_call_takes_no_pin(void)
{
	static struct pin_record record;
	struct task *task;

	begin();
	CHECK_EQ(dispatch(), -ESYSLETPENDING);
	task = container_of(ctx->tasks.prev, struct task, all);
	CHECK_EQ(task->order, ORDER_DISPATCH);
	run_dispatched_calls(task);
	CHECK(first_syslet_task(ctx) == task); /* no task is idle */
	fake.start_error = -EAGAIN;
	CHECK_EQ(dispatch(), -EAGAIN);
	pin_call(ctx, &record);
	CHECK(ctx->unpin == &record);
	fake.start_error = 0;
	fake_detach(ctx);
}

static int takes_the_request_back(void)
{
	static unsigned looks;

	if (++looks > 3)
		T_FAIL("a watcher waits for an answer that it does not ask for any more");
	WRITE_ONCE(ctx->renewal, RENEWAL_NONE);
	return -ETIMEDOUT;
}

/*
 * The watcher before, which was told too late that its successor was made, sees the successor's own
 * request, and takes that for its own.
 */
static void a_request_that_another_takes_back_is_over(void)
{
	struct task *watcher;

	begin();
	CHECK_EQ(make(SYS_getpid), 0);
	watcher = first_syslet_task(ctx);
	watcher->order = ORDER_WATCH;
	ctx->carrier->word = word_with(ctx->carrier->word, WORD_IN_CALL);
	fake.wait = takes_the_request_back;
	CHECK_EQ(make_successor(watcher, ctx->carrier->word), 0);
	CHECK(first_syslet_task(ctx) == watcher); /* and looks on */
	fake.wait = 0;
	ctx->carrier->word = word_with(ctx->carrier->word, WORD_USER);
	fake_detach(ctx);
}

int main(void)
{
	syslet_rings_init();
	RUN(an_entry_takes_no_lock_of_its_watcher);
	RUN(an_entry_finds_the_place_taken);
	RUN(a_late_watcher_tells_of_its_own_call);
	RUN(a_watcher_that_cannot_be_replaced_is_guarded);
	RUN(a_withdrawn_call_takes_no_pin);
	RUN(a_request_that_another_takes_back_is_over);
	return 0;
}
