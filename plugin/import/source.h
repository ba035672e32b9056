/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TOML file that is imported, read so that every mistake can be reported with its place. */
#ifndef AUSPAWN_IMPORT_SOURCE_H
#define AUSPAWN_IMPORT_SOURCE_H

#include "base/mistakes.h"
#include "base/span.h"
#include "import/toml.h"

#define SOURCE_MAX_FILE	    (1u << 20) /* bytes */
#define SOURCE_MAX_MISTAKES 100	       /* and warnings; but one mistake at least is told */
#define SOURCE_MAX_DOTS	    400	       /* in a line: a key with as many is a table as deep */

struct source {
	const char *path;
	char *text;
	struct toml_file *toml;
	struct mistakes *mistakes;
};

/* Reads and parses the file. `path` and `mistakes` must outlive the source. Returns a negative
 * errno if it can't be read, -EINVAL if it isn't TOML, with the mistake reported. source_close()
 * must be called either way. */
int source_open(struct source *source, const char *path, struct mistakes *mistakes);

/* The same of a text that was read already, which must end with a NUL and is taken over. */
int source_parse(struct source *source, const char *path, char *text, struct mistakes *mistakes);
void source_close(struct source *source);

/* Report a mistake, or what is left out of a rule that is taken otherwise, at a node; NULL is the
 * whole file. */
void source_mistake(const struct source *source, const struct toml_node *node, const char *format,
		    ...) __attribute__((format(printf, 3, 4)));
void source_warn(const struct source *source, const struct toml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reports a mistake at a place of the file. Here and above, what steers a terminal is made
 * harmless. */
void source_mistake_at(const struct source *source, const struct place *place, const char *message);

/* Where byte `offset` of a string was written; the string's own place if escapes stand before it. */
struct place source_place_in(const struct source *source, const struct toml_node *node,
			     size_t offset);

/* Member `name` of `table`, or SPAN_NONE if it is not there. What is no string, or has a NUL in it,
 * is a mistake. */
struct span source_string(const struct source *source, const struct toml_node *table,
			  const char *name);

/* The same of one node, which may be NULL; `name` is for the mistake. */
struct span source_text(const struct source *source, const struct toml_node *node,
			const char *name);

/* Member `name` of `table`, or `fallback` if it is not there; outside of `least` to `most` it is a
 * mistake. */
int64_t source_integer(const struct source *source, const struct toml_node *table, const char *name,
		       int64_t least, int64_t most, int64_t fallback);

#endif
