/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "status/delays.h"
#include "status/rates.h"

static void test_nothing_has_no_median(void **state)
{
	struct delays delays = { 0 };

	(void)state;
	assert_int_equal(delays_count(&delays, 1), 0);
	assert_true(delays_share(&delays, 0.5, 1) == UINT64_MAX);
}

static void test_short_delays_are_exact(void **state)
{
	(void)state;
	for (int64_t ms = -1; ms < 16; ms++) {
		struct delays delays = { 0 };

		delays_add(&delays, ms, 1);
		assert_int_equal(delays_share(&delays, 0.5, 1), ms < 0 ? 0 : ms);
	}
}

/* The longest is known exactly, so another one is needed to see the error. */
static void test_any_delay_is_told_with_an_eighth_more_at_most(void **state)
{
	(void)state;
	for (int64_t ms = 1; ms < (int64_t)1 << 32; ms += 1 + ms / 7) {
		struct delays delays = { 0 };
		uint64_t told;

		delays_add(&delays, ms, 1);
		delays_add(&delays, (int64_t)1 << 40, 1);
		told = delays_share(&delays, 0.5, 1);
		assert_in_range(told, ms, ms + ms / 8);
	}
}

static void test_shares_of_many(void **state)
{
	struct delays delays = { 0 };

	(void)state;
	for (int i = 0; i < 980; i++)
		delays_add(&delays, 4, 1);
	for (int i = 0; i < 20; i++)
		delays_add(&delays, 5000, 1);
	assert_int_equal(delays_count(&delays, 1), 1000);
	assert_int_equal(delays_share(&delays, 0.5, 1), 4);
	assert_int_equal(delays_share(&delays, 0.98, 1), 4);
	assert_int_equal(delays_share(&delays, 0.99, 1), 5000);
	assert_int_equal(delays.longest, 5000);
}

static void test_old_delays_are_forgotten_and_the_longest_is_not(void **state)
{
	struct delays delays = { 0 };

	(void)state;
	delays_add(&delays, 700, 1000);
	assert_int_equal(delays_count(&delays, 1000 + DELAYS_PERIOD_MS - 1), 1);
	assert_int_equal(delays_count(&delays, 1000 + DELAYS_PERIOD_MS), 1);
	delays_add(&delays, 3, 1000 + DELAYS_PERIOD_MS);
	assert_int_equal(delays_count(&delays, 1000 + 2 * DELAYS_PERIOD_MS), 1);
	assert_int_equal(delays_share(&delays, 0.99, 1000 + 2 * DELAYS_PERIOD_MS), 3);
	assert_int_equal(delays_count(&delays, 1000 + 5 * DELAYS_PERIOD_MS), 0);
	assert_int_equal(delays.longest, 700);
}

static uint64_t execs_lately(struct rates *rates, uint64_t execs, int64_t now)
{
	const struct rates_totals totals = { .execs = execs };
	struct rates_totals lately = rates_lately(rates, &totals, now);

	rates_sample(rates, &totals, now);
	return lately.execs;
}

static void test_a_rate_is_of_the_last_minute(void **state)
{
	struct rates rates = { 0 };

	(void)state;
	rates_sample(&rates, &(struct rates_totals){ 0 }, 1000);
	assert_int_equal(execs_lately(&rates, 5, 2000), 5);
	/* One exec a second, looked at every second. */
	for (int64_t s = 3; s < 200; s++) {
		uint64_t lately = execs_lately(&rates, (uint64_t)s, s * 1000);

		if (s > 100)
			assert_in_range(lately, 60, 70);
	}
}

static void test_a_rate_after_a_long_rest_has_nothing_of_before(void **state)
{
	struct rates rates = { 0 };

	(void)state;
	rates_sample(&rates, &(struct rates_totals){ .execs = 100 }, 1000);
	rates_sample(&rates, &(struct rates_totals){ .execs = 200 }, 20000);
	assert_int_equal(execs_lately(&rates, 203, 3600000), 3);
	assert_int_equal(execs_lately(&rates, 203, 3600000 + RATES_LATELY_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_has_no_median),
		cmocka_unit_test(test_short_delays_are_exact),
		cmocka_unit_test(test_any_delay_is_told_with_an_eighth_more_at_most),
		cmocka_unit_test(test_shares_of_many),
		cmocka_unit_test(test_old_delays_are_forgotten_and_the_longest_is_not),
		cmocka_unit_test(test_a_rate_is_of_the_last_minute),
		cmocka_unit_test(test_a_rate_after_a_long_rest_has_nothing_of_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
