// SPDX-License-Identifier: MIT
/*
 * Preloaded into Node: a handler that sees what comes with a signal, which JavaScript's handlers
 * do not. Appends one line for each to the file that SYSLETS_OBSERVER names.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int fd = -1;

static void observe(int signo, siginfo_t *info, void *context)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "signo %d code %d pid %d uid %d value %d\n", signo,
			      info->si_code, (int)info->si_pid, (int)info->si_uid,
			      info->si_value.sival_int);

	(void)context;
	if (write(fd, line, (size_t)length) < 0)
		abort();
}

__attribute__((constructor)) static void install(void)
{
	const char *path = getenv("SYSLETS_OBSERVER");
	struct sigaction action = {.sa_sigaction = observe, .sa_flags = SA_SIGINFO | SA_RESTART};

	if (!path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	sigaction(SIGRTMIN + 6, &action, NULL);
}
