/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what was saved as JSON: the file can have been damaged, so nothing in it is believed. */
#ifndef AUSPAWN_BASE_SAVED_H
#define AUSPAWN_BASE_SAVED_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The latest time in ms since 1970 that is believed: far from where sums overflow. */
#define SAVED_MAX_TIME ((int64_t)1 << 53)

/* Each returns member `name` of `object`, still the object's; NULL if it is not there or not of
 * that type. */
const char *saved_text(struct json_object *object, const char *name);
struct json_object *saved_array(struct json_object *object, const char *name);

/* Returns member `index` of `array`, an array itself with at least `length` members; NULL if it is
 * not. */
struct json_object *saved_row(struct json_object *array, size_t index, size_t length);

/* The same for a string. */
const char *saved_text_at(struct json_object *array, size_t index);

/* Reads a whole number of 0 to `most`. Returns false, with `*number` as it was, if `value` is none. */
bool saved_number(struct json_object *value, int64_t most, int64_t *number);

#endif
