/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	sum     := product (("+" | "-") product)*
 *	product := primary (("*" | "/" | "%") primary)*
 *	primary := "(" or ")" | STRING | ["-"] NUMBER | true | false | null | FIELD
 *	         | FUNCTION "(" [sum ("," sum)*] ")"
 */
#include "import/esql_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- values --- */

struct esql_value esql_value_here(const struct esql_reader *reader, enum esql_kind kind)
{
	struct esql_value value = { .kind = kind, .offset = reader->token.offset };

	utstring_init(&value.text);
	return value;
}

void esql_value_done(struct esql_value *value)
{
	utstring_done(&value->text);
}

struct span esql_text_of(const struct esql_value *value)
{
	return (struct span){ utstring_body(&value->text), utstring_len(&value->text) };
}

void esql_append(UT_string *out, const struct esql_value *value)
{
	if (value->kind == ESQL_STRING)
		query_append_string(out, esql_text_of(value));
	else
		utstring_concat(out, &value->text);
}

bool esql_check_value(struct esql_reader *reader, const struct esql_value *value)
{
	if (value->letters != ESQL_AS_IS)
		query_stop(&reader->query, value->offset,
			   "to_lower() and to_upper() can only be compared with strings");
	else if (value->kind == ESQL_CONDITION || value->kind == ESQL_NOTHING)
		query_stop(&reader->query, value->offset, "a condition in the place of a value");
	return !reader->query.stuck;
}

/* A field that is true or false is a condition of its own. */
bool esql_check_condition(struct esql_reader *reader, const struct esql_value *value)
{
	if (value->kind == ESQL_STRING || value->letters != ESQL_AS_IS)
		query_stop(&reader->query, value->offset, "a value in the place of a condition");
	return !reader->query.stuck;
}

bool esql_check_letters(struct esql_reader *reader, const struct esql_value *left, struct span text,
			size_t offset)
{
	char first = left->letters == ESQL_LOWER ? 'A' : 'a';

	for (size_t i = 0; i < text.length && left->letters != ESQL_AS_IS; i++) {
		if (text.start[i] < first || text.start[i] > first + 25)
			continue;
		query_stop(&reader->query, offset, "%s() is never equal to this",
			   left->letters == ESQL_LOWER ? "to_lower" : "to_upper");
		return false;
	}
	return true;
}

const struct esql_value *esql_find_alias(const struct esql_reader *reader, struct span name)
{
	for (size_t i = reader->aliases; i > 0; i--) {
		if (span_equal(reader->alias[i - 1].name, name))
			return &reader->alias[i - 1].value;
	}
	return NULL;
}

/* --- functions --- */

#define MAX_ARGUMENTS 64

static const struct {
	const char *name;
	const char *ours;
	size_t least, most; /* arguments */
	bool is_condition;
	bool has_any_case; /* OURS~() ignores the case of letters */
} functions[] = {
	{ "cidr_match", "cidrMatch", 2, MAX_ARGUMENTS, true, false },
	{ "concat", "concat", 2, MAX_ARGUMENTS, false, false },
	{ "contains", "stringContains", 2, 2, true, true },
	{ "ends_with", "endsWith", 2, 2, true, true },
	{ "length", "length", 1, 1, false, false },
	{ "starts_with", "startsWith", 2, 2, true, true },
	{ "to_double", "number", 1, 1, false, false },
	{ "to_integer", "number", 1, 1, false, false },
	{ "to_long", "number", 1, 1, false, false },
	{ "to_string", "string", 1, 1, false, false },
};

struct arguments {
	struct esql_value value[MAX_ARGUMENTS];
	size_t count;
};

static void parse_arguments(struct esql_reader *reader, struct arguments *arguments)
{
	if (esql_take(reader, TOKEN_CLOSE))
		return;
	do {
		if (arguments->count == MAX_ARGUMENTS) {
			query_stop(&reader->query, reader->token.offset, "more than %d arguments",
				   MAX_ARGUMENTS);
			return;
		}
		arguments->value[arguments->count++] = esql_parse_sum(reader);
	} while (esql_take(reader, TOKEN_COMMA));
	if (!esql_take(reader, TOKEN_CLOSE))
		esql_expected(reader, "',' or ')'");
}

/* to_lower() of a string of the query is no use of it; of a value, it is what comparisons do. */
static void change_case(struct esql_reader *reader, struct arguments *arguments,
			enum esql_case letters, struct esql_value *value)
{
	struct esql_value *argument = &arguments->value[0];

	if (arguments->count != 1 ||
	    (argument->kind != ESQL_FIELD && argument->kind != ESQL_VALUE)) {
		query_stop(&reader->query, value->offset, "only a field's letters can be changed");
		return;
	}
	utstring_concat(&value->text, &argument->text);
	value->kind = ESQL_VALUE;
	value->letters = letters;
}

/* From a position that counts from 1 and a length to two positions that count from 0. */
static void append_substring(struct esql_reader *reader, struct arguments *arguments,
			     struct esql_value *value)
{
	long number[3] = { 0, 1, 0 };

