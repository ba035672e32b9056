/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/import.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "import/esql.h"
#include "import/kql.h"
#include "import/metadata.h"
#include "import/possible.h"
#include "rules/parser.h"

#define DEFAULT_FROM_MS	    (6 * 60 * 1000LL) /* Kibana's, as the next */
#define DEFAULT_INTERVAL_MS (5 * 60 * 1000LL)
#define MAX_DURATION_MS	    (366LL * 24 * 60 * 60 * 1000)
#define MAX_OVERLAP	    1000 /* how often a rarity rule's window holds its interval */

/* What the readers of a rule share. */
struct reading {
	struct import *import;
	const struct source *source;
	const struct toml_node *rule; /* [rule] */
	const struct toml_node *query;
};

const char *import_language_name(enum import_language language)
{
	static const char *const names[] = { "eql", "kql", "esql" };

	return names[language];
}

/* --- times --- */

/* "9m". Returns false if it is no duration, or one that rules can't have. */
static bool parse_duration(struct span text, int64_t *ms)
{
	static const char letters[] = "smhdw";
	static const int64_t units[] = { 1000, 60000, 3600000, 86400000, 604800000 };
	const char *letter;
	int64_t number = 0;

	if (text.length < 2 || text.length > 8)
		return false;
	for (size_t i = 0; i + 1 < text.length; i++) {
		if (text.start[i] < '0' || text.start[i] > '9')
			return false;
		number = number * 10 + (text.start[i] - '0');
	}
	letter = strchr(letters, text.start[text.length - 1]);
	if (!letter || !*letter)
		return false;
	*ms = number * units[letter - letters];
	return number && *ms <= MAX_DURATION_MS;
}

static int64_t read_duration(const struct reading *reading, const char *name, int64_t fallback)
{
	const struct toml_node *node = toml_member(reading->rule, name);
	struct span text = source_text(reading->source, node, name);
	int64_t ms;

	if (!text.start)
		return fallback;
	if (parse_duration(text, &ms))
		return ms;
	source_mistake(reading->source, node, "'%s' must be a duration such as \"5m\"", name);
	return fallback;
}

/* "now-9m": how far back. */
static int64_t read_ago(const struct reading *reading, const struct toml_node *node,
			const char *name, int64_t fallback)
{
	struct span text = source_text(reading->source, node, name);
	int64_t ms;

	if (!text.start)
		return fallback;
	if (span_starts_with(text, "now-") &&
	    parse_duration((struct span){ text.start + 4, text.length - 4 }, &ms))
		return ms;
	source_mistake(reading->source, node, "'%s' must be a time such as \"now-9m\"", name);
	return fallback;
}

/* --- fields --- */

static void add_field(const struct reading *reading, const struct toml_node *node, const char *name,
		      struct group_by *by)
{
	struct span text = source_text(reading->source, node, name);
	struct field_ref ref;
	char *copy;

	if (!text.start)
		return;
	copy = mem_strndup(text.start, text.length);
	if (field_find(text, &ref))
		group_by_add(by, copy, &ref);
	else
		source_mistake(reading->source, node,
			       "no event has '%s', so no groups can be made by it", copy);
	free(copy);
}

/* One name, or an array of them. */
static void read_fields(const struct reading *reading, const struct toml_node *table,
			const char *name, struct group_by *by)
{
	const struct toml_node *node = toml_member(table, name);

	if (node && !toml_is_array(node))
		add_field(reading, node, name, by);
	for (size_t i = 0; i < toml_elements(node); i++)
		add_field(reading, toml_element(node, i), name, by);
}

/* --- queries --- */

static void on_finding(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	const struct reading *reading = user;
	struct place place = source_place_in(reading->source, reading->query, offset);

	if (finding == PARSER_MISTAKE)
		source_mistake_at(reading->source, &place, message);
}

/* A rule about events that there never are would stay silent, and nobody would know. */
static void check_possible(struct reading *reading, struct span condition_text)
{
	struct condition *condition = parser_parse(condition_text, NULL, on_finding, reading);
	const char *field = condition ? possible_refusal(condition) : NULL;

	if (field)
		source_mistake(reading->source, reading->query,
			       "no event satisfies what is asked of '%s': auspawn sees processes "
			       "of Linux start",
			       field);
	condition_free(condition);
}

static void read_eql(struct reading *reading)
{
	reading->import->language = IMPORT_EQL;
	check_possible(reading, reading->import->query);
}

static void read_kql(struct reading *reading)
{
	struct import *import = reading->import;

	import->language = IMPORT_KQL;
	import->condition = kql_translate(import->query, on_finding, reading);
	if (import->condition)
		check_possible(reading, span_of(import->condition));
}

/* --- types --- */

