/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/esql_reader.h"

#include <string.h>
#include <strings.h>

void esql_reader_init(struct esql_reader *reader, struct span text, parser_report report,
		      void *user)
{
	memset(reader, 0, sizeof(*reader));
	reader->query = (struct query){ .text = text, .report = report, .user = user };
	lexer_init(&reader->lexer, text);
	query_begin(&reader->query);
	esql_advance(reader);
}

void esql_reader_free(struct esql_reader *reader)
{
	for (size_t i = 0; i < reader->aliases; i++)
		esql_value_done(&reader->alias[i].value);
	lexer_free(&reader->lexer);
}

void esql_advance(struct esql_reader *reader)
{
	reader->token = lexer_next(&reader->lexer);
}

bool esql_at(const struct esql_reader *reader, enum token_type type)
{
	return !reader->query.stuck && reader->token.type == type;
}

bool esql_take(struct esql_reader *reader, enum token_type type)
{
	if (!esql_at(reader, type))
		return false;
	esql_advance(reader);
	return true;
}

bool esql_at_word(const struct esql_reader *reader, const char *word)
{
	return esql_at(reader, TOKEN_NAME) && reader->token.text.length == strlen(word) &&
	       !strncasecmp(reader->token.text.start, word, strlen(word));
}

bool esql_take_word(struct esql_reader *reader, const char *word)
{
	if (!esql_at_word(reader, word))
		return false;
	esql_advance(reader);
	return true;
}

bool esql_at_pipe_end(const struct esql_reader *reader)
{
	return reader->query.stuck || esql_at(reader, TOKEN_PIPE) || esql_at(reader, TOKEN_END);
}

void esql_skip_expression(struct esql_reader *reader)
{
	size_t depth = 0;

	while (!esql_at_pipe_end(reader)) {
		if (!depth && (esql_at(reader, TOKEN_COMMA) || esql_at_word(reader, "by")))
			return;
		if (esql_at(reader, TOKEN_OPEN))
			depth++;
		else if (esql_at(reader, TOKEN_CLOSE) && depth)
			depth--;
		esql_advance(reader);
	}
}

bool esql_take_assignment(struct esql_reader *reader)
{
	if (!esql_at(reader, TOKEN_INVALID) || !span_is(reader->token.text, "="))
		return false;
	esql_advance(reader);
	return true;
}

void esql_expected(struct esql_reader *reader, const char *what)
{
	const struct token *token = &reader->token;
	int length = token->text.length < 40 ? (int)token->text.length : 40;

	if (token->type == TOKEN_END)
		query_stop(&reader->query, token->offset, "expected %s", what);
	else if (token->type == TOKEN_INVALID && !span_is(token->text, "="))
		query_stop(&reader->query, token->offset, "%s", token->error);
	else
		query_stop(&reader->query, token->offset, "expected %s instead of '%.*s'", what,
			   length, token->text.start);
}
