/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/function.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "rules/regex.h"
#include "rules/wildcard.h"

#define MAX_NUMBER 64 /* characters */

static bool give_number(double number, struct value *result)
{
	result->number = number;
	return isfinite(number);
}

static bool give_truth(bool truth, struct value *result)
{
	result->truth = truth;
	result->number = 0;
	return true;
}

/* The result outlives the argument that it is a part of. */
static bool give_text(struct evaluation *evaluation, struct span text, struct value *result)
{
	char *copy = evaluation_text(evaluation, text.length + 1);

	if (text.length)
		memcpy(copy, text.start, text.length);
	result->text = (struct span){ copy, text.length };
	return true;
}

/* --- numbers --- */

static bool call_add(const struct expression *call, struct evaluation *evaluation,
		     const struct value *argument, struct value *result)
{
	(void)call;
	(void)evaluation;
	return give_number(argument[0].number + argument[1].number, result);
}

static bool call_subtract(const struct expression *call, struct evaluation *evaluation,
			  const struct value *argument, struct value *result)
{
	(void)call;
	(void)evaluation;
	return give_number(argument[0].number - argument[1].number, result);
}

static bool call_multiply(const struct expression *call, struct evaluation *evaluation,
			  const struct value *argument, struct value *result)
{
	(void)call;
	(void)evaluation;
	return give_number(argument[0].number * argument[1].number, result);
}

static bool is_whole(double number)
{
	return floor(number) == number;
}

/* Of two whole numbers the whole quotient, rounded down; a division by zero is null. */
static bool call_divide(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	double quotient = argument[0].number / argument[1].number;

	(void)evaluation;
	if (is_whole(argument[0].number) && is_whole(argument[1].number) &&
	    !expression_is_fraction(call))
		quotient = floor(quotient);
	return give_number(quotient, result);
}

static bool call_modulo(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	(void)call;
	(void)evaluation;
	return give_number(fmod(argument[0].number, argument[1].number), result);
}

static bool is_blank(char c)
{
	return strchr(" \t\n\r\f\v", c) && c;
}

static struct span trimmed(struct span text)
{
	while (text.length && is_blank(text.start[0]))
		text = (struct span){ text.start + 1, text.length - 1 };
	while (text.length && is_blank(text.start[text.length - 1]))
		text.length--;
	return text;
}

/* number("42"), number("0x2a") and number("2a", 16), with blanks around; null for what is no number. */
static bool call_number(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	struct span text = trimmed(argument[0].text);
	char digits[MAX_NUMBER];
	char *end = digits;
	double base = call->arguments > 1 ? argument[1].number : 0;

	(void)evaluation;
	if (!text.length || text.length >= sizeof(digits) || !is_whole(base) || base < 0 ||
	    base == 1 || base > 36)
		return false;
	memcpy(digits, text.start, text.length);
	digits[text.length] = '\0';
	if (base == 0 && strspn(digits, "+-.0123456789eE") == text.length)
		result->number = strtod(digits, &end);
	else if (base != 0 || !strncmp(digits, "0x", 2))
		result->number = (double)strtoll(digits, &end, base == 0 ? 16 : (int)base);
	return end == digits + text.length && isfinite(result->number);
}

/* --- texts --- */

static bool equal(struct span a, const char *b, bool any_case)
{
	for (size_t i = 0; i < a.length; i++) {
		if (any_case ? ascii_lower(a.start[i]) != ascii_lower(b[i]) : a.start[i] != b[i])
			return false;
	}
	return true;
}

/* Offset of the first `part` in `text` at or behind `from`; SIZE_MAX if there is none. */
static size_t find(struct span text, struct span part, size_t from, bool any_case)
{
	for (size_t i = from; i + part.length <= text.length; i++) {
		if (equal(part, text.start + i, any_case))
			return i;
	}
	return SIZE_MAX;
}

