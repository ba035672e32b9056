/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/group_by.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

void group_by_add(struct group_by *by, const char *name, const struct field_ref *ref)
{
	by->field = mem_resize(by->field, by->fields + 1, sizeof(*by->field));
	by->field[by->fields++] = (struct group_field){ *ref, mem_strdup(name) };
}

void group_by_clear(struct group_by *by)
{
	for (size_t i = 0; i < by->fields; i++)
		free(by->field[i].name);
	free(by->field);
	*by = (struct group_by){ 0 };
}

char *group_by_names(const struct group_by *by)
{
	UT_string text;

	utstring_init(&text);
	for (size_t i = 0; i < by->fields; i++)
		utstring_printf(&text, "%s%s", i ? " " : "", by->field[i].name);
	return utstring_body(&text);
}

/* A value as a member of a key: no two values may look alike. */
static struct json_object *key_member(enum field_type type, const struct value *value)
{
	struct json_object *member;
	UT_string text;

	if (type == FIELD_NUMBER)
		return json_object_new_int64((int64_t)value->number);
	if (type == FIELD_BOOLEAN)
		return json_object_new_boolean(value->truth);
	if (!value->text.start)
		return NULL;
	utstring_init(&text);
	utf8_append_escaped(&text, value->text);
	member = json_object_new_string(utstring_body(&text));
	utstring_done(&text);
	return member;
}

/* A field that can have several values stands with all it has. */
static struct json_object *key_of(const struct group_by *by, const struct process_event *event)
{
	struct json_object *key = json_object_new_array();

	for (size_t i = 0; i < by->fields; i++) {
		const struct field_ref *ref = &by->field[i].ref;
		struct json_object *several = field_several(ref) ? json_object_new_array() : key;
		struct value value;
		bool known = false;

		for (size_t j = 0; field_get(ref, event, j, &value); j++) {
			json_object_array_add(several, key_member(ref->field->type, &value));
			known = true;
		}
		if (several != key)
			json_object_array_add(key, several);
		else if (!known)
			json_object_array_add(key, NULL);
	}
	return key;
}

char *group_by_key(const struct group_by *by, const struct process_event *event)
{
	struct json_object *key = key_of(by, event);
	char *text = mem_strdup(json_object_to_json_string_ext(key, JSON_C_TO_STRING_PLAIN));

	json_object_put(key);
	return text;
}
