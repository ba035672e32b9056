/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TOML file, made a rule file: either libconfig takes it and finds in it what the rule says, or
 * there is a reason. */
#include <libconfig.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "import/import.h"
#include "import/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_setting(const config_setting_t *rule, const char *name, const char *expected)
{
	const char *text = NULL;

	config_setting_lookup_string(rule, name, &text);
	if (!text != !expected || (text && strcmp(text, expected)))
		abort();
}

static void check_rule_file(const struct import *import)
{
	const config_setting_t *rules, *rule;
	config_t config;
	UT_string text;

	utstring_init(&text);
	writer_append(&text, import, "id", "source", "query");
	config_init(&config);
	if (config_read_string(&config, utstring_body(&text)) != CONFIG_TRUE)
		abort();
	rules = config_lookup(&config, "rules");
	if (!rules || config_setting_length(rules) != 1 ||
	    config_setting_length(config_root_setting(&config)) != 1)
		abort();
	rule = config_setting_get_elem(rules, 0);
	check_setting(rule, "id", "id");
	check_setting(rule, "name", import->rule.name);
	check_setting(rule, "description", import->rule.description);
	check_setting(rule, "note", import->rule.note);
	check_setting(rule, "condition", import->condition);
	check_setting(rule, "condition_file", import->condition ? NULL : "query");
	config_destroy(&config);
	utstring_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mistakes mistakes = { 0 };
	struct source source;
	struct import import;
	char *text;
	bool good;

	if (size > SOURCE_MAX_FILE || (size && memchr(data, '\0', size)))
		return 0;
	text = mem_strndup(size ? (const char *)data : "", size);
	good = !source_parse(&source, "fuzz.toml", text, &mistakes);
	if (good) {
		good = import_read(&import, &source);
		if (good)
			check_rule_file(&import);
		import_clear(&import);
	}
	if (good != (mistakes.count == 0))
		abort();
	source_close(&source);
	mistakes_clear(&mistakes);
	return 0;
}
