/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/lookup.h"

#include "process/identity.h"
#include "process/learn.h"

static struct entry *enter(struct process_table *table, const char *node, const struct procfs_process *process,
			   int64_t now)
{
	struct entry *entry = table_add(table, node, process->pid, ENTRY_LIVE);

	entry->seen = now > process->start.ms ? now : process->start.ms;
	entry->parent_pid = process->ppid;
	learn_from_proc(entry, process);
	return entry;
}

bool lookup_confirms(const struct entry *entry, const struct procfs_process *process)
{
	return entry && entry->state == ENTRY_TENTATIVE && entry->start &&
	       identity_began_at(entry, process->start.ms);
}

static struct entry *look_up(struct process_table *table, struct procfs *procfs, const struct lookup *lookup,
			     unsigned int depth)
{
	struct entry *entry = table_find(table, lookup->node, lookup->pid);
	struct procfs_process process;
	struct entry *parent;
	uint64_t birth;

	if (entry && entry->state == ENTRY_DEAD)
		entry = NULL;
	if (!procfs || lookup->pid <= 0)
		return entry;
	if (entry && entry->state == ENTRY_LIVE &&
	    identity_occupant(procfs, entry, lookup->now) != OCCUPANT_OTHER)
		return entry;
	if (!procfs_read(procfs, lookup->pid, lookup->now, &process))
		return entry;

	if (lookup_confirms(entry, &process)) {
		/* Its creator is known already, and may be gone by now. */
		learn_from_proc(entry, &process);
		table_touch(table, entry, ENTRY_LIVE, lookup->now);
		image_unref(process.image);
		return entry;
	}
	entry = enter(table, lookup->node, &process, lookup->now);
	image_unref(process.image);
	if (process.ppid <= 0 || depth >= EVENT_MAX_ANCESTORS)
		return entry;
	birth = entry->birth;
	parent = look_up(table, procfs, &(struct lookup){ lookup->node, process.ppid, lookup->now }, depth + 1);
	/* Making room for ancestors may have thrown this one out. */
	entry = table_find(table, lookup->node, lookup->pid);
	if (!entry || entry->birth != birth)
		return NULL;
	if (parent)
		table_set_parent(entry, parent);
	return entry;
}

struct entry *lookup_process(struct process_table *table, struct procfs *procfs, const struct lookup *lookup)
{
	return look_up(table, procfs, lookup, 0);
}

static void scan_one(void *user, const struct procfs_process *process)
{
	enter(user, NULL, process, process->start.ms);
}

void lookup_scan(struct process_table *table, struct procfs *procfs)
{
	struct entry *entry, *next;

	procfs_scan(procfs, scan_one, table);
	HASH_ITER (hh, table->entries, entry, next) {
		struct entry *parent = table_find(table, entry->key.node, entry->parent_pid);

		/* In ticks: in ms the clocks that were read between differ. */
		if (parent && parent->ticks <= entry->ticks)
			table_set_parent(entry, parent);
	}
}
