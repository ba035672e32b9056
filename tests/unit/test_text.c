/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "alert/alert.h"
#include "alert/text.h"

static struct rule web_shell = {
	.id = (char[]){ "web-shell-spawn" },
	.name = (char[]){ "Web server child shell spawn" },
	.tuning.severity = SEVERITY_MEDIUM,
};

#define NOW "2023-11-14T22:13:20.123Z "

static void assert_text(struct json_object *document, const char *expected)
{
	UT_string out;

	utstring_init(&out);
	text_append(document, &out);
	assert_string_equal(utstring_body(&out), expected);
	utstring_done(&out);
	json_object_put(document);
}

static void test_an_alert_tells_who_did_what_on_one_line(void **state)
{
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	assert_text(alert_of_event(&web_shell, &scene.event),
		    NOW "medium web-shell-spawn web1 www-data /var/www/html: "
			"apache2(812) > apache2(901) > sh(2231): sh -c id 2>&1");
}

static void test_an_event_has_no_rule_and_no_severity(void **state)
{
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	assert_text(document_of_event(&scene.event),
		    NOW "web1 www-data /var/www/html: "
			"apache2(812) > apache2(901) > sh(2231): sh -c id 2>&1");
}

static void test_what_is_absent_is_a_dash(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_text(document_of_event(&scene.event), NOW "- - -: ?(0): -");
	assert_text(json_object_new_object(), "- - - -: -: -");
}

static void test_a_user_without_a_name_is_a_number(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.image.credentials.known = true;
	scene.image.credentials.user.id = 33;
	assert_text(document_of_event(&scene.event), NOW "- 33 -: ?(0): -");
}

static void test_a_finding_tells_what_was_counted_where(void **state)
{
	struct rarity_finding finding = {
		.key = "[\"k\"]",
		.rule = &web_shell,
		.window_start = 1699999140000,
		.window_end = 1700002800000,
		.count = 4,
		.document = "{\"process\":{\"command_line\":\"nc\","
			    "\"working_directory\":\"/tmp\"}}",
	};

	(void)state;
	assert_text(alert_of_finding(&finding),
		    "- medium web-shell-spawn - - /tmp: 4 times from 2023-11-14T21:59:00.000Z to "
		    "2023-11-14T23:00:00.000Z: -: nc");
	finding.count = 1;
	finding.provisional = true;
	assert_text(alert_of_finding(&finding),
		    "- medium web-shell-spawn - - /tmp: 1 time from 2023-11-14T21:59:00.000Z to "
		    "2023-11-14T23:00:00.000Z so far: -: nc");
}

static void test_a_severity_is_the_name_of_its_number(void **state)
{
	static const struct {
		int number;
		const char *name;
	} rows[] = {
		{ 0, "low" },	{ 21, "low" },	{ 46, "low" },	{ 47, "medium" },
		{ 72, "medium" }, { 73, "high" }, { 98, "high" }, { 99, "critical" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *document = json_object_new_object();

		document_set(document, "event.severity", json_object_new_int(rows[i].number));
		assert_string_equal(text_severity(document), rows[i].name);
		json_object_put(document);
	}
}

static void test_what_could_steer_a_reader_is_escaped(void **state)
{
	static const struct {
		const char *text;
		const char *printed;
	} rows[] = {
		{ "a\nb", "a\\nb" },
		{ "a\tb", "a\\tb" },
		{ "a\\nb", "a\\\\nb" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "\x7f", "\\x7f" },
		{ "\r", "\\x0d" },
		{ "\xc2\x9b", "\\u{9b}" },
		{ "\xe2\x80\xae", "\\u{202e}" },
		{ "\xe2\x80\xa8", "\\u{2028}" },
		{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80" },
		{ "$(id) 'x' \"y\"", "$(id) 'x' \"y\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *document = json_object_new_object();
		char expected[64];

		document_set_text(document, "process.command_line", rows[i].text);
		document_set_text(document, "host.name", rows[i].text);
		snprintf(expected, sizeof(expected), "- %s - -: -: %s", rows[i].printed,
			 rows[i].printed);
		assert_text(document, expected);
	}
}

static void test_a_long_command_line_is_cut_at_the_end(void **state)
{
	struct json_object *document = json_object_new_object();
	UT_string out;

	(void)state;
	document_set_text(document, "process.command_line", "0123456789");
	utstring_init(&out);
	alert_encode(document, FORMAT_TEXT, 20, &out);
	assert_string_equal(utstring_body(&out), "- - - -: -: 01234...");
	json_object_put(document);
	utstring_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alert_tells_who_did_what_on_one_line),
		cmocka_unit_test(test_an_event_has_no_rule_and_no_severity),
		cmocka_unit_test(test_what_is_absent_is_a_dash),
		cmocka_unit_test(test_a_user_without_a_name_is_a_number),
		cmocka_unit_test(test_a_finding_tells_what_was_counted_where),
		cmocka_unit_test(test_a_severity_is_the_name_of_its_number),
		cmocka_unit_test(test_what_could_steer_a_reader_is_escaped),
		cmocka_unit_test(test_a_long_command_line_is_cut_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
