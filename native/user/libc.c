/* SPDX-License-Identifier: MIT */
/* Facts that only the C library tells, and a thread of its making. */
#include <linux/rseq.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "syslets/syslets.h"
#include "user/user.h"

#define OUR_STACK_BYTES 65536 /* of threads that only sleep */

/* glibc 2.35 and later register an rseq area for each thread; others have no such symbols. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* What the processor has that only the auxiliary vector tells. */
u64 hardware(void)
{
	return getauxval(AT_HWCAP2);
}

/* How many signals, from 32 on, the C library keeps for itself. */
u32 libc_signals(void)
{
#ifdef __GLIBC__
	return GLIBC_SIGNALS; /* its SIGRTMIN is greater where a library has taken a signal */
#else
	return (u32)SIGRTMIN - FIRST_LIBC_SIGNAL;
#endif
}

/* On x86_64 it is the thread pointer; on aarch64 it lies below it, where each C library likes. */
u64 own_pthread(void)
{
	return (u64)pthread_self();
}

void find_rseq(struct attach_request *request)
{
	if (!&__rseq_offset || !&__rseq_size || !__rseq_size)
		return;
	request->rseq = (u64)__builtin_thread_pointer() + (u64)__rseq_offset;
	request->rseq_bytes = __rseq_size;
	request->rseq_signature = ARCH_RSEQ_SIGNATURE;
}

static int start_thread(void *(*run)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, OUR_STACK_BYTES);
	error = pthread_create(&thread, &attributes, run, 0);
	pthread_attr_destroy(&attributes);
	return error;
}

static void *take_signals(void *unused)
{
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, 0);
	for (;;)
		pause();
	return unused;
}

/*
 * Attached threads mask SIGUSR1, and so do all other threads of Node: without this
 * one nobody would take it, and the inspector would never start. Started once.
 */
int syslet_start_signal_thread(void)
{
	static u32 started;
	int error;

	if (xchg(&started, 1))
		return 0;
	error = start_thread(take_signals);
	if (error)
		smp_store_release(&started, 0); /* the next attach tries again */
	return -error;
}

static u32 witness_started;

static void *guard(void *unused)
{
	for (;;) {
		guardian_wait();
		attached_each(guardian_look);
	}
	return unused;
}

/*
 * Called before a thread attaches. A setuid of glibc's is seen by its signal, which
 * goes to every thread that glibc knows but the caller: in a program whose only
 * threads are attached ones nobody would see one that its own context makes. And
 * glibc has no handler for that signal, which ours goes before, until it makes its
 * first thread. So one is made that takes that signal and no other. If there is no
 * room for it now, the next attach tries again. It is the guardian of all contexts too.
 */
void start_witness(void)
{
	sigset_t all, before;

	if (xchg(&witness_started, 1))
		return;
	sigfillset(&all); /* glibc takes its own two out of every mask */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (start_thread(guard))
		smp_store_release(&witness_started, 0);
	else
		guardian_is_there();
	pthread_sigmask(SIG_SETMASK, &before, 0);
}

int has_witness(void)
{
	return READ_ONCE(witness_started) != 0;
}
