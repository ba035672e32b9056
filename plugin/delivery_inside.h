/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the delivery share and nobody else sees. */
#ifndef AUSPAWN_DELIVERY_INSIDE_H
#define AUSPAWN_DELIVERY_INSIDE_H

#include "alert/letter.h"
#include "base/memory.h"
#include "delivery.h"
#include "store/outbox.h"

#include <utstring.h>

/* Where a sink is. */
struct standing {
	struct letter_queue queue;
	bool behind;   /* the state has more for it, behind `last` */
	int64_t last;  /* id of the last letter that the queue has had */
	int64_t taken; /* id of the last one that the sink has taken */
	int error;     /* why it takes none; 0 if it does */
	int64_t since; /* when that began */
	bool told;
};

struct delivery {
	struct sinks *sinks;
	struct keeper *keeper;
	struct outbox *outbox; /* NULL while the state is closed */
	size_t size;	       /* what the outbox may hold */
	int64_t origin;	       /* of the state that `last` and `taken` are of */
	bool known;	       /* is there one? */
	int64_t latest;	       /* id of a letter that was kept there */
	bool unwanted;	       /* it may hold letters for sinks that are not enabled */
	struct letter *pending; /* that are not in the state */
	size_t pending_bytes;
	bool fresh;	   /* there are some that nobody tried to keep */
	int64_t since;	   /* when the first of those came; 0: it is not known yet */
	size_t fresh_bytes;
	int64_t retry;	   /* when to try the state again */
	int64_t marks_due; /* when it is to be noted what was taken; -1 if it is */
	bool hurry;	   /* there is more to be offered at once */
	uint64_t dropping; /* by the transaction that is not committed yet, ... */
	uint64_t dropping_of[SINKS]; /* ... and of those that wait for each */
	uint64_t complained; /* how many were dropped, as far as it was told */
	int64_t complain;    /* not before */
	struct standing standing[SINKS];
	struct delivery_stats stats;
	UT_string text;
};

/* To the list of those that are in memory only, which has them already; and off it. */
void delivery_append(struct delivery *delivery, struct letter *letter);
void delivery_remove(struct delivery *delivery, struct letter *letter);

/* Puts those of that list into the queues of the sinks that have had all before. */
void delivery_queue(struct delivery *delivery);

/* How the delivery takes part in the keeper's transactions. */
struct keeper_part delivery_part(struct delivery *delivery);

#endif
