/* SPDX-License-Identifier: MIT */
/* Takes the library by dlopen; dlclose leaves it where it is, with its handlers. */
#include <dlfcn.h>

#include "check.h"

static void *handle;

static void *find(const char *name)
{
	void *symbol = dlsym(handle, name);

	CHECK(symbol != NULL);
	return symbol;
}

int main(int argc, char **argv)
{
	int (*attach)(const struct syslet_attach_options *, struct syslet_attached *);
	int (*create)(uint32_t, struct syslet_ring **);
	struct syslet_call_result (*submit)(struct syslet_ring *, uint64_t, long, const uint64_t *);
	long (*reap)(struct syslet_ring *, struct syslet_completion *, uint32_t, uint64_t);
	int (*detach)(void);
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;
	struct syslet_completion completion;
	struct syslet_ring *ring;
	char byte = 0;
	int ends[2], round;

	CHECK(argc == 2 && pipe(ends) == 0);
	for (round = 0; round < 3; round++) {
		uint64_t args[6] = {(uint64_t)ends[0], (uint64_t)(uintptr_t)&byte, 1};

		handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
		if (!handle)
			fprintf(stderr, "%s\n", dlerror());
		CHECK(handle != NULL);
		*(void **)&attach = find("syslet_attach");
		*(void **)&create = find("syslet_ring_create");
		*(void **)&submit = find("syslet_submit");
		*(void **)&reap = find("syslet_ring_reap_wait");
		*(void **)&detach = find("syslet_detach");
		CHECK(create(4, &ring) == 0 && attach(&how, &attached) == 0);
		CHECK(submit(ring, 7, SYS_read, args).pending);
		CHECK(write(ends[1], "x", 1) == 1);
		CHECK(reap(ring, &completion, 1, 0) == 1 && completion.caller_data == 7);
		CHECK(detach() == 0);
		CHECK(dlclose(handle) == 0);
	}
	puts("ok");
	return 0;
}
