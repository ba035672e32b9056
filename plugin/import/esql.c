/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/esql.h"

#include <stdlib.h>

#include "import/esql_reader.h"
#include "process/field.h"

#define MAX_AGGREGATES 50
#define MAX_BY	       16

/* What STATS makes. */
enum aggregate_kind {
	COUNT_OF_EVENTS,
	COUNT_OF_HOSTS,
	SOMETHING_ELSE,
	CHANGED, /* the name was given to something else afterwards */
};

struct aggregate {
	struct span name;
	enum aggregate_kind kind;
};

struct translation {
	struct esql_reader reader;
	struct esql *esql;
	UT_string condition;
	bool has_or;  /* the condition must be in parentheses beside an `and` */
	size_t limit; /* where a LIMIT stands, plus 1; 0 if there is none */
	struct aggregate aggregate[MAX_AGGREGATES];
	size_t aggregates;
};

/* Passes over what changes nothing that counts. */
static void skip_pipe(struct translation *translation)
{
	while (!esql_at_pipe_end(&translation->reader))
		esql_advance(&translation->reader);
}

/* --- before STATS --- */

static void add_condition(struct translation *translation, const struct esql_value *value)
{
	UT_string *condition = &translation->condition;
	UT_string first;

	if (value->kind == ESQL_NOTHING)
		return;
	if (!utstring_len(condition)) {
		utstring_concat(condition, &value->text);
		translation->has_or = value->has_or;
		return;
	}
	if (translation->has_or) {
		utstring_init(&first);
		utstring_printf(&first, "(%s)", utstring_body(condition));
		utstring_done(condition);
		*condition = first;
		translation->has_or = false;
	}
	utstring_printf(condition, value->has_or ? " and (%s)" : " and %s",
			utstring_body(&value->text));
}

static void parse_where(struct translation *translation)
{
	struct esql_value value = esql_parse_where(&translation->reader);

	add_condition(translation, &value);
	esql_value_done(&value);
}

/* An event stays one where the field has one value; the event.* that are arrays have one for an
 * exec. */
static void parse_mv_expand(struct translation *translation)
{
	struct token name = translation->reader.token;
	struct field_ref ref;

	if (field_find(name.text, &ref) &&
	    (!ref.field->several || span_starts_with(name.text, "event.")))
		esql_advance(&translation->reader);
	else
		query_stop(&translation->reader.query, name.offset,
			   "MV_EXPAND of '%.*s' can't be carried over",
			   name.text.length < 40 ? (int)name.text.length : 40, name.text.start);
}

/* --- STATS --- */

static bool takes(struct esql_reader *reader, const char *const *names)
{
	for (; *names; names++) {
		if (esql_take_word(reader, *names))
			return true;
	}
	return false;
}

/* What stands behind "NAME =": a function that is counted by, or something else. */
static enum aggregate_kind parse_aggregate(struct translation *translation)
{
	static const char *const hosts[] = { "agent.id", "host.id", "host.name", NULL };
	struct esql_reader *reader = &translation->reader;
	enum aggregate_kind kind = SOMETHING_ELSE;

	if (esql_take_word(reader, "count") && esql_take(reader, TOKEN_OPEN)) {
		if (esql_take(reader, TOKEN_TIMES) || esql_at(reader, TOKEN_CLOSE))
			kind = COUNT_OF_EVENTS;
	} else if (esql_take_word(reader, "count_distinct") && esql_take(reader, TOKEN_OPEN)) {
		if (!esql_find_alias(reader, reader->token.text) && takes(reader, hosts))
			kind = COUNT_OF_HOSTS;
	} else {
		esql_skip_expression(reader);
		return SOMETHING_ELSE;
	}
	if (kind == COUNT_OF_HOSTS && esql_take(reader, TOKEN_COMMA)) /* its precision */
		esql_take(reader, TOKEN_NUMBER);
	if (kind == SOMETHING_ELSE || !esql_at(reader, TOKEN_CLOSE)) {
		while (!esql_at_pipe_end(reader) && !esql_at(reader, TOKEN_CLOSE))
			esql_advance(reader);
		kind = SOMETHING_ELSE;
	}
	if (!esql_take(reader, TOKEN_CLOSE))
		esql_expected(reader, "')'");
	if (esql_at_pipe_end(reader) || esql_at(reader, TOKEN_COMMA) || esql_at_word(reader, "by"))
		return kind;
	esql_skip_expression(reader); /* COUNT(*) * 2, COUNT(*) WHERE ... */
	return SOMETHING_ELSE;
}

