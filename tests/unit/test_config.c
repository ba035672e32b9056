/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <syslog.h>

#include "config.h"

/* Loads a configuration file of that text; its mistakes, their folder left out, go to `mistakes`. */
static struct config *load(void **state, const char *text, UT_string *mistakes)
{
	struct folder *folder = *state;
	struct mistakes found = { 0 };
	struct config *config;

	write_text(folder_file(folder, "auspawn.conf"), text);
	config = config_load(folder_file(folder, "auspawn.conf"), SETTINGS_TRUST_ALL, &found);
	utstring_init(mistakes);
	for (size_t i = 0; i < found.count; i++) {
		const char *message = found.all[i].text;

		assert_int_equal(strncmp(message, folder->path, strlen(folder->path)), 0);
		utstring_printf(mistakes, "%s%s", i ? "\n" : "",
				message + strlen(folder->path) + 1);
	}
	mistakes_clear(&found);
	return config;
}

/* The same where there must be no mistake. */
static struct config *load_right(void **state, const char *text)
{
	UT_string mistakes;
	struct config *config = load(state, text, &mistakes);

	assert_string_equal(utstring_body(&mistakes), "");
	utstring_done(&mistakes);
	return config;
}

struct row {
	const char *text;
	const char *mistakes;
};

static size_t wrong_rows(void **state, const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		UT_string mistakes;
		struct config *config = load(state, rows[i].text, &mistakes);

		wrong += !row_is(rows[i].text, utstring_body(&mistakes), rows[i].mistakes);
		utstring_done(&mistakes);
		config_free(config);
	}
	return wrong;
}

#define ASSERT_ROWS(state, rows) assert_rows(wrong_rows(state, rows, COUNT_OF(rows)))

static void assert_defaults(const struct config *config)
{
	assert_string_equal(config->rules_dir, SYSCONFDIR "/auspawn/rules.d");
	assert_string_equal(config->state_dir, LOCALSTATEDIR "/lib/auspawn");
	assert_null(config->agent_id);
	assert_null(config->node);
	assert_null(config->env_vars);
	assert_int_equal(config->max_processes, 65536);
	assert_int_equal(config->message_size, 8000);
	assert_int_equal(config->queue_size, 16777216);
	assert_string_equal(config->auditd_conf, "/etc/audit/auditd.conf");
	assert_int_equal(config->read_back_ms, 3600000);
	assert_int_equal(config->outbox_size, 64 << 20);
	assert_false(config->sync);
	assert_true(config->syslog.enabled);
	assert_string_equal(config->syslog.socket, "/dev/log");
	assert_int_equal(config->syslog.facility, LOG_AUTHPRIV);
	assert_int_equal(config->syslog.format, FORMAT_JSON);
	assert_false(config->file.enabled);
	assert_string_equal(config->file.path, LOCALSTATEDIR "/log/auspawn/alerts.json");
	assert_int_equal(config->file.format, FORMAT_JSON);
	assert_false(config->events.enabled);
	assert_string_equal(config->events.path, LOCALSTATEDIR "/log/auspawn/events.json");
	assert_int_equal(config->events.format, FORMAT_JSON);
	assert_false(config->metrics.enabled);
	assert_string_equal(config->metrics.path,
			    "/run/auspawn/auspawn.prom");
}

static void test_without_a_file_the_defaults_hold(void **state)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);

	(void)state;
	assert_defaults(config);
	assert_int_equal(mistakes.count, 0);
	config_free(config);
}

static void test_an_empty_file_changes_nothing(void **state)
{
	struct config *config = load_right(state, "// nothing\n");

	assert_defaults(config);
	config_free(config);
}

