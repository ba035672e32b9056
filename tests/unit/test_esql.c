/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_support.h"

#include "import/esql.h"
#include "import/lucene.h"
#include "import/query.h"

static void check(const struct translation_case *expected, const char *query)
{
	struct translation_mistakes mistakes = { 0 };
	struct esql esql;
	bool good = esql_translate(span_of(query), &esql, translation_report, &mistakes);

	assert_int_equal(good, esql.condition != NULL);
	translation_check(expected, esql.condition, &mistakes);
	esql_clear(&esql);
}

static void check_all(const struct translation_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&cases[i], cases[i].query);
}

/* The same of what stands behind "from x | where ", 15 bytes. */
static void check_conditions(const struct translation_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *query = repeat_text("from x | where ", cases[i].query, 1, "");

		check(&cases[i], query);
		free(query);
	}
}

static void test_conditions(void **state)
{
	static const struct translation_case cases[] = {
		{ "process.name == \"sh\"", "process.name == 'sh'", NULL },
		{ "process.name != \"sh\" AND process.pid >= -5",
		  "process.name != 'sh' and process.pid >= -5", NULL },
		{ "process.name == \"it's\\t\\\"\\\\\"", "process.name == 'it\\'s\\t\"\\\\'", NULL },
		{ "process.name == \"\"\"a\\b\"c\"\"\"", "process.name == 'a\\\\b\"c'", NULL },
		{ "`process.name` == \"sh\"", "process.name == 'sh'", NULL },
		{ "process.name in (\"a\", \"b\") or process.pid NOT IN (1, -2)",
		  "process.name in ('a', 'b') or not process.pid in (1, -2)", NULL },
		{ "process.name in (\"a*\")", "process.name == 'a*'", NULL },
		{ "process.name like \"a*\" and process.name like \"b\"",
		  "process.name like 'a*' and process.name == 'b'", NULL },
		{ "process.name not like (\"a*\", \"?b\")", "not process.name like ('a*', '?b')", NULL },
		{ "process.name like \"a\\\\*?\"", "process.name regex 'a\\\\*.'", NULL },
		{ "process.name like \"*\"", "process.name != null", NULL },
		{ "process.name rlike \"a.*\" and process.name not rlike \"\"\"b\\.c\"\"\"",
		  "process.name regex 'a.*' and not process.name regex 'b\\\\.c'", NULL },
		{ "process.name rlike \"^a@\"", "process.name regex '\\\\^a(?:.*)'", NULL },
		{ "process.name is null or process.name IS NOT NULL",
		  "process.name == null or process.name != null", NULL },
		{ "not (process.name == \"a\" or not process.interactive)",
		  "not (process.name == 'a' or not process.interactive)", NULL },
		{ "process.interactive == true", "process.interactive == true", NULL },
		{ "(process.pid + 1) * 2 - 3 % process.parent.pid > 5",
		  "(process.pid + 1) * 2 - 3 % process.parent.pid > 5", NULL },
		{ "starts_with(process.name, \"a\") and ENDS_WITH(process.name, \"b\")",
		  "startsWith(process.name, 'a') and endsWith(process.name, 'b')", NULL },
		{ "contains(process.command_line, \"x\") and length(process.name) > 3",
		  "stringContains(process.command_line, 'x') and length(process.name) > 3", NULL },
		{ "concat(process.name, \"-\", user.id) == \"a-0\"",
		  "concat(process.name, '-', user.id) == 'a-0'", NULL },
		{ "substring(process.name, 2, 3) == \"abc\" and substring(process.name, 1) == \"a\"",
		  "substring(process.name, 1, 4) == 'abc' and substring(process.name, 0) == 'a'", NULL },
		{ "to_integer(user.id) < 100 and to_string(process.pid) == \"5\"",
		  "number(user.id) < 100 and string(process.pid) == '5'", NULL },
		{ "process.name == \"a\" // or not\n and /* that */ user.id == \"0\"",
		  "process.name == 'a' and user.id == '0'", NULL },
	};

	(void)state;
	check_conditions(cases, COUNT_OF(cases));
}

