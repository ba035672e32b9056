/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/suppress.h"

#include <stdlib.h>

#include "alert/alert.h"
#include "base/memory.h"
#include "base/saved.h"
#include "process/document.h"

#include <uthash.h>

#define MAX_DOCUMENT                                                                               \
	8000 /* bytes kept of the last alert that was folded; its longest values are cut */

/* Of alerts that are alike, from the first on. */
struct period {
	char *key; /* the rule's id, a space and the values as a JSON array */
	const struct rule *rule;
	int64_t end;
	int64_t count;	     /* that were folded */
	int64_t first, last; /* of those */
	char *document;	     /* of the last of those; NULL without any */
	UT_hash_handle hh;
};

struct suppress {
	suppress_handler send;
	void *user;
	struct period *periods; /* by key */
	int64_t next_end;	/* no period ends before; INT64_MAX without any */
	size_t bytes;
	uint64_t unfolded;
};

struct suppress *suppress_new(suppress_handler send, void *user)
{
	struct suppress *suppress = mem_zalloc(sizeof(*suppress));

	suppress->send = send;
	suppress->user = user;
	suppress->next_end = INT64_MAX;
	return suppress;
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t size_of(const struct period *period)
{
	return sizeof(*period) + length_of(period->key) + length_of(period->document);
}

static void remove_period(struct suppress *suppress, struct period *period)
{
	suppress->bytes -= size_of(period);
	HASH_DEL(suppress->periods, period);
	free(period->document);
	free(period->key);
	free(period);
}

void suppress_free(struct suppress *suppress)
{
	struct period *period, *next;

	if (!suppress)
		return;
	HASH_ITER (hh, suppress->periods, period, next)
		remove_period(suppress, period);
	free(suppress);
}

static char *key_of(const struct rule *rule, struct json_object *document)
{
	struct json_object *values = json_object_new_array();
	UT_string key;

	for (size_t i = 0; i < rule->suppress_by.fields; i++)
		json_object_array_add(values, json_object_get(document_get(
						      document, rule->suppress_by.field[i].name)));
	utstring_init(&key);
	utstring_printf(&key, "%s %s", rule->id,
			json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN));
	json_object_put(values);
	return utstring_body(&key);
}

static struct period *find_period(const struct suppress *suppress, const char *key)
{
	struct period *period;

	HASH_FIND_STR(suppress->periods, key, period);
	return period;
}

/* Opens a period; the key is taken over. Returns NULL if there is no room. */
static struct period *open_period(struct suppress *suppress, const struct rule *rule, char *key,
				  int64_t end)
{
	struct period *period;

	if (HASH_COUNT(suppress->periods) >= SUPPRESS_MAX_PERIODS ||
	    suppress->bytes + sizeof(*period) + length_of(key) > SUPPRESS_MAX_BYTES) {
		free(key);
		return NULL;
	}
	period = mem_zalloc(sizeof(*period));
	period->key = key;
	period->rule = rule;
	period->end = end;
	if (end < suppress->next_end)
		suppress->next_end = end;
	suppress->bytes += size_of(period);
	HASH_ADD_KEYPTR(hh, suppress->periods, period->key, strlen(period->key), period);
	return period;
}

/* Folds an alert into a period; the text is taken over. Returns false, with nothing done, if there
 * is no room. */
static bool fold(struct suppress *suppress, struct period *period, char *document, int64_t time)
{
	size_t bytes = suppress->bytes - length_of(period->document) + length_of(document);

	if (bytes > SUPPRESS_MAX_BYTES) {
		free(document);
		return false;
	}
	suppress->bytes = bytes;
	free(period->document);
	period->document = document;
	if (!period->count || time < period->first)
		period->first = time;
	if (time > period->last)
		period->last = time;
	period->count++;
	return true;
}

static char *print_document(struct json_object *document)
{
	UT_string text;

	utstring_init(&text);
	document_print(document, MAX_DOCUMENT, &text);
	return utstring_body(&text);
}

/* Sends what was folded. */
static void sum_up(struct suppress *suppress, const struct period *period, const struct rule *rule)
{
	struct json_object *document;

	if (!period->count)
		return;
	document = json_tokener_parse(period->document);
	if (!json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		document = json_object_new_object();
	}
	alert_set_suppressed(document, period->count, period->first, period->last);
	suppress->send(suppress->user, rule, document);
}

static void end_period(struct suppress *suppress, struct period *period)
{
	sum_up(suppress, period, period->rule);
	remove_period(suppress, period);
}

void suppress_advance(struct suppress *suppress, int64_t time)
{
	struct period *period, *next;

	if (time < suppress->next_end)
		return;
	suppress->next_end = INT64_MAX;
	HASH_ITER (hh, suppress->periods, period, next) {
		if (period->end <= time)
			end_period(suppress, period);
		else if (period->end < suppress->next_end)
			suppress->next_end = period->end;
	}
}

void suppress_alert(struct suppress *suppress, const struct rule *rule,
		    struct json_object *document, int64_t time)
{
	char *key = rule->tuning.suppress_ms ? key_of(rule, document) : NULL;
	struct period *period = key ? find_period(suppress, key) : NULL;

