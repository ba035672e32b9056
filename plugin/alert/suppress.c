/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/suppress.h"

#include <stdlib.h>

#include "alert/alert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/saved.h"
#include "process/document.h"
#include "rules/kept.h"

#include <uthash.h>

/* Of alerts that are alike, from the first on. */
struct period {
	char *key; /* the rule's id, a space and the values as a JSON array */
	const struct rule *rule;
	int64_t begin, end;
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
	int64_t latest;		/* no alert is later; INT64_MAX without a bound */
	struct json_object *changed; /* a member for each rule whose periods are not saved as they are */
	size_t bytes;
	uint64_t unfolded;
};

struct suppress *suppress_new(suppress_handler send, void *user)
{
	struct suppress *suppress = mem_zalloc(sizeof(*suppress));

	suppress->send = send;
	suppress->user = user;
	suppress->next_end = INT64_MAX;
	suppress->latest = INT64_MAX;
	suppress->changed = json_object_new_object();
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
	json_object_put(suppress->changed);
	free(suppress);
}

static void note_change(struct suppress *suppress, const char *rule)
{
	if (!json_object_object_get_ex(suppress->changed, rule, NULL))
		json_object_object_add(suppress->changed, rule, NULL);
}

static char *values_of(const struct rule *rule, struct json_object *document)
{
	struct json_object *values = json_object_new_array();
	char *text;

	for (size_t i = 0; i < rule->suppress_by.fields; i++)
		json_object_array_add(values, json_object_get(document_get(
						      document, rule->suppress_by.field[i].name)));
	text = mem_strdup(json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN));
	json_object_put(values);
	return text;
}

/* A document can have less than the event: its texts are cut, and bytes that are not UTF-8 look alike. */
static char *key_of(const struct rule *rule, const struct process_event *event,
		    struct json_object *document)
{
	char *values = event ? group_by_key(&rule->suppress_by, event) : values_of(rule, document);
	UT_string key;

	utstring_init(&key);
	utstring_printf(&key, "%s %s", rule->id, values);
	free(values);
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
	period->begin = end - rule->tuning.suppress_ms;
	period->end = end;
	if (end < suppress->next_end)
		suppress->next_end = end;
	suppress->bytes += size_of(period);
	HASH_ADD_KEYPTR(hh, suppress->periods, period->key, strlen(period->key), period);
	note_change(suppress, rule->id);
	return period;
}

/* Is there room for so many bytes in the place of the period's document? */
static bool has_room(const struct suppress *suppress, const struct period *period, size_t bytes)
{
	return suppress->bytes - length_of(period->document) + bytes <= SUPPRESS_MAX_BYTES;
}

/* The text is taken over. */
static void set_document(struct suppress *suppress, struct period *period, char *document)
{
	suppress->bytes += length_of(document) - length_of(period->document);
	free(period->document);
	period->document = document;
}

