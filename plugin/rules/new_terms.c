/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/new_terms.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/saved.h"

#include <uthash.h>
#include <utlist.h>

#define FORGET_AT_ONCE 2 /* terms that are out of date, for each event: more than can be added */
#define REFRESH_MS     60000 /* a term's last time is saved anew when it has moved by so much ... */
#define REFRESH_PART   16    /* ... or by such a part of the history */
#define FORGET_EVERY   (8u << 20) /* bytes of terms that were saved, between calls of forget() */
#define TERM_BYTES     128	  /* what a term takes beside its key, in memory or saved */

struct term {
	char *key;
	int64_t last_seen;
	int64_t saved; /* the `last_seen` that is saved; -1: none is */
	bool changed;  /* is in the list of changes */
	UT_hash_handle hh;
	struct term *prev, *next; /* the one not seen for longest first */
	struct term *prev_change, *next_change;
};

/* One rule's terms. */
struct vocabulary {
	const struct rule *rule;
	int64_t since; /* when its first event was; 0 without */
	bool since_saved;
	struct term *by_key;
	struct term *by_age;
	struct term *changes;
	size_t changed; /* their number */
	size_t bytes;
	size_t saved_bytes; /* since the last call of forget() */
};

struct new_terms {
	struct vocabulary *vocabulary;
	size_t rules;
	int64_t latest; /* no event is later; INT64_MAX without a bound */
	uint64_t forgotten;
};

static void use_rules(struct new_terms *terms, const struct ruleset *ruleset)
{
	terms->rules = 0;
	terms->vocabulary = mem_zalloc((ruleset->rules + 1) * sizeof(*terms->vocabulary));
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (ruleset->rule[i]->type == RULE_NEW_TERMS)
			terms->vocabulary[terms->rules++].rule = ruleset->rule[i];
	}
}

struct new_terms *new_terms_new(const struct ruleset *ruleset)
{
	struct new_terms *terms = mem_zalloc(sizeof(*terms));

	terms->latest = INT64_MAX;
	use_rules(terms, ruleset);
	return terms;
}

static size_t size_of(const struct term *term)
{
	return strlen(term->key) + TERM_BYTES;
}

static void remove_term(struct vocabulary *words, struct term *term)
{
	words->bytes -= size_of(term);
	HASH_DEL(words->by_key, term);
	DL_DELETE(words->by_age, term);
	if (term->changed) {
		DL_DELETE2(words->changes, term, prev_change, next_change);
		words->changed--;
	}
	free(term->key);
	free(term);
}

static void clear(struct vocabulary *words, size_t rules)
{
	for (size_t i = 0; i < rules; i++) {
		while (words[i].by_age)
			remove_term(&words[i], words[i].by_age);
	}
}

void new_terms_free(struct new_terms *terms)
{
	if (!terms)
		return;
	clear(terms->vocabulary, terms->rules);
	free(terms->vocabulary);
	free(terms);
}

static bool groups_by(const struct rule *rule, const char *fields)
{
	char *names = group_by_names(&rule->by);
	bool same = !strcmp(names, fields);

	free(names);
	return same;
}

/* NULL if there is no such rule. */
static struct vocabulary *find_words(const struct new_terms *terms, const char *id)
{
	for (size_t i = 0; i < terms->rules; i++) {
		if (!strcmp(terms->vocabulary[i].rule->id, id))
			return &terms->vocabulary[i];
	}
	return NULL;
}

void new_terms_set_rules(struct new_terms *terms, const struct ruleset *ruleset)
{
	struct vocabulary *old = terms->vocabulary;
	size_t rules = terms->rules;

	use_rules(terms, ruleset);
	for (size_t i = 0; i < rules; i++) {
		struct vocabulary *words = find_words(terms, old[i].rule->id);
		char *fields = group_by_names(&old[i].rule->by);

		if (words && groups_by(words->rule, fields)) {
			const struct rule *rule = words->rule;

			*words = old[i];
			words->rule = rule;
			old[i] = (struct vocabulary){ 0 };
		}
		free(fields);
	}
	clear(old, rules);
	free(old);
}

