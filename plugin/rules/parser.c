/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/lexer.h"

/*
 * Recursive descent over
 *
 *	or         := and ("or" and)*
 *	and        := not ("and" not)*
 *	not        := "not" not | "(" or ")" | comparison
 *	comparison := operand [OPERATOR operand | ["not"] "in" ["~"] set | "like" ["~"] set | ":" set]
 *	set        := LIST | STRING | "(" (operand | LIST) ("," (operand | LIST))* ")"
 *	operand    := FIELD | STRING | NUMBER | "true" | "false" | "null"
 *
 * A name that is unknown or a comparison of different types is reported and read past, so that one run
 * finds them all; what cannot be read past ends the parse.
 */
struct parser {
	struct lexer lexer;
	struct token token; /* the next, not yet taken */
	const struct string_list *lists;
	parser_report report;
	void *user;
	unsigned int depth;
	bool stuck;    /* what follows can't be understood */
	bool mistaken; /* something was reported */
};

static struct condition *parse_or(struct parser *parser);

static void report(struct parser *parser, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void report(struct parser *parser, size_t offset, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	parser->mistaken = true;
	parser->report(parser->user, offset, message);
}

/* Reports that something else was expected at the next token, once. */
static void expect_else(struct parser *parser, const char *expected)
{
	const struct token *token = &parser->token;

	if (parser->stuck)
		return;
	parser->stuck = true;
	if (token->type == TOKEN_INVALID)
		report(parser, token->offset, "%s", token->error);
	else if (token->type == TOKEN_END)
		report(parser, token->offset, "expected %s, but the condition ends here", expected);
	else
		report(parser, token->offset, "expected %s before '%.*s'", expected,
		       (int)(token->text.length > 40 ? 40 : token->text.length), token->text.start);
}

static void advance(struct parser *parser)
{
	parser->token = lexer_next(&parser->lexer);
}

static bool at(const struct parser *parser, enum token_type type)
{
	return !parser->stuck && parser->token.type == type;
}

static bool at_word(const struct parser *parser, const char *word)
{
	return at(parser, TOKEN_NAME) && span_is(parser->token.text, word);
}

static bool take(struct parser *parser, enum token_type type)
{
	bool found = at(parser, type);

	if (found)
		advance(parser);
	return found;
}

static bool take_word(struct parser *parser, const char *word)
{
	bool found = at_word(parser, word);

	if (found)
		advance(parser);
	return found;
}

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

static struct span copy_text(struct span text)
{
	return (struct span){ mem_strndup(text.length ? text.start : "", text.length), text.length };
}

static void read_field(struct parser *parser, struct operand *operand)
{
	struct span name = parser->token.text;
	char buffer[128];
	const char *nearest;

	operand->type = OPERAND_FIELD;
	if (field_find(name, &operand->field))
		return;
	nearest = field_nearest(name, buffer, sizeof(buffer));
	report(parser, parser->token.offset, "unknown field '%.*s'%s%s%s", (int)name.length,
	       name.start, nearest ? "; did you mean '" : "", nearest ? nearest : "",
	       nearest ? "'?" : "");
	/* Stands in, so that the rest can be checked. */
	field_find(span_of("event.id"), &operand->field);
}

static const char *const keywords[] = { "and", "or", "not", "in", "like", "regex", "where" };

static bool is_keyword(struct span name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (span_is(name, keywords[i]))
			return true;
	}
	return false;
}

/* Reads a name, a string or a number into `operand`. */
static bool parse_operand(struct parser *parser, struct operand *operand)
{
	*operand = (struct operand){ .type = OPERAND_NULL };
	if (at(parser, TOKEN_STRING)) {
		operand->type = OPERAND_TEXT;
		operand->text = copy_text((struct span){ utstring_body(&parser->lexer.string),
							 utstring_len(&parser->lexer.string) });
	} else if (at(parser, TOKEN_NUMBER)) {
		operand->type = OPERAND_NUMBER;
		operand->number = parser->token.number;
	} else if (at_word(parser, "true") || at_word(parser, "false")) {
		operand->type = OPERAND_BOOLEAN;
		operand->truth = at_word(parser, "true");
	} else if (at(parser, TOKEN_NAME) && !is_keyword(parser->token.text)) {
		if (!at_word(parser, "null"))
			read_field(parser, operand);
	} else {
		expect_else(parser, "a field, a string or a number");
		return false;
	}
	advance(parser);
	return true;
}

