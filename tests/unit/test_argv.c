/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/argv.h"

/* Adds records up to NULL and hands out what they came to. */
static struct args add(struct argv *argv, const char *const records[])
{
	for (size_t i = 0; records[i]; i++)
		argv_add(argv, span_of(records[i]));
	return argv_args(argv);
}
#define ADD(argv, ...) add(argv, (const char *const[]){ __VA_ARGS__, NULL })

/* `expected` is every argument between < and >, a missing one as -. */
static void check_args(const struct args *args, const char *expected, const char *file, int line)
{
	UT_string list;

	utstring_init(&list);
	for (uint32_t i = 0; i < args->known; i++) {
		struct span arg = args_get(args, i);

		if (arg.start)
			utstring_printf(&list, "<%.*s>", (int)arg.length, arg.start);
		else
			utstring_printf(&list, "-");
	}
	check_text(utstring_body(&list), expected, file, line);
	utstring_done(&list);
}
#define assert_args(args, expected) check_args(args, expected, __FILE__, __LINE__)

#define assert_command_line(args, expected)                                                       \
	assert_span(((struct span){ (args)->text, (args)->text_length }), expected)

static int setup(void **state)
{
	struct argv *argv = mem_zalloc(sizeof(*argv));

	argv_init(argv);
	*state = argv;
	return 0;
}

static int teardown(void **state)
{
	argv_free(*state);
	free(*state);
	return 0;
}

