/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	or         := and ("or" and)*
 *	and        := not ("and" not)*
 *	not        := "not" not | comparison
 *	comparison := sum [OPERATOR sum | ["not"] "in" "(" literal ("," literal)* ")"
 *	            | ["not"] ("like" | "rlike") patterns | "is" ["not"] "null"]
 *
 * The two languages bind alike, so parentheses go over as they are.
 */
#include "import/esql_reader.h"

#include <string.h>

#include "import/lucene.h"

/* --- comparisons --- */

/* In a pattern a backslash makes a wildcard itself. */
static void read_pattern(struct span text, bool wildcards, struct pattern *pattern)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.start[i];
		bool escape = wildcards && c == '\\' && i + 1 < text.length &&
			      strchr("*?\\", text.start[i + 1]);

		if (escape)
			c = text.start[++i];
		pattern_add(pattern, c, wildcards && !escape && (c == '*' || c == '?'));
	}
}

enum match { MATCH_IN, MATCH_LIKE, MATCH_RLIKE };

static void add_member(struct esql_reader *reader, const struct esql_value *left, enum match match,
		       struct choice *choice)
{
	struct esql_value member = esql_value_here(reader, ESQL_STRING);
	struct span text;
	struct pattern pattern;
	UT_string regex;

	if (esql_at(reader, TOKEN_STRING)) {
		utstring_concat(&member.text, &reader->lexer.string);
		esql_advance(reader);
	} else if (match == MATCH_IN && esql_at_literal(reader)) {
		esql_parse_literal(reader, &member);
	} else {
		esql_expected(reader, match == MATCH_IN ? "a string or a number" : "a string");
	}
	text = esql_text_of(&member);
	pattern_init(&pattern);
	if (member.kind == ESQL_LITERAL) {
		choice_add_bare(choice, text);
	} else if (match == MATCH_RLIKE) {
		utstring_init(&regex);
		lucene_translate(&reader->query, member.offset, text, &regex);
		choice_add_regex(choice, (struct span){ utstring_body(&regex), utstring_len(&regex) });
		utstring_done(&regex);
	} else if (esql_check_letters(reader, left, text, member.offset)) {
		read_pattern(text, match == MATCH_LIKE, &pattern);
		choice_add(choice, &pattern);
	}
	pattern_done(&pattern);
	esql_value_done(&member);
}

static void parse_set(struct esql_reader *reader, struct esql_value *left, enum match match,
		      bool negated)
{
	struct choice choice;
	UT_string out;

	choice_init(&choice);
	if (esql_take(reader, TOKEN_OPEN)) {
		do {
			add_member(reader, left, match, &choice);
		} while (esql_take(reader, TOKEN_COMMA));
		if (!esql_take(reader, TOKEN_CLOSE))
			esql_expected(reader, "',' or ')'");
	} else if (match == MATCH_IN) {
		esql_expected(reader, "'('");
	} else {
		add_member(reader, left, match, &choice);
	}
	utstring_init(&out);
	utstring_printf(&out, "%s", negated ? "not " : "");
	choice_append(&choice, &out, esql_text_of(left), left->letters != ESQL_AS_IS);
	choice_done(&choice);
	utstring_done(&left->text);
	left->text = out;
	left->kind = ESQL_CONDITION;
	left->letters = ESQL_AS_IS;
}

static void parse_match(struct esql_reader *reader, struct esql_value *left)
{
	bool negated = esql_take_word(reader, "not");

	if (left->kind != ESQL_FIELD && left->kind != ESQL_VALUE)
		query_stop(&reader->query, left->offset,
			   "only a field's value can be looked for in a set");
	if (esql_take_word(reader, "in"))
		parse_set(reader, left, MATCH_IN, negated);
	else if (esql_take_word(reader, "like"))
		parse_set(reader, left, MATCH_LIKE, negated);
	else if (esql_take_word(reader, "rlike"))
		parse_set(reader, left, MATCH_RLIKE, negated);
	else
		esql_expected(reader, "'in', 'like' or 'rlike'");
}

