/* SPDX-License-Identifier: MIT */
/*
 * The kernel side: what a task, a user context and a host are.
 *
 * Kernel-side code runs on OS threads that share a thread pointer with running
 * user code. So: no libc, no TLS, no errno, no malloc, no stack protector.
 *
 * Lock order (docs/architecture.md has the same tree; a test compares them):
 *
 *   context.lock
 *     ring_table.lock
 *   bucket.mutex
 *     bucket.waitq.lock
 *     bucket.room.lock
 *
 * Nothing else is taken under a leaf. No lock is held when user code runs.
 */
#ifndef SYSLETS_KERNEL_H
#define SYSLETS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "arch.h"
#include "kernel/barrier.h"
#include "kernel/list.h"
#include "syslets/abi.h"
#include "syslets/counters.h"

/* Programs read a copy of them, by syslet_read_counters. */
extern struct syslet_counters syslet_counters;

#define count(name) ((void)__atomic_fetch_add(&syslet_counters.name, 1, __ATOMIC_RELAXED))
#define uncount(name) ((void)__atomic_fetch_sub(&syslet_counters.name, 1, __ATOMIC_RELAXED))

struct call_page;
struct context;
struct host_ops;
struct policy;
struct ring_state;
struct syslet_trace_event;
struct syslet_trace_task;
struct task;
struct trace;

/*
 * The word of a task: "is in a call" and the call's sequence number in one. The
 * task alone writes it, with plain stores:
 *
 *   (seq, USER) --entry--> (seq+1, IN_CALL) --return--> (seq+1, USER)
 *                                |   ^
 *                                v   |
 *                           (seq+1, LOCKED): a signal handler on the task looks
 *                                            at the context
 *
 * The claim of a task: which of its calls a watcher wants to take over, and what
 * became of that. The watcher alone writes it:
 *
 *   (seq, CLAIMED) -> (seq, TAKEN): the call goes on as the original's
 *                  -> (seq, FAILED): the call was over, or the word was locked
 *
 * Each side stores its own and then loads the other's (Dekker). The barrier
 * between the two is on the watcher's side only (host_ops.claim_barrier): a task
 * that is off its processor has passed a full barrier and will pass another before
 * it returns, and membarrier makes every running one pass one. So a call that does
 * not block pays no locked instruction, which next to a system call costs 14 ns.
 * If the watcher reads IN_CALL after its barrier, the task will read the claim
 * when it returns; if the task did not read the claim, the watcher reads USER.
 * Sequence numbers are never used twice in a context, so there is no ABA.
 */
enum word_state { WORD_USER = 0, WORD_IN_CALL = 1, WORD_LOCKED = 3 };
enum claim_state { CLAIM_CLAIMED = 1, CLAIM_TAKEN = 2, CLAIM_FAILED = 3 };

#define WORD_STATE_MASK 3ull
#define WORD_SEQ_ONE 4ull

static inline u64 word_with(u64 word, unsigned state)
{
	return (word & ~WORD_STATE_MASK) | state;
}

static inline int same_call(u64 word, u64 claim)
{
	return !((word ^ claim) & ~WORD_STATE_MASK);
}

static inline enum word_state word_state(u64 word)
{
	return (enum word_state)(word & WORD_STATE_MASK);
}

/* A mutex on one futex word: 0 free, 1 taken, 2 taken and perhaps waited for. */
struct mutex {
	u32 word;
};

struct wait_queue {
	struct mutex lock;
	struct list_head waiters; /* struct waiter, under lock */
};

/*
 * What a waiting task was told, in task.order. Written under context.lock; the
 * futex that the task sleeps on while it is idle.
 */
enum task_order {
	ORDER_IDLE = 0,	 /* sleep until told otherwise */
	ORDER_WATCH = 1, /* take the watcher's place, which was reserved for it */
	ORDER_HOME = 2,	 /* the context comes home to this task, its birth thread */
	ORDER_EXIT = 3,	 /* kill_syslet_tasks: exit */
	ORDER_DISPATCH = 4 /* take the call that was dispatched first */
};

