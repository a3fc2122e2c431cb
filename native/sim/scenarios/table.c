/* SPDX-License-Identifier: MIT */
/* The scenarios; what the outcomes of the kernel's mean stands in lib/kernel-explore. */
#include "sim/engine.h"

#define SCENARIOS(each)                                                                            \
	each(completion_and_wait) each(v7_completion_and_wait) each(two_completers)                \
	each(wait_and_signal) each(group_changes) each(full_ring) each(made_anew)                  \
	each(reader_spins)                                                                         \
	each(place_and_wait) each(place_by_status) each(place_reused) each(place_interrupted)      \
	each(hand_over) each(hand_over_two) each(hand_over_many) each(hand_over_exit)              \
	each(two_in_flight) each(wait_for_oneself) each(detach_pending)                            \
	each(park) each(park_blind) each(park_two) each(park_reopens)                        \
	each(park_detach) each(no_thread) each(no_memory) each(watcher_away) each(spare_task)      \
	each(unfit_watcher)                                                                        \
	each(unfit_no_successor) each(setuid_goes_on) each(attributes_behind) each(unfit_home)     \
	each(unsettled_watcher) each(unsettled_home) each(dispatch_unsettled)                      \
	each(unsettled_interrupt)                                                                  \
	each(frame_function) each(signals) each(detach_unused) each(detach_watched)                \
	each(detach_dispatched) each(detach_both) each(detach_again)                               \
	each(dispatch_one) each(dispatch_two) each(dispatch_interrupt) each(dispatch_unfit)        \
	each(litmus_sb) each(litmus_sb_fences) each(litmus_sb_locked) each(litmus_sb_rmw_own) each(litmus_mp)              \
	each(litmus_mp_rmw_own) each(litmus_mp_rmw_release) each(litmus_mp_inc) each(litmus_mp_rmw_relaxed)                    \
	each(litmus_mp_wmb)                                                                        \
	each(litmus_mp_rel) each(litmus_mp_rel_po) each(litmus_2_2w_wmbs)                          \
	each(litmus_lb) each(litmus_r) each(litmus_s) each(litmus_2_2w) each(litmus_corr)          \
	each(litmus_iriw) each(litmus_wrc) each(litmus_sb_forwarded) each(litmus_rmw_mp)           \
	each(litmus_mp_po_rfi_po) each(litmus_iwp28b) each(litmus_r_po_mfence)                     \
	each(litmus_r_po_rfi_po) each(litmus_r_po_po_rfi_po) each(litmus_rwc)                      \
	each(litmus_rwc_po_mfence) each(litmus_rwc_po_rfi_po) each(litmus_sb_mfence_po)            \
	each(litmus_sb_po_rfi_po) each(litmus_sb_mfence_rfi_po) each(litmus_sb_po_po_rfi_po)       \
	each(litmus_sb_mfence_po_rfi_po) each(litmus_sb_rfi_po_po_rfi_po) each(litmus_wrr_2w)      \
	each(litmus_wrw_2w) each(litmus_wwc) each(litmus_wrw_wr) each(litmus_wrw_wr_po_mfence)     \
	each(litmus_wrw_wr_po_rfi_po) each(litmus_iwp23b) each(litmus_amd3) each(litmus_iwp26)     \
	each(litmus_iwp27) each(litmus_amd10) each(litmus_n1) each(litmus_n2) each(litmus_n3)      \
	each(litmus_n4) each(litmus_n5) each(litmus_n6) each(litmus_n7) each(litmus_n8)

#define DECLARE(name) extern const struct sim_scenario name;
#define LIST(name) &name,

SCENARIOS(DECLARE)

const struct sim_scenario *const sim_scenarios[] = {SCENARIOS(LIST) 0};
