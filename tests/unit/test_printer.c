/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/printer.h"

static void fail_at(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	print_error("%s\n  at %zu: %s\n", (const char *)user, offset, message);
}

static char *names[] = { (char[]){ "sh" }, (char[]){ "da\"sh" } };

static struct condition *parse(struct span text)
{
	struct string_list list = { .item = names, .items = COUNT_OF(names) };
	struct string_list *lists = NULL, *added = &list;
	struct condition *condition;

	HASH_ADD_KEYPTR(hh, lists, "names", 5, added);
	condition = parser_parse(text, lists, fail_at, (void *)text.start);
	HASH_CLEAR(hh, lists);
	assert_non_null(condition);
	return condition;
}

/* Prints what `text` parses to, into `out`, and asserts that it comes back. */
static void print_again(struct span text, UT_string *out)
{
	struct condition *condition = parse(text), *again;

	utstring_clear(out);
	condition_print(condition, out);
	again = parse((struct span){ utstring_body(out), utstring_len(out) });
	assert_true(condition_equal(condition, again));
	condition_free(condition);
	condition_free(again);
}

static const struct {
	const char *text, *printed;
} printed_rows[] = {
	{ "process where process.name=='a'", "process.name == \"a\"" },
	{ "process.name != 'a'", "process.name != \"a\"" },
	{ "not process.name == 'a'", "process.name != \"a\"" },
	{ "not not process.name == 'a'", "not process.name != \"a\"" },
	{ "process.parent.name in @names", "process.parent.name in (\"sh\", \"da\\\"sh\")" },
	{ "process.name not in ('a')", "process.name not in (\"a\")" },
	{ "not process.name in~ ('a', 'b',)", "process.name not in~ (\"a\", \"b\")" },
	{ "process.name like~ 'a*'", "process.name : \"a*\"" },
	{ "process.name : ('a*', @names)", "process.name : (\"a*\", \"sh\", \"da\\\"sh\")" },
	{ "process.name like ('a?')", "process.name like \"a?\"" },
	{ "not process.name like 'a'", "not process.name like \"a\"" },
	{ "process.name regex 'a.*'", "process.name regex \"a.*\"" },
	{ "process.name regex~ (?'\\d+', 'b')", "process.name regex~ (\"\\\\d+\", \"b\")" },
	{ "process.pid in (1, -2, 3.5, 1e300)", "process.pid in (1, -2, 3.5, 1e+300)" },
	{ "process.pid > 5", "process.pid > 5" },
	{ "5 < process.pid", "process.pid > 5" },
	{ "5 >= process.pid", "process.pid <= 5" },
	{ "process.pid >= process.parent.pid", "process.parent.pid <= process.pid" },
	{ "1 < 2", "1 < 2" },
	{ "5 == process.pid", "5 == process.pid" },
	{ "0.1 == 1e999", "0.1 == 1e999" },
	{ "-0 == -.5", "-0 == -0.5" },
	{ "123456789012345678 == 1.7976931348623157e308",
	  "1.2345678901234568e+17 == 1.7976931348623157e+308" },
	{ "null == process.pid", "process.pid == null" },
	{ "process.name != null", "process.name != null" },
	{ "null == null", "null == null" },
	{ "?process.name == 'a'", "process.name == \"a\"" },
	{ "?no.such == 'a'", "?no.such == \"a\"" },
	{ "?`no such` or ?``", "?`no such` or ?``" },
	{ "process.interactive", "process.interactive" },
	{ "not (process.interactive)", "not process.interactive" },
	{ "process.interactive == false", "process.interactive == false" },
	{ "true and (false or true) and true", "true and (false or true) and true" },
	{ "(true and false) or true", "true and false or true" },
	{ "(true and false) and true", "(true and false) and true" },
	{ "true or (true or false)", "true or (true or false)" },
	{ "not (true and false)", "not (true and false)" },
	{ "((not true)) and not ((false))", "not true and not false" },
	{ "add(process.pid, 2) == 3", "process.pid + 2 == 3" },
	{ "1 + 2 * 3 == 7", "1 + 2 * 3 == 7" },
	{ "(1 + 2) * 3 == 9", "(1 + 2) * 3 == 9" },
	{ "1 - (2 - 3) == 1 - 2 - 3", "1 - (2 - 3) == 1 - 2 - 3" },
	{ "1 / (2 * 3) == 1 / 2 % 3", "1 / (2 * 3) == 1 / 2 % 3" },
	{ "4.0 / 3e0 == 1 / 3.50", "4.0 / 3.0 == 1 / 3.5" },
	{ "1e15 == 1000000000000000", "1e+15 == 1e+15" },
	{ "1 - -2 == 3", "1 - -2 == 3" },
	{ "-process.pid * 2 == 3", "(0 - process.pid) * 2 == 3" },
	{ "+process.pid == 3", "0 + process.pid == 3" },
	{ "--process.pid == 3", "0 - (0 - process.pid) == 3" },
	{ "length(null) == null", "length(null) == null" },
	{ "startsWith~(process.name, 'a')", "startsWith~(process.name, \"a\")" },
	{ "match(process.name, '\\\\d', 'b')", "match(process.name, \"\\\\d\", \"b\")" },
	{ "concat(1 + 2, (true), 'a', ?x) == ''", "concat(1 + 2, true, \"a\", ?x) == \"\"" },
	{ "@timestamp > '2020'", "@timestamp > \"2020\"" },
};

