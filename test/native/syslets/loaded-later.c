/* SPDX-License-Identifier: MIT */
/*
 * An object that is loaded after the library, and installs handlers for faults, does not
 * take our place: a bad address of a call stays -EFAULT.
 */
#include <dlfcn.h>

#include "syslet.h"

static int (*module_handles)(int signal);
static void *(*module_signal)(int signal, void *handler);
static int *module_faults, *module_exits;

static void load(void)
{
	void *module = dlopen(SYSLETS_TEST_MODULE, RTLD_NOW);

	if (!module)
		T_FAIL("%s", dlerror());
	module_handles = (int (*)(int))dlsym(module, "module_handles");
	module_signal = (void *(*)(int, void *))dlsym(module, "module_signal");
	module_faults = (int *)dlsym(module, "module_faults");
	module_exits = (int *)dlsym(module, "module_exits");
}

static void faults_are_results(void)
{
	char *no_access = map_pages(1, PROT_NONE);
	int file = open("/proc/self/exe", O_RDONLY);
	/* beyond the end of a file: SIGBUS */
	char *beyond = mmap(0, PAGE, PROT_READ, MAP_SHARED, file, 1 << 30);

	CHECK(beyond != MAP_FAILED);
	CHECK_EQ(syslet_indirect((void *)no_access, 0, 0, 0).value, -EFAULT);
	CHECK_EQ(syslet_indirect((void *)beyond, 0, 0, 0).value, -EFAULT);
	CHECK_EQ(*module_faults, 0);
	close(file);
}

static void its_own_handler_is_called(void)
{
	*module_exits = 7;
	*(volatile char *)map_pages(1, PROT_NONE) = 1;
}

static void after_its_constructor(void)
{
	attach(0);
	load();
	faults_are_results();
	detach();
}

static void after_its_sigaction(void)
{
	attach(0);
	load();
	CHECK_EQ(module_handles(SIGSEGV), 0);
	faults_are_results();
	detach();
}

static void after_its_signal(void)
{
	void *before; /* a sanitizer's, or none */

	attach(0);
	load();
	before = module_signal(SIGSEGV, (void *)SIG_IGN);
	CHECK(module_signal(SIGSEGV, before) == (void *)SIG_IGN);
	faults_are_results();
	detach();
}

static void its_handler_gets_faults(void)
{
	load();
	CHECK_EQ(module_handles(SIGSEGV), 0);
	CHECK_EQ(t_in_child(its_own_handler_is_called, 10), 7);
}

static void a_handler_that_came_another_way(void)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		unsigned long mask;
	} ignore = {(void *)SIG_IGN, 0, 0, 0};

	CHECK_EQ(syscall(SYS_rt_sigaction, SIGSEGV, &ignore, 0, 8), 0);
	load();
	attach(0);
	faults_are_results();
	detach();
}

int main(void)
{
	t_needs_moving_contexts();
	syslet_library_init();
	RUN_IN_CHILD(after_its_constructor, 10);
	RUN_IN_CHILD(after_its_sigaction, 10);
	RUN_IN_CHILD(after_its_signal, 10);
	RUN_IN_CHILD(its_handler_gets_faults, 20);
	RUN_IN_CHILD(a_handler_that_came_another_way, 10);
	return 0;
}
