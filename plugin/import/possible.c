/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/possible.h"

#include "rules/fold.h"
#include "rules/printer.h"

/* Takes the first field that has the same value in every event. */
static void take_constant(void *user, const struct field_ref *field)
{
	const char **first = user;
	struct value value;

	if (!*first && field_constant(field, &value))
		*first = field->field->name;
}

const char *possible_refusal(const struct condition *condition)
{
	struct condition *folded = fold_condition(condition);
	bool never = fold_outcome(folded) == FOLD_NEVER;
	const char *field = NULL;

	condition_free(folded);
	if (!never)
		return NULL;
	if (condition->type != CONDITION_AND && condition->type != CONDITION_OR) {
		condition_fields(condition, take_constant, &field);
		return field;
	}
	/* One of the members is to blame. */
	for (size_t i = 0; i < condition->members && !field; i++)
		field = possible_refusal(condition->member[i]);
	return field;
}
