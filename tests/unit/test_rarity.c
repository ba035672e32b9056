/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows_support.h"

#include "rules/counts.h"
#include "rules/rarity.h"

/* Times in the tests are minutes from a full hour on, 23:00 UTC of a November evening. */
#define HOUR_ZERO 1700002800000
#define MINUTE	  60000

/* A rule that counts every event; a second rule can stand behind it. */
#define RULE(id, more)                                                                            \
	"{ id = \"" id "\"; type = \"rarity\"; condition = \"event.kind == 'event'\";\n"          \
	"  by = [ \"process.executable\" ]; " more " }"
#define RULES(rules) "rules = (\n" rules "\n);\n"

/* The common one: windows of an hour that do not overlap. */
#define HOURLY RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 3;"))

/* One test's counts, what they found so far and where its rules are. */
struct fixture {
	struct folder *folder;
	struct ruleset *ruleset;
	struct rarity *rarity;
	UT_string found; /* a line for each finding */
};

static void append_minutes(UT_string *out, const char *before, int64_t ms)
{
	int64_t past = ms - HOUR_ZERO;

	utstring_printf(out, "%s%lld", before, (long long)(past / MINUTE));
	if (past % MINUTE)
		utstring_printf(out, "+%lldms", (long long)(past % MINUTE));
}

/* RULE: EXECUTABLE COUNTx on HOSTS [START..END) FIRST-LAST */
static void on_finding(void *user, const struct rarity_finding *finding)
{
	struct fixture *fixture = user;
	struct json_object *document = json_tokener_parse(finding->document);
	UT_string *out = &fixture->found;

	assert_non_null(document);
	utstring_printf(out, "%s: %s %lldx on %lld", finding->rule->id,
			member_json(document, "process.executable"), (long long)finding->count,
			(long long)finding->hosts);
	append_minutes(out, " [", finding->window_start);
	append_minutes(out, "..", finding->window_end);
	append_minutes(out, ") ", finding->first);
	append_minutes(out, "-", finding->last);
	utstring_printf(out, "%s\n", finding->provisional ? " so far" : "");
	json_object_put(document);
}

static void fixture_begin(struct fixture *fixture, void **state, const char *rules)
{
	fixture->folder = *state;
	fixture->ruleset = load_rules(*state, rules);
	fixture->rarity = rarity_new(fixture->ruleset, on_finding, fixture);
	utstring_init(&fixture->found);
}

static void fixture_end(struct fixture *fixture)
{
	rarity_free(fixture->rarity);
	ruleset_free(fixture->ruleset);
	utstring_done(&fixture->found);
}

static void count_event(struct fixture *fixture, size_t rule, const struct process_event *event)
{
	rarity_count(fixture->rarity, fixture->ruleset->rule[rule], event);
}

/* Counts an event of the first rule; `executable` may be NULL. */
static void count_at(struct fixture *fixture, const char *executable, int64_t ms)
{
	struct scene scene;

	scene_init(&scene);
	scene.image.executable = executable;
	scene_at(&scene, ms);
	count_event(fixture, 0, &scene.event);
}

static void count(struct fixture *fixture, const char *executable, double minute)
{
	count_at(fixture, executable, HOUR_ZERO + (int64_t)(minute * MINUTE));
}

static void count_on(struct fixture *fixture, const char *node, const char *executable,
		     double minute)
{
	struct scene scene;

	scene_init(&scene);
	scene.image.executable = executable;
	scene.event.host.name = node;
	scene_at(&scene, HOUR_ZERO + (int64_t)(minute * MINUTE));
	count_event(fixture, 0, &scene.event);
}

static void advance(struct fixture *fixture, double minute)
{
	rarity_advance(fixture->rarity, HOUR_ZERO + (int64_t)(minute * MINUTE));
}

/* Asserts what was found since the last time. */
static void assert_found(struct fixture *fixture, const char *expected)
{
	assert_string_equal(utstring_body(&fixture->found), expected);
	utstring_clear(&fixture->found);
}

static void test_a_rare_group_is_found_when_its_window_is_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/nc", 10);
	count(&f, "/bin/nc", 20);
	assert_found(&f, "");
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/nc\" 2x on 1 [0..60) 10-20\n");
	fixture_end(&f);
}

static void append_group(void *user, const struct rarity_group *group)
{
	utstring_printf(user, "%s %s %lldx on %lld%s", group->rule->id, group->key,
			(long long)group->count, (long long)group->hosts, group->rare ? " rare" : "");
	append_minutes(user, " [", group->window_start);
	append_minutes(user, "..", group->window_end);
	append_minutes(user, ") ", group->first);
	append_minutes(user, "-", group->last);
	utstring_printf(user, "\n");
}

static void test_groups_of_an_open_window_can_be_asked_for(void **state)
{
	struct fixture f;
	UT_string groups;

	fixture_begin(&f, state, HOURLY);
	utstring_init(&groups);
	rarity_each_group(f.rarity, append_group, &groups);
	assert_string_equal(utstring_body(&groups), "");
	count(&f, "/bin/often", 1);
	count(&f, "/bin/often", 2);
	count(&f, "/bin/often", 3);
	count_on(&f, "one", "/bin/both", 4);
	count_on(&f, "other", "/bin/both", 5);
	count(&f, NULL, 6);
	rarity_each_group(f.rarity, append_group, &groups);
	assert_string_equal(utstring_body(&groups), "r [null] 1x on 1 rare [0..60) 6-6\n"
						    "r [\"\\/bin\\/both\"] 2x on 2 [0..60) 4-5\n"
						    "r [\"\\/bin\\/often\"] 3x on 1 [0..60) 1-3\n");
	/* Asking changes nothing. */
	advance(&f, 61);
	assert_found(&f, "r: (absent) 1x on 1 [0..60) 6-6\n");
	utstring_clear(&groups);
	rarity_each_group(f.rarity, append_group, &groups);
	assert_string_equal(utstring_body(&groups), "");
	utstring_done(&groups);
	fixture_end(&f);
}

static void test_a_group_as_frequent_as_fewer_than_is_not_rare(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	for (int i = 0; i < 3; i++)
		count(&f, "/bin/often", 10 + i);
	for (int i = 0; i < 2; i++)
		count(&f, "/bin/rare", 10 + i);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/rare\" 2x on 1 [0..60) 10-11\n");
	fixture_end(&f);
}

static void test_a_window_waits_for_the_grace_and_no_longer(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/nc", 10);
	rarity_advance(f.rarity, HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS - 1);
	assert_found(&f, "");
	rarity_advance(f.rarity, HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10\n");
	fixture_end(&f);
}

static void test_windows_end_at_multiples_of_every_since_1970(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"14m\"; every = \"7m\"; fewer_than = 3;")));
	/* 1700002800 s is 4047625 * 420 s + 300 s. */
	count(&f, "/bin/nc", 0);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [-12..2) 0-0\n"
			 "r: \"/bin/nc\" 1x on 1 [-5..9) 0-0\n");
	fixture_end(&f);
}

