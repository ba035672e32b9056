/* SPDX-License-Identifier: GPL-2.0-or-later */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_FUNCTION(key, length, hash) ((hash) = (unsigned int)XXH3_64bits(key, length))
#include "rules/index.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "process/field.h"

#include <uthash.h>

/* Longer strings are known by their beginning: a longer value costs no more to look up. */
#define MAX_WHOLE 32
#define MAX_PART  16
#define MIN_PART  2
#define WORD_BITS 64

/* Fields that are looked up, and how common, about, one value of theirs is. */
static const struct {
	const char *name;
	unsigned int weight;
} indexed[] = {
	{ "process.name", 1 },        { "process.parent.name", 2 }, { "process.executable", 1 },
	{ "process.parent.executable", 2 }, { "process.args", 3 },
};
#define FIELDS (sizeof(indexed) / sizeof(indexed[0]))

enum key_type { KEY_WHOLE, KEY_START, KEY_END, KEY_TYPES };

/* What is hashed; without a gap, so that it can be compared as bytes. */
struct key {
	unsigned char field, type, length;
	char text[MAX_WHOLE]; /* in small letters */
};
#define KEY_SIZE(length) (offsetof(struct key, text) + (length))

/* The rules that need a key. */
struct entry {
	struct key key;
	size_t *rule;
	size_t rules;
	UT_hash_handle hh;
};

/* Any of these must be there; of nothing known, `free`. */
struct requirement {
	bool free;
	unsigned int weight;
	struct key *key;
	size_t keys;
};

struct index {
	struct field_ref field[FIELDS];
	struct entry *entries;
	uint64_t lengths[FIELDS][KEY_TYPES]; /* bit n: there are keys of n bytes */
	size_t words;
	size_t always;
	uint64_t *permanent; /* bit for each rule that is always a candidate */
	uint64_t *candidate; /* for the last event */
};

struct index *index_new(size_t rules)
{
	struct index *index = mem_zalloc(sizeof(*index));

	for (size_t i = 0; i < FIELDS; i++)
		field_find(span_of(indexed[i].name), &index->field[i]);
	index->words = (rules + WORD_BITS - 1) / WORD_BITS;
	index->permanent = mem_zalloc(index->words * sizeof(uint64_t));
	index->candidate = mem_zalloc(index->words * sizeof(uint64_t));
	return index;
}

void index_free(struct index *index)
{
	struct entry *entry, *next;

	if (!index)
		return;
	HASH_ITER(hh, index->entries, entry, next) {
		HASH_DEL(index->entries, entry);
		free(entry->rule);
		free(entry);
	}
	free(index->permanent);
	free(index->candidate);
	free(index);
}

static void mark(uint64_t *bits, size_t rule)
{
	bits[rule / WORD_BITS] |= (uint64_t)1 << rule % WORD_BITS;
}

/* --- what a condition requires --- */

static const struct requirement nothing_known = { .free = true };

/* Short names are those of everyday programs and options. */
static unsigned int weight_of(size_t field, size_t length)
{
	unsigned int common = length <= 2 ? 16 : length <= 4 ? 4 : 1;

	return indexed[field].weight * common;
}

static void require(struct requirement *requirement, size_t field, enum key_type type,
		    struct span text)
{
	size_t most = type == KEY_WHOLE ? MAX_WHOLE : MAX_PART;
	struct key key = { .field = (unsigned char)field, .type = (unsigned char)type };

	if (type == KEY_WHOLE && text.length > MAX_WHOLE) {
		key.type = KEY_START;
		most = MAX_PART;
	}
	if (text.length > most) {
		text.start += type == KEY_END ? text.length - most : 0;
		text.length = most;
	}
	key.length = (unsigned char)text.length;
	span_lower(key.text, text);
	requirement->weight += weight_of(field, text.length);
	requirement->key = mem_resize(requirement->key, requirement->keys + 1, sizeof(key));
	requirement->key[requirement->keys++] = key;
}

static struct requirement forget(struct requirement *requirement)
{
	free(requirement->key);
	return nothing_known;
}

static bool is_wildcard(char c)
{
	return c == '*' || c == '?';
}

/* A text with wildcards requires what stands before the first of them or behind the last. Returns false if
 * that is too little. */
static bool require_pattern(struct requirement *requirement, size_t field, struct span pattern)
{
	size_t start = 0, end = 0;

	while (start < pattern.length && !is_wildcard(pattern.start[start]))
		start++;
	if (start == pattern.length) {
		require(requirement, field, KEY_WHOLE, pattern);
		return true;
	}
	while (!is_wildcard(pattern.start[pattern.length - 1 - end]))
		end++;
	if (start < MIN_PART && end < MIN_PART)
		return false;
	if (start >= end)
		require(requirement, field, KEY_START, (struct span){ pattern.start, start });
	else
		require(requirement, field, KEY_END,
			(struct span){ pattern.start + pattern.length - end, end });
	return true;
}

/* Number of the indexed field that the expression is; FIELDS if it is none. */
static size_t field_of(const struct index *index, const struct expression *expression)
{
	size_t i = 0;

	if (expression->type != EXPRESSION_FIELD)
		return FIELDS;
	while (i < FIELDS && !expression_same_field(&index->field[i], &expression->field))
		i++;
	return i;
}

static struct requirement of_set(const struct index *index, const struct condition *condition)
{
	struct requirement requirement = { 0 };
	size_t field = field_of(index, condition->left);

	if (field == FIELDS)
		return nothing_known;
	for (size_t i = 0; i < condition->items; i++) {
		if (condition->type == CONDITION_IN)
			require(&requirement, field, KEY_WHOLE, condition->item[i].text);
		else if (!require_pattern(&requirement, field, condition->item[i].text))
			return forget(&requirement);
	}
	return requirement;
}

