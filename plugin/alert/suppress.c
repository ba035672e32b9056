/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/suppress.h"

#include <stdlib.h>

#include "alert/alert.h"
#include "alert/periods.h"
#include "base/clock.h"
#include "base/memory.h"
#include "process/document.h"
#include "rules/kept.h"

#include <utlist.h>

struct suppress *suppress_new(suppress_handler send, void *user)
{
	struct suppress *suppress = mem_zalloc(sizeof(*suppress));

	suppress->send = send;
	suppress->user = user;
	suppress->next_end = INT64_MAX;
	suppress->latest = INT64_MAX;
	return suppress;
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t size_of(const struct period *period)
{
	return sizeof(*period) + length_of(period->key) + length_of(period->document);
}

void suppress_note(struct suppress *suppress, struct period *period)
{
	if (period->changed)
		return;
	period->changed = true;
	suppress->changed++;
	DL_APPEND2(suppress->changes, period, prev_change, next_change);
}

static void remove_period(struct suppress *suppress, struct period *period)
{
	rows_gone_add(&suppress->gone, period->id);
	if (period->changed) {
		DL_DELETE2(suppress->changes, period, prev_change, next_change);
		suppress->changed--;
	}
	suppress->bytes -= size_of(period);
	HASH_DEL(suppress->periods, period);
	free(period->document);
	free(period->key);
	free(period);
}

void suppress_free(struct suppress *suppress)
{
	struct period *period, *next;

	if (!suppress)
		return;
	HASH_ITER (hh, suppress->periods, period, next)
		remove_period(suppress, period);
	rows_gone_clear(&suppress->gone);
	free(suppress);
}

static char *values_of(const struct rule *rule, struct json_object *document)
{
	struct json_object *values = json_object_new_array();
	char *text;

	for (size_t i = 0; i < rule->suppress_by.fields; i++)
		json_object_array_add(values, json_object_get(document_get(
						      document, rule->suppress_by.field[i].name)));
	text = mem_strdup(json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN));
	json_object_put(values);
	return text;
}

/* A document can have less than the event: its texts are cut, and bytes that are not UTF-8 look alike. */
static char *key_of(const struct rule *rule, const struct process_event *event,
		    struct json_object *document)
{
	char *values = event ? group_by_key(&rule->suppress_by, event) : values_of(rule, document);
	UT_string key;

	utstring_init(&key);
	utstring_printf(&key, "%s %s", rule->id, values);
	free(values);
	return utstring_body(&key);
}

struct period *suppress_find(const struct suppress *suppress, const char *key)
{
	struct period *period;

	HASH_FIND_STR(suppress->periods, key, period);
	return period;
}

struct period *suppress_open(struct suppress *suppress, const struct rule *rule, char *key, int64_t end)
{
	struct period *period;

	if (HASH_COUNT(suppress->periods) >= SUPPRESS_MAX_PERIODS ||
	    suppress->bytes + sizeof(*period) + length_of(key) > SUPPRESS_MAX_BYTES) {
		free(key);
		return NULL;
	}
	period = mem_zalloc(sizeof(*period));
	period->key = key;
	period->rule = rule;
	period->begin = end - rule->tuning.suppress_ms;
	period->end = end;
	if (end < suppress->next_end)
		suppress->next_end = end;
	suppress->bytes += size_of(period);
	HASH_ADD_KEYPTR(hh, suppress->periods, period->key, strlen(period->key), period);
	suppress_note(suppress, period);
	return period;
}

bool suppress_has_room(const struct suppress *suppress, const struct period *period, size_t bytes)
{
	return suppress->bytes - length_of(period->document) + bytes <= SUPPRESS_MAX_BYTES;
}

void suppress_set_document(struct suppress *suppress, struct period *period, char *document)
{
	suppress->bytes += length_of(document) - length_of(period->document);
	free(period->document);
	period->document = document;
}

