/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rulefile.h"

#include <errno.h>
#include <stdlib.h>

#define DEFAULT_WINDOW_MS     (61 * 60 * 1000LL)
#define DEFAULT_EVERY_MS      (60 * 60 * 1000LL)
#define DEFAULT_FEWER_THAN    5
#define DEFAULT_MAX_HOSTS     1
#define MAX_COUNT             1000000000LL
#define MAX_OVERLAP           1000LL /* windows that an event can be in */

static const char *const file_settings[] = { "lists", "rules", NULL };
static const char *const match_settings[] = { "id",     "name",      "severity", "risk_score", "threat",
					      "type",   "condition", "condition_file",
					      "except", NULL };
static const char *const rarity_settings[] = { "id",         "name",      "severity", "risk_score",
					       "threat",     "type",      "condition", "condition_file",
					       "except",     "by",         "window",    "every",    "fewer_than",
					       "max_hosts",  "deliver",   NULL };
static const char *const threat_settings[] = { "tactic", "technique", NULL };

static config_setting_t *root_of(const struct settings *settings)
{
	return config_root_setting(&settings->config);
}

static void read_list(const struct settings *settings, struct ruleset *ruleset,
		      const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	struct string_list *list;

	if (!config_setting_is_list(setting) && !config_setting_is_array(setting)) {
		settings_mistake(settings, setting, "list '%s' must be [ \"...\", ... ]", name);
		return;
	}
	HASH_FIND_STR(ruleset->lists, name, list);
	if (list) {
		settings_mistake(settings, setting, "there already is a list '%s'", name);
		return;
	}
	list = mem_zalloc(sizeof(*list));
	list->name = mem_strdup(name);
	HASH_ADD_KEYPTR(hh, ruleset->lists, list->name, strlen(list->name), list);
	for (int i = 0; i < config_setting_length(setting); i++) {
		const char *item = config_setting_get_string_elem(setting, i);

		if (!item) {
			settings_mistake(settings, setting, "list '%s' must hold only strings", name);
			return;
		}
		list->item = mem_resize(list->item, list->items + 1, sizeof(*list->item));
		list->item[list->items++] = mem_strdup(item);
	}
	if (!list->items)
		settings_mistake(settings, setting, "list '%s' is empty", name);
}

void rulefile_read_lists(const struct settings *settings, struct ruleset *ruleset)
{
	const config_setting_t *lists = settings_group(settings, root_of(settings), "lists");

	settings_check_names(settings, root_of(settings), file_settings);
	for (int i = 0; lists && i < config_setting_length(lists); i++)
		read_list(settings, ruleset, config_setting_get_elem(lists, (unsigned int)i));
}

/* A condition's mistakes have offsets in its text; where that stands, in the rule file or in one of its own,
 * is known here. */
struct condition_source {
	const struct settings *settings;
	const config_setting_t *setting;
	const char *path; /* of a condition_file; else NULL */
	const char *text;
};

static struct place place_in_file(const struct condition_source *source, size_t offset)
{
	struct place place = { source->path, 1, 1 };

