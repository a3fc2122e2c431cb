/* SPDX-License-Identifier: MIT */
/*
 * Calls that would break the process when run on a task or when its context
 * moves, each with its reason (row 16). The v7 policy has no such list.
 */
#include <asm/unistd.h>
#include "kernel/limit.h"

#define FORKS "the child would have one thread of many, on a kernel stack"
#define ENDS "ends an OS thread that the kernel side still needs"
#define THREAD_POINTER "belongs to the OS thread, not to the context that moves"
#define KEYRING "thread keyrings belong to the OS thread"
#define FILE_SYSTEM_ID "an id that nothing shows, so that no other task could adopt it"
#define ONE_THREAD "changes one OS thread of several that carry the context, for good"

const struct refused_call syslet_refused_calls[] = {
#ifdef __NR_fork
	{__NR_fork, "fork", FORKS},
#endif
#ifdef __NR_vfork
	{__NR_vfork, "vfork", FORKS},
#endif
	{__NR_clone, "clone", FORKS},
	{__NR_clone3, "clone3", FORKS},
	{__NR_execve, "execve", "replaces the program while tasks run in it"},
	{__NR_execveat, "execveat", "replaces the program while tasks run in it"},
	{__NR_exit, "exit", ENDS},
	{__NR_exit_group, "exit_group", "ends the process without its exit handlers"},
	{__NR_rt_sigreturn, "rt_sigreturn", "there is no signal frame on a kernel stack"},
	{__NR_rt_sigaction, "rt_sigaction",
	 "would take the place of the handler of faults; sigaction() keeps both"},
	{__NR_rt_sigprocmask, "rt_sigprocmask",
	 "the mask of attached threads keeps signals off the tasks"},
	{__NR_rt_sigsuspend, "rt_sigsuspend", "would let signals in that tasks must not take"},
	{__NR_sigaltstack, "sigaltstack", "the kernel stack is the signal stack of a call"},
#ifdef __NR_arch_prctl
	{__NR_arch_prctl, "arch_prctl", "FS and GS base are how context and task are found"},
#endif
#ifdef __NR_modify_ldt
	{__NR_modify_ldt, "modify_ldt", "segments are how context and task are found"},
#endif
	{__NR_set_tid_address, "set_tid_address", THREAD_POINTER},
	{__NR_set_robust_list, "set_robust_list", THREAD_POINTER},
	{__NR_rseq, "rseq", "two OS threads would own one area"},
	{__NR_unshare, "unshare", ONE_THREAD},
	{__NR_setns, "setns", ONE_THREAD},
	{__NR_seccomp, "seccomp", "a filter on one OS thread of several that carry the context"},
	{__NR_ptrace, "ptrace", "the tracer is an OS thread; another one would go on"},
	{__NR_keyctl, "keyctl", KEYRING},
	{__NR_add_key, "add_key", KEYRING},
	{__NR_request_key, "request_key", KEYRING},
	{__NR_setfsuid, "setfsuid", FILE_SYSTEM_ID},
	{__NR_setfsgid, "setfsgid", FILE_SYSTEM_ID},
#ifdef __NR_landlock_restrict_self
	{__NR_landlock_restrict_self, "landlock_restrict_self", ONE_THREAD},
#endif
#ifdef __NR_ioperm
	{__NR_ioperm, "ioperm", ONE_THREAD},
#endif
#ifdef __NR_iopl
	{__NR_iopl, "iopl", ONE_THREAD},
#endif
	{__NR_personality, "personality", ONE_THREAD},
#ifdef __NR_map_shadow_stack
	{__NR_map_shadow_stack, "map_shadow_stack", "a shadow stack cannot be moved"},
#endif
};

const unsigned syslet_refused_count =
	sizeof(syslet_refused_calls) / sizeof(syslet_refused_calls[0]);

/* Calls after which the context has other credentials than the OS threads beside it. */
static const u16 credential_calls[] = {
	__NR_setuid,	__NR_setgid,	__NR_setreuid, __NR_setregid, __NR_setresuid,
	__NR_setresgid, __NR_setgroups, __NR_capset,   __NR_prctl,
};

/*
 * Calls that change the calling OS thread, and may sleep on the way (sched_setaffinity
 * does, while it moves to another processor). They are not handed over: the change
 * would be the original's, and not that of the thread that carries the context.
 */
