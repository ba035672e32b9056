/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder that imported rules go to: names of files and ids, and writing without going astray.
 */
#ifndef AUSPAWN_IMPORT_OUTPUT_H
#define AUSPAWN_IMPORT_OUTPUT_H

#include <stdbool.h>

#include "base/mistakes.h"
#include "import/import.h"

struct output_name;

struct output {
	const char *folder;
	int fd;			   /* of the folder */
	bool force;		   /* files that were there before are replaced */
	struct output_name *names; /* what has been written: hashes by name and by id */
	struct output_name *ids;
};

/* Opens the folder, which is made if it is not there; `folder` must outlive the output. Returns a
 * negative errno. output_close() must be called either way. */
int output_open(struct output *output, const char *folder, bool force);
void output_close(struct output *output);

/* Writes NAME.conf and, beside it, the query, where NAME is that of the file at `path`, made
 * harmless and unlike those before. Nothing outside of the folder is touched, whatever the names
 * are. Returns false after having reported a mistake; then neither is there. */
bool output_write(struct output *output, const char *path, const struct import *import,
		  struct mistakes *mistakes);

#endif
