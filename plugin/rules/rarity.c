/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rarity.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "process/document.h"
#include "rules/counts.h"
#include "rules/kept.h"

struct rarity {
	struct counts *counts;
	size_t rules;
	size_t room; /* bytes for groups */
	struct counts_budget budget;
	rarity_handler handle;
	void *user;
	int64_t latest;   /* no event is later; INT64_MAX without a bound */
	int64_t advanced; /* windows that ended RARITY_GRACE_MS before this have been judged */
	uint64_t uncounted;
};

static void use_rules(struct rarity *rarity, const struct ruleset *ruleset)
{
	rarity->rules = 0;
	rarity->budget = (struct counts_budget){ .most = rarity->room };
	rarity->counts = mem_zalloc((ruleset->rules + 1) * sizeof(*rarity->counts));
	for (size_t i = 0; i < ruleset->rules; i++) {
		const struct rule *rule = ruleset->rule[i];

		if (rule->type == RULE_RARITY)
			counts_init(&rarity->counts[rarity->rules++], rule, &rarity->budget);
	}
	rarity->budget.rules = rarity->rules;
}

struct rarity *rarity_new(const struct ruleset *ruleset, rarity_handler handle, void *user)
{
	struct rarity *rarity = mem_zalloc(sizeof(*rarity));

	rarity->handle = handle;
	rarity->user = user;
	rarity->latest = INT64_MAX;
	rarity->room = COUNTS_MAX_BYTES;
	use_rules(rarity, ruleset);
	return rarity;
}

void rarity_set_room(struct rarity *rarity, size_t bytes)
{
	rarity->room = bytes;
	rarity->budget.most = bytes;
}

static void clear(struct counts *counts, size_t rules)
{
	for (size_t i = 0; i < rules; i++)
		counts_clear(&counts[i]);
	free(counts);
}

void rarity_free(struct rarity *rarity)
{
	if (!rarity)
		return;
	clear(rarity->counts, rarity->rules);
	free(rarity);
}

/* NULL if there is no such rule. */
static struct counts *find_counts(const struct rarity *rarity, const char *id)
{
	for (size_t i = 0; i < rarity->rules; i++) {
		if (!strcmp(rarity->counts[i].rule->id, id))
			return &rarity->counts[i];
	}
	return NULL;
}

void rarity_set_rules(struct rarity *rarity, const struct ruleset *ruleset)
{
	struct counts_budget budget;
	struct counts *old = rarity->counts;
	size_t rules = rarity->rules;

	use_rules(rarity, ruleset);
	budget = rarity->budget;
	for (size_t i = 0; i < rules; i++) {
		struct counts *counts = find_counts(rarity, old[i].rule->id);

		old[i].budget = &budget;
		if (!counts || !counts_use_rule(&old[i], counts->rule, &rarity->budget))
			continue;
		*counts = old[i];
		old[i] = (struct counts){ .budget = &budget };
	}
	clear(old, rules);
}

static int by_node(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many nodes there are in buckets. */
static int64_t count_hosts(const struct bucket *bucket, size_t count)
{
	const char **node;
	int64_t hosts = count != 0;

	if (count < 2)
		return hosts;
	node = mem_resize(NULL, count, sizeof(*node));
	for (size_t i = 0; i < count; i++)
		node[i] = bucket[i].node;
	qsort(node, count, sizeof(*node), by_node);
	for (size_t i = 1; i < count; i++)
		hosts += strcmp(node[i - 1], node[i]) != 0;
	free(node);
	return hosts;
}

/* Is it plain that a group is not rare in a window that ends at `end`? Then it need not be summed up for each event. */
static bool has_many(const struct rule *rule, const struct group *group, int64_t end)
{
	const struct rarity_settings *settings = &rule->tuning.rarity;
	size_t first = counts_first_bucket(group, end - settings->window_ms);
	int64_t count = 0;

	for (size_t i = first; i < group->buckets && group->bucket[i].start < end && count < settings->fewer_than; i++)
		count += group->bucket[i].count;
	return count >= settings->fewer_than;
}

/* What a window comes to for one group. */
static struct rarity_finding sum_up(const struct rule *rule, const struct group *group, int64_t end)
{
	struct rarity_finding sum = {
		.rule = rule,
		.window_start = end - rule->tuning.rarity.window_ms,
		.window_end = end,
		.key = group->key,
		.document = group->document,
	};
	size_t first = counts_first_bucket(group, sum.window_start), last = first;

	for (size_t i = first; i < group->buckets && group->bucket[i].start < end; i++) {
		const struct bucket *bucket = &group->bucket[i];

		sum.first = !sum.count || bucket->first < sum.first ? bucket->first : sum.first;
		sum.last = bucket->last > sum.last ? bucket->last : sum.last;
		sum.count += bucket->count;
		last = i + 1;
	}
	sum.hosts = count_hosts(&group->bucket[first], last - first);
	return sum;
}

struct ranked {
	struct rarity_finding finding;
	const char *key;
};

static int rarest_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->finding.count != y->finding.count)
		return x->finding.count < y->finding.count ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* Returns the groups of the window that is judged next, rarest first; free() releases them. */