static const u16 thread_calls[] = {
	__NR_sched_setaffinity, __NR_sched_setscheduler, __NR_sched_setparam,
	__NR_sched_setattr,	__NR_setpriority,	 __NR_ioprio_set,
	__NR_set_mempolicy,
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

u64 special_call_bits[BITMAP_CALLS / 64];

static void set_bit(u32 nr)
{
	__atomic_fetch_or(&special_call_bits[nr / 64], 1ull << (nr % 64), __ATOMIC_RELAXED);
}

/* Called once by the host before anything attaches. */
void refuse_init(void)
{
	unsigned i;

	for (i = 0; i < syslet_refused_count; i++)
		set_bit(syslet_refused_calls[i].nr);
	for (i = 0; i < LENGTH(credential_calls); i++)
		set_bit(credential_calls[i]);
	for (i = 0; i < LENGTH(thread_calls); i++)
		set_bit(thread_calls[i]);
	set_bit(__NR_futex);
	limit_init(set_bit);
}

/*
 * The host reads a call's number from the low half of the register: what the upper
 * half holds must not hide a call from the table.
 */
int call_is_refused(u64 nr)
{
	unsigned i;

	for (i = 0; i < syslet_refused_count; i++)
		if (syslet_refused_calls[i].nr == (u32)nr)
			return 1;
	return 0;
}

/* x86_64 hosts may have a second table of calls behind one bit, with its own fork. */
int call_is_foreign(u64 nr)
{
#ifdef __x86_64__
	return ((u32)nr & 0x40000000u) != 0; /* __X32_SYSCALL_BIT */
#else
	(void)nr;
	return 0;
#endif
}

#define PR_SET_SECCOMP 22
#define PR_SET_SYSCALL_USER_DISPATCH 59

/* Filters, or takes instructions from, one OS thread of several that carry the context. */
static int prctl_is_refused(u32 option)
{
	return option == PR_SET_SECCOMP || option == PR_SET_SYSCALL_USER_DISPATCH ||
	       arch_refuses_prctl(option);
}

/*
 * A filter may let the call change credentials, and refuse to tell them afterwards, so that no
 * other task could adopt them: its -errno, else 0.
 */
long change_is_told(const struct indirect_registers *regs, struct task *cur)
{
	u64 question;
	long answer;

	if ((u32)REG_NR(regs) != __NR_prctl)
		return 0;
	switch ((u32)REG_ARG(regs, 0)) {
	case PR_CAPBSET_DROP:
		question = PR_CAPBSET_READ;
		break;
	case PR_SET_SECUREBITS:
	case PR_SET_KEEPCAPS: /* one of them */
		question = PR_GET_SECUREBITS;
		break;
	case PR_SET_NO_NEW_PRIVS:
		question = PR_GET_NO_NEW_PRIVS;
		break;
	default:
		return 0;
	}
	answer = ask_host(cur, __NR_prctl, question, 0, 0, 0, 0);
	return answer < 0 ? answer : 0;
}

#define FUTEX_COMMAND_MASK 127u
#define FUTEX_LOCK_PI 6
#define FUTEX_UNLOCK_PI 7
#define FUTEX_TRYLOCK_PI 8
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_LOCK_PI2 13

/* A lock with priority inheritance is owned by the OS thread that made the call. */
static int futex_is_refused(u32 operation)
{
	switch (operation & FUTEX_COMMAND_MASK) {
	case FUTEX_LOCK_PI:
	case FUTEX_UNLOCK_PI:
	case FUTEX_TRYLOCK_PI:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI2:
		return 1;
	default:
		return 0;
	}
}

/* Calls that are refused with some arguments only; they are marked in the bitmap. */
int arguments_are_refused(u64 nr, u64 first, u64 second)
{
	if ((u32)nr == __NR_prctl)
		return prctl_is_refused((u32)first);
	return (u32)nr == __NR_futex && futex_is_refused((u32)second);
}

static int is_in(const u16 *calls, unsigned length, u64 nr)
{
	unsigned i;

	for (i = 0; i < length; i++)
		if (calls[i] == (u32)nr)
			return 1;
	return 0;
}

int call_changes_credentials(u64 nr)
{
	return is_in(credential_calls, LENGTH(credential_calls), nr);
}

/* Credentials or anything else of the OS thread that makes it. */
int call_changes_thread(u64 nr)
{
	return call_changes_credentials(nr) || is_in(thread_calls, LENGTH(thread_calls), nr);
}