static void test_case(void **state)
{
	static const struct translation_case cases[] = {
		{ "to_lower(process.name) == \"sh\"", "process.name : 'sh'", NULL },
		{ "to_upper(process.name) != \"SH\"", "not process.name : 'SH'", NULL },
		{ "to_lower(process.name) == \"a*\"", "process.name in~ ('a*')", NULL },
		{ "to_lower(process.name) in (\"a\", \"b\")", "process.name : ('a', 'b')", NULL },
		{ "to_lower(process.name) like \"a*\"", "process.name like~ 'a*'", NULL },
		{ "to_lower(process.name) rlike \"a.*\"", "process.name regex~ 'a.*'", NULL },
		{ "starts_with(to_lower(process.name), \"a\")", "startsWith~(process.name, 'a')", NULL },
		{ "to_lower(process.name) is null", "process.name == null", NULL },
		{ "to_lower(process.name) == \"Sh\"", NULL, "41: to_lower() is never equal to this" },
		{ "to_upper(process.name) like \"a*\"", NULL, "43: to_upper() is never equal to this" },
		{ "starts_with(to_lower(process.name), \"A\")", NULL,
		  "51: to_lower() is never equal to this" },
		{ "to_lower(process.name) < \"a\"", NULL,
		  "15: to_lower() and to_upper() can only be compared with strings" },
		{ "length(to_lower(process.name)) < 5", NULL,
		  "22: to_lower() and to_upper() can only be compared with strings" },
		{ "to_lower(process.name) == process.parent.name", NULL,
		  "15: to_lower() and to_upper() can only be compared with strings" },
		{ "to_lower(process.name)", NULL, "15: a value in the place of a condition" },
		{ "to_lower(\"A\") == process.name", NULL, "15: only a field's letters can be changed" },
	};

	(void)state;
	check_conditions(cases, COUNT_OF(cases));
}