/* Where a task is; for people, debuggers and tests to read; only EXITED decides something. */
enum task_state {
	TASK_CARRYING = 1, /* its user context runs on it; entry.S has the number too */
	TASK_BLOCKED,	   /* runs a call that was handed over */
	TASK_COMPLETING,   /* that call is over; its completion is being stored */
	TASK_FRAME,	   /* runs the frame's function in user space */
	TASK_WATCHING,	   /* the waiting child that watches the carrier */
	TASK_IDLE,	   /* a waiting child in the pool */
	TASK_EXITED
};

/* A limit among a call's arguments, or the bytes that it has moved; and a limit of its socket. */
enum kept_limit { KEPT_ARGUMENT = 0, KEPT_SOCKET, KEPT_LIMITS };

/* What a runtime keeps alive for a call in flight; linked when the call is over. */
struct pin_record {
	struct pin_record *next;
};

#define PIN_DONE ((uintptr_t)1)

/*
 * One call. Its carrier writes it, until it is published: by the word of the task that makes
 * it (enter_call), or by its place in context.dispatched. From then on only pin and interrupt
 * change, until the call is over.
 */
struct call {
	union {
		struct indirect_params_placed indirect_params;
		union indirect_params v7_params;
	};
	struct indirect_registers regs;
	struct ring_state *ring_state; /* where the ring's calls in flight are counted */
	u32 elements;		       /* of the ring, kept from the check */
	u32 interrupt; /* set before the interrupting signal is sent; read by our own waits */
	uintptr_t pin; /* 0, a record of the runtime's, or PIN_DONE once the call is over */
	u64 id;	       /* sequence number, from hand-off or dispatch on */
	u64 slept;     /* dispatched: user address of a u32 that tells if the call slept, or 0 */
	struct list_head item; /* in context.dispatched or context.unused, under context.lock */
};

/* When a call was first known to wait. */
struct first_wait {
	u64 call; /* its word */
	u64 since; /* ns */
};

/*
 * One OS thread known to the kernel side. It lies at the top of its kernel
 * stack, so that `current` is found from the stack pointer; GS base points to
 * it, so that the entry stub finds it in user mode (GS belongs to the OS
 * thread and does not move with the context, as TLS does).
 */
struct task {
	TASK_HEAD;     /* what entry.S reads; arch/types.h */
	u32 index;     /* names the task in its context: 0 is the birth thread */
	u32 depth;     /* of sys_indirect in sys_indirect; v7 only */
	u32 signalled; /* by a handler of ours on this task: it ended the call with -EINTR */
	u32 cred_generation; /* of the credentials that this OS thread has */
	u32 unfit;	     /* could not adopt the context's credentials or attributes */
	u32 is_spare;	     /* kept for the day when no task can be made (spare.c) */
	u32 parked;	     /* futex of a watcher that parked: 1 until an entry wakes it */

	u64 word;	   /* written by this task alone */
	struct call own;   /* the call that the word names; from entry to park, if handed over */
	struct call *call; /* own, or one that was dispatched and is this task's; context.lock */

	u64 claim __attribute__((aligned(64))); /* written by the watcher alone */

	/* written by the watcher while this task carries, by the task afterwards */
	u32 handed;	/* its call was handed over and it has not parked since */
	u32 may_wait;	/* of that call: not O_NONBLOCK when it went away (rest.c) */
	u64 blocked_at; /* ns */

	/* that no task took the call over: written by its watcher, and by the carrier (saw_waiting) */
	struct first_wait seen_waiting;
	struct first_wait began_unwatched;

	u64 renewal_failed; /* word of the call for which no task could be made in its place */

