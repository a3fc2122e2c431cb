/* SPDX-License-Identifier: MIT */
/*
 * Signals that a program did not ask for end none of its calls, and no limit begins anew:
 * each call is made by the host first, in quiet, and then as a syslet while signals come
 * without a pause until it is over. A limit that began anew would never be over.
 */
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "syslet.h"

#define LIMIT_MS 40
#define LIMIT_NS (LIMIT_MS * 1000000ull)
#define SIGNAL_EVERY_US 1500

/* Memory that calls name; set anew before each. */
static struct timespec limit, left;
static struct timeval time_limit;
static struct pollfd nothing;
static struct epoll_event events[2];
static struct io_event completions[2];
static struct mmsghdr messages[1];
static char buffer[64];
static uint32_t word;
static uint64_t signals_let_in;
static struct {
	void *mask;
	size_t bytes;
} no_mask = {0, 8};
static struct {
	uint64_t mask;
	uint32_t bytes, min_wait_usec;
	uint64_t limit;
} uring_argument;

static struct pipe quiet;
static int epoll, semaphore, pair[2], full[2], listener, crowded, first, connecting;
static int uring = -1;
static aio_context_t aio;
static struct sockaddr_un nobody_accepts = {.sun_family = AF_UNIX};

#define AT(object) ((uint64_t)(uintptr_t)(object))
#define CALL(name, expected, ...)                                                                  \
	{#name, {SYS_##name, __VA_ARGS__}, expected}

struct limited_call {
	const char *name;
	uint64_t regs[7]; /* number and arguments */
	long expected;
};

static struct sembuf wait_for_one = {0, -1, 0};

static struct limited_call calls[] = {
	CALL(nanosleep, 0, AT(&limit), 0),
	CALL(clock_nanosleep, 0, CLOCK_MONOTONIC, 0, AT(&limit), AT(&left)),
	CALL(clock_nanosleep, 0, CLOCK_BOOTTIME, 0, AT(&limit), 0),
#ifdef SYS_poll
	CALL(poll, 0, AT(&nothing), 0, LIMIT_MS),
#endif
	CALL(ppoll, 0, AT(&nothing), 0, AT(&limit), 0, 8),
#ifdef SYS_select
	CALL(select, 0, 0, 0, 0, 0, AT(&time_limit)),
#endif
	CALL(pselect6, 0, 0, 0, 0, 0, AT(&limit), AT(&no_mask)),
#ifdef SYS_epoll_wait
	CALL(epoll_wait, 0, 0, AT(events), 2, LIMIT_MS),
#endif
	CALL(epoll_pwait, 0, 0, AT(events), 2, LIMIT_MS, 0, 8),
	CALL(epoll_pwait2, 0, 0, AT(events), 2, AT(&limit), 0, 8),
	CALL(futex, -ETIMEDOUT, AT(&word), FUTEX_WAIT, 0, AT(&limit)),
	CALL(futex, -ETIMEDOUT, AT(&word), FUTEX_WAIT_PRIVATE, 0, AT(&limit)),
	CALL(rt_sigtimedwait, -EAGAIN, AT(&signals_let_in), 0, AT(&limit), 8),
	CALL(semtimedop, -EAGAIN, 0, AT(&wait_for_one), 1, AT(&limit)),
	CALL(io_getevents, 0, 0, 1, 2, AT(completions), AT(&limit)),
	CALL(io_pgetevents, 0, 0, 1, 2, AT(completions), AT(&limit), AT(&no_mask)),
	CALL(io_uring_enter, -ETIME, 0, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
	     AT(&uring_argument), sizeof(uring_argument)),
	CALL(read, -EAGAIN, 0, AT(buffer), 1),
	CALL(recvfrom, -EAGAIN, 0, AT(buffer), 1),
	CALL(recvmmsg, -EAGAIN, 0, AT(messages), 1, 0, 0),
	CALL(accept, -EAGAIN, 0, 0, 0),
	CALL(write, -EAGAIN, 0, AT(buffer), sizeof(buffer)),
	CALL(sendto, -EAGAIN, 0, AT(buffer), sizeof(buffer)),
	CALL(connect, -EAGAIN, 0, AT(&nobody_accepts), sizeof(nobody_accepts)),
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static void set_timeouts(int fd)
{
	struct timeval time = {0, LIMIT_MS * 1000};

	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)), 0);
}

static int stream(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	set_timeouts(fd);
	return fd;
}

static int listening(struct sockaddr_un *address, const char *name)
{
	int fd = stream();

	address->sun_family = AF_UNIX;
	sprintf(address->sun_path + 1, "syslets-restart-%d-%s", getpid(), name);
	CHECK_EQ(bind(fd, (void *)address, sizeof(*address)), 0);
	CHECK_EQ(listen(fd, 0), 0);
	return fd;
}

