/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/serial.h"

#define MAX_STEPS  16
#define MAX_LOSSES 16

/* What a test saw lost, as "FIRST-LAST " or "down ". */
struct told {
	char text[512];
	struct serial_loss last;
	uint64_t count;
};

static void on_loss(void *user, const struct serial_loss *loss)
{
	struct told *told = user;
	size_t length = strlen(told->text);

	if (loss->reason == LOSS_DOWN)
		snprintf(told->text + length, sizeof(told->text) - length, "down ");
	else
		snprintf(told->text + length, sizeof(told->text) - length, "%" PRIu64 "-%" PRIu64 " ",
			 loss->first, loss->last);
	told->last = *loss;
	told->count += loss->count;
}

static struct record record_of(enum record_type type, uint64_t serial, int64_t ms)
{
	return (struct record){
		.type = type,
		.stamp = { ms / 1000, (unsigned int)(ms % 1000), serial },
	};
}

/* One record of the stream: by default a SYSCALL, its time stamp and the clock being the same. */
struct step {
	uint64_t serial;
	int64_t ms;
	enum record_type type;
};

#define T 1000000 /* ms: when all cases begin */

static const struct {
	const char *name;
	struct step steps[MAX_STEPS]; /* up to the first without a time */
	int64_t age;		      /* when what is open is aged; 0: never */
	const char *lost;
} cases[] = {
	{ "in a row", { { 1, T, 0 }, { 2, T, 0 }, { 3, T, 0 } }, T + 9999, "" },
	{ "records of one event", { { 5, T, 0 }, { 5, T, RECORD_CWD }, { 5, T, RECORD_END }, { 6, T, 0 } },
	  T + 9999, "" },
	{ "one is missing", { { 1, T, 0 }, { 3, T, 0 } }, T + 2000, "2-2 " },
	{ "not yet", { { 1, T, 0 }, { 3, T, 0 } }, T + 1999, "" },
	{ "many are missing", { { 1, T, 0 }, { 1000, T, 0 } }, T + 2000, "2-999 " },
	{ "out of order", { { 1, T, 0 }, { 3, T, 0 }, { 2, T, 0 }, { 4, T, 0 } }, T + 9999, "" },
	{ "backwards", { { 1, T, 0 }, { 5, T, 0 }, { 4, T, 0 }, { 3, T, 0 }, { 2, T, 0 } }, T + 9999, "" },
	{ "in the middle of a gap", { { 1, T, 0 }, { 9, T, 0 }, { 5, T, 0 } }, T + 2000, "2-4 6-8 " },
	{ "at a gap's begin", { { 1, T, 0 }, { 9, T, 0 }, { 2, T, 0 } }, T + 2000, "3-8 " },
	{ "at a gap's end", { { 1, T, 0 }, { 9, T, 0 }, { 8, T, 0 } }, T + 2000, "2-7 " },
	{ "each gap has its time", { { 1, T, 0 }, { 3, T, 0 }, { 4, T + 1500, 0 }, { 6, T + 1500, 0 } },
	  T + 2000, "2-2 " },
	{ "interleaved records", { { 1, T, 0 }, { 3, T, 0 }, { 2, T, 0 }, { 3, T, RECORD_CWD },
	  { 2, T, RECORD_CWD }, { 3, T, RECORD_END }, { 2, T, RECORD_END } }, T + 9999, "" },
	{ "twice", { { 1, T, 0 }, { 2, T, 0 }, { 1, T, 0 }, { 2, T, 0 }, { 3, T, 0 } }, T + 9999, "" },
	{ "the first records are lost", { { 1, T, 0 }, { 2, T, RECORD_CWD }, { 2, T, RECORD_END },
	  { 3, T, 0 } }, T + 2000, "2-2 " },
	{ "behind a gap too", { { 1, T, 0 }, { 4, T, RECORD_PATH }, { 5, T, 0 } }, T + 2000, "2-4 " },
	{ "an end does not fill a gap", { { 1, T, 0 }, { 3, T, 0 }, { 2, T, RECORD_END } }, T + 2000, "2-2 " },
	{ "a stream begins in an event", { { 7, T, RECORD_CWD }, { 7, T, RECORD_END }, { 8, T, 0 } },
	  T + 2000, "" },
	{ "auditd's own serials", { { 100, T, 0 }, { 4711, T, RECORD_DAEMON }, { 101, T, 0 },
	  { 4712, T, RECORD_DAEMON_END } }, T + 2000, "" },
	{ "auditd's first record", { { 4711, T, RECORD_DAEMON_START }, { 100, T, 0 } }, T + 2000, "" },
	{ "auditd was down", { { 100, T, 0 }, { 4711, T + 5000, RECORD_DAEMON_START }, { 101, T + 5000, 0 } },
	  T + 9999, "down " },
	{ "and something is missing", { { 100, T, 0 }, { 4711, T + 5000, RECORD_DAEMON_START },
	  { 103, T + 5000, 0 } }, T + 9999, "down 101-102 " },
	{ "reboot", { { 90000, T, 0 }, { 3, T + 9000, 0 }, { 4, T + 9000, 0 }, { 6, T + 9000, 0 } },
	  T + 11000, "5-5 " },
	{ "reboot after a few events", { { 50, T, 0 }, { 3, T + 30000, 0 }, { 4, T + 30000, 0 },
	  { 6, T + 30000, 0 } }, T + 40000, "5-5 " },
	{ "reboot over an open gap", { { 50, T, 0 }, { 52, T, 0 }, { 3, T + 30000, 0 } }, 0, "51-51 " },
	{ "an old event is no reboot", { { 90000, T, 0 }, { 3, T - 60000, 0 }, { 90001, T, 0 } }, T + 9999, "" },
	{ "a long system call", { { 1, T, 0 }, { 2, T - 900000, 0 }, { 3, T, 0 } }, T + 9999, "" },
	{ "the clock is set back", { { 1, T, 0 }, { 2, T - 900000, 0 }, { 3, T - 900000, 0 },
	  { 5, T - 900000, 0 } }, T + 2000, "4-4 " },
	{ "the largest serials", { { INT64_MAX - 2, T, 0 }, { INT64_MAX, T, 0 } }, T + 2000,
	  "9223372036854775806-9223372036854775806 " },
	{ "from nothing to the largest", { { 0, T, 0 }, { INT64_MAX, T, 0 } }, T + 2000,
	  "1-9223372036854775806 " },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct told told = { 0 };
		struct serials *serials = serials_new(on_loss, &told);
		struct serial_node *node = serials_add(serials, NULL);

		for (size_t n = 0; n < MAX_STEPS && cases[i].steps[n].ms; n++) {
			const struct step *step = &cases[i].steps[n];
			struct record record = record_of(step->type, step->serial, step->ms);

			serial_see(serials, node, &record, step->ms > T ? step->ms : T);
		}
		if (cases[i].age)
			serials_age(serials, cases[i].age);
		if (strcmp(told.text, cases[i].lost))
			print_error("%s:\n", cases[i].name);
		assert_string_equal(told.text, cases[i].lost);
		assert_int_equal(serials_stats(serials)->lost, told.count);
		serials_free(serials);
	}
}

