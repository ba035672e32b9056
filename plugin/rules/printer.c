/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/printer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "rules/function.h"

#define MAX_FIELD_NAME 128

/* How tightly something binds; what binds more loosely than its place asks for needs parentheses. */
enum binding {
	BINDING_OR,
	BINDING_AND,
	BINDING_NOT,
	BINDING_SUM,
	BINDING_PRODUCT,
	BINDING_UNARY,
};

static const struct operator {
	const char *function;
	const char *text;
	enum binding binding;
} operators[] = {
	{ "add", " + ", BINDING_SUM },          { "subtract", " - ", BINDING_SUM },
	{ "multiply", " * ", BINDING_PRODUCT }, { "divide", " / ", BINDING_PRODUCT },
	{ "modulo", " % ", BINDING_PRODUCT },
};

static void put(UT_string *out, const char *text)
{
	utstring_bincpy(out, text, strlen(text));
}

/* --- expressions --- */
static const char *escape_of(char c)
{
	switch (c) {
	case '\n':
		return "\\n";
	case '\t':
		return "\\t";
	case '\r':
		return "\\r";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\\':
		return "\\\\";
	case '"':
		return "\\\"";
	default:
		return NULL;
	}
}

static void print_text(struct span text, UT_string *out)
{
	put(out, "\"");
	while (text.length) {
		const char *escape = escape_of(*text.start);
		uint32_t code = 0;
		size_t length = utf8_sequence(text, &code);

		if (escape)
			put(out, escape);
		else if (length && code && utf8_is_control(code))
			utstring_printf(out, "\\u{%02x}", code);
		else
			utstring_bincpy(out, text.start, length ? length : 1);
		text.start += length ? length : 1;
		text.length -= length ? length : 1;
	}
	put(out, "\"");
}

/* With as many digits as it takes to come back as the same number, and a point if it had one. */
static void print_number(double number, bool fraction, UT_string *out)
{
	char digits[64];

	/* A literal too large for a double reads as infinite. */
	if (isinf(number)) {
		put(out, number < 0 ? "-1e999" : "1e999");
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, number);
		if (strtod(digits, NULL) == number)
			break;
	}
	put(out, digits);
	if (fraction && fabs(number) < 1e15 && !strpbrk(digits, ".e"))
		put(out, ".0");
}

static bool is_plain_name(struct span name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char digits[] = "0123456789.";

	for (size_t i = 0; i < name.length; i++) {
		char c = name.start[i];

		if (!c || (!strchr(letters, c) && (!i || !strchr(digits, c))))
			return false;
	}
	return name.length > 0;
}

static void print_absent(struct span name, UT_string *out)
{
	const char *quote = is_plain_name(name) ? "" : "`";

	put(out, "?");
	put(out, quote);
	if (name.length)
		utstring_bincpy(out, name.start, name.length);
	put(out, quote);
}

static const struct operator *operator_of(const struct expression *expression)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (expression->type == EXPRESSION_CALL &&
		    !strcmp(expression->function->name, operators[i].function))
			return &operators[i];
	}
	return NULL;
}

static void print_expression(const struct expression *expression, enum binding place,
			     UT_string *out);

static void print_operation(const struct expression *call, const struct operator *operator,
			    enum binding place, UT_string *out)
{
	bool looser = operator->binding < place;

	if (looser)
		put(out, "(");
	print_expression(call->argument[0], operator->binding, out);
	put(out, operator->text);
	/* Operators group from the left. */
	print_expression(call->argument[1], operator->binding + 1, out);
	if (looser)
		put(out, ")");
}

static void print_call(const struct expression *call, UT_string *out)
{
	put(out, call->function->name);
	put(out, call->any_case ? "~(" : "(");
	for (size_t i = 0; i < call->arguments; i++) {
		put(out, i ? ", " : "");
		print_expression(call->argument[i], BINDING_SUM, out);
	}
	put(out, ")");
}

