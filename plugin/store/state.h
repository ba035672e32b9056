/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must outlive the process: an SQLite database, state.db, in the state directory. This is the
 * one room that knows so.
 *
 * Functions return 0 or a negative errno: -EBADMSG says that the database is damaged, and
 * -EPROTONOSUPPORT that a newer version has written it. A commit reaches the file at once, so that
 * a crash of the plugin loses nothing of it; a power cut may lose the latest ones, whole.
 */
#ifndef AUSPAWN_STORE_STATE_H
#define AUSPAWN_STORE_STATE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "rules/rows.h"

/* What belongs to a rule that nobody has used for so long is forgotten. Until then the rule may come back: a
 * mistake in its file may have kept it away. */
#define STATE_KEEP_DAYS 30

struct state;

/* Opens the database, made with its folder if need be, for its owner alone. state_close() releases
 * it and accepts NULL. */
int state_open(const char *folder, struct state **state);
void state_close(struct state *state);

/* A number that a database gets when it is made: the one that is open now is the one of before, or a copy of
 * it, if theirs is the same. */
int64_t state_origin(const struct state *state);

/* Shall a commit wait until the disk has it (fully), so that a power cut loses nothing? Without a call it does not. */
int state_synchronise(struct state *state, bool fully);

/* Sets a damaged database aside as state.db.damaged, in the place of an older one. Nobody may have
 * it open. */
int state_set_aside(const char *folder);

/* Reads all rows, in the order of their ids. */
int state_load_rows(struct state *state, void (*read)(void *user, const struct kept_row *row), void *user);

/* Rows that are made get greater ids than this one: they were given while another file, or the same, was open. */
void state_skip_ids(struct state *state, int64_t last);

/* Reads what older versions have counted: an object for each kind, in it a member for each rule.
 * json_object_put() releases it. A value that is no JSON is null. */
int state_load_values(struct state *state, struct json_object **values);

/* Whom the terms are told to, rule by rule, a rule before its terms and these with the one seen
 * last first. */
struct state_reader {
	/* Returns whether the rule's terms are wanted. */
	bool (*rule)(void *user, const char *rule, const char *fields, int64_t since);
	/* Returns whether more of them are. */
	bool (*term)(void *user, const char *rule, const char *key, int64_t last_seen);
	void *user;
};

int state_load_terms(struct state *state, const struct state_reader *reader);

/* All of what stands between the two is saved, or nothing. state_commit() must be called also if
 * something in between went wrong, and then says what. */
int state_begin(struct state *state);
int state_commit(struct state *state);

/* Now and then moves what was committed from the log, where it is safe, to its place: that may have to wait for
 * the disk. */
void state_tidy(struct state *state);

/* Saves a row in the place of the one of its id, 0 for a new one. Returns its id. */
int64_t state_save_row(struct state *state, const struct kept_row *row);
void state_forget_row(struct state *state, int64_t id);

/* Deletes all rows of a rule. */
void state_forget_rows(struct state *state, const char *rule);

/* Deletes what state_load_values() has read of a rule. */
void state_forget_value(struct state *state, const char *kind, const char *rule);

/* Saves since when a rule has been learning, and by which fields; terms that it has by others go.
 */
void state_save_rule(struct state *state, const char *rule, const char *fields, int64_t since);

void state_save_term(struct state *state, const char *rule, const char *key, int64_t last_seen);

/* Deletes the rule's terms that were last seen before `oldest`. */
void state_forget_terms(struct state *state, const char *rule, int64_t oldest);

/* The rule is used on `day`, in days since 1970. */
void state_use_rule(struct state *state, const char *rule, int64_t day);

/* Deletes what belongs to rules that were not used in the last STATE_KEEP_DAYS, not too much at once. Returns whether
 * that was all. */
bool state_forget_rules(struct state *state, int64_t day);

#endif
