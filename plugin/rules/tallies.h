/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a threshold rule has counted: for each group the times of its latest events, and when each of its latest
 * values was seen, no more of either than decides.
 */
#ifndef AUSPAWN_RULES_TALLIES_H
#define AUSPAWN_RULES_TALLIES_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/rows.h"
#include "rules/ruleset.h"

#include <uthash.h>

/* A value of the field whose values are counted. */
struct seen {
	uint64_t hash;
	int64_t time; /* when it was seen last */
};

struct tally {
	char *key;
	int64_t *time; /* of its latest events, earliest first */
	size_t times, room;
	struct seen *seen; /* its latest values, least recently seen first */
	size_t seens, seen_room;
	struct tally *prev, *next; /* the one idle longest first */
	int64_t id;   /* of its row; 0 without */
	bool changed; /* not saved as it is: is in the list of changes */
	struct tally *prev_change, *next_change;
	UT_hash_handle hh;
};

/* One rule's groups. */
struct tallies {
	const struct rule *rule;
	struct tally *by_key;
	struct tally *by_age;
	size_t bytes;
	size_t *total; /* of all rules */
	uint64_t seed; /* nobody who chooses values may choose which of them look the same */
	int64_t id;    /* of the row that says how it counts; 0 without */
	bool self_changed; /* that is not saved as it is */
	struct tally *changes;
	size_t changed; /* their number */
	struct rows_gone gone;
	bool wanted; /* of rows that are being restored: the rule counted as it does now */
};

/* Makes `tallies` empty, for `rule`; what it takes is added to `*total`, which must outlive it. tallies_clear()
 * releases what is in it. */
void tallies_init(struct tallies *tallies, const struct rule *rule, size_t *total);
void tallies_clear(struct tallies *tallies);

/* Returns the group of that key, made if need be; it is the youngest from now on. */
struct tally *tallies_find(struct tallies *tallies, const char *key);
void tallies_remove(struct tallies *tallies, struct tally *tally);

/* Notes that the group is not saved as it is. */
void tallies_note(struct tallies *tallies, struct tally *tally);

/* Note an event of the group and a value. They can come slightly out of order: the time, in ms since 1970, is
 * put where it belongs. */
void tallies_note_time(struct tallies *tallies, struct tally *tally, int64_t time);
void tallies_note_seen(struct tallies *tallies, struct tally *tally, struct seen seen);

/* When the group's latest event was; 0 without any. */
int64_t tally_last(const struct tally *tally);

/* Forgets what has left the window that ends with the latest event. */
void tallies_leave_behind(const struct tallies *tallies, struct tally *tally);

/* The same rule in another set of rules; `*total` is then that of these. Returns false, with nothing done, if it
 * groups or counts by other fields. */
bool tallies_use_rule(struct tallies *tallies, const struct rule *rule, size_t *total);

/* Is there anything that is not saved? */
bool tallies_changed(const struct tallies *tallies);

/* Tells what has changed since tallies_saved(). */
void tallies_changes(struct tallies *tallies, const struct rows_keeper *keeper);
void tallies_saved(struct tallies *tallies);

/* Nothing of it is kept any more: all of it has changed. */
void tallies_forget_rows(struct tallies *tallies);

/* Adds what tallies_changes() told, row by row in the order of their ids. Rows by which the rule counted otherwise are
 * left out, and groups later than `latest`. Returns false if the row makes no sense. tallies_restored() ends that. */
bool tallies_restore_row(struct tallies *tallies, const struct kept_row *row, int64_t latest);
void tallies_restored(struct tallies *tallies);

/* Adds what older versions kept: all of a rule as JSON. Returns false, with nothing or a part added, if it makes
 * no sense. */
bool tallies_restore(struct tallies *tallies, struct json_object *saved, int64_t latest);

#endif
