/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What belongs to rules that are gone for long. */
#include "store/inside.h"

#define AT_ONCE 2000 /* rows of a table: a transaction must not take long */

/* A rule that nobody has used as of yet is used from now on; ?1 is today. Rules are few and their rows many. */
static const char use_all[] =
	"WITH RECURSIVE of (rule) AS (SELECT min(rule) FROM counted UNION"
	" SELECT (SELECT min(rule) FROM counted WHERE rule > of.rule) FROM of WHERE of.rule IS NOT NULL)"
	" INSERT OR IGNORE INTO used SELECT rule, ?1 FROM of WHERE rule IS NOT NULL"
	" UNION SELECT rule, ?1 FROM value UNION SELECT rule, ?1 FROM term_rule";

/* ?1 is the last day for which nothing is kept any more, ?2 how much is deleted at once. */
#define UNUSED "rule IN (SELECT rule FROM used WHERE day <= ?1)"

static const char *const many[] = {
	"DELETE FROM counted WHERE id IN (SELECT id FROM counted WHERE " UNUSED " LIMIT ?2)",
	"DELETE FROM term WHERE (rule, key) IN"
	" (SELECT rule, key FROM term WHERE " UNUSED " LIMIT ?2)",
};

static const char *const few[] = {
	"DELETE FROM value WHERE " UNUSED,
	"DELETE FROM term_rule WHERE " UNUSED,
	"DELETE FROM used WHERE day <= ?1",
};

bool state_forget_rules(struct state *state, int64_t day)
{
	const int64_t numbers[] = { day - STATE_KEEP_DAYS - 1, AT_ONCE };
	bool all = true;

	state_execute(state, use_all, &day, 1);
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		all &= state_execute(state, many[i], numbers, 2) < AT_ONCE;
	/* They tell of what the others are. */
	for (size_t i = 0; all && i < sizeof(few) / sizeof(few[0]); i++)
		state_execute(state, few[i], numbers, 1);
	return all;
}