	/* ends of the limits of a call that surfaced, for the next one with that number */
	u64 kept[KEPT_LIMITS];
	u64 kept_for;
	u64 kept_moved; /* bytes, of kept[KEPT_ARGUMENT] */

	/* by a handler of ours: what the call gave, in whose place it put -EINTR (rest.c); or 0 */
	u64 part;

	/* under context.lock */
	u64 signalled_at; /* ns: when an interrupting signal was sent last */
	u32 order;
	u32 searching;	       /* was woken for a dispatched call and has not looked yet */
	struct list_head pool; /* in context.idle */
	struct list_head all;  /* in context.tasks or context.retired */

	/* traced contexts only: where its OS thread writes (trace.c) */
	struct syslet_trace_task *trace_part; /* 0: no room was left */
	struct syslet_trace_event *trace_events;
	u64 trace_written;

	/* the host's and the watch's own */
	u64 host[22];
};

/*
 * Marks in the watcher's slot, of which it bears one at most. PARKED: the next entry wakes the
 * watcher. AWAY: the watcher does not look, since something keeps it off the processors, and
 * nobody may take its place: it is in the middle of a look. It takes the mark off itself.
 */
#define WATCHER_PARKED ((uintptr_t)1)
#define WATCHER_AWAY ((uintptr_t)2)
#define WATCHER_MARKS (WATCHER_PARKED | WATCHER_AWAY)

#define CALL_PAGE 4096

#if SYSLETS_ARCH_HAS_SYSLETS
_Static_assert(sizeof(struct task) <= TASK_RESERVE, "the task fits above its stack");
#endif

/*
 * A user context: one thread of a program as its user sees it. Exactly one task
 * carries it at any time. A cache line for each writer.
 */
struct context {
	/* written by the carrier alone */
	u64 seq; /* of the last call, in units of WORD_SEQ_ONE */
	const struct policy *policy;
	const struct host_ops *ops;
	struct ring_state *ring_cached;
	u64 ring_cached_ptr;
	struct call *pending; /* was handed over or dispatched last; 0 once its memory is gone */
	u32 pending_task; /* index of the task that has it, or was woken for it; 0: any may take it */
	u64 checked_ring;	   /* with checked_sp: seen writable by the latest write probe */
	u64 checked_sp;
	u32 checked_elements;	   /* of checked_ring, by the latest call that passed all checks */
	u32 fast;		   /* the policy has no row that the short way leaves out */
	u32 when_unwatched;	   /* enum when_unwatched */

	/* the waiting child that watches, or 0; with a mark, WATCHER_PARKED or WATCHER_AWAY */
	uintptr_t watcher __attribute__((aligned(64)));

	struct task *carrier __attribute__((aligned(64)));
	struct task *birth;
	struct pin_record *unpin; /* stack of records whose calls are over */
	u32 away;   /* tasks that were handed over and have not parked; futex when closing */
	u32 closing; /* detach has begun: calls are refused, waits end */
	u64 last_hand_off; /* ns; written by the new carrier */
	/* written by the carrier, in a handler */
	u64 renewed_for;   /* word of the call in which it made watchers in place of others */
	u64 renewed_at;	   /* ns: when it made the latest of these */
	u32 renewals;	   /* how many */
	u32 renewal;	   /* enum renewal; futex of the watcher that asks for one */
	u32 unwatched;	   /* the latest call began without a watcher, and none could be made */
	u32 overflow; /* enum overflow_policy */
	u32 index;

	struct mutex lock;
	struct task *spare; /* waits outside of the list, and is not counted in nr_tasks */
	struct list_head idle;	/* LIFO: the warmest task first */
	struct list_head dispatched; /* FIFO: calls that have not begun */
	struct list_head unused; /* LIFO: records of dispatched calls that are over */
	struct call_page *call_pages;
	struct list_head tasks; /* all of them, the birth task too */
	struct list_head retired; /* tasks that exit by themselves; their stacks are to be freed */
	u32 nr_tasks;
	u32 nr_idle;
	u32 nr_dispatched;
	u32 searching; /* tasks that were woken for dispatched calls and have not looked yet */
	u32 next_index;
	u32 max_tasks; /* 0: as many as the machine gives */
	u64 idle_ns;   /* after which a waiting child exits; 0: never */

