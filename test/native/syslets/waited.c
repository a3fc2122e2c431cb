/* SPDX-License-Identifier: MIT */
/*
 * A call on a socket that has waited, and that a foreign signal has ended or that has surfaced:
 * it gives what a call gives that sleeps all the time. Each is made first by a thread that the
 * host puts to sleep, without signals. What happens meanwhile happens to both.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include "looked-at.h"
#include "sleeping-call.h"
#include "tcp-pair.h"

#define ASKED 10u
#define BIG (1u << 22)
#define LIMIT_MS 60000
#define EVENTS 6
#define AT(object) ((uint64_t)(uintptr_t)(object))

enum {
	SIGNAL = OWN_EVENTS, /* a foreign one; none comes to the host's */
	TWO, /* bytes come */
	CONNECT,
	LIMITED, /* SO_*TIMEO, which is over before the next event */
	THEY_READ /* all that there is, until the call is over */
};

struct one {
	const char *name;
	int type;
	long nr;
	unsigned flags;
	int least, limited, full; /* SO_RCVLOWAT, SO_*TIMEO, no room */
	size_t bytes;
	unsigned events[EVENTS];
};

static char memory[BIG], taken[BIG], rest[ASKED];
static struct iovec list[2];
static struct msghdr message;

#define THEN_FOUR {SIGNAL, NOT_BLOCKING, SIGNAL, FOUR}
#define THEN_CLOSE {SIGNAL, NOT_BLOCKING, SIGNAL, CLOSE}
#define THEN_THEY_READ {SIGNAL, NOT_BLOCKING, SIGNAL, THEY_READ}

