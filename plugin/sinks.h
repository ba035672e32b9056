/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everywhere that the running plugin writes to: alerts, process events and its own messages. Alerts are offered
 * to each sink for itself, in order and again and again until it takes them (delivery.h).
 */
#ifndef AUSPAWN_SINKS_H
#define AUSPAWN_SINKS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/memory.h"
#include "base/span.h"
#include "config.h"
#include "messages.h"
#include "process/event.h"
#include "rules/ruleset.h"

#include <utstring.h>

#define SINKS_MAX_MESSAGE 1024 /* bytes of a message of the plugin's own; the rest is cut off */
#define SINKS_RETRY_MS	  1000 /* between attempts to write to a file that can't be written */

struct sinks;

/* Makes the sinks that `config` enables. The configuration is not kept. sinks_free() releases them. */
struct sinks *sinks_new(const struct config *config);
void sinks_free(struct sinks *sinks);

/* Goes on with what another configuration enables; what waits to be sent is kept. */
void sinks_configure(struct sinks *sinks, const struct config *config);

/* The sinks for alerts. */
enum sink {
	SINK_SYSLOG,
	SINK_FILE,
	SINKS,
};

#define SINKS_MAX (SINKS + 1) /* with the log of all events */

/* How a sink is doing, since it was made, but for alerts that it has not taken (delivery.h). */
struct sink_figures {
	const char *name;   /* syslog, file, events */
	enum sink sink;	    /* SINKS: it gets no alerts */
	const char *target; /* its path; valid until sinks_configure() */
	uint64_t taken;	    /* messages or lines */
	uint64_t waiting;   /* now */
	uint64_t lost;
	bool failing;	    /* the last one was not taken */
};

/* The ones that are enabled, a bit for each: 1 << SINK_SYSLOG ... And whether all take the same text. */
unsigned sinks_enabled(const struct sinks *sinks);
bool sinks_agree(const struct sinks *sinks);

/* What a sink is called in messages: syslog, or the file's path. */
const char *sinks_name(const struct sinks *sinks, enum sink sink);

/* Appends an alert's document as the sink takes it. */
void sinks_encode(const struct sinks *sinks, enum sink sink, struct json_object *document, UT_string *out);

/* The priority of an alert in syslog: facility | severity. */
int sinks_priority(const struct sinks *sinks, enum severity severity);

/* An alert for a sink. */
struct offer {
	int priority;
	time_t time;	  /* when it was made */
	struct span line; /* with its newline */
};

/* Returns 0 if the sink has taken it; -EMSGSIZE if it never will; else what is in the way, and sinks_fd() or
 * sinks_deadline() tells when to offer it again. `now` is here and below a monotonic clock in ms. */
int sinks_offer(struct sinks *sinks, enum sink sink, const struct offer *offer, int64_t now);

/* Writes a process event to the log of all events, if there is one. */
void sinks_event(struct sinks *sinks, const struct process_event *event, int64_t now);

/* Writes a message of the plugin itself, with its number in front, to syslog (facility daemon) and to stderr; too many
 * of one number are held back and told of later (messages.h). */
void sinks_log(struct sinks *sinks, int64_t now, enum message_number number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Opens files anew: they were rotated. And: only if they were. */
void sinks_reopen(struct sinks *sinks);
void sinks_follow(struct sinks *sinks);

/* Sends messages that wait, as far as they are taken now. What sinks refused is to be offered again then. */
void sinks_flush(struct sinks *sinks, int64_t now);

/* The same at the end; messages that are still not taken are lost then, and stderr is told. */
void sinks_end(struct sinks *sinks, int64_t now);

/* Fills in a row for each sink that there is, at most SINKS_MAX; returns how many. What goes to syslog are the plugin's
 * own messages too. */
size_t sinks_figures(const struct sinks *sinks, struct sink_figures *figures);

/* For an event loop: a descriptor to wait on until it can be written to, or -1; and when something is to be tried
 * again, or -1. */
int sinks_fd(const struct sinks *sinks);
int64_t sinks_deadline(const struct sinks *sinks);

#endif
