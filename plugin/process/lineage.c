/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/lineage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "process/ancestry.h"
#include "process/births.h"
#include "process/identity.h"
#include "process/learn.h"
#include "process/lookup.h"
#include "process/script.h"
#include "process/table.h"

#define INIT_PID 1

/* From the call to exit until another adopts the children; memory is given back before. */
#define LONGEST_END_MS 1000

struct lineage {
	struct process_table table;
	struct births births; /* in pid namespaces */
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
	births_clear(&lineage->births);
	table_clear(&lineage->table);
	free(lineage);
}

size_t lineage_count(const struct lineage *lineage)
{
	return HASH_COUNT(lineage->table.entries);
}

size_t lineage_bytes(const struct lineage *lineage)
{
	return lineage->table.bytes;
}

void lineage_set_env_vars(struct lineage *lineage, const char *const *env_vars)
{
	lineage->sources.env_vars = env_vars;
}

/* --- nodes --- */

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

/* --- who is there --- */

/* Returns the process that has `pid` at `now`, or NULL (lookup_process()). */
static struct entry *look_up(struct lineage *lineage, const char *node, pid_t pid, int64_t now)
{
	return lookup_process(&lineage->table, procfs_of(lineage, node), &(struct lookup){ node, pid, now });
}

void lineage_scan(struct lineage *lineage)
{
	if (lineage->sources.procfs)
		lookup_scan(&lineage->table, lineage->sources.procfs);
}

/* Returns the entry of the process that a record is about, if it is the same as before. */
static struct entry *find_same(const struct lineage *lineage, const char *node,
			       const struct audit_event *record)
{
	struct entry *entry = table_find(&lineage->table, node, record->pid);

	return identity_holds(&lineage->table, procfs_of(lineage, node), entry, record) ? entry :
											  NULL;
}

/* Enters `ppid` as the creator of a process that was heard of at `now`, with a place for it if it is not
 * known (identity_is_placeholder()). */
static void set_creator(struct lineage *lineage, const char *node, struct entry *entry, pid_t ppid,
			int64_t now)
{
	struct entry *parent = table_find(&lineage->table, node, ppid);
	uint64_t birth = entry->birth;
	pid_t pid = (pid_t)entry->key.pid;

	entry->parent_pid = ppid;
	if (parent == entry || ppid <= 0)
		return;
	if (!parent || (parent->state == ENTRY_DEAD && parent->seen < now)) {
		parent = table_add(&lineage->table, node, ppid, ENTRY_TENTATIVE);
		parent->seen = now;
	} else if (parent->state == ENTRY_LIVE) {
		/* It has a child now, so it is not among those long unheard of. */
		table_touch(&lineage->table, parent, ENTRY_LIVE, now);
	}
	/* Making room for it may have thrown the process itself out. */
	entry = table_find(&lineage->table, node, pid);
	if (!entry || entry->birth != birth)
		return;
	entry->nested = entry->nested || parent->nested;
	table_set_parent(entry, parent);
}

/* Who forked a process that has just appeared among the children of `parent`, if that is in a pid namespace. */
static enum births_answer ask_births(struct lineage *lineage, pid_t pid, const struct entry *parent,
				     int64_t now, struct birth *birth)
{
	struct procfs *procfs = procfs_of(lineage, parent->key.node);
	struct births_query query = { .parent = parent, .now = now };
	struct procfs_glance glance;

	if (!parent->nested)
		return BIRTHS_NONE;
	if (procfs && procfs_look(procfs, pid, now, &glance)) {
		query.number = glance.inner;
		query.start = glance.start.ms;
	}
	return births_take(&lineage->births, &lineage->table, &query, birth);
}

/* The child is what its creator was then; what /proc shows may be what it has become since. */
static void enter_birth(struct entry *entry, struct birth *birth)
{
	table_set_birth(entry, &birth->creator, birth->creator_birth, birth->creator_start, birth->creator_image);
	table_set_image(entry, birth->creator_image);
	image_unref(birth->creator_image);
}