static const struct one calls[] = {
	{"read", SOCK_STREAM, SYS_read, 0, 0, 0, 0, ASKED, THEN_FOUR},
	{"read", SOCK_STREAM, SYS_read, 0, 0, 1, 0, ASKED, THEN_FOUR},
	{"recvfrom", TCP, SYS_recvfrom, 0, 0, 0, 0, ASKED, THEN_FOUR},
	{"recvfrom", TCP, SYS_recvfrom, 0, 0, 1, 0, ASKED, THEN_FOUR},
	{"recvmsg", SOCK_DGRAM, SYS_recvmsg, 0, 0, 0, 0, ASKED, THEN_FOUR},
	{"recvmsg", SOCK_DGRAM, SYS_recvmsg, 0, 0, 1, 0, ASKED, THEN_FOUR},
	{"readv", SOCK_SEQPACKET, SYS_readv, 0, 0, 1, 0, ASKED, THEN_FOUR},
	{"accept", TCP, SYS_accept, 0, 0, 0, 0, 0, {SIGNAL, NOT_BLOCKING, SIGNAL, CONNECT}},
	{"accept", TCP, SYS_accept, 0, 0, 1, 0, 0, {SIGNAL, NOT_BLOCKING, SIGNAL, CONNECT}},
	{"recvfrom", TCP, SYS_recvfrom, 0, 0, 0, 0, ASKED, {SIGNAL, LIMITED, SIGNAL, FOUR}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, ASKED, {SIGNAL, FOUR, NOT_BLOCKING, SIGNAL, SIX}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, ASKED, {FOUR, SIGNAL, NOT_BLOCKING, SIGNAL, SIX}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 1, 0, ASKED, {FOUR, SIGNAL, NOT_BLOCKING, SIGNAL, SIX}},
	{"recvfrom of all", TCP, SYS_recvfrom, MSG_WAITALL, 0, 0, 0, ASKED, {FOUR, NOT_BLOCKING, SIGNAL, SIX}},
	{"recvmsg of all", TCP, SYS_recvmsg, MSG_WAITALL, 6, 0, 0, ASKED, {FOUR, SIGNAL, SIX}},
	{"recvmsg, least", TCP, SYS_recvmsg, 0, 6, 1, 0, ASKED, {FOUR, SIGNAL, TWO}},

	{"peek of all", TCP, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 0, 0, ASKED, {FOUR, SIGNAL, SIX}},
	{"peek of all", TCP, SYS_recvmsg, MSG_PEEK | MSG_WAITALL, 0, 1, 0, ASKED, {FOUR, SIGNAL, SIX}},
	{"peek of all", TCP, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 0, 0, ASKED, {FOUR, SIGNAL, CLOSE}},
	{"peek of all", TCP, SYS_recvfrom, MSG_PEEK | MSG_WAITALL, 0, 0, 0, ASKED, {FOUR, SIGNAL, NOT_BLOCKING, SIGNAL, SIX}},
	{"peek, least", TCP, SYS_recvfrom, MSG_PEEK, 6, 0, 0, ASKED, {FOUR, SIGNAL, SIX}},
	{"peek", TCP, SYS_recvfrom, MSG_PEEK, 0, 0, 0, ASKED, {SIGNAL, FOUR}},

	{"sendto", SOCK_STREAM, SYS_sendto, 0, 0, 0, 1, 1000, THEN_THEY_READ},
	{"write", SOCK_STREAM, SYS_write, 0, 0, 1, 1, 1000, THEN_THEY_READ},
	{"write", SOCK_SEQPACKET, SYS_write, 0, 0, 0, 1, 1000, THEN_THEY_READ},
	{"sendmsg", SOCK_DGRAM, SYS_sendmsg, 0, 0, 1, 1, 1000, THEN_THEY_READ},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 0, 0, BIG, THEN_THEY_READ},
	{"sendmsg", TCP, SYS_sendmsg, 0, 0, 0, 0, BIG, THEN_THEY_READ},
	{"writev", TCP, SYS_writev, 0, 0, 1, 0, BIG, THEN_THEY_READ},
	{"sendto, urgent", TCP, SYS_sendto, MSG_OOB, 0, 1, 0, BIG, THEN_THEY_READ},
	{"sendmsg, urgent", TCP, SYS_sendmsg, MSG_OOB, 0, 1, 0, BIG, THEN_THEY_READ},
	{"sendto, urgent", TCP, SYS_sendto, MSG_OOB, 0, 1, 0, BIG, THEN_CLOSE},
	{"sendmsg, urgent", TCP, SYS_sendmsg, MSG_OOB, 0, 1, 0, BIG, THEN_CLOSE},
	{"sendto", TCP, SYS_sendto, 0, 0, 1, 0, BIG, THEN_CLOSE},
	{"sendto", SOCK_STREAM, SYS_sendto, 0, 0, 0, 0, BIG, {NOT_BLOCKING, SIGNAL, THEY_READ}},
	{"sendmsg", TCP, SYS_sendmsg, 0, 0, 0, 0, BIG, {NOT_BLOCKING, SIGNAL, THEY_READ}},

	{"write", SOCK_STREAM, SYS_write, 0, 0, 0, 1, 1000, {SIGNAL, CLOSE}},
	{"write", SOCK_STREAM, SYS_write, 0, 0, 1, 1, 1000, {SIGNAL, CLOSE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 1, 1, 1000, {SIGNAL, THEY_READ_NO_MORE}},
	{"sendmsg", SOCK_STREAM, SYS_sendmsg, 0, 0, 1, 1, 1000, {SIGNAL, WE_WRITE_NO_MORE}},
	{"sendto", SOCK_STREAM, SYS_sendto, 0, 0, 0, 1, 1000, {SIGNAL, THEY_READ_NO_MORE}},
	{"writev", SOCK_STREAM, SYS_writev, 0, 0, 1, 0, BIG, {SIGNAL, CLOSE}},
	{"sendto", SOCK_SEQPACKET, SYS_sendto, 0, 0, 0, 1, 1000, {SIGNAL, CLOSE}},
	{"write", SOCK_SEQPACKET, SYS_write, 0, 0, 1, 1, 1000, {SIGNAL, THEY_READ_NO_MORE}},
	{"write", SOCK_SEQPACKET, SYS_write, 0, 0, 1, 1, 1000, {SIGNAL, WE_WRITE_NO_MORE}},
	{"sendmsg", SOCK_DGRAM, SYS_sendmsg, 0, 0, 1, 1, 1000, {SIGNAL, CLOSE}},
	{"sendmsg", SOCK_DGRAM, SYS_sendmsg, 0, 0, 0, 1, 1000, {SIGNAL, WE_WRITE_NO_MORE}},
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static int receives(const struct one *one)
{
	return one->bytes <= ASKED;
}

static void set_limit(const struct one *one, int fd, int ms)
{
	limit_socket(fd, receives(one) ? SO_RCVTIMEO : SO_SNDTIMEO, ms);
}

static void set_option(int fd, int option, int value)
{
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)), 0);
}

