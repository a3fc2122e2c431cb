/* SPDX-License-Identifier: MIT */
/*
 * The exact watcher: a perf event a task, whose ring tells each switch of it.
 *
 * PERF_COUNT_SW_DUMMY with context_switch = 1 and exclude_kernel = 1 is open to
 * ordinary users with perf_event_paranoid 2. Records have 8 bytes; an OUT says
 * whether the task was preempted. The ring is mapped read-only, so the kernel
 * overwrites and it never fills; its last record is read by plain loads.
 *
 * A record that wakes a poller costs the switching thread an interrupt to itself:
 * 15 us here, against 1.3 us for the whole switch without. So there are two events.
 * The first is for looking at and wakes nobody (its watermark is the whole ring).
 * The second, the alarm, wakes at each record; it is enabled while the watcher
 * sleeps.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define PAGE 4096ul
#define RING_BYTES PAGE
#define RECORD_BYTES 8u

#define POLL_LIMIT_NS 10000000ull /* a wake that was missed costs no more than this */
#define STEP_NS 100000ull	  /* where no alarm can be had */
#define SPIN_TICKS_US 30
#define IDLE_WAKES 16		  /* that no call explains: then the events are closed */
#define IDLE_TIMEOUT 4		  /* a poll that ended by its limit counts for so many */
#define RESTRAINT_WAKES 8
#define LOOP_US 600		  /* sleeps outside of calls closer than that: an event loop */
#define LOOP_OVER_US 1000	  /* without such a sleep: it is none any more */
#define RECORDS_BACK 64		  /* looked through for one */
#define RESTRAINT_US 500
#define RESTRAINT_NS 300000ull
#define RESTRAINT_MAX_NS 4800000ull

struct pollfd {
	s32 fd;
	s16 events;
	s16 revents;
};
#define POLLIN 1

static struct perf_event_attr switch_event(u32 watermark)
{
	return (struct perf_event_attr){
		.disabled = watermark != RING_BYTES,
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_DUMMY,
		.context_switch = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.watermark = 1,
		.wakeup_watermark = watermark,
	};
}

/* The event's descriptor and its mapped ring, or -errno. tid 0: the caller. */
static long open_event(u32 tid, u32 watermark, volatile struct perf_event_mmap_page **ring)
{
	struct perf_event_attr attr = switch_event(watermark);
	long fd = SYS5(perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC), page;

	if (fd < 0)
		return fd;
	page = SYS6(mmap, 0, PAGE + RING_BYTES, 1 /* PROT_READ */, 1 /* MAP_SHARED */, fd, 0);
	if (page < 0 && page > -4096) {
		SYS1(close, fd);
		return page;
	}
	smp_store_release(ring, (volatile struct perf_event_mmap_page *)page);
	count(perf_opened);
	count(perf_events);
	return fd;
}

static void close_event(volatile struct perf_event_mmap_page **ring, s32 *fd)
{
	if (!*ring)
		return;
	SYS2(munmap, *ring, PAGE + RING_BYTES);
	SYS1(close, *fd);
	*ring = 0;
	*fd = -1;
	count(perf_closed);
	uncount(perf_events);
}

/* Called on the task itself. */
long perf_open(struct task *task)
{
	struct watch_task *watch = watch_of(task);
	long fd = open_event(0, RING_BYTES, &watch->page);

	if (fd < 0) {
		count(perf_failed);
		return fd;
	}
	watch->perf_fd = (s32)fd;
	return 0;
}

/* Precondition: nobody watches the task but the caller. */
void perf_close(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	close_event(&watch->page, &watch->perf_fd);
	close_event(&watch->alarm_page, &watch->alarm_fd);
	watch->armed = 0;
}

/*
 * Called by the watcher when it has seen that the carrier is not blocked: a task that
 * carries for the first time gets its alarm now, so that no later hand-off opens one.
 */
static void open_alarm(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);
	long fd = open_event(carrier->tid, 1, &watch->alarm_page);

	if (fd >= 0)
		watch->alarm_fd = (s32)fd;
}

/* Called by the watcher: the carrier's next switch ends a poll. 0 if it cannot be had. */
static int arm(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);

	if (watch->armed || !watch->alarm_page)
		return watch->armed;
	watch->armed_head = smp_load_acquire(&watch->alarm_page->data_head);
	watch->armed = !SYS3(ioctl, watch->alarm_fd, PERF_EVENT_IOC_ENABLE, 0);
	return watch->armed;
}

/*
 * Called by the watcher that saw the carrier blocked, before it takes over: the
 * switch by which the call ends would pay for an alarm that nobody waits for.
 */
static void disarm(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);

	if (!watch->armed)
		return;
	SYS3(ioctl, watch->alarm_fd, PERF_EVENT_IOC_DISABLE, 0);
	watch->armed = 0;
}

static const volatile struct perf_event_header *last_record(
	volatile struct perf_event_mmap_page *page, u64 head)
{
	volatile char *data = (volatile char *)page + PAGE;

	return (const volatile struct perf_event_header *)(data +
							   ((head - RECORD_BYTES) % RING_BYTES));
}

