/* SPDX-License-Identifier: MIT */
/*
 * The C interface of the user-space kernel for syslets v7.
 *
 * A thread attaches, makes calls, detaches. All functions return -errno on
 * failure and never set errno. The thread may be on another OS thread after a
 * call that returned "pending": everything that its thread pointer names (TLS,
 * errno, pthread_self) moves with it, what the OS thread owns does not
 * (docs/architecture.md has the table).
 */
#ifndef SYSLETS_H
#define SYSLETS_H

#include <stdint.h>

#include "syslets/abi.h"
#include "syslets/counters.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syslet_watcher {
	SYSLET_WATCHER_AUTO = 0,    /* the best that can be had at each moment */
	SYSLET_WATCHER_PERF = 1,    /* exact: a perf event a task */
	SYSLET_WATCHER_SAMPLER = 2, /* /proc/self/task/TID/syscall */
	SYSLET_WATCHER_SPIN = 3,    /* for benchmarks: a whole processor looks at the carrier */
	SYSLET_WATCHER_CLOCK = 4    /* processor time of the carrier: some ms late, needs nothing */
};

enum syslet_overflow {
	SYSLET_OVERFLOW_RESERVE = 0, /* -EAGAIN where a completion might not find room */
	SYSLET_OVERFLOW_BLOCK = 1,   /* the completer waits until the ring is reaped */
	SYSLET_OVERFLOW_V7 = 2	     /* overwrites unread completions, counted */
};

enum syslet_policy {
	SYSLET_POLICY_DEFAULT = 0,
	SYSLET_POLICY_V7 = 1 /* that of 2007 with its defects (docs/defects.md): overflow is v7, too */
};

struct syslet_attach_options {
	enum syslet_watcher watcher;
	enum syslet_overflow overflow;
	enum syslet_policy policy;
	/* OS threads of this context, its own too; 0: as many as can be had. At the cap: syslet_when_unwatched */
	uint32_t max_tasks;
	uint32_t idle_ms;   /* tasks that nobody needed for so long exit, but for a few; 0: 5 s */
	/*
	 * NULL, or memory for a trace (syslets/trace.h), aligned to 8, that stays until
	 * detach; trace_tasks is how many tasks find room in it, at least 1.
	 */
	void *trace;
	uint64_t trace_bytes;
	uint32_t trace_tasks;
};

struct syslet_attached {
	uint32_t context; /* number of the context in this process */
	uint32_t tid;	  /* of the birth thread */
	const char *why;  /* of a failure: what is in the way; points to static text */
};

/* The result of a call, and whether it was handed over: then value is -ESYSLETPENDING. */
struct syslet_call_result {
	long value;
	long pending;
};

/* Once in a process, before any attach; calling it again does nothing. */
void syslet_library_init(void);

/*
 * 0; -EBUSY (attached already, GS in use, shadow stack), -EEXIST (attached by another copy
 * of this library), -ENOMEM, the watcher's errno.
 */
int syslet_attach(const struct syslet_attach_options *how, struct syslet_attached *attached);

/*
 * Interrupts and waits for pending calls, brings the context home to its birth
 * thread, ends its tasks. How many calls were interrupted, or -errno.
 */
int syslet_detach(void);
int syslet_is_attached(void);

/*
 * sys_indirect of v7; params as union indirect_params, struct indirect_params_both or
 * struct indirect_params_placed.
 */
struct syslet_call_result syslet_indirect(const struct indirect_registers *regs, const void *params,
					  uint64_t paramslen, int flags);

/*
 * Dispatch: a task makes the call, the caller goes on at once: -ESYSLETPENDING with
 * pending set. For calls that are known to block; the context does not move, and
 * gettid and the like tell the task's. The calls begin in their order. slept may be
 * NULL; else it tells, once the completion can be seen, if the call slept: 2, or 1 if
 * not; it must stay until then. The completion is -EINTR if the call was interrupted
 * before it began, -EAGAIN if no task could have the caller's credentials.
 *
 * -EAGAIN: no room in the ring, or no task to be had. -EINVAL: params are no syslet's,
 * a frame other than syslet_park, a call that is refused or that changes the OS thread
 * that makes it (credentials, priority). -ENOSYS: v7 has no dispatch. Else as sys_indirect.
 */
struct syslet_call_result syslet_dispatch(const struct indirect_registers *regs,
					  const void *params, uint64_t paramslen, uint32_t *slept);

/*
 * Interrupts the pending call of this thread that completes into that, its ring or the u64
 * for its status, with caller_data: it ends with -EINTR, or with its result if it is over at this moment. 1: there is such a
 * call; it may have been missed just before it fell asleep, so repeat it until 0 or
 * the completion comes. One that was dispatched and has not begun is not made.
 */
int syslet_interrupt(const void *into, uint64_t caller_data);

