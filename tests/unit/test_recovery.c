/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "recovery.h"

#define BASE 1795320000 /* seconds since 1970: the time of serial 0; each event is a second later */
#define WALL ((BASE + 100) * 1000LL)

/* A stream, a log beside it, and what came of events that were lost. */
struct fixture {
	char path[64], conf[96], log[96];
	struct syscalls *syscalls;
	struct gather *gather;
	struct recovery *recovery;
	bool local;
	char judged[512]; /* serials, each with a blank; those read back with a + */
	char alerts[512]; /* reasons and counts */
};

static void append_serial(struct fixture *fixture, const char *how, uint64_t serial)
{
	size_t length = strlen(fixture->judged);

	snprintf(fixture->judged + length, sizeof(fixture->judged) - length, "%s%" PRIu64 " ", how, serial);
}

static void on_gathered(void *user, const struct gathered *event)
{
	struct fixture *fixture = user;

	if (recovery_admit(fixture->recovery, event))
		append_serial(fixture, "", event->stamp.serial);
}

static void on_found(void *user, const struct gathered *event)
{
	append_serial(user, "+", event->stamp.serial);
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct fixture *fixture = user;
	size_t length = strlen(fixture->alerts);
	struct json_object *lost = NULL, *reason = NULL, *count = NULL;

	assert_string_equal(rule->id, LOSSES_RULE_ID);
	json_object_object_get_ex(document, "auspawn", &lost);
	json_object_object_get_ex(lost, "lost", &lost);
	json_object_object_get_ex(lost, "reason", &reason);
	json_object_object_get_ex(lost, "count", &count);
	snprintf(fixture->alerts + length, sizeof(fixture->alerts) - length, "%s %d ",
		 json_object_get_string(reason), json_object_get_int(count));
	json_object_put(document);
}

static struct host on_host(void *user, const char *node)
{
	(void)user;
	return (struct host){ .name = node };
}

static bool on_is_local(void *user, const char *node)
{
	(void)node;
	return ((struct fixture *)user)->local;
}

static void begin(struct fixture *fixture, int64_t read_back_ms)
{
	char *conf = mem_strdup(fixture->conf);
	const struct recovery_options options = { conf, read_back_ms };
	const struct recovery_handlers handlers = { on_found, on_alert, on_host, on_is_local, fixture };

	fixture->gather = gather_new(fixture->syscalls, GATHER_BY_CLOCK, on_gathered, fixture);
	fixture->recovery = recovery_new(&options, fixture->gather, GATHER_BY_CLOCK, fixture->syscalls, &handlers);
	/* As a reload does with its configuration. */
	memset(conf, '?', strlen(conf));
	free(conf);
	fixture->judged[0] = '\0';
	fixture->alerts[0] = '\0';
}

static void end(struct fixture *fixture)
{
	recovery_free(fixture->recovery);
	gather_free(fixture->gather);
	fixture->recovery = NULL;
	fixture->gather = NULL;
}

