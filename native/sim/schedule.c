/* SPDX-License-Identifier: MIT */
/*
 * A schedule as text, to be carried by a failure and typed again:
 *
 *   k2.weak.9e1f03c4.a12:5f.b3:07.!a2:44.+a1:13.~a14.=1.a4:c1
 *
 * The version, the model, and a check of the whole execution with its outcome. Then the steps:
 * operations of an actor in a row (a, b, …; the two digits say which they were, so that a
 * source that has changed is noticed), the same beginning with a store that waits (!), that waits
 * behind others (+) or that is seen before those that wait (^), a store that is seen (~, its
 * number among the actor's operations), and what the explorer chose (=). A fence follows (|) that
 * the model has and the source has not. Version 1 began with its steps, and did not tell
 * which stores waited behind others.
 */
#include <stdio.h>
#include <string.h>

#include "sim/schedule.h"

#define VERSION "k2."
#define CANNOT_BE_READ "the schedule cannot be read"

/* The check of an execution: of its steps, its end and the model. */
u32 schedule_whole(u64 made, u64 outcome)
{
	u64 hash = (made ^ outcome * 0xff51afd7ed558ccdull ^ (u64)sim_model) * 0x9e3779b97f4a7c15ull;

	return (u32)(hash >> 32);
}

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
		if (taken[n].kind != TRANSITION_RUN || taken[n].actor != taken[0].actor ||
		    (n && taken[n - 1].fences))
			break;
		*ops += taken[n].ops;
		*check = schedule_check(*check, taken[n].check, taken[n].ops);
	}
	return n ? n : 1;
}

/* What the actor did after a choice of the explorer's, which is its first operation. */
static int write_choice(char *into, size_t size, const struct transition *what)
{
	u32 ops = what->ops - 1, choice = schedule_check(OP_CHOOSE * 16 + 4, 0, ops);

	if (!ops)
		return snprintf(into, size, "=%u", what->choice);
	return snprintf(into, size, "=%u.%c%u:%02x", what->choice, 'a' + what->actor, ops,
			(what->check - choice) & 0xff);
}

static int write_item(char *into, size_t size, const struct transition *what, u32 ops, u32 check)
{
	switch (what->kind) {
	case TRANSITION_CHOOSE:
		return write_choice(into, size, what);
	case TRANSITION_DELAY:
		return snprintf(into, size, "!%c%u:%02x", 'a' + what->actor, what->ops, what->check & 0xff);
	case TRANSITION_WAIT:
		return snprintf(into, size, "+%c%u:%02x", 'a' + what->actor, what->ops, what->check & 0xff);
	case TRANSITION_PASS:
		return snprintf(into, size, "^%c%u:%02x", 'a' + what->actor, what->ops, what->check & 0xff);
	case TRANSITION_FLUSH:
		return snprintf(into, size, "~%c%u", 'a' + what->actor, what->ops);
	default:
		return snprintf(into, size, "%c%u:%02x", 'a' + what->actor, ops, check & 0xff);
	}
}

void schedule_write(char *into, size_t size, u32 whole, const struct transition *taken, u32 steps)
{
	size_t used = (size_t)snprintf(into, size, VERSION "%s.%08x", sim_model_names[sim_model], whole);
	u32 i, times, ops, check;

	for (i = 0; i < steps; i += times) {
		times = run_length(taken + i, steps - i, &ops, &check);
		if (used + 40 > size) {
			snprintf(into, size, "too long to be written");
			return;
		}
		into[used++] = '.';
		used += (size_t)write_item(into + used, size - used, &taken[i], ops, check);
		if (taken[i + times - 1].fences)
			into[used++] = '|';
		into[used] = 0;
	}
}

static struct {
	const char *at;
	struct transition now;
	u32 left, fences;
	int was_run;
	u32 check, made; /* of the run that is under way, as recorded and as made */
	u32 whole;	 /* the check of the whole execution, as recorded */
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
	case '+':
		return TRANSITION_WAIT;
	case '^':
		return TRANSITION_PASS;
	default:
		return TRANSITION_RUN;
	}
}

/* The text without its beginning, or 0 if it has another. */
static const char *behind(const char *text, const char *beginning)
{
	size_t length = strlen(beginning);

	return text && !strncmp(text, beginning, length) ? text + length : 0;
}

