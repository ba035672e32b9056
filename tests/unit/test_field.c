/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <time.h>

#include "process/field.h"

/* An event of which everything is known, and no two things are alike. */
struct full {
	struct image process_image, parent_image, previous_image;
	struct process_event event;
};

static const struct arg args[] = { { 0, 2 }, { 3, 2 }, { 6, 5 } };
static const struct arg parent_args[] = { { 0, 3 } };

static void full_init(struct full *full)
{
	full->process_image = (struct image){
		.executable = "/usr/bin/dash",
		.comm = "sh",
		.working_directory = "/var/www",
		.args = { "sh -c id -u", 11, 3, 3, args },
		.credentials = {
			.known = true,
			.user = { 33, "www-data" }, .real_user = { 1000, "alice" },
			.saved_user = { 0, "root" }, .group = { 34, "web" },
			.real_group = { 1001, "users" }, .saved_group = { 4, "adm" },
			.login_user = { 1002, "bob" }, .session = 5,
		},
		.interactive = KNOWN_TRUE,
		.container_id = "c0ffee",
		.container_runtime = "podman",
		.container_known = true,
	};
	full->parent_image = (struct image){
		.executable = "/usr/sbin/php-fpm8.2",
		.comm = "php-fpm8.2",
		.working_directory = "/srv",
		.args = { "php", 3, 1, 1, parent_args },
		.credentials = {
			.known = true,
			.user = { 50, "p-user" }, .real_user = { 51, "p-real" },
			.saved_user = { 52, "p-saved" }, .group = { 53, "p-group" },
			.real_group = { 54, "p-rgroup" }, .saved_group = { 55, "p-sgroup" },
			.login_user = { 56, "p-login" }, .session = 6,
		},
		.interactive = KNOWN_FALSE,
		.container_id = "p-container",
	};
	full->previous_image = (struct image){ .executable = "/usr/bin/env" };
	full->event = (struct process_event){
		.node = "web1",
		.stamp = { 1795320845, 44, 23173 },
		.id = "1795320845.044:23173",
		.key = "exec\x01web",
		.host = { "web1.example.com", "machine", "agent" },
		.process = { 901, 1795320844999, &full->process_image },
		.parent = { 812, 1795320000000, &full->parent_image },
		.reparented_to = 1,
		.previous = &full->previous_image,
	};
}

/* A field and its values in the event above; a number and a truth are written out. */
struct expected {
	const char *name;
	enum field_type type;
	const char *value[4];
};

#define KEYWORD(name, ...) { name, FIELD_KEYWORD, { __VA_ARGS__ } }
#define NUMBER(name, value)  { name, FIELD_NUMBER, { value } }
#define BOOLEAN(name, value) { name, FIELD_BOOLEAN, { value } }
#define DATE(name, value)    { name, FIELD_DATE, { value } }

static const struct expected every_field[] = {
	DATE("@timestamp", "2026-11-22T04:14:05.044Z"),
	KEYWORD("event.id", "1795320845.044:23173"),
	KEYWORD("event.kind", "event"),
	KEYWORD("event.category", "process"),
	KEYWORD("event.type", "start"),
	KEYWORD("event.action", "exec"),
	KEYWORD("event.outcome", "success"),
	KEYWORD("host.name", "web1.example.com"),
	KEYWORD("host.id", "machine"),
	KEYWORD("host.os.type", "linux"),
	KEYWORD("agent.id", "agent"),
	KEYWORD("user.id", "33"),
	KEYWORD("user.name", "www-data"),
	KEYWORD("group.id", "34"),
	KEYWORD("group.name", "web"),
	KEYWORD("container.id", "c0ffee"),
	KEYWORD("container.runtime", "podman"),
	KEYWORD("auspawn.login_user.id", "1002"),
	KEYWORD("auspawn.login_user.name", "bob"),
	KEYWORD("auspawn.session.id", "5"),
	KEYWORD("auspawn.key", "exec", "web"),
	NUMBER("auspawn.reparented_to.pid", "1"),
	KEYWORD("process.previous.executable", "/usr/bin/env"),
	NUMBER("process.pid", "901"),
	KEYWORD("process.name", "dash", "sh"),
	KEYWORD("process.thread.name", "sh"),
	KEYWORD("process.executable", "/usr/bin/dash"),
	KEYWORD("process.args", "sh", "-c", "id -u"),
	NUMBER("process.args_count", "3"),
	KEYWORD("process.command_line", "sh -c id -u"),
	KEYWORD("process.working_directory", "/var/www"),
	BOOLEAN("process.interactive", "true"),
	DATE("process.start", "2026-11-22T04:14:04.999Z"),
	KEYWORD("process.user.id", "33"),
	KEYWORD("process.user.name", "www-data"),
	KEYWORD("process.group.id", "34"),
	KEYWORD("process.group.name", "web"),
	KEYWORD("process.real_user.id", "1000"),
	KEYWORD("process.real_user.name", "alice"),
	KEYWORD("process.saved_user.id", "0"),
	KEYWORD("process.saved_user.name", "root"),
	KEYWORD("process.real_group.id", "1001"),
	KEYWORD("process.real_group.name", "users"),
	KEYWORD("process.saved_group.id", "4"),
	KEYWORD("process.saved_group.name", "adm"),
	NUMBER("process.parent.pid", "812"),
	KEYWORD("process.parent.name", "php-fpm8.2"),
	KEYWORD("process.parent.thread.name", "php-fpm8.2"),
	KEYWORD("process.parent.executable", "/usr/sbin/php-fpm8.2"),
	KEYWORD("process.parent.args", "php"),
	NUMBER("process.parent.args_count", "1"),
	KEYWORD("process.parent.command_line", "php"),
	KEYWORD("process.parent.working_directory", "/srv"),
	BOOLEAN("process.parent.interactive", "false"),
	DATE("process.parent.start", "2026-11-22T04:00:00.000Z"),
	KEYWORD("process.parent.user.id", "50"),
	KEYWORD("process.parent.user.name", "p-user"),
	KEYWORD("process.parent.group.id", "53"),
	KEYWORD("process.parent.group.name", "p-group"),
	KEYWORD("process.parent.real_user.id", "51"),
	KEYWORD("process.parent.real_user.name", "p-real"),
	KEYWORD("process.parent.saved_user.id", "52"),
	KEYWORD("process.parent.saved_user.name", "p-saved"),
	KEYWORD("process.parent.real_group.id", "54"),
	KEYWORD("process.parent.real_group.name", "p-rgroup"),
	KEYWORD("process.parent.saved_group.id", "55"),
	KEYWORD("process.parent.saved_group.name", "p-sgroup"),
};

