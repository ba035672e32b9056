/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "alert/suppress.h"
#include "audit/assemble.h"
#include "audit/lines.h"
#include "base/clock.h"
#include "base/memory.h"
#include "rules/threshold.h"

struct pipeline {
	struct pipeline_options options;
	struct pipeline_handlers handlers;
	struct lines lines;
	struct syscalls *syscalls;
	struct gather *gather;
	struct recovery *recovery;
	struct assembler *assembler;
	struct lineage *lineage;
	const struct ruleset *ruleset;
	struct judge *judge;
	struct rarity *rarity;
	struct threshold *threshold;
	struct new_terms *terms;
	struct suppress *suppress;
	bool *told; /* for each rule: that a limit was reached */
	uint64_t limited;
	int64_t now; /* of the bytes being fed */
	int64_t latest; /* no event is later; INT64_MAX without a bound */
	int64_t time; /* of what is judged, ms since 1970 */
	int64_t wall; /* the wall clock of pipeline_advance(); 0 without */
	int64_t lag;  /* from the time of the last event until it was read */
};

static void send_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct pipeline *pipeline = user;

	if (pipeline->handlers.alert)
		pipeline->handlers.alert(pipeline->handlers.user, rule, document);
	else
		json_object_put(document);
}

static void report(struct pipeline *pipeline, const struct rule *rule,
		   const struct process_event *event, struct json_object *document)
{
	suppress_alert(pipeline->suppress, rule, event, document, pipeline->time);
}

static void on_finding(void *user, const struct rarity_finding *finding)
{
	/* The event is gone. */
	report(user, finding->rule, NULL, alert_of_finding(finding));
}

static void count_threshold(struct pipeline *pipeline, const struct rule *rule,
			    const struct process_event *event)
{
	struct threshold_finding finding;

	if (threshold_count(pipeline->threshold, rule, event, pipeline->time, &finding))
		report(pipeline, rule, event, alert_of_threshold(rule, event, &finding));
}

static void look_up_terms(struct pipeline *pipeline, const struct rule *rule,
			  const struct process_event *event)
{
	int64_t last_seen;

	if (new_terms_count(pipeline->terms, rule, event, pipeline->time, &last_seen))
		report(pipeline, rule, event, alert_of_new_terms(rule, event, last_seen));
}

/* What an event that satisfies a rule comes to. */
static void act(struct pipeline *pipeline, const struct rule *rule, const struct process_event *event)
{
	switch (rule->type) {
	case RULE_MATCH:
		if (pipeline->handlers.alert)
			report(pipeline, rule, event, alert_of_event(rule, event));
		break;
	case RULE_RARITY:
		rarity_count(pipeline->rarity, rule, event);
		break;
	case RULE_NEW_TERMS:
		look_up_terms(pipeline, rule, event);
		break;
	case RULE_THRESHOLD:
		count_threshold(pipeline, rule, event);
		break;
	}
}

static void note_limit(struct pipeline *pipeline, size_t rule, const struct process_event *event)
{
	pipeline->limited++;
	if (!pipeline->told[rule] && pipeline->handlers.limited)
		pipeline->handlers.limited(pipeline->handlers.user, pipeline->ruleset->rule[rule],
					   event);
	pipeline->told[rule] = true;
}

struct judgement {
	struct pipeline *pipeline;
	const struct process_event *event;
};

static void on_judged(void *user, size_t number, bool matches, bool limited)
{
	const struct judgement *judgement = user;
	struct pipeline *pipeline = judgement->pipeline;
	const struct rule *rule = pipeline->ruleset->rule[number];

	if (limited)
		note_limit(pipeline, number, judgement->event);
	if (matches)
		act(pipeline, rule, judgement->event);
}

static void judge(struct pipeline *pipeline, const struct process_event *event)
{
	judge_event(pipeline->judge, event, on_judged, &(struct judgement){ pipeline, event });
}

/* What is behind by more than a day is no stream that lags but a clock. */
static int64_t lag_of(const struct pipeline *pipeline)
{
	int64_t lag = pipeline->wall - pipeline->time;

	if (!pipeline->wall || lag < 0)
		return 0;
	return lag < CLOCK_WRONG_MS ? lag : CLOCK_WRONG_MS;
}

