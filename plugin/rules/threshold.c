/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/threshold.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rules/tallies.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FORGET_AT_ONCE 2 /* groups that are out of date, for each event: more than can be added */

struct threshold {
	struct tallies *tallies;
	size_t rules;
	size_t bytes;	/* of all rules */
	size_t room;	/* for them */
	int64_t latest; /* no event is later; INT64_MAX without a bound */
	uint64_t uncounted;
	uint64_t forgotten;
};

static void use_rules(struct threshold *threshold, const struct ruleset *ruleset)
{
	threshold->rules = 0;
	threshold->bytes = 0;
	threshold->tallies = mem_zalloc((ruleset->rules + 1) * sizeof(*threshold->tallies));
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (ruleset->rule[i]->type == RULE_THRESHOLD)
			tallies_init(&threshold->tallies[threshold->rules++], ruleset->rule[i],
				     &threshold->bytes);
	}
}

struct threshold *threshold_new(const struct ruleset *ruleset)
{
	struct threshold *threshold = mem_zalloc(sizeof(*threshold));

	threshold->latest = INT64_MAX;
	threshold->room = THRESHOLD_MAX_BYTES;
	use_rules(threshold, ruleset);
	return threshold;
}

void threshold_set_room(struct threshold *threshold, size_t bytes)
{
	threshold->room = bytes;
}

static void clear(struct tallies *tallies, size_t rules)
{
	for (size_t i = 0; i < rules; i++)
		tallies_clear(&tallies[i]);
	free(tallies);
}

void threshold_free(struct threshold *threshold)
{
	if (!threshold)
		return;
	clear(threshold->tallies, threshold->rules);
	free(threshold);
}

/* NULL if there is no such rule. */
static struct tallies *find_tallies(const struct threshold *threshold, const char *id)
{
	for (size_t i = 0; i < threshold->rules; i++) {
		if (!strcmp(threshold->tallies[i].rule->id, id))
			return &threshold->tallies[i];
	}
	return NULL;
}

void threshold_set_rules(struct threshold *threshold, const struct ruleset *ruleset)
{
	struct tallies *old = threshold->tallies;
	size_t rules = threshold->rules;
	size_t left = threshold->bytes;

	use_rules(threshold, ruleset);
	for (size_t i = 0; i < rules; i++) {
		struct tallies *tallies = find_tallies(threshold, old[i].rule->id);

		old[i].total = &left;
		if (!tallies || !tallies_use_rule(&old[i], tallies->rule, &threshold->bytes))
			continue;
		*tallies = old[i];
		old[i] = (struct tallies){ .total = &left };
	}
	clear(old, rules);
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
	while (threshold->bytes > threshold->room) {
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

	tallies_note(tallies, tally);
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

/* --- what is saved --- */

size_t threshold_changed(const struct threshold *threshold)
{
	size_t changed = 0;

	for (size_t i = 0; i < threshold->rules; i++) {
		if (tallies_changed(&threshold->tallies[i]))
			changed += threshold->tallies[i].changed + threshold->tallies[i].gone.count + 1;
	}
	return changed;
}

void threshold_changes(struct threshold *threshold, const struct rows_keeper *keeper)
{
	for (size_t i = 0; i < threshold->rules; i++)
		tallies_changes(&threshold->tallies[i], keeper);
}

void threshold_saved(struct threshold *threshold)
{
	for (size_t i = 0; i < threshold->rules; i++)
		tallies_saved(&threshold->tallies[i]);
}

void threshold_forget_rows(struct threshold *threshold)
{
	for (size_t i = 0; i < threshold->rules; i++)
		tallies_forget_rows(&threshold->tallies[i]);
}

bool threshold_restore_row(struct threshold *threshold, const struct kept_row *row)
{
	struct tallies *tallies = find_tallies(threshold, row->rule);

	return !tallies || tallies_restore_row(tallies, row, threshold->latest);
}

void threshold_restored(struct threshold *threshold)
{
	for (size_t i = 0; i < threshold->rules; i++)
		tallies_restored(&threshold->tallies[i]);
	/* As of when all was within its window: a group that goes now is one that is missed. */
	make_room(threshold, NULL, 0);
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
		    tallies_restore(tallies, rule, threshold->latest))
			continue;
		good = false;
		tallies_clear(tallies);
	}
	make_room(threshold, NULL, 0);
	return good;
}