static void new_ends(const struct one *one, int ends[2])
{
	if (one->nr == SYS_accept)
		new_listener(ends);
	else
		new_pair(one->type, ends);
	if (one->bytes == BIG)
		set_option(ends[0], SO_SNDBUF, BIG / 32); /* else it may grow to have room for all */
	if (one->least)
		set_option(ends[0], SO_RCVLOWAT, one->least);
	if (one->flags & MSG_OOB) /* each part has an urgent byte, and none is to be missed */
		set_option(ends[1], SO_OOBINLINE, 1);
	if (one->limited)
		set_limit(one, ends[0], LIMIT_MS);
	if (one->full)
		fill_up(ends[0], one->type == SOCK_STREAM);
}

static void connect_to(int listener)
{
	struct sockaddr_in at;
	socklen_t bytes = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_EQ(getsockname(listener, (struct sockaddr *)&at, &bytes), 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
}

static struct {
	const struct one *one;
	int ends[2];
	pid_t tid; /* of the call's thread */
	int is_over;
	int from;
	size_t theirs; /* bytes that came to the other side, where it reads */
	int signal;    /* 0: the host's call, to which none is sent */
} now;

static int is_over(void)
{
	return __atomic_load_n(&now.is_over, __ATOMIC_ACQUIRE);
}

static void signal_it(void)
{
	struct t_leaks before = t_leaks_now();

	if (!now.signal)
		return;
	CHECK_EQ(syscall(SYS_tgkill, getpid(), now.tid, now.signal), 0);
	while (!GREW(before, restarted) && !is_over())
		usleep(100);
}

static void happen(unsigned event)
{
	int *ends = now.ends;

	switch (event) {
	case SIGNAL:
		signal_it();
		break;
	case TWO:
		bytes_come(ends[1], "kl", 2);
		break;
	case CONNECT:
		connect_to(ends[0]);
		break;
	case LIMITED:
		set_limit(now.one, ends[0], 1);
		usleep(20000);
		break;
	case THEY_READ:
		while (!is_over())
			now.theirs += take(ends[1], taken, sizeof(taken));
		break;
	default:
		happen_to_pair(event, ends);
	}
}

/* 1 if the call is over. */
static int until_its_thread_sleeps(void)
{
	for (; !is_over(); usleep(200))
		if (thread_is_asleep(now.tid))
			return 0;
	return 1;
}

/* Each once the call sleeps; to one that is over no more signals come. */
static void *events(void *unused)
{
	unsigned i;

	for (i = (unsigned)now.from; i < EVENTS && now.one->events[i]; i++)
		if (!until_its_thread_sleeps())
			happen(now.one->events[i]);
	return unused;
}

static struct indirect_registers registers_of(const struct one *one, int fd)
{
	struct indirect_registers regs = {.NR = (uint64_t)one->nr, .ARG0 = (uint64_t)fd};

	if (one->nr == SYS_accept)
		return regs;
	memset(memory, receives(one) ? '.' : 'y', one->bytes);
	list[0] = (struct iovec){memory, one->bytes / 3};
	list[1] = (struct iovec){memory + one->bytes / 3, one->bytes - one->bytes / 3};
	message = (struct msghdr){.msg_iov = list, .msg_iovlen = 2};
	switch (one->nr) {
	case SYS_recvmsg:
	case SYS_sendmsg:
		regs.ARG1 = AT(&message);
		regs.ARG2 = one->flags;
		break;
	case SYS_readv:
	case SYS_writev:
		regs.ARG1 = AT(list);
		regs.ARG2 = 2;
		break;
	default:
		regs.ARG1 = AT(memory);
		regs.ARG2 = one->bytes;
		regs.ARG3 = one->flags;
	}
	return regs;
}

/* How a call is made, while another thread lets its events happen. */
typedef long way(const struct indirect_registers *regs);

static struct syslet_ring *ring;

static void it_begins(pthread_t *thread)
{
	now.tid = os_thread();
	CHECK_EQ(pthread_create(thread, 0, events, 0), 0);
}

static long it_is_over(pthread_t thread, long value)
{
	__atomic_store_n(&now.is_over, 1, __ATOMIC_RELEASE);
	pthread_join(thread, 0);
	return value;
}

static long by_a_thread_of_the_host(const struct indirect_registers *regs)
{
	pthread_t thread;

	it_begins(&thread);
	return it_is_over(thread, by_host(regs));
}

/* Nobody can take it over, so it blocks here. */
static long in_place(const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	struct syslet_call_result result;
	pthread_t thread;

	it_begins(&thread);
	result = syslet_indirect(regs, &params, sizeof(params), 0);
	CHECK(!result.pending);
	return it_is_over(thread, result.value);
}

/* It has come back to its caller, and goes on after what comes first. */
static long surfaced(const struct indirect_registers *regs)
{
	uint64_t kept[2];

	syslet_when_unwatched(SYSLET_UNWATCHED_REFUSED);
	CHECK_EQ(look_once(ring, regs, kept), -SYSLET_LOOKED);
	syslet_when_unwatched(SYSLET_UNWATCHED_BLOCKS);
	while (now.one->events[now.from] == SIGNAL)
		now.from++;
	happen(now.one->events[now.from++]);
	syslet_go_on(kept);
	return in_place(regs);
}

static long handed_over(const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	struct syslet_call_result result;
	pthread_t thread;

	now.tid = os_thread();
	result = syslet_indirect(regs, &params, sizeof(params), 0);
	CHECK(result.pending);
	CHECK_EQ(pthread_create(&thread, 0, events, 0), 0);
	return it_is_over(thread, (long)reap(ring).status);
}

/* Some task of this process that is in this call. */
static pid_t who_makes(const struct indirect_registers *regs)
{
	char path[300], line[256], call[64];
	struct dirent *entry;
	pid_t tid = 0;
	DIR *dir = opendir("/proc/self/task");
	FILE *file;

	snprintf(call, sizeof(call), "%lu 0x%lx ", (unsigned long)regs->NR, (unsigned long)regs->ARG0);
	while (!tid && (entry = readdir(dir)) != 0) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/syscall", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(line, sizeof(line), file) && !strncmp(line, call, strlen(call)))
			tid = atoi(entry->d_name);
		if (file)
			fclose(file);
	}
	closedir(dir);
	return tid;
}

