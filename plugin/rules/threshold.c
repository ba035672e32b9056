/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/threshold.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/saved.h"

#include <uthash.h>
#include <utlist.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define FORGET_AT_ONCE 2 /* groups that are out of date, for each event: more than can be added */

/* A value of the field whose values are counted. */
struct seen {
	uint64_t hash;
	int64_t time; /* when it was seen last */
};

struct tally {
	char *key;
	int64_t *time; /* of its latest events, earliest first */
	size_t times, room;
	struct seen *seen; /* its latest values, least recently seen first */
	size_t seens, seen_room;
	struct tally *prev, *next; /* the one idle longest first */
	UT_hash_handle hh;
};

/* One rule's groups. */
struct tallies {
	const struct rule *rule;
	struct tally *by_key;
	struct tally *by_age;
	size_t bytes;
	uint64_t seed; /* nobody who chooses values may choose which of them look the same */
};

struct threshold {
	struct tallies *tallies;
	size_t rules;
	uint64_t uncounted;
	uint64_t forgotten;
};

static void begin(struct tallies *tallies, const struct rule *rule)
{
	*tallies = (struct tallies){ .rule = rule };
	/* Without random numbers the address of one's own memory must do. */
	if (getrandom(&tallies->seed, sizeof(tallies->seed), GRND_NONBLOCK) < 0)
		tallies->seed = (uintptr_t)tallies;
	tallies->seed >>= 1; /* a number that JSON can hold */
}

struct threshold *threshold_new(const struct ruleset *ruleset)
{
	struct threshold *threshold = mem_zalloc(sizeof(*threshold));

	threshold->tallies = mem_zalloc((ruleset->rules + 1) * sizeof(*threshold->tallies));
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (ruleset->rule[i]->type == RULE_THRESHOLD)
			begin(&threshold->tallies[threshold->rules++], ruleset->rule[i]);
	}
	return threshold;
}

static size_t size_of(const struct tally *tally)
{
	return sizeof(*tally) + strlen(tally->key) + 1 + tally->room * sizeof(*tally->time) +
	       tally->seen_room * sizeof(*tally->seen);
}

static void remove_tally(struct tallies *tallies, struct tally *tally)
{
	tallies->bytes -= size_of(tally);
	HASH_DEL(tallies->by_key, tally);
	DL_DELETE(tallies->by_age, tally);
	free(tally->seen);
	free(tally->time);
	free(tally->key);
	free(tally);
}

static void clear(struct tallies *tallies)
{
	while (tallies->by_age)
		remove_tally(tallies, tallies->by_age);
}

void threshold_free(struct threshold *threshold)
{
	if (!threshold)
		return;
	for (size_t i = 0; i < threshold->rules; i++)
		clear(&threshold->tallies[i]);
	free(threshold->tallies);
	free(threshold);
}

/* Returns the group of that key, made if need be; it is the youngest from now on. */
static struct tally *find_tally(struct tallies *tallies, const char *key)
{
	struct tally *tally;

	HASH_FIND_STR(tallies->by_key, key, tally);
	if (tally) {
		DL_DELETE(tallies->by_age, tally);
	} else {
		tally = mem_zalloc(sizeof(*tally));
		tally->key = mem_strdup(key);
		tallies->bytes += size_of(tally);
		HASH_ADD_KEYPTR(hh, tallies->by_key, tally->key, strlen(tally->key), tally);
	}
	DL_APPEND(tallies->by_age, tally);
	return tally;
}

/* As many times are kept as there must be events: each value is of one. */
static size_t most_times(const struct rule *rule)
{
	const struct threshold_settings *settings = &rule->tuning.threshold;

	return (size_t)(settings->at_least > settings->distinct_at_least
				? settings->at_least
				: settings->distinct_at_least);
}

static size_t more_room(size_t room, size_t most)
{
	if (!room)
		return most < 4 ? most : 4;
	return room * 2 < most ? room * 2 : most;
}

/* Events can come slightly out of order: the time is put where it belongs. */
static void note_time(struct tallies *tallies, struct tally *tally, int64_t time)
{
	size_t most = most_times(tallies->rule);
	size_t place = tally->times;

	while (place && tally->time[place - 1] > time)
		place--;
	if (tally->times >= most) {
		if (!place)
			return;
		place--;
		memmove(tally->time, tally->time + 1, place * sizeof(*tally->time));
		tally->time[place] = time;
		return;
	}
	if (tally->times == tally->room) {
		tallies->bytes -= size_of(tally);
		tally->room = more_room(tally->room, most);
		tally->time = mem_resize(tally->time, tally->room, sizeof(*tally->time));
		tallies->bytes += size_of(tally);
	}
	memmove(tally->time + place + 1, tally->time + place,
		(tally->times - place) * sizeof(*tally->time));
	tally->time[place] = time;
	tally->times++;
}

/* Takes out the value at `place`. */
static void drop_seen(struct tally *tally, size_t place)
{
	tally->seens--;
	memmove(tally->seen + place, tally->seen + place + 1,
		(tally->seens - place) * sizeof(*tally->seen));
}

