/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "base/utf8.h"
#include "process/document.h"

#define DEFAULT_LIMIT 8000
#define LEAST_LIMIT   4000 /* which every document can be cut to */
#define STAMP_OF_EVENTS { 1795320845, 44, 23173 }
#define ID_OF_EVENTS	"1795320845.044:23173"

static struct process_event event_of(const struct image *image)
{
	return (struct process_event){ .stamp = STAMP_OF_EVENTS,
				       .id = ID_OF_EVENTS,
				       .process = { .pid = 901, .image = image } };
}

/* Prints a document within `limit`; free() releases the text. */
static char *print(struct json_object *document, size_t limit)
{
	UT_string out;

	utstring_init(&out);
	document_print(document, limit, &out);
	return utstring_body(&out);
}

static char *print_event(const struct process_event *event, size_t limit)
{
	struct json_object *document = document_of_event(event);
	char *text = print(document, limit);

	json_object_put(document);
	return text;
}

/* Of a process with nothing but these arguments. */
static char *print_args(const char *const argv[], size_t limit)
{
	const struct image *image = new_image(&(struct image){ .interactive = UNKNOWN }, argv);
	const struct process_event event = event_of(image);
	char *text = print_event(&event, limit);

	image_unref(image);
	return text;
}

static struct json_object *parse(const char *text)
{
	struct json_object *document = json_tokener_parse(text);

	if (!document)
		fail_msg("is no JSON: %s", text);
	return document;
}

static const char *member_text(struct json_object *document, const char *name)
{
	struct json_object *member = document_get(document, name);

	return member ? json_object_get_string(member) : NULL;
}

static void test_dotted_names_are_nested_objects(void **state)
{
	struct json_object *document = json_object_new_object();
	char *text;

	(void)state;
	document_set_text(document, "a.b.c", "1");
	document_set(document, "a.b.d", json_object_new_int64(2));
	document_set_text(document, "e", "3");
	document_set_text(document, "a.f", NULL);
	text = print(document, DOCUMENT_NO_LIMIT);
	assert_text(text, "{\"a\":{\"b\":{\"c\":\"1\",\"d\":2},\"f\":null},\"e\":\"3\"}");
	free(text);
	json_object_put(document);
}

static void test_members_are_found_by_dotted_names(void **state)
{
	struct json_object *document = parse("{\"a\":{\"b\":{\"c\":\"x\"}},\"s\":\"y\",\"n\":[1]}");

	(void)state;
	assert_text(member_text(document, "a.b.c"), "x");
	assert_text(member_text(document, "s"), "y");
	assert_null(document_get(document, "a.b.d"));
	assert_null(document_get(document, "a.x.c"));
	assert_null(document_get(document, "s.t"));
	assert_null(document_get(document, "s.t.u"));
	assert_null(document_get(document, "n.t"));
	assert_null(document_get(document, "c"));
	json_object_put(document);
}

static void test_setting_a_member_again_replaces_it(void **state)
{
	struct json_object *document = parse("{\"event\":{\"kind\":\"event\"}}");

	(void)state;
	document_set_text(document, "event.kind", "alert");
	assert_text(member_text(document, "event.kind"), "alert");
	json_object_put(document);
}

static void test_absent_fields_are_left_out(void **state)
{
	const struct process_event event = event_of(NULL);
	char *text = print_event(&event, DOCUMENT_NO_LIMIT);

	(void)state;
	assert_text(text, "{\"@timestamp\":\"2026-11-22T04:14:05.044Z\","
			  "\"event\":{\"id\":\"" ID_OF_EVENTS "\",\"kind\":\"event\","
			  "\"category\":[\"process\"],\"type\":[\"start\"],\"action\":\"exec\","
			  "\"outcome\":\"success\"},\"host\":{\"os\":{\"type\":\"linux\"}},"
			  "\"process\":{\"pid\":901},\"auspawn\":{\"lineage\":\"?(901)\"}}");
	free(text);
}

