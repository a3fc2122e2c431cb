/* SPDX-License-Identifier: MIT */
/* What needs the C library: native/user is the only folder of the core that uses it. */
#ifndef SYSLETS_USER_H
#define SYSLETS_USER_H

#include <features.h>

#include "host/host.h"

/*
 * Thread-local words that an object has which may be loaded late. glibc keeps static room for
 * those; musl refuses to load an object that needs it.
 */
#ifdef __GLIBC__
#define TLS_WORD __thread __attribute__((tls_model("initial-exec")))
#else
#define TLS_WORD __thread __attribute__((tls_model("global-dynamic")))
#endif

/* libc.c */
u64 hardware(void);
u32 libc_signals(void);
u64 own_pthread(void);
void start_witness(void);
int has_witness(void);
void find_rseq(struct attach_request *request);

/* interpose.c */
void interpose_signals(void);
void interpose_signals_again(void);
int in_child(void);

/* set-ids.c */
struct routed { /* an import, and what takes its place */
	const char *name;
	void *ours;
};
extern const struct routed routed_set_ids[];
extern const unsigned routed_set_ids_count;
void find_set_ids(void);

/* user.c */
void ids_will_change(struct ids_before *before);
void ids_have_changed(const struct ids_before *before);

/* attached.c: the attached contexts by the pthread_t of their threads */
void attached_add(struct context *ctx);
void attached_remove(struct context *ctx);
int attached_signal(u64 pthread, int signal);
void attached_each(void (*look)(struct context *ctx));
int attached_any(void);
void attached_told(void);

#endif
