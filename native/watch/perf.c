/* SPDX-License-Identifier: MIT */
/*
 * The exact watcher: a task's perf event tells each switch of it (perf-event.c). Here
 * the records are looked at, by memory while hot and else in a poll of the alarm.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define RECORD_BYTES 8u

#define POLL_LIMIT_NS 10000000ull /* a wake that was missed costs no more than this */
#define STEP_US 100		  /* between looks without an alarm */
#define STEP_MAX_US 2000
#define STEP_SHARE 128		  /* of the time without a block, between the two */
#define REFUSED_NS 100000ull	  /* after a poll that cannot be had */
#define SPIN_TICKS_US 30
#define SPIN_SLICE_US 10000	  /* between looks at what the records do not show */
#define IDLE_WAKES 16		  /* that no call explains: then the events are closed */
#define IDLE_TIMEOUT 4		  /* a poll that ended by its limit counts for so many */
#define RESTRAINT_WAKES 8
#define LOOP_US 600		  /* sleeps outside of calls closer than that: an event loop */
#define LOOP_STEPS 2		  /* or closer than so many steps */
#define LOOP_OVER_US 1000	  /* without such a sleep: it is none any more */
#define LOOP_OVER_STEPS 4	  /* and so many steps */
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

static const volatile struct perf_event_header *last_record(
	volatile struct perf_event_mmap_page *page, u64 head)
{
	volatile char *data = (volatile char *)page + PERF_PAGE;

	return (const volatile struct perf_event_header *)(data +
							   ((head - RECORD_BYTES) % PERF_RING_BYTES));
}

static int record_is_out(volatile struct perf_event_mmap_page *page, u64 head)
{
	return head && (last_record(page, head)->misc & PERF_RECORD_MISC_SWITCH_OUT) != 0;
}

/* Of the latest switch. */
enum perf_trace perf_last_seen(struct task *task)
{
	volatile struct perf_event_mmap_page *page = watch_of(task)->page;
	u64 head = page ? smp_load_acquire(&page->data_head) : 0;
	u16 misc;

	if (!head)
		return PERF_SAW_NOTHING;
	misc = last_record(page, head)->misc;
	if (!(misc & PERF_RECORD_MISC_SWITCH_OUT))
		return PERF_SAW_IT_RUN;
	return misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT ? PERF_SAW_IT_PREEMPTED
							  : PERF_SAW_IT_SLEEP;
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
	u64 seen = watch_of(watcher)->tried_head;

	smp_mb(); /* the claim before the head; pairs with the task's own, as above */
	return seen && smp_load_acquire(&watch_of(carrier)->page->data_head) == seen;
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
	long ready = SYS5(ppoll, &fd, 1, &limit, 0, 8);

	if (unlikely(ready < 0 && ready != -E_INTR))
		sleep_ns(REFUSED_NS); /* RLIMIT_NOFILE 0 refuses a poll of one descriptor */
	return !ready;
}

/*
 * Wakes that show no block cost the carrier much, and there are two kinds. One that
 * sleeps often outside of its calls, as an event loop does, pays for the alarm each
 * time: while it does, the alarm is off and the watcher looks in steps. The longer no
 * call has blocked, the longer are the steps: fewer are in vain, and a block is seen late
 * by a small share of the time since the last one. And a watcher that wakes on the carrier's
 * own processor preempts it, which is a switch and wakes it again: then it leaves the carrier
 * alone for a while, and for longer each time until the next hand-off.
 */
struct restraint {
	u64 began; /* ticks; of the sleep: no call was seen to block since */
	u64 since; /* ticks; of the wakes */
	u64 rest_ns;
	unsigned wakes;
	int is_loop;
	u64 slept_at; /* ticks: when the carrier was last seen to have slept */
	u64 head;     /* of its ring, at the last look */
};

static u64 us_between_looks(const struct restraint *restraint)
{
	u64 us = (arch_ticks() - restraint->began) / arch_ticks_per_us / STEP_SHARE;

	if (us < STEP_US)
		return STEP_US;
	return us < STEP_MAX_US ? us : STEP_MAX_US;
}

static u64 longer(u64 a, u64 b)
{
	return a > b ? a : b;
}

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
	perf_disarm(carrier); /* its other switches need not pay for it */
	sleep_ns(restraint->rest_ns);
	restraint->since = arch_ticks();
	restraint->wakes = 0;
}

/* After a wake, or a step, that showed no block. 1 if the carrier slept meanwhile. */
static int restrain(struct restraint *restraint, struct task *carrier)
{
	u64 now = arch_ticks(), ago_us = (now - restraint->slept_at) / arch_ticks_per_us;
	u64 step_us = us_between_looks(restraint);
	int slept = slept_since(carrier, restraint->head);

	restraint->head = smp_load_acquire(&watch_of(carrier)->page->data_head);
	if (slept)
		restraint->slept_at = now;
	if (restraint->is_loop) {
		restraint->is_loop = slept || ago_us < longer(LOOP_OVER_US, LOOP_OVER_STEPS * step_us);
	} else if (slept && ago_us < longer(LOOP_US, LOOP_STEPS * step_us)) {
		restraint->is_loop = 1;
		perf_disarm(carrier);
	} else if (!slept) {
		rest_a_while(restraint, carrier);
	}
	return slept;
}

/* Spins by memory until `until` (in ticks). The word of a block, or 0. */
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
			if (watch_told_otherwise(self) || arch_ticks() > until)
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
	struct restraint restraint = {.began = arch_ticks(), .head = ~0ull};
	u64 word, idle_word = 0;
	unsigned idle_wakes = 0;

	while (!watch_told_otherwise(self)) {
		int armed = restraint.is_loop ? 0 : perf_arm(carrier), over = 0, slept;

		if (look(self, carrier, seen, &word) == SIGHT_BLOCKED)
			return word;
		word = watch_overdue(self, carrier);
		if (unlikely(word))
			return word;
		if (armed && !rings_agree(carrier)) {
			cpu_relax();
			continue;
		}
		if (armed)
			over = poll_alarm(carrier);
		else /* no alarm to be had is no loop */
			sleep_ns((restraint.is_loop ? us_between_looks(&restraint) : STEP_US) * 1000);
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
			watch_park(self, carrier, word);
			return 0;
		}
	}
	return 0;
}

/* For ever, but for a look at what the records may not show. */
static u64 spin_and_look(struct task *self, struct task *carrier, u64 *seen)
{
	u64 word = 0;

	while (!word && !watch_told_otherwise(self)) {
		word = spin(self, carrier, seen, arch_ticks() + SPIN_SLICE_US * arch_ticks_per_us);
		if (!word)
			word = watch_overdue(self, carrier);
	}
	return word;
}

static u64 spin_and_sleep(struct task *self, struct task *carrier, u64 *seen)
{
	u64 word;

	if (!watch_of(carrier)->alarm_page) {
		if (look(self, carrier, seen, &word) == SIGHT_BLOCKED)
			return word;
		perf_open_alarm(carrier);
	}
	word = spin(self, carrier, seen, arch_ticks() + SPIN_TICKS_US * arch_ticks_per_us);
	if (!word)
		word = sleep_and_look(self, carrier, seen);
	if (word)
		perf_disarm(carrier);
	return word;
}

/* Returns the carrier's word when it is blocked in a call; 0: look anew. */
u64 perf_watch(struct task *self, int spin_only)
{
	struct task *carrier = self->ctx->carrier;
	u64 seen = ~0ull;

	return spin_only ? spin_and_look(self, carrier, &seen)
			 : spin_and_sleep(self, carrier, &seen);
}