static void read_match(struct reading *reading)
{
	read_kql(reading);
}

static void read_new_terms(struct reading *reading)
{
	struct rule *rule = &reading->import->rule;
	const struct toml_node *terms = toml_member(reading->rule, "new_terms");
	const struct toml_node *start = toml_member(terms, "history_window_start");
	const struct toml_node *since = toml_member(toml_element(start, 0), "value");

	rule->type = RULE_NEW_TERMS;
	read_kql(reading);
	read_fields(reading, terms, "value", &rule->by);
	if (!toml_elements(toml_member(terms, "value")))
		source_mistake(reading->source, reading->rule,
			       "[rule.new_terms] needs fields, 'value'");
	if (toml_elements(start) != 1 || !since) {
		source_mistake(reading->source, reading->rule,
			       "[rule.new_terms] needs one 'history_window_start'");
		return;
	}
	rule->tuning.new_terms.history_ms = read_ago(reading, since, "history_window_start", 0);
}

static void read_distinct(struct reading *reading, const struct toml_node *threshold)
{
	struct rule *rule = &reading->import->rule;
	const struct toml_node *cardinality = toml_member(threshold, "cardinality");
	const struct toml_node *first = toml_element(cardinality, 0);

	if (!toml_elements(cardinality))
		return;
	if (toml_elements(cardinality) > 1) {
		source_mistake(reading->source, cardinality,
			       "more than one cardinality can't be carried over");
		return;
	}
	read_fields(reading, first, "field", &rule->distinct);
	rule->tuning.threshold.distinct_at_least =
		source_integer(reading->source, first, "value", 1, RULE_MAX_AT_LEAST, 1);
	if (!toml_member(first, "field"))
		source_mistake(reading->source, cardinality, "'cardinality' needs a 'field'");
}

static void read_threshold(struct reading *reading)
{
	struct rule *rule = &reading->import->rule;
	const struct toml_node *threshold = toml_member(reading->rule, "threshold");

	rule->type = RULE_THRESHOLD;
	read_kql(reading);
	read_fields(reading, threshold, "field", &rule->by);
	rule->tuning.threshold.window_ms =
		read_ago(reading, toml_member(reading->rule, "from"), "from", DEFAULT_FROM_MS);
	if (!toml_member(threshold, "value"))
		source_mistake(reading->source, reading->rule, "[rule.threshold] needs a 'value'");
	rule->tuning.threshold.at_least =
		source_integer(reading->source, threshold, "value", 1, RULE_MAX_AT_LEAST, 1);
	read_distinct(reading, threshold);
}

static void read_rarity(struct reading *reading, const struct esql *esql)
{
	struct rule *rule = &reading->import->rule;
	struct rarity_settings *rarity = &rule->tuning.rarity;

	rule->type = RULE_RARITY;
	rarity->fewer_than = esql->fewer_than;
	rarity->max_hosts = esql->max_hosts;
	rarity->every_ms = read_duration(reading, "interval", DEFAULT_INTERVAL_MS);
	rarity->window_ms =
		read_ago(reading, toml_member(reading->rule, "from"), "from", DEFAULT_FROM_MS);
	/* The narrower of the two bounds counts. */
	if (esql->window_ms && esql->window_ms < rarity->window_ms)
		rarity->window_ms = esql->window_ms;
	if (rarity->window_ms < rarity->every_ms)
		source_mistake(reading->source, reading->rule,
			       "the rule looks back less far than its 'interval': events between "
			       "would never count");
	else if (rarity->window_ms / rarity->every_ms > MAX_OVERLAP)
		source_mistake(reading->source, reading->rule,
			       "the rule looks back more than %d times its 'interval'",
			       MAX_OVERLAP);
}

static void read_esql(struct reading *reading)
{
	struct import *import = reading->import;
	struct esql esql;

	import->language = IMPORT_ESQL;
	if (esql_translate(import->query, &esql, on_finding, reading)) {
		import->condition = mem_strdup(esql.condition);
		check_possible(reading, span_of(import->condition));
		if (esql.counts) {
			import->rule.by = esql.by;
			esql.by = (struct group_by){ 0 };
			read_rarity(reading, &esql);
		}
	}
	esql_clear(&esql);
}

static const struct {
	const char *type, *language;
	void (*read)(struct reading *reading);
} types[] = {
	{ "eql", "eql", read_eql },
	{ "query", "kuery", read_match },
	{ "new_terms", "kuery", read_new_terms },
	{ "threshold", "kuery", read_threshold },
	{ "esql", "esql", read_esql },
};

