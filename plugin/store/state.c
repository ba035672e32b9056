/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/state.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/inside.h"
#include "store/place.h"

/* Step i makes a database of version i one of version i + 1; a new one has version 0. */
static const char *const steps[] = {
	"CREATE TABLE value (kind TEXT NOT NULL, rule TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY (kind, rule));"
	"CREATE TABLE term_rule (rule TEXT NOT NULL PRIMARY KEY, fields TEXT NOT NULL,"
	" since INTEGER NOT NULL);"
	"CREATE TABLE term (rule TEXT NOT NULL, key TEXT NOT NULL, last_seen INTEGER NOT NULL,"
	" PRIMARY KEY (rule, key)) WITHOUT ROWID;",
	"CREATE TABLE used (rule TEXT NOT NULL PRIMARY KEY, day INTEGER NOT NULL);"
	"CREATE TABLE origin (id INTEGER NOT NULL);"
	"INSERT INTO origin VALUES (random());",
	"CREATE TABLE letter (id INTEGER PRIMARY KEY, sinks INTEGER NOT NULL, severity INTEGER NOT NULL,"
	" priority INTEGER NOT NULL, time INTEGER NOT NULL, size INTEGER NOT NULL, text TEXT NOT NULL);"
	"CREATE TABLE taken (sink INTEGER PRIMARY KEY, id INTEGER NOT NULL);",
	"CREATE TABLE counted (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, rule TEXT NOT NULL,"
	" value TEXT NOT NULL, document TEXT);"
	"CREATE INDEX counted_rule ON counted (rule);",
};
#define LATEST_VERSION ((int)(sizeof(steps) / sizeof(steps[0])))

enum statement {
	FORGET_VALUE,
	LOAD_VALUES,
	SAVE_ROW,
	FORGET_ROW,
	FORGET_ROWS,
	LOAD_ROWS,
	CLEAR_OTHER_TERMS,
	SAVE_RULE,
	LOAD_RULES,
	SAVE_TERM,
	LOAD_TERMS,
	FORGET_TERMS,
	USE_RULE,
	STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[FORGET_VALUE] = "DELETE FROM value WHERE kind = ? AND rule = ?",
	[LOAD_VALUES] = "SELECT kind, rule, value FROM value",
	[SAVE_ROW] = ("INSERT INTO counted (kind, rule, value, document, id) VALUES (?, ?, ?, ?, ?)"
		      " ON CONFLICT (id) DO UPDATE SET value = excluded.value, document = excluded.document"),
	[FORGET_ROW] = "DELETE FROM counted WHERE id = ?",
	[FORGET_ROWS] = "DELETE FROM counted WHERE rule = ?",
	[LOAD_ROWS] = "SELECT id, kind, rule, value, document FROM counted WHERE id > 0 ORDER BY id",
	[CLEAR_OTHER_TERMS] =
		("DELETE FROM term WHERE rule = ?1"
		 " AND NOT EXISTS (SELECT 1 FROM term_rule WHERE rule = ?1 AND fields = ?2)"),
	[SAVE_RULE] = "INSERT OR REPLACE INTO term_rule (rule, fields, since) VALUES (?, ?, ?)",
	[LOAD_RULES] = "SELECT rule, fields, since FROM term_rule",
	[SAVE_TERM] = "INSERT OR REPLACE INTO term (rule, key, last_seen) VALUES (?, ?, ?)",
	[LOAD_TERMS] = "SELECT key, last_seen FROM term WHERE rule = ? ORDER BY last_seen DESC",
	[FORGET_TERMS] = "DELETE FROM term WHERE rule = ? AND last_seen < ?",
	[USE_RULE] = "INSERT OR REPLACE INTO used (rule, day) VALUES (?, ?)",
};

#define MAX_ID ((int64_t)1 << 53) /* nobody comes so far */

#define TIDY_PAGES 1000 /* in the log */

struct state {
	sqlite3 *database;
	int pages; /* in the log */
	int64_t origin;
	int64_t last_id; /* of the rows */
	sqlite3_stmt *statement[STATEMENTS];
	int error; /* the first one since state_begin() */
};

int state_error_of(sqlite3 *database, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		mem_exhausted();
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_ERROR: /* of many kinds, and the file is good: the system has no part in it */
		return -EIO;
	default:
		return sqlite3_system_errno(database) ? -sqlite3_system_errno(database) : -EIO;
	}
}

static int run(struct state *state, const char *text)
{
	return state_error_of(state->database, sqlite3_exec(state->database, text, NULL, NULL, NULL));
}

/* --- opening --- */

