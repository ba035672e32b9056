/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/ancestry.h"

#include <stdio.h>

#include "process/entry.h"
#include "process/runtime.h"

struct entry *ancestry_creator(const struct process_table *table, struct entry *entry)
{
	struct entry *parent = table_parent(table, entry);

	if (parent && !entry->parent_image && parent->image && !parent->execed)
		table_set_parent(entry, parent);
	return parent;
}

/* --- containers --- */

static bool take(const struct image *image, struct container *container)
{
	if (!image->container_known)
		return false;
	container->id[0] = '\0';
	if (image->container_id)
		snprintf(container->id, sizeof(container->id), "%s", image->container_id);
	container->runtime = image->container_runtime;
	container->namespaces = image->namespaces;
	return true;
}

static bool is_in_container_of(const struct image *shim, const struct image *image,
			       struct container *container)
{
	return shim && image && !runtime_starts_outside(shim, image) &&
	       runtime_serves(shim, container);
}

/* Does the runtime that `entry` is live on the machine itself, as far as anything tells? Who owns a container
 * can call anything in it /usr/bin/conmon, so of what runs in one nobody believes which container it serves. */
static bool lives_outside(const struct process_table *table, struct entry *entry)
{
	const struct image *image = entry ? entry->image : NULL;
	struct container container;

	for (int i = 0; image && entry && i < EVENT_MAX_ANCESTORS; i++) {
		struct entry *older;

		if (image->container_known)
			return !image->container_id;
		older = ancestry_creator(table, entry);
		if (is_in_container_of(entry->parent_image, image, &container))
			return false;
		image = entry->parent_image;
		entry = older;
	}
	return !image || !image->container_known || !image->container_id;
}

/* runc init was forked by other stages of itself, and those by the call that names the container. */
static bool find_call(const struct process_table *table, struct entry *entry,
		      struct container *container)
{
	for (int i = 0; entry && i < EVENT_MAX_ANCESTORS; i++) {
		struct entry *older = ancestry_creator(table, entry);
		const struct image *creator = entry->parent_image;

		if (!creator || !runtime_is_init(creator))
			return creator && runtime_creates(creator, container) && lives_outside(table, older);
		entry = older;
	}
	return false;
}

/* The process was a runtime's before it became what it is. */
static bool leave_runtime(const struct process_table *table, struct entry *entry,
			  const struct image *image, struct entry *adopter,
			  struct container *container)
{
	const struct image *runtime = adopter ? adopter->image : NULL;

	if (runtime_is_init(entry->image) && find_call(table, entry, container))
		return true;
	return ((runtime_is_init(entry->image) && runtime_creates(runtime, container)) ||
		is_in_container_of(runtime, image, container)) &&
	       lives_outside(table, adopter);
}

/* `image` is what the process is now, `entry` what it was until then. */
static bool find_container(const struct process_table *table, struct entry *entry,
			   const struct image *image, struct entry *adopter, struct container *container)
{
	const struct image *runtime = adopter ? adopter->image : NULL;

	/* Where a runtime itself lives nobody but /proc tells, unless what became one lived in a container. */
	if (runtime_is(image))
		return entry->image && entry->image != image && !runtime_is(entry->image) &&
		       entry->image->container_id && take(entry->image, container);
	if (entry->image && entry->image != image) {
		if (runtime_is(entry->image))
			return leave_runtime(table, entry, image, adopter, container);
		if (take(entry->image, container))
			return true;
	}
	for (int i = 0; entry && i < EVENT_MAX_ANCESTORS; i++) {
		struct entry *older = ancestry_creator(table, entry);
		const struct image *creator = entry->parent_image;

		if (runtime_is(creator))
			return (is_in_container_of(creator, image, container) && lives_outside(table, older)) ||
			       (i == 0 && is_in_container_of(runtime, image, container) &&
				lives_outside(table, adopter));
		if (creator && take(creator, container))
			return true;
		if (older && older->image && older->image != creator && !runtime_is(older->image) &&
		    take(older->image, container))
			return true;
		entry = older;
		image = creator;
	}
	return false;
}

void ancestry_set_container(struct image *image, const struct container *container)
{
	image->container_id = container->id[0] ? container->id : NULL;
	image->container_runtime = container->runtime;
	image->namespaces = container->namespaces;
}

void ancestry_infer_container(const struct process_table *table, struct entry *entry, pid_t ppid,
			      struct image *image, struct container *container)
{
	struct entry *adopter = table_find(table, entry->key.node, ppid);
	struct container inferred = { "", .runtime = NULL };

	if (image->container_known && (!container->id[0] || container->namespaces.mount))
		return;
	if (!find_container(table, entry, image, adopter, &inferred))
		return;
	if (!image->container_known)
		*container = inferred;
	else if (!strcmp(container->id, inferred.id))
		container->namespaces = inferred.namespaces;
	image->container_known = true;
}

void ancestry_inherit_container(const struct image *before, struct image *image)
{
	if (!before || !before->container_known || runtime_is(before) || runtime_is(image))
		return;
	image->container_known = true;
	image->container_id = before->container_id;
	image->container_runtime = before->container_runtime;
	image->namespaces = before->namespaces;
}

void ancestry_complete_container(const struct process_table *table, struct entry *entry)
{
	struct container container = { "", .runtime = NULL };
	const struct image *image;
	struct image draft;

	if (!entry->image || entry->image->container_known ||
	    !find_container(table, entry, entry->image, NULL, &container))
		return;
	draft = *entry->image;
	draft.container_known = true;
	ancestry_set_container(&draft, &container);
	image = image_copy(&draft, TABLE_MAX_ARGS);
	table_set_image(entry, image);
	image_unref(image);
}

/* --- who they were --- */

static struct process creator_in(const struct entry *entry)
{
	return (struct process){ entry->parent_pid, entry->parent_start, entry->parent_image };
}

static void reference(struct process *process)
{
	image_ref(process->image);
}

static void fill_entry_leader(const struct process_table *table, struct entry *entry,
			      struct process_event *event)
{
	const char *type = NULL;
	struct entry_walk walk;

	entry_begin(&walk, &event->process);
	for (int i = 0; i < ANCESTRY_MAX_DEPTH && entry && entry->parent_pid && !type; i++) {
		struct process creator;
		struct entry *older = ancestry_creator(table, entry);

		creator = creator_in(entry);
		type = entry_step(&walk, &creator);
		entry = older;
	}
	event->entry_type = type ? type : ENTRY_UNKNOWN;
	if (!type)
		return;
	event->entry_leader = walk.leader;
	reference(&event->entry_leader);
}

void ancestry_fill(const struct process_table *table, struct entry *entry,
		   struct process_event *event)
{
	struct entry *older = ancestry_creator(table, entry);

	event->parent = creator_in(entry);
	reference(&event->parent);
	fill_entry_leader(table, entry, event);
	for (entry = older; entry && entry->parent_pid && event->ancestors < EVENT_MAX_ANCESTORS;
	     entry = older) {
		struct process *ancestor = &event->ancestor[event->ancestors++];

		older = ancestry_creator(table, entry);
		*ancestor = creator_in(entry);
		reference(ancestor);
	}
}