static void test_a_window_has_its_start_and_not_its_end(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/first", 0);
	count_at(&f, "/bin/last", HOUR_ZERO + 60 * MINUTE - 1);
	advance(&f, 61);
	count(&f, "/bin/next", 60);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/first\" 1x on 1 [0..60) 0-0\n"
			 "r: \"/bin/last\" 1x on 1 [0..60) 59+59999ms-59+59999ms\n"
			 "r: \"/bin/next\" 1x on 1 [60..120) 60-60\n");
	fixture_end(&f);
}

/* The window of the rule that this was modelled on: 61 minutes, every hour. */
static void test_an_event_where_windows_overlap_counts_in_both(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"61m\"; every = \"1h\"; fewer_than = 3;")));
	count(&f, "/bin/nc", 58.5);
	count(&f, "/bin/nc", 59.5);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/nc\" 2x on 1 [-1..60) 58+30000ms-59+30000ms\n");
	count(&f, "/bin/nc", 70);
	advance(&f, 121);
	assert_found(&f, "r: \"/bin/nc\" 2x on 1 [59..120) 59+30000ms-70\n");
	fixture_end(&f);
}

static void test_an_event_counts_in_every_window_that_reaches_back_to_it(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"3h\"; every = \"1h\"; fewer_than = 3;")));
	count(&f, "/bin/nc", 30);
	advance(&f, 600);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [-120..60) 30-30\n"
			 "r: \"/bin/nc\" 1x on 1 [-60..120) 30-30\n"
			 "r: \"/bin/nc\" 1x on 1 [0..180) 30-30\n");
	fixture_end(&f);
}

static void test_the_rarest_group_comes_first(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 5;")));
	for (int i = 0; i < 4; i++)
		count(&f, "/bin/four", 1 + i);
	for (int i = 0; i < 2; i++)
		count(&f, "/bin/two", 1 + i);
	count(&f, "/bin/b", 1);
	count(&f, "/bin/a", 2);
	for (int i = 0; i < 3; i++)
		count(&f, "/bin/three", 1 + i);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/a\" 1x on 1 [0..60) 2-2\n"
			 "r: \"/bin/b\" 1x on 1 [0..60) 1-1\n"
			 "r: \"/bin/two\" 2x on 1 [0..60) 1-2\n"
			 "r: \"/bin/three\" 3x on 1 [0..60) 1-3\n"
			 "r: \"/bin/four\" 4x on 1 [0..60) 1-4\n");
	fixture_end(&f);
}

static void test_an_absent_key_is_a_group_of_its_own(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 2;")));
	count(&f, NULL, 1);
	count(&f, "", 2);
	count(&f, "null", 3);
	advance(&f, 61);
	assert_found(&f, "r: \"\" 1x on 1 [0..60) 2-2\n"
			 "r: \"null\" 1x on 1 [0..60) 3-3\n"
			 "r: (absent) 1x on 1 [0..60) 1-1\n");
	count(&f, NULL, 61);
	count(&f, NULL, 62);
	advance(&f, 121);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_values_that_print_alike_are_different_groups(void **state)
{
	static const char *const values[] = {
		"\xff", "\xfe", "\xef\xbf\xbd", "\\xff", "\\\\xff", "a\nb", "a\\nb", "\x7f", "\xc2\x80",
		"\x80", "\"", "\\\"", "a\",\"b",
	};
	struct fixture f;
	size_t lines = 0;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 2;")));
	for (size_t i = 0; i < COUNT_OF(values); i++)
		count(&f, values[i], 1);
	advance(&f, 61);
	for (const char *c = utstring_body(&f.found); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, COUNT_OF(values));
	fixture_end(&f);
}

static void test_events_agree_in_all_fields_of_by(void **state)
{
	struct fixture f;
	struct scene scene;

	fixture_begin(&f, state,
		      RULES("{ id = \"r\"; type = \"rarity\"; condition = \"event.kind == 'event'\";"
			    "  by = [ \"process.executable\", \"process.working_directory\","
			    "         \"process.parent.executable\", \"process.pid\","
			    "         \"process.interactive\" ];"
			    "  window = \"1h\"; every = \"1h\"; fewer_than = 2; }"));
	scene_web_shell(&scene);
	scene_at(&scene, HOUR_ZERO + 1);
	count_event(&f, 0, &scene.event);
	count_event(&f, 0, &scene.event);
	rarity_finish(f.rarity);
	assert_found(&f, "");

	scene_at(&scene, HOUR_ZERO + 60 * MINUTE + 1);
	count_event(&f, 0, &scene.event);
	scene.image.working_directory = "/tmp";
	count_event(&f, 0, &scene.event);
	scene.parent_image.executable = "/usr/sbin/nginx";
	count_event(&f, 0, &scene.event);
	scene.event.process.pid++;
	count_event(&f, 0, &scene.event);
	scene.image.interactive = KNOWN_TRUE;
	count_event(&f, 0, &scene.event);
	scene.image.interactive = UNKNOWN;
	count_event(&f, 0, &scene.event);
	rarity_finish(f.rarity);
#define ONE "r: \"/usr/bin/dash\" 1x on 1 [60..120) 60+1ms-60+1ms\n"
	assert_found(&f, ONE ONE ONE ONE ONE ONE);
#undef ONE
	fixture_end(&f);
}

/* ["a","b"] and ["a","","b"] and so on must not become one key. */
static void test_fields_of_a_key_do_not_run_together(void **state)
{
	struct fixture f;
	struct scene scene;

	fixture_begin(&f, state,
		      RULES("{ id = \"r\"; type = \"rarity\"; condition = \"event.kind == 'event'\";"
			    "  by = [ \"process.executable\", \"process.working_directory\" ];"
			    "  window = \"1h\"; every = \"1h\"; fewer_than = 2; }"));
	scene_init(&scene);
	scene_at(&scene, HOUR_ZERO + 1);
	scene.image.executable = "a";
	scene.image.working_directory = "b\",\"c";
	count_event(&f, 0, &scene.event);
	scene.image.executable = "a\",\"b";
	scene.image.working_directory = "c";
	count_event(&f, 0, &scene.event);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"a\" 1x on 1 [0..60) 0+1ms-0+1ms\n"
			 "r: \"a\\\",\\\"b\" 1x on 1 [0..60) 0+1ms-0+1ms\n");
	fixture_end(&f);
}

static void test_a_group_on_more_hosts_than_max_hosts_is_not_rare(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count_on(&f, "web1", "/bin/one-host", 1);
	count_on(&f, "web1", "/bin/one-host", 2);
	count_on(&f, "web1", "/bin/two-hosts", 1);
	count_on(&f, "web2", "/bin/two-hosts", 1);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/one-host\" 2x on 1 [0..60) 1-2\n");
	fixture_end(&f);
}

