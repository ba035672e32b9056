/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/complain.h"
#include "base/settings.h"
#include "base/utf8.h"
#include "rules/printer.h"

#define LABEL_WIDTH  12
#define MAX_ID_WIDTH 48
#define TEXT_WIDTH   88 /* columns of text behind a label */

static int longest_id(const struct ruleset *ruleset)
{
	size_t longest = strlen("RULE");

	for (size_t i = 0; i < ruleset->rules; i++) {
		size_t length = strlen(ruleset->rule[i]->id);

		longest = length > longest ? length : longest;
	}
	return longest < MAX_ID_WIDTH ? (int)longest : MAX_ID_WIDTH;
}

static void print_table(const struct ruleset *ruleset, FILE *out)
{
	int width = longest_id(ruleset);
	size_t enabled = 0;

	if (ruleset->rules)
		fprintf(out, "%-*s %-9s %-8s %4s %3s %6s  %s\n", width, "RULE", "TYPE", "SEVERITY",
			"RISK", "ON", "EXCEPT", "NAME");
	for (size_t i = 0; i < ruleset->rules; i++) {
		const struct rule *rule = ruleset->rule[i];

		enabled += rule->tuning.enabled;
		fprintf(out, "%-*s %-9s %-8s %4d %3s %6zu  ", width, rule->id,
			rule_type_name(rule->type), severity_name(rule->tuning.severity),
			rule_risk_score(rule), rule->tuning.enabled ? "yes" : "no", rule->excepts);
		utf8_print_shown(out, span_of(rule->name));
	}
	fprintf(out, "%zu rule%s in %zu file%s, %zu enabled\n", ruleset->rules,
		ruleset->rules == 1 ? "" : "s", ruleset->files, ruleset->files == 1 ? "" : "s",
		enabled);
}

static void print_findings(const struct mistakes *mistakes)
{
	size_t warnings = mistakes->total - mistakes->count;

	mistakes_print(mistakes, MISTAKES_ALL, stderr);
	if (mistakes->total)
		fprintf(stderr, "%zu mistake%s, %zu warning%s\n", mistakes->count,
			mistakes->count == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

/* The length of the next line of `text`: as many words as fit. A string is one word. */
static size_t line_length(const char *text)
{
	size_t end = 0, column = 0;
	char quote = 0;

	for (size_t i = 0;; i++, column++) {
		char c = text[i];

		if (!c || c == '\n')
			return column > TEXT_WIDTH && end ? end : i;
		if (c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '`'))
			quote = c;
		else if (quote && c == '\\' && text[i + 1])
			i++;
		else if (!quote && c == ' ') {
			if (column > TEXT_WIDTH && end)
				return end;
			end = i;
		}
	}
}

/* Prints a text with its label in front, in as many lines as it needs. */
static void print_text(FILE *out, const char *label, const char *text)
{
	do {
		size_t length = line_length(text);

		fprintf(out, "%-*s", LABEL_WIDTH, label);
		utf8_print_shown(out, (struct span){ text, length });
		label = "";
		text += length;
		text += *text == ' ' || *text == '\n';
	} while (*text);
}

static void print_condition(FILE *out, const char *label, const struct condition *condition)
{
	UT_string text;

	utstring_init(&text);
	condition_print(condition, &text);
	print_text(out, label, utstring_body(&text));
	utstring_done(&text);
}

static void append_names(UT_string *text, const struct group_by *by)
{
	for (size_t i = 0; i < by->fields; i++)
		utstring_printf(text, "%s%s", i ? ", " : "", by->field[i].name);
}

static void append_rarity(UT_string *text, const struct rarity_settings *rarity)
{
	utstring_printf(text, ": fewer than %" PRId64 " in ", rarity->fewer_than);
	settings_append_duration(text, rarity->window_ms);
	utstring_printf(text, " on at most %" PRId64 " host%s, judged every ", rarity->max_hosts,
			rarity->max_hosts == 1 ? "" : "s");
	settings_append_duration(text, rarity->every_ms);
	if (rarity->first_seen)
		utstring_printf(text, ", told at once");
}

static void append_new_terms(UT_string *text, const struct new_terms_settings *new_terms)
{
	utstring_printf(text, ": not seen for ");
	settings_append_duration(text, new_terms->history_ms);
	utstring_printf(text, ", learning for ");
	settings_append_duration(text, new_terms->learn_ms);
}

static void append_threshold(UT_string *text, const struct rule *rule)
{
	const struct threshold_settings *threshold = &rule->tuning.threshold;

	utstring_printf(text, ": at least %" PRId64 " in ", threshold->at_least);
	settings_append_duration(text, threshold->window_ms);
	if (!threshold->distinct_at_least)
		return;
	utstring_printf(text, " with at least %" PRId64 " different ",
			threshold->distinct_at_least);
	append_names(text, &rule->distinct);
}

static void print_type(FILE *out, const struct rule *rule)
{
	UT_string text;

	utstring_init(&text);
	utstring_printf(&text, "%s", rule_type_name(rule->type));
	if (rule->by.fields)
		utstring_printf(&text, " by ");
	append_names(&text, &rule->by);
	if (rule->type == RULE_RARITY)
		append_rarity(&text, &rule->tuning.rarity);
	else if (rule->type == RULE_NEW_TERMS)
		append_new_terms(&text, &rule->tuning.new_terms);
	else if (rule->type == RULE_THRESHOLD)
		append_threshold(&text, rule);
	print_text(out, "type", utstring_body(&text));
	utstring_done(&text);
}

static void print_suppress(FILE *out, const struct rule *rule)
{
	UT_string text;

	if (!rule->tuning.suppress_ms)
		return;
	utstring_init(&text);
	utstring_printf(&text, "alerts alike in %s", rule->suppress_by.fields ? "" : "the rule");
	append_names(&text, &rule->suppress_by);
	utstring_printf(&text, " are one for ");
	settings_append_duration(&text, rule->tuning.suppress_ms);
	print_text(out, "suppress", utstring_body(&text));
	utstring_done(&text);
}

/* --- fields --- */

struct field_names {
	UT_string text;
	UT_string seen; /* the names, each between blanks */
};

static void add_name(void *user, const struct field_ref *field)
{
	struct field_names *names = user;
	char name[FIELD_MAX_NAME];
	UT_string blanked;

	utstring_init(&blanked);
	utstring_printf(&blanked, " %s ", field_name(field, name, sizeof(name)));
	if (!strstr(utstring_body(&names->seen), utstring_body(&blanked))) {
		utstring_concat(&names->seen, &blanked);
		utstring_printf(&names->text, "%s%s", utstring_len(&names->text) ? ", " : "", name);
	}
	utstring_done(&blanked);
}

static void print_fields(FILE *out, const struct rule *rule)
{
	struct field_names names;

	utstring_init(&names.text);
	utstring_init(&names.seen);
	condition_fields(rule->condition, add_name, &names);
	for (size_t i = 0; i < rule->excepts; i++)
		condition_fields(rule->except[i].condition, add_name, &names);
	for (size_t i = 0; i < rule->by.fields; i++)
		add_name(&names, &rule->by.field[i].ref);
	for (size_t i = 0; i < rule->distinct.fields; i++)
		add_name(&names, &rule->distinct.field[i].ref);
	print_text(out, "fields", utstring_body(&names.text));
	utstring_done(&names.text);
	utstring_done(&names.seen);
}

static void print_threats(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->threats; i++)
		fprintf(out, "%-*s%s %s\n", LABEL_WIDTH, i ? "" : "threat", rule->threat[i].tactic,
			rule->threat[i].technique ? rule->threat[i].technique : "");
}

