/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rules can match an event? Most conditions hold only where some field has, or begins or ends with, one
 * of some strings: these are hashed, and an event's values looked up. Rules of which no such thing is known
 * are candidates always.
 */
#ifndef AUSPAWN_RULES_INDEX_H
#define AUSPAWN_RULES_INDEX_H

#include <stddef.h>

#include "process/event.h"
#include "rules/condition.h"

struct index;

/* For rules number 0 to `rules` - 1, none of which is a candidate before index_add(). index_free() releases
 * it and accepts NULL. */
struct index *index_new(size_t rules);
void index_free(struct index *index);

/* Rule number `rule` can match events for which `condition` holds, which is folded or compiled and need not
 * outlive the call. */
void index_add(struct index *index, size_t rule, const struct condition *condition);

/* How many rules are always candidates. */
size_t index_always(const struct index *index);

/* Finds the candidates for an event: every rule whose condition holds, and perhaps some others. Allocates
 * nothing; takes time in proportion to the values that are looked up, not to the number of rules. */
void index_look_up(struct index *index, const struct process_event *event);

/* The first candidate from number `rule` on; SIZE_MAX if there is none. */
size_t index_next(const struct index *index, size_t rule);

#endif
