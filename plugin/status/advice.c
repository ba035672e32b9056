/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/advice.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "process/document.h"
#include "status/figures.h"

#include <utstring.h>

/* A figure that is above a number, or that is 0 and should not be. */
struct advice {
	const char *name;
	int64_t above; /* NONE_LEFT: 0 is what is wrong */
	const char *text; /* behind the number, or alone */
};

#define NONE_LEFT (-1)

static const struct advice advices[] = {
	{ "kernel.enabled", NONE_LEFT, "the kernel does not audit: auditctl -e 1" },
	{ "kernel.auditd", NONE_LEFT, "no auditd gets the kernel's records" },
	{ "kernel.exec_rules", NONE_LEFT, "no audit rule records execs: auspawn(8) names those that it needs" },
	{ "kernel.never_rules", 0, "audit rules (task,never) keep processes from being audited at all" },
	{ "kernel.lost", 0, "records were lost by the kernel since boot: raise its backlog limit (auditctl -b)" },
	{ "kernel.rate_limit", 0, "records in a second are all that the kernel lets through: auditctl -r 0" },
	{ "rules.loaded", NONE_LEFT, "no rule is loaded" },
	{ "rules.refused", 0, "rules are not loaded, because their files have mistakes: auspawn check" },
	{ "rules.mistakes", 0, "mistakes were found when configuration and rules were last read: auspawn check" },
	{ "input.dropped", 0, "records were dropped past a limit" },
	{ "input.dropped_lines", 0, "lines were dropped, because the queue was full: raise limits.queue_size" },
	{ "loss.lost", 0, "events were lost on the way, and auditd's log had them not: see LOSS in auspawn(8)" },
	{ "loss.reach", NONE_LEFT, "auditd keeps no log (write_logs): what is lost can't be read back" },
	{ "delivery.dropped", 0, "alerts were dropped: more waited than limits.outbox_size has room for" },
	{ "delivery.unkept", 0, "bytes of alerts wait in memory alone" },
	{ "limits.uncounted", 0, "events were not counted: too many groups, or too late" },
	{ "limits.forgotten", 0, "groups or terms were forgotten early" },
	{ "limits.unfolded", 0, "alerts had no room to be folded" },
	{ "limits.regex", 0, "judgements in which a regular expression gave up" },
	{ "delay.p99", 10000, "ms passed until 1 event in 100 was judged: the plugin lags" },
};

static bool number_of(struct json_object *document, const char *name, int64_t *number)
{
	struct json_object *member = document_get(document, name);

	*number = json_object_get_int64(member);
	return member;
}

static void add(struct json_object *array, UT_string *text)
{
	json_object_array_add(array, json_object_new_string(utstring_body(text)));
	utstring_clear(text);
}

static void advise_by_table(struct json_object *array, struct json_object *document, UT_string *text)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		const struct advice *advice = &advices[i];
		int64_t number;

		if (!number_of(document, advice->name, &number))
			continue;
		if (advice->above == NONE_LEFT && !number)
			utstring_printf(text, "%s", advice->text);
		else if (advice->above != NONE_LEFT && number > advice->above)
			utstring_printf(text, "%lld %s", (long long)number, advice->text);
		else
			continue;
		add(array, text);
	}
}

static void advise_on_room(struct json_object *array, struct json_object *document, UT_string *text)
{
	int64_t backlog, limit, known, bound;

	if (number_of(document, "kernel.backlog", &backlog) &&
	    number_of(document, "kernel.backlog_limit", &limit) && limit && backlog > limit / 2) {
		utstring_printf(text, "%lld of %lld records wait in the kernel: auditd does not keep up",
				(long long)backlog, (long long)limit);
		add(array, text);
	}
	if (number_of(document, "processes.known", &known) &&
	    number_of(document, "processes.bound", &bound) && known >= bound) {
		utstring_printf(text, "%lld processes are remembered, and no more may be: raise "
				      "max_processes if parents are missing",
				(long long)known);
		add(array, text);
	}
}

static void advise_on_sink(struct json_object *array, struct json_object *sink, UT_string *text)
{
	const char *target = json_object_get_string(document_get(sink, "target"));
	int64_t lost, waiting, failing;

	if (number_of(sink, "lost", &lost) && lost) {
		utstring_printf(text, "%lld messages or lines for %s were lost", (long long)lost, target);
		add(array, text);
	}
	if (number_of(sink, "failing", &failing) && failing) {
		number_of(sink, "waiting", &waiting);
		utstring_printf(text, "%s takes nothing now; %lld messages wait for it", target,
				(long long)waiting);
		add(array, text);
	}
}

#define SHORT_REACH_MS 300000

static void advise_on_privilege(struct json_object *array, struct json_object *document, UT_string *text)
{
	const char *user = json_object_get_string(document_get(document, "privilege.user"));

	if (!user || strcmp(user, "root") != 0)
		return;
	utstring_printf(text, "the plugin runs as root: make the account that the configuration names as 'user'");
	add(array, text);
}

static void advise_on_reach(struct json_object *array, struct json_object *document, UT_string *text)
{
	int64_t reach;

	if (!number_of(document, "loss.reach", &reach) || !reach || reach >= SHORT_REACH_MS)
		return;
	utstring_printf(text, "auditd's log reaches back %lld seconds at this rate: raise num_logs or max_log_file "
			      "of auditd.conf",
			(long long)(reach / 1000));
	add(array, text);
}

static void advise_on_state(struct json_object *array, struct json_object *document, UT_string *text)
{
	const char *health = json_object_get_string(document_get(document, "state.health"));

	if (!health || !strcmp(health, "kept"))
		return;
	utstring_printf(text, "the state is %s", health);
	add(array, text);
}

struct json_object *advise(struct json_object *document)
{
	struct json_object *array = json_object_new_array();
	struct json_object *sinks = document_get(document, figure_set(FIGURES_SINKS)->member);
	UT_string text;

	utstring_init(&text);
	advise_by_table(array, document, &text);
	advise_on_room(array, document, &text);
	advise_on_reach(array, document, &text);
	advise_on_privilege(array, document, &text);
	if (json_object_is_type(sinks, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(sinks); i++)
			advise_on_sink(array, json_object_array_get_idx(sinks, i), &text);
	}
	advise_on_state(array, document, &text);
	utstring_done(&text);
	return array;
}
