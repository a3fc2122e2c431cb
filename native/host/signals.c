/* SPDX-License-Identifier: MIT */
/*
 * Signals while a context may be on another OS thread than its own.
 *
 * Four signals are virtual: the handler that the process installed is kept in a
 * table, and ours, which comes first, calls it when and where it may. native/user
 * routes the C library's sigaction here, so nobody can take our place; a handler
 * is called with the same arguments as if it had been installed.
 *
 *   SEGV, BUS  faults of our own accesses to user memory are fixed up
 *   PROF       V8 sends it to the birth thread; the handler runs on the carrier
 *   33         glibc's setuid sends it to the birth thread; likewise
 *
 * A handler of ours uses no TLS and decides by GS, stack pointer and word.
 */
#include "arch/sys.h"
#include "host/host.h"

#define SA_SIGINFO 0x00000004ull
#define SA_RESTORER 0x04000000ull
#define SA_ONSTACK 0x08000000ull
#define SA_RESTART 0x10000000ull
#define SA_RESETHAND 0x80000000ull
#define SA_NODEFER 0x40000000ull
#define SIG_SETMASK 2
#define MASK_BYTES 8
#define SIG_BIT(signal) (1ull << ((signal)-1))
#define SIG_STKFLT 16
#define SIG_PWR 30
#define SIG_SYS 31 /* of a seccomp filter: the host forces it, and blocked it would kill */
#define SIG_IO 29
#define LAST_SIGNAL 64
#define SI_TKILL (-6)
#define SI_QUEUE (-1)
#define SI_USER 0

struct siginfo {
	s32 signo, error, code, pad;
	s32 pid; /* of SI_USER, SI_TKILL and SI_QUEUE */
	s32 rest[27];
};

#define GENERATIONS 64 /* a handler that runs may read an action this many changes old */
static struct kernel_sigaction actions[SIGNALS][GENERATIONS];
static u32 generation[SIGNALS];
static struct kernel_sigaction first_action[SIGNALS];

static struct mutex action_lock;

static u32 libc_signals; /* how many it keeps, from FIRST_LIBC_SIGNAL on */

long raw_sigaction(int signal, const struct kernel_sigaction *act, struct kernel_sigaction *old)
{
	return SYS4(rt_sigaction, signal, act, old, MASK_BYTES);
}

/* A filter that is added later may refuse getpid: the answer of attach holds then. */
s32 host_pid(void)
{
	static s32 known;
	s32 pid = (s32)SYS0(getpid);

	if (unlikely(pid <= 0))
		return READ_ONCE(known);
	WRITE_ONCE(known, pid);
	return pid;
}

/*
 * To a thread of this process; 0 tells if that can be done. Where a filter refuses tgkill, by
 * whatever error, the other call that names process and thread does the same. The two that
 * tgkill has of its own: the thread has ended, or there is no room in the queue.
 */
long signal_thread(u32 tid, int signal)
{
	struct siginfo info = {.signo = signal, .code = SI_QUEUE, .pid = host_pid()};
	long error = SYS3(tgkill, info.pid, tid, signal);

	if (likely(!error || error == -E_SRCH || error == -E_AGAIN))
		return error;
	return SYS4(rt_tgsigqueueinfo, info.pid, tid, signal, &info);
}

/* The task that runs on this OS thread, or 0. */
struct task *signal_task(void)
{
	struct task *task = arch_task_of_thread();

	if (!task || !stack_is_task(task) || task->tid != (u32)SYS0(gettid))
		return 0; /* no GS base, somebody else's, or inherited: see host_attach */
	return task;
}

int signals_are_virtual(int signal)
{
	return signal == SIG_SEGV || signal == SIG_BUS || signal == SIG_PROF;
}

static const struct kernel_sigaction *current_action(int signal)
{
	return &actions[signal][smp_load_acquire(&generation[signal]) % GENERATIONS];
}

static void set_current(int signal, const struct kernel_sigaction *act)
{
	u32 next = generation[signal] + 1;

	actions[signal][next % GENERATIONS] = *act;
	smp_store_release(&generation[signal], next); /* pairs with current_action */
}

/* All of them; those that were masked. */
u64 mask_signals(void)
{
	u64 all = ~0ull, before = 0;

	SYS4(rt_sigprocmask, SIG_SETMASK, &all, &before, MASK_BYTES);
	return before;
}

void unmask_signals(u64 before)
{
	SYS4(rt_sigprocmask, SIG_SETMASK, &before, 0, MASK_BYTES);
}

/* For what a handler may want too: it would wait for the thread that it has interrupted. */
u64 lock_masked(struct mutex *mutex)
{
	u64 before = mask_signals();

	mutex_lock(&host_thread_ops, mutex);
	return before;
}