/* Windows close and periods end in event time, so that a replay judges what the live run judged. */
static void advance(struct pipeline *pipeline, int64_t time)
{
	pipeline->time = time > pipeline->latest ? pipeline->latest : time;
	pipeline->lag = lag_of(pipeline);
	rarity_advance(pipeline->rarity, time);
	suppress_advance(pipeline->suppress, pipeline->time);
}

static struct host host_of(const struct pipeline *pipeline, const char *node)
{
	struct host host = pipeline->options.host;

	if (node)
		host.name = node;
	if (!lineage_is_local(pipeline->lineage, node))
		host.id = NULL;
	return host;
}

static void on_exec(struct pipeline *pipeline, const struct audit_event *exec)
{
	struct host host = host_of(pipeline, exec->node);
	struct process_event event;

	lineage_exec(pipeline->lineage, exec, &host, &event);
	advance(pipeline, stamp_ms(&exec->stamp));
	if (pipeline->handlers.event)
		pipeline->handlers.event(pipeline->handlers.user, &event);
	judge(pipeline, &event);
	event_release(&event);
}

static void on_audit_event(void *user, const struct audit_event *event)
{
	struct pipeline *pipeline = user;

	switch (event->kind) {
	case AUDIT_EVENT_EXEC:
		on_exec(pipeline, event);
		break;
	case AUDIT_EVENT_FORK:
		lineage_fork(pipeline->lineage, event);
		break;
	case AUDIT_EVENT_UNSHARE:
		lineage_unshare(pipeline->lineage, event);
		break;
	case AUDIT_EVENT_EXIT:
		lineage_exit(pipeline->lineage, event);
		break;
	}
}

static void on_gathered(void *user, const struct gathered *gathered)
{
	struct pipeline *pipeline = user;

	if (recovery_admit(pipeline->recovery, gathered))
		assembler_take(pipeline->assembler, gathered);
}

static void on_found(void *user, const struct gathered *gathered)
{
	struct pipeline *pipeline = user;

	assembler_take(pipeline->assembler, gathered);
}

static struct host on_host(void *user, const char *node)
{
	return host_of(user, node);
}

static bool on_is_local(void *user, const char *node)
{
	return lineage_is_local(((struct pipeline *)user)->lineage, node);
}

static void on_line(void *user, struct span line)
{
	struct pipeline *pipeline = user;

	gather_line(pipeline->gather, line, pipeline->now);
}

static void use_rules(struct pipeline *pipeline, const struct ruleset *ruleset)
{
	free(pipeline->told);
	pipeline->told = mem_zalloc(ruleset->rules * sizeof(*pipeline->told));
	pipeline->ruleset = ruleset;
	judge_free(pipeline->judge);
	pipeline->judge = judge_new(ruleset);
}

struct pipeline *pipeline_new(const struct ruleset *ruleset, const struct pipeline_options *options,
			      const struct pipeline_handlers *handlers)
{
	struct pipeline *pipeline = mem_zalloc(sizeof(*pipeline));
	const struct recovery_handlers recovery_handlers = { on_found, send_alert, on_host, on_is_local, pipeline };

	pipeline->assembler = assembler_new(on_audit_event, pipeline);
	if (!pipeline->assembler) {
		free(pipeline);
		return NULL;
	}
	pipeline->options = *options;
	pipeline->handlers = *handlers;
	pipeline->syscalls = syscalls_new();
	pipeline->gather = gather_new(pipeline->syscalls, options->clock, on_gathered, pipeline);
	pipeline->recovery = recovery_new(&options->recovery, pipeline->gather, options->clock,
					  pipeline->syscalls, &recovery_handlers);
	pipeline->lineage = lineage_new(options->max_processes, &options->sources);
	pipeline->latest = INT64_MAX;
	pipeline->suppress = suppress_new(send_alert, pipeline);
	pipeline->terms = new_terms_new(ruleset);
	pipeline->rarity = rarity_new(ruleset, on_finding, pipeline);
	pipeline->threshold = threshold_new(ruleset);
	use_rules(pipeline, ruleset);
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	rarity_free(pipeline->rarity);
	judge_free(pipeline->judge);
	threshold_free(pipeline->threshold);
	new_terms_free(pipeline->terms);
	suppress_free(pipeline->suppress);
	lineage_free(pipeline->lineage);
	assembler_free(pipeline->assembler);
	gather_free(pipeline->gather);
	recovery_free(pipeline->recovery);
	syscalls_free(pipeline->syscalls);
	lines_clear(&pipeline->lines);
	free(pipeline->told);
	free(pipeline);
}

