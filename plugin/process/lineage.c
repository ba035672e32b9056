/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/lineage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "process/table.h"

#define INIT_PID 1

struct lineage {
	struct process_table table;
	struct lineage_sources sources;
};

struct lineage *lineage_new(size_t max_processes, const struct lineage_sources *sources)
{
	struct lineage *lineage = mem_zalloc(sizeof(*lineage));

	table_init(&lineage->table, max_processes);
	lineage->sources = *sources;
	return lineage;
}

void lineage_free(struct lineage *lineage)
{
	if (!lineage)
		return;
	table_clear(&lineage->table);
	free(lineage);
}

size_t lineage_count(const struct lineage *lineage)
{
	return HASH_COUNT(lineage->table.entries);
}

static size_t short_length(const char *name)
{
	return strcspn(name, ".");
}

/* The name under which processes of `node` are kept: NULL for this machine. */
static const char *key_node(const struct lineage *lineage, const char *node)
{
	const char *local = lineage->sources.local_node;

	if (!node || !local)
		return node;
	if (!strcasecmp(node, local))
		return NULL;
	if ((!strchr(node, '.') || !strchr(local, '.')) &&
	    short_length(node) == short_length(local) &&
	    !strncasecmp(node, local, short_length(local)))
		return NULL;
	return node;
}

bool lineage_is_local(const struct lineage *lineage, const char *node)
{
	return !key_node(lineage, node);
}

/* The /proc that speaks of the processes kept under `node`, if any. */
static struct procfs *procfs_of(const struct lineage *lineage, const char *node)
{
	return node ? NULL : lineage->sources.procfs;
}

static struct entry *enter(struct lineage *lineage, const char *node,
			   const struct procfs_process *process, int64_t now)
{
	struct entry *entry = table_add(&lineage->table, node, process->pid, ENTRY_LIVE);

	entry->start = process->start;
	entry->seen = now > process->start ? now : process->start;
	entry->parent_pid = process->ppid;
	table_set_image(entry, process->image);
	return entry;
}

/* Does the pid of a live process belong to a later one by now? Only /proc can tell; if it can't, no. */
static bool is_reused(const struct lineage *lineage, const struct entry *entry)
{
	struct procfs *procfs = procfs_of(lineage, entry->key.node);

	return procfs &&
	       procfs_start(procfs, (pid_t)entry->key.pid) > entry->seen + PROCFS_SLACK_MS;
}

/*
 * Returns the process that has `pid` at `now`, with its ancestors as far as /proc knows them, or NULL if
 * nobody knows it. What was heard of `pid` before may be of an earlier process: /proc's start time
 * tells.
 */
static struct entry *look_up(struct lineage *lineage, const char *node, pid_t pid, int64_t now,
			     unsigned int depth)
{
	struct procfs *procfs = procfs_of(lineage, node);
	struct entry *entry = table_find(&lineage->table, node, pid);
	struct procfs_process process;

	if (entry && entry->state == ENTRY_DEAD)
		entry = NULL;
	if (!procfs || pid <= 0)
		return entry;
	if (entry && entry->state == ENTRY_LIVE && !is_reused(lineage, entry))
		return entry;
	if (!procfs_read(procfs, pid, now, &process))
		return entry;

	entry = enter(lineage, node, &process, now);
	image_unref(process.image);
	if (process.ppid > 0 && depth < EVENT_MAX_ANCESTORS) {
		uint64_t birth = entry->birth;
		struct entry *parent = look_up(lineage, node, process.ppid, now, depth + 1);

		/* Making room for ancestors may have thrown this one out. */
		entry = table_find(&lineage->table, node, pid);
		if (!entry || entry->birth != birth)
			return NULL;
		if (parent)
			table_set_parent(entry, parent);
	}
	return entry;
}

struct scan {
	struct lineage *lineage;
	int64_t now;
};

static void scan_one(void *user, const struct procfs_process *process)
{
	struct scan *scan = user;

	enter(scan->lineage, NULL, process, process->start);
}

