/* SPDX-License-Identifier: MIT */
/* Names of memory, for tables of steps. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine.h"

#define MAX_NAMES 64

static struct named {
	uintptr_t address;
	unsigned long bytes;
	char name[32];
	const struct sim_field *fields;
} named[MAX_NAMES];
static unsigned names_used;

static void add(const void *address, unsigned long bytes, const struct sim_field *fields,
		const char *format, va_list arguments)
{
	struct named *entry = &named[names_used < MAX_NAMES ? names_used++ : MAX_NAMES - 1];

	entry->address = (uintptr_t)address;
	entry->bytes = bytes;
	entry->fields = fields;
	vsnprintf(entry->name, sizeof(entry->name), format, arguments);
}

void sim_name(const void *address, unsigned long bytes, const struct sim_field *fields,
	      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(address, bytes, fields, format, arguments);
	va_end(arguments);
}

/* The last field that begins at or before the offset. */
static const struct sim_field *field_at(const struct sim_field *fields, unsigned long offset)
{
	const struct sim_field *found = 0;

	for (; fields && fields->name; fields++)
		if (fields->offset <= offset && (!found || fields->offset >= found->offset))
			found = fields;
	return found;
}

void name_of(uintptr_t address, char *into, size_t size)
{
	unsigned i = names_used;

	while (i--) {
		struct named *entry = &named[i];
		unsigned long offset = address - entry->address;
		const struct sim_field *field;

		if (offset >= entry->bytes)
			continue;
		field = field_at(entry->fields, offset);
		if (field && field->offset == offset)
			snprintf(into, size, "%s.%s", entry->name, field->name);
		else if (field)
			snprintf(into, size, "%s.%s+%lu", entry->name, field->name, offset - field->offset);
		else
			snprintf(into, size, offset ? "%s+%lu" : "%s", entry->name, offset);
		return;
	}
	snprintf(into, size, "%#lx", (unsigned long)address);
}
