/* SPDX-License-Identifier: MIT */
/* Error numbers that the kernel side returns; Linux's, the same on x86 and asm-generic. */
#ifndef SYSLETS_ERROR_H
#define SYSLETS_ERROR_H

#define E_PERM 1
#define E_SRCH 3
#define E_INTR 4
#define E_AGAIN 11
#define E_NOMEM 12
#define E_FAULT 14
#define E_BUSY 16
#define E_EXIST 17
#define E_INVAL 22
#define E_NFILE 23
#define E_MFILE 24
#define E_SPIPE 29
#define E_PIPE 32
#define E_NOSYS 38
#define E_OPNOTSUPP 95
#define E_TIMEDOUT 110
#define E_INPROGRESS 115
#define E_RESTARTSYS 512

#endif
