/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/expression.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rules/function.h"
#include "rules/regex.h"

/* A text made during an evaluation; a list, because most evaluations make none. */
struct made_text {
	struct made_text *next;
	char bytes[];
};

char *evaluation_text(struct evaluation *evaluation, size_t length)
{
	struct made_text *text = mem_zalloc(sizeof(*text) + length);

	text->next = evaluation->texts;
	evaluation->texts = text;
	return text->bytes;
}

void evaluation_end(struct evaluation *evaluation)
{
	while (evaluation->texts) {
		struct made_text *text = evaluation->texts;

		evaluation->texts = text->next;
		free(text);
	}
}

void expression_free(struct expression *expression)
{
	if (!expression)
		return;
	for (size_t i = 0; i < expression->arguments; i++) {
		if (expression->regex && i > 0)
			regex_free(expression->regex[i - 1]);
		expression_free(expression->argument[i]);
	}
	free(expression->regex);
	free(expression->argument);
	free((char *)expression->text.start);
	free(expression);
}

bool expression_is_fraction(const struct expression *expression)
{
	if (expression->type != EXPRESSION_CALL)
		return expression->fraction;
	/* What counts in a text, such as length(), gives whole numbers. */
	if (expression_kind(expression) != KIND_NUMBER ||
	    expression_kind(expression->argument[0]) != KIND_NUMBER)
		return false;
	for (size_t i = 0; i < expression->arguments; i++) {
		if (expression_is_fraction(expression->argument[i]))
			return true;
	}
	return false;
}

bool expression_same_field(const struct field_ref *a, const struct field_ref *b)
{
	return a->field == b->field && a->owner == b->owner;
}

static enum expression_kind kind_of_field(const struct field *field)
{
	switch (field->type) {
	case FIELD_NUMBER:
		return KIND_NUMBER;
	case FIELD_BOOLEAN:
		return KIND_BOOLEAN;
	case FIELD_KEYWORD:
	case FIELD_DATE:
		break;
	}
	return KIND_TEXT;
}

enum expression_kind expression_kind(const struct expression *expression)
{
	switch (expression->type) {
	case EXPRESSION_FIELD:
		return kind_of_field(expression->field.field);
	case EXPRESSION_TEXT:
		return KIND_TEXT;
	case EXPRESSION_NUMBER:
		return KIND_NUMBER;
	case EXPRESSION_BOOLEAN:
		return KIND_BOOLEAN;
	case EXPRESSION_CALL:
		return function_result(expression->function);
	case EXPRESSION_ABSENT:
		return KIND_ANY;
	case EXPRESSION_NULL:
		break;
	}
	return KIND_NULL;
}

bool expression_get(const struct expression *expression, struct evaluation *evaluation, size_t index,
		    struct value *value)
{
	switch (expression->type) {
	case EXPRESSION_FIELD:
		return field_get(&expression->field, evaluation->event, index, value);
	case EXPRESSION_CALL:
		return function_call(expression, evaluation, index, value);
	case EXPRESSION_NULL:
	case EXPRESSION_ABSENT:
		return false;
	case EXPRESSION_TEXT:
		value->text = expression->text;
		break;
	case EXPRESSION_NUMBER:
		value->number = expression->number;
		break;
	case EXPRESSION_BOOLEAN:
		value->truth = expression->truth;
		break;
	}
	return index == 0;
}

bool expression_known(const struct expression *expression, const struct value *value)
{
	switch (expression_kind(expression)) {
	case KIND_TEXT:
		return value->text.start;
	case KIND_NUMBER:
		return !isnan(value->number);
	case KIND_BOOLEAN:
		/* Only a call can make null of a value, and marks it so. */
		return expression->type != EXPRESSION_CALL || !isnan(value->number);
	case KIND_NULL:
	case KIND_ANY:
		break;
	}
	return true;
}
