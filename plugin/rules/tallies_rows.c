/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a threshold rule has counted as rows: one that says how it counts, {by, distinct, seed}; behind it one for each
 * group, [key, [first time, ms to the next, ...], [hash, time, hash, time, ...]].
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/saved.h"
#include "rules/tallies.h"

#include <utlist.h>

#define KIND "threshold"

bool tallies_changed(const struct tallies *tallies)
{
	return tallies->changes || tallies->gone.count || tallies->self_changed;
}

static int64_t save_row(const struct rows_keeper *keeper, const struct tallies *tallies, int64_t id,
			struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
									 JSON_C_TO_STRING_NOSLASHESCAPE);
	const struct kept_row row = { id, KIND, tallies->rule->id, text, NULL };

	id = keeper->save(keeper->user, &row);
	json_object_put(value);
	return id;
}

static struct json_object *head_of(const struct tallies *tallies)
{
	struct json_object *head = json_object_new_object();
	char *by = group_by_names(&tallies->rule->by);
	char *distinct = group_by_names(&tallies->rule->distinct);

	json_object_object_add(head, "by", json_object_new_string(by));
	json_object_object_add(head, "distinct", json_object_new_string(distinct));
	json_object_object_add(head, "seed", json_object_new_int64((int64_t)tallies->seed));
	free(distinct);
	free(by);
	return head;
}

static struct json_object *value_of(const struct tally *tally)
{
	struct json_object *value = json_object_new_array();
	struct json_object *times = json_object_new_array();
	struct json_object *seen = json_object_new_array();
	int64_t before = 0;

	for (size_t i = 0; i < tally->times; i++) {
		json_object_array_add(times, json_object_new_int64(tally->time[i] - before));
		before = tally->time[i];
	}
	for (size_t i = 0; i < tally->seens; i++) {
		json_object_array_add(seen, json_object_new_int64((int64_t)tally->seen[i].hash));
		json_object_array_add(seen, json_object_new_int64(tally->seen[i].time));
	}
	json_object_array_add(value, json_object_new_string(tally->key));
	json_object_array_add(value, times);
	json_object_array_add(value, seen);
	return value;
}

void tallies_changes(struct tallies *tallies, const struct rows_keeper *keeper)
{
	struct tally *tally;

	if (tallies->self_changed || (tallies->changes && !tallies->id))
		tallies->id = save_row(keeper, tallies, tallies->id, head_of(tallies));
	DL_FOREACH2(tallies->changes, tally, next_change)
		tally->id = save_row(keeper, tallies, tally->id, value_of(tally));
	rows_gone_tell(&tallies->gone, SIZE_MAX, keeper);
}

void tallies_saved(struct tallies *tallies)
{
	tallies->self_changed = false;
	while (tallies->changes) {
		struct tally *tally = tallies->changes;

		tally->changed = false;
		DL_DELETE2(tallies->changes, tally, prev_change, next_change);
	}
	tallies->changed = 0;
	rows_gone_told(&tallies->gone);
}

void tallies_forget_rows(struct tallies *tallies)
{
	tallies->id = 0;
	rows_gone_clear(&tallies->gone);
	for (struct tally *tally = tallies->by_age; tally; tally = tally->next) {
		tally->id = 0;
		tallies_note(tallies, tally);
	}
}

/* --- restoring --- */

static bool restore_times(struct tallies *tallies, struct tally *tally, struct json_object *times)
{
	int64_t time = 0;

	for (size_t i = 0; i < json_object_array_length(times); i++) {
		int64_t step;

		if (!saved_number(json_object_array_get_idx(times, i), SAVED_MAX_TIME - time,
				  &step))
			return false;
		time += step;
		tallies_note_time(tallies, tally, time);
	}
	return tally->times;
}

static bool restore_seen(struct tallies *tallies, struct tally *tally, struct json_object *saved)
{
	struct seen seen;

	for (size_t i = 0; i + 1 < json_object_array_length(saved); i += 2) {
		struct json_object *hash = json_object_array_get_idx(saved, i);

		if (!json_object_is_type(hash, json_type_int) ||
		    !saved_number(json_object_array_get_idx(saved, i + 1), SAVED_MAX_TIME,
				  &seen.time))
			return false;
		seen.hash = (uint64_t)json_object_get_int64(hash);
		if (tallies->rule->distinct.fields)
			tallies_note_seen(tallies, tally, seen);
	}
	return true;
}

