/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	sum     := product (("+" | "-") product)*
 *	product := unary (("*" | "/" | "%") unary)*
 *	unary   := ("-" | "+") unary | primary
 *	primary := "(" or ")" | FUNCTION ["~"] "(" [sum ("," sum)*] ")" | ["?"] FIELD
 *	         | STRING | NUMBER | "true" | "false" | "null"
 *
 * A parenthesis can hold a condition, and then is one: so these give what was parsed, either of the two.
 */
#include <stdlib.h>

#include "process/ecs.h"
#include "rules/function.h"
#include "rules/reader.h"
#include "rules/regex.h"

static struct expression *new_expression(enum expression_type type)
{
	struct expression *expression = mem_zalloc(sizeof(*expression));

	expression->type = type;
	return expression;
}

static void add_argument(struct expression *call, struct expression *argument)
{
	call->argument = mem_resize(call->argument, call->arguments + 1, sizeof(*call->argument));
	call->argument[call->arguments++] = argument;
	if (call->depth <= argument->depth)
		call->depth = argument->depth + 1;
}

static void report_unknown_field(struct reader *reader, size_t offset, struct span name)
{
	char buffer[128];
	const char *nearest = field_nearest(name, buffer, sizeof(buffer));

	reader_report(reader, offset, "unknown field '%.*s'%s%s%s%s", (int)name.length, name.start,
		      nearest ? "; did you mean '" : "", nearest ? nearest : "",
		      nearest ? "'?" : "", reader_hint(name));
}

static struct expression *parse_field(struct reader *reader, struct span name, size_t offset,
				      bool optional)
{
	struct expression *expression = new_expression(EXPRESSION_FIELD);

	if (field_find(name, &expression->field))
		return expression;
	/* Stands in after a mistake too, so that the rest can be checked. */
	expression->type = EXPRESSION_ABSENT;
	expression->text = reader_copy(name);
	if (!optional && ecs_has_field(name))
		reader_warn(reader, offset, "no event has '%.*s': audit records do not tell it",
			    (int)name.length, name.start);
	else if (!optional)
		report_unknown_field(reader, offset, name);
	return expression;
}

/* match() takes its patterns literally, so that they are compiled once. */
static void compile_patterns(struct reader *reader, struct expression *call, size_t offset)
{
	call->regex = mem_zalloc(call->arguments * sizeof(struct regex *));
	for (size_t i = 1; i < call->arguments; i++) {
		char error[128];
		size_t at;

		if (call->argument[i]->type != EXPRESSION_TEXT) {
			reader_report(reader, offset, "the patterns of match() must be strings");
			continue;
		}
		call->regex[i - 1] = regex_new(call->argument[i]->text, call->any_case, error,
					       sizeof(error), &at);
		if (!call->regex[i - 1])
			reader_report(reader, offset,
				      "pattern %zu of match(), character %zu: %s", i, at + 1, error);
	}
}

/* A block that is none would match nothing in silence; a good one has its own address in it. */
static void check_blocks(struct reader *reader, const struct expression *call, size_t offset)
{
	for (size_t i = 1; i < call->arguments; i++) {
		struct span block = call->argument[i]->text;
		struct span base = block;
		const char *slash = block.length ? memchr(block.start, '/', block.length) : NULL;

		if (call->argument[i]->type != EXPRESSION_TEXT)
			continue;
		if (slash)
			base.length = (size_t)(slash - block.start);
		if (!function_cidr_match(base, block))
			reader_warn(reader, offset, "argument %zu of cidrMatch(), '%.*s', is no address block",
				    i + 1, (int)block.length, block.start);
	}
}

static void report_arguments(struct reader *reader, size_t offset,
			     const struct function *function, size_t given)
{
	if (function->least == function->most)
		reader_report(reader, offset, "%s() takes %zu arguments, not %zu", function->name,
			      function->least, given);
	else
		reader_report(reader, offset, "%s() takes %zu to %zu arguments, not %zu",
			      function->name, function->least, function->most, given);
}

