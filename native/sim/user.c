/* SPDX-License-Identifier: MIT */
/*
 * User space: a task that carries a context runs its program, call by call, as the entry
 * stub and JavaScript do on the real machine.
 */
#include "sim/host.h"

#define USER_IP(user) (0x400000ull + (user)->calls)
#define USER_FP 0x5a5aull

static struct sim_user *user_of(struct task *task)
{
	return container_of(task->ctx, struct sim_user, ctx);
}

/* What the entry stub saves: where the context goes on if it is handed over. */
static void save_context(struct task *task, struct sim_user *user)
{
	user->calls++;
	task->regs.ip = USER_IP(user);
	task->regs.sp = (u64)&user->stack[8];
	task->regs.user = (u64)user;
	task->regs.fp_control = USER_FP;
}

/* The context must be found on this task as it was left, and on no other. */
static void check_context(struct task *task, struct sim_user *user)
{
	SIM_CHECK(READ_ONCE(user->ctx.carrier) == task);
	SIM_CHECK(task->regs.ip == USER_IP(user) && "the context goes on where it called");
	SIM_CHECK(task->regs.user == (u64)user && "it is this context");
	SIM_CHECK(task->regs.fp_control == USER_FP && "row 15: floating-point control moves");
}

static void enter_user(struct sim_user *user)
{
	SIM_CHECK(!xchg(&user->carried, 1u) && "one task runs a context");
}

static void leave_user(struct sim_user *user)
{
	WRITE_ONCE(user->carried, 0u);
}

static struct syslet_result make_call(struct task *task, struct sim_user *user, int dispatched)
{
	u64 regs[7] = {user->nr, user->argument};
	struct indirect_params_both params = {
		.syslet = {.completion_ring_ptr = (u64)user->ring,
			   .caller_data = user->caller_data,
			   .frame = {user->frame_ip ? user->frame_ip : SIM_PARK,
				     (u64)&user->stack[4]}}};

	if (dispatched)
		return sys_dispatch(regs, &params, sizeof(union indirect_params), 0, task);
	return sys_indirect(regs, &params, sizeof(union indirect_params), 0, task);
}

/* By itself, so that its longer parameters are on no other call's stack. */
static __attribute__((noinline)) struct syslet_result make_placed_call(struct task *task,
								       struct sim_user *user)
{
	u64 regs[7] = {user->nr, user->argument};
	struct indirect_params_placed params = {.syslet = {.caller_data = user->caller_data,
							   .frame = {SIM_PARK, (u64)&user->stack[4]}},
						.place = user->place};

	return sys_indirect(regs, &params, sizeof(params), 0, task);
}

/* Detach, as user/attached.c does it; the context is at home afterwards. */
static struct syslet_result detach(struct task *task, struct sim_user *user)
{
	struct context *ctx = &user->ctx;
	struct syslet_result result = {0, HOW_RETURNED};

	WRITE_ONCE(ctx->closing, 1);
	wait_away(ctx);
	SIM_CHECK(READ_ONCE(user->ring->header.kernel_head) == user->pending &&
		  "no call is in flight: each has completed");
	if (task != ctx->birth)
		result = sys_go_home(task);
	return result;
}

static void end_detach(struct sim_user *user)
{
	kill_syslet_tasks(&user->ctx);
	ring_state_drop(&user->ctx);
}

static struct syslet_result act(enum sim_action action, struct task *task, struct sim_user *user)
{
	switch (action) {
	case USER_CALL:
		return user->place.status_ptr ? make_placed_call(task, user) : make_call(task, user, 0);
	case USER_DISPATCH:
		return make_call(task, user, 1);
	case USER_RING_WAIT:
		return (struct syslet_result){
			sys_syslet_ring_wait((u64)user->ring, user->wait_for, 0, task), HOW_RETURNED};
	case USER_PLACE_WAIT: /* no call of ours: user code sleeps by itself */
		return (struct syslet_result){place_wait(user->ctx.ops, &user->place, 0),
					      HOW_RETURNED};
	default:
		return detach(task, user);
	}
}

/* The task is at the frame that the call gave: park, exit, or a function of the program's. */
static struct syslet_result at_frame(struct task *task)
{
	if (task->regs.ip == SIM_EXIT)
		return sys_exit_task(task);
	if (task->regs.ip == SIM_FUNCTION)
		atomic_add_return(&user_of(task)->frames, 1);
	return sys_park(task);
}

/* The task carries the context, whose last call gave `result`. */
void sim_run_user(struct task *task, struct syslet_result result)
{
	for (;;) {
		struct sim_user *user = user_of(task);
		enum sim_action action;

		enter_user(user);
		if (user->calls)
			check_context(task, user);
		user->pending += result.how == HOW_PENDING && !user->place.status_ptr;
		user->value = result.value;
		user->how = result.how;
		if (READ_ONCE(user->ctx.closing)) {
			if (!result.value) /* else it could not come home, and goes on here */
				end_detach(user);
			WRITE_ONCE(user->ctx.closing, 0);
		}
		action = user->program(user);
		if (action == USER_END) {
			WRITE_ONCE(user->ended, 1u);
			return;
		}
		save_context(task, user);
		leave_user(user);
		result = act(action, task, user);
		if (result.how == HOW_FRAME)
			result = at_frame(task);
	}
}
