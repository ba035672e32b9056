/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows_support.h"

#include "alert/alert.h"
#include "alert/suppress.h"

#define ZERO   1700002800000 /* times in the tests are minutes from here on */
#define MINUTE 60000

#define RULE(id, more) "{ id = \"" id "\"; condition = \"true\"; " more " }"
#define RULES(rules)   "rules = ( " rules " );\n"
#define BY_DIRECTORY                                                                               \
	RULES(RULE("s", "suppress = { by = [ \"process.working_directory\", \"user.id\" ];"        \
			" for = \"10m\"; };"))
#define ALL_ALIKE RULES(RULE("s", "suppress = { for = \"10m\"; };"))

struct fixture {
	struct ruleset *ruleset;
	struct suppress *suppress;
	UT_string sent;
};

static int64_t at(double minute)
{
	return ZERO + (int64_t)(minute * MINUTE);
}

/* RULE EVENT, and COUNTx FIRST-LAST of what was folded. */
static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct fixture *f = user;
	struct json_object *event = document_get(document, "event.id");

	utstring_printf(&f->sent, "%s %s", rule->id, json_object_get_string(event));
	if (document_get(document, "auspawn.suppressed"))
		utstring_printf(&f->sent, " %sx %s-%s",
				member_json(document, "auspawn.suppressed.count"),
				member_json(document, "auspawn.suppressed.first"),
				member_json(document, "auspawn.suppressed.last"));
	utstring_printf(&f->sent, "\n");
	json_object_put(document);
}

static void fixture_begin(struct fixture *f, void **state, const char *rules)
{
	f->ruleset = load_rules(*state, rules);
	f->suppress = suppress_new(on_alert, f);
	utstring_init(&f->sent);
}

static void fixture_end(struct fixture *f)
{
	suppress_free(f->suppress);
	ruleset_free(f->ruleset);
	utstring_done(&f->sent);
}

static const char long_text[1001];

/* An alert of the first rule about event `id` in `directory`; a long one where the id begins with
 * x. */
static void alert(struct fixture *f, const char *id, const char *directory, double minute)
{
	struct scene scene;
	struct json_object *document;

	scene_init(&scene);
	scene.image.working_directory = directory;
	document = alert_of_event(f->ruleset->rule[0], &scene.event);
	document_set_text(document, "event.id", id);
	if (id[0] == 'x')
		document_set(document, "process.command_line",
			     json_object_new_string_len(long_text, 1000));
	suppress_advance(f->suppress, at(minute));
	suppress_alert(f->suppress, f->ruleset->rule[0], &scene.event, document, at(minute));
}

static void assert_sent(struct fixture *f, const char *expected)
{
	assert_string_equal(utstring_body(&f->sent), expected);
	utstring_clear(&f->sent);
}

static void test_a_rule_that_does_not_ask_folds_nothing(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, RULES(RULE("s", "")));
	alert(&f, "1", "/", 1);
	alert(&f, "2", "/", 1);
	assert_sent(&f, "s 1\ns 2\n");
	assert_int_equal(suppress_deadline(f.suppress), -1);
	suppress_finish(f.suppress);
	assert_sent(&f, "");
	fixture_end(&f);
}

static void test_alerts_that_are_alike_are_folded_for_a_period(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, BY_DIRECTORY);
	alert(&f, "1", "/", 0);
	assert_true(suppress_deadline(f.suppress) == at(10));
	alert(&f, "2", "/", 1);
	alert(&f, "3", "/tmp", 2);
	alert(&f, "4", NULL, 2);
	alert(&f, "5", NULL, 3);
	alert(&f, "6", "/", 9.9);
	assert_sent(&f, "s 1\ns 3\ns 4\n");
	suppress_advance(f.suppress, at(10) - 1);
	assert_sent(&f, "");
	suppress_advance(f.suppress, at(10));
	assert_sent(&f, "s 6 2x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:09:54.000Z\"\n");
	suppress_advance(f.suppress, at(60));
	assert_sent(&f, "s 5 1x \"2023-11-14T23:03:00.000Z\"-\"2023-11-14T23:03:00.000Z\"\n");
	assert_int_equal(suppress_deadline(f.suppress), -1);
	fixture_end(&f);
}

