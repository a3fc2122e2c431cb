/* SPDX-License-Identifier: MIT */
/*
 * The trivial program: opendir, readdir, lstat, all by path. Baseline of
 * `npm run bench -- find`; prints entries, bytes and nanoseconds.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "totals.h"

static void walk_directory(const char *base, size_t length, struct totals *totals);

static void count_entry(const char *path, size_t length, struct totals *totals)
{
	struct stat stat;

	if (lstat(path, &stat))
		return;
	totals->entries++;
	totals->bytes += (uint64_t)stat.st_size;
	if (S_ISDIR(stat.st_mode))
		walk_directory(path, length, totals);
}

static void walk_directory(const char *base, size_t length, struct totals *totals)
{
	char *path = malloc(length + 258);
	DIR *directory = opendir(base);
	struct dirent *entry;

	if (directory && path) {
		memcpy(path, base, length);
		path[length] = '/';
		while ((entry = readdir(directory))) {
			size_t name = strlen(entry->d_name);

			if (name > 255 || is_dot_or_dot_dot(entry->d_name))
				continue;
			memcpy(path + length + 1, entry->d_name, name + 1);
			count_entry(path, length + 1 + name, totals);
		}
	}
	if (directory)
		closedir(directory);
	free(path);
}

static int walk(const char *root, struct totals *totals)
{
	count_entry(root, strlen(root), totals);
	return totals->entries == 0;
}

int main(int argc, char **argv)
{
	return print_totals(argc > 1 ? argv[1] : ".", walk);
}
