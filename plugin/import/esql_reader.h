/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions of ES|QL, made values and conditions of our language. */
#ifndef AUSPAWN_IMPORT_ESQL_READER_H
#define AUSPAWN_IMPORT_ESQL_READER_H

#include <stdint.h>

#include "import/query.h"
#include "rules/lexer.h"

#define ESQL_MAX_ALIASES     100
#define ESQL_MAX_ALIAS	     1024	/* bytes that EVAL gives a name to */
#define ESQL_MAX_SUBSTITUTED (1u << 20) /* bytes that such names are replaced by, in all */

enum esql_kind {
	ESQL_NOTHING, /* a bound of time, which is the rule's, not the condition's */
	ESQL_CONDITION,
	ESQL_FIELD,
	ESQL_STRING,  /* `text` is what it holds, not how it is written */
	ESQL_LITERAL, /* a number, true, false or null */
	ESQL_VALUE,   /* of a function or of arithmetics */
	ESQL_UNKNOWN, /* what EVAL makes can't be carried over */
};

enum esql_case { ESQL_AS_IS, ESQL_LOWER, ESQL_UPPER };

struct esql_value {
	enum esql_kind kind;
	size_t offset; /* in the query */
	UT_string text;
	enum esql_case letters; /* to_lower() or to_upper() is applied to it */
	bool has_or;		/* it must stand in parentheses beside an `and` */
	bool is_bare;		/* it has a sign of arithmetics outside of parentheses */
};

/* A name that EVAL made. */
struct esql_alias {
	struct span name;
	struct esql_value value;
};

struct esql_reader {
	struct query query;
	struct lexer lexer; /* that of conditions: the tokens are the same */
	struct token token;
	struct esql_alias alias[ESQL_MAX_ALIASES];
	size_t aliases;
	size_t substituted;
	int64_t window_ms; /* how far back a WHERE looks; 0: none says so */
	bool bound_allowed, bound_seen;
};

void esql_reader_init(struct esql_reader *reader, struct span text, parser_report report,
		      void *user);
void esql_reader_free(struct esql_reader *reader);

void esql_advance(struct esql_reader *reader);
bool esql_at(const struct esql_reader *reader, enum token_type type);
bool esql_take(struct esql_reader *reader, enum token_type type);

/* Keywords and functions have no case. */
bool esql_at_word(const struct esql_reader *reader, const char *word);
bool esql_take_word(struct esql_reader *reader, const char *word);

/* Does the pipe end here? */
bool esql_at_pipe_end(const struct esql_reader *reader);

/* Passes over an expression: up to a comma outside of parentheses, the word BY or the end of the
 * pipe. */
void esql_skip_expression(struct esql_reader *reader);

/* A single =, which conditions do not have. */
bool esql_take_assignment(struct esql_reader *reader);

/* Stops with what is there instead of `what`. */
void esql_expected(struct esql_reader *reader, const char *what);

/* --- values --- */

/* Each value must be released by esql_value_done(), also after mistakes. */
struct esql_value esql_value_here(const struct esql_reader *reader, enum esql_kind kind);
void esql_value_done(struct esql_value *value);
struct span esql_text_of(const struct esql_value *value);

/* Read a whole expression, one that stands behind WHERE and can have a bound of time, and one
 * without conditions. */
struct esql_value esql_parse_or(struct esql_reader *reader);
struct esql_value esql_parse_where(struct esql_reader *reader);
struct esql_value esql_parse_sum(struct esql_reader *reader);

/* Reads what stands behind EVAL, in front of STATS. What can't be carried over is a mistake only
 * where it is asked for. */
void esql_parse_eval(struct esql_reader *reader);

bool esql_at_literal(const struct esql_reader *reader);
void esql_parse_literal(struct esql_reader *reader, struct esql_value *value);

/* What a name stands for; NULL if EVAL did not make it. */
const struct esql_value *esql_find_alias(const struct esql_reader *reader, struct span name);

/* Appends a value as conditions write it. */
void esql_append(UT_string *out, const struct esql_value *value);

/* Can it stand as a value, or as a condition? If not, stop. */
bool esql_check_value(struct esql_reader *reader, const struct esql_value *value);
bool esql_check_condition(struct esql_reader *reader, const struct esql_value *value);

/* Can `text` be equal to `left`? to_lower() makes no capitals. If not, stops. */
bool esql_check_letters(struct esql_reader *reader, const struct esql_value *left, struct span text,
			size_t offset);

#endif
