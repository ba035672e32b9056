/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule files and configurations: each mistake has a place in the file, and whatever loads can be freed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "rules/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a string that is still open where a syntax error ends the file. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig\n";
}

static char folder[] = "/tmp/auspawn-fuzz.XXXXXX";
static char path[64];

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void write_file(const uint8_t *data, size_t size)
{
	FILE *file;

	if (!path[0]) {
		if (!mkdtemp(folder))
			abort();
		snprintf(path, sizeof(path), "%s/1.conf", folder);
		atexit(remove_folder);
	}
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
}

static void check(struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->count; i++) {
		if (strncmp(mistakes->all[i].text, folder, strlen(folder)))
			abort();
	}
	mistakes_clear(mistakes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;

	write_file(data, size);
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder,
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	if (mistakes.count && ruleset->rules)
		abort();
	ruleset_free(ruleset);
	check(&mistakes);
	config_free(config_load(path, SETTINGS_TRUST_ALL, &mistakes));
	check(&mistakes);
	return 0;
}
