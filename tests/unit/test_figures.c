/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "status/advice.h"
#include "status/figures.h"
#include "status/prometheus.h"

static struct plugin_figures quiet_figures(void)
{
	return (struct plugin_figures){
		.version = "1.2.3",
		.pid = 812,
		.started = 1700000000123,
		.ended = FIGURE_UNKNOWN,
		.reach = FIGURE_UNKNOWN,
		.delay_most = 4,
		.max_processes = 65536,
		.processes = 200,
		.rules = 3,
		.state = "kept",
	};
}

/* A status document with one sink, whose figures these are, and one rule with an odd name. */
static struct json_object *document_with(const struct plugin_figures *plugin,
					 const struct output_figures *sink)
{
	const struct rule_figures rule = { .id = "a\"b\\c\nd", .tried = 7, .cost = 1500 };
	struct json_object *document = figures_document(FIGURES_PLUGIN, plugin);
	struct json_object *rules = json_object_new_array();
	struct json_object *sinks = json_object_new_array();

	json_object_array_add(rules, figures_document(FIGURES_RULES, &rule));
	json_object_array_add(sinks, figures_document(FIGURES_SINKS, sink));
	json_object_object_add(document, "rules_in_force", rules);
	json_object_object_add(document, "sinks", sinks);
	return document;
}

static const struct output_figures good_sink = { .name = "syslog", .target = "/dev/log", .taken = 9 };

static void test_names_are_unique_and_metrics_too(void **state)
{
	UT_string seen, name;

	(void)state;
	utstring_init(&seen);
	utstring_init(&name);
	for (int set = 0; set < FIGURE_SETS; set++) {
		const struct figure_set *figures = figure_set((enum figure_sets)set);

		for (size_t i = 0; i < figures->figures; i++) {
			const struct figure *figure = &figures->figure[i];

			utstring_clear(&name);
			utstring_printf(&name, "\n%d %s\n", set, figure->name);
			assert_null(strstr(utstring_body(&seen), utstring_body(&name)));
			utstring_concat(&seen, &name);
			utstring_clear(&name);
			utstring_printf(&name, "\n");
			if (!figure_metric(&name, figures, figure))
				continue;
			assert_int_equal(strspn(utstring_body(&name) + 1, "abcdefghijklmnopqrstuvwxyz"
									  "0123456789_"),
					 utstring_len(&name) - 1);
			utstring_printf(&name, "\n");
			assert_null(strstr(utstring_body(&seen), utstring_body(&name)));
			utstring_concat(&seen, &name);
			assert_true(figure->meaning[0]);
		}
	}
	utstring_done(&seen);
	utstring_done(&name);
}

static void test_a_document_has_what_is_known_and_no_more(void **state)
{
	struct plugin_figures figures = quiet_figures();
	struct json_object *document = figures_document(FIGURES_PLUGIN, &figures);

	(void)state;
	assert_string_equal(member_json(document, "plugin.version"), "\"1.2.3\"");
	assert_string_equal(member_json(document, "plugin.pid"), "812");
	assert_string_equal(member_json(document, "input.execs"), "0");
	assert_null(document_get(document, "plugin.ended"));
	assert_null(document_get(document, "alerts.self_test"));
	json_object_put(document);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("not in it: %s\n%s\n", part, text);
	assert_non_null(strstr(text, part));
}

static void test_metrics_have_base_units_and_escaped_labels(void **state)
{
	struct plugin_figures figures = quiet_figures();
	struct json_object *document = document_with(&figures, &good_sink);
	UT_string out;

	(void)state;
	utstring_init(&out);
	prometheus_print(&out, document);
	assert_has(utstring_body(&out), "\nauspawn_info{version=\"1.2.3\"} 1\n");
	assert_has(utstring_body(&out), "# TYPE auspawn_input_execs_total counter\n"
					"auspawn_input_execs_total 0\n");
	assert_has(utstring_body(&out), "\nauspawn_delay_p99_seconds 0.004\n");
	assert_has(utstring_body(&out), "\nauspawn_plugin_started_timestamp_seconds 1700000000.123\n");
	assert_has(utstring_body(&out), "\nauspawn_rule_tried_total{id=\"a\\\"b\\\\c\\nd\"} 7\n");
	assert_has(utstring_body(&out), "\nauspawn_rule_cost_seconds{id=\"a\\\"b\\\\c\\nd\"} 0.000001500\n");
	assert_has(utstring_body(&out), "\nauspawn_sink_taken_total{name=\"syslog\"} 9\n");
	assert_null(strstr(utstring_body(&out), "lately"));
	assert_null(strstr(utstring_body(&out), "plugin_ended"));
	assert_null(strstr(utstring_body(&out), "auspawn_kernel"));
	utstring_done(&out);
	json_object_put(document);
}

