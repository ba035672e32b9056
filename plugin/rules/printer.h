/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions as text again, compared, and what they read. */
#ifndef AUSPAWN_RULES_PRINTER_H
#define AUSPAWN_RULES_PRINTER_H

#include <stdbool.h>

#include "base/memory.h"
#include "rules/condition.h"

#include <utstring.h>

/* Appends the condition as text that parses to the same: lists stand expanded, parentheses only where they
 * are needed. Controls are escaped; NUL, and bytes that are not UTF-8, have no escape and stand as they are.
 * An empty set, which only a mistaken list leaves, is printed as (), which does not parse. */
void condition_print(const struct condition *condition, UT_string *out);

/* Are the two the same, member by member? Names of absent fields count, so that equal conditions print
 * equally. */
bool condition_equal(const struct condition *a, const struct condition *b);
bool expression_equal(const struct expression *a, const struct expression *b);

/* Calls `handle` once for each field that the condition reads, in the order they first stand there. */
void condition_fields(const struct condition *condition,
		      void (*handle)(void *user, const struct field_ref *field), void *user);

#endif
