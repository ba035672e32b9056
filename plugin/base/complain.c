/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

void complain(const char *format, ...)
{
	UT_string text, line;
	va_list args;

	utstring_init(&text);
	utstring_init(&line);
	va_start(args, format);
	utstring_printf_va(&text, format, args);
	va_end(args);
	utf8_append_escaped(&line, (struct span){ utstring_body(&text), utstring_len(&text) });
	fprintf(stderr, "auspawn: %s\n", utstring_body(&line));
	utstring_done(&text);
	utstring_done(&line);
}