static void test_arguments_are_literal_hexadecimal_or_empty(void **state)
{
	static const struct {
		const char *value;
		const char *arg;
	} cases[] = {
		{ "\"-c\"", "<-c>" },
		{ "\"\"", "<>" },
		{ "6964202D753B2069643E2F6465762F6E756C6C", "<id -u; id>/dev/null>" },
		{ "C3A9", "<\xc3\xa9>" },
		{ "FF", "<\xff>" },
		{ "226964220A", "<\"id\"\n>" },
		{ "\"6964\"", "<6964>" },
		{ "\"(null)\"", "<(null)>" },
		{ "\"?\"", "<?>" },
		{ "\"a1=x\"", "<a1=x>" },
		{ "2061313D2265766976222061323D6576696C", "< a1=\"eviv\" a2=evil>" },
		{ "780A6E6F64653D7820747970653D454F4520", "<x\nnode=x type=EOE >" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char record[128];
		struct args args;

		argv_reset(*state);
		snprintf(record, sizeof(record), "argc=1 a0=%s", cases[i].value);
		args = ADD(*state, record);
		assert_args(&args, cases[i].arg);
	}
}

static void test_command_line_has_single_spaces(void **state)
{
	struct args args = ADD(*state, "argc=5 a0=\"sh\" a1=\"\" a2=2020 a3=\"\" a4=\"-c\"");

	assert_args(&args, "<sh><><  ><><-c>");
	assert_command_line(&args, "sh      -c");
	assert_int_equal(args.count, 5);
}

static void test_empty_first_argument_counts(void **state)
{
	struct args args = ADD(*state, "argc=2 a0=\"\" a1=\"x\"");

	assert_args(&args, "<><x>");
	assert_command_line(&args, " x");
}

static void test_no_arguments_are_not_unknown_arguments(void **state)
{
	struct args args = ADD(*state, "argc=0");

	assert_non_null(args.text);
	assert_int_equal(args.text_length, 0);
	assert_int_equal(args.known, 0);
	assert_int_equal(args.count, 0);
}

static void test_nul_in_an_argument_ends_nothing(void **state)
{
	struct args args = ADD(*state, "argc=2 a0=610062 a1=\"c\"");

	assert_int_equal(args_get(&args, 0).length, 3);
	assert_memory_equal(args_get(&args, 0).start, "a\0b", 3);
	assert_args(&args, "<a><c>"); /* as C prints the first */
}

static void test_split_argument_is_put_together(void **state)
{
	struct args args = ADD(*state, "argc=3 a0=\"true\" a1_len=10 a1[0]=6162",
			       " a1[1]=6364", " a1[2]=\"e\" a2=\"end\"");

	assert_args(&args, "<true><abcde><end>");
	assert_command_line(&args, "true abcde end");
}

static void test_split_arguments_follow_each_other(void **state)
{
	struct args args = ADD(*state, "argc=3 a0_len=8 a0[0]=\"aa\"",
			       " a0[1]=\"bb\" a1_len=8 a1[0]=63",
			       " a1[1]=64 a2_len=4 a2[0]=\"e\"", " a2[1]=\"f\"");

	assert_args(&args, "<aabb><cd><ef>");
}

static void test_large_pieces_keep_every_byte(void **state)
{
	enum { PIECE = 7500, PIECES = 6 };
	char *record = mem_resize(NULL, 2 * PIECE + 64, 1);
	struct args args;

	argv_add(*state, SPAN("argc=2 a0=\"true\" a1_len=90000"));
	for (int piece = 0; piece < PIECES; piece++) {
		int length = sprintf(record, " a1[%d]=", piece);

		for (int i = 0; i < PIECE; i++)
			length += sprintf(record + length, "%02X", (piece * PIECE + i) % 256);
		argv_add(*state, (struct span){ record, (size_t)length });
	}
	free(record);

	args = argv_args(*state);
	assert_int_equal(args.known, 2);
	assert_int_equal(args_get(&args, 1).length, PIECE * PIECES);
	for (int i = 0; i < PIECE * PIECES; i++)
		assert_int_equal((unsigned char)args_get(&args, 1).start[i], i % 256);
}

static void test_many_arguments_take_several_records(void **state)
{
	enum { ARGS = 5001, RECORDS = 10 };
	UT_string record;
	struct args args;
	char expected[16];

	utstring_init(&record);
	utstring_printf(&record, "argc=%d", ARGS);
	for (int i = 0; i < ARGS; i++) {
		utstring_printf(&record, " a%d=\"%d\"", i, i);
		if (i % (ARGS / RECORDS) && i + 1 < ARGS)
			continue;
		argv_add(*state, span_of(utstring_body(&record)));
		utstring_clear(&record);
	}
	utstring_done(&record);

	args = argv_args(*state);
	assert_int_equal(args.known, ARGS);
	assert_int_equal(args.count, ARGS);
	for (uint32_t i = 0; i < ARGS; i++) {
		snprintf(expected, sizeof(expected), "%u", i);
		assert_span(args_get(&args, i), expected);
	}
}

static void test_lost_record_leaves_its_arguments_missing(void **state)
{
	struct args args = ADD(*state, "argc=6 a0=\"a\" a1=\"b\"", " a4=\"e\" a5=\"f\"");

	assert_args(&args, "<a><b>--<e><f>");
	assert_command_line(&args, "a b e f");
}

static void test_lost_last_record_is_seen_in_the_count(void **state)
{
	struct args args = ADD(*state, "argc=6 a0=\"a\" a1=\"b\"");

	assert_args(&args, "<a><b>");
	assert_int_equal(args.count, 6);
}

static void test_without_the_first_record_nothing_is_known(void **state)
{
	struct args args = ADD(*state, " a4=\"e\" a5=\"f\"", " a6[1]=41");

	assert_null(args.text);
	assert_int_equal(args.known, 0);
}

static void test_piece_without_its_beginning_is_missing(void **state)
{
	struct args args = ADD(*state, "argc=4 a0=\"a\"", " a2[1]=62", " a2[2]=63 a3=\"d\"");

	assert_args(&args, "<a>--<d>");
}

static void test_pieces_around_a_lost_one_are_not_joined(void **state)
{
	struct args args = ADD(*state, "argc=3 a0=\"a\" a1_len=6 a1[0]=\"b\"", " a1[2]=\"c\"",
			       " a1[3]=\"d\" a2=\"e\"");

	assert_args(&args, "<a>-<e>");
}

static void test_piece_of_an_argument_that_was_whole_is_passed_over(void **state)
{
	struct args args = ADD(*state, "argc=2 a0=\"a\" a1=\"b\"", " a1[1]=\"c\"", " a1[0]=\"d\"");

	assert_args(&args, "<a><b>");
}

static void test_repeated_record_changes_nothing(void **state)
{
	struct args args = ADD(*state, "argc=3 a0=\"a\" a1=\"b\"", "argc=3 a0=\"x\" a1=\"y\"",
			       " a2[0]=\"c\"", " a2[0]=\"z\"");

	assert_args(&args, "<a><b><c>");
}

static void test_argument_past_the_count_is_forged(void **state)
{
	struct args args = ADD(*state, "argc=2 a0=\"a\" a1=\"b\" a2=\"c\" "
				       "a18446744073709551616=\"d\"");

	assert_args(&args, "<a><b>");
}

static void test_forged_index_allocates_nothing(void **state)
{
	struct args args = ADD(*state, "argc=4294967295 a0=\"a\" a4294967294=\"b\" a99999=\"c\"",
			       " a4294967294[1]=\"b\"", " a99999[1]=\"c\"");

	assert_args(&args, "<a>");
	assert_true(((struct argv *)*state)->allocated < 1000);
}

static void test_names_that_are_no_arguments_are_passed_over(void **state)
{
	static const char *const records[] = {
		"argc=1 a=\"x\"",     "argc=1 a0_len=5", "argc=1 a[0]=\"x\"", "argc=1 a0[=\"x\"",
		"argc=1 a0[]=\"x\"",  "argc=1 a0]=\"x\"", "argc=1 a0[x]=\"x\"", "argc=1 b0=\"x\"",
		"argc=1 arg0=\"x\"",  "argc=1 a-1=\"x\"", "argc=1 ab=\"x\"",    "argc=1 a0[0=\"x\"",
		"argc=1 A0=\"x\"",    "argc=1 a0[00=\"x\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct args args;

		argv_reset(*state);
		args = ADD(*state, records[i]);
		assert_non_null(args.text);
		assert_args(&args, "");
	}
}

static void test_count_that_is_none_is_not_one(void **state)
{
	static const char *const counts[] = { "argc=-1", "argc=4294967296", "argc=x", "argc=" };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct args args = ADD(*state, counts[i], " a0=\"x\"");

		assert_null(args.text);
	}
}

