/* SPDX-License-Identifier: MIT */
/* The two functions that a compiler may call in freestanding code. */
#include "kernel/kernel.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

__attribute__((visibility("hidden"))) void *memcpy(void *restrict to, const void *restrict from,
						   size_t bytes)
{
	char *t = to;
	const char *f = from;

	while (bytes--) {
		*t++ = *f++;
		barrier(); /* keeps the compiler from calling memcpy for this loop */
	}
	return to;
}

__attribute__((visibility("hidden"))) void *memset(void *to, int value, size_t bytes)
{
	char *t = to;

	while (bytes--) {
		*t++ = (char)value;
		barrier();
	}
	return to;
}