static void parse_aggregates(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;

	do {
		struct aggregate aggregate = { .name = reader->token.text };
		struct token token = reader->token;

		if (translation->aggregates == MAX_AGGREGATES) {
			query_stop(&reader->query, token.offset, "more than %d names of STATS",
				   MAX_AGGREGATES);
			return;
		}
		esql_advance(reader);
		if (!esql_take_assignment(reader)) {
			/* It has no name, so nothing can ask for it. */
			esql_skip_expression(reader);
			continue;
		}
		aggregate.kind = parse_aggregate(translation);
		translation->aggregate[translation->aggregates++] = aggregate;
	} while (esql_take(reader, TOKEN_COMMA));
}

/* The later meaning of a name counts. */
static struct aggregate *find_aggregate(struct translation *translation, struct span name)
{
	for (size_t i = translation->aggregates; i > 0; i--) {
		if (span_equal(translation->aggregate[i - 1].name, name))
			return &translation->aggregate[i - 1];
	}
	return NULL;
}

static void change_name(struct translation *translation, struct span name)
{
	struct aggregate *aggregate = find_aggregate(translation, name);

	if (aggregate)
		aggregate->kind = CHANGED;
}

/* "FIELD", or "NAME = FIELD". */
static void parse_by_field(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;
	struct group_by *by = &translation->esql->by;
	struct token name = reader->token;
	struct esql_value value;
	struct field_ref ref;

	change_name(translation, name.text);
	esql_advance(reader);
	if (!esql_take_assignment(reader)) {
		reader->lexer.offset = name.offset;
		esql_advance(reader);
	}
	value = esql_parse_sum(reader);
	if (value.kind != ESQL_FIELD)
		query_stop(&reader->query, value.offset, "groups can only be made by fields");
	else if (!reader->query.mistakes && !field_find(esql_text_of(&value), &ref))
		query_mistake(&reader->query, value.offset,
			      "no event has '%s', so no groups can be made by it",
			      utstring_body(&value.text));
	else if (by->fields == MAX_BY)
		query_stop(&reader->query, value.offset, "groups by more than %d fields", MAX_BY);
	else if (!reader->query.mistakes)
		group_by_add(by, utstring_body(&value.text), &ref);
	esql_value_done(&value);
}

static void parse_stats(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;

	if (translation->limit)
		query_stop(&reader->query, translation->limit - 1,
			   "LIMIT before STATS can't be carried over");
	if (!esql_at_word(reader, "by"))
		parse_aggregates(translation);
	if (!esql_take_word(reader, "by")) {
		query_stop(&reader->query, reader->token.offset,
			   "STATS without BY, over all events at once, can't be carried over");
		return;
	}
	do {
		parse_by_field(translation);
	} while (esql_take(reader, TOKEN_COMMA));
	translation->esql->counts = true;
	translation->esql->fewer_than = translation->esql->max_hosts = ESQL_ANY_COUNT;
}

/* --- behind STATS --- */

/* What EVAL makes of counts is not worked out; it only must not be taken for one of them. */
static void parse_late_eval(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;

	do {
		struct span name = reader->token.text;

		if (esql_at_pipe_end(reader))
			return;
		esql_advance(reader);
		if (esql_take_assignment(reader))
			change_name(translation, name);
		esql_skip_expression(reader);
	} while (esql_take(reader, TOKEN_COMMA));
}

/* Of each pair, the one name is gone and the other is something else. */
static void parse_late_rename(struct translation *translation)
{
	while (!esql_at_pipe_end(&translation->reader)) {
		change_name(translation, translation->reader.token.text);
		esql_advance(&translation->reader);
	}
}

/* How many there may be at most for "count OPERATOR number"; -1 if it is not what is rare that is
 * kept. */
static int64_t most_of(enum token_type sign, int64_t number)
{
	if (sign == TOKEN_LESS)
		return number - 1;
	if (sign == TOKEN_LESS_EQUAL || (sign == TOKEN_EQUAL && number == 1))
		return number;
	/* What is counted was there at least once. */
	if ((sign == TOKEN_GREATER_EQUAL && number <= 1) || (sign == TOKEN_GREATER && number <= 0))
		return ESQL_ANY_COUNT - 1;
	return -1;
}

static void set_least(int64_t *bound, int64_t value)
{
	if (value < *bound)
		*bound = value;
}

