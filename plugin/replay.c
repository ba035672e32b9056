/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/memory.h"
#include "keeper.h"
#include "machine.h"
#include "pipeline.h"
#include "process/document.h"

#define READ_SIZE      65536
#define PROGRESS_BYTES (8 << 20) /* between lines of progress */

struct replay {
	const struct config *config;
	const struct replay_options *options;
	struct pipeline *pipeline;
	UT_string line;
	uint64_t printed;
	uint64_t bytes;
};

static void print(struct replay *replay, struct json_object *document, size_t limit)
{
	utstring_clear(&replay->line);
	alert_encode(document, replay->options->format, limit, &replay->line);
	json_object_put(document);
	utstring_bincpy(&replay->line, "\n", 1);
	fwrite(utstring_body(&replay->line), 1, utstring_len(&replay->line), stdout);
	replay->printed++;
}

static void on_event(void *user, const struct process_event *event)
{
	print(user, document_of_event(event), DOCUMENT_NO_LIMIT);
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct replay *replay = user;

	(void)rule;
	print(replay, document, replay->config->message_size);
}

static void on_keeper(void *user, enum message_number number, const char *text)
{
	(void)user;
	(void)number;
	complain("%s", text);
}

static void on_limit(void *user, const struct rule *rule, const struct process_event *event)
{
	(void)user;
	complain("rule %s: a regular expression gave up on event %s, and perhaps on others; "
		 "'like' never does",
		 rule->id, event->id);
}

static void show_progress(const struct replay *replay, const char *end)
{
	struct pipeline_stats stats = pipeline_stats(replay->pipeline);

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%" PRIu64 " MB, %" PRIu64 " execs, %" PRIu64 " %s%s",
		replay->bytes >> 20, stats.execs, replay->printed,
		replay->options->events ? "events" : "alerts", end);
}

static int read_recording(struct replay *replay, int fd, const char *name)
{
	char data[READ_SIZE];
	ssize_t n;

	while ((n = read(fd, data, sizeof(data))) > 0) {
		pipeline_feed(replay->pipeline, (struct span){ data, (size_t)n }, 0);
		if (replay->bytes / PROGRESS_BYTES != (replay->bytes + (size_t)n) / PROGRESS_BYTES)
			show_progress(replay, "");
		replay->bytes += (size_t)n;
	}
	if (n < 0)
		complain("%s: can't be read: %s", name, strerror(errno));
	pipeline_cut(replay->pipeline);
	return n < 0 ? 2 : 0;
}

static int read_named(struct replay *replay, const char *name)
{
	int fd, status;

	if (!strcmp(name, "-"))
		return read_recording(replay, STDIN_FILENO, "standard input");
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		complain("%s: can't be read: %s", name, strerror(errno));
		return 2;
	}
	status = read_recording(replay, fd, name);
	close(fd);
	return status;
}

/* What went by unjudged must be known to whoever trusts the output. */
static void report_losses(const struct replay *replay)
{
	struct pipeline_stats stats = pipeline_stats(replay->pipeline);

	if (stats.malformed || stats.records.dropped)
		fprintf(stderr,
			"auspawn: %" PRIu64 " lines or events made no sense, %" PRIu64
			" records were beyond a limit\n",
			stats.malformed, stats.records.dropped);
	if (stats.recovery.serials.lost)
		fprintf(stderr,
			"auspawn: %" PRIu64 " events are missing in %" PRIu64
			" gaps: they were lost, or left out of the recording\n",
			stats.recovery.serials.lost, stats.recovery.serials.gaps);
	if (stats.uncounted)
		fprintf(stderr,
			"auspawn: %" PRIu64 " events were not counted: too many groups, or too late\n",
			stats.uncounted);
	if (stats.forgotten)
		fprintf(stderr, "auspawn: %" PRIu64 " groups or terms were forgotten early\n",
			stats.forgotten);
	if (stats.unfolded)
		fprintf(stderr, "auspawn: %" PRIu64 " alerts were not folded: too many\n",
			stats.unfolded);
}

static int read_all(struct replay *replay)
{
	const struct replay_options *options = replay->options;
	int status = 0;

	for (int i = 0; i < options->files && !status; i++)
		status = read_named(replay, options->file[i]);
	if (!options->files)
		status = read_named(replay, "-");
	if (!status)
		pipeline_end(replay->pipeline);
	return status;
}

/* With a state directory more may follow one day: then nothing that is open is judged, but all is kept. */
static int read_with_state(struct replay *replay)
{
	struct keeper *keeper =
		keeper_new(replay->options->state_dir, replay->pipeline, on_keeper, NULL);
	int status = keeper_load(keeper, 0) ? read_all(replay) : 2;

	if (!status && !keeper_save(keeper, true, 0))
		status = 2;
	keeper_free(keeper);
	return status;
}

static int read_and_judge(struct replay *replay)
{
	int status;

	if (replay->options->state_dir)
		return read_with_state(replay);
	status = read_all(replay);
	if (!status)
		pipeline_finish(replay->pipeline);
	return status;
}

int replay_run(const struct config *config, const struct ruleset *ruleset,
	       const struct replay_options *options)
{
	struct replay replay = { .config = config, .options = options };
	struct pipeline_options pipeline_options = {
		.clock = GATHER_BY_EVENTS,
		.max_processes = config->max_processes,
	};
	struct pipeline_handlers handlers = {
		.event = options->events ? on_event : NULL,
		.alert = options->events ? NULL : on_alert,
		.limited = on_limit,
		.user = &replay,
	};
	struct machine machine = { 0 };
	int status;

	if (options->state_dir) {
		/* What is learned is this machine's, and its plugin must find it by the same names. */
		machine_read(&machine, config);
		pipeline_options.host = machine_host(&machine);
		pipeline_options.sources.local_node = machine.node;
	}
	replay.pipeline = pipeline_new(ruleset, &pipeline_options, &handlers);
	if (!replay.pipeline) {
		fprintf(stderr, "auspawn: libauparse can't be had: %s\n", strerror(errno));
		machine_clear(&machine);
		return 2;
	}
	utstring_init(&replay.line);
	status = read_and_judge(&replay);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "auspawn: standard output can't be written: %s\n", strerror(errno));
		status = 2;
	}
	show_progress(&replay, "\n");
	report_losses(&replay);
	utstring_done(&replay.line);
	pipeline_free(replay.pipeline);
	machine_clear(&machine);
	return status;
}
