/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <libaudit.h>
#include <linux/audit.h>

#include "audit/triage.h"

#define STAMP "msg=audit(1795320845.440:23173): "

static void test_type_is_told_from_the_head(void **state)
{
	static const struct {
		const char *type;
		enum record_type expected;
	} cases[] = {
		{ "SYSCALL", RECORD_SYSCALL },    { "EXECVE", RECORD_EXECVE },
		{ "CWD", RECORD_CWD },            { "PATH", RECORD_PATH },
		{ "PROCTITLE", RECORD_END },      { "EOE", RECORD_END },
		{ "DAEMON_START", RECORD_DAEMON_START }, { "DAEMON_END", RECORD_DAEMON_END },
		{ "DAEMON_ABORT", RECORD_DAEMON_END }, { "DAEMON_ROTATE", RECORD_DAEMON },
		{ "BPRM_FCAPS", RECORD_FURTHER }, { "SYSCALLS", RECORD_OTHER },
		{ "DAEMON", RECORD_OTHER },       { "SOCKADDR", RECORD_OTHER },
		{ "UNKNOWN[1334]", RECORD_OTHER }, { "EO", RECORD_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct record record;
		char line[128];

		snprintf(line, sizeof(line), "type=%s " STAMP "a=b", cases[i].type);
		assert_true(triage_record(span_of(line), &record));
		assert_int_equal(record.type, cases[i].expected);
	}
}

static void test_stamp_and_fields_are_found(void **state)
{
	struct record record;

	(void)state;
	assert_true(triage_record(SPAN("type=CWD msg=audit(1795320845.007:4294967299): cwd=\"/\""),
				  &record));
	assert_int_equal(record.stamp.sec, 1795320845);
	assert_int_equal(record.stamp.ms, 7);
	assert_int_equal(record.stamp.serial, 4294967299);
	assert_span(record.body, "cwd=\"/\"");
	assert_null(record.node.start);
}

static void test_smallest_and_largest_stamps_are_read(void **state)
{
	struct record record;

	(void)state;
	assert_true(triage_record(SPAN("type=EOE msg=audit(0.000:0): "), &record));
	assert_int_equal(stamp_ms(&record.stamp), 0);
	assert_int_equal(record.stamp.serial, 0);
	assert_true(triage_record(
		SPAN("type=EOE msg=audit(253402300799.999:9223372036854775806): "), &record));
	assert_int_equal(stamp_ms(&record.stamp), 253402300799999);
	assert_int_equal(record.stamp.serial, INT64_MAX - 1);
	assert_false(triage_record(
		SPAN("type=EOE msg=audit(253402300799.999:9223372036854775807): "), &record));
}

static void test_node_stands_before_the_type(void **state)
{
	struct record record;

	(void)state;
	assert_true(triage_record(SPAN("node=web1.example.com type=EOE " STAMP), &record));
	assert_span(record.node, "web1.example.com");
	assert_int_equal(record.type, RECORD_END);
	assert_int_equal(record.body.length, 0);
}

static void test_enriched_part_stays_with_the_fields(void **state)
{
	struct record record;

	(void)state;
	assert_true(triage_record(SPAN("type=SYSCALL " STAMP "uid=33\x1dUID=\"www\""), &record));
	assert_span(record.body, "uid=33\x1dUID=\"www\"");
}

static void test_fields_start_at_the_colon(void **state)
{
	struct record record;

	(void)state;
	/* EXECVE's further records have two blanks, some tools leave none. */
	assert_true(triage_record(SPAN("type=EXECVE msg=audit(1.002:3):  a1[1]=41"), &record));
	assert_span(record.body, " a1[1]=41");
	assert_true(triage_record(SPAN("type=EOE msg=audit(1.002:3):"), &record));
	assert_int_equal(record.body.length, 0);
}

static void test_lines_that_are_no_records_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"type=",
		"type=SYSCALL",
		"type=SYSCALL ",
		"SYSCALL " STAMP,
		" type=SYSCALL " STAMP,
		"type=SYSCALL  " STAMP,
		"node= type=SYSCALL " STAMP,
		"node=web1",
		"node=web1 ",
		"node=web1 node=web2 type=SYSCALL " STAMP,
		"node=web1  type=SYSCALL " STAMP,
		"Node=web1 type=SYSCALL " STAMP,
		"type=SYSCALL msg=audit(",
		"type=SYSCALL msg=audit(1795320845",
		"type=SYSCALL msg=audit(1795320845.440",
		"type=SYSCALL msg=audit(1795320845.440:23173",
		"type=SYSCALL msg=audit(1795320845.440:23173)",
		"type=SYSCALL msg=audit(1795320845.440:23173) :",
		"type=SYSCALL msg=audit(.440:23173): ",
		"type=SYSCALL msg=audit(1795320845.:23173): ",
		"type=SYSCALL msg=audit(1795320845.440:): ",
		"type=SYSCALL msg=audit(1795320845.44:23173): ",
		"type=SYSCALL msg=audit(1795320845.4400:23173): ",
		"type=SYSCALL msg=audit(-1.440:23173): ",
		"type=SYSCALL msg=audit(1795320845.-40:23173): ",
		"type=SYSCALL msg=audit(1795320845.440:-3): ",
		"type=SYSCALL msg=audit(1795320845.440:99999999999999999999): ",
		"type=SYSCALL msg=audit(9223372036854775807.440:23173): ",
		"type=SYSCALL msg=audit(17953x0845.440:23173): ",
		"type=SYSCALL msg=audit(000000000001795320845.440:23173): ",
		"type=SYSCALL msg=audit(1795320845.440:000000000000000023173): ",
		"type=SYSCALL msg=audit(12/05/2026 10:00:00.440:23173) : ",
		"hello world",
	};
	struct record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (triage_record(span_of(lines[i]), &record))
			fail_msg("taken for a record: %s", lines[i]);
	}
}

