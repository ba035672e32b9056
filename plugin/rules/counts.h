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
#include "rules/ruleset.h"

#include <uthash.h>

/* Bytes of keys and documents of all rules; past that new groups are not counted, but of rules that have not had
 * their share yet. What is kept must be written within the time that auditd waits for the end of its plugins. */
#define COUNTS_MAX_BYTES (1u << 20)

/* The events of a group within one bucket of time, on one node. */
struct bucket {
	int64_t start;
	char *node; /* "" where there is no name */
	int64_t count;
	int64_t first, last;
};

struct group {
	char *key; /* the values of the rule's fields, as a JSON array; null for an absent one */
	struct bucket *bucket;
	size_t buckets;
	char *document;         /* of an event of the window that is judged next, JSON */
	int64_t document_time;  /* ms since 1970 */
	char *next_document;    /* of one after that window, for the next; NULL if there was none */
	int64_t next_document_time;
	int64_t alerted_end; /* first-seen: the window that has had its alert */
	UT_hash_handle hh;
};

/* What all rules have taken together. */
struct counts_budget {
	size_t bytes;
	size_t rules;
};

/* One rule's counts. */
struct counts {
	const struct rule *rule;
	int64_t bucket_ms;
	int64_t next_end; /* end of the next window to be judged; 0 while nothing is counted */
	struct group *groups;
	size_t bytes; /* of all keys and documents */
	struct counts_budget *budget;
	bool changed; /* not saved as it is */
};

/* Makes `counts` empty, for `rule`; `budget` must outlive it. counts_clear() releases what is in it. */
void counts_init(struct counts *counts, const struct rule *rule, struct counts_budget *budget);
void counts_clear(struct counts *counts);

/* Returns the group of that key, made if need be; NULL if there is no room. */
struct group *counts_group(struct counts *counts, const char *key);

/* Returns the group's bucket that holds `time` (ms since 1970) on `node`, made if need be. */
struct bucket *counts_bucket(const struct counts *counts, struct group *group, int64_t time,
			     const char *node);

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

/* The counts as JSON; json_object_put() releases it. */
struct json_object *counts_save(const struct counts *counts);

/* Adds what counts_save() gave to what is there, unless the rule counted other groups or buckets then.
 * Returns false, with nothing or a part added, if `saved` makes no sense. */
bool counts_restore(struct counts *counts, struct json_object *saved);

#endif
