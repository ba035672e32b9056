/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <sqlite3.h>

#include "store/outbox.h"

struct fixture {
	struct folder *folder;
	struct state *state;
	struct outbox *outbox;
	UT_string text; /* of what was told */
	int most;	/* letters that are wanted */
};

static void fixture_open(struct fixture *f)
{
	assert_int_equal(state_open(f->folder->path, &f->state), 0);
	assert_int_equal(outbox_open(f->state, &f->outbox), 0);
}

static void fixture_close(struct fixture *f)
{
	outbox_close(f->outbox);
	state_close(f->state);
}

static void fixture_begin(struct fixture *f, void **state)
{
	*f = (struct fixture){ .folder = *state, .most = 1000 };
	utstring_init(&f->text);
	fixture_open(f);
}

static void fixture_end(struct fixture *f)
{
	fixture_close(f);
	utstring_done(&f->text);
}

static int64_t add(struct fixture *f, unsigned sinks, int severity, const char *text)
{
	const struct outbox_letter letter = { .sinks = sinks, .severity = severity, .priority = 84,
					      .time = 1700000000, .text = span_of(text) };

	return outbox_add(f->outbox, &letter);
}

/* Keeps "a" for both, "b" for the first, "c" for the second, "dd" for both. */
static void add_four(struct fixture *f)
{
	assert_int_equal(state_begin(f->state), 0);
	assert_int_equal(add(f, 3, 1, "a"), 1);
	assert_int_equal(add(f, 1, 0, "b"), 2);
	assert_int_equal(add(f, 2, 3, "c"), 3);
	assert_int_equal(add(f, 3, 0, "dd"), 4);
	assert_int_equal(state_commit(f->state), 0);
}

static bool on_letter(void *user, const struct outbox_letter *letter)
{
	struct fixture *f = user;

	utstring_printf(&f->text, "%d:%u:%d:%d:%d:%.*s ", (int)letter->id, letter->sinks,
			letter->severity, letter->priority, (int)(letter->time - 1700000000),
			(int)letter->text.length, letter->text.start);
	return --f->most;
}

static void assert_read(struct fixture *f, unsigned sink, int64_t behind, const char *expected)
{
	utstring_clear(&f->text);
	assert_int_equal(outbox_read(f->outbox, sink, behind, on_letter, f), 0);
	assert_string_equal(utstring_body(&f->text), expected);
}