static void parse_is_null(struct esql_reader *reader, struct esql_value *left)
{
	bool negated = esql_take_word(reader, "not");

	if (!esql_take_word(reader, "null"))
		esql_expected(reader, "'null'");
	left->letters = ESQL_AS_IS;
	if (esql_check_value(reader, left))
		utstring_printf(&left->text, negated ? " != null" : " == null");
	left->kind = ESQL_CONDITION;
}

/* "now() - 1 hour" behind "@timestamp >". */
static void parse_bound(struct esql_reader *reader, struct esql_value *left)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{ "s", 1000 },	      { "second", 1000 },    { "seconds", 1000 },
		{ "m", 60000 },	      { "min", 60000 },	     { "minute", 60000 },
		{ "minutes", 60000 }, { "h", 3600000 },	     { "hour", 3600000 },
		{ "hours", 3600000 }, { "d", 86400000 },     { "day", 86400000 },
		{ "days", 86400000 }, { "week", 604800000 }, { "weeks", 604800000 },
	};
	struct span number;
	int64_t count = 0;

	if (!reader->bound_allowed)
		query_stop(&reader->query, left->offset,
			   "a bound of time can only stand beside 'and's of a WHERE");
	if (!esql_take_word(reader, "now") || !esql_take(reader, TOKEN_OPEN) ||
	    !esql_take(reader, TOKEN_CLOSE) || !esql_take(reader, TOKEN_MINUS))
		esql_expected(reader, "'now() - ', a number and a unit of time");
	number = reader->token.text; /* the lexer does not take "1h" for a number */
	for (size_t i = 0; i < number.length && number.length < 7; i++)
		count = count * 10 + (number.start[i] - '0');
	if (!query_is_number(number) || number.length > 6 ||
	    memchr(number.start, '.', number.length) || count < 1)
		esql_expected(reader, "a number");
	esql_advance(reader);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (esql_take_word(reader, units[i].name)) {
			reader->window_ms = count * units[i].ms;
			reader->bound_seen = true;
			left->kind = ESQL_NOTHING;
			return;
		}
	}
	esql_expected(reader, "a unit of time");
}

/* Replaces `left` by how it compares with a string, whatever the case of letters. */
static void compare_caseless(struct esql_reader *reader, struct esql_value *left, bool unequal,
			     const struct esql_value *right)
{
	struct pattern pattern;
	struct choice choice;
	UT_string out;

	if (right->kind != ESQL_STRING ||
	    !esql_check_letters(reader, left, esql_text_of(right), right->offset)) {
		esql_check_value(reader, left);
		return;
	}
	pattern_init(&pattern);
	choice_init(&choice);
	read_pattern(esql_text_of(right), false, &pattern);
	choice_add(&choice, &pattern);
	utstring_init(&out);
	utstring_printf(&out, "%s", unequal ? "not " : "");
	choice_append(&choice, &out, esql_text_of(left), true);
	utstring_done(&left->text);
	left->text = out;
	choice_done(&choice);
	pattern_done(&pattern);
}

static void parse_ordering(struct esql_reader *reader, struct esql_value *left)
{
	struct token sign = reader->token;
	bool equality = sign.type == TOKEN_EQUAL || sign.type == TOKEN_UNEQUAL;
	struct esql_value right;
	UT_string out;

	esql_advance(reader);
	if (left->kind == ESQL_FIELD && span_is(esql_text_of(left), "@timestamp") &&
	    (sign.type == TOKEN_GREATER || sign.type == TOKEN_GREATER_EQUAL)) {
		parse_bound(reader, left);
		return;
	}
	right = esql_parse_sum(reader);
	if (equality && left->letters != ESQL_AS_IS) {
		compare_caseless(reader, left, sign.type == TOKEN_UNEQUAL, &right);
	} else if (esql_check_value(reader, left) && esql_check_value(reader, &right)) {
		utstring_init(&out);
		esql_append(&out, left);
		utstring_printf(&out, " %.*s ", (int)sign.text.length, sign.text.start);
		esql_append(&out, &right);
		utstring_done(&left->text);
		left->text = out;
	}
	left->kind = ESQL_CONDITION;
	left->letters = ESQL_AS_IS;
	esql_value_done(&right);
}

