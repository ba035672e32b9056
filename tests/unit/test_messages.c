/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <syslog.h>

#include "messages.h"

static void test_every_row_is_whole_and_the_numbers_rise(void **state)
{
	const struct message *row;
	int before = 0;

	(void)state;
	for (size_t i = 0; (row = message_row(i)); i++) {
		assert_in_range((int)row->number, before + 1, 9999);
		assert_in_range(row->severity, LOG_ERR, LOG_INFO);
		assert_true(row->text[0]);
		assert_int_equal(row->meaning[strlen(row->meaning) - 1], '.');
		assert_ptr_equal(message_of(row->number), row);
		before = (int)row->number;
	}
	assert_true(before);
}

static void test_a_number_without_a_row_is_other(void **state)
{
	(void)state;
	assert_ptr_equal(message_of((enum message_number)9999), message_row(0));
	assert_int_equal(message_row(0)->number, MESSAGE_OTHER);
}

static void test_a_burst_passes_in_each_period(void **state)
{
	struct message_limiter *limiter = message_limiter_new();
	const struct message *mistake = message_of(MESSAGE_MISTAKE);
	int passed = 0;

	(void)state;
	for (int64_t now = 5000; now < 5000 + 3 * MESSAGES_PERIOD_MS; now += 100)
		passed += message_passes(limiter, mistake, now);
	assert_int_equal(passed, 3 * MESSAGES_BURST);
	message_limiter_free(limiter);
}

static void test_what_is_held_back_is_told_once_when_the_period_is_over(void **state)
{
	struct message_limiter *limiter = message_limiter_new();
	const struct message *mistake = message_of(MESSAGE_MISTAKE);
	uint64_t count = 0;

	(void)state;
	assert_int_equal(message_deadline(limiter), -1);
	for (int i = 0; i < MESSAGES_BURST + 3; i++)
		message_passes(limiter, mistake, 50);
	assert_int_equal(message_deadline(limiter), 50 + MESSAGES_PERIOD_MS);
	assert_null(message_held_back(limiter, 49 + MESSAGES_PERIOD_MS, &count));
	assert_ptr_equal(message_held_back(limiter, 50 + MESSAGES_PERIOD_MS, &count), mistake);
	assert_int_equal(count, 3);
	assert_null(message_held_back(limiter, INT64_MAX, &count));
	message_limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_whole_and_the_numbers_rise),
		cmocka_unit_test(test_a_number_without_a_row_is_other),
		cmocka_unit_test(test_a_burst_passes_in_each_period),
		cmocka_unit_test(test_what_is_held_back_is_told_once_when_the_period_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
