/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <syslog.h>

#include "alert/alert.h"

static struct threat two_threats[] = {
	{ (char[]){ "TA0003" }, (char[]){ "T1505.003" } },
	{ (char[]){ "TA0002" }, (char[]){ "T1059.004" } },
};

static char *references[] = { (char[]){ "https://example.org/a" },
			      (char[]){ "https://example.org/b" } };

static struct rule web_shell = {
	.id = (char[]){ "web-shell-spawn" },
	.name = (char[]){ "Web server child shell spawn" },
	.tuning.severity = SEVERITY_MEDIUM,
	.tuning.risk_score = 50,
	.threat = two_threats,
	.threats = 2,
	.reference = references,
	.references = 2,
};

static struct rule bare = { .id = (char[]){ "bare" }, .name = (char[]){ "Bare" } };

static const enum alert_format formats[] = { FORMAT_JSON, FORMAT_CEE, FORMAT_CEF, FORMAT_TEXT };

#define CEE "@cee: "

static void assert_member(struct json_object *document, const char *name, const char *json)
{
	assert_string_equal(member_json(document, name), json);
}

static void test_an_alert_of_an_event_is_its_document_and_the_rule(void **state)
{
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	document = alert_of_event(&web_shell, &scene.event);
	assert_member(document, "event.kind", "\"alert\"");
	assert_member(document, "event.id", "\"1700000000.123:42\"");
	assert_member(document, "event.category", "[\"process\"]");
	assert_member(document, "event.risk_score", "50");
	assert_member(document, "rule",
		      "{\"id\":\"web-shell-spawn\",\"name\":\"Web server child shell spawn\","
		      "\"reference\":[\"https://example.org/a\",\"https://example.org/b\"]}");
	assert_member(document, "@timestamp", "\"2023-11-14T22:13:20.123Z\"");
	assert_member(document, "host.name", "\"web1\"");
	assert_member(document, "user.name", "\"www-data\"");
	assert_member(document, "process.executable", "\"/usr/bin/dash\"");
	assert_member(document, "process.args", "[\"sh\",\"-c\",\"id 2>&1\"]");
	assert_member(document, "process.parent.executable", "\"/usr/sbin/apache2\"");
	assert_member(document, "container.id", "\"c0ffee\"");
	assert_member(document, "auspawn.lineage",
		      "\"apache2(812) > apache2(901) > sh(2231)\"");
	assert_member(document, "auspawn.rarity", "(absent)");
	assert_member(document, "auspawn.truncated", "(absent)");
	json_object_put(document);
}

static void assert_text(struct json_object *document, const char *expected)
{
	UT_string text;

	utstring_init(&text);
	alert_encode(document, FORMAT_TEXT, SIZE_MAX, &text);
	if (!strstr(utstring_body(&text), expected))
		fail_msg("\"%s\" is not in \"%s\"", expected, utstring_body(&text));
	utstring_done(&text);
}

static void test_an_alert_of_a_threshold_tells_the_numbers(void **state)
{
	const struct threshold_finding finding = { 12, 5, 1700000000001, 1700000000123 };
	static char name[] = "user.id";
	static struct group_field field = { .name = name };
	struct rule rule = web_shell;
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	rule.tuning.threshold.window_ms = 300000;
	document = alert_of_threshold(&rule, &scene.event, &finding);
	assert_member(document, "auspawn.threshold",
		      "{\"count\":12,\"first\":\"2023-11-14T22:13:20.001Z\","
		      "\"last\":\"2023-11-14T22:13:20.123Z\",\"window\":300}");
	assert_member(document, "rule.id", "\"web-shell-spawn\"");
	assert_text(document, ": 12 times from 2023-11-14T22:13:20.001Z to 2023-11-14T22:13:20.123Z: ");
	json_object_put(document);
	rule.distinct = (struct group_by){ &field, 1 };
	document = alert_of_threshold(&rule, &scene.event, &finding);
	assert_member(document, "auspawn.threshold.distinct", "5");
	assert_text(document, ": 12 times, 5 different, from 2023-11-14T22:13:20.001Z to ");
	json_object_put(document);
}