void unlock_masked(struct mutex *mutex, u64 before)
{
	mutex_unlock(&host_thread_ops, mutex);
	unmask_signals(before);
}

/* SA_RESETHAND: the next one finds the default action. */
static void reset_action(int signal)
{
	struct kernel_sigaction none = {HANDLER_DEFAULT, 0, 0, 0};
	u64 before = lock_masked(&action_lock);

	set_current(signal, &none);
	unlock_masked(&action_lock, before);
}

static void call_handler(const struct kernel_sigaction *action, int signal, void *info, void *context)
{
	void (*handler)(int, void *, void *) = action->handler;

	if (unlikely(action->flags & SA_RESETHAND) && action != &first_action[signal])
		reset_action(signal);
	handler(signal, info, context);
}

/* The default action, for good: the signal comes again when the handler returns. */
static void fall_to_default(int signal)
{
	struct kernel_sigaction none = {HANDLER_DEFAULT, SA_RESTORER, arch_sigreturn, 0};

	raw_sigaction(signal, &none, 0);
}

/*
 * A fault of ours is fixed up without asking anybody: V8's handler would clear a
 * flag in the TLS that the carrier uses. Others go to the newest handler. But a fault
 * (si_code > 0) that this one could not tell from a signal that was sent, since it did
 * not ask for siginfo, goes to the one that was there before us, the WebAssembly trap
 * handler, which does ask: libuv's would make it spin.
 */
static void on_fault(int signal, void *info, void *context)
{
	const struct siginfo *siginfo = info;
	const struct kernel_sigaction *action = current_action(signal);

	if (arch_fix_fault(context)) {
		count(faults_fixed);
		return;
	}
	if (siginfo->code > 0 && !(action->flags & SA_SIGINFO) &&
	    first_action[signal].flags & SA_SIGINFO)
		action = &first_action[signal];
	if (action->handler == HANDLER_IGNORE && siginfo->code <= 0)
		return;
	if (action->handler == HANDLER_DEFAULT || action->handler == HANDLER_IGNORE) {
		fall_to_default(signal);
		if (siginfo->code <= 0)
			signal_thread((u32)SYS0(gettid), signal);
		return;
	}
	call_handler(action, signal, info, context);
}

/* How a handler that was meant for the context's thread may run here. */
enum carry { CARRY_NONE, CARRY_USER, CARRY_KERNEL, CARRY_LOCKED };

/*
 * May a signal handler look at the context on this thread? In user mode: yes. On
 * the kernel stack: yes with the user's registers, after the word was locked if a
 * call is going on, so that no claim on it succeeds meanwhile. Else the context is
 * elsewhere. The handler runs on the thread that writes the word.
 */
static enum carry carry_of(struct task *task, const void *context, u64 *word)
{
	*word = READ_ONCE(task->word);
	if (smp_load_acquire(&task->ctx->carrier) != task || claim_was_taken(task, *word))
		return CARRY_NONE;
	if (word_state(*word) == WORD_LOCKED)
		return CARRY_NONE; /* nested in a handler that has locked: drop it */
	if (word_state(*word) == WORD_USER)
		return arch_on_stack_of(task, context) ? CARRY_KERNEL : CARRY_USER;
	return lock_call(task, *word) ? CARRY_LOCKED : CARRY_NONE;
}

/*
 * A signal for the task's thread. The host queues an entry for each of glibc's two, and
 * has none left when the user's limit is used up (RLIMIT_SIGPENDING, by any process of
 * the user): then the task is told by a word, and woken by our own signal, which needs no
 * entry.
 */
static long send(struct task *task, int signal)
{
	long error = signal_thread(task->tid, signal);

	if (likely(error != -E_AGAIN || signal != SIG_SETXID))
		return error;
	WRITE_ONCE(host_of(task)->owed_setxid, 1);
	return signal_thread(task->tid, (int)host_interrupt_signal);
}

/* The carrier may end before it is sent to: then another one carries. */
static void forward(struct task *task, int signal)
{
	struct task *carrier;

	do {
		carrier = smp_load_acquire(&task->ctx->carrier);
		if (carrier == task)
			return;
	} while (send(carrier, signal) && smp_load_acquire(&task->ctx->carrier) != carrier);
	count(signals_forwarded);
}

/* To the calling thread, when it has let the signal wait. */
void signals_setxid_again(struct task *task)
{
	send(task, SIG_SETXID);
}

