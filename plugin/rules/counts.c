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
	size_t shared = counts->budget->rules > 1 ? COUNTS_MAX_BYTES / 2 : COUNTS_MAX_BYTES;

	return counts->budget->bytes < shared ||
	       counts->bytes < COUNTS_MAX_BYTES / 2 / counts->budget->rules;
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

struct bucket *counts_bucket(struct counts *counts, struct group *group, int64_t time, const char *node)
{
	int64_t start = time - time % counts->bucket_ms;
	struct bucket *bucket = NULL;

	/* Most events belong to the latest. */
	for (size_t i = group->buckets; i > 0 && !bucket; i--) {
		if (group->bucket[i - 1].start == start && !strcmp(group->bucket[i - 1].node, node))
			bucket = &group->bucket[i - 1];
	}
	if (!bucket) {
		if (group->buckets && counts->budget->bytes >= COUNTS_MAX_BYTES + COUNTS_MORE_BYTES)
			return NULL;
		group->bucket = mem_resize(group->bucket, group->buckets + 1, sizeof(*group->bucket));
		bucket = &group->bucket[group->buckets++];
		*bucket = (struct bucket){ .start = start, .node = mem_strdup(node) };
		take_bytes(counts, size_of_bucket(bucket), 0);
		/* It says which is its latest. */
		counts_note(counts, group);
	}
	note_bucket(counts, group, bucket);
	return bucket;
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
		for (size_t i = 0; i < group->buckets; i++) {
			if (group->bucket[i].start < earliest)
				earliest = group->bucket[i].start;
		}
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