static void test_an_alert_of_new_terms_tells_the_fields_and_the_time(void **state)
{
	static char first[] = "user.id", second[] = "process.name";
	static struct group_field fields[] = { { .name = first }, { .name = second } };
	struct rule rule = web_shell;
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	rule.by = (struct group_by){ fields, 2 };
	rule.tuning.new_terms.history_ms = 86400000;
	document = alert_of_new_terms(&rule, &scene.event, 0);
	assert_member(document, "auspawn.new_terms",
		      "{\"fields\":[\"user.id\",\"process.name\"],\"history\":86400}");
	assert_text(document, ": never seen before: ");
	json_object_put(document);
	document = alert_of_new_terms(&rule, &scene.event, 1700000000001);
	assert_member(document, "auspawn.new_terms.last_seen", "\"2023-11-14T22:13:20.001Z\"");
	assert_text(document, ": not seen since 2023-11-14T22:13:20.001Z: ");
	alert_set_suppressed(document, 7, 1700000000002, 1700000000003);
	assert_member(document, "auspawn.alert_id", "\"web-shell-spawn/web1/1700000000.123:42/folded\"");
	assert_member(document, "auspawn.suppressed",
		      "{\"count\":7,\"first\":\"2023-11-14T22:13:20.002Z\","
		      "\"last\":\"2023-11-14T22:13:20.003Z\"}");
	assert_text(document, ": 7 more like it from 2023-11-14T22:13:20.002Z to ");
	json_object_put(document);
}

static void test_a_document_tells_its_severity(void **state)
{
	struct json_object *empty = json_object_new_object();
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (enum severity severity = SEVERITY_LOW; severity <= SEVERITY_CRITICAL; severity++) {
		struct rule rule = bare;
		struct json_object *document;

		rule.tuning.severity = severity;
		document = alert_of_event(&rule, &scene.event);
		assert_int_equal(alert_severity(document), severity);
		json_object_put(document);
	}
	assert_int_equal(alert_severity(empty), SEVERITY_LOW);
	assert_int_equal(alert_severity(NULL), SEVERITY_LOW);
	json_object_put(empty);
}

static void test_each_severity_is_a_number_and_a_syslog_severity(void **state)
{
	static const struct {
		enum severity severity;
		const char *number;
		int syslog;
	} rows[] = {
		{ SEVERITY_LOW, "21", LOG_NOTICE },
		{ SEVERITY_MEDIUM, "47", LOG_WARNING },
		{ SEVERITY_HIGH, "73", LOG_ERR },
		{ SEVERITY_CRITICAL, "99", LOG_CRIT },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = bare;
		struct json_object *document;

		rule.tuning.severity = rows[i].severity;
		document = alert_of_event(&rule, &scene.event);
		assert_member(document, "event.severity", rows[i].number);
		assert_int_equal(alert_syslog_severity(rows[i].severity), rows[i].syslog);
		json_object_put(document);
	}
}

static void test_threats_are_lists_with_subtechniques_apart(void **state)
{
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	document = alert_of_event(&web_shell, &scene.event);
	assert_member(document, "threat.framework", "\"MITRE ATT&CK\"");
	assert_member(document, "threat.tactic.id", "[\"TA0003\",\"TA0002\"]");
	assert_member(document, "threat.technique.id", "[\"T1505\",\"T1059\"]");
	assert_member(document, "threat.technique.subtechnique.id",
		      "[\"T1505.003\",\"T1059.004\"]");
	json_object_put(document);
}

static void test_an_id_stands_in_a_threat_list_once(void **state)
{
	struct threat threats[] = {
		{ (char[]){ "TA0003" }, (char[]){ "T1505.003" } },
		{ (char[]){ "TA0003" }, (char[]){ "T1505.004" } },
		{ (char[]){ "TA0003" }, (char[]){ "T1505" } },
		{ (char[]){ "TA0011" }, (char[]){ "T1505.003" } },
	};
	struct rule rule = bare;
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	rule.threat = threats;
	rule.threats = COUNT_OF(threats);
	document = alert_of_event(&rule, &scene.event);
	assert_member(document, "threat.tactic.id", "[\"TA0003\",\"TA0011\"]");
	assert_member(document, "threat.technique.id", "[\"T1505\"]");
	assert_member(document, "threat.technique.subtechnique.id",
		      "[\"T1505.003\",\"T1505.004\"]");
	json_object_put(document);
}

