/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/gather.h"

#include <utarray.h>

#define EXEC_CALL "arch=c000003e syscall=59 success=yes exit=0 a0=1"
#define FAILED	  "arch=c000003e syscall=59 success=no exit=-2 a0=1"
#define FORK_CALL "arch=c000003e syscall=57 success=yes exit=7 a0=1"
#define OPEN_CALL "arch=c000003e syscall=257 success=yes exit=3 a0=1"

/* Lines of event SERIAL at second SEC. */
#define AT(sec, serial)	     "msg=audit(" sec ".000:" serial "): "
#define EXEC(sec, serial)    "type=SYSCALL " AT(sec, serial) EXEC_CALL
#define ARGS(sec, serial)    "type=EXECVE " AT(sec, serial) "argc=1 a0=\"id\""
#define CWD(sec, serial)     "type=CWD " AT(sec, serial) "cwd=\"/\""
#define PATH(sec, serial)    "type=PATH " AT(sec, serial) "item=0"
#define PROCTITLE(sec, serial) "type=PROCTITLE " AT(sec, serial) "proctitle=6964"
#define EOE(sec, serial)     "type=EOE " AT(sec, serial)

struct seen {
	struct syscalls *syscalls;
	struct gather *gather;
	UT_string events; /* each as its serials, then its lines' types: 7:SYSCALL,EXECVE, */
	size_t count;
	/* Of the last event: */
	const char *node;
	struct stamp stamp;
	enum syscall_kind kind;
	bool whole;
	size_t bytes;
};

static void append_types(UT_string *out, const char *lines)
{
	while (*lines) {
		const char *type = strstr(lines, "type=") + 5;

		utstring_printf(out, "%.*s,", (int)strcspn(type, " "), type);
		lines = strchr(lines, '\n') + 1;
	}
}

static void on_event(void *user, const struct gathered *event)
{
	struct seen *seen = user;

	seen->count++;
	seen->node = event->node;
	seen->stamp = event->stamp;
	seen->kind = event->kind;
	seen->whole = event->whole;
	seen->bytes = strlen(event->lines);
	utstring_printf(&seen->events, "%" PRIu64 ":", event->stamp.serial);
	append_types(&seen->events, event->lines);
	utstring_printf(&seen->events, " ");
}

static int setup(void **state, enum gather_clock clock)
{
	struct seen *seen = mem_zalloc(sizeof(*seen));

	seen->syscalls = syscalls_new();
	seen->gather = gather_new(seen->syscalls, clock, on_event, seen);
	utstring_init(&seen->events);
	*state = seen;
	return 0;
}

static int setup_by_clock(void **state)
{
	return setup(state, GATHER_BY_CLOCK);
}

static int setup_by_events(void **state)
{
	return setup(state, GATHER_BY_EVENTS);
}

static int teardown(void **state)
{
	struct seen *seen = *state;

	gather_free(seen->gather);
	syscalls_free(seen->syscalls);
	utstring_done(&seen->events);
	free(seen);
	return 0;
}

static void give_at(struct seen *seen, int64_t now, const char *line)
{
	gather_line(seen->gather, span_of(line), now);
}

static void give(struct seen *seen, const char *line)
{
	give_at(seen, 0, line);
}

static void give_all(struct seen *seen, const char *const lines[])
{
	for (size_t i = 0; lines[i]; i++)
		give(seen, lines[i]);
}
#define GIVE(seen, ...) give_all(seen, (const char *const[]){ __VA_ARGS__, NULL })

#define assert_events(seen, expected) assert_text(utstring_body(&(seen)->events), expected)

static void test_exec_is_whole_at_its_end_record(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), ARGS("10", "7"), CWD("10", "7"), PATH("10", "7"),
	     PATH("10", "7"));
	assert_events(seen, "");
	give(seen, EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE,CWD,PATH,PATH, ");
	assert_int_equal(seen->kind, SYSCALL_EXEC);
	assert_int_equal(seen->stamp.sec, 10);
	assert_int_equal(seen->stamp.ms, 0);
	assert_null(seen->node);
	assert_int_equal(gather_stats(seen->gather)->unended, 0);
	assert_int_equal(gather_deadline(seen->gather), -1);
}

