/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has been counted is kept as rows, one for each thing that can change by itself. Whoever counts notes what
 * changes and tells it to a keeper; when that is safe, it is told so, and only then forgets what it has noted.
 */
#ifndef AUSPAWN_RULES_ROWS_H
#define AUSPAWN_RULES_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct kept_row {
	int64_t id;	      /* by which it is kept, and greater than those of rows kept before; 0: it is new */
	const char *kind;     /* who counts: "rarity", "threshold", "suppress", "position" */
	const char *rule;
	const char *value;    /* JSON */
	const char *document; /* of an event or an alert, JSON; NULL without */
};

/* Where changes go. What is told is valid during the call. */
struct rows_keeper {
	/* Keeps the row in the place of the one of its id. Returns its id. */
	int64_t (*save)(void *user, const struct kept_row *row);
	void (*forget)(void *user, int64_t id);
	void *user;
};

/* How much is told. */
enum rows_extent {
	ROWS_NEEDED, /* all that has changed, but not what is over and would be left out when it is restored */
	ROWS_SOME,   /* some of that too, at most ROWS_AT_ONCE */
	ROWS_ALL,
};

#define ROWS_AT_ONCE 4096 /* that are over: in one go they can be as many as there are */

/* Ids of rows that are not wanted any more. */
struct rows_gone {
	int64_t *id;
	size_t count, room;
	size_t told; /* of the last ones */
};

/* Adds an id; 0 is none and is left out. rows_gone_clear() forgets all and releases them. */
void rows_gone_add(struct rows_gone *gone, int64_t id);
void rows_gone_clear(struct rows_gone *gone);

/* Tells at most so many to the keeper. */
void rows_gone_tell(struct rows_gone *gone, size_t most, const struct rows_keeper *keeper);

/* They are deleted: forgets those that were told. */
void rows_gone_told(struct rows_gone *gone);

/* How many of those that are over belong to an extent. */
size_t rows_most(enum rows_extent extent);

#endif
