/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keeper.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "store/state.h"

struct keeper {
	struct pipeline *pipeline;
	keeper_log log;
	void *user;
	char *folder;
	struct state *state;	/* NULL while it can't be had */
	bool loaded;	  /* what is kept was read: only then it may be replaced */
	int64_t origin;	  /* of the database that was read */
	bool all;	  /* the database knows nothing of what was saved before */
	bool failing;	  /* and that was told */
	bool given_up;	  /* a newer version's: hands off */
	int64_t soon_due; /* not before */
	int64_t counts_due;
	int64_t day; /* on which the rules in use were noted last */
};

struct keeper *keeper_new(const char *folder, struct pipeline *pipeline, keeper_log log, void *user)
{
	struct keeper *keeper = mem_zalloc(sizeof(*keeper));

	keeper->folder = mem_strdup(folder);
	keeper->pipeline = pipeline;
	keeper->log = log;
	keeper->user = user;
	return keeper;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	state_close(keeper->state);
	free(keeper->folder);
	free(keeper);
}

void keeper_set_folder(struct keeper *keeper, const char *folder)
{
	if (!strcmp(keeper->folder, folder))
		return;
	state_close(keeper->state);
	free(keeper->folder);
	keeper->folder = mem_strdup(folder);
	keeper->state = NULL;
	keeper->loaded = false;
	keeper->all = true;
	keeper->given_up = false;
	keeper->soon_due = 0;
	keeper->counts_due = 0;
	keeper->day = 0;
}

__attribute__((format(printf, 3, 4)))
static void tell(const struct keeper *keeper, enum message_number number, const char *format, ...)
{
	char text[1024];
	va_list args;
	int length = snprintf(text, sizeof(text), "%s: ", keeper->folder);

	if (length < 0 || (size_t)length >= sizeof(text))
		length = 0;
	va_start(args, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, args);
	va_end(args);
	keeper->log(keeper->user, number, text);
}

static void set_aside(struct keeper *keeper)
{
	int error;

	state_close(keeper->state);
	keeper->state = NULL;
	keeper->all = true;
	error = state_set_aside(keeper->folder);
	if (error)
		tell(keeper, MESSAGE_STATE_IN_THE_WAY, "the state is damaged and can't be set aside: %s",
		     strerror(-error));
	else
		tell(keeper, MESSAGE_STATE_DAMAGED,
		     "the state is damaged; it is now state.db.damaged, and a new "
		     "one is begun");
}

static int open_state(struct keeper *keeper)
{
	int error = 0;

	if (keeper->given_up)
		return -EPROTONOSUPPORT;
	if (!keeper->state)
		error = state_open(keeper->folder, &keeper->state);
	if (error == -EBADMSG) {
		set_aside(keeper);
		error = state_open(keeper->folder, &keeper->state);
	}
	/* The file, or the disk, may have been changed for another. */
	if (!error && keeper->loaded && state_origin(keeper->state) != keeper->origin) {
		keeper->loaded = false;
		keeper->all = true;
	}
	return error;
}

static void set_due(struct keeper *keeper, int error, int64_t now)
{
	int64_t wait = error ? KEEPER_COUNTS_MS : KEEPER_SOON_MS;

	keeper->soon_due = now + (error && !keeper->loaded ? KEEPER_LOAD_MS : wait);
	if (error || keeper->counts_due <= now)
		keeper->counts_due = now + KEEPER_COUNTS_MS;
}

/* Tells of a failure once, and of its end. Returns whether there is none. */
static bool note(struct keeper *keeper, int error, int64_t now)
{
	if (!error && keeper->failing)
		tell(keeper, MESSAGE_STATE_AGAIN, "the state is kept again");
	set_due(keeper, error, now);
	if (error == -EPROTONOSUPPORT && !keeper->given_up) {
		tell(keeper, MESSAGE_STATE_NEWER,
		     "the state is of a newer version of auspawn; it is left alone, and "
		     "nothing is kept across a restart");
		keeper->given_up = true;
	} else if (error && !keeper->failing && !keeper->given_up) {
		tell(keeper, MESSAGE_STATE_FAILED, "the state can't be kept: %s; counts are in memory only",
		     strerror(-error));
	}
	keeper->failing = error;
	return !error;
}

/* --- loading --- */

static bool on_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	struct keeper *keeper = user;

	return new_terms_restore_rule(pipeline_terms(keeper->pipeline), rule, fields, since);
}

static bool on_term(void *user, const char *rule, const char *key, int64_t last_seen)
{
	struct keeper *keeper = user;

	return new_terms_restore_term(pipeline_terms(keeper->pipeline), rule, key, last_seen);
}

static int read_state(struct keeper *keeper)
{
	const struct state_reader reader = { on_rule, on_term, keeper };
	bool counted = pipeline_changed(keeper->pipeline, PIPELINE_COUNTS);
	struct json_object *values = NULL;
	int error = state_load_terms(keeper->state, &reader);

	if (!error)
		error = state_load_values(keeper->state, &values);
	if (error)
		return error;
	if (!pipeline_restore(keeper->pipeline, values))
		tell(keeper, MESSAGE_COUNTS_REFUSED,
		     "some of the saved counts make no sense; their rules begin anew");
	else if (!counted)
		pipeline_saved(keeper->pipeline, PIPELINE_COUNTS);
	json_object_put(values);
	return 0;
}

/* Opens the state and, if that was not done yet, takes over what is in it. */
static int load(struct keeper *keeper)
{
	int error = open_state(keeper);

	if (!error && !keeper->loaded)
		error = read_state(keeper);
	if (error == -EBADMSG && keeper->state) {
		set_aside(keeper);
		error = open_state(keeper);
	}
	if (error)
		return error;
	keeper->loaded = true;
	keeper->origin = state_origin(keeper->state);
	return 0;
}