static void test_hosts_are_counted_once_each(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"2h\"; every = \"1h\"; fewer_than = 10;"
				      "max_hosts = 3;")));
	count_on(&f, "web1", "/bin/nc", 1);
	count_on(&f, "web2", "/bin/nc", 2);
	count_on(&f, "web1", "/bin/nc", 3);
	advance(&f, 60);
	count_on(&f, "web1", "/bin/nc", 61);
	count_on(&f, NULL, "/bin/nc", 62);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/nc\" 3x on 2 [-60..60) 1-3\n"
			 "r: \"/bin/nc\" 5x on 3 [0..120) 1-62\n"
			 "r: \"/bin/nc\" 2x on 2 [60..180) 61-62\n");
	fixture_end(&f);
}

static void test_rules_count_for_themselves(void **state)
{
	struct fixture f;
	struct scene scene;

	fixture_begin(&f, state,
		      RULES(RULE("a", "window = \"1h\"; every = \"1h\"; fewer_than = 2;") ",\n"
			    "{ id = \"no-rarity\"; condition = \"true\"; },\n"
			    RULE("b", "window = \"2h\"; every = \"2h\"; fewer_than = 2;")));
	scene_init(&scene);
	scene.image.executable = "/bin/nc";
	scene_at(&scene, HOUR_ZERO + MINUTE);
	count_event(&f, 0, &scene.event);
	count_event(&f, 2, &scene.event);
	count_event(&f, 2, &scene.event);
	scene_at(&scene, HOUR_ZERO + 70 * MINUTE);
	count_event(&f, 0, &scene.event);
	scene.image.executable = "/bin/x";
	scene_at(&scene, HOUR_ZERO + 2 * MINUTE);
	count_event(&f, 2, &scene.event);
	rarity_finish(f.rarity);
	assert_found(&f, "a: \"/bin/nc\" 1x on 1 [0..60) 1-1\n"
			 "a: \"/bin/nc\" 1x on 1 [60..120) 70-70\n"
			 "b: \"/bin/x\" 1x on 1 [-60..60) 2-2\n");
	fixture_end(&f);
}

static void test_a_window_without_events_is_passed_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/nc", 10);
	advance(&f, 60 * 24 * 365);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10\n");
	assert_int_equal(rarity_deadline(f.rarity), -1);
	count(&f, "/bin/nc", 60 * 24 * 365 + 1);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [525600..525660) 525601-525601\n");
	fixture_end(&f);
}

static void test_the_deadline_is_the_end_of_the_earliest_window_and_its_grace(void **state)
{
	struct fixture f;
	struct scene scene;

	fixture_begin(&f, state,
		      RULES(RULE("a", "window = \"1h\"; every = \"1h\";") ",\n"
			    RULE("b", "window = \"15m\"; every = \"15m\";")));
	assert_int_equal(rarity_deadline(f.rarity), -1);
	count(&f, "/bin/nc", 1);
	assert_true(rarity_deadline(f.rarity) == HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS);
	scene_init(&scene);
	scene_at(&scene, HOUR_ZERO + 20 * MINUTE);
	count_event(&f, 1, &scene.event);
	assert_true(rarity_deadline(f.rarity) == HOUR_ZERO + 30 * MINUTE + RARITY_GRACE_MS);
	advance(&f, 31);
	assert_true(rarity_deadline(f.rarity) == HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS);
	advance(&f, 61);
	assert_int_equal(rarity_deadline(f.rarity), -1);
	fixture_end(&f);
}

static void test_an_event_within_the_grace_counts_in_its_window(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/nc", 10);
	rarity_advance(f.rarity, HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS - 1);
	count(&f, "/bin/nc", 59);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/nc\" 2x on 1 [0..60) 10-59\n");
	fixture_end(&f);
}

static void test_an_event_behind_the_grace_comes_too_late(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/nc", 10);
	count(&f, "/bin/other", 62);
	advance(&f, 63);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10\n");
	count(&f, "/bin/nc", 59);
	assert_int_equal(rarity_uncounted(f.rarity), 1);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/other\" 1x on 1 [60..120) 62-62\n");
	fixture_end(&f);
}

/* Somebody's clock is ahead: its events count, and nobody else's are lost by it. */
static void test_an_event_of_the_future_counts_as_of_now(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	rarity_set_latest(f.rarity, HOUR_ZERO + 10 * MINUTE);
	count(&f, "/bin/ahead", 60 * 24);
	advance(&f, 60 * 24);
	assert_found(&f, "");
	assert_true(rarity_deadline(f.rarity) == HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS);
	rarity_set_latest(f.rarity, HOUR_ZERO + 20 * MINUTE);
	count(&f, "/bin/right", 15);
	assert_int_equal(rarity_uncounted(f.rarity), 0);
	rarity_set_latest(f.rarity, HOUR_ZERO + 61 * MINUTE);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/ahead\" 1x on 1 [0..60) 10-10\n"
			 "r: \"/bin/right\" 1x on 1 [0..60) 15-15\n");
	fixture_end(&f);
}

/* The first event that is counted need not be the earliest: a window that has not been judged takes those
 * that belong to it. */
static void test_events_out_of_order_at_a_boundary_count_in_their_own_windows(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count_at(&f, "/bin/b", HOUR_ZERO + 60 * MINUTE + 10);
	count_at(&f, "/bin/a", HOUR_ZERO + 60 * MINUTE - 10);
	advance(&f, 180);
	assert_found(&f, "r: \"/bin/a\" 1x on 1 [0..60) 59+59990ms-59+59990ms\n"
			 "r: \"/bin/b\" 1x on 1 [60..120) 60+10ms-60+10ms\n");
	fixture_end(&f);
}

static void test_a_finding_shows_an_event_of_its_window(void **state)
{
	struct fixture f;
	struct scene scene;

	fixture_begin(&f, state,
		      RULES("{ id = \"r\"; type = \"rarity\"; condition = \"event.kind == 'event'\";"
			    "  by = [ \"host.name\" ]; window = \"1h\"; every = \"1h\"; }"));
	scene_init(&scene);
	scene.image.executable = "/bin/before";
	scene_at(&scene, HOUR_ZERO + 30 * MINUTE);
	count_event(&f, 0, &scene.event);
	/* The window before is open for another five seconds. */
	scene.image.executable = "/bin/after";
	scene_at(&scene, HOUR_ZERO + 60 * MINUTE + 1000);
	count_event(&f, 0, &scene.event);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/before\" 1x on 1 [0..60) 30-30\n"
			 "r: \"/bin/after\" 1x on 1 [60..120) 60+1000ms-60+1000ms\n");
	fixture_end(&f);
}

#define FIRST_SEEN                                                                                \
	RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 3;"                        \
			"deliver = \"first-seen\";"))

