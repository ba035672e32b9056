/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/figures.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "process/document.h"

/* --- the tables --- */

#define COUNTER(name, member, meaning) { name, meaning, FIGURE_COUNTER, UNIT_NONE, offsetof(ROW, member) }
#define GAUGE(name, member, unit, meaning) { name, meaning, FIGURE_GAUGE, unit, offsetof(ROW, member) }
#define LATELY(name, member, meaning) { name, meaning, FIGURE_LATELY, UNIT_NONE, offsetof(ROW, member) }
#define TEXT(name, member, meaning) { name, meaning, FIGURE_TEXT, UNIT_NONE, offsetof(ROW, member) }

#define ROW struct plugin_figures
static const struct figure of_plugin[] = {
	TEXT("plugin.version", version, "version of the running plugin"),
	GAUGE("plugin.pid", pid, UNIT_NONE, "its process"),
	GAUGE("plugin.start_ticks", start_ticks, UNIT_NONE, "when that began, in the kernel's ticks since boot"),
	GAUGE("plugin.started", started, UNIT_TIME, "when it began"),
	GAUGE("plugin.written", written, UNIT_TIME, "when these figures were written"),
	GAUGE("plugin.ended", ended, UNIT_TIME, "when it ended; absent while it runs"),
	GAUGE("plugin.resident", resident, UNIT_BYTES, "its resident memory"),
	{ "plugin.cpu", "processor time that it has used", FIGURE_COUNTER, UNIT_MS, offsetof(ROW, cpu) },

	TEXT("privilege.user", user, "the user that it runs as"),
	TEXT("privilege.capabilities", capabilities, "what it may do beyond that, of capabilities(7)"),
	GAUGE("privilege.filtered", filtered, UNIT_NONE, "1: it can make only the system calls that it needs"),
	GAUGE("privilege.no_new", no_new_privileges, UNIT_NONE, "1: no program that it could start would have more"),

	COUNTER("input.records", records, "audit records read"),
	LATELY("input.records_lately", records_lately, "the same, in the last minute"),
	COUNTER("input.execs", execs, "execs that became process events"),
	LATELY("input.execs_lately", execs_lately, "the same, in the last minute"),
	COUNTER("input.failed_execs", failed_execs, "execs that the kernel refused"),
	COUNTER("input.forks", forks, "forks"),
	COUNTER("input.malformed", malformed, "lines and events that made no sense"),
	COUNTER("input.unended", unended, "events that were ended without their end record"),
	COUNTER("input.dropped", dropped, "records past a limit"),
	GAUGE("input.waiting", waiting, UNIT_BYTES, "what auditd has sent and was not judged yet"),
	GAUGE("input.waiting_most", waiting_most, UNIT_BYTES, "the most of that ever (limits.queue_size is its bound)"),
	COUNTER("input.dropped_lines", dropped_lines, "lines beyond that bound, to be read back from auditd's log"),

	COUNTER("loss.missing", missing, "events that the kernel has numbered and that did not come"),
	COUNTER("loss.gaps", gaps, "gaps in the numbers that these were in"),
	COUNTER("loss.read_back", read_back, "events that auditd's log had, those completed from there included"),
	COUNTER("loss.lost", lost, "events that it had not either"),
	GAUGE("loss.last.first", last_lost_from, UNIT_NONE, "the first serial of the last loss"),
	GAUGE("loss.last.last", last_lost_to, UNIT_NONE, "the last serial of it"),
	GAUGE("loss.last.from", last_lost_after, UNIT_TIME, "the time of the event before it"),
	GAUGE("loss.last.until", last_lost_before, UNIT_TIME, "and of that behind it"),
	GAUGE("loss.reach", reach, UNIT_MS,
	      "how far back auditd's log reaches when it is full, at the last minute's rate; 0: there is none"),

	GAUGE("delay.events", delays, UNIT_NONE, "events judged in the last five to ten minutes"),
	GAUGE("delay.median", delay_median, UNIT_MS, "from the time of half of those until they were judged, at most"),
	GAUGE("delay.p99", delay_most, UNIT_MS, "the same of 99 in 100"),
	GAUGE("delay.ever", delay_ever, UNIT_MS, "the longest since the start"),

	GAUGE("processes.known", processes, UNIT_NONE, "processes remembered, the dead included"),
	GAUGE("processes.bytes", process_bytes, UNIT_BYTES, "the memory that they take"),
	GAUGE("processes.bound", max_processes, UNIT_NONE, "how many are remembered at most (max_processes)"),

	GAUGE("rules.loaded", rules, UNIT_NONE, "rules in force, those that are not enabled included"),
	GAUGE("rules.refused", refused, UNIT_NONE, "rules left out, because their file has a mistake"),
	GAUGE("rules.mistakes", mistakes, UNIT_NONE, "mistakes found at the last load or reload"),
	GAUGE("rules.loaded_at", loaded, UNIT_TIME, "when the rules in force were loaded"),
	COUNTER("rules.reloads", reloads, "reloads that took effect"),
	COUNTER("rules.reloads_refused", reloads_refused, "reloads that changed nothing, because of a mistake"),

	COUNTER("alerts.made", alerts, "alerts"),
	LATELY("alerts.made_lately", alerts_lately, "the same, in the last minute"),
	GAUGE("alerts.last", last_alert, UNIT_TIME, "when the last one was made"),
	TEXT("alerts.self_test", self_test, "the last self-test of which an alert was made"),

	COUNTER("limits.uncounted", uncounted, "events that a rule had no room for, or that came too late"),
	COUNTER("limits.forgotten", forgotten, "groups and terms that a rule had no room for any more"),
	COUNTER("limits.unfolded", unfolded, "alerts that there was no room to fold"),
	COUNTER("limits.regex", regex_limits, "judgements in which a regular expression gave up"),

	GAUGE("delivery.kept", outbox, UNIT_BYTES, "alerts that wait in the state (limits.outbox_size is its bound)"),
	GAUGE("delivery.unkept", unkept, UNIT_BYTES, "alerts that wait in memory alone"),
	COUNTER("delivery.dropped", alerts_dropped, "alerts beyond either bound"),

	TEXT("state.health", state, "whether what rules have counted is kept across a restart"),
};
#undef ROW