static struct ranked *rank(const struct counts *counts, size_t *found)
{
	struct ranked *ranked = NULL;
	struct group *group;

	*found = 0;
	for (group = counts->groups; group; group = group->hh.next) {
		struct rarity_finding sum = sum_up(counts->rule, group, counts->next_end);

		if (!sum.count)
			continue;
		ranked = mem_resize(ranked, *found + 1, sizeof(*ranked));
		ranked[(*found)++] = (struct ranked){ sum, group->key };
	}
	if (*found)
		qsort(ranked, *found, sizeof(*ranked), rarest_first);
	return ranked;
}

static bool is_rare(const struct rarity_finding *sum)
{
	const struct rarity_settings *settings = &sum->rule->tuning.rarity;

	return sum->count < settings->fewer_than && sum->hosts <= settings->max_hosts;
}

static void judge_window(struct rarity *rarity, const struct counts *counts)
{
	struct ranked *ranked;
	size_t found;

	if (counts->rule->tuning.rarity.first_seen)
		return;
	ranked = rank(counts, &found);
	for (size_t i = 0; i < found; i++) {
		if (is_rare(&ranked[i].finding))
			rarity->handle(rarity->user, &ranked[i].finding);
	}
	free(ranked);
}

static void tell_group(const struct ranked *ranked, rarity_group_handler handle, void *user)
{
	const struct rarity_finding *sum = &ranked->finding;
	const struct rarity_group group = {
		.rule = sum->rule,
		.key = ranked->key,
		.window_start = sum->window_start,
		.window_end = sum->window_end,
		.count = sum->count,
		.hosts = sum->hosts,
		.first = sum->first,
		.last = sum->last,
		.rare = is_rare(sum),
	};

	handle(user, &group);
}

void rarity_each_group(const struct rarity *rarity, rarity_group_handler handle, void *user)
{
	for (size_t i = 0; i < rarity->rules; i++) {
		size_t found;
		struct ranked *ranked = rank(&rarity->counts[i], &found);

		for (size_t j = 0; j < found; j++)
			tell_group(&ranked[j], handle, user);
		free(ranked);
	}
}

static void judge_next(struct rarity *rarity, struct counts *counts)
{
	judge_window(rarity, counts);
	counts->next_end += counts->rule->tuning.rarity.every_ms;
	/* What no window to come looks back to is forgotten. */
	counts_prune(counts, counts->next_end - counts->rule->tuning.rarity.window_ms);
	counts_use_next(counts);
	counts->next_end = counts_next_end(counts);
}

void rarity_set_latest(struct rarity *rarity, int64_t latest)
{
	rarity->latest = latest;
}

void rarity_advance(struct rarity *rarity, int64_t now)
{
	if (now > rarity->latest)
		now = rarity->latest;
	if (now > rarity->advanced)
		rarity->advanced = now;
	for (size_t i = 0; i < rarity->rules; i++) {
		struct counts *counts = &rarity->counts[i];

		while (counts->next_end && counts->next_end + RARITY_GRACE_MS <= now)
			judge_next(rarity, counts);
	}
}

int64_t rarity_deadline(const struct rarity *rarity)
{
	int64_t deadline = -1;

	for (size_t i = 0; i < rarity->rules; i++) {
		int64_t end = rarity->counts[i].next_end;

		if (end && (deadline < 0 || end + RARITY_GRACE_MS < deadline))
			deadline = end + RARITY_GRACE_MS;
	}
	return deadline;
}

void rarity_finish(struct rarity *rarity)
{
	for (size_t i = 0; i < rarity->rules; i++) {
		while (rarity->counts[i].next_end)
			judge_next(rarity, &rarity->counts[i]);
	}
}

static void count_in(struct bucket *bucket, int64_t time)
{
	if (!bucket->count || time < bucket->first)
		bucket->first = time;
	if (time > bucket->last)
		bucket->last = time;
	bucket->count++;
}

static struct counts *counts_of(struct rarity *rarity, const struct rule *rule)
{
	size_t i = 0;

	while (rarity->counts[i].rule != rule)
		i++;
	return &rarity->counts[i];
}

static char *print_document(const struct process_event *event)
{
	struct json_object *document = document_of_event(event);
	char *text = kept_document(document);

	json_object_put(document);
	return text;
}

/* Keeps the event as the one that stands for its group, if it is the latest of the window that is judged
 * next, or the first of those after it. */
static void keep_document(struct counts *counts, struct group *group,
			  const struct process_event *event, int64_t time)
{
	if (time < counts->next_end || !group->document) {
		if (time >= group->document_time)
			counts_set_document(counts, group, print_document(event), time);
	} else if (!group->next_document) {
		counts_set_next_document(counts, group, print_document(event), time);
	}
}

static void alert_first_seen(struct rarity *rarity, struct counts *counts,
			     struct group *group, int64_t time)
{
	int64_t every = counts->rule->tuning.rarity.every_ms;
	int64_t end = time - time % every + every;
	struct rarity_finding finding;

