/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keeper.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/memory.h"
#include "store/state.h"

struct keeper {
	struct pipeline *pipeline;
	keeper_log log;
	void *user;
	char *folder;
	struct state *state;	/* NULL while it can't be had */
	bool all;		/* the database knows nothing of what was saved before */
	bool failing;		/* and that was told */
	bool given_up;		/* a newer version's: hands off */
	uint64_t saved_changes; /* pipeline_changes() when values were saved last */
	int64_t terms_due;	/* not before */
	int64_t values_due;
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
	keeper->all = true;
	keeper->given_up = false;
	keeper->terms_due = 0;
	keeper->values_due = 0;
}

__attribute__((format(printf, 3, 4))) static void tell(const struct keeper *keeper, int severity,
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
	keeper->log(keeper->user, severity, text);
}

static void set_aside(struct keeper *keeper)
{
	int error;

	state_close(keeper->state);
	keeper->state = NULL;
	keeper->all = true;
	error = state_set_aside(keeper->folder);
	if (error)
		tell(keeper, LOG_ERR, "the state is damaged and can't be set aside: %s",
		     strerror(-error));
	else
		tell(keeper, LOG_ERR,
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
	return error;
}

/* Tells of a failure once, and of its end. Returns whether there is none. */
static bool note(struct keeper *keeper, int error, int64_t now)
{
	if (!error && keeper->failing)
		tell(keeper, LOG_NOTICE, "the state is kept again");
	keeper->terms_due = now + (error ? KEEPER_VALUES_MS : KEEPER_TERMS_MS);
	if (error || keeper->values_due <= now)
		keeper->values_due = now + KEEPER_VALUES_MS;
	if (error == -EPROTONOSUPPORT && !keeper->given_up) {
		tell(keeper, LOG_ERR,
		     "the state is of a newer version of auspawn; it is left alone, and "
		     "nothing is kept across a restart");
		keeper->given_up = true;
	} else if (error && !keeper->failing && !keeper->given_up) {
		tell(keeper, LOG_ERR, "the state can't be kept: %s; counts are in memory only",
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

static int load(struct keeper *keeper)
{
	const struct state_reader reader = { on_rule, on_term, keeper };
	struct json_object *values = NULL;
	int error = open_state(keeper);

	if (!error)
		error = state_load_terms(keeper->state, &reader);
	if (!error)
		error = state_load_values(keeper->state, &values);
	if (!error && !pipeline_restore(keeper->pipeline, values))
		tell(keeper, LOG_ERR,
		     "some of the saved counts make no sense; their rules begin anew");
	json_object_put(values);
	return error;
}

bool keeper_load(struct keeper *keeper, int64_t now)
{
	int error;

	keeper->saved_changes = pipeline_changes(keeper->pipeline);
	error = load(keeper);
	if (error == -EBADMSG) {
		set_aside(keeper);
		error = open_state(keeper);
	}
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

static int save(struct keeper *keeper, bool exactly, bool values)
{
	const struct new_terms_keeper terms = { save_rule, save_term, forget_terms, keeper };
	struct json_object *saved;
	int error = open_state(keeper);

	if (!error)
		error = state_begin(keeper->state);
	if (error)
		return error;
	new_terms_changes(pipeline_terms(keeper->pipeline), exactly || keeper->all, &terms);
	if (values || keeper->all) {
		saved = pipeline_save(keeper->pipeline);
		state_save_values(keeper->state, saved);
		json_object_put(saved);
	}
	return state_commit(keeper->state);
}

static bool save_and_note(struct keeper *keeper, bool exactly, bool values, int64_t now)
{
	int error = save(keeper, exactly, values);

	if (error == -EBADMSG && keeper->state) {
		set_aside(keeper);
		error = save(keeper, exactly, values);
	}
	if (!error) {
		new_terms_saved(pipeline_terms(keeper->pipeline));
		if (values || keeper->all)
			keeper->saved_changes = pipeline_changes(keeper->pipeline);
		keeper->all = false;
	} else {
		/* The disk may have been changed for another: begin with opening it. */
		state_close(keeper->state);
		keeper->state = NULL;
	}
	return note(keeper, error, now);
}

static bool values_changed(const struct keeper *keeper)
{
	return keeper->saved_changes != pipeline_changes(keeper->pipeline);
}

void keeper_look_after(struct keeper *keeper, int64_t now)
{
	bool terms = new_terms_changed(pipeline_terms(keeper->pipeline)) && now >= keeper->terms_due;
	bool values = values_changed(keeper) && now >= keeper->values_due;

	if ((terms || values || (keeper->all && now >= keeper->terms_due)) &&
	    save_and_note(keeper, false, values, now))
		state_tidy(keeper->state);
}

int64_t keeper_deadline(const struct keeper *keeper)
{
	int64_t deadline = -1;

	if (keeper->given_up)
		return -1;
	if (keeper->all || new_terms_changed(pipeline_terms(keeper->pipeline)))
		deadline = keeper->terms_due;
	if (values_changed(keeper) && (deadline < 0 || keeper->values_due < deadline))
		deadline = keeper->values_due;
	return deadline;
}

bool keeper_save(struct keeper *keeper, bool exactly, int64_t now)
{
	return save_and_note(keeper, exactly, exactly || values_changed(keeper), now);
}
