/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named lists of strings, which conditions use as @name. A list is written in one rule file, can
 * build on others, of any file, by an element "@other", and can be extended by files of the local
 * folder. So all files are collected first, and then the lists are resolved.
 */
#ifndef AUSPAWN_RULES_LISTS_H
#define AUSPAWN_RULES_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/settings.h"

#include <uthash.h>

#define LISTS_MAX_ITEMS 100000 /* of one list, all that it builds on included */

/* What one file says of a list. */
struct list_part {
	const struct settings *settings;
	const config_setting_t *setting;
};

struct string_list {
	char *name;
	char **item;
	size_t items;
	struct list_part *part; /* until it is resolved */
	size_t parts;
	enum { LIST_COLLECTED, LIST_BEING_RESOLVED, LIST_RESOLVED } state;
	UT_hash_handle hh;
};

/* Adds the lists, or what is added to lists, of a file, which must stay open until lists_resolve().
 * Mistakes here and below go where the part's settings->mistakes says. `lists` is a hash by name. */
void lists_collect(struct string_list **lists, const struct settings *settings);
void lists_collect_additions(struct string_list **lists, const struct settings *settings);

/* Gives every list its items. */
void lists_resolve(struct string_list *lists);

void lists_free(struct string_list **lists);

#endif