static int read_number(struct state *state, const char *text, int64_t *number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(state->database, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return state_error_of(state->database, code);
}

static int migrate(struct state *state)
{
	int64_t version = 0;
	int error = read_number(state, "PRAGMA user_version", &version);
	char text[64];

	if (!error && version > LATEST_VERSION)
		return -EPROTONOSUPPORT;
	if (!error && version < 0)
		return -EBADMSG;
	for (; !error && version < LATEST_VERSION; version++) {
		snprintf(text, sizeof(text), "PRAGMA user_version = %d", (int)version + 1);
		error = run(state, "BEGIN IMMEDIATE");
		if (!error)
			error = run(state, steps[version]);
		if (!error)
			error = run(state, text);
		if (!error)
			error = run(state, "COMMIT");
	}
	return error;
}

static int prepare(struct state *state)
{
	int error = 0;

	for (int i = 0; i < STATEMENTS && !error; i++)
		error = state_error_of(state->database, sqlite3_prepare_v2(state->database, sql[i], -1,
								     &state->statement[i], NULL));
	return error;
}

static int on_commit(void *user, sqlite3 *database, const char *name, int pages)
{
	struct state *state = user;

	(void)database;
	(void)name;
	state->pages = pages;
	return SQLITE_OK;
}

/* The log stays beside the database at the end: merging the two would take longer than there is
 * time. */
static int set_up(struct state *state)
{
	int error;

	sqlite3_extended_result_codes(state->database, 1);
	sqlite3_busy_timeout(state->database, 0);
	sqlite3_db_config(state->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(state->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_limit(state->database, SQLITE_LIMIT_LENGTH, 1 << 28);
	error = migrate(state);
	if (!error)
		error = run(state, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
				   "PRAGMA journal_size_limit = 16777216; PRAGMA secure_delete = OFF");
	/* In the place of SQLite's own, which merges within a commit. */
	sqlite3_wal_hook(state->database, on_commit, state);
	if (!error)
		error = read_number(state, "SELECT id FROM origin", &state->origin);
	if (!error)
		error = read_number(state, "SELECT max(id) FROM counted", &state->last_id);
	if (!error && state->last_id > MAX_ID)
		error = -EBADMSG;
	return error ? error : prepare(state);
}

int state_open(const char *folder, struct state **opened)
{
	struct state *state;
	int error = place_make(folder);
	char *path;

	if (error)
		return error;
	state = mem_zalloc(sizeof(*state));
	path = sqlite3_mprintf("%s/" PLACE_DATABASE, folder);
	if (!path)
		mem_exhausted();
	error = state_error_of(state->database,
			 sqlite3_open_v2(path, &state->database,
					 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	sqlite3_free(path);
	if (!error)
		error = set_up(state);
	if (error)
		state_close(state);
	else
		*opened = state;
	return error;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(state->statement[i]);
	sqlite3_close(state->database);
	free(state);
}

int64_t state_origin(const struct state *state)
{
	return state->origin;
}

int state_synchronise(struct state *state, bool fully)
{
	return run(state, fully ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

sqlite3 *state_database(struct state *state)
{
	return state->database;
}

bool state_is_good(const struct state *state)
{
	return !state->error;
}

void state_note(struct state *state, int code)
{
	if (!state->error)
		state->error = state_error_of(state->database, code);
}

/* --- reading --- */

static const char *text_at(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? text : "";
}

/* Goes to the next row. Returns false, with the statement ready for its next use, if there is none.
 */
static bool next_row(struct state *state, enum statement which, int *error)
{
	int code = sqlite3_step(state->statement[which]);

	if (code == SQLITE_ROW)
		return true;
	*error = state_error_of(state->database, code);
	sqlite3_reset(state->statement[which]);
	return false;
}

int state_load_values(struct state *state, struct json_object **values)
{
	sqlite3_stmt *row = state->statement[LOAD_VALUES];
	int error = 0;

	*values = json_object_new_object();
	while (next_row(state, LOAD_VALUES, &error)) {
		const char *name = text_at(row, 0);
		struct json_object *kind = json_object_object_get(*values, name);

		if (!kind) {
			kind = json_object_new_object();
			json_object_object_add(*values, name, kind);
		}
		json_object_object_add(kind, text_at(row, 1), json_tokener_parse(text_at(row, 2)));
	}
	if (error) {
		json_object_put(*values);
		*values = NULL;
	}
	return error;
}

int state_load_rows(struct state *state, void (*read)(void *user, const struct kept_row *row), void *user)
{
	sqlite3_stmt *row = state->statement[LOAD_ROWS];
	int error = 0;

	while (next_row(state, LOAD_ROWS, &error)) {
		const struct kept_row loaded = {
			.id = sqlite3_column_int64(row, 0),
			.kind = text_at(row, 1),
			.rule = text_at(row, 2),
			.value = text_at(row, 3),
			.document = (const char *)sqlite3_column_text(row, 4),
		};

		read(user, &loaded);
	}
	return error;
}

void state_skip_ids(struct state *state, int64_t last)
{
	if (last > state->last_id)
		state->last_id = last;
}

static int load_terms_of(struct state *state, const char *rule, const struct state_reader *reader)
{
	sqlite3_stmt *row = state->statement[LOAD_TERMS];
	int error = 0;

	sqlite3_bind_text(row, 1, rule, -1, SQLITE_TRANSIENT);
	while (next_row(state, LOAD_TERMS, &error)) {
		if (reader->term(reader->user, rule, text_at(row, 0), sqlite3_column_int64(row, 1)))
			continue;
		sqlite3_reset(row);
		break;
	}
	return error;
}

int state_load_terms(struct state *state, const struct state_reader *reader)
{
	sqlite3_stmt *row = state->statement[LOAD_RULES];
	int error = 0;

	while (next_row(state, LOAD_RULES, &error)) {
		const char *rule = text_at(row, 0);

		if (!reader->rule(reader->user, rule, text_at(row, 1),
				  sqlite3_column_int64(row, 2)))
			continue;
		error = load_terms_of(state, rule, reader);
		if (error) {
			sqlite3_reset(row);
			break;
		}
	}
	return error;
}

/* --- writing --- */

int state_begin(struct state *state)
{
	state->error = run(state, "BEGIN IMMEDIATE");
	return state->error;
}

int state_commit(struct state *state)
{
	if (!state->error)
		state->error = run(state, "COMMIT");
	if (state->error && !sqlite3_get_autocommit(state->database))
		run(state, "ROLLBACK");
	return state->error;
}

void state_tidy(struct state *state)
{
	if (state->pages < TIDY_PAGES)
		return;
	/* If it fails, the log grows until the next time. */
	sqlite3_wal_checkpoint_v2(state->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	state->pages = 0;
}

/* Texts, each of which may be NULL, and then a number, -1 for none; they are used before the caller goes on. */
static void execute(struct state *state, enum statement which, const char *const *text, int texts,
		    int64_t number)
{
	sqlite3_stmt *statement = state->statement[which];
	int code = SQLITE_OK;

	if (state->error)
		return;
	for (int i = 0; i < texts && code == SQLITE_OK; i++)
		code = sqlite3_bind_text(statement, i + 1, text[i], -1, SQLITE_STATIC);
	if (number >= 0 && code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, texts + 1, number);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	state->error = state_error_of(state->database, code);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int64_t state_save_row(struct state *state, const struct kept_row *row)
{
	const char *const text[] = { row->kind, row->rule, row->value, row->document };
	int64_t id = row->id ? row->id : ++state->last_id;

	execute(state, SAVE_ROW, text, 4, id);
	return id;
}

void state_forget_row(struct state *state, int64_t id)
{
	execute(state, FORGET_ROW, NULL, 0, id);
}

void state_forget_rows(struct state *state, const char *rule)
{
	execute(state, FORGET_ROWS, &rule, 1, -1);
}

void state_forget_value(struct state *state, const char *kind, const char *rule)
{
	const char *const text[] = { kind, rule };

	execute(state, FORGET_VALUE, text, 2, -1);
}

void state_save_rule(struct state *state, const char *rule, const char *fields, int64_t since)
{
	const char *const text[] = { rule, fields };

	execute(state, CLEAR_OTHER_TERMS, text, 2, -1);
	execute(state, SAVE_RULE, text, 2, since);
}

void state_save_term(struct state *state, const char *rule, const char *key, int64_t last_seen)
{
	const char *const text[] = { rule, key };

	execute(state, SAVE_TERM, text, 2, last_seen);
}

void state_forget_terms(struct state *state, const char *rule, int64_t oldest)
{
	execute(state, FORGET_TERMS, &rule, 1, oldest);
}

void state_use_rule(struct state *state, const char *rule, int64_t day)
{
	execute(state, USE_RULE, &rule, 1, day);
}

int state_execute(struct state *state, const char *text, const int64_t *number, int numbers)
{
	sqlite3_stmt *statement = NULL;
	int code;

	if (state->error)
		return 0;
	code = sqlite3_prepare_v2(state->database, text, -1, &statement, NULL);
	for (int i = 0; i < numbers && code == SQLITE_OK; i++)
		code = sqlite3_bind_int64(statement, i + 1, number[i]);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	state->error = state_error_of(state->database, code);
	return sqlite3_changes(state->database);
}