/* Wherever a line is cut off, nothing behind it is read and no stamp is made up. */
static void test_cut_line_is_no_record_until_its_head_is_whole(void **state)
{
	static const char line[] = "node=web1 type=EXECVE " STAMP "argc=1";
	const size_t head = sizeof(line) - sizeof(" argc=1");

	(void)state;
	for (size_t length = 0; length < sizeof(line) - 1; length++) {
		char *exact = mem_resize(NULL, length, 1);
		struct record record;

		memcpy(exact, line, length);
		assert_int_equal(triage_record((struct span){ exact, length }, &record),
				 length >= head);
		if (length >= head)
			assert_int_equal(record.stamp.serial, 23173);
		free(exact);
	}
}

static void test_nul_among_the_fields_is_refused(void **state)
{
	struct record record;

	(void)state;
	assert_false(triage_record(SPAN("type=CWD " STAMP "cwd=\"/\0tmp\""), &record));
	assert_false(triage_record(SPAN("type=CWD " STAMP "\0"), &record));
	assert_false(triage_record(SPAN("type=CWD " STAMP "cwd=\"/\"\0"), &record));
}

/* Names are C strings from here on, and so is what libauparse is fed. */
static void test_nul_in_the_node_is_refused(void **state)
{
	struct record record;

	(void)state;
	assert_false(triage_record(SPAN("node=web\0""1 type=CWD " STAMP "cwd=\"/\""), &record));
}

static void test_node_can_be_as_long_as_a_host_name(void **state)
{
	struct record record;
	UT_string line;

	(void)state;
	for (int length = TRIAGE_MAX_NODE; length <= TRIAGE_MAX_NODE + 1; length++) {
		utstring_init(&line);
		utstring_printf(&line, "node=%0*d type=EOE " STAMP, length, 1);
		assert_int_equal(triage_record(span_of(utstring_body(&line)), &record),
				 length == TRIAGE_MAX_NODE);
		utstring_done(&line);
	}
}

static int setup_syscalls(void **state)
{
	*state = syscalls_new();
	return 0;
}

static int teardown_syscalls(void **state)
{
	syscalls_free(*state);
	return 0;
}

#define X86_64	"c000003e"
#define I386	"40000003"
#define AARCH64 "c00000b7"

