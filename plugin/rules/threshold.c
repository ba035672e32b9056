/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/threshold.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/saved.h"
#include "rules/tallies.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FORGET_AT_ONCE 2 /* groups that are out of date, for each event: more than can be added */

struct threshold {
	struct tallies *tallies;
	size_t rules;
	size_t bytes;	/* of all rules */
	int64_t latest; /* no event is later; INT64_MAX without a bound */
	uint64_t uncounted;
	uint64_t forgotten;
};

struct threshold *threshold_new(const struct ruleset *ruleset)
{
	struct threshold *threshold = mem_zalloc(sizeof(*threshold));

	threshold->latest = INT64_MAX;
	threshold->tallies = mem_zalloc((ruleset->rules + 1) * sizeof(*threshold->tallies));
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (ruleset->rule[i]->type == RULE_THRESHOLD)
			tallies_init(&threshold->tallies[threshold->rules++], ruleset->rule[i],
				     &threshold->bytes);
	}
	return threshold;
}

void threshold_free(struct threshold *threshold)
{
	if (!threshold)
		return;
	for (size_t i = 0; i < threshold->rules; i++)
		tallies_clear(&threshold->tallies[i]);
	free(threshold->tallies);
	free(threshold);
}

static bool has_enough(const struct tallies *tallies, const struct tally *tally)
{
	const struct threshold_settings *settings = &tallies->rule->tuning.threshold;

	return (int64_t)tally->times >= settings->at_least &&
	       (int64_t)tally->seens >= settings->distinct_at_least;
}

static struct threshold_finding sum_up(const struct tally *tally)
{
	struct threshold_finding sum = {
		.count = (int64_t)tally->times,
		.distinct = (int64_t)tally->seens,
		.first = tally->time[0],
		.last = tally_last(tally),
	};

	if (tally->seens && tally->seen[0].time < sum.first)
		sum.first = tally->seen[0].time;
	return sum;
}

/* The rule that takes most of all that have a group beside `used`; NULL if none has. */
static struct tallies *fullest(const struct threshold *threshold, const struct tally *used)
{
	struct tallies *full = NULL;

	for (size_t i = 0; i < threshold->rules; i++) {
		struct tallies *tallies = &threshold->tallies[i];

		if (tallies->by_age && tallies->by_age != used &&
		    (!full || tallies->bytes > full->bytes))
			full = tallies;
	}
	return full;
}

/* Forgets groups for want of room, but not the one in use. */
static void make_room(struct threshold *threshold, const struct tally *used, int64_t time)
{
	while (threshold->bytes > THRESHOLD_MAX_BYTES) {
		struct tallies *full = fullest(threshold, used);

		if (!full)
			return;
		threshold->forgotten +=
			tally_last(full->by_age) > time - full->rule->tuning.threshold.window_ms;
		tallies_remove(full, full->by_age);
	}
}

/* Forgets groups that are out of date at `time`. */
static void forget_old(struct tallies *tallies, int64_t time)
{
	int64_t oldest = time - tallies->rule->tuning.threshold.window_ms;

	/* A few at a time: one event of a clock that is ahead shall not undo all that was counted.
	 */
	for (int i = 0; i < FORGET_AT_ONCE && tallies->by_age; i++) {
		if (tally_last(tallies->by_age) > oldest)
			break;
		tallies_remove(tallies, tallies->by_age);
	}
}

/* Nothing that comes would count with what a clock that was ahead has left: it goes. */
static void drop_future(const struct threshold *threshold, const struct tallies *tallies,
			struct tally *tally, int64_t time)
{
	int64_t last = tally_last(tally);

	if (last <= threshold->latest &&
	    last - CLOCK_WRONG_MS <= time + tallies->rule->tuning.threshold.window_ms)
		return;
	tally->times = 0;
	tally->seens = 0;
}

static uint64_t hash_of(const struct tallies *tallies, const struct process_event *event)
{
	char *key = group_by_key(&tallies->rule->distinct, event);
	uint64_t hash = XXH3_64bits_withSeed(key, strlen(key), tallies->seed);

	free(key);
	return hash;
}

static bool count(struct threshold *threshold, struct tallies *tallies, const char *key,
		  const struct process_event *event, int64_t time,
		  struct threshold_finding *finding)
{
	struct tally *tally = tallies_find(tallies, key);

	tallies->changed = true;
	drop_future(threshold, tallies, tally, time);
	if (time <= tally_last(tally) - tallies->rule->tuning.threshold.window_ms) {
		threshold->uncounted++;
		return false;
	}
	tallies_note_time(tallies, tally, time);
	if (tallies->rule->distinct.fields)
		tallies_note_seen(tallies, tally, (struct seen){ hash_of(tallies, event), time });
	tallies_leave_behind(tallies, tally);
	if (!has_enough(tallies, tally)) {
		make_room(threshold, tally, time);
		forget_old(tallies, time);
		return false;
	}
	*finding = sum_up(tally);
	tallies_remove(tallies, tally);
	return true;
}

bool threshold_count(struct threshold *threshold, const struct rule *rule,
		     const struct process_event *event, int64_t time,
		     struct threshold_finding *finding)
{
	char *key = group_by_key(&rule->by, event);
	bool enough = false;
	size_t i = 0;