static void check_call(struct reader *reader, struct expression *call, size_t offset)
{
	static const enum expression_kind kinds[] = {
		[ARGUMENT_TEXT] = KIND_TEXT,
		[ARGUMENT_NUMBER] = KIND_NUMBER,
		[ARGUMENT_BOOLEAN] = KIND_BOOLEAN,
		[ARGUMENT_ANY] = KIND_ANY,
	};
	const struct function *function = call->function;

	/* Whoever evaluates it must go as deep: operators one after the other nest those before. */
	if (call->depth > PARSER_MAX_DEPTH)
		reader_expect_else(reader, "fewer operators and functions inside each other");
	if (call->any_case && !function->has_any_case)
		reader_report(reader, offset, "%s() has no form with ~", function->name);
	if (call->arguments < function->least || call->arguments > function->most) {
		report_arguments(reader, offset, function, call->arguments);
		return;
	}
	for (size_t i = 0; i < call->arguments; i++) {
		enum expression_kind is = expression_kind(call->argument[i]);
		enum expression_kind wanted = kinds[function_argument(function, i)];

		if (is != wanted && is != KIND_NULL && is != KIND_ANY && wanted != KIND_ANY)
			reader_report(reader, offset, "argument %zu of %s() must be %s, not %s",
				      i + 1, function->name, reader_kind_name(wanted),
				      reader_kind_name(is));
	}
	if (!strcmp(function->name, "match"))
		compile_patterns(reader, call, offset);
	if (!strcmp(function->name, "cidrMatch"))
		check_blocks(reader, call, offset);
}

/* The expression that was parsed; a condition in its place is reported. Takes `parsed` over. */
static struct expression *as_expression(struct reader *reader, struct parsed parsed)
{
	if (parsed.condition)
		reader_report(reader, parsed.offset, "a condition stands where a value is needed");
	condition_free(parsed.condition);
	return parsed.expression ? parsed.expression : new_expression(EXPRESSION_ABSENT);
}

static void report_unknown_function(struct reader *reader, size_t offset, struct span name)
{
	const struct function *meant = function_find_any_case(name);

	reader_report(reader, offset, "there is no function '%.*s'%s%s%s", (int)name.length,
		      name.start, meant ? "; did you mean '" : "", meant ? meant->name : "",
		      meant ? "'?" : "");
}

static struct expression *parse_call(struct reader *reader, struct span name, size_t offset)
{
	struct expression *call = new_expression(EXPRESSION_CALL);

	call->function = function_find(name);
	call->any_case = reader_take(reader, TOKEN_TILDE);
	if (!reader_take(reader, TOKEN_OPEN))
		reader_expect_else(reader, "'('");
	while (!reader_at(reader, TOKEN_CLOSE) && !reader->stuck && reader_enter(reader)) {
		add_argument(call, as_expression(reader, expression_parse(reader)));
		reader_leave(reader);
		if (!reader_take(reader, TOKEN_COMMA))
			break;
	}
	if (!reader_take(reader, TOKEN_CLOSE))
		reader_expect_else(reader, "',' or ')'");
	if (!call->function)
		report_unknown_function(reader, offset, name);
	else if (!reader->stuck)
		check_call(reader, call, offset);
	if (call->function && !reader->mistaken)
		return call;
	expression_free(call);
	return new_expression(EXPRESSION_ABSENT);
}

static struct expression *parse_name(struct reader *reader)
{
	struct token token = reader->token;
	struct expression *expression;

	if (reader_at_word(reader, "true") || reader_at_word(reader, "false")) {
		expression = new_expression(EXPRESSION_BOOLEAN);
		expression->truth = reader_at_word(reader, "true");
		reader_advance(reader);
		return expression;
	}
	if (reader_take_word(reader, "null"))
		return new_expression(EXPRESSION_NULL);
	reader_advance(reader);
	if (token.type == TOKEN_NAME &&
	    (reader_at(reader, TOKEN_OPEN) || reader_at(reader, TOKEN_TILDE)))
		return parse_call(reader, token.text, token.offset);
	return parse_field(reader, token.text, token.offset, false);
}

static struct expression *parse_optional(struct reader *reader)
{
	struct token token = reader->token;

	if (!reader_at(reader, TOKEN_NAME) && !reader_at(reader, TOKEN_QUOTED)) {
		reader_expect_else(reader, "a field behind '?'");
		return NULL;
	}
	reader_advance(reader);
	return parse_field(reader, token.text, token.offset, true);
}

