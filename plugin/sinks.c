/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sinks.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "alert/alert.h"
#include "alert/file.h"
#include "alert/syslog.h"
#include "base/utf8.h"
#include "process/document.h"

#define COMPLAIN_AGAIN_MS 60000 /* a sink that keeps failing is reported this often */
#define FOLLOW_EVERY_MS   1000  /* the log of all events is looked for at its path */

struct file_output {
	struct file_sink *file; /* NULL: not wanted */
	enum alert_format format;
	char *path;
	uint64_t taken;	  /* lines */
	uint64_t lost;
	uint64_t told;	  /* how many of the lost, as far as it was complained */
	bool failing;	  /* the last line was not taken, and of alerts it has to be given again */
	int64_t complain; /* not before, as the next two */
	int64_t follow;
	int64_t retry;
};

struct sinks {
	struct syslog_sink *syslog;
	char *socket; /* its path */
	bool alerts_to_syslog;
	int facility;
	enum alert_format format;
	size_t message_size;
	struct message_limiter *limiter;
	uint64_t dropped; /* by the syslog queue, as far as it was reported */
	struct file_output alerts;
	struct file_output events;
	UT_string line;
};

static void file_output_init(struct file_output *output, const struct config_file *config)
{
	*output = (struct file_output){ .format = config->format };
	if (!config->enabled)
		return;
	output->file = file_new(config->path);
	output->path = mem_strdup(config->path);
}

static void file_output_clear(struct file_output *output)
{
	file_free(output->file);
	free(output->path);
}

/* The totals of a sink that stays where it is go on. */
static void file_output_move(struct file_output *output, const struct config_file *config)
{
	struct file_output old = *output;

	file_output_init(output, config);
	if (old.path && output->path && !strcmp(old.path, output->path)) {
		output->taken = old.taken;
		output->lost = old.lost;
		output->told = old.told;
	}
	file_output_clear(&old);
}

static void set_up(struct sinks *sinks, const struct config *config)
{
	sinks->alerts_to_syslog = config->syslog.enabled;
	sinks->facility = config->syslog.facility;
	sinks->format = config->syslog.format;
	sinks->message_size = config->message_size;
	free(sinks->socket);
	sinks->socket = mem_strdup(config->syslog.socket);
	file_output_move(&sinks->alerts, &config->file);
	file_output_move(&sinks->events, &config->events);
}

struct sinks *sinks_new(const struct config *config)
{
	struct sinks *sinks = mem_zalloc(sizeof(*sinks));

	/* The plugin's own messages go there in any case. */
	sinks->syslog = syslog_new(config->syslog.socket);
	sinks->limiter = message_limiter_new();
	utstring_init(&sinks->line);
	set_up(sinks, config);
	return sinks;
}

void sinks_configure(struct sinks *sinks, const struct config *config)
{
	syslog_move(sinks->syslog, config->syslog.socket);
	set_up(sinks, config);
}

void sinks_free(struct sinks *sinks)
{
	if (!sinks)
		return;
	syslog_free(sinks->syslog);
	message_limiter_free(sinks->limiter);
	file_output_clear(&sinks->alerts);
	file_output_clear(&sinks->events);
	utstring_done(&sinks->line);
	free(sinks->socket);
	free(sinks);
}

/* Paths and parts of rule files can stand in `text`. */
static void write_message(struct sinks *sinks, int64_t now, const struct message *message,
			  const char *text)
{
	UT_string line;

	utstring_init(&line);
	utstring_printf(&line, "AS%04d ", (int)message->number);
	utf8_append_escaped(&line, span_of(text));
	fprintf(stderr, "auspawn: %s\n", utstring_body(&line));
	syslog_send(sinks->syslog, LOG_DAEMON | message->severity,
		    (struct span){ utstring_body(&line), utstring_len(&line) }, now);
	utstring_done(&line);
}

void sinks_log(struct sinks *sinks, int64_t now, enum message_number number, const char *format, ...)
{
	const struct message *message = message_of(number);
	char text[SINKS_MAX_MESSAGE];
	va_list args;

	if (!message_passes(sinks->limiter, message, now))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	write_message(sinks, now, message, text);
}

/* Tells of the messages that were held back in periods that are over at `until`. */
static void tell_held_back(struct sinks *sinks, int64_t now, int64_t until)
{
	const struct message *message;
	uint64_t count;

	while ((message = message_held_back(sinks->limiter, until, &count)))
		sinks_log(sinks, now, MESSAGE_HELD_BACK, "%llu more messages AS%04d were held back",
			  (unsigned long long)count, (int)message->number);
}

static void complain(struct sinks *sinks, struct file_output *output, int error, int64_t now)
{
	if (now < output->complain)
		return;
	sinks_log(sinks, now, MESSAGE_FILE_FAILED, "%s: can't be written: %s; %llu lines lost", output->path,
		  strerror(-error), (unsigned long long)(output->lost - output->told));
	output->told = output->lost;
	output->complain = now + COMPLAIN_AGAIN_MS;
}

unsigned sinks_enabled(const struct sinks *sinks)
{
	return (unsigned)sinks->alerts_to_syslog << SINK_SYSLOG |
	       (unsigned)(sinks->alerts.file != NULL) << SINK_FILE;
}