static void test_what_a_threat_does_not_name_is_absent(void **state)
{
	struct threat tactic = { (char[]){ "TA0003" }, NULL };
	struct threat technique = { (char[]){ "TA0011" }, (char[]){ "T1071" } };
	struct rule rule = bare;
	struct json_object *document;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	document = alert_of_event(&rule, &scene.event);
	assert_member(document, "threat", "(absent)");
	json_object_put(document);

	rule.threats = 1;
	rule.threat = &tactic;
	document = alert_of_event(&rule, &scene.event);
	assert_member(document, "threat.tactic.id", "[\"TA0003\"]");
	assert_member(document, "threat.technique", "(absent)");
	json_object_put(document);

	rule.threat = &technique;
	document = alert_of_event(&rule, &scene.event);
	assert_member(document, "threat.technique.id", "[\"T1071\"]");
	assert_member(document, "threat.technique.subtechnique", "(absent)");
	json_object_put(document);
}

static void test_an_alert_of_a_finding_has_what_was_counted(void **state)
{
	const struct rarity_finding finding = {
		.key = "[\"k\"]",
		.rule = &web_shell,
		.window_start = 1699999200000,
		.window_end = 1700002800000,
		.count = 4,
		.hosts = 1,
		.first = 1699999200001,
		.last = 1700002799999,
		.document = "{\"event\":{\"kind\":\"event\",\"id\":\"1.000:2\"},"
			    "\"process\":{\"executable\":\"/bin/nc\"}}",
	};
	struct json_object *document;

	(void)state;
	document = alert_of_finding(&finding);
	assert_member(document, "event.kind", "\"alert\"");
	assert_member(document, "event.id", "\"1.000:2\"");
	assert_member(document, "event.severity", "47");
	assert_member(document, "rule.id", "\"web-shell-spawn\"");
	assert_member(document, "process.executable", "\"/bin/nc\"");
	assert_member(document, "threat.tactic.id", "[\"TA0003\",\"TA0002\"]");
	assert_member(document, "auspawn.rarity",
		      "{\"count\":4,\"hosts\":1,\"first\":\"2023-11-14T22:00:00.001Z\","
		      "\"last\":\"2023-11-14T22:59:59.999Z\","
		      "\"window\":{\"start\":\"2023-11-14T22:00:00.000Z\","
		      "\"end\":\"2023-11-14T23:00:00.000Z\"},\"provisional\":false}");
	json_object_put(document);
}

static void test_an_alert_has_an_id_of_its_own(void **state)
{
	struct rarity_finding finding = {
		.key = "[\"a\"]",
		.rule = &web_shell,
		.window_end = 1700002800000,
		.document = "{\"host\":{\"name\":\"web1\"},\"event\":{\"id\":\"1.000:2\"}}",
	};
	struct json_object *document, *again, *other;
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	document = alert_of_event(&web_shell, &scene.event);
	assert_member(document, "auspawn.alert_id", "\"web-shell-spawn/web1/1700000000.123:42\"");
	json_object_put(document);
	document = alert_of_finding(&finding);
	/* Whichever event stands for the group. */
	finding.document = "{\"host\":{\"name\":\"web1\"},\"event\":{\"id\":\"1.000:3\"}}";
	again = alert_of_finding(&finding);
	finding.key = "[\"b\"]";
	other = alert_of_finding(&finding);
	assert_member(document, "auspawn.alert_id",
		      member_json(again, "auspawn.alert_id"));
	assert_string_not_equal(
		json_object_get_string(document_get(document, "auspawn.alert_id")),
		json_object_get_string(document_get(other, "auspawn.alert_id")));
	json_object_put(document);
	json_object_put(again);
	json_object_put(other);
}

