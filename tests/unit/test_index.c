/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/compile.h"
#include "rules/index.h"
#include "rules/judge.h"

static void fail_at(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	print_error("%s\n  at %zu: %s\n", (const char *)user, offset, message);
}

static struct condition *parse(const char *text)
{
	struct condition *condition = parser_parse(span_of(text), NULL, fail_at, (void *)text);
	struct condition *compiled;

	assert_non_null(condition);
	compiled = compile_condition(condition);
	condition_free(condition);
	return compiled;
}

enum outcome { NO, YES, ALWAYS }; /* YES: for this event */

static enum outcome look_up(const char *text, const struct process_event *event)
{
	struct condition *condition = parse(text);
	struct index *index = index_new(1);
	enum outcome outcome;

	index_add(index, 0, condition);
	index_look_up(index, event);
	outcome = index_always(index) ? ALWAYS : index_next(index, 0) == 0 ? YES : NO;
	index_free(index);
	condition_free(condition);
	return outcome;
}

static const struct {
	const char *text;
	enum outcome outcome;
} required_rows[] = {
	{ "process.name == 'sh'", YES },
	{ "'dash' == process.name", YES },
	{ "process.name == 'bash'", NO },
	{ "process.name : 'SH'", YES },
	{ "process.name == 'SH'", YES }, /* not told from it: the condition will say no */
	{ "process.name in ('bash', 'sh')", YES },
	{ "process.name in ('bash', 'zsh')", NO },
	{ "process.name like 'da*'", YES },
	{ "process.name like 'd*'", ALWAYS }, /* too little to hash */
	{ "process.name like ('zz*', 'd?sh')", YES },
	{ "process.name like '*sh'", YES },
	{ "process.name like '*zsh'", NO },
	{ "process.name like '*'", ALWAYS },
	{ "process.name like ('zsh', '*a*')", ALWAYS },
	{ "process.parent.name == 'apache2'", YES },
	{ "process.parent.name == 'nginx'", NO },
	{ "process.executable like '/usr/bin/*'", YES },
	{ "process.executable like '/tmp/*'", NO },
	{ "process.parent.executable == '/usr/sbin/apache2'", YES },
	{ "process.args == '-c'", YES },
	{ "process.args : '*2>&1'", YES },
	{ "process.args == '-x'", NO },
	{ "process.args == '/a/long/argument/of/more/than/thirty-two/bytes'", NO },
	{ "process.args like '*of/more/than/thirty-two/bytes'", NO },
	{ "process.args == ''", NO },
	{ "process.name == process.parent.name", ALWAYS },
	{ "process.name regex 'x'", ALWAYS },
	{ "process.name != 'sh'", ALWAYS },
	{ "process.name == null", ALWAYS },
	{ "process.command_line : 'sh*'", ALWAYS },
	{ "process.pid in (1, 2)", ALWAYS },
	{ "process.interactive", ALWAYS },
	{ "true", ALWAYS },
	{ "false", NO },
	{ "process.name == 'zsh' and process.args == '-c'", NO },
	{ "process.args == '-c' and process.name != 'x'", YES },
	{ "process.args == '-c' and process.name == 'powershell'", NO },
	{ "process.name == 'zsh' or process.args == '-c'", YES },
	{ "process.name == 'zsh' or process.args == '-x'", NO },
	{ "process.name == 'zsh' or process.pid == 1", ALWAYS },
	{ "host.os.type == 'linux' and event.action in ('exec', 'exec_event') and"
	  " process.name == 'zsh'", NO },
};

static void test_rules_are_found_by_what_they_require(void **state)
{
	struct scene scene;
	size_t wrong = 0;

	(void)state;
	scene_web_shell(&scene);
	for (size_t i = 0; i < COUNT_OF(required_rows); i++) {
		static const char *const names[] = { "no", "yes", "always" };
		enum outcome outcome = look_up(required_rows[i].text, &scene.event);

		wrong += !row_is(required_rows[i].text, names[outcome], names[required_rows[i].outcome]);
	}
	assert_rows(wrong);
}

/* Keys are cut; an event's value that is longer, as long or shorter is found all the same. */
static void test_long_strings_are_found(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t length = 0; length < sizeof(letters); length++) {
		const char *value = letters + sizeof(letters) - 1 - length;
		char text[128];

		SCENE_ARGS(&scene, "x", value);
		snprintf(text, sizeof(text), "process.args == '%s'", value);
		assert_int_equal(look_up(text, &scene.event), YES);
		if (length < 4)
			continue;
		snprintf(text, sizeof(text), "process.args : '?%s'", value + 1);
		assert_int_equal(look_up(text, &scene.event), YES);
		snprintf(text, sizeof(text), "process.args : '%.*s*'", (int)length - 1, value);
		assert_int_equal(look_up(text, &scene.event), YES);
		snprintf(text, sizeof(text), "process.args : 'A%s'", value + 1);
		assert_int_equal(look_up(text, &scene.event), *value == 'a' ? YES : NO);
	}
}

