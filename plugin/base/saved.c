/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/saved.h"

const char *saved_text(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(object, name, &member) ||
	    !json_object_is_type(member, json_type_string))
		return NULL;
	return json_object_get_string(member);
}

struct json_object *saved_array(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(object, name, &member) ||
	    !json_object_is_type(member, json_type_array))
		return NULL;
	return member;
}

struct json_object *saved_row(struct json_object *array, size_t index, size_t length)
{
	struct json_object *row = json_object_array_get_idx(array, index);

	if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) < length)
		return NULL;
	return row;
}

const char *saved_text_at(struct json_object *array, size_t index)
{
	struct json_object *member = json_object_array_get_idx(array, index);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member)
							     : NULL;
}

bool saved_number(struct json_object *value, int64_t most, int64_t *number)
{
	int64_t n = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || n < 0 || n > most)
		return false;
	*number = n;
	return true;
}
