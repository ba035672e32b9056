/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins the rooms: bytes of the stream -> lines -> records of one event -> exec, fork, exit -> process
 * events -> what the rules find. Knows nothing of where bytes come from and where findings go.
 */
#ifndef AUSPAWN_PIPELINE_H
#define AUSPAWN_PIPELINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/gather.h"
#include "base/span.h"
#include "process/event.h"
#include "process/lineage.h"
#include "recovery.h"
#include "rules/judge.h"
#include "rules/new_terms.h"
#include "rules/rarity.h"
#include "rules/rows.h"
#include "rules/ruleset.h"

struct pipeline_options {
	enum gather_clock clock;
	size_t max_processes;
	struct recovery_options recovery;
	struct lineage_sources sources;
	struct host host; /* for records without node=; its ids for every local record */
};

/* What happens to what comes out. Each may be NULL. */
struct pipeline_handlers {
	void (*event)(void *user, const struct process_event *event);
	/* The alert's document is handed over; the rule is valid during the call. */
	void (*alert)(void *user, const struct rule *rule, struct json_object *document);
	/* A regular expression of the rule gave up; told once for each rule. */
	void (*limited)(void *user, const struct rule *rule, const struct process_event *event);
	void *user;
};

struct pipeline_stats {
	struct gather_stats records;
	uint64_t execs;
	uint64_t forks;
	uint64_t malformed; /* lines too long, cut off or no records; events that make no sense */
	uint64_t limited;   /* judgements in which a regular expression gave up */
	uint64_t uncounted; /* events that a rule had no room for, or that came too late */
	uint64_t forgotten; /* groups and terms that a rule had no room for any more */
	uint64_t unfolded;  /* alerts that there was no room to fold */
	struct recovery_stats recovery;
	size_t processes;   /* known now */
	size_t process_bytes; /* that they take */
};

struct pipeline;

/* `ruleset`, and what `options` points to, must outlive the pipeline. NULL with errno set if libauparse
 * can't be had. pipeline_free() releases it. */
struct pipeline *pipeline_new(const struct ruleset *ruleset, const struct pipeline_options *options,
			      const struct pipeline_handlers *handlers);
void pipeline_free(struct pipeline *pipeline);

/* Takes over the new rules; what rules that still group by the same fields have counted goes on. */
void pipeline_set_rules(struct pipeline *pipeline, const struct ruleset *ruleset);

/* Replaces the env_vars of the options' sources (process/lineage.h). */
void pipeline_set_env_vars(struct pipeline *pipeline, const char *const *env_vars);

/* Learns the processes that live now from the /proc of the options. */
void pipeline_scan(struct pipeline *pipeline);

/* Takes bytes of the stream. `now` is a monotonic clock in ms; unused with GATHER_BY_EVENTS. */
void pipeline_feed(struct pipeline *pipeline, struct span data, int64_t now);

/* Another recording follows: the end of a line that was cut off will not come. */
void pipeline_cut(struct pipeline *pipeline);

/* Lines of the stream were dropped here, and the rest of the one before them too. */
void pipeline_tear(struct pipeline *pipeline);

/* The stream is drained at `now`: ends events that waited long enough for their end record, and periods of folded
 * alerts. A period ends in the time of events, which goes on with the wall clock from the last event on. */
void pipeline_drained(struct pipeline *pipeline, int64_t now);

/* Looks after events that were lost on the way: call it between pieces of the stream; `drained` says that nothing more is
 * to be read now. Reads a piece of auditd's log, if there is something to look for. */
void pipeline_recover(struct pipeline *pipeline, int64_t now, bool drained);

/* Judges the rarity windows that are over by `wall` (ms since 1970), which may have been set. Events with a
 * later time, of a node whose clock is ahead, count as of then; so call it before pipeline_feed(), or never. */
void pipeline_advance(struct pipeline *pipeline, int64_t wall);

/* How long the two above have nothing to do, in ms from `now` and `wall`; -1 for as long as nothing comes. */
int64_t pipeline_wait(const struct pipeline *pipeline, int64_t now, int64_t wall);

/* The stream has ended: judges the events that are still open. */
void pipeline_end(struct pipeline *pipeline);

/* Judges the rarity windows that are still open and sends what is still folded; only a replay may, whose end
 * is the end of time. */
void pipeline_finish(struct pipeline *pipeline);

/* Sends what is still folded: it can't be kept. */
void pipeline_unfold(struct pipeline *pipeline);

/* What is to be kept across a restart, but for terms: how many rows have changed since pipeline_saved(), or a little
 * more. */
size_t pipeline_changed(const struct pipeline *pipeline);

/* Tells them. */
void pipeline_changes(struct pipeline *pipeline, enum rows_extent extent, const struct rows_keeper *keeper);
void pipeline_saved(struct pipeline *pipeline);

/* Are there rows that are over and can be forgotten some time? */
bool pipeline_has_over(const struct pipeline *pipeline);

/* No row is kept any more: all has changed. */
void pipeline_forget_rows(struct pipeline *pipeline);

/* Adds what pipeline_changes() told, in the order of the rows' ids; pipeline_restored() ends that, also where not all
 * could be read. Returns false if the row makes no sense; it is left out. What is later than pipeline_advance() allows
 * is of a wrong clock, so call that before. */
bool pipeline_restore_row(struct pipeline *pipeline, const struct kept_row *row);
void pipeline_restored(struct pipeline *pipeline);

/* Adds what older versions kept: an object for each kind of row, with a member for each rule. Returns false if
 * some of it made no sense; those rules begin anew. */
bool pipeline_restore(struct pipeline *pipeline, struct json_object *saved);

/* The rules of now. */
const struct ruleset *pipeline_rules(const struct pipeline *pipeline);

/* The terms of new-terms rules, which are saved and restored one by one (rules/new_terms.h). */
struct new_terms *pipeline_terms(const struct pipeline *pipeline);

struct pipeline_stats pipeline_stats(const struct pipeline *pipeline);

/* Of a rule by its number in pipeline_rules(), since those were taken over; valid until others are. */
const struct judge_figures *pipeline_rule_figures(const struct pipeline *pipeline, size_t rule);

/* The groups of rarity rules (rules/rarity.h). */
const struct rarity *pipeline_rarity(const struct pipeline *pipeline);

#endif
