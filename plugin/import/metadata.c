/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/metadata.h"

#include <string.h>

#include "base/memory.h"

#include <utstring.h>

static struct span trimmed(struct span text)
{
	while (text.length && strchr(" \t\r\n", text.start[0]))
		text = (struct span){ text.start + 1, text.length - 1 };
	while (text.length && strchr(" \t\r\n", text.start[text.length - 1]))
		text.length--;
	return text;
}

/* NULL if there is none, or nothing in it. */
static char *read_text(const struct source *source, const struct toml_node *rule, const char *name)
{
	struct span text = trimmed(source_string(source, rule, name));

	return text.length ? mem_strndup(text.start, text.length) : NULL;
}

/* An array of strings as one line; NULL if there is nothing in it. */
static char *read_line(const struct source *source, const struct toml_node *rule, const char *name)
{
	const struct toml_node *array = toml_member(rule, name);
	UT_string line;

	if (!toml_elements(array))
		return NULL;
	utstring_init(&line);
	for (size_t i = 0; i < toml_elements(array); i++) {
		struct span text = source_text(source, toml_element(array, i), name);

		utstring_printf(&line, "%s%.*s", i ? ", " : "", (int)text.length,
				text.start ? text.start : "");
	}
	return utstring_body(&line);
}

/* Where there is a list of what alerts without reason, it belongs to what to do about one. */
static char *read_note(const struct source *source, const struct toml_node *rule)
{
	const struct toml_node *positives = toml_member(rule, "false_positives");
	struct span note = trimmed(source_string(source, rule, "note"));
	UT_string text;

	if (!note.length && !toml_elements(positives))
		return NULL;
	utstring_init(&text);
	if (note.length)
		utstring_bincpy(&text, note.start, note.length);
	if (toml_elements(positives))
		utstring_printf(&text, "%sFalse positives:\n", note.length ? "\n\n" : "");
	for (size_t i = 0; i < toml_elements(positives); i++) {
		struct span positive =
			trimmed(source_text(source, toml_element(positives, i), "false_positives"));

		utstring_printf(&text, "\n- %.*s", (int)positive.length,
				positive.start ? positive.start : "");
	}
	return utstring_body(&text);
}

static void read_references(struct rule *rule, const struct source *source,
			    const struct toml_node *table)
{
	const struct toml_node *array = toml_member(table, "references");

	for (size_t i = 0; i < toml_elements(array); i++) {
		struct span text = source_text(source, toml_element(array, i), "references");

		if (!text.length)
			continue;
		rule->reference =
			mem_resize(rule->reference, rule->references + 1, sizeof(*rule->reference));
		rule->reference[rule->references++] = mem_strndup(text.start, text.length);
	}
}

static void read_severity(struct rule *rule, const struct source *source,
			  const struct toml_node *table)
{
	const struct toml_node *node = toml_member(table, "severity");
	struct span text = source_text(source, node, "severity");
	enum severity severity = SEVERITY_LOW;

	rule->tuning.severity = SEVERITY_MEDIUM;
	rule->tuning.risk_score = (int)source_integer(source, table, "risk_score", 0, 100, -1);
	if (!text.start)
		return;
	while (severity <= SEVERITY_CRITICAL && !span_is(text, severity_name(severity)))
		severity++;
	if (severity <= SEVERITY_CRITICAL)
		rule->tuning.severity = severity;
	else
		source_mistake(source, node, "'severity' must be low, medium, high or critical");
}

/* --- threats --- */

static bool has_digits(struct span text, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		if (i >= text.length || text.start[i] < '0' || text.start[i] > '9')
			return false;
	}
	return true;
}

static bool is_tactic(struct span id)
{
	return id.length == 6 && span_starts_with(id, "TA") && has_digits(id, 2, 4);
}

/* T1505 or T1505.003 */
static bool is_technique(struct span id)
{
	return span_starts_with(id, "T") && has_digits(id, 1, 4) &&
	       (id.length == 5 || (id.length == 9 && id.start[5] == '.' && has_digits(id, 6, 3)));
}

static void add_threat(struct rule *rule, struct span tactic, struct span technique)
{
	struct threat *threat;

	rule->threat = mem_resize(rule->threat, rule->threats + 1, sizeof(*rule->threat));
	threat = &rule->threat[rule->threats++];
	threat->tactic = mem_strndup(tactic.start, tactic.length);
	threat->technique = technique.start ? mem_strndup(technique.start, technique.length) : NULL;
}

/* Adds each of an array of techniques; of one with subtechniques, those. Returns how many. */
static size_t add_techniques(struct rule *rule, const struct source *source, struct span tactic,
			     const struct toml_node *array)
{
	size_t added = 0;

	for (size_t i = 0; i < toml_elements(array); i++) {
		const struct toml_node *technique = toml_element(array, i);
		const struct toml_node *subs = toml_member(technique, "subtechnique");
		struct span id = source_string(source, technique, "id");

		for (size_t k = 0; k < toml_elements(subs); k++) {
			struct span sub = source_string(source, toml_element(subs, k), "id");

			if (is_technique(sub)) {
				add_threat(rule, tactic, sub);
				added++;
			} else {
				source_warn(source, toml_element(subs, k),
					    "left out: 'id' is no technique of ATT&CK");
			}
		}
		if (toml_elements(subs))
			continue;
		if (is_technique(id)) {
			add_threat(rule, tactic, id);
			added++;
		} else {
			source_warn(source, technique, "left out: 'id' is no technique of ATT&CK");
		}
	}
	return added;
}

static void read_threats(struct rule *rule, const struct source *source,
			 const struct toml_node *table)
{
	const struct toml_node *array = toml_member(table, "threat");

	for (size_t i = 0; i < toml_elements(array); i++) {
		const struct toml_node *threat = toml_element(array, i);
		struct span tactic = source_string(source, toml_member(threat, "tactic"), "id");

		if (!is_tactic(tactic))
			source_warn(source, threat, "left out: the threat has no tactic of ATT&CK");
		else if (!add_techniques(rule, source, tactic, toml_member(threat, "technique")))
			add_threat(rule, tactic, SPAN_NONE);
	}
}

/* What changes when there are alerts, and that we do not do. */
static void warn_of_rest(const struct source *source, const struct toml_node *rule)
{
	static const char *const names[] = { "building_block_type", "exceptions_list",
					     "severity_mapping", "risk_score_mapping" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct toml_node *node = toml_member(rule, names[i]);

		if (node)
			source_warn(source, node, "'%s' is left out", names[i]);
	}
}

void metadata_read(struct import *import, const struct source *source, const struct toml_node *rule)
{
	import->rule.name = read_text(source, rule, "name");
	import->rule.description = read_text(source, rule, "description");
	import->rule.note = read_note(source, rule);
	import->rule_id = source_string(source, rule, "rule_id");
	import->license = source_string(source, rule, "license");
	import->authors = read_line(source, rule, "author");
	import->tags = read_line(source, rule, "tags");
	read_references(&import->rule, source, rule);
	read_severity(&import->rule, source, rule);
	read_threats(&import->rule, source, rule);
	warn_of_rest(source, rule);
}
