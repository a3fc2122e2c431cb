/* SPDX-License-Identifier: MIT */
/*
 * An architecture without syslets, as in patch 2: everything compiles, no frame is
 * valid, so a syslet is -EINVAL; the listed calls work, bad pointers are -EFAULT.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "fake-host.h"

/* What an embedder of the kernel brings here: a system call of the host, -errno on failure. */
long host_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	long value = syscall(nr, a, b, c, d, e, f);

	return value < 0 ? -errno : value;
}

static long real_call(const struct indirect_registers *regs, struct task *cur)
{
	const u64 *word = (const u64 *)regs;

	(void)cur;
	return host_syscall6((long)word[0], (long)word[1], (long)word[2], (long)word[3],
			     (long)word[4], (long)word[5], (long)word[6]);
}

static struct indirect_registers registers(u64 nr, u64 a, u64 b, u64 c)
{
	struct indirect_registers regs;
	u64 *word = (u64 *)&regs;

	memset(&regs, 0, sizeof(regs));
	word[0] = nr;
	word[1] = a;
	word[2] = b;
	word[3] = c;
	return regs;
}

static struct context *begin(const struct policy *policy)
{
	fake.call = real_call;
	return fake_attach(policy, OVERFLOW_RESERVE);
}

static void it_refuses(const struct policy *policy)
{
	struct indirect_registers regs = registers(SYS_getpid, 0, 0, 0);
	struct {
		struct syslet_ring header;
		struct syslet_completion slots[4];
	} ring = {.header.elements = 4};
	union indirect_params params = {.syslet = {.ring_ptr = (u64)&ring, .caller_data = 7}};
	struct context *ctx = begin(policy);

#if defined(__x86_64__)
	params.syslet.frame.ip = params.syslet.frame.sp = (u64)&ring;
#endif
	CHECK_EQ(sys_indirect(&regs, &params, sizeof(params), 0, ctx->carrier).value, -EINVAL);
	CHECK_EQ(ring.header.kernel_head, 0);
	CHECK_EQ(ctx->nr_tasks, 1);
	fake_detach(ctx);
}

static void syslets_are_refused(void)
{
	it_refuses(&syslet_policy_default);
	it_refuses(&syslet_policy_v7);
}

static void listed_calls_work(void)
{
	struct indirect_registers regs = registers(SYS_socket, 1, 1, 0);
	struct syslet_file_flags flags = {O_CLOEXEC | O_NONBLOCK};
	struct context *ctx = begin(&syslet_policy_default);
	long fd = sys_indirect(&regs, &flags, sizeof(flags), 0, ctx->carrier).value;

	CHECK(fd >= 0);
	CHECK_EQ(fcntl((int)fd, F_GETFD), FD_CLOEXEC);
	CHECK(fcntl((int)fd, F_GETFL) & O_NONBLOCK);
	close((int)fd);
	regs = registers(SYS_getpid, 0, 0, 0);
	CHECK_EQ(sys_indirect(&regs, &flags, 0, 0, ctx->carrier).value, -EINVAL);
	fake_detach(ctx);
}

static void bad_pointers_are_efault(void)
{
	struct indirect_registers regs = registers(SYS_getpid, 0, 0, 0);
	char *forbidden = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct context *ctx = begin(&syslet_policy_default);

	CHECK_EQ(sys_indirect(0, 0, 0, 1, ctx->carrier).value, -EINVAL);
	CHECK_EQ(sys_indirect(forbidden, 0, ~0ul, 0, ctx->carrier).value, -EFAULT);
	CHECK_EQ(sys_indirect((void *)8, 0, ~0ul, 0, ctx->carrier).value, -EFAULT);
	CHECK_EQ(sys_indirect(&regs, 0, ~0ul, 0, ctx->carrier).value, -EINVAL);
	CHECK_EQ(sys_indirect(&regs, forbidden, 4, 0, ctx->carrier).value, -EFAULT);
	CHECK_EQ(sys_syslet_ring_wait((u64)forbidden, 0, 1, ctx->carrier), -EFAULT);
	fake_detach(ctx);
	munmap(forbidden, 4096);
}

int main(void)
{
	syslet_rings_init();
	refuse_init();
	RUN(syslets_are_refused);
	RUN(listed_calls_work);
	RUN(bad_pointers_are_efault);
	return 0;
}