static void note_seen(struct tallies *tallies, struct tally *tally, struct seen seen)
{
	size_t most = (size_t)tallies->rule->tuning.threshold.distinct_at_least;
	size_t place;

	for (place = tally->seens; place; place--) {
		if (tally->seen[place - 1].hash != seen.hash)
			continue;
		if (tally->seen[place - 1].time >= seen.time)
			return;
		drop_seen(tally, place - 1);
		break;
	}
	for (place = tally->seens; place && tally->seen[place - 1].time > seen.time;)
		place--;
	if (tally->seens >= most) {
		if (!place)
			return;
		drop_seen(tally, 0);
		place--;
	}
	if (tally->seens == tally->seen_room) {
		tallies->bytes -= size_of(tally);
		tally->seen_room = more_room(tally->seen_room, most);
		tally->seen = mem_resize(tally->seen, tally->seen_room, sizeof(*tally->seen));
		tallies->bytes += size_of(tally);
	}
	memmove(tally->seen + place + 1, tally->seen + place,
		(tally->seens - place) * sizeof(*tally->seen));
	tally->seen[place] = seen;
	tally->seens++;
}

static int64_t last_of(const struct tally *tally)
{
	return tally->times ? tally->time[tally->times - 1] : 0;
}

/* Forgets what has left the window that ends with the latest event. */
static void leave_behind(const struct tallies *tallies, struct tally *tally)
{
	int64_t oldest = last_of(tally) - tallies->rule->tuning.threshold.window_ms;
	size_t times = 0, seens = 0;

	while (times < tally->times && tally->time[times] <= oldest)
		times++;
	tally->times -= times;
	memmove(tally->time, tally->time + times, tally->times * sizeof(*tally->time));
	while (seens < tally->seens && tally->seen[seens].time <= oldest)
		seens++;
	tally->seens -= seens;
	if (seens)
		memmove(tally->seen, tally->seen + seens, tally->seens * sizeof(*tally->seen));
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
		.last = last_of(tally),
	};

	if (tally->seens && tally->seen[0].time < sum.first)
		sum.first = tally->seen[0].time;
	return sum;
}

/* Forgets groups that are out of date at `time` and, for want of room, others. */
static void make_room(struct threshold *threshold, struct tallies *tallies, int64_t time)
{
	int64_t oldest = time - tallies->rule->tuning.threshold.window_ms;

	/* A few at a time: one event of a clock that is ahead shall not undo all that was counted.
	 */
	for (int i = 0; i < FORGET_AT_ONCE && tallies->by_age; i++) {
		if (last_of(tallies->by_age) > oldest)
			break;
		remove_tally(tallies, tallies->by_age);
	}
	while (tallies->bytes > THRESHOLD_MAX_BYTES && tallies->by_age->next) {
		threshold->forgotten += last_of(tallies->by_age) > oldest;
		remove_tally(tallies, tallies->by_age);
	}
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
	struct tally *tally = find_tally(tallies, key);

	if (time <= last_of(tally) - tallies->rule->tuning.threshold.window_ms) {
		threshold->uncounted++;
		return false;
	}
	note_time(tallies, tally, time);
	if (tallies->rule->distinct.fields)
		note_seen(tallies, tally, (struct seen){ hash_of(tallies, event), time });
	leave_behind(tallies, tally);
	if (!has_enough(tallies, tally)) {
		make_room(threshold, tallies, time);
		return false;
	}
	*finding = sum_up(tally);
	remove_tally(tallies, tally);
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

static bool restore_times(struct tallies *tallies, struct tally *tally, struct json_object *times)
{
	int64_t time = 0;

	for (size_t i = 0; i < json_object_array_length(times); i++) {
		int64_t step;

		if (!saved_number(json_object_array_get_idx(times, i), SAVED_MAX_TIME - time,
				  &step))
			return false;
		time += step;
		note_time(tallies, tally, time);
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
			note_seen(tallies, tally, seen);
	}
	return true;
}

static bool restore_tally(struct tallies *tallies, struct json_object *row)
{
	struct json_object *times = row ? saved_row(row, 1, 1) : NULL;
	struct json_object *seen = row ? saved_row(row, 2, 0) : NULL;
	const char *key = row ? saved_text_at(row, 0) : NULL;
	struct tally *tally;

	if (!key || strlen(key) > GROUP_BY_MAX_KEY || !times || !seen)
		return false;
	tally = find_tally(tallies, key);
	if (!restore_times(tallies, tally, times) || !restore_seen(tallies, tally, seen))
		return false;
	leave_behind(tallies, tally);
	while (tallies->bytes > THRESHOLD_MAX_BYTES && tallies->by_age->next)
		remove_tally(tallies, tallies->by_age);
	return true;
}

static bool is_same(const struct group_by *by, const char *saved)
{
	char *names = group_by_names(by);
	bool same = saved && !strcmp(names, saved);

	free(names);
	return same;
}

static bool restore_rule(struct tallies *tallies, struct json_object *saved)
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
	tallies->seed = (uint64_t)number;
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		if (!restore_tally(tallies, saved_row(groups, i, 3)))
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
		    restore_rule(tallies, rule))
			continue;
		good = false;
		clear(tallies);
	}
	return good;
}