static void test_every_setting_can_be_set(void **state)
{
	struct config *config =
		load_right(state, "rules_dir = \"/a/rules\";\n"
				  "state_dir = \"/a/state\";\n"
				  "agent_id = \"agent-7\";\n"
				  "node = \"web7\";\n"
				  "max_processes = 2048;\n"
				  "env_vars = [ \"LD_PRELOAD\", \"PATH\" ];\n"
				  "syslog = { enabled = false; socket = \"/a/log\";\n"
				  "    facility = \"local3\"; format = \"cef\"; };\n"
				  "file = { enabled = true; path = \"/a/alerts\"; format = \"text\"; };\n"
				  "events = { enabled = true; path = \"/a/events\"; format = \"cee\"; };\n"
				  "limits = { message_size = 4000; outbox_size = 1048576; };\n"
				  "sync = \"full\";\n");

	assert_string_equal(config->rules_dir, "/a/rules");
	assert_string_equal(config->state_dir, "/a/state");
	assert_string_equal(config->agent_id, "agent-7");
	assert_string_equal(config->node, "web7");
	assert_int_equal(config->max_processes, 2048);
	assert_string_equal(config->env_vars[0], "LD_PRELOAD");
	assert_string_equal(config->env_vars[1], "PATH");
	assert_null(config->env_vars[2]);
	assert_int_equal(config->message_size, 4000);
	assert_int_equal(config->outbox_size, 1 << 20);
	assert_true(config->sync);
	assert_false(config->syslog.enabled);
	assert_string_equal(config->syslog.socket, "/a/log");
	assert_int_equal(config->syslog.facility, LOG_LOCAL3);
	assert_int_equal(config->syslog.format, FORMAT_CEF);
	assert_true(config->file.enabled);
	assert_string_equal(config->file.path, "/a/alerts");
	assert_int_equal(config->file.format, FORMAT_TEXT);
	assert_true(config->events.enabled);
	assert_string_equal(config->events.path, "/a/events");
	assert_int_equal(config->events.format, FORMAT_CEE);
	config_free(config);
}

static void test_a_group_may_set_only_a_part(void **state)
{
	struct config *config = load_right(state, "syslog = { format = \"cee\"; };\n"
						  "file = { enabled = true; };\n"
						  "events = { }; limits = { };\n");

	assert_true(config->syslog.enabled);
	assert_string_equal(config->syslog.socket, "/dev/log");
	assert_int_equal(config->syslog.facility, LOG_AUTHPRIV);
	assert_int_equal(config->syslog.format, FORMAT_CEE);
	assert_true(config->file.enabled);
	assert_string_equal(config->file.path, LOCALSTATEDIR "/log/auspawn/alerts.json");
	assert_false(config->events.enabled);
	assert_int_equal(config->message_size, 8000);
	config_free(config);
}

static void test_a_relative_path_starts_at_the_files_folder(void **state)
{
	struct folder *folder = *state;
	struct config *config = load_right(state, "rules_dir = \"rules.d\"; state_dir = \"../s\";\n"
						  "syslog = { socket = \"log\"; };\n"
						  "file = { path = \"a/b\"; };\n"
						  "events = { path = \"./e\"; };\n");

	assert_string_equal(config->rules_dir, folder_file(folder, "rules.d"));
	assert_string_equal(config->state_dir, folder_file(folder, "../s"));
	assert_string_equal(config->syslog.socket, folder_file(folder, "log"));
	assert_string_equal(config->file.path, folder_file(folder, "a/b"));
	assert_string_equal(config->events.path, folder_file(folder, "./e"));
	config_free(config);
}

static void test_names_are_no_paths(void **state)
{
	struct config *config = load_right(state, "agent_id = \"a\"; node = \"web1\";\n");

	assert_string_equal(config->agent_id, "a");
	assert_string_equal(config->node, "web1");
	config_free(config);
}