static void test_a_provisional_finding_is_marked(void **state)
{
	const struct rarity_finding finding = { .key = "[\"k\"]", .rule = &bare, .provisional = true,
						.document = "{}" };
	struct json_object *document;

	(void)state;
	document = alert_of_finding(&finding);
	assert_member(document, "auspawn.rarity.provisional", "true");
	json_object_put(document);
}

/* Its document came from the state's file: what was counted is told all the same. */
static void test_a_finding_without_a_document_is_still_an_alert(void **state)
{
	static const char *const damaged[] = { "", "{", "null", "\xff" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		const struct rarity_finding finding = { .key = "[\"k\"]", .rule = &web_shell, .count = 2,
							.document = damaged[i] };
		struct json_object *document = alert_of_finding(&finding);

		assert_member(document, "rule.id", "\"web-shell-spawn\"");
		assert_member(document, "auspawn.rarity.count", "2");
		json_object_put(document);
	}
}

static void test_a_finding_whose_document_is_no_object_is_still_an_alert(void **state)
{
	static const char *const damaged[] = { "5", "[]", "\"text\"", "true" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		const struct rarity_finding finding = { .key = "[\"k\"]", .rule = &web_shell, .count = 2,
							.document = damaged[i] };
		struct json_object *document = alert_of_finding(&finding);

		assert_member(document, "rule.id", "\"web-shell-spawn\"");
		json_object_put(document);
	}
}

static void test_a_finding_whose_document_has_other_types_is_still_an_alert(void **state)
{
	static const char *const damaged[] = { "{\"event\":5}", "{\"rule\":[]}",
					       "{\"auspawn\":\"x\"}", "{\"threat\":{\"tactic\":5}}",
					       "{\"threat\":{\"tactic\":{\"id\":5}}}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		const struct rarity_finding finding = { .key = "[\"k\"]", .rule = &web_shell, .count = 2,
							.document = damaged[i] };
		struct json_object *document = alert_of_finding(&finding);

		assert_member(document, "rule.id", "\"web-shell-spawn\"");
		json_object_put(document);
	}
}

static void test_formats_have_names(void **state)
{
	static const struct {
		const char *name;
		enum alert_format format;
	} rows[] = {
		{ "json", FORMAT_JSON },
		{ "cee", FORMAT_CEE },
		{ "cef", FORMAT_CEF },
		{ "text", FORMAT_TEXT },
	};
	static const char *const unknown[] = { "", "JSON", "jso", "jsonl", "syslog" };
	enum alert_format format;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(alert_format_named(rows[i].name, &format));
		assert_int_equal(format, rows[i].format);
	}
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		assert_false(alert_format_named(unknown[i], &format));
}

/* Encodes an alert of the scene; the caller releases `out`. */
static void encode(const struct scene *scene, enum alert_format format, size_t limit,
		   UT_string *out)
{
	struct json_object *document = alert_of_event(&web_shell, &scene->event);

	utstring_init(out);
	alert_encode(document, format, limit, out);
	json_object_put(document);
}

/* The document behind the cookie, if any, which must be all of the rest. */
static struct json_object *decode(const UT_string *out, enum alert_format format)
{
	const char *text = out->d;
	struct json_object *document;
	struct json_tokener *tokener = json_tokener_new();

	if (format == FORMAT_CEE) {
		assert_memory_equal(text, CEE, strlen(CEE));
		text += strlen(CEE);
	}
	document = json_tokener_parse_ex(tokener, text, -1);
	assert_non_null(document);
	assert_int_equal(text[json_tokener_get_parse_end(tokener)], '\0');
	json_tokener_free(tokener);
	return document;
}

static void test_json_and_cee_say_the_same(void **state)
{
	struct json_object *document, *again;
	struct scene scene;
	UT_string json, cee;

	(void)state;
	scene_web_shell(&scene);
	encode(&scene, FORMAT_JSON, 8000, &json);
	encode(&scene, FORMAT_CEE, 8000, &cee);
	assert_memory_equal(utstring_body(&cee), CEE "{", strlen(CEE) + 1);
	assert_string_equal(utstring_body(&cee) + strlen(CEE), utstring_body(&json));
	document = alert_of_event(&web_shell, &scene.event);
	again = decode(&json, FORMAT_JSON);
	assert_true(json_object_equal(document, again));
	json_object_put(document);
	json_object_put(again);
	utstring_done(&json);
	utstring_done(&cee);
}

