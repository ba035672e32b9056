/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows_support.h"

#include "rules/threshold.h"

#define ZERO   1700002800000 /* times in the tests are seconds from here on */
#define SECOND 1000

#define RULE(more)                                                                                 \
	"rules = ( { id = \"t\"; type = \"threshold\"; condition = \"true\";\n"                    \
	"  by = [ \"process.executable\" ]; window = \"10s\"; " more " } );\n"
#define THREE	   RULE("at_least = 3;")
#define TWO_VALUES RULE("at_least = 3; distinct = { field = \"user.id\"; at_least = 2; };")

struct fixture {
	struct ruleset *ruleset;
	struct threshold *threshold;
	UT_string found;
};

static void fixture_begin(struct fixture *f, void **state, const char *rules)
{
	f->ruleset = load_rules(*state, rules);
	f->threshold = threshold_new(f->ruleset);
	utstring_init(&f->found);
}

static void fixture_end(struct fixture *f)
{
	threshold_free(f->threshold);
	ruleset_free(f->ruleset);
	utstring_done(&f->found);
}

/* Counts an event of the first rule; what it is found to be is a line COUNT/DISTINCT FIRST-LAST. */
static bool count(struct fixture *f, const char *executable, uint32_t user, double second)
{
	int64_t time = ZERO + (int64_t)(second * SECOND);
	struct threshold_finding finding;
	struct scene scene;
	bool found;

	scene_init(&scene);
	scene.image.executable = executable;
	scene.image.credentials.known = true;
	scene.image.credentials.user.id = user;
	found = threshold_count(f->threshold, f->ruleset->rule[0], &scene.event, time, &finding);
	if (found)
		utstring_printf(&f->found, "%lld/%lld %g-%g\n", (long long)finding.count,
				(long long)finding.distinct,
				(double)(finding.first - ZERO) / SECOND,
				(double)(finding.last - ZERO) / SECOND);
	return found;
}

static void assert_found(struct fixture *f, const char *expected)
{
	assert_string_equal(utstring_body(&f->found), expected);
	utstring_clear(&f->found);
}

struct event {
	const char *executable;
	uint32_t user;
	double second;
};

static void test_findings(void **state)
{
	static const struct {
		const char *name;
		const char *rules;
		struct event event[12];
		const char *found;
	} rows[] = {
		{ "enough within the window",
		  THREE,
		  { { "a", 0, 0 }, { "a", 0, 5 }, { "a", 0, 9.999 } },
		  "3/0 0-9.999\n" },
		{ "one too early by all of the window",
		  THREE,
		  { { "a", 0, 0 }, { "a", 0, 5 }, { "a", 0, 10 } },
		  "" },
		{ "the window slides",
		  THREE,
		  { { "a", 0, 0 }, { "a", 0, 6 }, { "a", 0, 12 }, { "a", 0, 15 } },
		  "3/0 6-15\n" },
		{ "groups count for themselves",
		  THREE,
		  { { "a", 0, 0 }, { "b", 0, 1 }, { "a", 0, 2 }, { "b", 0, 3 }, { "b", 0, 4 } },
		  "3/0 1-4\n" },
		{ "an absent value is a group",
		  THREE,
		  { { NULL, 0, 1 }, { "", 0, 1 }, { NULL, 0, 2 }, { NULL, 0, 3 } },
		  "3/0 1-3\n" },
		{ "begins from nothing",
		  THREE,
		  { { "a", 0, 1 },
		    { "a", 0, 2 },
		    { "a", 0, 3 },
		    { "a", 0, 4 },
		    { "a", 0, 5 },
		    { "a", 0, 6 },
		    { "a", 0, 7 } },
		  "3/0 1-3\n3/0 4-6\n" },
		{ "at once",
		  RULE("at_least = 1;"),
		  { { "a", 0, 1 }, { "a", 0, 1 } },
		  "1/0 1-1\n1/0 1-1\n" },
		{ "out of order",
		  THREE,
		  { { "a", 0, 5 }, { "a", 0, 4 }, { "a", 0, 3 } },
		  "3/0 3-5\n" },
		{ "out of order, and the window slides",
		  THREE,
		  { { "a", 0, 1 }, { "a", 0, 11 }, { "a", 0, 10 }, { "a", 0, 12 } },
		  "3/0 10-12\n" },
		{ "too late", THREE, { { "a", 0, 20 }, { "a", 0, 21 }, { "a", 0, 11 } }, "" },
		{ "one value is not enough",
		  TWO_VALUES,
		  { { "a", 1, 1 }, { "a", 1, 2 }, { "a", 1, 3 }, { "a", 2, 4 } },
		  "3/2 2-4\n" },
		{ "two values, too few events", TWO_VALUES, { { "a", 1, 1 }, { "a", 2, 2 } }, "" },
		{ "a value leaves the window",
		  TWO_VALUES,
		  { { "a", 1, 0 }, { "a", 2, 5 }, { "a", 2, 11 }, { "a", 2, 12 }, { "a", 3, 13 } },
		  "3/2 11-13\n" },
		{ "a value seen again stays",
		  TWO_VALUES,
		  { { "a", 1, 0 }, { "a", 1, 6 }, { "a", 2, 11 }, { "a", 2, 11.5 } },
		  "3/2 6-11.5\n" },
		{ "values alone",
		  RULE("at_least = 1; distinct = { field = \"user.id\"; at_least = 3; };"),
		  { { "a", 1, 1 }, { "a", 2, 2 }, { "a", 1, 3 }, { "a", 3, 4 } },
		  "3/3 2-4\n" },
		{ "a value out of order",
		  TWO_VALUES,
		  { { "a", 1, 9 }, { "a", 2, 8 }, { "a", 1, 3 }, { "a", 1, 9 } },
		  "3/2 3-9\n" },
	};
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fixture f;

		fixture_begin(&f, state, rows[i].rules);
		for (const struct event *e = rows[i].event; e->second != 0 || e->executable; e++)
			count(&f, e->executable, e->user, e->second);
		wrong += !row_is(rows[i].name, utstring_body(&f.found), rows[i].found);
		fixture_end(&f);
	}
	assert_rows(wrong);
}