	struct trace *trace; /* 0: not traced, and ops are the host's own */

	u64 host[28];  /* the host's and the watch's own */
};

/* What a call does for which no watcher can be had (surface.c). */
enum when_unwatched {
	UNWATCHED_BLOCKS = 0, /* it is made, and the guardian looks for a watcher */
	UNWATCHED_SURFACES,   /* it is made, and comes back to its caller now and then */
	UNWATCHED_REFUSED,    /* it is looked at, and else not made */
	UNWATCHED_LOOKS,      /* it is looked at, and else it surfaces */
	LOOKS_ALONE	      /* likewise, and else not made: though it could be watched */
};

/* A watcher that may not carry asks the carrier to make one that may (renew.c). */
enum renewal { RENEWAL_NONE = 0, RENEWAL_WANTED, RENEWAL_BUSY, RENEWAL_MADE, RENEWAL_FAILED };

/* May a call begin that may block? A watcher that parked is woken by it. */
static inline int is_watched(const struct context *ctx)
{
	uintptr_t slot = smp_load_acquire(&ctx->watcher);

	return slot && !(slot & WATCHER_AWAY);
}

/* May a task run user code of its context? */
enum fitness {
	UNFIT = 0, /* it has credentials that it cannot exchange for the context's */
	FIT = 1,
	FIT_LATER = 2, /* a setuid goes on, or nothing tells yet: look again */
	FIT_BUT_FOR_ATTRIBUTES = 3, /* it may not have the carrier's priority or processors */
	/*
	 * It has the ids that were recorded last and the carrier has others. A setuid that goes
	 * on reaches the carrier last. Or foreign code changed the ids of that thread alone.
	 */
	FIT_ONCE_SETTLED = 4
};

enum overflow_policy { OVERFLOW_RESERVE = 0, OVERFLOW_BLOCK = 1, OVERFLOW_V7 = 2 };

/*
 * The table of defects of v7 (docs/defects.md): 1 is v7's way, 0 the default's.
 */
struct policy {
	const char *name;
	u8 result_is_int;	   /*  1 */
	u8 ring_ptr_is_int;	   /*  2 */
	u8 wait_group_read_twice;  /*  3 */
	u8 overwrite_unread;	   /*  4 */
	u8 lost_is_silent;	   /*  5 */
	u8 raw_restart_codes;	   /*  6 */
	u8 index_is_long;	   /*  7 */
	u8 stale_credentials;	   /*  8 */
	u8 wake_whole_bucket;	   /*  9 */
	u8 clone_error_fails_call; /* 10 */
	u8 params_aliased;	   /* 11 */
	u8 listed_until_it_runs;   /* 12 */
	u8 wake_without_barrier;   /* 13 */
	u8 elements_read_again;	   /* 14 */
	u8 pt_regs_alone;	   /* 15 */
	u8 any_call_number;	   /* 16 */
	u8 signal_ends_child;	   /* 17 */
	/* 18, a syslet of ring_wait, is allowed by both */
	u8 raw_numbers; /* 286 and 287 name our calls in indirect_registers */
	u32 params_max; /* longest paramslen */
};

extern const struct policy syslet_policy_default;
extern const struct policy syslet_policy_v7;

/* Named places where a controlled schedule may switch; nothing in a release build. */
enum yield_point {
	YIELD_INDIRECT_ENTERED,
	YIELD_CALL_RETURNED,
	YIELD_SCHEDULE_PICKED,
	YIELD_SCHEDULE_HANDED,
	YIELD_SCHEDULE_TOLD,
	YIELD_POST_BEFORE_STORE,
	YIELD_POST_BEFORE_HEAD,
	YIELD_POST_BEFORE_WAKE,
	YIELD_WAIT_QUEUED,
	YIELD_WAIT_BEFORE_SLEEP,
	YIELD_PARKED,
	YIELD_POINTS
};