static void test_first_seen_is_found_at_once_and_once_a_window(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, FIRST_SEEN);
	count(&f, "/bin/nc", 10);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10 so far\n");
	count(&f, "/bin/nc", 11);
	count(&f, "/bin/nc", 59);
	assert_found(&f, "");
	count(&f, "/bin/other", 59);
	assert_found(&f, "r: \"/bin/other\" 1x on 1 [0..60) 59-59 so far\n");
	advance(&f, 61);
	assert_found(&f, "");
	count(&f, "/bin/nc", 62);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [60..120) 62-62 so far\n");
	rarity_finish(f.rarity);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_first_seen_knows_what_its_window_looks_back_to(void **state)
{
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"2h\"; every = \"1h\"; fewer_than = 3;"
				      "deliver = \"first-seen\";")));
	count(&f, "/bin/often", 10);
	count(&f, "/bin/often", 11);
	count(&f, "/bin/rare", 12);
	utstring_clear(&f.found);
	advance(&f, 61);
	/* The third one in two hours. */
	count(&f, "/bin/often", 70);
	assert_found(&f, "");
	count(&f, "/bin/rare", 70);
	assert_found(&f, "r: \"/bin/rare\" 2x on 1 [0..120) 12-70 so far\n");
	fixture_end(&f);
}

static void test_first_seen_is_quiet_on_a_second_host(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, FIRST_SEEN);
	count_on(&f, "web1", "/bin/nc", 10);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10 so far\n");
	count_on(&f, "web2", "/bin/nc", 11);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_first_seen_is_not_found_again_by_a_late_event(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, FIRST_SEEN);
	count(&f, "/bin/nc", 10);
	count_at(&f, "/bin/nc", HOUR_ZERO + 60 * MINUTE + 10);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10 so far\n"
			 "r: \"/bin/nc\" 1x on 1 [60..120) 60+10ms-60+10ms so far\n");
	count_at(&f, "/bin/nc", HOUR_ZERO + 60 * MINUTE - 10);
	assert_found(&f, "");
	count_at(&f, "/bin/nc", HOUR_ZERO + 60 * MINUTE + 20);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_finishing_judges_what_is_open_and_nothing_twice(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	rarity_finish(f.rarity);
	assert_found(&f, "");
	count(&f, "/bin/nc", 10);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/nc\" 1x on 1 [0..60) 10-10\n");
	rarity_finish(f.rarity);
	advance(&f, 1000);
	assert_found(&f, "");
	assert_int_equal(rarity_deadline(f.rarity), -1);
	fixture_end(&f);
}

/* Saves all that has changed. */
static void save(struct fixture *f, struct kept_rows *rows)
{
	rarity_changes(f->rarity, ROWS_ALL, &KEPT_ROWS_KEEPER(rows));
	rarity_saved(f->rarity);
}

static bool restore(struct fixture *f, const struct kept_rows *rows)
{
	size_t senseless = KEPT_ROWS_RESTORE(rows, rarity_restore_row(f->rarity, row));

	rarity_restored(f->rarity);
	return !senseless;
}

/* Saves one fixture's counts and restores them into the other's. */
static bool carry_over(struct fixture *from, struct fixture *to)
{
	struct kept_rows rows = { 0 };
	bool restored;

	save(from, &rows);
	restored = restore(to, &rows);
	kept_rows_free(&rows);
	return restored;
}

static void count_a_bit_of_everything(struct fixture *f)
{
	count_on(f, "web1", "/bin/a", 1);
	count_on(f, "web2", "/bin/a", 2);
	count_on(f, "web1", "/bin/\"b\"\n\xff", 58);
	count_on(f, NULL, "/bin/c", 59.5);
	count_on(f, NULL, NULL, 59.9);
	advance(f, 59.95);
}

#define OVERLAP                                                                                   \
	RULES(RULE("r", "window = \"61m\"; every = \"1h\"; fewer_than = 3; max_hosts = 2;"))

static void test_what_is_restored_is_what_was_saved(void **state)
{
	struct kept_rows first = { 0 }, second = { 0 };
	struct fixture f, g;

	fixture_begin(&f, state, OVERLAP);
	fixture_begin(&g, state, OVERLAP);
	count_a_bit_of_everything(&f);
	save(&f, &first);
	assert_true(restore(&g, &first));
	assert_int_equal(rarity_changed(g.rarity), 0);
	rarity_forget_rows(g.rarity);
	save(&g, &second);
	assert_int_equal(second.count, first.count);
	for (size_t i = 0; i < first.count; i++) {
		assert_string_equal(second.all[i].value, first.all[i].value);
		assert_int_equal(!second.all[i].document, !first.all[i].document);
	}
	assert_true(rarity_deadline(g.rarity) == rarity_deadline(f.rarity));
	kept_rows_free(&first);
	kept_rows_free(&second);
	fixture_end(&f);
	fixture_end(&g);
}

static void test_restored_counts_give_the_same_findings(void **state)
{
	struct fixture f, g;
	struct fixture *both[] = { &f, &g };

	fixture_begin(&f, state, OVERLAP);
	fixture_begin(&g, state, OVERLAP);
	count_a_bit_of_everything(&f);
	assert_true(carry_over(&f, &g));
	for (size_t i = 0; i < 2; i++) {
		count_on(both[i], "web3", "/bin/a", 59.99);
		advance(both[i], 62);
		count_on(both[i], NULL, "/bin/c", 63);
		rarity_finish(both[i]->rarity);
	}
	assert_string_equal(utstring_body(&g.found), utstring_body(&f.found));
	assert_found(&f, "r: \"/bin/\\\"b\\\"\\n\xef\xbf\xbd\" 1x on 1 [-1..60) 58-58\n"
			 "r: \"/bin/c\" 1x on 1 [-1..60) 59+30000ms-59+30000ms\n"
			 "r: (absent) 1x on 1 [-1..60) 59+54000ms-59+54000ms\n"
			 "r: \"/bin/a\" 1x on 1 [59..120) 59+59400ms-59+59400ms\n"
			 "r: (absent) 1x on 1 [59..120) 59+54000ms-59+54000ms\n"
			 "r: \"/bin/c\" 2x on 1 [59..120) 59+30000ms-63\n");
	fixture_end(&f);
	fixture_end(&g);
}

static void test_a_restored_group_was_seen_before(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state, FIRST_SEEN);
	fixture_begin(&g, state, FIRST_SEEN);
	count(&f, "/bin/nc", 10);
	assert_true(carry_over(&f, &g));
	count(&g, "/bin/nc", 11);
	assert_found(&g, "");
	count(&g, "/bin/other", 11);
	assert_found(&g, "r: \"/bin/other\" 1x on 1 [0..60) 11-11 so far\n");
	fixture_end(&f);
	fixture_end(&g);
}

static void test_nothing_counted_is_saved_and_restored_too(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state, HOURLY);
	fixture_begin(&g, state, HOURLY);
	assert_true(carry_over(&f, &g));
	assert_int_equal(rarity_deadline(g.rarity), -1);
	fixture_end(&f);
	fixture_end(&g);
}

