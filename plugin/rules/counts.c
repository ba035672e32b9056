/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/counts.h"

#include <stdlib.h>

#include <utstring.h>

#define MAX_NUMBER ((int64_t)1 << 53) /* of a count or a time in ms: far from where sums overflow */

static int64_t greatest_common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

void counts_init(struct counts *counts, const struct rule *rule)
{
	*counts = (struct counts){ .rule = rule };
	counts->bucket_ms = greatest_common_divisor(rule->tuning.rarity.window_ms, rule->tuning.rarity.every_ms);
}

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static void remove_group(struct counts *counts, struct group *group)
{
	counts->bytes -= size_of(group->key) + size_of(group->document) +
			 size_of(group->next_document);
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
	counts->bytes += size_of(key);
	HASH_ADD_KEYPTR(hh, counts->groups, group->key, strlen(group->key), group);
	return group;
}

struct group *counts_group(struct counts *counts, const char *key)
{
	struct group *group = find_group(counts, key);

	return group || counts->bytes >= COUNTS_MAX_BYTES ? group : new_group(counts, key);
}

void counts_set_document(struct counts *counts, struct group *group, char *document, int64_t time)
{
	counts->bytes += size_of(document) - size_of(group->document);
	free(group->document);
	group->document = document;
	group->document_time = time;
}

void counts_set_next_document(struct counts *counts, struct group *group, char *document,
			      int64_t time)
{
	counts->bytes += size_of(document) - size_of(group->next_document);
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
		counts->bytes -= size_of(document);
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

static const char *get_text(struct json_object *object, const char *name)
{
	struct json_object *member = json_object_object_get(object, name);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member) :
							       NULL;
}

static int64_t get_number(struct json_object *object, const char *name)
{
	return json_object_get_int64(json_object_object_get(object, name));
}

static bool restore_bucket(const struct counts *counts, struct group *group, struct json_object *row)
{
	struct bucket *bucket;
	int64_t number[5];

	if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) != 5)
		return false;
	for (size_t i = 0; i < 5; i++) {
		number[i] = json_object_get_int64(json_object_array_get_idx(row, i));
		if (i != 1 && (number[i] < 0 || number[i] > MAX_NUMBER))
			return false;
	}
	if (!json_object_is_type(json_object_array_get_idx(row, 1), json_type_string) ||
	    number[2] == 0)
		return false;
	bucket = counts_bucket(counts, group, number[0],
			     json_object_get_string(json_object_array_get_idx(row, 1)));
	bucket->count += number[2];
	bucket->first = number[3];
	bucket->last = number[4];
	return true;
}

static bool restore_group(struct counts *counts, struct json_object *saved)
{
	struct json_object *buckets = json_object_object_get(saved, "buckets");
	const char *key = get_text(saved, "key");
	const char *document = get_text(saved, "document");
	const char *next_document = get_text(saved, "next_document");
	struct group *group;

	if (!key || !document || !json_object_is_type(buckets, json_type_array) ||
	    !json_object_array_length(buckets))
		return false;
	/* What was kept is kept, even if it had grown to the limit. */
	group = find_group(counts, key);
	if (!group)
		group = new_group(counts, key);
	counts_set_document(counts, group, mem_strdup(document),
			    get_number(saved, "document_time"));
	if (next_document)
		counts_set_next_document(counts, group, mem_strdup(next_document),
					 get_number(saved, "next_document_time"));
	group->alerted_end = get_number(saved, "alerted_end");
	for (size_t i = 0; i < json_object_array_length(buckets); i++) {
		if (!restore_bucket(counts, group, json_object_array_get_idx(buckets, i)))
			return false;
	}
	return true;
}

/* The rule may end its windows at other times now: then the next is the first one after what was counted. */
static bool restore_end(struct counts *counts, int64_t end)
{
	int64_t every = counts->rule->tuning.rarity.every_ms;

	if (end <= 0 || end > MAX_NUMBER)
		return false;
	counts->next_end = (end + every - 1) / every * every;
	return true;
}

bool counts_restore(struct counts *counts, struct json_object *saved)
{
	struct json_object *groups = json_object_object_get(saved, "groups");
	char *names = group_by_names(&counts->rule->by);
	bool same = get_text(saved, "by") &&
		    !strcmp(get_text(saved, "by"), names) &&
		    get_number(saved, "bucket_ms") == counts->bucket_ms;

	free(names);
	if (!same)
		return get_text(saved, "by");
	if (!json_object_is_type(groups, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		if (!restore_group(counts, json_object_array_get_idx(groups, i)))
			return false;
	}
	return !counts->groups || restore_end(counts, get_number(saved, "next_end"));
}
