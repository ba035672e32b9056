/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libconfig tells only the line at which it could not go on. */
#define SYNTAX_HINT "; look for a missing ',', ';' or quote here and on the lines above"

#define MAX_DURATION_S (366LL * 24 * 60 * 60)

/* libconfig would read other files into this one, whose places could not be told any more; folders of rule
 * files do the same better. Returns the number of the first line that asks for it; 0 if none does. */
static int include_line(const char *text)
{
	int line = 1;

	for (; text; line++) {
		text += strspn(text, " \t");
		if (!strncmp(text, "@include", strlen("@include")))
			return line;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return 0;
}

bool settings_open(struct settings *settings, const char *path, enum settings_trust trust,
		   struct mistakes *mistakes)
{
	const char *error;
	struct place place = { .file = path };

	config_init(&settings->config);
	settings->path = mem_strdup(path);
	settings->mistakes = mistakes;
	settings->trust = trust;
	settings->text = settings_read_text(path, trust);
	if (!settings->text) {
		mistakes_add(mistakes, &place, "can't be read: %s", settings_error(errno));
		return false;
	}
	settings_check_owner(path, trust, mistakes);
	place.line = include_line(settings->text);
	place.column = 1;
	if (place.line) {
		mistakes_add(mistakes, &place, "@include is not possible here");
		return false;
	}
	if (config_read_string(&settings->config, settings->text))
		return true;
	place.line = config_error_line(&settings->config);
	error = config_error_text(&settings->config);
	mistakes_add(mistakes, &place, "%s%s", error ? error : "can't be parsed",
		     error && !strcmp(error, "syntax error") ? SYNTAX_HINT : "");
	return false;
}

void settings_close(struct settings *settings)
{
	config_destroy(&settings->config);
	free(settings->path);
	free(settings->text);
}

static const char *line_start(const struct settings *settings, int line)
{
	const char *at = settings->text;

	for (; line > 1 && at; line--) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? at : settings->text;
}

static struct place place_of(const struct settings *settings, const char *at)
{
	struct place place = { settings->path, 1, 1 };
	const char *start = settings->text;

	for (const char *c = settings->text; c < at; c++) {
		if (*c == '\n') {
			place.line++;
			start = c + 1;
		}
	}
	place.column = (int)(at - start) + 1;
	return place;
}

/* Passes over blanks and comments, as libconfig's scanner does. */
static const char *skip_blanks(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n\f");
		if (*at == '#' || (at[0] == '/' && at[1] == '/')) {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			at = strstr(at + 2, "*/");
			if (!at)
				return "";
			at += 2;
		} else {
			return at;
		}
	}
}

/* Where a name stands at the left of = or : on the line that begins at `line`; NULL if nowhere. */
static const char *find_name(const char *line, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-*";
	const char *end = line + strcspn(line, "\n");

	while (line < end) {
		size_t length = strspn(line, letters);

		if (*line == '#' || (line[0] == '/' && line[1] == '/'))
			return NULL;
		if (line[0] == '/' && line[1] == '*') {
			line = strstr(line + 2, "*/");
			if (!line)
				return NULL;
			line += 2;
		} else if (*line == '"') {
			line++;
			while (line < end && *line != '"')
				line += *line == '\\' ? 2 : 1;
			line++;
		} else if (length == strlen(name) && !strncmp(line, name, length) &&
			   strchr("=:", *skip_blanks(line + length))) {
			return line;
		} else {
			line += length ? length : 1;
		}
	}
	return NULL;
}

/* Where a setting's name stands; the line where it has none. */
static struct place place_of_setting(const struct settings *settings,
				     const config_setting_t *setting)
{
	const char *line = line_start(settings, (int)config_setting_source_line(setting));
	const char *name = config_setting_name(setting);
	const char *at = name ? find_name(line, name) : NULL;

	return place_of(settings, at ? at : line + strspn(line, " \t"));
}