void pipeline_set_rules(struct pipeline *pipeline, const struct ruleset *ruleset)
{
	rarity_set_rules(pipeline->rarity, ruleset);
	threshold_set_rules(pipeline->threshold, ruleset);
	suppress_set_rules(pipeline->suppress, ruleset);
	new_terms_set_rules(pipeline->terms, ruleset);
	use_rules(pipeline, ruleset);
}

void pipeline_set_env_vars(struct pipeline *pipeline, const char *const *env_vars)
{
	lineage_set_env_vars(pipeline->lineage, env_vars);
}

void pipeline_scan(struct pipeline *pipeline)
{
	lineage_scan(pipeline->lineage);
}

void pipeline_feed(struct pipeline *pipeline, struct span data, int64_t now)
{
	pipeline->now = now;
	recovery_set_now(pipeline->recovery, now);
	lines_feed(&pipeline->lines, data, on_line, pipeline);
}

void pipeline_cut(struct pipeline *pipeline)
{
	lines_cut(&pipeline->lines);
	recovery_cut(pipeline->recovery);
}

void pipeline_tear(struct pipeline *pipeline)
{
	lines_cut(&pipeline->lines);
}

void pipeline_drained(struct pipeline *pipeline, int64_t now)
{
	gather_age(pipeline->gather, now);
	if (pipeline->wall)
		suppress_advance(pipeline->suppress,
				 pipeline->wall - pipeline->lag - SUPPRESS_GRACE_MS);
}

void pipeline_recover(struct pipeline *pipeline, int64_t now, bool drained)
{
	recovery_age(pipeline->recovery, now, drained);
	if (pipeline->wall)
		recovery_step(pipeline->recovery, now, pipeline->wall, drained);
}

/* Periods of folded alerts do not end by the wall clock alone: where the stream is behind it they would be over
 * before their second event. */
void pipeline_advance(struct pipeline *pipeline, int64_t wall)
{
	pipeline->wall = wall;
	pipeline->latest = wall + RARITY_GRACE_MS;
	pipeline->time = wall;
	rarity_set_latest(pipeline->rarity, pipeline->latest);
	threshold_set_latest(pipeline->threshold, pipeline->latest);
	new_terms_set_latest(pipeline->terms, pipeline->latest);
	suppress_set_latest(pipeline->suppress, pipeline->latest);
	rarity_advance(pipeline->rarity, wall);
}

/* By the wall clock; -1 without. */
static int64_t period_deadline(const struct pipeline *pipeline)
{
	int64_t end = suppress_deadline(pipeline->suppress);

	return end < 0 ? -1 : end + pipeline->lag + SUPPRESS_GRACE_MS;
}

