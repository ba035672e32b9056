/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule: what it looks for, how its matches become alerts, and what stands in them. */
#ifndef AUSPAWN_RULES_RULE_H
#define AUSPAWN_RULES_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/event.h"
#include "rules/condition.h"
#include "rules/group_by.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

/* low, medium, high, critical */
const char *severity_name(enum severity severity);

/* 21, 47, 73 or 99: event.severity, and the risk score of a rule that has none of its own. */
int severity_number(enum severity severity);

enum rule_type {
	RULE_MATCH,	/* every event that satisfies the condition is an alert */
	RULE_RARITY,	/* events are counted, and rare groups of them are alerts */
	RULE_NEW_TERMS, /* an event is an alert if its group was not seen for long */
	RULE_THRESHOLD, /* a group with many events in a short time is an alert */
};

/* match, rarity, new_terms, threshold */
const char *rule_type_name(enum rule_type type);

/* A tactic of MITRE ATT&CK and, where the rule names one, a technique of it. */
struct threat {
	char *tactic;	 /* TA0003 */
	char *technique; /* T1505 or T1505.003; NULL without */
};

/* Events that do not count, and why. */
struct exception {
	struct condition *condition;
	char *reason;
};

/* When a group of a rarity rule is rare. */
struct rarity_settings {
	int64_t window_ms;  /* how far back a window reaches */
	int64_t every_ms;   /* a window ends at each multiple of this since 1970, UTC */
	int64_t fewer_than; /* rare: seen less often */
	int64_t max_hosts;  /* rare: on at most as many nodes */
	bool first_seen;    /* alert at once, provisionally, instead of when the window closes */
};

/* When a group of a new_terms rule is new. */
struct new_terms_settings {
	int64_t history_ms; /* not seen for so long before the event */
	int64_t learn_ms;   /* no alert for so long since the rule's first event */
};

#define RULE_MAX_AT_LEAST 10000 /* events and distinct values; the times of that many are remembered */

/* When a group of a threshold rule has had many events. */
struct threshold_settings {
	int64_t window_ms;	   /* within so much time ... */
	int64_t at_least;	   /* ... so many events, ... */
	int64_t distinct_at_least; /* ... with so many different groups of `distinct`; 0: not asked for */
};

#define RULE_RISK_OF_SEVERITY (-1)

/* What an operator may change of a rule without editing it. */
struct rule_tuning {
	bool enabled;
	enum severity severity;
	int risk_score; /* 0 to 100, or RULE_RISK_OF_SEVERITY */
	struct rarity_settings rarity;
	struct new_terms_settings new_terms;
	struct threshold_settings threshold;
	int64_t suppress_ms; /* alerts that agree in `suppress_by` are folded for so long; 0: none are */
};

struct rule {
	char *id;
	char *file; /* where it stands, and on which line */
	int line;
	char *name;
	char *description; /* NULL without, as the next */
	char *note;	   /* what to do about an alert */
	char **reference;
	size_t references;
	struct threat *threat;
	size_t threats;
	enum rule_type type;
	struct rule_tuning tuning;
	struct condition *condition;
	struct exception *except; /* an event that satisfies any of them does not count */
	size_t excepts;
	struct group_by by;	     /* of all types but match */
	struct group_by distinct;    /* of threshold rules: the field whose values are counted */
	struct group_by suppress_by; /* fields of alerts that are alike */
};

/* 0 to 100 */
int rule_risk_score(const struct rule *rule);

/* Releases what the rule holds. */
void rule_clear(struct rule *rule);

/* The same, and the rule itself; accepts NULL. */
void rule_free(struct rule *rule);

#endif