static void report(const struct settings *settings, const config_setting_t *setting,
		   void (*add)(struct mistakes *, const struct place *, const char *, ...),
		   const char *format, va_list args)
{
	struct place place = place_of_setting(settings, setting);
	char message[512];

	vsnprintf(message, sizeof(message), format, args);
	add(settings->mistakes, &place, "%s", message);
}

void settings_mistake(const struct settings *settings, const config_setting_t *setting,
		      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(settings, setting, mistakes_add, format, args);
	va_end(args);
}

void settings_warn(const struct settings *settings, const config_setting_t *setting,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(settings, setting, mistakes_warn, format, args);
	va_end(args);
}

/* Reads one character of a string (libconfig manual: String Values). Which escapes there are depends on
 * libconfig's version, so what it made of this one decides: `wanted`, or nothing fits. */
static const char *read_character(const char *at, char wanted, char *character)
{
	static const char escapes[] = "n\nr\rt\tf\fa\ab\bv\v\\\\\"\"";
	unsigned int hex;

	*character = *at;
	if (*at != '\\' || !at[1])
		return at + 1;
	for (const char *escape = escapes; *escape; escape += 2) {
		if (at[1] == escape[0] && wanted == escape[1]) {
			*character = wanted;
			return at + 2;
		}
	}
	if ((at[1] | 0x20) == 'x' && strspn(at + 2, "0123456789abcdefABCDEF") >= 2 &&
	    sscanf(at + 2, "%2x", &hex) == 1 && (char)hex == wanted) {
		*character = wanted;
		return at + 4;
	}
	/* The quote is no end, whatever else it is. */
	return at + 1 + (at[1] == '"');
}

/* A value as it stands in the file, maybe `wanted`: adjacent strings that libconfig joins. `starts[i]` is where byte `i`
 * was written, one element more for the end. Returns what follows. */
static const char *read_strings(const char *at, const char *wanted, UT_string *value,
				const char ***starts)
{
	size_t wanted_length = strlen(wanted);
	size_t allocated = 0;
	const char *end = at;

	while (*at == '"') {
		at++;
		for (;;) {
			size_t length = utstring_len(value);
			char character;

			if (length + 2 > allocated) {
				allocated = allocated ? allocated * 2 : 256;
				*starts = mem_resize(*starts, allocated, sizeof(**starts));
			}
			(*starts)[length] = at;
			if (!*at || *at == '"')
				break;
			at = read_character(at, length < wanted_length ? wanted[length] : 0,
					    &character);
			utstring_bincpy(value, &character, 1);
		}
		if (*at)
			at++;
		end = at;
		at = skip_blanks(at);
	}
	return end;
}

/* Where the setting begins, by its name; an element of a list is somewhere behind the list's. */
static const char *beginning(const struct settings *settings, const config_setting_t *setting)
{
	const char *line, *name;

	while (!config_setting_name(setting) && config_setting_parent(setting))
		setting = config_setting_parent(setting);
	line = line_start(settings, (int)config_setting_source_line(setting));
	name = config_setting_name(setting) ? find_name(line, config_setting_name(setting)) : NULL;
	return name ? name : line;
}

struct place settings_place_in(const struct settings *settings, const config_setting_t *setting,
			       size_t offset)
{
	const char *wanted = config_setting_get_string(setting);
	const char *at = beginning(settings, setting);
	const char *found = NULL;
	const char **starts = NULL;
	UT_string value;

	utstring_init(&value);
	while (!found && *(at = skip_blanks(at))) {
		if (*at != '"') {
			at++;
			continue;
		}
		utstring_clear(&value);
		at = read_strings(at, wanted, &value, &starts);
		if (!strcmp(utstring_body(&value), wanted) && offset <= utstring_len(&value))
			found = starts[offset];
	}
	utstring_done(&value);
	free(starts);
	return place_of(settings, found ? found : beginning(settings, setting));
}