static void test_the_next_alert_after_a_period_opens_another(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/tmp", 5);
	alert(&f, "3", "/", 10);
	alert(&f, "4", "/", 19);
	assert_sent(&f, "s 1\n"
			"s 2 1x \"2023-11-14T23:05:00.000Z\"-\"2023-11-14T23:05:00.000Z\"\n"
			"s 3\n");
	suppress_finish(f.suppress);
	assert_sent(&f, "s 4 1x \"2023-11-14T23:19:00.000Z\"-\"2023-11-14T23:19:00.000Z\"\n");
	fixture_end(&f);
}

static void test_events_out_of_order_are_folded_too(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", 5);
	alert(&f, "2", "/", 6);
	alert(&f, "3", "/", 4);
	suppress_finish(f.suppress);
	assert_sent(&f, "s 1\n"
			"s 3 2x \"2023-11-14T23:04:00.000Z\"-\"2023-11-14T23:06:00.000Z\"\n");
	fixture_end(&f);
}

static void test_rules_fold_for_themselves(void **state)
{
	struct fixture f;
	struct json_object *document;

	fixture_begin(&f, state,
		      RULES(RULE("s", "suppress = { for = \"10m\"; };") "," RULE(
			      "s-2", "suppress = { for = \"10m\"; };")));
	alert(&f, "1", "/", 0);
	document = json_object_new_object();
	suppress_alert(f.suppress, f.ruleset->rule[1], NULL, document, at(1));
	assert_sent(&f, "s 1\ns-2 (null)\n");
	fixture_end(&f);
}

static void test_without_room_alerts_go_out_unfolded(void **state)
{
	struct fixture f;
	size_t lines = 0;
	char name[32];

	fixture_begin(&f, state, BY_DIRECTORY);
	for (int i = 0; i < SUPPRESS_MAX_PERIODS; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		alert(&f, "1", name, 0);
	}
	utstring_clear(&f.sent);
	assert_int_equal(suppress_unfolded(f.suppress), 0);
	alert(&f, "2", "/more", 1);
	alert(&f, "3", "/more", 1);
	assert_sent(&f, "s 2\ns 3\n");
	assert_int_equal(suppress_unfolded(f.suppress), 2);
	/* What is kept of each is bounded by the bytes of all. */
	for (int i = 0; i < SUPPRESS_MAX_PERIODS; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		alert(&f, "x", name, 1);
	}
	assert_true(suppress_unfolded(f.suppress) > 2);
	suppress_finish(f.suppress);
	for (const char *c = utstring_body(&f.sent); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, SUPPRESS_MAX_PERIODS);
	fixture_end(&f);
}

static void use_rules(struct fixture *f, void **state, const char *rules)
{
	struct ruleset *old = f->ruleset;

	f->ruleset = load_rules(*state, rules);
	suppress_set_rules(f->suppress, f->ruleset);
	ruleset_free(old);
}

static void test_new_rules_go_on_with_periods_that_they_know(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/", 1);
	use_rules(&f, state, RULES(RULE("s", "suppress = { for = \"1m\"; };")));
	alert(&f, "3", "/", 2);
	assert_sent(&f, "s 1\n");
	use_rules(&f, state, BY_DIRECTORY);
	assert_sent(&f, "s 3 2x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:02:00.000Z\"\n");
	alert(&f, "4", "/", 3);
	alert(&f, "5", "/", 4);
	use_rules(&f, state, RULES(RULE("other", "")));
	assert_sent(&f, "s 4\n"
			"s 5 1x \"2023-11-14T23:04:00.000Z\"-\"2023-11-14T23:04:00.000Z\"\n");
	fixture_end(&f);
}

static void save(struct fixture *f, struct kept_rows *rows)
{
	suppress_changes(f->suppress, &KEPT_ROWS_KEEPER(rows));
	suppress_saved(f->suppress);
}