static void test_event_becomes_an_ecs_document(void **state)
{
	const struct image parent = { .executable = "/usr/sbin/nginx", .comm = "nginx",
				      .credentials = { .known = true, .user = { 33, "www" } },
				      .interactive = KNOWN_FALSE };
	const struct image *image =
		new_image(&(struct image){ .executable = "/usr/bin/dash", .comm = "sh",
					   .working_directory = "/srv/\xc3\xa9",
					   .script = "./run.sh",
					   .credentials = { .known = true, .user = { 33, "www" },
							    .login_user = { .id = ID_UNSET },
							    .session = ID_UNSET },
					   .interactive = KNOWN_TRUE, .container_id = "c0ffee" },
			  ARGV("sh", "-c", "a/b \"q\" \\"));
	struct process_event event = event_of(image);
	char variables[] = "A=1";
	char *text;
	struct json_object *document;

	(void)state;
	event.parent = (struct process){ 812, 1795320000000, &parent };
	event.key = "exec";
	event.reparented_to = 1;
	/* For conditions only. */
	event.syscall = (struct syscall){ "execve", { "1", "2", "3", "4" } };
	event.ancestors = 1;
	event.ancestor[0] = event.parent;
	event.session_leader = event.group_leader = event.entry_leader = event.parent;
	event.entry_type = "sshd";
	event.env_vars = variables;
	event.env_count = 1;
	text = print_event(&event, DOCUMENT_NO_LIMIT);
	document = parse(text);
	assert_text(member_text(document, "user.id"), "33");
	assert_text(member_text(document, "user.name"), "www");
	assert_text(member_text(document, "container.id"), "c0ffee");
	assert_text(member_text(document, "process.name"), "dash");
	assert_text(member_text(document, "process.thread.name"), "sh");
	assert_text(member_text(document, "process.working_directory"), "/srv/\xc3\xa9");
	assert_non_null(strstr(text, "\"args\":[\"sh\",\"-c\",\"a/b \\\"q\\\" \\\\\"]"));
	assert_text(member_text(document, "process.args_count"), "3");
	assert_text(member_text(document, "process.command_line"), "sh -c a/b \"q\" \\");
	assert_text(member_text(document, "process.interactive"), "true");
	assert_text(member_text(document, "process.parent.pid"), "812");
	assert_text(member_text(document, "process.parent.start"), "2026-11-22T04:00:00.000Z");
	assert_text(member_text(document, "process.parent.user.id"), "33");
	assert_text(member_text(document, "process.parent.interactive"), "false");
	assert_text(member_text(document, "auspawn.key"), "[ \"exec\" ]");
	assert_text(member_text(document, "auspawn.reparented_to.pid"), "1");
	assert_text(member_text(document, "auspawn.lineage"), "nginx(812) > nginx(812) > sh(901)");
	assert_text(member_text(document, "auspawn.script"), "./run.sh");
	assert_null(document_get(document, "process.session_leader"));
	assert_null(document_get(document, "process.group_leader"));
	assert_null(document_get(document, "process.entry_leader"));
	assert_null(document_get(document, "process.parent.parent"));
	assert_null(document_get(document, "process.env_vars"));
	assert_null(document_get(document, "auspawn.ancestor"));
	assert_null(document_get(document, "auditd"));
	assert_null(document_get(document, "user.Ext"));
	/* The user of the process stands at the top already. */
	assert_null(document_get(document, "process.user"));
	assert_null(document_get(document, "process.group"));
	assert_null(document_get(document, "auspawn.login_user"));
	assert_null(document_get(document, "auspawn.args_hex"));
	assert_null(document_get(document, "auspawn.truncated"));
	json_object_put(document);
	free(text);
	image_unref(image);
}

#define FFFD "\xef\xbf\xbd"

static void test_arguments_that_are_not_utf8_follow_as_hex(void **state)
{
	char *text = print_args(ARGV("sh", "\xff\xc3", "\xc3\xa9", ""), DOCUMENT_NO_LIMIT);
	struct json_object *document = parse(text);

	(void)state;
	assert_text(member_text(document, "process.args"),
		    "[ \"sh\", \"" FFFD FFFD "\", \"\xc3\xa9\", \"\" ]");
	assert_text(member_text(document, "process.command_line"), "sh " FFFD FFFD " \xc3\xa9 ");
	assert_text(member_text(document, "auspawn.args_hex"),
		    "[ \"7368\", \"ffc3\", \"c3a9\", \"\" ]");
	json_object_put(document);
	free(text);
}