void settings_check_names(const struct settings *settings, const config_setting_t *group,
			  const char *const known[])
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned int)i);
		size_t j = 0;

		while (known[j] && strcmp(known[j], config_setting_name(member)))
			j++;
		if (!known[j])
			settings_mistake(settings, member, "unknown setting '%s'",
					 config_setting_name(member));
	}
}

const char *settings_string(const struct settings *settings, const config_setting_t *group,
			    const char *name, const char *fallback)
{
	const config_setting_t *setting = config_setting_get_member(group, name);

	if (!setting)
		return fallback;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		return config_setting_get_string(setting);
	settings_mistake(settings, setting, "'%s' must be a string", name);
	return fallback;
}

bool settings_bool(const struct settings *settings, const config_setting_t *group,
		   const char *name, bool fallback)
{
	const config_setting_t *setting = config_setting_get_member(group, name);

	if (!setting)
		return fallback;
	if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		return config_setting_get_bool(setting);
	settings_mistake(settings, setting, "'%s' must be true or false", name);
	return fallback;
}

int64_t settings_integer(const struct settings *settings, const config_setting_t *group,
			 const char *name, int64_t least, int64_t most, int64_t fallback)
{
	const config_setting_t *setting = config_setting_get_member(group, name);
	int64_t number;

	if (!setting)
		return fallback;
	if (config_setting_type(setting) == CONFIG_TYPE_INT ||
	    config_setting_type(setting) == CONFIG_TYPE_INT64) {
		number = config_setting_get_int64(setting);
		if (number >= least && number <= most)
			return number;
	}
	settings_mistake(settings, setting, "'%s' must be a whole number from %lld to %lld", name,
			 (long long)least, (long long)most);
	return fallback;
}

int64_t settings_duration(const struct settings *settings, const config_setting_t *group,
			  const char *name, int64_t least, int64_t fallback)
{
	static const struct {
		char letter;
		long long seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const config_setting_t *setting = config_setting_get_member(group, name);
	const char *text = settings_string(settings, group, name, NULL);
	long long number;
	char letter, more;

	if (!text)
		return fallback;
	if (sscanf(text, "%9lld%c%c", &number, &letter, &more) == 2 && number >= least) {
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
			if (letter == units[i].letter &&
			    number * units[i].seconds <= MAX_DURATION_S)
				return number * units[i].seconds * 1000;
		}
	}
	settings_mistake(settings, setting,
			 "'%s' must be a duration such as \"90s\", \"61m\", \"1h\" or \"14d\"", name);
	return fallback;
}

void settings_append_duration(UT_string *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		char letter;
	} units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };
	size_t i = 0;

	while (i < 3 && (ms % units[i].ms || !ms))
		i++;
	utstring_printf(out, "%" PRId64 "%c", ms / units[i].ms, units[i].letter);
}

config_setting_t *settings_group(const struct settings *settings, const config_setting_t *group,
				 const char *name)
{
	config_setting_t *setting = config_setting_get_member(group, name);

	if (!setting || config_setting_is_group(setting))
		return setting;
	settings_mistake(settings, setting, "'%s' must be a group, { ... }", name);
	return NULL;
}

config_setting_t *settings_list(const struct settings *settings, const config_setting_t *group,
				const char *name)
{
	config_setting_t *setting = config_setting_get_member(group, name);

	if (!setting || config_setting_is_list(setting) || config_setting_is_array(setting))
		return setting;
	settings_mistake(settings, setting, "'%s' must be a list, ( ... )", name);
	return NULL;
}

char *settings_path(const struct settings *settings, const char *path)
{
	const char *slash = strrchr(settings->path, '/');
	UT_string joined;

	if (path[0] == '/' || !slash)
		return mem_strdup(path);
	utstring_init(&joined);
	utstring_bincpy(&joined, settings->path, (size_t)(slash - settings->path) + 1);
	utstring_printf(&joined, "%s", path);
	return utstring_body(&joined);
}
