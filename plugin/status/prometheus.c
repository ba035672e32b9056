/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/prometheus.h"

#include <inttypes.h>

#include "process/document.h"
#include "status/figures.h"

/* A label's value, or with no quotes to mind a help text. */
static void append_escaped(UT_string *out, const char *text, bool quoted)
{
	for (; *text; text++) {
		if (*text == '\n')
			utstring_printf(out, "\\n");
		else if (*text == '\\' || (quoted && *text == '"'))
			utstring_printf(out, "\\%c", *text);
		else
			utstring_bincpy(out, text, 1);
	}
}

/* Times are in seconds here. */
static void append_value(UT_string *out, const struct figure *figure, int64_t value)
{
	if (figure->unit == UNIT_MS || figure->unit == UNIT_TIME)
		utstring_printf(out, " %" PRId64 ".%03d\n", value / 1000, (int)(value % 1000));
	else if (figure->unit == UNIT_NS)
		utstring_printf(out, " %" PRId64 ".%09d\n", value / 1000000000,
				(int)(value % 1000000000));
	else
		utstring_printf(out, " %" PRId64 "\n", value);
}

static void append_sample(UT_string *out, const struct figure_set *set, const struct figure *figure,
			  struct json_object *object)
{
	struct json_object *value = document_get(object, figure->name);

	if (!value)
		return;
	figure_metric(out, set, figure);
	if (set->label) {
		utstring_printf(out, "{%s=\"", set->label);
		append_escaped(out, json_object_get_string(document_get(object, set->label)), true);
		utstring_printf(out, "\"}");
	}
	append_value(out, figure, json_object_get_int64(value));
}

static void append_samples(UT_string *out, const struct figure_set *set, const struct figure *figure,
			   struct json_object *document)
{
	struct json_object *objects = set->member ? document_get(document, set->member) : document;

	if (!json_object_is_type(objects, json_type_array)) {
		append_sample(out, set, figure, objects);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(objects); i++)
		append_sample(out, set, figure, json_object_array_get_idx(objects, i));
}

static void append_figure(UT_string *out, const struct figure_set *set, const struct figure *figure,
			  struct json_object *document)
{
	UT_string name, samples;

	utstring_init(&name);
	utstring_init(&samples);
	if (figure_metric(&name, set, figure))
		append_samples(&samples, set, figure, document);
	if (utstring_len(&samples)) {
		utstring_printf(out, "# HELP %s ", utstring_body(&name));
		append_escaped(out, figure->meaning, false);
		utstring_printf(out, "\n# TYPE %s %s\n", utstring_body(&name),
				figure->kind == FIGURE_COUNTER ? "counter" : "gauge");
		utstring_concat(out, &samples);
	}
	utstring_done(&name);
	utstring_done(&samples);
}

static void append_version(UT_string *out, struct json_object *document)
{
	struct json_object *version = document_get(document, "plugin.version");

	if (!version)
		return;
	utstring_printf(out, "# HELP auspawn_info version of the running plugin\n"
			     "# TYPE auspawn_info gauge\nauspawn_info{version=\"");
	append_escaped(out, json_object_get_string(version), true);
	utstring_printf(out, "\"} 1\n");
}

void prometheus_print(UT_string *out, struct json_object *document)
{
	append_version(out, document);
	for (int set = 0; set < FIGURE_SETS; set++) {
		const struct figure_set *figures = figure_set((enum figure_sets)set);

		for (size_t i = 0; i < figures->figures; i++)
			append_figure(out, figures, &figures->figure[i], document);
	}
}
