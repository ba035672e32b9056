/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operands of conditions: fields, literals, and functions of these. An expression has values as a
 * field has: none where it is absent (null), several where a field has several.
 */
#ifndef AUSPAWN_RULES_EXPRESSION_H
#define AUSPAWN_RULES_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "process/event.h"
#include "process/field.h"

enum expression_type {
	EXPRESSION_FIELD,
	EXPRESSION_TEXT,
	EXPRESSION_NUMBER,
	EXPRESSION_BOOLEAN,
	EXPRESSION_NULL,
	EXPRESSION_ABSENT, /* an optional field that there is not */
	EXPRESSION_CALL,
};

/* What an expression's values are. */
enum expression_kind { KIND_TEXT, KIND_NUMBER, KIND_BOOLEAN, KIND_NULL, KIND_ANY };

struct function;
struct regex;

struct expression {
	enum expression_type type;
	struct field_ref field;
	struct span text; /* of EXPRESSION_ABSENT the name written; the expression's own memory */
	double number;
	bool fraction; /* the number was written as 4.0 or 4e0, so that dividing by it has fractions */
	bool truth;
	const struct function *function;
	bool any_case; /* the function was called by its ~ form */
	struct expression **argument;
	size_t arguments;
	unsigned int depth;    /* calls inside each other, this one included */
	struct regex **regex; /* of match(): one for each argument but the first */
};

/* An evaluation of one event: holds the texts that functions make until it has ended. */
struct evaluation {
	const struct process_event *event;
	void *texts;   /* released by evaluation_end() */
	bool limited;  /* a regular expression reached its limit, and did not match therefore */
};

void evaluation_end(struct evaluation *evaluation);

/* Returns `length` bytes, zeroed, that live until evaluation_end(). */
char *evaluation_text(struct evaluation *evaluation, size_t length);

/* Accepts NULL. */
void expression_free(struct expression *expression);

/* Are its numbers fractions even where they are whole: is it such a literal, or worked out of one? */
bool expression_is_fraction(const struct expression *expression);

/* Do the two stand for the same field? */
bool expression_same_field(const struct field_ref *a, const struct field_ref *b);

enum expression_kind expression_kind(const struct expression *expression);

/* Reads value number `index`. Returns false if there are not so many. */
bool expression_get(const struct expression *expression, struct evaluation *evaluation, size_t index,
		    struct value *value);

/* Is a value that was read known? An argument whose record is missing is not, nor is what a function makes
 * null of one of several values. It satisfies nothing. */
bool expression_known(const struct expression *expression, const struct value *value);

#endif