static bool restore(struct fixture *f, const struct kept_rows *rows)
{
	return !KEPT_ROWS_RESTORE(rows, suppress_restore_row(f->suppress, f->ruleset, row));
}

/* Saves, and restores into a new one for `rules`. Returns whether each row makes sense. */
static bool carry_over(struct fixture *f, void **state, const char *rules)
{
	struct kept_rows rows = { 0 };
	bool good;

	save(f, &rows);
	fixture_end(f);
	fixture_begin(f, state, rules);
	good = restore(f, &rows);
	kept_rows_free(&rows);
	return good;
}

static void test_what_was_saved_goes_on(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, BY_DIRECTORY);
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/", 1);
	alert(&f, "3", "/tmp", 2);
	assert_true(carry_over(&f, state, BY_DIRECTORY));
	assert_true(suppress_deadline(f.suppress) == at(10));
	alert(&f, "4", "/", 3);
	alert(&f, "5", "/tmp", 4);
	assert_sent(&f, "");
	suppress_finish(f.suppress);
	assert_sent(&f, "s 4 2x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:03:00.000Z\"\n"
			"s 5 1x \"2023-11-14T23:04:00.000Z\"-\"2023-11-14T23:04:00.000Z\"\n");
	fixture_end(&f);
}

static void test_what_was_folded_for_a_rule_that_is_gone_is_sent(void **state)
{
	static const char *const rows[] = { RULES(RULE("x", "")), RULES(RULE("s", "")), ALL_ALIKE };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fixture f;

		fixture_begin(&f, state, BY_DIRECTORY);
		alert(&f, "1", "/", 0);
		alert(&f, "2", "/", 1);
		alert(&f, "3", "/tmp", 1);
		assert_true(carry_over(&f, state, rows[i]));
		assert_sent(&f,
			    "s 2 1x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:01:00.000Z\"\n");
		suppress_finish(f.suppress);
		assert_sent(&f, "");
		fixture_end(&f);
	}
}

static void test_damaged_periods_are_refused(void **state)
{
#define SAVED(periods) "{\"s\":{\"by\":\"\",\"periods\":[" periods "]}}"
	static const struct {
		const char *json;
		const char *is;
	} rows[] = {
		{ "null", "refused" },
		{ "5", "refused" },
		{ "{\"s\":5}", "refused" },
		{ "{\"s\":{\"periods\":[]}}", "refused" },
		{ "{\"s\":{\"by\":\"\",\"periods\":{}}}", "refused" },
		{ SAVED(""), "taken" },
		{ SAVED("5"), "refused" },
		{ SAVED("[\"s []\",5,0,0,0]"), "refused" },
		{ SAVED("[\"s []\",5,0,0,0,\"\"]"), "taken" },
		{ SAVED("[\"s []\",5,0,0,0,\"\"],[\"s []\",5,0,0,0,\"\"]"), "taken" },
		{ SAVED("[\"s []\",5,9007199254740992,0,0,\"\"],[\"s []\",5,9007199254740992,0,0,\"\"]"),
		  "taken" },
		{ SAVED("[\"x []\",5,0,0,0,\"\"]"), "refused" },
		{ SAVED("[\"s\",5,0,0,0,\"\"]"), "refused" },
		{ SAVED("[5,5,0,0,0,\"\"]"), "refused" },
		{ SAVED("[\"s []\",-5,0,0,0,\"\"]"), "refused" },
		{ SAVED("[\"s []\",5,-1,0,0,\"\"]"), "refused" },
		{ SAVED("[\"s []\",5,9223372036854775807,0,0,\"\"]"), "refused" },
		{ SAVED("[\"s []\",5,1,0,0,5]"), "refused" },
		{ SAVED("[\"s []\",5,1,0,0,\"rubbish\"]"), "taken" },
		{ SAVED("[\"s []\",5,1,9,3,\"[]\"]"), "taken" },
	};
#undef SAVED
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *saved = json_tokener_parse(rows[i].json);
		struct fixture f;

		fixture_begin(&f, state, ALL_ALIKE);
		wrong += !row_is(rows[i].json,
				 suppress_restore(f.suppress, f.ruleset, saved) ? "taken"
										: "refused",
				 rows[i].is);
		suppress_finish(f.suppress);
		json_object_put(saved);
		fixture_end(&f);
	}
	assert_rows(wrong);
}

