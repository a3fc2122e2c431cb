/* SPDX-License-Identifier: MIT */
/*
 * The exact watcher: one perf event a task, whose ring tells each switch of it.
 *
 * PERF_COUNT_SW_DUMMY with context_switch = 1 and exclude_kernel = 1 is open to
 * ordinary users with perf_event_paranoid 2. Records have 8 bytes; an OUT says
 * whether the task was preempted. The ring is mapped read-only, so the kernel
 * overwrites and it never fills; its last record is read by plain loads.
 *
 * A watermark of 16 bytes makes a poller wake at every second record. Which one,
 * OUT or IN, is the parity of data_head: after the first pair it is OUT. An event
 * is never disabled: it is opened by its task, which runs then, and closed.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define PAGE 4096ul
#define RING_BYTES PAGE
#define RECORD_BYTES 8u
#define WATERMARK 16u

#define POLL_LIMIT_NS 10000000ull  /* a wake that was missed costs no more than this */
#define FRESH_LIMIT_NS 100000ull
#define FRESH_LOOKS 50
#define SPIN_TICKS_US 30
#define QUIET_NS 20000000ull	   /* without a call: then nothing limits the poll */
#define IDLE_WAKES 16		   /* that no call explains: then the event is closed */

struct pollfd {
	s32 fd;
	s16 events;
	s16 revents;
};
#define POLLIN 1

static struct perf_event_attr switch_event(void)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_DUMMY,
		.context_switch = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.watermark = 1,
		.wakeup_watermark = WATERMARK,
	};
}

/* Called on the task itself, which runs: so the parity of its ring is known. */
long perf_open(struct task *task)
{
	struct watch_task *watch = watch_of(task);
	struct perf_event_attr attr = switch_event();
	long fd = SYS5(perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	long page;

	if (fd < 0)
		goto failed;
	page = SYS6(mmap, 0, PAGE + RING_BYTES, 1 /* PROT_READ */, 1 /* MAP_SHARED */, fd, 0);
	if (page < 0 && page > -4096) {
		SYS1(close, fd);
		fd = page;
		goto failed;
	}
	watch->perf_fd = (s32)fd;
	smp_store_release(&watch->page, (volatile struct perf_event_mmap_page *)page);
	count(perf_opened);
	count(perf_events);
	return 0;
failed:
	count(perf_failed);
	return fd;
}

static void unmap_and_close(volatile struct perf_event_mmap_page *page, s32 fd)
{
	SYS2(munmap, page, PAGE + RING_BYTES);
	SYS1(close, fd);
	count(perf_closed);
	uncount(perf_events);
}

/* Precondition: nobody watches the task. */
void perf_close(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	if (!watch->page)
		return;
	unmap_and_close(watch->page, watch->perf_fd);
	watch->page = 0;
	watch->perf_fd = -1;
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
	return head && (last_record(page, head)->misc & PERF_RECORD_MISC_SWITCH_OUT);
}

enum sight { SIGHT_NOTHING, SIGHT_BLOCKED, SIGHT_PREEMPTED, SIGHT_OFF, SIGHT_UNSURE };

/*
 * Looks at the carrier. The order makes a block belong to the call: the word, the
 * head and the last record, the head again; who hands over compare-exchanges the
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
 * How long a poll may last. The first OUT of a fresh ring wakes nobody: until it has
 * a pair, the watcher looks by itself, less and less often.
 */
static u64 poll_limit(struct task *carrier, int quiet, unsigned looks)
{
	u64 head = smp_load_acquire(&watch_of(carrier)->page->data_head);

	if (head < 2 * RECORD_BYTES)
		return looks < FRESH_LOOKS ? FRESH_LIMIT_NS : POLL_LIMIT_NS;
	return quiet ? 0 : POLL_LIMIT_NS;
}

/* Sleeps until the carrier's ring has a new OUT, or for limit_ns; 0: no limit. */
static void poll_ring(struct task *carrier, u64 limit_ns)
{
	struct pollfd fd = {.fd = watch_of(carrier)->perf_fd, .events = POLLIN};
	struct kernel_timespec limit = timespec_of_ns(limit_ns);

	SYS5(ppoll, &fd, 1, limit_ns ? &limit : 0, 0, 8);
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

/* Returns the context's word when the carrier is blocked in a call; 0: told otherwise. */
u64 perf_watch(struct task *self, int spin_only)
{
	struct task *carrier = self->ctx->carrier;
	u64 seen = ~0ull, word, found, idle_word = 0;
	unsigned idle_wakes = 0, looks = 0;

	for (;;) {
		u64 until = arch_ticks() + SPIN_TICKS_US * arch_ticks_per_us;

		found = spin(self, carrier, &seen, spin_only ? 0 : until);
		while (!found && !watch_told_otherwise(self)) {
			u64 before = READ_ONCE(carrier->word);
			int quiet = watch_is_quiet(self->ctx, before, QUIET_NS);

			poll_ring(carrier, poll_limit(carrier, quiet, looks++));
			watch_reclaim(self);
			if (look(self, carrier, &seen, &word) == SIGHT_BLOCKED)
				return word;
			idle_wakes = word == idle_word ? idle_wakes + 1 : 0;
			idle_word = word;
			if (idle_wakes >= IDLE_WAKES && word_state(word) == WORD_USER) {
				park_until_call(self, carrier, word);
				return 0; /* look anew: at another event, or by other means */
			}
		}
		if (found || watch_told_otherwise(self))
			return found;
	}
}
