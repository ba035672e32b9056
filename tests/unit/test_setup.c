/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "config.h"
#include "setup.h"

#define RULE(condition) "rules = ( { id = \"r\"; condition = \"" condition "\"; } );\n"

/* The warnings of a configuration and a rule file, one to a line, without the test's folder. */
static void assert_warnings(void **state, const char *settings, const char *rules,
			    const char *expected)
{
	struct folder *folder = *state;
	struct ruleset *ruleset = load_rules(folder, rules);
	char path[sizeof(folder->file)];
	struct mistakes mistakes = { 0 };
	struct config *config;
	UT_string text;

	utstring_init(&text);
	write_text(folder_file(folder, "auspawn.conf"), settings);
	snprintf(path, sizeof(path), "%s", folder_file(folder, "auspawn.conf"));
	config = config_load(path, SETTINGS_TRUST_ALL, &mistakes);
	assert_int_equal(mistakes.count, 0);
	setup_check(config, path, ruleset, &mistakes);
	assert_int_equal(mistakes.count, 0);
	for (size_t i = 0; i < mistakes.total; i++)
		utstring_printf(&text, "%s\n", mistakes.all[i].text + strlen(folder->path) + 1);
	assert_string_equal(utstring_body(&text), expected);
	utstring_done(&text);
	mistakes_clear(&mistakes);
	config_free(config);
	ruleset_free(ruleset);
}

#define HERE "local_dir = \".\"; "

static void test_what_fits_together_has_no_warning(void **state)
{
	assert_warnings(state, HERE, RULE("process.pid == 1"), "");
	assert_warnings(state, HERE "syslog = { enabled = false; }; file = { enabled = true; };",
			RULE("process.pid == 1"), "");
	assert_warnings(state, HERE "env_vars = [ \"A\" ];", RULE("process.env_vars : 'A=*'"), "");
}

static void test_alerts_that_go_nowhere_are_told(void **state)
{
	assert_warnings(state, HERE "syslog = { enabled = false; };", RULE("process.pid == 1"),
			"auspawn.conf: warning: alerts go nowhere: "
			"neither 'syslog' nor 'file' is enabled\n");
}

static void test_a_local_folder_that_is_not_there_is_told(void **state)
{
	assert_warnings(state, "local_dir = \"typo.d\";", RULE("process.pid == 1"),
			"typo.d: warning: there is no such folder, and so nothing is changed locally\n");
}

static void test_variables_that_nobody_reads_are_told(void **state)
{
	assert_warnings(state, HERE, RULE("process.pid == 1 and process.env_vars : 'A=*'"),
			"rules/10-test.conf:1: warning: rule 'r' asks for process.env_vars, "
			"and the configuration's 'env_vars' names none\n");
}

static void test_no_rules_are_told(void **state)
{
	assert_warnings(state, HERE "rules_dir = \"rules\";", "",
			"rules: warning: no rule is loaded\n");
}

/* The same of the machine, whose accounts are in the folder's file passwd. */
static void assert_machine(void **state, const char *settings, const char *expected)
{
	struct folder *folder = *state;
	char path[sizeof(folder->file)], passwd[sizeof(folder->file)];
	struct mistakes mistakes = { 0 };
	struct config *config;
	UT_string text;

	utstring_init(&text);
	write_text(folder_file(folder, "auspawn.conf"), settings);
	snprintf(path, sizeof(path), "%s", folder_file(folder, "auspawn.conf"));
	write_text(folder_file(folder, "passwd"), "root:x:0:0::/:/bin/sh\nauspawn:x:990:990::/:/bin/false\n");
	snprintf(passwd, sizeof(passwd), "%s", folder_file(folder, "passwd"));
	config = config_load(path, SETTINGS_TRUST_ALL, &mistakes);
	setup_check_machine(config, path, passwd, &mistakes);
	assert_int_equal(mistakes.count, 0);
	for (size_t i = 0; i < mistakes.total; i++)
		utstring_printf(&text, "%s\n", mistakes.all[i].text + strlen(folder->path) + 1);
	assert_int_equal(strncmp(utstring_body(&text), expected, strlen(expected)), 0);
	assert_int_equal(utstring_len(&text) > 0, expected[0] != '\0');
	utstring_done(&text);
	mistakes_clear(&mistakes);
	config_free(config);
}

static void test_what_the_machine_lacks_is_told(void **state)
{
	assert_machine(state, "auditd_conf = \"passwd\";", "");
	assert_machine(state, "auditd_conf = \"nowhere\"; read_back = \"0s\";", "");
	assert_machine(state, "auditd_conf = \"passwd\"; user = \"root\";", "");
	assert_machine(state, "auditd_conf = \"nowhere\";", "nowhere: warning: there is no such file");
	assert_machine(state, "auditd_conf = \"passwd\"; user = \"auspwan\";",
		       "auspawn.conf: warning: there is no user 'auspwan' in ");
	assert_machine(state, "auditd_conf = \"passwd\"; user = \"\";", "auspawn.conf: warning: there is no user ''");
}

static void test_without_a_configuration_the_machine_lacks_nothing(void **state)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);

	(void)state;
	setup_check_machine(config, NULL, "/dev/null", &mistakes);
	assert_int_equal(mistakes.total, 0);
	config_free(config);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_what_fits_together_has_no_warning),
		IN_FOLDER(test_alerts_that_go_nowhere_are_told),
		IN_FOLDER(test_a_local_folder_that_is_not_there_is_told),
		IN_FOLDER(test_variables_that_nobody_reads_are_told),
		IN_FOLDER(test_no_rules_are_told),
		IN_FOLDER(test_what_the_machine_lacks_is_told),
		cmocka_unit_test(test_without_a_configuration_the_machine_lacks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
