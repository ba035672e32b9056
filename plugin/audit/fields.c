/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/fields.h"

#include <stdlib.h>

static void advance(struct span *span, const char *to)
{
	span->length -= (size_t)(to - span->start);
	span->start = to;
}

static const char *find(struct span span, char byte)
{
	const char *found = span.length ? memchr(span.start, byte, span.length) : NULL;

	return found ? found : span.start + span.length;
}

static struct span take_value(struct span *rest)
{
	const char *start = rest->start;
	const char *end;

	if (rest->length && *start == '"') {
		end = find((struct span){ start + 1, rest->length - 1 }, '"');
		if (end < start + rest->length)
			end++;
	} else {
		end = find(*rest, ' ');
	}
	advance(rest, end);
	return (struct span){ start, (size_t)(end - start) };
}

bool fields_next(struct span *rest, struct span *name, struct span *value)
{
	while (rest->length) {
		const char *space = find(*rest, ' ');
		const char *equals = find((struct span){ rest->start,
							 (size_t)(space - rest->start) }, '=');

		if (equals == space || equals == rest->start) {
			advance(rest, space);
			if (rest->length)
				advance(rest, space + 1);
			continue;
		}
		*name = (struct span){ rest->start, (size_t)(equals - rest->start) };
		advance(rest, equals + 1);
		*value = take_value(rest);
		return true;
	}
	return false;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

static bool is_hex(struct span value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (hex_digit(value.start[i]) < 0)
			return false;
	}
	return value.length && value.length % 2 == 0;
}

static bool is_quoted(struct span value)
{
	return value.length >= 2 && value.start[0] == '"' && value.start[value.length - 1] == '"';
}

ptrdiff_t fields_string_length(struct span value)
{
	if (span_is(value, "(null)") || span_is(value, "(none)") || span_is(value, "?"))
		return -1;
	if (is_quoted(value))
		return (ptrdiff_t)value.length - 2;
	return (ptrdiff_t)(is_hex(value) ? value.length / 2 : value.length);
}

void fields_string(struct span value, char *out)
{
	if (is_quoted(value)) {
		memcpy(out, value.start + 1, value.length - 2);
	} else if (is_hex(value)) {
		for (size_t i = 0; i + 1 < value.length; i += 2)
			*out++ = (char)(hex_digit(value.start[i]) << 4 |
					hex_digit(value.start[i + 1]));
	} else if (value.length) {
		memcpy(out, value.start, value.length);
	}
}

bool fields_number(struct span value, int base, int64_t *number)
{
	bool negative = base == 10 && value.length && value.start[0] == '-';
	uint64_t result = 0;

	if (negative)
		advance(&value, value.start + 1);
	if (!value.length)
		return false;
	for (size_t i = 0; i < value.length; i++) {
		int digit = hex_digit(value.start[i]);

		if (digit < 0 || digit >= base || result > (UINT64_MAX - 15) / (unsigned int)base)
			return false;
		result = result * (unsigned int)base + (unsigned int)digit;
	}
	if (base == 10 && result > INT64_MAX)
		return false;
	*number = negative ? -(int64_t)result : (int64_t)result;
	return true;
}
