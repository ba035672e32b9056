/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open periods of folded alerts as rows, [key, end, count, first, last, by] with the document. */
#include <stdlib.h>

#include "alert/alert.h"
#include "alert/periods.h"
#include "base/saved.h"

#include <utlist.h>

#define KIND "suppress"

size_t suppress_changed(const struct suppress *suppress)
{
	return suppress->changed + suppress->gone.count;
}

static struct json_object *value_of(const struct period *period)
{
	struct json_object *value = json_object_new_array();
	char *names = group_by_names(&period->rule->suppress_by);

	json_object_array_add(value, json_object_new_string(period->key));
	json_object_array_add(value, json_object_new_int64(period->end));
	json_object_array_add(value, json_object_new_int64(period->count));
	json_object_array_add(value, json_object_new_int64(period->first));
	json_object_array_add(value, json_object_new_int64(period->last));
	json_object_array_add(value, json_object_new_string(names));
	free(names);
	return value;
}

void suppress_changes(struct suppress *suppress, const struct rows_keeper *keeper)
{
	struct period *period;

	DL_FOREACH2(suppress->changes, period, next_change)
	{
		struct json_object *value = value_of(period);
		const struct kept_row row = {
			.id = period->id,
			.kind = KIND,
			.rule = period->rule->id,
			.value = json_object_to_json_string_ext(
				value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			.document = period->document,
		};

		period->id = keeper->save(keeper->user, &row);
		json_object_put(value);
	}
	rows_gone_tell(&suppress->gone, SIZE_MAX, keeper);
}

void suppress_saved(struct suppress *suppress)
{
	while (suppress->changes) {
		struct period *period = suppress->changes;

		period->changed = false;
		DL_DELETE2(suppress->changes, period, prev_change, next_change);
	}
	suppress->changed = 0;
	rows_gone_told(&suppress->gone);
}

void suppress_forget_rows(struct suppress *suppress)
{
	rows_gone_clear(&suppress->gone);
	for (struct period *period = suppress->periods; period; period = period->hh.next) {
		period->id = 0;
		suppress_note(suppress, period);
	}
}

/* --- restoring --- */

/* What was saved of a period. */
struct saved_period {
	struct period period;
	const char *rule;
	const char *key;
	const char *document; /* "" without */
};

static bool read_period(struct json_object *value, struct saved_period *saved)
{
	struct period *period = &saved->period;
	int64_t *const number[] = { &period->end, &period->count, &period->first, &period->last };

	if (!value)
		return false;
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		if (!saved_number(json_object_array_get_idx(value, i + 1), SAVED_MAX_TIME, number[i]))
			return false;
	}
	saved->key = saved_text_at(value, 0);
	return saved->key && saved->document && strlen(saved->document) <= SUPPRESS_MAX_BYTES;
}

/* The rule is gone; what is known of its alerts is in the document. */
static void send_orphan(struct suppress *suppress, const struct saved_period *saved)
{
	struct rule rule = { .type = RULE_MATCH };
	struct json_object *parsed = json_tokener_parse(saved->document);
	struct period period = saved->period;

	rule.id = mem_strdup(saved->rule);
	rule.name = rule.id;
	rule.tuning.severity = alert_severity(parsed);
	period.document = mem_strdup(saved->document);
	suppress_sum_up(suppress, &period, &rule);
	free(period.document);
	free(rule.id);
	json_object_put(parsed);
}

/* Adds what was folded to a period. Returns false, with nothing done, if there is no room. */
static bool fold_saved(struct suppress *suppress, struct period *period, const struct saved_period *saved)
{
	const struct period *more = &saved->period;
	bool later = !period->count || more->last > period->last;

	if (later && !suppress_has_room(suppress, period, strlen(saved->document) + 1))
		return false;
	if (later)
		suppress_set_document(suppress, period, mem_strdup(saved->document));
	if (!period->count || more->first < period->first)
		period->first = more->first;
	if (later)
		period->last = more->last;
	period->count += more->count;
	if (period->count > SAVED_MAX_TIME)
		period->count = SAVED_MAX_TIME;
	suppress_note(suppress, period);
	return true;
}

