/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/counts.h"

#include <stdlib.h>

#include <utlist.h>

static int64_t greatest_common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

void counts_init(struct counts *counts, const struct rule *rule, struct counts_budget *budget)
{
	*counts = (struct counts){ .rule = rule, .budget = budget };
	counts->bucket_ms = greatest_common_divisor(rule->tuning.rarity.window_ms, rule->tuning.rarity.every_ms);
}

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t size_of_bucket(const struct bucket *bucket)
{
	return sizeof(*bucket) + size_of(bucket->node);
}

static size_t size_of_group(const struct group *group)
{
	return sizeof(*group) + size_of(group->key) + size_of(group->document) + size_of(group->next_document);
}

/* Takes `more` bytes in the place of `less`. */
static void take_bytes(struct counts *counts, size_t more, size_t less)
{
	counts->bytes += more - less;
	counts->budget->bytes += more - less;
}

void counts_note(struct counts *counts, struct group *group)
{
	group->self_changed = true;
	if (group->changed)
		return;
	group->changed = true;
	counts->changed++;
	DL_APPEND2(counts->changes, group, prev_change, next_change);
}

static void note_bucket(struct counts *counts, struct group *group, struct bucket *bucket)
{
	bool self_changed = group->self_changed;

	bucket->changed = true;
	counts_note(counts, group);
	group->self_changed = self_changed;
}

static void drop_bucket(struct counts *counts, struct bucket *bucket)
{
	take_bytes(counts, 0, size_of_bucket(bucket));
	rows_gone_add(&counts->over, bucket->id);
	free(bucket->node);
}

static void remove_group(struct counts *counts, struct group *group)
{
	for (size_t i = 0; i < group->buckets; i++)
		drop_bucket(counts, &group->bucket[i]);
	take_bytes(counts, 0, size_of_group(group));
	rows_gone_add(&counts->over, group->id);
	if (group->changed) {
		DL_DELETE2(counts->changes, group, prev_change, next_change);
		counts->changed--;
	}
	HASH_DEL(counts->groups, group);
	free(group->bucket);
	free(group->document);
	free(group->next_document);
	free(group->key);
	free(group);
}

static void remove_groups(struct counts *counts)
{
	struct group *group, *next;

	HASH_ITER(hh, counts->groups, group, next)
		remove_group(counts, group);
}

void counts_clear(struct counts *counts)
{
	remove_groups(counts);
	rows_gone_clear(&counts->over);
	free(counts->restoring.group);
}

static struct group *new_group(struct counts *counts, const char *key)
{
	struct group *group = mem_zalloc(sizeof(*group));

	group->key = mem_strdup(key);
	take_bytes(counts, size_of_group(group), 0);
	HASH_ADD_KEYPTR(hh, counts->groups, group->key, strlen(group->key), group);
	counts_note(counts, group);
	return group;
}

static bool has_room(const struct counts *counts)
{
	/* Where there are others, half of it is for shares. */
	size_t most = counts->budget->most;
	size_t shared = counts->budget->rules > 1 ? most / 2 : most;

	return counts->budget->bytes < shared ||
	       counts->bytes < most / 2 / counts->budget->rules;
}

struct group *counts_group(struct counts *counts, const char *key)
{
	struct group *group;

	HASH_FIND_STR(counts->groups, key, group);
	return group || !has_room(counts) ? group : new_group(counts, key);
}

void counts_set_document(struct counts *counts, struct group *group, char *document, int64_t time)
{
	take_bytes(counts, size_of(document), size_of(group->document));
	free(group->document);
	group->document = document;
	group->document_time = time;
	counts_note(counts, group);
}

void counts_set_next_document(struct counts *counts, struct group *group, char *document,
			      int64_t time)
{
	take_bytes(counts, size_of(document), size_of(group->next_document));
	free(group->next_document);
	group->next_document = document;
	group->next_document_time = time;
	group->next_end = counts->next_end;
	counts_note(counts, group);
}