static struct field_ref found(const char *name)
{
	struct field_ref ref;

	if (!field_find(span_of(name), &ref))
		fail_msg("no field %s", name);
	return ref;
}

/* Writes a value out; returns false if there is no value number `index`. */
static bool print_value(const struct process_event *event, const char *name, size_t index,
			char *out, size_t size)
{
	struct field_ref ref = found(name);
	struct value value;

	if (!field_get(&ref, event, index, &value))
		return false;
	if (ref.field->type == FIELD_NUMBER)
		snprintf(out, size, "%g", value.number);
	else if (ref.field->type == FIELD_BOOLEAN)
		snprintf(out, size, "%s", value.truth ? "true" : "false");
	else if (!value.text.start)
		snprintf(out, size, "(missing)");
	else
		snprintf(out, size, "%.*s", (int)value.text.length, value.text.start);
	return true;
}

static void check_values(const struct process_event *event, const char *name,
			 const char *const values[], const char *file, int line)
{
	char printed[128];
	size_t i = 0;

	for (; values[i]; i++) {
		if (!print_value(event, name, i, printed, sizeof(printed)))
			snprintf(printed, sizeof(printed), "(absent)");
		if (strcmp(printed, values[i])) {
			print_error("%s is %s, not %s\n", name, printed, values[i]);
			_fail(file, line);
		}
	}
	if (print_value(event, name, i, printed, sizeof(printed))) {
		print_error("%s is also %s\n", name, printed);
		_fail(file, line);
	}
}
#define assert_values(event, name, ...)                                                           \
	check_values(event, name, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
#define assert_absent(event, name)                                                                \
	check_values(event, name, (const char *const[]){ NULL }, __FILE__, __LINE__)

static void test_every_field_reads_its_own_part_of_the_event(void **state)
{
	struct full full;

	(void)state;
	full_init(&full);
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		check_values(&full.event, every_field[i].name, every_field[i].value, __FILE__,
			     __LINE__);
		if (found(every_field[i].name).field->type != every_field[i].type)
			fail_msg("type of %s", every_field[i].name);
	}
}

static void check_listed(void *user, const char *name, const struct field_ref *ref)
{
	struct field_ref by_name = found(name);
	size_t *count = user;

	if (*count >= ARRAY_SIZE(every_field))
		fail_msg("%s is not tested", name);
	(*count)++;
	assert_true(by_name.field == ref->field && by_name.parent == ref->parent);
	assert_true(!ref->field->of_event != !ref->field->of_process);
	assert_non_null(ref->field->meaning);
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		if (!strcmp(every_field[i].name, name))
			return;
	}
	fail_msg("%s is not tested", name);
}

static void test_every_field_is_listed_and_found_by_its_name(void **state)
{
	size_t count = 0;

	(void)state;
	field_each(check_listed, &count);
	assert_int_equal(count, ARRAY_SIZE(every_field));
}

