/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parsers of conditions and of expressions share: the next token, where mistakes go, and how
 * deep they are inside each other.
 */
#ifndef AUSPAWN_RULES_READER_H
#define AUSPAWN_RULES_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/condition.h"
#include "rules/expression.h"
#include "rules/lexer.h"
#include "rules/parser.h"

struct reader {
	struct lexer lexer;
	struct token token; /* the next, not yet taken */
	const struct string_list *lists;
	parser_report report;
	void *user;
	unsigned int depth;
	bool stuck;    /* what follows can't be understood */
	bool mistaken; /* something was reported */
};

/* Parentheses can hold either; exactly one is not NULL, none after a mistake that was read past. */
struct parsed {
	struct condition *condition;
	struct expression *expression;
	size_t offset; /* where it begins */
};

void reader_init(struct reader *reader, struct span text, const struct string_list *lists,
		 parser_report report, void *user);
void reader_free(struct reader *reader);

void reader_report(struct reader *reader, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same of what is only suspicious. */
void reader_warn(struct reader *reader, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Is it a word of the language, and so no field? */
bool reader_is_keyword(struct span word);

/* The end of a message about a word: what to tell of one that is a keyword but for its case, else "". */
const char *reader_hint(struct span word);

/* Reports, once, that something else was expected at the next token, and ends the parse. */
void reader_expect_else(struct reader *reader, const char *expected);

void reader_advance(struct reader *reader);

/* Is the next token of that type, or that keyword? The take functions also go past it then. */
bool reader_at(const struct reader *reader, enum token_type type);
bool reader_at_word(const struct reader *reader, const char *word);
bool reader_take(struct reader *reader, enum token_type type);
bool reader_take_word(struct reader *reader, const char *word);

/* Goes a level deeper, or reports that it is too deep; reader_leave() only after true. */
bool reader_enter(struct reader *reader);
void reader_leave(struct reader *reader);

/* A copy of the last string that was read, or of any text. */
struct span reader_string(const struct reader *reader);
struct span reader_copy(struct span text);

/* What a kind of value is called in messages. */
const char *reader_kind_name(enum expression_kind kind);

/* Reports values that can't be compared or given. */
void reader_check_kinds(struct reader *reader, size_t offset, enum expression_kind is,
			enum expression_kind wanted);

/* The two parsers. */
struct parsed parser_or(struct reader *reader);
struct parsed expression_parse(struct reader *reader);

#endif
