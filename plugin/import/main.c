/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auspawn-import, which `auspawn import` becomes: the command line. A program of its own, as it
 * needs the C++ library, and the plugin shall not. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "import/import.h"
#include "import/output.h"

#define STATUS_SOME_NOT 1
#define STATUS_USAGE	2

static const char usage[] =
	"usage: auspawn import [-o DIR] [--force] FILE...\n"
	"\n"
	"Makes rule files of Elastic's detection rules (TOML). FILE.toml becomes FILE.conf, and "
	"its query\n"
	"stands verbatim beside it. What can't be carried over is told, rule by rule.\n"
	"\n"
	"  -o DIR   rule files go there (the current folder)\n"
	"  --force  replace files that are there already\n"
	"  -h       print this help\n";

/* Returns 0, or a negative errno for a file that can't be read; *done counts rules that went over. */
static int import_file(const char *path, struct output *output, size_t *done)
{
	struct mistakes mistakes = { 0 };
	struct source source;
	struct import import;
	int error = source_open(&source, path, &mistakes);

	if (!error) {
		if (import_read(&import, &source) && output_write(output, path, &import, &mistakes))
			++*done;
		import_clear(&import);
	}
	source_close(&source);
	fflush(stdout);
	mistakes_print(&mistakes, MISTAKES_ALL, stderr);
	mistakes_clear(&mistakes);
	return error == -EINVAL ? 0 : error; /* what isn't TOML was read */
}

static int import_files(const char *folder, bool force, char **file, int files)
{
	struct output output;
	size_t done = 0;
	int status = 0;
	int error = output_open(&output, folder, force);

	if (error) {
		fprintf(stderr, "auspawn: %s: %s\n", folder, strerror(-error));
		output_close(&output);
		return STATUS_USAGE;
	}
	for (int i = 0; i < files; i++) {
		if (import_file(file[i], &output, &done))
			status = STATUS_USAGE;
	}
	output_close(&output);
	printf("%zu of %d rules imported\n", done, files);
	if (!status && done < (size_t)files)
		status = STATUS_SOME_NOT;
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "force", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *folder = ".";
	bool force = false;
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) >= 0) {
		if (option == 'o') {
			folder = optarg;
		} else if (option == 'f') {
			force = true;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		} else {
			fputs(usage, stderr);
			return STATUS_USAGE;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "auspawn: no files to import\n%s", usage);
		return STATUS_USAGE;
	}
	return import_files(folder, force, argv + optind, argc - optind);
}