static void test_unknown_settings_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ "rule_dir = \"/a\";", "auspawn.conf:1:1: unknown setting 'rule_dir'" },
		{ "\n  Syslog = { };", "auspawn.conf:2:3: unknown setting 'Syslog'" },
		{ "syslog = {\n  server = \"a\"; };",
		  "auspawn.conf:2:3: unknown setting 'server'" },
		{ "file = {\n  facility = \"user\"; };",
		  "auspawn.conf:2:3: unknown setting 'facility'" },
		{ "events = {\n  a = 1;\n  b = 2; };",
		  "auspawn.conf:2:3: unknown setting 'a'\nauspawn.conf:3:3: unknown setting 'b'" },
		{ "limits = {\n  messages = 1; };",
		  "auspawn.conf:2:3: unknown setting 'messages'" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_settings_of_another_type_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ "rules_dir = 5;", "auspawn.conf:1:1: 'rules_dir' must be a string" },
		{ "state_dir = [ \"a\" ];", "auspawn.conf:1:1: 'state_dir' must be a string" },
		{ "agent_id = true;", "auspawn.conf:1:1: 'agent_id' must be a string" },
		{ "node = 1.5;", "auspawn.conf:1:1: 'node' must be a string" },
		{ "max_processes = \"2048\";",
		  "auspawn.conf:1:1: 'max_processes' must be a whole number from 1024 to 4194304" },
		{ "max_processes = 2048.0;",
		  "auspawn.conf:1:1: 'max_processes' must be a whole number from 1024 to 4194304" },
		{ "env_vars = \"PATH\";", "auspawn.conf:1:1: 'env_vars' must be a list, ( ... )" },
		{ "env_vars =\n  [ 1 ];",
		  "auspawn.conf:2:3: 'env_vars' must be names of environment variables" },
		{ "syslog = true;", "auspawn.conf:1:1: 'syslog' must be a group, { ... }" },
		{ "file = \"/a\";", "auspawn.conf:1:1: 'file' must be a group, { ... }" },
		{ "events = ( );", "auspawn.conf:1:1: 'events' must be a group, { ... }" },
		{ "limits = 8000;", "auspawn.conf:1:1: 'limits' must be a group, { ... }" },
		{ "syslog = {\n  enabled = \"yes\"; };",
		  "auspawn.conf:2:3: 'enabled' must be true or false" },
		{ "syslog = {\n  enabled = 1; };",
		  "auspawn.conf:2:3: 'enabled' must be true or false" },
		{ "syslog = {\n  facility = 4; };",
		  "auspawn.conf:2:3: 'facility' must be a string" },
		{ "file = {\n  format = 4; };", "auspawn.conf:2:3: 'format' must be a string" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_values_out_of_range_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ "max_processes = 1023;",
		  "auspawn.conf:1:1: 'max_processes' must be a whole number from 1024 to 4194304" },
		{ "max_processes = 4194305;",
		  "auspawn.conf:1:1: 'max_processes' must be a whole number from 1024 to 4194304" },
		{ "max_processes = -1;",
		  "auspawn.conf:1:1: 'max_processes' must be a whole number from 1024 to 4194304" },
		{ "limits = {\n  message_size = 3999; };",
		  "auspawn.conf:2:3: 'message_size' must be a whole number from 4000 to 1048576" },
		{ "read_back = \"1\";",
		  "auspawn.conf:1:1: 'read_back' must be a duration such as \"90s\", \"61m\", \"1h\" or \"14d\"" },
		{ "limits = {\n  queue_size = 262143; };",
		  "auspawn.conf:2:3: 'queue_size' must be a whole number from 262144 to 1073741824" },
		{ "limits = {\n  message_size = 1048577; };",
		  "auspawn.conf:2:3: 'message_size' must be a whole number from 4000 to 1048576" },
		{ "limits = {\n  outbox_size = 1048575; };",
		  "auspawn.conf:2:3: 'outbox_size' must be a whole number from 1048576 to 1073741824" },
		{ "sync = \"fully\";", "auspawn.conf:1:1: 'sync' must be normal or full" },
		{ "syslog = {\n  facility = \"kern\"; };",
		  "auspawn.conf:2:3: 'facility' must be auth, authpriv, daemon, user or local0 to "
		  "local7" },
		{ "syslog = {\n  format = \"xml\"; };",
		  "auspawn.conf:2:3: 'format' must be json, cee, cef or text" },
		{ "events = {\n  format = \"\"; };",
		  "auspawn.conf:2:3: 'format' must be json, cee, cef or text" },
	};
	struct config *config;

	ASSERT_ROWS(state, rows);
	config = load_right(state, "max_processes = 1024; limits = { message_size = 1048576; };");
	assert_int_equal(config->max_processes, 1024);
	assert_int_equal(config->message_size, 1048576);
	config_free(config);
	config = load_right(state, "max_processes = 4194304;");
	assert_int_equal(config->max_processes, 4194304);
	config_free(config);
}

/* Appends env_vars with `count` names to the text. */
static void append_names(UT_string *text, int count)
{
	utstring_printf(text, "env_vars = [");
	for (int i = 0; i < count; i++)
		utstring_printf(text, "%s \"V%d\"", i ? "," : "", i);
	utstring_printf(text, " ];");
}

static void test_variables_are_few_and_have_names(void **state)
{
	UT_string text, mistakes;
	struct config *config;

	config = load_right(state, "env_vars = [ ];");
	assert_null(config->env_vars);
	config_free(config);

	utstring_init(&text);
	append_names(&text, 64);
	config = load_right(state, utstring_body(&text));
	assert_string_equal(config->env_vars[63], "V63");
	assert_null(config->env_vars[64]);
	config_free(config);

	utstring_clear(&text);
	append_names(&text, 65);
	config = load(state, utstring_body(&text), &mistakes);
	assert_string_equal(utstring_body(&mistakes),
			    "auspawn.conf:1:1: 'env_vars' can have at most 64 names");
	assert_null(config->env_vars);
	config_free(config);
	utstring_done(&mistakes);
	utstring_done(&text);

	config = load(state, "env_vars = (\n  \"A=B\",\n  \"\",\n  \"C\" );", &mistakes);
	assert_string_equal(utstring_body(&mistakes),
			    "auspawn.conf:2:3: 'env_vars' must be names of environment variables\n"
			    "auspawn.conf:3:3: 'env_vars' must be names of environment variables");
	assert_string_equal(config->env_vars[0], "C");
	assert_null(config->env_vars[1]);
	config_free(config);
	utstring_done(&mistakes);
}

