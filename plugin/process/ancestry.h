/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a process in the table tell of it: who they were, its container, its entry leader. */
#ifndef AUSPAWN_PROCESS_ANCESTRY_H
#define AUSPAWN_PROCESS_ANCESTRY_H

#include "process/container.h"
#include "process/event.h"
#include "process/table.h"

#define ANCESTRY_MAX_DEPTH 256 /* generations in which an entry point is looked for */

/* Returns the creator's entry, or NULL. The creator's own fork record can come after the exec of its child:
 * what it was is known since then, and noted here. */
struct entry *ancestry_creator(const struct process_table *table, struct entry *entry);

/* Completes what /proc told of a process's container: nothing, all, or, of one that was ending, its id
 * alone. The rest is that of what the process was before, of its nearest ancestor of whom it is known, or
 * what a runtime's program among them names (process/runtime.h). Beyond such a program lies another
 * container. `image` is what the process is now, with what is known of its container in `*container`;
 * `entry` is what it was until then, and `ppid` its parent at this moment. Sets container_known if the
 * answer is known, and leaves the rest of the image to ancestry_set_container(). What `*container` refers
 * to lasts until the table changes. */
void ancestry_infer_container(const struct process_table *table, struct entry *entry, pid_t ppid,
			      struct image *image, struct container *container);

/* Makes the image tell of `container`, which must last as long. */
void ancestry_set_container(struct image *image, const struct container *container);

/* Puts `image` into the container of what the process was before, unless that is a runtime or nobody knows. */
void ancestry_inherit_container(const struct image *before, struct image *image);

/* Puts a process that is in the table, and whose container nobody looked up in time, into its ancestors'. */
void ancestry_complete_container(const struct process_table *table, struct entry *entry);

/* Fills in the event's parent, ancestors and entry leader; its process must be there already. */
void ancestry_fill(const struct process_table *table, struct entry *entry,
		   struct process_event *event);

#endif
