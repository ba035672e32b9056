/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <fcntl.h>
#include <unistd.h>

#include "status/tail.h"

static void test_what_was_added_is_found(void **state)
{
	const char *path = folder_file(*state, "file");

	assert_false(tail_has(path, 0, "needle"));
	write_text(path, "a needle\nand more\n");
	assert_true(tail_has(path, 0, "needle"));
	assert_true(tail_has(path, 2, "needle"));
	assert_false(tail_has(path, 3, "needle"));
	assert_false(tail_has(path, 18, "needle"));
	/* It was replaced by a shorter one. */
	assert_true(tail_has(path, 19, "needle"));
}

static void test_over_the_edge_of_a_piece(void **state)
{
	const char *path = folder_file(*state, "file");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (off_t at = 65536 - 8; at <= 65536 + 2; at++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, "needle", 6, at), 6);
		assert_true(tail_has(path, 0, "needle"));
		assert_false(tail_has(path, at + 1, "needle"));
	}
	close(fd);
}

/* Whoever owns the folder can put there what would never end. */
static void test_what_would_never_end(void **state)
{
	char path[108];
	int fd;

	strcpy(path, folder_file(*state, "fifo"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(tail_has(path, 0, "needle"));
	strcpy(path, folder_file(*state, "zero"));
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_false(tail_has(path, 0, "needle"));
	strcpy(path, folder_file(*state, "sparse"));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	assert_false(tail_has(path, 0, "needle"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_what_was_added_is_found),
		IN_FOLDER(test_over_the_edge_of_a_piece),
		IN_FOLDER(test_what_would_never_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