/* The fork of a child in a pid namespace may be told of only now, and with it who its parent is. */
static void note_early(struct lineage *lineage, const struct entry *child, int64_t now)
{
	const struct entry *parent = table_parent(&lineage->table, child);
	struct procfs *procfs = procfs_of(lineage, child->key.node);
	struct procfs_glance glance;

	if (parent && identity_is_placeholder(parent) && procfs &&
	    procfs_look(procfs, (pid_t)child->key.pid, now, &glance) && glance.nested)
		births_met(&lineage->births, parent, glance.inner, now);
}

/* A process that has ended is its children's parent for as long as its end takes. */
static struct entry *find_ending(struct lineage *lineage, const char *node, pid_t pid, int64_t now)
{
	struct entry *entry = table_find(&lineage->table, node, pid);

	return entry && entry->state == ENTRY_DEAD && now <= entry->seen + LONGEST_END_MS ? entry : NULL;
}

static struct entry *enter_child(struct lineage *lineage, const char *node, pid_t pid, pid_t ppid,
				 int64_t now)
{
	struct entry *parent = look_up(lineage, node, ppid, now);
	enum births_answer answer = BIRTHS_NONE;
	struct entry *entry = table_find(&lineage->table, node, pid);
	bool claimed = entry && identity_is_claimed(entry, ppid);
	struct birth birth;

	if (!parent)
		parent = find_ending(lineage, node, ppid, now);
	if (parent)
		answer = ask_births(lineage, pid, parent, now, &birth);
	entry = table_add(&lineage->table, node, pid, ENTRY_LIVE);
	entry->seen = now;
	entry->nested = answer != BIRTHS_NONE;
	entry->forked = answer == BIRTHS_FOUND || claimed;
	if (answer == BIRTHS_FOUND)
		enter_birth(entry, &birth);
	else if (answer == BIRTHS_NONE)
		set_creator(lineage, node, entry, ppid, now);
	if (!parent)
		note_early(lineage, entry, now);
	return entry;
}

/* --- execs --- */

/* Adds to the image what /proc and the name service know. `*glance` has no start if /proc knows nothing. */
static void ask_machine(struct lineage *lineage, struct procfs *procfs,
			const struct audit_event *exec, struct entry *entry, struct image *image,
			struct procfs_glance *glance)
{
	if (procfs_look(procfs, exec->pid, stamp_ms(&exec->stamp), glance)) {
		entry->ticks = glance->start.ticks;
		entry->start = entry->start ? entry->start : glance->start.ms;
		entry->nested = glance->nested;
		image->container_known = glance->container_known;
	} else {
		*glance = (struct procfs_glance){ 0 };
	}
	ancestry_infer_container(&lineage->table, entry, exec->ppid, image, &glance->container);
	procfs_name(procfs, glance->start.ticks ? exec->pid : 0, glance->start.ticks,
		    &glance->container, &image->credentials);
}

/* What the process is from now on: what the exec's records say, and what else is known. */
static const struct image *complete_image(struct lineage *lineage, const char *node,
					  const struct audit_event *exec, struct entry *entry,
					  struct procfs_glance *glance)
{
	struct procfs *procfs = procfs_of(lineage, node);
	char *script = script_of(exec, entry->execed ? entry->image : NULL);
	struct image image = *exec->image;
	const struct image *complete;

	if (procfs)
		ask_machine(lineage, procfs, exec, entry, &image, glance);
	else
		ancestry_infer_container(&lineage->table, entry, exec->ppid, &image,
					 &glance->container);
	ancestry_set_container(&image, &glance->container);
	if (!procfs && !script && !image.container_known)
		return image_ref(exec->image);
	image.script = script;
	complete = image_copy(&image, SIZE_MAX);
	free(script);
	return complete;
}

static struct process process_of(pid_t pid, int64_t start, const struct image *image)
{
	return (struct process){ pid, start, image_ref(image) };
}

/* An exec that was read back from a log can be older than what is known of the process by now. */
static bool is_late(const struct entry *entry, const struct audit_event *exec)
{
	return entry->execed > stamp_ms(&exec->stamp);
}