static void test_an_alert_of_the_future_is_got_over(void **state)
{
	const double years = 5 * 365 * 1440.0;
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", years);
	alert(&f, "2", "/", years + 1);
	alert(&f, "3", "/", 0);
	alert(&f, "4", "/", 1);
	assert_sent(&f, "s 1\n"
			"s 2 1x \"2028-11-12T23:01:00.000Z\"-\"2028-11-12T23:01:00.000Z\"\n"
			"s 3\n");
	suppress_advance(f.suppress, at(10));
	assert_sent(&f, "s 4 1x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:01:00.000Z\"\n");
	fixture_end(&f);
}

static void test_a_clock_that_is_set_back_ends_the_periods(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	suppress_set_latest(f.suppress, at(100));
	alert(&f, "1", "/", 100);
	alert(&f, "2", "/", 100);
	suppress_set_latest(f.suppress, at(0));
	assert_sent(&f, "s 1\n"
			"s 2 1x \"2023-11-15T00:40:00.000Z\"-\"2023-11-15T00:40:00.000Z\"\n");
	assert_int_equal(suppress_deadline(f.suppress), -1);
	fixture_end(&f);
}

static void test_what_was_saved_by_a_clock_that_was_ahead_begins_now(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", 1000);
	alert(&f, "2", "/", 1000);
	save(&f, &rows);
	fixture_end(&f);
	fixture_begin(&f, state, ALL_ALIKE);
	suppress_set_latest(f.suppress, at(0));
	assert_true(restore(&f, &rows));
	kept_rows_free(&rows);
	assert_true(suppress_deadline(f.suppress) == at(10));
	suppress_finish(f.suppress);
	assert_sent(&f, "s 2 1x \"2023-11-14T23:00:00.000Z\"-\"2023-11-14T23:00:00.000Z\"\n");
	fixture_end(&f);
}

/* Values that a document shows alike, for it can't show them. */
static void test_alerts_fold_by_what_the_event_has(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, BY_DIRECTORY);
	alert(&f, "1", "/\xfe", 0);
	alert(&f, "2", "/\xff", 1);
	alert(&f, "3", "/\xef\xbf\xbd", 2);
	alert(&f, "4", "/\xff", 3);
	assert_sent(&f, "s 1\ns 2\ns 3\n");
	fixture_end(&f);
}

static size_t sent_length;

static void on_long_alert(void *user, const struct rule *rule, struct json_object *document)
{
	(void)user;
	(void)rule;
	sent_length = strlen(json_object_to_json_string(document));
	json_object_put(document);
}

static void test_what_there_is_no_room_for_goes_out_whole(void **state)
{
	struct fixture f;
	struct suppress *suppress;
	char text[20001];
	char name[32];
	uint64_t unfolded = 0;

	fixture_begin(&f, state, BY_DIRECTORY);
	suppress = suppress_new(on_long_alert, NULL);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1000 && !unfolded; i++) {
		struct scene scene;

		snprintf(name, sizeof(name), "/%d", i / 2);
		scene_init(&scene);
		scene.image.working_directory = name;
		for (int j = 0; j < 2 && !unfolded; j++) {
			struct json_object *document =
				alert_of_event(f.ruleset->rule[0], &scene.event);

			document_set_text(document, "process.command_line", text);
			suppress_alert(suppress, f.ruleset->rule[0], &scene.event, document, ZERO);
			unfolded = suppress_unfolded(suppress);
		}
	}
	assert_int_equal(unfolded, 1);
	assert_true(sent_length > sizeof(text));
	suppress_free(suppress);
	fixture_end(&f);
}

