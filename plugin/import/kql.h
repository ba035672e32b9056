/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KQL, Kibana's query language ("kuery"), made a condition.
 *
 * Values compare as Elasticsearch compares keywords: in the case they are written in; * is the only
 * wildcard, and none inside quotes. `field: *` asks whether the field is there. What is refused:
 * values without a field, wildcards in fields' names, nested documents, and times.
 */
#ifndef AUSPAWN_IMPORT_KQL_H
#define AUSPAWN_IMPORT_KQL_H

#include "base/span.h"
#include "rules/parser.h"

/* Returns the condition, which free() releases; NULL after having reported at least one mistake, at
 * its offset in the query. */
char *kql_translate(struct span text, parser_report report, void *user);

#endif
