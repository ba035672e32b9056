/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <time.h>

#include "process/ecs.h"
#include "process/field.h"

/* A process of which everything is known; each of its values has the tag in it. */
struct tagged {
	char text[13][24];
	struct arg arg[2];
	struct image image;
	struct process process;
};

/* An event of which everything is known, and no two things are alike. */
struct full {
	struct image process_image, parent_image, previous_image;
	struct tagged grandparent, oldest, session_leader, group_leader, entry_leader;
	char env_vars[32];
	struct process_event event;
};

static const char *tagged_text(struct tagged *tagged, int i, char tag, const char *text)
{
	snprintf(tagged->text[i], sizeof(tagged->text[i]), text, tag);
	return tagged->text[i];
}

/* Ids begin at `number`, which is the pid. */
static void tagged_init(struct tagged *tagged, char tag, uint32_t number)
{
	const char *args = tagged_text(tagged, 0, tag, "%c -x");

	tagged->arg[0] = (struct arg){ 0, 1 };
	tagged->arg[1] = (struct arg){ 2, 2 };
	tagged->image = (struct image){
		.executable = tagged_text(tagged, 1, tag, "/bin/%c-exe"),
		.comm = tagged_text(tagged, 2, tag, "%c-comm"),
		.working_directory = tagged_text(tagged, 3, tag, "/%c-dir"),
		.args = { args, 4, 2, 2, tagged->arg },
		.credentials = {
			.known = true,
			.user = { number + 1, tagged_text(tagged, 4, tag, "%c-user") },
			.real_user = { number + 2, tagged_text(tagged, 5, tag, "%c-ruser") },
			.saved_user = { number + 3, tagged_text(tagged, 6, tag, "%c-suser") },
			.group = { number + 4, tagged_text(tagged, 7, tag, "%c-group") },
			.real_group = { number + 5, tagged_text(tagged, 8, tag, "%c-rgroup") },
			.saved_group = { number + 6, tagged_text(tagged, 9, tag, "%c-sgroup") },
			.login_user = { ID_UNSET, NULL }, .session = ID_UNSET,
		},
		.interactive = KNOWN_TRUE,
	};
	tagged->process = (struct process){ (pid_t)number, (int64_t)number, &tagged->image };
}

static const struct arg args[] = { { 0, 2 }, { 3, 2 }, { 6, 5 } };
static const struct arg parent_args[] = { { 0, 3 } };