/* 4.0 or 4e0 instead of 4, or too large for a double to tell whole numbers apart. */
static bool is_fraction(const struct token *token)
{
	for (size_t i = 0; i < token->text.length; i++) {
		if (strchr(".eE", token->text.start[i]))
			return true;
	}
	return token->number >= 1e15;
}

static struct expression *parse_literal(struct reader *reader)
{
	struct expression *expression;

	if (reader_at(reader, TOKEN_STRING)) {
		expression = new_expression(EXPRESSION_TEXT);
		expression->text = reader_string(reader);
	} else {
		expression = new_expression(EXPRESSION_NUMBER);
		expression->number = reader->token.number;
		expression->fraction = is_fraction(&reader->token);
	}
	reader_advance(reader);
	return expression;
}

static struct parsed parse_primary(struct reader *reader)
{
	struct parsed parsed = { .offset = reader->token.offset };

	if (reader_at(reader, TOKEN_OPEN) && reader_enter(reader)) {
		reader_advance(reader);
		parsed = parser_or(reader);
		if (!reader_take(reader, TOKEN_CLOSE))
			reader_expect_else(reader, "'and', 'or' or ')'");
		reader_leave(reader);
	} else if (reader_at(reader, TOKEN_STRING) || reader_at(reader, TOKEN_NUMBER)) {
		parsed.expression = parse_literal(reader);
	} else if (reader_take(reader, TOKEN_OPTIONAL)) {
		parsed.expression = parse_optional(reader);
	} else if (reader_at(reader, TOKEN_QUOTED) ||
		   (reader_at(reader, TOKEN_NAME) && !reader_is_keyword(reader->token.text))) {
		parsed.expression = parse_name(reader);
	} else {
		reader_expect_else(reader, "a field, a string or a number");
	}
	return parsed;
}

static struct expression *number_of(double number)
{
	struct expression *expression = new_expression(EXPRESSION_NUMBER);

	expression->number = number;
	return expression;
}

/* `left` OPERATOR `right`, as the call of the function that does the same; both are taken over. */
static struct parsed combine(struct reader *reader, const char *function, struct parsed left,
			     struct parsed right)
{
	struct parsed parsed = { .offset = left.offset };
	struct expression *call = new_expression(EXPRESSION_CALL);

	call->function = function_find(span_of(function));
	add_argument(call, as_expression(reader, left));
	add_argument(call, as_expression(reader, right));
	check_call(reader, call, parsed.offset);
	parsed.expression = call;
	return parsed;
}

static struct parsed parse_unary(struct reader *reader)
{
	struct parsed parsed = { .offset = reader->token.offset };
	bool minus = reader_at(reader, TOKEN_MINUS);

	if (!minus && !reader_at(reader, TOKEN_PLUS))
		return parse_primary(reader);
	if (!reader_enter(reader))
		return parsed;
	reader_advance(reader);
	parsed = parse_unary(reader);
	reader_leave(reader);
	if (parsed.expression && parsed.expression->type == EXPRESSION_NUMBER) {
		if (minus)
			parsed.expression->number = -parsed.expression->number;
		return parsed;
	}
	return combine(reader, minus ? "subtract" : "add",
		       (struct parsed){ .expression = number_of(0), .offset = parsed.offset }, parsed);
}

struct operator_of {
	enum token_type token;
	const char *function;
};

/* One or more of what `parse_member` reads, with any of `operators` between, from the left. */
static struct parsed parse_chain(struct reader *reader, const struct operator_of *operators,
				 size_t count, struct parsed (*parse_member)(struct reader *))
{
	struct parsed parsed = parse_member(reader);
	size_t i = 0;

	while (i < count) {
		if (!reader_take(reader, operators[i].token)) {
			i++;
			continue;
		}
		parsed = combine(reader, operators[i].function, parsed, parse_member(reader));
		i = 0;
	}
	return parsed;
}

static struct parsed parse_product(struct reader *reader)
{
	static const struct operator_of operators[] = {
		{ TOKEN_TIMES, "multiply" },
		{ TOKEN_DIVIDE, "divide" },
		{ TOKEN_MODULO, "modulo" },
	};

	return parse_chain(reader, operators, 3, parse_unary);
}

struct parsed expression_parse(struct reader *reader)
{
	static const struct operator_of operators[] = {
		{ TOKEN_PLUS, "add" },
		{ TOKEN_MINUS, "subtract" },
	};

	return parse_chain(reader, operators, 2, parse_product);
}
