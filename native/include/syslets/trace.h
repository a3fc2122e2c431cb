/* SPDX-License-Identifier: MIT */
/*
 * The memory of a trace: one context's, handed over at attach, written by its tasks,
 * read by whoever has it. docs/trace.md explains the events.
 *
 *   0                  struct syslet_trace
 *   128                struct syslet_trace_task, `tasks` of them, 64 bytes each
 *   128 + 64 * tasks   events, `events` for each task, a power of two, 40 bytes each
 *
 * A task writes its own events alone, and the newest overwrite the oldest. One that
 * copies them while the context is attached reads `written` before and after, and
 * leaves out what may have been overwritten meanwhile: all up to `written - events`.
 */
#ifndef SYSLETS_TRACE_H
#define SYSLETS_TRACE_H

#include <stdint.h>

#define SYSLET_TRACE_MAGIC 0x31656361727473ull /* "strace1" */
#define SYSLET_TRACE_MIN_EVENTS 8

enum syslet_trace_kind {
	SYSLET_TRACE_ENTER = 1,	  /* enters the call nr; data: caller_data */
	SYSLET_TRACE_RETURN,	  /* the call is over on this OS thread; value: its result */
	SYSLET_TRACE_BLOCKED,	  /* it saw call seq of task other blocked, and watches it */
	SYSLET_TRACE_HAND_OFF,	  /* it takes the context over from task other */
	SYSLET_TRACE_RESUME,	  /* it goes back to user space with the context */
	SYSLET_TRACE_COMPLETION,  /* stored in the ring; data: caller_data, value: status */
	SYSLET_TRACE_LOST,	  /* it could not be stored; value: -errno */
	SYSLET_TRACE_FRAME_RETURN, /* returns to user space at the frame; value 1: it is park */
	SYSLET_TRACE_PARK,	  /* the frame's function is over: a waiting child again */
	SYSLET_TRACE_WAKE,	  /* it wakes who sleeps on the word at data */
	SYSLET_TRACE_HOME,	  /* the birth thread has its context back */
	SYSLET_TRACE_DISPATCH	  /* it gave call nr away; other: the task that was woken for it, or 0 */
};

struct syslet_trace_event {
	uint64_t time;	/*  0 ns of the host's clock; struct syslet_trace converts it */
	uint32_t nr;	/*  8 of the system call, or 0 */
	uint32_t kind;	/* 12 enum syslet_trace_kind */
	uint32_t seq;	/* 16 number of the call in its context; 0: none */
	uint32_t other; /* 20 the other task of the event */
	uint64_t data;	/* 24 */
	int64_t value;	/* 32 */
};

struct syslet_trace_task {
	uint64_t written; /*  0 events so far; the i-th lies at i modulo `events` */
	uint64_t stack;	  /*  8 lowest address of its kernel stack */
	uint32_t task;	  /* 16 its number in the context */
	uint32_t tid;	  /* 20 0 before its thread runs */
	char name[16];	  /* 24 of the OS thread, as top shows it */
	uint64_t reserved[3];
};

struct syslet_trace {
	uint64_t magic;	       /*   0 */
	uint32_t context;      /*   8 number of the context in its process */
	uint32_t pid;	       /*  12 */
	uint32_t tasks;	       /*  16 how many tasks have room */
	uint32_t events;       /*  20 of each task */
	uint32_t used;	       /*  24 tasks that have written */
	uint32_t stack_bytes;  /*  28 of a kernel stack, to find who sleeps on a word */
	uint64_t unrecorded;   /*  32 events of tasks that found no room */
	uint64_t time;	       /*  40 of the host's clock at attach */
	uint64_t ns;	       /*  48 CLOCK_MONOTONIC at that moment */
	uint64_t time_end;     /*  56 both at detach; 0 before */
	uint64_t ns_end;       /*  64 */
	uint32_t detached;     /*  72 1: nothing is written any more */
	uint32_t reserved[13];
};

#endif
