/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions about events that auspawn never has: ends of processes, other systems, other kinds of
 * events. */
#ifndef AUSPAWN_IMPORT_POSSIBLE_H
#define AUSPAWN_IMPORT_POSSIBLE_H

#include "rules/condition.h"

/* If no event satisfies the condition because of what all events have in common, returns the first
 * field with such a value of the part that is to blame, else NULL. */
const char *possible_refusal(const struct condition *condition);

#endif