/* Counts two groups, carries them over to the rules of `text` and returns what is found in the end. */
static void assert_carried_over(void **state, const char *text, const char *expected)
{
	struct fixture f, g;

	fixture_begin(&f, state, HOURLY);
	fixture_begin(&g, state, text);
	count(&f, "/bin/a", 10);
	count(&f, "/bin/b", 40);
	assert_true(carry_over(&f, &g));
	rarity_finish(g.rarity);
	assert_found(&g, expected);
	fixture_end(&f);
	fixture_end(&g);
}

static void test_a_rule_whose_threshold_changed_keeps_its_counts(void **state)
{
	assert_carried_over(state,
			    RULES(RULE("r", "window = \"1h\"; every = \"1h\"; fewer_than = 2;"
					    "name = \"Other\"; severity = \"high\";")),
			    "r: \"/bin/a\" 1x on 1 [0..60) 10-10\n"
			    "r: \"/bin/b\" 1x on 1 [0..60) 40-40\n");
}

static void test_a_rule_that_groups_by_other_fields_begins_anew(void **state)
{
	assert_carried_over(state,
			    RULES("{ id = \"r\"; type = \"rarity\"; condition = \"true\";"
				  "  by = [ \"process.name\" ]; window = \"1h\"; every = \"1h\"; }"),
			    "");
	assert_carried_over(state,
			    RULES("{ id = \"r\"; type = \"rarity\"; condition = \"true\";"
				  "  by = [ \"process.executable\", \"user.id\" ];"
				  "  window = \"1h\"; every = \"1h\"; }"),
			    "");
}

static void test_a_rule_with_other_buckets_begins_anew(void **state)
{
	assert_carried_over(state, RULES(RULE("r", "window = \"61m\"; every = \"1h\";")), "");
}

static void test_a_rule_that_is_gone_or_new_is_left_out(void **state)
{
	assert_carried_over(state, RULES(RULE("other", "window = \"1h\"; every = \"1h\";")), "");
	assert_carried_over(state, RULES("{ id = \"r\"; condition = \"true\"; }"), "");
	assert_carried_over(state,
			    RULES(RULE("new", "window = \"1h\"; every = \"1h\";") ",\n"
				  RULE("r", "window = \"1h\"; every = \"1h\";")),
			    "r: \"/bin/a\" 1x on 1 [0..60) 10-10\n"
			    "r: \"/bin/b\" 1x on 1 [0..60) 40-40\n");
}

/* 30m and 1h have the same buckets of one minute with a window of 61m, but 23:30 is no full hour. */
static void test_a_rule_judged_less_often_still_ends_at_multiples_of_every(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state,
		      RULES(RULE("r", "window = \"61m\"; every = \"30m\"; fewer_than = 3;")));
	fixture_begin(&g, state,
		      RULES(RULE("r", "window = \"61m\"; every = \"1h\"; fewer_than = 3;")));
	count(&f, "/bin/nc", 10);
	assert_true(carry_over(&f, &g));
	rarity_finish(g.rarity);
	assert_found(&g, "r: \"/bin/nc\" 1x on 1 [-1..60) 10-10\n");
	fixture_end(&f);
	fixture_end(&g);
}

static void test_a_longer_window_of_the_same_buckets_keeps_counting(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state, HOURLY);
	fixture_begin(&g, state,
		      RULES(RULE("r", "window = \"2h\"; every = \"1h\"; fewer_than = 3;")));
	count(&f, "/bin/nc", 10);
	assert_true(carry_over(&f, &g));
	rarity_finish(g.rarity);
	assert_found(&g, "r: \"/bin/nc\" 1x on 1 [-60..60) 10-10\n"
			 "r: \"/bin/nc\" 1x on 1 [0..120) 10-10\n");
	fixture_end(&f);
	fixture_end(&g);
}

#define SAVED(rules) "{" rules "}"
#define SAVED_RULE(next_end, groups)                                                              \
	"\"r\":{\"by\":\"process.executable\",\"bucket_ms\":3600000,\"next_end\":" next_end       \
	",\"groups\":[" groups "]}"
#define SAVED_GROUP(buckets)                                                                      \
	"{\"key\":\"[\\\"/bin/nc\\\"]\",\"document\":\"{}\",\"alerted_end\":0,\"buckets\":["       \
	buckets "]}"
#define NEXT_END "1700006400000" /* minute 60 */
#define BUCKET "[1700002800000,\"\",1,1700002860000,1700002860000]"

/* The rows of the next test are each one step away from this. */
static void test_saved_counts_have_this_form(void **state)
{
	struct json_object *saved =
		json_tokener_parse(SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP(BUCKET))));
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	assert_true(rarity_restore(f.rarity, saved));
	json_object_put(saved);
	rarity_finish(f.rarity);
	assert_found(&f, "r: (absent) 1x on 1 [0..60) 1-1\n");
	fixture_end(&f);
}

static void test_damaged_counts_are_refused(void **state)
{
	static const char *const rows[] = {
		"null",
		"5",
		"\"text\"",
		"[]",
		SAVED("\"r\":5"),
		SAVED("\"r\":null"),
		SAVED("\"r\":{\"by\":\"process.executable\",\"bucket_ms\":3600000}"),
		SAVED("\"r\":{\"by\":\"process.executable\",\"bucket_ms\":3600000,\"groups\":{}}"),
		SAVED(SAVED_RULE(NEXT_END, "5")),
		SAVED(SAVED_RULE(NEXT_END, "null")),
		SAVED(SAVED_RULE(NEXT_END, "{}")),
		SAVED(SAVED_RULE(NEXT_END, "{\"key\":5,\"document\":\"{}\",\"buckets\":[" BUCKET
					   "]}")),
		SAVED(SAVED_RULE(NEXT_END, "{\"key\":\"x\",\"buckets\":[" BUCKET "]}")),
		SAVED(SAVED_RULE(NEXT_END, "{\"key\":\"x\",\"document\":\"{}\"}")),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP(""))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("5"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,\"\",1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,\"\",1,1,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,5,1,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,null,1,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,\"\",0,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[1700002800000,\"\",-1,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[-3600000,\"\",1,1,1]"))),
		SAVED(SAVED_RULE("0", SAVED_GROUP(BUCKET))),
		SAVED(SAVED_RULE("-3600000", SAVED_GROUP(BUCKET))),
		SAVED(SAVED_RULE("null", SAVED_GROUP(BUCKET))),
		SAVED(SAVED_RULE("9223372036854000000", SAVED_GROUP(BUCKET))),
	};
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *saved = json_tokener_parse(rows[i]);
		struct fixture f;

		assert_true(saved || !strcmp(rows[i], "null"));
		fixture_begin(&f, state, HOURLY);
		wrong += !row_is(rows[i], rarity_restore(f.rarity, saved) ? "taken" : "refused",
				 "refused");
		json_object_put(saved);
		fixture_end(&f);
	}
	assert_rows(wrong);
}

