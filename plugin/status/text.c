/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/text.h"

#include <string.h>

#include "base/utf8.h"
#include "process/document.h"
#include "status/figures.h"

#define MAX_COLUMNS 8
#define WIDE	    48 /* columns, of a text in a table */

static const struct figure as_time = { .kind = FIGURE_GAUGE, .unit = UNIT_TIME };
static const struct figure as_text = { .kind = FIGURE_TEXT };

/* --- one object: a figure on a line --- */

static void print_figure(FILE *out, const char *name, const struct figure *figure,
			 struct json_object *value)
{
	UT_string text;

	utstring_init(&text);
	figure_print(&text, figure, value);
	fprintf(out, "  %-16s %20s  %s\n", name, utstring_body(&text), figure->meaning);
	utstring_done(&text);
}

/* Figures of one group stand together: its name is what is in front of the dot. */
static void print_object(FILE *out, const struct figure_set *set, struct json_object *object)
{
	const char *group = "";
	size_t length = 0;

	if (set->member)
		fprintf(out, "%s\n", set->member);
	for (size_t i = 0; i < set->figures; i++) {
		const struct figure *figure = &set->figure[i];
		const char *dot = strchr(figure->name, '.');
		struct json_object *value = document_get(object, figure->name);

		if (!value)
			continue;
		if (dot && ((size_t)(dot - figure->name) != length ||
			    strncmp(figure->name, group, length) != 0)) {
			group = figure->name;
			length = (size_t)(dot - group);
			fprintf(out, "%.*s\n", (int)length, group);
		}
		print_figure(out, dot ? dot + 1 : figure->name, figure, value);
	}
}

/* --- several objects: one on a line --- */

static bool is_text(const struct figure *figure)
{
	return figure->kind == FIGURE_TEXT;
}

/* Room for the widest of a column. */
static int width_of(const struct figure *figure, struct json_object *array)
{
	size_t width = strlen(figure->name);

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *value =
			document_get(json_object_array_get_idx(array, i), figure->name);
		UT_string text;

		utstring_init(&text);
		if (value)
			figure_print(&text, figure, value);
		width = utstring_len(&text) > width ? utstring_len(&text) : width;
		utstring_done(&text);
	}
	return width < WIDE ? (int)width : WIDE;
}

static void print_row(FILE *out, const struct figure_set *set, const int *width,
		      struct json_object *object)
{
	for (size_t i = 0; i < set->figures && i < MAX_COLUMNS; i++) {
		struct json_object *value = document_get(object, set->figure[i].name);
		UT_string text;

		utstring_init(&text);
		if (value)
			figure_print(&text, &set->figure[i], value);
		fprintf(out, is_text(&set->figure[i]) ? "  %-*s" : "  %*s", width[i],
			value ? utstring_body(&text) : "-");
		utstring_done(&text);
	}
	fputc('\n', out);
}

static void print_table(FILE *out, const struct figure_set *set, struct json_object *array)
{
	int width[MAX_COLUMNS] = { 0 };

	if (!json_object_is_type(array, json_type_array) || !json_object_array_length(array))
		return;
	fprintf(out, "%s\n", set->member);
	for (size_t i = 0; i < set->figures && i < MAX_COLUMNS; i++) {
		width[i] = width_of(&set->figure[i], array);
		fprintf(out, is_text(&set->figure[i]) ? "  %-*s" : "  %*s", width[i],
			set->figure[i].name);
	}
	fputc('\n', out);
	for (size_t i = 0; i < json_object_array_length(array); i++)
		print_row(out, set, width, json_object_array_get_idx(array, i));
}

void status_print(FILE *out, struct json_object *document)
{
	for (int i = 0; i < FIGURE_SETS; i++) {
		const struct figure_set *set = figure_set((enum figure_sets)i);
		struct json_object *part =
			set->member ? document_get(document, set->member) : document;

		if (set->label)
			print_table(out, set, part);
		else if (part)
			print_object(out, set, part);
	}
}

/* --- rare groups --- */

static void append_member(UT_string *text, const struct figure *figure, struct json_object *object,
			  const char *name)
{
	struct json_object *value = document_get(object, name);

	if (value)
		figure_print(text, figure, value);
}

static void print_rule(FILE *out, struct json_object *group)
{
	UT_string text;

	utstring_init(&text);
	append_member(&text, &as_text, group, "rule");
	utstring_printf(&text, ", window from ");
	append_member(&text, &as_time, group, "window_start");
	utstring_printf(&text, " to ");
	append_member(&text, &as_time, group, "window_end");
	fprintf(out, "%s\n", utstring_body(&text));
	utstring_done(&text);
}

static void print_group(FILE *out, struct json_object *group)
{
	struct json_object *values = document_get(group, "values");
	UT_string text;

	utstring_init(&text);
	json_object_object_foreach(values, name, value) {
		utstring_printf(&text, "  ");
		utf8_append_escaped(&text, span_of(name));
		utstring_printf(&text, "=");
		utf8_append_escaped(&text, span_of(value ? json_object_get_string(value) : "-"));
	}
	fprintf(out, "  %s %6lld  %4lld%s\n",
		json_object_get_boolean(document_get(group, "rare")) ? "rare" : "    ",
		(long long)json_object_get_int64(document_get(group, "count")),
		(long long)json_object_get_int64(document_get(group, "hosts")),
		utstring_body(&text));
	utstring_done(&text);
}

void rare_print(FILE *out, struct json_object *document)
{
	struct json_object *groups = document_get(document, "groups");
	const char *rule = "";

	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *group = json_object_array_get_idx(groups, i);
		const char *id = json_object_get_string(document_get(group, "rule"));

		/* Something else than the plugin may have written it. */
		if (!id || !json_object_is_type(document_get(group, "values"), json_type_object))
			continue;
		if (strcmp(id, rule) != 0) {
			print_rule(out, group);
			fprintf(out, "        count  hosts\n");
		}
		rule = id;
		print_group(out, group);
	}
	if (!json_object_array_length(groups))
		fprintf(out, "no rarity rule has counted anything in a window that is open\n");
}
