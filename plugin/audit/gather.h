/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps together the records of each exec, fork and exit until the last has come; everything else is
 * dropped here.
 *
 * Records of different events interleave, and libauparse hands out no event while an older one is
 * unfinished. So events are gathered here by (node, time, serial) and passed on one by one, whole, and
 * one whose end never comes (audit rules can exclude PROCTITLE and EOE; logs have no EOE) holds nothing
 * up: it is ended GATHER_END_MS after its last record.
 */
#ifndef AUSPAWN_AUDIT_GATHER_H
#define AUSPAWN_AUDIT_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/serial.h"
#include "audit/syscalls.h"
#include "audit/triage.h"

#define GATHER_END_MS 2000           /* auditd's own end_of_event_timeout */
#define GATHER_MAX_OPEN 16384        /* events; past that the oldest is ended early */
#define GATHER_MAX_BYTES (16u << 20) /* of one event; further records of it are dropped */
#define GATHER_MAX_TOTAL (64u << 20) /* bytes of all events; past that the oldest is ended early */
#define GATHER_MAX_NODES 1024        /* names of machines; lines of further ones are dropped */

/* How an event without an end record is found to be over. */
enum gather_clock {
	GATHER_BY_CLOCK,  /* by the caller's clock: gather_age() */
	GATHER_BY_EVENTS, /* by the time stamps of later events of the same node: deterministic */
};

/* The records of one event, in the order in which they came. */
struct gathered {
	const char *node; /* valid as long as the gatherer; NULL without node= */
	struct stamp stamp;
	enum syscall_kind kind;
	bool whole;	   /* false: of an exec, records are missing that others have */
	const char *lines; /* each with its newline, NUL-terminated; valid during the call */
};

struct gather_stats {
	uint64_t records;
	uint64_t malformed;    /* lines that are no audit records */
	uint64_t failed_execs; /* execs with success=no */
	uint64_t unended;      /* events ended without an end record */
	uint64_t dropped;      /* records past one of the limits above */
};

struct gather;
typedef void (*gather_handler)(void *user, const struct gathered *event);

/* `syscalls` must outlive the gatherer; gather_free() releases it and what it still holds. */
struct gather *gather_new(const struct syscalls *syscalls, enum gather_clock clock,
			  gather_handler handle, void *user);
void gather_free(struct gather *gather);

/* Takes one line of the stream. `now` is the caller's monotonic clock in ms; unused with
 * GATHER_BY_EVENTS. */
void gather_line(struct gather *gather, struct span line, int64_t now);

/* Ends the events that have waited for GATHER_END_MS at `now`. Call it only when the stream is
 * drained: what is still to be read may hold the end. */
void gather_age(struct gather *gather, int64_t now);

/* When gather_age() next has something to do, in the caller's clock; -1 if nothing is open. */
int64_t gather_deadline(const struct gather *gather);

/* Ends everything that is open, oldest first: the stream has ended. */
void gather_flush(struct gather *gather);

/* From now on takes note of the serials of all records there; NULL for nowhere. They must outlive the gatherer,
 * and the names of the nodes outlive what they are told of. */
void gather_watch(struct gather *gather, struct serials *serials);

/* Returns what is noted of the node of that name, made if need be; NULL if there are too many. */
struct serial_node *gather_node_serials(struct gather *gather, struct span name);

/* Moves `position` of that node before all of its events that are open. */
void gather_bound_position(const struct gather *gather, struct span node, struct serial_position *position);

/* Returns the gatherer's own copy of a name, by which nodes can be told apart; NULL for SPAN_NONE, and if there are too
 * many. */
const char *gather_node_name(struct gather *gather, struct span name);

const struct gather_stats *gather_stats(const struct gather *gather);

#endif
