/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <signal.h>
#include <sys/resource.h>

#include "alert/file.h"

static int append(struct file_sink *sink, const char *text)
{
	char line[64];

	snprintf(line, sizeof(line), "%s\n", text);
	return file_append(sink, span_of(line));
}

static void test_lines_are_appended_with_their_newlines(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));

	assert_int_equal(append(sink, "one"), 0);
	assert_int_equal(append(sink, ""), 0);
	assert_int_equal(append(sink, "three"), 0);
	assert_file(folder_file(*state, "alerts"), "one\n\nthree\n");
	file_free(sink);
}

static void test_what_the_file_held_before_stays(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));

	write_text(folder_file(*state, "alerts"), "before\n");
	assert_int_equal(append(sink, "one"), 0);
	assert_file(folder_file(*state, "alerts"), "before\none\n");
	file_free(sink);
}

static void test_the_file_is_made_with_the_first_line_for_owner_and_group(void **state)
{
	mode_t mask = umask(0);
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));
	struct stat status;

	assert_int_equal(stat(folder_file(*state, "alerts"), &status), -1);
	assert_int_equal(append(sink, "one"), 0);
	umask(mask);
	assert_int_equal(stat(folder_file(*state, "alerts"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	file_free(sink);
}

static void test_two_writers_do_not_overwrite_each_other(void **state)
{
	struct file_sink *a = file_new(folder_file(*state, "alerts"));
	struct file_sink *b = file_new(folder_file(*state, "alerts"));

	assert_int_equal(append(a, "a1"), 0);
	assert_int_equal(append(b, "b1"), 0);
	assert_int_equal(append(a, "a2"), 0);
	assert_file(folder_file(*state, "alerts"), "a1\nb1\na2\n");
	file_free(a);
	file_free(b);
}

static void test_a_rotated_file_is_followed_when_told(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));
	char old[108];

	assert_int_equal(append(sink, "one"), 0);
	snprintf(old, sizeof(old), "%s", folder_file(*state, "alerts.1"));
	assert_int_equal(rename(folder_file(*state, "alerts"), old), 0);
	assert_int_equal(append(sink, "two"), 0);
	file_reopen(sink);
	assert_int_equal(append(sink, "three"), 0);
	assert_file(old, "one\ntwo\n");
	assert_file(folder_file(*state, "alerts"), "three\n");
	file_free(sink);
}

static void test_a_rotated_file_is_noticed(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));
	char old[108];

	file_follow(sink);
	assert_int_equal(append(sink, "one"), 0);
	file_follow(sink);
	assert_int_equal(append(sink, "two"), 0);
	snprintf(old, sizeof(old), "%s", folder_file(*state, "alerts.1"));
	assert_int_equal(rename(folder_file(*state, "alerts"), old), 0);
	file_follow(sink);
	assert_int_equal(append(sink, "three"), 0);
	assert_file(old, "one\ntwo\n");
	assert_file(folder_file(*state, "alerts"), "three\n");
	/* Another one has its name by now. */
	assert_int_equal(rename(folder_file(*state, "alerts"), old), 0);
	write_text(folder_file(*state, "alerts"), "other\n");
	file_follow(sink);
	assert_int_equal(append(sink, "four"), 0);
	assert_file(folder_file(*state, "alerts"), "other\nfour\n");
	assert_int_equal(unlink(folder_file(*state, "alerts")), 0);
	file_follow(sink);
	assert_int_equal(append(sink, "five"), 0);
	assert_file(folder_file(*state, "alerts"), "five\n");
	file_free(sink);
}

/* As a writer that was killed leaves it. */
static void test_a_line_without_an_end_gets_one(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));

	write_text(folder_file(*state, "alerts"), "one\ntw");
	assert_int_equal(append(sink, "three"), 0);
	assert_int_equal(append(sink, "four"), 0);
	assert_file(folder_file(*state, "alerts"), "one\ntw\nthree\nfour\n");
	file_free(sink);
}

static void test_reopening_before_the_first_line_is_harmless(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));

	file_reopen(sink);
	assert_int_equal(append(sink, "one"), 0);
	assert_file(folder_file(*state, "alerts"), "one\n");
	file_free(sink);
}

static void test_a_missing_folder_is_an_error_until_it_is_there(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "logs/alerts"));

	assert_int_equal(append(sink, "lost"), -ENOENT);
	assert_int_equal(mkdir(folder_file(*state, "logs"), 0700), 0);
	assert_int_equal(append(sink, "one"), 0);
	assert_file(folder_file(*state, "logs/alerts"), "one\n");
	file_free(sink);
}

static void test_a_folder_is_no_file_to_append_to(void **state)
{
	struct file_sink *sink = file_new(((struct folder *)*state)->path);

	assert_int_equal(append(sink, "lost"), -EISDIR);
	file_free(sink);
}

/* Whoever may write to the folder could else have the plugin write anywhere. */
static void test_a_symbolic_link_is_not_followed(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));

	write_text(folder_file(*state, "target"), "untouched");
	assert_int_equal(symlink("target", folder_file(*state, "alerts")), 0);
	assert_int_equal(append(sink, "lost"), -ELOOP);
	assert_file(folder_file(*state, "target"), "untouched");
	file_free(sink);
}

static void set_size_limit(rlim_t limit)
{
	struct rlimit size;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &size), 0);
	size.rlim_cur = limit == RLIM_INFINITY ? size.rlim_max : limit;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &size), 0);
}

/* A limit on the file's size does what a full disk does. */
static void test_a_line_that_does_not_fit_is_an_error(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));
	int partly, not_at_all;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(append(sink, "one"), 0);
	set_size_limit(6);
	partly = append(sink, "two");
	not_at_all = append(sink, "three");
	set_size_limit(RLIM_INFINITY);
	assert_true(partly < 0);
	assert_true(not_at_all < 0);
	file_free(sink);
}

static void test_a_line_cut_short_does_not_spoil_the_next(void **state)
{
	struct file_sink *sink = file_new(folder_file(*state, "alerts"));
	char *text;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(append(sink, "one"), 0);
	set_size_limit(6);
	append(sink, "two");
	set_size_limit(RLIM_INFINITY);
	assert_int_equal(append(sink, "three"), 0);
	text = read_text(folder_file(*state, "alerts"));
	assert_int_equal(strncmp(text, "one\n", 4), 0);
	assert_true(strlen(text) > strlen("\nthree\n"));
	assert_string_equal(text + strlen(text) - strlen("\nthree\n"), "\nthree\n");
	free(text);
	file_free(sink);
}

static void test_nothing_is_a_sink_to_free(void **state)
{
	(void)state;
	file_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_lines_are_appended_with_their_newlines),
		IN_FOLDER(test_what_the_file_held_before_stays),
		IN_FOLDER(test_the_file_is_made_with_the_first_line_for_owner_and_group),
		IN_FOLDER(test_two_writers_do_not_overwrite_each_other),
		IN_FOLDER(test_a_rotated_file_is_followed_when_told),
		IN_FOLDER(test_a_rotated_file_is_noticed),
		IN_FOLDER(test_a_line_without_an_end_gets_one),
		IN_FOLDER(test_reopening_before_the_first_line_is_harmless),
		IN_FOLDER(test_a_missing_folder_is_an_error_until_it_is_there),
		IN_FOLDER(test_a_folder_is_no_file_to_append_to),
		IN_FOLDER(test_a_symbolic_link_is_not_followed),
		IN_FOLDER(test_a_line_that_does_not_fit_is_an_error),
		IN_FOLDER(test_a_line_cut_short_does_not_spoil_the_next),
		cmocka_unit_test(test_nothing_is_a_sink_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
