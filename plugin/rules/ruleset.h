/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules, compiled from the rule files of two folders. */
#ifndef AUSPAWN_RULES_RULESET_H
#define AUSPAWN_RULES_RULESET_H

#include <stddef.h>

#include "base/mistakes.h"
#include "base/settings.h"
#include "rules/lists.h"
#include "rules/rule.h"

#define RULESET_MAX_RULES 10000
#define RULESET_MAX_FILES 1000 /* of one folder */

/* A rule that is not loaded, because something in its file is wrong. */
struct refused_rule {
	char *id;
	char *file;
};

struct ruleset {
	struct rule **rule; /* those that are not enabled included */
	size_t rules;
	struct refused_rule *refused;
	size_t refusals;
	struct string_list *lists; /* hash by name, of all files */
	size_t files;		   /* that were loaded */
};

/* Where rule files are. */
struct ruleset_sources {
	const char *rules_dir;
	const char
		*local_dir; /* files that add to and change those; NULL: none. It need not exist. */
	enum settings_trust trust;
};

/* Reads all *.conf of the folders, each in name order. A file with a mistake loads none of its
 * rules and stops nothing else. Never NULL; ruleset_free() releases it. */
struct ruleset *ruleset_load(const struct ruleset_sources *sources, struct mistakes *mistakes);
void ruleset_free(struct ruleset *ruleset);

/* Returns the rule of that id, NULL if there is none. */
struct rule *ruleset_find(const struct ruleset *ruleset, const char *id);

/* Returns the file of a rule of that id that is not loaded; NULL if there is no such rule either. */
const char *ruleset_find_refused(const struct ruleset *ruleset, const char *id);

#endif
