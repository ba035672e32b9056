/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TOML files as C sees them: a thin face of toml++, which is C++. Nothing here throws. */
#ifndef AUSPAWN_IMPORT_TOML_H
#define AUSPAWN_IMPORT_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct toml_file; /* a parsed file, which owns its nodes */
struct toml_node; /* a value, a table or an array */

/* From 1, 0 where it is not known; a column counts characters. */
struct toml_place {
	int line, column;
};

struct toml_error {
	struct toml_place place;
	char text[200];
};

/* Returns the file, which toml_close() releases; NULL if `text` isn't TOML, and `error` says why.
 * Tables may stand TOML_MAX_DEPTH deep in values; how many dots a key has is not bounded. */
#define TOML_MAX_DEPTH 16
struct toml_file *toml_open(const char *text, size_t length, struct toml_error *error);
void toml_close(struct toml_file *file);

const struct toml_node *toml_root(const struct toml_file *file);

/* NULL if `table` is none, or has no such member. `table` may be NULL. */
const struct toml_node *toml_member(const struct toml_node *table, const char *name);

bool toml_is_table(const struct toml_node *node);
bool toml_is_array(const struct toml_node *node);

/* How many elements an array has, 0 for what is none; and one of them, NULL if there are not so many. */
size_t toml_elements(const struct toml_node *array);
const struct toml_node *toml_element(const struct toml_node *array, size_t index);

/* Return false if the node is of another type. A string is the file's own; there can be NULs in it. */
bool toml_string(const struct toml_node *node, const char **text, size_t *length);
bool toml_integer(const struct toml_node *node, int64_t *number);

struct toml_place toml_place_of(const struct toml_node *node);

#ifdef __cplusplus
}
#endif

#endif
