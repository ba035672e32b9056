/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	or     := and ("or" and)*
 *	and    := not ("and" not)*
 *	not    := "not" not | "(" or ")" | FIELD ":" value | FIELD ("<" | "<=" | ">" | ">=") LITERAL
 *	value  := LITERAL | "(" values ")"
 *	values := the same as or, of values
 *
 * The two languages bind alike, so parentheses go over as they are.
 */
#include "import/kql.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/query.h"
#include "process/field.h"

struct kql {
	struct query query;
	size_t offset; /* what has been read */
	UT_string out;
	struct span field; /* of the values that are read */
	struct field_ref ref;
	bool known; /* the field is one of events, and `ref` says what it is */
};

static struct span rest_of(const struct kql *kql)
{
	return (struct span){ kql->query.text.start + kql->offset,
			      kql->query.text.length - kql->offset };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct kql *kql)
{
	while (kql->offset < kql->query.text.length && is_blank(kql->query.text.start[kql->offset]))
		kql->offset++;
}

/* The next byte that isn't blank; 0 at the end, and where nothing more is read. */
static char peek(struct kql *kql)
{
	skip_blanks(kql);
	if (kql->query.stuck || kql->offset == kql->query.text.length)
		return 0;
	return kql->query.text.start[kql->offset];
}

static bool take(struct kql *kql, char c)
{
	if (peek(kql) != c)
		return false;
	kql->offset++;
	return true;
}

static bool is_special(char c)
{
	return strchr("\\():<>\"{}", c);
}

/* Length of the word at the start of `rest`: what is neither blank nor special. */
static size_t word_length(struct span rest)
{
	size_t i = 0;

	while (i < rest.length && rest.start[i] && !is_blank(rest.start[i]) &&
	       !is_special(rest.start[i]))
		i++;
	return i;
}

static bool word_is(struct span rest, const char *word)
{
	return word_length(rest) == strlen(word) && !strncasecmp(rest.start, word, strlen(word));
}

static bool at_word(struct kql *kql, const char *word)
{
	return peek(kql) && word_is(rest_of(kql), word);
}

static bool take_word(struct kql *kql, const char *word)
{
	if (!at_word(kql, word))
		return false;
	kql->offset += strlen(word);
	return true;
}

static bool at_keyword(struct kql *kql)
{
	return at_word(kql, "and") || at_word(kql, "or") || at_word(kql, "not");
}

static void expected(struct kql *kql, const char *what)
{
	struct span rest;

	peek(kql);
	rest = rest_of(kql);
	if (rest.length)
		query_stop(&kql->query, kql->offset, "expected %s instead of '%.*s'", what,
			   (int)(word_length(rest) ? word_length(rest) : 1), rest.start);
	else
		query_stop(&kql->query, kql->offset, "expected %s", what);
}

/* --- literals --- */

