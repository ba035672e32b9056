/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/compile.h"

#include <stdlib.h>

#include "base/memory.h"
#include "rules/fold.h"
#include "rules/set.h"

/* What things cost, about, in comparisons of two short strings. */
#define COST_COMPARISON 1
#define COST_PATTERN    4
#define COST_CALL       10
#define COST_SEVERAL    8    /* values of a field */
#define COST_DATE       20
#define COST_REGEX      1000
#define COST_RARELY     100 /* for what is seldom decisive */

static unsigned int cost_of_expression(const struct expression *expression)
{
	unsigned int cost = 0;

	if (expression->type == EXPRESSION_FIELD) {
		const struct field *field = expression->field.field;

		cost = field->type == FIELD_DATE ? COST_DATE : 1;
		return field_several(&expression->field) ? COST_SEVERAL : cost;
	}
	if (expression->type == EXPRESSION_CALL)
		cost = expression->regex ? COST_REGEX : COST_CALL;
	for (size_t i = 0; i < expression->arguments; i++)
		cost += cost_of_expression(expression->argument[i]);
	return cost;
}

static unsigned int cost_of(const struct condition *condition)
{
	unsigned int cost = COST_COMPARISON;

	if (condition->type == CONDITION_REGEX)
		cost += (unsigned int)condition->items * COST_REGEX;
	if (condition->type == CONDITION_WILDCARD)
		cost += (unsigned int)condition->items * COST_PATTERN;
	if (condition->left)
		cost += cost_of_expression(condition->left);
	if (condition->right)
		cost += cost_of_expression(condition->right);
	for (size_t i = 0; i < condition->members; i++)
		cost += cost_of(condition->member[i]);
	return cost;
}

struct ranked {
	struct condition *member;
	unsigned int cost;
	size_t place;
};

static int compare_ranks(const void *a, const void *b)
{
	const struct ranked *first = a, *second = b;

	if (first->cost != second->cost)
		return first->cost < second->cost ? -1 : 1;
	return (first->place > second->place) - (first->place < second->place);
}

/* What an `and` excludes is mostly not the case. */
static unsigned int rank_of(const struct condition *condition, const struct condition *member)
{
	bool rarely = condition->type == CONDITION_AND && member->type == CONDITION_NOT;

	return cost_of(member) + (rarely ? COST_RARELY : 0);
}

static void order_members(struct condition *condition)
{
	struct ranked *ranked = mem_zalloc(condition->members * sizeof(*ranked));

	for (size_t i = 0; i < condition->members; i++) {
		struct condition *member = condition->member[i];

		ranked[i] = (struct ranked){ member, rank_of(condition, member), i };
	}
	qsort(ranked, condition->members, sizeof(*ranked), compare_ranks);
	for (size_t i = 0; i < condition->members; i++)
		condition->member[i] = ranked[i].member;
	free(ranked);
}

static void prepare(struct condition *condition)
{
	if (condition->type == CONDITION_IN || condition->type == CONDITION_WILDCARD)
		condition->set = set_new(condition);
	for (size_t i = 0; i < condition->members; i++)
		prepare(condition->member[i]);
	if (condition->members > 1)
		order_members(condition);
}

struct condition *compile_condition(const struct condition *condition)
{
	struct condition *compiled = fold_condition(condition);

	prepare(compiled);
	return compiled;
}
