/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a rule file, in libconfig's form: lists, rules and, in the local folder, changes
 * to those of other files. */
#ifndef AUSPAWN_RULES_RULEFILE_H
#define AUSPAWN_RULES_RULEFILE_H

#include "base/settings.h"
#include "rules/ruleset.h"

/* Which settings a file may have. */
enum rulefile_kind {
	RULEFILE_SHIPPED,
	RULEFILE_LOCAL, /* may also change what other files say */
};

/* Reports settings that a file of that kind may not have. Mistakes here and below go where
 * settings->mistakes says. */
void rulefile_check(const struct settings *settings, enum rulefile_kind kind);

/* Adds the file's rules to `ruleset`, whose lists are resolved. After a mistake they are
 * incomplete. */
void rulefile_read_rules(const struct settings *settings, struct ruleset *ruleset);

/* Changes rules of `ruleset` as the file's overrides say: all of them or, after a mistake in the
 * file, none. */
void rulefile_override(const struct settings *settings, struct ruleset *ruleset);

#endif
