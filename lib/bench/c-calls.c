/* SPDX-License-Identifier: MIT */
/*
 * `npm run bench -- c`: calls that do not block, through the installed libsyslets and by
 * syscall(). Prints, for each batch, the name of the call and nanoseconds a call:
 * sys_indirect with registers that stand ready, syslet_submit, syscall.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslets/submit.h>
#include <time.h>
#include <unistd.h>

#define BYTES 4096
#define CALLS 3
#define WAYS 3
#define STACK_WORDS 4096

static struct syslet_ring *ring;
static union indirect_params params;

struct call {
	const char *name;
	long nr;
	uint64_t args[6];
	struct indirect_registers regs;
};

static void fail(const char *what)
{
	fprintf(stderr, "c-calls: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static long by_registers(const struct call *call)
{
	return syslet_indirect(&call->regs, &params, sizeof(params), 0).value;
}

static long by_number(const struct call *call)
{
	return syslet_submit(ring, 1, call->nr, call->args).value;
}

static long by_host(const struct call *call)
{
	return syscall(call->nr, call->args[0], call->args[1], call->args[2], call->args[3]);
}

typedef long way(const struct call *call);
static way *const ways[WAYS] = {by_registers, by_number, by_host};

static double batch(way *make, const struct call *call, int count)
{
	double begun = now();
	int i;

	for (i = 0; i < count; i++)
		if (make(call) < 0)
			fail("a call failed");
	return (now() - begun) / count;
}

/* All ways in each round, each round beginning with another one. */
static void measure(const struct call *call, int rounds, int count)
{
	int round, i;

	for (round = -rounds / 20; round < rounds; round++) {
		double ns[WAYS];

		for (i = 0; i < WAYS; i++) {
			int which = (i + round + rounds) % WAYS;

			ns[which] = batch(ways[which], call, count);
		}
		if (round >= 0)
			printf("%s %.3f %.3f %.3f\n", call->name, ns[0], ns[1], ns[2]);
	}
}

static void prepare(struct call *call)
{
	static uint64_t stack[STACK_WORDS];

	call->regs = (struct indirect_registers){(uint64_t)call->nr, call->args[0], call->args[1],
						 call->args[2],	     call->args[3], 0, 0};
	params.syslet.ring_ptr = (uint64_t)ring;
	params.syslet.frame.ip = syslet_park_ip();
	params.syslet.frame.sp = (uint64_t)(stack + STACK_WORDS);
}

int main(int argc, char **argv)
{
	static char buffer[BYTES];
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;
	struct stat stat;
	int fd, i;

	if (argc != 4)
		fail("usage: c-calls FILE ROUNDS COUNT");
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syslet_ring_create(64, &ring))
		fail("no file, or no memory");
	if (syslet_attach(&how, &attached))
		fail(attached.why);
	struct call calls[CALLS] = {
		{.name = "getpid", .nr = SYS_getpid},
		{.name = "pread", .nr = SYS_pread64, .args = {(uint64_t)fd, (uint64_t)buffer, BYTES}},
		{.name = "newfstatat",
		 .nr = SYS_newfstatat,
		 .args = {(uint64_t)AT_FDCWD, (uint64_t)argv[1], (uint64_t)&stat}},
	};
	for (i = 0; i < CALLS; i++) {
		prepare(&calls[i]);
		measure(&calls[i], atoi(argv[2]), atoi(argv[3]));
	}
	return syslet_detach() != 0;
}
