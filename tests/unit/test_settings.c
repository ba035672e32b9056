/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "base/settings.h"

struct file {
	char folder[64];
	char path[80];
	struct settings settings;
	struct mistakes mistakes;
	bool open;
};

static int setup(void **state)
{
	const char *folder = getenv("TMPDIR");
	struct file *file = mem_zalloc(sizeof(*file));

	snprintf(file->folder, sizeof(file->folder), "%s/auspawn-settings-XXXXXX",
		 folder && strlen(folder) < 32 ? folder : "/tmp");
	assert_non_null(mkdtemp(file->folder));
	snprintf(file->path, sizeof(file->path), "%s/a.conf", file->folder);
	*state = file;
	return 0;
}

static int teardown(void **state)
{
	struct file *file = *state;

	if (file->open)
		settings_close(&file->settings);
	mistakes_clear(&file->mistakes);
	unlink(file->path);
	rmdir(file->folder);
	free(file);
	return 0;
}

static void write_file(const struct file *file, struct span text)
{
	FILE *out = fopen(file->path, "we");

	assert_non_null(out);
	assert_int_equal(fwrite(text.start, 1, text.length, out), text.length);
	assert_int_equal(fclose(out), 0);
}

/* Opens what is in the file now, instead of what was open before. */
static bool open_path(struct file *file, const char *path)
{
	if (file->open)
		settings_close(&file->settings);
	mistakes_clear(&file->mistakes);
	file->open = true;
	return settings_open(&file->settings, path, SETTINGS_TRUST_ALL, &file->mistakes);
}

static bool open_bytes(struct file *file, struct span text)
{
	write_file(file, text);
	return open_path(file, file->path);
}

/* Returns the group of all settings. */
static config_setting_t *open_text(struct file *file, const char *text)
{
	assert_true(open_bytes(file, span_of(text)));
	assert_int_equal(file->mistakes.count, 0);
	return config_root_setting(&file->settings.config);
}

static const config_setting_t *lookup(const struct file *file, const char *path)
{
	const config_setting_t *setting = config_lookup(&file->settings.config, path);

	assert_non_null(setting);
	return setting;
}

/* The mistakes found so far, which are forgotten; each message stands behind the file's path. */
static void check_mistakes(struct file *file, const char *const expected[], const char *source,
			   int line)
{
	const size_t length = strlen(file->path);
	size_t n = 0;

	for (; expected[n] && n < file->mistakes.count; n++) {
		const char *message = file->mistakes.all[n].text;

		if (strncmp(message, file->path, length)) {
			print_error("%s is about another file\n", message);
			_fail(source, line);
		}
		check_text(message + length, expected[n], source, line);
	}
	if (expected[n] || n < file->mistakes.count) {
		print_error("%s\n", expected[n] ? expected[n] : file->mistakes.all[n].text);
		_fail(source, line);
	}
	mistakes_clear(&file->mistakes);
}
#define assert_mistakes(file, ...)                                                                \
	check_mistakes(file, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
#define assert_no_mistakes(file) assert_int_equal((file)->mistakes.count, 0)

/* Of a whole file, so without a line. */
static void assert_unreadable(const struct file *file, const char *path, int error)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "%s: can't be read: %s", path, strerror(error));
	assert_int_equal(file->mistakes.count, 1);
	assert_text(file->mistakes.all[0].text, expected);
}

static void test_file_that_is_not_there_is_a_mistake(void **state)
{
	struct file *file = *state;

	assert_false(open_path(file, file->path));
	assert_unreadable(file, file->path, ENOENT);
}

static void test_folder_is_no_file(void **state)
{
	struct file *file = *state;

	assert_false(open_path(file, file->folder));
	assert_unreadable(file, file->folder, EISDIR);
}

static void test_empty_file_is_read(void **state)
{
	struct file *file = *state;

	assert_int_equal(config_setting_length(open_text(file, "")), 0);
}

