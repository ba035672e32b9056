/* SPDX-License-Identifier: GPL-2.0-or-later */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_FUNCTION(key, length, hash) ((hash) = (unsigned int)XXH3_64bits(key, length))
#include "rules/set.h"

#include <stdlib.h>

#include "base/memory.h"
#include "rules/condition.h"
#include "rules/wildcard.h"

#include <uthash.h>

#define MAX_LOWERED 256 /* bytes of a text that is looked up in small letters; longer ones are compared */

/* A text to be found whole: one without wildcards. */
struct whole {
	UT_hash_handle hh;
	char text[]; /* in small letters where case does not matter */
};

enum pattern_type {
	PATTERN_WHOLE,  /* too long for the hash */
	PATTERN_START,  /* abc* */
	PATTERN_END,    /* *abc */
	PATTERN_PART,   /* *abc* */
	PATTERN_OTHER,
};

struct pattern {
	enum pattern_type type;
	struct span text; /* without the outer stars; of PATTERN_OTHER all */
};

struct set {
	bool any_case;
	bool of_numbers;
	double *number; /* in order */
	size_t numbers;
	struct whole *wholes;
	size_t shortest, longest; /* of `wholes` */
	struct pattern *pattern;
	size_t patterns;
};

static void add_whole(struct set *set, struct span text)
{
	struct whole *whole = mem_zalloc(sizeof(*whole) + text.length + 1);
	struct whole *known;

	if (set->any_case)
		span_lower(whole->text, text);
	else
		memcpy(whole->text, text.start, text.length);
	HASH_FIND(hh, set->wholes, whole->text, text.length, known);
	if (known) {
		free(whole);
		return;
	}
	if (!set->wholes || text.length < set->shortest)
		set->shortest = text.length;
	if (text.length > set->longest)
		set->longest = text.length;
	HASH_ADD_KEYPTR(hh, set->wholes, whole->text, text.length, whole);
}

static void add_pattern(struct set *set, enum pattern_type type, struct span text)
{
	set->pattern = mem_resize(set->pattern, set->patterns + 1, sizeof(*set->pattern));
	set->pattern[set->patterns++] = (struct pattern){ type, text };
}

static void add_text(struct set *set, struct span text)
{
	if (set->any_case && text.length > MAX_LOWERED)
		add_pattern(set, PATTERN_WHOLE, text);
	else
		add_whole(set, text);
}

static bool has_wildcard(struct span text)
{
	return text.length && (memchr(text.start, '*', text.length) || memchr(text.start, '?', text.length));
}

/* A star never ends inside a character, so what follows one must not begin there (wildcard_match()). */
static bool begins_inside_character(struct span text)
{
	return text.length && ((unsigned char)text.start[0] & 0xc0) == 0x80;
}

static void add_wildcard(struct set *set, struct span text)
{
	struct span inner = text;
	bool starts = false, ends = false;

	while (inner.length && inner.start[0] == '*') {
		starts = true;
		inner = (struct span){ inner.start + 1, inner.length - 1 };
	}
	while (inner.length && inner.start[inner.length - 1] == '*') {
		ends = true;
		inner.length--;
	}
	if (has_wildcard(inner) || (starts && begins_inside_character(inner)))
		add_pattern(set, PATTERN_OTHER, text);
	else if (starts)
		add_pattern(set, ends || !inner.length ? PATTERN_PART : PATTERN_END, inner);
	else if (ends)
		add_pattern(set, PATTERN_START, inner);
	else
		add_text(set, text);
}

static int compare_numbers(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

struct set *set_new(const struct condition *condition)
{
	struct set *set = mem_zalloc(sizeof(*set));

	set->any_case = condition->any_case;
	set->of_numbers = expression_kind(condition->left) == KIND_NUMBER;
	if (set->of_numbers)
		set->number = mem_zalloc(condition->items * sizeof(*set->number));
	for (size_t i = 0; i < condition->items; i++) {
		if (set->of_numbers)
			set->number[set->numbers++] = condition->item[i].number;
		else if (condition->type == CONDITION_WILDCARD)
			add_wildcard(set, condition->item[i].text);
		else
			add_text(set, condition->item[i].text);
	}
	if (set->numbers)
		qsort(set->number, set->numbers, sizeof(*set->number), compare_numbers);
	return set;
}

void set_free(struct set *set)
{
	struct whole *whole, *next;

	if (!set)
		return;
	HASH_ITER(hh, set->wholes, whole, next) {
		HASH_DEL(set->wholes, whole);
		free(whole);
	}
	free(set->number);
	free(set->pattern);
	free(set);
}

static bool has_whole(const struct set *set, struct span text)
{
	char lowered[MAX_LOWERED];
	const char *key = text.start;
	struct whole *whole;

	if (!set->wholes || text.length < set->shortest || text.length > set->longest)
		return false;
	if (set->any_case) {
		span_lower(lowered, text);
		key = lowered;
	}
	HASH_FIND(hh, set->wholes, key, text.length, whole);
	return whole;
}

static bool same(const struct set *set, struct span a, struct span b)
{
	return set->any_case ? span_equal_any_case(a, b) : span_equal(a, b);
}

static bool has_part(const struct set *set, struct span text, struct span part)
{
	if (!part.length)
		return true;
	if (!set->any_case)
		return memmem(text.start, text.length, part.start, part.length);
	for (size_t i = 0; i + part.length <= text.length; i++) {
		if (ascii_lower(text.start[i]) == ascii_lower(part.start[0]) &&
		    span_equal_any_case((struct span){ text.start + i, part.length }, part))
			return true;
	}
	return false;
}

static bool matches(const struct set *set, const struct pattern *pattern, struct span text)
{
	size_t length = pattern->text.length;

	switch (pattern->type) {
	case PATTERN_WHOLE:
		return same(set, text, pattern->text);
	case PATTERN_START:
		return length <= text.length &&
		       same(set, (struct span){ text.start, length }, pattern->text);
	case PATTERN_END:
		return length <= text.length &&
		       same(set, (struct span){ text.start + text.length - length, length },
			    pattern->text);
	case PATTERN_PART:
		return has_part(set, text, pattern->text);
	case PATTERN_OTHER:
		break;
	}
	return wildcard_match(pattern->text, text, set->any_case);
}

bool set_has(const struct set *set, const struct value *value)
{
	if (set->of_numbers)
		return bsearch(&value->number, set->number, set->numbers, sizeof(*set->number),
			       compare_numbers);
	if (has_whole(set, value->text))
		return true;
	for (size_t i = 0; i < set->patterns; i++) {
		if (matches(set, &set->pattern[i], value->text))
			return true;
	}
	return false;
}