/* Positions are in characters; bytes that are no UTF-8 are one each. */
static size_t character_length(struct span text, size_t offset)
{
	uint32_t code;
	size_t length = utf8_sequence(
		(struct span){ text.start + offset, text.length - offset }, &code);

	return length ? length : 1;
}

static size_t count_characters(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i += character_length(text, i))
		count++;
	return count;
}

/* Offset in bytes of the character at `position`; the end for one past it. */
static size_t offset_of(struct span text, double position)
{
	size_t offset = 0;

	for (double at = 0; at < position && offset < text.length; at++)
		offset += character_length(text, offset);
	return offset;
}

static bool call_length(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	(void)call;
	(void)evaluation;
	return give_number((double)count_characters(argument[0].text), result);
}

static bool call_starts_with(const struct expression *call, struct evaluation *evaluation,
			     const struct value *argument, struct value *result)
{
	struct span text = argument[0].text, start = argument[1].text;

	(void)evaluation;
	return give_truth(start.length <= text.length &&
				  equal(start, text.start, call->any_case),
			  result);
}

static bool call_ends_with(const struct expression *call, struct evaluation *evaluation,
			   const struct value *argument, struct value *result)
{
	struct span text = argument[0].text, end = argument[1].text;

	(void)evaluation;
	return give_truth(end.length <= text.length &&
				  equal(end, text.start + text.length - end.length,
					call->any_case),
			  result);
}

/* Nothing is no part of anything (EQL function reference). */
static bool call_string_contains(const struct expression *call, struct evaluation *evaluation,
				 const struct value *argument, struct value *result)
{
	struct span text = argument[0].text, part = argument[1].text;

	(void)evaluation;
	return give_truth(part.length && find(text, part, 0, call->any_case) != SIZE_MAX, result);
}

/* indexOf(text, part[, start]): null where there is none, and for a start behind the end. */
static bool call_index_of(const struct expression *call, struct evaluation *evaluation,
			  const struct value *argument, struct value *result)
{
	struct span text = argument[0].text;
	size_t from = call->arguments > 2 ? offset_of(text, argument[2].number) : 0;
	size_t found = find(text, argument[1].text, from, call->any_case);

	(void)evaluation;
	if (found == SIZE_MAX ||
	    (call->arguments > 2 && argument[2].number > (double)count_characters(text)))
		return false;
	return give_number((double)count_characters((struct span){ text.start, found }), result);
}

/* between(text, left, right[, greedy]): "" where there is no such part. */
static bool call_between(const struct expression *call, struct evaluation *evaluation,
			 const struct value *argument, struct value *result)
{
	struct span text = argument[0].text, left = argument[1].text, right = argument[2].text;
	bool greedy = call->arguments > 3 && argument[3].truth;
	size_t start = find(text, left, 0, call->any_case);
	size_t end, next;

	if (start == SIZE_MAX)
		return give_text(evaluation, (struct span){ "", 0 }, result);
	start += left.length;
	end = find(text, right, start, call->any_case);
	if (end == SIZE_MAX)
		return give_text(evaluation, (struct span){ "", 0 }, result);
	while (greedy && (next = find(text, right, end + 1, call->any_case)) != SIZE_MAX)
		end = next;
	return give_text(evaluation, (struct span){ text.start + start, end - start }, result);
}

/* Negative positions count from the end. */
static double position_in(double position, size_t length)
{
	if (position < 0)
		position += (double)length;
	return position < 0 ? 0 : position;
}

/* substring(text, start[, end]), the end being left out. */
static bool call_substring(const struct expression *call, struct evaluation *evaluation,
			   const struct value *argument, struct value *result)
{
	struct span text = argument[0].text;
	size_t length = count_characters(text);
	size_t start = offset_of(text, position_in(argument[1].number, length));
	size_t end = text.length;

	if (call->arguments > 2)
		end = offset_of(text, position_in(argument[2].number, length));
	if (end < start)
		end = start;
	return give_text(evaluation, (struct span){ text.start + start, end - start }, result);
}