static const char *type_name(enum operand_type type)
{
	switch (type) {
	case OPERAND_NUMBER:
		return "a number";
	case OPERAND_BOOLEAN:
		return "true or false";
	case OPERAND_NULL:
		return "null";
	default:
		return "a string";
	}
}

static void check_types(struct parser *parser, size_t offset, enum operand_type left,
			enum operand_type right)
{
	if (left != right)
		report(parser, offset, "%s can't be compared with %s", type_name(left),
		       type_name(right));
}

static void add_pattern(struct condition *condition, struct operand pattern)
{
	condition->pattern = mem_resize(condition->pattern, condition->patterns + 1,
					sizeof(*condition->pattern));
	condition->pattern[condition->patterns++] = pattern;
}

static void add_list(struct parser *parser, struct condition *condition)
{
	struct span name = parser->token.text;
	size_t offset = parser->token.offset;
	const struct string_list *list;

	advance(parser);
	HASH_FIND(hh, parser->lists, name.start, name.length, list);
	if (!list) {
		report(parser, offset, "there is no list '@%.*s'", (int)name.length, name.start);
		return;
	}
	check_types(parser, offset, condition_operand_type(&condition->left), OPERAND_TEXT);
	for (size_t i = 0; i < list->items; i++)
		add_pattern(condition, (struct operand){ .type = OPERAND_TEXT,
							 .text = copy_text(span_of(list->item[i])) });
}

static void add_literal(struct parser *parser, struct condition *condition)
{
	size_t offset = parser->token.offset;
	struct operand literal;

	if (!parse_operand(parser, &literal))
		return;
	if (literal.type != OPERAND_TEXT && literal.type != OPERAND_NUMBER)
		report(parser, offset, "a list holds strings or numbers only");
	else
		check_types(parser, offset, condition_operand_type(&condition->left), literal.type);
	add_pattern(condition, literal);
}

static void parse_set(struct parser *parser, struct condition *condition, bool must_be_list)
{
	if (at(parser, TOKEN_LIST)) {
		add_list(parser, condition);
		return;
	}
	if (!take(parser, TOKEN_OPEN)) {
		if (must_be_list || !at(parser, TOKEN_STRING))
			expect_else(parser, must_be_list ? "a list, @name or (...)," :
							   "a string or a list");
		else
			add_literal(parser, condition);
		return;
	}
	do {
		if (at(parser, TOKEN_LIST))
			add_list(parser, condition);
		else
			add_literal(parser, condition);
	} while (take(parser, TOKEN_COMMA));
	if (!take(parser, TOKEN_CLOSE))
		expect_else(parser, "',' or ')'");
}

static struct condition *parse_match(struct parser *parser, struct operand left, bool wildcards,
				     bool any_case)
{
	struct condition *condition = new_condition(CONDITION_MATCH);

	condition->left = left;
	condition->wildcards = wildcards;
	condition->any_case = any_case;
	if (wildcards)
		check_types(parser, parser->token.offset, condition_operand_type(&left), OPERAND_TEXT);
	parse_set(parser, condition, !wildcards);
	return condition;
}

static struct condition *compare_with_null(struct parser *parser, struct condition *condition,
					   size_t offset)
{
	if (condition->type != CONDITION_EQUAL)
		report(parser, offset, "null can only be compared with == and !=");
	if (condition->left.type == OPERAND_NULL) {
		struct operand swap = condition->left;

		condition->left = condition->right;
		condition->right = swap;
	}
	condition->type = CONDITION_NULL;
	return condition;
}

/* `left` is taken over; the operator is the next token. */
static struct condition *parse_ordering(struct parser *parser, struct operand left)
{
	static const enum condition_type types[] = {
		[TOKEN_EQUAL] = CONDITION_EQUAL,
		[TOKEN_UNEQUAL] = CONDITION_EQUAL,
		[TOKEN_LESS] = CONDITION_LESS,
		[TOKEN_LESS_EQUAL] = CONDITION_LESS_EQUAL,
		[TOKEN_GREATER] = CONDITION_LESS,
		[TOKEN_GREATER_EQUAL] = CONDITION_LESS_EQUAL,
	};
	struct token comparison = parser->token;
	struct condition *condition = new_condition(types[comparison.type]);
	struct operand right;

