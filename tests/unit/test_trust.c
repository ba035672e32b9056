/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others than root can write does not steer a plugin that runs as root. */
#include "rules_alert_support.h"

#include "base/settings.h"
#include "config.h"

#define RULE "rules = ( { id = \"r\"; condition = \"process.pid == 1\"; } );\n"
#define RULE_OF_FILE "rules = ( { id = \"r\"; condition_file = \"r.eql\"; } );\n"
#define REFUSED "can't be read: others than root can write it: chown root, chmod go-w"

static const struct ownership {
	uid_t owner;
	mode_t mode;
	bool trusted;
} ownerships[] = {
	{ 0, 0644, true },  { 0, 0600, true },  { 0, 0400, true },      { 0, 0664, false },
	{ 0, 0646, false }, { 0, 0666, false }, { 65534, 0644, false }, { 65534, 0600, false },
};

static void own(const char *path, uid_t owner, mode_t mode)
{
	assert_int_equal(chown(path, owner, 0), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* Only root can make files of others. */
static void skip_unless_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("SKIP: only root can give files away\n");
	skip();
}

static void assert_rules(const struct folder *folder, enum settings_trust trust, size_t rules,
			 const char *refused)
{
	const struct ruleset_sources sources = { .rules_dir = folder->path, .trust = trust };
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset = ruleset_load(&sources, &mistakes);
	char expected[512];

	assert_int_equal(ruleset->rules, rules);
	assert_int_equal(mistakes.count, refused ? 1 : 0);
	if (refused) {
		snprintf(expected, sizeof(expected), "%s", refused);
		assert_non_null(strstr(mistakes.all[0].text, expected));
	}
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

static void test_a_rule_file_of_others_is_refused(void **state)
{
	struct folder *folder = *state;

	skip_unless_root();
	write_text(folder_file(folder, "a.conf"), RULE);
	for (size_t i = 0; i < COUNT_OF(ownerships); i++) {
		bool trusted = ownerships[i].trusted;

		own(folder_file(folder, "a.conf"), ownerships[i].owner, ownerships[i].mode);
		assert_rules(folder, SETTINGS_TRUST_ROOT, trusted, trusted ? NULL : REFUSED);
		assert_rules(folder, SETTINGS_TRUST_ALL, 1, NULL);
	}
}

static void test_a_condition_file_of_others_is_refused(void **state)
{
	struct folder *folder = *state;

	skip_unless_root();
	write_text(folder_file(folder, "a.conf"), RULE_OF_FILE);
	own(folder_file(folder, "a.conf"), 0, 0644);
	write_text(folder_file(folder, "r.eql"), "process where process.pid == 1\n");
	for (size_t i = 0; i < COUNT_OF(ownerships); i++) {
		bool trusted = ownerships[i].trusted;

		own(folder_file(folder, "r.eql"), ownerships[i].owner, ownerships[i].mode);
		assert_rules(folder, SETTINGS_TRUST_ROOT, trusted, trusted ? NULL : REFUSED);
		assert_rules(folder, SETTINGS_TRUST_ALL, 1, NULL);
	}
}

/* Whoever can write the folder can put another file in a trusted one's place. */
static void test_a_folder_of_others_is_refused(void **state)
{
	struct folder *folder = *state;

	skip_unless_root();
	write_text(folder_file(folder, "a.conf"), RULE);
	own(folder_file(folder, "a.conf"), 0, 0644);
	own(folder->path, 0, 0755);
	assert_rules(folder, SETTINGS_TRUST_ROOT, 1, NULL);
	own(folder->path, 0, 0775);
	assert_rules(folder, SETTINGS_TRUST_ROOT, 0, REFUSED);
	own(folder->path, 65534, 0755);
	assert_rules(folder, SETTINGS_TRUST_ROOT, 0, REFUSED);
	assert_rules(folder, SETTINGS_TRUST_ALL, 1, NULL);
}

static void test_a_configuration_of_others_is_refused(void **state)
{
	struct folder *folder = *state;

	skip_unless_root();
	write_text(folder_file(folder, "auspawn.conf"), "max_processes = 2000;\n");
	for (size_t i = 0; i < COUNT_OF(ownerships); i++) {
		const char *path = folder_file(folder, "auspawn.conf");
		struct mistakes mistakes = { 0 };
		struct config *config;

		own(path, ownerships[i].owner, ownerships[i].mode);
		config = config_load(path, SETTINGS_TRUST_ROOT, &mistakes);
		assert_int_equal(mistakes.count, !ownerships[i].trusted);
		assert_int_equal(config->max_processes, ownerships[i].trusted ? 2000 : 65536);
		config_free(config);
		mistakes_clear(&mistakes);
	}
}

static void test_who_asks_is_warned_of_what_will_be_refused(void **state)
{
	struct folder *folder = *state;
	const struct ruleset_sources sources = { .rules_dir = folder->path,
						 .trust = SETTINGS_WARN_OF_OTHERS };
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;

	skip_unless_root();
	write_text(folder_file(folder, "a.conf"), RULE_OF_FILE);
	write_text(folder_file(folder, "r.eql"), "process where process.pid == 1\n");
	own(folder->path, 0, 0777);
	own(folder_file(folder, "a.conf"), 65534, 0644);
	own(folder_file(folder, "r.eql"), 0, 0664);
	ruleset = ruleset_load(&sources, &mistakes);
	assert_int_equal(ruleset->rules, 1);
	assert_int_equal(mistakes.count, 0);
	assert_int_equal(mistakes.total, 3);
	for (size_t i = 0; i < mistakes.total; i++)
		assert_non_null(strstr(mistakes.all[i].text,
				       ": warning: the plugin will refuse it: others than root"));
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

/* Whoever is not root has no file that is trusted. */
static void test_what_is_not_roots_is_refused_for_everybody(void **state)
{
	struct folder *folder = *state;

	write_text(folder_file(folder, "a.conf"), RULE);
	assert_int_equal(chmod(folder_file(folder, "a.conf"), 0666), 0);
	assert_rules(folder, SETTINGS_TRUST_ROOT, 0, REFUSED);
	assert_rules(folder, SETTINGS_TRUST_ALL, 1, NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_rule_file_of_others_is_refused),
		IN_FOLDER(test_a_condition_file_of_others_is_refused),
		IN_FOLDER(test_a_folder_of_others_is_refused),
		IN_FOLDER(test_a_configuration_of_others_is_refused),
		IN_FOLDER(test_who_asks_is_warned_of_what_will_be_refused),
		IN_FOLDER(test_what_is_not_roots_is_refused_for_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
