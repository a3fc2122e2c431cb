/* SPDX-License-Identifier: MIT */
/*
 * No task runs user code with other credentials than its context has.
 *
 * Two ways lead to new credentials. glibc's set*id changes every thread that it
 * knows by signal 33; tasks are not among them, and a birth thread that does not
 * carry must not be changed in its context's place. And a context may change its
 * own by a call made through us (prctl, capset, a raw setuid). Each way raises a
 * generation; a task compares both before it runs user code and adopts what was
 * recorded. Capabilities that foreign code changed show in capget of the carrier, or in
 * /proc where a filter refuses that.
 */
#include "arch/sys.h"
#include "host/host.h"

#define CAPABILITY_VERSION_3 0x20080522
#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANON 0x22

struct cap_header {
	u32 version;
	s32 pid;
};

/* Recorded by the handler of signal 33, under lock; adopted by tasks, signals masked. */
static struct {
	struct mutex lock;
	u32 generation;	 /* of what is recorded; a change of ids raises it */
	u32 tickets;	 /* handlers that have begun */
	u32 recorded;	 /* the newest ticket whose ids are recorded */
	u32 in_handlers; /* handlers that have begun and not ended */
	u32 in_frames;	 /* tasks that run a frame's function */
	u32 own_changes; /* that contexts made of themselves since the latest record */
	struct credentials credentials;
} process;

__attribute__((noinline)) void credentials_read_ids(struct credentials *into)
{
	SYS3(getresuid, &into->uid[0], &into->uid[1], &into->uid[2]);
	SYS3(getresgid, &into->gid[0], &into->gid[1], &into->gid[2]);
	into->groups = SYS2(getgroups, MAX_GROUPS, into->group);
}

/* Of OS thread tid; 0: the calling one. */
static int read_caps(u32 tid, u32 caps[6])
{
	struct cap_header header = {CAPABILITY_VERSION_3, (s32)tid};

	return likely(!SYS2(capget, &header, caps)) ||
	       status_caps(tid ? tid : (u32)SYS0(gettid), caps);
}

/* Called at attach: 0 if nothing tells a thread's capabilities, so that no task could carry. */
int credentials_are_told(void)
{
	u32 caps[6];

	return read_caps(0, caps);
}

static int same_caps(const u32 *a, const u32 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] &&
	       a[5] == b[5];
}

/*
 * First thing in the handler of signal 33. glibc releases the thread that called
 * setuid before our record is made; a task that adopts waits for handlers in
 * flight, so it cannot miss it. Handlers of a later setuid have a later ticket:
 * it begins only when all handlers of the one before have taken theirs.
 */
u32 credentials_enter_handler(void)
{
	atomic_add_return(&process.in_handlers, 1);
	return atomic_add_return(&process.tickets, 1);
}

void credentials_leave_handler(void)
{
	if (!atomic_add_return(&process.in_handlers, -1u))
		host_wake(&process.in_handlers, ~0u >> 1);
}

static void wait_for_handlers(void)
{
	u32 number;

	while ((number = smp_load_acquire(&process.in_handlers)) != 0)
		host_park(&process.in_handlers, number, 1000000);
}

static int differs(const u32 *a, const u32 *b)
{
	return a[0] != b[0] || a[1] != b[1] || a[2] != b[2];
}

static int same_groups(const struct credentials *a, const struct credentials *b)
{
	long i;

	if (a->groups != b->groups)
		return 0;
	for (i = 0; i < a->groups; i++)
		if (a->group[i] != b->group[i])
			return 0;
	return 1;
}

static int same_ids(const struct credentials *a, const struct credentials *b)
{
	return !differs(a->uid, b->uid) && !differs(a->gid, b->gid) && same_groups(a, b);
}

/* Of a task whose ids nothing has recorded: to be compared with what it really has. */
#define UNKNOWN (~0u - 1)

/*
 * In the handler, after glibc's own: this thread has the process's new ids, unless
 * it is so late that a later setuid's handler was here before; then its own signal
 * of that is still to come. task is 0 on a thread that is none of ours.
 */
__attribute__((noinline)) void credentials_record_process(struct task *task, u32 ticket)
{
	struct credentials mine;
	u64 before;
	int late;

	before = lock_masked(&process.lock);
	credentials_read_ids(&mine);
	late = (s32)(ticket - process.recorded) < 0;
	if (!late) {
		process.recorded = ticket;
		/* the same ids as before are new ones to a context that had changed its own */
		if (xchg(&process.own_changes, 0) || !process.generation ||
		    !same_ids(&mine, &process.credentials)) {
			process.credentials = mine;
			smp_store_release(&process.generation, process.generation + 1);
		}
	}
	if (task) {
		task->cred_generation = late ? UNKNOWN : process.generation;
		read_caps(0, host_of(task)->caps);
	}
	unlock_masked(&process.lock, before);
}

