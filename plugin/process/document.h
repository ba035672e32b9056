/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process events as ECS documents: JSON objects, names with dots being nested objects. */
#ifndef AUSPAWN_PROCESS_DOCUMENT_H
#define AUSPAWN_PROCESS_DOCUMENT_H

#include <json-c/json.h>

#include "base/memory.h"
#include "process/event.h"

#include <utstring.h>

/* Returns the document of an event; json_object_put() releases it. Absent fields are left out. Bytes
 * that are not UTF-8 are U+FFFD, and auspawn.args_hex then has the exact arguments; an argument whose
 * record is missing is null. */
struct json_object *document_of_event(const struct process_event *event);

/* Sets the member that a dotted name stands for and takes over the reference to `member`. */
void document_set(struct json_object *document, const char *name, struct json_object *member);
void document_set_text(struct json_object *document, const char *name, const char *text);

/* Returns the member that a dotted name stands for, still the document's; NULL if it has none. */
struct json_object *document_get(struct json_object *document, const char *name);

/* Appends the document as one line of JSON (RFC 8259), without a newline. Whatever could steer a
 * terminal or reorder text is written as \uXXXX.
 *
 * If that would be more than `limit` bytes, the longest of what a process can make long at will are cut,
 * arguments first and paths only if that is not enough, and auspawn.truncated says so. Ids, names and times
 * stay, so a limit below 4,000 bytes may not be reached. */
void document_print(struct json_object *document, size_t limit, UT_string *out);
#define DOCUMENT_NO_LIMIT SIZE_MAX

/* Appends who started whom, oldest first: nginx(812) > php-fpm8.2(901) > sh(2231). */
void document_lineage(const struct process_event *event, UT_string *out);

#endif
