/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions from text: the where-clause of EQL, Elastic's Event Query Language, with two extensions,
 * '...' strings and @lists.
 */
#ifndef AUSPAWN_RULES_PARSER_H
#define AUSPAWN_RULES_PARSER_H

#include <stddef.h>

#include "base/span.h"
#include "rules/condition.h"
#include "rules/lists.h"

#define PARSER_MAX_DEPTH 100 /* parentheses and nots inside each other */

/* A mistake, or something suspicious that stops nothing. */
enum parser_finding { PARSER_MISTAKE, PARSER_WARNING };

/* Told of each: where it is, in bytes from the start of the condition, and what is wrong. */
typedef void (*parser_report)(void *user, enum parser_finding finding, size_t offset,
			      const char *message);

/* Returns the condition that `text` says, which condition_free() releases, or NULL after having reported
 * at least one mistake. `lists` is a hash by name. */
struct condition *parser_parse(struct span text, const struct string_list *lists,
			       parser_report report, void *user);

#endif
