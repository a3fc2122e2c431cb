/* SPDX-License-Identifier: MIT */
/*
 * Descriptors for the watchers: a reserve, held from the first attach on, and the folder
 * of this process's threads.
 *
 * A program that has used up its descriptors must not blind its watchers. Where none is
 * free, one of the reserve is closed just before another is opened. Another thread may
 * take the number in between; then the next one goes, and what is spent is made good
 * when there is room again. So the reserve helps, and liveness rests on clock.c, which
 * needs no descriptor.
 *
 * The folder is kept open because a path to it means something else after a chroot, and
 * nothing at all where /proc was unmounted.
 */
#include "arch/sys.h"
#include "arch/text.h"
#include "watch/watch.h"

#define RESERVED 4
#define AT_FDCWD (-100)
#define O_RDONLY_CLOEXEC 02000000
#define O_FOLDER 012200000 /* O_PATH | O_DIRECTORY | O_CLOEXEC */
#define EFD_CLOEXEC 02000000

static struct {
	struct mutex lock; /* of users, pid and folder */
	u32 users;	   /* contexts */
	u32 pid;	   /* a fork's child has copies of its parent's */
	u32 folder;	   /* a descriptor and 1, as in spare; 0: none */
	u32 spare[RESERVED];
} descriptors;

/* Closes what the slot holds; 0 if that was nothing. */
static int empty(u32 *slot)
{
	u32 held = xchg(slot, 0);

	if (held)
		SYS1(close, held - 1);
	return held != 0;
}

static void empty_all(void)
{
	int i;

	for (i = 0; i < RESERVED; i++)
		empty(&descriptors.spare[i]);
	empty(&descriptors.folder);
}

/* 0 if there is no room. */
static int fill(u32 *slot)
{
	long fd = SYS2(eventfd2, 0, EFD_CLOEXEC);

	if (fd < 0)
		return 0;
	if (!cmpxchg_bool(slot, 0, (u32)fd + 1))
		SYS1(close, fd);
	else if (!READ_ONCE(descriptors.users)) /* after the store; descriptors_drop: before its xchg */
		empty(slot);
	return 1;
}

/* Makes good what was spent, as far as there is room. */
void reserve_fill(void)
{
	int i;

	for (i = 0; i < RESERVED && READ_ONCE(descriptors.users); i++)
		if (unlikely(!READ_ONCE(descriptors.spare[i])) && !fill(&descriptors.spare[i]))
			return;
}

/* For people: how many of the reserve are not there now. */
int reserve_missing(int *held)
{
	int i;

	for (i = 0, *held = 0; i < RESERVED; i++)
		*held += READ_ONCE(descriptors.spare[i]) != 0;
	return RESERVED - *held;
}

/* After an open that failed: 1 if it may be tried again with one of the reserve's. */
int reserve_lend(long error)
{
	int i;

	if (error != -E_MFILE && error != -E_NFILE)
		return 0;
	for (i = 0; i < RESERVED; i++)
		if (empty(&descriptors.spare[i]))
			return 1;
	return 0;
}

/* Precondition: descriptors.lock. */
static void open_folder(void)
{
	long fd = SYS4(openat, AT_FDCWD, "/proc/self/task", O_FOLDER, 0);

	if (fd >= 0)
		WRITE_ONCE(descriptors.folder, (u32)fd + 1);
}

/* Called at attach. What cannot be had now is made good later, or done without. */
void descriptors_hold(const struct host_ops *ops)
{
	u32 pid = (u32)SYS0(getpid);

	mutex_lock(ops, &descriptors.lock);
	if (descriptors.users && descriptors.pid != pid) {
		empty_all(); /* a fork's child: the folder shows its parent's threads */
		descriptors.users = 0;
	}
	descriptors.pid = pid;
	WRITE_ONCE(descriptors.users, descriptors.users + 1);
	if (descriptors.users == 1) {
		open_folder();
		reserve_fill();
	}
	mutex_unlock(ops, &descriptors.lock);
}

/* Called when a context has detached. */
void descriptors_drop(const struct host_ops *ops)
{
	mutex_lock(ops, &descriptors.lock);
	WRITE_ONCE(descriptors.users, descriptors.users - 1);
	if (!descriptors.users)
		empty_all();
	mutex_unlock(ops, &descriptors.lock);
}

static long open_task_file(u32 tid, const char *name)
{
	u32 folder = READ_ONCE(descriptors.folder);
	char path[64];

	put_task_path(path, tid, name);
	return SYS4(openat, folder ? (long)folder - 1 : AT_FDCWD,
		    folder ? path + sizeof(TASK_FOLDER) - 1 : path, O_RDONLY_CLOEXEC, 0);
}

/* /proc/self/task/TID/name of a task, or -errno; with the reserve where no other is free. */
long task_file(u32 tid, const char *name)
{
	long fd;

	do
		fd = open_task_file(tid, name);
	while (fd < 0 && reserve_lend(fd));
	return fd;
}
