/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruleset made ready to judge events: conditions compiled, and rules tried only where they can match. */
#ifndef AUSPAWN_RULES_JUDGE_H
#define AUSPAWN_RULES_JUDGE_H

#include "process/event.h"
#include "rules/ruleset.h"

struct judge;

/* Of the rules as they are now: whoever changes one makes a new judge. `ruleset` must outlive it.
 * judge_free() releases it and accepts NULL. */
struct judge *judge_new(const struct ruleset *ruleset);
void judge_free(struct judge *judge);

/* Told of a rule, by its number in the ruleset, that matches the event, or of which a regular expression gave
 * up on it (`limited`), or both. */
typedef void (*judge_handler)(void *user, size_t rule, bool matches, bool limited);

/* Tells, in the rules' order, of each rule that is enabled, and whose condition holds and none of its exceptions;
 * only a limit that did not decide anything may go untold. */
void judge_event(struct judge *judge, const struct process_event *event, judge_handler handle,
		 void *user);

#endif