static void test_head_of_the_record_is_no_argument(void **state)
{
	struct args args = ADD(*state, "node=a0 type=EXECVE msg=audit(1.002:3): argc=1 a0=\"id\"");

	assert_args(&args, "<id>");
}

static void test_reset_forgets_arguments_and_pieces(void **state)
{
	struct args args = ADD(*state, "argc=2 a0=\"old\" a1_len=4 a1[0]=\"old\"");

	argv_reset(*state);
	args = argv_args(*state);
	assert_null(args.text);
	args = ADD(*state, "argc=2 a0=\"new\"", " a1[1]=\"er\"");
	assert_args(&args, "<new>-");
	assert_command_line(&args, "new");
}

static void test_reset_gives_back_what_a_huge_exec_took(void **state)
{
	struct argv *argv = *state;
	char *value = mem_zalloc(ARGV_KEEP + 64);
	struct args args;

	snprintf(value, 64, "argc=1 a0=");
	memset(value + strlen(value), 'x', ARGV_KEEP);
	args = ADD(argv, value);
	assert_int_equal(args.arg[0].length, ARGV_KEEP);
	free(value);
	argv_reset(argv);
	assert_true(argv->text.n < ARGV_KEEP);
	args = ADD(argv, "argc=1 a0=\"sh\"");
	assert_args(&args, "<sh>");
}

#define ARGV_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARGV_TEST(test_arguments_are_literal_hexadecimal_or_empty),
		ARGV_TEST(test_command_line_has_single_spaces),
		ARGV_TEST(test_empty_first_argument_counts),
		ARGV_TEST(test_no_arguments_are_not_unknown_arguments),
		ARGV_TEST(test_nul_in_an_argument_ends_nothing),
		ARGV_TEST(test_split_argument_is_put_together),
		ARGV_TEST(test_split_arguments_follow_each_other),
		ARGV_TEST(test_large_pieces_keep_every_byte),
		ARGV_TEST(test_many_arguments_take_several_records),
		ARGV_TEST(test_lost_record_leaves_its_arguments_missing),
		ARGV_TEST(test_lost_last_record_is_seen_in_the_count),
		ARGV_TEST(test_without_the_first_record_nothing_is_known),
		ARGV_TEST(test_piece_without_its_beginning_is_missing),
		ARGV_TEST(test_pieces_around_a_lost_one_are_not_joined),
		ARGV_TEST(test_piece_of_an_argument_that_was_whole_is_passed_over),
		ARGV_TEST(test_repeated_record_changes_nothing),
		ARGV_TEST(test_argument_past_the_count_is_forged),
		ARGV_TEST(test_forged_index_allocates_nothing),
		ARGV_TEST(test_names_that_are_no_arguments_are_passed_over),
		ARGV_TEST(test_count_that_is_none_is_not_one),
		ARGV_TEST(test_head_of_the_record_is_no_argument),
		ARGV_TEST(test_reset_forgets_arguments_and_pieces),
		ARGV_TEST(test_reset_gives_back_what_a_huge_exec_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
