/* SPDX-License-Identifier: MIT */
/*
 * As by-path.c, with openat and fstatat relative to the open directory: what a
 * careful C program does. Printed beside the other one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "totals.h"

static void walk_directory(int parent, const char *name, struct totals *totals);

static void count_entry(int parent, const char *name, struct totals *totals)
{
	struct stat stat;

	if (fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW))
		return;
	totals->entries++;
	totals->bytes += (uint64_t)stat.st_size;
	if (S_ISDIR(stat.st_mode))
		walk_directory(parent, name, totals);
}

static void walk_directory(int parent, const char *name, struct totals *totals)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(directory)))
		if (!is_dot_or_dot_dot(entry->d_name))
			count_entry(fd, entry->d_name, totals);
	closedir(directory);
}

static int walk(const char *root, struct totals *totals)
{
	count_entry(AT_FDCWD, root, totals);
	return totals->entries == 0;
}

int main(int argc, char **argv)
{
	return print_totals(argc > 1 ? argv[1] : ".", walk);
}
