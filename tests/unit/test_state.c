/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_support.h"

#include <sys/mount.h>
#include <sys/wait.h>

#include "store/state.h"

#define DATABASE "state.db"

static const char *path_of(void **state)
{
	return ((struct folder *)*state)->path;
}

static struct state *open_state(void **folder)
{
	struct state *state = NULL;

	assert_int_equal(state_open(path_of(folder), &state), 0);
	assert_non_null(state);
	return state;
}

static int save_values(struct state *state, const char *json)
{
	struct json_object *values = json_tokener_parse(json);
	int error = state_begin(state);

	assert_non_null(values);
	if (!error) {
		state_save_values(state, values);
		error = state_commit(state);
	}
	json_object_put(values);
	return error;
}

static void assert_values(struct state *state, const char *json)
{
	struct json_object *values = NULL;

	assert_int_equal(state_load_values(state, &values), 0);
	assert_string_equal(json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN), json);
	json_object_put(values);
}

/* A line for each row that is loaded; rule "unwanted" is not, and of others so many terms. */
struct loaded {
	UT_string text;
	int most;
};

static bool on_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	utstring_printf(&((struct loaded *)user)->text, "%s by %s since %lld\n", rule, fields,
			(long long)since);
	return strcmp(rule, "unwanted") != 0;
}

static bool on_term(void *user, const char *rule, const char *key, int64_t last_seen)
{
	struct loaded *loaded = user;

	utstring_printf(&loaded->text, "%s %s %lld\n", rule, key, (long long)last_seen);
	return --loaded->most > 0;
}

static void assert_terms(struct state *state, int most, const char *expected)
{
	struct loaded loaded = { .most = most };
	const struct state_reader reader = { on_rule, on_term, &loaded };

	utstring_init(&loaded.text);
	assert_int_equal(state_load_terms(state, &reader), 0);
	assert_string_equal(utstring_body(&loaded.text), expected);
	utstring_done(&loaded.text);
}

static void damage(const char *path, const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void test_values_are_loaded_as_they_were_saved(void **folder)
{
	static const char *const rows[] = {
		"{}",
		"{\"rarity\":{\"a\":{\"text\":\"caf\xc3\xa9 \\u0001 \\\" \\\\\"},\"b\":[1,-2]}}",
		"{\"rarity\":{\"a\":5},\"suppress\":{\"a\":null}}",
	};
	struct state *state = open_state(folder);

	assert_values(state, "{}");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(save_values(state, rows[i]), 0);
		assert_values(state, rows[i]);
		state_close(state);
		state = open_state(folder);
		assert_values(state, rows[i]);
		damage(folder_file(*folder, DATABASE), "DELETE FROM value");
	}
	state_close(state);
}

static void test_a_value_is_saved_in_the_place_of_its_own_alone(void **folder)
{
	struct state *state = open_state(folder);

	assert_int_equal(save_values(state, "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"x\":3}}"), 0);
	assert_int_equal(save_values(state, "{\"a\":{\"y\":4}}"), 0);
	assert_values(state, "{\"a\":{\"x\":1,\"y\":4},\"b\":{\"x\":3}}");
	assert_int_equal(save_values(state, "{}"), 0);
	assert_values(state, "{\"a\":{\"x\":1,\"y\":4},\"b\":{\"x\":3}}");
	state_close(state);
}

static void use_and_forget(struct state *state, const char *rule, int64_t day)
{
	assert_int_equal(state_begin(state), 0);
	state_use_rule(state, rule, day);
	state_forget_rules(state, day);
	assert_int_equal(state_commit(state), 0);
}

static void test_what_nobody_uses_for_long_is_forgotten(void **folder)
{
	struct state *state = open_state(folder);

	assert_int_equal(save_values(state, "{\"a\":{\"x\":1,\"y\":2}}"), 0);
	assert_int_equal(state_begin(state), 0);
	state_save_rule(state, "z", "f", 5);
	state_save_term(state, "z", "[]", 6);
	assert_int_equal(state_commit(state), 0);
	use_and_forget(state, "x", 20000);
	use_and_forget(state, "x", 20000 + STATE_KEEP_DAYS);
	assert_values(state, "{\"a\":{\"x\":1,\"y\":2}}");
	assert_terms(state, 9, "z by f since 5\nz [] 6\n");
	use_and_forget(state, "x", 20001 + STATE_KEEP_DAYS);
	assert_values(state, "{\"a\":{\"x\":1}}");
	assert_terms(state, 9, "");
	state_close(state);
}