/* A time of a clock that was ahead. */
static int64_t bounded(const struct suppress *suppress, int64_t time)
{
	return time < suppress->latest ? time : suppress->latest;
}

static struct period *period_of(struct suppress *suppress, const struct rule *rule,
				const struct saved_period *saved)
{
	struct period *period = suppress_find(suppress, saved->key);
	int64_t length = rule->tuning.suppress_ms;

	if (period)
		return period;
	return suppress_open(suppress, rule, mem_strdup(saved->key),
			     bounded(suppress, saved->period.end - length) + length);
}

/* What was saved is as it is now. */
static void settle(struct suppress *suppress, struct period *period)
{
	DL_DELETE2(suppress->changes, period, prev_change, next_change);
	period->changed = false;
	suppress->changed--;
}

/* `rule` is NULL if it is gone or folds otherwise. `id` is that of a row, 0 without. Returns false if it makes no
 * sense. */
static bool restore_period(struct suppress *suppress, const struct rule *rule, int64_t id,
			   const struct saved_period *saved)
{
	struct saved_period copy = *saved;
	struct period *period;
	size_t length = strlen(saved->rule);
	bool fresh;

	if (rule && (strncmp(saved->key, saved->rule, length) || saved->key[length] != ' '))
		return false;
	copy.period.first = bounded(suppress, copy.period.first);
	copy.period.last = bounded(suppress, copy.period.last);
	fresh = !suppress_find(suppress, saved->key);
	period = rule ? period_of(suppress, rule, saved) : NULL;
	/* It was read before, until the rest could not be. */
	if (period && id && period->id == id)
		return true;
	if (period && fresh)
		period->id = id;
	else
		rows_gone_add(&suppress->gone, id);
	if (!period || (copy.period.count && !fold_saved(suppress, period, &copy)))
		send_orphan(suppress, &copy);
	else if (fresh && id && copy.period.end == period->end)
		settle(suppress, period);
	return true;
}

bool suppress_restore_row(struct suppress *suppress, const struct ruleset *ruleset, const struct kept_row *row)
{
	const struct rule *rule = ruleset_find(ruleset, row->rule);
	struct json_object *value = json_tokener_parse(row->value);
	struct saved_period saved = { .rule = row->rule, .document = row->document ? row->document : "" };
	bool good = json_object_is_type(value, json_type_array) && read_period(value, &saved);
	const char *names = good ? saved_text_at(value, 5) : NULL;

	if (rule && names && !suppress_folds_by(rule, names))
		rule = NULL;
	good = names && restore_period(suppress, rule, row->id, &saved);
	if (!good)
		rows_gone_add(&suppress->gone, row->id);
	json_object_put(value);
	return good;
}

/* --- what was kept before: {by, periods: [[key, end, count, first, last, document], ...]} --- */

static bool restore_rule(struct suppress *suppress, const struct ruleset *ruleset, const char *id,
			 struct json_object *member)
{
	const struct rule *rule = ruleset_find(ruleset, id);
	struct json_object *periods = saved_array(member, "periods");
	const char *names = saved_text(member, "by");
	bool good = true;

	if (!periods || !names)
		return false;
	if (rule && !suppress_folds_by(rule, names))
		rule = NULL;
	for (size_t i = 0; i < json_object_array_length(periods); i++) {
		struct json_object *row = saved_row(periods, i, 6);
		struct saved_period saved = { .rule = id };

		saved.document = row ? saved_text_at(row, 5) : NULL;
		good &= read_period(row, &saved) && restore_period(suppress, rule, 0, &saved);
	}
	return good;
}

bool suppress_restore(struct suppress *suppress, const struct ruleset *ruleset,
		      struct json_object *saved)
{
	bool good = true;

	if (!json_object_is_type(saved, json_type_object))
		return false;
	json_object_object_foreach(saved, id, member)
	{
		good &= restore_rule(suppress, ruleset, id, member);
	}
	return good;
}
