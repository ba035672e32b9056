/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rule_condition.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rules/fold.h"
#include "rules/parser.h"
#include "rules/printer.h"

static const char *const except_settings[] = { "condition", "reason", NULL };

/* A condition's mistakes have offsets in its text; where that stands, in the rule file or in one of
 * its own, is known here. */
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

static void report(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	const struct condition_source *source = user;
	struct place place = source->path
				     ? place_in_file(source, offset)
				     : settings_place_in(source->settings, source->setting, offset);

	if (finding == PARSER_WARNING)
		mistakes_warn(source->settings->mistakes, &place, "%s", message);
	else
		mistakes_add(source->settings->mistakes, &place, "%s", message);
}

static enum fold_outcome outcome_of(const struct condition *condition)
{
	struct condition *folded = fold_condition(condition);
	enum fold_outcome outcome = fold_outcome(folded);

	condition_free(folded);
	return outcome;
}

/* Of several that must all hold, the first that never does; else the whole. */
static const struct condition *what_never_holds(const struct condition *condition)
{
	for (size_t i = 0; condition->type == CONDITION_AND && i < condition->members; i++) {
		if (outcome_of(condition->member[i]) == FOLD_NEVER)
			return condition->member[i];
	}
	return condition;
}

/* What can't have been meant: a rule that never fires, or always, and the like of an exception. */
static void warn_of_constant(struct condition_source *source, const struct condition *condition)
{
	enum fold_outcome outcome = outcome_of(condition);
	const struct condition *part;
	UT_string message;

	if (outcome == FOLD_DEPENDS)
		return;
	utstring_init(&message);
	utstring_printf(&message, "this holds for %s event",
			outcome == FOLD_NEVER ? "no" : "every");
	part = outcome == FOLD_NEVER ? what_never_holds(condition) : condition;
	if (part != condition) {
		utstring_printf(&message, ", because of ");
		condition_print(part, &message);
	}
	report(source, PARSER_WARNING, 0, utstring_body(&message));
	utstring_done(&message);
}

static struct condition *parse(const struct string_list *lists, struct condition_source *source)
{
	struct condition *condition = parser_parse(span_of(source->text), lists, report, source);

	if (condition)
		warn_of_constant(source, condition);
	return condition;
}

static struct condition *parse_setting(const struct settings *settings,
				       const struct string_list *lists,
				       const config_setting_t *setting)
{
	struct condition_source source = {
		.settings = settings,
		.setting = setting,
		.text = config_setting_get_string(setting),
	};

	if (source.text)
		return parse(lists, &source);
	settings_mistake(settings, setting, "a condition must be a string");
	return NULL;
}

static struct condition *parse_file(const struct settings *settings,
				    const struct string_list *lists,
				    const config_setting_t *setting)
{
	const char *name = config_setting_get_string(setting);
	char *path = name ? settings_path(settings, name) : NULL;
	char *text = path ? settings_read_text(path, settings->trust) : NULL;
	struct condition_source source = { settings, setting, path, text };
	struct condition *condition = text ? parse(lists, &source) : NULL;

	if (!name)
		settings_mistake(settings, setting, "'condition_file' must be a string");
	else if (!text)
		settings_mistake(settings, setting, "%s: can't be read: %s", path,
				 settings_error(errno));
	else
		settings_check_owner(path, settings->trust, settings->mistakes);
	free(text);
	free(path);
	return condition;
}

void rule_condition_read(const struct settings *settings, const struct string_list *lists,
			 const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *text = config_setting_get_member(group, "condition");
	const config_setting_t *file = config_setting_get_member(group, "condition_file");

	if (!text == !file)
		settings_mistake(settings, group,
				 "a rule needs either a 'condition' or a 'condition_file'");
	else if (text)
		rule->condition = parse_setting(settings, lists, text);
	else
		rule->condition = parse_file(settings, lists, file);
}

/* Why an exception was made is forgotten first, and then nobody dares to take it away. */
static void read_exception(const struct settings *settings, const struct string_list *lists,
			   const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *text = config_setting_get_member(group, "condition");
	const char *reason = settings_string(settings, group, "reason", "");
	struct condition *condition = NULL;

	settings_check_names(settings, group, except_settings);
	if (!reason[strspn(reason, " \t\n")])
		settings_mistake(settings, group, "an exception needs a 'reason'");
	if (text)
		condition = parse_setting(settings, lists, text);
	else
		settings_mistake(settings, group, "an exception needs a 'condition'");
	if (!condition)
		return;
	rule->except = mem_resize(rule->except, rule->excepts + 1, sizeof(*rule->except));
	rule->except[rule->excepts++] = (struct exception){ condition, mem_strdup(reason) };
}

void rule_condition_read_except(const struct settings *settings, const struct string_list *lists,
				const config_setting_t *group, struct rule *rule)
{
	const config_setting_t *list = settings_list(settings, group, "except");

	for (int i = 0; list && i < config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned int)i);

		if (config_setting_is_group(element)) {
			read_exception(settings, lists, element, rule);
			continue;
		}
		settings_mistake(
			settings, list,
			"'except' must hold groups, { condition = \"...\"; reason = \"...\"; }");
		return;
	}
}