static void see(struct serials *serials, struct serial_node *node, uint64_t serial, int64_t ms)
{
	struct record record = record_of(RECORD_SYSCALL, serial, ms);

	serial_see(serials, node, &record, ms);
}

static void test_a_loss_has_its_times(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, "web1");

	(void)state;
	see(serials, node, 10, T);
	see(serials, node, 20, T + 300);
	assert_int_equal(serials_deadline(serials), T + 300 + SERIAL_GRACE_MS);
	serials_age(serials, T + 300 + SERIAL_GRACE_MS);
	assert_int_equal(serials_deadline(serials), -1);
	assert_string_equal(told.last.node, "web1");
	assert_int_equal(told.last.count, 9);
	assert_int_equal(told.last.from, T);
	assert_int_equal(told.last.until, T + 300);
	serials_free(serials);
}

static void test_nodes_do_not_mix(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *one = serials_add(serials, "one");
	struct serial_node *two = serials_add(serials, "two");

	(void)state;
	see(serials, one, 1, T);
	see(serials, two, 500, T);
	see(serials, one, 2, T);
	see(serials, two, 502, T);
	see(serials, one, 3, T);
	serials_age(serials, T + 9999);
	assert_string_equal(told.text, "501-501 ");
	assert_string_equal(told.last.node, "two");
	assert_int_equal(serial_node_stats(one)->lost, 0);
	assert_int_equal(serial_node_stats(two)->lost, 1);
	serials_free(serials);
}

