/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "random_condition.h"
#include "rules/compile.h"
#include "rules/fold.h"
#include "rules/index.h"
#include "rules/printer.h"

#define CONDITIONS 20000
#define EVENTS     40

static void fail_at(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	print_error("%s\n  at %zu: %s\n", (const char *)user, offset, message);
}

static struct condition *parse(const char *text)
{
	struct condition *condition = parser_parse(span_of(text), NULL, fail_at, (void *)text);

	assert_non_null(condition);
	return condition;
}

static void test_random_conditions_print_fold_and_compile(void **state)
{
	struct random random = { 1 };
	static struct random_event event[EVENTS];
	const struct process_event *events[EVENTS];
	UT_string text;
	size_t held = 0, wrong = 0;

	(void)state;
	utstring_init(&text);
	for (size_t i = 0; i < EVENTS; i++) {
		random_event(&random, &event[i]);
		events[i] = &event[i].event;
	}
	for (size_t i = 0; i < CONDITIONS && wrong < 10; i++) {
		struct condition *condition;
		const char *fault;

		utstring_clear(&text);
		random_condition(&random, &text);
		condition = parse(utstring_body(&text));
		fault = condition_fault(condition, events, EVENTS);
		wrong += fault && !row_is(utstring_body(&text), fault, "");
		held += condition_holds(condition, events[i % EVENTS]);
		condition_free(condition);
	}
	utstring_done(&text);
	assert_rows(wrong);
	/* They are worth asking. */
	assert_in_range(held, CONDITIONS / 5, CONDITIONS * 4 / 5);
}

/* All rules in one index: what the others require does not hide a match. */
static void test_index_misses_no_match(void **state)
{
	enum { RULES = 500, ROUNDS = 2000 };
	struct random random = { 2 };
	struct condition *rule[RULES];
	struct index *index = index_new(RULES);
	struct random_event event;
	size_t tried = 0, matches = 0;
	UT_string text;

	(void)state;
	utstring_init(&text);
	for (size_t i = 0; i < RULES; i++) {
		utstring_clear(&text);
		random_condition(&random, &text);
		rule[i] = parse(utstring_body(&text));
		index_add(index, i, rule[i]);
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t candidate;

		random_event(&random, &event);
		index_look_up(index, &event.event);
		candidate = index_next(index, 0);
		for (size_t j = 0; j < RULES; j++) {
			bool holds = condition_holds(rule[j], &event.event);

			assert_true(candidate >= j);
			assert_true(!holds || candidate == j);
			matches += holds;
			tried += candidate == j;
			if (candidate == j)
				candidate = index_next(index, j + 1);
		}
		assert_true(candidate == SIZE_MAX);
	}
	assert_true(matches > 0 && tried >= matches && tried < (size_t)RULES * ROUNDS);
	for (size_t i = 0; i < RULES; i++)
		condition_free(rule[i]);
	index_free(index);
	utstring_done(&text);
}

