/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/status.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/auditd_log.h"
#include "base/memory.h"
#include "base/whole_file.h"
#include "privilege/privilege.h"
#include "process/document.h"
#include "status/delays.h"
#include "status/figures.h"
#include "status/process.h"
#include "status/prometheus.h"
#include "status/rates.h"
#include "status/rare_document.h"

#define MAX_SELF_TEST 64

struct status {
	struct status_sources sources;
	const struct config *config;
	struct plugin_figures figures; /* what is counted here, and what does not change */
	uint64_t *alerts;		/* of each rule */
	char self_test[MAX_SELF_TEST];
	struct feed *feed;		/* NULL: nothing is read yet */
	struct privilege_facts privilege; /* as they were gathered last */
	struct delays delays;
	struct rates rates;
	bool changed;	 /* since the files were written */
	int64_t written; /* by the monotonic clock */
	bool failing;	 /* and that was told; the same of the metrics */
	bool metrics_failing;
};

static uint64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct status *status_new(const struct status_sources *sources)
{
	struct status *status = mem_zalloc(sizeof(*status));

	status->sources = *sources;
	status->figures = (struct plugin_figures){
		.version = PACKAGE_VERSION,
		.pid = (uint64_t)getpid(),
		.start_ticks = process_start_ticks(getpid()),
		.started = wall_ms(),
		.ended = FIGURE_UNKNOWN,
		.last_alert = FIGURE_UNKNOWN,
	};
	return status;
}

void status_free(struct status *status)
{
	if (!status)
		return;
	free(status->alerts);
	privilege_facts_clear(&status->privilege);
	free(status);
}

void status_loaded(struct status *status, const struct config *config, size_t mistakes, bool in_force,
		   int64_t now)
{
	struct plugin_figures *figures = &status->figures;
	const struct ruleset *rules = pipeline_rules(status->sources.pipeline);
	bool first = !status->config;

	status->config = config;
	status->changed = true;
	figures->mistakes = mistakes;
	figures->reloads += in_force && !first;
	figures->reloads_refused += !in_force;
	if (!in_force)
		return;
	figures->rules = rules->rules;
	figures->refused = rules->refusals;
	figures->max_processes = first ? config->max_processes : figures->max_processes;
	figures->loaded = wall_ms();
	free(status->alerts);
	status->alerts = mem_zalloc((rules->rules + 1) * sizeof(*status->alerts));
	if (first)
		rates_sample(&status->rates, &(struct rates_totals){ 0 }, now);
}

void status_watch(struct status *status, struct feed *feed)
{
	status->feed = feed;
}

void status_event(struct status *status, const struct process_event *event, int64_t now)
{
	delays_add(&status->delays, (int64_t)wall_ms() - stamp_ms(&event->stamp), now);
	status->changed = true;
}

static void note_self_test(struct status *status, struct json_object *document)
{
	struct json_object *line = document_get(document, "process.command_line");
	const char *found = line ? strstr(json_object_get_string(line), STATUS_SELF_TEST) : NULL;
	size_t length;

	if (!found)
		return;
	found += strlen(STATUS_SELF_TEST);
	length = strspn(found, "0123456789abcdef");
	if (!length || length >= MAX_SELF_TEST)
		return;
	memcpy(status->self_test, found, length);
	status->self_test[length] = '\0';
	status->figures.self_test = status->self_test;
}

void status_alert(struct status *status, const struct rule *rule, struct json_object *document)
{
	const struct ruleset *rules = pipeline_rules(status->sources.pipeline);
	size_t i = 0;

	/* One that was folded may be of a rule that is gone. */
	while (i < rules->rules && rules->rule[i] != rule)
		i++;
	if (i < rules->rules && status->alerts)
		status->alerts[i]++;
	status->figures.alerts++;
	status->figures.last_alert = wall_ms();
	status->changed = true;
	note_self_test(status, document);
}

/* --- gathering --- */

static struct rates_totals totals(const struct status *status)
{
	struct pipeline_stats stats = pipeline_stats(status->sources.pipeline);

	return (struct rates_totals){ stats.records.records, stats.execs, status->figures.alerts,
				      feed_queue(status->feed).read };
}

