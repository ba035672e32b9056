/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keeper.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

struct keeper {
	struct pipeline *pipeline;
	keeper_log log;
	void *user;
	char *folder;
	struct state *state;	/* NULL while it can't be had */
	struct keeper_part part[KEEPER_MAX_PARTS];
	size_t parts;
	bool fully; /* synchronised */
	bool loaded;	  /* what is kept was read: only then it may be replaced */
	int64_t origin;	  /* of the database that was read */
	bool all;	  /* the database knows nothing of what was saved before */
	bool failing;	  /* and that was told */
	bool given_up;	  /* a newer version's: hands off */
	int64_t open_due; /* not before, as the next */
	int64_t soon_due;
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

static void close_state(struct keeper *keeper)
{
	if (!keeper->state)
		return;
	for (size_t i = 0; i < keeper->parts; i++)
		keeper->part[i].closing(keeper->part[i].user);
	state_close(keeper->state);
	keeper->state = NULL;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	close_state(keeper);
	free(keeper->folder);
	free(keeper);
}

void keeper_add_part(struct keeper *keeper, const struct keeper_part *part)
{
	keeper->part[keeper->parts++] = *part;
}

void keeper_synchronise(struct keeper *keeper, bool fully)
{
	keeper->fully = fully;
	if (keeper->state && state_synchronise(keeper->state, fully))
		close_state(keeper);
}

void keeper_set_folder(struct keeper *keeper, const char *folder)
{
	if (!strcmp(keeper->folder, folder))
		return;
	close_state(keeper);
	free(keeper->folder);
	keeper->folder = mem_strdup(folder);
	keeper->open_due = 0;
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

	close_state(keeper);
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

static int open_anew(struct keeper *keeper)
{
	size_t opened = 0;
	int error = state_open(keeper->folder, &keeper->state);

	if (!error)
		error = state_synchronise(keeper->state, keeper->fully);
	for (; opened < keeper->parts && !error; opened++)
		error = keeper->part[opened].opened(keeper->part[opened].user, keeper->state);
	if (error)
		close_state(keeper);
	return error;
}

static int open_state(struct keeper *keeper)
{
	int error = 0;

	if (keeper->given_up)
		return -EPROTONOSUPPORT;
	if (!keeper->state)
		error = open_anew(keeper);
	if (error == -EBADMSG) {
		set_aside(keeper);
		error = open_anew(keeper);
	}
	/* The file, or the disk, may have been changed for another. */
	if (!error && keeper->loaded && state_origin(keeper->state) != keeper->origin) {
		keeper->loaded = false;
		keeper->all = true;
	}
	return error;
}

/* What a save comprises, beside the parts. */
struct extent {
	bool exactly; /* when terms that are seen over and over were seen last */
	bool soon;    /* terms and what is folded */
	bool counts;
	bool rules; /* which are in use */
};

static void set_due(struct keeper *keeper, const struct extent *extent, int error, int64_t now)
{
	if (error)
		keeper->soon_due = now + KEEPER_LOAD_MS;
	else if (extent->soon)
		keeper->soon_due = now + KEEPER_SOON_MS;
	if (error || (extent->counts && keeper->counts_due <= now))
		keeper->counts_due = now + KEEPER_COUNTS_MS;
}

/* Tells of a failure once, and of its end. Returns whether there is none. */
static bool note(struct keeper *keeper, const struct extent *extent, int error, int64_t now)
{
	if (!error && keeper->failing)
		tell(keeper, MESSAGE_STATE_AGAIN, "the state is kept again");
	set_due(keeper, extent, error, now);
	if (error == -EPROTONOSUPPORT && !keeper->given_up) {
		tell(keeper, MESSAGE_STATE_NEWER,
		     "the state is of a newer version of auspawn; it is left alone, and "
		     "nothing is kept across a restart");
		keeper->given_up = true;
	} else if (error && !keeper->failing && !keeper->given_up) {
		tell(keeper, MESSAGE_STATE_FAILED,
		     "the state can't be kept: %s; counts and alerts are in memory only",
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

bool keeper_load(struct keeper *keeper, int64_t now)
{
	const struct extent extent = { .soon = true, .counts = true };
	int error = load(keeper);

	if (error)
		close_state(keeper);
	return note(keeper, &extent, error, now);
}

bool keeper_reopen(struct keeper *keeper, int64_t now)
{
	if (keeper->state)
		return keeper->loaded;
	if (now < keeper->open_due)
		return false;
	if (!load(keeper))
		return true;
	close_state(keeper);
	keeper->open_due = now + KEEPER_LOAD_MS;
	return false;
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

static void save_changes(struct keeper *keeper, const struct extent *extent)
{
	if (keeper->all)
		save_values(keeper, pipeline_save(keeper->pipeline));
	else if (extent->counts)
		save_values(keeper, pipeline_changes(keeper->pipeline, PIPELINE_COUNTS));
	if (extent->soon && pipeline_changed(keeper->pipeline, PIPELINE_FOLDED))
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

static int save(struct keeper *keeper, const struct extent *extent)
{
	const struct new_terms_keeper terms = { save_rule, save_term, forget_terms, keeper };
	int64_t day = (int64_t)time(NULL) / 86400;
	int error = load(keeper);

	if (!error)
		error = state_begin(keeper->state);
	if (error)
		return error;
	for (size_t i = 0; i < keeper->parts; i++)
		keeper->part[i].save(keeper->part[i].user);
	if (extent->soon || keeper->all)
		new_terms_changes(pipeline_terms(keeper->pipeline), extent->exactly || keeper->all,
				  &terms);
	save_changes(keeper, extent);
	if (extent->rules && day != keeper->day)
		note_rules(keeper, day);
	error = state_commit(keeper->state);
	if (!error && extent->rules)
		keeper->day = day;
	return error;
}

static void note_saved(struct keeper *keeper, const struct extent *extent)
{
	if (extent->soon || keeper->all) {
		new_terms_saved(pipeline_terms(keeper->pipeline));
		pipeline_saved(keeper->pipeline, PIPELINE_FOLDED);
	}
	if (extent->counts || keeper->all)
		pipeline_saved(keeper->pipeline, PIPELINE_COUNTS);
	pipeline_saved(keeper->pipeline, PIPELINE_POSITION);
	keeper->all = false;
	for (size_t i = 0; i < keeper->parts; i++)
		keeper->part[i].saved(keeper->part[i].user);
}

/* A full disk can still be read; else the disk may have been changed for another: begin with opening it. */
static void note_failed(struct keeper *keeper, int error)
{
	if (error != -ENOSPC && error != -EFBIG && error != -EDQUOT)
		close_state(keeper);
	for (size_t i = 0; i < keeper->parts && keeper->state; i++)
		keeper->part[i].failed(keeper->part[i].user);
}

static bool save_and_note(struct keeper *keeper, const struct extent *extent, int64_t now)
{
	int error = save(keeper, extent);

	if (error == -EBADMSG && keeper->state) {
		set_aside(keeper);
		error = save(keeper, extent);
	}
	if (error)
		note_failed(keeper, error);
	else
		note_saved(keeper, extent);
	return note(keeper, extent, error, now);
}

/* Is there anything that is saved soon? */
static bool is_urgent(const struct keeper *keeper)
{
	return !keeper->loaded || keeper->all ||
	       pipeline_changed(keeper->pipeline, PIPELINE_POSITION) ||
	       new_terms_changed(pipeline_terms(keeper->pipeline)) ||
	       pipeline_changed(keeper->pipeline, PIPELINE_FOLDED);
}

/* What is due at `now`. */
static struct extent due_extent(const struct keeper *keeper, int64_t now)
{
	struct extent extent = { 0 };

	extent.soon = is_urgent(keeper) && now >= keeper->soon_due;
	extent.counts = pipeline_changed(keeper->pipeline, PIPELINE_COUNTS) &&
			now >= keeper->counts_due;
	extent.rules = extent.soon || extent.counts;
	return extent;
}

void keeper_look_after(struct keeper *keeper, int64_t now)
{
	const struct extent extent = due_extent(keeper, now);

	if ((extent.soon || extent.counts) && save_and_note(keeper, &extent, now))
		state_tidy(keeper->state);
}

bool keeper_commit(struct keeper *keeper, int64_t now)
{
	const struct extent extent = due_extent(keeper, now);

	if (keeper->given_up || ((keeper->failing || !keeper->loaded) && now < keeper->soon_due))
		return false;
	if (!save_and_note(keeper, &extent, now))
		return false;
	state_tidy(keeper->state);
	return true;
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
	const struct extent extent = {
		.exactly = exactly, .soon = true, .counts = true, .rules = exactly
	};

	/* Loading would take too long at the end. */
	if (!keeper->loaded)
		return note(keeper, &extent, -EAGAIN, now);
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