static int record_is_out(volatile struct perf_event_mmap_page *page, u64 head)
{
	return head && (last_record(page, head)->misc & PERF_RECORD_MISC_SWITCH_OUT) != 0;
}

/* Did the task go to sleep of its own accord since the head was `from`? */
static int slept_since(struct task *task, u64 from)
{
	volatile struct perf_event_mmap_page *page = watch_of(task)->page;
	u64 head = smp_load_acquire(&page->data_head);
	int i;

	for (i = 0; i < RECORDS_BACK && head > from; i++, head -= RECORD_BYTES) {
		u16 misc = last_record(page, head)->misc;

		if ((misc & PERF_RECORD_MISC_SWITCH_OUT) &&
		    !(misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT))
			return 1;
	}
	return 0;
}

enum sight { SIGHT_NOTHING, SIGHT_BLOCKED, SIGHT_PREEMPTED, SIGHT_OFF, SIGHT_UNSURE };

/*
 * Looks at the carrier. The order makes a block belong to the call: the word, the
 * head and the last record, the head again; who hands over claims the
 * word that was read first. An OUT beside a word that says "in user space" is
 * believed only if the word has not changed since.
 */
static enum sight look(struct task *self, struct task *carrier, u64 *seen, u64 *word)
{
	struct watch_task *mine = watch_of(self);
	volatile struct perf_event_mmap_page *page = watch_of(carrier)->page;
	u64 head;
	u16 misc;

	*word = smp_load_acquire(&carrier->word); /* pairs with the release in run_syslet */
	head = smp_load_acquire(&page->data_head);
	if (!head) {
		*seen = 0;
		return SIGHT_NOTHING;
	}
	misc = last_record(page, head)->misc;
	barrier();
	if (smp_load_acquire(&page->data_head) != head)
		return SIGHT_UNSURE;
	if (!(misc & PERF_RECORD_MISC_SWITCH_OUT)) {
		*seen = head;
		return SIGHT_NOTHING;
	}
	if (misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) {
		*seen = head;
		return SIGHT_PREEMPTED;
	}
	if (word_state(*word) == WORD_IN_CALL) {
		if (mine->tried_word == *word && mine->tried_head == head) {
			*seen = head;
			return SIGHT_OFF;
		}
		mine->tried_word = *word;
		mine->tried_head = head;
		return SIGHT_BLOCKED;
	}
	if (smp_load_acquire(&carrier->word) != *word || word_state(*word) == WORD_LOCKED)
		return SIGHT_UNSURE;
	*seen = head;
	return SIGHT_OFF;
}

/*
 * Is the carrier's last record still the OUT by which it was seen blocked, after a
 * full barrier of ours? Then it passed one of its own before that OUT (the
 * scheduler's, when it took the run queue's lock), and it will pass another after
 * its next IN and before it reads the claim: who was blocked takes itself off what
 * it waited for, under a lock.
 */
int perf_still_off(struct task *watcher, struct task *carrier)
{
	smp_mb(); /* the claim before the head; pairs with the task's own, as above */
	return smp_load_acquire(&watch_of(carrier)->page->data_head) ==
	       watch_of(watcher)->tried_head;
}

/*
 * A switch is recorded for the alarm first and for the ring that we look at next: a
 * poll that ended at the former must not begin again before the latter is there.
 */
static int rings_agree(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);
	u64 alarm = smp_load_acquire(&watch->alarm_page->data_head);
	u64 head = smp_load_acquire(&watch->page->data_head);

	if (alarm == watch->armed_head)
		return 1; /* no switch since it was armed */
	return record_is_out(watch->alarm_page, alarm) == record_is_out(watch->page, head);
}

/*
 * Sleeps until the carrier switches, or for a limited time; 1 if that was over. The
 * caller has looked since the alarm was armed, so that no block lies in between.
 */
static int poll_alarm(struct task *carrier)
{
	struct pollfd fd = {.fd = watch_of(carrier)->alarm_fd, .events = POLLIN};
	struct kernel_timespec limit = timespec_of_ns(POLL_LIMIT_NS);

	return !SYS5(ppoll, &fd, 1, &limit, 0, 8);
}

/*
 * Wakes that show no block cost the carrier much, and there are two kinds. One that
 * sleeps often outside of its calls, as an event loop does, pays for the alarm each
 * time: while it does, the alarm is off and the watcher looks in steps. And a watcher
 * that wakes on the carrier's own processor preempts it, which is a switch and wakes it
 * again: then it leaves the carrier alone for a while, and for longer each time until
 * the next hand-off.
 */
struct restraint {
	u64 since; /* ticks; of the wakes */
	u64 rest_ns;
	unsigned wakes;
	int is_loop;
	u64 slept_at; /* ticks: when the carrier was last seen to have slept */
	u64 head;     /* of its ring, at the last look */
};