	if (arguments->count < 2 || arguments->count > 3)
		query_stop(&reader->query, value->offset, "substring() has two or three arguments");
	for (size_t i = 1; i < arguments->count && !reader->query.stuck; i++) {
		struct span text = esql_text_of(&arguments->value[i]);

		if (arguments->value[i].kind == ESQL_LITERAL && query_is_number(text) &&
		    text.length < 7)
			number[i] = strtol(text.start, NULL, 10);
		else
			number[i] = 0;
		if (number[i] < 1)
			query_stop(&reader->query, arguments->value[i].offset,
				   "only positions from the start can be carried over");
	}
	if (reader->query.stuck || !esql_check_value(reader, &arguments->value[0]))
		return;
	utstring_printf(&value->text, "substring(");
	esql_append(&value->text, &arguments->value[0]);
	utstring_printf(&value->text, ", %ld", number[1] - 1);
	if (arguments->count == 3)
		utstring_printf(&value->text, ", %ld", number[1] - 1 + number[2]);
	utstring_printf(&value->text, ")");
}

static void append_call(struct esql_reader *reader, size_t index, struct arguments *arguments,
			struct esql_value *value)
{
	struct esql_value *first = &arguments->value[0];
	bool any_case;

	if (arguments->count < functions[index].least || arguments->count > functions[index].most) {
		query_stop(&reader->query, value->offset, "wrong number of arguments of %s()",
			   functions[index].name);
		return;
	}
	any_case = functions[index].has_any_case && first->letters != ESQL_AS_IS &&
		   esql_check_letters(reader, first, esql_text_of(&arguments->value[1]),
				      arguments->value[1].offset) &&
		   arguments->value[1].kind == ESQL_STRING;
	if (any_case)
		first->letters = ESQL_AS_IS;
	utstring_printf(&value->text, "%s%s(", functions[index].ours, any_case ? "~" : "");
	for (size_t i = 0; i < arguments->count && esql_check_value(reader, &arguments->value[i]);
	     i++) {
		utstring_printf(&value->text, "%s", i ? ", " : "");
		esql_append(&value->text, &arguments->value[i]);
	}
	utstring_printf(&value->text, ")");
	value->kind = functions[index].is_condition ? ESQL_CONDITION : ESQL_VALUE;
}

static void call(struct esql_reader *reader, struct span name, struct arguments *arguments,
		 struct esql_value *value)
{
	char folded[20] = "";

	for (size_t i = 0; i < name.length && i < sizeof(folded) - 1; i++)
		folded[i] = ascii_lower(name.start[i]);
	if (!strcmp(folded, "to_lower")) {
		change_case(reader, arguments, ESQL_LOWER, value);
		return;
	}
	if (!strcmp(folded, "to_upper")) {
		change_case(reader, arguments, ESQL_UPPER, value);
		return;
	}
	if (!strcmp(folded, "substring")) {
		append_substring(reader, arguments, value);
		return;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!strcmp(folded, functions[i].name)) {
			append_call(reader, i, arguments, value);
			return;
		}
	}
}

static bool is_known(struct span name)
{
	static const char *const special[] = { "to_lower", "to_upper", "substring" };

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (name.length == strlen(functions[i].name) &&
		    !strncasecmp(name.start, functions[i].name, name.length))
			return true;
	}
	for (size_t i = 0; i < 3; i++) {
		if (name.length == strlen(special[i]) &&
		    !strncasecmp(name.start, special[i], name.length))
			return true;
	}
	return false;
}

static void parse_call(struct esql_reader *reader, struct span name, struct esql_value *value)
{
	struct arguments arguments = { .count = 0 };

	if (!is_known(name)) {
		query_stop(&reader->query, value->offset,
			   "the function %.*s() can't be carried over",
			   name.length < 40 ? (int)name.length : 40, name.start);
		return;
	}
	if (!query_enter(&reader->query, value->offset))
		return;
	parse_arguments(reader, &arguments);
	query_leave(&reader->query);
	if (!reader->query.stuck)
		call(reader, name, &arguments, value);
	for (size_t i = 0; i < arguments.count; i++)
		esql_value_done(&arguments.value[i]);
}

/* --- primaries --- */

static void substitute(struct esql_reader *reader, const struct esql_value *alias, struct span name,
		       struct esql_value *value)
{
	reader->substituted += utstring_len(&alias->text);
	if (alias->kind == ESQL_UNKNOWN)
		query_stop(&reader->query, value->offset,
			   "what EVAL makes of '%.*s' can't be carried over", (int)name.length,
			   name.start);
	else if (reader->substituted > ESQL_MAX_SUBSTITUTED)
		query_stop(&reader->query, value->offset, "the condition is too long");
	else
		utstring_concat(&value->text, &alias->text);
	value->kind = alias->kind;
	value->letters = alias->letters;
}

