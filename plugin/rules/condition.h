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
#include "rules/expression.h"

enum condition_type {
	CONDITION_AND,        /* of all members */
	CONDITION_OR,         /* of all members */
	CONDITION_NOT,        /* of the one member */
	CONDITION_TRUTH,      /* `left`, a boolean, holds */
	CONDITION_NULL,       /* `left` is absent */
	CONDITION_EQUAL,      /* left == right */
	CONDITION_LESS,       /* left < right */
	CONDITION_LESS_EQUAL, /* left <= right */
	CONDITION_IN,         /* `left` is one of the set */
	CONDITION_WILDCARD,   /* `left` matches one of the set */
	CONDITION_REGEX,      /* the same, of regular expressions */
};

struct regex;
struct set;

/* One of a set: a text, a number or a regular expression made of a text. */
struct condition_item {
	struct span text; /* the condition's own memory */
	double number;
	struct regex *regex;
};

struct condition {
	enum condition_type type;
	struct condition **member;
	size_t members;
	struct expression *left, *right;
	struct condition_item *item;
	size_t items;
	bool any_case; /* ASCII letters of the set match in either case */
	struct set *set; /* of a compiled condition: the items, made ready; else NULL (rules/compile.h) */
};

/* Does the condition hold for the event of `evaluation`? */
bool condition_evaluate(const struct condition *condition, struct evaluation *evaluation);

/* The same, for whoever does not ask whether a limit was reached. */
bool condition_holds(const struct condition *condition, const struct process_event *event);

/* Accepts NULL. */
void condition_free(struct condition *condition);

#endif