static void test_what_was_appended_before_stays(void **state)
{
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		struct json_object *document = alert_of_event(&web_shell, &scene.event);
		UT_string out, alone;

		utstring_init(&out);
		utstring_printf(&out, "before ");
		alert_encode(document, formats[i], 8000, &out);
		encode(&scene, formats[i], 8000, &alone);
		assert_memory_equal(utstring_body(&out), "before ", 7);
		assert_string_equal(utstring_body(&out) + 7, utstring_body(&alone));
		json_object_put(document);
		utstring_done(&out);
		utstring_done(&alone);
	}
}

static void test_what_fits_is_not_cut(void **state)
{
	struct scene scene;
	UT_string whole, exact;

	(void)state;
	scene_web_shell(&scene);
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		encode(&scene, formats[i], DOCUMENT_NO_LIMIT, &whole);
		encode(&scene, formats[i], utstring_len(&whole), &exact);
		assert_string_equal(utstring_body(&exact), utstring_body(&whole));
		assert_null(strstr(utstring_body(&whole), "truncated"));
		utstring_done(&whole);
		utstring_done(&exact);
	}
}

/* Arguments that no scene has room for. */
struct long_args {
	char *text;
	struct arg *arg;
};

/* `count` times `piece`, as one argument or as many. */
static struct long_args set_long_args(struct image *image, const char *piece, uint32_t count,
				      bool one_argument)
{
	uint32_t length = (uint32_t)strlen(piece);
	uint32_t step = length + !one_argument;
	struct long_args args = {
		mem_resize(NULL, (size_t)count * step + 1, 1),
		mem_resize(NULL, count, sizeof(struct arg)),
	};

	for (uint32_t i = 0; i < count; i++) {
		memcpy(args.text + (size_t)i * step, piece, length);
		if (!one_argument)
			args.text[i * step + length] = ' ';
		args.arg[i] = (struct arg){ i * step, length };
	}
	if (one_argument)
		args.arg[0].length = count * length;
	args.text[count * step] = '\0';
	image->args = (struct args){ args.text, count * step - !one_argument,
				     one_argument ? 1 : count, one_argument ? 1 : count,
				     args.arg };
	return args;
}

static void free_long_args(struct long_args *args)
{
	free(args->text);
	free(args->arg);
}

/* Every format keeps to `limit`, says that it cut and stays what it is. */
static void assert_cut(const struct scene *scene, size_t limit)
{
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		struct json_object *document;
		UT_string out;

		encode(scene, formats[i], limit, &out);
		assert_true(utstring_len(&out) <= limit);
		assert_true(utstring_len(&out) > 200);
		assert_int_equal(strlen(utstring_body(&out)), utstring_len(&out));
		assert_harmless((struct span){ utstring_body(&out), utstring_len(&out) });
		if (formats[i] == FORMAT_JSON || formats[i] == FORMAT_CEE) {
			document = decode(&out, formats[i]);
			assert_member(document, "auspawn.truncated", "true");
			assert_member(document, "rule.id", "\"web-shell-spawn\"");
			assert_member(document, "event.id", "\"1700000000.123:42\"");
			json_object_put(document);
		} else {
			assert_non_null(strstr(utstring_body(&out), "..."));
		}
		utstring_done(&out);
	}
}

/* The smallest message_size that the configuration takes, less what syslog puts before; the default. */
static const size_t limits[] = { 4000 - 64, 8000 };

static void test_long_arguments_are_cut_to_the_limit(void **state)
{
	static const char *const pieces[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
					      "\xff", "\"", "\\", "\n", "\xe2\x80\xae" };
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct long_args args;

		scene_web_shell(&scene);
		args = set_long_args(&scene.image, pieces[i],
				     12000 / (uint32_t)strlen(pieces[i]), true);
		for (size_t j = 0; j < COUNT_OF(limits); j++)
			assert_cut(&scene, limits[j]);
		free_long_args(&args);
	}
}