static void test_proctitle_ends_and_a_later_eoe_means_nothing(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), ARGS("10", "7"), PROCTITLE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
	give(seen, EOE("10", "7"));
	assert_int_equal(seen->count, 1);
	assert_int_equal(gather_stats(seen->gather)->malformed, 0);
	assert_int_equal(gather_stats(seen->gather)->dropped, 0);
}

/* Of a machine whose events have no end records nothing is missing where there is none. */
static void test_each_node_has_end_records_or_not(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, "node=a " EXEC("10", "7"), "node=a " ARGS("10", "7"), "node=a " EOE("10", "7"));
	assert_true(seen->whole);
	GIVE(seen, "node=b " EXEC("10", "8"), "node=b " ARGS("10", "8"));
	gather_flush(seen->gather);
	assert_true(seen->whole);
	GIVE(seen, "node=a " EXEC("10", "9"), "node=a " ARGS("10", "9"));
	gather_flush(seen->gather);
	assert_false(seen->whole);
}

static void test_records_behind_the_end_belong_nowhere(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), PROCTITLE("10", "7"), PATH("10", "7"), EOE("10", "7"));
	gather_flush(seen->gather);
	assert_events(seen, "7:SYSCALL, ");
}

static void test_interleaved_events_are_kept_apart(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), EXEC("10", "8"), ARGS("10", "8"), ARGS("10", "7"),
	     CWD("10", "7"), PROCTITLE("10", "8"), PROCTITLE("10", "7"));
	assert_events(seen, "8:SYSCALL,EXECVE, 7:SYSCALL,EXECVE,CWD, ");
}

static void test_events_of_two_nodes_can_have_one_stamp(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, "node=a " EXEC("10", "7"), "node=b " EXEC("10", "7"), EXEC("10", "7"),
	     "node=b " ARGS("10", "7"), CWD("10", "7"), "node=b " EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
	assert_text(seen->node, "b");
	give(seen, EOE("10", "7"));
	assert_null(seen->node);
	give(seen, "node=a " EOE("10", "7"));
	assert_text(seen->node, "a");
	assert_events(seen, "7:SYSCALL,EXECVE, 7:SYSCALL,CWD, 7:SYSCALL, ");
}

/* The table of processes compares names of nodes by address. */
static void test_node_has_one_name(void **state)
{
	struct seen *seen = *state;
	const char *name;

	GIVE(seen, "node=web1 " EXEC("10", "7"), "node=web1 " EOE("10", "7"));
	name = seen->node;
	GIVE(seen, "node=web2 type=SYSCALL " AT("11", "8") FORK_CALL);
	assert_true(seen->node != name);
	GIVE(seen, "node=web1 type=SYSCALL " AT("11", "8") FORK_CALL);
	assert_true(seen->node == name);
}

static void test_serial_alone_does_not_make_an_event(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), ARGS("11", "7"), "type=CWD msg=audit(10.001:7): cwd=\"/\"",
	     EOE("11", "7"));
	assert_int_equal(seen->count, 0);
	give(seen, EOE("10", "7"));
	assert_events(seen, "7:SYSCALL, ");
}

static void test_failed_exec_is_counted_and_dropped(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, "type=SYSCALL " AT("10", "7") FAILED, CWD("10", "7"), PATH("10", "7"),
	     PROCTITLE("10", "7"), EOE("10", "7"));
	assert_int_equal(seen->count, 0);
	assert_int_equal(gather_stats(seen->gather)->failed_execs, 1);
	assert_int_equal(gather_stats(seen->gather)->records, 5);
	assert_int_equal(gather_deadline(seen->gather), -1);
}

static void test_failed_fork_is_no_failed_exec(void **state)
{
	struct seen *seen = *state;

	give(seen, "type=SYSCALL " AT("10", "7")
		   "arch=c000003e syscall=57 success=no exit=-11 a0=1");
	assert_int_equal(seen->count, 0);
	assert_int_equal(gather_stats(seen->gather)->failed_execs, 0);
}

