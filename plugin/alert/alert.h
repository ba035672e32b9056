/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts: documents of what a rule found, and the formats in which they leave the house. */
#ifndef AUSPAWN_ALERT_ALERT_H
#define AUSPAWN_ALERT_ALERT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "process/event.h"
#include "rules/rarity.h"
#include "rules/ruleset.h"
#include "rules/threshold.h"

#include <utstring.h>

enum alert_format {
	FORMAT_JSON, /* one line of JSON */
	FORMAT_CEE,  /* the same behind @cee: (CEE Log Syntax; what rsyslog's mmjsonparse expects) */
	FORMAT_CEF,  /* ArcSight Common Event Format 0 */
	FORMAT_TEXT, /* for people: one line with the lineage */
};

/* json, cee, cef, text. Returns false for any other name. */
bool alert_format_named(const char *name, enum alert_format *format);

/* Each returns the alert's document; json_object_put() releases it. auspawn.alert_id is the same whenever the same is
 * found again: RULE/NODE/EVENT, or RULE/NODE/GROUP/END of a rarity window, where GROUP is a hash of the group's
 * values and END in s since 1970; /folded is behind it for alerts that were folded. */
struct json_object *alert_of_event(const struct rule *rule, const struct process_event *event);
struct json_object *alert_of_finding(const struct rarity_finding *finding);
struct json_object *alert_of_threshold(const struct rule *rule, const struct process_event *event,
				       const struct threshold_finding *finding);

/* `last_seen` is when the event's group was seen before, 0 if nobody knows of a time. */
struct json_object *alert_of_new_terms(const struct rule *rule, const struct process_event *event,
				       int64_t last_seen);

/* Adds what every alert tells of its rule. */
void alert_add_rule(struct json_object *document, const struct rule *rule);

/* Sets the alert's id, behind the rule and the node that it is of: `what` is the same whenever the alert is repeated. */
void alert_set_id(struct json_object *document, const struct rule *rule, const char *what);

/* Sets a member to a time, given in ms since 1970. */
void alert_set_time(struct json_object *document, const char *name, int64_t ms);

/* Makes the document stand for `count` alerts that were folded, of events from `first` to `last` (ms since
 * 1970). */
void alert_set_suppressed(struct json_object *document, int64_t count, int64_t first, int64_t last);

/* The severity of the rule that a document is of. */
enum severity alert_severity(struct json_object *document);

/* Appends a document, of an alert or of a process event, in a format, without a newline and with at most
 * `limit` bytes: long values are cut, visibly. The document may be changed by that. */
void alert_encode(struct json_object *document, enum alert_format format, size_t limit,
		  UT_string *out);

/* The severity that syslog knows (syslog(3): LOG_NOTICE to LOG_CRIT). */
int alert_syslog_severity(enum severity severity);

#endif
