/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open periods of folded alerts: what alert/suppress is made of. */
#ifndef AUSPAWN_ALERT_PERIODS_H
#define AUSPAWN_ALERT_PERIODS_H

#include "alert/suppress.h"
#include "base/memory.h"

#include <uthash.h>

/* Of alerts that are alike, from the first on. */
struct period {
	char *key; /* the rule's id, a space and the values as a JSON array */
	const struct rule *rule;
	int64_t begin, end;
	int64_t count;	     /* that were folded */
	int64_t first, last; /* of those */
	char *document;	     /* of the last of those; NULL without any */
	int64_t id;	     /* of its row; 0 without */
	bool changed;	     /* not saved as it is: is in the list of changes */
	struct period *prev_change, *next_change;
	UT_hash_handle hh;
};

struct suppress {
	suppress_handler send;
	void *user;
	struct period *periods; /* by key */
	int64_t next_end;	/* no period ends before; INT64_MAX without any */
	int64_t latest;		/* no alert is later; INT64_MAX without a bound */
	struct period *changes;
	size_t changed; /* their number */
	struct rows_gone gone;
	size_t bytes;
	uint64_t unfolded;
};

/* Returns the period of that key; NULL if there is none. */
struct period *suppress_find(const struct suppress *suppress, const char *key);

/* Opens a period; the key is taken over. Returns NULL if there is no room. */
struct period *suppress_open(struct suppress *suppress, const struct rule *rule, char *key, int64_t end);

/* Notes that the period is not saved as it is. */
void suppress_note(struct suppress *suppress, struct period *period);

/* Is there room for so many bytes in the place of the period's document? */
bool suppress_has_room(const struct suppress *suppress, const struct period *period, size_t bytes);

/* Sets the document that stands for the period; the text is taken over. */
void suppress_set_document(struct suppress *suppress, struct period *period, char *document);

/* Sends what was folded. */
void suppress_sum_up(struct suppress *suppress, const struct period *period, const struct rule *rule);

/* Does the rule fold, by the fields of these names? */
bool suppress_folds_by(const struct rule *rule, const char *names);

#endif