/* What is kept is enough to find exactly what keeping everything would find. */
static void test_as_exact_as_if_everything_were_kept(void **state)
{
	struct {
		double second;
		uint32_t user;
	} kept[4000];
	struct fixture f;
	unsigned int seed = 1;
	double second = 0;
	size_t n = 0, findings = 0;

	fixture_begin(&f, state,
		      RULE("at_least = 12; distinct = { field = \"user.id\"; at_least = 6; };"));
	for (int i = 0; i < 4000; i++) {
		bool values[8] = { false };
		size_t events = 0, distinct = 0;

		second += (double)(rand_r(&seed) % 1700) / 1000;
		kept[n].second = second;
		kept[n++].user = (uint32_t)rand_r(&seed) % 8;
		for (size_t j = 0; j < n; j++) {
			if (kept[j].second <= second - 10 + 0.00001)
				continue;
			events++;
			distinct += !values[kept[j].user];
			values[kept[j].user] = true;
		}
		assert_int_equal(count(&f, "a", kept[n - 1].user, second),
				 events >= 12 && distinct >= 6);
		if (events >= 12 && distinct >= 6) {
			findings++;
			n = 0;
		}
	}
	assert_in_range(findings, 20, 300);
	fixture_end(&f);
}

static void test_without_fields_all_events_are_one_group(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      "rules = ( { id = \"t\"; type = \"threshold\"; condition = \"true\";"
		      " at_least = 2; } );");
	count(&f, "a", 0, 1);
	count(&f, "b", 0, 2);
	assert_found(&f, "2/0 1-2\n");
	fixture_end(&f);
}

static void test_what_comes_too_late_is_counted(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, THREE);
	count(&f, "a", 0, 20);
	assert_int_equal(threshold_uncounted(f.threshold), 0);
	count(&f, "a", 0, 10);
	assert_int_equal(threshold_uncounted(f.threshold), 1);
	fixture_end(&f);
}

/* Makes so many groups that the first must be forgotten. */
#define ROOM  (4u << 20)
#define FLOOD 5000 /* groups of long names: more than there is room for */

static const char *flood_name(int number)
{
	static char name[1100];

	snprintf(name, sizeof(name), "/bin/%01000d", number);
	return name;
}

static void flood(struct fixture *f, double second)
{
	for (int i = 0; i < FLOOD; i++)
		count(f, flood_name(i), 0, second);
}

