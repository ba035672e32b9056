/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include <stdlib.h>

#include "audit/assemble.h"
#include "audit/lines.h"
#include "base/memory.h"
#include "rules/judge.h"

struct pipeline {
	struct pipeline_options options;
	struct pipeline_handlers handlers;
	struct lines lines;
	struct syscalls *syscalls;
	struct gather *gather;
	struct assembler *assembler;
	struct lineage *lineage;
	const struct ruleset *ruleset;
	struct judge *judge;
	struct rarity *rarity;
	uint64_t uncounted; /* by the rules before the present ones */
	bool *told; /* for each rule: that a limit was reached */
	uint64_t limited;
	int64_t now; /* of the bytes being fed */
};

static void on_finding(void *user, const struct rarity_finding *finding)
{
	struct pipeline *pipeline = user;

	if (pipeline->handlers.finding)
		pipeline->handlers.finding(pipeline->handlers.user, finding);
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
	if (!matches)
		return;
	if (rule->type == RULE_RARITY)
		rarity_count(pipeline->rarity, rule, judgement->event);
	else if (pipeline->handlers.match)
		pipeline->handlers.match(pipeline->handlers.user, rule, judgement->event);
}

static void judge(struct pipeline *pipeline, const struct process_event *event)
{
	judge_event(pipeline->judge, event, on_judged, &(struct judgement){ pipeline, event });
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
	/* Windows close in event time, so that a replay judges what the live run judged. */
	rarity_advance(pipeline->rarity, stamp_ms(&exec->stamp));
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
	case AUDIT_EVENT_EXIT:
		lineage_exit(pipeline->lineage, event);
		break;
	}
}

static void on_gathered(void *user, const struct gathered *gathered)
{
	struct pipeline *pipeline = user;

	assembler_take(pipeline->assembler, gathered);
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
	pipeline->rarity = rarity_new(ruleset, on_finding, pipeline);
}

struct pipeline *pipeline_new(const struct ruleset *ruleset, const struct pipeline_options *options,
			      const struct pipeline_handlers *handlers)
{
	struct pipeline *pipeline = mem_zalloc(sizeof(*pipeline));

	pipeline->assembler = assembler_new(on_audit_event, pipeline);
	if (!pipeline->assembler) {
		free(pipeline);
		return NULL;
	}
	pipeline->options = *options;
	pipeline->handlers = *handlers;
	pipeline->syscalls = syscalls_new();
	pipeline->gather = gather_new(pipeline->syscalls, options->clock, on_gathered, pipeline);
	pipeline->lineage = lineage_new(options->max_processes, &options->sources);
	use_rules(pipeline, ruleset);
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	rarity_free(pipeline->rarity);
	judge_free(pipeline->judge);
	lineage_free(pipeline->lineage);
	assembler_free(pipeline->assembler);
	gather_free(pipeline->gather);
	syscalls_free(pipeline->syscalls);
	lines_clear(&pipeline->lines);
	free(pipeline->told);
	free(pipeline);
}

void pipeline_set_rules(struct pipeline *pipeline, const struct ruleset *ruleset)
{
	struct json_object *counts = rarity_save(pipeline->rarity);

	pipeline->uncounted += rarity_uncounted(pipeline->rarity);
	rarity_free(pipeline->rarity);
	use_rules(pipeline, ruleset);
	rarity_restore(pipeline->rarity, counts);
	json_object_put(counts);
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
	lines_feed(&pipeline->lines, data, on_line, pipeline);
}

void pipeline_cut(struct pipeline *pipeline)
{
	lines_cut(&pipeline->lines);
}

void pipeline_drained(struct pipeline *pipeline, int64_t now)
{
	gather_age(pipeline->gather, now);
}

void pipeline_advance(struct pipeline *pipeline, int64_t wall)
{
	rarity_set_latest(pipeline->rarity, wall + RARITY_GRACE_MS);
	rarity_advance(pipeline->rarity, wall);
}

int64_t pipeline_wait(const struct pipeline *pipeline, int64_t now, int64_t wall)
{
	int64_t gathered = gather_deadline(pipeline->gather);
	int64_t window = rarity_deadline(pipeline->rarity);
	int64_t wait = -1;

	if (gathered >= 0)
		wait = gathered > now ? gathered - now : 0;
	if (window >= 0 && (wait < 0 || window - wall < wait))
		wait = window > wall ? window - wall : 0;
	return wait;
}

void pipeline_end(struct pipeline *pipeline)
{
	pipeline_cut(pipeline);
	gather_flush(pipeline->gather);
}

void pipeline_finish_windows(struct pipeline *pipeline)
{
	rarity_finish(pipeline->rarity);
}

struct json_object *pipeline_save(const struct pipeline *pipeline)
{
	return rarity_save(pipeline->rarity);
}

bool pipeline_restore(struct pipeline *pipeline, struct json_object *saved)
{
	return rarity_restore(pipeline->rarity, saved);
}

struct pipeline_stats pipeline_stats(const struct pipeline *pipeline)
{
	const struct assemble_stats *events = assembler_stats(pipeline->assembler);
	struct pipeline_stats stats = { .records = *gather_stats(pipeline->gather) };

	stats.execs = events->execs;
	stats.forks = events->forks;
	stats.malformed = stats.records.malformed + events->malformed + pipeline->lines.too_long +
			  pipeline->lines.cut;
	stats.uncounted = pipeline->uncounted + rarity_uncounted(pipeline->rarity);
	stats.limited = pipeline->limited;
	stats.processes = lineage_count(pipeline->lineage);
	return stats;
}