/* Numbers that no clock and no counter reaches: sums of them would overflow. */
static void test_counts_beyond_reason_are_refused(void **state)
{
	static const char *const rows[] = {
		SAVED(SAVED_RULE(NEXT_END,
				 SAVED_GROUP("[1700002800000,\"\",9223372036854775807,1,1],"
					     "[1700002800000,\"\",9223372036854775807,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END,
				 SAVED_GROUP("[1700002800000,\"a\",9223372036854775807,1,1],"
					     "[1700002800000,\"b\",9223372036854775807,1,1]"))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("[9223372036854775807,\"\",1,1,1]"))),
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *saved = json_tokener_parse(rows[i]);
		struct fixture f;

		fixture_begin(&f, state, HOURLY);
		assert_false(rarity_restore(f.rarity, saved));
		json_object_put(saved);
		fixture_end(&f);
	}
}

/* From 1970 to the year 287,000 there are more windows than anybody waits for. */
static void test_a_bucket_far_ahead_does_not_take_for_ever(void **state)
{
	struct json_object *saved = json_tokener_parse(
		SAVED(SAVED_RULE("3600000", SAVED_GROUP("[9000000000000000,\"\",1,1,1]"))));
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	alarm(30);
	if (rarity_restore(f.rarity, saved))
		rarity_finish(f.rarity);
	alarm(0);
	json_object_put(saved);
	fixture_end(&f);
}

/* Each rule is restored for itself, before or behind one that can't be. */
static void test_damage_to_one_rule_leaves_the_others(void **state)
{
	struct json_object *saved = json_tokener_parse(SAVED(
		"\"a\":{\"by\":\"process.executable\",\"bucket_ms\":3600000,\"groups\":5},"
		SAVED_RULE(NEXT_END, SAVED_GROUP(BUCKET)) ","
		"\"z\":{\"by\":\"process.executable\",\"bucket_ms\":3600000,\"groups\":[5]}"));
	struct fixture f;

	fixture_begin(&f, state,
		      RULES(RULE("a", "window = \"1h\"; every = \"1h\";") ",\n"
			    RULE("r", "window = \"1h\"; every = \"1h\";") ",\n"
			    RULE("z", "window = \"1h\"; every = \"1h\";")));
	assert_false(rarity_restore(f.rarity, saved));
	json_object_put(saved);
	rarity_finish(f.rarity);
	assert_found(&f, "r: (absent) 1x on 1 [0..60) 1-1\n");
	fixture_end(&f);
}

/* Counting goes on after a refusal: what is wrong must not have been taken over. */
static void test_counting_goes_on_after_damaged_counts(void **state)
{
	static const char *const rows[] = {
		SAVED(SAVED_RULE("9223372036854000000", SAVED_GROUP(BUCKET))),
		SAVED(SAVED_RULE("0", SAVED_GROUP(BUCKET))),
		SAVED(SAVED_RULE(NEXT_END, SAVED_GROUP("5"))),
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *saved = json_tokener_parse(rows[i]);
		struct fixture f;

		fixture_begin(&f, state, HOURLY);
		assert_false(rarity_restore(f.rarity, saved));
		json_object_put(saved);
		count(&f, "/bin/x", 1);
		assert_true(rarity_deadline(f.rarity) == HOUR_ZERO + 60 * MINUTE + RARITY_GRACE_MS);
		fixture_end(&f);
	}
}

#define ROOM (8u << 20)

/* Counts groups with long documents, each thrice so that none is rare, until there is no room for one more; returns how
 * many there was. */
static int fill(struct fixture *f)
{
	static char directory[7001];
	struct scene scene;
	char name[32];

	rarity_set_room(f->rarity, ROOM);
	memset(directory, 'd', sizeof(directory) - 1);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "/bin/%d", i);
		scene_init(&scene);
		scene.image.executable = name;
		scene.image.working_directory = directory;
		for (int j = 1; j < 4; j++) {
			scene_at(&scene, HOUR_ZERO + j * MINUTE);
			count_event(f, 0, &scene.event);
			if (rarity_uncounted(f->rarity))
				return i;
		}
	}
	return 0;
}

static void test_groups_beyond_the_limit_are_not_counted_but_their_number_is(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	assert_int_equal(rarity_uncounted(f.rarity), 0);
	assert_in_range(fill(&f), ROOM / 10000, ROOM / 7000);
	count(&f, "/bin/one-more", 4);
	count(&f, "/bin/one-more", 5);
	count(&f, "/bin/another", 6);
	assert_int_equal(rarity_uncounted(f.rarity), 4);
	advance(&f, 61);
	assert_found(&f, "");
	fixture_end(&f);
}

static void test_a_group_that_is_known_is_counted_beyond_the_limit(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/first", 1);
	fill(&f);
	count(&f, "/bin/first", 50);
	assert_int_equal(rarity_uncounted(f.rarity), 1);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/first\" 2x on 1 [0..60) 1-50\n");
	fixture_end(&f);
}

static void test_what_is_forgotten_makes_room_again(void **state)
{
	struct fixture f;
	int groups;

	fixture_begin(&f, state, HOURLY);
	groups = fill(&f);
	advance(&f, 61);
	for (int i = 0; i < groups; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/bin/%d", i);
		for (int j = 0; j < 3; j++)
			count(&f, name, 62 + j);
	}
	assert_int_equal(rarity_uncounted(f.rarity), 1);
	rarity_finish(f.rarity);
	assert_found(&f, "");
	fixture_end(&f);
}

/* What is kept of a group is bounded too: its event can have megabytes of arguments. */
static void test_long_arguments_do_not_use_up_the_room(void **state)
{
	char *text = mem_resize(NULL, 100001, 1);
	struct arg arg = { 0, 100000 };
	struct fixture f;
	struct scene scene;

	memset(text, 'x', 100000);
	text[100000] = '\0';
	fixture_begin(&f, state, HOURLY);
	scene_init(&scene);
	scene.image.args = (struct args){ text, 100000, 1, 1, &arg };
	scene_at(&scene, HOUR_ZERO + MINUTE);
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/bin/%d", i);
		scene.image.executable = name;
		for (int j = 0; j < 3; j++)
			count_event(&f, 0, &scene.event);
	}
	assert_int_equal(rarity_uncounted(f.rarity), 0);
	free(text);
	fixture_end(&f);
}

/* What was kept within the limit, or grew past it later, is not lost by a restart. */
static void test_full_counts_are_restored_too(void **state)
{
	char *text = mem_resize(NULL, 2001, 1);
	struct arg arg = { 0, 2000 };
	struct fixture f, g;
	struct scene scene;
	int groups;

	memset(text, 'x', 2000);
	text[2000] = '\0';
	fixture_begin(&f, state, OVERLAP);
	fixture_begin(&g, state, OVERLAP);
	groups = fill(&f);
	rarity_set_room(g.rarity, ROOM);
	scene_init(&scene);
	scene.image.args = (struct args){ text, 2000, 1, 1, &arg };
	scene_at(&scene, HOUR_ZERO + 5 * MINUTE);
	for (int i = 0; i < groups; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/bin/%d", i);
		scene.image.executable = name;
		count_event(&f, 0, &scene.event);
	}
	assert_true(carry_over(&f, &g));
	free(text);
	fixture_end(&f);
	fixture_end(&g);
}

