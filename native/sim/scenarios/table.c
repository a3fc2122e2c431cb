/* SPDX-License-Identifier: MIT */
/* The scenarios; what the outcomes of the kernel's mean stands in lib/kernel-explore. */
#include "sim/engine.h"

#define SCENARIOS(each)                                                                            \
	each(completion_and_wait) each(v7_completion_and_wait) each(two_completers)                \
	each(wait_and_signal) each(group_changes) each(full_ring) each(reader_spins)               \
	each(hand_over) each(hand_over_two) each(hand_over_many) each(hand_over_exit)              \
	each(two_in_flight) each(wait_for_oneself) each(detach_pending)                            \
	each(park) each(park_blind) each(park_two) each(park_detach)                               \
	each(dispatch_one) each(dispatch_two) each(dispatch_interrupt)                             \
	each(litmus_sb) each(litmus_sb_fences) each(litmus_sb_locked) each(litmus_mp)              \
	each(litmus_lb) each(litmus_r) each(litmus_s) each(litmus_2_2w) each(litmus_corr)          \
	each(litmus_iriw) each(litmus_wrc) each(litmus_sb_forwarded) each(litmus_rmw_mp)

#define DECLARE(name) extern const struct sim_scenario name;
#define LIST(name) &name,

SCENARIOS(DECLARE)

const struct sim_scenario *const sim_scenarios[] = {SCENARIOS(LIST) 0};