static void fill_event(const struct lineage *lineage, const struct audit_event *exec,
		       struct entry *entry, const struct image *image, struct process_event *event)
{
	event->node = exec->node;
	event->stamp = exec->stamp;
	event->key = exec->key;
	event->syscall = exec->syscall;
	snprintf(event->id, sizeof(event->id), "%" PRId64 ".%03u:%" PRIu64, exec->stamp.sec,
		 exec->stamp.ms, exec->stamp.serial);
	event->process = process_of(exec->pid, entry->start, image);
	if (entry->parent_pid != exec->ppid)
		event->reparented_to = exec->ppid;
	if (entry->execed && !is_late(entry, exec))
		event->previous = image_ref(entry->image);
	ancestry_fill(&lineage->table, entry, event);
}

static bool is_there(const struct lineage *lineage, const char *node, const struct entry *entry,
		     const struct process_event *event)
{
	return entry && entry->state == ENTRY_LIVE &&
	       identity_occupant(procfs_of(lineage, node), entry, stamp_ms(&event->stamp)) ==
		       OCCUPANT_SAME;
}

/* A leader that is gone may be another process's number by now: only the number is told then. */
static struct process leader(struct lineage *lineage, const char *node, pid_t pid,
			     const struct process_event *event)
{
	struct entry *entry;

	if (pid == event->process.pid)
		return process_of(pid, event->process.start, event->process.image);
	entry = table_find(&lineage->table, node, pid);
	if (!is_there(lineage, node, entry, event)) {
		entry = look_up(lineage, node, pid, stamp_ms(&event->stamp));
		if (!is_there(lineage, node, entry, event))
			return (struct process){ .pid = pid };
	}
	return process_of(pid, entry->start, entry->image);
}

/* What /proc alone knows, and only now. */
static void fill_from_glance(struct lineage *lineage, const char *node,
			     const struct procfs_glance *glance, struct process_event *event)
{
	struct procfs *procfs = procfs_of(lineage, node);

	if (!procfs || !glance->start.ms)
		return;
	event->session_leader = leader(lineage, node, glance->session, event);
	/* Each look costs a good deal of all that an event does. */
	event->group_leader = event->session_leader;
	if (glance->group == glance->session)
		image_ref(event->group_leader.image);
	else
		event->group_leader = leader(lineage, node, glance->group, event);
	if (lineage->sources.env_vars)
		event->env_vars = procfs_environment(procfs, event->process.pid,
						     glance->start.ticks,
						     lineage->sources.env_vars, &event->env_count);
}

/* Is the parent of a process that no fork record told of not its creator but who adopted it? A process has its
 * session from its creator unless it leads one; and who is gone before anyone looks is rarely init's own. */
static bool is_adopted(const struct procfs_glance *glance, struct procfs *procfs, pid_t pid, pid_t ppid)
{
	pid_t session;

	if (!glance->start.ms)
		return ppid == INIT_PID;
	if (!glance->session || glance->session == pid || !procfs_session(procfs, ppid, &session))
		return false;
	return session != glance->session && (session || ppid == INIT_PID);
}

void lineage_exec(struct lineage *lineage, const struct audit_event *exec, const struct host *host,
		  struct process_event *event)
{
	const char *node = key_node(lineage, exec->node);
	int64_t now = stamp_ms(&exec->stamp);
	struct entry *entry = find_same(lineage, node, exec);
	struct procfs *procfs = procfs_of(lineage, node);
	struct procfs_glance glance = { 0 };
	bool met = entry;
	const struct image *image;

	if (!entry)
		entry = enter_child(lineage, node, exec->pid, exec->ppid, now);
	table_touch(&lineage->table, entry, ENTRY_LIVE, now);
	image = complete_image(lineage, node, exec, entry, &glance);
	if (!met && procfs && !entry->forked && is_adopted(&glance, procfs, exec->pid, exec->ppid))
		table_set_birth(entry, &(struct entry_key){ NULL, 0 }, 0, 0, NULL);

	memset(event, 0, sizeof(*event));
	event->host = *host;
	fill_event(lineage, exec, entry, image, event);

	if (!is_late(entry, exec)) {
		table_set_image(entry, image);
		entry->execed = now;
	}
	image_unref(image);
	/* Last: a look-up may make room in the table. */
	fill_from_glance(lineage, node, &glance, event);
}

/* --- forks and exits --- */

/* Of a process that no exec record told of /proc knows more than the fork's record, if that speaks of the same
 * program. */
