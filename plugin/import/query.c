/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MESSAGE 400 /* bytes */

static void report(struct query *query, size_t offset, const char *format, va_list args)
{
	char message[MAX_MESSAGE];

	if (query->stuck)
		return;
	vsnprintf(message, sizeof(message), format, args);
	query->report(query->user, PARSER_MISTAKE, offset, message);
	if (++query->mistakes >= QUERY_MAX_MISTAKES)
		query->stuck = true;
}

void query_mistake(struct query *query, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(query, offset, format, args);
	va_end(args);
}

void query_stop(struct query *query, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(query, offset, format, args);
	va_end(args);
	query->stuck = true;
}

void query_begin(struct query *query)
{
	if (query->text.length > QUERY_MAX_LENGTH)
		query_stop(query, 0, "the query has more than %u bytes", QUERY_MAX_LENGTH);
	else if (query->text.length && memchr(query->text.start, '\0', query->text.length))
		query_stop(query, 0, "there is a NUL in the query");
}

bool query_enter(struct query *query, size_t offset)
{
	if (query->depth == PARSER_MAX_DEPTH) {
		query_stop(query, offset, "more than %d parentheses and nots inside each other",
			   PARSER_MAX_DEPTH);
		return false;
	}
	query->depth++;
	return true;
}

void query_leave(struct query *query)
{
	query->depth--;
}

/* What the parser says of one part of a condition that is made. */
struct part {
	struct query *query;
	size_t offset; /* in the query */
	bool refused;
};

static void on_finding(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	struct part *part = user;

	(void)offset;
	if (finding != PARSER_MISTAKE)
		return;
	part->refused = true;
	query_mistake(part->query, part->offset, "%s", message);
}

static bool is_name(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.start[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '.' && c != '@')
			return false;
	}
	return text.length && text.length <= QUERY_MAX_FIELD;
}

/* Only the parser knows which names it takes, and what to say of others. */
bool query_check_field(struct query *query, size_t offset, struct span name)
{
	struct part part = { query, offset, false };
	UT_string text;

	if (!is_name(name)) {
		query_stop(query, offset, "not the name of a field");
		return false;
	}
	utstring_init(&text);
	utstring_printf(&text, "%.*s == null", (int)name.length, name.start);
	condition_free(parser_parse((struct span){ utstring_body(&text), utstring_len(&text) },
				    NULL, on_finding, &part));
	utstring_done(&text);
	return !part.refused;
}

char *query_finish(struct query *query, UT_string *text)
{
	struct span condition = { utstring_body(text), utstring_len(text) };
	struct part part = { query, 0, false };

	if (!query->mistakes)
		condition_free(parser_parse(condition, NULL, on_finding, &part));
	if (!query->mistakes)
		return utstring_body(text);
	utstring_done(text);
	return NULL;
}

/* --- values --- */

void pattern_init(struct pattern *pattern)
{
	utstring_init(&pattern->text);
	utstring_init(&pattern->wild);
}

void pattern_done(struct pattern *pattern)
{
	utstring_done(&pattern->text);
	utstring_done(&pattern->wild);
}

void pattern_add(struct pattern *pattern, char byte, bool wild)
{
	char mark = wild;

	utstring_bincpy(&pattern->text, &byte, 1);
	utstring_bincpy(&pattern->wild, &mark, 1);
}

void pattern_add_bytes(struct pattern *pattern, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		pattern_add(pattern, bytes[i], false);
}

static size_t length_of(const struct pattern *pattern)
{
	return utstring_len(&pattern->text);
}

static char byte_of(const struct pattern *pattern, size_t i)
{
	return utstring_body(&pattern->text)[i];
}

static bool is_wild(const struct pattern *pattern, size_t i)
{
	return utstring_body(&pattern->wild)[i];
}

bool pattern_has_wildcard(const struct pattern *pattern)
{
	return memchr(utstring_body(&pattern->wild), 1, length_of(pattern));
}

bool pattern_is_anything(const struct pattern *pattern)
{
	for (size_t i = 0; i < length_of(pattern); i++) {
		if (!is_wild(pattern, i) || byte_of(pattern, i) != '*')
			return false;
	}
	return length_of(pattern);
}

/* Is there a * or ? that stands for itself? The language's own wildcards can't say that. */
static bool has_bare_mark(const struct pattern *pattern)
{
	for (size_t i = 0; i < length_of(pattern); i++) {
		if (!is_wild(pattern, i) && strchr("*?", byte_of(pattern, i)))
			return true;
	}
	return false;
}

