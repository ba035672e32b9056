/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules, compiled from the rule files of a folder, and the judgement of an event by all of them. */
#ifndef AUSPAWN_RULES_RULESET_H
#define AUSPAWN_RULES_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mistakes.h"
#include "process/event.h"
#include "process/field.h"
#include "rules/condition.h"
#include "rules/parser.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

/* low, medium, high, critical */
const char *severity_name(enum severity severity);

enum rule_type {
	RULE_MATCH,  /* every event that satisfies the condition is an alert */
	RULE_RARITY, /* events are counted, and rare groups of them are alerts */
};

/* A tactic of MITRE ATT&CK and, where the rule names one, a technique of it. */
struct threat {
	char *tactic;    /* TA0003 */
	char *technique; /* T1505 or T1505.003; NULL without */
};

/* What a rarity rule counts, and when it is rare. */
struct rarity_settings {
	struct field_ref *by; /* a group is the events that agree in these */
	char **by_name;
	size_t bys;
	int64_t window_ms;   /* how far back a window reaches */
	int64_t every_ms;    /* a window ends at each multiple of this since 1970, UTC */
	int64_t fewer_than;  /* rare: seen less often */
	int64_t max_hosts;   /* rare: on at most as many nodes */
	bool first_seen;     /* alert at once, provisionally, instead of when the window closes */
};

struct rule {
	char *id;
	char *name;
	enum severity severity;
	int risk_score; /* 0 to 100 */
	struct threat *threat;
	size_t threats;
	enum rule_type type;
	struct condition *condition;
	struct condition **except; /* an event that satisfies any of them does not count */
	size_t excepts;
	struct rarity_settings rarity;
};

struct ruleset {
	struct rule **rule;
	size_t rules;
	struct string_list *lists; /* hash by name, of all files */
	size_t files;              /* that were loaded */
};

/* Reads all *.conf of a folder in name order. A file with a mistake loads none of its rules and stops
 * nothing else. Never NULL; ruleset_free() releases it. */
struct ruleset *ruleset_load(const char *folder, struct mistakes *mistakes);
void ruleset_free(struct ruleset *ruleset);

/* Does the event satisfy the rule's condition and none of its exceptions? `*limited` becomes true if a
 * regular expression gave up on the way, and is left alone otherwise. */
bool rule_matches(const struct rule *rule, const struct process_event *event, bool *limited);

#endif
