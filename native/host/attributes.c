/* SPDX-License-Identifier: MIT */
/*
 * Attributes of an OS thread that user code can change and that should follow
 * its context: scheduling policy, nice value, real-time priority, affinity. A
 * child that takes over compares them with the carrier's, since `os.setPriority`
 * or taskset on a carrier changes that thread alone. docs/architecture.md lists
 * what does not follow.
 */
#include "arch/sys.h"
#include "host/host.h"

struct sched_attributes { /* linux/sched/types.h, first version */
	u32 size;
	u32 policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 runtime, deadline, period;
};

#define AFFINITY_WORDS 16 /* 1,024 processors */

struct attributes {
	struct sched_attributes sched;
	u64 affinity[AFFINITY_WORDS];
};

static int read_attributes(u32 tid, struct attributes *attributes)
{
	*attributes = (struct attributes){.sched.size = sizeof(struct sched_attributes)};
	if (SYS4(sched_getattr, tid, &attributes->sched, sizeof(attributes->sched), 0))
		return 0;
	return SYS3(sched_getaffinity, tid, sizeof(attributes->affinity), attributes->affinity) > 0;
}

static int same_affinity(const struct attributes *a, const struct attributes *b)
{
	u64 different = 0;
	int i;

	for (i = 0; i < AFFINITY_WORDS; i++)
		different |= a->affinity[i] ^ b->affinity[i];
	return !different;
}

static int same_schedule(const struct attributes *a, const struct attributes *b)
{
	return a->sched.policy == b->sched.policy && a->sched.nice == b->sched.nice &&
	       a->sched.priority == b->sched.priority && a->sched.flags == b->sched.flags;
}

#define HASH_SEED 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static u64 hash_of(const struct attributes *attributes)
{
	u64 hash = HASH_SEED ^ attributes->sched.flags;
	int i;

	hash = (hash ^ attributes->sched.policy) * HASH_PRIME;
	hash = (hash ^ (u32)attributes->sched.nice) * HASH_PRIME;
	hash = (hash ^ attributes->sched.priority) * HASH_PRIME;
	for (i = 0; i < AFFINITY_WORDS; i++)
		hash = (hash ^ attributes->affinity[i]) * HASH_PRIME;
	return hash;
}

/* 1 if the task, which has `mine`, has what is wanted, or got it now. */
static int become(struct task *task, const struct attributes *mine, const struct attributes *wanted)
{
	if (same_affinity(wanted, mine) && same_schedule(wanted, mine))
		return 1;
	if (!same_affinity(wanted, mine) &&
	    SYS3(sched_setaffinity, task->tid, sizeof(wanted->affinity), wanted->affinity))
		return 0;
	if (!same_schedule(wanted, mine) && SYS3(sched_setattr, task->tid, &wanted->sched, 0))
		return 0;
	count(attributes_adopted);
	return 1;
}

/* Called at attach on the birth thread. */
void attributes_attach(struct task *birth)
{
	struct attributes own;

	if (read_attributes(birth->tid, &own))
		host_of_context(birth->ctx)->home_attributes = hash_of(&own);
}

/*
 * `renice -p PID`, `chrt -p PID` and `taskset -p PID` from outside change the thread that
 * has the process's id, or a worker's, whichever task carries. If the birth thread was
 * changed while it did not carry, the context is meant. 1 if the task has taken that over.
 */
static int adopt_from_home(struct task *task, const struct attributes *mine)
{
	struct host_context *host = host_of_context(task->ctx);
	struct task *birth = task->ctx->birth;
	struct attributes home;
	u64 hash;

	if (!read_attributes(birth->tid, &home))
		return 0;
	hash = hash_of(&home);
	if (likely(hash == host->home_attributes))
		return 0;
	if (!become(task, mine, &home)) {
		count(attributes_left); /* until the birth thread itself carries */
		return 0;
	}
	host->home_attributes = hash;
	return 1;
}

/* The same for a context that another task carries, and goes on to. */
static void tell_carrier(struct task *carrier)
{
	struct host_context *host = host_of_context(carrier->ctx);
	struct attributes home, theirs;
	u64 hash;

	if (!read_attributes(carrier->ctx->birth->tid, &home))
		return;
	hash = hash_of(&home);
	if (likely(hash == host->home_attributes) || !read_attributes(carrier->tid, &theirs))
		return;
	if (become(carrier, &theirs, &home))
		host->home_attributes = hash;
	else
		count(attributes_left); /* until the birth thread itself carries */
}

/*
 * Called on a task that begins to watch, so that less is left to do once the carrier is
 * blocked: each look costs a system call, and JavaScript waits for it. What becomes of a
 * watcher's own attributes meanwhile is no concern of the context's: who changes those of
 * all threads changes the carrier's too, which are looked at then.
 */
void attributes_watching(struct task *task)
{
	struct task *carrier = smp_load_acquire(&task->ctx->carrier);
	struct attributes own;

	host_of(task)->own_attributes = read_attributes(task->tid, &own) ? hash_of(&own) : 0;
	if (carrier != task->ctx->birth && task != task->ctx->birth)
		tell_carrier(carrier);
}

static int adopt_all(struct task *task, struct task *from, const struct attributes *theirs)
{
	struct host_context *host = host_of_context(task->ctx);
	struct task *birth = task->ctx->birth;
	struct attributes mine;
	int ok;

	if (!read_attributes(task->tid, &mine) || (from != birth && adopt_from_home(task, &mine)))
		return 1;
	ok = become(task, &mine, theirs);
	if (ok && task == birth)
		host->home_attributes = hash_of(theirs);
	return ok;
}

/*
 * Called on task: 1 if it has, or now got, the attributes of from; 0 if it may not have
 * them. A host that tells nothing leaves them as they were cloned.
 */
int attributes_adopt(struct task *task, struct task *from)
{
	struct host_context *host = host_of_context(task->ctx);
	struct task *birth = task->ctx->birth;
	u64 own = xchg(&host_of(task)->own_attributes, 0ull), hash;
	struct attributes theirs;

	if (!read_attributes(from->tid, &theirs))
		return 1;
	hash = hash_of(&theirs);
	if (from == birth || (task == birth && hash == own))
		host->home_attributes = hash;
	return likely(hash == own) || adopt_all(task, from, &theirs);
}
