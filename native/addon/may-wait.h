/* SPDX-License-Identifier: MIT */
/* May a call wait until epoll says that its descriptor is ready? */
#ifndef SYSLETS_ADDON_MAY_WAIT_H
#define SYSLETS_ADDON_MAY_WAIT_H

/* How the call uses its descriptor; lib/loop/readiness.ts has the same numbers. */
enum wait_how {
	WAIT_ANY = 0, /* it is known that it may: nothing is asked */
	WAIT_READ = 1,
	WAIT_RECEIVE = 2,
	WAIT_ACCEPT = 3,
	WAIT_WRITE = 4,
	WAIT_SEND = 5,
	WAIT_REST = 6, /* a write or a send for which there was no room just now */
	WAIT_HOW = 7,
	WAIT_KNOWN = 8, /* a call like it has waited for this file before */
	WAIT_TRIED = 16 /* the file is a FIFO that has been read before */
};

/* Above zero: yes, calls for so many bytes or more; with WAIT_ASK: ask again next time. */
#define WAIT_ASK 0x40000000
#define WAIT_REFUSED (-1)    /* the call is to be made: it ends at once, or needs a thread */
#define WAIT_OTHER_FILE (-2) /* the number names another file than before, or none */
#define WAIT_FIRST_READ (-3) /* a FIFO's first read is to be made: poll may know nothing of it */

int may_wait(int fd, int how);

int is_unix_socket(int fd);

/* -errno that the socket has kept for its next call, which it then has no more; 0: none */
int socket_error(int fd);

/* S_IFMT of the file; -1: not open */
int file_kind(int fd);

#endif
