/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rarity rule has counted as rows: one that says how it counts, {by, bucket_ms, next_end}; behind it one for
 * each group, {key, latest, ...} with its document; behind that its buckets, [group, start, node, count, first, last].
 */
#include <stdlib.h>

#include "base/saved.h"
#include "rules/counts.h"

#include <utlist.h>

#define KIND "rarity"

bool counts_changed(const struct counts *counts)
{
	return counts->changes || counts->saved_end != counts->next_end;
}

static int64_t save_row(const struct rows_keeper *keeper, const struct counts *counts, int64_t id,
			struct json_object *value, const char *document)
{
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
									 JSON_C_TO_STRING_NOSLASHESCAPE);
	const struct kept_row row = { id, KIND, counts->rule->id, text, document };

	id = keeper->save(keeper->user, &row);
	json_object_put(value);
	return id;
}

static struct json_object *head_of(const struct counts *counts)
{
	struct json_object *head = json_object_new_object();
	char *names = group_by_names(&counts->rule->by);

	json_object_object_add(head, "by", json_object_new_string(names));
	json_object_object_add(head, "bucket_ms", json_object_new_int64(counts->bucket_ms));
	json_object_object_add(head, "next_end", json_object_new_int64(counts->next_end));
	free(names);
	return head;
}

static int64_t latest_of(const struct group *group)
{
	return group->buckets ? group->bucket[group->buckets - 1].start : 0;
}

static void add_number(struct json_object *object, const char *name, int64_t number)
{
	json_object_object_add(object, name, json_object_new_int64(number));
}

static struct json_object *value_of_group(const struct group *group)
{
	struct json_object *value = json_object_new_object();

	json_object_object_add(value, "key", json_object_new_string(group->key));
	add_number(value, "latest", latest_of(group));
	add_number(value, "document_time", group->document_time);
	if (group->next_document) {
		json_object_object_add(value, "next_document",
				       json_object_new_string(group->next_document));
		add_number(value, "next_document_time", group->next_document_time);
		add_number(value, "next_end", group->next_end);
	}
	add_number(value, "alerted_end", group->alerted_end);
	return value;
}

static struct json_object *value_of_bucket(const struct group *group, const struct bucket *bucket)
{
	struct json_object *value = json_object_new_array();

	json_object_array_add(value, json_object_new_int64(group->id));
	json_object_array_add(value, json_object_new_int64(bucket->start));
	json_object_array_add(value, json_object_new_string(bucket->node));
	json_object_array_add(value, json_object_new_int64(bucket->count));
	json_object_array_add(value, json_object_new_int64(bucket->first));
	json_object_array_add(value, json_object_new_int64(bucket->last));
	return value;
}

static void tell_group(const struct counts *counts, struct group *group, const struct rows_keeper *keeper)
{
	if (group->self_changed || !group->id)
		group->id = save_row(keeper, counts, group->id, value_of_group(group), group->document);
	for (size_t i = 0; i < group->buckets; i++) {
		struct bucket *bucket = &group->bucket[i];

		if (bucket->changed)
			bucket->id = save_row(keeper, counts, bucket->id,
					      value_of_bucket(group, bucket), NULL);
	}
}

void counts_changes(struct counts *counts, size_t most, const struct rows_keeper *keeper)
{
	struct group *group;

	if (counts_changed(counts))
		counts->id = save_row(keeper, counts, counts->id, head_of(counts), NULL);
	DL_FOREACH2(counts->changes, group, next_change)
		tell_group(counts, group, keeper);
	rows_gone_tell(&counts->over, most, keeper);
}

void counts_saved(struct counts *counts)
{
	counts->saved_end = counts->next_end;
	while (counts->changes) {
		struct group *group = counts->changes;

		for (size_t i = 0; i < group->buckets; i++)
			group->bucket[i].changed = false;
		group->self_changed = false;
		group->changed = false;
		DL_DELETE2(counts->changes, group, prev_change, next_change);
	}
	counts->changed = 0;
	rows_gone_told(&counts->over);
}

void counts_forget_rows(struct counts *counts)
{
	counts->id = 0;
	counts->saved_end = 0;
	rows_gone_clear(&counts->over);
	for (struct group *group = counts->groups; group; group = group->hh.next) {
		group->id = 0;
		for (size_t i = 0; i < group->buckets; i++) {
			group->bucket[i].id = 0;
			group->bucket[i].changed = true;
		}
		counts_note(counts, group);
	}
}

/* --- restoring --- */

/* 0 if there is none that makes sense. */
static int64_t number_of(struct json_object *object, const char *name)
{
	int64_t number = 0;

	saved_number(json_object_object_get(object, name), SAVED_MAX_TIME, &number);
	return number;
}

/* Does the rule group and count as it did when that was saved? */
static bool counts_alike(const struct counts *counts, struct json_object *saved)
{
	const char *by = saved_text(saved, "by");
	char *names = group_by_names(&counts->rule->by);
	bool same = by && !strcmp(by, names) && number_of(saved, "bucket_ms") == counts->bucket_ms;

	free(names);
	return same;
}