	advance(parser);
	condition->left = left;
	if (!parse_operand(parser, &right))
		return condition;
	condition->right = right;
	if (comparison.type == TOKEN_GREATER || comparison.type == TOKEN_GREATER_EQUAL) {
		condition->left = right;
		condition->right = left;
	}
	if (left.type == OPERAND_NULL || right.type == OPERAND_NULL)
		condition = compare_with_null(parser, condition, comparison.offset);
	else
		check_types(parser, comparison.offset, condition_operand_type(&left), condition_operand_type(&right));
	return comparison.type == TOKEN_UNEQUAL ? negate(condition) : condition;
}

static struct condition *truth_of(struct parser *parser, struct operand left, size_t offset)
{
	struct condition *condition = new_condition(CONDITION_TRUTH);

	condition->left = left;
	if (condition_operand_type(&left) != OPERAND_BOOLEAN)
		report(parser, offset, "%s is not true or false; compare it with something",
		       type_name(condition_operand_type(&left)));
	return condition;
}

static bool at_ordering(const struct parser *parser)
{
	return !parser->stuck && parser->token.type >= TOKEN_EQUAL &&
	       parser->token.type <= TOKEN_GREATER_EQUAL;
}

static struct condition *parse_comparison(struct parser *parser)
{
	size_t offset = parser->token.offset;
	struct operand left;

	if (!parse_operand(parser, &left))
		return NULL;
	if (at_ordering(parser))
		return parse_ordering(parser, left);
	if (take(parser, TOKEN_COLON))
		return parse_match(parser, left, true, true);
	if (take_word(parser, "like"))
		return parse_match(parser, left, true, take(parser, TOKEN_TILDE));
	if (take_word(parser, "in"))
		return parse_match(parser, left, false, take(parser, TOKEN_TILDE));
	if (take_word(parser, "not")) {
		if (take_word(parser, "in"))
			return negate(parse_match(parser, left, false, take(parser, TOKEN_TILDE)));
		expect_else(parser, "'in' behind 'not'");
	}
	return truth_of(parser, left, offset);
}

static struct condition *parse_not(struct parser *parser)
{
	struct condition *inner;

	if (parser->depth >= PARSER_MAX_DEPTH) {
		expect_else(parser, "fewer parentheses and nots inside each other");
		return NULL;
	}
	if (take_word(parser, "not")) {
		parser->depth++;
		inner = parse_not(parser);
		parser->depth--;
		return inner ? negate(inner) : NULL;
	}
	if (take(parser, TOKEN_OPEN)) {
		parser->depth++;
		inner = parse_or(parser);
		parser->depth--;
		if (!take(parser, TOKEN_CLOSE))
			expect_else(parser, "'and', 'or' or ')'");
		return inner;
	}
	return parse_comparison(parser);
}

/* One or more of what `parse_member` reads, with `word` between. */
static struct condition *parse_chain(struct parser *parser, const char *word,
				     enum condition_type type,
				     struct condition *(*parse_member)(struct parser *))
{
	struct condition *first = parse_member(parser);
	struct condition *chain, *member;

	if (!at_word(parser, word))
		return first;
	chain = new_condition(type);
	if (first)
		add_member(chain, first);
	while (take_word(parser, word)) {
		member = parse_member(parser);
		if (member)
			add_member(chain, member);
	}
	return chain;
}

static struct condition *parse_and(struct parser *parser)
{
	return parse_chain(parser, "and", CONDITION_AND, parse_not);
}

static struct condition *parse_or(struct parser *parser)
{
	return parse_chain(parser, "or", CONDITION_OR, parse_and);
}

struct condition *parser_parse(struct span text, const struct string_list *lists,
			       parser_report report_mistake, void *user)
{
	struct parser parser = { .lists = lists, .report = report_mistake, .user = user };
	struct condition *condition;

	lexer_init(&parser.lexer, text);
	advance(&parser);
	condition = parse_or(&parser);
	if (!at(&parser, TOKEN_END))
		expect_else(&parser, "'and', 'or' or the end");
	lexer_free(&parser.lexer);
	if (!parser.mistaken)
		return condition;
	condition_free(condition);
	return NULL;
}
