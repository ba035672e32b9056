/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EXECVE records, one to a line, as attackers would have them: whatever was accepted must be in bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "audit/argv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct args *args)
{
	for (uint32_t i = 0; i < args->known; i++) {
		const struct arg *arg = &args->arg[i];

		if (arg->length != ARG_MISSING &&
		    (uint64_t)arg->start + arg->length > args->text_length)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size };
	struct argv argv;
	struct args args;

	argv_init(&argv);
	while (rest.length) {
		const char *end = memchr(rest.start, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.start) : rest.length;

		argv_add(&argv, (struct span){ rest.start, length });
		rest.start += length + (end != NULL);
		rest.length -= length + (end != NULL);
	}
	args = argv_args(&argv);
	if (args.text)
		check(&args);
	argv_free(&argv);
	return 0;
}
