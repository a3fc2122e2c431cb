/* SPDX-License-Identifier: MIT */
/*
 * A schedule as text, to be carried by a failure and typed again:
 *
 *   a12:5f.b3:07.!a2:44.~a14.=1.a4:c1
 *
 * Operations of an actor in a row (a, b, …; the two digits say which they were, so that a
 * source that has changed is noticed), the same beginning with a store that waits (!) or that
 * is seen before those that wait (^), a store that is seen (~, its number among the actor's
 * operations), and what the explorer chose (=).
 */
#include <stdio.h>
#include <string.h>

#include "sim/schedule.h"

/* The check of operations, and of `ops` more after them. */
static u32 schedule_check(u32 before, u32 check, u32 ops)
{
	while (ops--)
		before *= 31;
	return before + check;
}

/* Operations of one actor in a row are one item. */
static u32 run_length(const struct transition *taken, u32 steps, u32 *ops, u32 *check)
{
	u32 n = 0;

	for (*ops = *check = 0; n < steps; n++) {
		if (taken[n].kind != TRANSITION_RUN || taken[n].actor != taken[0].actor)
			break;
		*ops += taken[n].ops;
		*check = schedule_check(*check, taken[n].check, taken[n].ops);
	}
	return n ? n : 1;
}

static int write_item(char *into, size_t size, const struct transition *what, u32 ops, u32 check)
{
	switch (what->kind) {
	case TRANSITION_CHOOSE:
		return snprintf(into, size, "=%u", what->choice);
	case TRANSITION_DELAY:
		return snprintf(into, size, "!%c%u:%02x", 'a' + what->actor, what->ops, what->check & 0xff);
	case TRANSITION_PASS:
		return snprintf(into, size, "^%c%u:%02x", 'a' + what->actor, what->ops, what->check & 0xff);
	case TRANSITION_FLUSH:
		return snprintf(into, size, "~%c%u", 'a' + what->actor, what->ops);
	default:
		return snprintf(into, size, "%c%u:%02x", 'a' + what->actor, ops, check & 0xff);
	}
}

void schedule_write(char *into, size_t size, const struct transition *taken, u32 steps)
{
	size_t used = 0;
	u32 i, times, ops, check;

	into[0] = 0;
	for (i = 0; i < steps; i += times) {
		times = run_length(taken + i, steps - i, &ops, &check);
		if (used + 24 > size) {
			snprintf(into, size, "too long to be written");
			return;
		}
		if (i)
			into[used++] = '.';
		used += (size_t)write_item(into + used, size - used, &taken[i], ops, check);
	}
}

static struct {
	const char *at;
	struct transition now;
	u32 left;
	int was_run;
	u32 check, made; /* of the run that is under way, as recorded and as made */
} reader;

static u32 read_number(const char **at)
{
	u32 number = 0;

	while (**at >= '0' && **at <= '9')
		number = number * 10 + (u32)(*(*at)++ - '0');
	return number;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_check(const char **at)
{
	if ((*at)[0] != ':' || hex((*at)[1]) < 0 || hex((*at)[2]) < 0)
		return 0;
	reader.check = (u32)(hex((*at)[1]) << 4 | hex((*at)[2]));
	reader.made = 0;
	*at += 3;
	return 1;
}

/* Of what begins with a mark; else a run. */
static u8 kind_of(char mark)
{
	switch (mark) {
	case '~':
		return TRANSITION_FLUSH;
	case '=':
		return TRANSITION_CHOOSE;
	case '!':
		return TRANSITION_DELAY;
	case '^':
		return TRANSITION_PASS;
	default:
		return TRANSITION_RUN;
	}
}

static int read_item(void)
{
	const char *at = reader.at;

	if (*at == '.')
		at++;
	reader.now = (struct transition){.kind = kind_of(*at)};
	if (reader.now.kind != TRANSITION_RUN)
		at++;
	if (reader.now.kind == TRANSITION_CHOOSE) {
		reader.now.actor = (u8)(engine.last < 0 ? 0 : engine.last);
	} else {
		if (*at < 'a' || *at >= 'a' + MAX_ACTORS)
			return 0;
		reader.now.actor = (u8)(*at++ - 'a');
	}
	if (*at < '0' || *at > '9')
		return 0;
	reader.left = read_number(&at);
	reader.now.ops = reader.left;
	reader.now.choice = (u16)reader.left;
	if (reader.now.kind == TRANSITION_FLUSH || reader.now.kind == TRANSITION_CHOOSE)
		reader.left = 1;
	else if (!read_check(&at))
		return 0;
	reader.at = at;
	return reader.left != 0;
}

static const struct transition *find(const struct transitions *can, u8 kind, u8 actor, u16 choice)
{
	u32 i;

	for (i = 0; i < can->used; i++)
		if (can->list[i].kind == kind && can->list[i].actor == actor &&
		    can->list[i].choice == choice)
			return &can->list[i];
	return 0;
}

/* The actor's own stores that no other sees were not buffered when this was recorded. */
static const struct transition *flush_first(const struct transitions *can, u8 actor)
{
	return buffers[actor].used ? find(can, TRANSITION_FLUSH, actor, 0) : 0;
}

/* One transition towards the recorded one; 0 if that cannot be made. */
static const struct transition *towards(const struct transitions *can)
{
	const struct transition *found;
	u8 actor = reader.now.actor;

	if (reader.now.kind == TRANSITION_FLUSH) {
		if (buffers[actor].used && buffers[actor].entry[0].made_at >= reader.now.ops)
			reader.left = 0;
		return flush_first(can, actor);
	}
	found = find(can, reader.now.kind, actor, reader.now.kind == TRANSITION_CHOOSE ? reader.now.choice : 0);
	if (!found)
		return flush_first(can, actor);
	reader.left--;
	reader.was_run = reader.now.kind != TRANSITION_CHOOSE;
	if (reader.now.kind == TRANSITION_DELAY || reader.now.kind == TRANSITION_PASS)
		reader.now.kind = TRANSITION_RUN; /* only the first of them was told to wait, or to pass */
	return found;
}

/* What the step before has done; at the end of a run it is compared with the record. */
static void note_made(struct search *search)
{
	if (!reader.was_run)
		return;
	reader.was_run = 0;
	reader.made = schedule_check(reader.made, ops_check, 1);
	if (!reader.left && (reader.made & 0xff) != reader.check && !search->replay_error)
		search->replay_error = "these operations are not the recorded ones: the sources have changed";
}

/* The recorded step; where it cannot be made or the record ends, the first that can. */
struct transition schedule_next(struct search *search, u32 depth)
{
	static struct transitions can;
	const struct transition *next = 0;

	if (!depth) {
		reader.at = search->options->replay;
		reader.left = 0;
		reader.was_run = 0;
	}
	list_transitions(&can, &no_bounds);
	note_made(search);
	if (!search->replay_error && !reader.left && *reader.at && !read_item())
		search->replay_error = "the schedule cannot be read";
	if (!search->replay_error && reader.left) {
		next = towards(&can);
		if (!next)
			search->replay_error = "a recorded step cannot be made here: the sources have changed";
	}
	return next ? *next : can.list[0];
}