static void ask_proc(struct lineage *lineage, const char *node, struct entry *entry,
		     const struct image *seen, int64_t now)
{
	struct procfs *procfs = procfs_of(lineage, node);
	struct procfs_process process;

	if (!procfs || entry->execed || entry->ticks ||
	    !procfs_read(procfs, (pid_t)entry->key.pid, now, &process))
		return;
	if (!entry->start || lookup_confirms(entry, &process)) {
		if (!entry->image && !identity_same_program(process.image->executable, seen->executable))
			table_set_image(entry, seen);
		learn_from_proc(entry, &process);
	}
	image_unref(process.image);
}

/* Finds the creator of a process of whom nothing but a child was known until now. */
static void fill_placeholder(struct lineage *lineage, const char *node, const struct audit_event *record,
			     int64_t now)
{
	struct entry *parent = look_up(lineage, node, record->ppid, now);
	enum births_answer answer = BIRTHS_NONE;
	struct birth birth;
	struct entry *entry;

	if (parent)
		answer = ask_births(lineage, record->pid, parent, now, &birth);
	entry = table_find(&lineage->table, node, record->pid);
	if (entry)
		entry->nested = entry->nested || answer != BIRTHS_NONE;
	if (entry && answer == BIRTHS_FOUND)
		enter_birth(entry, &birth);
	else if (answer == BIRTHS_FOUND)
		image_unref(birth.creator_image);
	else if (entry && answer == BIRTHS_NONE)
		set_creator(lineage, node, entry, record->ppid, now);
}

/* Returns the entry of a call's caller, who is known from then on; NULL if there is no room for it. */
static struct entry *find_caller(struct lineage *lineage, const char *node,
				 const struct audit_event *record, int64_t now)
{
	struct entry *caller = find_same(lineage, node, record);

	if (!caller)
		enter_child(lineage, node, record->pid, record->ppid, now);
	else if (identity_is_placeholder(caller))
		fill_placeholder(lineage, node, record, now);
	caller = table_find(&lineage->table, node, record->pid);
	if (!caller)
		return NULL;
	ask_proc(lineage, node, caller, record->image, now);
	table_touch(&lineage->table, caller, ENTRY_LIVE, now);
	learn_from_record(caller, record->image);
	ancestry_complete_container(&lineage->table, caller);
	return caller;
}

static void enter_forked(struct lineage *lineage, const char *node, const struct audit_event *fork,
			 int64_t now)
{
	struct entry *child = table_add(&lineage->table, node, fork->child, ENTRY_TENTATIVE);
	struct entry *caller = table_find(&lineage->table, node, fork->pid);

	child->forked = true;
	child->start = now;
	child->seen = now;
	child->nested = fork->new_pids;
	/* Making room may have thrown the caller out. */
	if (!caller)
		return;
	child->nested = child->nested || caller->unshared;
	table_set_parent(child, caller);
	table_set_image(child, caller->image);
}

void lineage_fork(struct lineage *lineage, const struct audit_event *fork)
{
	const char *node = key_node(lineage, fork->node);
	int64_t now = stamp_ms(&fork->stamp);
	struct entry *caller = find_caller(lineage, node, fork, now);
	struct entry *child;

	if (!caller || fork->thread || fork->child == fork->pid)
		return;
	caller->nested = caller->nested || learn_is_inner(fork);
	if (caller->nested) {
		births_add(&lineage->births, caller, fork->child, now);
		return;
	}
	child = table_find(&lineage->table, node, fork->child);
	if (child && learn_is_own(child, caller, now))
		learn_own(child, caller, fork);
	else if (!child || child->state != ENTRY_LIVE || learn_is_new(child, caller, now))
		enter_forked(lineage, node, fork, now);
}

void lineage_unshare(struct lineage *lineage, const struct audit_event *unshare)
{
	struct entry *caller = find_caller(lineage, key_node(lineage, unshare->node), unshare,
					   stamp_ms(&unshare->stamp));

	if (caller && unshare->new_pids)
		caller->unshared = true;
}

void lineage_exit(struct lineage *lineage, const struct audit_event *exit)
{
	const char *node = key_node(lineage, exit->node);
	struct entry *entry = find_same(lineage, node, exit);

	if (entry)
		table_touch(&lineage->table, entry, ENTRY_DEAD, stamp_ms(&exit->stamp));
}
