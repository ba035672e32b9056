/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/judge.h"

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "rules/compile.h"
#include "rules/index.h"

struct judge {
	struct condition **condition; /* of each rule: compiled, its exceptions included; NULL if it
					 is not enabled */
	struct judge_figures *figures; /* of each rule */
	size_t rules;
	struct index *index;
	uint64_t events;
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
	judge->figures = mem_zalloc(ruleset->rules * sizeof(*judge->figures));
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
	free(judge->figures);
	index_free(judge->index);
	free(judge);
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Does the rule match? `timed`: and how long does it take? */
static bool try_rule(struct judge *judge, size_t rule, struct evaluation *evaluation, bool timed)
{
	struct judge_figures *figures = &judge->figures[rule];
	uint64_t began = timed ? clock_ns() : 0;
	bool matches = condition_evaluate(judge->condition[rule], evaluation);

	evaluation_end(evaluation);
	if (timed) {
		figures->ns += clock_ns() - began;
		figures->timed++;
	}
	figures->tried++;
	figures->matched += matches;
	figures->limited += evaluation->limited;
	return matches;
}

void judge_event(struct judge *judge, const struct process_event *event, judge_handler handle,
		 void *user)
{
	bool timed = judge->events++ % JUDGE_TIME_EVERY == 0;

	index_look_up(judge->index, event);
	for (size_t i = index_next(judge->index, 0); i != SIZE_MAX;
	     i = index_next(judge->index, i + 1)) {
		struct evaluation evaluation = { .event = event };
		bool matches = try_rule(judge, i, &evaluation, timed);

		if (matches || evaluation.limited)
			handle(user, i, matches, evaluation.limited);
	}
}

const struct judge_figures *judge_figures(const struct judge *judge, size_t rule)
{
	return &judge->figures[rule];
}
