/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <syslog.h>

#include "alert/syslog.h"
#include "delivery.h"
#include "sinks.h"

static struct rule web_shell = {
	.id = (char[]){ "web-shell-spawn" },
	.name = (char[]){ "Web server child shell spawn" },
	.tuning.severity = SEVERITY_HIGH,
};

/* A configuration with everything in the test's folder and only syslog enabled, and what receives it. */
struct fixture {
	struct folder *folder;
	struct config *config;
	struct sinks *sinks;
	struct delivery *delivery; /* in memory */
	int receiver;
	char message[65536]; /* the last one received */
	size_t length;
};

static void replace(char **text, const char *by)
{
	free(*text);
	*text = mem_strdup(by);
}

static void fixture_prepare(struct fixture *fixture, void **state)
{
	struct mistakes mistakes = { 0 };

	fixture->folder = *state;
	fixture->config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	replace(&fixture->config->syslog.socket, folder_file(*state, "log"));
	replace(&fixture->config->file.path, folder_file(*state, "alerts"));
	replace(&fixture->config->events.path, folder_file(*state, "events"));
	fixture->receiver = bind_socket(*state, "log", SOCK_DGRAM);
}

static void make_sinks(struct fixture *fixture)
{
	fixture->sinks = sinks_new(fixture->config);
	fixture->delivery = delivery_new(fixture->sinks, NULL, fixture->config->outbox_size);
}

static void fixture_begin(struct fixture *fixture, void **state)
{
	fixture_prepare(fixture, state);
	make_sinks(fixture);
}

static void fixture_end(struct fixture *fixture)
{
	delivery_free(fixture->delivery);
	sinks_free(fixture->sinks);
	config_free(fixture->config);
	close(fixture->receiver);
}

/* Takes the next message off the socket. Returns its text behind the header; NULL if there is none. */
static const char *receive(struct fixture *fixture)
{
	ssize_t length = recv(fixture->receiver, fixture->message, sizeof(fixture->message) - 1, 0);
	const char *text;

	if (length < 0)
		return NULL;
	fixture->message[length] = '\0';
	fixture->length = (size_t)length;
	text = strstr(fixture->message, "]: ");
	assert_non_null(text);
	return text + strlen("]: ");
}

static void send_alert(struct fixture *fixture, const struct scene *scene, int64_t now)
{
	delivery_alert(fixture->delivery, web_shell.tuning.severity,
		       alert_of_event(&web_shell, &scene->event));
	delivery_flush(fixture->delivery, now);
}

static void flush(struct fixture *fixture, int64_t now)
{
	sinks_flush(fixture->sinks, now);
	delivery_flush(fixture->delivery, now);
}

/* The text of a scene's alert in a format; free() releases it. */
static char *encoded(const struct scene *scene, enum alert_format format)
{
	struct json_object *document = alert_of_event(&web_shell, &scene->event);
	UT_string out;

	utstring_init(&out);
	alert_encode(document, format, 100000, &out);
	json_object_put(document);
	return utstring_body(&out);
}

static void test_an_alert_goes_to_syslog_with_facility_and_severity(void **state)
{
	struct scene scene;
	struct fixture f;
	char *expected;
	char priority[8];

	fixture_prepare(&f, state);
	f.config->syslog.facility = LOG_LOCAL2;
	f.config->syslog.format = FORMAT_CEF;
	make_sinks(&f);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	expected = encoded(&scene, FORMAT_CEF);
	assert_string_equal(receive(&f), expected);
	snprintf(priority, sizeof(priority), "<%d>", LOG_LOCAL2 | LOG_ERR);
	assert_memory_equal(f.message, priority, strlen(priority));
	assert_null(receive(&f));
	free(expected);
	fixture_end(&f);
}