static void full_init(struct full *full)
{
	full->process_image = (struct image){
		.executable = "/usr/bin/dash",
		.comm = "sh",
		.working_directory = "/var/www",
		.script = "/srv/run.sh",
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
	memcpy(full->env_vars, "LD_PRELOAD=/tmp/x.so\0EMPTY=", 28);
	tagged_init(&full->grandparent, 'g', 100);
	tagged_init(&full->oldest, 'o', 200);
	tagged_init(&full->session_leader, 's', 300);
	tagged_init(&full->group_leader, 'p', 400);
	tagged_init(&full->entry_leader, 'e', 500);
	full->event = (struct process_event){
		.node = "web1",
		.stamp = { 1795320845, 44, 23173 },
		.id = "1795320845.044:23173",
		.key = "exec\x01web",
		.syscall = { "execveat", { "ffffff9c", "7ffd", "0", "8" } },
		.host = { "web1.example.com", "machine", "agent" },
		.process = { 901, 1795320844999, &full->process_image },
		.parent = { 812, 1795320000000, &full->parent_image },
		.reparented_to = 1,
		.previous = &full->previous_image,
		.ancestors = 2,
		.ancestor = { full->grandparent.process, full->oldest.process },
		.session_leader = full->session_leader.process,
		.group_leader = full->group_leader.process,
		.entry_leader = full->entry_leader.process,
		.entry_type = "sshd",
		.env_vars = full->env_vars,
		.env_count = 2,
	};
}

/* A field and its values in the event above; a number and a truth are written out. */
struct expected {
	const char *name;
	enum field_type type;
	const char *value[6];
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
	KEYWORD("user.Ext.real.id", "1000"),
	KEYWORD("user.Ext.real.name", "alice"),
	KEYWORD("group.id", "34"),
	KEYWORD("group.name", "web"),
	KEYWORD("group.Ext.real.id", "1001"),
	KEYWORD("group.Ext.real.name", "users"),
	KEYWORD("container.id", "c0ffee"),
	KEYWORD("container.runtime", "podman"),
	KEYWORD("auspawn.login_user.id", "1002"),
	KEYWORD("auspawn.login_user.name", "bob"),
	KEYWORD("auspawn.session.id", "5"),
	KEYWORD("auspawn.key", "exec", "web"),
	NUMBER("auspawn.reparented_to.pid", "1"),
	KEYWORD("auspawn.script", "/srv/run.sh"),
	KEYWORD("auditd.data.syscall", "execveat"),
	KEYWORD("auditd.data.a0", "ffffff9c"),
	KEYWORD("auditd.data.a1", "7ffd"),
	KEYWORD("auditd.data.a2", "0"),
	KEYWORD("auditd.data.a3", "8"),
	KEYWORD("process.env_vars", "LD_PRELOAD=/tmp/x.so", "EMPTY="),
	KEYWORD("process.entry_leader.entry_meta.type", "sshd"),
	BOOLEAN("process.entry_leader.same_as_process", "false"),
	BOOLEAN("process.group_leader.same_as_process", "false"),
	BOOLEAN("process.session_leader.same_as_process", "false"),
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
	KEYWORD("auspawn.ancestor.name", "php-fpm8.2", "g-exe", "g-comm", "o-exe", "o-comm"),
	KEYWORD("auspawn.ancestor.executable", "/usr/sbin/php-fpm8.2", "/bin/g-exe", "/bin/o-exe"),
	KEYWORD("auspawn.ancestor.command_line", "php", "g -x", "o -x"),
};

/* What each of the tagged processes has, behind its prefix; the tag is in it as %c, the ids are how far behind
 * the pid they are. */
static const struct expected every_tagged_field[] = {
	NUMBER("pid", "+0"),
	KEYWORD("name", "%c-exe", "%c-comm"),
	KEYWORD("thread.name", "%c-comm"),
	KEYWORD("executable", "/bin/%c-exe"),
	KEYWORD("args", "%c", "-x"),
	NUMBER("args_count", "2"),
	KEYWORD("command_line", "%c -x"),
	KEYWORD("working_directory", "/%c-dir"),
	BOOLEAN("interactive", "true"),
	DATE("start", "1970-01-01T00:00:00.+0Z"),
	KEYWORD("user.id", "+1"),
	KEYWORD("user.name", "%c-user"),
	KEYWORD("group.id", "+4"),
	KEYWORD("group.name", "%c-group"),
	KEYWORD("real_user.id", "+2"),
	KEYWORD("real_user.name", "%c-ruser"),
	KEYWORD("saved_user.id", "+3"),
	KEYWORD("saved_user.name", "%c-suser"),
	KEYWORD("real_group.id", "+5"),
	KEYWORD("real_group.name", "%c-rgroup"),
	KEYWORD("saved_group.id", "+6"),
	KEYWORD("saved_group.name", "%c-sgroup"),
};

static const struct {
	const char *prefix;
	char tag;
	int number;
} tagged_owners[] = {
	{ "process.parent.parent.", 'g', 100 },
	{ "process.session_leader.", 's', 300 },
	{ "process.group_leader.", 'p', 400 },
	{ "process.entry_leader.", 'e', 500 },
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

/* Puts the tag and the number into what is expected of a tagged process. */
static void expect_tagged(char *out, size_t size, const char *pattern, size_t owner)
{
	const char *plus = strchr(pattern, '+');

	if (plus)
		snprintf(out, size, "%.*s%d%s", (int)(plus - pattern), pattern,
			 tagged_owners[owner].number + plus[1] - '0', plus + 2);
	else if (strchr(pattern, '%'))
		snprintf(out, size, pattern, tagged_owners[owner].tag);
	else
		snprintf(out, size, "%s", pattern);
}

static void test_older_processes_and_leaders_have_the_whole_set(void **state)
{
	struct full full;

	(void)state;
	full_init(&full);
	for (size_t i = 0; i < ARRAY_SIZE(tagged_owners) * ARRAY_SIZE(every_tagged_field); i++) {
		size_t owner = i / ARRAY_SIZE(every_tagged_field);
		const struct expected *field = &every_tagged_field[i % ARRAY_SIZE(every_tagged_field)];
		char name[FIELD_MAX_NAME], values[2][48];
		const char *expected[3] = { NULL };

		snprintf(name, sizeof(name), "%s%s", tagged_owners[owner].prefix, field->name);
		for (size_t j = 0; j < 2 && field->value[j]; j++) {
			expect_tagged(values[j], sizeof(values[j]), field->value[j], owner);
			expected[j] = values[j];
		}
		check_values(&full.event, name, expected, __FILE__, __LINE__);
		assert_int_equal(found(name).field->type, field->type);
	}
}

static void check_listed(void *user, const char *name, const struct field_ref *ref)
{
	struct field_ref by_name = found(name);
	char buffer[FIELD_MAX_NAME];
	size_t *count = user;

	(*count)++;
	assert_ptr_equal(by_name.field, ref->field);
	assert_int_equal(by_name.owner, ref->owner);
	assert_int_equal(!!ref->field->of_event + !!ref->field->of_process + !!ref->field->constant, 1);
	assert_non_null(ref->field->meaning);
	assert_text(field_name(ref, buffer, sizeof(buffer)), name);
	/* What has no values of its own here is the schema's, as all but auspawn's are. */
	if (strncmp(name, "auspawn.", 8) != 0 && !ecs_has_field(span_of(name)))
		fail_msg("%s is not in the schema", name);
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		if (!strcmp(every_field[i].name, name))
			return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(tagged_owners); i++) {
		if (!strncmp(name, tagged_owners[i].prefix, strlen(tagged_owners[i].prefix)))
			return;
	}
	fail_msg("%s is not tested", name);
}

static void test_every_field_is_listed_and_found_by_its_name(void **state)
{
	size_t count = 0;

	(void)state;
	field_each(check_listed, &count);
	assert_int_equal(count, ARRAY_SIZE(every_field) +
					ARRAY_SIZE(tagged_owners) * ARRAY_SIZE(every_tagged_field));
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
		"process.parent.name", "process.parent.args", "process.env_vars",
		"auspawn.ancestor.name", "auspawn.ancestor.executable",
		"auspawn.ancestor.command_line", NULL,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		const char *name = every_field[i].name;

		const struct field_ref ref = found(name);

		if (field_several(&ref) != is_one_of(name, several))
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

static void test_constants_are_known_without_an_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		const struct field_ref ref = found(every_field[i].name);
		struct value value;

		if (field_constant(&ref, &value) != is_constant(every_field[i].name))
			fail_msg("%s", every_field[i].name);
		if (ref.field->constant)
			assert_span(value.text, every_field[i].value[0]);
	}
}