/* Runs a handler that reads the context's registers or TLS, where the context is. */
static void run_where_carried(struct task *task, int signal, void *info, void *context,
			      const struct kernel_sigaction *action)
{
	struct arch_ucontext shown;
	u64 word;
	enum carry carry = carry_of(task, context, &word);

	if (carry == CARRY_NONE) {
		forward(task, signal);
		return;
	}
	if (carry == CARRY_USER) {
		call_handler(action, signal, info, context);
		return;
	}
	shown = *(struct arch_ucontext *)context;
	arch_show_user_context(task, &shown);
	call_handler(action, signal, info, &shown);
	if (carry == CARRY_LOCKED)
		unlock_call(task, word);
}

/*
 * First thing in a handler of ours: the call that it has ended is to be made again. One
 * that is ended by a signal of the program's own does not look so: that one's handler
 * is what ours interrupts, or comes when the call is made again.
 */
static void mark_ended_call(struct task *task, void *context)
{
	u64 part;

	if (!task)
		return;
	part = arch_part_of_call(task, context);
	if (part)
		WRITE_ONCE(task->part, part);
	if (arch_ended_call(task, context))
		WRITE_ONCE(task->signalled, 1);
}

static void on_prof(int signal, void *info, void *context)
{
	const struct siginfo *siginfo = info;
	const struct kernel_sigaction *action = current_action(signal);
	struct task *task = signal_task();

	mark_ended_call(task, context);
	if (task && xchg(&host_of(task)->nudged, 0)) {
		on_nudge(task, context);
		return; /* a sample of V8's that came with it is lost */
	}
	if (action->handler == HANDLER_IGNORE)
		return;
	if (action->handler == HANDLER_DEFAULT) {
		/*
		 * One that was still pending when a profile ended must not kill us. Where the
		 * host had no entry left to queue, it tells no sender.
		 */
		if ((siginfo->code == SI_TKILL || siginfo->code == SI_QUEUE) &&
		    siginfo->pid == host_pid())
			return;
		if (siginfo->code == SI_USER && !siginfo->pid)
			return;
		fall_to_default(signal);
		signal_thread((u32)SYS0(gettid), signal);
		return;
	}
	if (task)
		run_where_carried(task, signal, info, context, action);
	else
		call_handler(action, signal, info, context);
}

/*
 * glibc's handler changes the ids of the thread it runs on and acknowledges in
 * the struct that the thread pointer names. On a task that carries, and on threads
 * that are none of ours, it runs here; elsewhere it runs on the carrier.
 */
static void on_setxid(int signal, void *info, void *context)
{
	struct task *task = signal_task();
	u32 ticket = credentials_enter_handler(); /* before the look at the carrier: see syslet_schedule */

	mark_ended_call(task, context);
	if (task && smp_load_acquire(&task->ctx->carrier) != task) {
		forward(task, signal);
		credentials_leave_handler();
		return;
	}
	if (task && READ_ONCE(host_of(task)->becoming)) {
		WRITE_ONCE(host_of(task)->becoming, BECOMING_CARRIER | BECOMING_SIGNALLED);
		credentials_leave_handler();
		return;
	}
	credentials_wait_for_frames();
	call_handler(&first_action[signal], signal, info, context);
	credentials_record_process(task, ticket);
	credentials_leave_handler();
}

static void on_interrupt(int signal, void *info, void *context)
{
	struct siginfo owed = {.signo = SIG_SETXID, .code = SI_TKILL, .pid = host_pid()};
	struct task *task = signal_task();

	(void)signal, (void)info;
	mark_ended_call(task, context);
	if (task) {
		alarm_rang(task);
		take_owed_ids(task);
	}
	if (unlikely(task && xchg(&host_of(task)->owed_setxid, 0)))
		on_setxid(SIG_SETXID, &owed, context);
}

#define SYNCHRONOUS                                                                                \
	(SIG_BIT(4) | SIG_BIT(5) | SIG_BIT(6) | SIG_BIT(SIG_BUS) | SIG_BIT(8) | SIG_BIT(SIG_SEGV) | \
	 SIG_BIT(SIG_SYS))

/*
 * A signal of the program's that is let into a call must not come on top of a handler of
 * ours, which would then take that call's end for its own: it stays pending until the
 * call is made again. Faults have no call of ours below them.
 */
static u64 mask_during(int signal, u64 wanted)
{
	return signal == SIG_SEGV || signal == SIG_BUS ? wanted : wanted | ~SYNCHRONOUS;
}

static long install(int signal, void (*handler)(int, void *, void *), u64 flags, u64 mask)
{
	struct kernel_sigaction act = {handler, flags | SA_SIGINFO | SA_RESTORER, arch_sigreturn,
				       mask_during(signal, mask)};

	return raw_sigaction(signal, &act, 0);
}