static void test_mistake_of_syntax_has_its_line(void **state)
{
	struct file *file = *state;

	assert_false(open_bytes(file, SPAN("a = 1;\nb = ;\nc = 2;\n")));
	assert_int_equal(file->mistakes.count, 1);
	assert_int_equal(strncmp(file->mistakes.all[0].text + strlen(file->path), ":2:1: ", 6), 0);
	assert_false(open_bytes(file, SPAN("a = \"open;\n")));
	assert_int_equal(file->mistakes.count, 1);
}

/* The places of what stands in it could not be told. */
static void test_other_files_cannot_be_included(void **state)
{
	struct file *file = *state;

	assert_false(open_bytes(file, SPAN("a = 1;\n \t@include \"b.conf\"\n")));
	assert_mistakes(file, ":2:1: @include is not possible here");
	open_text(file, "a = \"@include\"; # @include\n");
}

static void test_nul_does_not_hide_what_follows(void **state)
{
	struct file *file = *state;

	assert_false(open_bytes(file, SPAN("a = 1;\n\0b = ;\n")));
	assert_unreadable(file, file->path, EILSEQ);
}

static void test_file_is_bounded(void **state)
{
	struct file *file = *state;
	char *text = mem_resize(NULL, SETTINGS_MAX_FILE + 1, 1);

	memset(text, ' ', SETTINGS_MAX_FILE + 1);
	memcpy(text, "a=1;", 4);
	assert_true(open_bytes(file, (struct span){ text, SETTINGS_MAX_FILE }));
	assert_false(open_bytes(file, (struct span){ text, SETTINGS_MAX_FILE + 1 }));
	free(text);
	assert_unreadable(file, file->path, EFBIG);
}

static void test_setting_that_is_not_there_has_its_default(void **state)
{
	struct file *file = *state;
	config_setting_t *root = open_text(file, "other = 1;\n");
	const struct settings *settings = &file->settings;

	assert_text(settings_string(settings, root, "a", "default"), "default");
	assert_null(settings_string(settings, root, "a", NULL));
	assert_true(settings_bool(settings, root, "a", true));
	assert_int_equal(settings_integer(settings, root, "a", 1, 9, -5), -5);
	assert_int_equal(settings_duration(settings, root, "a", 1, -6), -6);
	assert_null(settings_group(settings, root, "a"));
	assert_null(settings_list(settings, root, "a"));
	assert_no_mistakes(file);
}

static void test_setting_of_its_type_is_read(void **state)
{
	struct file *file = *state;
	config_setting_t *root = open_text(file, "s = \"x\" \"y\";\nb = true;\nn = 7;\n"
						 "big = 5000000000L;\nhex = 0x10;\nd = \"61m\";\n"
						 "g = { };\nl = ( );\na = [ \"x\" ];\n");
	const struct settings *settings = &file->settings;

	assert_text(settings_string(settings, root, "s", NULL), "xy");
	assert_true(settings_bool(settings, root, "b", false));
	assert_int_equal(settings_integer(settings, root, "n", 7, 7, 0), 7);
	assert_int_equal(settings_integer(settings, root, "big", 0, INT64_MAX, 0), 5000000000);
	assert_int_equal(settings_integer(settings, root, "hex", 0, 100, 0), 16);
	assert_int_equal(settings_duration(settings, root, "d", 1, 0), 61 * 60 * 1000);
	assert_ptr_equal(settings_group(settings, root, "g"), lookup(file, "g"));
	assert_ptr_equal(settings_list(settings, root, "l"), lookup(file, "l"));
	assert_ptr_equal(settings_list(settings, root, "a"), lookup(file, "a"));
	assert_no_mistakes(file);
}