	if (period && time >= period->end) {
		end_period(suppress, period);
		period = NULL;
	}
	if (period) {
		bool folded = fold(suppress, period, print_document(document), time);

		suppress->unfolded += !folded;
		free(key);
		if (folded) {
			json_object_put(document);
			return;
		}
	} else if (key && !open_period(suppress, rule, key, time + rule->tuning.suppress_ms)) {
		suppress->unfolded++;
	}
	suppress->send(suppress->user, rule, document);
}

int64_t suppress_deadline(const struct suppress *suppress)
{
	return suppress->periods ? suppress->next_end : -1;
}

void suppress_finish(struct suppress *suppress)
{
	suppress_advance(suppress, INT64_MAX);
}

uint64_t suppress_unfolded(const struct suppress *suppress)
{
	return suppress->unfolded;
}

static bool folds_by(const struct rule *rule, const char *names)
{
	char *by = group_by_names(&rule->suppress_by);
	bool same = rule->tuning.suppress_ms && !strcmp(by, names);

	free(by);
	return same;
}

void suppress_set_rules(struct suppress *suppress, const struct ruleset *ruleset)
{
	struct period *period, *next;

	HASH_ITER (hh, suppress->periods, period, next) {
		const struct rule *rule = ruleset_find(ruleset, period->rule->id);
		char *names = group_by_names(&period->rule->suppress_by);

		if (rule && folds_by(rule, names))
			period->rule = rule;
		else
			end_period(suppress, period);
		free(names);
	}
}

/* --- what is saved: [key, end, count, first, last, document] --- */

static struct json_object *save_period(const struct period *period)
{
	struct json_object *saved = json_object_new_array();

	json_object_array_add(saved, json_object_new_string(period->key));
	json_object_array_add(saved, json_object_new_int64(period->end));
	json_object_array_add(saved, json_object_new_int64(period->count));
	json_object_array_add(saved, json_object_new_int64(period->first));
	json_object_array_add(saved, json_object_new_int64(period->last));
	json_object_array_add(saved,
			      json_object_new_string(period->document ? period->document : ""));
	return saved;
}

/* The rule's periods in `saved`, made if need be. */
static struct json_object *periods_of(struct json_object *saved, const struct rule *rule)
{
	struct json_object *member = json_object_object_get(saved, rule->id);
	char *names;

	if (!member) {
		names = group_by_names(&rule->suppress_by);
		member = json_object_new_object();
		json_object_object_add(member, "by", json_object_new_string(names));
		json_object_object_add(member, "periods", json_object_new_array());
		json_object_object_add(saved, rule->id, member);
		free(names);
	}
	return json_object_object_get(member, "periods");
}

struct json_object *suppress_save(const struct suppress *suppress)
{
	struct json_object *saved = json_object_new_object();

	for (const struct period *period = suppress->periods; period; period = period->hh.next)
		json_object_array_add(periods_of(saved, period->rule), save_period(period));
	return saved;
}

static bool read_period(struct json_object *row, struct period *period, const char **key,
			const char **document)
{
	int64_t *const number[] = { &period->end, &period->count, &period->first, &period->last };

	if (!row)
		return false;
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		if (!saved_number(json_object_array_get_idx(row, i + 1), SAVED_MAX_TIME, number[i]))
			return false;
	}
	*key = saved_text_at(row, 0);
	*document = saved_text_at(row, 5);
	return *key && *document && strlen(*document) <= SUPPRESS_MAX_BYTES;
}

/* The rule is gone; what is known of its alerts is in the document. */
static void send_orphan(struct suppress *suppress, const char *id, struct period *period,
			const char *document)
{
	struct rule rule = { .type = RULE_MATCH };
	struct json_object *parsed = json_tokener_parse(document);

	rule.id = mem_strdup(id);
	rule.name = rule.id;
	rule.tuning.severity = alert_severity(parsed);
	period->document = mem_strdup(document);
	sum_up(suppress, period, &rule);
	free(period->document);
	free(rule.id);
	json_object_put(parsed);
}

static bool restore_period(struct suppress *suppress, const struct rule *rule, const char *id,
			   struct json_object *row)
{
	struct period saved = { 0 };
	const char *key, *document;
	struct period *period;
	size_t length = strlen(id);

	if (!read_period(row, &saved, &key, &document))
		return false;
	if (rule && (strncmp(key, id, length) || key[length] != ' ' || find_period(suppress, key)))
		return false;
	period = rule ? open_period(suppress, rule, mem_strdup(key), saved.end) : NULL;
	if (!period) {
		send_orphan(suppress, id, &saved, document);
		return true;
	}
	if (!saved.count)
		return true;
	if (!fold(suppress, period, mem_strdup(document), saved.last)) {
		send_orphan(suppress, id, &saved, document);
		return true;
	}
	period->count = saved.count;
	period->first = saved.first;
	return true;
}

bool suppress_restore(struct suppress *suppress, const struct ruleset *ruleset,
		      struct json_object *saved)
{
	bool good = true;

	if (!json_object_is_type(saved, json_type_object))
		return false;
	json_object_object_foreach(saved, id, member)
	{
		const struct rule *rule = ruleset_find(ruleset, id);
		struct json_object *periods = saved_array(member, "periods");
		const char *names = saved_text(member, "by");

		if (!periods || !names) {
			good = false;
			continue;
		}
		if (rule && !folds_by(rule, names))
			rule = NULL;
		for (size_t i = 0; i < json_object_array_length(periods); i++)
			good &= restore_period(suppress, rule, id, saved_row(periods, i, 6));
	}
	return good;
}
