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

static struct token read_string(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	char quote = rest.start[0];
	size_t i = 1;

	utstring_clear(&lexer->string);
	while (i < rest.length && rest.start[i] != quote) {
		char c = rest.start[i++];

		if (c == '\\') {
			c = i < rest.length ? escaped(rest.start[i++]) : 0;
			if (!c) {
				lexer->offset += i - 2;
				return invalid(lexer, 2,
					       "unknown escape; known are \\n \\t \\r \\b \\f \\\\ \\\" \\'");
			}
		}
		utstring_bincpy(&lexer->string, &c, 1);
	}
	if (i == rest.length)
		return invalid(lexer, rest.length, "the string has no end");
	return token_of(lexer, TOKEN_STRING, i + 1);
}

static struct token read_number(struct lexer *lexer)
{
	struct span rest = rest_of(lexer);
	char digits[MAX_NUMBER];
	size_t length = rest.start[0] == '-';
	struct token token;
	char *end;

	while (length < rest.length && (is_digit(rest.start[length]) || rest.start[length] == '.'))
		length++;
	if (length >= sizeof(digits))
		return invalid(lexer, length, "the number is too long");
	memcpy(digits, rest.start, length);
	digits[length] = '\0';

	token = token_of(lexer, TOKEN_NUMBER, length);
	token.number = strtod(digits, &end);
	if (*end || digits[length - 1] == '.') {
		token.type = TOKEN_INVALID;
		token.error = "not a number";
	}
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
	if (rest.start[0] == '"' || rest.start[0] == '\'')
		return read_string(lexer);
	if (is_digit(rest.start[0]) ||
	    (rest.start[0] == '-' && rest.length > 1 && is_digit(rest.start[1])))
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