/* auditd writes to its log what it sends to us. */
static uint64_t log_reach(const struct status *status, uint64_t bytes, int64_t span)
{
	struct auditd_log log = { 0 };
	uint64_t reach = FIGURE_UNKNOWN;
	int64_t seconds;

	if (!auditd_log_read(&log, status->config->auditd_conf)) {
		seconds = auditd_log_reach(&log, span > 0 ? (double)bytes * 1000 / (double)span : 0);
		reach = seconds < 0 || seconds > INT64_MAX / 1000 ? FIGURE_UNKNOWN : (uint64_t)seconds * 1000;
	}
	auditd_log_clear(&log);
	return reach;
}

static void gather_rates(struct status *status, struct plugin_figures *figures, int64_t now)
{
	const struct rates_totals present = totals(status);
	struct rates_totals lately = rates_lately(&status->rates, &present, now);

	figures->reach = log_reach(status, lately.bytes, rates_span(&status->rates, now));
	rates_sample(&status->rates, &present, now);
	figures->records_lately = lately.records;
	figures->execs_lately = lately.execs;
	figures->alerts_lately = lately.alerts;
}

static void gather_counts(const struct status *status, struct plugin_figures *figures)
{
	struct pipeline_stats stats = pipeline_stats(status->sources.pipeline);

	figures->records = stats.records.records;
	figures->execs = stats.execs;
	figures->failed_execs = stats.records.failed_execs;
	figures->forks = stats.forks;
	figures->malformed = stats.malformed;
	figures->unended = stats.records.unended;
	figures->dropped = stats.records.dropped;
	figures->processes = stats.processes;
	figures->uncounted = stats.uncounted;
	figures->forgotten = stats.forgotten;
	figures->unfolded = stats.unfolded;
	figures->regex_limits = stats.limited;
	figures->process_bytes = stats.process_bytes;
}

static void gather_losses(const struct status *status, struct plugin_figures *figures)
{
	struct recovery_stats stats = pipeline_stats(status->sources.pipeline).recovery;
	struct intake_stats queue = feed_queue(status->feed);
	bool any = stats.lost;

	figures->waiting = queue.depth;
	figures->waiting_most = queue.max_depth;
	figures->dropped_lines = queue.dropped_lines;
	figures->missing = stats.serials.lost;
	figures->gaps = stats.serials.gaps;
	figures->read_back = stats.read_back.found;
	figures->lost = stats.lost;
	figures->last_lost_from = any ? stats.last.first : FIGURE_UNKNOWN;
	figures->last_lost_to = any ? stats.last.last : FIGURE_UNKNOWN;
	figures->last_lost_after = any ? (uint64_t)stats.last.from : FIGURE_UNKNOWN;
	figures->last_lost_before = any ? (uint64_t)stats.last.until : FIGURE_UNKNOWN;
}

static void gather_process(struct status *status, struct plugin_figures *figures)
{
	struct privilege_facts *privilege = &status->privilege;

	process_usage(&figures->resident, &figures->cpu);
	privilege_facts_clear(privilege);
	privilege_describe(privilege);
	figures->user = privilege->user;
	figures->capabilities = privilege->capabilities;
	figures->filtered = privilege->filtered;
	figures->no_new_privileges = privilege->no_new_privileges;
}

static struct plugin_figures gather(struct status *status, int64_t now)
{
	struct delivery_stats delivery = delivery_stats(status->sources.delivery);
	struct plugin_figures figures = status->figures;

	figures.written = wall_ms();
	gather_process(status, &figures);
	gather_counts(status, &figures);
	gather_losses(status, &figures);
	gather_rates(status, &figures, now);
	figures.outbox = delivery.kept;
	figures.unkept = delivery.unkept;
	figures.alerts_dropped = delivery.dropped;
	figures.delays = delays_count(&status->delays, now);
	figures.delay_median = delays_share(&status->delays, 0.5, now);
	figures.delay_most = delays_share(&status->delays, 0.99, now);
	figures.delay_ever = status->delays.longest;
	figures.state = keeper_health(status->sources.keeper);
	return figures;
}

static struct json_object *rules_document(const struct status *status)
{
	const struct ruleset *rules = pipeline_rules(status->sources.pipeline);
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < rules->rules; i++) {
		const struct judge_figures *judged = pipeline_rule_figures(status->sources.pipeline, i);
		const struct rule_figures figures = {
			.id = rules->rule[i]->id,
			.matched = judged->matched,
			.alerts = status->alerts[i],
			.tried = judged->tried,
			.cost = judged->timed ? judged->ns / judged->timed : FIGURE_UNKNOWN,
			.limited = judged->limited,
		};

		if (rules->rule[i]->tuning.enabled)
			json_object_array_add(array, figures_document(FIGURES_RULES, &figures));
	}
	return array;
}

