/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/lists.h"

#include <stdlib.h>
#include <string.h>

static struct string_list *find(struct string_list *lists, const char *name)
{
	struct string_list *list;

	HASH_FIND_STR(lists, name, list);
	return list;
}

static void add_part(struct string_list *list, const struct settings *settings,
		     const config_setting_t *setting)
{
	if (!config_setting_is_list(setting) && !config_setting_is_array(setting)) {
		settings_mistake(settings, setting, "list '%s' must be [ \"...\", ... ]",
				 list->name);
		return;
	}
	if (!config_setting_length(setting))
		settings_mistake(settings, setting, "list '%s' is empty", list->name);
	list->part = mem_resize(list->part, list->parts + 1, sizeof(*list->part));
	list->part[list->parts++] = (struct list_part){ settings, setting };
}

void lists_collect(struct string_list **lists, const struct settings *settings)
{
	const config_setting_t *group =
		settings_group(settings, config_root_setting(&settings->config), "lists");

	for (int i = 0; group && i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned int)i);
		const char *name = config_setting_name(setting);
		struct string_list *list = find(*lists, name);

		if (list) {
			settings_mistake(settings, setting, "there already is a list '%s'", name);
			continue;
		}
		list = mem_zalloc(sizeof(*list));
		list->name = mem_strdup(name);
		HASH_ADD_KEYPTR(hh, *lists, list->name, strlen(list->name), list);
		add_part(list, settings, setting);
	}
}

void lists_collect_additions(struct string_list **lists, const struct settings *settings)
{
	const config_setting_t *group =
		settings_group(settings, config_root_setting(&settings->config), "extend");

	for (int i = 0; group && i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned int)i);
		struct string_list *list = find(*lists, config_setting_name(setting));

		if (list)
			add_part(list, settings, setting);
		else
			settings_mistake(settings, setting, "there is no list '%s' to extend",
					 config_setting_name(setting));
	}
}

static void add_item(struct string_list *list, const char *item)
{
	list->item = mem_resize(list->item, list->items + 1, sizeof(*list->item));
	list->item[list->items++] = mem_strdup(item);
}

static void resolve(struct string_list *lists, struct string_list *list);

/* "@other" stands for the items of another list. */
static void add_other(struct string_list *lists, struct string_list *list,
		      const struct list_part *part, const char *name)
{
	struct string_list *other = find(lists, name);

	if (other)
		resolve(lists, other);
	if (!other)
		settings_mistake(part->settings, part->setting, "there is no list '@%s'", name);
	else if (other->state == LIST_BEING_RESOLVED)
		settings_mistake(part->settings, part->setting,
				 "list '%s' builds on itself through '@%s'", list->name, name);
	else if (list->items + other->items > LISTS_MAX_ITEMS)
		settings_mistake(part->settings, part->setting,
				 "list '%s' has more than %d elements", list->name,
				 LISTS_MAX_ITEMS);
	else
		for (size_t i = 0; i < other->items; i++)
			add_item(list, other->item[i]);
}

static void resolve_part(struct string_list *lists, struct string_list *list,
			 const struct list_part *part)
{
	size_t wrong = 0;

	for (int i = 0; i < config_setting_length(part->setting); i++) {
		const char *item = config_setting_get_string_elem(part->setting, i);

		wrong += !item;
		/* A second @ makes the first a character like others. */
		if (item && item[0] == '@' && item[1] != '@')
			add_other(lists, list, part, item + 1);
		else if (item)
			add_item(list, item[0] == '@' ? item + 1 : item);
	}
	/* What is right of it counts for rules of other files. */
	if (wrong)
		settings_mistake(part->settings, part->setting, "list '%s' must hold only strings",
				 list->name);
}

static void resolve(struct string_list *lists, struct string_list *list)
{
	if (list->state != LIST_COLLECTED)
		return;
	list->state = LIST_BEING_RESOLVED;
	for (size_t i = 0; i < list->parts; i++)
		resolve_part(lists, list, &list->part[i]);
	free(list->part);
	list->part = NULL;
	list->parts = 0;
	list->state = LIST_RESOLVED;
}

void lists_resolve(struct string_list *lists)
{
	for (struct string_list *list = lists; list; list = list->hh.next)
		resolve(lists, list);
}

void lists_free(struct string_list **lists)
{
	struct string_list *list, *next;

	HASH_ITER (hh, *lists, list, next) {
		HASH_DEL(*lists, list);
		for (size_t i = 0; i < list->items; i++)
			free(list->item[i]);
		free(list->item);
		free(list->part);
		free(list->name);
		free(list);
	}
}
