/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state: whatever is restored can be judged, saved and restored again. The input is JSON: "rows", each
 * [id, kind, value, document], where a value that is a text stands for itself; and what old versions kept.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alert/suppress.h"
#include "base/memory.h"
#include "rules/new_terms.h"
#include "rules/rarity.h"
#include "rules/threshold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LATE 4000000000000 /* ms since 1970 */

static char id[] = "r";
static char name[] = "user.id";
static struct group_field field = { .name = name };

/* One rule of each type, all of the same id: each has its own part of the state. */
static struct rule rarity_rule = {
	.id = id,
	.type = RULE_RARITY,
	.by = { &field, 1 },
	.tuning.rarity = { 3660000, 3600000, 5, 1, false },
};
static struct rule threshold_rule = {
	.id = id,
	.type = RULE_THRESHOLD,
	.by = { &field, 1 },
	.distinct = { &field, 1 },
	.tuning.threshold = { 300000, 3, 2 },
};
static struct rule terms_rule = {
	.id = id,
	.type = RULE_NEW_TERMS,
	.by = { &field, 1 },
	.tuning.new_terms = { 86400000, 3600000 },
};
static struct rule folded_rule = {
	.id = id,
	.type = RULE_MATCH,
	.suppress_by = { &field, 1 },
	.tuning.suppress_ms = 600000,
};
static struct rule *rules[] = { &rarity_rule, &threshold_rule, &terms_rule };
static const struct ruleset ruleset = { .rule = rules, .rules = 3 };
static struct rule *folded_rules[] = { &folded_rule };
static const struct ruleset folded = { .rule = folded_rules, .rules = 1 };

static void on_finding(void *user, const struct rarity_finding *finding)
{
	(void)user;
	if (finding->count < 1 || finding->count >= 5 || !finding->document)
		abort();
}

/* Rows as in the input, of those that were saved. */
struct rows {
	struct json_object *all;
	int64_t last;
};

static int64_t save_row(void *user, const struct kept_row *row)
{
	struct rows *rows = user;
	struct json_object *saved = json_object_new_array();
	int64_t number = row->id ? row->id : ++rows->last;

	json_object_array_add(saved, json_object_new_int64(number));
	json_object_array_add(saved, json_object_new_string(row->kind));
	json_object_array_add(saved, json_object_new_string(row->value));
	json_object_array_add(saved, row->document ? json_object_new_string(row->document) : NULL);
	json_object_array_add(rows->all, saved);
	return number;
}

static void forget_row(void *user, int64_t number)
{
	(void)user;
	if (number <= 0)
		abort();
}

static const char *text_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value)
							    : json_object_to_json_string(value);
}

/* What restores one row. */
typedef bool (*restore_row)(void *counts, const struct kept_row *row);

/* Restores those of a kind. Returns whether all of them make sense. */
static bool restore_rows(struct json_object *rows, const char *kind, restore_row restore, void *counts)
{
	bool good = true;

	for (size_t i = 0; json_object_is_type(rows, json_type_array) && i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		struct json_object *document;
		struct kept_row kept = { .kind = kind, .rule = id };

		if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) < 4 ||
		    strcmp(text_of(json_object_array_get_idx(row, 1)), kind) != 0)
			continue;
		kept.id = json_object_get_int64(json_object_array_get_idx(row, 0));
		kept.value = text_of(json_object_array_get_idx(row, 2));
		document = json_object_array_get_idx(row, 3);
		kept.document = document ? text_of(document) : NULL;
		if (kept.id > 0)
			good &= restore(counts, &kept);
	}
	return good;
}

static bool restore_rarity_row(void *rarity, const struct kept_row *row)
{
	return rarity_restore_row(rarity, row);
}

static bool restore_threshold_row(void *threshold, const struct kept_row *row)
{
	return threshold_restore_row(threshold, row);
}

static bool restore_suppress_row(void *suppress, const struct kept_row *row)
{
	return suppress_restore_row(suppress, &folded, row);
}

static void restore_rarity(struct json_object *saved, struct json_object *rows)
{
	struct rows copy = { .all = json_object_new_array() };
	const struct rows_keeper keeper = { save_row, forget_row, &copy };
	struct rarity *rarity = rarity_new(&ruleset, on_finding, NULL);
	struct rarity *again = rarity_new(&ruleset, on_finding, NULL);

	restore_rows(rows, "rarity", restore_rarity_row, rarity);
	rarity_restored(rarity);
	rarity_restore(rarity, saved);
	rarity_forget_rows(rarity);
	rarity_changes(rarity, ROWS_ALL, &keeper);
	if (!restore_rows(copy.all, "rarity", restore_rarity_row, again))
		abort();
	rarity_restored(again);
	if (rarity_deadline(again) != rarity_deadline(rarity) || rarity_changed(again))
		abort();
	rarity_set_latest(again, LATE);
	restore_rows(rows, "rarity", restore_rarity_row, again);
	rarity_restored(again);
	rarity_changes(again, ROWS_SOME, &keeper);
	rarity_saved(again);
	rarity_finish(rarity);
	rarity_advance(again, LATE);
	json_object_put(copy.all);
	rarity_free(rarity);
	rarity_free(again);
}

