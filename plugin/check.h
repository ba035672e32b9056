/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `auspawn check`: what is wrong with the rules, and what they are. */
#ifndef AUSPAWN_CHECK_H
#define AUSPAWN_CHECK_H

#include "rules/ruleset.h"

/* Prints the mistakes to stderr and a table of the rules to stdout or, if `explain` is the id of
 * one, that rule: as it is judged, with lists expanded, local changes and exceptions applied, and
 * the fields that it reads. Returns the exit status: 0, 1 if there are mistakes, 2 if there is no
 * such rule. */
int check_run(const struct ruleset *ruleset, const struct mistakes *mistakes, const char *explain);

#endif
