/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a process in the table tell of it: who they were, its container, its entry leader. */
#ifndef AUSPAWN_PROCESS_ANCESTRY_H
#define AUSPAWN_PROCESS_ANCESTRY_H

#include "process/event.h"
#include "process/table.h"

#define ANCESTRY_MAX_DEPTH 256 /* generations in which an entry point is looked for */

/* Returns the creator's entry, or NULL. The creator's own fork record can come after the exec of its child:
 * what it was is known since then, and noted here. */
struct entry *ancestry_creator(const struct process_table *table, struct entry *entry);

/* Returns the image that tells of a process's container where nobody looked: of what it was before or of its
 * nearest ancestor, of whichever it is known; NULL if of none. */
const struct image *ancestry_container(const struct process_table *table, struct entry *entry);

/* Puts `image` into the container of `from`, unless that is NULL or a runtime. */
void ancestry_inherit_container(const struct image *from, struct image *image);

/* Puts a process whose container nobody looked up in time into its creator's. */
void ancestry_complete_container(const struct process_table *table, struct entry *entry);

/* Fills in the event's parent, ancestors and entry leader; its process must be there already. */
void ancestry_fill(const struct process_table *table, struct entry *entry,
		   struct process_event *event);

#endif
