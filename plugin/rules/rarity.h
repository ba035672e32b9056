/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts for rarity rules, in event time: groups of events that agree in some fields, over windows that
 * end at multiples of the rule's `every` (UTC) and look back over its `window`. Windows may overlap, and
 * an event in the overlap counts in each.
 */
#ifndef AUSPAWN_RULES_RARITY_H
#define AUSPAWN_RULES_RARITY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "process/event.h"
#include "rules/rows.h"
#include "rules/ruleset.h"

/* A window is judged this long after its end, for events that come slightly out of order, in ms. */
#define RARITY_GRACE_MS 5000

/* A group that was found rare. */
struct rarity_finding {
	const struct rule *rule;
	int64_t window_start; /* ms since 1970; events from here on ... */
	int64_t window_end;   /* ... until before here */
	int64_t count;
	int64_t hosts;        /* distinct nodes */
	int64_t first, last;  /* time of the earliest and the latest event */
	bool provisional;     /* the window is still open: the group was seen for the first time in it */
	const char *key;      /* the group's values (rules/group_by.h); valid during the call */
	const char *document; /* of one of its events, JSON; valid during the call */
};

/* A group of a window that is still open. */
struct rarity_group {
	const struct rule *rule;
	const char *key; /* the values of the rule's fields (rules/group_by.h) */
	int64_t window_start;
	int64_t window_end;
	int64_t count;
	int64_t hosts;
	int64_t first, last;
	bool rare; /* it would be an alert if the window ended now */
};

typedef void (*rarity_handler)(void *user, const struct rarity_finding *finding);

struct rarity;

/* `ruleset` must outlive the counts. rarity_free() releases them. */
struct rarity *rarity_new(const struct ruleset *ruleset, rarity_handler handle, void *user);
void rarity_free(struct rarity *rarity);

/* Goes on for the rules of another set: what rules that still group by the same fields, and at the same times, have
 * counted is kept. */
void rarity_set_rules(struct rarity *rarity, const struct ruleset *ruleset);

/* Counts an event that satisfies `rule`. */
void rarity_count(struct rarity *rarity, const struct rule *rule,
		  const struct process_event *event);

/* Groups have that much room, in the place of COUNTS_MAX_BYTES: less is full sooner. */
void rarity_set_room(struct rarity *rarity, size_t bytes);

/* No event is later than `latest` (ms since 1970): one that says so comes from a clock that is ahead, counts
 * as of then and closes no window before its time. If `latest` goes back, the clock was set: windows that begin
 * later are judged with the next event. Without a call there is no bound, and they are with an event that is
 * CLOCK_WRONG_MS too early. */
void rarity_set_latest(struct rarity *rarity, int64_t latest);

/* Judges the windows that ended RARITY_GRACE_MS before `now` (ms since 1970), rarest group first. */
void rarity_advance(struct rarity *rarity, int64_t now);

/* When rarity_advance() next has a window to judge, in ms since 1970; -1 if nothing is counted. */
int64_t rarity_deadline(const struct rarity *rarity);

/* Judges every window that has an event: the recording has ended and there will be no more. */
void rarity_finish(struct rarity *rarity);

/* Calls `handle` for each group of the window that each rule judges next, rarest first. What it is given is valid
 * during the call. */
typedef void (*rarity_group_handler)(void *user, const struct rarity_group *group);
void rarity_each_group(const struct rarity *rarity, rarity_group_handler handle, void *user);

/* How many groups are not saved as they are, with one more for a rule whose next window is another than is saved. */
size_t rarity_changed(const struct rarity *rarity);

/* Tells what has changed since rarity_saved(). */
void rarity_changes(struct rarity *rarity, enum rows_extent extent, const struct rows_keeper *keeper);
void rarity_saved(struct rarity *rarity);

/* Are there rows of windows that are over? */
bool rarity_has_over(const struct rarity *rarity);

/* Nothing is kept any more: all has changed. */
void rarity_forget_rows(struct rarity *rarity);

/* Adds what rarity_changes() told, in the order of the rows' ids; rarity_restored() ends that, also where not all
 * could be read. Rows of rules that are gone are left alone; those of rules that group by other fields or at other
 * times now are forgotten. Returns false if the row makes no sense; it is left out. */
bool rarity_restore_row(struct rarity *rarity, const struct kept_row *row);
void rarity_restored(struct rarity *rarity);

/* Adds what was kept by older versions, each rule for itself, as JSON. Rules that are gone, or that group by
 * other fields or other times now, are left out. Returns false if those of some rule make no sense; that rule begins
 * anew. */
bool rarity_restore(struct rarity *rarity, struct json_object *saved);

/* Events that were not counted: there were too many groups, or all their windows had been judged. */
uint64_t rarity_uncounted(const struct rarity *rarity);

#endif