/*
 * By a thread that is none of ours, before it changes the process's ids. Where foreign code
 * has set other ids for it alone, they will not be the process's.
 */
__attribute__((noinline)) void credentials_before(struct ids_before *before)
{
	struct credentials mine;
	u64 mask;

	wait_for_handlers(); /* who records from here on has the ids of this change, or newer ones */
	credentials_read_ids(&mine);
	mask = lock_masked(&process.lock);
	before->recorded = process.recorded;
	before->are_own = process.generation ? !same_ids(&mine, &process.credentials)
					     : !status_has_ids((u32)host_pid(), &mine);
	unlock_masked(&process.lock, mask);
}

/* Somebody who has the process's ids for sure has recorded them. */
static int need_not_record(const struct ids_before *before)
{
	if (!before->are_own)
		return 0;
	wait_for_handlers();
	return READ_ONCE(process.recorded) != before->recorded;
}

/*
 * By a thread in user mode that has changed the process's ids: as a handler on it would.
 * carrier is 0 on a thread that is none of ours. Afterwards no handler is in flight, nor a
 * frame's function that began before. Masked while it counts as one: a handler on this
 * thread might wait until there is none (keep_own).
 */
void credentials_told(struct task *carrier, const struct ids_before *before)
{
	u64 mask;
	u32 ticket;

	if (!need_not_record(before)) {
		mask = mask_signals();
		ticket = credentials_enter_handler();
		credentials_record_process(carrier, ticket);
		credentials_leave_handler();
		unmask_signals(mask);
	}
	wait_for_handlers();
	credentials_wait_for_frames();
}

/* Of the ids that were recorded last; 0: none were. */
u32 credentials_generation(void)
{
	return smp_load_acquire(&process.generation);
}

/*
 * The new task is cloned from `from` and so has what that has; a birth thread, from
 * itself, has what it has.
 */
void credentials_init_task(struct task *task, struct task *from)
{
	wait_for_handlers();
	if (task != from)
		task->cred_generation = from->cred_generation;
	else
		task->cred_generation = smp_load_acquire(&process.generation) ? UNKNOWN : 0;
	host_of(task)->context_generation = host_of(from)->context_generation;
	if (!read_caps(from->tid, host_of(task)->caps))
		host_of(task)->caps[0] = 0;
}

/* Groups and gids first: they need privileges that the uids may take away. */
static __attribute__((noinline)) int adopt_ids(const struct credentials *wanted)
{
	struct credentials mine;

	credentials_read_ids(&mine);
	if (wanted->groups < 0)
		return 0;
	if (!same_groups(&mine, wanted) && SYS2(setgroups, wanted->groups, wanted->group))
		return 0;
	if (differs(mine.gid, wanted->gid) &&
	    SYS3(setresgid, wanted->gid[0], wanted->gid[1], wanted->gid[2]))
		return 0;
	return !differs(mine.uid, wanted->uid) ||
	       !SYS3(setresuid, wanted->uid[0], wanted->uid[1], wanted->uid[2]);
}

static int adopt_process(struct task *task)
{
	u64 before;
	int ok;

	before = lock_masked(&process.lock);
	ok = adopt_ids(&process.credentials);
	task->cred_generation = process.generation;
	unlock_masked(&process.lock, before);
	return ok;
}

static int set_caps(const u32 *caps)
{
	struct cap_header header = {CAPABILITY_VERSION_3, 0};

	return !SYS2(capset, &header, caps);
}

#define CAPABILITIES 64

/* A filter may refuse the question: then it is what the caller takes it for. */
static u64 read_bounding_set(u64 unknown)
{
	u64 set = 0;
	long ret = 0;
	int i;

	for (i = 0; i < CAPABILITIES && (ret = SYS2(prctl, PR_CAPBSET_READ, i)) >= 0; i++)
		set |= (u64)ret << i;
	return ret < 0 && ret != -E_INVAL ? unknown : set; /* EINVAL: there are no more */
}