static void parse_bound(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;
	struct token name = reader->token, sign;
	const struct aggregate *aggregate = find_aggregate(translation, name.text);
	int64_t most = -1;

	if (aggregate && aggregate->kind == CHANGED) {
		query_stop(&reader->query, name.offset,
			   "'%.*s' is compared, but is no longer what STATS made of it",
			   name.text.length < 40 ? (int)name.text.length : 40, name.text.start);
		return;
	}
	if (!aggregate || aggregate->kind == SOMETHING_ELSE) {
		query_stop(&reader->query, name.offset,
			   "behind STATS only COUNT(*) and COUNT_DISTINCT() of a host's or agent's "
			   "id can be compared");
		return;
	}
	esql_advance(reader);
	sign = reader->token;
	esql_advance(reader);
	if (!esql_at(reader, TOKEN_NUMBER)) {
		esql_expected(reader, "a comparison with a number");
		return;
	}
	if (reader->token.number < ESQL_ANY_COUNT &&
	    (double)(int64_t)reader->token.number == reader->token.number)
		most = most_of(sign.type, (int64_t)reader->token.number);
	if (most < 1) {
		query_stop(&reader->query, name.offset, "only groups that are rare can be kept");
		return;
	}
	esql_advance(reader);
	if (aggregate->kind == COUNT_OF_EVENTS)
		set_least(&translation->esql->fewer_than, most + 1);
	else
		set_least(&translation->esql->max_hosts, most);
}

static void parse_bounds(struct translation *translation)
{
	do {
		parse_bound(translation);
	} while (esql_take_word(&translation->reader, "and"));
}

/* --- pipes --- */

static bool parse_early_pipe(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;
	static const char *const harmless[] = { "keep", "drop", "sort", NULL };
	size_t offset = reader->token.offset;

	if (esql_take_word(reader, "where"))
		parse_where(translation);
	else if (esql_take_word(reader, "eval"))
		esql_parse_eval(reader);
	else if (esql_take_word(reader, "mv_expand"))
		parse_mv_expand(translation);
	else if (esql_take_word(reader, "stats"))
		parse_stats(translation);
	else if (takes(reader, harmless))
		skip_pipe(translation);
	else if (esql_take_word(reader, "limit")) {
		translation->limit = offset + 1;
		skip_pipe(translation);
	} else
		return false;
	return true;
}

static bool parse_late_pipe(struct translation *translation)
{
	static const char *const harmless[] = { "keep", "drop", "sort", "limit", NULL };

	if (esql_take_word(&translation->reader, "where"))
		parse_bounds(translation);
	else if (esql_take_word(&translation->reader, "eval"))
		parse_late_eval(translation);
	else if (esql_take_word(&translation->reader, "rename"))
		parse_late_rename(translation);
	else if (takes(&translation->reader, harmless))
		skip_pipe(translation);
	else
		return false;
	return true;
}

static void parse_pipes(struct translation *translation)
{
	struct esql_reader *reader = &translation->reader;

	if (!esql_take_word(reader, "from"))
		esql_expected(reader, "FROM");
	skip_pipe(translation);
	while (esql_take(reader, TOKEN_PIPE)) {
		struct token name = reader->token;

		if (!(translation->esql->counts ? parse_late_pipe(translation)
						: parse_early_pipe(translation)))
			query_stop(&reader->query, name.offset,
				   "the pipe '%.*s' can't be carried over",
				   name.text.length < 40 ? (int)name.text.length : 40,
				   name.text.start);
	}
	if (!esql_at(reader, TOKEN_END))
		esql_expected(reader, "'|' or the end");
}

static void check(struct translation *translation)
{
	const struct esql *esql = translation->esql;
	struct query *query = &translation->reader.query;

	if (esql->counts && esql->fewer_than == ESQL_ANY_COUNT && esql->max_hosts == ESQL_ANY_COUNT)
		query_mistake(query, 0, "STATS without a WHERE that keeps what is rare");
	if (!utstring_len(&translation->condition))
		query_mistake(query, 0, "no WHERE says which events are meant");
}

bool esql_translate(struct span text, struct esql *esql, parser_report report, void *user)
{
	struct translation *translation = mem_zalloc(sizeof(*translation));

	*esql = (struct esql){ 0 };
	translation->esql = esql;
	utstring_init(&translation->condition);
	esql_reader_init(&translation->reader, text, report, user);
	parse_pipes(translation);
	check(translation);
	esql->window_ms = translation->reader.window_ms;
	esql->condition = query_finish(&translation->reader.query, &translation->condition);
	esql_reader_free(&translation->reader);
	free(translation);
	return esql->condition;
}

void esql_clear(struct esql *esql)
{
	group_by_clear(&esql->by);
	free(esql->condition);
}
