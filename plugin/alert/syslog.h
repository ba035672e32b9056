/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local syslog socket (RFC 3164 as syslog(3) writes it: <PRI>TIME TAG[PID]: TEXT). Never waits. Alerts are
 * offered, and kept by whoever offers them until they are taken; the plugin's own messages are queued here, in
 * order and in bounded memory.
 */
#ifndef AUSPAWN_ALERT_SYSLOG_H
#define AUSPAWN_ALERT_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/span.h"

#define SYSLOG_MAX_HEADER  64          /* bytes before the text of a message */
#define SYSLOG_MAX_QUEUE   (256u << 10) /* bytes waiting; past that the oldest is dropped, and counted */
#define SYSLOG_RETRY_MS    200         /* between attempts to reach a socket that is away */

struct syslog_stats {
	uint64_t sent;
	uint64_t dropped;
};

struct syslog_sink;

/* `path` is the socket's, of a datagram socket such as /dev/log. It need not be there yet. Messages still
 * waiting are lost by syslog_free(). */
struct syslog_sink *syslog_new(const char *path);
void syslog_free(struct syslog_sink *sink);

/* Goes on with the socket at `path`; what waits is sent there. */
void syslog_move(struct syslog_sink *sink, const char *path);

/* Sends a message that was made at `time`, behind what is queued. Returns 0; -EMSGSIZE if the socket never takes one of
 * that size; else why it is to be offered again, -EAGAIN if that is not known anew: syslog_fd() and syslog_deadline() tell
 * when. */
int syslog_offer(struct syslog_sink *sink, int priority, time_t time, struct span text, int64_t now);

/* Sends a message, or queues it. `priority` is facility | severity (syslog.h). `now` is a monotonic
 * clock in ms. */
void syslog_send(struct syslog_sink *sink, int priority, struct span text, int64_t now);

/* Sends what is queued as far as the socket takes it. What was refused before is to be offered anew then. */
void syslog_flush(struct syslog_sink *sink, int64_t now);

/* For an event loop: a descriptor to wait on until it can be written to, or -1; and when to call
 * syslog_flush() at the latest, or -1. */
int syslog_fd(const struct syslog_sink *sink);
int64_t syslog_deadline(const struct syslog_sink *sink);

/* How many messages are queued. */
size_t syslog_waiting(const struct syslog_sink *sink);

const struct syslog_stats *syslog_stats(const struct syslog_sink *sink);

/* Facility by name: auth, authpriv, daemon, user, local0 to local7. Returns false for any other. */
bool syslog_facility_named(const char *name, int *facility);

#endif