static void test_a_database_tells_where_it_comes_from(void **folder)
{
	struct state *state = open_state(folder);
	int64_t origin = state_origin(state);

	state_close(state);
	state = open_state(folder);
	assert_true(state_origin(state) == origin);
	state_close(state);
	assert_int_equal(state_set_aside(path_of(folder)), 0);
	state = open_state(folder);
	assert_true(state_origin(state) != origin);
	state_close(state);
}

static void test_the_first_version_is_taken_over(void **folder)
{
	struct state *state;

	damage(folder_file(*folder, DATABASE),
	       "CREATE TABLE value (kind TEXT NOT NULL, rule TEXT NOT NULL, value TEXT NOT NULL,"
	       " PRIMARY KEY (kind, rule));"
	       "CREATE TABLE term_rule (rule TEXT NOT NULL PRIMARY KEY, fields TEXT NOT NULL,"
	       " since INTEGER NOT NULL);"
	       "CREATE TABLE term (rule TEXT NOT NULL, key TEXT NOT NULL, last_seen INTEGER NOT NULL,"
	       " PRIMARY KEY (rule, key)) WITHOUT ROWID;"
	       "INSERT INTO value VALUES ('a', 'x', '1');"
	       "PRAGMA user_version = 1");
	state = open_state(folder);
	assert_values(state, "{\"a\":{\"x\":1}}");
	state_close(state);
}

static void test_terms_are_saved_one_by_one(void **folder)
{
	struct state *state = open_state(folder);

	assert_int_equal(state_begin(state), 0);
	state_save_rule(state, "r", "a b", 5);
	state_save_term(state, "r", "[\"x\"]", 6);
	state_save_term(state, "r", "[\"y\"]", 7);
	state_save_rule(state, "unwanted", "c", 1);
	state_save_term(state, "unwanted", "[\"z\"]", 8);
	assert_int_equal(state_commit(state), 0);
	assert_int_equal(state_begin(state), 0);
	state_save_term(state, "r", "[\"x\"]", 9);
	assert_int_equal(state_commit(state), 0);
	state_close(state);
	state = open_state(folder);
#define RULES "r by a b since 5\n"
#define MORE  "unwanted by c since 1\n"
	assert_terms(state, 9, RULES "r [\"x\"] 9\nr [\"y\"] 7\n" MORE);
	assert_terms(state, 1, RULES "r [\"x\"] 9\n" MORE);
	assert_int_equal(state_begin(state), 0);
	state_forget_terms(state, "r", 9);
	assert_int_equal(state_commit(state), 0);
	assert_terms(state, 9, RULES "r [\"x\"] 9\n" MORE);
#undef MORE
#undef RULES
	state_close(state);
}

static void test_terms_by_other_fields_go(void **folder)
{
	struct state *state = open_state(folder);

	assert_int_equal(state_begin(state), 0);
	state_save_rule(state, "r", "a", 5);
	state_save_term(state, "r", "[\"x\"]", 6);
	state_save_rule(state, "r", "a", 7);
	assert_int_equal(state_commit(state), 0);
	assert_terms(state, 9, "r by a since 7\nr [\"x\"] 6\n");
	assert_int_equal(state_begin(state), 0);
	state_save_rule(state, "r", "b", 8);
	assert_int_equal(state_commit(state), 0);
	assert_terms(state, 9, "r by b since 8\n");
	state_close(state);
}