static void test_the_group_idle_longest_makes_room(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, THREE);
	threshold_set_room(f.threshold, ROOM);
	count(&f, "idle", 0, 1);
	count(&f, "idle", 0, 1);
	flood(&f, 2);
	assert_in_range(threshold_forgotten(f.threshold), 1000, FLOOD - 1);
	count(&f, "idle", 0, 3);
	count(&f, flood_name(FLOOD - 1), 0, 3);
	count(&f, flood_name(FLOOD - 1), 0, 3);
	assert_found(&f, "3/0 2-3\n");
	fixture_end(&f);
}

static void test_groups_whose_window_is_over_are_forgotten_without_a_word(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, THREE);
	for (int i = 0; i < 10; i++) {
		char name[32];

		for (int j = 0; j < 2000; j++) {
			snprintf(name, sizeof(name), "/bin/%d-%d", i, j);
			count(&f, name, 0, i * 60 + 1);
		}
	}
	assert_int_equal(threshold_forgotten(f.threshold), 0);
	fixture_end(&f);
}

static void test_values_too_long_to_be_remembered_are_counted(void **state)
{
	char *name = mem_zalloc(100001);
	struct fixture f;

	memset(name, 'x', 100000);
	fixture_begin(&f, state, THREE);
	for (int i = 0; i < 3; i++)
		count(&f, name, 0, 1);
	assert_found(&f, "");
	assert_int_equal(threshold_uncounted(f.threshold), 3);
	free(name);
	fixture_end(&f);
}

static void save(struct fixture *f, struct kept_rows *rows)
{
	threshold_changes(f->threshold, &KEPT_ROWS_KEEPER(rows));
	threshold_saved(f->threshold);
}

static bool restore(struct fixture *f, const struct kept_rows *rows)
{
	size_t senseless = KEPT_ROWS_RESTORE(rows, threshold_restore_row(f->threshold, row));

	threshold_restored(f->threshold);
	return !senseless;
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

	fixture_begin(&f, state, TWO_VALUES);
	count(&f, "a", 1, 1);
	count(&f, "a", 1, 2.5);
	count(&f, "b", 1, 2.5);
	assert_true(carry_over(&f, state, TWO_VALUES));
	count(&f, "b", 2, 3);
	count(&f, "a", 1, 3);
	count(&f, "a", 2, 4);
	assert_found(&f, "3/2 2.5-4\n");
	fixture_end(&f);
}

static void test_other_numbers_keep_what_was_counted(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, RULE("at_least = 5;"));
	for (int i = 0; i < 4; i++)
		count(&f, "a", 1, i);
	assert_true(carry_over(&f, state, THREE));
	count(&f, "a", 1, 5);
	assert_found(&f, "3/0 2-5\n");
	fixture_end(&f);
}

static void test_other_fields_begin_anew(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, TWO_VALUES);
	count(&f, "a", 1, 1);
	count(&f, "a", 1, 2);
	assert_true(carry_over(&f, state, THREE));
	count(&f, "a", 1, 3);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_damaged_counts_are_refused(void **state)
{
#define SAVED(rest)    "{\"t\":{\"by\":\"process.executable\",\"distinct\":\"user.id\"," rest "}}"
#define GROUPS(groups) SAVED("\"seed\":1,\"groups\":[" groups "]")
	static const struct {
		const char *json;
		const char *is;
	} rows[] = {
		{ "null", "refused" },
		{ "[]", "refused" },
		{ "{\"t\":5}", "refused" },
		{ "{\"t\":{}}", "refused" },
		{ "{\"x\":{}}", "taken" },
		{ SAVED("\"seed\":1"), "refused" },
		{ SAVED("\"groups\":[]"), "refused" },
		{ SAVED("\"seed\":-1,\"groups\":[]"), "refused" },
		{ GROUPS(""), "taken" },
		{ GROUPS("5"), "refused" },
		{ GROUPS("[\"a\",[],[]]"), "refused" },
		{ GROUPS("[\"a\",[5],[]]"), "taken" },
		{ GROUPS("[\"a\",[5,0,1],[1,5,-7,6]]"), "taken" },
		{ GROUPS("[5,[5],[]]"), "refused" },
		{ GROUPS("[\"a\",[-5],[]]"), "refused" },
		{ GROUPS("[\"a\",[\"5\"],[]]"), "refused" },
		{ GROUPS("[\"a\",[9007199254740992,1],[]]"), "refused" },
		{ GROUPS("[\"a\",[9223372036854775807],[]]"), "refused" },
		{ GROUPS("[\"a\",[5],[1]]"), "taken" },
		{ GROUPS("[\"a\",[5],[1,-5]]"), "refused" },
		{ GROUPS("[\"a\",[5],[1.5,5]]"), "refused" },
		{ GROUPS("[\"a\",[5],5]"), "refused" },
	};
#undef GROUPS
#undef SAVED
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *saved = json_tokener_parse(rows[i].json);
		struct fixture f;

		fixture_begin(&f, state, TWO_VALUES);
		wrong += !row_is(rows[i].json,
				 threshold_restore(f.threshold, saved) ? "taken" : "refused",
				 rows[i].is);
		count(&f, "a", 1, 1);
		json_object_put(saved);
		fixture_end(&f);
	}
	assert_rows(wrong);
}

