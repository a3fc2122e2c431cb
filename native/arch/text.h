/* SPDX-License-Identifier: MIT */
/* Text without libc: paths under /proc, and what is read there. */
#ifndef SYSLETS_TEXT_H
#define SYSLETS_TEXT_H

#include "arch/types.h"

static inline char *put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

static inline char *put_number(char *to, u32 number)
{
	char digits[10];
	int n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		*to++ = digits[--n];
	return to;
}

#define TASK_FOLDER "/proc/self/task/"

/* /proc/self/task/TID/name, the real tid also inside a pid namespace */
static inline void put_task_path(char *path, u32 tid, const char *name)
{
	char *end = put_text(path, TASK_FOLDER);

	end = put_number(end, tid);
	end = put_text(end, name);
	*end = 0;
}

#endif
