/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two languages have most in common, but in Lucene ^ and $ are letters, @ is any text, "..." is text as
 * it stands, there is no quantifier that is lazy or possessive, and no (?...).
 */
#include "import/lucene.h"

#include <string.h>

/* What stands before a quantifier. */
enum before { NOTHING, ITEM, STAR, QUANTIFIER };

struct translation {
	struct query *query;
	size_t offset; /* of the expression in the query */
	const char *at, *end;
	UT_string *out;
	enum before before;
};

static void stop(struct translation *translation, const char *what)
{
	query_stop(translation->query, translation->offset,
		   "%s of this regular expression can't be carried over", what);
}

static void copy(struct translation *translation, size_t length)
{
	utstring_bincpy(translation->out, translation->at, length);
	translation->at += length;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* \d, \s and \w mean the same. Other letters and digits stand for themselves in one version of Lucene, are
 * mistakes in another, and are something else here. */
static void translate_escape(struct translation *translation)
{
	char c;

	if (translation->end - translation->at < 2) {
		stop(translation, "the '\\' at the end");
		return;
	}
	c = translation->at[1];
	if (is_digit(c) || (is_letter(c) && !strchr("dDsSwW", c)))
		stop(translation, "an escaped letter or digit");
	else
		copy(translation, 2);
}

static void translate_string(struct translation *translation)
{
	const char *at = translation->at + 1;
	const char *quote = memchr(at, '"', (size_t)(translation->end - at));

	if (!quote) {
		stop(translation, "the '\"' without an end");
		return;
	}
	utstring_printf(translation->out, "(?:");
	while (at < quote)
		query_append_regex_byte(translation->out, *at++);
	utstring_printf(translation->out, ")");
	translation->at = quote + 1;
}

/* [...], in which [ is itself, and so is a ] that comes first. */
static void translate_class(struct translation *translation)
{
	const char *first;

	copy(translation, 1);
	if (translation->at < translation->end && *translation->at == '^')
		copy(translation, 1);
	first = translation->at;
	while (translation->at < translation->end && !translation->query->stuck) {
		char c = *translation->at;

		if (c == ']' && translation->at > first) {
			copy(translation, 1);
			return;
		}
		if (c == '\\') {
			translate_escape(translation);
			continue;
		}
		if (strchr("[]^", c))
			utstring_printf(translation->out, "\\");
		copy(translation, 1);
	}
	stop(translation, "the '[' without an end");
}

/* The length of "{N}", "{N,}" or "{N,M}"; 0 if it is none. */
static size_t repeat_length(const char *at, const char *end)
{
	const char *start = at++;

	if (at == end || !is_digit(*at))
		return 0;
	while (at < end && is_digit(*at))
		at++;
	if (at < end && *at == ',')
		at++;
	while (at < end && is_digit(*at))
		at++;
	return at < end && *at == '}' ? (size_t)(at - start) + 1 : 0;
}

/* Here a second quantifier changes the first; there it repeats what that made. */
static void translate_quantifier(struct translation *translation)
{
	char c = *translation->at;
	size_t length = c == '{' ? repeat_length(translation->at, translation->end) : 1;

	if (translation->before == NOTHING || !length)
		stop(translation, "a quantifier with nothing in front or no number");
	else if (translation->before == STAR && c != '{')
		translation->at++; /* any number of times, any number of times */
	else if (translation->before != ITEM)
		stop(translation, "a quantifier behind another");
	else
		copy(translation, length);
	translation->before = c == '*' || translation->before == STAR ? STAR : QUANTIFIER;
}

static void translate_operator(struct translation *translation)
{
	char c = *translation->at;

	switch (c) {
	case '#':
	case '&':
	case '<':
	case '~':
		stop(translation, (char[]){ '\'', c, '\'', '\0' });
		return;
	case '@':
		utstring_printf(translation->out, "(?:.*)");
		translation->at++;
		break;
	case '^':
	case '$':
		query_append_regex_byte(translation->out, c);
		translation->at++;
		break;
	case '"':
		translate_string(translation);
		break;
	case '[':
		translate_class(translation);
		break;
	case '\\':
		translate_escape(translation);
		break;
	default:
		copy(translation, 1);
	}
	translation->before = c == '(' || c == '|' ? NOTHING : ITEM;
}

void lucene_translate(struct query *query, size_t offset, struct span text, UT_string *out)
{
	struct translation translation = { query, offset, text.start, text.start + text.length, out,
					   NOTHING };

	while (translation.at < translation.end && !query->stuck) {
		if (strchr("*+?{", *translation.at))
			translate_quantifier(&translation);
		else
			translate_operator(&translation);
	}
}