static bool is_one_of(const char *name, const char *const names[])
{
	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

static void test_fields_that_can_have_several_values_say_so(void **state)
{
	static const char *const several[] = {
		"event.category", "event.type", "auspawn.key", "process.name", "process.args",
		"process.parent.name", "process.parent.args", NULL,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		const char *name = every_field[i].name;

		if (found(name).field->several != is_one_of(name, several))
			fail_msg("%s", name);
	}
}

static bool is_constant(const char *name)
{
	static const char *const constants[] = {
		"event.kind", "event.category", "event.type", "event.action", "event.outcome",
		"host.os.type", NULL,
	};

	return is_one_of(name, constants);
}

static void check_all_absent(const struct process_event *event, const char *const but[])
{
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		const char *name = every_field[i].name;

		if (!is_one_of(name, but) && !is_constant(name))
			assert_absent(event, name);
	}
}

static void test_of_a_process_without_an_image_only_the_pid_is_known(void **state)
{
	struct process_event event = {
		.id = "1.000:2",
		.stamp = { 1, 0, 2 },
		.process = { .pid = 901 },
		.parent = { .pid = 812 },
	};

	(void)state;
	check_all_absent(&event, (const char *const[]){ "event.id", "@timestamp", "process.pid",
							"process.parent.pid", NULL });
	assert_values(&event, "event.id", "1.000:2");
	assert_values(&event, "@timestamp", "1970-01-01T00:00:01.000Z");
	assert_values(&event, "process.pid", "901");
	assert_values(&event, "process.parent.pid", "812");
	assert_values(&event, "event.kind", "event");
}

static void test_nothing_is_made_up_for_an_empty_image(void **state)
{
	const struct image image = { .interactive = UNKNOWN };
	struct process_event event = { .process = { .image = &image },
				       .parent = { .image = &image },
				       .previous = &image };

	(void)state;
	check_all_absent(&event, (const char *const[]){ "event.id", NULL });
}

static void test_root_is_a_user_and_unset_is_none(void **state)
{
	const struct image image = {
		.credentials = { .known = true, .login_user = { .id = ID_UNSET },
				 .session = ID_UNSET },
		.interactive = KNOWN_FALSE,
	};
	struct process_event event = { .process = { .image = &image } };

	(void)state;
	assert_values(&event, "user.id", "0");
	assert_values(&event, "process.saved_group.id", "0");
	assert_absent(&event, "user.name");
	assert_absent(&event, "auspawn.login_user.id");
	assert_absent(&event, "auspawn.session.id");
	assert_values(&event, "process.interactive", "false");
}

static void test_empty_is_not_absent(void **state)
{
	const struct arg none = { 0, 0 };
	const struct image image = { .executable = "", .args = { "", 0, 1, 1, &none } };
	struct process_event event = { .process = { .image = &image }, .key = "" };

	(void)state;
	assert_values(&event, "process.executable", "");
	assert_values(&event, "process.args", "");
	assert_values(&event, "process.command_line", "");
	assert_values(&event, "auspawn.key", "");
}

static void test_no_arguments_are_counted_as_none(void **state)
{
	const struct image image = { .args = { .text = "" } };
	struct process_event event = { .process = { .image = &image } };

	(void)state;
	assert_absent(&event, "process.args");
	assert_values(&event, "process.args_count", "0");
	assert_values(&event, "process.command_line", "");
}

static void test_missing_argument_keeps_its_place(void **state)
{
	const struct image *image =
		new_image(&(struct image){ 0 }, ARGV("sh", missing_arg, "-c"));
	struct process_event event = { .process = { .image = image } };

	(void)state;
	assert_values(&event, "process.args", "sh", "(missing)", "-c");
	image_unref(image);
}

static void test_count_tells_of_arguments_that_were_lost(void **state)
{
	const struct image image = { .args = { "sh -c", 5, 2, 5001, args } };
	struct process_event event = { .process = { .image = &image } };

	(void)state;
	assert_values(&event, "process.args", "sh", "-c");
	assert_values(&event, "process.args_count", "5001");
}

