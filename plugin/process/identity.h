/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a process that is told of the one that had its pid before? */
#ifndef AUSPAWN_PROCESS_IDENTITY_H
#define AUSPAWN_PROCESS_IDENTITY_H

#include <stdbool.h>

#include "audit/assemble.h"
#include "process/procfs.h"
#include "process/table.h"

/* How long after it was last heard of a process is believed to have been adopted, if it appears with
 * another parent and /proc can't tell any more; later it is taken for a new process with the pid. */
#define IDENTITY_ADOPTED_MS 60000

enum occupant {
	OCCUPANT_SAME,
	OCCUPANT_OTHER,   /* the pid belongs to another process now */
	OCCUPANT_UNKNOWN, /* nobody has the pid any more, or there is no /proc to ask */
};

/* Who has the entry's pid at present? `procfs` is NULL where there is none to ask. */
enum occupant identity_occupant(struct procfs *procfs, const struct entry *entry);

/* Is `ms` (since 1970) when the process was forked, as exactly as clocks tell? Its start must be known. */
bool identity_began_at(const struct entry *entry, int64_t ms);

/* Is nothing known of the process but that it had a child? So it is with the parents of a vfork: their own
 * fork record comes after the child's exec, and they may be gone by then. */
bool identity_is_placeholder(const struct entry *entry);

/* Is `entry` (NULL is not) the process that `record` is about? */
bool identity_holds(const struct process_table *table, struct procfs *procfs,
		    const struct entry *entry, const struct audit_event *record);

#endif