static struct span print_value(enum expression_kind kind, const struct value *value, char *buffer,
			       size_t size)
{
	if (kind == KIND_TEXT)
		return value->text;
	if (kind == KIND_BOOLEAN)
		return span_of(value->truth ? "true" : "false");
	snprintf(buffer, size, "%.15g", value->number);
	return span_of(buffer);
}

static bool call_string(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	char buffer[MAX_NUMBER];

	return give_text(evaluation,
			 print_value(expression_kind(call->argument[0]), &argument[0], buffer,
				     sizeof(buffer)),
			 result);
}

static bool call_concat(const struct expression *call, struct evaluation *evaluation,
			const struct value *argument, struct value *result)
{
	char buffer[MAX_NUMBER];
	UT_string text;

	utstring_init(&text);
	for (size_t i = 0; i < call->arguments; i++) {
		struct span part = print_value(expression_kind(call->argument[i]), &argument[i],
					       buffer, sizeof(buffer));

		utstring_bincpy(&text, part.start, part.length);
	}
	give_text(evaluation, (struct span){ utstring_body(&text), utstring_len(&text) }, result);
	utstring_done(&text);
	return true;
}

static bool call_wildcard(const struct expression *call, struct evaluation *evaluation,
			  const struct value *argument, struct value *result)
{
	bool found = false;

	(void)evaluation;
	for (size_t i = 1; i < call->arguments && !found; i++)
		found = wildcard_match(argument[i].text, argument[0].text, call->any_case);
	return give_truth(found, result);
}

static bool call_match(const struct expression *call, struct evaluation *evaluation,
		       const struct value *argument, struct value *result)
{
	bool found = false;

	for (size_t i = 0; i + 1 < call->arguments && !found; i++) {
		enum regex_result match = regex_match(call->regex[i], argument[0].text);

		found = match == REGEX_MATCHES;
		evaluation->limited |= match == REGEX_LIMITED;
	}
	return give_truth(found, result);
}

/* --- addresses --- */

static int parse_address(struct span text, unsigned char *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (!text.length || text.length >= sizeof(copy))
		return 0;
	memcpy(copy, text.start, text.length);
	copy[text.length] = '\0';
	if (inet_pton(AF_INET, copy, address) == 1)
		return 32;
	return inet_pton(AF_INET6, copy, address) == 1 ? 128 : 0;
}

bool function_cidr_match(struct span address, struct span block)
{
	const char *slash = block.length ? memchr(block.start, '/', block.length) : NULL;
	struct span base = { block.start, slash ? (size_t)(slash - block.start) : block.length };
	unsigned char a[16], b[16];
	int bits = parse_address(base, b);
	long prefix = bits;
	char *end;

	if (!bits || parse_address(address, a) != bits)
		return false;
	if (slash) {
		char digits[8];
		size_t length = block.length - base.length - 1;

		if (!length || length >= sizeof(digits))
			return false;
		memcpy(digits, slash + 1, length);
		digits[length] = '\0';
		prefix = strtol(digits, &end, 10);
		if (*end || prefix < 0 || prefix > bits)
			return false;
	}
	for (long bit = 0; bit < prefix; bit++) {
		int mask = 0x80 >> (bit % 8);

		if ((a[bit / 8] & mask) != (b[bit / 8] & mask))
			return false;
	}
	return true;
}

static bool call_cidr_match(const struct expression *call, struct evaluation *evaluation,
			    const struct value *argument, struct value *result)
{
	bool found = false;

	(void)evaluation;
	for (size_t i = 1; i < call->arguments && !found; i++)
		found = function_cidr_match(argument[0].text, argument[i].text);
	return give_truth(found, result);
}

/* --- the table --- */

#define TEXT    ARGUMENT_TEXT
#define NUMBER  ARGUMENT_NUMBER
#define BOOLEAN ARGUMENT_BOOLEAN
#define ANY     ARGUMENT_ANY
#define MANY    FUNCTION_MAX_ARGUMENTS

