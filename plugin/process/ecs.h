/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of the Elastic Common Schema, 8 and 9, and of what Elastic's own data adds to it. A rule that was
 * written for all of Elastic's sources may ask for any of them; those that are not in the field table
 * (process/field.h) no event has.
 *
 * It is a little more permissive than the schema: sets can be nested deeper, and what can have any name below
 * it is not looked into.
 */
#ifndef AUSPAWN_PROCESS_ECS_H
#define AUSPAWN_PROCESS_ECS_H

#include <stdbool.h>

#include "base/span.h"

/* Is this the full name of such a field? */
bool ecs_has_field(struct span name);

/* Calls `handle` with every full name of at most `longest` bytes; a set that stands in itself is followed once.
 * All in all there are some 18,000, and those that are too long cost nothing. */
void ecs_each(size_t longest, void (*handle)(void *user, const char *name), void *user);

#endif