/* That is no change: what is kept tells of which window it is. */
void counts_use_next(struct counts *counts)
{
	for (struct group *group = counts->groups; group; group = group->hh.next) {
		if (!group->next_document)
			continue;
		take_bytes(counts, 0, size_of(group->document));
		free(group->document);
		group->document = group->next_document;
		group->document_time = group->next_document_time;
		group->next_document = NULL;
	}
}

/* Where the bucket is, or belongs. There can be one for each of many nodes, so that looking at all would take too long. */
static size_t place_of(const struct group *group, int64_t start, const char *node)
{
	size_t low = 0, high = group->buckets;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct bucket *bucket = &group->bucket[middle];

		if (bucket->start < start || (bucket->start == start && strcmp(bucket->node, node) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert_bucket(struct counts *counts, struct group *group, size_t place, int64_t start, const char *node)
{
	struct bucket *bucket;

	if (group->buckets == group->room) {
		group->room += group->room / 4 + 1;
		group->bucket = mem_resize(group->bucket, group->room, sizeof(*group->bucket));
	}
	bucket = &group->bucket[place];
	memmove(bucket + 1, bucket, (group->buckets++ - place) * sizeof(*bucket));
	*bucket = (struct bucket){ .start = start, .node = mem_strdup(node) };
	take_bytes(counts, size_of_bucket(bucket), 0);
	/* It says which is its latest. */
	counts_note(counts, group);
}

struct bucket *counts_bucket(struct counts *counts, struct group *group, int64_t time, const char *node)
{
	int64_t start = time - time % counts->bucket_ms;
	size_t place = place_of(group, start, node);

	if (place == group->buckets || group->bucket[place].start != start ||
	    strcmp(group->bucket[place].node, node) != 0) {
		if (group->buckets && counts->budget->bytes >= counts->budget->most / 3 * 4)
			return NULL;
		insert_bucket(counts, group, place, start, node);
	}
	note_bucket(counts, group, &group->bucket[place]);
	return &group->bucket[place];
}

size_t counts_first_bucket(const struct group *group, int64_t start)
{
	return place_of(group, start, "");
}

void counts_prune(struct counts *counts, int64_t oldest)
{
	struct group *group, *next;

	HASH_ITER(hh, counts->groups, group, next) {
		size_t kept = 0;

		for (size_t i = 0; i < group->buckets; i++) {
			if (group->bucket[i].start < oldest)
				drop_bucket(counts, &group->bucket[i]);
			else
				group->bucket[kept++] = group->bucket[i];
		}
		group->buckets = kept;
		if (!kept)
			remove_group(counts, group);
	}
}

int64_t counts_next_end(const struct counts *counts)
{
	int64_t every = counts->rule->tuning.rarity.every_ms;
	int64_t earliest = INT64_MAX;

	for (const struct group *group = counts->groups; group; group = group->hh.next) {
		if (group->buckets && group->bucket[0].start < earliest)
			earliest = group->bucket[0].start;
	}
	if (!counts->groups)
		return 0;
	if (earliest < counts->next_end)
		return counts->next_end;
	return earliest - earliest % every + every;
}

bool counts_use_rule(struct counts *counts, const struct rule *rule, struct counts_budget *budget)
{
	const struct rarity_settings *settings = &rule->tuning.rarity;
	char *names = group_by_names(&rule->by), *old_names = group_by_names(&counts->rule->by);
	bool same = !strcmp(names, old_names) &&
		    greatest_common_divisor(settings->window_ms, settings->every_ms) == counts->bucket_ms;

	free(names);
	free(old_names);
	if (!same)
		return false;
	counts->rule = rule;
	counts->budget->bytes -= counts->bytes;
	counts->budget = budget;
	budget->bytes += counts->bytes;
	/* It may end its windows at other times now: then the next is the first one after what was counted. */
	counts->next_end = (counts->next_end + settings->every_ms - 1) / settings->every_ms * settings->every_ms;
	return true;
}
