/* SPDX-License-Identifier: MIT */
/* A file as memory of a trace: what was written outlives the context and the process. */
#ifndef SYSLETS_TRACE_FILE_H
#define SYSLETS_TRACE_FILE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The mapped file, or NULL and *error, an errno. */
void *trace_file_map(const char *path, size_t bytes, int *error);
void trace_file_unmap(void *memory, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
