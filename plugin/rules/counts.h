/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rarity rule has counted: groups of events, and for each group how many there were in which
 * bucket of time on which node. Buckets are the greatest common divisor of the rule's `every` and `window`
 * wide, so that every window is a whole number of them.
 */
#ifndef AUSPAWN_RULES_COUNTS_H
#define AUSPAWN_RULES_COUNTS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "rules/rows.h"
#include "rules/ruleset.h"

#include <uthash.h>

/* Bytes of all that is kept of all rules' groups; past that new groups are not counted. Where there are several
 * rules, half of it is for those that have not had an equal share of that half. Groups that are there can have
 * COUNTS_MORE_BYTES besides for their buckets. */
#define COUNTS_MAX_BYTES  (96u << 20)
#define COUNTS_MORE_BYTES (COUNTS_MAX_BYTES / 3)

/* The events of a group within one bucket of time, on one node. */
struct bucket {
	int64_t start;
	char *node; /* "" where there is no name */
	int64_t count;
	int64_t first, last;
	int64_t id;   /* of its row; 0 without */
	bool changed; /* not saved as it is */
};

struct group {
	char *key; /* the values of the rule's fields, as a JSON array; null for an absent one */
	struct bucket *bucket; /* by start, and those of one start by node */
	size_t buckets, room;
	char *document;         /* of an event of the window that is judged next, JSON */
	int64_t document_time;  /* ms since 1970 */
	char *next_document;    /* of one after that window, for the next; NULL if there was none */
	int64_t next_document_time;
	int64_t next_end;    /* of the window after whose judgement it stands for the group */
	int64_t alerted_end; /* first-seen: the window that has had its alert */
	int64_t id;          /* of its row; 0 without */
	bool changed;        /* it or a bucket is not saved as it is: is in the list of changes */
	bool self_changed;   /* it is not */
	struct group *prev_change, *next_change;
	UT_hash_handle hh;
};

/* What all rules have taken together. */
struct counts_budget {
	size_t most; /* as COUNTS_MAX_BYTES; past that a third more, as COUNTS_MORE_BYTES */
	size_t bytes;
	size_t rules;
};

/* A group that was restored, by the id of the row. */
struct restored_group {
	int64_t id;
	struct group *group;
};

/* What is being restored: until counts_restored(). */
struct restoring {
	int64_t end;  /* of the next window to be judged when it was saved; 0: none was */
	bool wanted;  /* the rule counted as it does now */
	int64_t earliest_end; /* of several; 0 without */
	struct restored_group *group; /* by id */
	size_t groups, room;
};

/* One rule's counts. */
struct counts {
	const struct rule *rule;
	int64_t bucket_ms;
	int64_t next_end; /* end of the next window to be judged; 0 while nothing is counted */
	struct group *groups;
	size_t bytes; /* of all groups */
	struct counts_budget *budget;
	int64_t id;	  /* of the row that says how it counts, and of which window; 0 without */
	int64_t saved_end; /* the `next_end` in it */
	struct group *changes; /* groups */
	size_t changed;	       /* their number */
	struct rows_gone over; /* rows of windows that are over */
	struct restoring restoring;
};

/* Makes `counts` empty, for `rule`; `budget` must outlive it. counts_clear() releases what is in it. */
void counts_init(struct counts *counts, const struct rule *rule, struct counts_budget *budget);
void counts_clear(struct counts *counts);

/* Returns the group of that key, made if need be; NULL if there is no room. */
struct group *counts_group(struct counts *counts, const char *key);

/* Returns the group's bucket that holds `time` (ms since 1970) on `node`, made if need be; NULL if there is no
 * room. It is noted as changed. */
struct bucket *counts_bucket(struct counts *counts, struct group *group, int64_t time, const char *node);

/* Returns the place of the group's first bucket that starts at `start` or later. */
size_t counts_first_bucket(const struct group *group, int64_t start);

/* Notes that the group is not saved as it is. */
void counts_note(struct counts *counts, struct group *group);

/* Sets the event that stands for the group, now or from the next window on; the text is taken over. */
void counts_set_document(struct counts *counts, struct group *group, char *document, int64_t time);
void counts_set_next_document(struct counts *counts, struct group *group, char *document,
			      int64_t time);

/* A window was judged: those kept for the next stand for their groups now. */
void counts_use_next(struct counts *counts);

/* Forgets the buckets before `oldest`, and groups that have none left. */
void counts_prune(struct counts *counts, int64_t oldest);

/* Returns the end of the next window that has anything in it, from `next_end` on; 0 if nothing is left. */
int64_t counts_next_end(const struct counts *counts);

/* The same rule in another set of rules. Returns false, with nothing done, if it groups or counts otherwise. */
bool counts_use_rule(struct counts *counts, const struct rule *rule, struct counts_budget *budget);

/* Is there anything that is not saved? */
bool counts_changed(const struct counts *counts);

/* Tells what has changed since counts_saved(), and at most so many rows that are over. */
void counts_changes(struct counts *counts, size_t most, const struct rows_keeper *keeper);
void counts_saved(struct counts *counts);

/* Nothing of it is kept any more: all of it has changed. */
void counts_forget_rows(struct counts *counts);

/* Adds what counts_changes() told, row by row in the order of their ids, to what is there; counts_restored() ends
 * that. Rows by which the rule counted otherwise, and those of windows that are over, are left out. Returns false
 * if the row makes no sense. */
bool counts_restore_row(struct counts *counts, const struct kept_row *row);
void counts_restored(struct counts *counts);

/* Adds what older versions kept: all of a rule as JSON. Returns false, with nothing or a part added, if it makes
 * no sense. */
bool counts_restore(struct counts *counts, struct json_object *saved);

#endif