static void read_type(struct reading *reading)
{
	const struct toml_node *node = toml_member(reading->rule, "type");
	struct span type = source_text(reading->source, node, "type");
	struct span language = source_string(reading->source, reading->rule, "language");
	bool known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!span_is(type, types[i].type))
			continue;
		known = true;
		if (!span_is(language, types[i].language))
			continue;
		reading->query = toml_member(reading->rule, "query");
		reading->import->query = source_text(reading->source, reading->query, "query");
		if (reading->import->query.start)
			types[i].read(reading);
		else if (!reading->query)
			source_mistake(reading->source, reading->rule, "the rule has no 'query'");
		return;
	}
	if (known)
		source_mistake(reading->source, node,
			       "a rule of type '%.*s' in the language '%.*s' can't be carried over",
			       (int)type.length, type.start, (int)language.length,
			       language.start ? language.start : "");
	else
		source_mistake(reading->source, node ? node : reading->rule,
			       "a rule of type '%.*s' can't be carried over", (int)type.length,
			       type.start ? type.start : "");
}

/* --- suppression --- */

/* "duration" is a table of a number and a letter. Without it, alerts of one run are folded. */
static int64_t read_suppress_ms(struct reading *reading, const struct toml_node *suppression)
{
	const struct toml_node *duration = toml_member(suppression, "duration");
	struct span unit = source_string(reading->source, duration, "unit");
	int64_t value = source_integer(reading->source, duration, "value", 1, 100000, 1);
	char text[16];
	int64_t ms;

	if (!duration)
		return read_duration(reading, "interval", DEFAULT_INTERVAL_MS);
	snprintf(text, sizeof(text), "%d%.*s", (int)value, unit.length < 3 ? (int)unit.length : 3,
		 unit.start ? unit.start : "");
	if (parse_duration(span_of(text), &ms))
		return ms;
	source_mistake(reading->source, duration,
		       "'duration' must be a 'value' and a 'unit', s, m, h or d");
	return 0;
}

/* Alerts are not fewer without it, so a field that they lack is no reason to refuse the rule. */
static void leave_out(struct reading *reading, const struct toml_node *node, struct span name)
{
	source_warn(reading->source, node, "'alert_suppression' is left out: no alert has '%.*s'",
		    (int)name.length, name.start);
	group_by_clear(&reading->import->rule.suppress_by);
	reading->import->rule.tuning.suppress_ms = 0;
}

/* Without fields of its own, a threshold's alerts are folded by its groups. */
static bool add_groups(struct reading *reading, const struct toml_node *suppression)
{
	struct rule *rule = &reading->import->rule;

	for (size_t i = 0; i < rule->by.fields; i++) {
		const struct group_field *field = &rule->by.field[i];

		if (!field_in_documents(&field->ref)) {
			leave_out(reading, suppression, span_of(field->name));
			return false;
		}
		group_by_add(&rule->suppress_by, field->name, &field->ref);
	}
	return true;
}

static void read_suppression(struct reading *reading)
{
	struct rule *rule = &reading->import->rule;
	const struct toml_node *suppression = toml_member(reading->rule, "alert_suppression");
	const struct toml_node *fields = toml_member(suppression, "group_by");
	size_t count = fields && !toml_is_array(fields) ? 1 : toml_elements(fields);
	struct field_ref ref;

	if (!suppression)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct toml_node *field = toml_is_array(fields) ? toml_element(fields, i) : fields;
		struct span name = source_text(reading->source, field, "group_by");

		if (!name.start || (field_find(name, &ref) && field_in_documents(&ref)))
			continue;
		leave_out(reading, field, name);
		return;
	}
	read_fields(reading, suppression, "group_by", &rule->suppress_by);
	if (rule->type == RULE_THRESHOLD && !fields && !add_groups(reading, suppression))
		return;
	rule->tuning.suppress_ms = read_suppress_ms(reading, suppression);
	if (!rule->suppress_by.fields) {
		source_warn(reading->source, suppression,
			    "'alert_suppression' is left out: it names no fields");
		rule->tuning.suppress_ms = 0;
	}
}

/* --- all of it --- */

bool import_read(struct import *import, const struct source *source)
{
	struct reading reading = { import, source, toml_member(toml_root(source->toml), "rule"),
				   NULL };
	size_t mistakes = source->mistakes->count;

	memset(import, 0, sizeof(*import));
	if (!reading.rule || !toml_is_table(reading.rule)) {
		source_mistake(source, NULL, "there is no [rule]");
		return false;
	}
	metadata_read(import, source, reading.rule);
	read_type(&reading);
	read_suppression(&reading);
	if (toml_member(reading.rule, "filters"))
		source_mistake(source, toml_member(reading.rule, "filters"),
			       "'filters' beside the query can't be carried over");
	return source->mistakes->count == mistakes;
}

void import_clear(struct import *import)
{
	rule_clear(&import->rule);
	free(import->authors);
	free(import->tags);
	free(import->condition);
}