void query_append_string(UT_string *out, struct span text)
{
	static const char escapes[] = "\n\t\r\b\f\\'", letters[] = "ntrbf\\'";

	utstring_printf(out, "'");
	for (size_t i = 0; i < text.length; i++) {
		char c = text.start[i];
		const char *escape = c ? strchr(escapes, c) : NULL;

		if (escape)
			utstring_printf(out, "\\%c", letters[escape - escapes]);
		else if ((unsigned char)c < 0x20)
			utstring_printf(out, "\\u{%02x}", (unsigned int)c);
		else
			utstring_bincpy(out, &c, 1);
	}
	utstring_printf(out, "'");
}

bool query_is_number(struct span text)
{
	size_t i = text.length && *text.start == '-', digits = 0, dots = 0;

	for (; i < text.length; i++) {
		if (text.start[i] == '.' && digits && !dots)
			dots++;
		else if (text.start[i] >= '0' && text.start[i] <= '9')
			digits++;
		else
			return false;
	}
	return digits && digits < 40 && text.start[text.length - 1] != '.';
}

void query_append_regex_byte(UT_string *out, char byte)
{
	if (byte && strchr("\\^$.[]|()?*+{}", byte))
		utstring_printf(out, "\\");
	utstring_bincpy(out, &byte, 1);
}

/* The same as a regular expression. */
static void append_regex(UT_string *out, const struct pattern *pattern)
{
	UT_string regex;

	utstring_init(&regex);
	for (size_t i = 0; i < length_of(pattern); i++) {
		char c = byte_of(pattern, i);

		if (is_wild(pattern, i))
			utstring_printf(&regex, c == '*' ? ".*" : ".");
		else
			query_append_regex_byte(&regex, c);
	}
	query_append_string(out, (struct span){ utstring_body(&regex), utstring_len(&regex) });
	utstring_done(&regex);
}

void choice_init(struct choice *choice)
{
	memset(choice, 0, sizeof(*choice));
	utstring_init(&choice->equal);
	utstring_init(&choice->like);
	utstring_init(&choice->regex);
}

void choice_done(struct choice *choice)
{
	utstring_done(&choice->equal);
	utstring_done(&choice->like);
	utstring_done(&choice->regex);
}

static UT_string *next_of(UT_string *list, size_t *count)
{
	if ((*count)++)
		utstring_printf(list, ", ");
	return list;
}

void choice_add(struct choice *choice, const struct pattern *pattern)
{
	struct span text = { utstring_body(&pattern->text), length_of(pattern) };

	if (pattern_is_anything(pattern)) {
		choice->anything = true;
	} else if (!pattern_has_wildcard(pattern)) {
		choice->has_wildcard |= has_bare_mark(pattern);
		query_append_string(next_of(&choice->equal, &choice->equals), text);
	} else if (has_bare_mark(pattern)) {
		append_regex(next_of(&choice->regex, &choice->regexes), pattern);
	} else {
		query_append_string(next_of(&choice->like, &choice->likes), text);
	}
}

void choice_add_bare(struct choice *choice, struct span text)
{
	UT_string *list = next_of(&choice->equal, &choice->equals);

	utstring_bincpy(list, text.start, text.length);
}

void choice_add_regex(struct choice *choice, struct span text)
{
	query_append_string(next_of(&choice->regex, &choice->regexes), text);
}

/* "FIELD SIGN item" or, of several, "FIELD SIGN (items)". */
static void append_list(UT_string *out, struct span field, const char *sign, bool list,
			const UT_string *items)
{
	utstring_printf(out, "%.*s %s %s%s%s", (int)field.length, field.start, sign,
			list ? "(" : "", utstring_body(items), list ? ")" : "");
}

/* `:` would take a * or ? for a wildcard. */
static void append_equal(const struct choice *choice, UT_string *out, struct span field,
			 bool any_case)
{
	if (any_case && !choice->has_wildcard)
		append_list(out, field, ":", choice->equals > 1, &choice->equal);
	else if (any_case || choice->equals > 1)
		append_list(out, field, any_case ? "in~" : "in", true, &choice->equal);
	else
		append_list(out, field, "==", false, &choice->equal);
}

void choice_append(const struct choice *choice, UT_string *out, struct span field, bool any_case)
{
	const char *joint = "";
	bool several = !!choice->equals + !!choice->likes + !!choice->regexes > 1;

	if (choice->anything) {
		utstring_printf(out, "%.*s != null", (int)field.length, field.start);
		return;
	}
	utstring_printf(out, "%s", several ? "(" : "");
	if (choice->equals) {
		append_equal(choice, out, field, any_case);
		joint = " or ";
	}
	if (choice->likes) {
		utstring_printf(out, "%s", joint);
		append_list(out, field, any_case ? "like~" : "like", choice->likes > 1,
			    &choice->like);
		joint = " or ";
	}
	if (choice->regexes) {
		utstring_printf(out, "%s", joint);
		append_list(out, field, any_case ? "regex~" : "regex", choice->regexes > 1,
			    &choice->regex);
	}
	utstring_printf(out, "%s", several ? ")" : "");
}