static void test_other_calls_are_dropped(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, "type=SYSCALL " AT("10", "7") OPEN_CALL, CWD("10", "7"), PATH("10", "7"),
	     PROCTITLE("10", "7"), EOE("10", "7"));
	gather_flush(seen->gather);
	assert_int_equal(seen->count, 0);
	assert_int_equal(gather_stats(seen->gather)->dropped, 0);
	assert_int_equal(gather_stats(seen->gather)->malformed, 0);
}

static void test_records_without_their_syscall_are_dropped(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, ARGS("10", "7"), CWD("10", "7"), PROCTITLE("10", "7"), EOE("10", "7"));
	gather_flush(seen->gather);
	assert_int_equal(seen->count, 0);
}

static void test_records_of_no_use_are_left_out(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), "type=BPRM_FCAPS " AT("10", "7") "fver=0", ARGS("10", "7"),
	     "type=SOCKADDR " AT("10", "7") "saddr=00", EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_repeated_syscall_record_is_passed_over(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), ARGS("10", "7"), EXEC("10", "7"), EOE("10", "7"));
	gather_flush(seen->gather);
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_fork_and_exit_need_no_end(void **state)
{
	static const struct {
		const char *call;
		enum syscall_kind kind;
	} cases[] = {
		{ "arch=c000003e syscall=57 success=yes exit=7 a0=1", SYSCALL_FORK },
		{ "arch=c000003e syscall=435 success=yes exit=7 a0=1", SYSCALL_FORK },
		{ "arch=c000003e syscall=56 success=yes exit=7 a0=1", SYSCALL_CLONE },
		{ "arch=c000003e syscall=231 a0=0 a1=0", SYSCALL_EXIT },
	};
	struct seen *seen = *state;
	char line[128];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(line, sizeof(line), "node=web1 type=SYSCALL " AT("10", "7") "%s",
			 cases[i].call);
		give(seen, line);
		assert_int_equal(seen->count, i + 1);
		assert_int_equal(seen->kind, cases[i].kind);
		assert_int_equal(seen->bytes, strlen(line) + 1);
		assert_text(seen->node, "web1");
		/* What follows is of nobody. */
		GIVE(seen, "node=web1 " PROCTITLE("10", "7"), "node=web1 " EOE("10", "7"));
		assert_int_equal(seen->count, i + 1);
	}
	assert_int_equal(gather_deadline(seen->gather), -1);
	assert_int_equal(gather_stats(seen->gather)->unended, 0);
}

static void test_fork_between_an_exec_and_its_end_passes_first(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), "type=SYSCALL " AT("10", "8") FORK_CALL, EOE("10", "7"));
	assert_events(seen, "8:SYSCALL, 7:SYSCALL, ");
}

static void test_lines_that_are_no_records_are_counted(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), "type=CWD msg=audit(10.0", "", "garbage", EOE("10", "7"));
	assert_events(seen, "7:SYSCALL, ");
	assert_int_equal(gather_stats(seen->gather)->malformed, 2);
}

static void test_exec_without_end_is_ended_by_the_clock(void **state)
{
	struct seen *seen = *state;

	give_at(seen, 5000, EXEC("10", "7"));
	give_at(seen, 5300, ARGS("10", "7"));
	assert_int_equal(gather_deadline(seen->gather), 5300 + GATHER_END_MS);
	gather_age(seen->gather, 5300 + GATHER_END_MS - 1);
	assert_int_equal(seen->count, 0);
	gather_age(seen->gather, 5300 + GATHER_END_MS);
	assert_events(seen, "7:SYSCALL,EXECVE, ");
	assert_int_equal(gather_stats(seen->gather)->unended, 1);
	assert_int_equal(gather_deadline(seen->gather), -1);
}