static void test_past_the_last_gap_the_oldest_is_lost(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, NULL);

	(void)state;
	for (uint64_t i = 0; i <= SERIAL_MAX_GAPS; i++)
		see(serials, node, 2 * i, T + (int64_t)i);
	assert_string_equal(told.text, "");
	see(serials, node, 2 * (SERIAL_MAX_GAPS + 1), T + SERIAL_MAX_GAPS + 1);
	assert_string_equal(told.text, "1-1 ");
	/* A gap that is filled in its middle is two. */
	see(serials, node, 2 * SERIAL_MAX_GAPS + 9, T + SERIAL_MAX_GAPS + 2);
	see(serials, node, 2 * SERIAL_MAX_GAPS + 5, T + SERIAL_MAX_GAPS + 2);
	assert_string_equal(told.text, "1-1 3-3 5-5 ");
	serials_flush(serials);
	assert_int_equal(told.count, SERIAL_MAX_GAPS + 1 + 5);
	serials_free(serials);
}

static void test_a_counter_that_starts_anew_under_a_wrong_clock(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, NULL);

	(void)state;
	see(serials, node, 100000, T);
	for (uint64_t i = 1; i <= SERIAL_STRAYS; i++)
		see(serials, node, i, T - 500000);
	assert_int_equal(serials_stats(serials)->restarts, 1);
	see(serials, node, SERIAL_STRAYS + 2, T - 500000);
	serials_flush(serials);
	assert_string_equal(told.text, "257-257 ");
	serials_free(serials);
}

static void test_another_recording_need_not_go_on(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, NULL);

	(void)state;
	see(serials, node, 1, T);
	see(serials, node, 3, T);
	serials_cut(serials);
	see(serials, node, 50, T);
	see(serials, node, 2, T);
	see(serials, node, 51, T);
	serials_flush(serials);
	assert_string_equal(told.text, "");
	serials_free(serials);
}

static void test_position_is_before_what_is_open(void **state)
{
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, NULL);
	struct serial_position position = { .serial = 77, .time = 7 };

	(void)state;
	assert_false(serial_position(node, &position));
	assert_int_equal(position.serial, 77);
	see(serials, node, 5, T);
	assert_true(serial_position(node, &position));
	assert_int_equal(position.serial, 5);
	see(serials, node, 8, T + 10);
	assert_true(serial_position(node, &position));
	assert_int_equal(position.serial, 5);
	assert_int_equal(position.time, T);
	see(serials, node, 6, T + 10);
	see(serials, node, 7, T + 10);
	assert_true(serial_position(node, &position));
	assert_int_equal(position.serial, 8);
	assert_int_equal(position.time, T + 10);
	serials_free(serials);
}

static void test_a_stream_goes_on_from_a_position(void **state)
{
	const struct serial_position position = { .serial = 100, .time = T };
	struct told told = { 0 };
	struct serials *serials = serials_new(on_loss, &told);
	struct serial_node *node = serials_add(serials, NULL);

	(void)state;
	serial_start(node, &position);
	see(serials, node, 111, T + 5000);
	serial_start(node, &position);
	serials_flush(serials);
	assert_string_equal(told.text, "101-110 ");
	assert_int_equal(told.last.from, T);
	serials_free(serials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_a_loss_has_its_times),
		cmocka_unit_test(test_nodes_do_not_mix),
		cmocka_unit_test(test_past_the_last_gap_the_oldest_is_lost),
		cmocka_unit_test(test_a_counter_that_starts_anew_under_a_wrong_clock),
		cmocka_unit_test(test_another_recording_need_not_go_on),
		cmocka_unit_test(test_position_is_before_what_is_open),
		cmocka_unit_test(test_a_stream_goes_on_from_a_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
