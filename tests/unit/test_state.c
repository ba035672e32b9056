/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "store/state.h"

#define COUNTS "rarity.json"

static struct json_object *counts_of(const char *text)
{
	struct json_object *counts = json_tokener_parse(text);

	assert_non_null(counts);
	return counts;
}

static int save(const char *folder, const char *text)
{
	struct json_object *counts = counts_of(text);
	int error = state_save_rarity(folder, counts);

	json_object_put(counts);
	return error;
}

static const char *path_of(void **state)
{
	return ((struct folder *)*state)->path;
}

/* Asserts that what is loaded is `text`. */
static void assert_loaded(const char *folder, const char *text)
{
	struct json_object *counts = NULL, *expected = counts_of(text);

	assert_int_equal(state_load_rarity(folder, &counts), 0);
	assert_true(json_object_equal(counts, expected));
	json_object_put(counts);
	json_object_put(expected);
}

static void test_what_is_loaded_is_what_was_saved(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"version\":1,\"rules\":{\"r\":{\"by\":\"a b\",\"groups\":[[1,\"\",null,-5]]}}}",
		"{\"text\":\"caf\xc3\xa9 \\u202e \\\" \\\\ \\n\"}",
		"{\"number\":9223372036854775807}",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_int_equal(save(path_of(state), texts[i]), 0);
		assert_loaded(path_of(state), texts[i]);
	}
}

static void test_large_counts_are_saved_whole(void **state)
{
	struct json_object *counts = json_object_new_array();
	struct json_object *loaded;

	for (int i = 0; i < 20000; i++)
		json_object_array_add(counts, json_object_new_string("as long as a short key"));
	assert_int_equal(state_save_rarity(path_of(state), counts), 0);
	assert_int_equal(state_load_rarity(path_of(state), &loaded), 0);
	assert_true(json_object_equal(counts, loaded));
	json_object_put(counts);
	json_object_put(loaded);
}

static void test_saving_makes_the_folder_for_its_owner_alone(void **state)
{
	mode_t mask = umask(0);
	struct stat status;
	char folder[108];

	snprintf(folder, sizeof(folder), "%s", folder_file(*state, "state"));
	assert_int_equal(save(folder, "{}"), 0);
	umask(mask);
	assert_int_equal(stat(folder, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(folder_file(*state, "state/" COUNTS), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_saving_replaces_what_was_saved_before(void **state)
{
	struct stat status;

	assert_int_equal(save(path_of(state), "{\"a\":\"a long text that was there before\"}"), 0);
	assert_int_equal(save(path_of(state), "{}"), 0);
	assert_loaded(path_of(state), "{}");
	assert_int_equal(stat(folder_file(*state, COUNTS ".new"), &status), -1);
}

static void test_nothing_saved_is_no_error_of_the_file(void **state)
{
	struct json_object *counts;

	assert_int_equal(state_load_rarity(path_of(state), &counts), -ENOENT);
	assert_int_equal(state_load_rarity(folder_file(*state, "none"), &counts), -ENOENT);
}

static void test_what_is_no_json_is_damaged(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ "", 0 },
		{ "{", 1 },
		{ "{\"version\":1,\"rules\":{\"r\":", 26 },
		{ "rubbish", 7 },
		{ "\0\0\0\0", 4 },
		{ "\xff\xfe{}", 4 },
		{ "null", 4 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *counts;

		write_bytes(folder_file(*state, COUNTS), rows[i].bytes, rows[i].length);
		assert_int_equal(state_load_rarity(path_of(state), &counts), -EBADMSG);
	}
}

static void test_damaged_counts_are_set_aside_and_kept(void **state)
{
	struct json_object *counts;

	write_text(folder_file(*state, COUNTS), "rubbish");
	state_set_aside_rarity(path_of(state));
	assert_file(folder_file(*state, COUNTS ".damaged"), "rubbish");
	assert_int_equal(state_load_rarity(path_of(state), &counts), -ENOENT);
	assert_int_equal(save(path_of(state), "{}"), 0);
	assert_loaded(path_of(state), "{}");
}

static void test_setting_aside_needs_nothing_to_be_there(void **state)
{
	state_set_aside_rarity(path_of(state));
	state_set_aside_rarity(folder_file(*state, "none"));
}

static void test_a_failed_save_leaves_the_old_counts(void **state)
{
	assert_int_equal(save(path_of(state), "{\"old\":1}"), 0);
	/* The new file can't be written where there is a folder. */
	assert_int_equal(mkdir(folder_file(*state, COUNTS ".new"), 0700), 0);
	assert_int_equal(save(path_of(state), "{\"new\":1}"), -EISDIR);
	assert_loaded(path_of(state), "{\"old\":1}");
}

static void test_a_save_that_cannot_replace_leaves_nothing_behind(void **state)
{
	struct stat status;

	assert_int_equal(mkdir(folder_file(*state, COUNTS), 0700), 0);
	assert_int_equal(save(path_of(state), "{}"), -EISDIR);
	assert_int_equal(stat(folder_file(*state, COUNTS ".new"), &status), -1);
}

static void test_a_remnant_of_a_crash_does_not_matter(void **state)
{
	write_text(folder_file(*state, COUNTS ".new"), "half of something much longer than that");
	assert_int_equal(save(path_of(state), "{}"), 0);
	assert_loaded(path_of(state), "{}");
	assert_file(folder_file(*state, COUNTS), "{}");
}

static void test_a_place_that_is_no_folder_is_an_error(void **state)
{
	struct json_object *counts;

	write_text(folder_file(*state, "file"), "");
	assert_int_equal(save(folder_file(*state, "file"), "{}"), -ENOTDIR);
	assert_int_equal(save(folder_file(*state, "none/state"), "{}"), -ENOENT);
	assert_int_equal(state_load_rarity(folder_file(*state, "file"), &counts), -ENOTDIR);
}

static void test_symbolic_links_are_not_followed(void **state)
{
	struct json_object *counts;

	write_text(folder_file(*state, "target"), "{\"target\":1}");
	assert_int_equal(symlink("target", folder_file(*state, COUNTS)), 0);
	assert_int_equal(symlink("target", folder_file(*state, COUNTS ".new")), 0);
	assert_int_equal(state_load_rarity(path_of(state), &counts), -ELOOP);
	assert_int_equal(save(path_of(state), "{}"), -ELOOP);
	assert_file(folder_file(*state, "target"), "{\"target\":1}");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_what_is_loaded_is_what_was_saved),
		IN_FOLDER(test_large_counts_are_saved_whole),
		IN_FOLDER(test_saving_makes_the_folder_for_its_owner_alone),
		IN_FOLDER(test_saving_replaces_what_was_saved_before),
		IN_FOLDER(test_nothing_saved_is_no_error_of_the_file),
		IN_FOLDER(test_what_is_no_json_is_damaged),
		IN_FOLDER(test_damaged_counts_are_set_aside_and_kept),
		IN_FOLDER(test_setting_aside_needs_nothing_to_be_there),
		IN_FOLDER(test_a_failed_save_leaves_the_old_counts),
		IN_FOLDER(test_a_save_that_cannot_replace_leaves_nothing_behind),
		IN_FOLDER(test_a_remnant_of_a_crash_does_not_matter),
		IN_FOLDER(test_a_place_that_is_no_folder_is_an_error),
		IN_FOLDER(test_symbolic_links_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