/* Beside alerts, syslog gets the plugin's own messages. */
static void add_alerts(struct output_figures *figures, const struct delivery_stats *stats, enum sink sink)
{
	figures->oldest = FIGURE_UNKNOWN;
	if (sink == SINKS)
		return;
	figures->waiting += stats->sink[sink].waiting;
	figures->lost += stats->sink[sink].too_big + stats->sink[sink].dropped;
	figures->too_big = stats->sink[sink].too_big;
	figures->failing |= stats->sink[sink].failing;
	if (stats->sink[sink].oldest)
		figures->oldest = (uint64_t)stats->sink[sink].oldest * 1000;
}

static struct json_object *sinks_document(const struct status *status)
{
	struct sink_figures sinks[SINKS_MAX];
	size_t count = sinks_figures(status->sources.sinks, sinks);
	struct delivery_stats delivery = delivery_stats(status->sources.delivery);
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct output_figures figures = {
			.name = sinks[i].name,
			.target = sinks[i].target,
			.taken = sinks[i].taken,
			.waiting = sinks[i].waiting,
			.lost = sinks[i].lost,
			.failing = sinks[i].failing,
		};

		add_alerts(&figures, &delivery, sinks[i].sink);
		json_object_array_add(array, figures_document(FIGURES_SINKS, &figures));
	}
	return array;
}

static struct json_object *gather_document(struct status *status, int64_t now)
{
	const struct plugin_figures figures = gather(status, now);
	struct json_object *document = figures_document(FIGURES_PLUGIN, &figures);

	json_object_object_add(document, figure_set(FIGURES_RULES)->member, rules_document(status));
	json_object_object_add(document, figure_set(FIGURES_SINKS)->member, sinks_document(status));
	return document;
}

/* --- writing --- */

static int write_in_state(const struct status *status, const char *name, struct json_object *document)
{
	UT_string path, text;
	int error;

	utstring_init(&path);
	utstring_init(&text);
	utstring_printf(&path, "%s/%s", status->config->state_dir, name);
	document_print(document, DOCUMENT_NO_LIMIT, &text);
	utstring_bincpy(&text, "\n", 1);
	error = whole_file_write(utstring_body(&path), 0640,
				 (struct span){ utstring_body(&text), utstring_len(&text) });
	utstring_done(&text);
	utstring_done(&path);
	return error;
}

static void write_status(struct status *status, struct json_object *document, int64_t now)
{
	int error = write_in_state(status, STATUS_FILE, document);

	if (error && !status->failing)
		sinks_log(status->sources.sinks, now, MESSAGE_STATUS_FAILED,
			  "%s/" STATUS_FILE " can't be written: %s", status->config->state_dir,
			  strerror(-error));
	status->failing = error;
}

static void write_metrics(struct status *status, struct json_object *document, int64_t now)
{
	const struct config_metrics *metrics = &status->config->metrics;
	UT_string text;
	int error;

	if (!metrics->enabled)
		return;
	utstring_init(&text);
	prometheus_print(&text, document);
	/* The collector is somebody else. */
	error = whole_file_write(metrics->path, 0644,
				 (struct span){ utstring_body(&text), utstring_len(&text) });
	utstring_done(&text);
	if (error && !status->metrics_failing)
		sinks_log(status->sources.sinks, now, MESSAGE_METRICS_FAILED,
			  "%s: metrics can't be written: %s", metrics->path, strerror(-error));
	status->metrics_failing = error;
}

static void write_files(struct status *status, int64_t now)
{
	struct json_object *document = gather_document(status, now);

	/* Who waits for the status reads the metrics next. */
	write_metrics(status, document, now);
	write_status(status, document, now);
	json_object_put(document);
	status->changed = false;
	status->written = now;
}

int64_t status_deadline(const struct status *status)
{
	if (!status->written)
		return 0;
	return status->written + (status->changed ? STATUS_SOON_MS : STATUS_ALIVE_MS);
}

void status_look_after(struct status *status, int64_t now)
{
	if (now >= status_deadline(status))
		write_files(status, now);
}

void status_ask(struct status *status, int64_t now)
{
	struct json_object *rare = rare_document(pipeline_rarity(status->sources.pipeline));

	/* Who has asked waits for the status: everything else must be there before. */
	write_in_state(status, STATUS_RARE, rare);
	json_object_put(rare);
	write_files(status, now);
}

void status_end(struct status *status, int64_t now)
{
	status->figures.ended = wall_ms();
	write_files(status, now);
}