/* Each argument is broken, but the blank between them could not have mended it. */
static void test_sequence_torn_between_arguments_is_not_utf8(void **state)
{
	char *text = print_args(ARGV("\xc3", "\xa9"), DOCUMENT_NO_LIMIT);
	struct json_object *document = parse(text);

	(void)state;
	assert_text(member_text(document, "auspawn.args_hex"), "[ \"c3\", \"a9\" ]");
	json_object_put(document);
	free(text);
}

static void test_missing_argument_is_null(void **state)
{
	char *text = print_args(ARGV("sh", missing_arg, ""), DOCUMENT_NO_LIMIT);
	struct json_object *document = parse(text);

	(void)state;
	assert_text(member_text(document, "process.args"), "[ \"sh\", null, \"\" ]");
	assert_null(document_get(document, "auspawn.args_hex"));
	json_object_put(document);
	free(text);

	text = print_args(ARGV("\xff", missing_arg), DOCUMENT_NO_LIMIT);
	document = parse(text);
	assert_text(member_text(document, "auspawn.args_hex"), "[ \"ff\", null ]");
	json_object_put(document);
	free(text);
}

static void test_what_steers_a_terminal_is_escaped(void **state)
{
	static const struct {
		const char *bytes, *printed;
	} cases[] = {
		{ "\n", "\\n" },
		{ "\t", "\\t" },
		{ "\x01", "\\u0001" },
		{ "\x1b[2J", "\\u001b[2J" },
		{ "\x7f", "\\u007f" },
		{ "\xc2\x85", "\\u0085" },
		{ "\xc2\x9b", "\\u009b" },
		{ "\xd8\x9c", "\\u061c" },
		{ "\xe2\x80\x8f", "\\u200f" },
		{ "\xe2\x80\xa8", "\\u2028" },
		{ "\xe2\x80\xae", "\\u202e" },
		{ "\xe2\x81\xa6", "\\u2066" },
		{ "\xc2\xa0", "\xc2\xa0" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\"", "\\\"" },
		{ "</", "</" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = print_args(ARGV(cases[i].bytes), DOCUMENT_NO_LIMIT);
		struct json_object *document = parse(text);
		char expected[64];

		snprintf(expected, sizeof(expected), "\"args\":[\"%s\"]", cases[i].printed);
		if (!strstr(text, expected))
			fail_msg("no %s in %s", expected, text);
		assert_text(member_text(document, "process.command_line"), cases[i].bytes);
		json_object_put(document);
		free(text);
	}
}

/* What no log may get raw. */
static void assert_clean(const char *text)
{
	struct span rest = span_of(text);
	uint32_t code;

	for (size_t length; rest.length; rest.start += length, rest.length -= length) {
		length = utf8_sequence(rest, &code);
		assert_true(length > 0);
		assert_false(utf8_is_control(code));
	}
}

static void test_document_is_one_clean_line_whatever_is_in_the_names(void **state)
{
	char every_byte[256];
	struct image image = { .executable = every_byte, .comm = every_byte,
			       .working_directory = every_byte, .container_id = every_byte,
			       .credentials = { .known = true, .user = { 1, every_byte } } };
	const struct image *copy;
	struct process_event event;
	struct json_object *document;
	char *text;

	(void)state;
	for (int i = 0; i < 255; i++)
		every_byte[i] = (char)(i + 1);
	every_byte[255] = '\0';
	copy = new_image(&image, ARGV(every_byte));
	event = event_of(copy);
	event.parent = event.process;
	event.host.name = every_byte;
	event.key = every_byte;
	text = print_event(&event, DOCUMENT_NO_LIMIT);
	assert_clean(text);
	document = parse(text);
	assert_memory_equal(member_text(document, "process.executable"), every_byte, 0x7f);
	assert_int_equal(strlen(json_object_get_string(json_object_array_get_idx(
				 document_get(document, "auspawn.args_hex"), 0))),
			 2 * 255);
	json_object_put(document);
	free(text);
	image_unref(copy);
}

static void test_document_that_just_fits_is_not_cut(void **state)
{
	char *whole = print_args(ARGV("sh", "-c", "0123456789012345678901234567890123456789"),
				 DOCUMENT_NO_LIMIT);
	char *fits = print_args(ARGV("sh", "-c", "0123456789012345678901234567890123456789"),
				strlen(whole));

	(void)state;
	assert_text(fits, whole);
	assert_null(strstr(whole, "truncated"));
	free(whole);
	free(fits);
}

static void test_what_was_in_the_output_before_does_not_count(void **state)
{
	const struct process_event event = event_of(NULL);
	struct json_object *document = document_of_event(&event);
	char *alone = print(document, DOCUMENT_NO_LIMIT);
	UT_string out;

	(void)state;
	utstring_init(&out);
	utstring_printf(&out, "@cee:%5000s", "");
	document_print(document, strlen(alone), &out);
	assert_int_equal(utstring_len(&out), 5005 + strlen(alone));
	assert_text(utstring_body(&out) + 5005, alone);
	utstring_done(&out);
	free(alone);
	json_object_put(document);
}

static void assert_fits(const char *text, size_t limit)
{
	struct json_object *document = parse(text);

	if (strlen(text) > limit)
		fail_msg("%zu bytes, not %zu: %s", strlen(text), limit, text);
	assert_clean(text);
	assert_text(member_text(document, "auspawn.truncated"), "true");
	assert_text(member_text(document, "process.pid"), "901");
	/* What names the event and its container is never what is too long. */
	assert_text(member_text(document, "event.id"), ID_OF_EVENTS);
	assert_text(member_text(document, "@timestamp"), "2026-11-22T04:14:05.044Z");
	json_object_put(document);
}

static void test_long_argument_is_cut_to_the_limit(void **state)
{
	static const size_t limits[] = { 20000, DEFAULT_LIMIT, LEAST_LIMIT };
	char *argument = mem_resize(NULL, 100001, 1);

	(void)state;
	memset(argument, 'x', 100000);
	argument[100000] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		char *text = print_args(ARGV("sh", "-c", argument), limits[i]);

		assert_fits(text, limits[i]);
		assert_non_null(strstr(text, "\"sh\",\"-c\",\"xxxx"));
		assert_non_null(strstr(text, "xxxx...\""));
		free(text);
	}
	free(argument);
}