static void test_thousands_of_arguments_are_cut_to_the_limit(void **state)
{
	static const char *const pieces[] = { "-x", "", "\xff" };
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct long_args args;

		scene_web_shell(&scene);
		args = set_long_args(&scene.image, pieces[i], 9000, false);
		for (size_t j = 0; j < COUNT_OF(limits); j++)
			assert_cut(&scene, limits[j]);
		free_long_args(&args);
	}
}

static void test_the_cut_is_between_characters_wherever_it_falls(void **state)
{
	struct scene scene;
	struct long_args args;

	(void)state;
	scene_web_shell(&scene);
	args = set_long_args(&scene.image, "\xf0\x9f\x98\x80", 2500, true);
	for (size_t limit = 4000; limit < 4020; limit++)
		assert_cut(&scene, limit);
	free_long_args(&args);
}

static void test_the_parents_long_arguments_are_cut_too(void **state)
{
	struct scene scene;
	struct long_args args;
	UT_string out;

	(void)state;
	scene_web_shell(&scene);
	args = set_long_args(&scene.parent_image, "x", 12000, true);
	encode(&scene, FORMAT_JSON, 8000, &out);
	assert_true(utstring_len(&out) <= 8000);
	assert_non_null(strstr(utstring_body(&out), "\"truncated\":true"));
	utstring_done(&out);
	free_long_args(&args);
}

static void test_a_full_document_keeps_to_the_smallest_limit(void **state)
{
	char name[33], path[4096];
	struct scene scene;
	struct identity *identities[] = {
		&scene.image.credentials.user,	     &scene.image.credentials.real_user,
		&scene.image.credentials.saved_user, &scene.image.credentials.group,
		&scene.image.credentials.real_group, &scene.image.credentials.saved_group,
		&scene.image.credentials.login_user,
	};

	(void)state;
	scene_web_shell(&scene);
	memset(name, 'n', 32);
	name[32] = '\0';
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	for (size_t i = 0; i < COUNT_OF(identities); i++)
		*identities[i] = (struct identity){ 4294967294, name };
	scene.image.executable = path;
	scene.image.working_directory = path;
	scene.parent_image.credentials = scene.image.credentials;
	scene.parent_image.executable = path;
	scene.parent_image.working_directory = path;
	scene.previous_image.executable = path;
	assert_cut(&scene, limits[0]);
}

/* What a log reader would take for something else than data. */
static const char *const evil[] = {
	"\n",
	"\r\n",
	"x\nOct 11 22:14:15 web1 sshd[1]: Accepted password for root",
	"\x1b[2J\x1b]0;title\x07",
	"\b\b\b\t\v\f",
	"\x7f",
	"\xc2\x85",	    /* NEL */
	"\xc2\x9b" "2J",    /* CSI in one character */
	"\x9b" "2J",	    /* the same in Latin-1: not UTF-8 */
	"\xe2\x80\xa8",	    /* line separator */
	"\xe2\x80\xa9",	    /* paragraph separator */
	"\xe2\x80\xae" "gpj.exe", /* right-to-left override */
	"\xe2\x81\xa6",	    /* isolate */
	"\xd8\x9c",	    /* Arabic letter mark */
	"\xff\xfe",
	"\xc0\x8a",	    /* overlong newline */
	"\xe2\x80",	    /* cut off */
	"\xed\xa0\x80",	    /* surrogate */
	"\xf4\x90\x80\x80", /* beyond Unicode */
	"\" , \"rule\":{\"id\":\"x\"}, \"y\":\"",
	"\\",
	"\\n",
	"\\\\\"",
	"|",
	"\\|",
	"=",
	" rt=0 cs1=x",
	"CEF:0|a|b|c|d|e|10|",
	"@cee: {}",
	"%s%n",
};

