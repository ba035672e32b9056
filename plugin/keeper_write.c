/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a transaction of the keeper comprises. */
#include "keeper_inside.h"

#include <string.h>
#include <time.h>

#include "alert/losses.h"
#include "rules/new_terms.h"

static void save_rule(void *user, const char *rule, const char *fields, int64_t since)
{
	state_save_rule(((struct keeper *)user)->state, rule, fields, since);
}

static void save_term(void *user, const char *rule, const char *key, int64_t last_seen)
{
	state_save_term(((struct keeper *)user)->state, rule, key, last_seen);
}

static void forget_terms(void *user, const char *rule, int64_t oldest)
{
	state_forget_terms(((struct keeper *)user)->state, rule, oldest);
}

static int64_t save_row(void *user, const struct kept_row *row)
{
	struct keeper *keeper = user;
	int64_t id = state_save_row(keeper->state, row);

	/* That which the next is greater than even if this transaction comes to nothing. */
	keeper->last_id = id > keeper->last_id ? id : keeper->last_id;
	return id;
}

static void forget_row(void *user, int64_t id)
{
	state_forget_row(((struct keeper *)user)->state, id);
}

/* What an old version kept of rules that are gone stays: they may come back. But folded alerts were sent. */
static void forget_old(struct keeper *keeper)
{
	const struct ruleset *ruleset = pipeline_rules(keeper->pipeline);

	json_object_object_foreach(keeper->old, kind, rules)
	{
		json_object_object_foreach(rules, rule, value)
		{
			(void)value;
			if (ruleset_find(ruleset, rule) || !strcmp(kind, "suppress"))
				state_forget_value(keeper->state, kind, rule);
		}
	}
}

/* Once a day: what belongs to rules that are gone for long goes too. Returns whether it is all gone. */
static bool note_rules(struct keeper *keeper, int64_t day)
{
	const struct ruleset *ruleset = pipeline_rules(keeper->pipeline);

	for (size_t i = 0; i < ruleset->rules; i++)
		state_use_rule(keeper->state, ruleset->rule[i]->id, day);
	state_use_rule(keeper->state, LOSSES_RULE_ID, day);
	return state_forget_rules(keeper->state, day);
}

/* Memory has what the rows of all these tell, or newer. Rules that are gone have theirs there alone. */
static void forget_copy(struct keeper *keeper)
{
	const struct ruleset *ruleset = pipeline_rules(keeper->pipeline);

	for (size_t i = 0; i < ruleset->rules; i++)
		state_forget_rows(keeper->state, ruleset->rule[i]->id);
	state_forget_rows(keeper->state, LOSSES_RULE_ID);
}

int keeper_write(struct keeper *keeper, const struct extent *extent)
{
	const struct new_terms_keeper terms = { save_rule, save_term, forget_terms, keeper };
	const struct rows_keeper rows = { save_row, forget_row, keeper };
	int64_t day = (int64_t)time(NULL) / 86400;
	bool noted = false;
	int error = state_begin(keeper->state);

	if (error)
		return error;
	if (keeper->copy)
		forget_copy(keeper);
	new_terms_changes(pipeline_terms(keeper->pipeline), extent->exactly || keeper->all, &terms);
	pipeline_changes(keeper->pipeline, extent->rows, &rows);
	if (keeper->old)
		forget_old(keeper);
	for (size_t i = 0; i < keeper->parts; i++)
		keeper->part[i].save(keeper->part[i].user);
	if (extent->rules && day != keeper->day)
		noted = note_rules(keeper, day);
	error = state_commit(keeper->state);
	if (!error && noted)
		keeper->day = day;
	return error;
}
