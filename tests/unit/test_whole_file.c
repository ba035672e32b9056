/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <errno.h>

#include "base/whole_file.h"

static void test_a_file_is_made_and_replaced(void **state)
{
	char path[108];
	struct stat status;

	strcpy(path, folder_file(*state, "file"));
	assert_int_equal(whole_file_write(path, 0640, span_of("one, the longer\n")), 0);
	assert_file(path, "one, the longer\n");
	assert_int_equal(whole_file_write(path, 0604, span_of("two\n")), 0);
	assert_file(path, "two\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0604);
	assert_int_equal(access(folder_file(*state, "file.new"), F_OK), -1);
}

/* Who shares the folder can put links there. */
static void test_no_link_is_followed(void **state)
{
	char path[108], new[108], other[108];

	strcpy(path, folder_file(*state, "file"));
	strcpy(new, folder_file(*state, "file.new"));
	strcpy(other, folder_file(*state, "other"));
	write_text(other, "untouched\n");
	assert_int_equal(symlink(other, new), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(whole_file_write(path, 0600, span_of("text\n")), 0);
	assert_file(path, "text\n");
	assert_file(other, "untouched\n");
	assert_int_equal(symlink(other, new), 0);
	assert_null(whole_file_read(new, 100));
	assert_int_equal(errno, ELOOP);
}

static void test_what_is_there_stays_where_writing_fails(void **state)
{
	char path[108];

	strcpy(path, folder_file(*state, "file"));
	assert_int_equal(whole_file_write(path, 0600, span_of("old\n")), 0);
	assert_int_equal(mkdir(folder_file(*state, "file.new"), 0700), 0);
	assert_true(whole_file_write(path, 0600, span_of("new\n")) < 0);
	assert_file(path, "old\n");
	assert_int_equal(whole_file_write(folder_file(*state, "none/file"), 0600, span_of("")), -ENOENT);
}

static void test_what_is_no_file_is_not_read(void **state)
{
	const char *path = folder_file(*state, "file");

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(whole_file_read(path, 100));
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(whole_file_read(path, 100));
	assert_int_equal(errno, EBADMSG);
}

static void test_reading_has_a_limit(void **state)
{
	const char *path = folder_file(*state, "file");
	char *text;

	assert_null(whole_file_read(path, 100));
	assert_int_equal(errno, ENOENT);
	write_text(path, "12345");
	text = whole_file_read(path, 5);
	assert_string_equal(text, "12345");
	free(text);
	assert_null(whole_file_read(path, 4));
	assert_int_equal(errno, EFBIG);
	write_text(path, "");
	text = whole_file_read(path, 4);
	assert_string_equal(text, "");
	free(text);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_file_is_made_and_replaced),
		IN_FOLDER(test_no_link_is_followed),
		IN_FOLDER(test_what_is_there_stays_where_writing_fails),
		IN_FOLDER(test_what_is_no_file_is_not_read),
		IN_FOLDER(test_reading_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
