/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/lexer.h"

#include <stdbool.h>
#include <stdlib.h>

#define MAX_NUMBER 64 /* characters */

static const struct {
	const char *text;
	enum token_type type;
} symbols[] = {
	/* The longer of two with the same beginning stands first. */
	{ "==", TOKEN_EQUAL },
	{ "!=", TOKEN_UNEQUAL },
	{ "<=", TOKEN_LESS_EQUAL },
	{ "<", TOKEN_LESS },
	{ ">=", TOKEN_GREATER_EQUAL },
	{ ">", TOKEN_GREATER },
	{ ":", TOKEN_COLON },
	{ "~", TOKEN_TILDE },
	{ "?", TOKEN_OPTIONAL },
	{ "+", TOKEN_PLUS },
	{ "-", TOKEN_MINUS },
	{ "*", TOKEN_TIMES },
	{ "/", TOKEN_DIVIDE },
	{ "%", TOKEN_MODULO },
	{ "|", TOKEN_PIPE },
	{ "[", TOKEN_BRACKET },
	{ "(", TOKEN_OPEN },
	{ ")", TOKEN_CLOSE },
	{ ",", TOKEN_COMMA },
};

void lexer_init(struct lexer *lexer, struct span source)
{
	lexer->source = source;
	lexer->offset = 0;
	utstring_init(&lexer->string);
}

void lexer_free(struct lexer *lexer)
{
	utstring_done(&lexer->string);
}

/* What has not been read. */
static struct span rest_of(const struct lexer *lexer)
{
	return (struct span){ lexer->source.start + lexer->offset,
			      lexer->source.length - lexer->offset };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

static bool is_name(char c)
{
	return (is_name_start(c) && c != '@') || is_digit(c) || c == '.';
}

/* Passes over blanks and comments. Returns false if a comment has no end. */
static bool skip_blanks(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	size_t i = 0;

	while (i < rest.length) {
		if (is_space(rest.start[i])) {
			i++;
		} else if (rest.start[i] == '/' && i + 1 < rest.length && rest.start[i + 1] == '/') {
			while (i < rest.length && rest.start[i] != '\n')
				i++;
		} else if (rest.start[i] == '/' && i + 1 < rest.length && rest.start[i + 1] == '*') {
			const char *end =
				memmem(rest.start + i + 2, rest.length - i - 2, "*/", 2);

			if (!end) {
				lexer->offset += i;
				return false;
			}
			i = (size_t)(end - rest.start) + 2;
		} else {
			break;
		}
	}
	lexer->offset += i;
	return true;
}

static struct token token_of(struct lexer *lexer, enum token_type type, size_t length)
{
	struct token token = { .type = type, .offset = lexer->offset };

	token.text = (struct span){ lexer->source.start + lexer->offset, length };
	lexer->offset += length;
	return token;
}

static struct token invalid(struct lexer *lexer, size_t length, const char *error)
{
	struct token token = token_of(lexer, TOKEN_INVALID, length);

	token.error = error;
	return token;
}

/* What a backslash and `c` stand for; 0 if nothing. */
static char escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case '\\':
	case '"':
	case '\'':
		return c;
	default:
		return 0;
	}
}

static void append_code(UT_string *out, unsigned long code)
{
	char bytes[4];
	size_t length;

	if (code < 0x80) {
		bytes[0] = (char)code;
		length = 1;
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		length = 2;
	} else if (code < 0x10000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		length = 3;
	} else {
		bytes[0] = (char)(0xf0 | code >> 18);
		length = 4;
	}
	for (size_t i = 1; i < length; i++)
		bytes[i] = (char)(0x80 | (code >> (6 * (length - 1 - i)) & 0x3f));
	utstring_bincpy(out, bytes, length);
}