static void print_file(FILE *out, const struct rule *rule)
{
	UT_string text;

	utstring_init(&text);
	utstring_printf(&text, "%s:%d", rule->file, rule->line);
	fprintf(out, "%-*s", LABEL_WIDTH, "file");
	utf8_print_shown(out, span_of(utstring_body(&text)));
	utstring_done(&text);
}

static void explain_rule(const struct rule *rule, FILE *out)
{
	print_text(out, "rule", rule->id);
	print_text(out, "name", rule->name);
	print_file(out, rule);
	if (!rule->tuning.enabled)
		print_text(out, "enabled", "no");
	print_type(out, rule);
	fprintf(out, "%-*s%s, risk score %d\n", LABEL_WIDTH, "severity",
		severity_name(rule->tuning.severity), rule_risk_score(rule));
	print_threats(out, rule);
	if (rule->description)
		print_text(out, "about", rule->description);
	for (size_t i = 0; i < rule->references; i++)
		print_text(out, i ? "" : "references", rule->reference[i]);
	if (rule->note)
		print_text(out, "note", rule->note);
	print_suppress(out, rule);
	print_condition(out, "condition", rule->condition);
	for (size_t i = 0; i < rule->excepts; i++) {
		print_condition(out, "except", rule->except[i].condition);
		print_text(out, "  because", rule->except[i].reason);
	}
	print_fields(out, rule);
}

static void report_missing(const struct ruleset *ruleset, const char *id)
{
	const char *file = ruleset_find_refused(ruleset, id);

	if (file)
		complain("rule '%s' is not loaded: %s has a mistake", id, file);
	else
		complain("there is no rule '%s'", id);
}

int check_run(const struct ruleset *ruleset, const struct mistakes *mistakes, const char *explain)
{
	const struct rule *rule = explain ? ruleset_find(ruleset, explain) : NULL;

	print_findings(mistakes);
	if (explain && !rule) {
		report_missing(ruleset, explain);
		return 2;
	}
	if (rule)
		explain_rule(rule, stdout);
	else
		print_table(ruleset, stdout);
	return mistakes->count ? 1 : 0;
}