static int set_up(void **state)
{
	struct fixture *fixture = mem_zalloc(sizeof(*fixture));
	FILE *file;

	snprintf(fixture->path, sizeof(fixture->path), "/tmp/auspawn-log-XXXXXX");
	assert_non_null(mkdtemp(fixture->path));
	snprintf(fixture->conf, sizeof(fixture->conf), "%s/auditd.conf", fixture->path);
	snprintf(fixture->log, sizeof(fixture->log), "%s/audit.log", fixture->path);
	file = fopen(fixture->conf, "we");
	assert_non_null(file);
	fprintf(file, "log_file = %s\n", fixture->log);
	fclose(file);
	fixture->syscalls = syscalls_new();
	fixture->local = true;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	end(fixture);
	syscalls_free(fixture->syscalls);
	assert_int_equal(nftw(fixture->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(fixture);
	return 0;
}

#define SYSCALL_FIELDS "arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=7"

/* One record of the stream. */
static void feed(struct fixture *fixture, unsigned int serial, const char *type, const char *fields)
{
	char line[256];

	snprintf(line, sizeof(line), "type=%s msg=audit(%u.000:%u): %s", type, BASE + serial, serial, fields);
	gather_line(fixture->gather, span_of(line), 0);
}

static void feed_exec(struct fixture *fixture, unsigned int serial)
{
	feed(fixture, serial, "SYSCALL", SYSCALL_FIELDS);
	feed(fixture, serial, "EXECVE", "argc=1 a0=\"sh\"");
	feed(fixture, serial, "EOE", "");
}

static void log_execs(const struct fixture *fixture, unsigned int first, unsigned int last)
{
	FILE *file = fopen(fixture->log, "ae");

	assert_non_null(file);
	for (unsigned int serial = first; serial <= last; serial++)
		fprintf(file,
			"type=SYSCALL msg=audit(%u.000:%u): " SYSCALL_FIELDS "\n"
			"type=EXECVE msg=audit(%u.000:%u): argc=1 a0=\"sh\"\n"
			"type=PROCTITLE msg=audit(%u.000:%u): proctitle=\"sh\"\n",
			BASE + serial, serial, BASE + serial, serial, BASE + serial, serial);
	fclose(file);
}

/* Lets time pass until nothing is due. */
static void settle(struct fixture *fixture)
{
	int64_t due;

	for (int i = 0; (due = recovery_deadline(fixture->recovery)) >= 0; i++) {
		assert_true(i < 1000);
		recovery_age(fixture->recovery, due, true);
		recovery_step(fixture->recovery, due, WALL, true);
	}
}

static void test_what_is_in_the_log_is_not_lost(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 5);
	settle(fixture);
	assert_string_equal(fixture->judged, "1 5 +2 +3 +4 ");
	assert_string_equal(fixture->alerts, "");
	assert_int_equal(recovery_stats(fixture->recovery).serials.lost, 3);
	assert_int_equal(recovery_stats(fixture->recovery).read_back.found, 3);
}

static void test_what_is_not_there_is_told_of(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 4, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 5);
	settle(fixture);
	assert_string_equal(fixture->judged, "1 5 +4 ");
	assert_string_equal(fixture->alerts, "serial-gap 2 ");
}

static void test_without_reading_back_all_is_lost(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 0);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 5);
	settle(fixture);
	assert_string_equal(fixture->judged, "1 5 ");
	assert_string_equal(fixture->alerts, "serial-gap 3 ");
}

static void test_parts_are_completed(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	/* Without its arguments; without its end, where others have one; without its begin. */
	feed(fixture, 2, "SYSCALL", SYSCALL_FIELDS);
	feed(fixture, 2, "EOE", "");
	feed(fixture, 3, "SYSCALL", SYSCALL_FIELDS);
	feed(fixture, 3, "EXECVE", "argc=1 a0=\"sh\"");
	feed(fixture, 4, "EXECVE", "argc=1 a0=\"sh\"");
	feed(fixture, 4, "EOE", "");
	gather_age(fixture->gather, GATHER_END_MS);
	assert_string_equal(fixture->judged, "1 ");
	settle(fixture);
	assert_string_equal(fixture->judged, "1 +2 +3 +4 ");
	assert_string_equal(fixture->alerts, "");
}

/* What comes late, after it was read back, was judged already. */
static void test_what_was_read_back_is_not_judged_again(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 5);
	/* A part of another. */
	feed(fixture, 6, "SYSCALL", SYSCALL_FIELDS);
	feed(fixture, 6, "EOE", "");
	settle(fixture);
	assert_string_equal(fixture->judged, "1 5 +6 +2 +3 +4 ");
	for (unsigned int serial = 2; serial <= 6; serial++)
		feed_exec(fixture, serial);
	feed_exec(fixture, 7);
	settle(fixture);
	/* The stream alone is taken at its word: what it has twice is twice. */
	assert_string_equal(fixture->judged, "1 5 +6 +2 +3 +4 5 7 ");
	assert_string_equal(fixture->alerts, "");
}

/* Where audit rules exclude a type of record nobody waits for it. */
static void test_what_no_event_has_is_not_missing(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	for (unsigned int serial = 1; serial < 4; serial++) {
		feed(fixture, serial, "SYSCALL", SYSCALL_FIELDS);
		feed(fixture, serial, "EOE", "");
	}
	assert_string_equal(fixture->judged, "1 2 3 ");
	assert_int_equal(recovery_deadline(fixture->recovery), -1);
}

/* Saves, and begins anew from there. */
static void restart(struct fixture *fixture, const char *boot)
{
	struct json_object *saved = recovery_save(fixture->recovery);

	if (boot)
		json_object_object_add(saved, "boot", json_object_new_string(boot));
	end(fixture);
	begin(fixture, 3600000);
	assert_true(recovery_restore(fixture->recovery, saved, WALL));
	json_object_put(saved);
}