static void restore_threshold(struct json_object *saved, struct json_object *rows,
			      const struct process_event *event)
{
	struct rows copy = { .all = json_object_new_array() };
	const struct rows_keeper keeper = { save_row, forget_row, &copy };
	struct threshold *threshold = threshold_new(&ruleset);
	struct threshold *again = threshold_new(&ruleset);
	struct threshold_finding finding;

	restore_rows(rows, "threshold", restore_threshold_row, threshold);
	threshold_restored(threshold);
	threshold_restore(threshold, saved);
	threshold_forget_rows(threshold);
	threshold_changes(threshold, &keeper);
	if (!restore_rows(copy.all, "threshold", restore_threshold_row, again))
		abort();
	threshold_restored(again);
	if (threshold_changed(again))
		abort();
	threshold_set_latest(again, LATE);
	restore_rows(rows, "threshold", restore_threshold_row, again);
	threshold_restored(again);
	threshold_changes(again, &keeper);
	threshold_saved(again);
	for (int64_t time = 0; time < 10; time++) {
		if (threshold_count(threshold, &threshold_rule, event, time, &finding) &&
		    (finding.count < 3 || finding.distinct < 2 || finding.first > finding.last))
			abort();
	}
	threshold_count(again, &threshold_rule, event, LATE, &finding);
	json_object_put(copy.all);
	threshold_free(threshold);
	threshold_free(again);
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	(void)user;
	if (!rule->id || !json_object_is_type(document, json_type_object))
		abort();
	json_object_put(document);
}

static void restore_suppress(struct json_object *saved, struct json_object *rows)
{
	struct rows copy = { .all = json_object_new_array() };
	const struct rows_keeper keeper = { save_row, forget_row, &copy };
	struct suppress *suppress = suppress_new(on_alert, NULL);
	struct suppress *again = suppress_new(on_alert, NULL);

	restore_rows(rows, "suppress", restore_suppress_row, suppress);
	suppress_restore(suppress, &folded, saved);
	suppress_forget_rows(suppress);
	suppress_changes(suppress, &keeper);
	if (!restore_rows(copy.all, "suppress", restore_suppress_row, again) || suppress_changed(again))
		abort();
	suppress_set_latest(again, LATE);
	restore_rows(rows, "suppress", restore_suppress_row, again);
	suppress_changes(again, &keeper);
	suppress_saved(again);
	suppress_alert(suppress, &folded_rule, NULL, json_object_new_object(), LATE);
	suppress_finish(suppress);
	suppress_advance(again, LATE);
	json_object_put(copy.all);
	suppress_free(suppress);
	suppress_free(again);
}

/* Rows are [key, time] in the input. */
static void restore_terms(struct json_object *saved, const struct process_event *event)
{
	struct new_terms *terms = new_terms_new(&ruleset);
	int64_t last_seen;

	new_terms_restore_rule(terms, id, name, 5);
	for (size_t i = 0;
	     json_object_is_type(saved, json_type_array) && i < json_object_array_length(saved);
	     i++) {
		struct json_object *row = json_object_array_get_idx(saved, i);

		if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) < 2)
			continue;
		new_terms_restore_term(
			terms, id, json_object_to_json_string(json_object_array_get_idx(row, 0)),
			json_object_get_int64(json_object_array_get_idx(row, 1)));
	}
	new_terms_count(terms, &terms_rule, event, 7, &last_seen);
	if (new_terms_count(terms, &terms_rule, event, 8, &last_seen))
		abort();
	new_terms_count(terms, &terms_rule, event, LATE, &last_seen);
	new_terms_saved(terms);
	new_terms_free(terms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct image image = { .credentials = { .known = true } };
	const struct process_event event = { .process = { .pid = 1, .image = &image } };
	char *text = mem_strndup((const char *)data, size);
	struct json_object *saved = json_tokener_parse(text);
	struct json_object *rows = json_object_object_get(saved, "rows");

	if (!field_find(span_of(name), &field.ref))
		abort();
	restore_rarity(json_object_object_get(saved, "rarity"), rows);
	restore_threshold(json_object_object_get(saved, "threshold"), rows, &event);
	restore_suppress(json_object_object_get(saved, "suppress"), rows);
	restore_terms(json_object_object_get(saved, "terms"), &event);
	json_object_put(saved);
	free(text);
	return 0;
}
