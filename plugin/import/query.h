/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the translators of queries share: their state, their mistakes, and how values are written in
 * the language of conditions (rules/parser.h). */
#ifndef AUSPAWN_IMPORT_QUERY_H
#define AUSPAWN_IMPORT_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/span.h"
#include "rules/parser.h"

#include <utstring.h>

#define QUERY_MAX_LENGTH   (64u << 10) /* bytes; so what is made of a query is bounded as well */
#define QUERY_MAX_FIELD	   200	       /* bytes of a field's name */
#define QUERY_MAX_MISTAKES 10	       /* past so many the rest is not looked at */

/* A query on its way. `report` is told the offset in the query, not in the condition. */
struct query {
	struct span text;
	parser_report report;
	void *user;
	size_t mistakes;
	bool stuck; /* what follows can't be made sense of */
	unsigned int depth;
};

/* Reports a mistake that lets go on, and one that does not. */
void query_mistake(struct query *query, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void query_stop(struct query *query, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Stops a query that is too long. */
void query_begin(struct query *query);

/* Bound how deep things stand inside each other. Where query_enter() returns false, the query is
 * stuck. */
bool query_enter(struct query *query, size_t offset);
void query_leave(struct query *query);

/* Is the name a field that conditions can ask for? If not, reports it. */
bool query_check_field(struct query *query, size_t offset, struct span name);

/* Returns the whole condition, checked once more, which free() releases; NULL if there were
 * mistakes. `text` is released. */
char *query_finish(struct query *query, UT_string *text);

/* --- values --- */

/* A string, in which bytes can be wildcards. */
struct pattern {
	UT_string text;
	UT_string wild; /* of each byte of `text`: is it a wildcard, 1, or itself, 0 */
};

void pattern_init(struct pattern *pattern);
void pattern_done(struct pattern *pattern);
void pattern_add(struct pattern *pattern, char byte, bool wild);
void pattern_add_bytes(struct pattern *pattern, const char *bytes, size_t length);
bool pattern_has_wildcard(const struct pattern *pattern);

/* Is it made of * alone? */
bool pattern_is_anything(const struct pattern *pattern);

/* Appends a string of the language of conditions. */
void query_append_string(UT_string *out, struct span text);

/* Appends a byte that stands for itself to a regular expression. */
void query_append_regex_byte(UT_string *out, char byte);

/* Is it a number as conditions write them, perhaps with a minus? */
bool query_is_number(struct span text);

/* Values of one field, any of which it must have; sorted by how they are compared. */
struct choice {
	UT_string equal, like, regex;
	size_t equals, likes, regexes;
	bool anything; /* whatever the field has will do */
	bool has_wildcard;
};

void choice_init(struct choice *choice);
void choice_done(struct choice *choice);
void choice_add(struct choice *choice, const struct pattern *pattern);
void choice_add_bare(struct choice *choice, struct span text); /* a number, true or false */
void choice_add_regex(struct choice *choice, struct span text);

/* Appends what `field` must be, in parentheses where there is an `or` in it. */
void choice_append(const struct choice *choice, UT_string *out, struct span field, bool any_case);

#endif
