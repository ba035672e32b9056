/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of an `in`, `like` or `:`, made ready so that looking a value up costs little, however large the
 * set is. */
#ifndef AUSPAWN_RULES_SET_H
#define AUSPAWN_RULES_SET_H

#include <stdbool.h>

#include "process/field.h"

struct condition;
struct set;

/* Of a CONDITION_IN or CONDITION_WILDCARD, whose items must outlive it. set_free() releases it. */
struct set *set_new(const struct condition *condition);

/* Accepts NULL. */
void set_free(struct set *set);

/* Is the value, of the kind that the condition's left side has, in the set? The same as trying every item. */
bool set_has(const struct set *set, const struct value *value);

#endif