/* The earlier one of two times; -1 is never. */
static int64_t soonest(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int64_t pipeline_wait(const struct pipeline *pipeline, int64_t now, int64_t wall)
{
	int64_t drained = soonest(gather_deadline(pipeline->gather), recovery_deadline(pipeline->recovery));
	int64_t ended = soonest(rarity_deadline(pipeline->rarity), period_deadline(pipeline));

	if (drained >= 0)
		drained = drained > now ? drained - now : 0;
	if (ended >= 0)
		ended = ended > wall ? ended - wall : 0;
	return soonest(drained, ended);
}

void pipeline_end(struct pipeline *pipeline)
{
	/* A stream goes on after a restart: where it stands is kept. */
	lines_cut(&pipeline->lines);
	gather_flush(pipeline->gather);
	recovery_end(pipeline->recovery);
}

void pipeline_finish(struct pipeline *pipeline)
{
	rarity_finish(pipeline->rarity);
	suppress_finish(pipeline->suppress);
}

void pipeline_unfold(struct pipeline *pipeline)
{
	suppress_finish(pipeline->suppress);
}

bool pipeline_restore(struct pipeline *pipeline, struct json_object *saved)
{
	struct json_object *kind = NULL;
	bool good = true;

	if (json_object_object_get_ex(saved, "rarity", &kind))
		good &= rarity_restore(pipeline->rarity, kind);
	if (json_object_object_get_ex(saved, "threshold", &kind))
		good &= threshold_restore(pipeline->threshold, kind);
	if (json_object_object_get_ex(saved, "suppress", &kind))
		good &= suppress_restore(pipeline->suppress, pipeline->ruleset, kind);
	return good;
}

size_t pipeline_changed(const struct pipeline *pipeline)
{
	return rarity_changed(pipeline->rarity) + threshold_changed(pipeline->threshold) +
	       suppress_changed(pipeline->suppress) + recovery_changed(pipeline->recovery);
}

void pipeline_changes(struct pipeline *pipeline, enum rows_extent extent, const struct rows_keeper *keeper)
{
	rarity_changes(pipeline->rarity, extent, keeper);
	threshold_changes(pipeline->threshold, keeper);
	suppress_changes(pipeline->suppress, keeper);
	recovery_changes(pipeline->recovery, keeper);
}

void pipeline_saved(struct pipeline *pipeline)
{
	rarity_saved(pipeline->rarity);
	threshold_saved(pipeline->threshold);
	suppress_saved(pipeline->suppress);
	recovery_saved(pipeline->recovery);
}

bool pipeline_has_over(const struct pipeline *pipeline)
{
	return rarity_has_over(pipeline->rarity);
}

void pipeline_forget_rows(struct pipeline *pipeline)
{
	rarity_forget_rows(pipeline->rarity);
	threshold_forget_rows(pipeline->threshold);
	suppress_forget_rows(pipeline->suppress);
	recovery_forget_row(pipeline->recovery);
}

/* Rows of a kind that a newer version counts are its own. */
bool pipeline_restore_row(struct pipeline *pipeline, const struct kept_row *row)
{
	if (!strcmp(row->kind, "rarity"))
		return rarity_restore_row(pipeline->rarity, row);
	if (!strcmp(row->kind, "threshold"))
		return threshold_restore_row(pipeline->threshold, row);
	if (!strcmp(row->kind, "suppress"))
		return suppress_restore_row(pipeline->suppress, pipeline->ruleset, row);
	if (!strcmp(row->kind, RECOVERY_KIND))
		return recovery_restore_row(pipeline->recovery, row, pipeline->wall);
	return true;
}

void pipeline_restored(struct pipeline *pipeline)
{
	rarity_restored(pipeline->rarity);
	threshold_restored(pipeline->threshold);
}

const struct ruleset *pipeline_rules(const struct pipeline *pipeline)
{
	return pipeline->ruleset;
}

struct new_terms *pipeline_terms(const struct pipeline *pipeline)
{
	return pipeline->terms;
}

struct pipeline_stats pipeline_stats(const struct pipeline *pipeline)
{
	const struct assemble_stats *events = assembler_stats(pipeline->assembler);
	struct pipeline_stats stats = { *gather_stats(pipeline->gather), .execs = events->execs };

	stats.forks = events->forks;
	stats.malformed = stats.records.malformed + events->malformed + pipeline->lines.too_long +
			  pipeline->lines.cut;
	stats.uncounted = rarity_uncounted(pipeline->rarity) + threshold_uncounted(pipeline->threshold);
	stats.forgotten = threshold_forgotten(pipeline->threshold) + new_terms_forgotten(pipeline->terms);
	stats.unfolded = suppress_unfolded(pipeline->suppress);
	stats.limited = pipeline->limited;
	stats.recovery = recovery_stats(pipeline->recovery);
	stats.processes = lineage_count(pipeline->lineage);
	stats.process_bytes = lineage_bytes(pipeline->lineage);
	return stats;
}

const struct judge_figures *pipeline_rule_figures(const struct pipeline *pipeline, size_t rule)
{
	return judge_figures(pipeline->judge, rule);
}

const struct rarity *pipeline_rarity(const struct pipeline *pipeline)
{
	return pipeline->rarity;
}
