/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "alert/alert.h"
#include "alert/cef.h"

static struct rule web_shell = {
	.id = (char[]){ "web-shell-spawn" },
	.name = (char[]){ "Web server child shell spawn" },
	.tuning.severity = SEVERITY_MEDIUM,
	.tuning.risk_score = 47,
};

#define PREFIX "CEF:0|auspawn|auspawn|" PACKAGE_VERSION "|"

static void assert_cef(struct json_object *document, const char *expected)
{
	UT_string out;

	utstring_init(&out);
	cef_append(document, &out);
	assert_string_equal(utstring_body(&out), expected);
	utstring_done(&out);
	json_object_put(document);
}

static void test_an_alert_has_all_that_is_known(void **state)
{
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	assert_cef(alert_of_event(&web_shell, &scene.event),
		   PREFIX "web-shell-spawn|Web server child shell spawn|5|"
			  "rt=2023-11-14T22:13:20.123Z externalId=1700000000.123:42 dvchost=web1 "
			  "suser=www-data suid=33 spid=901 sproc=/usr/sbin/apache2 dpid=2231 "
			  "dproc=/usr/bin/dash cs1Label=commandLine cs1=sh -c id 2>&1 "
			  "cs2Label=workingDirectory cs2=/var/www/html cs3Label=lineage "
			  "cs3=apache2(812) > apache2(901) > sh(2231) cs4Label=containerId "
			  "cs4=c0ffee cs5Label=alertId "
			  "cs5=web-shell-spawn/web1/1700000000.123:42");
}

static void test_what_is_absent_is_left_out_with_its_label(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_cef(alert_of_event(&web_shell, &scene.event),
		   PREFIX "web-shell-spawn|Web server child shell spawn|5|"
			  "rt=2023-11-14T22:13:20.123Z externalId=1700000000.123:42 "
			  "cs3Label=lineage cs3=?(0) cs5Label=alertId "
			  "cs5=web-shell-spawn/-/1700000000.123:42");
}

static void test_an_event_without_a_rule_is_an_exec_of_no_severity(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_cef(document_of_event(&scene.event),
		   PREFIX "exec|exec|0|rt=2023-11-14T22:13:20.123Z externalId=1700000000.123:42 "
			  "cs3Label=lineage cs3=?(0)");
}

static void test_a_finding_has_its_count(void **state)
{
	const struct rarity_finding finding = {
		.key = "[\"k\"]",
		.rule = &web_shell,
		.count = 4,
		.document = "{\"process\":{\"executable\":\"/bin/nc\"}}",
	};

	(void)state;
	assert_cef(alert_of_finding(&finding),
		   PREFIX "web-shell-spawn|Web server child shell spawn|5|dproc=/bin/nc cnt=4 "
			  "cs5Label=alertId cs5=web-shell-spawn/-/3b06285186ce499f/0");
}

static void test_the_extension_may_be_empty(void **state)
{
	struct json_object *document = json_object_new_object();

	(void)state;
	document_set_text(document, "rule.id", "r");
	document_set_text(document, "rule.name", "R");
	document_set(document, "event.severity", json_object_new_int(99));
	assert_cef(document, PREFIX "r|R|10|");
}

static void test_severities_are_on_a_scale_of_ten(void **state)
{
	static const char *const scale[] = { "|3|", "|5|", "|8|", "|10|" };
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (int severity = SEVERITY_LOW; severity <= SEVERITY_CRITICAL; severity++) {
		struct rule rule = web_shell;
		struct json_object *document;
		UT_string out;

		rule.tuning.severity = (enum severity)severity;
		document = alert_of_event(&rule, &scene.event);
		utstring_init(&out);
		cef_append(document, &out);
		assert_non_null(strstr(utstring_body(&out), scale[severity]));
		utstring_done(&out);
		json_object_put(document);
	}
}

