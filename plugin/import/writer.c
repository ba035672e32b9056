/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/writer.h"

#include <string.h>

#include "base/settings.h"
#include "base/utf8.h"
#include "import/esql.h"

#define WRAP 80 /* a string's line ends at the first blank past so many bytes */

/* --- comments --- */

static void append_comment(UT_string *out, const char *label, struct span text)
{
	if (!text.length)
		return;
	utstring_printf(out, "// %-8s ", label);
	utf8_append_escaped(out, text);
	utstring_printf(out, "\n");
}

static void append_comments(UT_string *out, const struct import *import, const char *source,
			    const char *query)
{
	utstring_printf(out, "// Imported. The rule is its author's: the license says who may use it.\n//\n");
	append_comment(out, "source:", span_of(source));
	append_comment(out, "rule_id:", import->rule_id);
	append_comment(out, "author:", span_of(import->authors));
	append_comment(out, "license:", import->license);
	append_comment(out, "tags:", span_of(import->tags));
	if (import->condition) {
		append_comment(out, "query:", span_of(query));
		utstring_printf(out, "//\n// The condition is the query, translated.\n");
	}
}

/* --- strings --- */

/* One byte of a libconfig string. */
static void append_byte(UT_string *out, char c)
{
	if (c == '\\' || c == '"')
		utstring_printf(out, "\\%c", c);
	else if (c == '\n')
		utstring_printf(out, "\\n");
	else if (c == '\t')
		utstring_printf(out, "\\t");
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		utstring_printf(out, "\\x%02x", (unsigned int)(unsigned char)c);
	else
		utstring_bincpy(out, &c, 1);
}

static void append_string(UT_string *out, const char *text)
{
	utstring_printf(out, "\"");
	while (*text)
		append_byte(out, *text++);
	utstring_printf(out, "\"");
}

static void append_name(UT_string *out, const char *name)
{
	utstring_printf(out, "        %-12s = ", name);
}

static void append_setting(UT_string *out, const char *name, const char *text)
{
	append_name(out, name);
	append_string(out, text);
	utstring_printf(out, ";\n");
}

/* As several strings, one below the other, that libconfig joins: a line ends behind a newline, and
 * where it is long, behind a blank. */
static void append_text(UT_string *out, const char *name, const char *text)
{
	size_t length = 0;

	if (!text)
		return;
	if (strlen(text) <= WRAP && !strchr(text, '\n')) {
		append_setting(out, name, text);
		return;
	}
	utstring_printf(out, "        %-12s =\n            \"", name);
	for (; *text; text++) {
		append_byte(out, *text);
		length++;
		if (text[1] && (*text == '\n' || (*text == ' ' && length >= WRAP))) {
			utstring_printf(out, "\"\n            \"");
			length = 0;
		}
	}
	utstring_printf(out, "\";\n");
}

static void append_fields(UT_string *out, const struct group_by *by)
{
	utstring_printf(out, "[ ");
	for (size_t i = 0; i < by->fields; i++) {
		utstring_printf(out, "%s", i ? ", " : "");
		append_string(out, by->field[i].name);
	}
	utstring_printf(out, " ]");
}

static void append_duration_setting(UT_string *out, const char *name, int64_t ms)
{
	append_name(out, name);
	utstring_printf(out, "\"");
	settings_append_duration(out, ms);
	utstring_printf(out, "\";\n");
}

static void append_number_setting(UT_string *out, const char *name, int64_t number)
{
	append_name(out, name);
	utstring_printf(out, "%lld;\n", (long long)number);
}

/* --- settings --- */

static void append_references(UT_string *out, const struct rule *rule)
{
	if (!rule->references)
		return;
	append_name(out, "references");
	utstring_printf(out, "(");
	for (size_t i = 0; i < rule->references; i++) {
		utstring_printf(out, "%s\n            ", i ? "," : "");
		append_string(out, rule->reference[i]);
	}
	utstring_printf(out, "\n        );\n");
}

static void append_threats(UT_string *out, const struct rule *rule)
{
	if (!rule->threats)
		return;
	append_name(out, "threat");
	utstring_printf(out, "(");
	for (size_t i = 0; i < rule->threats; i++) {
		utstring_printf(out, "%s\n            { tactic = \"%s\";", i ? "," : "",
				rule->threat[i].tactic);
		if (rule->threat[i].technique)
			utstring_printf(out, " technique = \"%s\";", rule->threat[i].technique);
		utstring_printf(out, " }");
	}
	utstring_printf(out, "\n        );\n");
}

static void append_by(UT_string *out, const struct rule *rule)
{
	if (!rule->by.fields)
		return;
	append_name(out, "by");
	append_fields(out, &rule->by);
	utstring_printf(out, ";\n");
}

static void append_rarity(UT_string *out, const struct rarity_settings *rarity)
{
	append_duration_setting(out, "window", rarity->window_ms);
	append_duration_setting(out, "every", rarity->every_ms);
	append_number_setting(out, "fewer_than", rarity->fewer_than);
	append_number_setting(out, "max_hosts", rarity->max_hosts);
}

static void append_threshold(UT_string *out, const struct rule *rule)
{
	const struct threshold_settings *threshold = &rule->tuning.threshold;

	append_duration_setting(out, "window", threshold->window_ms);
	append_number_setting(out, "at_least", threshold->at_least);
	if (!rule->distinct.fields)
		return;
	append_name(out, "distinct");
	utstring_printf(out, "{ field = ");
	append_string(out, rule->distinct.field[0].name);
	utstring_printf(out, "; at_least = %lld; };\n", (long long)threshold->distinct_at_least);
}

static void append_type(UT_string *out, const struct rule *rule)
{
	if (rule->type == RULE_MATCH)
		return;
	append_setting(out, "type", rule_type_name(rule->type));
	append_by(out, rule);
	if (rule->type == RULE_RARITY)
		append_rarity(out, &rule->tuning.rarity);
	else if (rule->type == RULE_NEW_TERMS)
		append_duration_setting(out, "history", rule->tuning.new_terms.history_ms);
	else
		append_threshold(out, rule);
}

static void append_suppression(UT_string *out, const struct rule *rule)
{
	if (!rule->suppress_by.fields)
		return;
	append_name(out, "suppress");
	utstring_printf(out, "{ by = ");
	append_fields(out, &rule->suppress_by);
	utstring_printf(out, "; for = \"");
	settings_append_duration(out, rule->tuning.suppress_ms);
	utstring_printf(out, "\"; };\n");
}

void writer_append(UT_string *out, const struct import *import, const char *id, const char *source,
		   const char *query)
{
	const struct rule *rule = &import->rule;

	append_comments(out, import, source, query);
	utstring_printf(out, "\nrules = (\n    {\n");
	append_setting(out, "id", id);
	append_text(out, "name", rule->name);
	append_text(out, "description", rule->description);
	append_text(out, "note", rule->note);
	append_references(out, rule);
	append_setting(out, "severity", severity_name(rule->tuning.severity));
	if (rule->tuning.risk_score >= 0)
		append_number_setting(out, "risk_score", rule->tuning.risk_score);
	append_threats(out, rule);
	append_type(out, rule);
	append_suppression(out, rule);
	if (import->condition)
		append_text(out, "condition", import->condition);
	else
		append_setting(out, "condition_file", query);
	utstring_printf(out, "    }\n);\n");
}
