/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "random_condition.h"
#include "rules/set.h"
#include "rules/wildcard.h"

/* What set_has() must say: any item, tried alone. */
static bool any_item(const struct condition *condition, struct span text)
{
	for (size_t i = 0; i < condition->items; i++) {
		struct span item = condition->item[i].text;

		if (condition->type == CONDITION_WILDCARD ?
			    wildcard_match(item, text, condition->any_case) :
		    condition->any_case ? span_equal_any_case(item, text) :
					  span_equal(item, text))
			return true;
	}
	return false;
}

static bool in_set(const struct condition *condition, struct span text)
{
	struct set *set = set_new(condition);
	struct value value = { .text = text };
	bool has = set_has(set, &value);

	set_free(set);
	return has;
}

#define MAX_SHORT 5
#define MAX_ITEMS 3

/* Few different bytes, so that much matches: letters, wildcards, a character of two bytes and its halves. */
static struct span random_text(struct random *random, char storage[MAX_SHORT])
{
	static const char bytes[] = { 'a', 'A', 'b', '\xc3', '\xa9', '\xa9', '*', '?', '*' };
	size_t length = random_below(random, MAX_SHORT + 1);

	for (size_t i = 0; i < length; i++)
		storage[i] = bytes[random_below(random, sizeof(bytes))];
	return (struct span){ storage, length };
}

static void test_sets_say_what_their_items_say(void **state)
{
	struct expression left = { .type = EXPRESSION_TEXT };
	struct random random = { 3 };
	size_t found = 0;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		char storage[MAX_ITEMS][MAX_SHORT], text_storage[MAX_SHORT];
		struct condition_item item[MAX_ITEMS] = { 0 };
		struct condition condition = { .left = &left, .item = item };
		struct span text = random_text(&random, text_storage);
		bool has;

		condition.type = random_below(&random, 3) ? CONDITION_WILDCARD : CONDITION_IN;
		condition.any_case = random_below(&random, 2);
		condition.items = 1 + random_below(&random, MAX_ITEMS);
		for (size_t i = 0; i < condition.items; i++)
			item[i].text = random_text(&random, storage[i]);
		has = in_set(&condition, text);
		if (has != any_item(&condition, text))
			fail_msg("round %d: set says %d", round, has);
		found += has;
	}
	assert_in_range(found, 30000, 270000);
}

/* Long texts: beyond what is looked up in small letters, and beyond the longest item. */
static void test_length_does_not_matter(void **state)
{
	static const size_t lengths[] = { 0, 1, 255, 256, 257, 1000 };
	struct expression left = { .type = EXPRESSION_TEXT };
	char small[1001], capital[1001];

	(void)state;
	memset(small, 'x', sizeof(small));
	memset(capital, 'X', sizeof(capital));
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct condition_item item = { .text = { small, lengths[i] } };
		struct condition condition = {
			.type = CONDITION_IN, .left = &left, .item = &item, .items = 1
		};

		for (size_t j = 0; j < COUNT_OF(lengths); j++) {
			condition.any_case = false;
			assert_int_equal(in_set(&condition, (struct span){ small, lengths[j] }), i == j);
			assert_int_equal(in_set(&condition, (struct span){ capital, lengths[j] }),
					 i == j && !lengths[i]);
			condition.any_case = true;
			assert_int_equal(in_set(&condition, (struct span){ capital, lengths[j] }), i == j);
		}
	}
}

/* NUL is a byte like others. */
static void test_bytes_behind_a_nul_count(void **state)
{
	struct expression left = { .type = EXPRESSION_TEXT };
	struct condition_item item = { .text = { "a\0b", 3 } };
	struct condition condition = { .left = &left, .item = &item, .items = 1, .any_case = true };

	(void)state;
	for (int i = 0; i < 2; i++) {
		condition.type = i ? CONDITION_IN : CONDITION_WILDCARD;
		assert_true(in_set(&condition, (struct span){ "A\0B", 3 }));
		assert_false(in_set(&condition, (struct span){ "a\0c", 3 }));
	}
}

static void test_numbers_are_found(void **state)
{
	static struct condition_item item[] = { { .number = 7 }, { .number = -1.5 }, { .number = 0 },
						{ .number = 7 }, { .number = 1e300 } };
	static const struct {
		double number;
		bool has;
	} rows[] = { { 7, true },    { 7.5, false },  { -1.5, true }, { 1.5, false }, { 0, true },
		     { -0.0, true }, { 1e300, true }, { 1e301, false } };
	struct expression left = { .type = EXPRESSION_NUMBER };
	struct condition condition = {
		.type = CONDITION_IN, .left = &left, .item = item, .items = COUNT_OF(item)
	};
	struct set *set = set_new(&condition);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct value value = { .number = rows[i].number };

		assert_int_equal(set_has(set, &value), rows[i].has);
	}
	set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets_say_what_their_items_say),
		cmocka_unit_test(test_length_does_not_matter),
		cmocka_unit_test(test_bytes_behind_a_nul_count),
		cmocka_unit_test(test_numbers_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