static void test_cut_is_never_inside_a_character(void **state)
{
	static const char *const characters[] = { "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			UT_string argument;
			char *text;

			utstring_init(&argument);
			utstring_printf(&argument, "%.*s", (int)shift, "abc");
			while (utstring_len(&argument) < 5000)
				utstring_printf(&argument, "%s", characters[i]);
			text = print_args(ARGV(utstring_body(&argument)), LEAST_LIMIT);
			assert_fits(text, LEAST_LIMIT);
			assert_null(strstr(text, FFFD));
			free(text);
			utstring_done(&argument);
		}
	}
}

static void test_many_arguments_are_cut_to_the_limit(void **state)
{
	enum { ARGS = 5001 };
	struct arg *arg = mem_zalloc(ARGS * sizeof(*arg));
	struct image image = { .interactive = UNKNOWN };
	struct process_event event = event_of(&image);
	struct json_object *document;
	UT_string joined;
	char *text;

	(void)state;
	utstring_init(&joined);
	for (uint32_t i = 0; i < ARGS; i++) {
		arg[i].start = (uint32_t)utstring_len(&joined);
		arg[i].length = 3;
		utstring_printf(&joined, "\xff%02u ", i % 100);
	}
	image.args = (struct args){ utstring_body(&joined), (uint32_t)utstring_len(&joined) - 1,
				    ARGS, ARGS, arg };
	text = print_event(&event, DEFAULT_LIMIT);
	assert_fits(text, DEFAULT_LIMIT);
	document = parse(text);
	/* How many there were is still told, and the first are still there. */
	assert_text(member_text(document, "process.args_count"), "5001");
	assert_text(json_object_get_string(json_object_array_get_idx(
			    document_get(document, "auspawn.args_hex"), 0)), "ff3030");
	assert_true(json_object_array_length(document_get(document, "process.args")) >= 10);
	json_object_put(document);
	free(text);
	utstring_done(&joined);
	free(arg);
}

