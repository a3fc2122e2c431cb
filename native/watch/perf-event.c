/* SPDX-License-Identifier: MIT */
/*
 * The two perf events of a task: the one that is looked at, and the alarm.
 *
 * PERF_COUNT_SW_DUMMY with context_switch = 1 and exclude_kernel = 1 is open to
 * ordinary users with perf_event_paranoid 2. Records have 8 bytes; an OUT says
 * whether the task was preempted. The ring is mapped read-only, so the kernel
 * overwrites and it never fills; its last record is read by plain loads.
 *
 * A record that wakes a poller costs the switching thread an interrupt to itself:
 * 15 us here, against 1.3 us for the whole switch without. So there are two events.
 * The first is for looking at and wakes nobody (its watermark is the whole ring). A
 * mapping keeps its event alive, so that this one holds no descriptor. The second,
 * the alarm, wakes at each record; it is enabled while the watcher sleeps.
 */
#include "arch/sys.h"
#include "watch/watch.h"

static struct perf_event_attr switch_event(u32 watermark)
{
	return (struct perf_event_attr){
		.disabled = watermark != PERF_RING_BYTES,
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

/* The event's descriptor and its mapped ring, or -errno. Any thread may open a task's. */
static long open_event(u32 tid, u32 watermark, volatile struct perf_event_mmap_page **ring)
{
	struct perf_event_attr attr = switch_event(watermark);
	long fd = SYS5(perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC), page;

	if (fd < 0)
		return fd;
	page = SYS6(mmap, 0, PERF_PAGE + PERF_RING_BYTES, 1 /* PROT_READ */, 1 /* MAP_SHARED */, fd, 0);
	if (page < 0 && page > -4096) {
		SYS1(close, fd);
		return page;
	}
	smp_store_release(ring, (volatile struct perf_event_mmap_page *)page);
	count(perf_opened);
	count(perf_events);
	return fd;
}

static void close_event(volatile struct perf_event_mmap_page **ring)
{
	if (!*ring)
		return;
	SYS2(munmap, *ring, PERF_PAGE + PERF_RING_BYTES);
	*ring = 0;
	count(perf_closed);
	uncount(perf_events);
}

/*
 * Called on the task itself, or by its watcher. A descriptor is needed only until the
 * ring is mapped: where none is free, one of the reserve is lent for that long.
 */
long perf_open(struct task *task)
{
	struct watch_task *watch = watch_of(task);
	long fd;

	do
		fd = open_event(task->tid, PERF_RING_BYTES, &watch->page);
	while (fd < 0 && reserve_lend(fd));
	if (fd >= 0)
		SYS1(close, fd);
	else
		count(perf_failed);
	reserve_fill();
	return fd < 0 ? fd : 0;
}

/* Precondition: nobody watches the task but the caller. */
void perf_close(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	close_event(&watch->page);
	close_event(&watch->alarm_page);
	if (watch->alarm_fd >= 0)
		SYS1(close, watch->alarm_fd);
	watch->alarm_fd = -1;
	watch->armed = 0;
}

/*
 * Called by the watcher when it has seen that the carrier is not blocked: a task that
 * carries for the first time gets its alarm now, so that no later hand-off opens one.
 */
void perf_open_alarm(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);
	long fd = open_event(carrier->tid, 1, &watch->alarm_page);

	if (fd >= 0)
		watch->alarm_fd = (s32)fd;
}

/* Called by the watcher: the carrier's next switch ends a poll. 0 if it cannot be had. */
int perf_arm(struct task *carrier)
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
void perf_disarm(struct task *carrier)
{
	struct watch_task *watch = watch_of(carrier);

	if (!watch->armed)
		return;
	SYS3(ioctl, watch->alarm_fd, PERF_EVENT_IOC_DISABLE, 0);
	watch->armed = 0;
}