static void test_conditions_are_printed(void **state)
{
	UT_string printed;
	size_t wrong = 0;

	(void)state;
	utstring_init(&printed);
	for (size_t i = 0; i < COUNT_OF(printed_rows); i++) {
		print_again(span_of(printed_rows[i].text), &printed);
		wrong += !row_is(printed_rows[i].text, utstring_body(&printed), printed_rows[i].printed);
	}
	utstring_done(&printed);
	assert_rows(wrong);
}

/* All bytes, alone and beside each other, as they stand between """ and """. */
static void test_any_bytes_come_back(void **state)
{
	UT_string text, printed;

	(void)state;
	utstring_init(&text);
	utstring_init(&printed);
	for (int first = 0; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			char bytes[2] = { (char)first, (char)second };

			if (first == '"' || second == '"')
				continue;
			utstring_clear(&text);
			utstring_printf(&text, "process.name == \"\"\"");
			utstring_bincpy(&text, bytes, 2);
			utstring_printf(&text, "\"\"\"");
			print_again((struct span){ utstring_body(&text), utstring_len(&text) },
				    &printed);
		}
	}
	utstring_done(&text);
	utstring_done(&printed);
}

static void test_controls_are_escaped(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "'\\n\\t\\r\\b\\f'", "\"\\n\\t\\r\\b\\f\"" },
		{ "'\x1b[2J\x7f'", "\"\\u{1b}[2J\\u{7f}\"" },
		{ "'\\u{202e}\\u{85}'", "\"\\u{202e}\\u{85}\"" },
		{ "'\\u{e9}\\u{1f600}'", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "'\xff\x80'", "\"\xff\x80\"" },
		{ "\"it's\"", "\"it's\"" },
		{ "\"\"\"\"q\"\"\"\"", "\"\\\"q\\\"\"" },
	};
	UT_string printed;
	size_t wrong = 0;

	(void)state;
	utstring_init(&printed);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[128], expected[128];

		snprintf(text, sizeof(text), "%s == ''", rows[i].text);
		snprintf(expected, sizeof(expected), "%s == \"\"", rows[i].printed);
		print_again(span_of(text), &printed);
		wrong += !row_is(text, utstring_body(&printed), expected);
	}
	utstring_done(&printed);
	assert_rows(wrong);
}

static void test_what_differs_is_not_equal(void **state)
{
	static const char *const texts[] = {
		"process.name == 'a'",         "process.parent.name == 'a'",
		"process.executable == 'a'",   "process.name == 'A'",
		"process.name == 'ab'",        "process.name != 'a'",
		"process.name < 'a'",          "process.name <= 'a'",
		"process.name in ('a')",       "process.name in~ ('a')",
		"process.name in ('a', 'b')",  "process.name in ('b', 'a')",
		"process.name like 'a'",       "process.name : 'a'",
		"process.name regex 'a'",      "process.name regex~ 'a'",
		"process.pid == 0",            "process.pid == -0",
		"process.pid in (0)",          "process.pid in (-0)",
		"process.pid + 1 == 0",        "process.pid - 1 == 0",
		"process.name == null",        "?a == null",
		"?b == null",                  "null == null",
		"true",                        "false",
		"true and true",               "true or true",
		"true and true and true",      "process.interactive",
		"startsWith('a', 'b')",        "startsWith~('a', 'b')",
		"endsWith('a', 'b')",          "wildcard('a', 'b')",
		"wildcard('a', 'b', 'b')",
	};
	struct condition *condition[COUNT_OF(texts)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		condition[i] = parse(span_of(texts[i]));
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		for (size_t j = 0; j < COUNT_OF(texts); j++)
			assert_int_equal(condition_equal(condition[i], condition[j]), i == j);
	}
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		condition_free(condition[i]);
}

static void append_field(void *user, const struct field_ref *field)
{
	char name[FIELD_MAX_NAME];

	utstring_printf(user, "%s ", field_name(field, name, sizeof(name)));
}

static void test_fields_are_told_once(void **state)
{
	struct condition *condition =
		parse(span_of("process.name == 'a' or not (length(process.parent.name) > process.pid"
			      " and process.name : 'b') or ?process.pid == 1 or ?x == 'a'"));
	UT_string fields;

	(void)state;
	utstring_init(&fields);
	condition_fields(condition, append_field, &fields);
	/* `>` reads its sides swapped. */
	assert_string_equal(utstring_body(&fields), "process.name process.pid process.parent.name ");
	utstring_done(&fields);
	condition_free(condition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions_are_printed),
		cmocka_unit_test(test_any_bytes_come_back),
		cmocka_unit_test(test_controls_are_escaped),
		cmocka_unit_test(test_what_differs_is_not_equal),
		cmocka_unit_test(test_fields_are_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