/* A row that stands for what another one does, or for nothing. */
static bool leave_out(struct counts *counts, const struct kept_row *row)
{
	if (row->id != counts->id)
		rows_gone_add(&counts->over, row->id);
	return true;
}

static bool restore_head(struct counts *counts, const struct kept_row *row, struct json_object *head)
{
	struct restoring *restoring = &counts->restoring;
	int64_t end = number_of(head, "next_end");

	restoring->wanted = counts_alike(counts, head);
	restoring->end = end;
	if (!restoring->wanted)
		return leave_out(counts, row);
	if (end && (!restoring->earliest_end || end < restoring->earliest_end))
		restoring->earliest_end = end;
	if (counts->id)
		return leave_out(counts, row);
	counts->id = row->id;
	counts->saved_end = end;
	return true;
}

/* Nothing that was before is looked back to by the windows to come. */
static int64_t oldest_of(const struct counts *counts)
{
	if (!counts->restoring.end)
		return INT64_MAX;
	return counts->restoring.end - counts->rule->tuning.rarity.window_ms;
}

static void note_restored(struct counts *counts, int64_t id, struct group *group)
{
	struct restoring *restoring = &counts->restoring;

	if (restoring->groups == restoring->room) {
		restoring->room = restoring->room ? 2 * restoring->room : 64;
		restoring->group = mem_resize(restoring->group, restoring->room,
					      sizeof(*restoring->group));
	}
	restoring->group[restoring->groups++] = (struct restored_group){ id, group };
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = ((const struct restored_group *)a)->id, y = ((const struct restored_group *)b)->id;

	return (x > y) - (x < y);
}

static struct group *find_restored(const struct counts *counts, int64_t id)
{
	const struct restored_group key = { .id = id };
	const struct restored_group *found = NULL;

	if (counts->restoring.groups)
		found = bsearch(&key, counts->restoring.group, counts->restoring.groups, sizeof(key),
				compare_ids);
	return found ? found->group : NULL;
}

/* The event that stands for a group, and the one to come. */
struct documents {
	const char *now, *next;
	int64_t time, next_time;
	int64_t alerted_end;
};

static struct documents documents_of(const struct counts *counts, struct json_object *value,
				     const char *document)
{
	struct documents documents = {
		.now = document,
		.next = saved_text(value, "next_document"),
		.time = number_of(value, "document_time"),
		.next_time = number_of(value, "next_document_time"),
		.alerted_end = number_of(value, "alerted_end"),
	};

	/* The window was judged since. */
	if (documents.next && counts->restoring.end > number_of(value, "next_end")) {
		documents.now = documents.next;
		documents.time = documents.next_time;
		documents.next = NULL;
	}
	return documents;
}

static void restore_documents(struct counts *counts, struct group *group,
			      const struct documents *documents, int64_t end)
{
	if (!group->document || documents->time > group->document_time)
		counts_set_document(counts, group, mem_strdup(documents->now), documents->time);
	if (documents->next && !group->next_document) {
		counts_set_next_document(counts, group, mem_strdup(documents->next),
					 documents->next_time);
		group->next_end = end;
	}
	if (documents->alerted_end > group->alerted_end)
		group->alerted_end = documents->alerted_end;
}

/* Is the row none of a group that can be found again by its id? They come in the order of these. */
static bool is_out_of_order(const struct counts *counts, const struct kept_row *row)
{
	const struct restoring *restoring = &counts->restoring;

	return restoring->groups && restoring->group[restoring->groups - 1].id >= row->id;
}

static bool restore_group(struct counts *counts, const struct kept_row *row, struct json_object *value)
{
	const char *key = saved_text(value, "key");
	struct documents documents = documents_of(counts, value, row->document);
	struct group *group;
	bool known;

	if (!key || !row->document || is_out_of_order(counts, row))
		return false;
	if (number_of(value, "latest") < oldest_of(counts))
		return leave_out(counts, row);
	group = counts_group(counts, key);
	if (!group)
		return leave_out(counts, row);
	note_restored(counts, row->id, group);
	/* It was read before, until the rest could not be. */
	if (group->id == row->id)
		return true;
	known = group->document;
	restore_documents(counts, group, &documents, number_of(value, "next_end"));
	if (group->id)
		return leave_out(counts, row);
	group->id = row->id;
	group->self_changed = known;
	return true;
}

static bool read_bucket(struct json_object *value, size_t from, struct bucket *bucket)
{
	int64_t *const number[] = { &bucket->start, NULL, &bucket->count, &bucket->first, &bucket->last };

	for (size_t i = 0; i < 5; i++) {
		if (number[i] && !saved_number(json_object_array_get_idx(value, from + i),
					       SAVED_MAX_TIME, number[i]))
			return false;
	}
	return saved_text_at(value, from + 1) && bucket->count;
}

static void add_bucket(struct bucket *bucket, const struct bucket *saved)
{
	if (!bucket->count || saved->first < bucket->first)
		bucket->first = saved->first;
	if (saved->last > bucket->last)
		bucket->last = saved->last;
	bucket->count += saved->count;
	if (bucket->count > SAVED_MAX_TIME)
		bucket->count = SAVED_MAX_TIME;
}

