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

/* Counts an event that satisfies `rule`. */
void rarity_count(struct rarity *rarity, const struct rule *rule,
		  const struct process_event *event);

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

/* What has been counted, as JSON, a member for each rule; json_object_put() releases it. */
struct json_object *rarity_save(const struct rarity *rarity);

/* The same of those rules alone that have counted or judged something since rarity_saved(). */
struct json_object *rarity_changes(const struct rarity *rarity);
bool rarity_changed(const struct rarity *rarity);
void rarity_saved(struct rarity *rarity);

/* Adds what rarity_save() gave, each rule for itself. Rules that are gone, or that group by other fields or
 * other times now, are left out. Returns false if those of some rule make no sense; that rule begins
 * anew. */
bool rarity_restore(struct rarity *rarity, struct json_object *saved);

/* Events that were not counted: there were too many groups, or all their windows had been judged. */
uint64_t rarity_uncounted(const struct rarity *rarity);

#endif
