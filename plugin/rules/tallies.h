/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a threshold rule has counted: for each group the times of its latest events, and when each of its latest
 * values was seen, no more of either than decides.
 */
#ifndef AUSPAWN_RULES_TALLIES_H
#define AUSPAWN_RULES_TALLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ruleset.h"

#include <uthash.h>

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
	size_t *total; /* of all rules */
	bool changed;  /* not saved as it is */
	uint64_t seed; /* nobody who chooses values may choose which of them look the same */
};

/* Makes `tallies` empty, for `rule`; what it takes is added to `*total`, which must outlive it. tallies_clear()
 * releases what is in it. */
void tallies_init(struct tallies *tallies, const struct rule *rule, size_t *total);
void tallies_clear(struct tallies *tallies);

/* Returns the group of that key, made if need be; it is the youngest from now on. */
struct tally *tallies_find(struct tallies *tallies, const char *key);
void tallies_remove(struct tallies *tallies, struct tally *tally);

/* Note an event of the group and a value. They can come slightly out of order: the time, in ms since 1970, is
 * put where it belongs. */
void tallies_note_time(struct tallies *tallies, struct tally *tally, int64_t time);
void tallies_note_seen(struct tallies *tallies, struct tally *tally, struct seen seen);

/* When the group's latest event was; 0 without any. */
int64_t tally_last(const struct tally *tally);

/* Forgets what has left the window that ends with the latest event. */
void tallies_leave_behind(const struct tallies *tallies, struct tally *tally);

#endif
