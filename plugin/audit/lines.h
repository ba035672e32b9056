/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a stream of bytes into lines, whatever the sizes in which it arrives. */
#ifndef AUSPAWN_AUDIT_LINES_H
#define AUSPAWN_AUDIT_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* auditd's own bound is 8,970 bytes and what enriching adds (libaudit.h: MAX_AUDIT_MESSAGE_LENGTH). */
#define LINES_MAX_LENGTH 65536

struct lines {
	char *partial; /* the beginning of a line whose end has not been seen */
	size_t length;
	bool skipping; /* inside a line that is too long */
	uint64_t too_long;
	uint64_t cut;
};

typedef void (*lines_handler)(void *user, struct span line);

/* Hands every line that `data` completes to `handle`, without its newline and in order. A line longer
 * than LINES_MAX_LENGTH is left out and counted in `too_long`. */
void lines_feed(struct lines *lines, struct span data, lines_handler handle, void *user);

/* The stream ends here: an unfinished line is a record that was cut off. It is left out, for a number in it
 * may have lost digits, and counted in `cut`. */
void lines_cut(struct lines *lines);

void lines_clear(struct lines *lines);

#endif
