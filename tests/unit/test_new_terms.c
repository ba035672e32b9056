/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/new_terms.h"

#define ZERO   1700002800000 /* times in the tests are hours from here on */
#define HOUR   3600000
#define MINUTE (1.0 / 60)

#define RULE_BY(by, more)                                                                          \
	"rules = ( { id = \"n\"; type = \"new_terms\"; condition = \"true\";\n"                    \
	"  by = [ " by " ]; " more " } );\n"
#define RULE(more) RULE_BY("\"process.executable\"", more)
#define DAY	   RULE("history = \"1d\"; learn = \"0s\";")
#define LEARNING   RULE("history = \"1d\"; learn = \"2h\";")

struct fixture {
	struct ruleset *ruleset;
	struct new_terms *terms;
	UT_string told; /* of changes */
};

static void fixture_begin(struct fixture *f, void **state, const char *rules)
{
	f->ruleset = load_rules(*state, rules);
	f->terms = new_terms_new(f->ruleset);
	utstring_init(&f->told);
}

static void fixture_end(struct fixture *f)
{
	new_terms_free(f->terms);
	ruleset_free(f->ruleset);
	utstring_done(&f->told);
}

/* Returns "known", "new", or since when the term was not seen, in hours. */
static const char *see(struct fixture *f, const char *executable, double hour)
{
	static char text[32];
	struct scene scene;
	int64_t last_seen;

	scene_init(&scene);
	scene.image.executable = executable;
	if (!new_terms_count(f->terms, f->ruleset->rule[0], &scene.event,
			     ZERO + (int64_t)(hour * HOUR), &last_seen))
		return "known";
	if (!last_seen)
		return "new";
	snprintf(text, sizeof(text), "%g", (double)(last_seen - ZERO) / HOUR);
	return text;
}

static void tell_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	utstring_printf(&((struct fixture *)user)->told, "%s by %s since %g\n", rule, fields,
			(double)(since - ZERO) / HOUR);
}

static void tell_term(void *user, const char *rule, const char *key, int64_t last_seen)
{
	utstring_printf(&((struct fixture *)user)->told, "%s %s %g\n", rule, key,
			(double)(last_seen - ZERO) / HOUR);
}

static void tell_oldest(void *user, const char *rule, int64_t oldest)
{
	utstring_printf(&((struct fixture *)user)->told, "%s forgets before %g\n", rule,
			(double)(oldest - ZERO) / HOUR);
}

static void assert_changes(struct fixture *f, bool all, const char *expected)
{
	const struct new_terms_keeper keeper = { tell_rule, tell_term, tell_oldest, f };

	utstring_clear(&f->told);
	new_terms_changes(f->terms, all, &keeper);
	assert_string_equal(utstring_body(&f->told), expected);
}

struct step {
	const char *executable;
	double hour;
	const char *is;
};

static void test_what_is_new(void **state)
{
	static const struct {
		const char *name;
		const char *rules;
		struct step step[8];
	} rows[] = {
		{ "the first time",
		  DAY,
		  { { "a", 0, "new" }, { "a", 1, "known" }, { "b", 1, "new" } } },
		{ "again after the history",
		  DAY,
		  { { "a", 0, "new" },
		    { "a", 24, "known" },
		    { "a", 48.5, "24" },
		    { "a", 49, "known" } } },
		{ "each event refreshes",
		  DAY,
		  { { "a", 0, "new" },
		    { "a", 20, "known" },
		    { "a", 40, "known" },
		    { "a", 60, "known" } } },
		{ "learning",
		  LEARNING,
		  { { "a", 5, "known" },
		    { "b", 6.9, "known" },
		    { "c", 7, "new" },
		    { "a", 8, "known" },
		    { "c", 9, "known" } } },
		{ "out of order",
		  DAY,
		  { { "a", 5, "new" }, { "a", 3, "known" }, { "a", 28, "known" } } },
		{ "an absent value is one",
		  DAY,
		  { { NULL, 0, "new" }, { "", 0, "new" }, { NULL, 1, "known" } } },
		{ "not even a memory after long",
		  DAY,
		  { { "a", 0, "new" }, { "b", 100, "new" }, { "a", 100, "new" } } },
	};
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fixture f;

		fixture_begin(&f, state, rows[i].rules);
		for (const struct step *step = rows[i].step; step->is; step++)
			wrong += !row_is(rows[i].name, see(&f, step->executable, step->hour),
					 step->is);
		fixture_end(&f);
	}
	assert_rows(wrong);
}