static void test_setting_of_another_type_is_a_mistake(void **state)
{
	struct file *file = *state;
	config_setting_t *root = open_text(file, "n = 7;\ns = \"true\";\nf = 1.5;\n"
						 "g = { x = 1; };\nl = ( 1 );\n");
	const struct settings *settings = &file->settings;

	assert_text(settings_string(settings, root, "n", "default"), "default");
	assert_true(settings_bool(settings, root, "s", true));
	assert_false(settings_bool(settings, root, "n", false));
	assert_int_equal(settings_integer(settings, root, "s", 0, 9, 5), 5);
	assert_int_equal(settings_integer(settings, root, "f", 0, 9, 5), 5);
	assert_int_equal(settings_duration(settings, root, "n", 1, 5), 5);
	assert_null(settings_group(settings, root, "l"));
	assert_null(settings_group(settings, root, "s"));
	assert_null(settings_list(settings, root, "g"));
	assert_mistakes(file, ":1:1: 'n' must be a string", ":2:1: 's' must be true or false",
			":1:1: 'n' must be true or false",
			":2:1: 's' must be a whole number from 0 to 9",
			":3:1: 'f' must be a whole number from 0 to 9",
			":1:1: 'n' must be a string",
			":5:1: 'l' must be a group, { ... }", ":2:1: 's' must be a group, { ... }",
			":4:1: 'g' must be a list, ( ... )");
}

static void test_number_outside_its_range_is_a_mistake(void **state)
{
	struct file *file = *state;
	config_setting_t *root = open_text(file, "low = -1;\nhigh = 10;\n");

	assert_int_equal(settings_integer(&file->settings, root, "low", 0, 9, 5), 5);
	assert_int_equal(settings_integer(&file->settings, root, "high", 0, 9, 5), 5);
	assert_int_equal(settings_integer(&file->settings, root, "low", -1, 9, 5), -1);
	assert_int_equal(settings_integer(&file->settings, root, "high", 0, 10, 5), 10);
	assert_mistakes(file, ":1:1: 'low' must be a whole number from 0 to 9",
			":2:1: 'high' must be a whole number from 0 to 9");
}

static void test_duration_is_a_number_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* 0: a mistake */
	} cases[] = {
		{ "1s", 1 },	   { "90s", 90 },      { "61m", 3660 },	 { "1h", 3600 },
		{ "14d", 1209600 }, { "366d", 31622400 }, { "367d", 0 },	 { "8785h", 0 },
		{ "0s", 0 },	   { "-1s", 0 },       { "", 0 },	 { "s", 0 },
		{ "5", 0 },	   { "5 m", 0 },       { "5m ", 0 },	 { "5ms", 0 },
		{ "1h30m", 0 },	   { "1.5h", 0 },      { "5M", 0 },	 { "5w", 0 },
		{ "0x5s", 0 },	   { "1234567890s", 0 }, { "99999999999999999999d", 0 },
	};
	struct file *file = *state;
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		config_setting_t *root;
		int64_t expected = cases[i].seconds ? cases[i].seconds * 1000 : -1;

		snprintf(text, sizeof(text), "d = \"%s\";\n", cases[i].text);
		root = open_text(file, text);
		if (settings_duration(&file->settings, root, "d", 1, -1) != expected)
			fail_msg("\"%s\"", cases[i].text);
		if (expected < 0)
			assert_mistakes(file, ":1:1: 'd' must be a duration such as "
					      "\"90s\", \"61m\", \"1h\" or \"14d\"");
		assert_no_mistakes(file);
	}
}

static void test_duration_is_appended_in_the_largest_unit(void **state)
{
	static const char *const cases[] = { "0s", "1s", "90s", "61m", "1h", "25h", "14d", "366d" };
	static const int64_t seconds[] = { 0, 1, 90, 3660, 3600, 90000, 1209600, 31622400 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		UT_string text;

		utstring_init(&text);
		settings_append_duration(&text, seconds[i] * 1000);
		assert_string_equal(utstring_body(&text), cases[i]);
		utstring_done(&text);
	}
}

static void test_unknown_settings_are_mistakes(void **state)
{
	static const char *const known[] = { "one", "two", NULL };
	struct file *file = *state;
	config_setting_t *root = open_text(file, "zero = 0;\none = 1;\n  three = 3;\n"
						 "two = 2;\nOne = 4;\n");

	settings_check_names(&file->settings, root, known);
	assert_mistakes(file, ":1:1: unknown setting 'zero'", ":3:3: unknown setting 'three'",
			":5:1: unknown setting 'One'");
}

