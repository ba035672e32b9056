/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions made fast: folded, their sets hashed, what costs little tried first. */
#ifndef AUSPAWN_RULES_COMPILE_H
#define AUSPAWN_RULES_COMPILE_H

#include "rules/condition.h"

/* Returns a copy, never NULL, that holds for the same events and which condition_free() releases. It is for
 * condition_evaluate() alone: what a rule says is printed from the original. */
struct condition *compile_condition(const struct condition *condition);

#endif