static void test_an_event_of_the_future_is_got_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, THREE);
	count(&f, "a", 0, 5 * 365 * 86400.0);
	for (int i = 1; i < 4; i++)
		count(&f, "a", 0, i);
	assert_found(&f, "3/0 1-3\n");
	assert_int_equal(threshold_uncounted(f.threshold), 0);
	fixture_end(&f);
}

static void set_latest(struct fixture *f, double second)
{
	threshold_set_latest(f->threshold, ZERO + (int64_t)(second * SECOND));
}

static void test_a_clock_that_is_set_back_is_got_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, THREE);
	set_latest(&f, 3600);
	count(&f, "a", 0, 3600);
	set_latest(&f, 5);
	for (int i = 1; i < 4; i++)
		count(&f, "a", 0, i);
	assert_found(&f, "3/0 1-3\n");
	fixture_end(&f);
}

static bool has_key(const struct kept_rows *rows, const char *key)
{
	bool has = false;

	for (size_t i = 0; i < rows->count; i++)
		has |= rows->all[i].value && strstr(rows->all[i].value, key);
	return has;
}

static void test_what_was_saved_by_a_clock_that_was_ahead_is_left_out(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, THREE);
	count(&f, "a", 0, 3600);
	count(&f, "b", 0, 1);
	save(&f, &rows);
	fixture_end(&f);
	fixture_begin(&f, state, THREE);
	set_latest(&f, 5);
	assert_true(restore(&f, &rows));
	save(&f, &rows);
	assert_false(has_key(&rows, "\\\"a\\\""));
	assert_true(has_key(&rows, "\\\"b\\\""));
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_what_was_saved_is_added_to_what_was_counted_since(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, TWO_VALUES);
	count(&f, "a", 1, 1);
	save(&f, &rows);
	fixture_end(&f);
	fixture_begin(&f, state, TWO_VALUES);
	count(&f, "a", 1, 2);
	assert_true(restore(&f, &rows));
	save(&f, &rows);
	assert_int_equal(kept_rows_left(&rows), 2);
	kept_rows_free(&rows);
	/* Value 1 was noted by another seed since: it must not count as two. */
	count(&f, "a", 1, 3);
	assert_found(&f, "");
	count(&f, "a", 2, 4);
	assert_found(&f, "3/2 2-4\n");
	fixture_end(&f);
}

/* Saves, and asserts how many rows that takes. */
static void assert_changes(struct fixture *f, struct kept_rows *rows, const char *expected)
{
	assert_int_equal(threshold_changed(f->threshold) != 0, strcmp(expected, "+0 -0") != 0);
	save(f, rows);
	assert_string_equal(kept_rows_count(rows), expected);
	assert_int_equal(threshold_changed(f->threshold), 0);
}