static void test_changes_are_told_until_they_are_saved(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, DAY);
	assert_false(new_terms_changed(f.terms));
	assert_changes(&f, false, "");
	assert_changes(&f, true, "");
	see(&f, "a", 1);
	see(&f, "b", 2);
	assert_true(new_terms_changed(f.terms));
#define FIRST "n by process.executable since 1\nn [\"a\"] 1\nn [\"b\"] 2\n"
	assert_changes(&f, false, FIRST);
	assert_changes(&f, false, FIRST);
	new_terms_saved(f.terms);
	assert_false(new_terms_changed(f.terms));
	assert_changes(&f, false, "");
	assert_changes(&f, true, FIRST);
#undef FIRST
	see(&f, "a", 3);
	assert_changes(&f, false, "n [\"a\"] 3\n");
	fixture_end(&f);
}

static void test_a_term_seen_over_and_over_is_a_change_once_a_minute(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, DAY);
	see(&f, "a", 0);
	new_terms_saved(f.terms);
	see(&f, "a", MINUTE * 0.9);
	assert_changes(&f, false, "");
	assert_changes(&f, true, "n by process.executable since 0\nn [\"a\"] 0.015\n");
	see(&f, "a", MINUTE * 1.2);
	assert_changes(&f, false, "n [\"a\"] 0.02\n");
	fixture_end(&f);
}

static void restore(struct fixture *f, const char *key, double hour, bool expected)
{
	assert_int_equal(new_terms_restore_term(f->terms, "n", key, ZERO + (int64_t)(hour * HOUR)),
			 expected);
}

static void test_what_was_saved_goes_on(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable", ZERO));
	restore(&f, "[\"b\"]", 20, true);
	restore(&f, "[\"a\"]", 1, true);
	assert_false(new_terms_changed(f.terms));
	assert_string_equal(see(&f, "a", 24), "known");
	assert_string_equal(see(&f, "c", 24), "new");
	assert_string_equal(see(&f, "b", 45), "20");
	assert_changes(&f, false, "n [\"a\"] 24\nn [\"c\"] 24\nn [\"b\"] 45\n");
	fixture_end(&f);
}

static void test_what_is_of_no_use_is_refused(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, DAY);
	restore(&f, "[\"a\"]", 1, false);
	assert_false(new_terms_restore_rule(f.terms, "x", "process.executable", ZERO));
	assert_false(new_terms_restore_rule(f.terms, "n", "process.name", ZERO));
	assert_false(new_terms_restore_rule(f.terms, "n", "process.executable", 0));
	assert_false(new_terms_restore_rule(f.terms, "n", "process.executable", -1));
	assert_false(new_terms_restore_rule(f.terms, "n", "process.executable", INT64_MAX));
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable", ZERO));
	assert_false(new_terms_restore_term(f.terms, "x", "[\"a\"]", ZERO));
	assert_false(new_terms_restore_term(f.terms, "n", "[\"a\"]", -1));
	assert_false(new_terms_restore_term(f.terms, "n", "[\"a\"]", INT64_MAX));
	restore(&f, "[\"a\"]", 1, true);
	/* Once more is no harm: it may be known by now. */
	restore(&f, "[\"a\"]", 1, true);
	fixture_end(&f);
}

static void use_rules(struct fixture *f, void **state, const char *rules)
{
	struct ruleset *old = f->ruleset;

	f->ruleset = load_rules(*state, rules);
	new_terms_set_rules(f->terms, f->ruleset);
	ruleset_free(old);
}