static void test_documents_have_what_they_always_had(void **state)
{
	static const char *const conditions_only[] = {
		"user.Ext.real.id", "user.Ext.real.name", "group.Ext.real.id", "group.Ext.real.name",
		"auditd.data.syscall", "auditd.data.a0", "auditd.data.a1", "auditd.data.a2",
		"auditd.data.a3", "process.env_vars", "process.entry_leader.entry_meta.type",
		"process.entry_leader.same_as_process", "process.group_leader.same_as_process",
		"process.session_leader.same_as_process", "process.user.id", "process.user.name",
		"process.group.id", "process.group.name", "auspawn.ancestor.name",
		"auspawn.ancestor.executable", "auspawn.ancestor.command_line", NULL,
	};
	static const char *const others[] = {
		"process.parent.parent.pid", "process.session_leader.name",
		"process.group_leader.executable", "process.entry_leader.user.id",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(every_field); i++) {
		const struct field_ref ref = found(every_field[i].name);

		if (field_in_documents(&ref) == is_one_of(every_field[i].name, conditions_only))
			fail_msg("%s", every_field[i].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct field_ref ref = found(others[i]);

		assert_false(field_in_documents(&ref));
	}
}

static void test_leader_can_be_the_process_itself(void **state)
{
	struct process_event event = { .process = { .pid = 5 }, .session_leader = { .pid = 5 },
				       .group_leader = { .pid = 6 } };

	(void)state;
	assert_values(&event, "process.session_leader.same_as_process", "true");
	assert_values(&event, "process.group_leader.same_as_process", "false");
	assert_absent(&event, "process.entry_leader.same_as_process");
	assert_values(&event, "process.group_leader.pid", "6");
	assert_absent(&event, "process.group_leader.name");
}

static void test_ancestors_of_whom_only_the_pid_is_known_have_no_values(void **state)
{
	const struct image old = { .executable = "/sbin/init", .comm = "systemd" };
	struct process_event event = { .parent = { .pid = 5 }, .ancestors = 3,
				       .ancestor = { { .pid = 4 }, { 3, 0, &old }, { .pid = 1 } } };

	(void)state;
	assert_values(&event, "auspawn.ancestor.name", "init", "systemd");
	assert_values(&event, "auspawn.ancestor.executable", "/sbin/init");
	assert_absent(&event, "auspawn.ancestor.command_line");
	assert_values(&event, "process.parent.parent.pid", "4");
	event.ancestors = 0;
	assert_absent(&event, "auspawn.ancestor.name");
	assert_absent(&event, "process.parent.parent.pid");
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
		{ "/memfd:x (deleted)", "3", { "memfd:x", "3" } },
		{ "/memfd:x (deleted)", "memfd:x", { "memfd:x" } },
		/* Replaced while it ran. */
		{ "/usr/sbin/nginx (deleted)", "nginx", { "nginx" } },
		{ "/ (deleted)", "x", { " (deleted)", "x" } },
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
		"process.parent.parent.parent.pid", "Process.pid", "process.pid ", "process.pid.x",
		"process.parent.previous.executable", "parent.pid", "auspawn", "event",
		"auspawn.ancestor", "auspawn.ancestor.pid", "auspawn.ancestor.args",
		"process.session_leader", "process.session_leader.", "process.ancestor.name",
		"process.parent.entry_leader.name", "auditd.data.a4",
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
		{ "process.parent.parent.nmae", "process.parent.parent.name" },
		{ "process.session_leader.exectuable", "process.session_leader.executable" },
		{ "auspawn.ancestors.name", "auspawn.ancestor.name" },
		{ "auditd.data.sycall", "auditd.data.syscall" },
		/* Of the schema, though no event has it. */
		{ "file.hash.sha265", "file.hash.sha256" },
		{ "dns.qestion.name", "dns.question.name" },
		{ "proces.parent.hash.md5", "process.parent.hash.md5" },
		{ "winlog.event_data.AccessMask", NULL },
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
	assert_span(field_base_name(SPAN("/usr/bin/id")), "id");
	assert_span(field_base_name(SPAN("id")), "id");
	assert_span(field_base_name(SPAN("/")), "");
	assert_span(field_base_name(SPAN("/usr/bin/")), "");
	assert_span(field_base_name(SPAN("")), "");
	assert_null(field_base_name(SPAN_NONE).start);
	/* A span ends where it ends. */
	assert_span(field_base_name((struct span){ "/usr/bin/id", 6 }), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_reads_its_own_part_of_the_event),
		cmocka_unit_test(test_older_processes_and_leaders_have_the_whole_set),
		cmocka_unit_test(test_every_field_is_listed_and_found_by_its_name),
		cmocka_unit_test(test_constants_are_known_without_an_event),
		cmocka_unit_test(test_documents_have_what_they_always_had),
		cmocka_unit_test(test_leader_can_be_the_process_itself),
		cmocka_unit_test(test_ancestors_of_whom_only_the_pid_is_known_have_no_values),
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