#define LONG_ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* An attacker chooses names and arguments; escaped, each of their bytes takes six. */
static void test_hostile_event_fits_and_keeps_its_container(void **state)
{
	static const size_t limits[] = { DEFAULT_LIMIT, LEAST_LIMIT };
	char hostile[4096];
	char comm[16] = ""; /* the kernel keeps 15 bytes */
	struct image image = { .executable = hostile, .comm = comm, .working_directory = hostile,
			       .credentials = { .known = true, .user = { 33, "www-data" } },
			       .container_id = LONG_ID, .container_runtime = "docker" };
	const struct image *copy;
	struct process_event event;

	(void)state;
	memset(comm, 0x1b, sizeof(comm) - 1);
	memset(hostile, 0x1b, sizeof(hostile));
	hostile[sizeof(hostile) - 2] = '\xff';
	hostile[sizeof(hostile) - 1] = '\0';
	copy = new_image(&image, ARGV(hostile, hostile, hostile, hostile, hostile, hostile,
				      hostile, hostile, hostile, hostile, hostile, hostile));
	event = event_of(copy);
	event.parent = event.process;
	event.previous = copy;
	event.ancestors = EVENT_MAX_ANCESTORS;
	for (unsigned int i = 0; i < EVENT_MAX_ANCESTORS; i++)
		event.ancestor[i] = event.process;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		char *text = print_event(&event, limits[i]);
		struct json_object *document = parse(text);

		assert_fits(text, limits[i]);
		assert_text(member_text(document, "container.id"), LONG_ID);
		assert_text(member_text(document, "user.name"), "www-data");
		json_object_put(document);
		free(text);
	}
	image_unref(copy);
}

static void assert_lineage(const struct process_event *event, const char *expected)
{
	UT_string out;

	utstring_init(&out);
	document_lineage(event, &out);
	assert_text(utstring_body(&out), expected);
	utstring_done(&out);
}

static void test_lineage_is_told_oldest_first(void **state)
{
	const struct image systemd = { .comm = "systemd" }, nginx = { .comm = "nginx" };
	const struct image fpm = { .comm = "php-fpm8.2", .executable = "/usr/sbin/x" };
	const struct image shell = { .comm = "sh", .executable = "/usr/bin/dash" };
	const struct process_event event = {
		.process = { .pid = 2231, .image = &shell },
		.parent = { .pid = 901, .image = &fpm },
		.ancestors = 2,
		.ancestor = { { .pid = 812, .image = &nginx }, { .pid = 1, .image = &systemd } },
	};

	(void)state;
	assert_lineage(&event, "systemd(1) > nginx(812) > php-fpm8.2(901) > sh(2231)");
}

static void test_lineage_shows_whoever_has_no_name(void **state)
{
	const struct image unnamed = { .comm = NULL };
	const struct image path = { .executable = "/usr/bin/dash" };
	struct process_event event = {
		.process = { .pid = 7, .image = &path },
		.parent = { .pid = 6, .image = &unnamed },
		.ancestors = 1,
		.ancestor = { { .pid = 5 } },
	};

	(void)state;
	assert_lineage(&event, "?(5) > ?(6) > dash(7)");
}

static void test_lineage_without_a_parent_is_the_process(void **state)
{
	const struct image shell = { .comm = "sh" };
	const struct process_event event = { .process = { .pid = 7, .image = &shell } };

	(void)state;
	assert_lineage(&event, "sh(7)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dotted_names_are_nested_objects),
		cmocka_unit_test(test_members_are_found_by_dotted_names),
		cmocka_unit_test(test_setting_a_member_again_replaces_it),
		cmocka_unit_test(test_absent_fields_are_left_out),
		cmocka_unit_test(test_event_becomes_an_ecs_document),
		cmocka_unit_test(test_arguments_that_are_not_utf8_follow_as_hex),
		cmocka_unit_test(test_sequence_torn_between_arguments_is_not_utf8),
		cmocka_unit_test(test_missing_argument_is_null),
		cmocka_unit_test(test_what_steers_a_terminal_is_escaped),
		cmocka_unit_test(test_document_is_one_clean_line_whatever_is_in_the_names),
		cmocka_unit_test(test_document_that_just_fits_is_not_cut),
		cmocka_unit_test(test_what_was_in_the_output_before_does_not_count),
		cmocka_unit_test(test_long_argument_is_cut_to_the_limit),
		cmocka_unit_test(test_cut_is_never_inside_a_character),
		cmocka_unit_test(test_many_arguments_are_cut_to_the_limit),
		cmocka_unit_test(test_hostile_event_fits_and_keeps_its_container),
		cmocka_unit_test(test_lineage_is_told_oldest_first),
		cmocka_unit_test(test_lineage_shows_whoever_has_no_name),
		cmocka_unit_test(test_lineage_without_a_parent_is_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