static struct requirement of_equality(const struct index *index, const struct condition *condition)
{
	struct requirement requirement = { 0 };
	const struct expression *left = condition->left, *right = condition->right;
	bool swapped = left->type == EXPRESSION_TEXT;
	size_t field = field_of(index, swapped ? right : left);
	const struct expression *text = swapped ? left : right;

	if (field == FIELDS || text->type != EXPRESSION_TEXT)
		return nothing_known;
	require(&requirement, field, KEY_WHOLE, text->text);
	return requirement;
}

static struct requirement of_condition(const struct index *index, const struct condition *condition);

/* The best of the members'. */
static struct requirement of_all(const struct index *index, const struct condition *condition)
{
	struct requirement best = nothing_known;

	for (size_t i = 0; i < condition->members; i++) {
		struct requirement one = of_condition(index, condition->member[i]);

		if (one.free || (!best.free && best.weight <= one.weight)) {
			free(one.key);
			continue;
		}
		free(best.key);
		best = one;
	}
	return best;
}

/* Those of all members together. */
static struct requirement of_any(const struct index *index, const struct condition *condition)
{
	struct requirement all = { 0 };

	for (size_t i = 0; i < condition->members; i++) {
		struct requirement one = of_condition(index, condition->member[i]);

		if (one.free)
			return forget(&all);
		all.key = mem_resize(all.key, all.keys + one.keys, sizeof(*all.key));
		for (size_t j = 0; j < one.keys; j++)
			all.key[all.keys + j] = one.key[j];
		all.keys += one.keys;
		all.weight += one.weight;
		free(one.key);
	}
	return all;
}

static struct requirement of_condition(const struct index *index, const struct condition *condition)
{
	switch (condition->type) {
	case CONDITION_AND:
		return of_all(index, condition);
	case CONDITION_OR:
		return of_any(index, condition);
	case CONDITION_IN:
	case CONDITION_WILDCARD:
		return of_set(index, condition);
	case CONDITION_EQUAL:
		return of_equality(index, condition);
	case CONDITION_TRUTH:
		/* What never holds requires one of no keys: that rule is no candidate ever. */
		if (condition->left->type == EXPRESSION_BOOLEAN && !condition->left->truth)
			return (struct requirement){ 0 };
		break;
	default:
		break;
	}
	return nothing_known;
}

/* --- adding --- */

static void add_key(struct index *index, const struct key *key, size_t rule)
{
	struct entry *entry;

	HASH_FIND(hh, index->entries, key, KEY_SIZE(key->length), entry);
	if (!entry) {
		entry = mem_zalloc(sizeof(*entry));
		entry->key = *key;
		HASH_ADD(hh, index->entries, key, KEY_SIZE(key->length), entry);
		index->lengths[key->field][key->type] |= (uint64_t)1 << key->length;
	}
	entry->rule = mem_resize(entry->rule, entry->rules + 1, sizeof(*entry->rule));
	entry->rule[entry->rules++] = rule;
}

void index_add(struct index *index, size_t rule, const struct condition *condition)
{
	struct requirement requirement = of_condition(index, condition);

	if (requirement.free) {
		mark(index->permanent, rule);
		index->always++;
	}
	for (size_t i = 0; i < requirement.keys; i++)
		add_key(index, &requirement.key[i], rule);
	free(requirement.key);
}

size_t index_always(const struct index *index)
{
	return index->always;
}

/* --- looking up --- */

static void find(struct index *index, size_t field, enum key_type type, struct span text)
{
	struct key key = { .field = (unsigned char)field,
			   .type = (unsigned char)type,
			   .length = (unsigned char)text.length };
	struct entry *entry;

	span_lower(key.text, text);
	HASH_FIND(hh, index->entries, &key, KEY_SIZE(text.length), entry);
	for (size_t i = 0; entry && i < entry->rules; i++)
		mark(index->candidate, entry->rule[i]);
}

static void find_value(struct index *index, size_t field, struct span text)
{
	const uint64_t *lengths = index->lengths[field];
	size_t most = text.length < MAX_PART ? text.length : MAX_PART;

	if (text.length <= MAX_WHOLE && lengths[KEY_WHOLE] >> text.length & 1)
		find(index, field, KEY_WHOLE, text);
	for (size_t length = MIN_PART; length <= most; length++) {
		if (lengths[KEY_START] >> length & 1)
			find(index, field, KEY_START, (struct span){ text.start, length });
		if (lengths[KEY_END] >> length & 1)
			find(index, field, KEY_END,
			     (struct span){ text.start + text.length - length, length });
	}
}

void index_look_up(struct index *index, const struct process_event *event)
{
	struct value value;

	if (index->words)
		memcpy(index->candidate, index->permanent, index->words * sizeof(uint64_t));
	for (size_t i = 0; i < FIELDS; i++) {
		if (!index->lengths[i][KEY_WHOLE] && !index->lengths[i][KEY_START] &&
		    !index->lengths[i][KEY_END])
			continue;
		for (size_t j = 0; field_get(&index->field[i], event, j, &value); j++) {
			if (value.text.start)
				find_value(index, i, value.text);
		}
	}
}

size_t index_next(const struct index *index, size_t rule)
{
	for (size_t word = rule / WORD_BITS; word < index->words; word++) {
		uint64_t bits = index->candidate[word];

		if (word == rule / WORD_BITS)
			bits &= ~(uint64_t)0 << rule % WORD_BITS;
		if (bits)
			return word * WORD_BITS + (size_t)__builtin_ctzll(bits);
	}
	return SIZE_MAX;
}
