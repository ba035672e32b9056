/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>

#include "alert/cef.h"
#include "alert/text.h"
#include "process/document.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static const struct {
	const char *name;
	enum alert_format format;
} formats[] = {
	{ "json", FORMAT_JSON },
	{ "cee", FORMAT_CEE },
	{ "cef", FORMAT_CEF },
	{ "text", FORMAT_TEXT },
};

bool alert_format_named(const char *name, enum alert_format *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!strcmp(name, formats[i].name)) {
			*format = formats[i].format;
			return true;
		}
	}
	return false;
}

int alert_syslog_severity(enum severity severity)
{
	static const int severities[] = { LOG_NOTICE, LOG_WARNING, LOG_ERR, LOG_CRIT };

	return severities[severity];
}

/* Adds `text` to the array at `name`, unless it is there. */
static void add_once(struct json_object *document, const char *name, const char *text)
{
	struct json_object *array = document_get(document, name);

	if (!json_object_is_type(array, json_type_array)) {
		array = json_object_new_array();
		document_set(document, name, array);
	}
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (!strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text))
			return;
	}
	json_object_array_add(array, json_object_new_string(text));
}

static void add_threat(struct json_object *document, const struct threat *threat)
{
	char technique[16];

	document_set_text(document, "threat.framework", "MITRE ATT&CK");
	add_once(document, "threat.tactic.id", threat->tactic);
	if (!threat->technique)
		return;
	snprintf(technique, sizeof(technique), "%.*s", (int)strcspn(threat->technique, "."),
		 threat->technique);
	add_once(document, "threat.technique.id", technique);
	if (strchr(threat->technique, '.'))
		add_once(document, "threat.technique.subtechnique.id", threat->technique);
}

enum severity alert_severity(struct json_object *document)
{
	int number = json_object_get_int(document_get(document, "event.severity"));
	enum severity severity = SEVERITY_CRITICAL;

	while (severity > SEVERITY_LOW && number < severity_number(severity))
		severity--;
	return severity;
}

void alert_add_rule(struct json_object *document, const struct rule *rule)
{
	document_set_text(document, "event.kind", "alert");
	document_set(document, "event.severity", json_object_new_int(severity_number(rule->tuning.severity)));
	document_set(document, "event.risk_score", json_object_new_int(rule_risk_score(rule)));
	document_set_text(document, "rule.id", rule->id);
	document_set_text(document, "rule.name", rule->name);
	for (size_t i = 0; i < rule->references; i++)
		add_once(document, "rule.reference", rule->reference[i]);
	for (size_t i = 0; i < rule->threats; i++)
		add_threat(document, &rule->threat[i]);
}

/* Made of what was seen and of nothing else. */
void alert_set_id(struct json_object *document, const struct rule *rule, const char *what)
{
	struct json_object *node = document_get(document, "host.name");
	UT_string id;

	utstring_init(&id);
	utstring_printf(&id, "%s/%s/%s", rule->id, node ? json_object_get_string(node) : "-", what);
	document_set_text(document, "auspawn.alert_id", utstring_body(&id));
	utstring_done(&id);
}

struct json_object *alert_of_event(const struct rule *rule, const struct process_event *event)
{
	struct json_object *document = document_of_event(event);

	alert_add_rule(document, rule);
	alert_set_id(document, rule, event->id);
	return document;
}

void alert_set_time(struct json_object *document, const char *name, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;
	size_t length;

	if (!gmtime_r(&seconds, &tm))
		return;
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, sizeof(text) - length, ".%03dZ", (int)(ms % 1000));
	document_set_text(document, name, text);
}

struct json_object *alert_of_finding(const struct rarity_finding *finding)
{
	struct json_object *document = json_tokener_parse(finding->document);
	char group[64];