static const struct {
	const char *text, *folded;
} folded_rows[] = {
	{ "true", "true" },
	{ "not true", "false" },
	{ "1 + 2 * 3 == 7", "true" },
	{ "1 / 0 == null", "true" },
	{ "1 / 0 == 1", "false" },
	{ "concat('a', 1, true) == 'a1true'", "true" },
	{ "'a' < 'b' and 2 >= 2", "true" },
	{ "'abc' like ('x', 'a*')", "true" },
	{ "'abc' : 'A?C'", "true" },
	{ "'abc' in ('ABC')", "false" },
	{ "'abc' in~ ('ABC')", "true" },
	{ "'abc' regex 'a.c'", "true" },
	{ "3 not in (1, 2)", "true" },
	{ "event.type == 'start'", "true" },
	{ "event.kind != 'event'", "false" },
	{ "event.category == 'process' and event.outcome : 'success'", "true" },
	{ "event.action in ('exec', 'exec_event')", "true" },
	{ "host.os.type == 'linux' and process.name == 'a'", "process.name == \"a\"" },
	{ "host.os.type == 'windows' and process.name == 'a'", "false" },
	{ "host.os.type == 'windows' or process.name == 'a'", "process.name == \"a\"" },
	{ "host.os.type == null", "false" },
	{ "length(host.os.type) == process.pid", "5 == process.pid" },
	{ "?no.field == 'a'", "false" },
	{ "?no.field != 'a'", "true" },
	{ "?no.field == null", "true" },
	{ "?no.field in ('a') or ?no.field", "false" },
	{ "process.name == ?no.field", "false" },
	{ "length(?no.field) == 1", "false" },
	{ "concat(process.name, ?no.field) == null", "true" },
	{ "concat(process.name, 1 / 0) == null", "true" },
	{ "null == null", "true" },
	{ "not not process.name == 'a'", "process.name == \"a\"" },
	{ "not not not process.interactive", "not process.interactive" },
	{ "true and process.interactive and true", "process.interactive" },
	{ "false or process.interactive", "process.interactive" },
	{ "process.interactive or (false or not false)", "true" },
	{ "(process.interactive and process.pid == 1) and (process.pid == 2 and true)",
	  "process.interactive and process.pid == 1 and process.pid == 2" },
	{ "process.interactive or (process.pid == 1 or process.interactive)",
	  "process.interactive or process.pid == 1" },
	{ "process.pid == 1 and process.pid == 1", "process.pid == 1" },
	{ "process.pid + (1 + 1) == 3", "process.pid + 2 == 3" },
	{ "7 / (1.0 + 1) == 3.5", "true" },
	{ "process.pid / (1.0 + 1) == 3.5", "process.pid / 2.0 == 3.5" },
	{ "process.pid == process.pid", "process.pid == process.pid" },
	{ "process.name == null", "process.name == null" },
	{ "process.name like '*'", "process.name like \"*\"" },
	{ "match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(?P<n>a+)+(?P=n)$')",
	  "match(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\", \"(?P<n>a+)+(?P=n)$\")" },
	{ "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' regex '(?P<n>a+)+(?P=n)$'",
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\" regex \"(?P<n>a+)+(?P=n)$\"" },
};

static void test_conditions_are_folded(void **state)
{
	UT_string printed;
	size_t wrong = 0;

	(void)state;
	utstring_init(&printed);
	for (size_t i = 0; i < COUNT_OF(folded_rows); i++) {
		struct condition *condition = parse(folded_rows[i].text);
		struct condition *folded = fold_condition(condition);

		utstring_clear(&printed);
		condition_print(folded, &printed);
		wrong += !row_is(folded_rows[i].text, utstring_body(&printed), folded_rows[i].folded);
		assert_int_equal(fold_outcome(folded), !strcmp(folded_rows[i].folded, "true")  ? FOLD_ALWAYS :
						       !strcmp(folded_rows[i].folded, "false") ? FOLD_NEVER :
											  FOLD_DEPENDS);
		condition_free(folded);
		condition_free(condition);
	}
	utstring_done(&printed);
	assert_rows(wrong);
}

static void test_cheap_members_come_first(void **state)
{
	static const struct {
		const char *text, *compiled;
	} rows[] = {
		{ "process.name regex 'a.*' and process.pid == 1",
		  "process.pid == 1 and process.name regex \"a.*\"" },
		{ "process.args == 'a' or process.executable == 'b'",
		  "process.executable == \"b\" or process.args == \"a\"" },
		{ "process.pid == 1 and process.pid == 2", "process.pid == 1 and process.pid == 2" },
		{ "process.pid != 1 and process.args : '*a*'",
		  "process.args : \"*a*\" and process.pid != 1" },
		{ "(match(process.name, 'a') or process.pid == 1) and process.args == 'a'",
		  "process.args == \"a\" and (process.pid == 1 or match(process.name, \"a\"))" },
	};
	UT_string printed;
	size_t wrong = 0;

	(void)state;
	utstring_init(&printed);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct condition *condition = parse(rows[i].text);
		struct condition *compiled = compile_condition(condition);

		utstring_clear(&printed);
		condition_print(compiled, &printed);
		wrong += !row_is(rows[i].text, utstring_body(&printed), rows[i].compiled);
		condition_free(compiled);
		condition_free(condition);
	}
	utstring_done(&printed);
	assert_rows(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions_are_folded),
		cmocka_unit_test(test_cheap_members_come_first),
		cmocka_unit_test(test_random_conditions_print_fold_and_compile),
		cmocka_unit_test(test_index_misses_no_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