static void test_system_calls_are_told_by_machine(void **state)
{
	static const struct {
		const char *arch;
		int number;
		enum syscall_kind kind;
	} cases[] = {
		{ X86_64, 59, SYSCALL_EXEC },   { X86_64, 322, SYSCALL_EXEC },
		{ X86_64, 57, SYSCALL_FORK },   { X86_64, 58, SYSCALL_FORK },
		{ X86_64, 435, SYSCALL_FORK },  { X86_64, 56, SYSCALL_CLONE },
		{ X86_64, 272, SYSCALL_UNSHARE }, { AARCH64, 97, SYSCALL_UNSHARE },
		{ X86_64, 231, SYSCALL_EXIT },  { X86_64, 60, SYSCALL_OTHER },
		{ X86_64, 11, SYSCALL_OTHER },  { X86_64, 2, SYSCALL_OTHER },
		{ X86_64, 221, SYSCALL_OTHER }, { X86_64, -1, SYSCALL_OTHER },
		{ I386, 11, SYSCALL_EXEC },     { I386, 358, SYSCALL_EXEC },
		{ I386, 2, SYSCALL_FORK },      { I386, 190, SYSCALL_FORK },
		{ I386, 435, SYSCALL_FORK },    { I386, 120, SYSCALL_CLONE },
		{ I386, 252, SYSCALL_EXIT },    { I386, 1, SYSCALL_OTHER },
		{ I386, 59, SYSCALL_OTHER },    { I386, 57, SYSCALL_OTHER },
		{ AARCH64, 221, SYSCALL_EXEC }, { AARCH64, 281, SYSCALL_EXEC },
		{ AARCH64, 220, SYSCALL_CLONE }, { AARCH64, 435, SYSCALL_FORK },
		{ AARCH64, 94, SYSCALL_EXIT },  { AARCH64, 59, SYSCALL_OTHER },
		{ AARCH64, 11, SYSCALL_OTHER }, { AARCH64, -1, SYSCALL_OTHER },
		{ "0", 59, SYSCALL_OTHER },     { "c00000ff", 59, SYSCALL_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct call call;
		char body[128];

		/* A libaudit can be built without the tables of other machines. */
		if (!strcmp(cases[i].arch, AARCH64) && audit_elf_to_machine(AUDIT_ARCH_AARCH64) < 0)
			continue;
		snprintf(body, sizeof(body), "arch=%s syscall=%d success=yes exit=0 a0=1",
			 cases[i].arch, cases[i].number);
		call = triage_call(*state, span_of(body));
		if (call.kind != cases[i].kind)
			fail_msg("%s is %d", body, call.kind);
	}
}

static void test_flags_of_clone_are_where_the_machine_has_them(void **state)
{
	(void)state;
	assert_int_equal(syscalls_clone_flags_arg(AUDIT_ARCH_X86_64), 0);
	assert_int_equal(syscalls_clone_flags_arg(AUDIT_ARCH_AARCH64), 0);
	assert_int_equal(syscalls_clone_flags_arg(AUDIT_ARCH_S390X), 1);
}

static void test_success_is_found_wherever_it_stands(void **state)
{
	static const struct {
		const char *body;
		bool success;
	} cases[] = {
		{ "arch=c000003e syscall=59 success=yes exit=0 a0=1 pid=2", true },
		{ "arch=c000003e syscall=59 success=no exit=-2 a0=1 pid=2", false },
		{ "arch=c000003e syscall=59 per=40000 success=yes exit=0 a0=1", true },
		{ "arch=c000003e syscall=59 per=40000 success=no exit=-2 a0=1", false },
		{ "arch=c000003e syscall=231 a0=0 a1=0 a2=e7", true }, /* exit_group has none */
		{ "arch=c000003e syscall=59 success=", false },
		{ "arch=c000003e syscall=59 success=\"yes\"", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct call call = triage_call(*state, span_of(cases[i].body));

		assert_int_not_equal(call.kind, SYSCALL_OTHER);
		assert_int_equal(call.success, cases[i].success);
	}
}

/* What a process can choose, its name and its key, stands behind a0. */
static void test_nothing_behind_the_arguments_counts(void **state)
{
	struct call call = triage_call(*state, SPAN("arch=c000003e syscall=231 a0=0 a1=0 "
						    "comm=\"x\" success=no arch=0 syscall=1"));

	assert_int_equal(call.kind, SYSCALL_EXIT);
	assert_true(call.success);
}

static void test_record_without_a_call_is_none(void **state)
{
	static const char *const bodies[] = { "", "syscall=59 success=yes", "arch=c000003e",
					      "arch=c000003e syscall=59x", "arch=x syscall=59" };

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		assert_int_equal(triage_call(*state, span_of(bodies[i])).kind, SYSCALL_OTHER);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, setup_syscalls, teardown_syscalls)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_is_told_from_the_head),
		cmocka_unit_test(test_stamp_and_fields_are_found),
		cmocka_unit_test(test_smallest_and_largest_stamps_are_read),
		cmocka_unit_test(test_node_stands_before_the_type),
		cmocka_unit_test(test_enriched_part_stays_with_the_fields),
		cmocka_unit_test(test_fields_start_at_the_colon),
		cmocka_unit_test(test_lines_that_are_no_records_are_refused),
		cmocka_unit_test(test_cut_line_is_no_record_until_its_head_is_whole),
		cmocka_unit_test(test_nul_among_the_fields_is_refused),
		cmocka_unit_test(test_nul_in_the_node_is_refused),
		cmocka_unit_test(test_node_can_be_as_long_as_a_host_name),
		CALL_TEST(test_system_calls_are_told_by_machine),
		cmocka_unit_test(test_flags_of_clone_are_where_the_machine_has_them),
		CALL_TEST(test_success_is_found_wherever_it_stands),
		CALL_TEST(test_nothing_behind_the_arguments_counts),
		CALL_TEST(test_record_without_a_call_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
