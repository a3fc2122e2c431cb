/* SPDX-License-Identifier: MIT */
/*
 * Has another task the ids that this one has? No system call tells the ids of another
 * thread. /proc/self/task/TID/status does; where that cannot be read, the thread is asked
 * itself: a signal handler on it writes them down.
 */
#include "arch/sys.h"
#include "host/host.h"

#define HASH_SEED 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static u64 hash_of_groups(const struct credentials *ids)
{
	u64 hash = HASH_SEED ^ (u64)ids->groups;
	long i;

	for (i = 0; i < ids->groups; i++)
		hash = (hash ^ ids->group[i]) * HASH_PRIME;
	return hash;
}

static __attribute__((noinline)) struct identity own_identity(void)
{
	struct credentials ids;
	struct identity own;
	int i;

	credentials_read_ids(&ids);
	for (i = 0; i < 3; i++) {
		own.uid[i] = ids.uid[i];
		own.gid[i] = ids.gid[i];
	}
	own.groups = hash_of_groups(&ids);
	return own;
}

/* Called on the task itself, in a handler. The odd number pairs with read_answer. */
void identity_write(struct task *task)
{
	struct host_task *host = host_of(task);
	struct identity own = own_identity();

	WRITE_ONCE(host->answers, host->answers + 1);
	smp_wmb();
	host->identity = own;
	smp_store_release(&host->answers, host->answers + 1);
}

/* What it wrote since it was asked: 1, or 0 if it has not yet. */
static int read_answer(struct task *task, struct task *other, struct identity *theirs)
{
	struct host_task *host = host_of(other);
	u32 answers = smp_load_acquire(&host->answers);

	if ((answers & 1) || (s32)(answers - host_of(task)->asked) < 0)
		return 0;
	*theirs = host->identity;
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* the copy before the number */
	return READ_ONCE(host->answers) == answers;
}

static int same(const struct identity *a, const struct identity *b)
{
	u32 different = 0;
	int i;

	for (i = 0; i < 3; i++)
		different |= (a->uid[i] ^ b->uid[i]) | (a->gid[i] ^ b->gid[i]);
	return !different && a->groups == b->groups;
}

/* An answer that was begun before it was asked for does not count. */
static void begin_to_ask(struct task *task, struct task *other)
{
	u32 answers = smp_load_acquire(&host_of(other)->answers);

	host_of(task)->asked = ((answers + 1) & ~1u) + 2;
	host_of(task)->asked_of = other;
}

static int ask(struct task *task, struct task *other)
{
	struct identity theirs, mine = own_identity();

	if (host_of(task)->asked_of != other)
		begin_to_ask(task, other);
	if (!read_answer(task, other, &theirs)) {
		nudge(other);
		return -1;
	}
	host_of(task)->asked_of = 0; /* the next question wants an answer of its own */
	return same(&mine, &theirs);
}

static __attribute__((noinline)) int by_status(struct task *other)
{
	struct credentials mine;

	credentials_read_ids(&mine);
	return status_has_ids(other->tid, &mine);
}

/* Called on task. 1: both have the same ids; 0: they have not; -1: nothing tells yet. */
int identity_same(struct task *task, struct task *other)
{
	int told = by_status(other);

	return told >= 0 ? told : ask(task, other);
}