static struct esql_value parse_comparison(struct esql_reader *reader)
{
	struct esql_value left = esql_parse_sum(reader);

	if (reader->query.stuck)
		return left;
	if (reader->token.type >= TOKEN_EQUAL && reader->token.type <= TOKEN_GREATER_EQUAL)
		parse_ordering(reader, &left);
	else if (esql_at_word(reader, "not") || esql_at_word(reader, "in") ||
		 esql_at_word(reader, "like") || esql_at_word(reader, "rlike"))
		parse_match(reader, &left);
	else if (esql_take_word(reader, "is"))
		parse_is_null(reader, &left);
	else if (esql_at(reader, TOKEN_COLON))
		query_stop(&reader->query, reader->token.offset,
			   "a search with ':' can't be carried over");
	return left;
}

/* --- and, or, not --- */

/* Appends " WORD right" to `left`. A bound of time leaves nothing behind. */
static void join(struct esql_reader *reader, struct esql_value *left, const char *word,
		 struct esql_value *right)
{
	if (left->kind == ESQL_NOTHING) {
		struct esql_value nothing = *left;

		*left = *right;
		esql_value_done(&nothing);
		return;
	}
	if (right->kind != ESQL_NOTHING && esql_check_condition(reader, left) &&
	    esql_check_condition(reader, right)) {
		utstring_printf(&left->text, " %s ", word);
		utstring_concat(&left->text, &right->text);
		left->kind = ESQL_CONDITION;
	}
	esql_value_done(right);
}

static struct esql_value parse_not(struct esql_reader *reader)
{
	struct esql_value negated, value;
	bool allowed = reader->bound_allowed;

	if (!esql_at_word(reader, "not"))
		return parse_comparison(reader);
	negated = esql_value_here(reader, ESQL_CONDITION);
	esql_advance(reader);
	if (!query_enter(&reader->query, negated.offset))
		return negated;
	reader->bound_allowed = false;
	value = parse_not(reader);
	reader->bound_allowed = allowed;
	query_leave(&reader->query);
	esql_check_condition(reader, &value);
	utstring_printf(&negated.text, "not ");
	utstring_concat(&negated.text, &value.text);
	esql_value_done(&value);
	return negated;
}

static struct esql_value parse_and(struct esql_reader *reader)
{
	struct esql_value left = parse_not(reader);

	while (esql_take_word(reader, "and")) {
		struct esql_value right = parse_not(reader);

		join(reader, &left, "and", &right);
	}
	return left;
}

struct esql_value esql_parse_or(struct esql_reader *reader)
{
	bool allowed = reader->bound_allowed, seen = reader->bound_seen;
	struct esql_value left;

	reader->bound_seen = false;
	left = parse_and(reader);
	if (esql_at_word(reader, "or") && reader->bound_seen)
		query_stop(&reader->query, left.offset,
			   "a bound of time can only stand beside 'and's of a WHERE");
	while (esql_take_word(reader, "or")) {
		struct esql_value right;

		reader->bound_allowed = false;
		right = parse_and(reader);
		join(reader, &left, "or", &right);
		left.has_or = true;
	}
	reader->bound_allowed = allowed;
	reader->bound_seen |= seen;
	return left;
}

struct esql_value esql_parse_where(struct esql_reader *reader)
{
	struct esql_value value;

	reader->bound_allowed = true;
	value = esql_parse_or(reader);
	reader->bound_allowed = false;
	esql_check_condition(reader, &value);
	return value;
}
