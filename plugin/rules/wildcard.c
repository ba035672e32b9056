/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/wildcard.h"

#include <stdint.h>

#include "base/utf8.h"

static bool same_byte(char a, char b, bool any_case)
{
	return any_case ? ascii_lower(a) == ascii_lower(b) : a == b;
}

/* Length of the character at `offset`; of a byte that belongs to none, 1. */
static size_t character(struct span text, size_t offset)
{
	uint32_t code;
	size_t length = utf8_sequence((struct span){ text.start + offset, text.length - offset },
				      &code);

	return length ? length : 1;
}

bool wildcard_match(struct span pattern, struct span text, bool any_case)
{
	size_t p = 0, t = 0;
	size_t star = SIZE_MAX, retry = 0; /* behind the last *, and where its rest was tried last */

	while (t < text.length) {
		if (p < pattern.length && pattern.start[p] == '*') {
			star = ++p;
			retry = t;
		} else if (p < pattern.length && pattern.start[p] == '?') {
			p++;
			t += character(text, t);
		} else if (p < pattern.length &&
			   same_byte(pattern.start[p], text.start[t], any_case)) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star;
			retry += character(text, retry);
			t = retry;
		} else {
			return false;
		}
	}
	while (p < pattern.length && pattern.start[p] == '*')
		p++;
	return p == pattern.length;
}