/*
 * What becomes of a call while no task can be made and the spare is used, or max_tasks is
 * reached, and so nobody could take this thread over if it blocks. Of an attached thread, until
 * it is told otherwise.
 *
 * BLOCKS: it blocks, and a guardian looks for somebody. SURFACES: it comes back each few
 * milliseconds with -SYSLET_SURFACED as value. Make it again with the same registers and
 * parameters, and say so before by syslet_go_on with what syslet_kept told: so its limits go
 * on, and it goes on behind the bytes that it has moved: syslet_kept tells how many.
 * REFUSED: -SYSLET_NOT_MADE instead of a call that nobody could take over, or -SYSLET_SURFACED if
 * it has begun: its limit has, or somebody watched when it began. LOOKS, and REFUSED too: a call that waits for time, poll, a lock or a child, or reads or writes a socket or a
 * pipe, is made in a form that does not wait; if it would wait it ends at once with
 * -SYSLET_LOOKED, and goes on as if it had surfaced; one that cannot wait (O_NONBLOCK) is
 * made; with LOOKS all others surface. The host's calls give none of these numbers: its
 * errors end at 4095, and Linux uses no such one.
 * LOOKS_ALONE: a call is looked at though somebody could take it over, and else not made.
 */
enum syslet_unwatched {
	SYSLET_UNWATCHED_BLOCKS,
	SYSLET_UNWATCHED_SURFACES,
	SYSLET_UNWATCHED_REFUSED,
	SYSLET_UNWATCHED_LOOKS,
	SYSLET_LOOKS_ALONE
};
void syslet_when_unwatched(enum syslet_unwatched what);
uint64_t syslet_kept(uint64_t kept[2]);
void syslet_go_on(const uint64_t kept[2]);

/* The same with v7's interface: the value alone. */
long syslet_sys_indirect(const struct indirect_registers *regs, const void *params,
			 uint64_t paramslen, int flags);

/*
 * These two work on any thread, attached or not.
 *
 * Waits until kernel_head is not idx. timeout_ns 0: no limit. 0, -EFAULT, -EINTR,
 * -ETIMEDOUT.
 */
long syslet_ring_wait(const struct syslet_ring *ring, uint64_t idx, uint64_t timeout_ns);

/* With overflow block: somebody has reaped, who waits for room may go on. */
long syslet_ring_room(const struct syslet_ring *ring);

/*
 * An eventfd that completions into a ring write, once for each time that it was armed.
 * Any thread may add, arm and remove; one ring may have several. The descriptor is
 * EFD_NONBLOCK. The memory stays until it was removed. After arming look at the ring:
 * what was completed before is not told. The ring's wait_group does not change meanwhile.
 */
struct syslet_ring_event {
	uint64_t ring;
	int fd;
	uint32_t armed; /* syslet_ring_arm, or an exchange with 1 of your own */
	void *internal[3];
};
/* 0, or -EFAULT where there is no ring */
int syslet_ring_event_add(struct syslet_ring_event *event, const struct syslet_ring *ring, int fd);
void syslet_ring_event_remove(struct syslet_ring_event *event);
void syslet_ring_arm(struct syslet_ring_event *event);

/* 1 if a completer waits for room in some ring of this process. */
int syslet_room_wanted(void);

/*
 * Addresses of the return functions for a frame's ip. park makes the original thread a
 * waiting child again; exit ends it (a birth thread parks). A return function of your own,
 * in assembly, leaves by `jmp *syslet_park@GOTPCREL(%rip)`, or syslet_exit. Do not take these
 * names' addresses: in a program without PIE that is a stub of the program's own, whose
 * first jump pushes onto the frame's stack.
 */
uint64_t syslet_park_ip(void);
uint64_t syslet_exit_ip(void);

/*
 * The task that runs the call that was handed over last: its number in the context. After a
 * dispatch the one that was woken or made for it, or 0: any task may take the call.
 */
uint32_t syslet_pending_task(void);

/* The watcher in use, and why it is that one. */
enum syslet_watcher syslet_current_watcher(const char **why, int *perf_errno);

void syslet_read_counters(struct syslet_counters *counters);

struct syslet_refused_call {
	uint32_t nr;
	const char *name;
	const char *reason;
};
/* Calls refused by the default policy; the i-th, or NULL past the last. */
const struct syslet_refused_call *syslet_refused(unsigned i);

/*
 * What a runtime keeps alive for the call that was handed over last. The record
 * comes back from syslet_unpin once the call is over; at once if it is.
 */
struct syslet_pin_record {
	struct syslet_pin_record *next;
};
void syslet_pin(struct syslet_pin_record *record);
struct syslet_pin_record *syslet_unpin(void);

/* Detaches; the records of the calls that ended meanwhile go to release, which may be 0. */
int syslet_detach_pinned(void (*release)(void *data, struct syslet_pin_record *record), void *data);

/* What this machine offers, probed on the calling thread. */
struct syslet_facts {
	const char *arch;
	int hand_off;	     /* 0: this architecture refuses syslets */
	int fsgsbase;
	int protection_keys;
	int perf_errno;	     /* 0: a perf event for this thread can be opened and mapped */
	int sampler_errno;   /* 0: /proc/self/task/TID/syscall can be opened */
	uint32_t interrupt_signal;
	/* what attaching took, for what may fail later; 0 where nothing is attached */
	int spare;		 /* this context has a task for the day when none can be made */
	int guardian;		 /* a thread looks after calls that nobody watches */
	int descriptors_held;	 /* for the watchers */
	int descriptors_missing; /* and so many could not be had */
};
void syslet_read_facts(struct syslet_facts *facts);

/* A thread of ours that takes process-directed signals which no other thread takes. */
int syslet_start_signal_thread(void);

#ifdef __cplusplus
}
#endif
#endif
