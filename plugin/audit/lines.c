/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/lines.h"

#include <stdlib.h>

#include "base/memory.h"

static void keep_partial(struct lines *lines, struct span rest)
{
	if (lines->skipping)
		return;
	if (lines->length + rest.length > LINES_MAX_LENGTH) {
		lines->skipping = true;
		lines->too_long++;
		lines->length = 0;
		return;
	}
	if (!lines->partial)
		lines->partial = mem_resize(NULL, LINES_MAX_LENGTH, 1);
	if (rest.length)
		memcpy(lines->partial + lines->length, rest.start, rest.length);
	lines->length += rest.length;
}

static void finish_line(struct lines *lines, struct span end, lines_handler handle, void *user)
{
	if (lines->length || lines->skipping) {
		keep_partial(lines, end);
		end = (struct span){ lines->partial, lines->length };
	} else if (end.length > LINES_MAX_LENGTH) {
		lines->too_long++;
		return;
	}
	lines->length = 0;
	if (!lines->skipping)
		handle(user, end);
	lines->skipping = false;
}

void lines_feed(struct lines *lines, struct span data, lines_handler handle, void *user)
{
	while (data.length) {
		const char *newline = memchr(data.start, '\n', data.length);
		struct span line = { data.start, newline ? (size_t)(newline - data.start) : 0 };

		if (!newline) {
			keep_partial(lines, data);
			return;
		}
		finish_line(lines, line, handle, user);
		data.start = newline + 1;
		data.length -= line.length + 1;
	}
}

void lines_cut(struct lines *lines)
{
	lines->cut += lines->length > 0;
	lines->length = 0;
	lines->skipping = false;
}

void lines_clear(struct lines *lines)
{
	free(lines->partial);
	*lines = (struct lines){ 0 };
}