/* The boot before ended early: what this one has numbered higher is in the log, too. */
static void test_a_short_boot_before(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 4);
	feed_exec(fixture, 1);
	feed_exec(fixture, 2);
	restart(fixture, "another");
	for (unsigned int serial = 50; serial < 60; serial++) {
		feed_exec(fixture, serial);
		log_execs(fixture, serial, serial);
	}
	settle(fixture);
	assert_string_equal(fixture->judged, "50 51 52 53 54 55 56 57 58 59 +3 +4 ");
}

static void test_a_restart_goes_on_where_it_ended(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 2);
	assert_true(recovery_changed(fixture->recovery));
	recovery_saved(fixture->recovery);
	assert_false(recovery_changed(fixture->recovery));
	restart(fixture, NULL);
	feed_exec(fixture, 6);
	settle(fixture);
	assert_string_equal(fixture->judged, "6 +3 +4 +5 ");
	assert_string_equal(fixture->alerts, "");
}

static void test_what_was_open_is_not_behind_the_position(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	/* An exec without its end yet, and a gap. */
	feed(fixture, 2, "SYSCALL", SYSCALL_FIELDS);
	feed_exec(fixture, 4);
	restart(fixture, NULL);
	feed_exec(fixture, 6);
	settle(fixture);
	assert_string_equal(fixture->judged, "6 +2 +3 +4 +5 ");
	assert_string_equal(fixture->alerts, "");
}

/* A gap, one that is searched and an event of which a part came are kept; what came behind them is not judged again. */
static void test_what_is_missing_outlives_a_restart(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 11);
	feed_exec(fixture, 1);
	feed_exec(fixture, 4);
	recovery_age(fixture->recovery, 1000000, true);
	feed_exec(fixture, 6);
	feed(fixture, 7, "SYSCALL", SYSCALL_FIELDS);
	feed_exec(fixture, 8);
	gather_flush(fixture->gather);
	assert_string_equal(fixture->judged, "1 4 6 8 ");
	/* More than once. */
	restart(fixture, NULL);
	restart(fixture, NULL);
	feed_exec(fixture, 10);
	settle(fixture);
	assert_string_equal(fixture->judged, "10 +2 +3 +5 +7 +9 ");
	assert_string_equal(fixture->alerts, "");
	restart(fixture, NULL);
	feed_exec(fixture, 11);
	settle(fixture);
	assert_string_equal(fixture->judged, "11 ");
}

/* Told of as lost once, whatever is restarted. */
static void test_what_was_told_is_not_missing_any_more(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	feed_exec(fixture, 1);
	feed_exec(fixture, 4);
	recovery_saved(fixture->recovery);
	settle(fixture);
	assert_string_equal(fixture->alerts, "serial-gap 2 ");
	assert_true(recovery_changed(fixture->recovery));
	restart(fixture, NULL);
	feed_exec(fixture, 5);
	settle(fixture);
	assert_string_equal(fixture->alerts, "");
}

/* It is down from when it said so. */
static void test_the_end_of_auditd_outlives_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct json_object *saved, *nodes = NULL, *row = NULL;

	begin(fixture, 3600000);
	feed_exec(fixture, 1);
	recovery_saved(fixture->recovery);
	feed(fixture, 50, "DAEMON_END", "op=terminate");
	assert_true(recovery_changed(fixture->recovery));
	saved = recovery_save(fixture->recovery);
	json_object_object_get_ex(saved, "nodes", &nodes);
	json_object_object_get_ex(nodes, "", &row);
	assert_int_equal(json_object_array_length(row), 3);
	assert_int_equal(json_object_get_int64(json_object_array_get_idx(row, 2)), (BASE + 50) * 1000LL);
	json_object_put(saved);
	restart(fixture, NULL);
	feed(fixture, 60, "DAEMON_START", "op=start");
	settle(fixture);
	assert_string_equal(fixture->alerts, "auditd-down 0 ");
}

