/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enters processes into the table that only /proc shows. */
#ifndef AUSPAWN_PROCESS_LOOKUP_H
#define AUSPAWN_PROCESS_LOOKUP_H

#include "process/procfs.h"
#include "process/table.h"

/* Who is looked for. */
struct lookup {
	const char *node; /* as the table has it */
	pid_t pid;
	int64_t now; /* ms since 1970 */
};

/*
 * Returns the process that has the pid then, with its ancestors as far as /proc knows them, or NULL if
 * nobody knows it. `procfs` is NULL where there is none to ask. Others may be thrown out of the table for it.
 */
struct entry *lookup_process(struct process_table *table, struct procfs *procfs, const struct lookup *lookup);

/* Is the process that a fork record named by its number the one that /proc shows? */
bool lookup_confirms(const struct entry *entry, const struct procfs_process *process);

/* Enters every process that lives now. */
void lookup_scan(struct process_table *table, struct procfs *procfs);

#endif
