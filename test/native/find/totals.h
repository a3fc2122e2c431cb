/* SPDX-License-Identifier: MIT */
/*
 * What both baselines of `npm run bench -- find` add up and print: entries, bytes
 * and the nanoseconds of the walk alone, without the start of the process.
 */
#ifndef FIND_TOTALS_H
#define FIND_TOTALS_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct totals {
	uint64_t entries;
	uint64_t bytes;
};

static inline int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int is_dot_or_dot_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Walks twice and prints the second: the first one fills what the machine caches for it. */
static inline int print_totals(const char *root, int (*walk)(const char *, struct totals *))
{
	struct totals totals = {0}, warm = {0};
	int64_t start;

	if (walk(root, &warm)) {
		perror(root);
		return 1;
	}
	start = now_ns();
	walk(root, &totals);
	printf("%llu %llu %lld\n", (unsigned long long)totals.entries,
	       (unsigned long long)totals.bytes, (long long)(now_ns() - start));
	return 0;
}

#endif
