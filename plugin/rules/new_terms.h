/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New-terms rules: an event whose group was not seen for the rule's history, in event time, is
 * found. For the first time of its life a rule only learns. A group's key is a term.
 *
 * Many terms are remembered for long, so they are saved one by one as they change: whoever saves
 * them asks for the changes and, when these are safe, says so.
 */
#ifndef AUSPAWN_RULES_NEW_TERMS_H
#define AUSPAWN_RULES_NEW_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/event.h"
#include "rules/ruleset.h"

/* Terms of one rule, and bytes of them; past that the one not seen for longest is forgotten. */
#define NEW_TERMS_MAX	    65536
#define NEW_TERMS_MAX_BYTES (16u << 20)

struct new_terms;

/* `ruleset` must outlive it. new_terms_free() releases it. */
struct new_terms *new_terms_new(const struct ruleset *ruleset);
void new_terms_free(struct new_terms *terms);

/* Goes on for the rules of another set: those that still group by the same fields keep their terms.
 */
void new_terms_set_rules(struct new_terms *terms, const struct ruleset *ruleset);

/* Remembers an event, at `time` (ms since 1970), that satisfies `rule`. Returns whether its group
 * is new;
 * `*last_seen` is then when it was seen before, 0 if nobody knows of a time. */
bool new_terms_count(struct new_terms *terms, const struct rule *rule,
		     const struct process_event *event, int64_t time, int64_t *last_seen);

/* No event is later than `latest` (ms since 1970): a time that was noted and says so is of a clock that was
 * ahead, and gives way to the next event's. Without a call there is no bound, and it gives way to one that is
 * CLOCK_WRONG_MS earlier. */
void new_terms_set_latest(struct new_terms *terms, int64_t latest);

/* Where changes go. */
struct new_terms_keeper {
	/* The rule learns or has learnt since `since`, by the fields of that name; what is kept of
	 * it with other fields is of no use. Comes before its terms. */
	void (*rule)(void *user, const char *rule, const char *fields, int64_t since);
	void (*term)(void *user, const char *rule, const char *key, int64_t last_seen);
	/* Nothing of the rule that was last seen before `oldest` is remembered. */
	void (*forget)(void *user, const char *rule, int64_t oldest);
	void *user;
};

/* Tells all that has changed since new_terms_saved(), or with `all` everything. A term that is seen
 * over and over is a change once a minute. */
void new_terms_changes(const struct new_terms *terms, bool all,
		       const struct new_terms_keeper *keeper);
size_t new_terms_changed(const struct new_terms *terms);
void new_terms_saved(struct new_terms *terms);

/* Take back what was told, to what is remembered: first the rule, then its terms, those seen last first.
 * Both return false for what is of no use: a rule that is gone or groups by other fields now, more terms
 * than are remembered. */
bool new_terms_restore_rule(struct new_terms *terms, const char *rule, const char *fields,
			    int64_t since);
bool new_terms_restore_term(struct new_terms *terms, const char *rule, const char *key,
			    int64_t last_seen);

/* Terms that were forgotten for want of room though the rule's history reached back to them; with
 * those that were too long to be remembered at all. */
uint64_t new_terms_forgotten(const struct new_terms *terms);

#endif