static bool restore_bucket(struct counts *counts, const struct kept_row *row, struct json_object *value)
{
	struct bucket saved = { 0 };
	struct bucket *bucket;
	struct group *group;
	bool known;
	int64_t of;

	if (json_object_array_length(value) != 6 || !read_bucket(value, 1, &saved) ||
	    !saved_number(json_object_array_get_idx(value, 0), INT64_MAX, &of))
		return false;
	group = saved.start < oldest_of(counts) ? NULL : find_restored(counts, of);
	known = group && group->self_changed;
	bucket = group ? counts_bucket(counts, group, saved.start, saved_text_at(value, 2)) : NULL;
	if (!bucket)
		return leave_out(counts, row);
	group->self_changed = known;
	if (bucket->id == row->id)
		return true;
	add_bucket(bucket, &saved);
	if (bucket->id)
		return leave_out(counts, row);
	bucket->changed = bucket->count != saved.count || group->id != of;
	bucket->id = row->id;
	return true;
}

bool counts_restore_row(struct counts *counts, const struct kept_row *row)
{
	struct json_object *value = json_tokener_parse(row->value);
	bool good = false;

	if (json_object_is_type(value, json_type_object) && saved_text(value, "by"))
		good = restore_head(counts, row, value);
	else if (value && !counts->restoring.wanted)
		good = leave_out(counts, row);
	else if (json_object_is_type(value, json_type_array))
		good = restore_bucket(counts, row, value);
	else if (json_object_is_type(value, json_type_object))
		good = restore_group(counts, row, value);
	if (!good)
		leave_out(counts, row);
	json_object_put(value);
	return good;
}

static bool is_saved(const struct group *group)
{
	for (size_t i = 0; i < group->buckets; i++) {
		if (group->bucket[i].changed)
			return false;
	}
	return !group->self_changed;
}

/* Groups whose buckets could not be read are none, and what is as it was saved is no change. */
static void settle(struct counts *counts)
{
	struct group *group, *next;

	counts_prune(counts, 0);
	DL_FOREACH_SAFE2(counts->changes, group, next, next_change)
	{
		if (!is_saved(group))
			continue;
		DL_DELETE2(counts->changes, group, prev_change, next_change);
		group->changed = false;
		counts->changed--;
	}
}

/* The rule may end its windows at other times now: then the next is the first one after what was counted. */
static void restore_end(struct counts *counts, int64_t end)
{
	int64_t every = counts->rule->tuning.rarity.every_ms;

	end = (end + every - 1) / every * every;
	if (!counts->next_end || end < counts->next_end)
		counts->next_end = end;
}

/* What the windows to come do not look back to. */
static void leave_behind(struct counts *counts)
{
	if (counts->next_end)
		counts_prune(counts, counts->next_end - counts->rule->tuning.rarity.window_ms);
	if (!counts->groups)
		counts->next_end = 0;
}

void counts_restored(struct counts *counts)
{
	struct restoring *restoring = &counts->restoring;

	settle(counts);
	if (counts->groups && restoring->earliest_end)
		restore_end(counts, restoring->earliest_end);
	leave_behind(counts);
	free(restoring->group);
	*restoring = (struct restoring){ 0 };
}

/* --- what was kept before: {by, bucket_ms, next_end, groups: [{key, document, ..., buckets}]} --- */

static bool restore_old_bucket(struct counts *counts, struct group *group, struct json_object *value)
{
	struct bucket saved = { 0 };
	struct bucket *bucket;

	if (!value || json_object_array_length(value) != 5 || !read_bucket(value, 0, &saved))
		return false;
	bucket = counts_bucket(counts, group, saved.start, saved_text_at(value, 1));
	if (bucket)
		add_bucket(bucket, &saved);
	return true;
}

static bool restore_old_group(struct counts *counts, struct json_object *saved)
{
	struct json_object *buckets = saved_array(saved, "buckets");
	const char *key = saved_text(saved, "key"), *document = saved_text(saved, "document");
	struct documents documents;
	struct group *group;

	if (!key || !document || !buckets || !json_object_array_length(buckets))
		return false;
	group = counts_group(counts, key);
	if (!group)
		return true;
	documents = documents_of(counts, saved, document);
	restore_documents(counts, group, &documents, counts->restoring.end);
	for (size_t i = 0; i < json_object_array_length(buckets); i++) {
		if (!restore_old_bucket(counts, group, saved_row(buckets, i, 5)))
			return false;
	}
	return true;
}

bool counts_restore(struct counts *counts, struct json_object *saved)
{
	struct json_object *groups = saved_array(saved, "groups");
	bool good = groups;

	if (!counts_alike(counts, saved))
		return saved_text(saved, "by");
	for (size_t i = 0; good && i < json_object_array_length(groups); i++)
		good = restore_old_group(counts, json_object_array_get_idx(groups, i));
	if (!good || !counts->groups)
		return good;
	if (!number_of(saved, "next_end"))
		return false;
	restore_end(counts, number_of(saved, "next_end"));
	leave_behind(counts);
	return true;
}