static void rest_a_while(struct restraint *restraint, struct task *carrier)
{
	u64 now = arch_ticks();

	if (now - restraint->since > RESTRAINT_US * arch_ticks_per_us) {
		restraint->since = now;
		restraint->wakes = 0;
	}
	if (++restraint->wakes < RESTRAINT_WAKES)
		return;
	restraint->rest_ns = restraint->rest_ns ? 2 * restraint->rest_ns : RESTRAINT_NS;
	if (restraint->rest_ns > RESTRAINT_MAX_NS)
		restraint->rest_ns = RESTRAINT_MAX_NS;
	disarm(carrier); /* its other switches need not pay for it */
	sleep_ns(restraint->rest_ns);
	restraint->since = arch_ticks();
	restraint->wakes = 0;
}

/* After a wake, or a step, that showed no block. 1 if the carrier slept meanwhile. */
static int restrain(struct restraint *restraint, struct task *carrier)
{
	u64 now = arch_ticks(), ago = now - restraint->slept_at;
	int slept = slept_since(carrier, restraint->head);

	restraint->head = smp_load_acquire(&watch_of(carrier)->page->data_head);
	if (slept)
		restraint->slept_at = now;
	if (restraint->is_loop) {
		restraint->is_loop = slept || ago < LOOP_OVER_US * arch_ticks_per_us;
	} else if (slept && ago < LOOP_US * arch_ticks_per_us) {
		restraint->is_loop = 1;
		disarm(carrier);
	} else if (!slept) {
		rest_a_while(restraint, carrier);
	}
	return slept;
}

/*
 * The carrier is woken often and makes no calls: each of its switches would wake
 * the watcher, and costs it the event's bookkeeping. Closes the event and parks;
 * the next entry opens a new one and wakes us. The mark comes first, so that no
 * call is made while nothing shows its block.
 */
static void park_until_call(struct task *self, struct task *carrier, u64 word)
{
	struct watch_context *watch = watch_of_context(self->ctx);

	smp_store_release(&watch->event, EVENT_CLOSING); /* see watch_unpark */
	if (!watch_mark(self, word)) {
		smp_store_release(&watch->event, EVENT_OPEN);
		return;
	}
	perf_close(carrier);
	smp_store_release(&watch->event, EVENT_CLOSED);
	watch_sleep_marked(self);
}

/* Spins by memory until `until` (in ticks; 0: for ever). The word of a block, or 0. */
static u64 spin(struct task *self, struct task *carrier, u64 *seen, u64 until)
{
	volatile struct perf_event_mmap_page *page = watch_of(carrier)->page;
	unsigned round = 0;
	u64 word;

	for (;;) {
		if (unlikely(READ_ONCE(page->data_head) != *seen)) {
			enum sight sight = look(self, carrier, seen, &word);

			if (sight == SIGHT_BLOCKED)
				return word;
			if (sight == SIGHT_PREEMPTED)
				SYS0(sched_yield); /* it may be waiting for this very processor */
		}
		cpu_relax();
		if (unlikely(!(++round & 15))) {
			if (watch_told_otherwise(self) || (until && arch_ticks() > until))
				return 0;
		}
	}
}

/*
 * Sleeps until the carrier is seen blocked: its word; 0 when told otherwise, or when
 * the events were closed for want of calls.
 */
static u64 sleep_and_look(struct task *self, struct task *carrier, u64 *seen)
{
	struct restraint restraint = {.head = ~0ull};
	u64 word, idle_word = 0;
	unsigned idle_wakes = 0;

	while (!watch_told_otherwise(self)) {
		int armed = restraint.is_loop ? 0 : arm(carrier), over = 0, slept;

		if (look(self, carrier, seen, &word) == SIGHT_BLOCKED)
			return word;
		if (armed && !rings_agree(carrier)) {
			cpu_relax();
			continue;
		}
		if (armed)
			over = poll_alarm(carrier);
		else
			sleep_ns(STEP_NS);
		watch_reclaim(self);
		if (look(self, carrier, seen, &word) == SIGHT_BLOCKED)
			return word;
		slept = restrain(&restraint, carrier);
		if (word != idle_word)
			idle_wakes = 0;
		else if (slept || !restraint.is_loop)
			idle_wakes += over ? IDLE_TIMEOUT : 1;
		idle_word = word;
		if (idle_wakes >= IDLE_WAKES && word_state(word) == WORD_USER) {
			park_until_call(self, carrier, word);
			return 0;
		}
	}
	return 0;
}

/* Returns the carrier's word when it is blocked in a call; 0: look anew. */
u64 perf_watch(struct task *self, int spin_only)
{
	struct task *carrier = self->ctx->carrier;
	u64 seen = ~0ull, until, word;

	if (!watch_of(carrier)->alarm_page && !spin_only) {
		if (look(self, carrier, &seen, &word) == SIGHT_BLOCKED)
			return word;
		open_alarm(carrier);
	}
	until = arch_ticks() + SPIN_TICKS_US * arch_ticks_per_us;
	word = spin(self, carrier, &seen, spin_only ? 0 : until);

	if (!word && !spin_only)
		word = sleep_and_look(self, carrier, &seen);
	if (word)
		disarm(carrier);
	return word;
}