static void test_a_save_tells_what_has_changed_alone(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, RULE("at_least = 2;"));
	assert_changes(&f, &rows, "+0 -0");
	count(&f, "a", 0, 1);
	count(&f, "b", 0, 1);
	/* With the rule's own. */
	assert_changes(&f, &rows, "+3 -0");
	assert_changes(&f, &rows, "+0 -0");
	/* What is found is gone, and that is a change. */
	count(&f, "a", 0, 2);
	assert_changes(&f, &rows, "+0 -1");
	count(&f, "a", 0, 3);
	assert_changes(&f, &rows, "+1 -0");
	assert_int_equal(kept_rows_left(&rows), 3);
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_new_rules_keep_the_rows(void **state)
{
	struct kept_rows rows = { 0 };
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, THREE);
	count(&f, "a", 0, 1);
	count(&f, "a", 0, 2);
	save(&f, &rows);
	kept_rows_count(&rows);
	old = f.ruleset;
	f.ruleset = load_rules(*state, THREE);
	threshold_set_rules(f.threshold, f.ruleset);
	ruleset_free(old);
	count(&f, "a", 0, 3);
	assert_found(&f, "3/0 1-3\n");
	assert_changes(&f, &rows, "+0 -1");
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_a_damaged_row_leaves_the_others(void **state)
{
	static const char *const values[] = { "", "rubbish", "5", "[]", "[\"[\\\"a\\\"]\",[5,-1],[]]" };

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct kept_rows rows = { 0 };
		struct fixture f;

		fixture_begin(&f, state, THREE);
		count(&f, "a", 0, 1);
		for (int j = 1; j < 3; j++)
			count(&f, "b", 0, j);
		save(&f, &rows);
		fixture_end(&f);
		rows.all[1].row.value = values[i];
		fixture_begin(&f, state, THREE);
		assert_false(restore(&f, &rows));
		for (int j = 2; j < 4; j++)
			count(&f, "a", 0, j);
		assert_found(&f, "");
		count(&f, "b", 0, 3);
		assert_found(&f, "3/0 1-3\n");
		kept_rows_free(&rows);
		fixture_end(&f);
	}
}

static void count_as(struct fixture *f, size_t rule, const char *executable)
{
	struct threshold_finding finding;
	struct scene scene;

	scene_init(&scene);
	scene.image.executable = executable;
	threshold_count(f->threshold, f->ruleset->rule[rule], &scene.event, ZERO, &finding);
}

static void test_rules_share_what_there_is_room_for(void **state)
{
#define ONE(id)                                                                                    \
	"{ id = \"" id "\"; type = \"threshold\"; condition = \"true\"; at_least = 3;"             \
	" by = [ \"process.executable\" ]; }"
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, "rules = ( " ONE("t") ", " ONE("u") " );");
#undef ONE
	threshold_set_room(f.threshold, ROOM);
	count_as(&f, 1, "of the quiet rule");
	for (int i = 0; i < FLOOD; i++)
		count_as(&f, 0, flood_name(i));
	assert_true(threshold_forgotten(f.threshold) > 0);
	/* The rule that takes most gives way. */
	save(&f, &rows);
	assert_true(has_key(&rows, "of the quiet rule"));
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_nothing_to_free(void **state)
{
	(void)state;
	threshold_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_findings),
		IN_FOLDER(test_as_exact_as_if_everything_were_kept),
		IN_FOLDER(test_without_fields_all_events_are_one_group),
		IN_FOLDER(test_what_comes_too_late_is_counted),
		IN_FOLDER(test_the_group_idle_longest_makes_room),
		IN_FOLDER(test_groups_whose_window_is_over_are_forgotten_without_a_word),
		IN_FOLDER(test_values_too_long_to_be_remembered_are_counted),
		IN_FOLDER(test_what_was_saved_goes_on),
		IN_FOLDER(test_other_numbers_keep_what_was_counted),
		IN_FOLDER(test_other_fields_begin_anew),
		IN_FOLDER(test_damaged_counts_are_refused),
		cmocka_unit_test(test_nothing_to_free),
		IN_FOLDER(test_an_event_of_the_future_is_got_over),
		IN_FOLDER(test_a_clock_that_is_set_back_is_got_over),
		IN_FOLDER(test_what_was_saved_by_a_clock_that_was_ahead_is_left_out),
		IN_FOLDER(test_what_was_saved_is_added_to_what_was_counted_since),
		IN_FOLDER(test_a_save_tells_what_has_changed_alone),
		IN_FOLDER(test_new_rules_keep_the_rows),
		IN_FOLDER(test_a_damaged_row_leaves_the_others),
		IN_FOLDER(test_rules_share_what_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
