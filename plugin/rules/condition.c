/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/condition.h"

#include <stdlib.h>
#include <strings.h>

#include "base/utf8.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_byte(char a, char b, bool any_case)
{
	return any_case ? lower(a) == lower(b) : a == b;
}

/* Length of the character at `offset`; of a byte that belongs to none, 1. */
static size_t character(struct span text, size_t offset)
{
	uint32_t code;
	size_t length = utf8_sequence((struct span){ text.start + offset, text.length - offset },
				      &code);

	return length ? length : 1;
}

bool condition_wildcard(struct span pattern, struct span text, bool any_case)
{
	size_t p = 0, t = 0;
	size_t star = SIZE_MAX, retry = 0; /* behind the last *, and where its rest was tried last */

	while (t < text.length) {
		if (p < pattern.length && pattern.start[p] == '*') {
			star = ++p;
			retry = t;
		} else if (p < pattern.length && pattern.start[p] == '?') {
			p++;
			t += character(text, t);
		} else if (p < pattern.length &&
			   same_byte(pattern.start[p], text.start[t], any_case)) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star;
			t = ++retry;
		} else {
			return false;
		}
	}
	while (p < pattern.length && pattern.start[p] == '*')
		p++;
	return p == pattern.length;
}

/* Reads value number `index` of an operand; a literal has one. */
static bool operand_get(const struct operand *operand, const struct process_event *event,
			size_t index, struct value *value)
{
	if (operand->type == OPERAND_FIELD)
		return field_get(&operand->field, event, index, value);
	if (index || operand->type == OPERAND_NULL)
		return false;
	value->text = operand->text;
	value->number = operand->number;
	value->truth = operand->truth;
	return true;
}

enum operand_type condition_operand_type(const struct operand *operand)
{
	if (operand->type != OPERAND_FIELD)
		return operand->type;
	switch (operand->field.field->type) {
	case FIELD_NUMBER:
		return OPERAND_NUMBER;
	case FIELD_BOOLEAN:
		return OPERAND_BOOLEAN;
	case FIELD_KEYWORD:
	case FIELD_DATE:
		break;
	}
	return OPERAND_TEXT;
}

/* Negative, zero or positive as `a` stands before, with or behind `b`; texts by their bytes. */
static int compare(enum operand_type type, const struct value *a, const struct value *b)
{
	size_t shorter;
	int order;

	if (type == OPERAND_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	if (type == OPERAND_BOOLEAN)
		return a->truth - b->truth;
	shorter = a->text.length < b->text.length ? a->text.length : b->text.length;
	order = shorter ? memcmp(a->text.start, b->text.start, shorter) : 0;
	return order ? order : (a->text.length > b->text.length) - (a->text.length < b->text.length);
}

static bool in_order(enum condition_type wanted, int order)
{
	switch (wanted) {
	case CONDITION_EQUAL:
		return order == 0;
	case CONDITION_LESS:
		return order < 0;
	default:
		return order <= 0;
	}
}

/* A missing argument is a value that nobody knows; it satisfies nothing. */
static bool is_known(enum operand_type type, const struct value *value)
{
	return type != OPERAND_TEXT || value->text.start;
}

static bool compares(const struct condition *condition, const struct process_event *event)
{
	enum operand_type type = condition_operand_type(&condition->left);
	struct value left, right;

	for (size_t i = 0; operand_get(&condition->left, event, i, &left); i++) {
		if (!is_known(type, &left))
			continue;
		for (size_t j = 0; operand_get(&condition->right, event, j, &right); j++) {
			if (is_known(type, &right) &&
			    in_order(condition->type, compare(type, &left, &right)))
				return true;
		}
	}
	return false;
}

static bool matches_text(const struct condition *condition, struct span text)
{
	for (size_t i = 0; i < condition->patterns; i++) {
		struct span pattern = condition->pattern[i].text;

		if (condition->wildcards) {
			if (condition_wildcard(pattern, text, condition->any_case))
				return true;
		} else if (pattern.length == text.length &&
			   (condition->any_case ?
				    !strncasecmp(pattern.start, text.start, text.length) :
				    !memcmp(pattern.start, text.start, text.length))) {
			return true;
		}
	}
	return false;
}

static bool matches_number(const struct condition *condition, double number)
{
	for (size_t i = 0; i < condition->patterns; i++) {
		if (condition->pattern[i].number == number)
			return true;
	}
	return false;
}

static bool matches(const struct condition *condition, const struct process_event *event)
{
	enum operand_type type = condition_operand_type(&condition->left);
	struct value value;

	for (size_t i = 0; operand_get(&condition->left, event, i, &value); i++) {
		if (!is_known(type, &value))
			continue;
		if (type == OPERAND_NUMBER ? matches_number(condition, value.number) :
					     matches_text(condition, value.text))
			return true;
	}
	return false;
}

static bool holds_for_any(const struct condition *condition, const struct process_event *event)
{
	for (size_t i = 0; i < condition->members; i++) {
		if (condition_holds(condition->member[i], event))
			return true;
	}
	return false;
}

static bool holds_for_all(const struct condition *condition, const struct process_event *event)
{
	for (size_t i = 0; i < condition->members; i++) {
		if (!condition_holds(condition->member[i], event))
			return false;
	}
	return true;
}

bool condition_holds(const struct condition *condition, const struct process_event *event)
{
	struct value value;

	switch (condition->type) {
	case CONDITION_AND:
		return holds_for_all(condition, event);
	case CONDITION_OR:
		return holds_for_any(condition, event);
	case CONDITION_NOT:
		return !condition_holds(condition->member[0], event);
	case CONDITION_TRUTH:
		return operand_get(&condition->left, event, 0, &value) && value.truth;
	case CONDITION_NULL:
		return !operand_get(&condition->left, event, 0, &value);
	case CONDITION_MATCH:
		return matches(condition, event);
	case CONDITION_EQUAL:
	case CONDITION_LESS:
	case CONDITION_LESS_EQUAL:
		break;
	}
	return compares(condition, event);
}

static void free_operand(struct operand *operand)
{
	free((char *)operand->text.start);
}

void condition_free(struct condition *condition)
{
	if (!condition)
		return;
	for (size_t i = 0; i < condition->members; i++)
		condition_free(condition->member[i]);
	for (size_t i = 0; i < condition->patterns; i++)
		free_operand(&condition->pattern[i]);
	free_operand(&condition->left);
	free_operand(&condition->right);
	free(condition->member);
	free(condition->pattern);
	free(condition);
}
