/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	query      := [CATEGORY "where"] or
 *	or         := and ("or" and)*
 *	and        := not ("and" not)*
 *	not        := "not" not | comparison
 *	comparison := sum [OPERATOR sum | ["not"] "in" ["~"] set | "like" ["~"] set | "regex" ["~"] set
 *	            | ":" set]
 *	set        := LIST | STRING | "(" (literal | LIST) ("," (literal | LIST))* [","] ")"
 *
 * Recursive descent. A name that is unknown or a comparison of different kinds is reported and read past,
 * so that one run finds them all; what cannot be read past ends the parse.
 */
#include "rules/parser.h"

#include <stdlib.h>

#include "rules/reader.h"
#include "rules/regex.h"

static struct condition *new_condition(enum condition_type type)
{
	struct condition *condition = mem_zalloc(sizeof(*condition));

	condition->type = type;
	return condition;
}

static void add_member(struct condition *condition, struct condition *member)
{
	condition->member = mem_resize(condition->member, condition->members + 1,
				       sizeof(*condition->member));
	condition->member[condition->members++] = member;
}

static struct condition *negate(struct condition *condition)
{
	struct condition *negation = new_condition(CONDITION_NOT);

	add_member(negation, condition);
	return negation;
}

/* Can a condition end before the next token? If not, that is the mistake. */
static bool ends_here(const struct reader *reader)
{
	return reader_at(reader, TOKEN_END) || reader_at(reader, TOKEN_CLOSE) ||
	       reader_at(reader, TOKEN_PIPE) || reader_at_word(reader, "and") ||
	       reader_at_word(reader, "or");
}

/* The condition that was parsed; a value in its place must be true or false. */
static struct condition *as_condition(struct reader *reader, struct parsed parsed)
{
	struct condition *condition;
	enum expression_kind kind;

	if (!parsed.expression)
		return parsed.condition;
	kind = expression_kind(parsed.expression);
	if (kind != KIND_BOOLEAN && kind != KIND_ANY && ends_here(reader))
		reader_report(reader, parsed.offset,
			      "%s is not true or false; compare it with something",
			      reader_kind_name(kind));
	condition = new_condition(CONDITION_TRUTH);
	condition->left = parsed.expression;
	return condition;
}

static struct condition_item *add_item(struct condition *condition)
{
	condition->item =
		mem_resize(condition->item, condition->items + 1, sizeof(*condition->item));
	condition->item[condition->items] = (struct condition_item){ 0 };
	return &condition->item[condition->items++];
}

static void add_text(struct reader *reader, struct condition *condition, struct span text,
		     size_t offset)
{
	struct condition_item *item = add_item(condition);
	char error[128];
	size_t at;

	item->text = text;
	if (condition->type != CONDITION_REGEX)
		return;
	item->regex = regex_new(text, condition->any_case, error, sizeof(error), &at);
	if (!item->regex)
		reader_report(reader, offset, "character %zu of the regular expression: %s", at + 1,
			      error);
}

static void add_list(struct reader *reader, struct condition *condition)
{
	struct token name = reader->token;
	const struct string_list *list;

	reader_advance(reader);
	HASH_FIND(hh, reader->lists, name.text.start, name.text.length, list);
	if (!list) {
		reader_report(reader, name.offset, "there is no list '@%.*s'",
			      (int)name.text.length, name.text.start);
		return;
	}
	reader_check_kinds(reader, name.offset, expression_kind(condition->left), KIND_TEXT);
	for (size_t i = 0; i < list->items; i++)
		add_text(reader, condition, reader_copy(span_of(list->item[i])), name.offset);
}

static void add_number(struct reader *reader, struct condition *condition)
{
	size_t offset = reader->token.offset;
	bool minus = reader_take(reader, TOKEN_MINUS);

	if (!reader_at(reader, TOKEN_NUMBER)) {
		reader_expect_else(reader, "a number");
		return;
	}
	reader_check_kinds(reader, offset, expression_kind(condition->left), KIND_NUMBER);
	add_item(condition)->number = minus ? -reader->token.number : reader->token.number;
	reader_advance(reader);
}

static void add_member_of_set(struct reader *reader, struct condition *condition)
{
	size_t offset = reader->token.offset;
	bool numbers = condition->type == CONDITION_IN;
	struct span text;

	if (reader_at(reader, TOKEN_LIST)) {
		add_list(reader, condition);
	} else if (reader_at(reader, TOKEN_STRING)) {
		text = reader_string(reader);
		reader_advance(reader);
		reader_check_kinds(reader, offset, expression_kind(condition->left), KIND_TEXT);
		add_text(reader, condition, text, offset);
	} else if (numbers &&
		   (reader_at(reader, TOKEN_NUMBER) || reader_at(reader, TOKEN_MINUS))) {
		add_number(reader, condition);
	} else {
		reader_expect_else(reader, numbers ? "a string, a number or @list" :
						     "a string or @list");
	}
}