static void test_process_has_up_to_two_names(void **state)
{
	static const struct {
		const char *executable, *comm;
		const char *names[3];
	} cases[] = {
		{ "/usr/bin/python3.11", "gunicorn", { "python3.11", "gunicorn" } },
		{ "/usr/bin/dash", "sh", { "dash", "sh" } },
		{ "/usr/sbin/nginx", "nginx", { "nginx" } },
		{ "/bin/busybox", "exe", { "busybox", "exe" } },
		{ "/usr/lib/systemd/systemd-journald", "systemd-journal",
		  { "systemd-journald", "systemd-journal" } },
		{ "/memfd:x (deleted)", "3", { "memfd:x (deleted)", "3" } },
		{ "/usr/bin/id", NULL, { "id" } },
		{ NULL, "kworker/0:1", { "kworker/0:1" } },
		{ "relative", "x", { "relative", "x" } },
		{ NULL, NULL, { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct image image = { .executable = cases[i].executable,
					     .comm = cases[i].comm };
		struct process_event event = { .process = { .image = &image },
					       .parent = { .image = &image } };

		check_values(&event, "process.name", cases[i].names, __FILE__, __LINE__);
		check_values(&event, "process.parent.name", cases[i].names, __FILE__, __LINE__);
	}
}

static void test_keys_of_a_rule_are_told_apart(void **state)
{
	struct process_event event = { .key = "a\x01\x01" "b c" };

	(void)state;
	assert_values(&event, "auspawn.key", "a", "", "b c");
}

static void test_dates_are_utc_with_milliseconds(void **state)
{
	static const struct {
		int64_t ms;
		const char *date;
	} cases[] = {
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 1709164800050, "2024-02-29T00:00:00.050Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};

	(void)state;
	assert_int_equal(setenv("TZ", "NZST-12", 1), 0);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct process_event event = { .process = { .start = cases[i].ms } };

		assert_values(&event, "process.start", cases[i].date);
	}
}

static void test_names_that_are_no_fields_are_not_found(void **state)
{
	static const char *const names[] = {
		"", "process", "process.", "process.parent", "process.parent.", "pid", "name",
		"process.parent.parent.pid", "Process.pid", "process.pid ", "process.pid.x",
		"process.parent.previous.executable", "parent.pid", "auspawn", "event",
	};
	struct field_ref ref;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (field_find(span_of(names[i]), &ref))
			fail_msg("found %s", names[i]);
	}
	/* A span ends where it ends. */
	assert_true(field_find((struct span){ "process.pidx", 11 }, &ref));
	assert_false(field_find((struct span){ "process.pid", 10 }, &ref));
}

static void test_nearest_name_is_suggested(void **state)
{
	static const struct {
		const char *wanted, *nearest;
	} cases[] = {
		{ "process.nmae", "process.name" },
		{ "proces.parent.name", "process.parent.name" },
		{ "process.parent.nam", "process.parent.name" },
		{ "process.commandline", "process.command_line" },
		{ "process.parent.executible", "process.parent.executable" },
		{ "process.pid", "process.pid" },
		{ "prozezz.pid", "process.pid" },
		{ "prozezz.pjd", NULL }, /* more than a third is wrong */
		{ "containr.id", "container.id" },
		{ "timestamp", "@timestamp" },
		{ "file.hash.sha256", NULL },
		{ "dns.question.name", NULL },
		{ "x", NULL },
		{ "", NULL },
	};
	char buffer[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text(field_nearest(span_of(cases[i].wanted), buffer, sizeof(buffer)),
			    cases[i].nearest);
}

static void test_nearest_name_fits_its_buffer(void **state)
{
	char longest[1000];
	char buffer[8];

	(void)state;
	assert_text(field_nearest(SPAN("process.nmae"), buffer, sizeof(buffer)), "process");
	memset(longest, 'p', sizeof(longest));
	assert_null(field_nearest((struct span){ longest, sizeof(longest) }, buffer,
				  sizeof(buffer)));
}

static void test_base_name_is_what_follows_the_last_slash(void **state)
{
	(void)state;
	assert_span(field_base_name("/usr/bin/id"), "id");
	assert_span(field_base_name("id"), "id");
	assert_span(field_base_name("/"), "");
	assert_span(field_base_name("/usr/bin/"), "");
	assert_span(field_base_name(""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_reads_its_own_part_of_the_event),
		cmocka_unit_test(test_every_field_is_listed_and_found_by_its_name),
		cmocka_unit_test(test_fields_that_can_have_several_values_say_so),
		cmocka_unit_test(test_of_a_process_without_an_image_only_the_pid_is_known),
		cmocka_unit_test(test_nothing_is_made_up_for_an_empty_image),
		cmocka_unit_test(test_root_is_a_user_and_unset_is_none),
		cmocka_unit_test(test_empty_is_not_absent),
		cmocka_unit_test(test_no_arguments_are_counted_as_none),
		cmocka_unit_test(test_missing_argument_keeps_its_place),
		cmocka_unit_test(test_count_tells_of_arguments_that_were_lost),
		cmocka_unit_test(test_process_has_up_to_two_names),
		cmocka_unit_test(test_keys_of_a_rule_are_told_apart),
		cmocka_unit_test(test_dates_are_utc_with_milliseconds),
		cmocka_unit_test(test_names_that_are_no_fields_are_not_found),
		cmocka_unit_test(test_nearest_name_is_suggested),
		cmocka_unit_test(test_nearest_name_fits_its_buffer),
		cmocka_unit_test(test_base_name_is_what_follows_the_last_slash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
