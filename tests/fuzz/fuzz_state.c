/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state: whatever is restored can be judged, saved and restored again. */
#include <stdint.h>
#include <stdlib.h>

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

static void restore_rarity(struct json_object *saved)
{
	struct rarity *rarity = rarity_new(&ruleset, on_finding, NULL);
	struct rarity *again = rarity_new(&ruleset, on_finding, NULL);
	bool good = rarity_restore(rarity, saved);
	struct json_object *copy = rarity_save(rarity);

	if (good && !rarity_restore(again, copy))
		abort();
	rarity_set_latest(again, LATE);
	rarity_restore(again, saved);
	json_object_put(rarity_changes(again));
	rarity_finish(rarity);
	rarity_advance(again, LATE);
	json_object_put(copy);
	rarity_free(rarity);
	rarity_free(again);
}

static void restore_threshold(struct json_object *saved, const struct process_event *event)
{
	struct threshold *threshold = threshold_new(&ruleset);
	struct threshold *again = threshold_new(&ruleset);
	struct threshold_finding finding;
	bool good = threshold_restore(threshold, saved);
	struct json_object *copy = threshold_save(threshold);

	if (good && !threshold_restore(again, copy))
		abort();
	threshold_set_latest(again, LATE);
	threshold_restore(again, saved);
	json_object_put(threshold_changes(again));
	for (int64_t time = 0; time < 10; time++) {
		if (threshold_count(threshold, &threshold_rule, event, time, &finding) &&
		    (finding.count < 3 || finding.distinct < 2 || finding.first > finding.last))
			abort();
	}
	threshold_count(again, &threshold_rule, event, LATE, &finding);
	json_object_put(copy);
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

static void restore_suppress(struct json_object *saved)
{
	struct suppress *suppress = suppress_new(on_alert, NULL);
	struct suppress *again = suppress_new(on_alert, NULL);
	bool good = suppress_restore(suppress, &folded, saved);
	struct json_object *copy = suppress_save(suppress);

	if (good && !suppress_restore(again, &folded, copy))
		abort();
	suppress_set_latest(again, LATE);
	suppress_restore(again, &folded, saved);
	json_object_put(suppress_changes(again));
	suppress_alert(suppress, &folded_rule, NULL, json_object_new_object(), LATE);
	suppress_finish(suppress);
	suppress_advance(again, LATE);
	json_object_put(copy);
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

	if (!field_find(span_of(name), &field.ref))
		abort();
	restore_rarity(json_object_object_get(saved, "rarity"));
	restore_threshold(json_object_object_get(saved, "threshold"), &event);
	restore_suppress(json_object_object_get(saved, "suppress"));
	restore_terms(json_object_object_get(saved, "terms"), &event);
	json_object_put(saved);
	free(text);
	return 0;
}
