/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the delivery of an alert costs: `delivery ALERTS FOLDER [full]` reads documents from ALERTS, one a line, as
 * `auspawn replay --format=json` prints them, and sends each to a file in FOLDER, with the state there, in batches of
 * one read of the stream. Prints what it took with and without writing the document as text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "delivery.h"

#define BATCH 50 /* alerts that one read of 64 KiB can make */
#define ROUNDS 10

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_message(void *user, enum message_number number, const char *text)
{
	(void)user;
	fprintf(stderr, "%d %s\n", (int)number, text);
}

static size_t read_alerts(const char *path, struct json_object ***alerts)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, count = 0;

	while (file && getline(&line, &size, file) > 0) {
		*alerts = mem_resize(*alerts, count + 1, sizeof(**alerts));
		(*alerts)[count++] = json_tokener_parse(line);
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

static double encode(struct sinks *sinks, struct json_object **alerts, size_t count, clockid_t clock)
{
	double begin = seconds(clock);
	UT_string text;

	utstring_init(&text);
	for (size_t i = 0; i < count * ROUNDS; i++) {
		utstring_clear(&text);
		sinks_encode(sinks, SINK_FILE, alerts[i % count], &text);
	}
	utstring_done(&text);
	return seconds(clock) - begin;
}

static double deliver(struct delivery *delivery, struct json_object **alerts, size_t count, clockid_t clock)
{
	double begin = seconds(clock);

	for (size_t i = 0; i < count * ROUNDS; i++) {
		delivery_alert(delivery, SEVERITY_LOW, json_object_get(alerts[i % count]));
		if (i % BATCH == BATCH - 1)
			delivery_batch(delivery, true, (int64_t)(seconds(CLOCK_MONOTONIC) * 1e3));
	}
	delivery_end(delivery, (int64_t)(seconds(CLOCK_MONOTONIC) * 1e3));
	return seconds(clock) - begin;
}

int main(int argc, char **argv)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	struct ruleset ruleset = { 0 };
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	const struct pipeline_handlers handlers = { 0 };
	struct pipeline *pipeline = pipeline_new(&ruleset, &options, &handlers);
	struct json_object **alerts = NULL;
	size_t count = argc > 2 ? read_alerts(argv[1], &alerts) : 0;
	struct delivery *delivery;
	struct keeper *keeper;
	struct sinks *sinks;

	if (!count)
		return 2;
	config->syslog.enabled = false;
	config->file.enabled = true;
	config->file.path = mem_zalloc(strlen(argv[2]) + 16);
	sprintf(config->file.path, "%s/alerts", argv[2]);
	sinks = sinks_new(config);
	keeper = keeper_new(argv[2], pipeline, on_message, NULL);
	keeper_synchronise(keeper, argc > 3);
	delivery = delivery_new(sinks, keeper, config->outbox_size);
	keeper_load(keeper, 0);
	for (int i = 0; i < 2; i++) {
		clockid_t clock = i ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
		double text = encode(sinks, alerts, count, clock);
		double all = deliver(delivery, alerts, count, clock);
		double total = (double)(count * ROUNDS);

		printf("%s: %.2f us an alert, %.2f us without making the text: %.0f and %.0f a second\n",
		       i ? "processor" : "clock", all / total * 1e6, (all - text) / total * 1e6,
		       total / all, total / (all - text));
	}
	return 0;
}
