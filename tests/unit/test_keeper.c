/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_support.h"

#include <time.h>

#include "keeper.h"
#include "store/state.h"

#define RULES                                                                                      \
	"rules = ( { id = \"n\"; type = \"new_terms\"; condition = \"true\";"                      \
	" by = [ \"process.executable\" ]; },"                                                     \
	" { id = \"many\"; type = \"threshold\"; condition = \"true\"; at_least = 5; window = \"1h\"; } );"

/* A keeper, and what it said. */
struct fixture {
	struct ruleset *ruleset;
	struct pipeline *pipeline;
	struct keeper *keeper;
	int alerts; /* of the rule that counts */
	UT_string said;
};

static void on_message(void *user, enum message_number number, const char *text)
{
	struct fixture *f = user;
	const char *message = strstr(text, ": ");

	(void)number;
	assert_non_null(message);
	utstring_printf(&f->said, "%.24s\n", message + 2);
}

static void count_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct fixture *f = user;

	f->alerts += !strcmp(rule->id, "many");
	json_object_put(document);
}

static void fixture_begin_in(struct fixture *f, void **state, const char *place)
{
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	const struct pipeline_handlers handlers = { .alert = count_alert, .user = f };

	f->alerts = 0;
	f->ruleset = load_rules(*state, RULES);
	f->pipeline = pipeline_new(f->ruleset, &options, &handlers);
	assert_non_null(f->pipeline);
	f->keeper = keeper_new(place, f->pipeline, on_message, f);
	utstring_init(&f->said);
}

static void fixture_begin(struct fixture *f, void **state)
{
	char place[108];

	snprintf(place, sizeof(place), "%s", folder_file(*state, "state"));
	fixture_begin_in(f, state, place);
}

static void fixture_end(struct fixture *f)
{
	keeper_free(f->keeper);
	pipeline_free(f->pipeline);
	ruleset_free(f->ruleset);
	utstring_done(&f->said);
}

static void assert_said(struct fixture *f, const char *expected)
{
	assert_string_equal(utstring_body(&f->said), expected);
	utstring_clear(&f->said);
}

/* Is `executable` known by now? It is afterwards. */
static bool see(struct fixture *f, const char *executable)
{
	struct scene scene;
	int64_t last_seen;

	scene_init(&scene);
	scene.image.executable = executable;
	new_terms_count(pipeline_terms(f->pipeline), f->ruleset->rule[0], &scene.event,
			stamp_ms(&scene.event.stamp), &last_seen);
	return last_seen != 0;
}

static void test_what_is_seen_is_kept(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	see(&f, "a");
	assert_true(keeper_save(f.keeper, false, 5));
	fixture_end(&f);
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	assert_false(see(&f, "b"));
	assert_said(&f, "");
	fixture_end(&f);
}

static void test_it_saves_when_something_is_due(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	keeper_load(f.keeper, 100);
	assert_int_equal(keeper_deadline(f.keeper), -1);
	see(&f, "a");
	assert_int_equal(keeper_deadline(f.keeper), 100 + KEEPER_SOON_MS);
	keeper_look_after(f.keeper, 100 + KEEPER_SOON_MS - 1);
	assert_int_equal(keeper_deadline(f.keeper), 100 + KEEPER_SOON_MS);
	keeper_look_after(f.keeper, 100 + KEEPER_SOON_MS);
	assert_int_equal(keeper_deadline(f.keeper), -1);
	/* As after a crash: nothing else is saved. */
	fixture_end(&f);
	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	assert_true(see(&f, "a"));
	fixture_end(&f);
}

static void test_damage_is_set_aside_and_told(void **state)
{
	struct fixture f;

	assert_int_equal(mkdir(folder_file(*state, "state"), 0700), 0);
	write_text(
		folder_file(*state, "state/state.db"),
		"rubbish that is longer than a header of a hundred bytes, rubbish rubbish rubbish "
		"rubbish rubbish rubbish");
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	assert_said(&f, "the state is damaged; it\n");
	assert_int_equal(access(folder_file(*state, "state/state.db.damaged"), F_OK), 0);
	see(&f, "a");
	assert_true(keeper_save(f.keeper, false, 1));
	assert_said(&f, "");
	fixture_end(&f);
}

