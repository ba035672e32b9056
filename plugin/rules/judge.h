/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruleset made ready to judge events: conditions compiled, and rules tried only where they can match. */
#ifndef AUSPAWN_RULES_JUDGE_H
#define AUSPAWN_RULES_JUDGE_H

#include <stdint.h>

#include "process/event.h"
#include "rules/ruleset.h"

#define JUDGE_TIME_EVERY 64 /* events, of which one is timed: asking the clock costs as much as a simple rule */

/* What a rule has come to, since the judge was made. */
struct judge_figures {
	uint64_t tried;	  /* events; the others the rule can't match, and was not asked about */
	uint64_t matched;
	uint64_t limited; /* a regular expression of it gave up */
	uint64_t timed;	  /* of those that it tried */
	uint64_t ns;	  /* which these took */
};

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

/* Of a rule by its number; valid as long as the judge. */
const struct judge_figures *judge_figures(const struct judge *judge, size_t rule);

#endif
