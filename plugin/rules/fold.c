/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/fold.h"

#include <stdlib.h>

#include "base/memory.h"
#include "rules/function.h"
#include "rules/printer.h"
#include "rules/regex.h"

#define MAX_COMPARED 256 /* members among which doubled ones are looked for */

/* What is constant needs no event. */
static const struct process_event no_event;

/* --- expressions --- */

static struct expression *new_expression(enum expression_type type)
{
	struct expression *expression = mem_zalloc(sizeof(*expression));

	expression->type = type;
	return expression;
}

static struct span copy_of(struct span text)
{
	if (!text.start)
		return SPAN_NONE;
	return (struct span){ mem_strndup(text.start, text.length), text.length };
}

static struct expression *literal_of(enum expression_kind kind, const struct value *value)
{
	struct expression *expression;

	switch (kind) {
	case KIND_NUMBER:
		expression = new_expression(EXPRESSION_NUMBER);
		expression->number = value->number;
		return expression;
	case KIND_BOOLEAN:
		expression = new_expression(EXPRESSION_BOOLEAN);
		expression->truth = value->truth;
		return expression;
	default:
		expression = new_expression(EXPRESSION_TEXT);
		expression->text = copy_of(value->text);
		return expression;
	}
}

static bool is_literal(const struct expression *expression)
{
	return expression->type == EXPRESSION_TEXT || expression->type == EXPRESSION_NUMBER ||
	       expression->type == EXPRESSION_BOOLEAN;
}

/* Never has a value that is known. A call with such an argument hasn't either, whatever the others are, and
 * nobody can tell it from null. */
static bool is_nothing(const struct expression *expression)
{
	return expression->type == EXPRESSION_NULL;
}

/* The value of a call of literals. Takes `call` over. */
static struct expression *work_out(struct expression *call)
{
	struct evaluation evaluation = { .event = &no_event };
	struct expression *result;
	struct value value;

	if (expression_get(call, &evaluation, 0, &value) && expression_known(call, &value))
		result = literal_of(expression_kind(call), &value);
	else
		result = new_expression(EXPRESSION_NULL);
	result->fraction = expression_is_fraction(call);
	evaluation_end(&evaluation);
	if (evaluation.limited) {
		expression_free(result);
		return call;
	}
	expression_free(call);
	return result;
}

static struct expression *fold_expression(const struct expression *expression);

static struct expression *fold_call(const struct expression *call)
{
	struct expression *copy = new_expression(EXPRESSION_CALL);
	bool nothing = false, literal = true;

	copy->function = call->function;
	copy->any_case = call->any_case;
	copy->depth = call->depth;
	copy->arguments = call->arguments;
	copy->argument = mem_zalloc(call->arguments * sizeof(struct expression *));
	for (size_t i = 0; i < call->arguments; i++) {
		copy->argument[i] = fold_expression(call->argument[i]);
		nothing |= is_nothing(copy->argument[i]);
		literal &= is_literal(copy->argument[i]);
	}
	if (call->regex)
		copy->regex = mem_zalloc(call->arguments * sizeof(struct regex *));
	for (size_t i = 0; call->regex && i + 1 < call->arguments; i++)
		copy->regex[i] = regex_share(call->regex[i]);
	if (nothing) {
		expression_free(copy);
		return new_expression(EXPRESSION_NULL);
	}
	return literal ? work_out(copy) : copy;
}

static struct expression *fold_expression(const struct expression *expression)
{
	struct expression *copy;
	struct value value;

	switch (expression->type) {
	case EXPRESSION_CALL:
		return fold_call(expression);
	case EXPRESSION_NULL:
	case EXPRESSION_ABSENT:
		return new_expression(EXPRESSION_NULL);
	case EXPRESSION_FIELD:
		if (field_constant(&expression->field, &value))
			return literal_of(expression_kind(expression), &value);
		break;
	case EXPRESSION_TEXT:
	case EXPRESSION_NUMBER:
	case EXPRESSION_BOOLEAN:
		break;
	}
	copy = new_expression(expression->type);
	copy->field = expression->field;
	copy->text = copy_of(expression->text);
	copy->number = expression->number;
	copy->fraction = expression->fraction;
	copy->truth = expression->truth;
	return copy;
}

/* --- conditions --- */

static struct condition *new_condition(enum condition_type type)
{
	struct condition *condition = mem_zalloc(sizeof(*condition));

	condition->type = type;
	return condition;
}

static struct condition *truth_of(bool truth)
{
	struct condition *condition = new_condition(CONDITION_TRUTH);

