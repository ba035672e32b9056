/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions made simpler without changing what they hold for: what is the same for every event is worked
 * out, absent fields and null carried up, nested and doubled members of `and` and `or` dropped.
 *
 * A regular expression that reaches its limit on constants stays, so that the limit is still reported; one
 * that stands beside what decides the condition already is dropped.
 */
#ifndef AUSPAWN_RULES_FOLD_H
#define AUSPAWN_RULES_FOLD_H

#include "rules/condition.h"

enum fold_outcome {
	FOLD_DEPENDS, /* on the event */
	FOLD_ALWAYS,  /* holds for every event */
	FOLD_NEVER,   /* holds for none */
};

/* Returns a simpler copy, never NULL, which condition_free() releases. One that always or never holds is a
 * CONDITION_TRUTH of true or false. */
struct condition *fold_condition(const struct condition *condition);

/* What is known of a condition from fold_condition(). */
enum fold_outcome fold_outcome(const struct condition *folded);

#endif
