/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/outbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/inside.h"

#define MAX_TEXT (1 << 21)		/* longer than any alert */
#define MAX_ID	 ((int64_t)1 << 62)	/* of a file that was tampered with, else */

enum statement {
	LATEST,
	TOTAL,
	LOAD_TAKEN,
	COUNT,
	READ,
	ADD,
	NOTE_TAKEN,
	SIZE_UP_TO,
	DELETE_UP_TO,
	SIZE_UNWANTED,
	DELETE_UNWANTED,
	LEAST,
	DELETE_ONE,
	STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[LATEST] = "SELECT max(coalesce((SELECT max(id) FROM letter), 0),"
		   " coalesce((SELECT max(id) FROM taken), 0))",
	[TOTAL] = "SELECT coalesce(sum(size), 0) FROM letter",
	[LOAD_TAKEN] = "SELECT coalesce((SELECT id FROM taken WHERE sink = ?), 0)",
	[COUNT] = "SELECT count(*) FROM letter WHERE id > ?2 AND sinks & ?1",
	[READ] = "SELECT id, sinks, severity, priority, time, text FROM letter"
		 " WHERE id > ?2 AND sinks & ?1 ORDER BY id",
	[ADD] = "INSERT INTO letter (id, sinks, severity, priority, time, size, text)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
	[NOTE_TAKEN] = "INSERT OR REPLACE INTO taken (sink, id) VALUES (?, ?)",
	[SIZE_UP_TO] = "SELECT coalesce(sum(size), 0) FROM letter WHERE id <= ?",
	[DELETE_UP_TO] = "DELETE FROM letter WHERE id <= ?",
	[SIZE_UNWANTED] = "SELECT coalesce(sum(size), 0) FROM letter WHERE sinks & ? = 0",
	[DELETE_UNWANTED] = "DELETE FROM letter WHERE sinks & ? = 0",
	[LEAST] = "SELECT id, size, sinks FROM letter WHERE id > ? AND severity = ? ORDER BY id",
	[DELETE_ONE] = "DELETE FROM letter WHERE id = ?",
};

struct figures {
	int64_t latest;
	int64_t bytes;
	int64_t taken[OUTBOX_SINKS];
};

struct outbox {
	struct state *state;
	sqlite3_stmt *statement[STATEMENTS];
	struct figures now;
	struct figures before; /* the transaction */
};

static int error_of(const struct outbox *outbox, int code)
{
	return state_error_of(state_database(outbox->state), code);
}

/* Runs a statement with up to two numbers, which gives one. */
static int ask(struct outbox *outbox, enum statement which, int64_t first, int64_t second,
	       int64_t *answer)
{
	sqlite3_stmt *statement = outbox->statement[which];
	int count = sqlite3_bind_parameter_count(statement);
	int code = SQLITE_OK;

	if (count > 0)
		code = sqlite3_bind_int64(statement, 1, first);
	if (count > 1 && code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 2, second);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*answer = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return error_of(outbox, code);
}

/* The same of one that gives nothing, within a transaction. */
static void execute(struct outbox *outbox, enum statement which, int64_t first, int64_t second)
{
	sqlite3_stmt *statement = outbox->statement[which];
	int code;

	if (!state_is_good(outbox->state))
		return;
	code = sqlite3_bind_int64(statement, 1, first);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement) > 1)
		code = sqlite3_bind_int64(statement, 2, second);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	state_note(outbox->state, code);
	sqlite3_reset(statement);
}

/* A sum that a statement gives, within a transaction; 0 if it can't. */
static int64_t sum_of(struct outbox *outbox, enum statement which, int64_t number)
{
	int64_t sum = 0;

	if (state_is_good(outbox->state) && ask(outbox, which, number, 0, &sum))
		state_note(outbox->state, sqlite3_errcode(state_database(outbox->state)));
	return sum;
}

static int prepare(struct outbox *outbox)
{
	int code = SQLITE_OK;

	for (int i = 0; i < STATEMENTS && code == SQLITE_OK; i++)
		code = sqlite3_prepare_v2(state_database(outbox->state), sql[i], -1,
					  &outbox->statement[i], NULL);
	return error_of(outbox, code);
}

static int load(struct outbox *outbox)
{
	int error = prepare(outbox);

	if (!error)
		error = ask(outbox, LATEST, 0, 0, &outbox->now.latest);
	if (!error)
		error = ask(outbox, TOTAL, 0, 0, &outbox->now.bytes);
	for (int i = 0; i < OUTBOX_SINKS && !error; i++)
		error = ask(outbox, LOAD_TAKEN, i, 0, &outbox->now.taken[i]);
	if (!error && (outbox->now.latest < 0 || outbox->now.latest > MAX_ID || outbox->now.bytes < 0))
		error = -EBADMSG;
	return error;
}

int outbox_open(struct state *state, struct outbox **opened)
{
	struct outbox *outbox = mem_zalloc(sizeof(*outbox));
	int error;

	outbox->state = state;
	error = load(outbox);
	if (error)
		outbox_close(outbox);
	else
		*opened = outbox;
	return error;
}

