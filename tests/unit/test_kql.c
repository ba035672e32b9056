/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_support.h"

#include "import/kql.h"
#include "import/query.h"

static void check(const struct translation_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct translation_mistakes mistakes = { 0 };
		char *condition =
			kql_translate(span_of(cases[i].query), translation_report, &mistakes);

		translation_check(&cases[i], condition, &mistakes);
		free(condition);
	}
}

static void test_values(void **state)
{
	static const struct translation_case cases[] = {
		{ "process.name:sh", "process.name == 'sh'", NULL },
		{ "process.name : \"sh\"", "process.name == 'sh'", NULL },
		{ "process.name: two words ", "process.name == 'two words'", NULL },
		{ "process.name:php-fpm*", "process.name like 'php-fpm*'", NULL },
		{ "process.name:\"a*\"", "process.name == 'a*'", NULL },
		{ "process.name:a\\*", "process.name == 'a*'", NULL },
		{ "process.name:*", "process.name != null", NULL },
		{ "not process.name:**", "not process.name != null", NULL },
		/* Not a wildcard there, but one here. */
		{ "process.name:a?", "process.name == 'a?'", NULL },
		{ "process.name:a?b*", "process.name regex 'a\\\\?b.*'", NULL },
		{ "process.args:(x\\*y.* or z)", "(process.args == 'z' or process.args regex 'x\\\\*y\\\\..*')",
		  NULL },
		{ "process.name:\"q\\\"u\\\\o\\te\\xA\\u0041\\u00e9\\u20ac\"",
		  "process.name == 'q\"u\\\\o\\te\\\\xAA\xc3\xa9\xe2\x82\xac'", NULL },
		{ "process.name:it's", "process.name == 'it\\'s'", NULL },
		{ "process.args:\\or", "process.args == 'or'", NULL },
		{ "process.args:a\\:b\\(c\\ d", "process.args == 'a:b(c d'", NULL },
		{ "process.args:\"\\u0007\"", "process.args == '\\u{07}'", NULL },
		{ "process.args:\"\"", "process.args == ''", NULL },
		{ "user.id:33", "user.id == '33'", NULL },
		{ "process.pid:33 and process.pid:(1 or -2)",
		  "process.pid == 33 and process.pid in (1, -2)", NULL },
		{ "process.interactive:true", "process.interactive == true", NULL },
		{ "process.pid:*", "process.pid != null", NULL },
		{ "process.args_count>=3 and process.args_count < 5.5 and process.pid<=9 and process.pid > 1",
		  "process.args_count >= 3 and process.args_count < 5.5 and process.pid <= 9 and process.pid > 1",
		  NULL },
		{ "process.name > a", "process.name > 'a'", NULL },
		{ "@timestamp:*", "@timestamp != null", NULL },
	};

	(void)state;
	check(cases, COUNT_OF(cases));
}

static void test_structure(void **state)
{
	static const struct translation_case cases[] = {
		{ "process.name:(a or b)", "process.name in ('a', 'b')", NULL },
		{ "process.name:(a* or b*)", "process.name like ('a*', 'b*')", NULL },
		{ "process.name:(a OR b* Or \"c\")",
		  "(process.name in ('a', 'c') or process.name like 'b*')", NULL },
		{ "process.name:(a or *)", "process.name != null", NULL },
		{ "process.name:(a)", "process.name == 'a'", NULL },
		{ "process.args:(a and b)", "(process.args == 'a' and process.args == 'b')", NULL },
		{ "process.args:(a and not (b or c))",
		  "(process.args == 'a' and not process.args in ('b', 'c'))", NULL },
		{ "process.args:((a or b) and c)",
		  "(process.args in ('a', 'b') and process.args == 'c')", NULL },
		{ "process.args:(not a)", "(not process.args == 'a')", NULL },
		{ "process.name:a or process.name:b and NOT process.name:c",
		  "process.name == 'a' or process.name == 'b' and not process.name == 'c'", NULL },
		{ "(process.name:a or process.name:b) and not (user.id:0)",
		  "(process.name == 'a' or process.name == 'b') and not (user.id == '0')", NULL },
		{ "not not process.name:a", "not not process.name == 'a'", NULL },
		{ " \n process.name \t: \n a \n and\nuser.id:0\n", "process.name == 'a' and user.id == '0'",
		  NULL },
		/* Keywords only as whole words. */
		{ "process.name:android", "process.name == 'android'", NULL },
		{ "process.name:nothing or process.name:order",
		  "process.name == 'nothing' or process.name == 'order'", NULL },
	};

	(void)state;
	check(cases, COUNT_OF(cases));
}