bool sinks_agree(const struct sinks *sinks)
{
	return sinks->format == sinks->alerts.format;
}

const char *sinks_name(const struct sinks *sinks, enum sink sink)
{
	return sink == SINK_FILE && sinks->alerts.path ? sinks->alerts.path : "syslog";
}

void sinks_encode(const struct sinks *sinks, enum sink sink, struct json_object *document, UT_string *out)
{
	alert_encode(document, sink == SINK_SYSLOG ? sinks->format : sinks->alerts.format,
		     sinks->message_size - SYSLOG_MAX_HEADER, out);
}

int sinks_priority(const struct sinks *sinks, enum severity severity)
{
	return sinks->facility | alert_syslog_severity(severity);
}

static int offer_file(struct sinks *sinks, const struct offer *offer, int64_t now)
{
	struct file_output *output = &sinks->alerts;
	int error;

	if (output->failing && now < output->retry)
		return -EAGAIN;
	error = file_append(output->file, offer->line);
	output->failing = error;
	output->taken += error == 0;
	if (error)
		output->retry = now + SINKS_RETRY_MS;
	return error;
}

int sinks_offer(struct sinks *sinks, enum sink sink, const struct offer *offer, int64_t now)
{
	struct span text = offer->line;

	if (sink == SINK_FILE)
		return offer_file(sinks, offer, now);
	text.length--;
	return syslog_offer(sinks->syslog, offer->priority, offer->time, text, now);
}

void sinks_event(struct sinks *sinks, const struct process_event *event, int64_t now)
{
	struct file_output *output = &sinks->events;
	struct json_object *document;
	int error;

	if (!output->file)
		return;
	if (now >= output->follow) {
		file_follow(output->file);
		output->follow = now + FOLLOW_EVERY_MS;
	}
	document = document_of_event(event);
	utstring_clear(&sinks->line);
	alert_encode(document, output->format, DOCUMENT_NO_LIMIT, &sinks->line);
	json_object_put(document);
	utstring_bincpy(&sinks->line, "\n", 1);
	error = file_append(output->file, (struct span){ utstring_body(&sinks->line),
							 utstring_len(&sinks->line) });
	output->failing = error;
	output->taken += error == 0;
	if (!error)
		return;
	output->lost++;
	complain(sinks, output, error, now);
}

void sinks_reopen(struct sinks *sinks)
{
	if (sinks->alerts.file)
		file_reopen(sinks->alerts.file);
	if (sinks->events.file)
		file_reopen(sinks->events.file);
}

void sinks_follow(struct sinks *sinks)
{
	if (sinks->alerts.file)
		file_follow(sinks->alerts.file);
}

void sinks_flush(struct sinks *sinks, int64_t now)
{
	uint64_t dropped;

	tell_held_back(sinks, now, now);
	syslog_flush(sinks->syslog, now);
	if (now >= sinks->alerts.retry)
		sinks->alerts.failing = false;
	dropped = syslog_stats(sinks->syslog)->dropped;
	/* Said when there is room, or the message itself would be the next to go. */
	if (dropped == sinks->dropped || syslog_waiting(sinks->syslog))
		return;
	sinks_log(sinks, now, MESSAGE_SYSLOG_LOST, "%llu messages lost: syslog took them too slowly",
		  (unsigned long long)(dropped - sinks->dropped));
	sinks->dropped = dropped;
}

void sinks_end(struct sinks *sinks, int64_t now)
{
	size_t waiting;

	tell_held_back(sinks, now, INT64_MAX);
	sinks_flush(sinks, now);
	waiting = syslog_waiting(sinks->syslog);
	if (waiting)
		fprintf(stderr, "auspawn: %zu messages are lost: the syslog socket does not take them\n",
			waiting);
}

static size_t file_figures(const struct file_output *output, const char *name, enum sink sink,
			   struct sink_figures *figures)
{
	if (!output->file)
		return 0;
	*figures = (struct sink_figures){
		.name = name,
		.sink = sink,
		.target = output->path,
		.taken = output->taken,
		.lost = output->lost,
		.failing = output->failing,
	};
	return 1;
}

size_t sinks_figures(const struct sinks *sinks, struct sink_figures *figures)
{
	const struct syslog_stats *stats = syslog_stats(sinks->syslog);
	size_t count = 1;

	figures[0] = (struct sink_figures){
		.name = "syslog",
		.sink = SINK_SYSLOG,
		.target = sinks->socket,
		.taken = stats->sent,
		.waiting = syslog_waiting(sinks->syslog),
		.lost = stats->dropped,
	};
	figures[0].failing = figures[0].waiting;
	count += file_figures(&sinks->alerts, "file", SINK_FILE, &figures[count]);
	count += file_figures(&sinks->events, "events", SINKS, &figures[count]);
	return count;
}

int sinks_fd(const struct sinks *sinks)
{
	return syslog_fd(sinks->syslog);
}

int64_t sinks_deadline(const struct sinks *sinks)
{
	const int64_t others[] = { message_deadline(sinks->limiter),
				   sinks->alerts.failing ? sinks->alerts.retry : -1 };
	int64_t deadline = syslog_deadline(sinks->syslog);

	for (size_t i = 0; i < 2; i++) {
		if (others[i] >= 0 && (deadline < 0 || others[i] < deadline))
			deadline = others[i];
	}
	return deadline;
}
