/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/document.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "process/field.h"

#define MAX_NAME 128
#define MIN_CUT  8     /* bytes; what is shorter is never cut */
#define CUT_MARK "..." /* ends a string that was cut, so that a reader sees it */

void document_set(struct json_object *document, const char *name, struct json_object *member)
{
	char part[MAX_NAME];
	const char *dot;

	while ((dot = strchr(name, '.'))) {
		struct json_object *inner;

		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		if (!json_object_object_get_ex(document, part, &inner) ||
		    !json_object_is_type(inner, json_type_object)) {
			inner = json_object_new_object();
			json_object_object_add(document, part, inner);
		}
		document = inner;
		name = dot + 1;
	}
	json_object_object_add(document, name, member);
}

static struct json_object *new_text(struct span text)
{
	UT_string clean;
	struct json_object *object;

	if (!text.start)
		return NULL;
	utstring_init(&clean);
	utf8_append(&clean, text);
	object = json_object_new_string_len(utstring_body(&clean), (int)utstring_len(&clean));
	utstring_done(&clean);
	return object;
}

void document_set_text(struct json_object *document, const char *name, const char *text)
{
	document_set(document, name, new_text(span_of(text)));
}

struct json_object *document_get(struct json_object *document, const char *name)
{
	char part[MAX_NAME];
	const char *dot;

