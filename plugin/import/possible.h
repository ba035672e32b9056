/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions about events that auspawn never has: ends of processes, other systems, other kinds of
 * events. */
#ifndef AUSPAWN_IMPORT_POSSIBLE_H
#define AUSPAWN_IMPORT_POSSIBLE_H

#include "rules/condition.h"

/* Of the parts that must all hold, returns the first field of one that holds for no event because
 * it asks only for what all events have in common; NULL if there is none. */
const char *possible_refusal(const struct condition *condition);

#endif