static long dispatched(const struct indirect_registers *regs)
{
	union indirect_params params = params_for(ring, 1);
	pthread_t thread;

	CHECK(syslet_dispatch(regs, &params, sizeof(params), 0).pending);
	while (!(now.tid = who_makes(regs)))
		usleep(200);
	CHECK_EQ(pthread_create(&thread, 0, events, 0), 0);
	return it_is_over(thread, (long)reap(ring).status);
}

struct given {
	long value;
	size_t theirs;
	int raised;	   /* SIGPIPE, where it can be told */
	char bytes[ASKED]; /* of a receive */
	long left, error;  /* in the socket */
};

static struct given give(const struct one *one, way *make, int signal)
{
	struct given given = {0};
	struct indirect_registers regs;
	socklen_t bytes = sizeof(int);
	int error = 0, under_way;
	size_t more;

	now.one = one;
	now.is_over = now.from = 0;
	now.theirs = 0;
	now.signal = signal;
	new_ends(one, now.ends);
	regs = registers_of(one, now.ends[0]);
	given.value = make(&regs);
	given.raised = take_sigpipe();
	if (one->type == TCP && one->bytes == BIG && given.value > 0 && given.value < BIG)
		given.value = BIG / 2; /* a part: chance decides how much there is room for */
	do { /* what is under way before is there afterwards */
		under_way = now.ends[1] >= 0 && !receives(one) ? tcp_under_way(now.ends[0]) : 0;
		more = now.ends[1] >= 0 && !receives(one) ? take(now.ends[1], taken, sizeof(taken)) : 0;
		now.theirs += more;
	} while (under_way || more);
	given.theirs = now.theirs;
	if (one->nr == SYS_accept) {
		close((int)given.value);
		given.value = given.value >= 0;
	} else {
		CHECK_EQ(getsockopt(now.ends[0], SOL_SOCKET, SO_ERROR, &error, &bytes), 0);
		given.error = error;
		given.left = recv(now.ends[0], rest, ASKED, MSG_DONTWAIT);
		if (receives(one))
			memcpy(given.bytes, memory, ASKED);
	}
	close(now.ends[0]);
	if (now.ends[1] >= 0)
		close(now.ends[1]);
	return given;
}