static void test_an_alert_goes_to_every_sink_in_its_own_format(void **state)
{
	struct scene scene;
	struct fixture f;
	char *json, *text;
	UT_string line;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	f.config->file.format = FORMAT_TEXT;
	f.config->events.enabled = true;
	make_sinks(&f);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	json = encoded(&scene, FORMAT_JSON);
	text = encoded(&scene, FORMAT_TEXT);
	assert_string_equal(receive(&f), json);
	utstring_init(&line);
	utstring_printf(&line, "%s\n", text);
	assert_file(folder_file(f.folder, "alerts"), utstring_body(&line));
	/* The log of events is for events. */
	assert_int_equal(access(folder_file(f.folder, "events"), F_OK), -1);
	utstring_done(&line);
	free(json);
	free(text);
	fixture_end(&f);
}

static void test_without_a_sink_an_alert_goes_nowhere(void **state)
{
	struct scene scene;
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->syslog.enabled = false;
	make_sinks(&f);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	sinks_event(f.sinks, &scene.event, 0);
	assert_null(receive(&f));
	assert_int_equal(access(folder_file(f.folder, "alerts"), F_OK), -1);
	assert_int_equal(access(folder_file(f.folder, "events"), F_OK), -1);
	fixture_end(&f);
}

static void test_a_message_keeps_to_its_size_header_included(void **state)
{
	static const enum alert_format formats[] = { FORMAT_JSON, FORMAT_CEE, FORMAT_CEF,
						     FORMAT_TEXT };
	char *text = mem_resize(NULL, 20001, 1);
	struct arg arg = { 0, 20000 };
	struct scene scene;

	memset(text, 'x', 20000);
	text[20000] = '\0';
	scene_web_shell(&scene);
	scene.image.args = (struct args){ text, 20000, 1, 1, &arg };
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		struct fixture f;

		fixture_prepare(&f, state);
		f.config->syslog.format = formats[i];
		f.config->message_size = 5000;
		f.config->file.enabled = true;
		f.config->file.format = formats[i];
		make_sinks(&f);
		send_alert(&f, &scene, 0);
		assert_non_null(receive(&f));
		assert_in_range(f.length, 1000, 5000);
		fixture_end(&f);
		unlink(folder_file(*state, "log"));
	}
	free(text);
}

static void test_events_are_logged_whole(void **state)
{
	char *text = mem_resize(NULL, 20001, 1);
	struct arg arg = { 0, 20000 };
	struct json_object *document;
	struct scene scene;
	struct fixture f;
	char *line;

	memset(text, 'x', 20000);
	text[20000] = '\0';
	fixture_prepare(&f, state);
	f.config->events.enabled = true;
	make_sinks(&f);
	scene_web_shell(&scene);
	scene.image.args = (struct args){ text, 20000, 1, 1, &arg };
	sinks_event(f.sinks, &scene.event, 0);
	line = read_text(folder_file(f.folder, "events"));
	assert_int_equal(line[strlen(line) - 1], '\n');
	document = json_tokener_parse(line);
	assert_string_equal(json_object_get_string(document_get(document, "process.command_line")),
			    text);
	assert_string_equal(member_json(document, "event.kind"), "\"event\"");
	assert_null(receive(&f));
	json_object_put(document);
	free(line);
	free(text);
	fixture_end(&f);
}

static void test_the_plugins_own_messages_go_to_facility_daemon(void **state)
{
	struct fixture f;
	char priority[8];

	fixture_prepare(&f, state);
	f.config->syslog.enabled = false; /* that is about alerts */
	f.config->syslog.facility = LOG_LOCAL2;
	make_sinks(&f);
	sinks_log(f.sinks, 0, MESSAGE_RELOADED, "%d rules in %s", 7, "rules.d");
	assert_string_equal(receive(&f), "AS0103 7 rules in rules.d");
	snprintf(priority, sizeof(priority), "<%d>", LOG_DAEMON | LOG_INFO);
	assert_memory_equal(f.message, priority, strlen(priority));
	fixture_end(&f);
}

