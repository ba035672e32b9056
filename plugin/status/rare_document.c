/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/rare_document.h"

/* The fields by which the rule groups, with the group's values. */
static struct json_object *values_of(const struct rarity_group *group)
{
	const struct group_by *by = &group->rule->by;
	struct json_object *values = json_object_new_object();
	struct json_object *key = json_tokener_parse(group->key);

	for (size_t i = 0; i < by->fields; i++)
		json_object_object_add(values, by->field[i].name,
				       json_object_get(json_object_array_get_idx(key, i)));
	json_object_put(key);
	return values;
}

static void add_number(struct json_object *object, const char *name, int64_t number)
{
	json_object_object_add(object, name, json_object_new_int64(number));
}

static void add_group(void *user, const struct rarity_group *group)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "rule", json_object_new_string(group->rule->id));
	add_number(object, "count", group->count);
	add_number(object, "hosts", group->hosts);
	json_object_object_add(object, "rare", json_object_new_boolean(group->rare));
	json_object_object_add(object, "values", values_of(group));
	add_number(object, "first", group->first);
	add_number(object, "last", group->last);
	add_number(object, "window_start", group->window_start);
	add_number(object, "window_end", group->window_end);
	json_object_array_add(user, object);
}

struct json_object *rare_document(const struct rarity *rarity)
{
	struct json_object *document = json_object_new_object();
	struct json_object *groups = json_object_new_array();

	rarity_each_group(rarity, add_group, groups);
	json_object_object_add(document, "groups", groups);
	return document;
}