static void test_mistake_is_where_the_name_stands(void **state)
{
	struct file *file = *state;

	open_text(file, "# c\n\tgroup = { first = 1; second = 2; };\n"
			"list = ( { a = 1; },\n         { b = 2; } );\n"
			"value\n  = 3;\n");
	settings_mistake(&file->settings, lookup(file, "group.second"), "%s %d", "number", 1);
	settings_mistake(&file->settings, lookup(file, "list.[1].b"), "number 2");
	settings_mistake(&file->settings, lookup(file, "list.[1]"), "number 3");
	assert_mistakes(file, ":2:23: number 1", ":4:12: number 2", ":4:10: number 3");
}

/* "log" stands in "syslog" too, and x in a string. */
static void test_name_inside_another_is_not_where_it_stands(void **state)
{
	struct file *file = *state;

	open_text(file, "syslog = { log = 1; };\ns = \"x\"; x = 2;\n");
	settings_mistake(&file->settings, lookup(file, "syslog.log"), "number 1");
	settings_mistake(&file->settings, lookup(file, "x"), "number 2");
	assert_mistakes(file, ":1:12: number 1", ":2:10: number 2");
}

static void assert_place(const struct file *file, const char *setting, size_t offset, int line,
			 int column)
{
	struct place place = settings_place_in(&file->settings, lookup(file, setting), offset);

	assert_text(place.file, file->path);
	if (place.line != line || place.column != column)
		fail_msg("%s, byte %zu: %d:%d, not %d:%d", setting, offset, place.line,
			 place.column, line, column);
}

static void test_byte_of_a_string_is_found_where_it_was_written(void **state)
{
	struct file *file = *state;

	open_text(file, "first = 1; s = \"abc\";\n");
	assert_place(file, "s", 0, 1, 17);
	assert_place(file, "s", 2, 1, 19);
	assert_place(file, "s", 3, 1, 20); /* its end */
}

static void test_string_over_several_lines_is_followed(void **state)
{
	struct file *file = *state;

	open_text(file, "condition = \"ab\"   // \"no\" string\n"
			"            \" cd\" # nor \"this\"\n"
			"  /* \"nor\n this\" */ \"ef\";\n");
	assert_text(config_setting_get_string(lookup(file, "condition")), "ab cdef");
	assert_place(file, "condition", 0, 1, 14);
	assert_place(file, "condition", 1, 1, 15);
	assert_place(file, "condition", 3, 2, 15);
	assert_place(file, "condition", 5, 4, 12);
	assert_place(file, "condition", 7, 4, 14);
}

static void test_value_below_its_name_is_found(void **state)
{
	struct file *file = *state;

	open_text(file, "a = \"abc\";\ncondition\n  =\n    \"abc\";\n");
	assert_place(file, "condition", 1, 4, 7);
}

static void test_escapes_take_more_room_than_they_stand_for(void **state)
{
	struct file *file = *state;

	open_text(file, "s = \"a\\\"b\\x41\\n\\\\c\";\n");
	assert_text(config_setting_get_string(lookup(file, "s")), "a\"bA\n\\c");
	assert_place(file, "s", 0, 1, 6);
	assert_place(file, "s", 1, 1, 7);
	assert_place(file, "s", 2, 1, 9);
	assert_place(file, "s", 3, 1, 10);
	assert_place(file, "s", 4, 1, 14);
	assert_place(file, "s", 5, 1, 16);
	assert_place(file, "s", 6, 1, 18);
	assert_place(file, "s", 7, 1, 19);
}

/* Not every version of libconfig knows \b and its like; all know \X as well as \x. */
static void test_escapes_are_followed_as_this_libconfig_reads_them(void **state)
{
	struct file *file = *state;
	const char *value;

	open_text(file, "a = \"\\bc\";\nb = \"\\X41d\";\n");
	value = config_setting_get_string(lookup(file, "a"));
	assert_place(file, "a", strlen(value) - 1, 1, 8);
	value = config_setting_get_string(lookup(file, "b"));
	assert_place(file, "b", strlen(value) - 1, 2, 10);
}

/* libconfig leaves a backslash that begins no escape as it is. */
static void test_backslash_alone_stands_for_itself(void **state)
{
	struct file *file = *state;

	open_text(file, "s = \"a\\qb\\xzc\";\n");
	assert_text(config_setting_get_string(lookup(file, "s")), "a\\qb\\xzc");
	assert_place(file, "s", 2, 1, 8);
	assert_place(file, "s", 6, 1, 12);
}