/*
 * The machine, as the kernel side sees it. host_thread is the real one; a test's
 * host may run controlled schedules with the same kernel source.
 */
struct host_ops {
	/* Runs a system call of the host; may block, and be handed over meanwhile. */
	host_call_t *call;
	/* Sleeps while *word == expected; 0, -ETIMEDOUT, -EINTR or -EAGAIN. 0 ns: no limit. */
	int (*park)(u32 *word, u32 expected, u64 timeout_ns);
	void (*wake)(u32 *word, u32 count);
	/* Sleeps while the task's thread, whose alive was just read, has not ended; at most so long. */
	void (*wait_for_end)(struct task *task, u32 alive, u64 timeout_ns);
	/* A full barrier on all processors that run threads of this process; -errno if not to be had. */
	long (*barrier_everywhere)(void);
	/*
	 * Between the child's store of its claim on cur's call and its load of cur's word:
	 * afterwards cur either sees the claim when it returns or has returned already.
	 */
	long (*claim_barrier)(struct task *child, struct task *cur);
	/* A stack with a task at its top, or 0. Precondition: no lock held. */
	struct task *(*alloc_task)(struct context *ctx);
	void (*free_task)(struct task *task);
	/* CALL_PAGE bytes, or 0. */
	void *(*alloc_page)(void);
	void (*free_page)(void *page);
	/* create_syslet_thread: the OS thread for task, cloned from the caller. 0 or -errno. */
	long (*start_task)(struct task *task);
	/* First thing on the new thread; -errno makes it exit. */
	void (*task_born)(struct task *task);
	/* Ends the calling thread; its stack may be freed once task->alive is 0. */
	void (*task_exit)(struct task *task);
	/*
	 * Called by the waiting child that watches: returns the carrier's word, IN_CALL,
	 * once the carrier was seen blocked in that call; 0 when task->order changed.
	 */
	u64 (*watch)(struct task *task);
	/* The carrier wakes a watcher that parked; the mark is off the slot. */
	void (*unpark)(struct task *watcher, struct task *carrier);
	/* enum fitness: may task run user code of its context in place of cur? */
	int (*may_carry)(struct task *task, struct task *cur);
	/* enum fitness: has task, or has it now got, the credentials of its context? */
	int (*may_go_on)(struct task *task);
	/*
	 * Makes the carrier call answer_nudge where it is blocked in a call of the host's. The
	 * call goes on afterwards. No queue, and no lock, is in between: it may be lost when
	 * it comes just before the call, so it is repeated.
	 */
	void (*nudge)(struct task *carrier);
	/* A call begins that nobody watches: whoever is outside of the context is to nudge it. */
	void (*unwatched)(struct context *ctx);
	/*
	 * A task has the watcher's place now, or looks again: whoever is outside of the context
	 * is to see that it looks. Called after a full barrier.
	 */
	void (*guard)(struct context *ctx);
	/*
	 * Around the store that makes task the carrier. Credentials of the context may change
	 * between may_carry and that store: carrying_begun adopts them, and gives task what
	 * was meant for the carrier meanwhile. 0: it could not.
	 */
	void (*carrying_begins)(struct task *task);
	int (*carrying_begun)(struct task *task);
	/*
	 * 1 if task may run the frame's function with its credentials; until it has parked
	 * a setuid waits for it.
	 */
	int (*may_return)(struct task *task);
	/* A call that changes credentials has returned on the carrier. */
	void (*credentials_changed)(struct task *cur, u64 nr);
	/* The task is a waiting child again: its call is over. */
	void (*task_parked)(struct task *task);
	/* Makes a sleep of the task's end: its order or its interrupt was written before. */
	void (*interrupt)(struct task *task);
	/* On a task that was interrupted: the signal, if it is still on its way, comes now. */
	void (*take_interrupt)(void);
	/* How often the calling thread has gone to sleep. */
	u64 (*voluntary_switches)(void);
	/* Adds 1 to an eventfd; never blocks. */
	void (*write_event)(int fd);
	u64 (*now)(void);
	/* ns of a clock of the host, by its number there. */
	u64 (*clock)(u32 id);
	void (*yield_processor)(void);
	void (*yield_point)(struct task *cur, enum yield_point point);
};

