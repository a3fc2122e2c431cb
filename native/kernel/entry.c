/* SPDX-License-Identifier: MIT */
/* Entry points with their arguments as the stub passes them (entry.S). */
#include "kernel/kernel.h"

struct syslet_result enter_ring_wait(u64 ring, u64 idx, u64 timeout_ns, u64 unused,
				     struct task *cur);
struct syslet_result enter_ring_room(u64 ring, u64 a, u64 b, u64 c, struct task *cur);
struct syslet_result enter_home(u64 a, u64 b, u64 c, u64 d, struct task *cur);

struct syslet_result enter_ring_wait(u64 ring, u64 idx, u64 timeout_ns, u64 unused,
				     struct task *cur)
{
	(void)unused;
	return (struct syslet_result){sys_syslet_ring_wait(ring, idx, timeout_ns, cur),
				      HOW_RETURNED};
}

struct syslet_result enter_ring_room(u64 ring, u64 a, u64 b, u64 c, struct task *cur)
{
	(void)a, (void)b, (void)c;
	return (struct syslet_result){sys_syslet_ring_room(ring, cur), HOW_RETURNED};
}

struct syslet_result enter_home(u64 a, u64 b, u64 c, u64 d, struct task *cur)
{
	(void)a, (void)b, (void)c, (void)d;
	return sys_go_home(cur);
}
