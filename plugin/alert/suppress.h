/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folding of alerts that are alike, for rules that ask for it: of those of a rule that agree in
 * some fields the first goes out, the others of the period that it opens are counted. When the
 * period ends, one more goes out for all of them: the last, with
 * auspawn.suppressed.{count,first,last}. Nothing vanishes.
 *
 * Times are those of events, in ms since 1970.
 */
#ifndef AUSPAWN_ALERT_SUPPRESS_H
#define AUSPAWN_ALERT_SUPPRESS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "process/event.h"
#include "rules/rows.h"
#include "rules/ruleset.h"

#define SUPPRESS_GRACE_MS 5000 /* for events that are still on their way, where the wall clock ends a period */

/* Open periods, and bytes of all that is kept of them; past that alerts go out unfolded. */
#define SUPPRESS_MAX_PERIODS 4096
#define SUPPRESS_MAX_BYTES   (1u << 20)

/* Sends an alert's document, which is handed over. The rule is valid during the call. */
typedef void (*suppress_handler)(void *user, const struct rule *rule, struct json_object *document);

struct suppress;

/* The rules that alerts come with must outlive their periods: suppress_set_rules(). suppress_free()
 * releases it and sends nothing. */
struct suppress *suppress_new(suppress_handler send, void *user);
void suppress_free(struct suppress *suppress);

/* Sends the alert or counts it. The document is taken over. `event` is what the alert is about, and tells
 * which alerts are alike; without one, NULL, its document must do. An alert that is more than CLOCK_DISORDER_MS
 * before the beginning of its period ends it: the alert that began it was of a clock that was ahead. */
void suppress_alert(struct suppress *suppress, const struct rule *rule,
		    const struct process_event *event, struct json_object *document, int64_t time);

/* No alert is later than `latest`. If that goes back, the clock was set: periods that begin after it end, and
 * what is restored begins no later. Without a call there is no bound. */
void suppress_set_latest(struct suppress *suppress, int64_t latest);

/* Ends the periods that are over at `time`. */
void suppress_advance(struct suppress *suppress, int64_t time);

/* When the next period is over; -1 if none is open. */
int64_t suppress_deadline(const struct suppress *suppress);

/* Ends all periods: the recording has ended. */
void suppress_finish(struct suppress *suppress);

/* Goes on with other rules. Periods of rules that are gone, or that fold otherwise now, end. */
void suppress_set_rules(struct suppress *suppress, const struct ruleset *ruleset);

/* How many periods are not saved as they are, or are still saved. */
size_t suppress_changed(const struct suppress *suppress);

/* Tells what has changed since suppress_saved(). */
void suppress_changes(struct suppress *suppress, const struct rows_keeper *keeper);
void suppress_saved(struct suppress *suppress);

/* Nothing is kept any more: all has changed. */
void suppress_forget_rows(struct suppress *suppress);

/* Adds what suppress_changes() told, in the order of the rows' ids, to open periods too. What was folded for a rule
 * that is gone, or that folds otherwise now, is sent at once. Returns false if the row makes no sense; it is left
 * out. */
bool suppress_restore_row(struct suppress *suppress, const struct ruleset *ruleset, const struct kept_row *row);

/* Adds in the same way what was kept by older versions, as JSON with a member for each rule. Returns false if
 * some of it made no sense and was left out. */
bool suppress_restore(struct suppress *suppress, const struct ruleset *ruleset,
		      struct json_object *saved);

/* Alerts that were not folded for want of room. */
uint64_t suppress_unfolded(const struct suppress *suppress);

#endif