#ifdef SYSLETS_YIELD_POINTS
#define YIELD(cur, point)                                                                          \
	do {                                                                                       \
		if ((cur)->ctx->ops->yield_point)                                                  \
			(cur)->ctx->ops->yield_point((cur), (point));                              \
	} while (0)
#else
#define YIELD(cur, point) ((void)(cur))
#endif

#define CLOCK_MONOTONIC 1 /* the host's number of it */

/* Two registers: the value, and beside it what became of the call. */
enum how { HOW_RETURNED = 0, HOW_PENDING = 1, HOW_FRAME = RESULT_FRAME };

struct syslet_result {
	long value;
	long how; /* enum how; HOW_FRAME never reaches user space */
};

/* lock.c */
void mutex_lock(const struct host_ops *ops, struct mutex *mutex);
void mutex_unlock(const struct host_ops *ops, struct mutex *mutex);

/* wait.c */
struct waiter {
	struct list_head item;
	u64 ring;
	u32 woken; /* futex; 0 while queued */
};
void wait_queue_init(struct wait_queue *queue);
void prepare_to_wait(const struct host_ops *ops, struct wait_queue *queue, struct waiter *waiter);
void finish_wait(const struct host_ops *ops, struct wait_queue *queue, struct waiter *waiter);
void wake_up_ring(const struct host_ops *ops, struct wait_queue *queue, u64 ring, int everyone);
u64 deadline_after(const struct host_ops *ops, u64 timeout_ns);
int park_until(const struct host_ops *ops, u32 *word, u64 deadline);

/* ring-state.c */
void ring_state_drop(struct context *ctx);

/* ring.c */
void syslet_rings_init(void);
long syslet_store_completion(struct task *cur, long status);
long sys_syslet_ring_wait(u64 ring, u64 user_idx, u64 timeout_ns, struct task *cur);
long sys_syslet_ring_room(u64 ring, struct task *cur);
extern u32 syslet_room_mark; /* completers that wait for room, in any ring */

struct bucket;
/* Its memory is the user's, until it was removed; the head is struct syslet_ring_event. */
struct ring_event {
	u64 ring;
	int fd;
	u32 armed; /* 1: the next completion writes, and takes it back to 0 */
	struct list_head item; /* in its bucket's list, under its mutex */
	struct bucket *bucket;
};
long ring_event_add(const struct host_ops *ops, struct ring_event *event);
void ring_event_remove(const struct host_ops *ops, struct ring_event *event);

/* refuse.c */
/* The options of prctl(2) that belong to a thread's credentials; include/uapi/linux/prctl.h. */
#define PR_SET_KEEPCAPS 8
#define PR_CAPBSET_READ 23
#define PR_CAPBSET_DROP 24
#define PR_GET_SECUREBITS 27
#define PR_SET_SECUREBITS 28
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39

struct refused_call {
	u32 nr;
	const char *name;
	const char *reason;
};
extern const struct refused_call syslet_refused_calls[];
extern const unsigned syslet_refused_count;
void refuse_init(void);

#define BITMAP_CALLS 512
extern u64 special_call_bits[BITMAP_CALLS / 64];

