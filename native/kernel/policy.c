/* SPDX-License-Identifier: MIT */
/*
 * The table of defects of v7: what differs between v7 and the default, row by
 * row. docs/defects.md explains each row; one test shows it both ways.
 */
#include "kernel/kernel.h"

const struct policy syslet_policy_v7 = {
	.name = "v7",
	.result_is_int = 1,	     /*  1 syslet_post_indirect(int status) */
	.ring_ptr_is_int = 1,	     /*  2 int syslet_args_present() */
	.wait_group_read_twice = 1,  /*  3 ring_mutex, ring_waitqueue */
	.overwrite_unread = 1,	     /*  4 head is never compared with tail */
	.lost_is_silent = 1,	     /*  5 "The return code from this function is lost" */
	.raw_restart_codes = 1,	     /*  6 -ERESTARTSYS reaches the ring */
	.index_is_long = 1,	     /*  7 unsigned long user_idx */
	.stale_credentials = 1,	     /*  8 "syslet, setuid, syslet.." */
	.wake_whole_bucket = 1,	     /*  9 wake_up(waitq) */
	.clone_error_fails_call = 1, /* 10 ret = create_new_syslet_task() */
	.params_aliased = 1,	     /* 11 "This is broken" */
	.listed_until_it_runs = 1,   /* 12 list_del in syslet_thread */
	.wake_without_barrier = 1,   /* 13 waitqueue_active */
	.elements_read_again = 1,    /* 14 get_user(mask, &ring->elements) */
	.pt_regs_alone = 1,	     /* 15 process_64.c's move_user_context */
	.any_call_number = 1,	     /* 16 "a better way to allow and forbid syscalls" */
	.signal_ends_child = 1,	     /* 17 signal_pending(cur) in syslet_thread */
	.raw_numbers = 1,
	.params_max = sizeof(union indirect_params),
};

const struct policy syslet_policy_default = {
	.name = "default",
	.params_max = sizeof(struct indirect_params_placed),
};