void lineage_scan(struct lineage *lineage)
{
	struct scan scan = { .lineage = lineage };
	struct entry *entry, *next;

	if (!lineage->sources.procfs)
		return;
	procfs_scan(lineage->sources.procfs, scan_one, &scan);
	HASH_ITER(hh, lineage->table.entries, entry, next) {
		struct entry *parent =
			table_find(&lineage->table, entry->key.node, entry->parent_pid);

		if (parent && parent->start <= entry->start)
			table_set_parent(entry, parent);
	}
}

/* Did `ppid` adopt `entry`? init does, and so does any ancestor that is a subreaper (prctl(2):
 * PR_SET_CHILD_SUBREAPER). */
static bool may_adopt(const struct lineage *lineage, const struct entry *entry, pid_t ppid)
{
	if (ppid == INIT_PID)
		return true;
	for (int i = 0; i < EVENT_MAX_ANCESTORS; i++) {
		entry = table_parent(&lineage->table, entry);
		if (!entry)
			return false;
		if (entry->parent_pid == ppid)
			return true;
	}
	return false;
}

/* Returns the entry of a process of which a record just told, if it is the same process as before. */
static struct entry *find_same(const struct lineage *lineage, const char *node, pid_t pid,
			       pid_t ppid)
{
	struct entry *entry = table_find(&lineage->table, node, pid);

	if (!entry || entry->state == ENTRY_DEAD || is_reused(lineage, entry))
		return NULL;
	if (entry->parent_pid != ppid && !may_adopt(lineage, entry, ppid))
		return NULL;
	return entry;
}

/* Is it an OCI runtime, which starts programs in another container than its own? */
static bool is_runtime(const struct image *image)
{
	const char *comm = image->comm ? image->comm : "";

	return !strncmp(comm, "runc", 4) || !strncmp(comm, "crun", 4);
}

/* Where nobody could look in time: a process lives in the container that it came from. */
static void inherit_container(const struct image *from, struct image *image)
{
	if (!from || !from->container_known || is_runtime(from))
		return;
	image->container_known = true;
	image->container_id = from->container_id;
	image->container_runtime = from->container_runtime;
}

static struct entry *enter_child(struct lineage *lineage, const char *node, pid_t pid, pid_t ppid,
				 enum entry_state state, int64_t now)
{
	struct entry *entry, *parent;

	look_up(lineage, node, ppid, now, 0);
	entry = table_add(&lineage->table, node, pid, state);
	entry->seen = now;
	entry->parent_pid = ppid;
	parent = table_find(&lineage->table, node, ppid);
	if (parent && parent != entry && (parent->state != ENTRY_DEAD || parent->seen >= now))
		table_set_parent(entry, parent);
	return entry;
}

/* Adds to what the exec's records say what /proc and the name service know. */
static const struct image *complete_image(struct lineage *lineage, const char *node,
					  const struct audit_event *exec, const struct entry *entry)
{
	struct procfs *procfs = procfs_of(lineage, node);
	struct image image = *exec->image;
	struct container container;

	if (!procfs)
		return image_ref(exec->image);
	if (lineage->sources.users)
		users_complete(lineage->sources.users, &image.credentials);
	if (procfs_container(procfs, exec->pid, stamp_ms(&exec->stamp), &container)) {
		image.container_known = true;
		image.container_id = container.id[0] ? container.id : NULL;
		image.container_runtime = container.runtime;
	} else {
		inherit_container(entry->image ? entry->image : entry->parent_image, &image);
	}
	return image_copy(&image, SIZE_MAX);
}

static struct process process_of(pid_t pid, int64_t start, const struct image *image)
{
	return (struct process){ pid, start, image_ref(image) };
}

static void fill_ancestors(const struct lineage *lineage, const struct entry *entry,
			   struct process_event *event)
{
	for (entry = table_parent(&lineage->table, entry);
	     entry && entry->parent_pid && event->ancestors < EVENT_MAX_ANCESTORS;
	     entry = table_parent(&lineage->table, entry))
		event->ancestor[event->ancestors++] = process_of(
			entry->parent_pid, entry->parent_start, entry->parent_image);
}

