/* SPDX-License-Identifier: MIT */
/*
 * Counters of the whole process. X(C name, TypeScript name, kind): a gauge goes
 * back to zero when every context has detached, a count only grows.
 */
#ifndef SYSLETS_COUNTERS_H
#define SYSLETS_COUNTERS_H

#include <stdint.h>

#define SYSLET_COUNTERS(X)                                                                         \
	X(contexts, contexts, gauge)                                                               \
	X(tasks, tasks, gauge)                                                                     \
	X(tasks_idle, tasksIdle, gauge)                                                            \
	X(tasks_away, tasksAway, gauge)                                                            \
	X(stacks, stacks, gauge)                                                                   \
	X(ring_waiters, ringWaiters, gauge)                                                        \
	X(perf_events, perfEvents, gauge)                                                          \
	X(sampler_files, samplerFiles, gauge)                                                      \
	X(pins, pins, gauge)                                                                       \
	X(ring_events, ringEvents, gauge)                                                          \
	X(hand_offs, handOffs, count)                                                              \
	X(dispatches, dispatches, count)                                                           \
	X(dispatches_observed, dispatchesObserved, count)                                          \
	X(dispatches_slept, dispatchesSlept, count)                                                \
	X(dispatch_wakes, dispatchWakes, count)                                                    \
	X(events_written, eventsWritten, count)                                                    \
	X(cap_reached, capReached, count)                                                          \
	X(completions, completions, count)                                                         \
	X(completions_lost, completionsLost, count)                                                \
	X(overflows, overflows, count)                                                             \
	X(reserve_refused, reserveRefused, count)                                                  \
	X(frames_run, framesRun, count)                                                            \
	X(frame_calls, frameCalls, count)                                                          \
	X(hand_offs_refused, handOffsRefused, count)                                               \
	X(claims_failed, claimsFailed, count)                                                      \
	X(membarriers, membarriers, count)                                                         \
	X(tasks_created, tasksCreated, count)                                                      \
	X(tasks_exited, tasksExited, count)                                                        \
	X(birth_exits_parked, birthExitsParked, count)                                             \
	X(clone_failed, cloneFailed, count)                                                        \
	X(spares_used, sparesUsed, count)                                                          \
	X(calls_unwatched, callsUnwatched, count)                                                  \
	X(surfaced, surfaced, count)                                                               \
	X(looks, looks, count)                                                                     \
	X(watchers_renewed, watchersRenewed, count)                                                \
	X(nudges_unanswered, nudgesUnanswered, count)                                              \
	X(watcher_wakes, watcherWakes, count)                                                      \
	X(watcher_unparks, watcherUnparks, count)                                                  \
	X(perf_opened, perfOpened, count)                                                          \
	X(perf_closed, perfClosed, count)                                                          \
	X(perf_reclaimed, perfReclaimed, count)                                                    \
	X(perf_failed, perfFailed, count)                                                          \
	X(overdue, overdue, count)                                                                 \
	X(restarted, restarted, count)                                                             \
	X(interrupted, interrupted, count)                                                         \
	X(credentials_adopted, credentialsAdopted, count)                                          \
	X(credentials_refused, credentialsRefused, count)                                          \
	X(attributes_adopted, attributesAdopted, count)                                            \
	X(attributes_left, attributesLeft, count)                                                  \
	X(signals_forwarded, signalsForwarded, count)                                              \
	X(faults_fixed, faultsFixed, count)

struct syslet_counters {
#define X(name, ts, kind) uint64_t name;
	SYSLET_COUNTERS(X)
#undef X
};

#endif
