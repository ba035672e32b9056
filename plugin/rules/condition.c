/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/condition.h"

#include <stdlib.h>

#include "rules/regex.h"
#include "rules/set.h"
#include "rules/wildcard.h"

/* Negative, zero or positive as `a` stands before, with or behind `b`; texts by their bytes. */
static int compare(enum expression_kind kind, const struct value *a, const struct value *b)
{
	size_t shorter;
	int order;

	if (kind == KIND_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	if (kind == KIND_BOOLEAN)
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

static bool compares(const struct condition *condition, struct evaluation *evaluation)
{
	const struct expression *left = condition->left, *right = condition->right;
	struct value a, b;

	for (size_t i = 0; expression_get(left, evaluation, i, &a); i++) {
		if (!expression_known(left, &a))
			continue;
		for (size_t j = 0; expression_get(right, evaluation, j, &b); j++) {
			if (expression_known(right, &b) &&
			    in_order(condition->type, compare(expression_kind(left), &a, &b)))
				return true;
		}
	}
	return false;
}

static bool is_text(const struct condition *condition, struct span item, struct span text)
{
	return condition->any_case ? span_equal_any_case(item, text) : span_equal(item, text);
}

static bool matches_item(const struct condition *condition, struct evaluation *evaluation,
			 const struct condition_item *item, const struct value *value)
{
	enum regex_result result;

	if (condition->type == CONDITION_WILDCARD)
		return wildcard_match(item->text, value->text, condition->any_case);
	if (condition->type == CONDITION_REGEX) {
		result = regex_match(item->regex, value->text);
		evaluation->limited |= result == REGEX_LIMITED;
		return result == REGEX_MATCHES;
	}
	if (expression_kind(condition->left) == KIND_NUMBER)
		return item->number == value->number;
	return is_text(condition, item->text, value->text);
}

static bool matches_any(const struct condition *condition, struct evaluation *evaluation,
			const struct value *value)
{
	if (condition->set)
		return set_has(condition->set, value);
	for (size_t i = 0; i < condition->items; i++) {
		if (matches_item(condition, evaluation, &condition->item[i], value))
			return true;
	}
	return false;
}

static bool matches(const struct condition *condition, struct evaluation *evaluation)
{
	struct value value;

	for (size_t i = 0; expression_get(condition->left, evaluation, i, &value); i++) {
		if (expression_known(condition->left, &value) &&
		    matches_any(condition, evaluation, &value))
			return true;
	}
	return false;
}

static bool is_true(const struct condition *condition, struct evaluation *evaluation)
{
	struct value value;

	for (size_t i = 0; expression_get(condition->left, evaluation, i, &value); i++) {
		if (expression_known(condition->left, &value) && value.truth)
			return true;
	}
	return false;
}

static bool is_null(const struct condition *condition, struct evaluation *evaluation)
{
	struct value value;

	for (size_t i = 0; expression_get(condition->left, evaluation, i, &value); i++) {
		if (expression_known(condition->left, &value))
			return false;
	}
	return true;
}

static bool holds_for_any(const struct condition *condition, struct evaluation *evaluation)
{
	for (size_t i = 0; i < condition->members; i++) {
		if (condition_evaluate(condition->member[i], evaluation))
			return true;
	}
	return false;
}

static bool holds_for_all(const struct condition *condition, struct evaluation *evaluation)
{
	for (size_t i = 0; i < condition->members; i++) {
		if (!condition_evaluate(condition->member[i], evaluation))
			return false;
	}
	return true;
}

bool condition_evaluate(const struct condition *condition, struct evaluation *evaluation)
{
	switch (condition->type) {
	case CONDITION_AND:
		return holds_for_all(condition, evaluation);
	case CONDITION_OR:
		return holds_for_any(condition, evaluation);
	case CONDITION_NOT:
		return !condition_evaluate(condition->member[0], evaluation);
	case CONDITION_TRUTH:
		return is_true(condition, evaluation);
	case CONDITION_NULL:
		return is_null(condition, evaluation);
	case CONDITION_IN:
	case CONDITION_WILDCARD:
	case CONDITION_REGEX:
		return matches(condition, evaluation);
	case CONDITION_EQUAL:
	case CONDITION_LESS:
	case CONDITION_LESS_EQUAL:
		break;
	}
	return compares(condition, evaluation);
}

bool condition_holds(const struct condition *condition, const struct process_event *event)
{
	struct evaluation evaluation = { .event = event };
	bool holds = condition_evaluate(condition, &evaluation);

	evaluation_end(&evaluation);
	return holds;
}

void condition_free(struct condition *condition)
{
	if (!condition)
		return;
	for (size_t i = 0; i < condition->members; i++)
		condition_free(condition->member[i]);
	for (size_t i = 0; i < condition->items; i++) {
		free((char *)condition->item[i].text.start);
		regex_free(condition->item[i].regex);
	}
	set_free(condition->set);
	expression_free(condition->left);
	expression_free(condition->right);
	free(condition->member);
	free(condition->item);
	free(condition);
}
