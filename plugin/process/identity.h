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

/* Who has the entry's pid at present, as far as that matters for what happened at `now` (ms since 1970)? Who
 * started later does not. `procfs` is NULL where there is none to ask. */
enum occupant identity_occupant(struct procfs *procfs, const struct entry *entry, int64_t now);

/* Can a process that started at `start` be the one that a call made at `time` (both ms since 1970)? */
bool identity_fits(int64_t time, int64_t start);

/* Is `ms` (since 1970) when the process was forked, as exactly as clocks tell? Its start must be known. */
bool identity_began_at(const struct entry *entry, int64_t ms);

/* Is a process with `pid` among the ancestors of `entry`? */
bool identity_descends(const struct process_table *table, const struct entry *entry, pid_t pid);

/* Does the number that a fork record of `entry` names mean the same process here? /proc told so. */
bool identity_counts_as_we(const struct entry *entry);

/* Is it one program, even if its file was removed while it ran? NULL is none. */
bool identity_same_program(const char *executable, const char *other);

/* Was the pid given to a child of `ppid` since this process was last heard of? */
bool identity_is_claimed(const struct entry *entry, pid_t ppid);

/* Is nothing known of the process but that it had a child? So it is with the parents of a vfork: their own
 * fork record comes after the child's exec, and they may be gone by then. */
bool identity_is_placeholder(const struct entry *entry);

/* Is `entry` (NULL is not) the process that `record` is about? */
bool identity_holds(const struct process_table *table, struct procfs *procfs,
		    const struct entry *entry, const struct audit_event *record);

#endif