/* Reads {HEX}, two to eight digits, as in \u{200d}. Returns its length; 0 if it is no character. */
static size_t read_code(UT_string *out, struct span rest)
{
	const char *end = rest.length ? memchr(rest.start, '}', rest.length) : NULL;
	size_t digits = end ? (size_t)(end - rest.start) - 1 : 0;
	char copy[9];
	unsigned long code;

	if (!end || rest.start[0] != '{' || digits < 2 || digits > 8)
		return 0;
	memcpy(copy, rest.start + 1, digits);
	copy[digits] = '\0';
	if (strspn(copy, "0123456789abcdefABCDEF") != digits)
		return 0;
	code = strtoul(copy, NULL, 16);
	if (!code || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	append_code(out, code);
	return digits + 2;
}

/* Reads what follows a backslash. Returns its length; 0 if it means nothing. */
static size_t read_escape(UT_string *out, struct span rest)
{
	char c = rest.length ? escaped(rest.start[0]) : 0;
	size_t length;

	if (c) {
		utstring_bincpy(out, &c, 1);
		return 1;
	}
	if (!rest.length || rest.start[0] != 'u')
		return 0;
	length = read_code(out, (struct span){ rest.start + 1, rest.length - 1 });
	return length ? length + 1 : 0;
}

static struct token read_string(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	char quote = rest.start[0];
	size_t i = 1;

	utstring_clear(&lexer->string);
	while (i < rest.length && rest.start[i] != quote && rest.start[i] != '\n') {
		size_t length = 1;

		if (rest.start[i] != '\\') {
			utstring_bincpy(&lexer->string, rest.start + i++, 1);
			continue;
		}
		if (++i == rest.length)
			break;
		length = read_escape(&lexer->string,
				     (struct span){ rest.start + i, rest.length - i });
		if (!length) {
			lexer->offset += i - 1;
			return invalid(lexer, 2,
				       "unknown escape; known are \\n \\t \\r \\b \\f \\\\ \\\" \\' \\u{HEX}");
		}
		i += length;
	}
	if (i == rest.length || rest.start[i] != quote)
		return invalid(lexer, rest.length, "the string has no end on its line");
	return token_of(lexer, TOKEN_STRING, i + 1);
}

/* Everything up to `end` is meant as it stands; the string's first byte is number `start`. */
static struct token read_raw(struct lexer *lexer, size_t start, const char *end)
{
	struct span rest = rest_of(lexer);
	size_t end_length = strlen(end);
	const char *found = memmem(rest.start + start, rest.length - start, end, end_length);
	size_t length;

	if (!found)
		return invalid(lexer, rest.length, "the string has no end");
	/* Quotes right behind """...""" belong to it. */
	while (end_length == 3 && found + 3 < rest.start + rest.length && found[3] == '"')
		found++;
	length = (size_t)(found - rest.start) - start;
	utstring_clear(&lexer->string);
	utstring_bincpy(&lexer->string, rest.start + start, length);
	return token_of(lexer, TOKEN_STRING, start + length + end_length);
}

static size_t count_digits(struct span rest, size_t from)
{
	size_t i = from;

	while (i < rest.length && is_digit(rest.start[i]))
		i++;
	return i - from;
}

/* 12, 1.5, .5, 1e6: without a sign, which is an operator. */
static struct token read_number(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	char digits[MAX_NUMBER];
	size_t length = count_digits(rest, 0);
	struct token token;

	if (length < rest.length && rest.start[length] == '.')
		length += 1 + count_digits(rest, length + 1);
	if (length + 1 < rest.length && (rest.start[length] | 0x20) == 'e') {
		size_t sign = rest.start[length + 1] == '+' || rest.start[length + 1] == '-';
		size_t exponent = count_digits(rest, length + 1 + sign);

		length += exponent ? 1 + sign + exponent : 0;
	}
	if (length >= sizeof(digits))
		return invalid(lexer, length, "the number is too long");
	memcpy(digits, rest.start, length);
	digits[length] = '\0';
	if (digits[length - 1] == '.' || (length < rest.length && is_name(rest.start[length])))
		return invalid(lexer, length, "not a number");
	token = token_of(lexer, TOKEN_NUMBER, length);
	token.number = strtod(digits, NULL);
	return token;
}

static struct token read_quoted_name(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	const char *end = memchr(rest.start + 1, '`', rest.length - 1);
	struct token token;

	if (!end)
		return invalid(lexer, rest.length, "the `name` has no end");
	token = token_of(lexer, TOKEN_QUOTED, (size_t)(end - rest.start) + 1);
	token.text.start++;
	token.text.length -= 2;
	return token;
}

static struct token read_name(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	size_t length = 1;
	struct token token;

	while (length < rest.length && is_name(rest.start[length]))
		length++;
	/* @timestamp is a field; every other @name is a list. */
	if (rest.start[0] != '@' || span_is((struct span){ rest.start, length }, "@timestamp"))
		return token_of(lexer, TOKEN_NAME, length);
	token = token_of(lexer, TOKEN_LIST, length);
	token.text.start++;
	token.text.length--;
	return token;
}

struct token lexer_next(struct lexer *lexer)
{
	struct span rest;

	if (!skip_blanks(lexer))
		return invalid(lexer, 2, "the comment has no end");
	rest = rest_of(lexer);
	if (!rest.length)
		return token_of(lexer, TOKEN_END, 0);
	if (span_starts_with(rest, "\"\"\""))
		return read_raw(lexer, 3, "\"\"\"");
	if (span_starts_with(rest, "?\""))
		return read_raw(lexer, 2, "\"");
	if (span_starts_with(rest, "?'"))
		return read_raw(lexer, 2, "'");
	if (rest.start[0] == '"' || rest.start[0] == '\'')
		return read_string(lexer);
	if (rest.start[0] == '`')
		return read_quoted_name(lexer);
	if (is_digit(rest.start[0]) ||
	    (rest.start[0] == '.' && rest.length > 1 && is_digit(rest.start[1])))
		return read_number(lexer);
	if (is_name_start(rest.start[0]))
		return read_name(lexer);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		if (span_starts_with(rest, symbols[i].text))
			return token_of(lexer, symbols[i].type, strlen(symbols[i].text));
	}
	if (rest.start[0] == '=')
		return invalid(lexer, 1, "'=' compares nothing here; write '=='");
	return invalid(lexer, 1, "unexpected character");
}