static void parse_set(struct reader *reader, struct condition *condition)
{
	if (reader_at(reader, TOKEN_LIST) ||
	    (condition->type != CONDITION_IN && reader_at(reader, TOKEN_STRING))) {
		add_member_of_set(reader, condition);
		return;
	}
	if (!reader_take(reader, TOKEN_OPEN)) {
		reader_expect_else(reader, condition->type == CONDITION_IN ?
						   "a list, @name or (...)" :
						   "a string or a list");
		return;
	}
	do {
		add_member_of_set(reader, condition);
	} while (reader_take(reader, TOKEN_COMMA) && !reader_at(reader, TOKEN_CLOSE));
	if (!reader_take(reader, TOKEN_CLOSE))
		reader_expect_else(reader, "',' or ')'");
}

/* `left` is taken over; what follows the operator is next. */
static struct condition *parse_match(struct reader *reader, struct expression *left,
				     enum condition_type type, bool any_case)
{
	struct condition *condition = new_condition(type);

	condition->left = left;
	condition->any_case = any_case;
	parse_set(reader, condition);
	return condition;
}

/* The value that was parsed; a condition in its place is reported. */
static struct expression *as_value(struct reader *reader, struct parsed parsed)
{
	struct expression *nothing;

	if (parsed.expression)
		return parsed.expression;
	if (parsed.condition)
		reader_report(reader, parsed.offset, "a condition can't be compared");
	condition_free(parsed.condition);
	nothing = mem_zalloc(sizeof(*nothing));
	nothing->type = EXPRESSION_ABSENT;
	return nothing;
}

static void swap_sides(struct condition *condition)
{
	struct expression *left = condition->left;

	condition->left = condition->right;
	condition->right = left;
}

static void compare_with_null(struct reader *reader, struct condition *condition, size_t offset)
{
	if (condition->type != CONDITION_EQUAL)
		reader_report(reader, offset, "null can only be compared with == and !=");
	if (condition->left->type == EXPRESSION_NULL)
		swap_sides(condition);
	condition->type = CONDITION_NULL;
}

/* `left` is taken over; the operator is the next token. */
static struct condition *parse_ordering(struct reader *reader, struct expression *left)
{
	static const enum condition_type types[] = {
		[TOKEN_EQUAL] = CONDITION_EQUAL,
		[TOKEN_UNEQUAL] = CONDITION_EQUAL,
		[TOKEN_LESS] = CONDITION_LESS,
		[TOKEN_LESS_EQUAL] = CONDITION_LESS_EQUAL,
		[TOKEN_GREATER] = CONDITION_LESS,
		[TOKEN_GREATER_EQUAL] = CONDITION_LESS_EQUAL,
	};
	struct token comparison = reader->token;
	struct condition *condition = new_condition(types[comparison.type]);

	reader_advance(reader);
	condition->left = left;
	condition->right = as_value(reader, expression_parse(reader));
	if (expression_kind(left) == KIND_NULL || expression_kind(condition->right) == KIND_NULL)
		compare_with_null(reader, condition, comparison.offset);
	else
		reader_check_kinds(reader, comparison.offset, expression_kind(left),
				   expression_kind(condition->right));
	if (comparison.type == TOKEN_GREATER || comparison.type == TOKEN_GREATER_EQUAL)
		swap_sides(condition);
	return comparison.type == TOKEN_UNEQUAL ? negate(condition) : condition;
}

static bool at_ordering(const struct reader *reader)
{
	return !reader->stuck && reader->token.type >= TOKEN_EQUAL &&
	       reader->token.type <= TOKEN_GREATER_EQUAL;
}

static bool at_match(const struct reader *reader)
{
	return reader_at(reader, TOKEN_COLON) || reader_at_word(reader, "like") ||
	       reader_at_word(reader, "regex") || reader_at_word(reader, "in") ||
	       reader_at_word(reader, "not");
}

/* `left` is taken over; the operator is next, one of those of at_match(). */
static struct condition *parse_operator(struct reader *reader, struct expression *left)
{
	bool negated = reader_take_word(reader, "not");
	struct condition *condition;

