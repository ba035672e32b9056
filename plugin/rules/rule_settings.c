/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rule_settings.h"

#include <stdlib.h>

#include "base/memory.h"
#include "process/ecs.h"

#define DEFAULT_WINDOW_MS	    (61 * 60 * 1000LL)
#define DEFAULT_EVERY_MS	    (60 * 60 * 1000LL)
#define DEFAULT_FEWER_THAN	    5
#define DEFAULT_MAX_HOSTS	    1
#define DEFAULT_HISTORY_MS	    (14 * 24 * 60 * 60 * 1000LL)
#define DEFAULT_LEARN_MS	    (24 * 60 * 60 * 1000LL)
#define DEFAULT_THRESHOLD_WINDOW_MS (5 * 60 * 1000LL)
#define DEFAULT_SUPPRESS_MS	    (60 * 60 * 1000LL)
#define MAX_COUNT		    1000000000LL
#define MAX_OVERLAP		    1000LL /* windows that an event can be in */

/* Only where a rule is written; what may also be overridden is below. */
static const char *const written[] = {
	"id",   "name",      "description",    "note", "references", "threat",
	"type", "condition", "condition_file", "by",   NULL,
};
static const char *const overridden[] = {
	"id", "enabled", "severity", "risk_score", "except", "suppress", NULL,
};
static const char *const of_type[][8] = {
	[RULE_MATCH] = { NULL },
	[RULE_RARITY] = { "window", "every", "fewer_than", "max_hosts", "deliver", NULL },
	[RULE_NEW_TERMS] = { "history", "learn", NULL },
	[RULE_THRESHOLD] = { "window", "at_least", "distinct", NULL },
};
static const char *const threat_settings[] = { "tactic", "technique", NULL };
static const char *const suppress_settings[] = { "by", "for", NULL };
static const char *const distinct_settings[] = { "field", "at_least", NULL };

