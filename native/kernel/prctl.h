/* SPDX-License-Identifier: MIT */
/* The options of prctl(2) that belong to a thread's credentials; include/uapi/linux/prctl.h. */
#ifndef SYSLETS_PRCTL_H
#define SYSLETS_PRCTL_H

#define PR_SET_KEEPCAPS 8
#define PR_CAPBSET_READ 23
#define PR_CAPBSET_DROP 24
#define PR_GET_SECUREBITS 27
#define PR_SET_SECUREBITS 28
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39

#endif