static void test_clock_ends_only_what_is_due_on_every_node(void **state)
{
	struct seen *seen = *state;

	give_at(seen, 1000, "node=a " EXEC("10", "1"));
	give_at(seen, 1001, EXEC("10", "2"));
	give_at(seen, 1002, "node=b " EXEC("10", "3"));
	give_at(seen, 1003, "node=a " EXEC("10", "4"));
	give_at(seen, 1004, "node=a " CWD("10", "1"));
	assert_int_equal(gather_deadline(seen->gather), 1001 + GATHER_END_MS);
	gather_age(seen->gather, 1003 + GATHER_END_MS);
	assert_int_equal(seen->count, 3);
	assert_int_equal(gather_deadline(seen->gather), 1004 + GATHER_END_MS);
	utstring_clear(&seen->events);
	gather_age(seen->gather, 1004 + GATHER_END_MS);
	assert_events(seen, "1:SYSCALL,CWD, ");
}

/* A stream that lags, or that comes from a machine whose clock is wrong, is not torn apart. */
static void test_time_stamps_do_not_end_events_by_the_clock(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), EXEC("99999", "8"), EXEC("1", "9"), ARGS("10", "7"));
	assert_int_equal(seen->count, 0);
	give(seen, EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_exec_without_end_is_ended_by_later_events(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), ARGS("10", "7"));
	give(seen, "type=CWD msg=audit(11.999:8): cwd=\"/\"");
	assert_int_equal(seen->count, 0);
	give(seen, "type=CWD msg=audit(12.000:9): cwd=\"/\"");
	assert_events(seen, "7:SYSCALL,EXECVE, ");
	assert_int_equal(gather_stats(seen->gather)->unended, 1);
}

static void test_any_record_tells_the_time_of_its_node(void **state)
{
	static const char *const later[] = {
		"type=LOGIN " AT("12", "8") "pid=1",
		"type=SYSCALL " AT("12", "8") FAILED,
		"type=SYSCALL " AT("12", "8") OPEN_CALL,
		"type=SYSCALL " AT("12", "8") EXEC_CALL,
		EOE("12", "8"),
	};
	struct seen *seen = *state;

	for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
		GIVE(seen, EXEC("10", "7"), later[i]);
		assert_int_equal(seen->count, i + 1);
		assert_int_equal(seen->stamp.serial, 7);
		give(seen, EOE("12", "8"));
		if (i == 3)
			seen->count--; /* the exec that told the time */
	}
}