static void test_element_of_a_list_is_found(void **state)
{
	struct file *file = *state;

	open_text(file, "other = \"two\";\nexcept = (\n  \"one\", // \"two\"\n  \"two\" );\n"
			"rules = ( { id = \"a\"; condition = \"x\"; },\n"
			"          { id = \"b\"; condition = \"y\"; } );\n");
	assert_place(file, "except.[0]", 1, 3, 5);
	assert_place(file, "except.[1]", 1, 4, 5);
	assert_place(file, "rules.[0].condition", 0, 5, 36);
	assert_place(file, "rules.[1].condition", 0, 6, 36);
}

static void test_very_long_string_is_followed(void **state)
{
	struct file *file = *state;
	UT_string text;

	utstring_init(&text);
	utstring_printf(&text, "s =\n");
	for (int i = 0; i < 2000; i++)
		utstring_printf(&text, "\"%d\"\n", i % 10);
	utstring_printf(&text, ";\n");
	open_text(file, utstring_body(&text));
	utstring_done(&text);
	assert_place(file, "s", 1234, 1236, 2);
	assert_place(file, "s", 1999, 2001, 2);
}

static void test_relative_path_is_taken_from_the_folder_of_the_file(void **state)
{
	static const struct {
		const char *file, *path, *expected;
	} cases[] = {
		{ "/etc/auspawn/auspawn.conf", "rules.d", "/etc/auspawn/rules.d" },
		{ "/etc/auspawn/auspawn.conf", "../x", "/etc/auspawn/../x" },
		{ "/etc/auspawn/auspawn.conf", "/usr/share", "/usr/share" },
		{ "conf/a.conf", "rules.d", "conf/rules.d" },
		{ "a.conf", "rules.d", "rules.d" },
		{ "/a.conf", "rules.d", "/rules.d" },
		{ "conf/a.conf", "", "conf/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct settings settings = { .path = (char *)cases[i].file };
		char *path = settings_path(&settings, cases[i].path);

		assert_text(path, cases[i].expected);
		free(path);
	}
}

#define SETTINGS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(test_file_that_is_not_there_is_a_mistake),
		SETTINGS_TEST(test_folder_is_no_file),
		SETTINGS_TEST(test_empty_file_is_read),
		SETTINGS_TEST(test_mistake_of_syntax_has_its_line),
		SETTINGS_TEST(test_other_files_cannot_be_included),
		SETTINGS_TEST(test_nul_does_not_hide_what_follows),
		SETTINGS_TEST(test_file_is_bounded),
		SETTINGS_TEST(test_setting_that_is_not_there_has_its_default),
		SETTINGS_TEST(test_setting_of_its_type_is_read),
		SETTINGS_TEST(test_setting_of_another_type_is_a_mistake),
		SETTINGS_TEST(test_number_outside_its_range_is_a_mistake),
		SETTINGS_TEST(test_duration_is_a_number_and_a_unit),
		cmocka_unit_test(test_duration_is_appended_in_the_largest_unit),
		SETTINGS_TEST(test_unknown_settings_are_mistakes),
		SETTINGS_TEST(test_mistake_is_where_the_name_stands),
		SETTINGS_TEST(test_name_inside_another_is_not_where_it_stands),
		SETTINGS_TEST(test_byte_of_a_string_is_found_where_it_was_written),
		SETTINGS_TEST(test_string_over_several_lines_is_followed),
		SETTINGS_TEST(test_value_below_its_name_is_found),
		SETTINGS_TEST(test_escapes_take_more_room_than_they_stand_for),
		SETTINGS_TEST(test_escapes_are_followed_as_this_libconfig_reads_them),
		SETTINGS_TEST(test_backslash_alone_stands_for_itself),
		SETTINGS_TEST(test_element_of_a_list_is_found),
		SETTINGS_TEST(test_very_long_string_is_followed),
		cmocka_unit_test(test_relative_path_is_taken_from_the_folder_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