/* Adds a group; its row of that id is its own from now on, if it has none. Returns NULL if it makes no sense. */
static struct tally *restore_tally(struct tallies *tallies, int64_t id, struct json_object *value)
{
	struct json_object *times = value ? saved_row(value, 1, 1) : NULL;
	struct json_object *seen = value ? saved_row(value, 2, 0) : NULL;
	const char *key = value ? saved_text_at(value, 0) : NULL;
	struct tally *tally;
	bool known;

	if (!key || strlen(key) > GROUP_BY_MAX_KEY || !times || !seen)
		return NULL;
	tally = tallies_find(tallies, key);
	/* It was read before, until the rest could not be. */
	if (id && tally->id == id)
		return tally;
	known = tally->times;
	if (!restore_times(tallies, tally, times) || !restore_seen(tallies, tally, seen)) {
		if (known)
			tallies_note(tallies, tally);
		else
			tallies_remove(tallies, tally);
		return NULL;
	}
	tallies_leave_behind(tallies, tally);
	if (known || !id)
		tallies_note(tallies, tally);
	if (!tally->id)
		tally->id = id;
	return tally;
}

static bool counts_by(const struct group_by *by, const char *saved)
{
	char *names = group_by_names(by);
	bool same = saved && !strcmp(names, saved);

	free(names);
	return same;
}

/* Values that were noted with another seed can't be told from those to come. */
static void use_seed(struct tallies *tallies, uint64_t seed)
{
	if (tallies->seed == seed)
		return;
	tallies->seed = seed;
	for (struct tally *tally = tallies->by_age; tally; tally = tally->next) {
		if (tally->seens)
			tallies_note(tallies, tally);
		tally->seens = 0;
	}
}

/* Returns false if it makes no sense. */
static bool restore_head(struct tallies *tallies, struct json_object *head)
{
	struct json_object *seed = NULL;
	int64_t number;

	tallies->wanted = counts_by(&tallies->rule->by, saved_text(head, "by")) &&
			  counts_by(&tallies->rule->distinct, saved_text(head, "distinct"));
	if (!tallies->wanted)
		return saved_text(head, "by") && saved_text(head, "distinct");
	json_object_object_get_ex(head, "seed", &seed);
	tallies->wanted = saved_number(seed, INT64_MAX, &number);
	if (tallies->wanted)
		use_seed(tallies, (uint64_t)number);
	return tallies->wanted;
}

static bool restore_value(struct tallies *tallies, const struct kept_row *row, struct json_object *value,
			  int64_t latest)
{
	struct tally *tally = restore_tally(tallies, row->id, value);

	if (tally && tally->id != row->id)
		rows_gone_add(&tallies->gone, row->id);
	if (tally && tally_last(tally) > latest)
		tallies_remove(tallies, tally);
	return tally;
}

bool tallies_restore_row(struct tallies *tallies, const struct kept_row *row, int64_t latest)
{
	struct json_object *value = json_tokener_parse(row->value);
	bool good = false, used = false;

	if (json_object_is_type(value, json_type_object)) {
		good = restore_head(tallies, value);
		used = tallies->wanted && (!tallies->id || tallies->id == row->id);
		if (used)
			tallies->id = row->id;
		/* Another of the same rule, and perhaps of another seed. */
		tallies->self_changed |= tallies->wanted && !used;
	} else if (json_object_is_type(value, json_type_array) && tallies->wanted) {
		good = restore_value(tallies, row, value, latest);
		used = good;
	} else {
		good = value && !tallies->wanted;
	}
	if (!used)
		rows_gone_add(&tallies->gone, row->id);
	json_object_put(value);
	return good;
}

static int idle_longer(const struct tally *a, const struct tally *b)
{
	return (tally_last(a) > tally_last(b)) - (tally_last(a) < tally_last(b));
}

void tallies_restored(struct tallies *tallies)
{
	tallies->wanted = false;
	DL_SORT(tallies->by_age, idle_longer);
}

/* --- what was kept before: {by, distinct, seed, groups: [...]} --- */

bool tallies_restore(struct tallies *tallies, struct json_object *saved, int64_t latest)
{
	struct json_object *groups = saved_array(saved, "groups");
	bool good = restore_head(tallies, saved);

	if (!tallies->wanted)
		return good;
	tallies->self_changed = true;
	good = groups;
	for (size_t i = 0; good && i < json_object_array_length(groups); i++) {
		struct tally *tally = restore_tally(tallies, 0, saved_row(groups, i, 3));

		good = tally;
		if (tally && tally_last(tally) > latest)
			tallies_remove(tallies, tally);
	}
	tallies_restored(tallies);
	return good;
}