	if (!json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		document = json_object_new_object();
	}
	alert_add_rule(document, finding->rule);
	/* Another event of the group may stand for it another time. */
	snprintf(group, sizeof(group), "%016" PRIx64 "/%" PRId64,
		 (uint64_t)XXH3_64bits(finding->key, strlen(finding->key)), finding->window_end / 1000);
	alert_set_id(document, finding->rule, group);
	document_set(document, "auspawn.rarity.count", json_object_new_int64(finding->count));
	document_set(document, "auspawn.rarity.hosts", json_object_new_int64(finding->hosts));
	alert_set_time(document, "auspawn.rarity.first", finding->first);
	alert_set_time(document, "auspawn.rarity.last", finding->last);
	alert_set_time(document, "auspawn.rarity.window.start", finding->window_start);
	alert_set_time(document, "auspawn.rarity.window.end", finding->window_end);
	document_set(document, "auspawn.rarity.provisional",
		     json_object_new_boolean(finding->provisional));
	return document;
}

struct json_object *alert_of_threshold(const struct rule *rule, const struct process_event *event,
				       const struct threshold_finding *finding)
{
	struct json_object *document = alert_of_event(rule, event);

	document_set(document, "auspawn.threshold.count", json_object_new_int64(finding->count));
	if (rule->distinct.fields)
		document_set(document, "auspawn.threshold.distinct",
			     json_object_new_int64(finding->distinct));
	alert_set_time(document, "auspawn.threshold.first", finding->first);
	alert_set_time(document, "auspawn.threshold.last", finding->last);
	document_set(document, "auspawn.threshold.window",
		     json_object_new_int64(rule->tuning.threshold.window_ms / 1000));
	return document;
}

struct json_object *alert_of_new_terms(const struct rule *rule, const struct process_event *event,
				       int64_t last_seen)
{
	struct json_object *document = alert_of_event(rule, event);
	struct json_object *fields = json_object_new_array();

	/* Their values are the event's, and stand in its document already. */
	for (size_t i = 0; i < rule->by.fields; i++)
		json_object_array_add(fields, json_object_new_string(rule->by.field[i].name));
	document_set(document, "auspawn.new_terms.fields", fields);
	if (last_seen)
		alert_set_time(document, "auspawn.new_terms.last_seen", last_seen);
	document_set(document, "auspawn.new_terms.history",
		     json_object_new_int64(rule->tuning.new_terms.history_ms / 1000));
	return document;
}

void alert_set_suppressed(struct json_object *document, int64_t count, int64_t first, int64_t last)
{
	const char *id = json_object_get_string(document_get(document, "auspawn.alert_id"));
	UT_string folded;

	/* An alert is folded once at most, so the last one's id is nobody else's. */
	utstring_init(&folded);
	utstring_printf(&folded, "%s/folded", id ? id : "");
	document_set_text(document, "auspawn.alert_id", utstring_body(&folded));
	utstring_done(&folded);
	document_set(document, "auspawn.suppressed.count", json_object_new_int64(count));
	alert_set_time(document, "auspawn.suppressed.first", first);
	alert_set_time(document, "auspawn.suppressed.last", last);
}

/* Cuts what was appended behind `start` to `limit` bytes, between characters. */
static void cut(UT_string *out, size_t start, size_t limit)
{
	static const char mark[] = "...";
	size_t length;

	if (utstring_len(out) - start <= limit || limit < strlen(mark))
		return;
	length = start + limit - strlen(mark);
	while (length > start && (out->d[length] & 0xc0) == 0x80)
		length--;
	out->i = length;
	utstring_bincpy(out, mark, strlen(mark));
}

/* Cuts the document's long values if it is too long as a whole: what stands behind them tells more. */
static void append_fitting(struct json_object *document,
			   void (*append)(struct json_object *document, UT_string *out),
			   size_t limit, UT_string *out)
{
	size_t start = utstring_len(out);

	append(document, out);
	if (utstring_len(out) - start <= limit)
		return;
	out->i = start;
	document_print(document, limit, out);
	out->i = start;
	append(document, out);
	cut(out, start, limit);
}

void alert_encode(struct json_object *document, enum alert_format format, size_t limit,
		  UT_string *out)
{
	static const char cookie[] = "@cee: ";

	switch (format) {
	case FORMAT_CEE:
		utstring_bincpy(out, cookie, strlen(cookie));
		limit -= strlen(cookie);
		/* fall through */
	case FORMAT_JSON:
		document_print(document, limit, out);
		return;
	case FORMAT_CEF:
		append_fitting(document, cef_append, limit, out);
		break;
	case FORMAT_TEXT:
		append_fitting(document, text_append, limit, out);
		break;
	}
}