static void compare(const struct one *one, const char *how, const struct given *given,
		    const struct given *expected)
{
	if (given->value != expected->value || given->left != expected->left ||
	    given->error != expected->error || given->theirs != expected->theirs ||
	    memcmp(given->bytes, expected->bytes, ASKED))
		T_FAIL("%s (%u), %s, gave %ld %.10s, left %ld, error %ld, %zu came; the host: %ld %.10s, "
		       "%ld, %ld, %zu", one->name, (unsigned)(one - calls), how, given->value, given->bytes,
		       given->left, given->error, given->theirs, expected->value, expected->bytes,
		       expected->left, expected->error, expected->theirs);
	if (given->raised != expected->raised)
		T_FAIL("%s (%u), %s, raised SIGPIPE %d times, the host %d", one->name,
		       (unsigned)(one - calls), how, given->raised, expected->raised);
}

static struct given expected[CALLS];

static void by_the_host(void)
{
	unsigned i;

	CHECK_EQ(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &sigpipe, 0, sizeof(sigpipe)), 0);
	for (i = 0; i < CALLS; i++)
		expected[i] = give(&calls[i], by_a_thread_of_the_host, 0);
}

static int our_signal(void)
{
	struct syslet_facts facts;

	syslet_read_facts(&facts);
	return (int)facts.interrupt_signal;
}

/*
 * Of a part, whose call nobody has taken over: would it have waited for more? O_NONBLOCK was set
 * before the first signal.
 */
static int cannot_be_told(const struct one *one)
{
	unsigned i;

	for (i = 0; i < EVENTS && one->events[i] != SIGNAL; i++)
		if (one->events[i] == NOT_BLOCKING)
			return 1;
	return 0;
}

/* A send of urgent bytes has no form that could be looked at. */
static int cannot_surface(const struct one *one)
{
	return !receives(one) && one->flags & MSG_OOB;
}

static void where_it_blocks(way *make, const char *how)
{
	unsigned i;

	by_the_host();
	ring = new_ring(8);
	attach_alone(SYSLET_UNWATCHED_BLOCKS);
	for (i = 0; i < CALLS; i++) {
		struct given given;

		if (make == in_place ? cannot_be_told(&calls[i]) : cannot_surface(&calls[i]))
			continue;
		given = give(&calls[i], make, our_signal());
		compare(&calls[i], how, &given, &expected[i]);
	}
	detach();
	free_ring(ring, 8);
}

/* A signal of the other thread's is pending there, and cannot be told here. */
static void on_another_thread(way *make, const char *how)
{
	unsigned i;

	by_the_host();
	ring = new_ring(8);
	attach(0);
	for (i = 0; i < CALLS; i++) {
		struct given given = give(&calls[i], make, our_signal());

		given.raised = expected[i].raised;
		compare(&calls[i], how, &given, &expected[i]);
	}
	detach();
	free_ring(ring, 8);
}

static void a_signal_changes_nothing(void)
{
	where_it_blocks(in_place, "in place");
}

static void surfacing_changes_nothing(void)
{
	where_it_blocks(surfaced, "surfaced");
}

static void nor_when_it_was_handed_over(void)
{
	on_another_thread(handed_over, "handed over");
}

static void nor_when_it_was_dispatched(void)
{
	on_another_thread(dispatched, "dispatched");
}

int main(void)
{
	t_needs_moving_contexts();
	RUN_IN_CHILD(a_signal_changes_nothing, 100);
	RUN_IN_CHILD(surfacing_changes_nothing, 100);
	RUN_IN_CHILD(nor_when_it_was_handed_over, 100);
	RUN_IN_CHILD(nor_when_it_was_dispatched, 100);
	return 0;
}