static void test_a_failure_is_told_once_and_so_is_its_end(void **state)
{
	struct fixture f;
	int64_t now = 0;

	write_text(folder_file(*state, "state"), "in the way");
	fixture_begin(&f, state);
	assert_false(keeper_load(f.keeper, now));
	assert_said(&f, "the state can't be kept:\n");
	see(&f, "a");
	assert_int_equal(keeper_deadline(f.keeper), KEEPER_AGAIN_MS);
	for (; now < 5 * KEEPER_AGAIN_MS; now += 1000)
		keeper_look_after(f.keeper, now);
	assert_said(&f, "");
	assert_int_equal(unlink(folder_file(*state, "state")), 0);
	keeper_look_after(f.keeper, now + KEEPER_AGAIN_MS);
	assert_said(&f, "the state is kept again\n");
	fixture_end(&f);
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	fixture_end(&f);
}

static void test_another_folder_gets_everything(void **state)
{
	struct fixture f;
	char place[108];

	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	see(&f, "a");
	keeper_save(f.keeper, false, 1);
	snprintf(place, sizeof(place), "%s", folder_file(*state, "other"));
	keeper_set_folder(f.keeper, place);
	assert_int_equal(keeper_deadline(f.keeper), 0);
	keeper_look_after(f.keeper, 2);
	fixture_end(&f);
	fixture_begin_in(&f, state, place);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	assert_said(&f, "");
	fixture_end(&f);
}

static void move(void **state, const char *from, const char *to)
{
	char path[108];

	snprintf(path, sizeof(path), "%s", folder_file(*state, from));
	assert_int_equal(rename(path, folder_file(*state, to)), 0);
}

/* What could not be read at the start must still be there, and all that was seen since with it. */
static void test_what_could_not_be_loaded_is_not_replaced(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	see(&f, "a");
	assert_true(keeper_save(f.keeper, false, 1));
	fixture_end(&f);
	move(state, "state", "away");
	write_text(folder_file(*state, "state"), "in the way");

	fixture_begin(&f, state);
	assert_false(keeper_load(f.keeper, 0));
	see(&f, "b");
	assert_int_equal(unlink(folder_file(*state, "state")), 0);
	move(state, "away", "state");
	assert_false(keeper_save(f.keeper, false, 1));
	keeper_look_after(f.keeper, 1 + KEEPER_AGAIN_MS);
	assert_said(&f, "the state can't be kept:\nthe state is kept again\n");
	assert_true(see(&f, "a"));
	fixture_end(&f);

	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	assert_true(see(&f, "b"));
	fixture_end(&f);
}

static void test_what_is_kept_in_another_folder_is_added(void **state)
{
	struct fixture f;
	char place[108];

	snprintf(place, sizeof(place), "%s", folder_file(*state, "other"));
	fixture_begin_in(&f, state, place);
	keeper_load(f.keeper, 0);
	see(&f, "b");
	assert_true(keeper_save(f.keeper, false, 1));
	fixture_end(&f);
	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	see(&f, "a");
	keeper_set_folder(f.keeper, place);
	keeper_look_after(f.keeper, 2);
	assert_true(see(&f, "b"));
	fixture_end(&f);
	fixture_begin_in(&f, state, place);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	assert_true(see(&f, "b"));
	fixture_end(&f);
}

static void exec_one(struct fixture *f, int serial)
{
	char records[512];

	snprintf(records, sizeof(records),
		 "type=SYSCALL msg=audit(1700000000.%03d:%d): arch=c000003e syscall=59 success=yes exit=0 ppid=1 "
		 "pid=%d auid=1 uid=1 gid=1 euid=1 suid=1 fsuid=1 egid=1 sgid=1 fsgid=1 tty=(none) ses=1 "
		 "comm=\"a\" exe=\"/bin/a\" key=\"exec\"\n"
		 "type=EXECVE msg=audit(1700000000.%03d:%d): argc=1 a0=\"a\"\n"
		 "type=EOE msg=audit(1700000000.%03d:%d): \n",
		 serial, serial, 1000 + serial, serial, serial, serial, serial);
	pipeline_feed(f->pipeline, span_of(records), 0);
}