/* A listener whose queue is full, a socket whose buffer is full, one that nobody writes to. */
static void make_sockets(void)
{
	struct sockaddr_un unused;

	memset(&unused, 0, sizeof(unused));
	listener = listening(&unused, "listener");
	crowded = listening(&nobody_accepts, "crowded");
	first = stream();
	CHECK_EQ(connect(first, (void *)&nobody_accepts, sizeof(nobody_accepts)), 0);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, full), 0);
	set_timeouts(pair[0]);
	set_timeouts(full[0]);
	while (send(full[0], buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	connecting = stream();
}

static void make_all(void)
{
	struct io_uring_params params = {0};

	quiet = new_pipe();
	epoll = epoll_create1(0);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	CHECK_EQ(syscall(SYS_io_setup, 2, &aio), 0);
	uring = (int)syscall(SYS_io_uring_setup, 2, &params);
	signals_let_in = 1ull << (SIGUSR2 - 1);
	make_sockets();
}

static void close_all(void)
{
	int fds[] = {epoll, listener, crowded, first, connecting, pair[0], pair[1], full[0], full[1], uring};
	unsigned i;

	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	close_pipe(quiet);
	semctl(semaphore, 0, IPC_RMID);
	syscall(SYS_io_destroy, aio);
}

/* Limits as they are at first, and a new socket for each connect. */
static struct indirect_registers fresh(const struct limited_call *call)
{
	struct indirect_registers regs;

	memcpy(&regs, call->regs, sizeof(regs));
	limit = (struct timespec){0, (long)LIMIT_NS};
	time_limit = (struct timeval){0, LIMIT_MS * 1000};
	uring_argument.limit = AT(&limit);
	switch (call->regs[0]) {
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
		regs.ARG0 = (uint64_t)epoll;
		break;
	case SYS_semtimedop:
		regs.ARG0 = (uint64_t)semaphore;
		break;
	case SYS_io_getevents:
	case SYS_io_pgetevents:
		regs.ARG0 = aio;
		break;
	case SYS_io_uring_enter:
		regs.ARG0 = (uint64_t)uring;
		break;
	case SYS_read:
	case SYS_recvfrom:
	case SYS_recvmmsg:
		regs.ARG0 = (uint64_t)pair[0];
		break;
	case SYS_write:
	case SYS_sendto:
		regs.ARG0 = (uint64_t)full[0];
		break;
	case SYS_accept:
		regs.ARG0 = (uint64_t)listener;
		break;
	case SYS_connect:
		regs.ARG0 = (uint64_t)connecting;
		break;
	default:
		break;
	}
	return regs;
}

static void on_prof(int signal)
{
	(void)signal;
}

/* What sends the signals: every thread of this process but itself gets them. */
static volatile int sending, sender_ends;

static void signal_everybody(int signal)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	while ((entry = readdir(dir)) != 0) {
		int tid = atoi(entry->d_name);

		if (tid && tid != os_thread())
			syscall(SYS_tgkill, getpid(), tid, signal);
	}
	closedir(dir);
}

static void *send_signals(void *unused)
{
	while (!sender_ends) {
		if (sending)
			signal_everybody(sending);
		usleep(SIGNAL_EVERY_US);
	}
	return unused;
}

static int stopping;

static int cannot_be_made(const struct limited_call *call)
{
	return call->regs[0] == SYS_io_uring_enter && uring < 0;
}

static void call_all(struct syslet_ring *ring, call_function *make)
{
	unsigned i;

	for (i = 0; i < CALLS; i++) {
		struct indirect_registers regs = fresh(&calls[i]);
		struct moment begun = this_moment();
		long ret;

		if (cannot_be_made(&calls[i]))
			continue;
		if (stopping && calls[i].regs[0] == SYS_io_pgetevents)
			continue; /* the host itself begins its limit anew at each stop */
		ret = make ? make(ring, &regs) : by_host(&regs);
		if (ret != calls[i].expected)
			T_FAIL("%s (%u) returned %ld, expected %ld", calls[i].name, i, ret,
			       calls[i].expected);
		if (passed_since(begun) + 1000000 < LIMIT_NS)
			T_FAIL("%s (%u) was over before its limit", calls[i].name, i);
	}
}

static void told_what_is_left(struct syslet_ring *ring)
{
	struct indirect_registers regs;
	size_t i = 0;

	while (calls[i].regs[0] != SYS_ppoll)
		i++;
	regs = fresh(&calls[i]);
	CHECK_EQ(by_syslet(ring, &regs), 0);
	CHECK_EQ(limit.tv_sec, 0);
	CHECK_EQ(limit.tv_nsec, 0);
}

static void under_signals(int signal)
{
	struct syslet_ring *ring = new_ring(8);
	struct t_leaks before = t_leaks_now();
	pthread_t sender;

	make_all();
	CHECK_EQ(pthread_create(&sender, 0, send_signals, 0), 0);
	call_all(0, 0);
	attach(0);
	sending = signal;
	do { /* on a busy machine few of them may come */
		call_all(ring, by_syslet);
		call_all(ring, by_dispatch);
	} while (GREW(before, restarted) <= 2 * CALLS);
	told_what_is_left(ring);
	sending = 0;
	detach();
	sender_ends = 1;
	pthread_join(sender, 0);
	sender_ends = 0;
	close_all();
	free_ring(ring, 8);
}

