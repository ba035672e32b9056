/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the stream at full speed, whatever its bytes come to: a thread that does nothing else puts them into a
 * bounded queue, from which the main loop takes them when it can.
 *
 * When the queue is full the thread reads on and drops whole lines until there is room again: auditd, and so
 * every audited process, must not wait for us, and what is dropped here is still in auditd's log. auditd writes to a
 * socket; who writes to anything else, as in a test, is kept waiting instead.
 */
#ifndef AUSPAWN_AUDIT_INTAKE_H
#define AUSPAWN_AUDIT_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define INTAKE_CHUNK 65536		   /* bytes that are taken at once, at most */
#define INTAKE_MIN   (4 * INTAKE_CHUNK) /* of a queue */

struct intake_stats {
	size_t depth;	  /* bytes that wait now */
	size_t max_depth; /* that waited at any time */
	uint64_t read;	  /* bytes of the stream so far, dropped ones too */
	uint64_t dropped; /* bytes */
	uint64_t dropped_lines;
};

struct intake;

/* Starts to read `fd` into a queue of `bound` bytes, INTAKE_MIN at least; memory is taken as it is needed. The
 * thread takes no signals. NULL with errno set if it can't be started. */
struct intake *intake_start(int fd, size_t bound);

/* Ends the thread and releases all; accepts NULL. What waits is gone. */
void intake_stop(struct intake *intake);

/* Readable when intake_take() has something to tell. */
int intake_fd(const struct intake *intake);

/* What intake_take() returned. `data` is valid until the next call. */
struct intake_piece {
	struct span data; /* no bytes: nothing waits */
	bool torn;	  /* the line that `data` ends in will not be finished: what follows was dropped */
	bool more;	  /* more waits already */
};

struct intake_piece intake_take(struct intake *intake);

/* Has all been taken that was written so far? */
bool intake_is_drained(struct intake *intake);

/* Has the end of the stream been read? Some of it may still wait, but where the writer can be kept waiting: there all of
 * it has been taken too. */
bool intake_has_ended(struct intake *intake);

struct intake_stats intake_stats(struct intake *intake);

#endif