static void test_an_own_message_is_cut_when_it_is_long(void **state)
{
	char *text = mem_resize(NULL, 5001, 1);
	struct fixture f;
	const char *received;

	memset(text, 'x', 5000);
	text[5000] = '\0';
	fixture_begin(&f, state);
	sinks_log(f.sinks, 0, MESSAGE_STARTED, "%s", text);
	received = receive(&f);
	assert_in_range(strlen(received), 500, 4999);
	assert_memory_equal(received, "AS0101 x", 8);
	assert_int_equal(strspn(received + 7, "x"), strlen(received + 7));
	free(text);
	fixture_end(&f);
}

/* It can quote a rule file or name a path. */
static void test_an_own_message_is_one_harmless_line(void **state)
{
	struct fixture f;
	const char *received;

	fixture_begin(&f, state);
	sinks_log(f.sinks, 0, MESSAGE_MISTAKE, "%s: expected 'and' before '%s'", "rules.d/a\x1b[2J.conf",
		  "'a\nOct 11 22:14:15 web1 sshd[1]: Accepted password for root'");
	received = receive(&f);
	assert_harmless(span_of(received));
	fixture_end(&f);
}

static void test_of_a_flood_of_messages_some_pass_and_the_number_of_the_others(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	for (int i = 0; i < MESSAGES_BURST + 7; i++) {
		sinks_log(f.sinks, 1000 + i, MESSAGE_MISTAKE, "mistake %d", i);
		assert_int_equal(receive(&f) != NULL, i < MESSAGES_BURST);
	}
	/* Another kind passes. */
	sinks_log(f.sinks, 2000, MESSAGE_STARTED, "started");
	assert_string_equal(receive(&f), "AS0101 started");
	assert_int_equal(sinks_deadline(f.sinks), 1000 + MESSAGES_PERIOD_MS);
	sinks_flush(f.sinks, 999 + MESSAGES_PERIOD_MS);
	assert_null(receive(&f));
	sinks_flush(f.sinks, 1000 + MESSAGES_PERIOD_MS);
	assert_string_equal(receive(&f), "AS0106 7 more messages AS0201 were held back");
	assert_int_equal(sinks_deadline(f.sinks), -1);
	fixture_end(&f);
}

static void test_what_was_held_back_is_told_at_the_end(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	for (int i = 0; i <= MESSAGES_BURST; i++) {
		sinks_log(f.sinks, 0, MESSAGE_MISTAKE, "mistake %d", i);
		assert_true(receive(&f) || i == MESSAGES_BURST);
	}
	sinks_end(f.sinks, 10);
	assert_string_equal(receive(&f), "AS0106 1 more messages AS0201 were held back");
	fixture_end(&f);
}

static void test_a_log_of_events_that_takes_none_is_reported_once_a_minute(void **state)
{
	struct scene scene;
	struct fixture f;
	char complaint[256];

	fixture_prepare(&f, state);
	f.config->events.enabled = true;
	replace(&f.config->events.path, folder_file(*state, "none/events"));
	make_sinks(&f);
	scene_web_shell(&scene);

	sinks_event(f.sinks, &scene.event, 1000);
	snprintf(complaint, sizeof(complaint),
		 "AS0401 %s: can't be written: No such file or directory; 1 lines lost",
		 folder_file(*state, "none/events"));
	assert_string_equal(receive(&f), complaint);
	for (int64_t now = 2000; now < 61000; now += 1000)
		sinks_event(f.sinks, &scene.event, now);
	assert_null(receive(&f));
	sinks_event(f.sinks, &scene.event, 61000);
	snprintf(complaint, sizeof(complaint),
		 "AS0401 %s: can't be written: No such file or directory; 60 lines lost",
		 folder_file(*state, "none/events"));
	assert_string_equal(receive(&f), complaint);
	assert_null(receive(&f));
	fixture_end(&f);
}

