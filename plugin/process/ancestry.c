/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/ancestry.h"

#include "process/entry.h"

struct entry *ancestry_creator(const struct process_table *table, struct entry *entry)
{
	struct entry *parent = table_parent(table, entry);

	if (parent && !entry->parent_image && parent->image && !parent->execed)
		table_set_parent(entry, parent);
	return parent;
}

/* Is it an OCI runtime, which starts programs in another container than its own? */
static bool is_runtime(const struct image *image)
{
	const char *comm = image->comm ? image->comm : "";

	return !strncmp(comm, "runc", 4) || !strncmp(comm, "crun", 4);
}

void ancestry_inherit_container(const struct image *from, struct image *image)
{
	if (!from || !from->container_known || is_runtime(from))
		return;
	image->container_known = true;
	image->container_id = from->container_id;
	image->container_runtime = from->container_runtime;
}

/* A runtime ends the search: beyond it lies another container. */
const struct image *ancestry_container(const struct process_table *table, struct entry *entry)
{
	for (int i = 0; entry && i < EVENT_MAX_ANCESTORS; i++) {
		const struct image *const images[] = { entry->image, entry->parent_image };

		for (int j = 0; j < 2; j++) {
			if (images[j] && (images[j]->container_known || is_runtime(images[j])))
				return images[j];
		}
		entry = ancestry_creator(table, entry);
	}
	return NULL;
}

void ancestry_complete_container(const struct process_table *table, struct entry *entry)
{
	const struct image *source = ancestry_container(table, entry);
	const struct image *image;
	struct image draft;

	if (!source || entry->image->container_known)
		return;
	draft = *entry->image;
	ancestry_inherit_container(source, &draft);
	image = image_copy(&draft, TABLE_MAX_ARGS);
	table_set_image(entry, image);
	image_unref(image);
}

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
