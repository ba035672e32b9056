/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

static bool in_range(uint32_t code, uint32_t first, uint32_t last)
{
	return code >= first && code <= last;
}

size_t utf8_sequence(struct span text, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *byte = (const unsigned char *)text.start;
	size_t length;

	if (!text.length)
		return 0;
	if (byte[0] < 0x80) {
		*code = byte[0];
		return 1;
	}

	if ((byte[0] & 0xe0) == 0xc0)
		length = 2;
	else if ((byte[0] & 0xf0) == 0xe0)
		length = 3;
	else if ((byte[0] & 0xf8) == 0xf0)
		length = 4;
	else
		return 0;
	if (length > text.length)
		return 0;

	*code = byte[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (byte[i] & 0x3f);
	}
	if (*code < smallest[length] || *code > 0x10ffff || in_range(*code, 0xd800, 0xdfff))
		return 0;
	return length;
}

static void skip(struct span *text, size_t length)
{
	text->start += length;
	text->length -= length;
}

bool utf8_valid(struct span text)
{
	uint32_t code;
	size_t length;

	for (; text.length; skip(&text, length)) {
		length = utf8_sequence(text, &code);
		if (!length)
			return false;
	}
	return true;
}

void utf8_append(UT_string *out, struct span text)
{
	uint32_t code;

	if (utf8_valid(text)) {
		utstring_bincpy(out, text.start, text.length);
		return;
	}
	while (text.length) {
		size_t length = utf8_sequence(text, &code);

		if (length)
			utstring_bincpy(out, text.start, length);
		else
			utstring_bincpy(out, "\xef\xbf\xbd", 3);
		skip(&text, length ? length : 1);
	}
}

bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || in_range(code, 0x7f, 0x9f) || in_range(code, 0x200e, 0x200f) ||
	       in_range(code, 0x2028, 0x202e) || in_range(code, 0x2066, 0x2069) || code == 0x61c;
}

static void append_code_escaped(UT_string *out, uint32_t code)
{
	if (code == '\n')
		utstring_printf(out, "\\n");
	else if (code == '\t')
		utstring_printf(out, "\\t");
	else if (code < 0x80)
		utstring_printf(out, "\\x%02x", (unsigned int)code);
	else
		utstring_printf(out, "\\u{%x}", (unsigned int)code);
}

void utf8_append_escaped(UT_string *out, struct span text)
{
	uint32_t code;

	while (text.length) {
		size_t length = utf8_sequence(text, &code);

		if (!length)
			utstring_printf(out, "\\x%02x", (unsigned char)*text.start);
		else if (code == '\\')
			utstring_printf(out, "\\\\");
		else if (utf8_is_control(code))
			append_code_escaped(out, code);
		else
			utstring_bincpy(out, text.start, length);
		skip(&text, length ? length : 1);
	}
}

int utf8_append_shown(UT_string *out, struct span text)
{
	int columns = 0;

	while (text.length) {
		uint32_t code = 0;
		size_t length = utf8_sequence(text, &code);

		if (!length || utf8_is_control(code))
			utstring_bincpy(out, code == '\t' ? " " : "?", 1);
		else
			utstring_bincpy(out, text.start, length);
		length = length ? length : 1;
		text.start += length;
		text.length -= length;
		columns++;
	}
	return columns;
}

void utf8_print_shown(FILE *out, struct span text)
{
	UT_string shown;

	utstring_init(&shown);
	utf8_append_shown(&shown, text);
	fprintf(out, "%s\n", utstring_body(&shown));
	utstring_done(&shown);
}