static void test_a_boot_ends_what_can_be_missing(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	feed_exec(fixture, 1);
	feed_exec(fixture, 7);
	settle(fixture);
	restart(fixture, "another");
	feed(fixture, 50, "DAEMON_START", "op=start");
	feed_exec(fixture, 3);
	settle(fixture);
	assert_string_equal(fixture->judged, "3 +8 +9 ");
	assert_string_equal(fixture->alerts, "auditd-down 0 ");

	/* Of another machine nobody knows when it booted. */
	fixture->local = false;
	restart(fixture, "another");
	feed_exec(fixture, 5);
	settle(fixture);
	assert_string_equal(fixture->judged, "5 +4 ");
}

static int64_t save_row(void *user, const struct kept_row *row)
{
	struct kept_row *saved = user;

	assert_string_equal(row->kind, RECOVERY_KIND);
	free((char *)saved->value);
	*saved = *row;
	saved->id = row->id ? row->id : 7;
	saved->value = mem_strdup(row->value);
	return saved->id;
}

static void test_the_position_is_one_row(void **state)
{
	struct fixture *fixture = *state;
	struct kept_row row = { 0 };
	const struct rows_keeper keeper = { .save = save_row, .user = &row };

	begin(fixture, 3600000);
	log_execs(fixture, 1, 9);
	recovery_changes(fixture->recovery, &keeper);
	assert_null(row.value);
	feed_exec(fixture, 1);
	recovery_changes(fixture->recovery, &keeper);
	assert_int_equal(row.id, 7);
	recovery_saved(fixture->recovery);
	feed_exec(fixture, 2);
	recovery_changes(fixture->recovery, &keeper);
	assert_int_equal(row.id, 7);
	recovery_forget_row(fixture->recovery);
	assert_true(recovery_changed(fixture->recovery));
	recovery_saved(fixture->recovery);
	end(fixture);

	begin(fixture, 3600000);
	row.id = 8;
	assert_true(recovery_restore_row(fixture->recovery, &row, WALL));
	assert_false(recovery_restore_row(fixture->recovery, &row, WALL));
	feed_exec(fixture, 6);
	recovery_changes(fixture->recovery, &keeper);
	assert_int_equal(row.id, 8);
	settle(fixture);
	assert_string_equal(fixture->judged, "6 +3 +4 +5 ");
	free((char *)row.value);
}

static void test_saved_nonsense_is_refused(void **state)
{
	static const char *const cases[] = {
		"1",
		"{ \"boot\": \"\" }",
		"{ \"boot\": 1, \"nodes\": { } }",
		"{ \"boot\": \"\", \"nodes\": [ ] }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": null } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ -1, 1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 1, -1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 9223372036854775807, 1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 1, 9223372036854775807 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 1, 1, -1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { \"a\": [ 1, 1, 1, 1 ] } }",
		"{ \"boot\": \"\", \"nodes\": { }, \"missing\": [ null ] }",
		"{ \"boot\": \"\", \"nodes\": { }, \"missing\": [ [ \"b\", 1, 1, 1, 1 ] ] }",
		"{ \"boot\": \"\", \"nodes\": { \"b\": [ 9, 1 ] }, \"missing\": [ [ \"b\", 2, 1, 1, 1 ] ] }",
		"{ \"boot\": \"\", \"nodes\": { \"b\": [ 9, 1 ] }, \"missing\": [ [ \"b\", 1, \"\", 1, 1 ] ] }",
		"{ \"boot\": \"\", \"nodes\": { \"b\": [ 9, 1 ] }, \"missing\": [ [ 7, 1, 1, 1, 1 ] ] }",
	};
	struct fixture *fixture = *state;

	begin(fixture, 3600000);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *saved = json_tokener_parse(cases[i]);

		assert_non_null(saved);
		assert_false(recovery_restore(fixture->recovery, saved, WALL));
		json_object_put(saved);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_in_the_log_is_not_lost),
		TEST(test_what_is_not_there_is_told_of),
		TEST(test_without_reading_back_all_is_lost),
		TEST(test_parts_are_completed),
		TEST(test_what_was_read_back_is_not_judged_again),
		TEST(test_what_no_event_has_is_not_missing),
		TEST(test_a_short_boot_before),
		TEST(test_a_restart_goes_on_where_it_ended),
		TEST(test_what_was_open_is_not_behind_the_position),
		TEST(test_what_is_missing_outlives_a_restart),
		TEST(test_what_was_told_is_not_missing_any_more),
		TEST(test_the_end_of_auditd_outlives_a_restart),
		TEST(test_a_boot_ends_what_can_be_missing),
		TEST(test_the_position_is_one_row),
		TEST(test_saved_nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
