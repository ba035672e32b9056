/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which events were there already: a table of the last ones, where a new one takes the place of one of long ago. */
#ifndef AUSPAWN_AUDIT_ONCE_H
#define AUSPAWN_AUDIT_ONCE_H

#include <stdbool.h>
#include <stddef.h>

#include "process/event.h"

/* Where an event was seen. */
enum once_place {
	ONCE_STREAM = 1,
	ONCE_LOG = 2,
};

struct once;

/* Remembers `size` events of consecutive serials. once_free() releases it and accepts NULL. */
struct once *once_new(size_t size);
void once_free(struct once *once);

/* Notes an event that was seen in `place`. Nodes are told apart by the address of their name; NULL for records without
 * node=. */
void once_note(struct once *once, const char *node, const struct stamp *stamp, enum once_place place);

/* From now on it was not. */
void once_forget(struct once *once, const char *node, const struct stamp *stamp);

/* Was it seen in one of `places`? */
bool once_knows(const struct once *once, const char *node, const struct stamp *stamp, unsigned int places);

#endif