static void test_what_was_saved_is_added_to_open_periods(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/", 1);
	save(&f, &rows);
	fixture_end(&f);
	fixture_begin(&f, state, ALL_ALIKE);
	alert(&f, "3", "/", 2);
	alert(&f, "4", "/", 3);
	assert_true(restore(&f, &rows));
	kept_rows_free(&rows);
	suppress_finish(f.suppress);
	assert_sent(&f, "s 3\n"
			"s 4 2x \"2023-11-14T23:01:00.000Z\"-\"2023-11-14T23:03:00.000Z\"\n");
	fixture_end(&f);
}

/* Saves, and asserts how many rows that takes. */
static void assert_changes(struct fixture *f, struct kept_rows *rows, const char *expected)
{
	assert_int_equal(suppress_changed(f->suppress) != 0, strcmp(expected, "+0 -0") != 0);
	save(f, rows);
	assert_string_equal(kept_rows_count(rows), expected);
	assert_int_equal(suppress_changed(f->suppress), 0);
}

static void test_a_save_tells_what_has_changed_alone(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, BY_DIRECTORY);
	assert_changes(&f, &rows, "+0 -0");
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/tmp", 0);
	assert_changes(&f, &rows, "+2 -0");
	assert_changes(&f, &rows, "+0 -0");
	alert(&f, "3", "/", 1);
	assert_changes(&f, &rows, "+1 -0");
	suppress_finish(f.suppress);
	assert_changes(&f, &rows, "+0 -2");
	/* What was sent for a rule that is gone must not be sent again. */
	alert(&f, "4", "/", 2);
	alert(&f, "5", "/", 2);
	assert_changes(&f, &rows, "+1 -0");
	fixture_end(&f);
	fixture_begin(&f, state, RULES(RULE("other", "")));
	assert_true(restore(&f, &rows));
	assert_changes(&f, &rows, "+0 -1");
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_what_is_restored_is_no_change(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, BY_DIRECTORY);
	alert(&f, "1", "/", 0);
	alert(&f, "2", "/", 1);
	alert(&f, "3", "/tmp", 1);
	save(&f, &rows);
	kept_rows_count(&rows);
	fixture_end(&f);
	fixture_begin(&f, state, BY_DIRECTORY);
	assert_true(restore(&f, &rows));
	assert_changes(&f, &rows, "+0 -0");
	suppress_forget_rows(f.suppress);
	assert_changes(&f, &rows, "+2 -0");
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_nothing_to_free(void **state)
{
	(void)state;
	suppress_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_rule_that_does_not_ask_folds_nothing),
		IN_FOLDER(test_alerts_that_are_alike_are_folded_for_a_period),
		IN_FOLDER(test_the_next_alert_after_a_period_opens_another),
		IN_FOLDER(test_events_out_of_order_are_folded_too),
		IN_FOLDER(test_rules_fold_for_themselves),
		IN_FOLDER(test_without_room_alerts_go_out_unfolded),
		IN_FOLDER(test_new_rules_go_on_with_periods_that_they_know),
		IN_FOLDER(test_what_was_saved_goes_on),
		IN_FOLDER(test_what_was_folded_for_a_rule_that_is_gone_is_sent),
		IN_FOLDER(test_damaged_periods_are_refused),
		cmocka_unit_test(test_nothing_to_free),
		IN_FOLDER(test_an_alert_of_the_future_is_got_over),
		IN_FOLDER(test_a_clock_that_is_set_back_ends_the_periods),
		IN_FOLDER(test_what_was_saved_by_a_clock_that_was_ahead_begins_now),
		IN_FOLDER(test_alerts_fold_by_what_the_event_has),
		IN_FOLDER(test_what_there_is_no_room_for_goes_out_whole),
		IN_FOLDER(test_what_was_saved_is_added_to_open_periods),
		IN_FOLDER(test_a_save_tells_what_has_changed_alone),
		IN_FOLDER(test_what_is_restored_is_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