	if (group->alerted_end >= end || has_many(counts->rule, group, end))
		return;
	finding = sum_up(counts->rule, group, end);
	if (!is_rare(&finding))
		return;
	group->alerted_end = end;
	counts_note(counts, group);
	finding.provisional = true;
	rarity->handle(rarity->user, &finding);
}

static struct group *find_group(struct counts *counts, const struct process_event *event)
{
	char *key = group_by_key(&counts->rule->by, event);
	struct group *group = counts_group(counts, key);

	free(key);
	return group;
}

/* The end of the first window that an event at `time`, or one a little out of order, counts in. */
static int64_t first_end(const struct rarity *rarity, int64_t time, int64_t every)
{
	int64_t earliest = time > RARITY_GRACE_MS ? time - RARITY_GRACE_MS : 0;
	int64_t end = earliest - earliest % every + every;

	return end + RARITY_GRACE_MS > rarity->advanced ? end : time - time % every + every;
}

/* Are the windows so far ahead that only a wrong clock can have opened them? What is counted would never be in
 * one. */
static bool is_ahead(const struct rarity *rarity, const struct counts *counts, int64_t time)
{
	const struct rarity_settings *settings = &counts->rule->tuning.rarity;

	int64_t start = counts->next_end - settings->window_ms;

	if (rarity->latest == INT64_MAX)
		return start - CLOCK_WRONG_MS > time;
	/* A rule that had windows at greater intervals before is not ahead. */
	return start - settings->every_ms > rarity->latest;
}

void rarity_count(struct rarity *rarity, const struct rule *rule,
		  const struct process_event *event)
{
	struct counts *counts = counts_of(rarity, rule);
	const char *node = event->host.name ? event->host.name : "";
	int64_t time = stamp_ms(&event->stamp);
	struct group *group = NULL;
	struct bucket *bucket = NULL;

	if (time > rarity->latest)
		time = rarity->latest;
	while (counts->next_end && is_ahead(rarity, counts, time))
		judge_next(rarity, counts);
	if (!counts->next_end)
		counts->next_end = first_end(rarity, time, rule->tuning.rarity.every_ms);
	/* Otherwise every window that it belongs to has been judged. */
	if (time >= counts->next_end - rule->tuning.rarity.window_ms)
		group = find_group(counts, event);
	if (group)
		bucket = counts_bucket(counts, group, time, node);
	if (!bucket) {
		rarity->uncounted++;
		return;
	}
	if (!bucket->count)
		keep_document(counts, group, event, time);
	count_in(bucket, time);
	if (rule->tuning.rarity.first_seen)
		alert_first_seen(rarity, counts, group, time);
}

uint64_t rarity_uncounted(const struct rarity *rarity)
{
	return rarity->uncounted;
}

/* --- what is saved --- */

size_t rarity_changed(const struct rarity *rarity)
{
	size_t changed = 0;

	for (size_t i = 0; i < rarity->rules; i++) {
		if (counts_changed(&rarity->counts[i]))
			changed += rarity->counts[i].changed + 1;
	}
	return changed;
}

bool rarity_has_over(const struct rarity *rarity)
{
	for (size_t i = 0; i < rarity->rules; i++) {
		if (rarity->counts[i].over.count)
			return true;
	}
	return false;
}

void rarity_changes(struct rarity *rarity, enum rows_extent extent, const struct rows_keeper *keeper)
{
	size_t most = rows_most(extent);

	for (size_t i = 0; i < rarity->rules; i++) {
		counts_changes(&rarity->counts[i], most, keeper);
		most -= rarity->counts[i].over.told;
	}
}

void rarity_saved(struct rarity *rarity)
{
	for (size_t i = 0; i < rarity->rules; i++)
		counts_saved(&rarity->counts[i]);
}

void rarity_forget_rows(struct rarity *rarity)
{
	for (size_t i = 0; i < rarity->rules; i++)
		counts_forget_rows(&rarity->counts[i]);
}

bool rarity_restore_row(struct rarity *rarity, const struct kept_row *row)
{
	struct counts *counts = find_counts(rarity, row->rule);

	return !counts || counts_restore_row(counts, row);
}

void rarity_restored(struct rarity *rarity)
{
	for (size_t i = 0; i < rarity->rules; i++)
		counts_restored(&rarity->counts[i]);
}

bool rarity_restore(struct rarity *rarity, struct json_object *saved)
{
	bool good = true;

	if (!json_object_is_type(saved, json_type_object))
		return false;
	for (size_t i = 0; i < rarity->rules; i++) {
		struct json_object *rule = NULL;

		if (!json_object_object_get_ex(saved, rarity->counts[i].rule->id, &rule) ||
		    counts_restore(&rarity->counts[i], rule))
			continue;
		good = false;
		counts_clear(&rarity->counts[i]);
		counts_init(&rarity->counts[i], rarity->counts[i].rule, &rarity->budget);
	}
	return good;
}
