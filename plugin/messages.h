/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's own messages: each kind has a number for good, which stands in front of its text as AS0101, so that
 * a receiver can filter by it whatever the text says. Of each kind only so many pass in a time.
 */
#ifndef AUSPAWN_MESSAGES_H
#define AUSPAWN_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGES_BURST	   20	 /* messages of a kind ... */
#define MESSAGES_PERIOD_MS 60000 /* ... in so much time; further ones are held back and counted */

/* A number is never used for something else. Each has its row in messages.c. */
enum message_number {
	MESSAGE_OTHER = 100, /* of what has no row */
	MESSAGE_STARTED = 101,
	MESSAGE_ENDED = 102,
	MESSAGE_RELOADED = 103,
	MESSAGE_NOT_RELOADED = 104,
	MESSAGE_NOT_STARTED = 105,
	MESSAGE_HELD_BACK = 106,

	MESSAGE_MISTAKE = 201,

	MESSAGE_RULE_LIMITS = 301,
	MESSAGE_REGEX_LIMIT = 302,
	MESSAGE_NO_PROC = 303,

	MESSAGE_FILE_FAILED = 401,
	MESSAGE_SYSLOG_LOST = 402,
	MESSAGE_SINK_AGAIN = 403,
	MESSAGE_SINK_FAILED = 404,
	MESSAGE_ALERTS_DROPPED = 405,
	MESSAGE_ALERTS_LOST = 406,
	MESSAGE_ALERTS_WAIT = 407,

	MESSAGE_STATE_DAMAGED = 501,
	MESSAGE_STATE_IN_THE_WAY = 502,
	MESSAGE_STATE_NEWER = 503,
	MESSAGE_STATE_FAILED = 504,
	MESSAGE_STATE_AGAIN = 505,
	MESSAGE_COUNTS_REFUSED = 506,

	MESSAGE_STILL_ROOT = 601,
	MESSAGE_NOT_ROOT = 602,
	MESSAGE_NOT_GIVEN = 603,
	MESSAGE_PRIVILEGES = 604,
	MESSAGE_NO_SANDBOX = 605,
	MESSAGE_NO_HELPER = 606,

	MESSAGE_STATUS_FAILED = 701,
	MESSAGE_METRICS_FAILED = 702,
};

struct message {
	enum message_number number;
	int severity;	     /* one of syslog.h's */
	const char *text;    /* what it says, in short */
	const char *meaning; /* for the manual: whole sentences */
};

/* The rows in the order of their numbers; NULL past the last. */
const struct message *message_row(size_t row);

/* The row of a number; that of MESSAGE_OTHER if it has none. */
const struct message *message_of(enum message_number number);

struct message_limiter;

/* message_limiter_free() releases it and accepts NULL. */
struct message_limiter *message_limiter_new(void);
void message_limiter_free(struct message_limiter *limiter);

/* May another message of this kind pass at `now` (a monotonic clock in ms)? If not, it is counted. */
bool message_passes(struct message_limiter *limiter, const struct message *message, int64_t now);

/* Returns a kind of which messages were held back in a period that is over at `now`, and how many; it is to be told,
 * and is forgotten here. NULL if there is none. With INT64_MAX every period is over. */
const struct message *message_held_back(struct message_limiter *limiter, int64_t now,
					uint64_t *count);

/* When message_held_back() next has something to say; -1 for never. */
int64_t message_deadline(const struct message_limiter *limiter);

#endif