static void test_mistakes(void **state)
{
	static const struct translation_case cases[] = {
		{ "", NULL, "0: expected a field" },
		{ "sh", NULL, "0: a value without a field can't be carried over" },
		{ "process.name:a and \"b c\"", NULL,
		  "19: a value without a field can't be carried over" },
		{ "process.*:a", NULL, "0: a wildcard in a field's name can't be carried over" },
		{ "process.name:{a:b}", NULL, "13: nested documents, { ... }, can't be carried over" },
		{ "process.name:(a or {b:c})", NULL,
		  "19: nested documents, { ... }, can't be carried over" },
		{ "process.name:", NULL, "13: expected a value" },
		{ "process.name:and", NULL, "13: expected a value instead of 'and'" },
		{ "process.name:()", NULL, "14: expected a value instead of ')'" },
		{ "process.name:(a", NULL, "15: expected ')'" },
		{ "process.name:(a or b", NULL, "20: expected ')'" },
		{ "(process.name:a", NULL, "15: expected ')'" },
		{ "process.name:a)", NULL, "14: expected 'and', 'or' or the end instead of ')'" },
		{ "process.name:a and", NULL, "18: expected a field" },
		{ "and", NULL, "0: expected a field instead of 'and'" },
		{ ":a", NULL, "0: expected a field instead of ':'" },
		{ "process.name:\"a", NULL, "13: the string has no end" },
		{ "process.name:a\\q", NULL, "14: unknown escape" },
		{ "process.name:\\u0000", NULL, "13: unknown escape" },
		{ "process.name:\\ud800", NULL, "13: unknown escape" },
		{ "process.nmae:a", NULL, "0: unknown field 'process.nmae'; did you mean 'process.name'?" },
		{ "process.name//:a", NULL, "0: not the name of a field" },
		{ "process.interactive//:x", NULL, "0: not the name of a field" },
		{ "a=='b'or'c'=='c':x", NULL, "0: not the name of a field" },
		{ "process.pid:x", NULL, "12: 'process.pid' must be a number" },
		{ "process.pid:(1 or x)", NULL, "18: 'process.pid' must be a number" },
		{ "process.pid:1*", NULL, "12: 'process.pid' must be a number" },
		{ "process.pid>x", NULL, "12: 'process.pid' must be a number" },
		{ "process.interactive:1", NULL, "20: 'process.interactive' must be true or false" },
		{ "process.name>a*", NULL, "13: a wildcard can't be compared with '>'" },
		{ "@timestamp >= now-5m", NULL, "14: times can't be compared" },
		{ "process.name:a process.name:b", NULL,
		  "27: expected 'and', 'or' or the end instead of ':'" },
	};

	(void)state;
	check(cases, COUNT_OF(cases));
}

static void test_bounds(void **state)
{
	struct translation_mistakes mistakes = { 0 };
	char *texts[] = {
		repeat_text("", "(", 1000, "process.name:a"),
		repeat_text("process.name:", "(", 1000, "a"),
		repeat_text("", "not ", 1000, "process.name:a"),
		repeat_text("process.name:", "a", QUERY_MAX_LENGTH, ""),
		repeat_text("", "a", 1000, ":b"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_null(kql_translate(span_of(texts[i]), translation_report, &mistakes));
		assert_int_equal(mistakes.count, i + 1);
		free(texts[i]);
	}
	/* After so many the rest is not looked at. */
	texts[0] = repeat_text("", "process.pid:x and ", 1000, "process.pid:x");
	mistakes.count = 0;
	assert_null(kql_translate(span_of(texts[0]), translation_report, &mistakes));
	assert_int_equal(mistakes.count, QUERY_MAX_MISTAKES);
	free(texts[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
