/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everywhere that the running plugin writes to: alerts, process events and its own messages. */
#ifndef AUSPAWN_SINKS_H
#define AUSPAWN_SINKS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "messages.h"
#include "process/event.h"
#include "rules/ruleset.h"

#define SINKS_MAX_MESSAGE 1024 /* bytes of a message of the plugin's own; the rest is cut off */
/* How a sink is doing, since it was made. */
struct sink_figures {
	const char *name;   /* syslog, file, events */
	const char *target; /* its path; valid until sinks_configure() */
	uint64_t taken;	    /* messages or lines */
	uint64_t waiting;   /* now */
	uint64_t lost;
	bool failing;	    /* the last one was not taken */
};

#define SINKS_MAX 3

struct sinks;

/* Makes the sinks that `config` enables. The configuration is not kept. sinks_free() releases them. */
struct sinks *sinks_new(const struct config *config);
void sinks_free(struct sinks *sinks);

/* Goes on with what another configuration enables; what waits to be sent is kept. */
void sinks_configure(struct sinks *sinks, const struct config *config);

/* Sends an alert's document, which is taken over, to every sink for alerts. `now` is here and below a
 * monotonic clock in ms. */
void sinks_alert(struct sinks *sinks, enum severity severity, struct json_object *document,
		 int64_t now);

/* Writes a process event to the log of all events, if there is one. */
void sinks_event(struct sinks *sinks, const struct process_event *event, int64_t now);

/* Writes a message of the plugin itself, with its number in front, to syslog (facility daemon) and to stderr; too many
 * of one number are held back and told of later (messages.h). */
void sinks_log(struct sinks *sinks, int64_t now, enum message_number number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Follows rotated files. */
void sinks_reopen(struct sinks *sinks);

/* Sends what waits, as far as it is taken now; the others as in alert/syslog.h. */
void sinks_flush(struct sinks *sinks, int64_t now);

/* The same at the end; what is still not taken is lost then, and stderr is told. */
void sinks_end(struct sinks *sinks, int64_t now);

/* Fills in a row for each sink that there is, at most SINKS_MAX; returns how many. What goes to syslog are the plugin's
 * own messages too. */
size_t sinks_figures(const struct sinks *sinks, struct sink_figures *figures);

int sinks_fd(const struct sinks *sinks);
int64_t sinks_deadline(const struct sinks *sinks);

#endif
