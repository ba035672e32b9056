/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures that auspawn tells of itself, each a row of one of four tables: of the plugin, of each rule, of each sink,
 * and of the kernel. The status document, what a terminal shows of it, the metrics and the manual's list all come from
 * the tables: a new figure is a member of a struct here, a row in figures.c, and whoever fills it in.
 */
#ifndef AUSPAWN_STATUS_FIGURES_H
#define AUSPAWN_STATUS_FIGURES_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

#include <utstring.h>

#define FIGURE_UNKNOWN UINT64_MAX /* left out, wherever it would stand */

struct plugin_figures {
	const char *version;
	uint64_t pid;
	uint64_t start_ticks; /* when the process began, as /proc/PID/stat has it */
	uint64_t started;
	uint64_t written;
	uint64_t ended;
	uint64_t resident;
	uint64_t cpu;
	const char *user;
	const char *capabilities;
	uint64_t filtered;
	uint64_t no_new_privileges;
	uint64_t records;
	uint64_t records_lately;
	uint64_t execs;
	uint64_t execs_lately;
	uint64_t failed_execs;
	uint64_t forks;
	uint64_t malformed;
	uint64_t unended;
	uint64_t dropped;
	uint64_t waiting;
	uint64_t waiting_most;
	uint64_t dropped_lines;
	uint64_t missing;
	uint64_t gaps;
	uint64_t read_back;
	uint64_t lost;
	uint64_t last_lost_from; /* serials, as the next, and then times */
	uint64_t last_lost_to;
	uint64_t last_lost_after;
	uint64_t last_lost_before;
	uint64_t reach;
	uint64_t delays;
	uint64_t delay_median;
	uint64_t delay_most;
	uint64_t delay_ever;
	uint64_t processes;
	uint64_t max_processes;
	uint64_t process_bytes;
	uint64_t rules;
	uint64_t refused;
	uint64_t mistakes;
	uint64_t loaded;
	uint64_t reloads;
	uint64_t reloads_refused;
	uint64_t alerts;
	uint64_t alerts_lately;
	uint64_t last_alert;
	const char *self_test; /* NULL: none yet */
	uint64_t uncounted;
	uint64_t forgotten;
	uint64_t unfolded;
	uint64_t regex_limits;
	uint64_t outbox;
	uint64_t unkept;
	uint64_t alerts_dropped;
	const char *state;
};

struct rule_figures {
	const char *id;
	uint64_t matched;
	uint64_t alerts;
	uint64_t tried;
	uint64_t cost;
	uint64_t limited;
};

struct output_figures {
	const char *name;
	const char *target;
	uint64_t taken;
	uint64_t waiting;
	uint64_t lost;
	uint64_t too_big;
	uint64_t failing;
	uint64_t oldest;
};

struct kernel_figures {
	uint64_t enabled;
	uint64_t auditd;
	uint64_t failure;
	uint64_t backlog;
	uint64_t backlog_limit;
	uint64_t lost;
	uint64_t rate_limit;
	uint64_t rules;
	uint64_t exec_rules;
	uint64_t never_rules;
};

enum figure_kind {
	FIGURE_COUNTER, /* only grows, until the plugin is started anew or, of rules, reloaded */
	FIGURE_GAUGE,
	FIGURE_LATELY,	/* of the last minute: no metric, for whoever collects those has rates of his own */
	FIGURE_TEXT,	/* no metric */
};

enum figure_unit {
	UNIT_NONE,
	UNIT_BYTES,
	UNIT_MS,
	UNIT_NS,
	UNIT_TIME, /* ms since 1970 */
};

struct figure {
	const char *name; /* in the document; a dot stands for an object in it */
	const char *meaning;
	enum figure_kind kind;
	enum figure_unit unit;
	size_t offset; /* in the set's struct: uint64_t, or const char * of a text */
};

struct figure_set {
	const char *member;    /* of the document; NULL: the document itself */
	const char *label;     /* the figure that tells one from another; NULL: there is one alone */
	const char *prefix;    /* of the names of its metrics; NULL: no metrics */
	const struct figure *figure;
	size_t figures;
};

enum figure_sets { FIGURES_PLUGIN, FIGURES_RULES, FIGURES_SINKS, FIGURES_KERNEL, FIGURE_SETS };

const struct figure_set *figure_set(enum figure_sets set);

/* Returns an object with all that is known of a set; `values` is a struct of that set. json_object_put() releases it. */
struct json_object *figures_document(enum figure_sets set, const void *values);

/* Appends a figure's value for a reader: 12.3 MiB, 1.5 s, 2026-11-22T04:14:08Z. */
void figure_print(UT_string *out, const struct figure *figure, struct json_object *value);

/* Appends the name of a figure's metric: auspawn_input_execs_total. Returns false, with nothing appended, if it has
 * none. */
bool figure_metric(UT_string *out, const struct figure_set *set, const struct figure *figure);

#endif
