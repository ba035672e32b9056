/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the configuration and the rules fit together? What each of them can't know. */
#ifndef AUSPAWN_SETUP_H
#define AUSPAWN_SETUP_H

#include "base/mistakes.h"
#include "config.h"
#include "rules/ruleset.h"

/* Adds warnings: of outputs that there are none of, of a local folder that is not there, of no rules, and of
 * rules about environment variables that are not configured. `path` is the configuration's; NULL: there is
 * none. */
void setup_check(const struct config *config, const char *path, const struct ruleset *ruleset,
		 struct mistakes *mistakes);

/* Adds warnings of what the plugin will not find on this machine: its account, by the file `passwd`, and auditd's
 * configuration. Without a configuration there is no plugin, and no warning. */
void setup_check_machine(const struct config *config, const char *path, const char *passwd, struct mistakes *mistakes);

#endif
