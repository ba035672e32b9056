/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/once.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

struct entry {
	const char *node;
	struct stamp stamp;
	unsigned int places; /* 0: no entry */
};

struct once {
	size_t size;
	struct entry entry[];
};

struct once *once_new(size_t size)
{
	struct once *once = mem_zalloc(sizeof(*once) + size * sizeof(once->entry[0]));

	once->size = size;
	return once;
}

void once_free(struct once *once)
{
	free(once);
}

/* Events of one node that follow each other never share a place. */
static size_t index_of(const struct once *once, const char *node, const struct stamp *stamp)
{
	return (size_t)((stamp->serial + (uint64_t)(uintptr_t)node / 16 * 31) % once->size);
}

static bool is_of(const struct entry *entry, const char *node, const struct stamp *stamp)
{
	return entry->places && entry->node == node && entry->stamp.serial == stamp->serial &&
	       entry->stamp.sec == stamp->sec && entry->stamp.ms == stamp->ms;
}

void once_note(struct once *once, const char *node, const struct stamp *stamp, enum once_place place)
{
	struct entry *entry = &once->entry[index_of(once, node, stamp)];
	unsigned int before = is_of(entry, node, stamp) ? entry->places : 0;

	*entry = (struct entry){ node, *stamp, before | place };
}

void once_forget(struct once *once, const char *node, const struct stamp *stamp)
{
	struct entry *entry = &once->entry[index_of(once, node, stamp)];

	if (is_of(entry, node, stamp))
		entry->places = 0;
}

bool once_knows(const struct once *once, const char *node, const struct stamp *stamp, unsigned int places)
{
	const struct entry *entry = &once->entry[index_of(once, node, stamp)];

	return is_of(entry, node, stamp) && entry->places & places;
}
