/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ES|QL, Elasticsearch's piped query language, made a condition and, where it counts and keeps what
 * is rare, a rarity rule:
 *
 *	FROM ... | WHERE ... | STATS n = COUNT(*), hosts = COUNT_DISTINCT(host.id) BY FIELD, ...
 *	| WHERE n < 5 AND hosts == 1
 *
 * with KEEP, DROP, SORT, MV_EXPAND of a field with one value, and EVAL where they change nothing
 * that counts.
 */
#ifndef AUSPAWN_IMPORT_ESQL_H
#define AUSPAWN_IMPORT_ESQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "rules/group_by.h"
#include "rules/parser.h"

#define ESQL_ANY_COUNT 1000000000 /* no bound, as rarity rules write it */

struct esql {
	char *condition;
	bool counts; /* it has a STATS; without, the next three are not set */
	struct group_by by;
	int64_t fewer_than; /* events */
	int64_t max_hosts;
	int64_t window_ms; /* how far back it looks; 0 if it does not say */
};

/* Returns false after having reported at least one mistake, at its offset in the query.
 * esql_clear() must be called either way. */
bool esql_translate(struct span text, struct esql *esql, parser_report report, void *user);
void esql_clear(struct esql *esql);

#endif