static void virtualize(int signal, void (*handler)(int, void *, void *))
{
	struct kernel_sigaction before = {0};

	raw_sigaction(signal, 0, &before);
	first_action[signal] = before;
	set_current(signal, &before);
	install(signal, handler, (before.flags & SA_ONSTACK) | SA_RESTART, before.mask);
}

static int is_ours(void (*handler)(int, void *, void *))
{
	return handler == on_prof || handler == on_fault;
}

/* Precondition: action_lock. */
static void install_virtual(int signal, const struct kernel_sigaction *act)
{
	u64 kept = SA_ONSTACK | SA_NODEFER | SA_RESTART;

	install(signal, signal == SIG_PROF ? on_prof : on_fault,
		(act->flags & kept) | (first_action[signal].flags & SA_ONSTACK), act->mask);
}

/*
 * sigaction() for a virtual signal. The host is told the program's mask and flags
 * with our handler, so that they hold while the program's runs.
 */
void signals_virtual_action(int signal, const struct kernel_sigaction *act,
			    struct kernel_sigaction *old)
{
	u64 before = lock_masked(&action_lock);

	if (old)
		*old = *current_action(signal);
	if (act) {
		set_current(signal, act);
		install_virtual(signal, act);
	}
	unlock_masked(&action_lock, before);
}

static int is_free(u32 signal)
{
	struct kernel_sigaction act = {0};

	return !raw_sigaction((int)signal, 0, &act) && act.handler == HANDLER_DEFAULT;
}

/*
 * A signal that nobody has a handler for. A standard one, if there is one: it needs no
 * entry in the queue of the user's signals, so that an interrupt cannot fail. Linux has
 * never sent SIGSTKFLT; SIGPWR comes next, which init alone is sent.
 */
static u32 free_signal(void)
{
	static const u32 standard[] = {SIG_STKFLT, SIG_PWR, SIG_IO};
	unsigned i;
	u32 signal;

	for (i = 0; i < sizeof(standard) / sizeof(*standard); i++)
		if (is_free(standard[i]))
			return standard[i];
	for (signal = LAST_SIGNAL; signal > FIRST_LIBC_SIGNAL + libc_signals; signal--)
		if (is_free(signal))
			return signal;
	return signal;
}

static int can_interrupt;

/* 0: our own signal has no handler, so that it would end the process. */
int signals_can_interrupt(void)
{
	return can_interrupt;
}

/* Called once, at load: nothing that is installed later may come before us. */
void signals_init(u32 number_of_libc)
{
	libc_signals = number_of_libc;
	virtualize(SIG_SEGV, on_fault);
	virtualize(SIG_BUS, on_fault);
	virtualize(SIG_PROF, on_prof);
	host_interrupt_signal = free_signal();
	can_interrupt = !install((int)host_interrupt_signal, on_interrupt, 0, 0);
}

/*
 * Whoever took our place without sigaction's import (a constructor, a call of the host's
 * own) is the program's newest handler, and ours is first again.
 */
void signals_take_back(void)
{
	static const int signals[] = {SIG_SEGV, SIG_BUS, SIG_PROF};
	struct kernel_sigaction found;
	u64 before;
	unsigned i;

	before = lock_masked(&action_lock);
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (raw_sigaction(signals[i], 0, &found) || is_ours(found.handler))
			continue;
		set_current(signals[i], &found);
		install_virtual(signals[i], &found);
	}
	unlock_masked(&action_lock, before);
}

/*
 * glibc installs its handler with its first thread; ours goes before it once it is there. musl
 * puts its own, for signal 34, in place for each setuid, by a call of the host's own: ours
 * cannot go before that, and its thread that changes the ids tells us (native/user/set-ids.c).
 */
void signals_first_attach(void)
{
	struct kernel_sigaction before = {0};

	if (libc_signals != GLIBC_SIGNALS)
		return;
	raw_sigaction(SIG_SETXID, 0, &before);
	if (before.handler == HANDLER_DEFAULT || before.handler == on_setxid)
		return;
	first_action[SIG_SETXID] = before;
	before.handler = on_setxid;
	before.mask = mask_during(SIG_SETXID, before.mask);
	raw_sigaction(SIG_SETXID, &before, 0);
}

/*
 * What an attached thread and its tasks keep open beside what was blocked before:
 * the synchronous signals, the C library's, the profiler's and ours. All others reach
 * the process through its other threads.
 */
u64 signals_attached_mask(u64 before)
{
	u64 of_libc = ((1ull << libc_signals) - 1) << (FIRST_LIBC_SIGNAL - 1);
	u64 open = SYNCHRONOUS | SIG_BIT(SIG_PROF) | of_libc | SIG_BIT(host_interrupt_signal);

	(void)before;
	return ~open;
}
