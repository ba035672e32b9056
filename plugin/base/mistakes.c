/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

#define MAX_SHOWN 160 /* bytes of a line */

static void append_place(UT_string *text, const struct place *place)
{
	utstring_printf(text, "%s:", place->file);
	if (place->line)
		utstring_printf(text, "%d:", place->line);
	if (place->line && place->column)
		utstring_printf(text, "%d:", place->column);
}

static void add(struct mistakes *mistakes, const struct place *place, bool warning,
		const char *format, va_list args)
{
	struct mistake *mistake;
	UT_string text;

	/* Whoever has so many has not read the first; but the file must not pass for a good one. Warnings leave
	 * room for mistakes. */
	if (mistakes->total > MISTAKES_MAX || (warning && mistakes->total >= MISTAKES_MAX / 2))
		return;
	utstring_init(&text);
	append_place(&text, place);
	utstring_printf(&text, warning ? " warning: " : " ");
	if (mistakes->total == MISTAKES_MAX)
		utstring_printf(&text, "too many mistakes: further ones are not told");
	else
		utstring_printf_va(&text, format, args);

	mistakes->all = mem_resize(mistakes->all, mistakes->total + 1, sizeof(*mistakes->all));
	mistake = &mistakes->all[mistakes->total++];
	*mistake = (struct mistake){ *place, warning, utstring_body(&text) };
	mistake->place.file = mem_strdup(place->file);
	mistakes->count += !warning;
}

void mistakes_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(mistakes, place, false, format, args);
	va_end(args);
}

void mistakes_warn(struct mistakes *mistakes, const struct place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(mistakes, place, true, format, args);
	va_end(args);
}

void mistakes_move(struct mistakes *mistakes, struct mistakes *from)
{
	if (from->total)
		mistakes->all = mem_resize(mistakes->all, mistakes->total + from->total,
					   sizeof(*mistakes->all));
	for (size_t i = 0; i < from->total; i++)
		mistakes->all[mistakes->total++] = from->all[i];
	mistakes->count += from->count;
	free(from->all);
	*from = (struct mistakes){ 0 };
}

/* Reads line number `number` into `line`, which free() releases. Returns false if there is none. */
static bool read_line(const char *path, int number, char **line, size_t *length)
{
	FILE *file = fopen(path, "re");
	size_t allocated = 0;
	ssize_t n = -1;

	*line = NULL;
	if (!file)
		return false;
	for (; number > 0; number--) {
		n = getline(line, &allocated, file);
		if (n < 0)
			break;
	}
	fclose(file);
	if (n > 0 && (*line)[n - 1] == '\n')
		n--;
	*length = n < 0 ? 0 : (size_t)n;
	return n >= 0;
}

/* A long line is shown from a little before the place. */
static void print_line(FILE *out, struct span line, size_t column)
{
	size_t start = column > MAX_SHOWN / 2 ? column - MAX_SHOWN / 2 : 0;
	size_t shown = line.length - start < MAX_SHOWN ? line.length - start : MAX_SHOWN;
	UT_string text;
	int columns;

	utstring_init(&text);
	columns = utf8_append_shown(&text, (struct span){ line.start + start, column - start });
	utf8_append_shown(&text, (struct span){ line.start + column, start + shown - column });
	fprintf(out, "  %s\n  %*s^\n", utstring_body(&text), columns, "");
	utstring_done(&text);
}

static void print(const struct mistake *mistake, FILE *out)
{
	const struct place *place = &mistake->place;
	struct span line;
	char *text = NULL;

	/* A file's name and what a message quotes of it can hold anything. */
	utf8_print_shown(out, span_of(mistake->text));
	if (place->line && place->column &&
	    read_line(place->file, place->line, &text, &line.length) &&
	    (size_t)place->column <= line.length + 1) {
		line.start = text;
		print_line(out, line, (size_t)place->column - 1);
	}
	free(text);
}

void mistakes_print(const struct mistakes *mistakes, enum mistakes_shown shown, FILE *out)
{
	for (size_t i = 0; i < mistakes->total; i++) {
		if (shown == MISTAKES_ALL || !mistakes->all[i].warning)
			print(&mistakes->all[i], out);
	}
}

void mistakes_clear(struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->total; i++) {
		free((char *)mistakes->all[i].place.file);
		free(mistakes->all[i].text);
	}
	free(mistakes->all);
	*mistakes = (struct mistakes){ 0 };
}
