/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/tallies.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"

#include <utlist.h>

void tallies_init(struct tallies *tallies, const struct rule *rule, size_t *total)
{
	*tallies = (struct tallies){ .rule = rule, .total = total };
	/* Without random numbers the address of one's own memory must do. */
	if (getrandom(&tallies->seed, sizeof(tallies->seed), GRND_NONBLOCK) < 0)
		tallies->seed = (uintptr_t)tallies;
	tallies->seed >>= 1; /* a number that JSON can hold */
}

static size_t size_of(const struct tally *tally)
{
	return sizeof(*tally) + strlen(tally->key) + 1 + tally->room * sizeof(*tally->time) +
	       tally->seen_room * sizeof(*tally->seen);
}

/* A size_t wraps around, so less than nothing can be taken too. */
static void take_bytes(struct tallies *tallies, size_t bytes)
{
	tallies->bytes += bytes;
	*tallies->total += bytes;
}

void tallies_note(struct tallies *tallies, struct tally *tally)
{
	if (tally->changed)
		return;
	tally->changed = true;
	tallies->changed++;
	DL_APPEND2(tallies->changes, tally, prev_change, next_change);
}

void tallies_remove(struct tallies *tallies, struct tally *tally)
{
	take_bytes(tallies, -size_of(tally));
	rows_gone_add(&tallies->gone, tally->id);
	if (tally->changed) {
		DL_DELETE2(tallies->changes, tally, prev_change, next_change);
		tallies->changed--;
	}
	HASH_DEL(tallies->by_key, tally);
	DL_DELETE(tallies->by_age, tally);
	free(tally->seen);
	free(tally->time);
	free(tally->key);
	free(tally);
}

void tallies_clear(struct tallies *tallies)
{
	while (tallies->by_age)
		tallies_remove(tallies, tallies->by_age);
	rows_gone_clear(&tallies->gone);
}

struct tally *tallies_find(struct tallies *tallies, const char *key)
{
	struct tally *tally;

	HASH_FIND_STR(tallies->by_key, key, tally);
	if (tally) {
		DL_DELETE(tallies->by_age, tally);
	} else {
		tally = mem_zalloc(sizeof(*tally));
		tally->key = mem_strdup(key);
		take_bytes(tallies, size_of(tally));
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

void tallies_note_time(struct tallies *tallies, struct tally *tally, int64_t time)
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
		take_bytes(tallies, -size_of(tally));
		tally->room = more_room(tally->room, most);
		tally->time = mem_resize(tally->time, tally->room, sizeof(*tally->time));
		take_bytes(tallies, size_of(tally));
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

void tallies_note_seen(struct tallies *tallies, struct tally *tally, struct seen seen)
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
		take_bytes(tallies, -size_of(tally));
		tally->seen_room = more_room(tally->seen_room, most);
		tally->seen = mem_resize(tally->seen, tally->seen_room, sizeof(*tally->seen));
		take_bytes(tallies, size_of(tally));
	}
	memmove(tally->seen + place + 1, tally->seen + place,
		(tally->seens - place) * sizeof(*tally->seen));
	tally->seen[place] = seen;
	tally->seens++;
}

int64_t tally_last(const struct tally *tally)
{
	return tally->times ? tally->time[tally->times - 1] : 0;
}

void tallies_leave_behind(const struct tallies *tallies, struct tally *tally)
{
	int64_t oldest = tally_last(tally) - tallies->rule->tuning.threshold.window_ms;
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

static bool is_same(const struct group_by *by, const struct group_by *other)
{
	char *names = group_by_names(by), *other_names = group_by_names(other);
	bool same = !strcmp(names, other_names);

	free(names);
	free(other_names);
	return same;
}

bool tallies_use_rule(struct tallies *tallies, const struct rule *rule, size_t *total)
{
	if (!is_same(&tallies->rule->by, &rule->by) || !is_same(&tallies->rule->distinct, &rule->distinct))
		return false;
	tallies->rule = rule;
	tallies->total = total;
	*total += tallies->bytes;
	return true;
}