/* Goes on in a folder. */
static void move_to(struct fixture *f, const char *place, int64_t now)
{
	assert_true(keeper_save(f->keeper, false, now));
	keeper_set_folder(f->keeper, place);
	keeper_look_after(f->keeper, now);
	assert_string_equal(keeper_health(f->keeper), "kept");
}

/* What was read is not counted once more, wherever it is found again. */
static void test_a_copy_is_not_added_to_itself(void **state)
{
	char first[108], copy[108], other[108], command[512];
	struct fixture f;

	snprintf(first, sizeof(first), "%s", folder_file(*state, "state"));
	snprintf(copy, sizeof(copy), "%s", folder_file(*state, "copy"));
	snprintf(other, sizeof(other), "%s", folder_file(*state, "other"));
	snprintf(command, sizeof(command), "cp -r %s %s", first, copy);
	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	exec_one(&f, 1);
	exec_one(&f, 2);
	assert_true(keeper_save(f.keeper, false, 1));
	assert_int_equal(system(command), 0);
	move_to(&f, copy, 10000);
	move_to(&f, other, 20000);
	move_to(&f, first, 30000);
	exec_one(&f, 3);
	exec_one(&f, 4);
	assert_int_equal(f.alerts, 0);
	assert_true(keeper_save(f.keeper, false, 40000));
	fixture_end(&f);
	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	assert_int_equal(f.alerts, 0);
	exec_one(&f, 5);
	assert_int_equal(f.alerts, 1);
	assert_said(&f, "");
	fixture_end(&f);
}

/* Another process writes: saving fails for as long. */
static sqlite3 *lock_database(void **state)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(folder_file(*state, "state/state.db"), &database),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return database;
}

static void test_a_new_file_gets_everything(void **state)
{
	struct fixture f;
	sqlite3 *other;

	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	see(&f, "a");
	assert_true(keeper_save(f.keeper, false, 1));
	see(&f, "b");
	other = lock_database(state);
	assert_false(keeper_save(f.keeper, false, 2));
	sqlite3_close(other);
	move(state, "state", "away");
	keeper_look_after(f.keeper, 2 + KEEPER_AGAIN_MS);
	assert_said(&f, "the state can't be kept:\nthe state is kept again\n");
	fixture_end(&f);
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	assert_true(see(&f, "a"));
	assert_true(see(&f, "b"));
	fixture_end(&f);
}

static void write_values(void **folder, const char *json)
{
	struct json_object *values = json_tokener_parse(json);
	struct state *state;

	assert_non_null(values);
	assert_int_equal(state_open(folder_file(*folder, "state"), &state), 0);
	assert_int_equal(state_begin(state), 0);
	state_save_values(state, values);
	assert_int_equal(state_commit(state), 0);
	state_close(state);
	json_object_put(values);
}

static void assert_values(void **folder, const char *json)
{
	struct json_object *values;
	struct state *state;

	assert_int_equal(state_open(folder_file(*folder, "state"), &state), 0);
	assert_int_equal(state_load_values(state, &values), 0);
	assert_string_equal(json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN), json);
	state_close(state);
	json_object_put(values);
}

static void test_what_rules_that_are_gone_have_counted_stays(void **state)
{
#define COUNTED "{\"threshold\":{\"gone\":{\"by\":\"\",\"distinct\":\"\",\"seed\":1,\"groups\":[]}}}"
	struct fixture f;

	write_values(state, COUNTED);
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	see(&f, "a");
	keeper_look_after(f.keeper, KEEPER_AGAIN_MS);
	assert_true(keeper_save(f.keeper, true, KEEPER_AGAIN_MS));
	fixture_end(&f);
	assert_values(state, COUNTED);
#undef COUNTED
}