static void test_it_is_for_its_owner_alone(void **folder)
{
	mode_t mask = umask(0);
	struct state *state = NULL;
	struct stat status;
	char path[108];

	snprintf(path, sizeof(path), "%s", folder_file(*folder, "state"));
	assert_int_equal(state_open(path, &state), 0);
	assert_int_equal(save_values(state, "{\"a\":{\"b\":1}}"), 0);
	umask(mask);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(folder_file(*folder, "state/" DATABASE), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat(folder_file(*folder, "state/" DATABASE "-wal"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	state_close(state);
}

/* A process that is killed has no time to close anything. */
static void test_a_crash_loses_nothing_that_was_committed(void **folder)
{
	struct state *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (state_open(path_of(folder), &state) ||
		    save_values(state, "{\"kind\":{\"rule\":1}}") || state_begin(state))
			_exit(1);
		state_save_rule(state, "r", "a", 1);
		state_save_term(state, "r", "[\"committed\"]", 2);
		if (state_commit(state) || state_begin(state))
			_exit(1);
		state_save_term(state, "r", "[\"open\"]", 3);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	state = open_state(folder);
	assert_values(state, "{\"kind\":{\"rule\":1}}");
	assert_terms(state, 9, "r by a since 1\nr [\"committed\"] 2\n");
	state_close(state);
}

static void test_what_is_no_database_of_ours_is_damaged(void **folder)
{
	static const char rubbish[4096] = "SQLite format 3";
	struct state *state = NULL;

	write_text(folder_file(*folder, DATABASE),
		   "rubbish, and more than the 100 bytes of a header: "
		   "rubbish rubbish rubbish rubbish rubbish rubbish");
	assert_int_equal(state_open(path_of(folder), &state), -EBADMSG);
	write_bytes(folder_file(*folder, DATABASE), rubbish, sizeof(rubbish));
	assert_int_equal(state_open(path_of(folder), &state), -EBADMSG);
	assert_int_equal(unlink(folder_file(*folder, DATABASE)), 0);
	damage(folder_file(*folder, DATABASE), "PRAGMA user_version = -1");
	assert_int_equal(state_open(path_of(folder), &state), -EBADMSG);
	assert_null(state);
}

static void test_a_good_database_with_other_tables_is_not_damaged(void **folder)
{
	struct state *state = NULL;

	damage(folder_file(*folder, DATABASE), "PRAGMA user_version = 2");
	assert_int_equal(state_open(path_of(folder), &state), -EIO);
	damage(folder_file(*folder, DATABASE),
	       "PRAGMA user_version = 0; CREATE TABLE value (other)");
	assert_int_equal(state_open(path_of(folder), &state), -EIO);
	assert_null(state);
}

static void test_a_damaged_database_is_set_aside_and_kept(void **folder)
{
	struct state *state;

	write_text(folder_file(*folder, DATABASE), "rubbish");
	write_text(folder_file(*folder, DATABASE "-wal"), "log");
	assert_int_equal(state_set_aside(path_of(folder)), 0);
	assert_file(folder_file(*folder, DATABASE ".damaged"), "rubbish");
	assert_file(folder_file(*folder, DATABASE ".damaged-wal"), "log");
	state = open_state(folder);
	assert_values(state, "{}");
	state_close(state);
	assert_int_equal(state_set_aside(folder_file(*folder, "none")), -ENOENT);
}

static void test_a_page_that_is_damaged_is_found_when_it_is_read(void **folder)
{
	struct state *state = open_state(folder);
	struct json_object *values = json_object_new_object(), *kind = json_object_new_object();
	char *bytes;
	int fd;

	json_object_object_add(values, "kind", kind);
	for (int i = 0; i < 1000; i++) {
		char rule[32];

		snprintf(rule, sizeof(rule), "rule-%d", i);
		json_object_object_add(kind, rule, json_object_new_string("some text for a page"));
	}
	assert_int_equal(state_begin(state), 0);
	state_save_values(state, values);
	assert_int_equal(state_commit(state), 0);
	json_object_put(values);
	state_close(state);
	damage(folder_file(*folder, DATABASE), "PRAGMA wal_checkpoint(TRUNCATE)");
	bytes = mem_zalloc(20000);
	fd = open(folder_file(*folder, DATABASE), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, bytes, 20000, 80000), 20000);
	close(fd);
	free(bytes);
	state = open_state(folder);
	assert_int_equal(state_load_values(state, &values), -EBADMSG);
	assert_null(values);
	state_close(state);
}

static void test_a_newer_version_is_left_alone(void **folder)
{
	struct state *state = NULL;
	struct stat before, after;

	damage(folder_file(*folder, DATABASE),
	       "CREATE TABLE other (a); PRAGMA user_version = 1000");
	assert_int_equal(stat(folder_file(*folder, DATABASE), &before), 0);
	assert_int_equal(state_open(path_of(folder), &state), -EPROTONOSUPPORT);
	assert_null(state);
	assert_int_equal(stat(folder_file(*folder, DATABASE), &after), 0);
	assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
		    before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	assert_int_equal(access(folder_file(*folder, DATABASE "-wal"), F_OK), -1);
}

static void test_a_place_that_is_no_folder_is_an_error(void **folder)
{
	struct state *state = NULL;

	write_text(folder_file(*folder, "file"), "");
	assert_int_equal(state_open(folder_file(*folder, "file"), &state), -ENOTDIR);
	assert_int_equal(state_open(folder_file(*folder, "none/state"), &state), -ENOENT);
	assert_int_equal(mkdir(folder_file(*folder, DATABASE), 0700), 0);
	assert_int_equal(state_open(path_of(folder), &state), -EISDIR);
	assert_null(state);
}

static void test_symbolic_links_are_not_followed(void **folder)
{
	static const char *const names[] = { DATABASE, DATABASE "-wal", DATABASE "-shm" };
	struct state *state = NULL;

	write_text(folder_file(*folder, "target"), "");
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_int_equal(symlink("target", folder_file(*folder, names[i])), 0);
		assert_int_equal(state_open(path_of(folder), &state), -ELOOP);
		assert_int_equal(unlink(folder_file(*folder, names[i])), 0);
	}
	assert_file(folder_file(*folder, "target"), "");
}

static void test_somebody_who_reads_does_not_stop_us(void **folder)
{
	struct state *state = open_state(folder);
	sqlite3 *reader;

	assert_int_equal(save_values(state, "{\"a\":{\"b\":1}}"), 0);
	assert_int_equal(sqlite3_open(folder_file(*folder, DATABASE), &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM value", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(save_values(state, "{\"a\":{\"b\":2}}"), 0);
	sqlite3_exec(reader, "COMMIT; BEGIN IMMEDIATE", NULL, NULL, NULL);
	assert_int_equal(save_values(state, "{\"a\":{\"b\":3}}"), -EBUSY);
	sqlite3_close(reader);
	assert_int_equal(save_values(state, "{\"a\":{\"b\":3}}"), 0);
	assert_values(state, "{\"a\":{\"b\":3}}");
	state_close(state);
}

/* Needs root, who can have a small disk of one's own; returns whether it is there. */
static bool small_disk(void **folder, const char *options)
{
	if (!mount("none", path_of(folder), "tmpfs", 0, options))
		return true;
	print_message("NOT TESTED: a full or read-only disk, for mount() says %s\n",
		      strerror(errno));
	return false;
}

static void test_a_full_disk_is_an_error_and_loses_nothing(void **folder)
{
	struct json_object *big;
	struct state *state;
	char *text;

	if (!small_disk(folder, "size=256k"))
		skip();
	state = open_state(folder);
	assert_int_equal(save_values(state, "{\"a\":{\"b\":1}}"), 0);
	text = mem_zalloc(1000001);
	memset(text, 'x', 1000000);
	big = json_object_new_object();
	json_object_object_add(big, "a", json_object_new_object());
	json_object_object_add(json_object_object_get(big, "a"), "b", json_object_new_string(text));
	assert_int_equal(state_begin(state), 0);
	state_save_values(state, big);
	assert_int_equal(state_commit(state), -ENOSPC);
	json_object_put(big);
	free(text);
	assert_values(state, "{\"a\":{\"b\":1}}");
	assert_int_equal(save_values(state, "{\"a\":{\"b\":2}}"), 0);
	assert_values(state, "{\"a\":{\"b\":2}}");
	state_close(state);
	assert_int_equal(umount(path_of(folder)), 0);
}

static void test_a_disk_that_cannot_be_written_is_an_error(void **folder)
{
	struct state *state = NULL;

	if (!small_disk(folder, "size=1m"))
		skip();
	state_close(open_state(folder));
	assert_int_equal(mount(NULL, path_of(folder), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(state_open(path_of(folder), &state), -EROFS);
	assert_int_equal(umount(path_of(folder)), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_values_are_loaded_as_they_were_saved),
		IN_FOLDER(test_a_value_is_saved_in_the_place_of_its_own_alone),
		IN_FOLDER(test_what_nobody_uses_for_long_is_forgotten),
		IN_FOLDER(test_a_database_tells_where_it_comes_from),
		IN_FOLDER(test_the_first_version_is_taken_over),
		IN_FOLDER(test_terms_are_saved_one_by_one),
		IN_FOLDER(test_terms_by_other_fields_go),
		IN_FOLDER(test_it_is_for_its_owner_alone),
		IN_FOLDER(test_a_crash_loses_nothing_that_was_committed),
		IN_FOLDER(test_what_is_no_database_of_ours_is_damaged),
		IN_FOLDER(test_a_good_database_with_other_tables_is_not_damaged),
		IN_FOLDER(test_a_damaged_database_is_set_aside_and_kept),
		IN_FOLDER(test_a_page_that_is_damaged_is_found_when_it_is_read),
		IN_FOLDER(test_a_newer_version_is_left_alone),
		IN_FOLDER(test_a_place_that_is_no_folder_is_an_error),
		IN_FOLDER(test_symbolic_links_are_not_followed),
		IN_FOLDER(test_somebody_who_reads_does_not_stop_us),
		IN_FOLDER(test_a_full_disk_is_an_error_and_loses_nothing),
		IN_FOLDER(test_a_disk_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