	if (reader_take_word(reader, "in")) {
		condition = parse_match(reader, left, CONDITION_IN,
					reader_take(reader, TOKEN_TILDE));
		return negated ? negate(condition) : condition;
	}
	if (negated)
		reader_expect_else(reader, "'in' behind 'not'");
	if (reader_take(reader, TOKEN_COLON))
		return parse_match(reader, left, CONDITION_WILDCARD, true);
	if (reader_take_word(reader, "like"))
		return parse_match(reader, left, CONDITION_WILDCARD,
				   reader_take(reader, TOKEN_TILDE));
	reader_take_word(reader, "regex");
	return parse_match(reader, left, CONDITION_REGEX, reader_take(reader, TOKEN_TILDE));
}

static struct parsed parse_comparison(struct reader *reader)
{
	struct parsed parsed = expression_parse(reader);

	if (at_ordering(reader))
		parsed.condition = parse_ordering(reader, as_value(reader, parsed));
	else if (at_match(reader))
		parsed.condition = parse_operator(reader, as_value(reader, parsed));
	else
		return parsed;
	parsed.expression = NULL;
	return parsed;
}

static struct parsed parse_not(struct reader *reader)
{
	struct parsed parsed = { .offset = reader->token.offset };

	if (!reader_at_word(reader, "not"))
		return parse_comparison(reader);
	if (!reader_enter(reader))
		return parsed;
	reader_advance(reader);
	parsed.condition = as_condition(reader, parse_not(reader));
	reader_leave(reader);
	if (parsed.condition)
		parsed.condition = negate(parsed.condition);
	return parsed;
}

/* One or more of what `parse_member` reads, with `word` between. */
static struct parsed parse_chain(struct reader *reader, const char *word, enum condition_type type,
				 struct parsed (*parse_member)(struct reader *))
{
	struct parsed first = parse_member(reader);
	struct parsed chain = { .offset = first.offset };

	if (!reader_at_word(reader, word))
		return first;
	chain.condition = new_condition(type);
	do {
		struct condition *member = as_condition(reader, first);

		if (member)
			add_member(chain.condition, member);
		first = (struct parsed){ 0 };
		if (reader_take_word(reader, word))
			first = parse_member(reader);
	} while (first.condition || first.expression);
	return chain;
}

static struct parsed parse_and(struct reader *reader)
{
	return parse_chain(reader, "and", CONDITION_AND, parse_not);
}

struct parsed parser_or(struct reader *reader)
{
	return parse_chain(reader, "or", CONDITION_OR, parse_and);
}

static bool is_any(struct span text, const char *const *words)
{
	for (; *words; words++) {
		if (span_is(text, *words))
			return true;
	}
	return false;
}

/* Reads "process where" and the like, if the text begins so; refuses what is about other than one process
 * event. */
static void parse_head(struct reader *reader)
{
	static const char *const several[] = { "sequence", "sample", "join", NULL };
	static const char *const ours[] = { "process", "any", NULL };
	struct token first = reader->token;
	struct span name = first.text;

	if (first.type == TOKEN_NAME && is_any(name, several)) {
		reader_report(reader, first.offset,
			      "'%.*s' is about several events; auspawn judges one process event at a time",
			      (int)name.length, name.start);
		reader->stuck = true;
		return;
	}
	if (first.type == TOKEN_STRING)
		name = (struct span){ name.start + 1, name.length - 2 };
	if (first.type != TOKEN_NAME && first.type != TOKEN_STRING)
		return;
	reader_advance(reader);
	if (reader_take_word(reader, "where")) {
		if (!is_any(name, ours))
			reader_report(reader, first.offset,
				      "'%.*s where': auspawn judges process events only",
				      (int)name.length, name.start);
		return;
	}
	reader->lexer.offset = first.offset;
	reader_advance(reader);
}

struct condition *parser_parse(struct span text, const struct string_list *lists,
			       parser_report report, void *user)
{
	struct reader reader;
	struct condition *condition;

	reader_init(&reader, text, lists, report, user);
	parse_head(&reader);
	condition = as_condition(&reader, parser_or(&reader));
	if (reader_at(&reader, TOKEN_PIPE)) {
		reader_report(&reader, reader.token.offset,
			      "pipes work on many events; auspawn judges one process event at a time");
		reader.stuck = true;
	}
	if (!reader_at(&reader, TOKEN_END))
		reader_expect_else(&reader, "'and', 'or' or the end");
	reader_free(&reader);
	if (!reader.mistaken)
		return condition;
	condition_free(condition);
	return NULL;
}