/* One bit for the sync path to test: refused, or changes credentials, or not the host's. */
static inline int call_is_special(u64 nr)
{
	return nr >= BITMAP_CALLS || (special_call_bits[nr / 64] >> (nr % 64) & 1);
}
int call_is_refused(u64 nr);
int call_is_foreign(u64 nr);
int arguments_are_refused(u64 nr, u64 first, u64 second);
long change_is_told(const struct indirect_registers *regs, struct task *cur);
int call_changes_credentials(u64 nr);
int call_changes_thread(u64 nr);

/*
 * By the carrier whose call begins without a watcher, and by a watcher that saw it blocked and
 * does not take over. Each has a place of its own: a watcher that was kept off the processors may
 * write of a call that is over long ago, while the carrier writes of the next one. The first
 * time counts. The limit of a socket began then (socket-limit.c).
 */
static inline void saw_waiting(struct task *cur, struct first_wait *first, u64 word)
{
	if (same_call(READ_ONCE(first->call), word))
		return;
	WRITE_ONCE(first->since, cur->ctx->ops->now());
	smp_store_release(&first->call, word); /* pairs with begun_at */
}

/*
 * The call is over: tells so, and looks if a watcher has claimed it. The store of
 * USER and the load of the claim need no barrier in between (see the words above
 * struct task). 1: nobody has, the context is still here.
 */
static inline int leave_call(struct task *cur, u64 word)
{
	WRITE_ONCE(cur->word, word_with(word, WORD_USER));
	barrier();
	return likely(!same_call(word, READ_ONCE(cur->claim)));
}

/* Both register structs that we run on are a number and six arguments. */
#define REG_NR(regs) (((u64 *)(regs))[0])
#define REG_ARG(regs, i) (((u64 *)(regs))[1 + (i)])

/* restart.c */
struct limit;
long call_interrupted(const struct indirect_registers *regs, struct task *cur, struct limit *limit);
long call_with_limit(const struct indirect_registers *regs, struct task *cur);
long call_rest_of(const struct indirect_registers *regs, struct task *cur);
int lock_call(struct task *cur, u64 word);
void unlock_call(struct task *cur, u64 word);

/* rest.c */
void rest_goes_away(const struct indirect_registers *regs, struct task *away, struct task *cur);

/* look.c: what becomes of a call that nobody would watch */
enum look {
	LOOK_NONE = 0, /* it cannot be looked at */
	LOOK_TELLS,    /* it has ended, or its caller is to come again */
	LOOK_MAKES     /* it does not wait: it is to be made */
};
enum look look_at(const struct indirect_registers *regs, struct task *cur, long *status);

/* surface.c */
int surfaces_when_unwatched(const struct context *ctx);
int surfaces(struct task *cur);
void keep_limits(struct task *cur, u64 argument, u64 socket);
void keep_moved(struct task *cur, u64 bytes, u64 socket);
u64 kept_limit(struct task *cur, enum kept_limit which);
int call_goes_on(struct task *cur);
void go_on_with(struct context *ctx, const u64 *kept);

/* What the call gave in place of -EINTR, once; 0: it was ended by the signal. */
static inline u64 take_part(struct task *cur)
{
	u64 part = READ_ONCE(cur->part);

	if (likely(!part))
		return 0;
	WRITE_ONCE(cur->part, 0);
	return part;
}

/* A call that is in no table: made again if a foreign signal ends it. */
static inline long call_host(const struct indirect_registers *regs, struct task *cur)
{
	long status = arch_call(cur->ctx->ops->call, regs, cur);

	return unlikely(status == -E_INTR) ? call_interrupted(regs, cur, 0) : status;
}

/* Is an interrupt meant for the call that the task runs? */
static inline int is_interrupted(const struct task *cur)
{
	return READ_ONCE(cur->call->interrupt) != 0;
}

/* complete.c */
int claim_was_taken(struct task *cur, u64 word);
struct syslet_result syslet_claimed(struct task *cur, u64 word, long status);