static void test_new_rules_keep_what_they_still_group_by(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	see(&f, "a", 0);
	use_rules(&f, state, DAY);
	assert_string_equal(see(&f, "a", 1), "known");
	assert_string_equal(see(&f, "b", 1), "new");
	use_rules(&f, state, RULE_BY("\"process.name\"", "learn = \"1h\";"));
	assert_changes(&f, false, "");
	assert_string_equal(see(&f, "a", 2), "known");
	assert_changes(&f, false, "n by process.name since 2\nn [[\"a\"]] 2\n");
	use_rules(&f, state, "rules = ();");
	assert_changes(&f, true, "");
	fixture_end(&f);
}

static void test_the_term_not_seen_for_longest_makes_room(void **state)
{
	struct fixture f;
	char name[32];

	fixture_begin(&f, state, DAY);
	see(&f, "first", 0);
	see(&f, "second", 0);
	see(&f, "first", 0.5);
	for (int i = 0; i < NEW_TERMS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "%d", i);
		see(&f, name, 1);
	}
	assert_int_equal(new_terms_forgotten(f.terms), 1);
	assert_string_equal(see(&f, "first", 2), "known");
	assert_string_equal(see(&f, "second", 2), "new");
	assert_int_equal(new_terms_forgotten(f.terms), 2);
	fixture_end(&f);
}

static void count_told(void *user, const char *rule, const char *key, int64_t last_seen)
{
	(void)rule;
	(void)key;
	(void)last_seen;
	++*(size_t *)user;
}

static void ignore_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	(void)user;
	(void)rule;
	(void)fields;
	(void)since;
}

static void ignore_oldest(void *user, const char *rule, int64_t oldest)
{
	(void)user;
	(void)rule;
	(void)oldest;
}

static void test_terms_are_bounded_by_their_bytes(void **state)
{
	char *key = mem_zalloc(50001);
	size_t told = 0, restored = 0;
	const struct new_terms_keeper keeper = { ignore_rule, count_told, ignore_oldest, &told };
	struct fixture f;

	fixture_begin(&f, state, DAY);
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable", ZERO));
	memset(key, 'x', 50000);
	do {
		snprintf(key, 10, "%09zu", restored);
		key[9] = 'x';
		restored++;
	} while (new_terms_restore_term(f.terms, "n", key, ZERO));
	assert_in_range(restored, NEW_TERMS_MAX_BYTES / 50300, NEW_TERMS_MAX_BYTES / 50000 + 1);
	key[40000] = '\0';
	assert_string_equal(see(&f, key, 1), "new");
	assert_int_equal(new_terms_forgotten(f.terms), 1);
	new_terms_changes(f.terms, true, &keeper);
	assert_int_equal(told, restored - 1);
	free(key);
	fixture_end(&f);
}

static void test_a_term_too_long_to_be_remembered_is_new_each_time(void **state)
{
	char *name = mem_zalloc(GROUP_BY_MAX_KEY + 1);
	struct fixture f;

	fixture_begin(&f, state, DAY);
	memset(name, 'x', GROUP_BY_MAX_KEY);
	assert_string_equal(see(&f, name, 1), "new");
	assert_string_equal(see(&f, name, 1), "new");
	assert_int_equal(new_terms_forgotten(f.terms), 2);
	free(name);
	fixture_end(&f);
}

/* What is saved of forgotten terms must not grow for ever; it is told now and then. */
static void test_forgetting_is_told_after_many_bytes(void **state)
{
	struct fixture f;
	char name[32];
	int told = 0;

	fixture_begin(&f, state, DAY);
	for (int i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		see(&f, name, 1 + i * 0.0001);
		if (i % 1000)
			continue;
		utstring_clear(&f.told);
		new_terms_changes(
			f.terms, false,
			&(struct new_terms_keeper){ tell_rule, tell_term, tell_oldest, &f });
		told += strstr(utstring_body(&f.told), "forgets before") != NULL;
		new_terms_saved(f.terms);
	}
	assert_in_range(told, 2, 6);
	fixture_end(&f);
}

#define YEARS (5 * 365 * 24)