	while (document && (dot = strchr(name, '.'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		document = json_object_object_get(document, part);
		name = dot + 1;
	}
	return document ? json_object_object_get(document, name) : NULL;
}

static struct json_object *new_value(enum field_type type, const struct value *value)
{
	switch (type) {
	case FIELD_NUMBER:
		return json_object_new_int64((int64_t)value->number);
	case FIELD_BOOLEAN:
		return json_object_new_boolean(value->truth);
	case FIELD_KEYWORD:
	case FIELD_DATE:
		break;
	}
	return new_text(value->text);
}

struct walk {
	const struct process_event *event;
	struct json_object *document;
};

static bool is_name(const struct field *field)
{
	return field->of_process && !strcmp(field->name, "name");
}

static void add_field(void *user, const char *name, const struct field_ref *ref)
{
	struct walk *walk = user;
	const struct field *field = ref->field;
	struct json_object *array;
	struct value value;

	if (!field_in_documents(ref) || !field_get(ref, walk->event, 0, &value))
		return;
	/* A process's second name is printed as its thread's. */
	if (!field->several || is_name(field)) {
		document_set(walk->document, name, new_value(field->type, &value));
		return;
	}
	array = json_object_new_array();
	for (size_t i = 0; field_get(ref, walk->event, i, &value); i++)
		json_object_array_add(array, new_value(field->type, &value));
	document_set(walk->document, name, array);
}

static struct json_object *new_hex(struct span bytes)
{
	static const char digits[] = "0123456789abcdef";
	struct json_object *object;
	char *hex;

	if (!bytes.start)
		return NULL;
	hex = mem_resize(NULL, bytes.length * 2 + 1, 1);
	for (size_t i = 0; i < bytes.length; i++) {
		hex[2 * i] = digits[(unsigned char)bytes.start[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)bytes.start[i] & 15];
	}
	object = json_object_new_string_len(hex, (int)bytes.length * 2);
	free(hex);
	return object;
}

static void add_exact_args(const struct process_event *event, struct json_object *document)
{
	const struct args *args = event->process.image ? &event->process.image->args : NULL;
	struct json_object *array;

	if (!args || !args->text ||
	    utf8_valid((struct span){ args->text, args->text_length }))
		return;
	array = json_object_new_array();
	for (uint32_t i = 0; i < args->known; i++)
		json_object_array_add(array, new_hex(args_get(args, i)));
	document_set(document, "auspawn.args_hex", array);
}

static void append_process(UT_string *out, const struct process *process)
{
	const struct image *image = process->image;
	struct span name = { "?", 1 };

	if (image && image->comm)
		name = span_of(image->comm);
	else if (image && image->executable)
		name = field_program_name(image->executable);
	utstring_bincpy(out, name.start, name.length);
	utstring_printf(out, "(%d)", (int)process->pid);
}

void document_lineage(const struct process_event *event, UT_string *out)
{
	for (unsigned int i = event->ancestors; i > 0; i--) {
		append_process(out, &event->ancestor[i - 1]);
		utstring_printf(out, " > ");
	}
	if (event->parent.pid) {
		append_process(out, &event->parent);
		utstring_printf(out, " > ");
	}
	append_process(out, &event->process);
}

struct json_object *document_of_event(const struct process_event *event)
{
	struct walk walk = { event, json_object_new_object() };
	UT_string lineage;

	field_each(add_field, &walk);
	utstring_init(&lineage);
	document_lineage(event, &lineage);
	document_set_text(walk.document, "auspawn.lineage", utstring_body(&lineage));
	utstring_done(&lineage);
	add_exact_args(event, walk.document);
	return walk.document;
}

static struct json_object *cut_text(struct json_object *text, size_t max)
{
	const char *bytes = json_object_get_string(text);
	struct json_object *cut;
	char *copy;
	size_t length = max;

	/* Not in the middle of a character. */
	while (length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80)
		length--;
	copy = mem_resize(NULL, length + sizeof(CUT_MARK), 1);
	memcpy(copy, bytes, length);
	memcpy(copy + length, CUT_MARK, sizeof(CUT_MARK));
	cut = json_object_new_string(copy);
	free(copy);
	return cut;
}

static bool too_long(struct json_object *member, size_t max)
{
	return json_object_is_type(member, json_type_string) &&
	       (size_t)json_object_get_string_len(member) > max + sizeof(CUT_MARK);
}

/* Cuts an array in proportion: what is worth `max` bytes of text has not more than an eighth of it members. */
static void cut_array(struct json_object *array, size_t max)
{
	size_t length = json_object_array_length(array);
	size_t most = max / 8 + 1;

	if (length > most) {
		json_object_array_del_idx(array, most, length - most);
		length = most;
	}
	for (size_t i = 0; i < length; i++) {
		struct json_object *member = json_object_array_get_idx(array, i);

		if (too_long(member, max))
			json_object_array_put_idx(array, i, cut_text(member, max));
	}
}

/* Cuts the members of those names, up to NULL, to about `max` bytes each. */
static void cut_members(struct json_object *document, const char *const *names, size_t max)
{
	for (; *names; names++) {
		struct json_object *member = document_get(document, *names);

		if (too_long(member, max))
			document_set(document, *names, cut_text(member, max));
		else if (json_object_is_type(member, json_type_array))
			cut_array(member, max);
	}
}

/* How many bytes at the start of `text` need no second look: ASCII without DEL. */
static size_t plain_length(struct span text)
{
	const uint64_t high = 0x8080808080808080, one = 0x0101010101010101;
	size_t length = 0;
	uint64_t word;

	/* Most are, and eight at a time are told sooner: one more makes the high bit of DEL alone. */
	for (; length + sizeof(word) <= text.length; length += sizeof(word)) {
		memcpy(&word, text.start + length, sizeof(word));
		if ((word | (word + one)) & high)
			break;
	}
	while (length < text.length && (unsigned char)text.start[length] < 0x7f)
		length++;
	return length;
}

static void print_whole(struct json_object *document, UT_string *out)
{
	struct span text = span_of(json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	/* json-c escapes what RFC 8259 demands, C0 and quotes; other controls can only stand inside
	 * strings and are replaced there. */
	while (text.length) {
		size_t length = plain_length(text);
		uint32_t code = 0;

		if (!length)
			length = utf8_sequence(text, &code);
		if (!length)
			length = 1;
		if (code && utf8_is_control(code))
			utstring_printf(out, "\\u%04x", (unsigned int)code);
		else
			utstring_bincpy(out, text.start, length);
		text.start += length;
		text.length -= length;
	}
}

/* Halves what is allowed to those members until the document fits, or nothing is left to cut. Returns
 * whether it fits. */
static bool fit(struct json_object *document, const char *const *names, size_t max, size_t limit,
		UT_string *out, size_t start)
{
	for (; utstring_len(out) - start > limit && max >= MIN_CUT; max /= 2) {
		cut_members(document, names, max);
		document_set(document, "auspawn.truncated", json_object_new_boolean(true));
		out->i = start;
		print_whole(document, out);
	}
	return utstring_len(out) - start <= limit;
}

void document_print(struct json_object *document, size_t limit, UT_string *out)
{
	static const char *const texts[] = {
		"process.args",        "process.command_line",        "auspawn.args_hex",
		"process.parent.args", "process.parent.command_line", NULL,
	};
	static const char *const paths[] = {
		"process.working_directory",        "process.executable",
		"process.name",                     "process.previous.executable",
		"process.parent.working_directory", "process.parent.executable",
		"process.parent.name",              "auspawn.script",
		"auspawn.lineage",                  "auspawn.key",
		"rule.name",                        NULL,
	};
	size_t start = utstring_len(out);

	print_whole(document, out);
	if (!fit(document, texts, limit / 2, limit, out, start))
		fit(document, paths, limit / 4, limit, out, start);
}
