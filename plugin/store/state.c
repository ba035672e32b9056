/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/inside.h"

#define DATABASE "state.db"
#define DAMAGED	 "state.db.damaged"

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
};
#define LATEST_VERSION ((int)(sizeof(steps) / sizeof(steps[0])))

enum statement {
	SAVE_VALUE,
	LOAD_VALUES,
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
	[SAVE_VALUE] = "INSERT OR REPLACE INTO value (kind, rule, value) VALUES (?, ?, ?)",
	[LOAD_VALUES] = "SELECT kind, rule, value FROM value",
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

/* A rule that nobody has used as of yet is used from now on; ?1 is today. */
static const char *const forget_sql[] = {
	"INSERT OR IGNORE INTO used SELECT rule, ?1 FROM value UNION SELECT rule, ?1 FROM term_rule",
	"DELETE FROM value WHERE rule IN (SELECT rule FROM used WHERE day < ?1 - ?2)",
	"DELETE FROM term WHERE rule IN (SELECT rule FROM used WHERE day < ?1 - ?2)",
	"DELETE FROM term_rule WHERE rule IN (SELECT rule FROM used WHERE day < ?1 - ?2)",
	"DELETE FROM used WHERE day < ?1 - ?2",
};

#define TIDY_PAGES 1000 /* in the log */

struct state {
	sqlite3 *database;
	int pages; /* in the log */
	int64_t origin;
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

/* The file is made here and not by SQLite, so that it has the right mode and is no symbolic link.
 */
static int make_file(int folder)
{
	static const char *const others[] = { DATABASE "-wal", DATABASE "-shm" };
	int fd = openat(folder, DATABASE, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			0600);
	struct stat status;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	close(fd);
	for (size_t i = 0; i < 2 && !error; i++) {
		if (!fstatat(folder, others[i], &status, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISREG(status.st_mode))
			error = S_ISLNK(status.st_mode) ? -ELOOP : -EINVAL;
	}
	return error;
}

static int make_place(const char *folder)
{
	int fd, error;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = make_file(fd);
	close(fd);
	return error;
}

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
	return error ? error : prepare(state);
}

int state_open(const char *folder, struct state **opened)
{
	struct state *state;
	int error = make_place(folder);
	char *path;

	if (error)
		return error;
	state = mem_zalloc(sizeof(*state));
	path = sqlite3_mprintf("%s/" DATABASE, folder);
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

int state_set_aside(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (renameat(fd, DATABASE, fd, DAMAGED))
		error = -errno;
	/* A log is of use with its database only. */
	if (renameat(fd, DATABASE "-wal", fd, DAMAGED "-wal"))
		unlinkat(fd, DAMAGED "-wal", 0);
	unlinkat(fd, DATABASE "-shm", 0);
	close(fd);
	return error;
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

/* Texts and then a number, -1 for none; they are used before the caller goes on. */
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

void state_save_values(struct state *state, struct json_object *values)
{
	json_object_object_foreach(values, kind, rules)
	{
		json_object_object_foreach(rules, rule, value)
		{
			const char *const text[] = {
				kind, rule,
				json_object_to_json_string_ext(
					value,
					JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
			};

			execute(state, SAVE_VALUE, text, 3, -1);
		}
	}
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

void state_forget_rules(struct state *state, int64_t day)
{
	for (size_t i = 0; i < sizeof(forget_sql) / sizeof(forget_sql[0]) && !state->error; i++) {
		sqlite3_stmt *statement = NULL;
		int code = sqlite3_prepare_v2(state->database, forget_sql[i], -1, &statement, NULL);

		if (code == SQLITE_OK) {
			sqlite3_bind_int64(statement, 1, day);
			sqlite3_bind_int64(statement, 2, STATE_KEEP_DAYS);
			code = sqlite3_step(statement);
		}
		sqlite3_finalize(statement);
		state->error = state_error_of(state->database, code);
	}
}
