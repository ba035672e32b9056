/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/reader.h"

#include <stdarg.h>
#include <stdio.h>

#define MAX_QUOTED 40 /* bytes of a token that a message shows */

void reader_init(struct reader *reader, struct span text, const struct string_list *lists,
		 parser_report report, void *user)
{
	*reader = (struct reader){ .lists = lists, .report = report, .user = user };
	lexer_init(&reader->lexer, text);
	reader_advance(reader);
}

void reader_free(struct reader *reader)
{
	lexer_free(&reader->lexer);
}

static void report(struct reader *reader, enum parser_finding finding, size_t offset,
		   const char *format, va_list args)
{
	char message[512];

	vsnprintf(message, sizeof(message), format, args);
	reader->report(reader->user, finding, offset, message);
}

void reader_report(struct reader *reader, size_t offset, const char *format, ...)
{
	va_list args;

	reader->mistaken = true;
	va_start(args, format);
	report(reader, PARSER_MISTAKE, offset, format, args);
	va_end(args);
}

void reader_warn(struct reader *reader, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(reader, PARSER_WARNING, offset, format, args);
	va_end(args);
}

static const char *const keywords[] = { "and", "or", "not", "in", "like", "regex", "where" };

bool reader_is_keyword(struct span word)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (span_is(word, keywords[i]))
			return true;
	}
	return false;
}

const char *reader_hint(struct span word)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (!span_is(word, keywords[i]) && span_equal_any_case(word, span_of(keywords[i])))
			return "; keywords are written in small letters";
	}
	return "";
}

void reader_expect_else(struct reader *reader, const char *expected)
{
	const struct token *token = &reader->token;
	struct span written = token->text;

	if (reader->stuck)
		return;
	/* A list's token is its name without the @, a `name`'s that without the quotes. */
	if (token->type == TOKEN_LIST || token->type == TOKEN_QUOTED) {
		written.start--;
		written.length += token->type == TOKEN_LIST ? 1 : 2;
	}
	reader->stuck = true;
	if (token->type == TOKEN_INVALID)
		reader_report(reader, token->offset, "%s", token->error);
	else if (token->type == TOKEN_END)
		reader_report(reader, token->offset, "expected %s, but the condition ends here",
			      expected);
	else
		reader_report(reader, token->offset, "expected %s before '%.*s'%s", expected,
			      (int)(written.length > MAX_QUOTED ? MAX_QUOTED : written.length),
			      written.start, reader_hint(written));
}

void reader_advance(struct reader *reader)
{
	reader->token = lexer_next(&reader->lexer);
}

bool reader_at(const struct reader *reader, enum token_type type)
{
	return !reader->stuck && reader->token.type == type;
}

bool reader_at_word(const struct reader *reader, const char *word)
{
	return reader_at(reader, TOKEN_NAME) && span_is(reader->token.text, word);
}

bool reader_take(struct reader *reader, enum token_type type)
{
	bool found = reader_at(reader, type);

	if (found)
		reader_advance(reader);
	return found;
}

bool reader_take_word(struct reader *reader, const char *word)
{
	bool found = reader_at_word(reader, word);

	if (found)
		reader_advance(reader);
	return found;
}

bool reader_enter(struct reader *reader)
{
	if (reader->depth >= PARSER_MAX_DEPTH) {
		reader_expect_else(reader, "fewer parentheses, nots and signs inside each other");
		return false;
	}
	reader->depth++;
	return true;
}

void reader_leave(struct reader *reader)
{
	reader->depth--;
}

struct span reader_copy(struct span text)
{
	return (struct span){ mem_strndup(text.length ? text.start : "", text.length), text.length };
}

struct span reader_string(const struct reader *reader)
{
	return reader_copy((struct span){ utstring_body(&reader->lexer.string),
					  utstring_len(&reader->lexer.string) });
}

const char *reader_kind_name(enum expression_kind kind)
{
	switch (kind) {
	case KIND_NUMBER:
		return "a number";
	case KIND_BOOLEAN:
		return "true or false";
	case KIND_NULL:
		return "null";
	case KIND_TEXT:
	case KIND_ANY:
		break;
	}
	return "a string";
}

void reader_check_kinds(struct reader *reader, size_t offset, enum expression_kind is,
			enum expression_kind wanted)
{
	if (is != wanted && is != KIND_ANY && wanted != KIND_ANY)
		reader_report(reader, offset, "%s can't be compared with %s", reader_kind_name(is),
			      reader_kind_name(wanted));
}
