/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/counts.h"

#include <stdlib.h>

#include "base/saved.h"

#include <utstring.h>

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

/* Takes `more` bytes in the place of `less`. */
static void take_bytes(struct counts *counts, size_t more, size_t less)
{
	counts->bytes += more - less;
	counts->budget->bytes += more - less;
}

static void remove_group(struct counts *counts, struct group *group)
{
	take_bytes(counts, 0, size_of(group->key) + size_of(group->document) +
				      size_of(group->next_document));
	HASH_DEL(counts->groups, group);
	for (size_t i = 0; i < group->buckets; i++)
		free(group->bucket[i].node);
	free(group->bucket);
	free(group->document);
	free(group->next_document);
	free(group->key);
	free(group);
}

void counts_clear(struct counts *counts)
{
	struct group *group, *next;

	HASH_ITER(hh, counts->groups, group, next)
		remove_group(counts, group);
}

static struct group *find_group(const struct counts *counts, const char *key)
{
	struct group *group;

	HASH_FIND_STR(counts->groups, key, group);
	return group;
}

static struct group *new_group(struct counts *counts, const char *key)
{
	struct group *group = mem_zalloc(sizeof(*group));

	group->key = mem_strdup(key);
	take_bytes(counts, size_of(key), 0);
	HASH_ADD_KEYPTR(hh, counts->groups, group->key, strlen(group->key), group);
	return group;
}

static bool has_room(const struct counts *counts)
{
	return counts->budget->bytes < COUNTS_MAX_BYTES ||
	       counts->bytes < COUNTS_MAX_BYTES / counts->budget->rules;
}

struct group *counts_group(struct counts *counts, const char *key)
{
	struct group *group = find_group(counts, key);

	return group || !has_room(counts) ? group : new_group(counts, key);
}

void counts_set_document(struct counts *counts, struct group *group, char *document, int64_t time)
{
	take_bytes(counts, size_of(document), size_of(group->document));
	free(group->document);
	group->document = document;
	group->document_time = time;
}

void counts_set_next_document(struct counts *counts, struct group *group, char *document,
			      int64_t time)
{
	take_bytes(counts, size_of(document), size_of(group->next_document));
	free(group->next_document);
	group->next_document = document;
	group->next_document_time = time;
}

void counts_use_next(struct counts *counts)
{
	for (struct group *group = counts->groups; group; group = group->hh.next) {
		char *document = group->next_document;

		if (!document)
			continue;
		take_bytes(counts, 0, size_of(document));
		group->next_document = NULL;
		counts_set_document(counts, group, document, group->next_document_time);
	}
}

struct bucket *counts_bucket(const struct counts *counts, struct group *group, int64_t time,
			     const char *node)
{
	int64_t start = time - time % counts->bucket_ms;
	struct bucket *bucket;

	/* Most events belong to the latest. */
	for (size_t i = group->buckets; i > 0; i--) {
		bucket = &group->bucket[i - 1];
		if (bucket->start == start && !strcmp(bucket->node, node))
			return bucket;
	}
	group->bucket = mem_resize(group->bucket, group->buckets + 1, sizeof(*group->bucket));
	bucket = &group->bucket[group->buckets++];
	*bucket = (struct bucket){ .start = start, .node = mem_strdup(node) };
	return bucket;
}

