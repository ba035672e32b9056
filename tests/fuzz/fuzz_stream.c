/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record stream through the whole pipeline, with rules that match much: what comes out must be JSON, on
 * one line, without anything that steers a terminal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alert/alert.h"
#include "base/utf8.h"
#include "pipeline.h"
#include "process/document.h"

#define LIMIT 8000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
	"lists = { shells = [ \"sh\", \"bash\" ]; };\n"
	"rules = (\n"
	"  { id = \"m\"; condition = \"process.name in @shells or process.args like '*-c*'\"\n"
	"                            \" or process.parent.name : 'apache*' or user.id == '33'\"; },\n"
	"  { id = \"r\"; type = \"rarity\"; condition = \"not process.pid == 1\";\n"
	"    by = [ \"process.name\", \"process.args\", \"process.parent.pid\" ];\n"
	"    window = \"61m\"; every = \"1h\"; },\n"
	"  { id = \"f\"; type = \"rarity\"; condition = \"process.args_count > 0\"; by = [ \"user.id\" ];\n"
	"    deliver = \"first-seen\"; window = \"2s\"; every = \"1s\"; },\n"
	"  { id = \"t\"; type = \"threshold\"; condition = \"true\"; by = [ \"user.id\" ]; window = \"2s\";\n"
	"    at_least = 2; distinct = { field = \"process.args\"; at_least = 2; }; },\n"
	"  { id = \"n\"; type = \"new_terms\"; condition = \"true\"; by = [ \"process.args\" ];\n"
	"    history = \"1s\"; learn = \"0s\"; },\n"
	"  { id = \"s\"; condition = \"true\"; suppress = { by = [ \"process.name\", \"process.args\" ];\n"
	"    for = \"1s\"; }; }\n"
	");\n";

/* libauparse 3.0.9 forgets the first cwd= of a record that has two (ellist.c: parse_up_record()); the kernel
 * writes one. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libauparse\n";
}

static struct ruleset *load_rules(void)
{
	char folder[] = "/tmp/auspawn-fuzz.XXXXXX";
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;
	char path[64];
	FILE *file;

	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/1.conf", folder);
	file = fopen(path, "w");
	if (!file || fputs(rules, file) < 0 || fclose(file))
		abort();
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder,
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	if (mistakes.count || ruleset->rules != 6)
		abort();
	mistakes_clear(&mistakes);
	unlink(path);
	rmdir(folder);
	return ruleset;
}

static void check_clean(const UT_string *text)
{
	struct span rest = { text->d, text->i };
	uint32_t code;

	while (rest.length) {
		size_t length = utf8_sequence(rest, &code);

		if (!length || utf8_is_control(code))
			abort();
		rest.start += length;
		rest.length -= length;
	}
}

static void check(struct json_object *document)
{
	static const enum alert_format formats[] = { FORMAT_TEXT, FORMAT_CEF, FORMAT_JSON };
	struct json_object *parsed;
	UT_string text;

	utstring_init(&text);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		utstring_clear(&text);
		alert_encode(document, formats[i], LIMIT, &text);
		check_clean(&text);
	}
	parsed = json_tokener_parse(utstring_body(&text));
	if (!parsed || !document_get(parsed, "event.id"))
		abort();
	json_object_put(parsed);
	json_object_put(document);
	utstring_done(&text);
}

static void on_event(void *user, const struct process_event *event)
{
	(void)user;
	check(document_of_event(event));
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	(void)user;
	if (!rule->id)
		abort();
	check(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ruleset *ruleset;
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	const struct pipeline_handlers handlers = {
		.event = on_event, .alert = on_alert
	};
	struct pipeline *pipeline;

	if (!ruleset)
		ruleset = load_rules();
	pipeline = pipeline_new(ruleset, &options, &handlers);
	if (!pipeline)
		abort();
	pipeline_feed(pipeline, (struct span){ (const char *)data, size }, 0);
	pipeline_end(pipeline);
	pipeline_finish(pipeline);
	pipeline_free(pipeline);
	return 0;
}