	while (threshold->tallies[i].rule != rule)
		i++;
	if (strlen(key) > GROUP_BY_MAX_KEY)
		threshold->uncounted++;
	else
		enough = count(threshold, &threshold->tallies[i], key, event, time, finding);
	free(key);
	return enough;
}

void threshold_set_latest(struct threshold *threshold, int64_t latest)
{
	threshold->latest = latest;
}

uint64_t threshold_uncounted(const struct threshold *threshold)
{
	return threshold->uncounted;
}

uint64_t threshold_forgotten(const struct threshold *threshold)
{
	return threshold->forgotten;
}

/* --- what is saved: [key, [first time, ms to the next, ...], [hash, time, hash, time, ...]] --- */

static struct json_object *save_tally(const struct tally *tally)
{
	struct json_object *saved = json_object_new_array();
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
	json_object_array_add(saved, json_object_new_string(tally->key));
	json_object_array_add(saved, times);
	json_object_array_add(saved, seen);
	return saved;
}

static struct json_object *save_rule(const struct tallies *tallies)
{
	struct json_object *saved = json_object_new_object();
	struct json_object *groups = json_object_new_array();
	char *by = group_by_names(&tallies->rule->by);
	char *distinct = group_by_names(&tallies->rule->distinct);

	for (const struct tally *tally = tallies->by_age; tally; tally = tally->next)
		json_object_array_add(groups, save_tally(tally));
	json_object_object_add(saved, "by", json_object_new_string(by));
	json_object_object_add(saved, "distinct", json_object_new_string(distinct));
	json_object_object_add(saved, "seed", json_object_new_int64((int64_t)tallies->seed));
	json_object_object_add(saved, "groups", groups);
	free(distinct);
	free(by);
	return saved;
}

struct json_object *threshold_save(const struct threshold *threshold)
{
	struct json_object *saved = json_object_new_object();

	for (size_t i = 0; i < threshold->rules; i++) {
		if (threshold->tallies[i].by_age)
			json_object_object_add(saved, threshold->tallies[i].rule->id,
					       save_rule(&threshold->tallies[i]));
	}
	return saved;
}

struct json_object *threshold_changes(const struct threshold *threshold)
{
	struct json_object *saved = json_object_new_object();

	for (size_t i = 0; i < threshold->rules; i++) {
		if (threshold->tallies[i].changed)
			json_object_object_add(saved, threshold->tallies[i].rule->id,
					       save_rule(&threshold->tallies[i]));
	}
	return saved;
}

bool threshold_changed(const struct threshold *threshold)
{
	for (size_t i = 0; i < threshold->rules; i++) {
		if (threshold->tallies[i].changed)
			return true;
	}
	return false;
}

void threshold_saved(struct threshold *threshold)
{
	for (size_t i = 0; i < threshold->rules; i++)
		threshold->tallies[i].changed = false;
}

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

static bool restore_tally(struct threshold *threshold, struct tallies *tallies,
			  struct json_object *row)
{
	struct json_object *times = row ? saved_row(row, 1, 1) : NULL;
	struct json_object *seen = row ? saved_row(row, 2, 0) : NULL;
	const char *key = row ? saved_text_at(row, 0) : NULL;
	struct tally *tally;

	if (!key || strlen(key) > GROUP_BY_MAX_KEY || !times || !seen)
		return false;
	tally = tallies_find(tallies, key);
	if (!restore_times(tallies, tally, times) || !restore_seen(tallies, tally, seen))
		return false;
	tallies_leave_behind(tallies, tally);
	make_room(threshold, tally, tally_last(tally));
	if (tally_last(tally) > threshold->latest)
		tallies_remove(tallies, tally);
	return true;
}

static bool is_same(const struct group_by *by, const char *saved)
{
	char *names = group_by_names(by);
	bool same = saved && !strcmp(names, saved);

	free(names);
	return same;
}

/* Values that were noted with another seed can't be told from those to come. */
static void use_seed(struct tallies *tallies, uint64_t seed)
{
	tallies->seed = seed;
	for (struct tally *tally = tallies->by_age; tally; tally = tally->next)
		tally->seens = 0;
}

static bool restore_rule(struct threshold *threshold, struct tallies *tallies,
			 struct json_object *saved)
{
	struct json_object *groups = saved_array(saved, "groups");
	struct json_object *seed = NULL;
	int64_t number;

	if (!is_same(&tallies->rule->by, saved_text(saved, "by")) ||
	    !is_same(&tallies->rule->distinct, saved_text(saved, "distinct")))
		return saved_text(saved, "by") && saved_text(saved, "distinct");
	json_object_object_get_ex(saved, "seed", &seed);
	if (!groups || !saved_number(seed, INT64_MAX, &number))
		return false;
	use_seed(tallies, (uint64_t)number);
	tallies->changed = true;
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		if (!restore_tally(threshold, tallies, saved_row(groups, i, 3)))
			return false;
	}
	return true;
}

bool threshold_restore(struct threshold *threshold, struct json_object *saved)
{
	bool good = true;

	if (!json_object_is_type(saved, json_type_object))
		return false;
	for (size_t i = 0; i < threshold->rules; i++) {
		struct tallies *tallies = &threshold->tallies[i];
		struct json_object *rule = NULL;

		if (!json_object_object_get_ex(saved, tallies->rule->id, &rule) ||
		    restore_rule(threshold, tallies, rule))
			continue;
		good = false;
		tallies_clear(tallies);
	}
	return good;
}
