/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration: whatever is in it, every setting ends within its range, and what is said of it can be
 * printed to a terminal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "config.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a string that is still open where a syntax error ends the file. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig\n";
}

/* Returns the path of a file in memory that has `data`. */
static const char *write_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("auspawn.conf", MFD_CLOEXEC);
		if (fd < 0)
			abort();
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return path;
}

static void check_file(const struct config_file *file)
{
	if (!file->path || file->format > FORMAT_TEXT)
		abort();
}

static void check_config(const struct config *config)
{
	size_t variables = 0;

	if (!config->rules_dir || !config->local_dir || !config->state_dir || !config->syslog.socket)
		abort();
	if (config->max_processes < 1024 || config->max_processes > 4194304)
		abort();
	if (config->message_size < 4000 || config->message_size > 1048576)
		abort();
	while (config->env_vars && config->env_vars[variables])
		variables++;
	if (variables > PROCFS_MAX_VARIABLES)
		abort();
	check_file(&config->file);
	check_file(&config->events);
}

static void check_mistakes(const struct mistakes *mistakes)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct span rest;

	if (!out)
		abort();
	mistakes_print(mistakes, MISTAKES_ALL, out);
	fclose(out);
	rest = (struct span){ text, size };
	while (rest.length) {
		uint32_t code;
		size_t length = utf8_sequence(rest, &code);

		if (!length || (code != '\n' && utf8_is_control(code)))
			abort();
		rest.start += length;
		rest.length -= length;
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(write_file(data, size), SETTINGS_TRUST_ALL, &mistakes);

	check_config(config);
	check_mistakes(&mistakes);
	config_free(config);
	mistakes_clear(&mistakes);
	return 0;
}