static void test_what_means_something_is_escaped(void **state)
{
	static const struct {
		const char *text;
		const char *header;
		const char *extension;
	} rows[] = {
		{ "a|b", "a\\|b", "a|b" },
		{ "a=b", "a=b", "a\\=b" },
		{ "a\\b", "a\\\\b", "a\\\\b" },
		{ "a\\|b", "a\\\\\\|b", "a\\\\|b" },
		{ "a\\=b", "a\\\\=b", "a\\\\\\=b" },
		{ "a\nb", "a\\nb", "a\\nb" },
		{ "a b", "a b", "a b" },
		{ "\xc3\xa9", "\xc3\xa9", "\xc3\xa9" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *document = json_object_new_object();
		char expected[256];

		document_set_text(document, "rule.id", rows[i].text);
		document_set_text(document, "rule.name", rows[i].text);
		document_set_text(document, "process.executable", rows[i].text);
		document_set_text(document, "process.command_line", rows[i].text);
		snprintf(expected, sizeof(expected),
			 PREFIX "%s|%s|3|dproc=%s cs1Label=commandLine cs1=%s", rows[i].header,
			 rows[i].header, rows[i].extension, rows[i].extension);
		assert_cef(document, expected);
	}
}

/* A reader that splits as the specification says: at pipes and before keys, unless escaped. Returns the
 * value of `key`, or NULL; free() releases it. */
static char *read_key(const char *cef, const char *key)
{
	UT_string value;
	const char *at = cef;
	char wanted[32];

	for (int pipes = 0; pipes < 7; at++) {
		assert_int_not_equal(*at, '\0');
		if (*at == '\\')
			at++;
		else if (*at == '|')
			pipes++;
	}
	snprintf(wanted, sizeof(wanted), "%s=", key);
	while (at && strncmp(at, wanted, strlen(wanted))) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return NULL;
	utstring_init(&value);
	/* A value ends before the last blank ahead of the next = that is not escaped. */
	for (at += strlen(wanted); *at && *at != '='; at++) {
		if (*at == '\\')
			at++;
		utstring_bincpy(&value, at, 1);
	}
	if (*at == '=') {
		while (utstring_len(&value) && value.d[--value.i] != ' ')
			;
		value.d[value.i] = '\0';
	}
	return utstring_body(&value);
}

static void test_a_value_cannot_bring_keys_of_its_own(void **state)
{
	static const char *const commands[] = {
		"sh -c x suser=root dproc=/bin/true", "sh |10|suser=root", "sh\\ suser=root",
		"sh\\\\ suser=root", "sh = suser=root", "suser=root",
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct json_object *document;
		UT_string out;
		char *value;

		scene_web_shell(&scene);
		SCENE_ARGS(&scene, commands[i]);
		document = alert_of_event(&web_shell, &scene.event);
		utstring_init(&out);
		cef_append(document, &out);
		value = read_key(utstring_body(&out), "cs1");
		assert_string_equal(value, commands[i]);
		free(value);
		value = read_key(utstring_body(&out), "suser");
		assert_string_equal(value, "www-data");
		free(value);
		value = read_key(utstring_body(&out), "dproc");
		assert_string_equal(value, "/usr/bin/dash");
		free(value);
		json_object_put(document);
		utstring_done(&out);
	}
}

/* Long values are cut, not what stands behind them: a stranger could hide who started the process. */
static void test_a_long_command_line_leaves_the_rest_in_place(void **state)
{
	struct json_object *document;
	struct scene scene;
	UT_string out;
	char *command = mem_resize(NULL, 20001, 1);

	(void)state;
	memset(command, 'x', 20000);
	command[20000] = '\0';
	scene_web_shell(&scene);
	scene.image.args.text = command;
	scene.image.args.text_length = 20000;
	scene.image.args.known = 0;
	document = alert_of_event(&web_shell, &scene.event);
	utstring_init(&out);
	alert_encode(document, FORMAT_CEF, 8000, &out);
	assert_true(utstring_len(&out) <= 8000);
	assert_non_null(strstr(utstring_body(&out), " cs1=xxxx"));
	assert_non_null(strstr(utstring_body(&out), " cs2=/var/www/html "));
	assert_non_null(strstr(utstring_body(&out), " cs3=apache2(812) > "));
	json_object_put(document);
	utstring_done(&out);
	free(command);
}

/* Half an escape would swallow what follows. */
static void test_a_cut_does_not_split_an_escape(void **state)
{
	struct json_object *document;
	struct scene scene;
	UT_string whole;
	size_t wrong = 0, start;

	(void)state;
	scene_web_shell(&scene);
	SCENE_ARGS(&scene, "=====\\\\\\\\\\\n\n\n\n\n");
	document = alert_of_event(&web_shell, &scene.event);
	utstring_init(&whole);
	cef_append(document, &whole);
	json_object_put(document);
	start = (size_t)(strstr(utstring_body(&whole), "cs1=") - utstring_body(&whole)) + 4;
	for (size_t cut = start; cut < start + 30; cut++) {
		size_t backslashes = 0;
		UT_string out;

		document = alert_of_event(&web_shell, &scene.event);
		utstring_init(&out);
		alert_encode(document, FORMAT_CEF, cut + strlen("..."), &out);
		while (backslashes < cut &&
		       out.d[utstring_len(&out) - strlen("...") - 1 - backslashes] == '\\')
			backslashes++;
		if (backslashes % 2) {
			print_error("%s\n", utstring_body(&out) + start);
			wrong++;
		}
		json_object_put(document);
		utstring_done(&out);
	}
	utstring_done(&whole);
	assert_rows(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alert_has_all_that_is_known),
		cmocka_unit_test(test_what_is_absent_is_left_out_with_its_label),
		cmocka_unit_test(test_an_event_without_a_rule_is_an_exec_of_no_severity),
		cmocka_unit_test(test_a_finding_has_its_count),
		cmocka_unit_test(test_the_extension_may_be_empty),
		cmocka_unit_test(test_severities_are_on_a_scale_of_ten),
		cmocka_unit_test(test_what_means_something_is_escaped),
		cmocka_unit_test(test_a_value_cannot_bring_keys_of_its_own),
		cmocka_unit_test(test_a_long_command_line_leaves_the_rest_in_place),
		cmocka_unit_test(test_a_cut_does_not_split_an_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
