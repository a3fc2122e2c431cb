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

/* 1 if task has, or now got, the attributes of from; 0 if it may not have them. */
int attributes_adopt(struct task *task, struct task *from)
{
	struct attributes theirs, mine;

	if (!read_attributes(from->tid, &theirs) || !read_attributes(task->tid, &mine))
		return 1; /* the host cannot tell: they stay as they were cloned */
	if (same_affinity(&theirs, &mine) && same_schedule(&theirs, &mine))
		return 1;
	count(attributes_adopted);
	if (!same_affinity(&theirs, &mine) &&
	    SYS3(sched_setaffinity, 0, sizeof(theirs.affinity), theirs.affinity))
		return 0;
	return same_schedule(&theirs, &mine) || !SYS3(sched_setattr, 0, &theirs.sched, 0);
}
