/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/function.h"
#include "rules/parser.h"

static void append_call(UT_string *out, const struct expression *call);

static void append_expression(UT_string *out, const struct expression *expression)
{
	switch (expression->type) {
	case EXPRESSION_FIELD:
		utstring_printf(out, "%s%s", expression->field.owner == OWNER_PARENT ? "parent." : "",
				expression->field.field->name);
		break;
	case EXPRESSION_TEXT:
		utstring_printf(out, "'%.*s'", (int)expression->text.length,
				expression->text.start);
		break;
	case EXPRESSION_NUMBER:
		utstring_printf(out, "%g", expression->number);
		break;
	case EXPRESSION_BOOLEAN:
		utstring_printf(out, "%s", expression->truth ? "true" : "false");
		break;
	case EXPRESSION_NULL:
		utstring_printf(out, "null");
		break;
	case EXPRESSION_ABSENT:
		utstring_printf(out, "absent");
		break;
	case EXPRESSION_CALL:
		append_call(out, expression);
		break;
	}
}

static void append_call(UT_string *out, const struct expression *call)
{
	utstring_printf(out, "(%s%s", call->function->name, call->any_case ? "~" : "");
	for (size_t i = 0; i < call->arguments; i++) {
		utstring_printf(out, " ");
		append_expression(out, call->argument[i]);
	}
	utstring_printf(out, ")");
}

static void append_items(UT_string *out, const struct condition *condition)
{
	for (size_t i = 0; i < condition->items; i++) {
		const struct condition_item *item = &condition->item[i];

		if (item->text.start)
			utstring_printf(out, " '%.*s'", (int)item->text.length, item->text.start);
		else
			utstring_printf(out, " %g", item->number);
		/* A pattern is compiled once, and only where it is one. */
		assert_int_equal(item->regex != NULL, condition->type == CONDITION_REGEX);
	}
}

/* As an S-expression, whose parentheses leave no doubt. */
static void append_condition(UT_string *out, const struct condition *condition)
{
	static const char *const names[] = {
		[CONDITION_AND] = "and",      [CONDITION_OR] = "or",
		[CONDITION_NOT] = "not",      [CONDITION_TRUTH] = "is",
		[CONDITION_NULL] = "null",    [CONDITION_EQUAL] = "==",
		[CONDITION_LESS] = "<",	      [CONDITION_LESS_EQUAL] = "<=",
		[CONDITION_IN] = "in",	      [CONDITION_WILDCARD] = "like",
		[CONDITION_REGEX] = "regex",
	};

	utstring_printf(out, "(%s%s", names[condition->type], condition->any_case ? "~" : "");
	for (size_t i = 0; i < condition->members; i++) {
		utstring_printf(out, " ");
		append_condition(out, condition->member[i]);
	}
	if (condition->left) {
		utstring_printf(out, " ");
		append_expression(out, condition->left);
	}
	if (condition->right && condition->type != CONDITION_NULL) {
		utstring_printf(out, " ");
		append_expression(out, condition->right);
	}
	append_items(out, condition);
	utstring_printf(out, ")");
}

static void collect(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	UT_string *out = user;

	utstring_printf(out, "%s%zu: %s%s", utstring_len(out) ? "\n" : "", offset,
			finding == PARSER_WARNING ? "warning: " : "", message);
}

/* Two lists: @shells of two names, @one of one. */
static struct string_list *make_lists(void)
{
	static char shells[] = "shells", one[] = "one", bash[] = "bash", sh[] = "sh", x[] = "x";
	static char *shell_items[] = { bash, sh };
	static char *one_items[] = { x };
	static struct string_list lists[2];
	struct string_list *hash = NULL;

	lists[0] = (struct string_list){ .name = shells, .item = shell_items, .items = 2 };
	lists[1] = (struct string_list){ .name = one, .item = one_items, .items = 1 };
	HASH_ADD_KEYPTR(hh, hash, lists[0].name, strlen(shells), &lists[0]);
	HASH_ADD_KEYPTR(hh, hash, lists[1].name, strlen(one), &lists[1]);
	return hash;
}

struct row {
	const char *text;
	const char *parsed; /* the condition, or every mistake on a line of its own */
};