/*
 * Called by sys_indirect after the system call. If the context is still here, the
 * call did not block, or nobody saw it: its status is the result. Else user space
 * got -ESYSLETPENDING long ago. word is the one that was stored at entry.
 */
static inline struct syslet_result syslet_post_indirect(struct task *cur, u64 word, long status)
{
	YIELD(cur, YIELD_CALL_RETURNED);
	if (leave_call(cur, word))
		return (struct syslet_result){status, HOW_RETURNED};
	return syslet_claimed(cur, word, status);
}

/* init.c */
void syslet_init(struct task *task, struct context *ctx);
void context_init(struct context *ctx, struct task *birth, const struct policy *policy,
		  const struct host_ops *ops, enum overflow_policy overflow);

/*
 * A syslet without a ring has a place, which its checks have shown. What a call completes
 * into names it, with caller_data: its ring, or the address of its status.
 */
static inline u64 completes_into(const struct call *call)
{
	u64 ring = READ_ONCE(call->indirect_params.syslet.completion_ring_ptr);

	return ring ? ring : READ_ONCE(call->indirect_params.place.status_ptr);
}

/* check.c */
long probe_place(const struct call *call);
int probe_writable(struct task *cur, const struct syslet_args *args);
int check_syslet(struct task *cur);
int syslet_pre_indirect(struct task *cur);

/* syslet.c */
struct task *first_syslet_task(struct context *ctx);
struct task *syslet_schedule(struct task *cur, u64 word);
void become_carrier(struct context *ctx, struct task *task);
void settle_carrier(struct task *task);
long syslet_thread(struct task *cur);

long complete_call(struct task *cur, long status);
long place_wait(const struct host_ops *ops, const struct syslet_result_place *place,
		u64 timeout_ns);
void pin_call(struct context *ctx, struct pin_record *record);

/* indirect.c */
struct syslet_result sys_indirect(const void *userregs, const void *userparams, u64 paramslen,
				  u64 flags, struct task *cur);
long take_dispatched(const void *userregs, const void *userparams, u64 paramslen, struct task *cur);
long run_dispatched(struct task *cur);

/* pool.c */
struct task *first_fit_idle(struct context *ctx);
void add_idle(struct task *task);
void remove_idle(struct task *task);
int unreserved_idle(const struct context *ctx);
#define IN_PLACE_OF_ONE ((u32)-1) /* kept_free of a task whose maker's caller will exit for it */
int at_cap(const struct context *ctx, u32 kept_free);
int create_new_syslet_task(struct context *ctx, u32 kept_free,
			   void (*prepare)(struct task *task, void *data), void *data);
int ensure_watcher(struct task *cur);
void unpark_watcher(struct context *ctx);
void volunteer(struct task *cur);
void take_place(struct task *cur);
void take_place_locked(struct task *cur);
void leave_watch(struct task *cur);
void sleep_idle(struct task *cur);
void exit_task(struct task *cur);

/* spare.c */
void make_spare(struct context *ctx);
int use_spare(struct context *ctx);
int become_spare(struct task *cur);
void sleep_unborn(struct task *cur);

/* renew.c */
int make_successor(struct task *cur, u64 word);
void answer_nudge(struct task *cur);

/* dispatch.c */
struct syslet_result sys_dispatch(const void *userregs, const void *userparams, u64 paramslen,
				  u64 slept, struct task *cur);
void run_dispatched_calls(struct task *cur);
void stop_searching(struct task *task);
void free_calls(struct context *ctx);

/* task.c */
int leave_away(struct task *cur);
void count_back(struct context *ctx);
struct syslet_result wait_to_carry(struct task *cur);
struct syslet_result sys_park(struct task *cur);
struct syslet_result sys_exit_task(struct task *cur);

/* close.c */
struct syslet_result sys_go_home(struct task *cur);
u32 wait_away(struct context *ctx);
int interrupt_call(struct context *ctx, u64 into, u64 caller_data);
void kill_syslet_tasks(struct context *ctx);

#endif