static void test_rotated_files_are_followed_when_told(void **state)
{
	struct scene scene;
	struct fixture f;
	char *line;

	fixture_prepare(&f, state);
	f.config->syslog.enabled = false;
	f.config->file.enabled = true;
	f.config->events.enabled = true;
	make_sinks(&f);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	sinks_event(f.sinks, &scene.event, 0);
	assert_int_equal(unlink(folder_file(f.folder, "alerts")), 0);
	assert_int_equal(unlink(folder_file(f.folder, "events")), 0);
	sinks_reopen(f.sinks);
	send_alert(&f, &scene, 0);
	sinks_event(f.sinks, &scene.event, 0);
	line = read_text(folder_file(f.folder, "alerts"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	free(line);
	line = read_text(folder_file(f.folder, "events"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	free(line);
	fixture_end(&f);
}

static void test_reopening_without_files_is_harmless(void **state)
{
	struct fixture f;

	fixture_begin(&f, state);
	sinks_reopen(f.sinks);
	fixture_end(&f);
}

static void test_alerts_wait_for_an_absent_syslog(void **state)
{
	struct scene scene;
	struct fixture f;

	fixture_begin(&f, state);
	close(f.receiver);
	assert_int_equal(unlink(folder_file(f.folder, "log")), 0);
	scene_web_shell(&scene);
	assert_int_equal(sinks_deadline(f.sinks), -1);
	send_alert(&f, &scene, 1000);
	assert_int_equal(sinks_deadline(f.sinks), 1000 + SYSLOG_RETRY_MS);
	assert_int_equal(sinks_fd(f.sinks), -1);
	f.receiver = bind_socket(f.folder, "log", SOCK_DGRAM);
	flush(&f, sinks_deadline(f.sinks));
	assert_non_null(receive(&f));
	assert_null(receive(&f));
	assert_int_equal(sinks_deadline(f.sinks), -1);
	fixture_end(&f);
}

static void test_another_configuration_takes_over_what_waits(void **state)
{
	struct scene scene;
	struct fixture f;
	char *json, *text;

	fixture_begin(&f, state);
	close(f.receiver);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 1000);

	f.receiver = bind_socket(f.folder, "other", SOCK_DGRAM);
	replace(&f.config->syslog.socket, folder_file(f.folder, "other"));
	f.config->syslog.format = FORMAT_TEXT;
	f.config->file.enabled = true;
	sinks_configure(f.sinks, f.config);
	delivery_configure(f.delivery, f.config->outbox_size);
	send_alert(&f, &scene, 1001);
	flush(&f, 1001);
	json = encoded(&scene, FORMAT_JSON);
	text = encoded(&scene, FORMAT_TEXT);
	assert_string_equal(receive(&f), json);
	assert_string_equal(receive(&f), text);
	assert_int_equal(access(folder_file(f.folder, "alerts"), F_OK), 0);
	free(json);
	free(text);
	fixture_end(&f);
}

static void test_the_configuration_is_not_kept(void **state)
{
	struct mistakes mistakes = { 0 };
	struct scene scene;
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	make_sinks(&f);
	config_free(f.config);
	f.config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	assert_non_null(receive(&f));
	assert_int_equal(access(folder_file(f.folder, "alerts"), F_OK), 0);
	fixture_end(&f);
}

static void test_dropped_messages_are_reported(void **state)
{
	char text[1000];
	struct fixture f;
	unsigned long lost = 0, received = 0;
	const char *message;

	fixture_begin(&f, state);
	close(f.receiver);
	assert_int_equal(unlink(folder_file(f.folder, "log")), 0);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		sinks_log(f.sinks, i * 4000, MESSAGE_MISTAKE, "%s", text);
	f.receiver = bind_socket(f.folder, "log", SOCK_DGRAM);
	for (sinks_flush(f.sinks, 5000000); (message = receive(&f)); sinks_flush(f.sinks, 5000000)) {
		if (strstr(message, " messages lost: syslog took them too slowly"))
			lost += strtoul(message + strlen("AS0402 "), NULL, 10);
		else
			received++;
	}
	assert_in_range(lost, 1, 1000);
	assert_int_equal(lost + received, 1000);
	fixture_end(&f);
}

static void test_figures_of_each_sink_go_on_over_a_reload(void **state)
{
	struct sink_figures figures[SINKS_MAX];
	struct scene scene;
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	make_sinks(&f);
	assert_int_equal(sinks_figures(f.sinks, figures), 2);
	scene_web_shell(&scene);
	send_alert(&f, &scene, 0);
	send_alert(&f, &scene, 0);
	f.config->events.enabled = true;
	replace(&f.config->events.path, folder_file(f.folder, "none/events"));
	sinks_configure(f.sinks, f.config);
	send_alert(&f, &scene, 0);
	sinks_event(f.sinks, &scene.event, 0);
	assert_int_equal(sinks_figures(f.sinks, figures), 3);
	/* The complaint about the file is syslog's fourth. */
	assert_string_equal(figures[0].name, "syslog");
	assert_int_equal(figures[0].taken, 4);
	assert_false(figures[0].failing);
	assert_string_equal(figures[1].name, "file");
	assert_string_equal(figures[1].target, f.config->file.path);
	assert_int_equal(figures[1].taken, 3);
	assert_int_equal(figures[1].lost, 0);
	assert_string_equal(figures[2].name, "events");
	assert_int_equal(figures[2].taken, 0);
	assert_int_equal(figures[2].lost, 1);
	assert_true(figures[2].failing);
	fixture_end(&f);
}

static void test_figures_of_a_syslog_that_is_away(void **state)
{
	struct sink_figures figures[SINKS_MAX];
	struct fixture f;

	fixture_begin(&f, state);
	assert_int_equal(unlink(folder_file(f.folder, "log")), 0);
	sinks_log(f.sinks, 0, MESSAGE_STARTED, "started");
	assert_int_equal(sinks_figures(f.sinks, figures), 1);
	assert_string_equal(figures[0].target, f.config->syslog.socket);
	assert_int_equal(figures[0].taken, 0);
	assert_int_equal(figures[0].waiting, 1);
	assert_true(figures[0].failing);
	fixture_end(&f);
}

static void test_nothing_is_sinks_to_free(void **state)
{
	(void)state;
	sinks_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_an_alert_goes_to_syslog_with_facility_and_severity),
		IN_FOLDER(test_an_alert_goes_to_every_sink_in_its_own_format),
		IN_FOLDER(test_without_a_sink_an_alert_goes_nowhere),
		IN_FOLDER(test_a_message_keeps_to_its_size_header_included),
		IN_FOLDER(test_events_are_logged_whole),
		IN_FOLDER(test_the_plugins_own_messages_go_to_facility_daemon),
		IN_FOLDER(test_an_own_message_is_cut_when_it_is_long),
		IN_FOLDER(test_an_own_message_is_one_harmless_line),
		IN_FOLDER(test_of_a_flood_of_messages_some_pass_and_the_number_of_the_others),
		IN_FOLDER(test_what_was_held_back_is_told_at_the_end),
		IN_FOLDER(test_a_log_of_events_that_takes_none_is_reported_once_a_minute),
		IN_FOLDER(test_rotated_files_are_followed_when_told),
		IN_FOLDER(test_reopening_without_files_is_harmless),
		IN_FOLDER(test_alerts_wait_for_an_absent_syslog),
		IN_FOLDER(test_another_configuration_takes_over_what_waits),
		IN_FOLDER(test_the_configuration_is_not_kept),
		IN_FOLDER(test_dropped_messages_are_reported),
		IN_FOLDER(test_figures_of_each_sink_go_on_over_a_reload),
		IN_FOLDER(test_figures_of_a_syslog_that_is_away),
		cmocka_unit_test(test_nothing_is_sinks_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