static const struct function functions[] = {
	{ "add", KIND_NUMBER, 2, 2, { NUMBER, NUMBER, NUMBER, NUMBER }, false, call_add },
	{ "between", KIND_TEXT, 3, 4, { TEXT, TEXT, TEXT, BOOLEAN }, true, call_between },
	{ "cidrMatch", KIND_BOOLEAN, 2, MANY, { TEXT, TEXT, TEXT, TEXT }, false, call_cidr_match },
	{ "concat", KIND_TEXT, 1, MANY, { ANY, ANY, ANY, ANY }, false, call_concat },
	{ "divide", KIND_NUMBER, 2, 2, { NUMBER, NUMBER, NUMBER, NUMBER }, false, call_divide },
	{ "endsWith", KIND_BOOLEAN, 2, 2, { TEXT, TEXT, TEXT, TEXT }, true, call_ends_with },
	{ "indexOf", KIND_NUMBER, 2, 3, { TEXT, TEXT, NUMBER, NUMBER }, true, call_index_of },
	{ "length", KIND_NUMBER, 1, 1, { TEXT, TEXT, TEXT, TEXT }, false, call_length },
	{ "match", KIND_BOOLEAN, 2, MANY, { TEXT, TEXT, TEXT, TEXT }, true, call_match },
	{ "modulo", KIND_NUMBER, 2, 2, { NUMBER, NUMBER, NUMBER, NUMBER }, false, call_modulo },
	{ "multiply", KIND_NUMBER, 2, 2, { NUMBER, NUMBER, NUMBER, NUMBER }, false, call_multiply },
	{ "number", KIND_NUMBER, 1, 2, { TEXT, NUMBER, NUMBER, NUMBER }, false, call_number },
	{ "startsWith", KIND_BOOLEAN, 2, 2, { TEXT, TEXT, TEXT, TEXT }, true, call_starts_with },
	{ "string", KIND_TEXT, 1, 1, { ANY, ANY, ANY, ANY }, false, call_string },
	{ "stringContains", KIND_BOOLEAN, 2, 2, { TEXT, TEXT, TEXT, TEXT }, true,
	  call_string_contains },
	{ "substring", KIND_TEXT, 2, 3, { TEXT, NUMBER, NUMBER, NUMBER }, false, call_substring },
	{ "subtract", KIND_NUMBER, 2, 2, { NUMBER, NUMBER, NUMBER, NUMBER }, false, call_subtract },
	{ "wildcard", KIND_BOOLEAN, 2, MANY, { TEXT, TEXT, TEXT, TEXT }, true, call_wildcard },
};

const struct function *function_find(struct span name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (span_is(name, functions[i].name))
			return &functions[i];
	}
	return NULL;
}

const struct function *function_find_any_case(struct span name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (span_equal_any_case(name, span_of(functions[i].name)))
			return &functions[i];
	}
	return NULL;
}

enum function_argument function_argument(const struct function *function, size_t index)
{
	size_t last = sizeof(function->argument) / sizeof(function->argument[0]) - 1;

	return function->argument[index < last ? index : last];
}

enum expression_kind function_result(const struct function *function)
{
	return function->result;
}

/* Null stands among the values of the first argument; the next of them may have a result. A boolean has no
 * value to spare for it, so a number that is none marks all kinds (expression_known()). */
static bool give_unknown(struct value *value)
{
	value->text = SPAN_NONE;
	value->number = NAN;
	value->truth = false;
	return true;
}

bool function_call(const struct expression *call, struct evaluation *evaluation, size_t index,
		   struct value *value)
{
	struct value argument[FUNCTION_MAX_ARGUMENTS];

	for (size_t i = 0; i < call->arguments; i++) {
		const struct expression *expression = call->argument[i];

		if (!expression_get(expression, evaluation, i ? 0 : index, &argument[i]))
			return false;
		if (!expression_known(expression, &argument[i]))
			return give_unknown(value);
	}
	if (call->function->call(call, evaluation, argument, value))
		return true;
	return give_unknown(value);
}
