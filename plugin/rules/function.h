/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of EQL (Elasticsearch: EQL function reference). */
#ifndef AUSPAWN_RULES_FUNCTION_H
#define AUSPAWN_RULES_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/expression.h"

#define FUNCTION_MAX_ARGUMENTS 64

/* What an argument may be. */
enum function_argument {
	ARGUMENT_TEXT,
	ARGUMENT_NUMBER,
	ARGUMENT_BOOLEAN,
	ARGUMENT_ANY,
};

struct function {
	const char *name;
	enum expression_kind result;
	size_t least, most;                /* arguments */
	enum function_argument argument[4]; /* the last stands for all further ones */
	bool has_any_case;                 /* NAME~() ignores the case of ASCII letters */
	/* Computes the result from known arguments. Returns false for null. */
	bool (*call)(const struct expression *expression, struct evaluation *evaluation,
		     const struct value *argument, struct value *result);
};

/* Returns the function of that name, NULL if there is none. */
const struct function *function_find(struct span name);

/* The same, whatever the case of the name's letters: what somebody may have meant. */
const struct function *function_find_any_case(struct span name);

/* What argument number `index` may be. */
enum function_argument function_argument(const struct function *function, size_t index);

enum expression_kind function_result(const struct function *function);

/* Value number `index` of a call: the function applied to that value of its first argument, and to the
 * first value of every other. A null argument makes null; where only this value's result is null, a value that
 * is not known (expression_known()). */
bool function_call(const struct expression *call, struct evaluation *evaluation, size_t index,
		   struct value *value);

/* Does `address` lie in `block`, both IPv4 or both IPv6 (192.0.2.0/24)? */
bool function_cidr_match(struct span address, struct span block);

#endif