static void note_change(struct vocabulary *words, struct term *term)
{
	int64_t refresh = words->rule->tuning.new_terms.history_ms / REFRESH_PART;
	int64_t moved = term->last_seen - term->saved;

	if (refresh > REFRESH_MS)
		refresh = REFRESH_MS;
	if (term->changed || (term->saved >= 0 && moved < refresh && -moved < refresh))
		return;
	term->changed = true;
	words->changed++;
	DL_APPEND2(words->changes, term, prev_change, next_change);
}

static struct term *add_term(struct vocabulary *words, const char *key, int64_t last_seen)
{
	struct term *term = mem_zalloc(sizeof(*term));

	term->key = mem_strdup(key);
	term->last_seen = last_seen;
	term->saved = -1;
	words->bytes += size_of(term);
	HASH_ADD_KEYPTR(hh, words->by_key, term->key, strlen(term->key), term);
	return term;
}

static bool is_full(const struct vocabulary *words)
{
	return words->bytes > NEW_TERMS_MAX_BYTES || HASH_COUNT(words->by_key) > NEW_TERMS_MAX;
}

/* Terms are kept for twice the history, so that an alert can tell when its term was seen before. */
static void make_room(struct new_terms *terms, struct vocabulary *words, int64_t time)
{
	int64_t history = words->rule->tuning.new_terms.history_ms;

	/* A few at a time: one event of a clock that is ahead shall not undo all that was learnt.
	 */
	for (int i = 0; i < FORGET_AT_ONCE && words->by_age->next; i++) {
		if (words->by_age->last_seen >= time - 2 * history)
			break;
		remove_term(words, words->by_age);
	}
	while (is_full(words) && words->by_age->next) {
		terms->forgotten += words->by_age->last_seen >= time - history;
		remove_term(words, words->by_age);
	}
}

/* Is a time that was noted so far ahead of an event's that only a wrong clock can have told it? */
static bool is_ahead(const struct new_terms *terms, int64_t noted, int64_t time)
{
	return noted > terms->latest || noted - CLOCK_WRONG_MS > time;
}

/* Remembers the key. Returns when it was seen before, 0 if nobody knows. */
static int64_t remember(struct new_terms *terms, struct vocabulary *words, const char *key,
			int64_t time)
{
	struct term *term;
	int64_t before = 0;

	HASH_FIND_STR(words->by_key, key, term);
	if (term) {
		before = term->last_seen;
		DL_DELETE(words->by_age, term);
		if (time > before || is_ahead(terms, before, time))
			term->last_seen = time;
	} else {
		term = add_term(words, key, time);
	}
	DL_APPEND(words->by_age, term);
	note_change(words, term);
	make_room(terms, words, time);
	return before;
}

bool new_terms_count(struct new_terms *terms, const struct rule *rule,
		     const struct process_event *event, int64_t time, int64_t *last_seen)
{
	const struct new_terms_settings *settings = &rule->tuning.new_terms;
	char *key = group_by_key(&rule->by, event);
	struct vocabulary *words = terms->vocabulary;

	while (words->rule != rule)
		words++;
	if (!words->since || is_ahead(terms, words->since, time)) {
		words->since = time;
		words->since_saved = false;
	}
	*last_seen = 0;
	if (strlen(key) > GROUP_BY_MAX_KEY)
		terms->forgotten++;
	else
		*last_seen = remember(terms, words, key, time);
	free(key);
	if (time - words->since < settings->learn_ms)
		return false;
	return !*last_seen || time - *last_seen > settings->history_ms;
}

void new_terms_set_latest(struct new_terms *terms, int64_t latest)
{
	terms->latest = latest;
}

/* --- what is saved --- */

static void tell_term(const struct vocabulary *words, const struct term *term,
		      const struct new_terms_keeper *keeper)
{
	keeper->term(keeper->user, words->rule->id, term->key, term->last_seen);
}