static void test_regex(void **state)
{
	static const struct {
		const char *lucene, *ours; /* NULL: refused */
	} cases[] = {
		{ "a.*b|(c|d)+[e-g]?", "a.*b|(c|d)+[e-g]?" },
		{ "^a$", "\\^a\\$" },
		{ "a@b", "a(?:.*)b" },
		{ "\"a.*\"b", "(?:a\\.\\*)b" },
		{ "\"ab\"*", "(?:ab)*" },
		{ "\\@\\#\\\"\\.\\<", "\\@\\#\\\"\\.\\<" },
		{ "\\d+\\S*[\\w.]", "\\d+\\S*[\\w.]" },
		{ "[^^$[:@~&<#\"]x", "[^\\^$\\[:@~&<#\"]x" },
		{ "[]a]", "[\\]a]" },
		{ "a{2}b{2,}c{2,3}", "a{2}b{2,}c{2,3}" },
		{ ".*?a.**b.*+", ".*a.*b.*" },
		{ "/bin/(ba)?sh>é", "/bin/(ba)?sh>é" },
		{ "", "" },
		{ "~a", NULL },
		{ "a&b", NULL },
		{ "a<1-9>", NULL },
		{ "a#", NULL },
		{ "\"a", NULL },
		{ "[a", NULL },
		{ "[", NULL },
		{ "a\\", NULL },
		{ "\\bsh", NULL },
		{ "(a)\\1", NULL },
		{ "[\\n]", NULL },
		{ "a+?", NULL },
		{ "a++", NULL },
		{ "a??", NULL },
		{ "a{2}?", NULL },
		{ "a*{2}", NULL },
		{ "(?i)a", NULL },
		{ "(*UTF)a", NULL },
		{ "*a", NULL },
		{ "a|+", NULL },
		{ "a{b}", NULL },
		{ "a{,3}", NULL },
		{ "a{3", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct translation_mistakes mistakes = { 0 };
		struct query query = { .report = translation_report, .user = &mistakes };
		UT_string out;

		utstring_init(&out);
		lucene_translate(&query, 7, span_of(cases[i].lucene), &out);
		if (cases[i].ours)
			assert_string_equal(utstring_body(&out), cases[i].ours);
		assert_int_equal(mistakes.count, cases[i].ours ? 0 : 1);
		utstring_done(&out);
	}
}

static void test_condition_mistakes(void **state)
{
	static const struct translation_case cases[] = {
		{ "", NULL, "15: expected a value" },
		{ "process.name ==", NULL, "30: expected a value" },
		{ "process.name = \"a\"", NULL, "28: expected '|' or the end instead of '='" },
		{ "process.name : \"a\"", NULL, "28: a search with ':' can't be carried over" },
		{ "process.name == \"a", NULL, "31: the string has no end on its line" },
		{ "process.name == \"\\q\"", NULL,
		  "32: unknown escape; known are \\n \\t \\r \\b \\f \\\\ \\\" \\' \\u{HEX}" },
		{ "process.nmae == \"a\"", NULL,
		  "15: unknown field 'process.nmae'; did you mean 'process.name'?" },
		{ "`process.name // x` == \"a\"", NULL, "15: not the name of a field" },
		{ "process.name in @list", NULL, "31: expected '(' instead of 'list'" },
		{ "process.name in (@list)", NULL, "32: expected a string or a number instead of 'list'" },
		{ "process.name in (process.pid)", NULL,
		  "32: expected a string or a number instead of 'process.pid'" },
		{ "process.name like process.pid", NULL, "33: expected a string instead of 'process.pid'" },
		{ "process.name not \"a\"", NULL, "32: expected 'in', 'like' or 'rlike' instead of '\"a\"'" },
		{ "\"a\" in (\"b\")", NULL, "15: only a field's value can be looked for in a set" },
		{ "process.name is \"a\"", NULL, "31: expected 'null' instead of '\"a\"'" },
		{ "(process.name == \"a\"", NULL, "35: expected ')'" },
		{ "process.name == \"a\")", NULL, "34: expected '|' or the end instead of ')'" },
		{ "case(process.pid > 1, true)", NULL, "15: the function case() can't be carried over" },
		{ "process.pid > now()", NULL, "29: the function now() can't be carried over" },
		{ "length(process.name, \"a\") > 1", NULL, "15: wrong number of arguments of length()" },
		{ "length() > 1", NULL, "15: wrong number of arguments of length()" },
		{ "substring(process.name, -2) == \"a\"", NULL,
		  "39: only positions from the start can be carried over" },
		{ "process.name + \"a\" == \"b\"", NULL, "15: strings can't be calculated with" },
		{ "(process.pid == 1) == true", NULL, "15: a condition in the place of a value" },
		{ "\"a\" and process.pid == 1", NULL, "15: a value in the place of a condition" },
		{ "process.pid == 1 or @timestamp > now() - 1 hour", NULL,
		  "35: a bound of time can only stand beside 'and's of a WHERE" },
		{ "@timestamp > now() - 1 hour or process.pid == 1", NULL,
		  "15: a bound of time can only stand beside 'and's of a WHERE" },
		{ "not @timestamp > now() - 1 hour", NULL,
		  "19: a bound of time can only stand beside 'and's of a WHERE" },
		{ "@timestamp > \"2026-01-01\"", NULL,
		  "28: expected 'now() - ', a number and a unit of time instead of '\"2026-01-01\"'" },
		{ "@timestamp > now() - 1 moon", NULL, "38: expected a unit of time instead of 'moon'" },
		{ "@timestamp > now() - 1 hour", NULL, "0: no WHERE says which events are meant" },
		{ "process.name rlike (\"^a\", \"~b\")", NULL,
		  "41: '~' of this regular expression can't be carried over" },
		{ "process.name == 5", NULL, "0: a string can't be compared with a number" },
	};

	(void)state;
	check_conditions(cases, COUNT_OF(cases));
}

static void test_pipes(void **state)
{
	static const struct translation_case cases[] = {
		{ "FROM logs-*, .alerts-{now/d} METADATA _id | WHERE process.pid == 1",
		  "process.pid == 1", NULL },
		{ "from x | where process.pid == 1 or process.pid == 2 | where process.name == \"a\"",
		  "(process.pid == 1 or process.pid == 2) and process.name == 'a'", NULL },
		{ "from x | where process.pid == 1 | where process.pid == 2 or process.name == \"a\"",
		  "process.pid == 1 and (process.pid == 2 or process.name == 'a')", NULL },
		{ "from x | keep process.* | drop a, b | where process.pid == 1 | sort a desc | limit 5",
		  "process.pid == 1", NULL },
		{ "from x | mv_expand event.action | where process.pid == 1", "process.pid == 1", NULL },
		{ "from x | eval n = process.name, m = n | where m == \"a\"", "process.name == 'a'", NULL },
		{ "from x | eval l = to_lower(process.name) | where l like \"a*\"",
		  "process.name like~ 'a*'", NULL },
		{ "from x | eval c = process.pid == 1 or process.pid == 2 | where c and user.id == \"0\"",
		  "(process.pid == 1 or process.pid == 2) and user.id == '0'", NULL },
		{ "from x | eval n = process.pid + 1, m = n - 2 | where m * 2 > 40 and 5 - n < 1",
		  "((process.pid + 1) - 2) * 2 > 40 and 5 - (process.pid + 1) < 1", NULL },
		{ "from x | eval n = (process.pid + 1), m = process.pid | where n * m > 5",
		  "(process.pid + 1) * process.pid > 5", NULL },
		{ "from x | eval process.name = to_lower(process.name) | where process.name == \"a\"",
		  "process.name : 'a'", NULL },
		{ "from x | eval a = case(process.pid > 1, \"b\", \"c\"), n = process.name | where n == \"a\"",
		  "process.name == 'a'", NULL },
		{ "from x | eval a = date_trunc(1 hour, @timestamp) | where a == 1", NULL,
		  "57: what EVAL makes of 'a' can't be carried over" },
		{ "from x | eval 5", NULL, "14: expected NAME = ... instead of '5'" },
		{ "from x | mv_expand process.args | where process.pid == 1", NULL,
		  "19: MV_EXPAND of 'process.args' can't be carried over" },
		{ "from x | grok a \"b\"", NULL, "9: the pipe 'grok' can't be carried over" },
		{ "from x | rename a as b", NULL, "9: the pipe 'rename' can't be carried over" },
		{ "row a = 1", NULL, "0: expected FROM instead of 'row'" },
		{ "from x", NULL, "0: no WHERE says which events are meant" },
		{ "from x |", NULL, "8: the pipe '' can't be carried over" },
	};

	(void)state;
	check_all(cases, COUNT_OF(cases));
}

struct counting_case {
	const char *stats; /* behind "from x | where process.pid == 1 and @timestamp >= NOW() - 2d | stats " */
	const char *by;
	int64_t fewer_than, max_hosts;
};

static void test_counting(void **state)
{
	static const struct counting_case cases[] = {
		{ "n = count(*) by process.name | where n < 5", "process.name", 5, ESQL_ANY_COUNT },
		{ "n = COUNT() by process.name, user.id | where n <= 5", "process.name user.id", 6,
		  ESQL_ANY_COUNT },
		{ "n = count(*) by process.name | where n == 1", "process.name", 2, ESQL_ANY_COUNT },
		{ "h = count_distinct(agent.id) by process.name | where h == 1", "process.name",
		  ESQL_ANY_COUNT, 1 },
		{ "h = count_distinct(host.id, 100), n = count(*) by process.name | where h < 3 and n < 9",
		  "process.name", 9, 2 },
		{ "E.n = count(*), v = values(user.id), m = max(@timestamp) by process.name"
		  "| eval user.id = mv_min(v) | where E.n < 5 and E.n >= 1 and E.n > 0 | sort E.n | limit 5 | keep *",
		  "process.name", 5, ESQL_ANY_COUNT },
		{ "n = count(*) by process.name | where n < 5 | eval n = n * 2, m = n | rename m as k",
		  "process.name", 5, ESQL_ANY_COUNT },
		{ "n = count(*) by process.name | eval m = n * 2, n + 1 | rename m as k | where n < 5",
		  "process.name", 5, ESQL_ANY_COUNT },
		{ "n = count(*), count(*) by p = process.name | where n < 7 | where n < 5", "process.name", 5,
		  ESQL_ANY_COUNT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct translation_mistakes mistakes = { 0 };
		char *query = repeat_text(
			"from x | where process.pid == 1 and @timestamp >= NOW() - 2d | stats ",
			cases[i].stats, 1, "");
		struct esql esql;
		char *by;

		esql_translate(span_of(query), &esql, translation_report, &mistakes);
		assert_string_equal(mistakes.first, "");
		assert_string_equal(esql.condition, "process.pid == 1");
		assert_true(esql.counts);
		by = group_by_names(&esql.by);
		assert_string_equal(by, cases[i].by);
		assert_int_equal(esql.fewer_than, cases[i].fewer_than);
		assert_int_equal(esql.max_hosts, cases[i].max_hosts);
		assert_int_equal(esql.window_ms, 2 * 86400000);
		free(by);
		free(query);
		esql_clear(&esql);
	}
}

static void test_counting_mistakes(void **state)
{
	static const struct translation_case cases[] = {
		{ "n = count(*) | where n < 5", NULL,
		  "53: STATS without BY, over all events at once, can't be carried over" },
		{ "n = count(*) by process.name", NULL, "0: STATS without a WHERE that keeps what is rare" },
		{ "n = count(*) by process.name | where n > 5", NULL,
		  "77: only groups that are rare can be kept" },
		{ "n = count(*) by process.name | where n == 5", NULL,
		  "77: only groups that are rare can be kept" },
		{ "n = count(*) by process.name | where n < 1", NULL,
		  "77: only groups that are rare can be kept" },
		{ "n = count(*) by process.name | where n < 1.5", NULL,
		  "77: only groups that are rare can be kept" },
		{ "n = count(*) by process.name | where n < 5 or n < 6", NULL,
		  "83: expected '|' or the end instead of 'or'" },
		{ "n = count_distinct(user.id) by process.name | where n < 5", NULL,
		  "92: behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's id can be compared" },
		{ "n = count(*) * 2 by process.name | where n < 5", NULL,
		  "81: behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's id can be compared" },
		{ "n = count(*) where process.pid == 2 by process.name | where n < 5", NULL,
		  "100: behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's id can be compared" },
		{ "n = count(*) by process.name | where process.name == \"a\"", NULL,
		  "77: behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's id can be compared" },
		{ "n = count(*) by process.name | where n < process.pid", NULL,
		  "81: expected a comparison with a number instead of 'process.pid'" },
		{ "n = count(*) by bucket(@timestamp, 1 hour) | where n < 5", NULL,
		  "56: the function bucket() can't be carried over" },
		{ "n = count(*) by length(process.name) | where n < 5", NULL,
		  "56: groups can only be made by fields" },
		{ "n = count(*) by no.field | where n < 5", NULL, "56: unknown field 'no.field'" },
		{ "n = count(*) by process.name | eval m = 5, n = n * 100 | where n < 500", NULL,
		  "103: 'n' is compared, but is no longer what STATS made of it" },
		{ "n = count(*), m = max(process.pid) by process.name | rename m as n | where n < 5", NULL,
		  "115: 'n' is compared, but is no longer what STATS made of it" },
		{ "n = count(*) by n = process.name | where n < 5", NULL,
		  "81: 'n' is compared, but is no longer what STATS made of it" },
		{ "n = count(*), n = max(process.pid) by process.name | where n < 5", NULL,
		  "99: behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's id can be compared" },
		{ "n = count(*) by process.name | eval m = 1 by m | where n < 5", NULL,
		  "82: expected '|' or the end instead of 'by'" },
		{ "n = count(*) by process.name | stats m = count(*) by n", NULL,
		  "71: the pipe 'stats' can't be carried over" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *query = repeat_text("from x | where process.pid == 1 | stats ", cases[i].query, 1, "");

		check(&cases[i], query);
		free(query);
	}
	check(&(struct translation_case){ NULL, NULL, "114: behind STATS only COUNT(*) and COUNT_DISTINCT() "
						      "of a host's or agent's id can be compared" },
	      "from x | where process.pid == 1 | eval host.id = user.id | stats h = count_distinct(host.id) "
	      "by user.name | where h == 1");
	check(&(struct translation_case){ NULL, NULL, "34: LIMIT before STATS can't be carried over" },
	      "from x | where process.pid == 1 | limit 5 | stats n = count(*) by user.id | where n < 5");
}

static void test_bounds(void **state)
{
	struct translation_mistakes mistakes = { 0 };
	char *texts[] = {
		repeat_text("from x | where ", "(", 1000, "1"),
		repeat_text("from x | where ", "not ", 1000, "process.pid == 1"),
		repeat_text("from x | where ", "length(", 1000, "process.name"),
		repeat_text("from x | where ", "a", QUERY_MAX_LENGTH, ""),
		repeat_text("from x | eval a = concat(process.name", ", process.executable", 14, ")"),
		repeat_text("from x | where concat(process.name", ", process.name", 100, ") == \"a\""),
		repeat_text("from x ", "| eval a = 1 ", 200, "| where process.pid == 1"),
	};
	char *doubling = repeat_text("from x | eval a = process.name", "| eval a = concat(a, a)", 100,
				     "| where a == \"b\"");
	struct esql esql;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_false(esql_translate(span_of(texts[i]), &esql, translation_report, &mistakes));
		assert_true(mistakes.count > i);
		esql_clear(&esql);
		free(texts[i]);
	}
	assert_false(esql_translate(span_of(doubling), &esql, translation_report, &mistakes));
	esql_clear(&esql);
	free(doubling);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_condition_mistakes),
		cmocka_unit_test(test_pipes),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_counting_mistakes),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