	for (size_t i = 0; i < offset; i++) {
		place.column++;
		if (source->text[i] == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}

static void report_in_condition(void *user, size_t offset, const char *message)
{
	const struct condition_source *source = user;
	struct place place = source->path ? place_in_file(source, offset) :
					    settings_place_in(source->settings, source->setting,
							      offset);

	mistakes_add(source->settings->mistakes, &place, "%s", message);
}

static struct condition *read_condition(const struct settings *settings,
					const struct ruleset *ruleset,
					const config_setting_t *setting)
{
	const char *text = config_setting_get_string(setting);
	struct condition_source source = { .settings = settings, .setting = setting, .text = text };

	if (!text) {
		settings_mistake(settings, setting, "a condition must be a string");
		return NULL;
	}
	return parser_parse(span_of(text), ruleset->lists, report_in_condition, &source);
}

static struct condition *read_condition_file(const struct settings *settings,
					     const struct ruleset *ruleset,
					     const config_setting_t *group)
{
	const char *name = settings_string(settings, group, "condition_file", NULL);
	char *path = name ? settings_path(settings, name) : NULL;
	char *text = path ? settings_read_text(path) : NULL;
	struct condition_source source = { .settings = settings, .path = path, .text = text };
	struct condition *condition = NULL;

	if (text)
		condition = parser_parse(span_of(text), ruleset->lists, report_in_condition,
					 &source);
	else if (path)
		settings_mistake(settings, config_setting_get_member(group, "condition_file"),
				 "%s: can't be read: %s", path, strerror(errno));
	free(text);
	free(path);
	return condition;
}

static void read_its_condition(const struct settings *settings, const struct ruleset *ruleset,
			       const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *text = config_setting_get_member(group, "condition");
	const config_setting_t *file = config_setting_get_member(group, "condition_file");

	if (!text == !file)
		settings_mistake(settings, group,
				 "a rule needs either a 'condition' or a 'condition_file'");
	else if (text)
		rule->condition = read_condition(settings, ruleset, text);
	else
		rule->condition = read_condition_file(settings, ruleset, group);
}

static void read_except(const struct settings *settings, const struct ruleset *ruleset,
			const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *list = settings_list(settings, group, "except");

	for (int i = 0; list && i < config_setting_length(list); i++) {
		struct condition *except =
			read_condition(settings, ruleset,
				       config_setting_get_elem(list, (unsigned int)i));

		if (!except)
			continue;
		rule->except =
			mem_resize(rule->except, rule->excepts + 1, sizeof(*rule->except));
		rule->except[rule->excepts++] = except;
	}
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
		settings_mistake(settings, group, "'tactic' must be an ATT&CK tactic such as TA0003");
	else if (technique && !is_attack_id(technique, "T", true))
		settings_mistake(settings, group,
				 "'technique' must be an ATT&CK technique such as T1505.003");
	else {
		rule->threat =
			mem_resize(rule->threat, rule->threats + 1, sizeof(*rule->threat));
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

static void read_severity(const struct settings *settings, const config_setting_t *group,
			  struct rule *rule)
{
	static const int scores[] = { 21, 47, 73, 99 };
	const char *name = settings_string(settings, group, "severity", "medium");
	enum severity severity = SEVERITY_LOW;

	while (severity <= SEVERITY_CRITICAL && strcmp(name, severity_name(severity)))
		severity++;
	if (severity > SEVERITY_CRITICAL) {
		settings_mistake(settings, config_setting_get_member(group, "severity"),
				 "'severity' must be low, medium, high or critical");
		severity = SEVERITY_LOW;
	}
	rule->severity = severity;
	rule->risk_score =
		(int)settings_integer(settings, group, "risk_score", 0, 100, scores[severity]);
}

static void read_by(const struct settings *settings, const config_setting_t *group,
		    struct rarity_settings *rarity)
{
	const config_setting_t *list = settings_list(settings, group, "by");
	struct field_ref ref;

	if (!list && config_setting_get_member(group, "by"))
		return; /* reported already */
	if (!list || !config_setting_length(list)) {
		settings_mistake(settings, group, "a rarity rule needs 'by', the fields of a group");
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const char *name = config_setting_get_string_elem(list, i);
		char buffer[128];
		const char *nearest;

		if (name && field_find(span_of(name), &ref)) {
			rarity->by = mem_resize(rarity->by, rarity->bys + 1, sizeof(ref));
			rarity->by_name = mem_resize(rarity->by_name, rarity->bys + 1,
						     sizeof(*rarity->by_name));
			rarity->by[rarity->bys] = ref;
			rarity->by_name[rarity->bys++] = mem_strdup(name);
			continue;
		}
		nearest = name ? field_nearest(span_of(name), buffer, sizeof(buffer)) : NULL;
		settings_mistake(settings, list, "unknown field '%s'%s%s%s", name ? name : "",
				 nearest ? "; did you mean '" : "", nearest ? nearest : "",
				 nearest ? "'?" : "");
	}
}

static void read_rarity(const struct settings *settings, const config_setting_t *group,
			struct rarity_settings *rarity)
{
	const char *deliver = settings_string(settings, group, "deliver", "window");

	read_by(settings, group, rarity);
	rarity->window_ms = settings_duration(settings, group, "window", DEFAULT_WINDOW_MS);
	rarity->every_ms = settings_duration(settings, group, "every", DEFAULT_EVERY_MS);
	rarity->fewer_than = settings_integer(settings, group, "fewer_than", 1, MAX_COUNT,
					      DEFAULT_FEWER_THAN);
	rarity->max_hosts =
		settings_integer(settings, group, "max_hosts", 1, MAX_COUNT, DEFAULT_MAX_HOSTS);
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

static void read_type(const struct settings *settings, const config_setting_t *group,
		      struct rule *rule)
{
	const char *type = settings_string(settings, group, "type", "match");

	if (!strcmp(type, "match")) {
		rule->type = RULE_MATCH;
		settings_check_names(settings, group, match_settings);
	} else if (!strcmp(type, "rarity")) {
		rule->type = RULE_RARITY;
		settings_check_names(settings, group, rarity_settings);
		read_rarity(settings, group, &rule->rarity);
	} else {
		settings_mistake(settings, config_setting_get_member(group, "type"),
				 "unknown rule type '%s'; known are match and rarity", type);
	}
}

/* An id is part of documents, logs and files: small letters, digits and dashes. */
static void read_id(const struct settings *settings, const struct ruleset *ruleset,
		    const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *setting = config_setting_get_member(group, "id");
	const char *id = settings_string(settings, group, "id", "");

	rule->id = mem_strdup(id);
	if (!setting || (config_setting_type(setting) == CONFIG_TYPE_STRING && !*id))
		settings_mistake(settings, group, "a rule needs an 'id'");
	else if (id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		settings_mistake(settings, setting,
				 "'id' must be of small letters, digits and dashes");
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (*id && !strcmp(ruleset->rule[i]->id, id))
			settings_mistake(settings, setting, "there already is a rule '%s'", id);
	}
	rule->name = mem_strdup(settings_string(settings, group, "name", id));
}

static void read_rule(const struct settings *settings, struct ruleset *ruleset,
		      const config_setting_t *group)
{
	struct rule *rule = mem_zalloc(sizeof(*rule));

	read_id(settings, ruleset, group, rule);
	read_severity(settings, group, rule);
	read_threats(settings, group, rule);
	read_type(settings, group, rule);
	read_except(settings, ruleset, group, rule);
	read_its_condition(settings, ruleset, group, rule);

	ruleset->rule = mem_resize(ruleset->rule, ruleset->rules + 1, sizeof(*ruleset->rule));
	ruleset->rule[ruleset->rules++] = rule;
}

void rulefile_read_rules(const struct settings *settings, struct ruleset *ruleset)
{
	const config_setting_t *rules = settings_list(settings, root_of(settings), "rules");

	for (int i = 0; rules && i < config_setting_length(rules); i++) {
		const config_setting_t *rule = config_setting_get_elem(rules, (unsigned int)i);

		if (config_setting_is_group(rule))
			read_rule(settings, ruleset, rule);
		else
			settings_mistake(settings, rules, "'rules' must hold groups, { ... }");
	}
}
