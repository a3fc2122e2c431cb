/* SPDX-License-Identifier: MIT */
/* What a scenario begins with: contexts, rings, and the names of their memory. */
#include "host/host.h"
#include "sim/host.h"

static const struct host_ops *ops;

#define FIELD(type, name) {#name, offsetof(struct type, name)}

static const struct sim_field task_fields[] = {
	FIELD(task, regs), FIELD(task, ctx), FIELD(task, tid), FIELD(task, alive), FIELD(task, state),
	FIELD(task, depth), FIELD(task, unfit), FIELD(task, parked), FIELD(task, word),
	FIELD(task, own.indirect_params), FIELD(task, own.regs), FIELD(task, own.ring_state),
	FIELD(task, own.elements), FIELD(task, own.interrupt), FIELD(task, own.pin),
	FIELD(task, own.id), FIELD(task, own.slept), FIELD(task, own.item), FIELD(task, call),
	FIELD(task, claim), FIELD(task, handed), FIELD(task, blocked_at), FIELD(task, seen_waiting),
	FIELD(task, began_unwatched),
	FIELD(task, signalled_at), FIELD(task, order), FIELD(task, searching), FIELD(task, pool),
	FIELD(task, all), FIELD(task, host), {0, 0},
};

static const struct sim_field user_fields[] = {
	{"seq", offsetof(struct sim_user, ctx.seq)},
	{"ring_cached", offsetof(struct sim_user, ctx.ring_cached)},
	{"pending", offsetof(struct sim_user, ctx.pending)},
	{"pending_task", offsetof(struct sim_user, ctx.pending_task)},
	{"checked_ring", offsetof(struct sim_user, ctx.checked_ring)},
	{"watcher", offsetof(struct sim_user, ctx.watcher)},
	{"carrier", offsetof(struct sim_user, ctx.carrier)},
	{"birth", offsetof(struct sim_user, ctx.birth)},
	{"unpin", offsetof(struct sim_user, ctx.unpin)},
	{"away", offsetof(struct sim_user, ctx.away)},
	{"closing", offsetof(struct sim_user, ctx.closing)},
	{"lock", offsetof(struct sim_user, ctx.lock)},
	{"idle", offsetof(struct sim_user, ctx.idle)},
	{"dispatched", offsetof(struct sim_user, ctx.dispatched)},
	{"unused", offsetof(struct sim_user, ctx.unused)},
	{"call_pages", offsetof(struct sim_user, ctx.call_pages)},
	{"tasks", offsetof(struct sim_user, ctx.tasks)},
	{"retired", offsetof(struct sim_user, ctx.retired)},
	{"nr_tasks", offsetof(struct sim_user, ctx.nr_tasks)},
	{"nr_idle", offsetof(struct sim_user, ctx.nr_idle)},
	{"nr_dispatched", offsetof(struct sim_user, ctx.nr_dispatched)},
	{"searching", offsetof(struct sim_user, ctx.searching)},
	{"program", offsetof(struct sim_user, program)},
	FIELD(sim_user, carried), FIELD(sim_user, calls), FIELD(sim_user, ended), FIELD(sim_user, nr),
	FIELD(sim_user, value), FIELD(sim_user, spare), FIELD(sim_user, stack), {0, 0},
};

static const struct sim_field ring_fields[] = {
	{"kernel_head", 0}, {"user_tail", 4}, {"elements", 8}, {"wait_group", 12},
	{"comp[0]", 16}, {"comp[1]", 32}, {"comp[2]", 48}, {"comp[3]", 64}, {0, 0},
};

void sim_name_task(struct task *task, u32 number)
{
	sim_name(task, sizeof(*task), task_fields, "task %u", number);
}

void sim_kernel_begins(void)
{
	ops = &sim_host_ops;
	syslet_rings_init();
	refuse_init();
	sim_pool_begins();
}

void sim_watchers_park(void)
{
	ops = &sim_watch_ops;
}

struct sim_ring *sim_ring(const char *name, u32 elements, u32 wait_group)
{
	struct sim_ring *ring = sim_alloc(sizeof(*ring));

	ring->header.elements = elements;
	ring->header.wait_group = wait_group;
	sim_name(ring, sizeof(*ring), ring_fields, "%s", name);
	return ring;
}

static void run_birth(void *argument)
{
	struct task *task = argument;
	struct sim_user *user = container_of(task->ctx, struct sim_user, ctx);

	WRITE_ONCE(task->tid, sim_gettid());
	if (user->spare_task)
		make_spare(task->ctx);
	sim_run_user(task, (struct syslet_result){0, HOW_RETURNED});
}

static struct sim_user *new_user(const char *name, const struct policy *policy,
				 enum overflow_policy overflow)
{
	struct sim_user *user = sim_alloc(sizeof(*user));
	struct task *birth = sim_alloc(sizeof(*birth));

	syslet_init(birth, &user->ctx);
	watch_init_task(birth);
	context_init(&user->ctx, birth, policy, ops, overflow);
	sim_name(user, sizeof(*user), user_fields, "%s", name);
	sim_name(birth, sizeof(*birth), task_fields, "birth of %s", name);
	return user;
}

struct sim_user *sim_context(const char *name, sim_program program, const struct policy *policy,
			     enum overflow_policy overflow, struct sim_ring *ring)
{
	struct sim_user *user = new_user(name, policy, overflow);

	user->program = program;
	user->ring = ring;
	sim_spawn(name, run_birth, user->ctx.birth, 0);
	return user;
}

/* With the real one's code. */
static void guard(void *argument)
{
	for (;;) {
		guardian_wait();
		guardian_look(argument);
	}
}

void sim_guardian(struct sim_user *user)
{
	sim_spawn("guardian", guard, &user->ctx, 0);
}

struct context *sim_plain_context(const char *name, const struct policy *policy,
				  enum overflow_policy overflow)
{
	return &new_user(name, policy, overflow)->ctx;
}

int sim_reap(struct sim_ring *ring, struct syslet_completion *into)
{
	u32 tail = __atomic_load_n(&ring->header.user_tail, __ATOMIC_RELAXED);
	u32 head = __atomic_load_n(&ring->header.kernel_head, __ATOMIC_SEQ_CST);
	struct syslet_completion *slot = &ring->comp[tail & (ring->header.elements - 1)];

	if (head == tail)
		return 0;
	into->status = slot->status;
	into->caller_data = slot->caller_data;
	__atomic_store_n(&ring->header.user_tail, tail + 1, __ATOMIC_SEQ_CST);
	return 1;
}