/* Folds an alert into a period. Returns false, with nothing done, if there is no room. */
static bool fold(struct suppress *suppress, struct period *period, struct json_object *document,
		 int64_t time)
{
	if (!suppress_has_room(suppress, period, KEPT_MAX_DOCUMENT + 1))
		return false;
	suppress_set_document(suppress, period, kept_document(document));
	if (!period->count || time < period->first)
		period->first = time;
	if (time > period->last)
		period->last = time;
	period->count++;
	suppress_note(suppress, period);
	return true;
}

void suppress_sum_up(struct suppress *suppress, const struct period *period, const struct rule *rule)
{
	struct json_object *document;

	if (!period->count)
		return;
	document = json_tokener_parse(period->document);
	if (!json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		document = json_object_new_object();
	}
	alert_set_suppressed(document, period->count, period->first, period->last);
	suppress->send(suppress->user, rule, document);
}

static void end_period(struct suppress *suppress, struct period *period)
{
	suppress_sum_up(suppress, period, period->rule);
	remove_period(suppress, period);
}

void suppress_advance(struct suppress *suppress, int64_t time)
{
	struct period *period, *next;

	if (time < suppress->next_end)
		return;
	suppress->next_end = INT64_MAX;
	HASH_ITER (hh, suppress->periods, period, next) {
		if (period->end <= time)
			end_period(suppress, period);
		else if (period->end < suppress->next_end)
			suppress->next_end = period->end;
	}
}

/* Periods that begin later are of a clock that was ahead until now. */
void suppress_set_latest(struct suppress *suppress, int64_t latest)
{
	bool back = latest < suppress->latest - CLOCK_DISORDER_MS;
	struct period *period, *next;

	suppress->latest = latest;
	if (!back)
		return;
	HASH_ITER (hh, suppress->periods, period, next) {
		if (period->begin > latest)
			end_period(suppress, period);
	}
}

/* An alert long before its period can only be if the one that began it was of a clock that was ahead. */
static bool is_over(const struct period *period, int64_t time)
{
	return time >= period->end || time < period->begin - CLOCK_DISORDER_MS;
}

/* Returns whether there is nothing to be sent. */
static bool fold_or_open(struct suppress *suppress, const struct rule *rule, char *key,
			 struct json_object *document, int64_t time)
{
	struct period *period = suppress_find(suppress, key);
	bool folded;

	if (period && is_over(period, time)) {
		end_period(suppress, period);
		period = NULL;
	}
	if (!period) {
		suppress->unfolded +=
			!suppress_open(suppress, rule, key, time + rule->tuning.suppress_ms);
		return false;
	}
	free(key);
	folded = fold(suppress, period, document, time);
	suppress->unfolded += !folded;
	return folded;
}

void suppress_alert(struct suppress *suppress, const struct rule *rule,
		    const struct process_event *event, struct json_object *document, int64_t time)
{
	if (rule->tuning.suppress_ms &&
	    fold_or_open(suppress, rule, key_of(rule, event, document), document, time))
		json_object_put(document);
	else
		suppress->send(suppress->user, rule, document);
}

int64_t suppress_deadline(const struct suppress *suppress)
{
	return suppress->periods ? suppress->next_end : -1;
}

void suppress_finish(struct suppress *suppress)
{
	suppress_advance(suppress, INT64_MAX);
}

uint64_t suppress_unfolded(const struct suppress *suppress)
{
	return suppress->unfolded;
}

bool suppress_folds_by(const struct rule *rule, const char *names)
{
	char *by = group_by_names(&rule->suppress_by);
	bool same = rule->tuning.suppress_ms && !strcmp(by, names);

	free(by);
	return same;
}

void suppress_set_rules(struct suppress *suppress, const struct ruleset *ruleset)
{
	struct period *period, *next;

	HASH_ITER (hh, suppress->periods, period, next) {
		const struct rule *rule = ruleset_find(ruleset, period->rule->id);
		char *names = group_by_names(&period->rule->suppress_by);

		if (rule && suppress_folds_by(rule, names))
			period->rule = rule;
		else
			end_period(suppress, period);
		free(names);
	}
}
