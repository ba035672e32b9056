/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/judge.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rules/compile.h"
#include "rules/index.h"

struct judge {
	struct condition **condition; /* of each rule: compiled, its exceptions included; NULL if it
					 is not enabled */
	size_t rules;
	struct index *index;
};

/* The rule's condition and none of its exceptions, as one. */
static struct condition *compile_rule(const struct rule *rule)
{
	size_t members = rule->excepts + 1;
	struct condition *negation = mem_zalloc(members * sizeof(*negation));
	struct condition **member = mem_zalloc(members * sizeof(struct condition *));
	struct condition all = { .type = CONDITION_AND, .member = member, .members = members };
	struct condition *compiled;

	member[0] = rule->condition;
	for (size_t i = 1; i < members; i++) {
		negation[i] = (struct condition){ .type = CONDITION_NOT,
						  .member = &rule->except[i - 1].condition,
						  .members = 1 };
		member[i] = &negation[i];
	}
	compiled = compile_condition(&all);
	free(negation);
	free(member);
	return compiled;
}

struct judge *judge_new(const struct ruleset *ruleset)
{
	struct judge *judge = mem_zalloc(sizeof(*judge));

	judge->rules = ruleset->rules;
	judge->condition = mem_zalloc(ruleset->rules * sizeof(struct condition *));
	judge->index = index_new(ruleset->rules);
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (!ruleset->rule[i]->tuning.enabled)
			continue;
		judge->condition[i] = compile_rule(ruleset->rule[i]);
		index_add(judge->index, i, judge->condition[i]);
	}
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	for (size_t i = 0; i < judge->rules; i++)
		condition_free(judge->condition[i]);
	free(judge->condition);
	index_free(judge->index);
	free(judge);
}

void judge_event(struct judge *judge, const struct process_event *event, judge_handler handle,
		 void *user)
{
	index_look_up(judge->index, event);
	for (size_t i = index_next(judge->index, 0); i != SIZE_MAX;
	     i = index_next(judge->index, i + 1)) {
		struct evaluation evaluation = { .event = event };
		bool matches = condition_evaluate(judge->condition[i], &evaluation);

		evaluation_end(&evaluation);
		if (matches || evaluation.limited)
			handle(user, i, matches, evaluation.limited);
	}
}
