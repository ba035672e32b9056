/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "privilege/account.h"
#include "rules/printer.h"

static void look_for_env_vars(void *user, const struct field_ref *field)
{
	char name[FIELD_MAX_NAME];

	if (!strcmp(field_name(field, name, sizeof(name)), "process.env_vars"))
		*(bool *)user = true;
}

static bool asks_for_env_vars(const struct rule *rule)
{
	bool asks = false;

	condition_fields(rule->condition, look_for_env_vars, &asks);
	return asks;
}

static void check_env_vars(const struct ruleset *ruleset, struct mistakes *mistakes)
{
	for (size_t i = 0; i < ruleset->rules; i++) {
		const struct rule *rule = ruleset->rule[i];
		const struct place place = { rule->file, rule->line, 0 };

		if (asks_for_env_vars(rule))
			mistakes_warn(mistakes, &place,
				      "rule '%s' asks for process.env_vars, and the configuration's "
				      "'env_vars' names none",
				      rule->id);
	}
}

void setup_check(const struct config *config, const char *path, const struct ruleset *ruleset,
		 struct mistakes *mistakes)
{
	const struct place place = { .file = path };

	if (!ruleset->rules && !mistakes->count)
		mistakes_warn(mistakes, &(struct place){ .file = config->rules_dir },
			      "no rule is loaded");
	if (!config->env_vars)
		check_env_vars(ruleset, mistakes);
	if (path && !config->syslog.enabled && !config->file.enabled)
		mistakes_warn(mistakes, &place,
			      "alerts go nowhere: neither 'syslog' nor 'file' is enabled");
	if (path && access(config->local_dir, F_OK))
		mistakes_warn(mistakes, &(struct place){ .file = config->local_dir },
			      "there is no such folder, and so nothing is changed locally");
}

void setup_check_machine(const struct config *config, const char *path, const char *passwd, struct mistakes *mistakes)
{
	const struct place place = { .file = path };
	struct account account;

	if (!path)
		return;
	if (account_find(passwd, config->user, &account) == -ENOENT)
		mistakes_warn(mistakes, &place,
			      "there is no user '%s' in %s, so the plugin will stay root: PRIVILEGES in auspawn(8)",
			      config->user, passwd);
	if (config->read_back_ms && access(config->auditd_conf, F_OK) && errno == ENOENT)
		mistakes_warn(mistakes, &(struct place){ .file = config->auditd_conf },
			      "there is no such file, so what is lost on the way to the plugin can't be read back");
}