static bool is_in(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static bool is_of_any_type(const char *name)
{
	for (enum rule_type type = RULE_MATCH; type <= RULE_THRESHOLD; type++) {
		if (is_in(of_type[type], name))
			return true;
	}
	return false;
}

static void check_name(const struct settings *settings, const config_setting_t *setting,
		       enum rule_type type, bool is_override)
{
	const char *name = config_setting_name(setting);
	bool is_written = is_in(written, name);

	if (is_in(overridden, name) || is_in(of_type[type], name))
		return;
	if (is_override && is_written)
		settings_mistake(settings, setting, "'%s' can't be overridden", name);
	else if (is_of_any_type(name) || (is_written && type == RULE_MATCH && !strcmp(name, "by")))
		settings_mistake(settings, setting, "a %s rule has no '%s'", rule_type_name(type),
				 name);
	else if (!is_written)
		settings_mistake(settings, setting, "unknown setting '%s'", name);
}

static void check_names(const struct settings *settings, const config_setting_t *group,
			enum rule_type type, bool is_override)
{
	for (int i = 0; i < config_setting_length(group); i++)
		check_name(settings, config_setting_get_elem(group, (unsigned int)i), type,
			   is_override);
}

/* "T" or "TA", four digits and, where `sub` says so, perhaps a dot and three digits. */
static bool is_attack_id(const char *id, const char *prefix, bool sub)
{
	size_t length = strlen(prefix);

	if (strncmp(id, prefix, length) || strspn(id + length, "0123456789") != 4)
		return false;
	id += length + 4;
	return !*id || (sub && *id == '.' && strspn(id + 1, "0123456789") == 3 && !id[4]);
}

static void read_threat(const struct settings *settings, const config_setting_t *group,
			struct rule *rule)
{
	const char *tactic = settings_string(settings, group, "tactic", NULL);
	const char *technique = settings_string(settings, group, "technique", NULL);
	struct threat *threat;

	settings_check_names(settings, group, threat_settings);
	if (!tactic || !is_attack_id(tactic, "TA", false))
		settings_mistake(settings, group,
				 "'tactic' must be an ATT&CK tactic such as TA0003");
	else if (technique && !is_attack_id(technique, "T", true))
		settings_mistake(settings, group,
				 "'technique' must be an ATT&CK technique such as T1505.003");
	else {
		rule->threat = mem_resize(rule->threat, rule->threats + 1, sizeof(*rule->threat));
		threat = &rule->threat[rule->threats++];
		threat->tactic = mem_strdup(tactic);
		threat->technique = technique ? mem_strdup(technique) : NULL;
	}
}

static void read_threats(const struct settings *settings, const config_setting_t *group,
			 struct rule *rule)
{
	const config_setting_t *list = settings_list(settings, group, "threat");

	for (int i = 0; list && i < config_setting_length(list); i++) {
		const config_setting_t *threat = config_setting_get_elem(list, (unsigned int)i);

		if (config_setting_is_group(threat))
			read_threat(settings, threat, rule);
		else
			settings_mistake(settings, list, "'threat' must hold groups, { ... }");
	}
}

static char *read_text(const struct settings *settings, const config_setting_t *group,
		       const char *name)
{
	const char *text = settings_string(settings, group, name, NULL);

	return text ? mem_strdup(text) : NULL;
}

static void read_references(const struct settings *settings, const config_setting_t *group,
			    struct rule *rule)
{
	const config_setting_t *list = settings_list(settings, group, "references");

	for (int i = 0; list && i < config_setting_length(list); i++) {
		const char *reference = config_setting_get_string_elem(list, i);

		if (!reference) {
			settings_mistake(settings, list, "'references' must hold strings");
			return;
		}
		rule->reference =
			mem_resize(rule->reference, rule->references + 1, sizeof(*rule->reference));
		rule->reference[rule->references++] = mem_strdup(reference);
	}
}

/* An id is part of documents, logs and files: small letters, digits and dashes. */
static void read_id(const struct settings *settings, const config_setting_t *group,
		    struct rule *rule)
{
	const config_setting_t *setting = config_setting_get_member(group, "id");
	const char *id = settings_string(settings, group, "id", "");

	rule->id = mem_strdup(id);
	if (!setting || (config_setting_type(setting) == CONFIG_TYPE_STRING && !*id))
		settings_mistake(settings, group, "a rule needs an 'id'");
	else if (id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		settings_mistake(settings, setting,
				 "'id' must be of small letters, digits and dashes");
}

static void read_type(const struct settings *settings, const config_setting_t *group,
		      struct rule *rule)
{
	const char *name = settings_string(settings, group, "type", rule_type_name(RULE_MATCH));
	enum rule_type type = RULE_MATCH;

	while (type <= RULE_THRESHOLD && strcmp(name, rule_type_name(type)))
		type++;
	if (type <= RULE_THRESHOLD) {
		rule->type = type;
		check_names(settings, group, type, false);
		return;
	}
	settings_mistake(settings, config_setting_get_member(group, "type"),
			 "unknown rule type '%s'; known are match, rarity, new_terms and threshold",
			 name);
}

/* --- fields --- */

static void add_field(const struct settings *settings, const config_setting_t *setting,
		      const char *name, struct group_by *by)
{
	struct field_ref ref;
	char buffer[128];
	const char *nearest;

	if (name && field_find(span_of(name), &ref)) {
		group_by_add(by, name, &ref);
		return;
	}
	if (name && ecs_has_field(span_of(name))) {
		settings_mistake(settings, setting,
				 "no event has '%s': audit records do not tell it", name);
		return;
	}
	nearest = name ? field_nearest(span_of(name), buffer, sizeof(buffer)) : NULL;
	settings_mistake(settings, setting, "unknown field '%s'%s%s%s", name ? name : "",
			 nearest ? "; did you mean '" : "", nearest ? nearest : "",
			 nearest ? "'?" : "");
}

/* Returns whether fields were named, rightly or wrongly. */
static bool read_by(const struct settings *settings, const config_setting_t *group,
		    struct group_by *by)
{
	const config_setting_t *list = settings_list(settings, group, "by");

	if (!list)
		return config_setting_get_member(group, "by");
	if (!config_setting_length(list))
		settings_mistake(settings, list, "'by' is empty");
	for (int i = 0; i < config_setting_length(list); i++)
		add_field(settings, list, config_setting_get_string_elem(list, i), by);
	return true;
}

/* --- what can be tuned --- */

static void read_severity(const struct settings *settings, const config_setting_t *group,
			  struct rule_tuning *tuning)
{
	const char *name =
		settings_string(settings, group, "severity", severity_name(tuning->severity));
	enum severity severity = SEVERITY_LOW;

	while (severity <= SEVERITY_CRITICAL && strcmp(name, severity_name(severity)))
		severity++;
	if (severity > SEVERITY_CRITICAL)
		settings_mistake(settings, config_setting_get_member(group, "severity"),
				 "'severity' must be low, medium, high or critical");
	else
		tuning->severity = severity;
	tuning->risk_score =
		(int)settings_integer(settings, group, "risk_score", 0, 100, tuning->risk_score);
}

static void read_rarity(const struct settings *settings, const config_setting_t *group,
			struct rarity_settings *rarity)
{
	const char *deliver = settings_string(settings, group, "deliver",
					      rarity->first_seen ? "first-seen" : "window");

	rarity->window_ms = settings_duration(settings, group, "window", 1, rarity->window_ms);
	rarity->every_ms = settings_duration(settings, group, "every", 1, rarity->every_ms);
	rarity->fewer_than =
		settings_integer(settings, group, "fewer_than", 1, MAX_COUNT, rarity->fewer_than);
	rarity->max_hosts =
		settings_integer(settings, group, "max_hosts", 1, MAX_COUNT, rarity->max_hosts);
	rarity->first_seen = !strcmp(deliver, "first-seen");
	if (!rarity->first_seen && strcmp(deliver, "window"))
		settings_mistake(settings, config_setting_get_member(group, "deliver"),
				 "'deliver' must be \"window\" or \"first-seen\"");
	if (rarity->window_ms < rarity->every_ms)
		settings_mistake(settings, group,
				 "'window' is shorter than 'every': events between would never count");
	else if (rarity->window_ms / rarity->every_ms > MAX_OVERLAP)
		settings_mistake(settings, group, "'window' is more than %lld times 'every'",
				 MAX_OVERLAP);
}

static void read_new_terms(const struct settings *settings, const config_setting_t *group,
			   struct new_terms_settings *new_terms)
{
	new_terms->history_ms =
		settings_duration(settings, group, "history", 1, new_terms->history_ms);
	new_terms->learn_ms = settings_duration(settings, group, "learn", 0, new_terms->learn_ms);
}

static void read_distinct(const struct settings *settings, const config_setting_t *group,
			  struct rule *rule, bool is_override)
{
	const config_setting_t *distinct = settings_group(settings, group, "distinct");
	const char *field;

	if (!distinct)
		return;
	settings_check_names(settings, distinct, distinct_settings);
	field = settings_string(settings, distinct, "field", NULL);
	if (is_override && field)
		settings_mistake(settings, distinct, "an override can't change the field");
	else if (is_override && !rule->tuning.threshold.distinct_at_least)
		settings_mistake(settings, distinct, "the rule does not count distinct values");
	else if (!is_override && !field)
		settings_mistake(settings, distinct, "'distinct' needs a 'field'");
	else if (!is_override)
		add_field(settings, distinct, field, &rule->distinct);
	if (!config_setting_get_member(distinct, "at_least"))
		settings_mistake(settings, distinct, "'distinct' needs 'at_least'");
	rule->tuning.threshold.distinct_at_least =
		settings_integer(settings, distinct, "at_least", 1, RULE_MAX_AT_LEAST, 1);
}

static void read_threshold(const struct settings *settings, const config_setting_t *group,
			   struct rule *rule, bool is_override)
{
	struct threshold_settings *threshold = &rule->tuning.threshold;

	threshold->window_ms =
		settings_duration(settings, group, "window", 1, threshold->window_ms);
	if (!is_override && !config_setting_get_member(group, "at_least"))
		settings_mistake(settings, group, "a threshold rule needs 'at_least'");
	threshold->at_least = settings_integer(settings, group, "at_least", 1, RULE_MAX_AT_LEAST,
					       threshold->at_least);
	read_distinct(settings, group, rule, is_override);
}

static void read_suppress(const struct settings *settings, const config_setting_t *group,
			  struct rule *rule)
{
	const config_setting_t *suppress = settings_group(settings, group, "suppress");

	if (!suppress)
		return;
	settings_check_names(settings, suppress, suppress_settings);
	read_by(settings, suppress, &rule->suppress_by);
	for (size_t i = 0; i < rule->suppress_by.fields; i++) {
		const struct group_field *field = &rule->suppress_by.field[i];

		if (!field_in_documents(&field->ref))
			settings_mistake(settings, config_setting_get_member(suppress, "by"),
					 "'%s' does not stand in alerts", field->name);
	}
	if (!rule->tuning.suppress_ms)
		rule->tuning.suppress_ms = DEFAULT_SUPPRESS_MS;
	rule->tuning.suppress_ms =
		settings_duration(settings, suppress, "for", 0, rule->tuning.suppress_ms);
}

static void read_tuning(const struct settings *settings, const config_setting_t *group,
			struct rule *rule, bool is_override)
{
	struct rule_tuning *tuning = &rule->tuning;

	tuning->enabled = settings_bool(settings, group, "enabled", tuning->enabled);
	read_severity(settings, group, tuning);
	read_suppress(settings, group, rule);
	switch (rule->type) {
	case RULE_MATCH:
		break;
	case RULE_RARITY:
		read_rarity(settings, group, &tuning->rarity);
		break;
	case RULE_NEW_TERMS:
		read_new_terms(settings, group, &tuning->new_terms);
		break;
	case RULE_THRESHOLD:
		read_threshold(settings, group, rule, is_override);
		break;
	}
}

static const struct rule_tuning defaults = {
	.enabled = true,
	.severity = SEVERITY_MEDIUM,
	.risk_score = RULE_RISK_OF_SEVERITY,
	.rarity = { DEFAULT_WINDOW_MS, DEFAULT_EVERY_MS, DEFAULT_FEWER_THAN, DEFAULT_MAX_HOSTS,
		    false },
	.new_terms = { DEFAULT_HISTORY_MS, DEFAULT_LEARN_MS },
	.threshold = { DEFAULT_THRESHOLD_WINDOW_MS, 1, 0 },
};

void rule_settings_read(const struct settings *settings, const config_setting_t *group,
			struct rule *rule)
{
	bool named;

	rule->tuning = defaults;
	rule->file = mem_strdup(settings->path);
	rule->line = (int)config_setting_source_line(group);
	read_id(settings, group, rule);
	rule->name = mem_strdup(settings_string(settings, group, "name", rule->id));
	rule->description = read_text(settings, group, "description");
	rule->note = read_text(settings, group, "note");
	read_references(settings, group, rule);
	read_threats(settings, group, rule);
	read_type(settings, group, rule);
	named = rule->type != RULE_MATCH && read_by(settings, group, &rule->by);
	if (!named && (rule->type == RULE_RARITY || rule->type == RULE_NEW_TERMS))
		settings_mistake(settings, group, "a %s rule needs 'by', the fields of a group",
				 rule_type_name(rule->type));
	read_tuning(settings, group, rule, false);
}

void rule_settings_override(const struct settings *settings, const config_setting_t *group,
			    struct rule *rule)
{
	check_names(settings, group, rule->type, true);
	read_tuning(settings, group, rule, true);
}
