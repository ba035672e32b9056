/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a rule file: lists and rules, in libconfig's form. */
#ifndef AUSPAWN_RULES_RULEFILE_H
#define AUSPAWN_RULES_RULEFILE_H

#include "base/settings.h"
#include "rules/ruleset.h"

/* Add the file's lists and its rules to `ruleset`; mistakes go where settings->mistakes says. A rule may
 * use every list that has been added, from any file. After a mistake the rules added are incomplete. */
void rulefile_read_lists(const struct settings *settings, struct ruleset *ruleset);
void rulefile_read_rules(const struct settings *settings, struct ruleset *ruleset);

#endif