static void test_values_for_a_reader(void **state)
{
	static const struct {
		enum figure_unit unit;
		int64_t value;
		const char *text;
	} rows[] = {
		{ UNIT_NONE, 1234, "1234" },
		{ UNIT_BYTES, 1023, "1023 B" },
		{ UNIT_BYTES, 1536, "1.5 KiB" },
		{ UNIT_BYTES, 12897485, "12.3 MiB" },
		{ UNIT_MS, 9999, "9999 ms" },
		{ UNIT_MS, 12345, "12.3 s" },
		{ UNIT_NS, 2260, "2.3 us" },
		{ UNIT_TIME, 1700000000123, "2023-11-14T22:13:20Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct figure figure = { .kind = FIGURE_GAUGE, .unit = rows[i].unit };
		struct json_object *value = json_object_new_int64(rows[i].value);
		UT_string text;

		utstring_init(&text);
		figure_print(&text, &figure, value);
		assert_string_equal(utstring_body(&text), rows[i].text);
		utstring_done(&text);
		json_object_put(value);
	}
}

/* --- advice --- */

static void assert_advice(struct json_object *document, const char *expected)
{
	struct json_object *advice = advise(document);
	UT_string text;

	utstring_init(&text);
	for (size_t i = 0; i < json_object_array_length(advice); i++)
		utstring_printf(&text, "%s\n", json_object_get_string(json_object_array_get_idx(advice, i)));
	assert_string_equal(utstring_body(&text), expected);
	utstring_done(&text);
	json_object_put(advice);
	json_object_put(document);
}

static void test_where_all_is_well_there_is_nothing_to_look_at(void **state)
{
	struct plugin_figures figures = quiet_figures();
	const struct kernel_figures kernel = { .enabled = 1, .auditd = 5, .exec_rules = 1, .rules = 4,
					       .backlog = 31, .backlog_limit = 64 };
	struct json_object *document = document_with(&figures, &good_sink);

	(void)state;
	json_object_object_add(document, "kernel", figures_document(FIGURES_KERNEL, &kernel));
	assert_advice(document, "");
}

static void test_the_kernel_gives_reasons(void **state)
{
	struct plugin_figures figures = quiet_figures();
	const struct kernel_figures kernel = { .backlog = 33, .backlog_limit = 64, .lost = 12,
					       .never_rules = 1 };
	struct json_object *document = document_with(&figures, &good_sink);

	(void)state;
	json_object_object_add(document, "kernel", figures_document(FIGURES_KERNEL, &kernel));
	assert_advice(document,
		      "the kernel does not audit: auditctl -e 1\n"
		      "no auditd gets the kernel's records\n"
		      "no audit rule records execs: auspawn(8) names those that it needs\n"
		      "1 audit rules (task,never) keep processes from being audited at all\n"
		      "12 records were lost by the kernel since boot: raise its backlog limit (auditctl -b)\n"
		      "33 of 64 records wait in the kernel: auditd does not keep up\n");
}

static void test_the_plugin_gives_reasons(void **state)
{
	struct plugin_figures figures = quiet_figures();
	const struct output_figures sink = { .name = "syslog", .target = "/dev/log", .lost = 3,
					     .waiting = 7, .failing = 1 };

	(void)state;
	figures.rules = 0;
	figures.refused = 2;
	figures.delay_most = 10001;
	figures.processes = figures.max_processes;
	figures.uncounted = 4;
	figures.state = "not kept: in memory only";
	assert_advice(document_with(&figures, &sink),
		      "no rule is loaded\n"
		      "2 rules are not loaded, because their files have mistakes: auspawn check\n"
		      "4 events were not counted: too many groups, or too late\n"
		      "10001 ms passed until 1 event in 100 was judged: the plugin lags\n"
		      "65536 processes are remembered, and no more may be: raise max_processes if parents"
		      " are missing\n"
		      "3 messages or lines for /dev/log were lost\n"
		      "/dev/log takes nothing now; 7 messages wait for it\n"
		      "the state is not kept: in memory only\n");
}

static void test_losses_and_deliveries_give_reasons(void **state)
{
	static const struct output_figures sink = { .name = "file", .target = "alerts", .oldest = FIGURE_UNKNOWN };
	struct plugin_figures figures = quiet_figures();

	(void)state;
	figures.dropped_lines = 5;
	figures.missing = 9;
	figures.lost = 6;
	figures.reach = 299999;
	figures.alerts_dropped = 2;
	figures.outbox = 12345; /* that is what it is for */
	figures.unkept = 700;
	figures.user = "root";
	assert_advice(document_with(&figures, &sink),
		      "5 lines were dropped, because the queue was full: raise limits.queue_size\n"
		      "6 events were lost on the way, and auditd's log had them not: see LOSS in auspawn(8)\n"
		      "2 alerts were dropped: more waited than limits.outbox_size has room for\n"
		      "700 bytes of alerts wait in memory alone\n"
		      "auditd's log reaches back 299 seconds at this rate: raise num_logs or max_log_file of"
		      " auditd.conf\n"
		      "the plugin runs as root: make the account that the configuration names as 'user'\n");
	figures = quiet_figures();
	figures.reach = 0;
	assert_advice(document_with(&figures, &sink),
		      "auditd keeps no log (write_logs): what is lost can't be read back\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_unique_and_metrics_too),
		cmocka_unit_test(test_a_document_has_what_is_known_and_no_more),
		cmocka_unit_test(test_metrics_have_base_units_and_escaped_labels),
		cmocka_unit_test(test_values_for_a_reader),
		cmocka_unit_test(test_where_all_is_well_there_is_nothing_to_look_at),
		cmocka_unit_test(test_the_kernel_gives_reasons),
		cmocka_unit_test(test_the_plugin_gives_reasons),
		cmocka_unit_test(test_losses_and_deliveries_give_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