static void test_letters_are_read_in_order_by_who_wants_them(void **state)
{
	struct fixture f;
	uint64_t count;

	fixture_begin(&f, state);
	assert_read(&f, 0, 0, "");
	add_four(&f);
	assert_read(&f, 0, 0, "1:3:1:84:0:a 2:1:0:84:0:b 4:3:0:84:0:dd ");
	assert_read(&f, 1, 0, "1:3:1:84:0:a 3:2:3:84:0:c 4:3:0:84:0:dd ");
	assert_read(&f, 1, 3, "4:3:0:84:0:dd ");
	f.most = 2;
	assert_read(&f, 0, 0, "1:3:1:84:0:a 2:1:0:84:0:b ");
	assert_int_equal(outbox_count(f.outbox, 0, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(outbox_bytes(f.outbox), 5);
	fixture_end(&f);
}

static void test_they_outlive_the_process(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	add_four(&f);
	fixture_close(&f);
	fixture_open(&f);
	assert_int_equal(outbox_latest(f.outbox), 4);
	assert_int_equal(outbox_bytes(f.outbox), 5);
	assert_read(&f, 0, 0, "1:3:1:84:0:a 2:1:0:84:0:b 4:3:0:84:0:dd ");
	fixture_end(&f);
}

/* Ids are not given again, or what is new would pass for taken. */
static void test_what_is_taken_goes_and_its_numbers_too(void **state)
{
	struct fixture f;
	uint64_t count;

	fixture_begin(&f, state);
	add_four(&f);
	assert_int_equal(state_begin(f.state), 0);
	outbox_note_taken(f.outbox, 0, 4);
	outbox_note_taken(f.outbox, 1, 3);
	outbox_note_taken(f.outbox, 1, 2);
	outbox_delete(f.outbox, 3);
	assert_int_equal(state_commit(f.state), 0);
	assert_int_equal(outbox_bytes(f.outbox), 2);
	fixture_close(&f);
	fixture_open(&f);
	assert_int_equal(outbox_taken(f.outbox, 0), 4);
	assert_int_equal(outbox_taken(f.outbox, 1), 3);
	assert_int_equal(outbox_count(f.outbox, 0, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(outbox_count(f.outbox, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(state_begin(f.state), 0);
	outbox_delete(f.outbox, 4);
	assert_int_equal(state_commit(f.state), 0);
	fixture_close(&f);
	fixture_open(&f);
	assert_int_equal(outbox_latest(f.outbox), 4);
	assert_int_equal(state_begin(f.state), 0);
	assert_int_equal(add(&f, 3, 0, "new"), 5);
	assert_int_equal(state_commit(f.state), 0);
	fixture_end(&f);
}

static void test_without_a_commit_nothing_has_happened(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	assert_int_equal(state_begin(f.state), 0);
	add(&f, 3, 0, "a");
	outbox_note_taken(f.outbox, 0, 1);
	fixture_close(&f);
	fixture_open(&f);
	assert_int_equal(outbox_latest(f.outbox), 0);
	assert_int_equal(outbox_bytes(f.outbox), 0);
	assert_int_equal(outbox_taken(f.outbox, 0), 0);
	fixture_end(&f);
}

static void test_what_was_not_committed_can_be_undone(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	add_four(&f);
	assert_int_equal(state_begin(f.state), 0);
	outbox_begin(f.outbox);
	add(&f, 3, 0, "e");
	outbox_note_taken(f.outbox, 0, 4);
	outbox_delete(f.outbox, 4);
	outbox_undo(f.outbox);
	assert_int_equal(outbox_latest(f.outbox), 4);
	assert_int_equal(outbox_bytes(f.outbox), 5);
	assert_int_equal(outbox_taken(f.outbox, 0), 0);
	fixture_end(&f);
}

static void on_dropped(void *user, int64_t id, unsigned sinks)
{
	utstring_printf(&((struct fixture *)user)->text, "%d:%u ", (int)id, sinks);
}

static void test_the_oldest_of_the_lowest_severity_are_dropped(void **state)
{
	static const struct {
		int64_t behind;
		uint64_t bytes;
		const char *dropped;
	} rows[] = {
		{ 0, 0, "" },
		{ 0, 1, "2:1 " },
		{ 0, 2, "2:1 4:3 " },
		{ 0, 4, "2:1 4:3 1:3 " },
		{ 0, 5, "2:1 4:3 1:3 3:2 " },
		{ 0, 500, "2:1 4:3 1:3 3:2 " },
		{ 2, 4, "4:3 3:2 " },
		{ INT64_MAX, 4, "" },
	};
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fixture_begin(&f, state);
		add_four(&f);
		assert_int_equal(state_begin(f.state), 0);
		assert_int_equal(outbox_drop(f.outbox, rows[i].behind, rows[i].bytes, on_dropped,
					     &f) * 4,
				 strlen(rows[i].dropped));
		assert_int_equal(state_commit(f.state), 0);
		assert_string_equal(utstring_body(&f.text), rows[i].dropped);
		fixture_end(&f);
		unlink(folder_file(*state, "state.db"));
		unlink(folder_file(*state, "state.db-wal"));
		unlink(folder_file(*state, "state.db-shm"));
	}
}

static void test_what_nobody_wants_is_deleted(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	add_four(&f);
	assert_int_equal(state_begin(f.state), 0);
	assert_int_equal(outbox_delete_unwanted(f.outbox, 2), 1);
	assert_int_equal(state_commit(f.state), 0);
	assert_read(&f, 0, 0, "1:3:1:84:0:a 4:3:0:84:0:dd ");
	assert_int_equal(outbox_bytes(f.outbox), 4);
	fixture_end(&f);
}

static void tamper(struct fixture *f, const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(folder_file(f->folder, "state.db"), &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
}

static void test_letters_that_make_no_sense_are_left_out(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	add_four(&f);
	tamper(&f, "UPDATE letter SET severity = 4 WHERE id = 1;"
		   "UPDATE letter SET priority = -1 WHERE id = 2;"
		   "INSERT INTO letter VALUES (7, 'x', 'y', 'z', 'w', 'v', x'ff00ff');");
	assert_read(&f, 0, 0, "2:1:0:1023:0:b 4:3:0:84:0:dd ");
	fixture_end(&f);
}

static void test_numbers_that_make_no_sense_are_damage(void **state)
{
	static const char *const rows[] = {
		"INSERT INTO taken VALUES (0, 9223372036854775807)",
		"INSERT INTO letter VALUES (9223372036854775807, 1, 1, 1, 1, 1, 'x')",
		"INSERT INTO letter VALUES (1, 1, 1, 1, 1, -5, 'x')",
	};
	struct fixture f;
	struct outbox *outbox = NULL;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fixture_begin(&f, state);
		tamper(&f, "DELETE FROM taken; DELETE FROM letter");
		tamper(&f, rows[i]);
		assert_int_equal(outbox_open(f.state, &outbox), -EBADMSG);
		tamper(&f, "DELETE FROM taken; DELETE FROM letter");
		fixture_end(&f);
	}
	outbox_close(outbox);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_letters_are_read_in_order_by_who_wants_them),
		IN_FOLDER(test_they_outlive_the_process),
		IN_FOLDER(test_what_is_taken_goes_and_its_numbers_too),
		IN_FOLDER(test_without_a_commit_nothing_has_happened),
		IN_FOLDER(test_what_was_not_committed_can_be_undone),
		IN_FOLDER(test_the_oldest_of_the_lowest_severity_are_dropped),
		IN_FOLDER(test_what_nobody_wants_is_deleted),
		IN_FOLDER(test_letters_that_make_no_sense_are_left_out),
		IN_FOLDER(test_numbers_that_make_no_sense_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
