/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/table.h"

#include <stdlib.h>

#include <utlist.h>

/* What an allocation of `size` bytes takes (glibc: a size in front, in steps of 16). */
#define ALLOCATED(size) (((size_t)(size) + 8 + 15) & ~(size_t)15)

/* uthash has 16 bytes for every 5 to 10 entries. */
#define ENTRY_BYTES (ALLOCATED(sizeof(struct entry)) + 4)

void table_init(struct process_table *table, size_t max)
{
	memset(table, 0, sizeof(*table));
	table->max = max > 2 ? max : 2;
	table->max_bytes = max * TABLE_BYTES_EACH;
	if (table->max_bytes < TABLE_MIN_BYTES)
		table->max_bytes = TABLE_MIN_BYTES;
}

static struct entry_key key_of(const char *node, pid_t pid)
{
	struct entry_key key;

	memset(&key, 0, sizeof(key));
	key.node = node;
	key.pid = pid;
	return key;
}

/* --- images --- */

static const struct image **recent_place(struct process_table *table, const struct image *image)
{
	return &table->recent[image_hash(image) % TABLE_RECENT];
}

/* Takes the table's reference to an image, which is counted with the first. */
static const struct image *keep(struct process_table *table, const struct image *image)
{
	if (image && !((struct image *)image)->kept++)
		table->bytes += ALLOCATED(image->size);
	return image_ref(image);
}

static void let_go(struct process_table *table, const struct image *image)
{
	if (image && !--((struct image *)image)->kept) {
		const struct image **place = recent_place(table, image);

		if (*place == image)
			*place = NULL;
		table->bytes -= ALLOCATED(image->size);
	}
	image_unref(image);
}

/* Returns what the table shall keep of `image`, as a reference of its own. */
static const struct image *fitting(struct process_table *table, const struct image *image)
{
	size_t max_args = table->bytes < table->max_bytes / 2 ? TABLE_MAX_ARGS : TABLE_FEW_ARGS;
	const struct image **place;
	const struct image *cut;

	if (image->kept)
		return keep(table, image);
	cut = image_args_size(image) > max_args ? image_copy(image, max_args) : image_ref(image);
	place = recent_place(table, cut);
	if (!*place || !image_equal(*place, cut))
		*place = cut;
	image = keep(table, *place);
	image_unref(cut);
	return image;
}

/* --- entries --- */

static void remove_entry(struct process_table *table, struct entry *entry)
{
	HASH_DEL(table->entries, entry);
	DL_DELETE(table->unheard[entry->state], entry);
	let_go(table, entry->image);
	let_go(table, entry->parent_image);
	table->bytes -= ENTRY_BYTES;
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

/* Removes the entry that is worth least, but not `spared`. Returns false if there is none. */
static bool make_room(struct process_table *table, const struct entry *spared)
{
	for (int state = 0; state < ENTRY_STATES; state++) {
		struct entry *entry = table->unheard[state];

		if (entry && entry == spared)
			entry = entry->next;
		if (entry) {
			remove_entry(table, entry);
			return true;
		}
	}
	return false;
}

static void fit_bytes(struct process_table *table, size_t more, const struct entry *spared)
{
	while (table->bytes + more > table->max_bytes && make_room(table, spared))
		;
}

struct entry *table_add(struct process_table *table, const char *node, pid_t pid,
			enum entry_state state)
{
	struct entry *entry = table_find(table, node, pid);

	if (entry)
		remove_entry(table, entry);
	else if (HASH_COUNT(table->entries) >= table->max)
		make_room(table, NULL);
	fit_bytes(table, ENTRY_BYTES, NULL);

	entry = mem_zalloc(sizeof(*entry));
	entry->key = key_of(node, pid);
	entry->table = table;
	entry->birth = ++table->births;
	entry->state = state;
	HASH_ADD(hh, table->entries, key, sizeof(entry->key), entry);
	DL_APPEND(table->unheard[state], entry);
	table->bytes += ENTRY_BYTES;
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

	entry->image = image ? fitting(entry->table, image) : NULL;
	let_go(entry->table, old);
	fit_bytes(entry->table, 0, entry);
}

void table_set_birth(struct entry *entry, const struct entry_key *key, uint64_t birth, int64_t start,
		     const struct image *image)
{
	const struct image *old = entry->parent_image;

	entry->parent_pid = (pid_t)key->pid;
	entry->parent_birth = birth;
	entry->parent_start = start;
	entry->parent_image = keep(entry->table, image);
	let_go(entry->table, old);
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
