/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields whose values put events into groups: those that agree in all of them belong together. */
#ifndef AUSPAWN_RULES_GROUP_BY_H
#define AUSPAWN_RULES_GROUP_BY_H

#include <stddef.h>

#include "process/event.h"
#include "process/field.h"

#define GROUP_BY_MAX_KEY 65536 /* bytes of a key that is worth remembering */

struct group_field {
	struct field_ref ref;
	char *name;
};

struct group_by {
	struct group_field *field;
	size_t fields; /* 0: all events are one group */
};

/* Adds a field; the name is copied. group_by_clear() releases all of them. */
void group_by_add(struct group_by *by, const char *name, const struct field_ref *ref);
void group_by_clear(struct group_by *by);

/* The names in one line, a space between; free() releases it. What was counted by other fields is
 * of no use, and this tells. */
char *group_by_names(const struct group_by *by);

/* The event's group: the values of the fields as one line of JSON, an array with null for an absent
 * one, and an array of its own for a field that can have several. No two groups have the same.
 * free() releases it. */
char *group_by_key(const struct group_by *by, const struct process_event *event);

#endif
