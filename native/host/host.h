/* SPDX-License-Identifier: MIT */
/*
 * The real host: OS threads, their stacks, signals, credentials and attributes.
 * Everything here runs on kernel stacks or in signal handlers too, so it is
 * freestanding like the kernel; native/user has what needs libc.
 */
#ifndef SYSLETS_HOST_H
#define SYSLETS_HOST_H

#include "kernel/kernel.h"
#include "kernel/trace.h"
#include "watch/watch.h"

#define FIRST_LIBC_SIGNAL 32
#define GLIBC_SIGNALS 2 /* 32 to cancel a thread, 33 for setuid */
#define SIG_SETXID 33	/* glibc's */
#define SIG_PROF 27
#define SIG_SEGV 11
#define SIG_BUS 7
#define SIGNALS 65

/* Who a thread is, as it says itself. */
struct identity {
	u32 uid[3]; /* real, effective, saved */
	u32 gid[3];
	u64 groups; /* a hash of them, and how many they are */
};

/* task.host[8..21] */
struct host_task {
	u32 context_generation; /* of the context's credentials that this OS thread has */
	u32 in_frame; /* runs a frame's function, which a setuid waits for */
	u32 becoming;		/* BECOMING_ bits: on its way to being the carrier */
	u32 owed_setxid; /* signal 33 was to come and could not be queued */
	u32 owed_ids;	 /* the ids that were recorded last are to be taken on */
	u32 refused_ids; /* the generation of those that it may not have */
	u32 caps[6]; /* effective, permitted, inheritable of two words */
	u32 nudged; /* a signal of ours is on its way to it */
	u32 answers; /* how often it has written its identity; odd while it does */
	u32 asked;   /* the value of asked_of's answers that tells */
	struct task *asked_of;
	struct identity identity;
	u64 own_attributes; /* hash of those it had when it began to watch; 0: not known */
};

#define BECOMING_CARRIER 1u /* signal 33 has to wait until it has the context's credentials */
#define BECOMING_SIGNALLED 2u /* and one has come */

/* context.host[12..27] */
struct host_context {
	u64 mask_before;   /* of the birth thread, for detach */
	u64 mask_attached; /* of every task */
	u64 robust_head;
	u64 robust_bytes;
	u64 rseq; /* the area that was unregistered, or 0 */
	u32 rseq_bytes;
	u32 rseq_signature;
	struct credentials *record;	 /* room for what follows */
	struct credentials *credentials; /* as this context set them through us, or 0 */
	u32 generation;			 /* of those */
	s32 alarm;	   /* the host's timer, if alarm_tid is not 0 */
	u32 alarm_tid;	   /* whom it wakes */
	u32 alarm_in_vain; /* it has found no call so often */
	u64 home_attributes; /* hash of those of the birth thread, when it was looked at last */
	/* the guardian's: what it saw at its last look at a watcher */
	u64 guard_word; /* the carrier's word */
	u64 guard_beat; /* the watcher's looks */
	u32 guard_in_vain; /* looks since which both have stayed */
};

static inline struct host_task *host_of(struct task *task)
{
	return (struct host_task *)&task->host[8];
}

static inline struct host_context *host_of_context(struct context *ctx)
{
	return (struct host_context *)&ctx->host[12];
}

_Static_assert(sizeof(struct host_task) <= 14 * sizeof(u64), "task.host");
_Static_assert(sizeof(struct host_context) <= 16 * sizeof(u64), "context.host");

extern const struct host_ops host_thread_ops;
extern u32 host_interrupt_signal;

/* thread.c */
void host_init(u64 hardware, u32 libc_signals);
u64 ns_of_ticks(u64 ticks);
u64 host_now(void);
u64 clock_ns(void);
int host_has_clock(void);
int host_park(u32 *word, u32 expected, u64 timeout_ns);
void host_wake(u32 *word, u32 count);

/* stack.c */
struct task *stack_alloc(void);
void stack_free(struct task *task);
void *page_alloc(void);
void page_free(void *page);
int stack_is_task(const struct task *task);

/* credentials.c */
#define MAX_GROUPS 1024

