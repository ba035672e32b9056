/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads events that were lost on the way back from auditd's own log, in small steps between which the stream is
 * read: what is searched is found by time, and only events that are missing are taken.
 */
#ifndef AUSPAWN_AUDIT_READBACK_H
#define AUSPAWN_AUDIT_READBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/gather.h"
#include "audit/serial.h"

#define READBACK_STEP	   65536 /* bytes that one step reads */
#define READBACK_BEFORE_MS 2000	 /* a log is in order as far as this, ... */
#define READBACK_AFTER_MS  5000	 /* ... or this, in which auditd writes what it has */
#define READBACK_AGAIN_MS  1000	 /* what is not there yet is looked for again, ... */
#define READBACK_TRIES	   3	 /* ... so often */
#define READBACK_MAX_PARTS 1024	 /* events of which a part came */

struct readback_settings {
	const char *auditd_conf; /* where auditd's log is; looked at for each search */
	int64_t max_age_ms;	 /* older events are not searched */
};

struct readback_stats {
	uint64_t found;	   /* events */
	uint64_t lost;	   /* not in the log either */
	uint64_t searches; /* how often the log was gone through */
	int error;	   /* why it could not be, the last time; 0 or a negative errno */
};

struct readback_handlers {
	/* The records of an event that was found. */
	void (*found)(void *user, const struct gathered *event);
	/* What was not found. */
	void (*lost)(void *user, const struct serial_loss *loss);
	void *user;
};

struct readback;

/* `syscalls` must outlive it. readback_free() releases it. */
struct readback *readback_new(const struct readback_settings *settings, const struct syscalls *syscalls,
			      const struct readback_handlers *handlers);
void readback_free(struct readback *readback);

/* Looks for what is lost; its node's name must outlive that. If there is no room for more of that, it is handed to
 * the handler at once. */
void readback_want(struct readback *readback, const struct serial_loss *loss);

/* Looks for the rest of an event of which only a part came, `part`, and hands out that part if it is not found. Returns
 * false, and does nothing, if there is no room. */
bool readback_complete(struct readback *readback, const struct gathered *part);

/* Makes one step, if there is one to make. `now` is a monotonic clock, `wall` the time, in ms. */
void readback_step(struct readback *readback, int64_t now, int64_t wall);

/* When there is a next step to make; -1 if nothing is searched. */
int64_t readback_deadline(const struct readback *readback);

/* Moves `position` of that node before all that is still searched. */
void readback_bound_position(const struct readback *readback, struct span node, struct serial_position *position);

/* Tells of all that is still searched; of an event of which a part came as of one that is missing. */
void readback_tell_open(const struct readback *readback, serial_handler tell, void *user);

const struct readback_stats *readback_stats(const struct readback *readback);

#endif