static void print_expression(const struct expression *expression, enum binding place,
			     UT_string *out)
{
	const struct operator *operator = operator_of(expression);
	char name[MAX_FIELD_NAME];

	switch (expression->type) {
	case EXPRESSION_FIELD:
		put(out, field_name(&expression->field, name, sizeof(name)));
		break;
	case EXPRESSION_TEXT:
		print_text(expression->text, out);
		break;
	case EXPRESSION_NUMBER:
		print_number(expression->number, expression->fraction, out);
		break;
	case EXPRESSION_BOOLEAN:
		put(out, expression->truth ? "true" : "false");
		break;
	case EXPRESSION_NULL:
		put(out, "null");
		break;
	case EXPRESSION_ABSENT:
		print_absent(expression->text, out);
		break;
	case EXPRESSION_CALL:
		if (operator)
			print_operation(expression, operator, place, out);
		else
			print_call(expression, out);
		break;
	}
}

/* --- conditions --- */

static void print_set(const struct condition *condition, UT_string *out)
{
	bool bare = condition->items == 1 && condition->type != CONDITION_IN;

	put(out, bare ? "" : "(");
	for (size_t i = 0; i < condition->items; i++) {
		put(out, i ? ", " : "");
		if (condition->item[i].text.start)
			print_text(condition->item[i].text, out);
		else
			print_number(condition->item[i].number, false, out);
	}
	put(out, bare ? "" : ")");
}

static void print_match(const struct condition *condition, bool negated, UT_string *out)
{
	print_expression(condition->left, BINDING_SUM, out);
	if (condition->type == CONDITION_WILDCARD)
		put(out, condition->any_case ? " : " : " like ");
	else if (condition->type == CONDITION_REGEX)
		put(out, condition->any_case ? " regex~ " : " regex ");
	else {
		put(out, negated ? " not in" : " in");
		put(out, condition->any_case ? "~ " : " ");
	}
	print_set(condition, out);
}

static bool is_literal(const struct expression *expression)
{
	return expression->type == EXPRESSION_TEXT || expression->type == EXPRESSION_NUMBER ||
	       expression->type == EXPRESSION_BOOLEAN;
}

static const char *sign_of(enum condition_type type, bool swapped, bool negated)
{
	if (type == CONDITION_LESS)
		return swapped ? " > " : " < ";
	if (type == CONDITION_LESS_EQUAL)
		return swapped ? " >= " : " <= ";
	return negated ? " != " : " == ";
}

static void print_comparison(const struct condition *condition, bool negated, UT_string *out)
{
	const struct expression *left = condition->left, *right = condition->right;
	/* There is no type for `>`: it is `<` with its sides swapped. */
	bool swapped = condition->type != CONDITION_EQUAL && is_literal(left) && !is_literal(right);

	print_expression(swapped ? right : left, BINDING_SUM, out);
	put(out, sign_of(condition->type, swapped, negated));
	print_expression(swapped ? left : right, BINDING_SUM, out);
}

static void print(const struct condition *condition, enum binding place, UT_string *out);

static void print_members(const struct condition *condition, enum binding place, UT_string *out)
{
	bool and = condition->type == CONDITION_AND;
	enum binding binding = and ? BINDING_AND : BINDING_OR;

	if (!condition->members) {
		put(out, and ? "true" : "false");
		return;
	}
	put(out, binding < place ? "(" : "");
	for (size_t i = 0; i < condition->members; i++) {
		if (i)
			put(out, and ? " and " : " or ");
		print(condition->member[i], binding + 1, out);
	}
	put(out, binding < place ? ")" : "");
}

static void print_negation(const struct condition *negated, UT_string *out)
{
	switch (negated->type) {
	case CONDITION_EQUAL:
		print_comparison(negated, true, out);
		break;
	case CONDITION_IN:
		print_match(negated, true, out);
		break;
	case CONDITION_NULL:
		print_expression(negated->left, BINDING_SUM, out);
		put(out, " != null");
		break;
	default:
		put(out, "not ");
		print(negated, BINDING_NOT, out);
		break;
	}
}

