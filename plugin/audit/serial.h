/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gaps in the serials of each node's events: events that were lost on the way.
 *
 * The kernel numbers the events that it records, and those alone, one by one (kernel/audit.c: audit_serial), so
 * a number that never comes belongs to an event that somebody dropped. Events can arrive out of order: a gap
 * counts only after a while. A counter that starts anew, as after a reboot, is told by its time stamps.
 */
#ifndef AUSPAWN_AUDIT_SERIAL_H
#define AUSPAWN_AUDIT_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/triage.h"

#define SERIAL_GRACE_MS	 2000  /* a gap that stays open for longer is a loss */
#define SERIAL_MAX_GAPS	 128   /* open, of one node; past that the oldest is a loss at once */
#define SERIAL_FAR	 32768 /* serials: so far apart events are never out of order */
#define SERIAL_REBOOT_MS 10000 /* lower serials that are later by so much are of another counter */
#define SERIAL_STRAYS	 256   /* lower serials in a row that are of another counter, whatever their times */

enum loss_reason {
	LOSS_GAP,  /* serials that are missing */
	LOSS_DOWN, /* auditd was not there: what happened meanwhile has no serials at all, or they are missing too */
};

/* Serials that are missing in a row. */
struct serial_loss {
	enum loss_reason reason;
	const char *node;     /* NULL for records without node= */
	uint64_t first, last; /* serials; 0 with LOSS_DOWN */
	uint64_t count;	      /* how many of these; 0 with LOSS_DOWN, where nobody knows */
	int64_t from, until;  /* the time stamps before and after, in ms since 1970 */
};

struct serial_stats {
	uint64_t seen;	   /* events */
	uint64_t lost;	   /* events */
	uint64_t gaps;	   /* that these were in */
	uint64_t restarts; /* of counters */
	uint64_t ends;	   /* of auditd */
};

/* An event of a node. */
struct serial_position {
	uint64_t serial;
	int64_t time;  /* ms since 1970, as the next */
	int64_t ended; /* when auditd said that it ends, and nothing of a next one came; 0: it did not */
};

struct serials;
struct serial_node;
typedef void (*serial_handler)(void *user, const struct serial_loss *loss);

/* `handle` is called for each loss. serials_free() releases it and tells nothing. */
struct serials *serials_new(serial_handler handle, void *user);
void serials_free(struct serials *serials);

/* Returns a further node; `name` must outlive it. The caller bounds their number and keeps them apart. */
struct serial_node *serials_add(struct serials *serials, const char *name);

/* Takes note of one record, whatever it is about. `now` is a clock in ms. */
void serial_see(struct serials *serials, struct serial_node *node, const struct record *record, int64_t now);

/* Losses are what has been open for SERIAL_GRACE_MS at `now`, of all nodes or of one. */
void serials_age(struct serials *serials, int64_t now);
void serial_age(struct serials *serials, struct serial_node *node, int64_t now);

/* When serials_age() next has something to do, in that clock; -1 if no gap is open. */
int64_t serials_deadline(const struct serials *serials);

/* What follows need not go on where this ended; gaps that are open stay so. */
void serials_cut(struct serials *serials);

/* Everything that is open is a loss. */
void serials_flush(struct serials *serials);

/* The latest time stamp of the node's events, in ms since 1970; 0 without. */
int64_t serial_latest(const struct serial_node *node);

/* How far the node has come, at most up to before the first gap that is open: false if nobody knows, and `*position` is
 * left alone. */
bool serial_position(const struct serial_node *node, struct serial_position *position);

/* The same whatever gaps are open. */
bool serial_highest(const struct serial_node *node, struct serial_position *position);

/* Tells of all gaps that are open, and leaves them so. */
void serials_tell_open(const struct serials *serials, serial_handler tell, void *user);

/* The node goes on from there, if nothing was seen of it yet. */
void serial_start(struct serial_node *node, const struct serial_position *position);

/* auditd ended at that time (ms since 1970), which the node's stream did not tell. */
void serial_end(struct serial_node *node, int64_t time);

/* The name that serials_add() was given. */
const char *serial_node_name(const struct serial_node *node);

/* Calls `visit` for each node. */
typedef void (*serial_visitor)(void *user, const char *name, const struct serial_node *node);
void serials_visit(const struct serials *serials, serial_visitor visit, void *user);

const struct serial_stats *serials_stats(const struct serials *serials);
const struct serial_stats *serial_node_stats(const struct serial_node *node);

#endif