static void the_profilers(void)
{
	struct sigaction action = {.sa_handler = on_prof, .sa_flags = SA_RESTART};

	CHECK_EQ(sigaction(SIGPROF, &action, 0), 0);
	under_signals(SIGPROF);
}

/* An interrupt of ours that is meant for no call. */
static void our_own(void)
{
	struct syslet_facts facts;

	syslet_read_facts(&facts);
	under_signals((int)facts.interrupt_signal);
}

/* Another process stops this one, and lets it go on. */
static pid_t start_stopper(void)
{
	pid_t pid, parent = getpid();

	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	while (!pid) {
		usleep(5000);
		if (getppid() != parent)
			_exit(0);
		kill(parent, SIGSTOP);
		usleep(1000);
		kill(parent, SIGCONT);
	}
	return pid;
}

static void stops(void)
{
	struct syslet_ring *ring = new_ring(8);
	pid_t stopper;

	make_all();
	attach(0);
	stopping = 1;
	stopper = start_stopper();
	call_all(ring, by_syslet);
	kill(stopper, SIGKILL);
	kill(getpid(), SIGCONT);
	waitpid(stopper, 0, 0);
	detach();
	close_all();
	free_ring(ring, 8);
}

static volatile int heard;

static void on_own(int signal)
{
	(void)signal;
	heard++;
}

/* The program's own signal, which the call names, ends it: also beside foreign ones. */
static void the_programs_own(void)
{
	struct sigaction action = {.sa_handler = on_own, .sa_flags = SA_RESTART};
	struct syslet_ring *ring = new_ring(8);
	uint64_t all_but = ~(1ull << (SIGUSR2 - 1));
	struct indirect_registers regs = {.NR = SYS_ppoll, .ARG3 = AT(&all_but), .ARG4 = 8};
	pthread_t sender;
	int i;

	sending = SIGPROF;
	CHECK_EQ(sigaction(SIGUSR2, &action, 0), 0);
	action.sa_handler = on_prof;
	CHECK_EQ(sigaction(SIGPROF, &action, 0), 0);
	attach(0);
	CHECK_EQ(pthread_create(&sender, 0, send_signals, 0), 0);
	for (i = 0; i < 50; i++) {
		union indirect_params params = params_for(ring, 1);
		struct syslet_call_result result =
			syslet_indirect(&regs, &params, sizeof(params), 0);
		struct syslet_completion completion;

		if (!result.pending) { /* it waited on this thread while that was idle, and masked it */
			CHECK_EQ(result.value, -EINTR);
			continue;
		}
		heard = 0;
		while (__atomic_load_n(&ring->kernel_head, __ATOMIC_ACQUIRE) == ring->user_tail) {
			signal_everybody(SIGUSR2);
			usleep(200);
		}
		completion = reap(ring);
		CHECK_EQ((long)completion.status, -EINTR);
		CHECK(heard);
	}
	sending = 0;
	detach();
	sender_ends = 1;
	pthread_join(sender, 0);
	free_ring(ring, 8);
}

/* An interrupt that is meant for the call ends it, as ever. */
static void a_real_interrupt(void)
{
	struct syslet_ring *ring = new_ring(8);
	struct timespec hour = {3600, 0};
	struct indirect_registers regs = {.NR = SYS_nanosleep, .ARG0 = AT(&hour)};
	union indirect_params params = params_for(ring, 5);
	int i;

	attach(0);
	for (i = 0; i < 200; i++) {
		CHECK(syslet_indirect(&regs, &params, sizeof(params), 0).pending);
		while (syslet_interrupt(ring, 5))
			usleep(50);
		CHECK_EQ((long)reap(ring).status, -EINTR);
	}
	detach();
	free_ring(ring, 8);
}

/* The limit of a wait for a ring too. */
static void a_ring_wait(void)
{
	struct sigaction action = {.sa_handler = on_prof, .sa_flags = SA_RESTART};
	struct syslet_ring *ring = new_ring(8);
	pthread_t sender;
	int i;

	CHECK_EQ(sigaction(SIGPROF, &action, 0), 0);
	CHECK_EQ(pthread_create(&sender, 0, send_signals, 0), 0);
	sending = SIGPROF;
	for (i = 0; i < 2; i++) {
		uint64_t begun = t_now_ns();

		if (i)
			attach(0);
		CHECK_EQ(syslet_ring_wait(ring, ring->kernel_head, LIMIT_NS), -ETIMEDOUT);
		CHECK(t_now_ns() - begun >= LIMIT_NS);
	}
	sending = 0;
	detach();
	sender_ends = 1;
	pthread_join(sender, 0);
	free_ring(ring, 8);
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(the_profilers, 60);
	RUN_IN_CHILD(our_own, 60);
	RUN_IN_CHILD(stops, 60);
	RUN_IN_CHILD(the_programs_own, 60);
	RUN_IN_CHILD(a_real_interrupt, 60);
	RUN_IN_CHILD(a_ring_wait, 60);
	return 0;
}
