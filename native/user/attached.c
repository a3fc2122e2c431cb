/* SPDX-License-Identifier: MIT */
/*
 * The attached contexts, by the pthread_t of their threads: a signal that is sent to a
 * pthread_t then goes to the OS thread that carries it. The list's lock may be held when
 * context.lock is taken, never the other way round.
 */
#include "arch/sys.h"
#include "host/host.h"
#include "user/user.h"

/* In the TLS of each attached thread; linked under lock. */
struct attached {
	struct attached *next;
	struct context *ctx;
	u64 pthread;
};

static TLS_WORD struct attached own;
static struct attached *all;
static struct mutex lock; /* signals are masked: a handler may send a signal too */

/* Called on the thread that has attached. */
void attached_add(struct context *ctx)
{
	u64 before = lock_masked(&lock);

	own = (struct attached){all, ctx, own_pthread()};
	all = &own;
	unlock_masked(&lock, before);
}

/* Called on that thread before the context goes away. */
void attached_remove(struct context *ctx)
{
	u64 before = lock_masked(&lock);
	struct attached **link = &all;

	while (*link && (*link)->ctx != ctx)
		link = &(*link)->next;
	if (*link)
		*link = (*link)->next;
	unlock_masked(&lock, before);
}

/* Sends to the task that carries the context of that thread; 0 if it is not attached. */
int attached_signal(u64 pthread, int signal)
{
	u64 before = lock_masked(&lock);
	struct attached *found = all;
	u32 tid = 0;

	while (found && found->pthread != pthread)
		found = found->next;
	if (found)
		tid = smp_load_acquire(&found->ctx->carrier)->tid;
	if (tid)
		signal_thread(tid, signal);
	unlock_masked(&lock, before);
	return tid != 0;
}

/* Each attached context, which cannot go away meanwhile. */
void attached_each(void (*look)(struct context *ctx))
{
	u64 before = lock_masked(&lock);
	struct attached *one;

	for (one = all; one; one = one->next)
		look(one->ctx);
	unlock_masked(&lock, before);
}

int attached_any(void)
{
	return smp_load_acquire(&all) != 0;
}

#define TELL_EVERY_NS 200000
#define TELL_TIMES 500

static u32 tell_all(void)
{
	u64 before = lock_masked(&lock);
	struct attached *one;
	u32 behind = 0;

	for (one = all; one; one = one->next)
		behind += tell_ids(one->ctx);
	unlock_masked(&lock, before);
	return behind;
}

/*
 * By the thread that has changed the ids: returns when every context has them. A thread
 * that sleeps where no signal reaches it takes them on before it runs user code again:
 * it is not waited for any longer.
 */
void attached_told(void)
{
	int times;

	for (times = 0; times < TELL_TIMES && tell_all(); times++)
		sleep_ns(TELL_EVERY_NS);
}
