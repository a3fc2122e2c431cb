/* SPDX-License-Identifier: MIT */
/* The ids of another OS thread, which no system call tells: /proc/self/task/TID/status. */
#include "arch/sys.h"
#include "host/host.h"

#define STATUS_BYTES 8192 /* and more of groups cannot be compared */

static long read_status(u32 tid, char *text)
{
	long fd = task_file(tid, "/status"), bytes;

	if (fd < 0)
		return fd;
	bytes = SYS3(read, fd, text, STATUS_BYTES - 1);
	SYS1(close, fd);
	text[bytes < 0 ? 0 : bytes] = 0;
	return bytes;
}

/* What follows "name" at the start of a line, or 0. */
static const char *find_line(const char *text, const char *name)
{
	while (*text) {
		const char *at = text, *wanted = name;

		while (*wanted && *at == *wanted) {
			at++;
			wanted++;
		}
		if (!*wanted)
			return at;
		while (*text && *text++ != '\n')
			;
	}
	return 0;
}

/* The next number of the line; 0 at its end. */
static int next_number(const char **at, u32 *number)
{
	const char *text = *at;

	while (*text == ' ' || *text == '\t')
		text++;
	if (*text < '0' || *text > '9')
		return 0;
	for (*number = 0; *text >= '0' && *text <= '9'; text++)
		*number = *number * 10 + (u32)(*text - '0');
	*at = text;
	return 1;
}

/* Does the line begin with these numbers? With `all` it has no others. */
static int line_is(const char *line, const u32 *wanted, long number, int all)
{
	u32 value;
	long i;

	for (i = 0; line && i < number; i++)
		if (!next_number(&line, &value) || value != wanted[i])
			return 0;
	return line && !(all && next_number(&line, &value));
}

/* 1 if OS thread tid has these ids and groups; 0 if not; -1 if the file does not tell. */
int status_has_ids(u32 tid, const struct credentials *wanted)
{
	char text[STATUS_BYTES];

	if (wanted->groups < 0 || read_status(tid, text) <= 0)
		return -1;
	return line_is(find_line(text, "Uid:"), wanted->uid, 3, 0) &&
	       line_is(find_line(text, "Gid:"), wanted->gid, 3, 0) &&
	       line_is(find_line(text, "Groups:"), wanted->group, wanted->groups, 1);
}
