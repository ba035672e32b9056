/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule's condition and exceptions in a rule file, or in a file of its own. */
#ifndef AUSPAWN_RULES_RULE_CONDITION_H
#define AUSPAWN_RULES_RULE_CONDITION_H

#include "base/settings.h"
#include "rules/lists.h"
#include "rules/rule.h"

/* Reads 'condition' or 'condition_file' of `group`; mistakes go where settings->mistakes says. */
void rule_condition_read(const struct settings *settings, const struct string_list *lists,
			 const config_setting_t *group, struct rule *rule);

/* Adds the exceptions that `group` lists to those of `rule`. */
void rule_condition_read_except(const struct settings *settings, const struct string_list *lists,
				const config_setting_t *group, struct rule *rule);

#endif
