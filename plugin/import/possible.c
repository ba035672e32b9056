/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/possible.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* Fields that have the same value in every event. */
static bool is_constant(const struct field_ref *ref)
{
	static const char *const names[] = { "event.action",  "event.category", "event.kind",
					     "event.outcome", "event.type",	"host.os.type" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(ref->field->name, names[i]))
			return true;
	}
	return false;
}

/* Are all fields constant? `*first` becomes the first of them. */
static bool asks_constants(const struct expression *expression, const char **first)
{
	if (!expression)
		return true;
	if (expression->type == EXPRESSION_FIELD) {
		if (!*first)
			*first = expression->field.field->name;
		return is_constant(&expression->field);
	}
	for (size_t i = 0; i < expression->arguments; i++) {
		if (!asks_constants(expression->argument[i], first))
			return false;
	}
	return expression->type != EXPRESSION_ABSENT;
}

static bool is_about_constants(const struct condition *condition, const char **first)
{
	for (size_t i = 0; i < condition->members; i++) {
		if (!is_about_constants(condition->member[i], first))
			return false;
	}
	return asks_constants(condition->left, first) && asks_constants(condition->right, first);
}

const char *possible_refusal(const struct condition *condition)
{
	static const struct process_event event;
	const char *field = NULL;

	for (size_t i = 0; condition->type == CONDITION_AND && i < condition->members; i++) {
		const char *refusal = possible_refusal(condition->member[i]);

		if (refusal)
			return refusal;
	}
	if (is_about_constants(condition, &field) && field && !condition_holds(condition, &event))
		return field;
	return NULL;
}