static void test_other_nodes_do_not_tell_the_time(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, "node=a " EXEC("10", "7"), "node=b " EOE("9999", "1"), EOE("9999", "1"));
	assert_int_equal(seen->count, 0);
	give(seen, "node=a " ARGS("10", "7"));
	give(seen, "node=a " EOE("12", "8"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_replay_does_not_depend_on_the_clock(void **state)
{
	struct seen *seen = *state;

	give_at(seen, 1, EXEC("10", "7"));
	gather_age(seen->gather, INT64_MAX);
	give_at(seen, INT64_MAX, ARGS("10", "7"));
	assert_int_equal(seen->count, 0);
	give_at(seen, 0, EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_late_record_of_an_earlier_event_ends_nothing(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "7"), EXEC("11", "8"), ARGS("10", "7"), CWD("9", "6"));
	assert_int_equal(seen->count, 0);
	give(seen, EOE("10", "7"));
	assert_events(seen, "7:SYSCALL,EXECVE, ");
}

static void test_end_of_the_stream_ends_everything_oldest_first(void **state)
{
	struct seen *seen = *state;

	give_at(seen, 1, "node=a " EXEC("10", "1"));
	give_at(seen, 2, "node=b " EXEC("10", "2"));
	give_at(seen, 3, EXEC("10", "3"));
	give_at(seen, 4, "node=a " EXEC("10", "4"));
	give_at(seen, 5, "node=b " CWD("10", "2"));
	gather_flush(seen->gather);
	assert_events(seen, "1:SYSCALL, 3:SYSCALL, 4:SYSCALL, 2:SYSCALL,CWD, ");
	assert_int_equal(gather_stats(seen->gather)->unended, 4);
	gather_flush(seen->gather);
	assert_int_equal(seen->count, 4);
}

static void test_what_is_open_is_released_unseen(void **state)
{
	struct seen *seen = *state;

	GIVE(seen, EXEC("10", "1"), "node=a " EXEC("10", "2"), "node=b " EXEC("10", "3"));
	gather_free(seen->gather);
	seen->gather = NULL;
	assert_int_equal(seen->count, 0);
}

static void test_oldest_is_ended_early_when_too_many_are_open(void **state)
{
	struct seen *seen = *state;
	char line[128];

	for (int i = 1; i <= GATHER_MAX_OPEN; i++) {
		snprintf(line, sizeof(line),
			 "node=%c type=SYSCALL msg=audit(10.000:%d): " EXEC_CALL, "ab"[i % 2], i);
		give_at(seen, i, line);
	}
	give_at(seen, GATHER_MAX_OPEN + 1, "node=b " CWD("10", "1"));
	assert_int_equal(seen->count, 0);
	give_at(seen, GATHER_MAX_OPEN + 2, "node=c " EXEC("10", "99999"));
	assert_events(seen, "2:SYSCALL, ");
	give_at(seen, GATHER_MAX_OPEN + 3, "node=c " EXEC("10", "99998"));
	assert_events(seen, "2:SYSCALL, 3:SYSCALL, ");
	assert_int_equal(gather_stats(seen->gather)->unended, 2);
}

static void test_event_without_bound_loses_its_further_records(void **state)
{
	enum { LENGTH = 65000 };
	struct seen *seen = *state;
	UT_string line;

	utstring_init(&line);
	utstring_printf(&line, "type=EXECVE " AT("10", "7") " a1[1]=%0*d", LENGTH, 0);
	give(seen, EXEC("10", "7"));
	for (unsigned int i = 0; i < GATHER_MAX_BYTES / LENGTH; i++)
		give(seen, utstring_body(&line));
	assert_true(gather_stats(seen->gather)->dropped > 0);
	give(seen, EOE("10", "7"));
	assert_int_equal(seen->count, 1);
	assert_true(seen->bytes <= GATHER_MAX_BYTES);
	assert_true(seen->bytes + utstring_len(&line) >= GATHER_MAX_BYTES);
	utstring_done(&line);
}

static void test_oldest_is_ended_early_when_all_are_too_large(void **state)
{
	enum { LENGTH = 65000, EVENTS = 5 };
	struct seen *seen = *state;
	UT_string line;
	char exec[128];

	utstring_init(&line);
	for (int event = 1; event <= EVENTS; event++) {
		snprintf(exec, sizeof(exec), "type=SYSCALL msg=audit(10.000:%d): " EXEC_CALL,
			 event);
		give_at(seen, event, exec);
		utstring_clear(&line);
		utstring_printf(&line, "type=EXECVE msg=audit(10.000:%d):  a1[1]=%0*d", event,
				LENGTH, 0);
		for (unsigned int i = 0; i < GATHER_MAX_TOTAL / LENGTH / (EVENTS - 1) - 1; i++)
			give_at(seen, event, utstring_body(&line));
	}
	/* The fifth would have been one too much. */
	assert_int_equal(seen->count, 1);
	assert_int_equal(seen->stamp.serial, 1);
	assert_int_equal(gather_stats(seen->gather)->unended, 1);
	assert_int_equal(gather_stats(seen->gather)->dropped, 0);
	gather_flush(seen->gather);
	assert_int_equal(seen->count, EVENTS);
	/* And what has been passed on takes no room. */
	for (unsigned int i = 0; i < 2 * GATHER_MAX_TOTAL / LENGTH; i++) {
		GIVE(seen, EXEC("10", "1"), utstring_body(&line), EOE("10", "1"));
		assert_int_equal(gather_stats(seen->gather)->unended, EVENTS);
	}
	utstring_done(&line);
}

/* Clocks of nodes differ: the event of the last record can be the oldest of all. */
static void test_event_that_grows_past_the_limit_is_passed_on_once(void **state)
{
	enum { LENGTH = 65000, EVENTS = 4 };
	struct seen *seen = *state;
	UT_string line;
	char exec[128];

	utstring_init(&line);
	give(seen, "node=a " EXEC("10", "1"));
	for (int event = 1; event <= EVENTS; event++) {
		snprintf(exec, sizeof(exec),
			 "node=b type=SYSCALL msg=audit(99.000:%d): " EXEC_CALL, event);
		give(seen, exec);
		utstring_clear(&line);
		utstring_printf(&line, "node=b type=EXECVE msg=audit(99.000:%d):  a1[1]=%0*d",
				event, LENGTH, 0);
		for (unsigned int i = 0; i < GATHER_MAX_TOTAL / LENGTH / EVENTS; i++)
			give(seen, utstring_body(&line));
	}
	utstring_clear(&line);
	utstring_printf(&line, "node=a type=EXECVE msg=audit(10.000:1):  a1[1]=%0*d", LENGTH, 0);
	for (int i = 0; i < 8; i++)
		give(seen, utstring_body(&line));
	utstring_done(&line);
	assert_int_equal(seen->count, 1);
	gather_flush(seen->gather);
	assert_int_equal(seen->count, EVENTS + 1);
}

static void test_nodes_are_bounded(void **state)
{
	struct seen *seen = *state;
	char line[128];

	for (int i = 0; i <= GATHER_MAX_NODES; i++) {
		snprintf(line, sizeof(line), "node=n%d type=SYSCALL " AT("10", "7") FORK_CALL, i);
		give(seen, line);
	}
	assert_int_equal(seen->count, GATHER_MAX_NODES);
	assert_int_equal(gather_stats(seen->gather)->dropped, 1);
	/* Those that are known, and lines without a node, still count. */
	give(seen, "node=n0 type=SYSCALL " AT("10", "8") FORK_CALL);
	give(seen, "type=SYSCALL " AT("10", "8") FORK_CALL);
	assert_int_equal(seen->count, GATHER_MAX_NODES + 2);
}

#define BY_CLOCK(name)	cmocka_unit_test_setup_teardown(name, setup_by_clock, teardown)
#define BY_EVENTS(name) cmocka_unit_test_setup_teardown(name, setup_by_events, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BY_CLOCK(test_exec_is_whole_at_its_end_record),
		BY_CLOCK(test_proctitle_ends_and_a_later_eoe_means_nothing),
		BY_CLOCK(test_each_node_has_end_records_or_not),
		BY_CLOCK(test_records_behind_the_end_belong_nowhere),
		BY_CLOCK(test_interleaved_events_are_kept_apart),
		BY_CLOCK(test_events_of_two_nodes_can_have_one_stamp),
		BY_CLOCK(test_node_has_one_name),
		BY_CLOCK(test_serial_alone_does_not_make_an_event),
		BY_CLOCK(test_failed_exec_is_counted_and_dropped),
		BY_CLOCK(test_failed_fork_is_no_failed_exec),
		BY_CLOCK(test_other_calls_are_dropped),
		BY_CLOCK(test_records_without_their_syscall_are_dropped),
		BY_CLOCK(test_records_of_no_use_are_left_out),
		BY_CLOCK(test_repeated_syscall_record_is_passed_over),
		BY_CLOCK(test_fork_and_exit_need_no_end),
		BY_CLOCK(test_fork_between_an_exec_and_its_end_passes_first),
		BY_CLOCK(test_lines_that_are_no_records_are_counted),
		BY_CLOCK(test_exec_without_end_is_ended_by_the_clock),
		BY_CLOCK(test_clock_ends_only_what_is_due_on_every_node),
		BY_CLOCK(test_time_stamps_do_not_end_events_by_the_clock),
		BY_EVENTS(test_exec_without_end_is_ended_by_later_events),
		BY_EVENTS(test_any_record_tells_the_time_of_its_node),
		BY_EVENTS(test_other_nodes_do_not_tell_the_time),
		BY_EVENTS(test_replay_does_not_depend_on_the_clock),
		BY_EVENTS(test_late_record_of_an_earlier_event_ends_nothing),
		BY_CLOCK(test_end_of_the_stream_ends_everything_oldest_first),
		BY_CLOCK(test_what_is_open_is_released_unseen),
		BY_CLOCK(test_oldest_is_ended_early_when_too_many_are_open),
		BY_CLOCK(test_event_without_bound_loses_its_further_records),
		BY_CLOCK(test_oldest_is_ended_early_when_all_are_too_large),
		BY_CLOCK(test_nodes_are_bounded),
		BY_EVENTS(test_event_that_grows_past_the_limit_is_passed_on_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