void outbox_close(struct outbox *outbox)
{
	if (!outbox)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(outbox->statement[i]);
	free(outbox);
}

int64_t outbox_latest(const struct outbox *outbox)
{
	return outbox->now.latest;
}

uint64_t outbox_bytes(const struct outbox *outbox)
{
	return outbox->now.bytes > 0 ? (uint64_t)outbox->now.bytes : 0;
}

int64_t outbox_taken(const struct outbox *outbox, unsigned sink)
{
	return outbox->now.taken[sink];
}

void outbox_begin(struct outbox *outbox)
{
	outbox->before = outbox->now;
}

void outbox_undo(struct outbox *outbox)
{
	outbox->now = outbox->before;
}

int outbox_count(struct outbox *outbox, unsigned sink, uint64_t *count)
{
	int64_t number = 0;
	int error = ask(outbox, COUNT, 1 << sink, outbox->now.taken[sink], &number);

	*count = (uint64_t)number;
	return error;
}

/* The file can have been tampered with: what is no letter is left out. */
static bool read_letter(sqlite3_stmt *row, struct outbox_letter *letter)
{
	letter->id = sqlite3_column_int64(row, 0);
	letter->sinks = (unsigned)sqlite3_column_int64(row, 1) & ((1u << OUTBOX_SINKS) - 1);
	letter->severity = sqlite3_column_int(row, 2);
	letter->priority = sqlite3_column_int(row, 3) & 0x3ff;
	letter->time = sqlite3_column_int64(row, 4);
	letter->text.start = (const char *)sqlite3_column_text(row, 5);
	letter->text.length = (size_t)sqlite3_column_bytes(row, 5);
	return letter->text.start && letter->text.length <= MAX_TEXT && letter->severity >= 0 &&
	       letter->severity < OUTBOX_SEVERITIES;
}

int outbox_read(struct outbox *outbox, unsigned sink, int64_t behind,
		bool (*take)(void *user, const struct outbox_letter *letter), void *user)
{
	sqlite3_stmt *row = outbox->statement[READ];
	struct outbox_letter letter;
	int code;

	sqlite3_bind_int64(row, 1, 1 << sink);
	sqlite3_bind_int64(row, 2, behind);
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		if (read_letter(row, &letter) && !take(user, &letter))
			break;
	}
	sqlite3_reset(row);
	return error_of(outbox, code);
}

int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter)
{
	sqlite3_stmt *add = outbox->statement[ADD];
	const int64_t numbers[] = { ++outbox->now.latest, letter->sinks, letter->severity,
				    letter->priority, letter->time, (int64_t)letter->text.length };
	int code = SQLITE_OK;

	if (!state_is_good(outbox->state))
		return outbox->now.latest;
	for (int i = 0; i < 6 && code == SQLITE_OK; i++)
		code = sqlite3_bind_int64(add, i + 1, numbers[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(add, 7, letter->text.start, (int)letter->text.length,
					 SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(add);
	state_note(outbox->state, code);
	sqlite3_reset(add);
	sqlite3_clear_bindings(add);
	outbox->now.bytes += (int64_t)letter->text.length;
	return outbox->now.latest;
}

void outbox_note_taken(struct outbox *outbox, unsigned sink, int64_t id)
{
	if (id <= outbox->now.taken[sink])
		return;
	execute(outbox, NOTE_TAKEN, sink, id);
	outbox->now.taken[sink] = id;
}

void outbox_delete(struct outbox *outbox, int64_t last)
{
	int64_t bytes = sum_of(outbox, SIZE_UP_TO, last);

	execute(outbox, DELETE_UP_TO, last, 0);
	outbox->now.bytes -= bytes;
}

uint64_t outbox_delete_unwanted(struct outbox *outbox, unsigned sinks)
{
	int64_t bytes = sum_of(outbox, SIZE_UNWANTED, sinks);

	execute(outbox, DELETE_UNWANTED, sinks, 0);
	outbox->now.bytes -= bytes;
	return state_is_good(outbox->state) ?
		       (uint64_t)sqlite3_changes(state_database(outbox->state)) :
		       0;
}

uint64_t outbox_drop(struct outbox *outbox, int64_t behind, uint64_t bytes,
		     void (*dropped)(void *user, int64_t id, unsigned sinks), void *user)
{
	sqlite3_stmt *row = outbox->statement[LEAST];
	int64_t enough = outbox->now.bytes - (int64_t)bytes;
	uint64_t count = 0;

	for (int severity = 0; severity < OUTBOX_SEVERITIES; severity++) {
		sqlite3_bind_int64(row, 1, behind);
		sqlite3_bind_int(row, 2, severity);
		while (outbox->now.bytes > enough && state_is_good(outbox->state) &&
		       sqlite3_step(row) == SQLITE_ROW) {
			execute(outbox, DELETE_ONE, sqlite3_column_int64(row, 0), 0);
			dropped(user, sqlite3_column_int64(row, 0),
				(unsigned)sqlite3_column_int64(row, 2));
			outbox->now.bytes -= sqlite3_column_int64(row, 1);
			count++;
		}
		state_note(outbox->state, sqlite3_reset(row));
	}
	return count;
}
