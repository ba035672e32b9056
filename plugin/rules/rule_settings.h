/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule's settings in a rule file, but for its conditions (rules/rule_condition.h). */
#ifndef AUSPAWN_RULES_RULE_SETTINGS_H
#define AUSPAWN_RULES_RULE_SETTINGS_H

#include "base/settings.h"
#include "rules/rule.h"

/* Reads what `group` says of a rule; mistakes go where settings->mistakes says. */
void rule_settings_read(const struct settings *settings, const config_setting_t *group,
			struct rule *rule);

/* Reads an override: what `group` says replaces what is in `rule`, a copy of the tuning of a rule
 * with its type; `rule->suppress_by` is set only if the override names other fields. */
void rule_settings_override(const struct settings *settings, const config_setting_t *group,
			    struct rule *rule);

#endif
