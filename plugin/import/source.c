/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/settings.h"
#include "base/utf8.h"

#include <utstring.h>

/* The text from the beginning of line number `line`, from 1; the end if there are not so many. */
static const char *line_at(const char *text, int line)
{
	for (; line > 1; line--) {
		const char *end = strchr(text, '\n');

		if (!end)
			return text + strlen(text);
		text = end + 1;
	}
	return text;
}

/* Where character number `column` of a line stands, from 1. */
static const char *column_at(const char *text, int column)
{
	for (; column > 1 && *text && *text != '\n'; column--) {
		uint32_t code;
		size_t length = utf8_sequence(span_of(text), &code);

		text += length ? length : 1;
	}
	return text;
}

static const char *pointer_to(const struct source *source, struct toml_place place)
{
	return column_at(line_at(source->text, place.line), place.column);
}

static struct place place_of(const struct source *source, const char *pointer)
{
	struct place place = { .file = source->path, .line = 1 };
	const char *line = source->text;

	for (const char *c = source->text; c < pointer; c++) {
		if (*c != '\n')
			continue;
		place.line++;
		line = c + 1;
	}
	place.column = (int)(pointer - line) + 1;
	return place;
}

static struct place place_of_toml(const struct source *source, struct toml_place place)
{
	if (!place.line)
		return (struct place){ .file = source->path };
	return place_of(source, pointer_to(source, place));
}

static struct place place_of_node(const struct source *source, const struct toml_node *node)
{
	return place_of_toml(source, node ? toml_place_of(node) : (struct toml_place){ 0 });
}

/* Finding a place takes time, so a hostile file shall not have as many as it likes. */
static bool is_full(const struct source *source, bool warning)
{
	return source->mistakes->total >= SOURCE_MAX_MISTAKES &&
	       (warning || source->mistakes->count);
}

/* Messages quote what is in the file. */
static void add(const struct source *source, const struct place *place, bool warning,
		const char *message)
{
	UT_string harmless;

	utstring_init(&harmless);
	utf8_append_escaped(&harmless, span_of(message));
	if (warning)
		mistakes_warn(source->mistakes, place, "%s", utstring_body(&harmless));
	else
		mistakes_add(source->mistakes, place, "%s", utstring_body(&harmless));
	utstring_done(&harmless);
}

void source_mistake_at(const struct source *source, const struct place *place, const char *message)
{
	if (!is_full(source, false))
		add(source, place, false, message);
}

static void report(const struct source *source, const struct toml_node *node, bool warning,
		   const char *format, va_list args)
{
	struct place place;
	UT_string text;

	if (is_full(source, warning))
		return;
	place = place_of_node(source, node);
	utstring_init(&text);
	utstring_printf_va(&text, format, args);
	add(source, &place, warning, utstring_body(&text));
	utstring_done(&text);
}

void source_mistake(const struct source *source, const struct toml_node *node, const char *format,
		    ...)
{
	va_list args;

	va_start(args, format);
	report(source, node, false, format, args);
	va_end(args);
}

void source_warn(const struct source *source, const struct toml_node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(source, node, true, format, args);
	va_end(args);
}

/* --- reading --- */

/* A dotted key is a table in a table for each dot, and each is taken apart inside the other. */
static bool has_deep_line(const struct source *source, struct toml_place *place)
{
	int dots = 0;

	*place = (struct toml_place){ 1, 1 };
	for (const char *c = source->text; *c; c++) {
		dots += *c == '.';
		if (dots > SOURCE_MAX_DOTS)
			return true;
		if (*c == '\n') {
			dots = 0;
			place->line++;
		}
	}
	return false;
}

int source_parse(struct source *source, const char *path, char *text, struct mistakes *mistakes)
{
	struct toml_error error = { 0 };
	struct toml_place deep;
	struct place place;

	*source = (struct source){ path, text, NULL, mistakes };
	if (has_deep_line(source, &deep)) {
		place = place_of(source, pointer_to(source, deep));
		mistakes_add(mistakes, &place, "more than %d dots in a line", SOURCE_MAX_DOTS);
		return -EINVAL;
	}
	source->toml = toml_open(text, strlen(text), &error);
	if (source->toml)
		return 0;
	place = place_of_toml(source, error.place);
	source_mistake_at(source, &place, error.text);
	return -EINVAL;
}

int source_open(struct source *source, const char *path, struct mistakes *mistakes)
{
	struct place place = { .file = path };
	char *text = settings_read_text(path, SETTINGS_TRUST_ALL);
	int error = text ? 0 : errno;

	*source = (struct source){ .path = path };
	if (text && strlen(text) > SOURCE_MAX_FILE) {
		free(text);
		error = EFBIG;
	}
	if (!error)
		return source_parse(source, path, text, mistakes);
	mistakes_add(mistakes, &place, "can't be read: %s", settings_error(error));
	return -error;
}

void source_close(struct source *source)
{
	if (source->toml)
		toml_close(source->toml);
	free(source->text);
}

/* --- strings and numbers --- */

/* Passes over the quotes before a string's first byte. */
static const char *skip_quotes(const char *text)
{
	size_t quotes = 0;

	while (quotes < 3 && (*text == '\'' || *text == '"') && text[quotes] == *text)
		quotes++;
	if (quotes < 3)
		return text + (quotes > 0);
	text += 3;
	text += text[0] == '\r' && text[1] == '\n';
	return text + (*text == '\n');
}

struct place source_place_in(const struct source *source, const struct toml_node *node,
			     size_t offset)
{
	const char *value, *text = pointer_to(source, toml_place_of(node));
	size_t length;

	if (!toml_string(node, &value, &length))
		return place_of_node(source, node);
	text = skip_quotes(text);
	for (size_t i = 0; i < offset && i < length; i++) {
		text += *text == '\r' && text[1] == '\n' && value[i] == '\n';
		if (*text++ != value[i])
			return place_of_node(source, node);
	}
	return place_of(source, text);
}

struct span source_text(const struct source *source, const struct toml_node *node, const char *name)
{
	struct span text;

	if (!node)
		return SPAN_NONE;
	if (!toml_string(node, &text.start, &text.length)) {
		source_mistake(source, node, "'%s' must be a string", name);
		return SPAN_NONE;
	}
	if (!memchr(text.start, '\0', text.length))
		return text;
	source_mistake(source, node, "there is a NUL in '%s'", name);
	return SPAN_NONE;
}

struct span source_string(const struct source *source, const struct toml_node *table,
			  const char *name)
{
	return source_text(source, toml_member(table, name), name);
}

int64_t source_integer(const struct source *source, const struct toml_node *table, const char *name,
		       int64_t least, int64_t most, int64_t fallback)
{
	const struct toml_node *node = toml_member(table, name);
	int64_t number;

	if (!node)
		return fallback;
	if (toml_integer(node, &number) && number >= least && number <= most)
		return number;
	source_mistake(source, node, "'%s' must be a whole number from %lld to %lld", name,
		       (long long)least, (long long)most);
	return fallback;
}