/* \u and four hexadecimal digits. Returns the length; 0 if it is none. */
static size_t read_unicode(struct span rest, struct pattern *pattern)
{
	char digits[5] = "", bytes[4];
	unsigned long code;

	if (rest.length < 5 || rest.start[0] != 'u')
		return 0;
	memcpy(digits, rest.start + 1, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return 0;
	code = strtoul(digits, NULL, 16);
	if (!code || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	if (code < 0x80) {
		pattern_add(pattern, (char)code, false);
		return 5;
	}
	bytes[0] = (char)(code < 0x800 ? 0xc0 | code >> 6 : 0xe0 | code >> 12);
	bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
	bytes[2] = (char)(0x80 | (code & 0x3f));
	if (code < 0x800)
		bytes[1] = bytes[2];
	pattern_add_bytes(pattern, bytes, code < 0x800 ? 2 : 3);
	return 5;
}

/* What follows a backslash. Returns its length; 0 if it means nothing. */
static size_t read_escape(struct span rest, bool quoted, struct pattern *pattern)
{
	static const char escapes[] = "ntr", values[] = "\n\t\r";
	char c = rest.length ? rest.start[0] : 0;
	const char *escape = c ? strchr(escapes, c) : NULL;

	if (escape) {
		pattern_add(pattern, values[escape - escapes], false);
		return 1;
	}
	if (c == '\\' || c == '"' || (c && !quoted && (is_special(c) || strchr("* ", c)))) {
		pattern_add(pattern, c, false);
		return 1;
	}
	if (!quoted && (word_is(rest, "and") || word_is(rest, "or"))) {
		pattern_add(pattern, c, false);
		return 1;
	}
	return read_unicode(rest, pattern);
}

static void read_quoted(struct kql *kql, struct pattern *pattern)
{
	size_t start = kql->offset++;

	while (kql->offset < kql->query.text.length) {
		char c = kql->query.text.start[kql->offset++];
		size_t length = 0;

		if (c == '"')
			return;
		if (c == '\\')
			length = read_escape(rest_of(kql), true, pattern);
		if (!length)
			pattern_add(pattern, c, false);
		kql->offset += length;
	}
	query_stop(&kql->query, start, "the string has no end");
}

static void read_word(struct kql *kql, struct pattern *pattern)
{
	while (kql->offset < kql->query.text.length) {
		char c = kql->query.text.start[kql->offset];
		size_t length;

		if (c != '\\' && (is_blank(c) || is_special(c)))
			return;
		kql->offset++;
		if (c != '\\') {
			pattern_add(pattern, c, c == '*');
			continue;
		}
		length = read_escape(rest_of(kql), false, pattern);
		if (!length) {
			query_stop(&kql->query, kql->offset - 1, "unknown escape");
			return;
		}
		kql->offset += length;
	}
}

/* Words without quotes are one value, up to a keyword. */
static void read_literal(struct kql *kql, struct pattern *pattern)
{
	char c = peek(kql);

	if (c == '"') {
		read_quoted(kql, pattern);
		return;
	}
	if (c == '{') {
		query_stop(&kql->query, kql->offset,
			   "nested documents, { ... }, can't be carried over");
		return;
	}
	if (!c || (c != '\\' && is_special(c)) || at_keyword(kql)) {
		expected(kql, "a value");
		return;
	}
	for (;;) {
		size_t end;

		read_word(kql, pattern);
		end = kql->offset;
		c = peek(kql);
		if (!c || (c != '\\' && is_special(c)) || at_keyword(kql))
			return;
		pattern_add_bytes(pattern, kql->query.text.start + end, kql->offset - end);
	}
}

/* --- values of a field --- */

static void add_typed(struct kql *kql, const struct pattern *pattern, size_t offset,
		      struct choice *choice)
{
	struct span text = { utstring_body(&pattern->text), utstring_len(&pattern->text) };
	bool number = kql->ref.field->type == FIELD_NUMBER;
	bool boolean = kql->ref.field->type == FIELD_BOOLEAN;

	if (number ? query_is_number(text)
		   : boolean && (span_is(text, "true") || span_is(text, "false")))
		choice_add_bare(choice, text);
	else if (number || boolean)
		query_mistake(&kql->query, offset, "'%.*s' must be %s", (int)kql->field.length,
			      kql->field.start, number ? "a number" : "true or false");
	else
		query_mistake(&kql->query, offset, "times can't be compared");
}

/* Reads one value of the current field. */
static void read_value(struct kql *kql, struct choice *choice)
{
	struct pattern pattern;
	size_t offset;

	peek(kql);
	offset = kql->offset;
	pattern_init(&pattern);
	read_literal(kql, &pattern);
	if (kql->known && kql->ref.field->type != FIELD_KEYWORD && !pattern_is_anything(&pattern))
		add_typed(kql, &pattern, offset, choice);
	else
		choice_add(choice, &pattern);
	pattern_done(&pattern);
}

static void parse_values(struct kql *kql);

/* Reads "a or b or c)" as one choice. Returns false, with nothing read, if it is something else. */
static bool parse_flat_values(struct kql *kql, struct choice *choice)
{
	size_t offset = kql->offset, mistakes = kql->query.mistakes;

	do {
		if (peek(kql) == '(' || at_word(kql, "not"))
			break;
		read_value(kql, choice);
	} while (take_word(kql, "or"));
	if (kql->query.mistakes > mistakes) /* not twice */
		kql->query.stuck = true;
	if (kql->query.stuck || take(kql, ')'))
		return true;
	kql->offset = offset;
	return false;
}

/* What stands behind "(" and ends with ")". */
static void parse_group(struct kql *kql)
{
	struct choice choice;

	choice_init(&choice);
	if (parse_flat_values(kql, &choice)) {
		choice_append(&choice, &kql->out, kql->field, false);
	} else {
		utstring_printf(&kql->out, "(");
		parse_values(kql);
		utstring_printf(&kql->out, ")");
		if (!take(kql, ')'))
			expected(kql, "')'");
	}
	choice_done(&choice);
}

static void parse_value(struct kql *kql)
{
	struct choice choice;

	if (take(kql, '(')) {
		if (!query_enter(&kql->query, kql->offset))
			return;
		parse_group(kql);
		query_leave(&kql->query);
		return;
	}
	choice_init(&choice);
	read_value(kql, &choice);
	choice_append(&choice, &kql->out, kql->field, false);
	choice_done(&choice);
}

/* "not" as often as it stands there, then what `parse` reads. */
static void parse_not_of(struct kql *kql, void (*parse)(struct kql *kql))
{
	while (take_word(kql, "not"))
		utstring_printf(&kql->out, "not ");
	parse(kql);
}

static void parse_chain_of(struct kql *kql, void (*parse)(struct kql *kql))
{
	for (;;) {
		parse_not_of(kql, parse);
		if (take_word(kql, "and"))
			utstring_printf(&kql->out, " and ");
		else if (take_word(kql, "or"))
			utstring_printf(&kql->out, " or ");
		else
			return;
	}
}

static void parse_values(struct kql *kql)
{
	parse_chain_of(kql, parse_value);
}

/* --- fields --- */

/* What stands behind "FIELD SIGN". */
static void parse_range(struct kql *kql, const char *sign)
{
	struct pattern pattern;
	struct choice value;
	size_t offset;

	peek(kql);
	offset = kql->offset;
	pattern_init(&pattern);
	choice_init(&value);
	read_literal(kql, &pattern);
	if (pattern_has_wildcard(&pattern))
		query_mistake(&kql->query, offset, "a wildcard can't be compared with '%s'", sign);
	else if (kql->known && kql->ref.field->type != FIELD_KEYWORD)
		add_typed(kql, &pattern, offset, &value);
	else
		choice_add(&value, &pattern);
	utstring_printf(&kql->out, "%.*s %s %s", (int)kql->field.length, kql->field.start, sign,
			utstring_body(&value.equal));
	choice_done(&value);
	pattern_done(&pattern);
}

static void parse_field(struct kql *kql)
{
	size_t offset = kql->offset;
	struct span rest = rest_of(kql);
	char next;

	kql->field = (struct span){ rest.start, word_length(rest) };
	kql->offset += kql->field.length;
	next = peek(kql);
	if (next != ':' && next != '<' && next != '>') {
		query_stop(&kql->query, offset, "a value without a field can't be carried over");
		return;
	}
	if (memchr(kql->field.start, '*', kql->field.length)) {
		query_stop(&kql->query, offset,
			   "a wildcard in a field's name can't be carried over");
		return;
	}
	query_check_field(&kql->query, offset, kql->field);
	kql->known = field_find(kql->field, &kql->ref);
	kql->offset++;
	if (next == ':')
		parse_value(kql);
	else if (kql->offset < kql->query.text.length &&
		 kql->query.text.start[kql->offset] == '=' && kql->offset++)
		parse_range(kql, next == '<' ? "<=" : ">=");
	else
		parse_range(kql, next == '<' ? "<" : ">");
}

static void parse_primary(struct kql *kql)
{
	char c = peek(kql);

	if (c == '(') {
		if (!query_enter(&kql->query, kql->offset))
			return;
		kql->offset++;
		utstring_printf(&kql->out, "(");
		parse_chain_of(kql, parse_primary);
		utstring_printf(&kql->out, ")");
		query_leave(&kql->query);
		if (!take(kql, ')'))
			expected(kql, "')'");
	} else if (c == '"') {
		query_stop(&kql->query, kql->offset,
			   "a value without a field can't be carried over");
	} else if (c == '\\' || !word_length(rest_of(kql)) || at_keyword(kql)) {
		expected(kql, "a field");
	} else {
		parse_field(kql);
	}
}

char *kql_translate(struct span text, parser_report report, void *user)
{
	struct kql kql = { .query = { .text = text, .report = report, .user = user } };

	utstring_init(&kql.out);
	query_begin(&kql.query);
	parse_chain_of(&kql, parse_primary);
	if (peek(&kql))
		expected(&kql, "'and', 'or' or the end");
	return query_finish(&kql.query, &kql.out);
}
