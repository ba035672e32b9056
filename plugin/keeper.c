/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keeper_inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/state.h"

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
	json_object_put(keeper->old);
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

/* Another database than before: it has nothing of what was saved. */
static void use_other(struct keeper *keeper)
{
	keeper->all = true;
	keeper->other = true;
	keeper->copy = false;
	json_object_put(keeper->old);
	keeper->old = NULL;
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
	use_other(keeper);
	keeper->given_up = false;
	keeper->due = 0;
	keeper->day = 0;
}

__attribute__((format(printf, 3, 4))) static void tell(const struct keeper *keeper, enum message_number number,
						       const char *format, ...)
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
	use_other(keeper);
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
	int error = state_open(keeper->folder, &keeper->state);

	if (!error)
		error = state_synchronise(keeper->state, keeper->fully);
	for (size_t i = 0; i < keeper->parts && !error; i++)
		error = keeper->part[i].opened(keeper->part[i].user, keeper->state);
	if (error)
		close_state(keeper);
	return error;
}

static bool was_read(const struct keeper *keeper, int64_t origin)
{
	for (size_t i = 0; i < KEEPER_MAX_READ; i++) {
		if (origin && keeper->read[i] == origin)
			return true;
	}
	return false;
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
	if (error)
		return error;
	/* The file, or the disk, may have been changed for another. */
	if (keeper->loaded && state_origin(keeper->state) != keeper->origin) {
		keeper->loaded = false;
		use_other(keeper);
	}
	/* Or the folder for one with a copy, or back: counts would be added to themselves. */
	if (!keeper->loaded && was_read(keeper, state_origin(keeper->state))) {
		keeper->loaded = true;
		keeper->copy = true;
	}
	if (keeper->other)
		pipeline_forget_rows(keeper->pipeline);
	keeper->other = false;
	state_skip_ids(keeper->state, keeper->last_id);
	return 0;
}

/* What is needed at once does not put off the rest. */
static void set_due(struct keeper *keeper, const struct extent *extent, int error, int64_t now)
{
	if (error)
		keeper->due = now + KEEPER_AGAIN_MS;
	else if (extent->rows != ROWS_NEEDED)
		keeper->due = now + KEEPER_SOON_MS;
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
		     "the state can't be kept: %s; counts and alerts are in memory only", strerror(-error));
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

static void on_row(void *user, const struct kept_row *row)
{
	struct keeper *keeper = user;

	keeper->senseless += !pipeline_restore_row(keeper->pipeline, row);
}

static void tell_of_senseless(const struct keeper *keeper, bool good)
{
	if (keeper->senseless)
		tell(keeper, MESSAGE_COUNTS_REFUSED, "%zu rows of saved counts make no sense and are left out",
		     keeper->senseless);
	if (!good)
		tell(keeper, MESSAGE_COUNTS_REFUSED,
		     "some of the saved counts make no sense; their rules begin anew");
}

static int read_state(struct keeper *keeper)
{
	const struct state_reader reader = { on_rule, on_term, keeper };
	struct json_object *values = NULL;
	int error = state_load_terms(keeper->state, &reader);

	if (error)
		return error;
	keeper->senseless = 0;
	error = state_load_rows(keeper->state, on_row, keeper);
	pipeline_restored(keeper->pipeline);
	if (!error)
		error = state_load_values(keeper->state, &values);
	if (error)
		return error;
	tell_of_senseless(keeper, pipeline_restore(keeper->pipeline, values));
	if (json_object_object_length(values))
		keeper->old = values;
	else
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
	if (!was_read(keeper, keeper->origin))
		keeper->read[keeper->reads++ % KEEPER_MAX_READ] = keeper->origin;
	return 0;
}

bool keeper_load(struct keeper *keeper, int64_t now)
{
	const struct extent extent = { .rows = ROWS_SOME };
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
	keeper->open_due = now + KEEPER_AGAIN_MS;
	return false;
}

void keeper_found(struct keeper *keeper, int error, int64_t now)
{
	const struct extent extent = { .rows = ROWS_SOME };

	if (error == -EBADMSG) {
		set_aside(keeper);
		keeper_reopen(keeper, now);
		return;
	}
	close_state(keeper);
	keeper->open_due = now + KEEPER_AGAIN_MS;
	note(keeper, &extent, error, now);
}

/* --- saving --- */

static int save(struct keeper *keeper, const struct extent *extent)
{
	int error = load(keeper);

	return error ? error : keeper_write(keeper, extent);
}

/* It is committed. */
static void note_saved(struct keeper *keeper)
{
	new_terms_saved(pipeline_terms(keeper->pipeline));
	pipeline_saved(keeper->pipeline);
	for (size_t i = 0; i < keeper->parts; i++)
		keeper->part[i].saved(keeper->part[i].user);
	json_object_put(keeper->old);
	keeper->old = NULL;
	keeper->all = false;
	keeper->copy = false;
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
		note_saved(keeper);
	return note(keeper, extent, error, now);
}

static bool has_changed(const struct keeper *keeper)
{
	return !keeper->loaded || keeper->all || keeper->old || pipeline_changed(keeper->pipeline) ||
	       new_terms_changed(pipeline_terms(keeper->pipeline)) || pipeline_has_over(keeper->pipeline);
}

/* Is so much waiting that it can't wait? */
static bool is_pressed(const struct keeper *keeper)
{
	return !keeper->failing && pipeline_changed(keeper->pipeline) +
					   new_terms_changed(pipeline_terms(keeper->pipeline)) >= KEEPER_MANY_ROWS;
}

void keeper_look_after(struct keeper *keeper, int64_t now)
{
	const struct extent extent = { .rules = true, .rows = ROWS_SOME };

	if (!is_pressed(keeper) && (now < keeper->due || !has_changed(keeper)))
		return;
	if (save_and_note(keeper, &extent, now))
		state_tidy(keeper->state);
}

int64_t keeper_deadline(const struct keeper *keeper)
{
	if (keeper->given_up || !has_changed(keeper))
		return -1;
	return is_pressed(keeper) ? 0 : keeper->due;
}

bool keeper_commit(struct keeper *keeper, int64_t now)
{
	const struct extent extent = { .rows = ROWS_NEEDED };

	if (keeper->given_up || ((keeper->failing || !keeper->loaded) && now < keeper->due))
		return false;
	if (!save_and_note(keeper, &extent, now))
		return false;
	state_tidy(keeper->state);
	return true;
}

bool keeper_save(struct keeper *keeper, bool exactly, int64_t now)
{
	const struct extent extent = {
		.exactly = exactly,
		.rules = exactly,
		.rows = exactly ? ROWS_ALL : ROWS_NEEDED,
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
