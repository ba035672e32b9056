/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/text.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "process/document.h"

static void append(struct json_object *document, const char *name, const char *behind,
		   UT_string *out)
{
	struct json_object *member = document_get(document, name);

	if (member)
		utf8_append_escaped(out, span_of(json_object_get_string(member)));
	else
		utstring_printf(out, "-");
	utstring_printf(out, "%s", behind);
}

const char *text_severity(struct json_object *document)
{
	int severity = json_object_get_int(document_get(document, "event.severity"));

	if (severity < 47)
		return "low";
	if (severity < 73)
		return "medium";
	return severity < 99 ? "high" : "critical";
}

static void append_rarity(struct json_object *document, UT_string *out)
{
	struct json_object *rarity = document_get(document, "auspawn.rarity");
	int64_t count = json_object_get_int64(document_get(rarity, "count"));

	utstring_printf(out, "%" PRId64 " time%s from ", count, count == 1 ? "" : "s");
	append(rarity, "window.start", " to ", out);
	append(rarity, "window.end", "", out);
	if (json_object_get_boolean(document_get(rarity, "provisional")))
		utstring_printf(out, " so far");
	utstring_printf(out, ": ");
}

static void append_threshold(struct json_object *document, UT_string *out)
{
	struct json_object *threshold = document_get(document, "auspawn.threshold");

	append(threshold, "count", " times", out);
	if (document_get(threshold, "distinct")) {
		utstring_printf(out, ", ");
		append(threshold, "distinct", " different,", out);
	}
	utstring_printf(out, " from ");
	append(threshold, "first", " to ", out);
	append(threshold, "last", ": ", out);
}

static void append_new_terms(struct json_object *document, UT_string *out)
{
	struct json_object *new_terms = document_get(document, "auspawn.new_terms");

	if (document_get(new_terms, "last_seen")) {
		utstring_printf(out, "not seen since ");
		append(new_terms, "last_seen", ": ", out);
	} else {
		utstring_printf(out, "never seen before: ");
	}
}

static void append_suppressed(struct json_object *document, UT_string *out)
{
	struct json_object *suppressed = document_get(document, "auspawn.suppressed");

	append(suppressed, "count", " more like it from ", out);
	append(suppressed, "first", " to ", out);
	append(suppressed, "last", ": ", out);
}

/* It is of no process. */
static void append_lost(struct json_object *document, UT_string *out)
{
	struct json_object *lost = document_get(document, "auspawn.lost");

	append(document, "host.name", ": ", out);
	append(document, "message", ", from ", out);
	append(lost, "from", " to ", out);
	append(lost, "until", "", out);
}

void text_append(struct json_object *document, UT_string *out)
{
	append(document, "@timestamp", " ", out);
	if (document_get(document, "rule.id")) {
		utstring_printf(out, "%s ", text_severity(document));
		append(document, "rule.id", " ", out);
	}
	if (document_get(document, "auspawn.lost")) {
		append_lost(document, out);
		return;
	}
	append(document, "host.name", " ", out);
	append(document, document_get(document, "user.name") ? "user.name" : "user.id", " ", out);
	append(document, "process.working_directory", ": ", out);
	if (document_get(document, "auspawn.suppressed"))
		append_suppressed(document, out);
	if (document_get(document, "auspawn.rarity"))
		append_rarity(document, out);
	if (document_get(document, "auspawn.threshold"))
		append_threshold(document, out);
	if (document_get(document, "auspawn.new_terms"))
		append_new_terms(document, out);
	append(document, "auspawn.lineage", ": ", out);
	append(document, "process.command_line", "", out);
}
