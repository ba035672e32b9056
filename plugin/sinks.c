/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sinks.h"

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

struct file_output {
	struct file_sink *file; /* NULL: not wanted */
	enum alert_format format;
	char *path;
	uint64_t taken;   /* lines */
	uint64_t lost;
	uint64_t told;    /* how many of the lost, as far as it was complained */
	bool failing;
	int64_t complain; /* not before */
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

static void write_file(struct sinks *sinks, struct file_output *output,
		       struct json_object *document, size_t limit, int64_t now)
{
	int error;

	utstring_clear(&sinks->line);
	alert_encode(document, output->format, limit, &sinks->line);
	error = file_append(output->file, &sinks->line);
	output->failing = error;
	if (!error) {
		output->taken++;
		return;
	}
	output->lost++;
	if (now < output->complain)
		return;
	sinks_log(sinks, now, MESSAGE_FILE_FAILED, "%s: can't be written: %s; %llu lines lost", output->path,
		  strerror(-error), (unsigned long long)(output->lost - output->told));
	output->told = output->lost;
	output->complain = now + COMPLAIN_AGAIN_MS;
}

static void write_syslog(struct sinks *sinks, enum severity severity,
			 struct json_object *document, int64_t now)
{
	utstring_clear(&sinks->line);
	alert_encode(document, sinks->format, sinks->message_size - SYSLOG_MAX_HEADER,
		     &sinks->line);
	syslog_send(sinks->syslog, sinks->facility | alert_syslog_severity(severity),
		    (struct span){ utstring_body(&sinks->line), utstring_len(&sinks->line) }, now);
}

void sinks_alert(struct sinks *sinks, enum severity severity, struct json_object *document,
		 int64_t now)
{
	if (sinks->alerts_to_syslog)
		write_syslog(sinks, severity, document, now);
	if (sinks->alerts.file)
		write_file(sinks, &sinks->alerts, document, sinks->message_size, now);
	json_object_put(document);
}

void sinks_event(struct sinks *sinks, const struct process_event *event, int64_t now)
{
	struct json_object *document;

	if (!sinks->events.file)
		return;
	document = document_of_event(event);
	write_file(sinks, &sinks->events, document, DOCUMENT_NO_LIMIT, now);
	json_object_put(document);
}

void sinks_reopen(struct sinks *sinks)
{
	if (sinks->alerts.file)
		file_reopen(sinks->alerts.file);
	if (sinks->events.file)
		file_reopen(sinks->events.file);
}

void sinks_flush(struct sinks *sinks, int64_t now)
{
	uint64_t dropped;

	tell_held_back(sinks, now, now);
	syslog_flush(sinks->syslog, now);
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

static size_t file_figures(const struct file_output *output, const char *name,
			   struct sink_figures *figures)
{
	if (!output->file)
		return 0;
	*figures = (struct sink_figures){
		.name = name,
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
		.target = sinks->socket,
		.taken = stats->sent,
		.waiting = syslog_waiting(sinks->syslog),
		.lost = stats->dropped,
	};
	figures[0].failing = figures[0].waiting;
	count += file_figures(&sinks->alerts, "file", &figures[count]);
	count += file_figures(&sinks->events, "events", &figures[count]);
	return count;
}

int sinks_fd(const struct sinks *sinks)
{
	return syslog_fd(sinks->syslog);
}

int64_t sinks_deadline(const struct sinks *sinks)
{
	int64_t retry = syslog_deadline(sinks->syslog);
	int64_t told = message_deadline(sinks->limiter);

	return retry < 0 || (told >= 0 && told < retry) ? told : retry;
}
