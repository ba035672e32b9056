/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts the text of a condition into tokens. */
#ifndef AUSPAWN_RULES_LEXER_H
#define AUSPAWN_RULES_LEXER_H

#include <stddef.h>

#include "base/memory.h"
#include "base/span.h"

#include <utstring.h>

enum token_type {
	TOKEN_END,
	TOKEN_NAME,    /* a field's, with dots; a function's; or a keyword */
	TOKEN_QUOTED,  /* `name`, which is no keyword; `text` is what is between */
	TOKEN_LIST,    /* @name */
	TOKEN_STRING,  /* 'text', "text", """raw""", ?"raw" or ?'raw' */
	TOKEN_NUMBER,
	TOKEN_EQUAL,   /* == */
	TOKEN_UNEQUAL, /* != */
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_GREATER,
	TOKEN_GREATER_EQUAL,
	TOKEN_COLON,   /* : */
	TOKEN_TILDE,   /* ~, behind a keyword or a function's name */
	TOKEN_OPTIONAL, /* ?, before a field that need not exist */
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_TIMES,
	TOKEN_DIVIDE,
	TOKEN_MODULO,
	TOKEN_PIPE,    /* | */
	TOKEN_BRACKET, /* [ */
	TOKEN_OPEN,    /* ( */
	TOKEN_CLOSE,   /* ) */
	TOKEN_COMMA,
	TOKEN_INVALID, /* `error` says why */
};

struct token {
	enum token_type type;
	size_t offset;    /* of its first byte in the condition */
	struct span text; /* as written; of a TOKEN_LIST without the @ */
	double number;
	const char *error;
};

struct lexer {
	struct span source;
	size_t offset;
	UT_string string; /* the value of the last TOKEN_STRING, escapes resolved */
};

/* `source` must outlive the lexer; lexer_free() releases what it holds. */
void lexer_init(struct lexer *lexer, struct span source);
void lexer_free(struct lexer *lexer);

/* Returns the next token; TOKEN_END at the end and from then on. Another can be read again by setting
 * `offset` back to its own. */
struct token lexer_next(struct lexer *lexer);

#endif