/* It can only shrink, and needs CAP_SETPCAP for that: before the ids change. */
static int adopt_bounding_set(u64 wanted)
{
	u64 surplus = read_bounding_set(0) & ~wanted;
	int i;

	for (i = 0; i < CAPABILITIES; i++)
		if ((surplus >> i & 1) && SYS2(prctl, PR_CAPBSET_DROP, i))
			return 0;
	return 1;
}

/* What this context changed by calls through us, on whatever thread carried it then. */
static int adopt_context(struct task *task)
{
	struct host_context *host = host_of_context(task->ctx);
	const struct credentials *wanted = host->credentials;

	if (!adopt_bounding_set(wanted->bounding))
		return 0;
	/* a setuid of the process since then has changed the ids of this context too */
	if (wanted->generation == smp_load_acquire(&process.generation) && !adopt_ids(wanted))
		return 0;
	/* where a filter refuses to tell them the task keeps its own */
	if (wanted->securebits >= 0 && SYS1(prctl, PR_GET_SECUREBITS) != wanted->securebits &&
	    SYS2(prctl, PR_SET_SECUREBITS, wanted->securebits))
		return 0;
	if (wanted->no_new_privs == 1 && SYS5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	return 1;
}

static int adopt_caps(struct task *task, const u32 *theirs)
{
	u32 *mine = host_of(task)->caps;

	if (same_caps(theirs, mine))
		return 1;
	return set_caps(theirs) && read_caps(0, mine) && same_caps(theirs, mine);
}

enum likeness { LIKE, NOT_YET, UNLIKE, UNSETTLED };

/*
 * Different ids are UNLIKE only if they stay so: in the midst of a setuid this is seen for
 * some microseconds. The caller looks again, and decides. A thread that calls setuid
 * changes itself after all others have answered, and that may be long after the first has
 * recorded the new ids: `from` is UNSETTLED while its own generation is an older one.
 */
static enum likeness compare_ids(struct task *task, struct task *from, u32 generation)
{
	int same = identity_same(task, from);

	if (same)
		return same > 0 ? LIKE : NOT_YET;
	return READ_ONCE(from->cred_generation) == generation ? UNLIKE : UNSETTLED;
}

/*
 * task has the ids that were recorded last; has from too? Its generations tell, or,
 * if it called setuid itself or its signal is on the way, its identity. Only then its
 * capabilities mean something: foreign code may have changed them, and in the midst
 * of a setuid they are not those of the new ids. Foreign code that changed the ids
 * of this one thread shows in the capabilities too, if it was root.
 */
static enum likeness become_like(struct task *task, struct task *from, u32 generation)
{
	int known = READ_ONCE(from->cred_generation) == generation &&
		    host_of(from)->context_generation == host_of(task)->context_generation;
	u32 theirs[6];

	if (!read_caps(from->tid, theirs))
		return NOT_YET;
	if (unlikely(!known || !same_caps(theirs, host_of(task)->caps))) {
		enum likeness ids = compare_ids(task, from, generation);

		if (ids != LIKE)
			return ids;
		/* again: those from before may be of the ids that it had before */
		if (!read_caps(from->tid, theirs))
			return NOT_YET;
		if (!adopt_caps(task, theirs))
			return UNLIKE;
	}
	if (smp_load_acquire(&process.in_handlers) ||
	    smp_load_acquire(&process.generation) != generation)
		return NOT_YET;
	return LIKE;
}

static enum fitness refused(struct task *task)
{
	task->cred_generation = ~0u; /* tries again before it runs user code */
	count(credentials_refused);
	return UNFIT;
}

/* Of the context's own record; odd while the carrier writes it. */
static u32 settled_generation(const struct host_context *host)
{
	u32 generation;

	while ((generation = smp_load_acquire(&host->generation)) & 1)
		SYS0(sched_yield);
	return generation;
}

/* What the context's own record says of ids is newer than the process's. */
static int has_own_ids(const struct host_context *host, u32 generation)
{
	return host->credentials && !(READ_ONCE(host->generation) & 1) &&
	       host->credentials->generation == generation;
}

/* The ids that the process and the context have by record. */
static int adopt_records(struct task *task, u32 generation)
{
	const struct host_context *host = host_of_context(task->ctx);
	int behind = task->cred_generation != generation;
	int ok = 1;
	u64 mask;
	u32 own;

	if (likely(!behind && host_of(task)->context_generation == host->generation))
		return 1;
	count(credentials_adopted);
	if (behind && has_own_ids(host, generation))
		task->cred_generation = generation; /* on the way to these it might lose what they need */
	else if (behind && generation)
		ok = adopt_process(task);
	/*
	 * Again after the process's: the context may have changed its own ids since then.
	 * And again if it is changing them: a dispatched call begins beside its context.
	 * The acquires pair with the releases in credentials_changed.
	 */
	do {
		own = settled_generation(host);
		if (ok && host->credentials) {
			mask = mask_signals(); /* ids that it is told of come before these or after, not between */
			ok = adopt_context(task);
			unmask_signals(mask);
		}
		host_of(task)->context_generation = own;
		smp_mb();
	} while (READ_ONCE(host->generation) != own);
	read_caps(0, host_of(task)->caps);
	return ok;
}

/*
 * What it is permitted becomes effective: capabilities of `from` that were read in the
 * midst of a setuid may have taken away what the ids' change needs. become_like gives it
 * those of `from` again, before it can carry.
 */
static void regain_caps(struct task *task)
{
	u32 *mine = host_of(task)->caps;

	if (!read_caps(0, mine))
		return;
	mine[0] = mine[1];
	mine[3] = mine[4];
	set_caps(mine);
}

#define TRIES 50
#define TRY_AGAIN_NS 100000

/* A setuid began, or goes on, since the generation was that. */
static int is_changing(u32 generation)
{
	return smp_load_acquire(&process.in_handlers) ||
	       smp_load_acquire(&process.generation) != generation;
}

/*
 * Has task, or has it now got, the credentials of the context that `from` carries? A
 * setuid that is going on is over within microseconds; `from` may be blocked where
 * no signal reaches it, so this does not wait for ever: FIT_LATER. FIT_ONCE_SETTLED and
 * UNFIT only if nothing changed all the while. UNFIT: it cannot become like `from`.
 */
enum fitness credentials_adopt(struct task *task, struct task *from)
{
	u32 at_first = smp_load_acquire(&process.generation);
	enum likeness likeness = LIKE;
	int tries, ok = 1;

	for (tries = 0; tries < TRIES; tries++) {
		u32 generation;

		if (unlikely(smp_load_acquire(&process.in_handlers)))
			wait_for_handlers();
		generation = smp_load_acquire(&process.generation);
		ok = adopt_records(task, generation);
		if (likely(ok)) {
			if (task == from)
				return FIT;
			likeness = become_like(task, from, generation);
			if (likely(likeness == LIKE))
				return FIT;
		} else {
			task->cred_generation = ~0u; /* half adopted is not adopted */
			if (task == from)
				break;
			regain_caps(task);
		}
		sleep_ns(TRY_AGAIN_NS);
	}
	if (task != from && (is_changing(at_first) || (ok && likeness == NOT_YET)))
		return FIT_LATER;
	if (task != from && ok && likeness == UNSETTLED)
		return FIT_ONCE_SETTLED;
	return refused(task);
}

#define FRAME_TRIES 100

/*
 * A frame's function runs beside its context, on a thread that glibc waits for in no
 * setuid. So it counts itself and looks for handlers, which count themselves and wait
 * for frames: either it is waited for, or it sees the handler.
 */
int credentials_enter_frame(struct task *task)
{
	int tries;

	for (tries = 0; tries < FRAME_TRIES; tries++) {
		enum fitness fitness = credentials_adopt(task, smp_load_acquire(&task->ctx->carrier));

		if (fitness == UNFIT)
			return 0;
		if (fitness != FIT)
			continue;
		atomic_add_return(&process.in_frames, 1);
		host_of(task)->in_frame = 1;
		if (!smp_load_acquire(&process.in_handlers) &&
		    task->cred_generation == smp_load_acquire(&process.generation))
			return 1;
		credentials_leave_frame(task);
	}
	return 0;
}

void credentials_leave_frame(struct task *task)
{
	if (likely(!host_of(task)->in_frame))
		return;
	host_of(task)->in_frame = 0;
	if (!atomic_add_return(&process.in_frames, -1u))
		host_wake(&process.in_frames, ~0u >> 1);
}

#define FRAME_WAITS 20 /* ms: a frame's function that blocks must not stop a setuid */

/* In the handler, before glibc's own, which lets the caller of setuid go on. */
void credentials_wait_for_frames(void)
{
	u32 number;
	int i;

	for (i = 0; i < FRAME_WAITS && (number = smp_load_acquire(&process.in_frames)) != 0; i++)
		host_park(&process.in_frames, number, 1000000);
}

/*
 * A change reached the old carrier, was acknowledged there, and this task has not
 * adopted it yet; the next change is sent to this task already. Made without the
 * first it could fail, and glibc would abort; or what it leads to be recorded. So
 * the handler puts it off until this task has adopted the first.
 */
void credentials_carrying_begins(struct task *task)
{
	WRITE_ONCE(host_of(task)->becoming, BECOMING_CARRIER);
	barrier(); /* against our own signal handler */
}

#define SETTLE_TRIES 1000 /* what the kernel lacked for a moment comes back */
#define SETTLE_AGAIN_NS 1000000

int credentials_carrying_begun(struct task *task)
{
	int ok = 0, tries;

	for (tries = 0; tries < SETTLE_TRIES && !ok; tries++) {
		if (unlikely(tries))
			sleep_ns(SETTLE_AGAIN_NS);
		ok = credentials_adopt(task, task) == FIT;
	}
	if (unlikely(xchg(&host_of(task)->becoming, 0) & BECOMING_SIGNALLED))
		signals_setxid_again(task);
	take_owed_ids(task);
	return ok;
}

/*
 * Called on the carrier after a call of its own that changes credentials: that
 * thread shows what the context has now. Its own generations are the new ones.
 */
void credentials_changed(struct task *cur, u64 nr)
{
	struct host_context *host = host_of_context(cur->ctx);
	struct credentials *record = host->record;

	(void)nr;
	wait_for_handlers(); /* a setuid that is over: its record is not newer than this one */
	WRITE_ONCE(host->generation, host->generation + 1);
	smp_mb(); /* odd before the record changes; pairs with that in adopt_records */
	host->credentials = record;
	credentials_read_ids(record);
	record->generation = smp_load_acquire(&process.generation);
	record->bounding = read_bounding_set(~0ull);
	record->securebits = SYS1(prctl, PR_GET_SECUREBITS);
	record->no_new_privs = SYS5(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	read_caps(0, record->caps);
	read_caps(0, host_of(cur)->caps);
	smp_store_release(&host->generation, host->generation + 1);
	atomic_inc(&process.own_changes);
	host_of(cur)->context_generation = host->generation;
}

/* The carrier keeps ids that the process does not have: they are its context's own. */
static void keep_own(struct task *carrier)
{
	if (READ_ONCE(host_of_context(carrier->ctx)->generation) & 1)
		return; /* we are in a handler, and what it has interrupted is recording them */
	credentials_changed(carrier, 0);
	carrier->cred_generation = host_of_context(carrier->ctx)->credentials->generation;
}

/*
 * On the task: it takes on the ids that were recorded last. A carrier that may not have
 * them keeps its own, like its tasks. Another task has the capabilities of a carrier before,
 * which may have been those of a moment: it takes back what it is permitted, and has those
 * of its context again before it carries. If that does not help, it is no carrier before it
 * has tried once more.
 */
void credentials_take_on(struct task *task)
{
	int carries = smp_load_acquire(&task->ctx->carrier) == task;
	int ok = adopt_process(task);

	if (unlikely(!ok && !carries)) {
		regain_caps(task);
		ok = adopt_process(task);
	}
	read_caps(0, host_of(task)->caps);
	if (likely(ok))
		return;
	count(credentials_refused);
	WRITE_ONCE(host_of(task)->refused_ids, smp_load_acquire(&process.generation));
	task->cred_generation = UNKNOWN;
	if (carries && smp_load_acquire(&task->ctx->carrier) == task)
		keep_own(task);
}

/* On a thread that attaches, when ids were recorded: it has these, or keeps its own. */
void credentials_keep_or_match(struct task *birth)
{
	struct credentials mine;
	u64 before;
	int same;

	before = lock_masked(&process.lock);
	credentials_read_ids(&mine);
	same = same_ids(&mine, &process.credentials);
	if (same)
		birth->cred_generation = process.generation;
	unlock_masked(&process.lock, before);
	if (!same)
		keep_own(birth);
}

/*
 * Called at attach: a change of credentials that could not be recorded would be one that
 * other tasks do not have. Untouched, the memory costs its address space alone.
 */
long credentials_alloc(struct context *ctx)
{
	long map = SYS6(mmap, 0, sizeof(struct credentials), PROT_READ_WRITE, MAP_PRIVATE_ANON, -1, 0);

	if (sys_failed(map))
		return map;
	host_of_context(ctx)->record = (struct credentials *)map;
	return 0;
}

void credentials_free(struct context *ctx)
{
	struct host_context *host = host_of_context(ctx);

	SYS2(munmap, host->record, sizeof(*host->record));
	host->record = host->credentials = 0;
}