static void test_nothing_is_counts_to_free(void **state)
{
	(void)state;
	rarity_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

static void test_windows_of_the_future_are_got_over(void **state)
{
	const double years = 5 * 365 * 1440.0;
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/x", years);
	utstring_clear(&f.found);
	count(&f, "/bin/y", 1);
	assert_int_equal(rarity_uncounted(f.rarity), 0);
	utstring_clear(&f.found);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/y\" 1x on 1 [0..60) 1-1\n");
	fixture_end(&f);
}

static void test_a_clock_that_is_set_back_is_got_over(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	rarity_set_latest(f.rarity, HOUR_ZERO + 600 * MINUTE);
	count(&f, "/bin/x", 599);
	rarity_set_latest(f.rarity, HOUR_ZERO + 5 * MINUTE);
	count(&f, "/bin/y", 1);
	assert_int_equal(rarity_uncounted(f.rarity), 0);
	utstring_clear(&f.found);
	rarity_set_latest(f.rarity, HOUR_ZERO + 62 * MINUTE);
	advance(&f, 61);
	assert_found(&f, "r: \"/bin/y\" 1x on 1 [0..60) 1-1\n");
	fixture_end(&f);
}

static void test_what_was_saved_is_added_to_what_was_counted_since(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state, HOURLY);
	fixture_begin(&g, state, HOURLY);
	count(&f, "/bin/x", 1);
	count(&g, "/bin/x", 65);
	count(&g, "/bin/x", 66);
	assert_true(carry_over(&f, &g));
	rarity_finish(g.rarity);
	assert_found(&g, "r: \"/bin/x\" 1x on 1 [0..60) 1-1\nr: \"/bin/x\" 2x on 1 [60..120) 65-66\n");
	fixture_end(&f);
	fixture_end(&g);
}

/* Saves, and asserts how many rows that takes. */
static void assert_changes(struct fixture *f, struct kept_rows *rows, const char *expected)
{
	bool changed = rarity_changed(f->rarity) || rarity_has_over(f->rarity);

	save(f, rows);
	assert_string_equal(kept_rows_count(rows), expected);
	assert_int_equal(changed, strcmp(expected, "+0 -0") != 0);
	assert_int_equal(rarity_changed(f->rarity), 0);
}

/* The first row is the rule's, and tells of its next window. */
static void test_a_save_tells_what_has_changed_alone(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, OVERLAP);
	assert_changes(&f, &rows, "+0 -0");
	count(&f, "/bin/x", 1);
	count(&f, "/bin/y", 1);
	assert_changes(&f, &rows, "+5 -0");
	assert_changes(&f, &rows, "+0 -0");
	count(&f, "/bin/x", 1);
	assert_changes(&f, &rows, "+2 -0");
	count(&f, "/bin/x", 59.5);
	assert_changes(&f, &rows, "+3 -0");
	advance(&f, 65);
	/* Of x its last minute is left. */
	assert_changes(&f, &rows, "+1 -3");
	assert_int_equal(kept_rows_left(&rows), 3);
	rarity_finish(f.rarity);
	assert_changes(&f, &rows, "+1 -2");
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void test_what_was_told_is_told_again_if_it_was_not_saved(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/x", 1);
	rarity_changes(f.rarity, ROWS_ALL, &KEPT_ROWS_KEEPER(&rows));
	assert_string_equal(kept_rows_count(&rows), "+3 -0");
	assert_changes(&f, &rows, "+3 -0");
	assert_int_equal(kept_rows_left(&rows), 3);
	rarity_finish(f.rarity);
	rarity_changes(f.rarity, ROWS_NEEDED, &KEPT_ROWS_KEEPER(&rows));
	assert_string_equal(kept_rows_count(&rows), "+1 -0");
	assert_changes(&f, &rows, "+1 -2");
	kept_rows_free(&rows);
	fixture_end(&f);
}

/* A window's end and the deletion of its rows are two things: a crash can come in between. */
static void test_rows_that_are_over_are_left_out(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f, g;

	fixture_begin(&f, state, OVERLAP);
	fixture_begin(&g, state, OVERLAP);
	count(&f, "/bin/x", 1);
	count(&f, "/bin/y", 1);
	count(&f, "/bin/y", 59.5);
	save(&f, &rows);
	advance(&f, 65);
	rarity_changes(f.rarity, ROWS_NEEDED, &KEPT_ROWS_KEEPER(&rows));
	assert_int_equal(kept_rows_left(&rows), 6);
	assert_true(restore(&g, &rows));
	utstring_clear(&f.found);
	rarity_finish(f.rarity);
	rarity_finish(g.rarity);
	assert_string_equal(utstring_body(&g.found), utstring_body(&f.found));
	assert_found(&g, "r: \"/bin/y\" 1x on 1 [59..120) 59+30000ms-59+30000ms\n");
	save(&g, &rows);
	assert_int_equal(kept_rows_left(&rows), 1);
	kept_rows_free(&rows);
	fixture_end(&f);
	fixture_end(&g);
}

static void test_new_rules_keep_the_rows(void **state)
{
	struct kept_rows rows = { 0 };
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, HOURLY);
	count(&f, "/bin/x", 1);
	save(&f, &rows);
	old = f.ruleset;
	f.ruleset = load_rules(*state, HOURLY);
	rarity_set_rules(f.rarity, f.ruleset);
	ruleset_free(old);
	count(&f, "/bin/x", 2);
	save(&f, &rows);
	assert_int_equal(kept_rows_left(&rows), 3);
	rarity_finish(f.rarity);
	assert_found(&f, "r: \"/bin/x\" 2x on 1 [0..60) 1-2\n");
	kept_rows_free(&rows);
	fixture_end(&f);
}

static void replace_value(struct kept_rows *rows, size_t index, const char *value)
{
	free(rows->all[index].value);
	rows->all[index].value = mem_strdup(value);
	rows->all[index].row.value = rows->all[index].value;
}

/* Rows: the rule's, then those of x, of its bucket, of y, of its bucket. */
static void test_a_damaged_row_leaves_the_others(void **state)
{
	static const struct {
		size_t row;
		const char *value;
		const char *found;
	} cases[] = {
#define X "r: \"/bin/x\" 1x on 1 [0..60) 1-1\n"
#define Y "r: \"/bin/y\" 1x on 1 [0..60) 1-1\n"
		{ 0, "rubbish", "" },
		{ 1, "rubbish", Y },
		{ 1, "{}", Y },
		{ 1, "{\"key\":5}", Y },
		{ 1, "{\"key\":\"a\",\"latest\":-1}", Y },
		{ 2, "", Y },
		{ 2, "[]", Y },
		{ 2, "[2,1700002800000,\"\",0,1,1]", Y },
		{ 2, "[99,1700002800000,\"\",1,1,1]", Y },
		{ 2, "[2,9223372036854775807,\"\",1,1,1]", Y },
		{ 2, "[-1,1700002800000,\"\",1,1,1]", Y },
		{ 4, "5", X },
#undef X
#undef Y
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kept_rows rows = { 0 };
		struct fixture f, g;

		fixture_begin(&f, state, HOURLY);
		fixture_begin(&g, state, HOURLY);
		count(&f, "/bin/x", 1);
		count(&f, "/bin/y", 1);
		save(&f, &rows);
		replace_value(&rows, cases[i].row, cases[i].value);
		restore(&g, &rows);
		rarity_finish(g.rarity);
		assert_found(&g, cases[i].found);
		save(&g, &rows);
		assert_true(kept_rows_left(&rows) <= 1);
		kept_rows_free(&rows);
		fixture_end(&f);
		fixture_end(&g);
	}
}