/* `text` becomes the condition, or the mistakes. Exactly its bytes are given to the parser. */
static void parse(struct span text, UT_string *out)
{
	struct string_list *lists = make_lists();
	char *exact = mem_resize(NULL, text.length, 1);
	struct condition *condition;

	memcpy(exact, text.start, text.length);
	condition = parser_parse((struct span){ exact, text.length }, lists, collect, out);
	if (condition) {
		/* Either a condition or mistakes. */
		assert_int_equal(utstring_len(out), 0);
		append_condition(out, condition);
	} else {
		assert_int_not_equal(utstring_len(out), 0);
	}
	condition_free(condition);
	free(exact);
	HASH_CLEAR(hh, lists);
}

static size_t wrong_rows(const struct row *rows, size_t count)
{
	size_t wrong = 0;
	UT_string out;

	utstring_init(&out);
	for (size_t i = 0; i < count; i++) {
		utstring_clear(&out);
		parse(span_of(rows[i].text), &out);
		wrong += !row_is(rows[i].text, utstring_body(&out), rows[i].parsed);
	}
	utstring_done(&out);
	return wrong;
}

#define ASSERT_ROWS(rows) assert_rows(wrong_rows(rows, COUNT_OF(rows)))

static void test_or_binds_looser_than_and_and_that_than_not(void **state)
{
	static const struct row rows[] = {
		{ "true", "(is true)" },
		{ "true and false", "(and (is true) (is false))" },
		{ "true or false", "(or (is true) (is false))" },
		{ "not true", "(not (is true))" },
		{ "true or true and false", "(or (is true) (and (is true) (is false)))" },
		{ "true and true or false", "(or (and (is true) (is true)) (is false))" },
		{ "true and (true or false)", "(and (is true) (or (is true) (is false)))" },
		{ "not true and false", "(and (not (is true)) (is false))" },
		{ "not true or false", "(or (not (is true)) (is false))" },
		{ "not (true or false)", "(not (or (is true) (is false)))" },
		{ "not not true", "(not (not (is true)))" },
		{ "true and not false", "(and (is true) (not (is false)))" },
		{ "true or false or true", "(or (is true) (is false) (is true))" },
		{ "true and false and true", "(and (is true) (is false) (is true))" },
		{ "true and true or false and false or true",
		  "(or (and (is true) (is true)) (and (is false) (is false)) (is true))" },
		{ "((true))", "(is true)" },
		{ "not process.pid == 1", "(not (== pid 1))" },
		{ "not process.pid in (1) and true", "(and (not (in pid 1)) (is true))" },
		{ "(true)and(false)", "(and (is true) (is false))" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_comparisons_become_three_kinds(void **state)
{
	static const struct row rows[] = {
		{ "process.pid == 1", "(== pid 1)" },
		{ "process.pid != 1", "(not (== pid 1))" },
		{ "process.pid < 1", "(< pid 1)" },
		{ "process.pid <= 1", "(<= pid 1)" },
		{ "process.pid > 1", "(< 1 pid)" },
		{ "process.pid >= 1", "(<= 1 pid)" },
		{ "1 < process.pid", "(< 1 pid)" },
		{ "process.pid==-1", "(== pid -1)" },
		{ "process.pid == process.parent.pid", "(== pid parent.pid)" },
		{ "process.name == 'sh'", "(== name 'sh')" },
		{ "'sh' == process.parent.name", "(== 'sh' parent.name)" },
		{ "process.interactive == true", "(== interactive true)" },
		{ "process.interactive != false", "(not (== interactive false))" },
		{ "@timestamp >= '2023'", "(<= '2023' @timestamp)" },
		{ "'a' == 'a'", "(== 'a' 'a')" },
		{ "process.name == ''", "(== name '')" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_null_is_asked_for_with_equal_and_unequal(void **state)
{
	static const struct row rows[] = {
		{ "process.name == null", "(null name)" },
		{ "process.name != null", "(not (null name))" },
		{ "null == process.name", "(null name)" },
		{ "null != process.pid", "(not (null pid))" },
		{ "process.interactive == null", "(null interactive)" },
		{ "process.pid < null", "12: null can only be compared with == and !=" },
		{ "null >= process.pid", "5: null can only be compared with == and !=" },
		{ "process.pid > null and true", "12: null can only be compared with == and !=" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_like_and_in_take_lists_of_every_form(void **state)
{
	static const struct row rows[] = {
		{ "process.name like 'a*'", "(like name 'a*')" },
		{ "process.name like~ 'a*'", "(like~ name 'a*')" },
		{ "process.name : 'a*'", "(like~ name 'a*')" },
		{ "process.name like ('a', 'b')", "(like name 'a' 'b')" },
		{ "process.name like~ (\"a\")", "(like~ name 'a')" },
		{ "process.name : ('a', 'b', 'c')", "(like~ name 'a' 'b' 'c')" },
		{ "process.name in ('a')", "(in name 'a')" },
		{ "process.name in ('a', 'b')", "(in name 'a' 'b')" },
		{ "process.name in~ ('a', 'b')", "(in~ name 'a' 'b')" },
		{ "process.name not in ('a')", "(not (in name 'a'))" },
		{ "process.name not in~ ('a')", "(not (in~ name 'a'))" },
		{ "process.pid in (1, 2, -3)", "(in pid 1 2 -3)" },
		{ "process.pid not in (1)", "(not (in pid 1))" },
		{ "process.name in @shells", "(in name 'bash' 'sh')" },
		{ "process.name in~ @shells", "(in~ name 'bash' 'sh')" },
		{ "process.name not in @one", "(not (in name 'x'))" },
		{ "process.name like @shells", "(like name 'bash' 'sh')" },
		{ "process.name : @shells", "(like~ name 'bash' 'sh')" },
		{ "process.name in (@one, 'y', @shells)", "(in name 'x' 'y' 'bash' 'sh')" },
		{ "process.name in(@one)", "(in name 'x')" },
		{ "process.name in ('a',)", "(in name 'a')" },
		{ "process.name regex 'a.*'", "(regex name 'a.*')" },
		{ "process.name regex~ ('a', \"\"\"\\d\"\"\")", "(regex~ name 'a' '\\d')" },
		{ "process.name regex @shells", "(regex name 'bash' 'sh')" },
		{ "length(process.name) in (1, 2)", "(in (length name) 1 2)" },
		{ "'bash' in @shells", "(in 'bash' 'bash' 'sh')" },
		{ "not process.name in @one", "(not (in name 'x'))" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_boolean_field_is_a_condition_by_itself(void **state)
{
	static const struct row rows[] = {
		{ "process.interactive", "(is interactive)" },
		{ "process.parent.interactive and true", "(and (is parent.interactive) (is true))" },
		{ "process.name",
		  "0: a string is not true or false; compare it with something" },
		{ "true and process.pid",
		  "9: a number is not true or false; compare it with something" },
		{ "not 'x'", "4: a string is not true or false; compare it with something" },
		{ "null", "0: null is not true or false; compare it with something" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_comments_stand_anywhere(void **state)
{
	static const struct row rows[] = {
		{ "/* a */ true /* b */ and /* c */ false // d",
		  "(and (is true) (is false))" },
		{ "true // and false\nor false", "(or (is true) (is false))" },
		{ "process.name /**/ not /**/ in /**/ ( /**/ 'a' /**/ , /**/ 'b' /**/ )",
		  "(not (in name 'a' 'b'))" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_different_types_are_a_mistake_at_the_operator(void **state)
{
	static const struct row rows[] = {
		{ "process.pid == '1'", "12: a number can't be compared with a string" },
		{ "process.name == 1", "13: a string can't be compared with a number" },
		{ "user.id == 33", "8: a string can't be compared with a number" },
		{ "process.pid != '1'", "12: a number can't be compared with a string" },
		{ "process.pid < 'a'", "12: a number can't be compared with a string" },
		{ "process.pid > 'a'", "12: a number can't be compared with a string" },
		{ "'a' >= process.pid", "4: a string can't be compared with a number" },
		{ "process.interactive == 'yes'",
		  "20: true or false can't be compared with a string" },
		{ "process.interactive == 1",
		  "20: true or false can't be compared with a number" },
		{ "process.name == true", "13: a string can't be compared with true or false" },
		{ "process.pid == process.name", "12: a number can't be compared with a string" },
		{ "@timestamp == 5", "11: a string can't be compared with a number" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_member_of_another_type_is_a_mistake_at_the_member(void **state)
{
	static const struct row rows[] = {
		{ "process.pid in ('1')", "16: a number can't be compared with a string" },
		{ "process.pid in (1, '2')", "19: a number can't be compared with a string" },
		{ "process.name in (1)", "17: a string can't be compared with a number" },
		{ "process.name in ('a', true)", "22: expected a string, a number or @list before 'true'" },
		{ "process.name in (null)",
		  "17: expected a string, a number or @list before 'null'" },
		{ "process.name in (process.executable)",
		  "17: expected a string, a number or @list before 'process.executable'" },
		{ "process.name in ('a', 1, 'b', 2)",
		  "22: a string can't be compared with a number\n"
		  "30: a string can't be compared with a number" },
		{ "process.name like (1)", "19: expected a string or @list before '1'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_wildcards_are_for_strings(void **state)
{
	static const struct row rows[] = {
		{ "process.pid like '1*'", "17: a number can't be compared with a string" },
		{ "process.pid : '1*'", "14: a number can't be compared with a string" },
		{ "process.interactive like 't*'",
		  "25: true or false can't be compared with a string" },
		{ "process.name like 1", "18: expected a string or a list before '1'" },
		{ "process.name : process.executable",
		  "15: expected a string or a list before 'process.executable'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_an_unknown_field_is_named_with_the_nearest(void **state)
{
	static const struct row rows[] = {
		{ "proces.name == 'sh'",
		  "0: unknown field 'proces.name'; did you mean 'process.name'?" },
		{ "true and process.executble == 'sh'",
		  "9: unknown field 'process.executble'; did you mean 'process.executable'?" },
		{ "process.parent.nme : 'x'",
		  "0: unknown field 'process.parent.nme'; did you mean 'process.parent.name'?" },
		{ "'x' == user.nam", "7: unknown field 'user.nam'; did you mean 'user.name'?" },
		{ "process.workingdirectory in @one",
		  "0: unknown field 'process.workingdirectory'; did you mean "
		  "'process.working_directory'?" },
		{ "Process.Name == 'x'",
		  "0: unknown field 'Process.Name'; did you mean 'process.name'?" },
		{ "zzz == 'x'", "0: unknown field 'zzz'" },
		{ "process.name. == 'x'",
		  "0: unknown field 'process.name.'; did you mean 'process.name'?" },
		{ "AND == 'x'", "0: unknown field 'AND'; keywords are written in small letters" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_an_unknown_list_is_named(void **state)
{
	static const struct row rows[] = {
		{ "process.name in @shell", "16: there is no list '@shell'" },
		{ "process.name in ('a', @none)", "22: there is no list '@none'" },
		{ "process.name like @", "18: there is no list '@'" },
		{ "process.name in @a or process.name in @b",
		  "16: there is no list '@a'\n38: there is no list '@b'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_what_cannot_be_understood_is_shown_once(void **state)
{
	static const struct row rows[] = {
		{ "", "0: expected a field, a string or a number, but the condition ends here" },
		{ "  ", "2: expected a field, a string or a number, but the condition ends here" },
		{ "()", "1: expected a field, a string or a number before ')'" },
		{ "and", "0: expected a field, a string or a number before 'and'" },
		{ "true and", "8: expected a field, a string or a number, but the condition ends "
			      "here" },
		{ "true and or false",
		  "9: expected a field, a string or a number before 'or'" },
		{ "true or", "7: expected a field, a string or a number, but the condition ends "
			     "here" },
		{ "not", "3: expected a field, a string or a number, but the condition ends here" },
		{ "true false", "5: expected 'and', 'or' or the end before 'false'" },
		{ "true )", "5: expected 'and', 'or' or the end before ')'" },
		{ "(true", "5: expected 'and', 'or' or ')', but the condition ends here" },
		{ "(true false)", "6: expected 'and', 'or' or ')' before 'false'" },
		{ "((true)", "7: expected 'and', 'or' or ')', but the condition ends here" },
		{ "process.pid ==",
		  "14: expected a field, a string or a number, but the condition ends here" },
		{ "process.pid == == 1", "15: expected a field, a string or a number before '=='" },
		{ "process.pid == 1 == 1", "17: expected 'and', 'or' or the end before '=='" },
		{ "process.pid == 1 2", "17: expected 'and', 'or' or the end before '2'" },
		{ "process.pid == 5m", "15: not a number" },
		{ "process.name in ()", "17: expected a string, a number or @list before ')'" },
		{ "process.name in ('a'", "20: expected ',' or ')', but the condition ends here" },
		{ "process.name in ('a' 'b')", "21: expected ',' or ')' before ''b''" },
		{ "process.name in ('a',,'b')",
		  "21: expected a string, a number or @list before ','" },
		{ "process.pid in (-)", "17: expected a number before ')'" },
		{ "process.name in ('a'; 'b')", "20: unexpected character" },
		{ "process.name like", "17: expected a string or a list, but the condition ends "
				       "here" },
		{ "process.name :", "14: expected a string or a list, but the condition ends "
				    "here" },
		{ "== 'sh'", "0: expected a field, a string or a number before '=='" },
		{ "process.name == 'sh", "16: the string has no end on its line" },
		{ "process.name == 'a\\d'", "18: unknown escape; known are \\n \\t \\r \\b \\f "
					    "\\\\ \\\" \\' \\u{HEX}" },
		{ "true /* and", "5: the comment has no end" },
		{ "process.pid == 1.", "15: not a number" },
		{ "process.name == \x01", "16: unexpected character" },
		{ "true; false", "4: unexpected character" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* What stands before the place that can't be understood is not wrong because of it, and of a field that
 * does not exist nobody knows the type. */
static void test_one_mistake_is_not_reported_as_two(void **state)
{
	static const struct row rows[] = {
		{ "process.name = 'sh'",
		  "13: '=' compares nothing here; write '=='" },
		{ "process.name not like 'a'", "17: expected 'in' behind 'not' before 'like'" },
		{ "process.name not 'a'", "17: expected 'in' behind 'not' before ''a''" },
		{ "process.pid not in ('a', 'b') or true",
		  "20: a number can't be compared with a string\n"
		  "25: a number can't be compared with a string" },
		{ "process.pid in @shells", "15: a number can't be compared with a string" },
		{ "process.interactive like @shells",
		  "25: true or false can't be compared with a string" },
		{ "process.name ! 'sh'", "13: unexpected character" },
		{ "process.name & true", "13: unexpected character" },
		{ "process.pid + ", "14: expected a field, a string or a number, but the condition "
				    "ends here" },
		{ "zzz", "0: unknown field 'zzz'" },
		{ "zzz > 0", "0: unknown field 'zzz'" },
		{ "zzz == true and not zzz", "0: unknown field 'zzz'\n20: unknown field 'zzz'" },
		{ "process.pid == zzz", "15: unknown field 'zzz'" },
		{ "zzz in (1, 2)", "0: unknown field 'zzz'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_in_demands_a_list(void **state)
{
	static const struct row rows[] = {
		{ "process.name in", "15: expected a list, @name or (...), but the condition ends "
				     "here" },
		{ "process.name in 'a'", "16: expected a list, @name or (...) before ''a''" },
		{ "process.name in process.args",
		  "16: expected a list, @name or (...) before 'process.args'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_what_stands_there_is_quoted_as_it_is_written(void **state)
{
	static const struct row rows[] = {
		{ "process.name == @shells",
		  "16: expected a field, a string or a number before '@shells'" },
		{ "@shells", "0: expected a field, a string or a number before '@shells'" },
		{ "true true.and.a.name.of.more.than.forty.characters",
		  "5: expected 'and', 'or' or the end before "
		  "'true.and.a.name.of.more.than.forty.chara'" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_all_names_and_types_are_checked_in_one_run(void **state)
{
	static const struct row rows[] = {
		{ "proces.name == 'a' and process.pid == 'b' and (user.nam in @none or "
		  "process.args == 3)",
		  "0: unknown field 'proces.name'; did you mean 'process.name'?\n"
		  "35: a number can't be compared with a string\n"
		  "47: unknown field 'user.nam'; did you mean 'user.name'?\n"
		  "59: there is no list '@none'\n"
		  "81: a string can't be compared with a number" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* `count` times `opening`, true, `count` times `closing`. */
static void parse_nested(UT_string *out, unsigned int count, const char *opening,
			 const char *closing)
{
	UT_string text;

	utstring_init(&text);
	for (unsigned int i = 0; i < count; i++)
		utstring_printf(&text, "%s", opening);
	utstring_printf(&text, "true");
	for (unsigned int i = 0; i < count; i++)
		utstring_printf(&text, "%s", closing);
	utstring_clear(out);
	parse((struct span){ utstring_body(&text), utstring_len(&text) }, out);
	utstring_done(&text);
}

#define TOO_DEEP "expected fewer parentheses, nots and signs inside each other before "

static void test_nesting_is_bounded(void **state)
{
	UT_string out;

	(void)state;
	utstring_init(&out);
	parse_nested(&out, PARSER_MAX_DEPTH, "(", ")");
	assert_string_equal(utstring_body(&out), "(is true)");
	parse_nested(&out, PARSER_MAX_DEPTH + 1, "(", ")");
	assert_string_equal(utstring_body(&out), "100: " TOO_DEEP "'('");
	parse_nested(&out, 20000, "(", ")");
	assert_string_equal(utstring_body(&out), "100: " TOO_DEEP "'('");
	parse_nested(&out, 20000, "not ", "");
	assert_string_equal(utstring_body(&out), "400: " TOO_DEEP "'not'");
	parse_nested(&out, 20000, "-", "");
	assert_memory_equal(utstring_body(&out), "100: " TOO_DEEP "'-'",
			    strlen("100: " TOO_DEEP "'-'"));
	parse_nested(&out, 20000, "1 == (-", "");
	assert_memory_equal(strchr(utstring_body(&out), ' '), " " TOO_DEEP, strlen(" " TOO_DEEP));
	utstring_done(&out);
}

static void test_long_sums_are_bounded(void **state)
{
	UT_string out;

	(void)state;
	utstring_init(&out);
	parse_nested(&out, 20000, "1 + ", "");
	assert_non_null(strstr(utstring_body(&out), "expected fewer operators"));
	utstring_done(&out);
}

/* A call nests as deep as a parenthesis does. */
static void test_calls_inside_each_other_are_bounded(void **state)
{
	UT_string out;

	(void)state;
	utstring_init(&out);
	parse_nested(&out, 20000, "string(", ")");
	assert_non_null(strstr(utstring_body(&out), "inside each other"));
	utstring_done(&out);
}

static void test_siblings_are_not_bounded(void **state)
{
	UT_string text, out;

	(void)state;
	utstring_init(&text);
	utstring_init(&out);
	for (int i = 0; i < 5000; i++)
		utstring_printf(&text, "not (true) or ");
	utstring_printf(&text, "false");
	parse((struct span){ utstring_body(&text), utstring_len(&text) }, &out);
	assert_int_equal(strncmp(utstring_body(&out), "(or (not (is true)) (not (is true)) ", 36),
			 0);
	utstring_done(&text);
	utstring_done(&out);
}

static void test_a_whole_query_is_a_condition(void **state)
{
	static const struct row rows[] = {
		{ "process where true", "(is true)" },
		{ "any where process.pid == 1", "(== pid 1)" },
		{ "\"process\" where true", "(is true)" },
		{ "process\n where // a\n true and false", "(and (is true) (is false))" },
		{ "process where", "13: expected a field, a string or a number, but the condition ends "
				   "here" },
		{ "file where true", "0: 'file where': auspawn judges process events only" },
		{ "network where zzz == 1",
		  "0: 'network where': auspawn judges process events only\n14: unknown field 'zzz'" },
		{ "where true", "0: expected a field, a string or a number before 'where'" },
		{ "process where process where true", "14: unknown field 'process'\n"
						      "22: expected 'and', 'or' or the end before "
						      "'where'" },
		{ "sequence by host.id [process where true]",
		  "0: 'sequence' is about several events; auspawn judges one process event at a time" },
		{ "sample by host.id",
		  "0: 'sample' is about several events; auspawn judges one process event at a time" },
		{ "process where true | head 5",
		  "19: pipes work on many events; auspawn judges one process event at a time" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_an_optional_field_need_not_exist(void **state)
{
	static const struct row rows[] = {
		{ "?process.name == 'sh'", "(== name 'sh')" },
		{ "?process.entity_id == 'x'", "(== absent 'x')" },
		{ "?process.entity_id == 5", "(== absent 5)" },
		{ "?zzz", "(is absent)" },
		{ "?zzz in (1, 'a')", "(in absent 1 'a')" },
		{ "? zzz == null", "(null absent)" },
		{ "?`zzz` : 'a'", "(like~ absent 'a')" },
		{ "length(?zzz) == 1", "(== (length absent) 1)" },
		{ "? == 1", "2: expected a field behind '?' before '=='" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_quoted_name_is_a_field(void **state)
{
	static const struct row rows[] = {
		{ "`process.name` == 'sh'", "(== name 'sh')" },
		{ "`and` == 'sh'", "0: unknown field 'and'" },
		{ "`true`", "0: unknown field 'true'" },
		{ "`length`(process.name) == 1", "0: unknown field 'length'\n"
						 "8: expected 'and', 'or' or the end before '('" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_arithmetic_is_calls_of_functions(void **state)
{
	static const struct row rows[] = {
		{ "process.pid + 1 == 2", "(== (add pid 1) 2)" },
		{ "process.pid - 1 - 2 == 0", "(== (subtract (subtract pid 1) 2) 0)" },
		{ "1 + process.pid * 2 == 3", "(== (add 1 (multiply pid 2)) 3)" },
		{ "(1 + process.pid) * 2 == 3", "(== (multiply (add 1 pid) 2) 3)" },
		{ "process.pid * 2 / 3 % 4 == 0",
		  "(== (modulo (divide (multiply pid 2) 3) 4) 0)" },
		{ "-process.pid == -5", "(== (subtract 0 pid) -5)" },
		{ "+process.pid == +5", "(== (add 0 pid) 5)" },
		{ "--5 == 5", "(== 5 5)" },
		{ "2 - -3 == 5", "(== (subtract 2 -3) 5)" },
		{ "process.pid == 1 + 1 and true", "(and (== pid (add 1 1)) (is true))" },
		{ "process.name + 1 == 2",
		  "0: argument 1 of add() must be a number, not a string" },
		{ "1 - 'a' == 2", "0: argument 2 of subtract() must be a number, not a string" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_calls_have_arguments_of_their_kinds(void **state)
{
	static const struct row rows[] = {
		{ "length(process.name) > 3", "(< 3 (length name))" },
		{ "startsWith(process.name, 'a')", "(is (startsWith name 'a'))" },
		{ "startsWith~(process.name, 'a')", "(is (startsWith~ name 'a'))" },
		{ "not endsWith(process.name, 'a') and true",
		  "(and (not (is (endsWith name 'a'))) (is true))" },
		{ "concat('a', 1, true, process.name) == 'x'", "(== (concat 'a' 1 true name) 'x')" },
		{ "length(substring(process.name, 1, -1)) == 2",
		  "(== (length (substring name 1 -1)) 2)" },
		{ "match(process.name, 'a', \"\"\"\\d\"\"\")", "(is (match name 'a' '\\d'))" },
		{ "length(null) == null", "(null (length null))" },
		{ "nosuch(process.name) == 1", "0: there is no function 'nosuch'" },
		{ "LENGTH(process.name) == 1", "0: there is no function 'LENGTH'; did you mean 'length'?" },
		{ "length() == 1", "0: length() takes 1 arguments, not 0" },
		{ "length('a', 'b') == 1", "0: length() takes 1 arguments, not 2" },
		{ "substring('a') == 'a'", "0: substring() takes 2 to 3 arguments, not 1" },
		{ "between('a', 'b', 'c', true, 1) == 'a'",
		  "0: between() takes 3 to 4 arguments, not 5" },
		{ "length(5) == 1", "0: argument 1 of length() must be a string, not a number" },
		{ "substring('a', 'b') == 'a'",
		  "0: argument 2 of substring() must be a number, not a string" },
		{ "between('a', 'b', 'c', 'd') == 'a'",
		  "0: argument 4 of between() must be true or false, not a string" },
		{ "startsWith('a', 'b', true)", "0: startsWith() takes 2 arguments, not 3" },
		{ "length~('a') == 1", "0: length() has no form with ~" },
		{ "length('a') == 'a'", "12: a number can't be compared with a string" },
		{ "length('a')", "0: a number is not true or false; compare it with something" },
		{ "startsWith('a', 'b') == 'x'",
		  "21: true or false can't be compared with a string" },
		{ "length('a'", "10: expected ',' or ')', but the condition ends here" },
		{ "length ~ == 1", "9: expected '(' before '=='" },
		{ "match('a', process.name)", "0: the patterns of match() must be strings" },
		{ "length((process.pid == 1)) == 1", "8: a condition stands where a value is needed" },
		{ "length(process.pid == 1) == 1", "19: expected ',' or ')' before '=='" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_regular_expression_is_checked_where_it_stands(void **state)
{
	static const struct row rows[] = {
		{ "process.name regex 'a('",
		  "19: character 3 of the regular expression: missing closing parenthesis" },
		{ "process.name regex ('a', '[')",
		  "25: character 2 of the regular expression: missing terminating ] for character "
		  "class" },
		{ "match('a', 'b', 'c)')",
		  "0: pattern 2 of match(), character 2: unmatched closing parenthesis" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_condition_is_no_value(void **state)
{
	static const struct row rows[] = {
		{ "(process.pid == 1) == true", "1: a condition can't be compared" },
		{ "(true and false) in ('a')", "1: a condition can't be compared" },
		{ "(process.name)", "1: a string is not true or false; compare it with something" },
		{ "(process.name) == 'a'", "(== name 'a')" },
		{ "((process.pid)) + (1) == (2)", "(== (add pid 1) 2)" },
		{ "(process.interactive) == true", "(== interactive true)" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_the_text_may_go_once_it_is_parsed(void **state)
{
	char text[] = "process.name in ('abc') and process.args == 'def'";
	struct condition *condition;
	UT_string out;

	(void)state;
	utstring_init(&out);
	condition = parser_parse(span_of(text), NULL, collect, &out);
	memset(text, 'x', strlen(text));
	append_condition(&out, condition);
	assert_string_equal(utstring_body(&out), "(and (in name 'abc') (== args 'def'))");
	condition_free(condition);
	utstring_done(&out);
}

static void test_nothing_is_a_condition_to_free(void **state)
{
	(void)state;
	condition_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_or_binds_looser_than_and_and_that_than_not),
		cmocka_unit_test(test_comparisons_become_three_kinds),
		cmocka_unit_test(test_null_is_asked_for_with_equal_and_unequal),
		cmocka_unit_test(test_like_and_in_take_lists_of_every_form),
		cmocka_unit_test(test_a_boolean_field_is_a_condition_by_itself),
		cmocka_unit_test(test_comments_stand_anywhere),
		cmocka_unit_test(test_different_types_are_a_mistake_at_the_operator),
		cmocka_unit_test(test_a_member_of_another_type_is_a_mistake_at_the_member),
		cmocka_unit_test(test_wildcards_are_for_strings),
		cmocka_unit_test(test_an_unknown_field_is_named_with_the_nearest),
		cmocka_unit_test(test_an_unknown_list_is_named),
		cmocka_unit_test(test_what_cannot_be_understood_is_shown_once),
		cmocka_unit_test(test_one_mistake_is_not_reported_as_two),
		cmocka_unit_test(test_in_demands_a_list),
		cmocka_unit_test(test_what_stands_there_is_quoted_as_it_is_written),
		cmocka_unit_test(test_all_names_and_types_are_checked_in_one_run),
		cmocka_unit_test(test_a_whole_query_is_a_condition),
		cmocka_unit_test(test_an_optional_field_need_not_exist),
		cmocka_unit_test(test_a_quoted_name_is_a_field),
		cmocka_unit_test(test_arithmetic_is_calls_of_functions),
		cmocka_unit_test(test_calls_have_arguments_of_their_kinds),
		cmocka_unit_test(test_a_regular_expression_is_checked_where_it_stands),
		cmocka_unit_test(test_a_condition_is_no_value),
		cmocka_unit_test(test_nesting_is_bounded),
		cmocka_unit_test(test_long_sums_are_bounded),
		cmocka_unit_test(test_siblings_are_not_bounded),
		cmocka_unit_test(test_the_text_may_go_once_it_is_parsed),
		cmocka_unit_test(test_nothing_is_a_condition_to_free),
		cmocka_unit_test(test_calls_inside_each_other_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
