/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/identity.h"

#define INIT_PID 1

/* The record has the time of the call, and the child begins at its end: copying the page tables of a process
 * with 2.5 GB took 53 ms. */
#define LONGEST_FORK_MS 1000

/* /proc tells starts in ticks of 10 ms: a process can have one that ended a moment ago for a twin. */
#define TWIN_MS (2 * PROCFS_SLACK_MS)

#define DELETED " (deleted)" /* behind the path of a program that was removed */

bool identity_fits(int64_t time, int64_t start)
{
	return start >= time - PROCFS_SLACK_MS && start <= time + LONGEST_FORK_MS;
}

bool identity_began_at(const struct entry *entry, int64_t ms)
{
	return identity_fits(entry->start, ms);
}

bool identity_counts_as_we(const struct entry *entry)
{
	return entry->ticks && !entry->nested;
}

static size_t program_length(const char *executable)
{
	size_t length = strlen(executable), mark = strlen(DELETED);

	return length > mark && !strcmp(executable + length - mark, DELETED) ? length - mark :
									       length;
}

bool identity_same_program(const char *executable, const char *other)
{
	return executable && other && program_length(executable) == program_length(other) &&
	       !memcmp(executable, other, program_length(other));
}

/* Had a process that began at `ms` surely, or without fork records possibly, begun by `now`? The fork record of
 * one that had would have been read before. */
static bool had_begun(const struct entry *entry, int64_t ms, int64_t now)
{
	return entry->forked ? ms + PROCFS_SLACK_MS < now : ms <= now + PROCFS_SLACK_MS;
}

enum occupant identity_occupant(struct procfs *procfs, const struct entry *entry, int64_t now)
{
	struct procfs_start start;

	if (!procfs || !procfs_started(procfs, (pid_t)entry->key.pid, &start))
		return OCCUPANT_UNKNOWN;
	if (entry->ticks && start.ticks == entry->ticks)
		return OCCUPANT_SAME;
	if (entry->ticks)
		return had_begun(entry, start.ms, now) ? OCCUPANT_OTHER : OCCUPANT_UNKNOWN;
	/* The number that a fork record gave may be a namespace's: then it began at another time. */
	if (entry->state == ENTRY_TENTATIVE && entry->start)
		return identity_began_at(entry, start.ms) ? OCCUPANT_SAME : OCCUPANT_OTHER;
	/* Nobody looked at it while it was sure to live. */
	if (start.ms > entry->seen + PROCFS_SLACK_MS)
		return had_begun(entry, start.ms, now) ? OCCUPANT_OTHER : OCCUPANT_UNKNOWN;
	return entry->state == ENTRY_LIVE ? OCCUPANT_SAME : OCCUPANT_UNKNOWN;
}

bool identity_is_placeholder(const struct entry *entry)
{
	return !entry->parent_pid && !entry->image;
}

bool identity_descends(const struct process_table *table, const struct entry *entry, pid_t pid)
{
	for (int i = 0; entry && i < EVENT_MAX_ANCESTORS; i++) {
		if (entry->parent_pid == pid)
			return true;
		entry = table_parent(table, entry);
	}
	return false;
}

static bool creator_lives(const struct process_table *table, struct procfs *procfs,
			  const struct entry *entry, int64_t now)
{
	const struct entry *creator = table_parent(table, entry);
	struct procfs_start start;

	return creator && creator->state != ENTRY_DEAD && procfs &&
	       procfs_started(procfs, (pid_t)creator->key.pid, &start) && !start.ended &&
	       identity_occupant(procfs, creator, now) == OCCUPANT_SAME;
}

/* Has `ppid` adopted the process? init adopts orphans, and so does any ancestor that is a subreaper
 * (prctl(2): PR_SET_CHILD_SUBREAPER). */
static bool was_adopted(const struct process_table *table, struct procfs *procfs,
			const struct entry *entry, pid_t ppid, int64_t now)
{
	return now <= entry->seen + IDENTITY_ADOPTED_MS &&
	       (ppid == INIT_PID || identity_descends(table, entry, ppid)) &&
	       !creator_lives(table, procfs, entry, now);
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

static bool may_have_twin(const struct entry *entry, int64_t now)
{
	int64_t since = entry->start ? entry->start : entry->seen;

	return entry->state == ENTRY_LIVE && now <= since + TWIN_MS;
}

bool identity_is_claimed(const struct entry *entry, pid_t ppid)
{
	return entry->claimed && entry->claimed >= entry->seen && entry->claimant == ppid;
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
	switch (identity_occupant(procfs, entry, now)) {
	case OCCUPANT_SAME:
		if (!may_have_twin(entry, now))
			return true;
		/* Where fork records come, one would have told of the other. */
		if (entry->forked || entry->parent_pid == record->ppid)
			return !identity_is_claimed(entry, record->ppid);
		break;
	case OCCUPANT_OTHER:
		return false;
	case OCCUPANT_UNKNOWN:
		break;
	}
	if (identity_is_claimed(entry, record->ppid))
		return false;
	if (entry->parent_pid == record->ppid)
		return has_same_parent(table, entry);
	return was_adopted(table, procfs, entry, record->ppid, now);
}