static void close_state(struct keeper *keeper)
{
	state_close(keeper->state);
	keeper->state = NULL;
}

bool keeper_load(struct keeper *keeper, int64_t now)
{
	int error = load(keeper);

	if (error)
		close_state(keeper);
	return note(keeper, error, now);
}

/* --- saving --- */

static void save_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	state_save_rule(((struct keeper *)user)->state, rule, fields, since);
}

static void save_term(void *user, const char *rule, const char *key, int64_t last_seen)
{
	state_save_term(((struct keeper *)user)->state, rule, key, last_seen);
}

static void forget_terms(void *user, const char *rule, int64_t oldest)
{
	state_forget_terms(((struct keeper *)user)->state, rule, oldest);
}

static void save_values(struct keeper *keeper, struct json_object *values)
{
	state_save_values(keeper->state, values);
	json_object_put(values);
}

static void save_changes(struct keeper *keeper, bool counts)
{
	if (keeper->all)
		save_values(keeper, pipeline_save(keeper->pipeline));
	else if (counts)
		save_values(keeper, pipeline_changes(keeper->pipeline, PIPELINE_COUNTS));
	if (pipeline_changed(keeper->pipeline, PIPELINE_FOLDED))
		save_values(keeper, pipeline_changes(keeper->pipeline, PIPELINE_FOLDED));
	save_values(keeper, pipeline_changes(keeper->pipeline, PIPELINE_POSITION));
}

/* Once a day: what belongs to rules that are gone for long goes too. */
static void note_rules(struct keeper *keeper, int64_t day)
{
	const struct ruleset *ruleset = pipeline_rules(keeper->pipeline);

	for (size_t i = 0; i < ruleset->rules; i++)
		state_use_rule(keeper->state, ruleset->rule[i]->id, day);
	/* How far the nodes have come is kept in its name. */
	state_use_rule(keeper->state, LOSSES_RULE_ID, day);
	state_forget_rules(keeper->state, day);
}

/* What a save comprises. */
struct extent {
	bool exactly; /* when terms that are seen over and over were seen last */
	bool counts;
	bool rules; /* which are in use */
};

static int save(struct keeper *keeper, const struct extent *extent)
{
	const struct new_terms_keeper terms = { save_rule, save_term, forget_terms, keeper };
	int64_t day = (int64_t)time(NULL) / 86400;
	int error = load(keeper);

	if (!error)
		error = state_begin(keeper->state);
	if (error)
		return error;
	new_terms_changes(pipeline_terms(keeper->pipeline), extent->exactly || keeper->all, &terms);
	save_changes(keeper, extent->counts);
	if (extent->rules && day != keeper->day)
		note_rules(keeper, day);
	error = state_commit(keeper->state);
	if (!error && extent->rules)
		keeper->day = day;
	return error;
}

static bool save_and_note(struct keeper *keeper, const struct extent *extent, int64_t now)
{
	int error = save(keeper, extent);

	if (error == -EBADMSG && keeper->state) {
		set_aside(keeper);
		error = save(keeper, extent);
	}
	if (!error) {
		new_terms_saved(pipeline_terms(keeper->pipeline));
		pipeline_saved(keeper->pipeline, PIPELINE_FOLDED);
		pipeline_saved(keeper->pipeline, PIPELINE_POSITION);
		if (extent->counts || keeper->all)
			pipeline_saved(keeper->pipeline, PIPELINE_COUNTS);
		keeper->all = false;
	} else {
		/* The disk may have been changed for another: begin with opening it. */
		close_state(keeper);
	}
	return note(keeper, error, now);
}

/* Is there anything that is saved soon? */
static bool is_urgent(const struct keeper *keeper)
{
	return !keeper->loaded || keeper->all ||
	       pipeline_changed(keeper->pipeline, PIPELINE_POSITION) ||
	       new_terms_changed(pipeline_terms(keeper->pipeline)) ||
	       pipeline_changed(keeper->pipeline, PIPELINE_FOLDED);
}

void keeper_look_after(struct keeper *keeper, int64_t now)
{
	bool soon = is_urgent(keeper) && now >= keeper->soon_due;
	struct extent extent = { .rules = true };

	extent.counts = pipeline_changed(keeper->pipeline, PIPELINE_COUNTS) &&
			now >= keeper->counts_due;
	if ((soon || extent.counts) && save_and_note(keeper, &extent, now))
		state_tidy(keeper->state);
}

int64_t keeper_deadline(const struct keeper *keeper)
{
	int64_t deadline = -1;

	if (keeper->given_up)
		return -1;
	if (is_urgent(keeper))
		deadline = keeper->soon_due;
	if (pipeline_changed(keeper->pipeline, PIPELINE_COUNTS) &&
	    (deadline < 0 || keeper->counts_due < deadline))
		deadline = keeper->counts_due;
	return deadline;
}

bool keeper_save(struct keeper *keeper, bool exactly, int64_t now)
{
	const struct extent extent = { .exactly = exactly, .counts = true, .rules = exactly };

	/* Loading would take too long at the end. */
	if (!keeper->loaded)
		return note(keeper, -EAGAIN, now);
	return save_and_note(keeper, &extent, now);
}

const char *keeper_health(const struct keeper *keeper)
{
	if (keeper->given_up)
		return "not kept: of a newer version";
	if (keeper->failing)
		return "not kept: in memory only";
	return "kept";
}
