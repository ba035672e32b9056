/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/lines.h"

struct seen {
	struct lines lines;
	UT_string text; /* every line between < and > */
	size_t count;
	size_t longest;
};

static void on_line(void *user, struct span line)
{
	struct seen *seen = user;

	seen->count++;
	if (seen->longest < line.length)
		seen->longest = line.length;
	if (line.length > 100)
		return;
	utstring_bincpy(&seen->text, "<", 1);
	utstring_bincpy(&seen->text, line.start, line.length);
	utstring_bincpy(&seen->text, ">", 1);
}

static void feed(struct seen *seen, const char *text)
{
	lines_feed(&seen->lines, span_of(text), on_line, seen);
}

/* Feeds `count` times the same byte in pieces of `size`, each in memory of its own. */
static void feed_bytes(struct seen *seen, size_t count, size_t size)
{
	while (count) {
		size_t n = count < size ? count : size;
		char *piece = mem_resize(NULL, n, 1);

		memset(piece, 'x', n);
		lines_feed(&seen->lines, (struct span){ piece, n }, on_line, seen);
		free(piece);
		count -= n;
	}
}

/* As one piece, newline and all. */
static void feed_line(struct seen *seen, size_t length)
{
	char *line = mem_resize(NULL, length + 1, 1);

	memset(line, 'x', length);
	line[length] = '\n';
	lines_feed(&seen->lines, (struct span){ line, length + 1 }, on_line, seen);
	free(line);
}

static int setup(void **state)
{
	struct seen *seen = mem_zalloc(sizeof(*seen));

	utstring_init(&seen->text);
	*state = seen;
	return 0;
}

static int teardown(void **state)
{
	struct seen *seen = *state;

	lines_clear(&seen->lines);
	utstring_done(&seen->text);
	free(seen);
	return 0;
}

/* Is there an unfinished line? Forgets it. */
static bool cut(struct seen *seen)
{
	uint64_t before = seen->lines.cut;

	lines_cut(&seen->lines);
	return seen->lines.cut > before;
}

static void assert_seen(const struct seen *seen, const char *expected)
{
	assert_text(utstring_body(&seen->text), expected);
}

static void test_pieces_of_any_size_give_the_same_lines(void **state)
{
	static const char stream[] = "one\n\ntwo and a half\nthree\n";
	struct seen *seen = *state;

	for (size_t size = 1; size < sizeof(stream); size++) {
		utstring_clear(&seen->text);
		for (size_t at = 0; at < sizeof(stream) - 1; at += size) {
			size_t left = sizeof(stream) - 1 - at;
			size_t n = left < size ? left : size;
			char *piece = mem_resize(NULL, n, 1);

			memcpy(piece, stream + at, n);
			lines_feed(&seen->lines, (struct span){ piece, n }, on_line, seen);
			free(piece);
		}
		assert_seen(seen, "<one><><two and a half><three>");
		assert_false(cut(seen));
	}
}

static void test_line_without_its_newline_waits(void **state)
{
	struct seen *seen = *state;

	feed(seen, "one\nt");
	feed(seen, "");
	assert_seen(seen, "<one>");
	feed(seen, "wo\n");
	assert_seen(seen, "<one><two>");
}

/* pid=29436 may have become pid=2. */
static void test_line_that_the_end_of_the_stream_cuts_is_left_out_and_counted(void **state)
{
	struct seen *seen = *state;

	lines_cut(&seen->lines);
	assert_int_equal(seen->lines.cut, 0);
	feed(seen, "one\nt");
	lines_cut(&seen->lines);
	assert_int_equal(seen->lines.cut, 1);
	lines_cut(&seen->lines);
	assert_int_equal(seen->lines.cut, 1);
	/* Another stream is another stream. */
	feed(seen, "two\n");
	assert_seen(seen, "<one><two>");
}

static void test_too_long_line_that_is_cut_is_counted_once(void **state)
{
	struct seen *seen = *state;

	feed_bytes(seen, LINES_MAX_LENGTH + 1, 5000);
	lines_cut(&seen->lines);
	feed(seen, "next\n");
	assert_seen(seen, "<next>");
	assert_int_equal(seen->lines.too_long, 1);
	assert_int_equal(seen->lines.cut, 0);
}

static void test_nul_is_a_byte_like_others(void **state)
{
	struct seen *seen = *state;

	lines_feed(&seen->lines, SPAN("a\0b\nc\0"), on_line, seen);
	lines_feed(&seen->lines, SPAN("d\n"), on_line, seen);
	assert_int_equal(utstring_len(&seen->text), 10);
	assert_memory_equal(utstring_body(&seen->text), "<a\0b><c\0d>", 10);
}

static void test_line_of_the_greatest_length_passes(void **state)
{
	struct seen *seen = *state;

	feed_line(seen, LINES_MAX_LENGTH);
	assert_int_equal(seen->count, 1);
	feed_bytes(seen, LINES_MAX_LENGTH, 1000);
	feed(seen, "\n");
	assert_int_equal(seen->count, 2);
	assert_int_equal(seen->longest, LINES_MAX_LENGTH);
	assert_int_equal(seen->lines.too_long, 0);
}

static void test_line_one_byte_too_long_is_left_out_and_counted(void **state)
{
	struct seen *seen = *state;

	feed(seen, "before\n");
	feed_line(seen, LINES_MAX_LENGTH + 1);
	feed(seen, "between\n");
	feed_bytes(seen, LINES_MAX_LENGTH, 4096);
	feed(seen, "y\nafter\n");
	assert_seen(seen, "<before><between><after>");
	assert_int_equal(seen->lines.too_long, 2);
}

static void test_line_that_grows_without_end_is_counted_once(void **state)
{
	struct seen *seen = *state;

	feed_bytes(seen, (size_t)10 * LINES_MAX_LENGTH, 5000);
	assert_int_equal(seen->lines.too_long, 1);
	feed(seen, "tail\nnext\n");
	assert_seen(seen, "<next>");
	assert_int_equal(seen->lines.too_long, 1);
}

static void test_too_long_line_cannot_lend_its_tail_to_the_next(void **state)
{
	struct seen *seen = *state;

	feed_bytes(seen, LINES_MAX_LENGTH + 1, LINES_MAX_LENGTH + 1);
	feed(seen, "forged\n");
	feed(seen, "\n");
	assert_seen(seen, "<>");
}

static void test_clear_forgets_the_unfinished_line(void **state)
{
	struct seen *seen = *state;

	feed(seen, "cut o");
	lines_clear(&seen->lines);
	feed(seen, "whole\n");
	assert_seen(seen, "<whole>");
}

#define LINES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINES_TEST(test_pieces_of_any_size_give_the_same_lines),
		LINES_TEST(test_line_without_its_newline_waits),
		LINES_TEST(test_line_that_the_end_of_the_stream_cuts_is_left_out_and_counted),
		LINES_TEST(test_too_long_line_that_is_cut_is_counted_once),
		LINES_TEST(test_nul_is_a_byte_like_others),
		LINES_TEST(test_line_of_the_greatest_length_passes),
		LINES_TEST(test_line_one_byte_too_long_is_left_out_and_counted),
		LINES_TEST(test_line_that_grows_without_end_is_counted_once),
		LINES_TEST(test_too_long_line_cannot_lend_its_tail_to_the_next),
		LINES_TEST(test_clear_forgets_the_unfinished_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