struct credentials {
	u32 uid[3]; /* real, effective, saved */
	u32 gid[3];
	long groups; /* how many; more than MAX_GROUPS cannot be adopted */
	u32 group[MAX_GROUPS];
	u32 caps[6];
	u64 bounding; /* of a context's record only, as what follows */
	long securebits;
	long no_new_privs;
	u32 generation; /* of the process's ids when it was made */
};

/* Of a thread that is about to change the process's ids. */
struct ids_before {
	u32 recorded; /* the newest that was */
	u32 are_own;  /* it has others than the process */
};

void credentials_read_ids(struct credentials *into);
void credentials_record_process(struct task *task, u32 ticket);
void credentials_before(struct ids_before *before);
void credentials_told(struct task *carrier, const struct ids_before *before);
u32 credentials_generation(void);
void credentials_take_on(struct task *task);
void credentials_keep_or_match(struct task *birth);
u32 credentials_enter_handler(void);
void credentials_leave_handler(void);
void credentials_init_task(struct task *task, struct task *from);
enum fitness credentials_adopt(struct task *task, struct task *from);
int credentials_enter_frame(struct task *task);
void credentials_leave_frame(struct task *task);
void credentials_wait_for_frames(void);
void credentials_carrying_begins(struct task *task);
int credentials_carrying_begun(struct task *task);
void credentials_changed(struct task *cur, u64 nr);
long credentials_alloc(struct context *ctx);
int credentials_are_told(void);
void credentials_free(struct context *ctx);

/* told.c */
u32 tell_ids(struct context *ctx);
void take_owed_ids(struct task *task);
void ids_at_attach(struct task *birth);
void ids_since_attach(struct task *birth);

/* identity.c */
int identity_same(struct task *task, struct task *other);
void identity_write(struct task *task);

/* status.c */
int status_has_ids(u32 tid, const struct credentials *wanted);
int status_caps(u32 tid, u32 caps[6]);

/* attributes.c */
void attributes_attach(struct task *birth);
int attributes_adopt(struct task *task, struct task *from);
void attributes_watching(struct task *task);

/* nudge.c */
void nudge(struct task *carrier);
void on_nudge(struct task *task, void *ucontext);
void call_for_guardian(struct context *ctx);
void guard_watcher(struct context *ctx);
void guardian_wait(void);
void guardian_look(struct context *ctx);

/* alarm.c */
void guardian_is_there(void);
void call_for_help(struct context *ctx);
void alarm_rang(struct task *task);
void alarm_drop(struct host_context *host);

/* name.c */
#define TASK_NAME 16
void name_task(const struct task *task, char name[TASK_NAME]);

/* signals.c */
struct kernel_sigaction {
	void (*handler)(int, void *, void *);
	u64 flags;
	void (*restorer)(void);
	u64 mask;
};
#define HANDLER_DEFAULT ((void (*)(int, void *, void *))0)
#define HANDLER_IGNORE ((void (*)(int, void *, void *))1)

void signals_init(u32 libc_signals);
int signals_can_interrupt(void);
void signals_first_attach(void);
int signals_are_virtual(int signal);
void signals_setxid_again(struct task *task);
void signals_virtual_action(int signal, const struct kernel_sigaction *act,
			    struct kernel_sigaction *old);
void signals_take_back(void);
u64 signals_attached_mask(u64 before);
u64 mask_signals(void);
void unmask_signals(u64 before);
u64 lock_masked(struct mutex *mutex);
void unlock_masked(struct mutex *mutex, u64 before);
long raw_sigaction(int signal, const struct kernel_sigaction *act, struct kernel_sigaction *old);
struct task *signal_task(void);
s32 host_pid(void);
long signal_thread(u32 tid, int signal);

/* attach.c */
struct attach_request {
	enum watch_kind watcher;
	const struct policy *policy;
	enum overflow_policy overflow;
	u32 max_tasks;
	u64 idle_ns;
	u64 rseq; /* the C library's area for this thread, or 0 */
	u32 rseq_bytes;
	u32 rseq_signature;
	void *trace; /* memory of a trace, or 0 */
	u64 trace_bytes;
	u32 trace_tasks;
};
long host_attach(const struct attach_request *request, struct context **ctx, const char **why);
long host_detach(struct context *ctx);

#endif
