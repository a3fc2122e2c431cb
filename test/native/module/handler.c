/* SPDX-License-Identifier: MIT */
/* An object that is loaded late and wants faults: from its constructor, and when it is told. */
#include <signal.h>
#include <unistd.h>

int module_faults;
int module_exits; /* with this, at a fault, if it is not 0 */

static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	(void)info, (void)context;
	module_faults++;
	if (module_exits)
		_exit(module_exits);
	sigaction(signal, &action, 0);
}

int module_handles(int signal)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	return sigaction(signal, &action, 0);
}

void *module_signal(int number, void *handler)
{
	return (void *)signal(number, (void (*)(int))handler);
}

__attribute__((constructor)) static void handle_at_once(void)
{
	module_handles(SIGBUS);
}