static void print(const struct condition *condition, enum binding place, UT_string *out)
{
	switch (condition->type) {
	case CONDITION_AND:
	case CONDITION_OR:
		print_members(condition, place, out);
		break;
	case CONDITION_NOT:
		print_negation(condition->member[0], out);
		break;
	case CONDITION_TRUTH:
		print_expression(condition->left, BINDING_SUM, out);
		break;
	case CONDITION_NULL:
		print_expression(condition->left, BINDING_SUM, out);
		put(out, " == null");
		break;
	case CONDITION_EQUAL:
	case CONDITION_LESS:
	case CONDITION_LESS_EQUAL:
		print_comparison(condition, false, out);
		break;
	case CONDITION_IN:
	case CONDITION_WILDCARD:
	case CONDITION_REGEX:
		print_match(condition, false, out);
		break;
	}
}

void condition_print(const struct condition *condition, UT_string *out)
{
	print(condition, BINDING_OR, out);
}

/* --- the same? --- */

/* Of numbers: 0 and -0 print differently. */
static bool same_number(double a, double b)
{
	return a == b && signbit(a) == signbit(b);
}

static bool same_text(struct span a, struct span b)
{
	return !a.start == !b.start && span_equal(a, b);
}

static bool same_call(const struct expression *a, const struct expression *b)
{
	if (a->function != b->function || a->any_case != b->any_case ||
	    a->arguments != b->arguments)
		return false;
	for (size_t i = 0; i < a->arguments; i++) {
		if (!expression_equal(a->argument[i], b->argument[i]))
			return false;
	}
	return true;
}

bool expression_equal(const struct expression *a, const struct expression *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case EXPRESSION_FIELD:
		return expression_same_field(&a->field, &b->field);
	case EXPRESSION_TEXT:
	case EXPRESSION_ABSENT:
		return same_text(a->text, b->text);
	case EXPRESSION_NUMBER:
		return same_number(a->number, b->number) && a->fraction == b->fraction;
	case EXPRESSION_BOOLEAN:
		return a->truth == b->truth;
	case EXPRESSION_CALL:
		return same_call(a, b);
	case EXPRESSION_NULL:
		break;
	}
	return true;
}

static bool same_operands(const struct expression *a, const struct expression *b)
{
	return a && b ? expression_equal(a, b) : !a == !b;
}

bool condition_equal(const struct condition *a, const struct condition *b)
{
	if (a->type != b->type || a->any_case != b->any_case || a->members != b->members ||
	    a->items != b->items)
		return false;
	for (size_t i = 0; i < a->items; i++) {
		if (!same_text(a->item[i].text, b->item[i].text) ||
		    !same_number(a->item[i].number, b->item[i].number))
			return false;
	}
	for (size_t i = 0; i < a->members; i++) {
		if (!condition_equal(a->member[i], b->member[i]))
			return false;
	}
	return same_operands(a->left, b->left) && same_operands(a->right, b->right);
}

/* --- fields --- */

struct field_list {
	struct field_ref *field;
	size_t fields;
	void (*handle)(void *user, const struct field_ref *field);
	void *user;
};

static void list_field(struct field_list *list, const struct field_ref *field)
{
	for (size_t i = 0; i < list->fields; i++) {
		if (expression_same_field(&list->field[i], field))
			return;
	}
	list->field = mem_resize(list->field, list->fields + 1, sizeof(*list->field));
	list->field[list->fields++] = *field;
	list->handle(list->user, field);
}

static void list_of_expression(struct field_list *list, const struct expression *expression)
{
	if (!expression)
		return;
	if (expression->type == EXPRESSION_FIELD)
		list_field(list, &expression->field);
	for (size_t i = 0; i < expression->arguments; i++)
		list_of_expression(list, expression->argument[i]);
}

static void list_of_condition(struct field_list *list, const struct condition *condition)
{
	list_of_expression(list, condition->left);
	list_of_expression(list, condition->right);
	for (size_t i = 0; i < condition->members; i++)
		list_of_condition(list, condition->member[i]);
}

void condition_fields(const struct condition *condition,
		      void (*handle)(void *user, const struct field_ref *field), void *user)
{
	struct field_list list = { .handle = handle, .user = user };

	list_of_condition(&list, condition);
	free(list.field);
}