/* Puts `text` wherever a stranger's string can stand. */
static void make_evil(struct scene *scene, const char *text)
{
	struct credentials *credentials = &scene->image.credentials;

	scene_web_shell(scene);
	scene->image.executable = text;
	scene->image.comm = text;
	scene->image.working_directory = text;
	scene->image.container_id = text;
	scene->image.container_runtime = text;
	credentials->user.name = text;
	credentials->group.name = text;
	credentials->login_user.name = text;
	SCENE_ARGS(scene, "sh", text);
	scene->parent_image.executable = text;
	scene->parent_image.comm = text;
	scene->previous_image.executable = text;
	scene->event.host = (struct host){ text, text, text };
	scene->event.key = text;
}

static void test_no_value_can_forge_a_line_or_steer_a_terminal(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(evil); i++) {
		make_evil(&scene, evil[i]);
		for (size_t j = 0; j < COUNT_OF(formats); j++) {
			UT_string out;

			encode(&scene, formats[j], 8000, &out);
			assert_int_equal(strlen(utstring_body(&out)), utstring_len(&out));
			assert_harmless((struct span){ utstring_body(&out), utstring_len(&out) });
			utstring_done(&out);
		}
	}
}

static void test_values_come_out_of_json_as_they_went_in(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(evil); i++) {
		struct json_object *document;
		UT_string out, expected;

		make_evil(&scene, evil[i]);
		encode(&scene, FORMAT_JSON, 8000, &out);
		document = decode(&out, FORMAT_JSON);
		utstring_init(&expected);
		utf8_append(&expected, span_of(evil[i]));
		assert_string_equal(json_object_get_string(document_get(
					    document, "process.working_directory")),
				    utstring_body(&expected));
		assert_string_equal(json_object_get_string(document_get(document, "user.name")),
				    utstring_body(&expected));
		assert_member(document, "rule.id", "\"web-shell-spawn\"");
		json_object_put(document);
		utstring_done(&out);
		utstring_done(&expected);
	}
}

static void test_an_event_without_a_rule_can_be_encoded(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		struct json_object *document = document_of_event(&scene.event);
		UT_string out;

		utstring_init(&out);
		alert_encode(document, formats[i], 8000, &out);
		assert_true(utstring_len(&out) > 0);
		json_object_put(document);
		utstring_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alert_of_an_event_is_its_document_and_the_rule),
		cmocka_unit_test(test_an_alert_of_a_threshold_tells_the_numbers),
		cmocka_unit_test(test_an_alert_of_new_terms_tells_the_fields_and_the_time),
		cmocka_unit_test(test_a_document_tells_its_severity),
		cmocka_unit_test(test_each_severity_is_a_number_and_a_syslog_severity),
		cmocka_unit_test(test_threats_are_lists_with_subtechniques_apart),
		cmocka_unit_test(test_an_id_stands_in_a_threat_list_once),
		cmocka_unit_test(test_what_a_threat_does_not_name_is_absent),
		cmocka_unit_test(test_an_alert_of_a_finding_has_what_was_counted),
		cmocka_unit_test(test_an_alert_has_an_id_of_its_own),
		cmocka_unit_test(test_a_provisional_finding_is_marked),
		cmocka_unit_test(test_a_finding_without_a_document_is_still_an_alert),
		cmocka_unit_test(test_formats_have_names),
		cmocka_unit_test(test_json_and_cee_say_the_same),
		cmocka_unit_test(test_what_was_appended_before_stays),
		cmocka_unit_test(test_what_fits_is_not_cut),
		cmocka_unit_test(test_long_arguments_are_cut_to_the_limit),
		cmocka_unit_test(test_thousands_of_arguments_are_cut_to_the_limit),
		cmocka_unit_test(test_the_cut_is_between_characters_wherever_it_falls),
		cmocka_unit_test(test_the_parents_long_arguments_are_cut_too),
		cmocka_unit_test(test_a_full_document_keeps_to_the_smallest_limit),
		cmocka_unit_test(test_no_value_can_forge_a_line_or_steer_a_terminal),
		cmocka_unit_test(test_values_come_out_of_json_as_they_went_in),
		cmocka_unit_test(test_an_event_without_a_rule_can_be_encoded),
		cmocka_unit_test(test_a_finding_whose_document_is_no_object_is_still_an_alert),
		cmocka_unit_test(test_a_finding_whose_document_has_other_types_is_still_an_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