/* Folds an alert into a period. Returns false, with nothing done, if there is no room. */
static bool fold(struct suppress *suppress, struct period *period, struct json_object *document,
		 int64_t time)
{
	if (!has_room(suppress, period, KEPT_MAX_DOCUMENT + 1))
		return false;
	set_document(suppress, period, kept_document(document));
	if (!period->count || time < period->first)
		period->first = time;
	if (time > period->last)
		period->last = time;
	period->count++;
	note_change(suppress, period->rule->id);
	return true;
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
	note_change(suppress, period->rule->id);
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

/* Periods that begin later are of a clock that was ahead until now. */
void suppress_set_latest(struct suppress *suppress, int64_t latest)
{
	bool back = latest < suppress->latest - CLOCK_DISORDER_MS;
	struct period *period, *next;

	suppress->latest = latest;
	if (!back)
		return;
	HASH_ITER (hh, suppress->periods, period, next) {
		if (period->begin > latest)
			end_period(suppress, period);
	}
}

/* An alert long before its period can only be if the one that began it was of a clock that was ahead. */
static bool is_over(const struct period *period, int64_t time)
{
	return time >= period->end || time < period->begin - CLOCK_DISORDER_MS;
}

/* Returns whether there is nothing to be sent. */
static bool fold_or_open(struct suppress *suppress, const struct rule *rule, char *key,
			 struct json_object *document, int64_t time)
{
	struct period *period = find_period(suppress, key);
	bool folded;

	if (period && is_over(period, time)) {
		end_period(suppress, period);
		period = NULL;
	}
	if (!period) {
		suppress->unfolded +=
			!open_period(suppress, rule, key, time + rule->tuning.suppress_ms);
		return false;
	}
	free(key);
	folded = fold(suppress, period, document, time);
	suppress->unfolded += !folded;
	return folded;
}

void suppress_alert(struct suppress *suppress, const struct rule *rule,
		    const struct process_event *event, struct json_object *document, int64_t time)
{
	if (rule->tuning.suppress_ms &&
	    fold_or_open(suppress, rule, key_of(rule, event, document), document, time))
		json_object_put(document);
	else
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
static struct json_object *periods_of(struct json_object *saved, const char *id,
				      const struct group_by *by)
{
	struct json_object *member = json_object_object_get(saved, id);
	char *names;

	if (!member) {
		names = group_by_names(by);
		member = json_object_new_object();
		json_object_object_add(member, "by", json_object_new_string(names));
		json_object_object_add(member, "periods", json_object_new_array());
		json_object_object_add(saved, id, member);
		free(names);
	}
	return json_object_object_get(member, "periods");
}

struct json_object *suppress_save(const struct suppress *suppress)
{
	struct json_object *saved = json_object_new_object();

	for (const struct period *period = suppress->periods; period; period = period->hh.next)
		json_object_array_add(
			periods_of(saved, period->rule->id, &period->rule->suppress_by),
			save_period(period));
	return saved;
}

struct json_object *suppress_changes(const struct suppress *suppress)
{
	struct json_object *saved = json_object_new_object();

	for (const struct period *period = suppress->periods; period; period = period->hh.next) {
		if (!json_object_object_get_ex(suppress->changed, period->rule->id, NULL))
			continue;
		json_object_array_add(
			periods_of(saved, period->rule->id, &period->rule->suppress_by),
			save_period(period));
	}
	/* What was sent must not come back. */
	json_object_object_foreach(suppress->changed, id, unused)
	{
		(void)unused;
		periods_of(saved, id, &(struct group_by){ 0 });
	}
	return saved;
}

bool suppress_changed(const struct suppress *suppress)
{
	return json_object_object_length(suppress->changed);
}

void suppress_saved(struct suppress *suppress)
{
	json_object_put(suppress->changed);
	suppress->changed = json_object_new_object();
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
	note_change(suppress, id);
	sum_up(suppress, period, &rule);
	free(period->document);
	free(rule.id);
	json_object_put(parsed);
}

/* Adds what was folded to a period. Returns false, with nothing done, if there is no room. */
static bool fold_saved(struct suppress *suppress, struct period *period,
		       const struct period *saved, const char *document)
{
	bool later = !period->count || saved->last > period->last;

	if (later && !has_room(suppress, period, length_of(document)))
		return false;
	if (later)
		set_document(suppress, period, mem_strdup(document));
	if (!period->count || saved->first < period->first)
		period->first = saved->first;
	if (later)
		period->last = saved->last;
	period->count += saved->count;
	if (period->count > SAVED_MAX_TIME)
		period->count = SAVED_MAX_TIME;
	note_change(suppress, period->rule->id);
	return true;
}

/* A time of a clock that was ahead. */
static int64_t bounded(const struct suppress *suppress, int64_t time)
{
	return time < suppress->latest ? time : suppress->latest;
}

static struct period *period_of(struct suppress *suppress, const struct rule *rule,
				const char *key, int64_t end)
{
	struct period *period = find_period(suppress, key);
	int64_t length = rule->tuning.suppress_ms;

	if (period)
		return period;
	return open_period(suppress, rule, mem_strdup(key),
			   bounded(suppress, end - length) + length);
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
	if (rule && (strncmp(key, id, length) || key[length] != ' '))
		return false;
	saved.first = bounded(suppress, saved.first);
	saved.last = bounded(suppress, saved.last);
	period = rule ? period_of(suppress, rule, key, saved.end) : NULL;
	if (!period || (saved.count && !fold_saved(suppress, period, &saved, document)))
		send_orphan(suppress, id, &saved, document);
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
