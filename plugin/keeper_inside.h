/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the keeper share and nobody else sees. */
#ifndef AUSPAWN_KEEPER_INSIDE_H
#define AUSPAWN_KEEPER_INSIDE_H

#include <json-c/json.h>

#include "keeper.h"

#define KEEPER_MAX_READ 16

struct keeper {
	struct pipeline *pipeline;
	keeper_log log;
	void *user;
	char *folder;
	struct state *state;	/* NULL while it can't be had */
	struct keeper_part part[KEEPER_MAX_PARTS];
	size_t parts;
	bool fully;	  /* synchronised */
	bool loaded;	  /* what is kept was read: only then it may be replaced */
	int64_t origin;	  /* of the database that was read */
	int64_t read[KEEPER_MAX_READ]; /* of those that were read so far, the latest ones; 0: none */
	size_t reads;
	bool copy;	  /* the rows that the database has are those of memory, perhaps older: they go */
	bool all;	  /* the database knows none of the terms that were saved before */
	bool other;	  /* nor of the rows */
	int64_t last_id;  /* of the rows */
	struct json_object *old; /* what an old version kept: to be deleted when it is saved as rows; NULL without */
	size_t senseless; /* rows */
	bool failing;	  /* and that was told */
	bool given_up;	  /* a newer version's: hands off */
	int64_t due;	  /* not before, as the next */
	int64_t open_due;
	int64_t day;	  /* on which the rules in use were noted last */
};

/* What a save comprises beside what has changed. */
struct extent {
	bool exactly; /* when terms that are seen over and over were seen last */
	bool rules;   /* which are in use */
	enum rows_extent rows;
};

/* Writes all that is due by one transaction. Returns 0 or a negative errno. */
int keeper_write(struct keeper *keeper, const struct extent *extent);

#endif
