/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rule.h"

#include <stdlib.h>

const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "low", "medium", "high", "critical" };

	return names[severity];
}

int severity_number(enum severity severity)
{
	static const int numbers[] = { 21, 47, 73, 99 };

	return numbers[severity];
}

const char *rule_type_name(enum rule_type type)
{
	static const char *const names[] = { "match", "rarity", "new_terms", "threshold" };

	return names[type];
}

int rule_risk_score(const struct rule *rule)
{
	const struct rule_tuning *tuning = &rule->tuning;

	return tuning->risk_score == RULE_RISK_OF_SEVERITY ? severity_number(tuning->severity)
							   : tuning->risk_score;
}

void rule_clear(struct rule *rule)
{
	for (size_t i = 0; i < rule->threats; i++) {
		free(rule->threat[i].tactic);
		free(rule->threat[i].technique);
	}
	for (size_t i = 0; i < rule->excepts; i++) {
		condition_free(rule->except[i].condition);
		free(rule->except[i].reason);
	}
	for (size_t i = 0; i < rule->references; i++)
		free(rule->reference[i]);
	condition_free(rule->condition);
	group_by_clear(&rule->by);
	group_by_clear(&rule->distinct);
	group_by_clear(&rule->suppress_by);
	free(rule->reference);
	free(rule->threat);
	free(rule->except);
	free(rule->id);
	free(rule->file);
	free(rule->name);
	free(rule->description);
	free(rule->note);
}

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	rule_clear(rule);
	free(rule);
}
