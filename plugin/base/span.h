/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of bytes that somebody else owns. `start` is NULL where there is nothing at all, which is not
 * the same as a run of no bytes.
 */
#ifndef AUSPAWN_BASE_SPAN_H
#define AUSPAWN_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *start;
	size_t length;
};

#define SPAN_NONE ((struct span){ NULL, 0 })

/* Of a NUL-terminated string, or of NULL. */
static inline struct span span_of(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.length == b.length && (!a.length || !memcmp(a.start, b.start, a.length));
}

static inline bool span_is(struct span span, const char *text)
{
	return span_equal(span, span_of(text));
}

/* ASCII letters only, whatever the locale. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Writes the span's bytes into `out`, capitals made small. */
static inline void span_lower(char *out, struct span span)
{
	for (size_t i = 0; i < span.length; i++)
		out[i] = ascii_lower(span.start[i]);
}

static inline bool span_equal_any_case(struct span a, struct span b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++) {
		if (ascii_lower(a.start[i]) != ascii_lower(b.start[i]))
			return false;
	}
	return true;
}

static inline bool span_starts_with(struct span span, const char *text)
{
	size_t length = strlen(text);

	return span.length >= length && !memcmp(span.start, text, length);
}

#endif