void counts_prune(struct counts *counts, int64_t oldest)
{
	struct group *group, *next;

	HASH_ITER(hh, counts->groups, group, next) {
		size_t kept = 0;

		for (size_t i = 0; i < group->buckets; i++) {
			if (group->bucket[i].start < oldest)
				free(group->bucket[i].node);
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

static struct json_object *save_group(const struct group *group)
{
	struct json_object *saved = json_object_new_object();
	struct json_object *buckets = json_object_new_array();

	for (size_t i = 0; i < group->buckets; i++) {
		const struct bucket *bucket = &group->bucket[i];
		struct json_object *row = json_object_new_array();

		json_object_array_add(row, json_object_new_int64(bucket->start));
		json_object_array_add(row, json_object_new_string(bucket->node));
		json_object_array_add(row, json_object_new_int64(bucket->count));
		json_object_array_add(row, json_object_new_int64(bucket->first));
		json_object_array_add(row, json_object_new_int64(bucket->last));
		json_object_array_add(buckets, row);
	}
	json_object_object_add(saved, "key", json_object_new_string(group->key));
	json_object_object_add(saved, "document", json_object_new_string(group->document));
	json_object_object_add(saved, "document_time",
			       json_object_new_int64(group->document_time));
	if (group->next_document) {
		json_object_object_add(saved, "next_document",
				       json_object_new_string(group->next_document));
		json_object_object_add(saved, "next_document_time",
				       json_object_new_int64(group->next_document_time));
	}
	json_object_object_add(saved, "alerted_end", json_object_new_int64(group->alerted_end));
	json_object_object_add(saved, "buckets", buckets);
	return saved;
}

struct json_object *counts_save(const struct counts *counts)
{
	struct json_object *saved = json_object_new_object();
	struct json_object *groups = json_object_new_array();
	char *names = group_by_names(&counts->rule->by);

	for (const struct group *group = counts->groups; group; group = group->hh.next)
		json_object_array_add(groups, save_group(group));
	json_object_object_add(saved, "by", json_object_new_string(names));
	json_object_object_add(saved, "bucket_ms", json_object_new_int64(counts->bucket_ms));
	json_object_object_add(saved, "next_end", json_object_new_int64(counts->next_end));
	json_object_object_add(saved, "groups", groups);
	free(names);
	return saved;
}

/* 0 if there is none that makes sense. */
static int64_t number_of(struct json_object *object, const char *name)
{
	int64_t number = 0;

	saved_number(json_object_object_get(object, name), SAVED_MAX_TIME, &number);
	return number;
}

static bool restore_bucket(const struct counts *counts, struct group *group, struct json_object *row)
{
	bool whole = row && json_object_array_length(row) == 5;
	const char *node = whole ? saved_text_at(row, 1) : NULL;
	struct bucket *bucket;
	int64_t number[5] = { 0 };

	for (size_t i = 0; node && i < 5; i++) {
		if (i != 1 && !saved_number(json_object_array_get_idx(row, i), SAVED_MAX_TIME, &number[i]))
			return false;
	}
	if (!number[2])
		return false;
	bucket = counts_bucket(counts, group, number[0], node);
	if (!bucket->count || number[3] < bucket->first)
		bucket->first = number[3];
	if (number[4] > bucket->last)
		bucket->last = number[4];
	bucket->count += number[2];
	if (bucket->count > SAVED_MAX_TIME)
		bucket->count = SAVED_MAX_TIME;
	return true;
}

static void restore_documents(struct counts *counts, struct group *group, struct json_object *saved)
{
	const char *document = saved_text(saved, "document");
	const char *next_document = saved_text(saved, "next_document");
	int64_t time = number_of(saved, "document_time");

	if (!group->document || time > group->document_time)
		counts_set_document(counts, group, mem_strdup(document), time);
	if (next_document && !group->next_document)
		counts_set_next_document(counts, group, mem_strdup(next_document),
					 number_of(saved, "next_document_time"));
}

static bool restore_group(struct counts *counts, struct json_object *saved)
{
	struct json_object *buckets = saved_array(saved, "buckets");
	const char *key = saved_text(saved, "key");
	struct group *group;

	if (!key || !saved_text(saved, "document") || !buckets || !json_object_array_length(buckets))
		return false;
	/* What was kept is kept, even if it had grown to the limit. */
	group = find_group(counts, key);
	if (!group)
		group = new_group(counts, key);
	restore_documents(counts, group, saved);
	if (number_of(saved, "alerted_end") > group->alerted_end)
		group->alerted_end = number_of(saved, "alerted_end");
	for (size_t i = 0; i < json_object_array_length(buckets); i++) {
		if (!restore_bucket(counts, group, saved_row(buckets, i, 5)))
			return false;
	}
	return true;
}

/* The rule may end its windows at other times now: then the next is the first one after what was counted. */
static bool restore_end(struct counts *counts, int64_t end)
{
	int64_t every = counts->rule->tuning.rarity.every_ms;

	if (end <= 0)
		return false;
	end = (end + every - 1) / every * every;
	if (!counts->next_end || end < counts->next_end)
		counts->next_end = end;
	return true;
}

bool counts_restore(struct counts *counts, struct json_object *saved)
{
	struct json_object *groups = saved_array(saved, "groups");
	const char *by = saved_text(saved, "by");
	char *names = group_by_names(&counts->rule->by);
	bool same = by && !strcmp(by, names) && number_of(saved, "bucket_ms") == counts->bucket_ms;

	free(names);
	if (!same)
		return by;
	if (!groups)
		return false;
	counts->changed = true;
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		if (!restore_group(counts, json_object_array_get_idx(groups, i)))
			return false;
	}
	return !counts->groups || restore_end(counts, number_of(saved, "next_end"));
}