static void fill_event(const struct lineage *lineage, const struct audit_event *exec,
		       const struct entry *entry, const struct image *image,
		       struct process_event *event)
{
	event->node = exec->node;
	event->stamp = exec->stamp;
	event->key = exec->key;
	snprintf(event->id, sizeof(event->id), "%" PRId64 ".%03u:%" PRIu64, exec->stamp.sec,
		 exec->stamp.ms, exec->stamp.serial);
	event->process = process_of(exec->pid, entry->start, image);
	event->parent = process_of(entry->parent_pid, entry->parent_start, entry->parent_image);
	if (entry->parent_pid != exec->ppid)
		event->reparented_to = exec->ppid;
	if (entry->execed)
		event->previous = image_ref(entry->image);
	fill_ancestors(lineage, entry, event);
}

void lineage_exec(struct lineage *lineage, const struct audit_event *exec, const struct host *host,
		  struct process_event *event)
{
	const char *node = key_node(lineage, exec->node);
	int64_t now = stamp_ms(&exec->stamp);
	struct entry *entry = find_same(lineage, node, exec->pid, exec->ppid);
	const struct image *image;

	if (!entry)
		entry = enter_child(lineage, node, exec->pid, exec->ppid, ENTRY_LIVE, now);
	table_touch(&lineage->table, entry, ENTRY_LIVE, now);
	image = complete_image(lineage, node, exec, entry);

	memset(event, 0, sizeof(*event));
	event->host = *host;
	fill_event(lineage, exec, entry, image, event);

	table_set_image(entry, image);
	entry->execed = true;
	image_unref(image);
}

/* A fork's record shows its caller, with the ids and the program that it has by now. */
static void refresh_image(struct entry *caller, const struct image *seen)
{
	const struct image *known = caller->image;
	bool same_program = known && (!known->executable || !seen->executable ||
				      !strcmp(known->executable, seen->executable));
	struct image draft;

	if (same_program && known->credentials.known &&
	    known->credentials.user.id == seen->credentials.user.id &&
	    known->credentials.group.id == seen->credentials.group.id)
		return;
	if (same_program) {
		draft = *known;
		draft.credentials = seen->credentials;
	} else {
		draft = *seen;
		inherit_container(known, &draft);
	}
	seen = image_copy(&draft, TABLE_MAX_ARGS);
	table_set_image(caller, seen);
	image_unref(seen);
}

static struct entry *find_caller(struct lineage *lineage, const char *node,
				 const struct audit_event *record, int64_t now)
{
	struct entry *caller = find_same(lineage, node, record->pid, record->ppid);

	if (!caller)
		caller = look_up(lineage, node, record->pid, now, 0);
	if (!caller || (caller->parent_pid != record->ppid &&
			!may_adopt(lineage, caller, record->ppid)))
		caller = enter_child(lineage, node, record->pid, record->ppid, ENTRY_LIVE, now);
	table_touch(&lineage->table, caller, ENTRY_LIVE, now);
	refresh_image(caller, record->image);
	return caller;
}

void lineage_fork(struct lineage *lineage, const struct audit_event *fork)
{
	const char *node = key_node(lineage, fork->node);
	int64_t now = stamp_ms(&fork->stamp);
	struct entry *caller = find_caller(lineage, node, fork, now);
	struct entry *child;

	if (fork->thread || fork->child == fork->pid)
		return;
	child = table_find(&lineage->table, node, fork->child);
	if (child && child->state == ENTRY_LIVE) {
		if (child->parent_pid == fork->pid && !child->parent_image)
			table_set_parent(child, caller);
		return;
	}
	child = table_add(&lineage->table, node, fork->child, ENTRY_TENTATIVE);
	child->start = now;
	child->seen = now;
	caller = table_find(&lineage->table, node, fork->pid);
	if (!caller)
		return;
	table_set_parent(child, caller);
	table_set_image(child, caller->image);
}

void lineage_exit(struct lineage *lineage, const struct audit_event *exit)
{
	const char *node = key_node(lineage, exit->node);
	struct entry *entry = find_same(lineage, node, exit->pid, exit->ppid);

	if (entry)
		table_touch(&lineage->table, entry, ENTRY_DEAD, stamp_ms(&exit->stamp));
}