#define ROW struct rule_figures
static const struct figure of_rules[] = {
	TEXT("id", id, "the rule"),
	COUNTER("matched", matched, "events that satisfied its condition"),
	COUNTER("alerts", alerts, "alerts"),
	COUNTER("tried", tried, "events for which its condition was evaluated; for the others it can't hold"),
	GAUGE("cost", cost, UNIT_NS, "an evaluation's mean time, measured at every 64th event"),
	COUNTER("limited", limited, "evaluations in which a regular expression gave up"),
};
#undef ROW

#define ROW struct output_figures
static const struct figure of_sinks[] = {
	TEXT("name", name, "syslog, file or events; syslog has the plugin's own messages too"),
	TEXT("target", target, "its socket or file"),
	COUNTER("taken", taken, "messages or lines that it took"),
	GAUGE("waiting", waiting, UNIT_NONE, "messages that wait for it"),
	COUNTER("lost", lost, "messages or lines that it did not take, given up"),
	COUNTER("too_big", too_big, "those of them that were too big for it"),
	GAUGE("failing", failing, UNIT_NONE, "1: it does not take anything now"),
	GAUGE("oldest", oldest, UNIT_TIME, "when the alert was made that waits for it longest; absent if none does"),
};
#undef ROW

#define ROW struct kernel_figures
static const struct figure of_kernel[] = {
	GAUGE("enabled", enabled, UNIT_NONE, "1: the kernel audits; 2: it does, and its rules are locked"),
	GAUGE("auditd", auditd, UNIT_NONE, "the process that gets the records; 0: none"),
	GAUGE("failure", failure, UNIT_NONE, "what it does when it loses a record: 0 nothing, 1 a message, 2 panic"),
	GAUGE("backlog", backlog, UNIT_NONE, "records that wait for auditd"),
	GAUGE("backlog_limit", backlog_limit, UNIT_NONE, "how many may wait; 0: any number"),
	COUNTER("lost", lost, "records lost since boot"),
	GAUGE("rate_limit", rate_limit, UNIT_NONE, "records in a second past which they are lost; 0: none"),
	GAUGE("rules", rules, UNIT_NONE, "audit rules"),
	GAUGE("exec_rules", exec_rules, UNIT_NONE, "those of them that record execs"),
	GAUGE("never_rules", never_rules, UNIT_NONE, "rules that keep processes from being audited at all (task,never)"),
};
#undef ROW

