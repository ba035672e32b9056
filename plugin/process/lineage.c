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

/*
 * Nothing is known of a process but that it had a child at entry->seen, as parents of vfork have that are
 * gone before their own fork record comes. That record is older than the child's exec; a younger one is of
 * another process with that pid.
 */
static bool is_placeholder(const struct entry *entry)
{
	return !entry->parent_pid && !entry->image;
}

/* Returns the entry of a process of which a record just told, if it is the same process as before. */
static struct entry *find_same(const struct lineage *lineage, const char *node,
			       const struct audit_event *record)
{
	struct entry *entry = table_find(&lineage->table, node, record->pid);

	if (!entry || entry->state == ENTRY_DEAD || is_reused(lineage, entry))
		return NULL;
	if (is_placeholder(entry))
		return record->kind == AUDIT_EVENT_FORK &&
				       stamp_ms(&record->stamp) <= entry->seen ?
			       entry :
			       NULL;
	if (entry->parent_pid != record->ppid && !may_adopt(lineage, entry, record->ppid))
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

/* Enters `ppid` as the creator of a process that was heard of at `now`; known or not. */
static void set_creator(struct lineage *lineage, const char *node, struct entry *entry, pid_t ppid,
			int64_t now)
{
	struct entry *parent = table_find(&lineage->table, node, ppid);

	entry->parent_pid = ppid;
	if (parent == entry || ppid <= 0)
		return;
	if (!parent || (parent->state == ENTRY_DEAD && parent->seen < now)) {
		uint64_t birth = entry->birth;
		pid_t pid = (pid_t)entry->key.pid;

		parent = table_add(&lineage->table, node, ppid, ENTRY_TENTATIVE);
		parent->seen = now;
		/* Making room for it may have thrown the process itself out. */
		entry = table_find(&lineage->table, node, pid);
		if (!entry || entry->birth != birth)
			return;
	}
	table_set_parent(entry, parent);
}

static struct entry *enter_child(struct lineage *lineage, const char *node, pid_t pid, pid_t ppid,
				 int64_t now)
{
	struct entry *entry;

	look_up(lineage, node, ppid, now, 0);
	entry = table_add(&lineage->table, node, pid, ENTRY_LIVE);
	entry->seen = now;
	set_creator(lineage, node, entry, ppid, now);
	return entry;
}

/* The creator's own fork record can come after the exec of its child: what it was is known since then. */
static struct entry *creator_of(const struct lineage *lineage, struct entry *entry)
{
	struct entry *parent = table_parent(&lineage->table, entry);

	if (parent && !entry->parent_image && parent->image && !parent->execed)
		table_set_parent(entry, parent);
	return parent;
}

/* What a process comes from, where its container is known: what it was before, or its nearest ancestor of
 * which it is. */
static const struct image *container_source(const struct lineage *lineage, struct entry *entry)
{
	const struct image *image = entry->image;

	for (int i = 0; entry && i < EVENT_MAX_ANCESTORS; i++) {
		if (image && (image->container_known || is_runtime(image)))
			return image;
		creator_of(lineage, entry);
		image = entry->parent_image;
		if (image && (image->container_known || is_runtime(image)))
			return image;
		entry = table_parent(&lineage->table, entry);
		image = entry ? entry->image : NULL;
	}
	return NULL;
}

/* Adds to what the exec's records say what /proc and the name service know. */
static const struct image *complete_image(struct lineage *lineage, const char *node,
					  const struct audit_event *exec, struct entry *entry)
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
		inherit_container(container_source(lineage, entry), &image);
	}
	return image_copy(&image, SIZE_MAX);
}

static struct process process_of(pid_t pid, int64_t start, const struct image *image)
{
	return (struct process){ pid, start, image_ref(image) };
}

static void fill_ancestors(const struct lineage *lineage, struct entry *entry,
			   struct process_event *event)
{
	for (entry = creator_of(lineage, entry);
	     entry && entry->parent_pid && event->ancestors < EVENT_MAX_ANCESTORS;
	     entry = table_parent(&lineage->table, entry)) {
		creator_of(lineage, entry);
		event->ancestor[event->ancestors++] = process_of(
			entry->parent_pid, entry->parent_start, entry->parent_image);
	}
}

static void fill_event(const struct lineage *lineage, const struct audit_event *exec,
		       struct entry *entry, const struct image *image,
		       struct process_event *event)
{
	creator_of(lineage, entry);
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
	struct entry *entry = find_same(lineage, node, exec);
	const struct image *image;

	if (!entry)
		entry = enter_child(lineage, node, exec->pid, exec->ppid, now);
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

/* A process whose container nobody looked up in time lives in its creator's. */
static void complete_container(const struct lineage *lineage, struct entry *caller)
{
	const struct image *source = container_source(lineage, caller);
	struct image draft;
	const struct image *image;

	if (!source || caller->image->container_known)
		return;
	draft = *caller->image;
	inherit_container(source, &draft);
	image = image_copy(&draft, TABLE_MAX_ARGS);
	table_set_image(caller, image);
	image_unref(image);
}

/* Returns the entry of a fork's caller, who is known from then on. */
static struct entry *find_caller(struct lineage *lineage, const char *node,
				 const struct audit_event *record, int64_t now)
{
	struct entry *caller = find_same(lineage, node, record);

	if (!caller)
		caller = look_up(lineage, node, record->pid, now, 0);
	if (caller && is_placeholder(caller) && caller->seen >= now)
		set_creator(lineage, node, caller, record->ppid, now);
	else if (!caller || (caller->parent_pid != record->ppid &&
			     !may_adopt(lineage, caller, record->ppid)))
		caller = enter_child(lineage, node, record->pid, record->ppid, now);
	caller = table_find(&lineage->table, node, record->pid);
	if (!caller)
		return NULL;
	table_touch(&lineage->table, caller, ENTRY_LIVE, now);
	refresh_image(caller, record->image);
	complete_container(lineage, caller);
	return caller;
}

void lineage_fork(struct lineage *lineage, const struct audit_event *fork)
{
	const char *node = key_node(lineage, fork->node);
	int64_t now = stamp_ms(&fork->stamp);
	struct entry *caller = find_caller(lineage, node, fork, now);
	struct entry *child;

	if (!caller || fork->thread || fork->child == fork->pid)
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
	struct entry *entry = find_same(lineage, node, exit);

	if (entry)
		table_touch(&lineage->table, entry, ENTRY_DEAD, stamp_ms(&exit->stamp));
}
