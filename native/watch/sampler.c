/* SPDX-License-Identifier: MIT */
/*
 * The watcher for machines without perf: reads /proc/self/task/TID/syscall, which
 * gives number, arguments, stack and instruction pointer while the task is off
 * the processor and not runnable. The instruction pointer must be that of our
 * system call instruction and the stack pointer must lie on the carrier's kernel
 * stack; that has rejected false blocks.
 *
 * A process that has changed its ids is not dumpable: it cannot open that file of a
 * new task any more. Then `stat`, which all may read, tells at least that the task
 * sleeps. Wherever it does so in a call, a hand-off is allowed.
 */
#include "arch/sys.h"
#include "watch/watch.h"

#define TEXT_BYTES 256
#define HOT_TICKS_US 60
#define STEP_NS 50000ull
#define LAZY_STEP_NS 150000ull
#define LAZY_AFTER_NS 3000000ull
#define QUIET_NS 20000000ull

long sampler_open(struct task *task)
{
	long fd = task_file(task->tid, "/syscall");

	if (fd < 0)
		fd = task_file(task->tid, "/stat");
	if (fd < 0)
		return fd;
	watch_of(task)->sampler_fd = (s32)fd;
	count(sampler_files);
	return 0;
}

void sampler_close(struct task *task)
{
	struct watch_task *watch = watch_of(task);

	if (watch->sampler_fd < 0)
		return;
	SYS1(close, watch->sampler_fd);
	watch->sampler_fd = -1;
	uncount(sampler_files);
}

/* The number, in hexadecimal, that ends at text[end]; *start is where it begins. */
static u64 hex_before(const char *text, long end, long *start)
{
	u64 value = 0;
	int shift = 0;

	while (end > 0 && text[end - 1] != ' ' && text[end - 1] != 'x') {
		char c = text[--end];

		value |= (u64)(c <= '9' ? c - '0' : c - 'a' + 10) << (shift & 63);
		shift += 4;
	}
	*start = end;
	return value;
}

#define NAME_BYTES 64 /* more than "tid (name) S", whatever the name holds */

/* 'S' of "tid (name) S ..."; 0 if the text is not of `stat`. */
static char state_in_stat(const char *text, long length)
{
	long i = 0, end = 0;

	while (i < length && text[i] >= '0' && text[i] <= '9')
		i++;
	if (i + 1 >= length || text[i] != ' ' || text[i + 1] != '(')
		return 0;
	for (; i + 2 < length && i < NAME_BYTES; i++)
		if (text[i] == ')')
			end = i + 2;
	return end ? text[end] : 'R';
}

/* "nr a0 a1 a2 a3 a4 a5 sp pc\n"; "running\n" while the task is runnable. */
static int blocked_in_our_call(const struct task *carrier, const char *text, long length)
{
	u64 sp, pc, base = (u64)carrier - TASK_OFFSET;
	char state = state_in_stat(text, length);
	long at;

	if (state)
		return state == 'S' || state == 'D';
	if (length < 2 || text[0] == 'r')
		return 0;
	pc = hex_before(text, length - 1, &at);
	if (at < 3)
		return 0;
	sp = hex_before(text, at - 3, &at); /* " 0x" lies between the two */
	if (pc != (u64)call_indirect_ip && pc != (u64)host_syscall_ip)
		return 0;
	return sp > base && sp < base + STACK_SIZE;
}

/* 0 if its file shows that the carrier does not sleep in a call of ours. */
int sampler_confirms(struct task *carrier)
{
	s32 fd = watch_of(carrier)->sampler_fd;
	char text[TEXT_BYTES];
	long length;

	if (fd < 0)
		return 1;
	length = SYS4(pread64, fd, text, sizeof(text), 0);
	return length <= 0 || blocked_in_our_call(carrier, text, length);
}

/* 1 and the word if the carrier is blocked in a call. The word is read first. */
static int sample(struct task *self, struct task *carrier, u64 *word)
{
	char text[TEXT_BYTES];
	long length;

	*word = smp_load_acquire(&carrier->word);
	if (word_state(*word) != WORD_IN_CALL || *word == watch_of(self)->tried_word)
		return 0;
	length = SYS4(pread64, watch_of(carrier)->sampler_fd, text, sizeof(text), 0);
	if (!blocked_in_our_call(carrier, text, length))
		return 0;
	watch_of(self)->tried_word = *word;
	return 1;
}

/*
 * A carrier in user mode may be waiting for this very processor, which the wake that
 * ended its last call gave to this task: nothing shows it, so the processor is given
 * to whoever wants it.
 */
static void give_way(u64 word)
{
	if (word_state(word) == WORD_IN_CALL)
		cpu_relax();
	else
		SYS0(sched_yield);
}

/* Returns the carrier's word when it is blocked in a call; 0: told otherwise. */
u64 sampler_watch(struct task *self, int spin_only)
{
	struct context *ctx = self->ctx;
	struct task *carrier = ctx->carrier;
	u64 word, late, until = arch_ticks() + HOT_TICKS_US * arch_ticks_per_us;

	while (!watch_told_otherwise(self)) {
		int hot = spin_only || arch_ticks() < until;

		/* after the look at the clock: who shares a processor with the carrier runs when
		 * that blocks, and must not go to sleep without a look */
		if (sample(self, carrier, &word))
			return word;
		late = watch_overdue(self, carrier);
		if (unlikely(late))
			return late;
		if (hot) {
			give_way(word);
			continue;
		}
		watch_reclaim(self);
		if (word_state(word) == WORD_USER && watch_is_quiet(ctx, word, QUIET_NS)) {
			watch_mark(self, word);
			watch_sleep_marked(self);
			until = arch_ticks() + HOT_TICKS_US * arch_ticks_per_us;
			continue;
		}
		sleep_ns(watch_is_quiet(ctx, word, LAZY_AFTER_NS) ? LAZY_STEP_NS : STEP_NS);
	}
	return 0;
}
