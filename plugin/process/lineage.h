/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who started whom: learns from exec, fork and exit records and from /proc, and turns each exec into a
 * process event that knows its creator and the ancestors behind it.
 *
 * The creator counts, not whoever adopted an orphan. A fork record is tentative: its child's number may
 * belong to a pid namespace, and it may be written after the child's exec, so it never overwrites what
 * an exec or /proc told.
 */
#ifndef AUSPAWN_PROCESS_LINEAGE_H
#define AUSPAWN_PROCESS_LINEAGE_H

#include "audit/assemble.h"
#include "process/event.h"
#include "process/procfs.h"
#include "process/users.h"

struct lineage;

/* Where to look beyond the records; all NULL, as in a replay, for nowhere. All must outlive the
 * lineage. */
struct lineage_sources {
	struct procfs *procfs;
	struct users *users;    /* names that records lack */
	const char *local_node; /* the node= of this machine's records: /proc says nothing about others'.
				   Records without node= are this machine's. A name before its first
				   dot stands for the whole of it. */
	const char *const *env_vars; /* names of the variables that events of this machine have, up to
					NULL; NULL for none */
};

/* lineage_free() releases it. */
struct lineage *lineage_new(size_t max_processes, const struct lineage_sources *sources);
void lineage_free(struct lineage *lineage);

/* Replaces the env_vars of the sources. */
void lineage_set_env_vars(struct lineage *lineage, const char *const *env_vars);

/* Learns every process that lives now. */
void lineage_scan(struct lineage *lineage);

/* Makes a process event of an exec. `host` is copied as it is; release the event with event_release(). */
void lineage_exec(struct lineage *lineage, const struct audit_event *exec, const struct host *host,
		  struct process_event *event);

void lineage_fork(struct lineage *lineage, const struct audit_event *fork);
void lineage_unshare(struct lineage *lineage, const struct audit_event *unshare);
void lineage_exit(struct lineage *lineage, const struct audit_event *exit);

/* Do records with this node= (NULL: without) speak of this machine? */
bool lineage_is_local(const struct lineage *lineage, const char *node);

/* How many processes are known, and the bytes that they take. */
size_t lineage_count(const struct lineage *lineage);
size_t lineage_bytes(const struct lineage *lineage);

#endif
