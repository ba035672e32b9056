/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule of Elastic's form (TOML), made one of ours. */
#ifndef AUSPAWN_IMPORT_IMPORT_H
#define AUSPAWN_IMPORT_IMPORT_H

#include <stdbool.h>

#include "import/source.h"
#include "rules/rule.h"

enum import_language { IMPORT_EQL, IMPORT_KQL, IMPORT_ESQL };

struct import {
	struct rule rule; /* without id and condition; risk_score -1: there is none */
	enum import_language language;
	struct span query; /* the source's own, as the next */
	struct span rule_id, license;
	char *authors, *tags; /* in one line; NULL without */
	char *condition;      /* what the query says; NULL of EQL, which is taken as it is */
};

/* Reads the rule of a file. Returns false after having reported at least one mistake; what is left
 * out of a rule that is taken otherwise is a warning. import_clear() must be called either way,
 * before source_close(). */
bool import_read(struct import *import, const struct source *source);
void import_clear(struct import *import);

/* "eql", "kql" or "esql": how a file with such a query ends. */
const char *import_language_name(enum import_language language);

#endif
