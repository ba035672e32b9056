/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rulefile.h"

#include <stdlib.h>

#include "base/memory.h"
#include "rules/rule_condition.h"
#include "rules/rule_settings.h"

static const char *const file_settings[] = { "lists", "rules", "extend", "override", NULL };
static const char *const local_settings[] = { "extend", "override", NULL };

static config_setting_t *root_of(const struct settings *settings)
{
	return config_root_setting(&settings->config);
}

void rulefile_check(const struct settings *settings, enum rulefile_kind kind)
{
	settings_check_names(settings, root_of(settings), file_settings);
	for (const char *const *name = local_settings; kind == RULEFILE_SHIPPED && *name; name++) {
		const config_setting_t *setting =
			config_setting_get_member(root_of(settings), *name);

		if (setting)
			settings_mistake(settings, setting, "'%s' is for files in local_dir", *name);
	}
}

/* Calls `read` for each group of a list. */
static void each_group(const struct settings *settings, const char *name,
		       void (*read)(const struct settings *settings, const config_setting_t *group,
				    void *user),
		       void *user)
{
	const config_setting_t *list = settings_list(settings, root_of(settings), name);

	for (int i = 0; list && i < config_setting_length(list); i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned int)i);

		if (config_setting_is_group(group))
			read(settings, group, user);
		else
			settings_mistake(settings, list, "'%s' must hold groups, { ... }", name);
	}
}

static void read_rule(const struct settings *settings, const config_setting_t *group, void *user)
{
	struct ruleset *ruleset = user;
	struct rule *rule = mem_zalloc(sizeof(*rule));

	rule_settings_read(settings, group, rule);
	rule_condition_read_except(settings, ruleset->lists, group, rule);
	rule_condition_read(settings, ruleset->lists, group, rule);
	if (rule->id[0] && ruleset_find(ruleset, rule->id))
		settings_mistake(settings, config_setting_get_member(group, "id"),
				 "there already is a rule '%s'", rule->id);
	if (ruleset->rules == RULESET_MAX_RULES)
		settings_mistake(settings, group, "there can't be more than %d rules",
				 RULESET_MAX_RULES);

	ruleset->rule = mem_resize(ruleset->rule, ruleset->rules + 1, sizeof(*ruleset->rule));
	ruleset->rule[ruleset->rules++] = rule;
}

void rulefile_read_rules(const struct settings *settings, struct ruleset *ruleset)
{
	each_group(settings, "rules", read_rule, ruleset);
}

/* --- overrides --- */

/* What a file changes, kept until all of it is known to be right. */
struct override {
	struct rule *rule;
	struct rule change; /* tuning: all of the rule's, changed; exceptions and suppress_by: what
			       is new */
};

struct overrides {
	const struct ruleset *ruleset;
	struct override *all;
	size_t count;
};

/* The tuning that the file has left the rule with so far. */
static struct rule_tuning tuning_of(const struct overrides *overrides, const struct rule *rule)
{
	for (size_t i = overrides->count; i > 0; i--) {
		if (overrides->all[i - 1].rule == rule)
			return overrides->all[i - 1].change.tuning;
	}
	return rule->tuning;
}

/* A mistake in another file is no reason to drop what this one says of further rules. */
static void report_missing(const struct settings *settings, const config_setting_t *group,
			   const struct ruleset *ruleset, const char *id)
{
	const config_setting_t *setting = config_setting_get_member(group, "id");
	const char *file = ruleset_find_refused(ruleset, id);

	if (file)
		settings_warn(settings, setting, "rule '%s' is not loaded: %s has a mistake", id, file);
	else
		settings_mistake(settings, setting, "there is no rule '%s' to override", id);
}

static void read_override(const struct settings *settings, const config_setting_t *group,
			  void *user)
{
	struct overrides *overrides = user;
	const char *id = settings_string(settings, group, "id", NULL);
	struct override override = { 0 };

	override.rule = id ? ruleset_find(overrides->ruleset, id) : NULL;
	if (!id && !config_setting_get_member(group, "id"))
		settings_mistake(settings, group, "an override needs the 'id' of a rule");
	else if (id && !override.rule)
		report_missing(settings, group, overrides->ruleset, id);
	if (!override.rule)
		return;
	override.change.type = override.rule->type;
	override.change.tuning = tuning_of(overrides, override.rule);
	rule_settings_override(settings, group, &override.change);
	rule_condition_read_except(settings, overrides->ruleset->lists, group, &override.change);

	overrides->all = mem_resize(overrides->all, overrides->count + 1, sizeof(override));
	overrides->all[overrides->count++] = override;
}

static void apply(struct rule *rule, struct rule *change)
{
	rule->tuning = change->tuning;
	if (change->suppress_by.fields) {
		group_by_clear(&rule->suppress_by);
		rule->suppress_by = change->suppress_by;
		change->suppress_by = (struct group_by){ 0 };
	}
	rule->except = mem_resize(rule->except, rule->excepts + change->excepts + 1,
				  sizeof(*rule->except));
	for (size_t i = 0; i < change->excepts; i++)
		rule->except[rule->excepts++] = change->except[i];
	change->excepts = 0;
}

void rulefile_override(const struct settings *settings, struct ruleset *ruleset)
{
	struct overrides overrides = { .ruleset = ruleset };

	each_group(settings, "override", read_override, &overrides);
	for (size_t i = 0; i < overrides.count; i++) {
		struct rule *change = &overrides.all[i].change;

		if (!settings->mistakes->count)
			apply(overrides.all[i].rule, change);
		rule_clear(change);
	}
	free(overrides.all);
}
