/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/identity.h"

#define INIT_PID 1

/* The record has the time of the call, and the child begins at its end: copying the page tables of a process
 * with 2.5 GB took 53 ms. */
#define LONGEST_FORK_MS 1000

bool identity_began_at(const struct entry *entry, int64_t ms)
{
	return ms >= entry->start - PROCFS_SLACK_MS && ms <= entry->start + LONGEST_FORK_MS;
}

enum occupant identity_occupant(struct procfs *procfs, const struct entry *entry)
{
	struct procfs_start start;

	if (!procfs || !procfs_started(procfs, (pid_t)entry->key.pid, &start))
		return OCCUPANT_UNKNOWN;
	if (entry->ticks)
		return start.ticks == entry->ticks ? OCCUPANT_SAME : OCCUPANT_OTHER;
	/* The number that a fork record gave may be a namespace's: then it began at another time. */
	if (entry->state == ENTRY_TENTATIVE && entry->start)
		return identity_began_at(entry, start.ms) ? OCCUPANT_SAME : OCCUPANT_OTHER;
	/* Nobody looked at it while it was sure to live. */
	if (start.ms > entry->seen + PROCFS_SLACK_MS)
		return OCCUPANT_OTHER;
	return entry->state == ENTRY_LIVE ? OCCUPANT_SAME : OCCUPANT_UNKNOWN;
}

bool identity_is_placeholder(const struct entry *entry)
{
	return !entry->parent_pid && !entry->image;
}

static bool is_ancestor(const struct process_table *table, const struct entry *entry, pid_t pid)
{
	for (int i = 0; i < EVENT_MAX_ANCESTORS; i++) {
		entry = table_parent(table, entry);
		if (!entry)
			return false;
		if (entry->parent_pid == pid)
			return true;
	}
	return false;
}

static bool creator_lives(const struct process_table *table, struct procfs *procfs,
			  const struct entry *entry)
{
	const struct entry *creator = table_parent(table, entry);

	return creator && creator->state != ENTRY_DEAD &&
	       identity_occupant(procfs, creator) == OCCUPANT_SAME;
}

/* Has `ppid` adopted the process? init adopts orphans, and so does any ancestor that is a subreaper
 * (prctl(2): PR_SET_CHILD_SUBREAPER). */
static bool was_adopted(const struct process_table *table, struct procfs *procfs,
			const struct entry *entry, pid_t ppid, int64_t now)
{
	return now <= entry->seen + IDENTITY_ADOPTED_MS &&
	       (ppid == INIT_PID || is_ancestor(table, entry, ppid)) &&
	       !creator_lives(table, procfs, entry);
}

/* The same parent's pid again: is it the same parent, and no later child of it? */
static bool has_same_parent(const struct process_table *table, const struct entry *entry)
{
	const struct entry *parent = table_find(table, entry->key.node, entry->parent_pid);

	if (!parent || !entry->parent_birth)
		return true;
	if (parent->birth != entry->parent_birth)
		return false;
	/* The parent became another program since; a process that had become one before is rarely met
	 * again, and its pid often. */
	return !entry->execed || parent->execed <= entry->seen;
}

bool identity_holds(const struct process_table *table, struct procfs *procfs,
		    const struct entry *entry, const struct audit_event *record)
{
	int64_t now = stamp_ms(&record->stamp);

	if (!entry || entry->state == ENTRY_DEAD)
		return false;
	/* A vfork's record is older than the child's exec; a younger one is another process's. */
	if (identity_is_placeholder(entry))
		return record->kind == AUDIT_EVENT_FORK && now <= entry->seen;
	switch (identity_occupant(procfs, entry)) {
	case OCCUPANT_SAME:
		return true;
	case OCCUPANT_OTHER:
		return false;
	case OCCUPANT_UNKNOWN:
		break;
	}
	if (entry->claimed > entry->seen && entry->claimant == record->ppid)
		return false;
	if (entry->parent_pid == record->ppid)
		return has_same_parent(table, entry);
	return was_adopted(table, procfs, entry, record->ppid, now);
}