/* More rules than fit into one word of bits, in their order. */
static void test_candidates_come_in_order(void **state)
{
	enum { RULES = 200 };
	struct index *index = index_new(RULES);
	struct condition *shell = parse("process.name == 'sh'");
	struct condition *other = parse("process.name == 'zsh'");
	struct condition *any = parse("process.pid > 0");
	struct scene scene;
	size_t next = 0;

	(void)state;
	scene_web_shell(&scene);
	for (size_t i = RULES; i-- > 0;)
		index_add(index, i, i % 3 == 0 ? shell : i % 3 == 1 ? other : any);
	for (int round = 0; round < 2; round++) {
		index_look_up(index, &scene.event);
		for (size_t i = 0; i < RULES; i++) {
			if (i % 3 == 1)
				continue;
			next = index_next(index, i ? next + 1 : 0);
			assert_int_equal(next, i);
		}
		assert_true(index_next(index, RULES) == SIZE_MAX);
		scene.event.process.image = NULL;
		index_look_up(index, &scene.event);
		assert_int_equal(index_next(index, 0), 2);
		scene.event.process.image = &scene.image;
	}
	condition_free(shell);
	condition_free(other);
	condition_free(any);
	index_free(index);
}

static void test_an_index_of_nothing(void **state)
{
	struct index *index = index_new(0);
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	index_look_up(index, &scene.event);
	assert_true(index_next(index, 0) == SIZE_MAX);
	index_free(index);
	index_free(NULL);
}

/* --- the judge --- */

static const char rules[] =
	"rules = ("
	"{ id = \"shell\"; condition = \"process.name == 'sh'\"; },"
	"{ id = \"excepted\"; condition = \"process.name == 'sh'\";"
	"  except = ( { condition = \"process.pid == 1\"; reason = \"r\"; },"
	"             { condition = \"process.args : 'id*'\"; reason = \"r\"; } ); },"
	"{ id = \"not-excepted\"; condition = \"process.name == 'sh'\";"
	"  except = ( { condition = \"process.pid == 1\"; reason = \"r\"; } ); },"
	"{ id = \"disabled\"; condition = \"process.name == 'sh'\"; enabled = false; },"
	"{ id = \"slow\"; condition = \"process.args regex '(?P<n>a+)+(?P=n)$'\"; },"
	"{ id = \"never\"; condition = \"host.os.type == 'windows'\"; },"
	"{ id = \"other\"; condition = \"process.name == 'zsh'\"; },"
	"{ id = \"always\"; condition = \"true\"; });";

struct verdicts {
	const struct ruleset *ruleset;
	UT_string text;
};

static void on_judged(void *user, size_t rule, bool matches, bool limited)
{
	struct verdicts *verdicts = user;

	utstring_printf(&verdicts->text, "%s%s%s ", verdicts->ruleset->rule[rule]->id,
			matches ? "" : " no", limited ? " limited" : "");
}

/* The same, by trying each rule. */
static void judge_each(struct verdicts *verdicts, const struct process_event *event)
{
	utstring_clear(&verdicts->text);
	for (size_t i = 0; i < verdicts->ruleset->rules; i++) {
		bool limited = false;
		bool matches = rule_matches(verdicts->ruleset->rule[i], event, &limited);

		if (matches || limited)
			on_judged(verdicts, i, matches, limited);
	}
}

static void test_the_judge_agrees_with_each_rule(void **state)
{
	static const char *const arguments[] = { "id", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac" };
	static const char *const expected[] = {
		"shell not-excepted always ",
		"shell excepted not-excepted always ",
		"shell excepted not-excepted slow no limited always ",
	};
	struct ruleset *ruleset = load_rules(*state, rules);
	struct verdicts verdicts = { .ruleset = ruleset };
	struct judge *judge = judge_new(ruleset);
	struct scene scene;

	utstring_init(&verdicts.text);
	scene_web_shell(&scene);
	for (size_t i = 0; i < COUNT_OF(arguments); i++) {
		SCENE_ARGS(&scene, arguments[i]);
		utstring_clear(&verdicts.text);
		judge_event(judge, &scene.event, on_judged, &verdicts);
		assert_string_equal(utstring_body(&verdicts.text), expected[i]);
		judge_each(&verdicts, &scene.event);
		assert_string_equal(utstring_body(&verdicts.text), expected[i]);
	}
	judge_free(judge);
	judge_free(NULL);
	ruleset_free(ruleset);
	utstring_done(&verdicts.text);
}

static void test_the_judge_counts_what_it_tries(void **state)
{
	struct ruleset *ruleset = load_rules(*state, rules);
	struct verdicts verdicts = { .ruleset = ruleset };
	struct judge *judge = judge_new(ruleset);
	struct scene scene;

	utstring_init(&verdicts.text);
	scene_web_shell(&scene);
	SCENE_ARGS(&scene, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");
	for (int i = 0; i <= JUDGE_TIME_EVERY; i++)
		judge_event(judge, &scene.event, on_judged, &verdicts);
	for (size_t i = 0; i < ruleset->rules; i++) {
		const struct judge_figures *figures = judge_figures(judge, i);
		bool slow = !strcmp(ruleset->rule[i]->id, "slow");

		assert_true(figures->tried == 0 || figures->tried == JUDGE_TIME_EVERY + 1);
		assert_int_equal(figures->timed, figures->tried ? 2 : 0);
		assert_true(!figures->timed == !figures->ns);
		assert_true(figures->matched <= figures->tried);
		assert_int_equal(figures->limited, slow ? JUDGE_TIME_EVERY + 1 : 0);
		assert_true(!slow || !figures->matched);
	}
	judge_free(judge);
	ruleset_free(ruleset);
	utstring_done(&verdicts.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_are_found_by_what_they_require),
		cmocka_unit_test(test_long_strings_are_found),
		cmocka_unit_test(test_candidates_come_in_order),
		cmocka_unit_test(test_an_index_of_nothing),
		cmocka_unit_test_setup_teardown(test_the_judge_agrees_with_each_rule, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_the_judge_counts_what_it_tries, folder_make,
						folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
