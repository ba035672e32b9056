/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions in memory, and how they are evaluated.
 *
 * Two-valued logic: a comparison with an absent field is false and `not` of it is true. A field with
 * several values satisfies a comparison if any of them does.
 */
#ifndef AUSPAWN_RULES_CONDITION_H
#define AUSPAWN_RULES_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "process/event.h"
#include "process/field.h"

enum operand_type { OPERAND_FIELD, OPERAND_TEXT, OPERAND_NUMBER, OPERAND_BOOLEAN, OPERAND_NULL };

struct operand {
	enum operand_type type;
	struct field_ref field;
	struct span text; /* the condition's own memory */
	double number;
	bool truth;
};

enum condition_type {
	CONDITION_AND,        /* of all members */
	CONDITION_OR,         /* of all members */
	CONDITION_NOT,        /* of the one member */
	CONDITION_TRUTH,      /* `left`, a boolean, holds */
	CONDITION_NULL,       /* `left` is absent */
	CONDITION_EQUAL,      /* left == right */
	CONDITION_LESS,       /* left < right */
	CONDITION_LESS_EQUAL, /* left <= right */
	CONDITION_MATCH,      /* `left` matches any of the patterns */
};

struct condition {
	enum condition_type type;
	struct condition **member;
	size_t members;
	struct operand left, right;
	struct operand *pattern; /* OPERAND_TEXT or OPERAND_NUMBER */
	size_t patterns;
	bool wildcards; /* * and ? mean something in the patterns */
	bool any_case;  /* ASCII letters match in either case */
};

/* The type of an operand's values: of a field, that of the literals it is compared with. */
enum operand_type condition_operand_type(const struct operand *operand);

/* Does the condition hold for the event? */
bool condition_holds(const struct condition *condition, const struct process_event *event);

/* Accepts NULL. */
void condition_free(struct condition *condition);

/* Does `text` match `pattern`, in which * is any bytes and ? any one character? */
bool condition_wildcard(struct span pattern, struct span text, bool any_case);

#endif