/* What was saved of terms that are forgotten by now must not pile up. */
static void tell_forgotten(const struct vocabulary *words, const struct new_terms_keeper *keeper)
{
	int64_t oldest = INT64_MAX;

	for (const struct term *term = words->by_age; term; term = term->next) {
		int64_t saved = term->saved < 0 ? term->last_seen : term->saved;

		oldest = saved < oldest ? saved : oldest;
	}
	keeper->forget(keeper->user, words->rule->id, oldest);
}

static void tell(const struct vocabulary *words, bool all, const struct new_terms_keeper *keeper)
{
	const struct term *term;

	if (words->since && (all || !words->since_saved)) {
		char *fields = group_by_names(&words->rule->by);

		keeper->rule(keeper->user, words->rule->id, fields, words->since);
		free(fields);
	}
	for (term = all ? words->by_age : NULL; term; term = term->next)
		tell_term(words, term, keeper);
	for (term = all ? NULL : words->changes; term; term = term->next_change)
		tell_term(words, term, keeper);
	if (words->by_age && words->saved_bytes > FORGET_EVERY)
		tell_forgotten(words, keeper);
}

void new_terms_changes(const struct new_terms *terms, bool all,
		       const struct new_terms_keeper *keeper)
{
	for (size_t i = 0; i < terms->rules; i++)
		tell(&terms->vocabulary[i], all, keeper);
}

size_t new_terms_changed(const struct new_terms *terms)
{
	size_t changed = 0;

	for (size_t i = 0; i < terms->rules; i++) {
		const struct vocabulary *words = &terms->vocabulary[i];

		changed += words->changed + (words->since && !words->since_saved);
	}
	return changed;
}

void new_terms_saved(struct new_terms *terms)
{
	for (size_t i = 0; i < terms->rules; i++) {
		struct vocabulary *words = &terms->vocabulary[i];

		words->since_saved = words->since;
		if (words->saved_bytes > FORGET_EVERY)
			words->saved_bytes = 0;
		while (words->changes) {
			struct term *term = words->changes;

			words->saved_bytes += size_of(term);
			term->saved = term->last_seen;
			term->changed = false;
			DL_DELETE2(words->changes, term, prev_change, next_change);
		}
		words->changed = 0;
	}
}

bool new_terms_restore_rule(struct new_terms *terms, const char *rule, const char *fields,
			    int64_t since)
{
	struct vocabulary *words = find_words(terms, rule);

	if (!words || !groups_by(words->rule, fields) || since <= 0 || since > SAVED_MAX_TIME)
		return false;
	words->since_saved = false;
	/* It may have learnt already while what was saved could not be had. */
	if (words->since && words->since < since)
		return true;
	words->since = since < terms->latest ? since : terms->latest;
	words->since_saved = words->since == since;
	return true;
}

static bool has_room(const struct vocabulary *words, const char *key)
{
	return HASH_COUNT(words->by_key) < NEW_TERMS_MAX &&
	       words->bytes + strlen(key) + TERM_BYTES <= NEW_TERMS_MAX_BYTES;
}

bool new_terms_restore_term(struct new_terms *terms, const char *rule, const char *key,
			    int64_t last_seen)
{
	struct vocabulary *words = find_words(terms, rule);
	struct term *term;

	if (!words || !words->since || last_seen <= 0 || last_seen > SAVED_MAX_TIME ||
	    strlen(key) > GROUP_BY_MAX_KEY)
		return false;
	HASH_FIND_STR(words->by_key, key, term);
	if (!term) {
		if (!has_room(words, key))
			return false;
		term = add_term(words, key, last_seen < terms->latest ? last_seen : terms->latest);
		DL_PREPEND(words->by_age, term);
	} else if (term->last_seen < last_seen && last_seen <= terms->latest) {
		term->last_seen = last_seen;
	}
	term->saved = last_seen;
	note_change(words, term);
	return true;
}

uint64_t new_terms_forgotten(const struct new_terms *terms)
{
	return terms->forgotten;
}
