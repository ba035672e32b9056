/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alerts that are not yet taken by all of their sinks, in order, in the database of store/state.h and within
 * its transactions. Every sink takes them in order, so that one number tells how far it has got; what all
 * have taken is deleted. Sinks are bits here, OUTBOX_SINKS of them.
 *
 * Functions return 0 or a negative errno as those of store/state.h do; those without a result take part in a
 * transaction, and state_commit() says what went wrong.
 */
#ifndef AUSPAWN_STORE_OUTBOX_H
#define AUSPAWN_STORE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "store/state.h"

#define OUTBOX_SINKS	  2
#define OUTBOX_SEVERITIES 4 /* 0 is the least */

struct outbox_letter {
	int64_t id;	 /* ascending, above 0 */
	unsigned sinks;	 /* that want it */
	int severity;	 /* 0 to OUTBOX_SEVERITIES - 1 */
	int priority;	 /* syslog's: facility | severity */
	int64_t time;	 /* when it was made, s since 1970 */
	struct span text; /* UTF-8 */
};

struct outbox;

/* The state must outlive the outbox; outbox_close() releases it and accepts NULL. */
int outbox_open(struct state *state, struct outbox **outbox);
void outbox_close(struct outbox *outbox);

/* The number of the latest letter that there ever was, bytes of the texts that are kept, and up to which letter
 * sink number `sink` has taken them. What was written since state_begin() counts already. */
int64_t outbox_latest(const struct outbox *outbox);
uint64_t outbox_bytes(const struct outbox *outbox);
int64_t outbox_taken(const struct outbox *outbox, unsigned sink);

/* What follows counts only if it is committed: outbox_undo() after state_commit() if it is not. */
void outbox_begin(struct outbox *outbox);
void outbox_undo(struct outbox *outbox);

/* Counts what waits for a sink. */
int outbox_count(struct outbox *outbox, unsigned sink, uint64_t *count);

/* Tells of letters for `sink` behind the one with id `behind`, in order, as long as `take` returns true. The letter
 * is valid during the call. */
int outbox_read(struct outbox *outbox, unsigned sink, int64_t behind,
		bool (*take)(void *user, const struct outbox_letter *letter), void *user);

/* Keeps a letter; returns the id that it has got. */
int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter);

/* Sink number `sink` has taken all up to the one with this id. */
void outbox_note_taken(struct outbox *outbox, unsigned sink, int64_t id);

/* Deletes all up to the one with this id. */
void outbox_delete(struct outbox *outbox, int64_t last);

/* Deletes what none of the sinks in `sinks` wants; returns how many. */
uint64_t outbox_delete_unwanted(struct outbox *outbox, unsigned sinks);

/* Deletes, of those behind the one with id `behind`, the oldest of the lowest severity until `bytes` are free, and
 * tells of each. Returns how many. */
uint64_t outbox_drop(struct outbox *outbox, int64_t behind, uint64_t bytes,
		     void (*dropped)(void *user, int64_t id, unsigned sinks), void *user);

#endif