/* One event of a clock that is ahead neither ends what is learnt nor makes a term known for years. */
static void test_an_event_of_the_future_is_got_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	see(&f, "a", YEARS);
	assert_string_equal(see(&f, "a", 0), "known");
	assert_string_equal(see(&f, "b", 1.9), "known");
	assert_string_equal(see(&f, "c", 2), "new");
	assert_changes(&f, false,
		       "n by process.executable since 0\nn [\"a\"] 0\nn [\"b\"] 1.9\nn [\"c\"] 2\n");
	assert_string_equal(see(&f, "a", 25), "0");
	fixture_end(&f);
}

static void set_latest(struct fixture *f, double hour)
{
	new_terms_set_latest(f->terms, ZERO + (int64_t)(hour * HOUR));
}

static void test_a_clock_that_is_set_back_is_got_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	set_latest(&f, 10);
	see(&f, "a", 10);
	new_terms_saved(f.terms);
	set_latest(&f, 0);
	assert_string_equal(see(&f, "a", 0), "known");
	assert_changes(&f, false, "n by process.executable since 0\nn [\"a\"] 0\n");
	set_latest(&f, 26);
	assert_string_equal(see(&f, "b", 2), "new");
	assert_string_equal(see(&f, "a", 25), "0");
	fixture_end(&f);
}

static void test_what_was_saved_by_a_clock_that_was_ahead_is_of_now(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	set_latest(&f, 0);
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable",
					   ZERO + (int64_t)YEARS * HOUR));
	restore(&f, "[\"a\"]", YEARS, true);
	assert_changes(&f, false, "n by process.executable since 0\nn [\"a\"] 0\n");
	set_latest(&f, 26);
	assert_string_equal(see(&f, "a", 25), "0");
	fixture_end(&f);
}

static void test_what_was_saved_is_added_to_what_was_seen_since(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, LEARNING);
	see(&f, "a", 30);
	see(&f, "b", 30);
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable", ZERO));
	restore(&f, "[\"c\"]", 20, true);
	restore(&f, "[\"a\"]", 1, true);
	assert_string_equal(see(&f, "c", 31), "known");
	assert_string_equal(see(&f, "a", 31), "known");
	assert_string_equal(see(&f, "d", 31), "new");
	/* The earlier beginning is the one that is saved. */
	assert_changes(&f, false, "n [\"a\"] 31\nn [\"b\"] 30\nn [\"c\"] 31\nn [\"d\"] 31\n");
	fixture_end(&f);
	fixture_begin(&f, state, LEARNING);
	see(&f, "a", 1);
	assert_true(new_terms_restore_rule(f.terms, "n", "process.executable", ZERO + 2 * HOUR));
	assert_changes(&f, false, "n by process.executable since 1\nn [\"a\"] 1\n");
	fixture_end(&f);
}

static void test_nothing_to_free(void **state)
{
	(void)state;
	new_terms_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_what_is_new),
		IN_FOLDER(test_changes_are_told_until_they_are_saved),
		IN_FOLDER(test_a_term_seen_over_and_over_is_a_change_once_a_minute),
		IN_FOLDER(test_what_was_saved_goes_on),
		IN_FOLDER(test_what_is_of_no_use_is_refused),
		IN_FOLDER(test_new_rules_keep_what_they_still_group_by),
		IN_FOLDER(test_the_term_not_seen_for_longest_makes_room),
		IN_FOLDER(test_terms_are_bounded_by_their_bytes),
		IN_FOLDER(test_a_term_too_long_to_be_remembered_is_new_each_time),
		IN_FOLDER(test_forgetting_is_told_after_many_bytes),
		cmocka_unit_test(test_nothing_to_free),
		IN_FOLDER(test_an_event_of_the_future_is_got_over),
		IN_FOLDER(test_a_clock_that_is_set_back_is_got_over),
		IN_FOLDER(test_what_was_saved_by_a_clock_that_was_ahead_is_of_now),
		IN_FOLDER(test_what_was_saved_is_added_to_what_was_seen_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
