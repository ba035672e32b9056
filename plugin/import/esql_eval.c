/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EVAL: names, which are replaced by what they stand for. */
#include "import/esql_reader.h"

static void ignore(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	(void)user;
	(void)finding;
	(void)offset;
	(void)message;
}

static void put_in_parentheses(struct esql_value *value)
{
	struct esql_value inner = *value;

	utstring_init(&value->text);
	utstring_printf(&value->text, "(%s)", utstring_body(&inner.text));
	esql_value_done(&inner);
}

/* It is tried in silence. */
static struct esql_value try_expression(struct esql_reader *reader)
{
	struct query query = reader->query;
	struct token token = reader->token;
	struct esql_value value;

	reader->query.report = ignore;
	value = esql_parse_or(reader);
	if ((value.kind == ESQL_CONDITION || value.is_bare) && !reader->query.stuck)
		put_in_parentheses(&value);
	if (reader->query.mistakes > query.mistakes || utstring_len(&value.text) > ESQL_MAX_ALIAS ||
	    !(esql_at_pipe_end(reader) || esql_at(reader, TOKEN_COMMA))) {
		value.kind = ESQL_UNKNOWN;
		reader->query = query;
		reader->lexer.offset = token.offset;
		esql_advance(reader);
		esql_skip_expression(reader);
	}
	reader->query = query;
	return value;
}

void esql_parse_eval(struct esql_reader *reader)
{
	do {
		struct esql_alias alias = { .name = reader->token.text };

		if ((!esql_take(reader, TOKEN_NAME) && !esql_take(reader, TOKEN_QUOTED)) ||
		    !esql_take_assignment(reader)) {
			esql_expected(reader, "NAME = ...");
			return;
		}
		if (reader->aliases == ESQL_MAX_ALIASES) {
			query_stop(&reader->query, reader->token.offset,
				   "more than %d names of EVAL", ESQL_MAX_ALIASES);
			return;
		}
		alias.value = try_expression(reader);
		reader->alias[reader->aliases++] = alias;
	} while (esql_take(reader, TOKEN_COMMA));
}
