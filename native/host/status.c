/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/task/TID/status: the ids of another OS thread, which no system call tells, and its
 * capabilities, for where a filter refuses capget.
 */
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

/* The two words of a line of sixteen hexadecimal digits, the lower one first; 0 if it is none. */
static int line_of_caps(const char *line, u32 *low, u32 *high)
{
	u64 value = 0;

	if (!line)
		return 0;
	while (*line == ' ' || *line == '\t')
		line++;
	for (; *line && *line != '\n'; line++) {
		u32 digit = *line <= '9' ? (u32)(*line - '0') : (u32)(*line - 'a' + 10);

		if (digit > 15)
			return 0;
		value = value << 4 | digit;
	}
	*low = (u32)value;
	*high = (u32)(value >> 32);
	return 1;
}

/* Capabilities of OS thread tid, as capget gives them; 0 if the file does not tell. */
__attribute__((noinline)) int status_caps(u32 tid, u32 caps[6])
{
	char text[STATUS_BYTES];

	return read_status(tid, text) > 0 &&
	       line_of_caps(find_line(text, "CapEff:"), &caps[0], &caps[3]) &&
	       line_of_caps(find_line(text, "CapPrm:"), &caps[1], &caps[4]) &&
	       line_of_caps(find_line(text, "CapInh:"), &caps[2], &caps[5]);
}
