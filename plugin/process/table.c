/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/table.h"

#include <stdlib.h>

#include <utlist.h>

void table_init(struct process_table *table, size_t max)
{
	memset(table, 0, sizeof(*table));
	table->max = max > 2 ? max : 2;
}

static struct entry_key key_of(const char *node, pid_t pid)
{
	struct entry_key key;

	memset(&key, 0, sizeof(key));
	key.node = node;
	key.pid = pid;
	return key;
}

static void remove_entry(struct process_table *table, struct entry *entry)
{
	HASH_DEL(table->entries, entry);
	DL_DELETE(table->unheard[entry->state], entry);
	image_unref(entry->image);
	image_unref(entry->parent_image);
	free(entry);
}

void table_clear(struct process_table *table)
{
	struct entry *entry, *next;

	HASH_ITER(hh, table->entries, entry, next)
		remove_entry(table, entry);
}

struct entry *table_find(const struct process_table *table, const char *node, pid_t pid)
{
	struct entry_key key = key_of(node, pid);
	struct entry *entry;

	HASH_FIND(hh, table->entries, &key, sizeof(key), entry);
	return entry;
}

static void make_room(struct process_table *table)
{
	for (int state = 0; state < ENTRY_STATES; state++) {
		if (table->unheard[state]) {
			remove_entry(table, table->unheard[state]);
			return;
		}
	}
}

struct entry *table_add(struct process_table *table, const char *node, pid_t pid,
			enum entry_state state)
{
	struct entry *entry = table_find(table, node, pid);

	if (entry)
		remove_entry(table, entry);
	else if (HASH_COUNT(table->entries) >= table->max)
		make_room(table);

	entry = mem_zalloc(sizeof(*entry));
	entry->key = key_of(node, pid);
	entry->birth = ++table->births;
	entry->state = state;
	HASH_ADD(hh, table->entries, key, sizeof(entry->key), entry);
	DL_APPEND(table->unheard[state], entry);
	return entry;
}

void table_touch(struct process_table *table, struct entry *entry, enum entry_state state,
		 int64_t time)
{
	DL_DELETE(table->unheard[entry->state], entry);
	entry->state = state;
	DL_APPEND(table->unheard[state], entry);
	if (entry->seen < time)
		entry->seen = time;
}

void table_set_image(struct entry *entry, const struct image *image)
{
	const struct image *old = entry->image;

	if (image && image_args_size(image) > TABLE_MAX_ARGS)
		entry->image = image_copy(image, TABLE_MAX_ARGS);
	else
		entry->image = image_ref(image);
	image_unref(old);
}

void table_set_birth(struct entry *entry, const struct entry_key *key, uint64_t birth, int64_t start,
		     const struct image *image)
{
	const struct image *old = entry->parent_image;

	entry->parent_pid = (pid_t)key->pid;
	entry->parent_birth = birth;
	entry->parent_start = start;
	entry->parent_image = image_ref(image);
	image_unref(old);
}

void table_set_parent(struct entry *entry, const struct entry *parent)
{
	table_set_birth(entry, &parent->key, parent->birth, parent->start, parent->image);
}

struct entry *table_parent(const struct process_table *table, const struct entry *entry)
{
	struct entry *parent =
		entry->parent_birth ? table_find(table, entry->key.node, entry->parent_pid) : NULL;

	return parent && parent->birth == entry->parent_birth ? parent : NULL;
}