/* A name and what belongs to it. */
static void parse_name(struct esql_reader *reader, struct esql_value *value)
{
	struct token name = reader->token;
	const struct esql_value *alias = esql_find_alias(reader, name.text);

	esql_advance(reader);
	if (name.type == TOKEN_NAME && esql_take(reader, TOKEN_OPEN)) {
		parse_call(reader, name.text, value);
	} else if (alias) {
		substitute(reader, alias, name.text, value);
	} else {
		value->kind = ESQL_FIELD;
		query_check_field(&reader->query, name.offset, name.text);
		utstring_bincpy(&value->text, name.text.start, name.text.length);
	}
}

static bool at_keyword(const struct esql_reader *reader)
{
	static const char *const keywords[] = { "and",	"or",	 "not", "in",
						"like", "rlike", "is",	"by" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (esql_at_word(reader, keywords[i]))
			return true;
	}
	return false;
}

static void parse_parentheses(struct esql_reader *reader, struct esql_value *value)
{
	struct esql_value inner;

	if (!query_enter(&reader->query, reader->token.offset))
		return;
	esql_advance(reader);
	inner = esql_parse_or(reader);
	query_leave(&reader->query);
	if (!esql_take(reader, TOKEN_CLOSE))
		esql_expected(reader, "')'");
	if (inner.kind == ESQL_CONDITION || inner.kind == ESQL_VALUE) {
		utstring_printf(&value->text, "(");
		utstring_concat(&value->text, &inner.text);
		utstring_printf(&value->text, ")");
	} else {
		utstring_concat(&value->text, &inner.text);
	}
	value->kind = inner.kind;
	value->letters = inner.letters;
	esql_value_done(&inner);
}

void esql_parse_literal(struct esql_reader *reader, struct esql_value *value)
{
	static const char *const words[] = { "true", "false", "null" };

	value->kind = ESQL_LITERAL;
	for (size_t i = 0; i < 3; i++) {
		if (esql_take_word(reader, words[i])) {
			utstring_printf(&value->text, "%s", words[i]);
			return;
		}
	}
	if (esql_take(reader, TOKEN_MINUS))
		utstring_printf(&value->text, "-");
	if (!esql_at(reader, TOKEN_NUMBER)) {
		esql_expected(reader, "a value");
		return;
	}
	utstring_bincpy(&value->text, reader->token.text.start, reader->token.text.length);
	esql_advance(reader);
}

bool esql_at_literal(const struct esql_reader *reader)
{
	return esql_at(reader, TOKEN_NUMBER) || esql_at(reader, TOKEN_MINUS) ||
	       esql_at_word(reader, "true") || esql_at_word(reader, "false") ||
	       esql_at_word(reader, "null");
}

static struct esql_value parse_primary(struct esql_reader *reader)
{
	struct esql_value value = esql_value_here(reader, ESQL_VALUE);

	if (esql_at(reader, TOKEN_OPEN)) {
		parse_parentheses(reader, &value);
	} else if (esql_at(reader, TOKEN_STRING)) {
		value.kind = ESQL_STRING;
		utstring_concat(&value.text, &reader->lexer.string);
		esql_advance(reader);
	} else if (esql_at_literal(reader)) {
		esql_parse_literal(reader, &value);
	} else if (esql_at(reader, TOKEN_QUOTED) ||
		   (esql_at(reader, TOKEN_NAME) && !at_keyword(reader))) {
		parse_name(reader, &value);
	} else {
		esql_expected(reader, "a value");
	}
	return value;
}

/* --- arithmetics --- */

/* Appends " SIGN right" to `left`; both are values then. */
static void append_right(struct esql_reader *reader, struct esql_value *left, const char *sign,
			 struct esql_value *right)
{
	if (esql_check_value(reader, left) && esql_check_value(reader, right)) {
		if (left->kind == ESQL_STRING || right->kind == ESQL_STRING)
			query_stop(&reader->query, left->offset,
				   "strings can't be calculated with");
		utstring_printf(&left->text, " %s ", sign);
		esql_append(&left->text, right);
	}
	left->kind = ESQL_VALUE;
	left->is_bare = true;
	esql_value_done(right);
}

static struct esql_value parse_product(struct esql_reader *reader)
{
	struct esql_value left = parse_primary(reader);

	for (;;) {
		const char *sign;
		struct esql_value right;

		if (esql_take(reader, TOKEN_TIMES))
			sign = "*";
		else if (esql_take(reader, TOKEN_DIVIDE))
			sign = "/";
		else if (esql_take(reader, TOKEN_MODULO))
			sign = "%";
		else
			return left;
		right = parse_primary(reader);
		append_right(reader, &left, sign, &right);
	}
}

struct esql_value esql_parse_sum(struct esql_reader *reader)
{
	struct esql_value left = parse_product(reader);

	for (;;) {
		const char *sign;
		struct esql_value right;

		if (esql_take(reader, TOKEN_PLUS))
			sign = "+";
		else if (esql_take(reader, TOKEN_MINUS))
			sign = "-";
		else
			return left;
		right = parse_product(reader);
		append_right(reader, &left, sign, &right);
	}
}