static void test_where_a_value_is_wrong_the_default_stands(void **state)
{
	UT_string mistakes;
	struct config *config =
		load(state, "rules_dir = 5; max_processes = 1; state_dir = \"/right\";\n"
			    "syslog = { facility = \"x\"; format = \"x\"; enabled = 5; socket = 5; };\n"
			    "limits = { message_size = 1; };\n",
		     &mistakes);

	assert_string_equal(config->state_dir, "/right");
	assert_string_equal(config->rules_dir, SYSCONFDIR "/auspawn/rules.d");
	assert_int_equal(config->max_processes, 65536);
	assert_true(config->syslog.enabled);
	assert_string_equal(config->syslog.socket, "/dev/log");
	assert_int_equal(config->syslog.facility, LOG_AUTHPRIV);
	assert_int_equal(config->syslog.format, FORMAT_JSON);
	assert_int_equal(config->message_size, 8000);
	utstring_done(&mistakes);
	config_free(config);
}

static void test_a_file_that_is_no_libconfig_leaves_the_defaults(void **state)
{
	UT_string mistakes;
	struct config *config = load(state, "state_dir = \"/a\";\nnode = ;\n", &mistakes);

	assert_string_equal(utstring_body(&mistakes), "auspawn.conf:2:1: syntax error; look for a missing ',', ';' or quote here and on the lines above");
	assert_defaults(config);
	utstring_done(&mistakes);
	config_free(config);
}

static void test_a_file_that_cannot_be_read_leaves_the_defaults(void **state)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(folder_file(*state, "none"), SETTINGS_TRUST_ALL, &mistakes);
	char expected[256];

	assert_defaults(config);
	assert_int_equal(mistakes.count, 1);
	snprintf(expected, sizeof(expected), "%s: can't be read: No such file or directory",
		 folder_file(*state, "none"));
	assert_string_equal(mistakes.all[0].text, expected);
	mistakes_clear(&mistakes);
	config_free(config);
}

static void test_every_mistake_is_reported(void **state)
{
	static const struct row rows[] = {
		{ "rules_dir = 5;\nmax_processes = 1;\nsyslog = {\n  format = \"x\";\n"
		  "  facility = \"y\";\n};\nfile = {\n  path = 1;\n};\nwhat = 1;\n",
		  "auspawn.conf:10:1: unknown setting 'what'\n"
		  "auspawn.conf:1:1: 'rules_dir' must be a string\n"
		  "auspawn.conf:2:1: 'max_processes' must be a whole number from 1024 to 4194304\n"
		  "auspawn.conf:4:3: 'format' must be json, cee, cef or text\n"
		  "auspawn.conf:5:3: 'facility' must be auth, authpriv, daemon, user or local0 to "
		  "local7\n"
		  "auspawn.conf:8:3: 'path' must be a string" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_nothing_is_a_configuration_to_free(void **state)
{
	(void)state;
	config_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_the_defaults_hold),
		IN_FOLDER(test_an_empty_file_changes_nothing),
		IN_FOLDER(test_every_setting_can_be_set),
		IN_FOLDER(test_a_group_may_set_only_a_part),
		IN_FOLDER(test_a_relative_path_starts_at_the_files_folder),
		IN_FOLDER(test_names_are_no_paths),
		IN_FOLDER(test_unknown_settings_are_mistakes),
		IN_FOLDER(test_settings_of_another_type_are_mistakes),
		IN_FOLDER(test_values_out_of_range_are_mistakes),
		IN_FOLDER(test_variables_are_few_and_have_names),
		IN_FOLDER(test_where_a_value_is_wrong_the_default_stands),
		IN_FOLDER(test_a_file_that_is_no_libconfig_leaves_the_defaults),
		IN_FOLDER(test_a_file_that_cannot_be_read_leaves_the_defaults),
		IN_FOLDER(test_every_mistake_is_reported),
		cmocka_unit_test(test_nothing_is_a_configuration_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