/* What stands before the steps, but for the version. 0 if it does not. */
static int read_head(const char *at)
{
	u32 i;

	at = behind(behind(at, sim_model_names[sim_model]), ".");
	if (!at)
		return 0;
	reader.whole = 0;
	for (i = 0; i < 8; i++, at++) {
		if (hex(*at) < 0)
			return 0;
		reader.whole = reader.whole << 4 | (u32)hex(*at);
	}
	reader.at = at;
	return 1;
}

static int read_item(void)
{
	const char *at = reader.at;

	if (*at++ != '.')
		return 0;
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
	reader.fences = *at == '|';
	at += reader.fences;
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

/* The recorded transition; 0 if it cannot be made. */
static const struct transition *recorded(const struct transitions *can)
{
	u8 kind = reader.now.kind, actor = reader.now.actor;
	const struct transition *found = find(can, kind == TRANSITION_WAIT ? TRANSITION_RUN : kind, actor,
					      kind == TRANSITION_CHOOSE ? reader.now.choice : 0);

	if (!found)
		return 0;
	if (kind == TRANSITION_FLUSH && buffers[actor].entry[0].made_at != reader.now.ops)
		return 0;
	reader.left--;
	recorded_fences = !reader.left && reader.fences;
	recorded_waits = kind == TRANSITION_WAIT || kind == TRANSITION_DELAY;
	reader.was_run = kind != TRANSITION_CHOOSE && kind != TRANSITION_FLUSH;
	if (reader.was_run)
		reader.now.kind = TRANSITION_RUN; /* only the first of them was told to wait, or to pass */
	return found;
}

/*
 * In a replay an actor rests later: what it looks at is not known before. At the end of the record
 * it has looked, and nothing has changed since.
 */
static int rest_alone(const struct transitions *can)
{
	u32 i;

	for (i = 0; i < can->used; i++)
		if (can->list[i].kind != TRANSITION_RUN || engine.actors[can->list[i].actor].op != OP_REST)
			return 0;
	return 1;
}

/* What the step before has done; at the end of a run it is compared with the record. */
static void compare_made(struct search *search)
{
	if (!reader.was_run)
		return;
	reader.was_run = 0;
	reader.made = schedule_check(reader.made, ops_check, 1);
	if (!reader.left && (reader.made & 0xff) != reader.check && !search->replay_error)
		search->replay_error = "these operations are not the recorded ones: the sources have changed";
}

/* The version says which schedules can be read. */
static void begin_replay(struct search *search)
{
	const char *steps = behind(search->options->replay, VERSION);

	memset(&reader, 0, sizeof(reader));
	search->replay_error = 0;
	if (!steps)
		search->replay_error = "the schedule does not begin with " VERSION
				       ": it is none, or of a version that this explorer does not replay. "
				       "Search for it anew";
	else if (!read_head(steps))
		search->replay_error = CANNOT_BE_READ;
}

static const char another[] =
	"this is another execution than the recorded one: the schedule or the sources have changed";

/* At the end of the record: the execution has ended too, but for actors that rest, or was cut. */
static void end_replay(struct search *search, const struct transitions *can)
{
	if (schedule_whole(engine.made, outcome_hash(search, NO_END)) == reader.whole)
		failure = NO_END;
	else if (!rest_alone(can))
		search->replay_error = another;
}

/* The recorded step; 0 at the end of the record, or where a step is not as recorded: it ends there. */
const struct transition *schedule_next(struct search *search, u32 depth)
{
	static struct transitions can;
	const struct transition *next = 0;

	if (!depth)
		begin_replay(search);
	recorded_waits = recorded_fences = -1;
	list_transitions(&can, &no_bounds);
	compare_made(search);
	if (!search->replay_error && !reader.left && *reader.at && !read_item())
		search->replay_error = CANNOT_BE_READ;
	if (!search->replay_error && reader.left) {
		next = recorded(&can);
		if (!next)
			search->replay_error = "a recorded step cannot be made here: the sources have changed";
	}
	if (!next && !search->replay_error)
		end_replay(search, &can);
	if (search->replay_error)
		failure = search->replay_error;
	return next;
}

/* The end of a replay: was it the recorded execution? */
void schedule_ends(struct search *search, u64 outcome)
{
	if (search->replay_error)
		return;
	compare_made(search);
	if (!search->replay_error &&
	    (*reader.at || reader.left || schedule_whole(engine.made, outcome) != reader.whole))
		search->replay_error = another;
}
