/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threshold rules: a group of events that has had so many within a sliding window of event time,
 * and with so many different values of a field, is found by the event that makes it so; it then
 * starts from nothing.
 *
 * What is kept of a group is no more than what decides: the times of as many of its latest events
 * as the rule asks for, and when each of as many of its latest values was last seen.
 */
#ifndef AUSPAWN_RULES_THRESHOLD_H
#define AUSPAWN_RULES_THRESHOLD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "process/event.h"
#include "rules/rows.h"
#include "rules/ruleset.h"

/* Bytes kept of all groups; past that the group idle longest goes, of the rule that has most. */
#define THRESHOLD_MAX_BYTES (32u << 20)

/* A group that has had enough: what is remembered of its window. */
struct threshold_finding {
	int64_t count;	     /* events */
	int64_t distinct;    /* different values; 0 if the rule does not ask */
	int64_t first, last; /* time of the earliest and the latest event, ms since 1970 */
};

struct threshold;

/* `ruleset` must outlive it. threshold_free() releases it. */
struct threshold *threshold_new(const struct ruleset *ruleset);
void threshold_free(struct threshold *threshold);

/* Goes on for the rules of another set: what rules that still count by the same fields have counted is kept. */
void threshold_set_rules(struct threshold *threshold, const struct ruleset *ruleset);

/* Counts an event, at `time` (ms since 1970), that satisfies `rule`. Returns whether its group has
 * had enough by it. */
bool threshold_count(struct threshold *threshold, const struct rule *rule,
		     const struct process_event *event, int64_t time,
		     struct threshold_finding *finding);

/* Groups have that much room, in the place of THRESHOLD_MAX_BYTES: less is full sooner. */
void threshold_set_room(struct threshold *threshold, size_t bytes);

/* No event is later than `latest` (ms since 1970): groups that say so are of a clock that was ahead, and begin
 * anew with their next event. Without a call there is no bound, and they begin anew with an event that is
 * CLOCK_WRONG_MS too early. */
void threshold_set_latest(struct threshold *threshold, int64_t latest);

/* How many groups are not saved as they are, or are still saved; with one more for each rule that has any. */
size_t threshold_changed(const struct threshold *threshold);

/* Tells what has changed since threshold_saved(). */
void threshold_changes(struct threshold *threshold, const struct rows_keeper *keeper);
void threshold_saved(struct threshold *threshold);

/* Nothing is kept any more: all has changed. */
void threshold_forget_rows(struct threshold *threshold);

/* Adds what threshold_changes() told, in the order of the rows' ids; threshold_restored() ends that, also where not
 * all could be read. Rows of rules that are gone are left alone; those of rules that count by other fields now are
 * forgotten. Returns false if the row makes no sense; it is left out. */
bool threshold_restore_row(struct threshold *threshold, const struct kept_row *row);
void threshold_restored(struct threshold *threshold);

/* Adds what was kept by older versions, each rule for itself, as JSON. Rules that are gone, or that count by
 * other fields now, are left out. Returns false if those of some rule make no sense; that rule
 * begins anew. */
bool threshold_restore(struct threshold *threshold, struct json_object *saved);

/* Events that were not counted: they came later than the window reaches back, or their group's
 * values were too long. */
uint64_t threshold_uncounted(const struct threshold *threshold);

/* Groups that were forgotten for want of room before their window was over. */
uint64_t threshold_forgotten(const struct threshold *threshold);

#endif
