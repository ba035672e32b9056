/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"

#include <utstring.h>

void mistakes_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
{
	UT_string text;
	va_list args;

	utstring_init(&text);
	utstring_printf(&text, "%s:", place->file);
	if (place->line)
		utstring_printf(&text, "%d:", place->line);
	if (place->line && place->column)
		utstring_printf(&text, "%d:", place->column);
	utstring_printf(&text, " ");

	va_start(args, format);
	utstring_printf_va(&text, format, args);
	va_end(args);

	mistakes->message =
		mem_resize(mistakes->message, mistakes->count + 1, sizeof(*mistakes->message));
	mistakes->message[mistakes->count++] = utstring_body(&text);
}

void mistakes_clear(struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->count; i++)
		free(mistakes->message[i]);
	free(mistakes->message);
	*mistakes = (struct mistakes){ 0 };
}