	condition->left = new_expression(EXPRESSION_BOOLEAN);
	condition->left->truth = truth;
	return condition;
}

/* Takes `condition` over. */
static struct condition *decide(struct condition *condition, bool truth)
{
	condition_free(condition);
	return truth_of(truth);
}

enum fold_outcome fold_outcome(const struct condition *folded)
{
	if (folded->type != CONDITION_TRUTH || folded->left->type != EXPRESSION_BOOLEAN)
		return FOLD_DEPENDS;
	return folded->left->truth ? FOLD_ALWAYS : FOLD_NEVER;
}

static struct condition *fold_negation(const struct condition *negation)
{
	struct condition *member = fold_condition(negation->member[0]);
	enum fold_outcome outcome = fold_outcome(member);
	struct condition *copy;

	if (outcome != FOLD_DEPENDS)
		return decide(member, outcome == FOLD_NEVER);
	if (member->type == CONDITION_NOT) {
		copy = member->member[0];
		member->members = 0;
		condition_free(member);
		return copy;
	}
	copy = new_condition(CONDITION_NOT);
	copy->member = mem_zalloc(sizeof(struct condition *));
	copy->member[copy->members++] = member;
	return copy;
}

static void add_member(struct condition *condition, struct condition *member)
{
	for (size_t i = 0; i < condition->members && i < MAX_COMPARED; i++) {
		if (condition_equal(condition->member[i], member)) {
			condition_free(member);
			return;
		}
	}
	condition->member = mem_resize(condition->member, condition->members + 1,
				       sizeof(*condition->member));
	condition->member[condition->members++] = member;
}

/* Takes `member`, which is folded, over. */
static void merge_member(struct condition *condition, struct condition *member)
{
	if (member->type != condition->type) {
		add_member(condition, member);
		return;
	}
	for (size_t i = 0; i < member->members; i++)
		add_member(condition, member->member[i]);
	member->members = 0;
	condition_free(member);
}

static struct condition *fold_members(const struct condition *condition)
{
	bool and = condition->type == CONDITION_AND;
	struct condition *copy = new_condition(condition->type), *only;

	for (size_t i = 0; i < condition->members; i++) {
		struct condition *member = fold_condition(condition->member[i]);
		enum fold_outcome outcome = fold_outcome(member);

		if (outcome == FOLD_DEPENDS) {
			merge_member(copy, member);
			continue;
		}
		condition_free(member);
		if (and == (outcome == FOLD_NEVER))
			return decide(copy, !and);
	}
	if (!copy->members)
		return decide(copy, and);
	if (copy->members > 1)
		return copy;
	only = copy->member[0];
	copy->members = 0;
	condition_free(copy);
	return only;
}

static void copy_items(struct condition *copy, const struct condition *condition)
{
	copy->items = condition->items;
	copy->item = mem_zalloc(condition->items * sizeof(*copy->item));
	for (size_t i = 0; i < condition->items; i++) {
		copy->item[i].text = copy_of(condition->item[i].text);
		copy->item[i].number = condition->item[i].number;
		copy->item[i].regex = regex_share(condition->item[i].regex);
	}
}

/* Can the folded comparison be told from its operands? Takes it over. */
static struct condition *decide_comparison(struct condition *condition)
{
	bool binary = condition->type == CONDITION_EQUAL || condition->type == CONDITION_LESS ||
		      condition->type == CONDITION_LESS_EQUAL;
	bool set = condition->type == CONDITION_IN || condition->type == CONDITION_WILDCARD ||
		   condition->type == CONDITION_REGEX;
	struct evaluation evaluation = { .event = &no_event };
	bool holds;

	if (is_nothing(condition->left) || (binary && is_nothing(condition->right)))
		return decide(condition, condition->type == CONDITION_NULL);
	if (set && !condition->items)
		return decide(condition, false);
	if (!is_literal(condition->left) || (binary && !is_literal(condition->right)))
		return condition;
	holds = condition_evaluate(condition, &evaluation);
	evaluation_end(&evaluation);
	return evaluation.limited ? condition : decide(condition, holds);
}

struct condition *fold_condition(const struct condition *condition)
{
	struct condition *copy;

	switch (condition->type) {
	case CONDITION_AND:
	case CONDITION_OR:
		return fold_members(condition);
	case CONDITION_NOT:
		return fold_negation(condition);
	default:
		break;
	}
	copy = new_condition(condition->type);
	copy->any_case = condition->any_case;
	copy->left = fold_expression(condition->left);
	if (condition->right)
		copy->right = fold_expression(condition->right);
	copy_items(copy, condition);
	return decide_comparison(copy);
}