static void test_a_rule_has_its_share_when_another_takes_all(void **state)
{
	struct fixture f;
	struct scene scene;
	uint64_t uncounted;

	fixture_begin(&f, state, RULES(RULE("r", "window = \"1h\"; every = \"1h\";") ","
				       RULE("s", "window = \"1h\"; every = \"1h\";")));
	fill(&f);
	uncounted = rarity_uncounted(f.rarity);
	scene_init(&scene);
	scene.image.executable = "/bin/other";
	scene_at(&scene, HOUR_ZERO + MINUTE);
	count_event(&f, 1, &scene.event);
	assert_true(rarity_uncounted(f.rarity) == uncounted);
	fixture_end(&f);
}

static void test_windows_at_shorter_intervals_are_not_of_the_future(void **state)
{
	struct fixture f, g;

	fixture_begin(&f, state, RULES(RULE("r", "window = \"25h\"; every = \"24h\";")));
	fixture_begin(&g, state, RULES(RULE("r", "window = \"25h\"; every = \"1h\";")));
	count(&f, "/bin/x", 61);
	rarity_set_latest(g.rarity, HOUR_ZERO + 70 * MINUTE);
	assert_true(carry_over(&f, &g));
	count(&g, "/bin/x", 70);
	assert_found(&g, "");
	fixture_end(&f);
	fixture_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_rare_group_is_found_when_its_window_is_over),
		IN_FOLDER(test_groups_of_an_open_window_can_be_asked_for),
		IN_FOLDER(test_a_group_as_frequent_as_fewer_than_is_not_rare),
		IN_FOLDER(test_a_window_waits_for_the_grace_and_no_longer),
		IN_FOLDER(test_windows_end_at_multiples_of_every_since_1970),
		IN_FOLDER(test_a_window_has_its_start_and_not_its_end),
		IN_FOLDER(test_an_event_where_windows_overlap_counts_in_both),
		IN_FOLDER(test_an_event_counts_in_every_window_that_reaches_back_to_it),
		IN_FOLDER(test_the_rarest_group_comes_first),
		IN_FOLDER(test_an_absent_key_is_a_group_of_its_own),
		IN_FOLDER(test_values_that_print_alike_are_different_groups),
		IN_FOLDER(test_events_agree_in_all_fields_of_by),
		IN_FOLDER(test_fields_of_a_key_do_not_run_together),
		IN_FOLDER(test_a_group_on_more_hosts_than_max_hosts_is_not_rare),
		IN_FOLDER(test_hosts_are_counted_once_each),
		IN_FOLDER(test_rules_count_for_themselves),
		IN_FOLDER(test_a_window_without_events_is_passed_over),
		IN_FOLDER(test_the_deadline_is_the_end_of_the_earliest_window_and_its_grace),
		IN_FOLDER(test_an_event_within_the_grace_counts_in_its_window),
		IN_FOLDER(test_an_event_behind_the_grace_comes_too_late),
		IN_FOLDER(test_an_event_of_the_future_counts_as_of_now),
		IN_FOLDER(test_events_out_of_order_at_a_boundary_count_in_their_own_windows),
		IN_FOLDER(test_a_finding_shows_an_event_of_its_window),
		IN_FOLDER(test_first_seen_is_found_at_once_and_once_a_window),
		IN_FOLDER(test_first_seen_knows_what_its_window_looks_back_to),
		IN_FOLDER(test_first_seen_is_quiet_on_a_second_host),
		IN_FOLDER(test_first_seen_is_not_found_again_by_a_late_event),
		IN_FOLDER(test_finishing_judges_what_is_open_and_nothing_twice),
		IN_FOLDER(test_what_is_restored_is_what_was_saved),
		IN_FOLDER(test_restored_counts_give_the_same_findings),
		IN_FOLDER(test_a_restored_group_was_seen_before),
		IN_FOLDER(test_nothing_counted_is_saved_and_restored_too),
		IN_FOLDER(test_a_rule_whose_threshold_changed_keeps_its_counts),
		IN_FOLDER(test_a_rule_that_groups_by_other_fields_begins_anew),
		IN_FOLDER(test_a_rule_with_other_buckets_begins_anew),
		IN_FOLDER(test_a_rule_that_is_gone_or_new_is_left_out),
		IN_FOLDER(test_a_rule_judged_less_often_still_ends_at_multiples_of_every),
		IN_FOLDER(test_a_longer_window_of_the_same_buckets_keeps_counting),
		IN_FOLDER(test_saved_counts_have_this_form),
		IN_FOLDER(test_damaged_counts_are_refused),
		IN_FOLDER(test_damage_to_one_rule_leaves_the_others),
		IN_FOLDER(test_counting_goes_on_after_damaged_counts),
		IN_FOLDER(test_groups_beyond_the_limit_are_not_counted_but_their_number_is),
		IN_FOLDER(test_a_group_that_is_known_is_counted_beyond_the_limit),
		IN_FOLDER(test_what_is_forgotten_makes_room_again),
		IN_FOLDER(test_long_arguments_do_not_use_up_the_room),
		IN_FOLDER(test_full_counts_are_restored_too),
		cmocka_unit_test(test_nothing_is_counts_to_free),
		IN_FOLDER(test_counts_beyond_reason_are_refused),
		IN_FOLDER(test_a_bucket_far_ahead_does_not_take_for_ever),
		IN_FOLDER(test_windows_at_shorter_intervals_are_not_of_the_future),
		IN_FOLDER(test_windows_of_the_future_are_got_over),
		IN_FOLDER(test_a_clock_that_is_set_back_is_got_over),
		IN_FOLDER(test_what_was_saved_is_added_to_what_was_counted_since),
		IN_FOLDER(test_a_save_tells_what_has_changed_alone),
		IN_FOLDER(test_what_was_told_is_told_again_if_it_was_not_saved),
		IN_FOLDER(test_rows_that_are_over_are_left_out),
		IN_FOLDER(test_new_rules_keep_the_rows),
		IN_FOLDER(test_a_damaged_row_leaves_the_others),
		IN_FOLDER(test_a_rule_has_its_share_when_another_takes_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
