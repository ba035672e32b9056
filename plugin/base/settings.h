/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libconfig files, read so that every mistake can be reported with its place. The getters report what is
 * wrong and return the default, so a reader goes through a whole file and looks at the end whether
 * mistakes were added.
 */
#ifndef AUSPAWN_BASE_SETTINGS_H
#define AUSPAWN_BASE_SETTINGS_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/mistakes.h"

#include <utstring.h>

#define SETTINGS_MAX_FILE (4u << 20) /* bytes; a larger file is a mistake */

/* Whose files are read: those that only root can write, or everybody's. */
enum settings_trust {
	SETTINGS_TRUST_ROOT,
	SETTINGS_TRUST_ALL,
	SETTINGS_WARN_OF_OTHERS, /* everybody's, but who trusts only root will refuse them */
};

struct settings {
	config_t config;
	enum settings_trust trust;
	char *path;
	char *text;
	struct mistakes *mistakes;
};

/* Reads and parses a file. Returns false, with the mistake reported, if there is nothing to read
 * settings from; settings_close() must be called either way. */
bool settings_open(struct settings *settings, const char *path, enum settings_trust trust,
		   struct mistakes *mistakes);
void settings_close(struct settings *settings);

/* Reports a mistake, or what is only suspicious, at a setting. */
void settings_mistake(const struct settings *settings, const config_setting_t *setting,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));
void settings_warn(const struct settings *settings, const config_setting_t *setting,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Where byte `offset` of a string setting's value was written: a value can be made of several strings,
 * over several lines, with escapes. */
struct place settings_place_in(const struct settings *settings, const config_setting_t *setting,
			       size_t offset);

/* Reports the members of `group` that are not in `known`, which ends with NULL. */
void settings_check_names(const struct settings *settings, const config_setting_t *group,
			  const char *const known[]);

/* Each returns member `name` of `group`, or `fallback` if it is not there or not of the type. Strings are
 * the settings' own. */
const char *settings_string(const struct settings *settings, const config_setting_t *group,
			    const char *name, const char *fallback);
bool settings_bool(const struct settings *settings, const config_setting_t *group,
		   const char *name, bool fallback);
int64_t settings_integer(const struct settings *settings, const config_setting_t *group,
			 const char *name, int64_t least, int64_t most, int64_t fallback);

/* A duration such as "61m": a whole number, `least` or more, and s, m, h or d. In milliseconds, at most 366
 * days. */
int64_t settings_duration(const struct settings *settings, const config_setting_t *group,
			  const char *name, int64_t least, int64_t fallback);

/* Appends a duration as settings have it, in the largest unit of which it is a whole number. */
void settings_append_duration(UT_string *out, int64_t ms);

/* Member `name` of `group`, which must be a group, or a list or array; NULL if it is not there. */
config_setting_t *settings_group(const struct settings *settings, const config_setting_t *group,
				 const char *name);
config_setting_t *settings_list(const struct settings *settings, const config_setting_t *group,
				const char *name);

/* Returns the text of a file with a NUL behind, which free() releases; or NULL with errno set: EFBIG if it
 * has more than SETTINGS_MAX_FILE bytes, EILSEQ if there is a NUL in it, EPERM if others than root can write
 * it and are not trusted. */
char *settings_read_text(const char *path, enum settings_trust trust);

/* What such an errno means, for people. */
const char *settings_error(int error);

/* Warns of a file or folder that others than root can write, if the settings are read for that. */
void settings_check_owner(const char *path, enum settings_trust trust, struct mistakes *mistakes);

/* Is `path` a folder, and one that only root can write if only that is trusted? If not, reports it. */
bool settings_check_folder(const char *path, enum settings_trust trust, struct mistakes *mistakes);

/* Returns `path`, which free() releases; a relative one is taken from the folder of the file. */
char *settings_path(const struct settings *settings, const char *path);

#endif
