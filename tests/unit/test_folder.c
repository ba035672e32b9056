/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What root gives to the plugin's account, and what it keeps. */
#include "audit_process_support.h"

#include <fcntl.h>

#include "privilege/folder.h"

#define NOBODY 65534

static const struct account nobody = { NOBODY, NOBODY };

static int setup(void **state)
{
	static char path[32];

	snprintf(path, sizeof(path), "/tmp/auspawn-folder-XXXXXX");
	*state = path;
	return !mkdtemp(path) || chmod(path, 0755) || chdir(path);
}

static int teardown(void **state)
{
	return chdir("/") || nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void assert_owner(const char *path, uid_t uid)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, uid);
}

static void assert_mode(const char *path, mode_t mode)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, mode);
}

static void test_a_missing_folder_is_made(void **state)
{
	const char *folder = "./state";

	(void)state;
	assert_int_equal(folder_give(folder, 0700, &nobody), 0);
	assert_owner(folder, NOBODY);
	assert_mode(folder, 0700);
	assert_int_equal(folder_give("./a/b", 0700, &nobody), -ENOENT);
}

static void test_roots_own_is_given_with_its_plain_files(void **state)
{
	const char *folder = "./state";

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	make_file("./state/state.db");
	make_file("./precious");
	assert_int_equal(link("./precious", "./state/second-name"), 0);
	assert_int_equal(symlink("./precious", "./state/link"), 0);
	assert_int_equal(mkfifo("./state/fifo", 0600), 0);
	assert_int_equal(mkdir("./state/folder", 0700), 0);
	assert_int_equal(folder_give(folder, 0700, &nobody), 0);
	assert_owner(folder, NOBODY);
	assert_owner("./state/state.db", NOBODY);
	assert_owner("./precious", 0);
	assert_owner("./state/second-name", 0);
	assert_owner("./state/link", 0);
	assert_owner("./state/fifo", 0);
	assert_owner("./state/folder", 0);
}

static void test_what_root_left_there_since_is_given_too(void **state)
{
	const char *folder = "./state";

	(void)state;
	assert_int_equal(folder_give(folder, 0700, &nobody), 0);
	make_file("./state/state.db");
	assert_int_equal(folder_give(folder, 0700, &nobody), 0);
	assert_owner("./state/state.db", NOBODY);
}

static void test_folders_of_the_system_and_of_others_are_kept(void **state)
{
	const char *folder = "./folder", *link = "./link";

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(folder_give(folder, 0700, &nobody), -EPERM);
	assert_int_equal(folder_give(folder, 0750, &nobody), -EPERM);
	assert_owner(folder, 0);
	assert_int_equal(chmod(folder, 0750), 0);
	assert_int_equal(folder_give(folder, 0700, &nobody), -EPERM);
	assert_int_equal(chown(folder, 1, 1), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(folder_give(folder, 0700, &nobody), -EPERM);
	assert_owner(folder, 1);
	assert_int_equal(symlink("/etc", link), 0);
	assert_int_equal(folder_give(link, 0700, &nobody), -ENOTDIR);
	assert_owner("/etc", 0);
}

static void test_a_file_in_a_folder_of_roots(void **state)
{
	const char *path = "./alerts";

	assert_int_equal(folder_give_file(path, &nobody), 0);
	assert_owner(path, NOBODY);
	assert_owner(*state, 0);
	assert_int_equal(folder_give_file(path, &nobody), 0);
}

static void test_a_file_in_a_folder_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(folder_give_file("./log/alerts", &nobody), 0);
	assert_owner("./log", NOBODY);
	assert_mode("./log", 0750);
	assert_int_equal(folder_give_file("./a/b/alerts", &nobody), -ENOENT);
}

static void test_no_file_of_others_is_given(void **state)
{
	make_file("./precious");
	assert_int_equal(symlink("precious", "./link"), 0);
	assert_int_equal(folder_give_file("./link", &nobody), -EPERM);
	assert_owner("./precious", 0);
	make_file("./others");
	assert_int_equal(chown("./others", 1, 1), 0);
	assert_int_equal(folder_give_file("./others", &nobody), -EPERM);
	assert_owner("./others", 1);
	/* Where others can write, they could have put it there. */
	assert_int_equal(chmod(*state, 01777), 0);
	assert_int_equal(folder_give_file("./precious", &nobody), 0);
	assert_owner("./precious", 0);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_a_missing_folder_is_made),
		FOLDER_TEST(test_roots_own_is_given_with_its_plain_files),
		FOLDER_TEST(test_what_root_left_there_since_is_given_too),
		FOLDER_TEST(test_folders_of_the_system_and_of_others_are_kept),
		FOLDER_TEST(test_a_file_in_a_folder_of_roots),
		FOLDER_TEST(test_a_file_in_a_folder_that_is_not_there),
		FOLDER_TEST(test_no_file_of_others_is_given),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "SKIP: only root can give files away\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
