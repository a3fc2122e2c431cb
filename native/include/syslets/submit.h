/* SPDX-License-Identifier: MIT */
/*
 * Calls by number and rings of the library's making, for programs that want neither raw
 * registers nor frames. docs/c.md has an example; it builds as C11, and as C++11.
 */
#ifndef SYSLETS_SUBMIT_H
#define SYSLETS_SUBMIT_H

#include <stdint.h>

#include "syslets/syslets.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Memory for a ring of `elements` completions, a power of two. 0 and *ring, or -EINVAL,
 * -ENOMEM.
 */
int syslet_ring_create(uint32_t elements, struct syslet_ring **ring);

/* Frees it. No call may be pending into it, and nobody may wait for it. */
void syslet_ring_destroy(struct syslet_ring *ring);

/*
 * Makes system call nr with those arguments: an array, since an int among the arguments of
 * a variadic function would leave half of its register to chance. value is the result or
 * -errno; or pending is set, and it comes to the ring, with caller_data. What the arguments
 * point to stays until then; args itself need not. -ENOSYS: not attached. -EAGAIN: no room
 * in the ring for one more completion; also a result of the host's.
 */
struct syslet_call_result syslet_submit(struct syslet_ring *ring, uint64_t caller_data, long nr,
					const uint64_t args[6]);

/*
 * The same with a result that goes to an address, and no ring: what a struct
 * syslet_result_place names is the library's until *done_ptr is 1, place itself is not.
 * The caller sets *done_ptr to 0 before. caller_data is for syslet_interrupt and traces.
 */
struct syslet_call_result syslet_submit_at(const struct syslet_result_place *place,
					   uint64_t caller_data, long nr, const uint64_t args[6]);

/*
 * Waits until *done_ptr is 1; any thread may, attached or not. timeout_ns 0: no limit. 0, or
 * -EINVAL for a place without SYSLET_PLACE_WAKE, -ETIMEDOUT. Signal handlers run meanwhile.
 */
long syslet_place_wait(const struct syslet_result_place *place, uint64_t timeout_ns);

/*
 * Takes up to `most` completions off the ring, oldest first: how many, 0 if there is none.
 * One thread at a time. With SYSLET_OVERFLOW_V7, those that were overwritten are left out.
 */
uint32_t syslet_ring_reap(struct syslet_ring *ring, struct syslet_completion *into, uint32_t most);

/*
 * The same, and waits until there is one. timeout_ns 0: no limit. How many, or -EINVAL for
 * most 0, -ETIMEDOUT, -EINTR.
 */
long syslet_ring_reap_wait(struct syslet_ring *ring, struct syslet_completion *into, uint32_t most,
			   uint64_t timeout_ns);

#ifdef __cplusplus
}
#endif
#endif
