/* SPDX-License-Identifier: MIT */
/*
 * Names of OS threads, as top, gdb and /proc/PID/task/TID/comm show them: which task of
 * which context, "syslet-1-12". A birth thread keeps its own, which is a program's title.
 */
#include "arch/sys.h"
#include "host/host.h"

#define PR_SET_NAME 15

/* Appends at *at, as far as there is room for it and a zero. */
static void put(char name[TASK_NAME], unsigned *at, char c)
{
	if (*at < TASK_NAME - 1)
		name[(*at)++] = c;
}

static void put_number(char name[TASK_NAME], unsigned *at, u32 number)
{
	char digits[10];
	int n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		put(name, at, digits[--n]);
}

/* Fifteen characters at most: the word gives way to numbers that need more. */
static void compose(char name[TASK_NAME], const char *word, const struct task *task)
{
	unsigned at = 0;

	while (*word)
		put(name, &at, *word++);
	put(name, &at, '-');
	put_number(name, &at, task->ctx->index);
	put(name, &at, '-');
	put_number(name, &at, task->index);
	while (at < TASK_NAME)
		name[at++] = 0;
}

static int fits(const char name[TASK_NAME])
{
	return !name[TASK_NAME - 2];
}

/*
 * Called once on the task's own thread, so that a hand-off costs nothing more. What the
 * clone copied was the carrier's name.
 */
void name_task(const struct task *task, char name[TASK_NAME])
{
	compose(name, "syslet", task);
	if (!fits(name))
		compose(name, "s", task);
	SYS2(prctl, PR_SET_NAME, name);
}