#define SIZE(table) (sizeof(table) / sizeof((table)[0]))

static const struct figure_set sets[FIGURE_SETS] = {
	[FIGURES_PLUGIN] = { NULL, NULL, "auspawn", of_plugin, SIZE(of_plugin) },
	[FIGURES_RULES] = { "rules_in_force", "id", "auspawn_rule", of_rules, SIZE(of_rules) },
	[FIGURES_SINKS] = { "sinks", "name", "auspawn_sink", of_sinks, SIZE(of_sinks) },
	[FIGURES_KERNEL] = { "kernel", NULL, NULL, of_kernel, SIZE(of_kernel) },
};

const struct figure_set *figure_set(enum figure_sets set)
{
	return &sets[set];
}

/* --- what is made of them --- */

static struct json_object *member_of(const struct figure *figure, const void *values)
{
	const char *member = (const char *)values + figure->offset;
	const char *text;
	uint64_t number;

	if (figure->kind == FIGURE_TEXT) {
		memcpy(&text, member, sizeof(text));
		return text ? json_object_new_string(text) : NULL;
	}
	memcpy(&number, member, sizeof(number));
	return number == FIGURE_UNKNOWN ? NULL : json_object_new_int64((int64_t)number);
}

struct json_object *figures_document(enum figure_sets set, const void *values)
{
	struct json_object *document = json_object_new_object();

	for (size_t i = 0; i < sets[set].figures; i++) {
		const struct figure *figure = &sets[set].figure[i];
		struct json_object *member = member_of(figure, values);

		if (member)
			document_set(document, figure->name, member);
	}
	return document;
}

static void print_bytes(UT_string *out, double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	size_t unit = 0;

	while (bytes >= 1024 && unit < 3) {
		bytes /= 1024;
		unit++;
	}
	utstring_printf(out, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

static void print_time(UT_string *out, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char text[sizeof("2026-11-22T04:14:08Z") + 16];

	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		utstring_printf(out, "%s", text);
}

void figure_print(UT_string *out, const struct figure *figure, struct json_object *value)
{
	int64_t number = json_object_get_int64(value);

	if (figure->kind == FIGURE_TEXT)
		utf8_append_escaped(out, span_of(json_object_get_string(value)));
	else if (figure->unit == UNIT_BYTES)
		print_bytes(out, (double)number);
	else if (figure->unit == UNIT_TIME)
		print_time(out, number);
	else if (figure->unit == UNIT_NS)
		utstring_printf(out, "%.1f us", (double)number / 1000);
	else if (figure->unit == UNIT_MS && number >= 10000)
		utstring_printf(out, "%.1f s", (double)number / 1000);
	else if (figure->unit == UNIT_MS)
		utstring_printf(out, "%" PRId64 " ms", number);
	else
		utstring_printf(out, "%" PRId64, number);
}

bool figure_metric(UT_string *out, const struct figure_set *set, const struct figure *figure)
{
	static const char *const suffixes[] = {
		[UNIT_NONE] = "",
		[UNIT_BYTES] = "_bytes",
		[UNIT_MS] = "_seconds",
		[UNIT_NS] = "_seconds",
		[UNIT_TIME] = "_timestamp_seconds",
	};

	if (!set->prefix || figure->kind == FIGURE_TEXT || figure->kind == FIGURE_LATELY)
		return false;
	utstring_printf(out, "%s_", set->prefix);
	for (const char *c = figure->name; *c; c++)
		utstring_bincpy(out, *c == '.' ? "_" : c, 1);
	utstring_printf(out, "%s%s", suffixes[figure->unit],
			figure->kind == FIGURE_COUNTER ? "_total" : "");
	return true;
}