static void run_sql(void **state, const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(folder_file(*state, "state/state.db"), &database),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* Their rows, one "RULE " each. */
static void assert_rows_of(void **state, const char *expected)
{
	UT_string rules;
	sqlite3 *database;
	sqlite3_stmt *row;

	utstring_init(&rules);
	assert_int_equal(sqlite3_open(folder_file(*state, "state/state.db"), &database), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(database, "SELECT rule FROM counted ORDER BY id", -1, &row, NULL),
			 SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW)
		utstring_printf(&rules, "%s ", sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	assert_string_equal(utstring_body(&rules), expected);
	utstring_done(&rules);
}

/* But not for ever; that of rules that are in use does, and that of those that nobody has used as of yet. */
static void test_what_rules_that_are_gone_for_long_have_counted_goes(void **state)
{
	struct fixture f;

	write_values(state, "{\"threshold\":{\"gone\":5}}");
	run_sql(state, "INSERT INTO counted (kind, rule, value) VALUES ('rarity', 'gone', ''),"
		       " ('rarity', 'n', ''), ('rarity', 'away', ''), ('rarity', 'gone', '')");
	run_sql(state, "INSERT INTO used VALUES ('gone', 5), ('n', 5)");
	fixture_begin(&f, state);
	assert_true(keeper_load(f.keeper, 0));
	see(&f, "a");
	keeper_look_after(f.keeper, KEEPER_SOON_MS);
	fixture_end(&f);
	assert_values(state, "{}");
	assert_rows_of(state, "n away ");
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	utstring_printf((UT_string *)user, "%s\n", rule->id);
	json_object_put(document);
}

/* They are sent once, and a crash soon after does not bring them back. */
static void test_folded_alerts_of_a_rule_that_is_gone_are_sent_once(void **state)
{
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	struct fixture f;
	UT_string sent;

	write_values(state, "{\"suppress\":{\"gone\":{\"by\":\"\","
			    "\"periods\":[[\"gone []\",9,1,5,5,\"{}\"]]}}}");
	utstring_init(&sent);
	for (int i = 0; i < 2; i++) {
		const struct pipeline_handlers handlers = { .alert = on_alert, .user = &sent };

		fixture_begin(&f, state);
		pipeline_free(f.pipeline);
		f.pipeline = pipeline_new(f.ruleset, &options, &handlers);
		keeper_free(f.keeper);
		f.keeper = keeper_new(folder_file(*state, "state"), f.pipeline, on_message, &f);
		assert_true(keeper_load(f.keeper, 0));
		assert_string_equal(utstring_body(&sent), "gone\n");
		if (!i)
			assert_int_equal(keeper_deadline(f.keeper), KEEPER_SOON_MS);
		keeper_look_after(f.keeper, KEEPER_SOON_MS);
		fixture_end(&f);
	}
	utstring_done(&sent);
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* As many terms as there can be: told how long that takes, as bounds would depend on the machine.
 */
static void test_many_terms_are_loaded_again(void **state)
{
	struct fixture f;
	char name[64];
	int64_t began;

	fixture_begin(&f, state);
	keeper_load(f.keeper, 0);
	for (int i = 0; i < NEW_TERMS_MAX; i++) {
		snprintf(name, sizeof(name), "/usr/lib/some-package/libexec/program-%d", i);
		see(&f, name);
	}
	began = clock_ms();
	assert_true(keeper_save(f.keeper, false, 1));
	print_message("%d new terms saved in %d ms\n", NEW_TERMS_MAX, (int)(clock_ms() - began));
	see(&f, "one more");
	began = clock_ms();
	assert_true(keeper_save(f.keeper, false, 2));
	print_message("one more in %d ms\n", (int)(clock_ms() - began));
	fixture_end(&f);
	fixture_begin(&f, state);
	began = clock_ms();
	assert_true(keeper_load(f.keeper, 0));
	print_message("loaded in %d ms\n", (int)(clock_ms() - began));
	assert_true(see(&f, name));
	fixture_end(&f);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_what_is_seen_is_kept),
		IN_FOLDER(test_it_saves_when_something_is_due),
		IN_FOLDER(test_damage_is_set_aside_and_told),
		IN_FOLDER(test_a_failure_is_told_once_and_so_is_its_end),
		IN_FOLDER(test_another_folder_gets_everything),
		IN_FOLDER(test_what_could_not_be_loaded_is_not_replaced),
		IN_FOLDER(test_what_is_kept_in_another_folder_is_added),
		IN_FOLDER(test_a_copy_is_not_added_to_itself),
		IN_FOLDER(test_a_new_file_gets_everything),
		IN_FOLDER(test_what_rules_that_are_gone_have_counted_stays),
		IN_FOLDER(test_what_rules_that_are_gone_for_long_have_counted_goes),
		IN_FOLDER(test_folded_alerts_of_a_rule_that_is_gone_are_sent_once),
		IN_FOLDER(test_many_terms_are_loaded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
