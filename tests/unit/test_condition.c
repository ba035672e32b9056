/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/condition.h"
#include "rules/parser.h"
#include "rules/wildcard.h"

static void fail_at(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	print_error("%s\n  at %zu: %s\n", (const char *)user, offset, message);
}

struct row {
	const char *text;
	bool holds;
};

static char *shells[] = { (char[]){ "bash" }, (char[]){ "dash" }, (char[]){ "sh" } };
static char *patterns[] = { (char[]){ "/tmp/*" }, (char[]){ "*.so.?" } };

/* @shells and @patterns, in `lists`. */
static struct string_list *make_lists(struct string_list lists[2])
{
	struct string_list *hash = NULL;

	lists[0] = (struct string_list){ .item = shells, .items = COUNT_OF(shells) };
	lists[1] = (struct string_list){ .item = patterns, .items = COUNT_OF(patterns) };
	HASH_ADD_KEYPTR(hh, hash, "shells", 6, &lists[0]);
	HASH_ADD_KEYPTR(hh, hash, "patterns", 8, &lists[1]);
	return hash;
}

static bool row_holds(const struct row *row, const struct string_list *lists,
		      const struct process_event *event)
{
	struct condition *condition =
		parser_parse(span_of(row->text), lists, fail_at, (void *)row->text);
	bool right = condition && condition_holds(condition, event) == row->holds;

	if (condition && !right)
		print_error("%s\n  should be %s\n", row->text, row->holds ? "true" : "false");
	condition_free(condition);
	return right;
}

static size_t wrong_rows(const struct row *rows, size_t count, const struct process_event *event)
{
	struct string_list storage[2];
	struct string_list *lists = make_lists(storage);
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += !row_holds(&rows[i], lists, event);
	HASH_CLEAR(hh, lists);
	return wrong;
}

#define ASSERT_ROWS(rows, scene) assert_rows(wrong_rows(rows, COUNT_OF(rows), &(scene).event))

static void test_strings_are_equal_byte_for_byte(void **state)
{
	static const struct row rows[] = {
		{ "process.executable == '/usr/bin/dash'", true },
		{ "process.executable == '/usr/bin/dash '", false },
		{ "process.executable == '/usr/bin/das'", false },
		{ "process.executable == '/usr/bin/dashx'", false },
		{ "process.executable == '/USR/BIN/DASH'", false },
		{ "process.executable == '/usr/bin/*'", false },
		{ "process.executable == ''", false },
		{ "'/usr/bin/dash' == process.executable", true },
		{ "\"/usr/bin/dash\" == process.executable", true },
		{ "user.name == 'www-data'", true },
		{ "user.id == '33'", true },
		{ "user.id == '033'", false },
		{ "process.parent.executable == '/usr/sbin/apache2'", true },
		{ "process.executable == process.executable", true },
		{ "process.executable == process.parent.executable", false },
		{ "process.user.id == process.parent.user.id", true },
		{ "'a' == 'a'", true },
		{ "'a' == 'b'", false },
		{ "'' == ''", true },
		{ "event.action == 'exec'", true },
		{ "event.id == '1700000000.123:42'", true },
		{ "host.name == 'web1'", true },
		{ "container.id == 'c0ffee'", true },
		{ "container.runtime == 'docker'", true },
		{ "auspawn.login_user.name == 'alice'", true },
		{ "process.previous.executable == '/usr/bin/env'", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_unequal_is_not_equal(void **state)
{
	static const struct row rows[] = {
		{ "process.executable != '/usr/bin/dash'", false },
		{ "process.executable != '/usr/bin/bash'", true },
		{ "process.executable != ''", true },
		{ "process.pid != 2231", false },
		{ "process.pid != 2232", true },
		{ "process.interactive != false", false },
		{ "process.interactive != true", true },
		{ "not process.executable != '/usr/bin/dash'", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_numbers_are_in_numeric_order(void **state)
{
	static const struct row rows[] = {
		{ "process.pid == 2231", true },
		{ "process.pid == 2231.0", true },
		{ "process.pid == 2231.5", false },
		{ "process.pid == -2231", false },
		{ "process.pid < 2232", true },
		{ "process.pid < 2231", false },
		{ "process.pid < 10000", true },
		{ "process.pid <= 2231", true },
		{ "process.pid <= 2230", false },
		{ "process.pid > 2230", true },
		{ "process.pid > 2231", false },
		{ "process.pid > 999", true },
		{ "process.pid >= 2231", true },
		{ "process.pid >= 2232", false },
		{ "2230 < process.pid", true },
		{ "2231 < process.pid", false },
		{ "2231 <= process.pid", true },
		{ "2232 > process.pid", true },
		{ "2231 >= process.pid", true },
		{ "process.pid > process.parent.pid", true },
		{ "process.pid < process.parent.pid", false },
		{ "process.args_count == 3", true },
		{ "process.parent.args_count >= 3", true },
		{ "1 < 2", true },
		{ "-2 < -1", true },
		{ "1 == 1.0", true },
		{ "auspawn.reparented_to.pid == 1", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_strings_are_in_the_order_of_their_bytes(void **state)
{
	static const struct row rows[] = {
		{ "user.name < 'www-datb'", true },
		{ "user.name < 'www-data'", false },
		{ "user.name <= 'www-data'", true },
		{ "user.name < 'www-data '", true },
		{ "user.name > 'www-dat'", true },
		{ "user.name > ''", true },
		{ "user.name >= 'x'", false },
		{ "user.name < '\xc3\xa9'", true },
		{ "'B' < 'a'", true },
		{ "'9' > '10'", true },
		{ "'' < 'a'", true },
		{ "'' < ''", false },
		{ "@timestamp == '2023-11-14T22:13:20.123Z'", true },
		{ "@timestamp >= '2023-11-14'", true },
		{ "@timestamp < '2023-11-15'", true },
		{ "@timestamp < '2023-11-14T22:13:20.123Z'", false },
		{ "process.start < @timestamp", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_booleans_hold_by_themselves_or_compared(void **state)
{
	static const struct row rows[] = {
		{ "true", true },
		{ "false", false },
		{ "not false", true },
		{ "process.interactive", false },
		{ "not process.interactive", true },
		{ "process.interactive == false", true },
		{ "process.interactive == true", false },
		{ "false == process.interactive", true },
		{ "process.interactive == process.parent.interactive", true },
		{ "true == true", true },
		{ "true != false", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
	scene.image.interactive = KNOWN_TRUE;
	assert_rows(wrong_rows((struct row[]){ { "process.interactive", true },
					       { "process.interactive == true", true },
					       { "not process.interactive", false } },
			       3, &scene.event));
}

/* The program is /usr/bin/dash, started as sh. */
static void test_a_process_satisfies_by_either_of_its_names(void **state)
{
	static const struct row rows[] = {
		{ "process.name == 'dash'", true },
		{ "process.name == 'sh'", true },
		{ "process.name == 'bash'", false },
		{ "process.name != 'dash'", false },
		{ "process.name != 'sh'", false },
		{ "process.name != 'bash'", true },
		{ "process.name in ('bash', 'sh')", true },
		{ "process.name not in ('bash', 'sh')", false },
		{ "process.name not in ('bash', 'zsh')", true },
		{ "process.name like 'da*'", true },
		{ "process.name like 's?'", true },
		{ "process.name : 'SH'", true },
		{ "process.name == 'dash' and process.name == 'sh'", true },
		{ "process.name == 'dash' and process.name != 'sh'", false },
		{ "process.name < 'e'", true },
		{ "process.name > 'e'", true },
		{ "process.name == process.thread.name", true },
		{ "process.thread.name == 'dash'", false },
		{ "process.parent.name == 'apache2'", true },
		{ "process.name == process.parent.name", false },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

/* sh -c "id 2>&1" */
static void test_any_argument_satisfies(void **state)
{
	static const struct row rows[] = {
		{ "process.args == '-c'", true },
		{ "process.args == 'sh'", true },
		{ "process.args == 'id 2>&1'", true },
		{ "process.args == 'id'", false },
		{ "process.args == '-x'", false },
		{ "process.args != '-c'", false },
		{ "process.args != '-x'", true },
		{ "not process.args == '-x'", true },
		{ "process.args in ('-x', '-c')", true },
		{ "process.args not in ('-x', '-c')", false },
		{ "process.args not in ('-x', '-y')", true },
		{ "process.args like 'id*'", true },
		{ "process.args like '*2>&1'", true },
		{ "process.args : 'ID *'", true },
		{ "process.args == '-c' and process.args == 'sh'", true },
		{ "process.args == process.args", true },
		{ "process.args == process.parent.args", false },
		{ "process.args == process.name", true },
		{ "process.command_line == 'sh -c id 2>&1'", true },
		{ "process.command_line like '*-c id*'", true },
		{ "process.command_line == 'sh'", false },
		{ "process.parent.args == 'start'", true },
		{ "auspawn.key == 'exec'", true },
		{ "auspawn.key == 'proc'", true },
		{ "auspawn.key == 'exec\\tproc'", false },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

/* A positive comparison with an absent field is false, and its negation is true. */
static void test_absent_fields_satisfy_no_comparison(void **state)
{
	static const struct row rows[] = {
		{ "process.executable == '/bin/sh'", false },
		{ "process.executable == ''", false },
		{ "process.executable != '/bin/sh'", true },
		{ "process.executable != ''", true },
		{ "not process.executable == '/bin/sh'", true },
		{ "not process.executable != '/bin/sh'", false },
		{ "process.executable < 'z'", false },
		{ "process.executable >= ''", false },
		{ "not process.executable < 'z'", true },
		{ "process.executable in ('a', 'b')", false },
		{ "process.executable not in ('a', 'b')", true },
		{ "process.executable in~ ('a')", false },
		{ "process.executable like '*'", false },
		{ "not process.executable like '*'", true },
		{ "process.executable : '*'", false },
		{ "process.executable like~ ('*', '?')", false },
		{ "process.executable in @shells", false },
		{ "process.executable not in @shells", true },
		{ "process.name == 'sh'", false },
		{ "process.name != 'sh'", true },
		{ "process.args == '-c'", false },
		{ "process.args != '-c'", true },
		{ "process.args_count == 0", false },
		{ "process.args_count >= 0", false },
		{ "process.args_count != 0", true },
		{ "process.pid == 0", false },
		{ "process.pid != 0", true },
		{ "process.interactive", false },
		{ "not process.interactive", true },
		{ "process.interactive == false", false },
		{ "process.interactive != false", true },
		{ "process.interactive != true", true },
		{ "process.executable == process.executable", false },
		{ "process.executable != process.executable", true },
		{ "process.executable == process.parent.executable", false },
		{ "process.parent.name == 'apache2'", false },
		{ "process.parent.pid > 0", false },
		{ "user.id == '0'", false },
		{ "user.id != '0'", true },
		{ "auspawn.login_user.id == '4294967295'", false },
		{ "auspawn.session.id == '4294967295'", false },
		{ "container.id == ''", false },
		{ "container.id != ''", true },
		{ "host.name like '*'", false },
		{ "auspawn.key like '*'", false },
		{ "process.previous.executable like '*'", false },
		{ "auspawn.reparented_to.pid >= 0", false },
		{ "process.start < '9'", false },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_null_asks_whether_a_field_is_absent(void **state)
{
	static const struct row absent[] = {
		{ "process.executable == null", true },
		{ "process.executable != null", false },
		{ "null == process.executable", true },
		{ "not process.executable == null", false },
		{ "process.name == null", true },
		{ "process.args == null", true },
		{ "process.pid == null", true },
		{ "process.interactive == null", true },
		{ "container.id == null", true },
		{ "container.id != null and container.id != ''", false },
		{ "process.parent.executable == null", true },
		{ "auspawn.login_user.id == null", true },
		{ "event.id == null", false },
		{ "@timestamp != null", true },
	};
	static const struct row present[] = {
		{ "process.executable == null", false },
		{ "process.executable != null", true },
		{ "process.name != null", true },
		{ "process.args != null", true },
		{ "process.pid != null", true },
		{ "process.interactive == null", false },
		{ "container.id != null and container.id != ''", true },
		{ "'' == null", false },
		{ "0 == null", false },
		{ "null == null", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(absent, scene);
	scene_web_shell(&scene);
	ASSERT_ROWS(present, scene);
}

static void test_empty_is_not_absent(void **state)
{
	static const struct row rows[] = {
		{ "process.working_directory == ''", true },
		{ "process.working_directory != ''", false },
		{ "process.working_directory == null", false },
		{ "process.working_directory like '*'", true },
		{ "process.working_directory like ''", true },
		{ "process.working_directory like '?'", false },
		{ "process.working_directory in ('')", true },
		{ "process.args == ''", true },
		{ "process.command_line == 'sh '", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.image.working_directory = "";
	SCENE_ARGS(&scene, "sh", "");
	ASSERT_ROWS(rows, scene);
}

static void test_no_arguments_at_all_are_absent(void **state)
{
	static const struct row rows[] = {
		{ "process.args == null", true },
		{ "process.args == ''", false },
		{ "process.args_count == 0", true },
		{ "process.command_line == ''", true },
		{ "process.command_line == null", false },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_set_args(&scene.image, &scene.args, (const char *const[]){ NULL });
	ASSERT_ROWS(rows, scene);
}

/* Its record was lost: it is there, but nobody knows what it was. */
static void test_a_missing_argument_satisfies_nothing(void **state)
{
	static const struct row rows[] = {
		{ "process.args == ''", false },
		{ "process.args like '*'", true },
		{ "process.args == '-c'", true },
		{ "process.args == 'x'", true },
		{ "process.args < 'a'", true },
		{ "process.args like 'y*'", false },
		{ "process.args in ('')", false },
		{ "process.args == null", false },
		{ "process.args_count == 4", true },
	};
	static const struct row all_missing[] = {
		{ "process.args like '*'", false },
		{ "process.args == process.args", false },
		{ "process.args != 'sh'", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "sh", scene_missing, "-c", "x");
	ASSERT_ROWS(rows, scene);
	SCENE_ARGS(&scene, scene_missing, scene_missing);
	ASSERT_ROWS(all_missing, scene);
}

static void test_like_knows_wildcards_and_case(void **state)
{
	static const struct row rows[] = {
		{ "process.executable like '/usr/bin/*'", true },
		{ "process.executable like '/usr/bin/d*h'", true },
		{ "process.executable like '/usr/bin/???\?'", true },
		{ "process.executable like '/usr/bin/??\?'", false },
		{ "process.executable like '/usr/bin/dash'", true },
		{ "process.executable like 'dash'", false },
		{ "process.executable like '*/dash'", true },
		{ "process.executable like '*'", true },
		{ "process.executable like ''", false },
		{ "process.executable like '/USR/*'", false },
		{ "process.executable like~ '/USR/*'", true },
		{ "process.executable : '/USR/BIN/DA?\?'", true },
		{ "process.executable : '/usr/bin/dash'", true },
		{ "process.executable : 'dash'", false },
		{ "process.executable like ('/bin/*', '/usr/*')", true },
		{ "process.executable like ('/bin/*', '/sbin/*')", false },
		{ "process.executable : ('/BIN/*', '/USR/*')", true },
		{ "process.executable like @patterns", false },
		{ "process.working_directory like ('/home/*', '/var/www/*')", true },
		{ "process.working_directory like ('/var/www/*.ch')", false },
		{ "not process.working_directory like '/home/*'", true },
		{ "'/tmp/x' like @patterns", true },
		{ "'/lib/a.so.6' like @patterns", true },
		{ "'/lib/a.so.12' like @patterns", false },
		{ "'/TMP/x' : @patterns", true },
		{ "'/TMP/x' like~ @patterns", true },
		{ "user.id like '3?'", true },
		{ "@timestamp like '2023-*'", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_in_is_exact_but_for_case_with_a_tilde(void **state)
{
	static const struct row rows[] = {
		{ "user.name in ('root', 'www-data')", true },
		{ "user.name in ('root')", false },
		{ "user.name in ('WWW-DATA')", false },
		{ "user.name in~ ('WWW-DATA')", true },
		{ "user.name in~ ('WWW-DAT')", false },
		{ "user.name in~ ('WWW-DATAX')", false },
		{ "user.name in ('www-*')", false },
		{ "user.name in~ ('www-*')", false },
		{ "user.name not in ('root')", true },
		{ "user.name not in ('root', 'www-data')", false },
		{ "user.name not in~ ('Www-Data')", false },
		{ "process.name in @shells", true },
		{ "process.name not in @shells", false },
		{ "process.parent.name in @shells", false },
		{ "process.parent.name not in @shells", true },
		{ "user.name in (@shells, 'www-data')", true },
		{ "user.name in ('x', @shells)", false },
		{ "process.pid in (1, 2231)", true },
		{ "process.pid in (1, 2)", false },
		{ "process.pid in (2231.0)", true },
		{ "process.pid not in (1, 2)", true },
		{ "process.pid not in (2231)", false },
		{ "5 in (1, 5)", true },
		{ "'BASH' in @shells", false },
		{ "'BASH' in~ @shells", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_letters_beyond_ascii_match_in_their_own_case_only(void **state)
{
	static const struct row rows[] = {
		{ "'\xc3\x89' : '\xc3\xa9'", false },
		{ "'\xc3\x89' : '\xc3\x89'", true },
		{ "'\xc3\x89' in~ ('\xc3\xa9')", false },
		{ "'a[z' : 'A[Z'", true },
		{ "'a[z' : 'A{Z'", false },
		{ "'@' : '`'", false },
		{ "'@' in~ ('`')", false },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_and_or_not_combine(void **state)
{
	static const struct row rows[] = {
		{ "true and true", true },
		{ "true and false", false },
		{ "false or true", true },
		{ "false or false", false },
		{ "true or true and false", true },
		{ "(true or true) and false", false },
		{ "false and true or true", true },
		{ "false and (true or true)", false },
		{ "not false and false", false },
		{ "not (false and false)", true },
		{ "not true or true", true },
		{ "not (true or true)", false },
		{ "not not true", true },
		{ "true and true and true and false", false },
		{ "false or false or false or true", true },
		{ "not process.name == 'bash' and process.args == '-c'", true },
		{ "not (process.name == 'bash' or process.args == '-c')", false },
		{ "process.name == 'bash' or process.name == 'sh' and process.args == '-x'", false },
		{ "(process.name == 'bash' or process.name == 'sh') and process.args == '-c'",
		  true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

/* An exception never hides an event whose field is unknown. */
static void test_an_exception_on_an_unknown_field_does_not_hold(void **state)
{
	static const struct row rows[] = {
		{ "process.parent.executable == '/usr/bin/monitor'", false },
		{ "process.parent.executable like '*'", false },
		{ "not (process.working_directory like ('/home/*') or "
		  "process.working_directory == '/')", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_escapes_in_strings_are_what_they_stand_for(void **state)
{
	static const struct row rows[] = {
		{ "process.args == 'a\\nb'", true },
		{ "process.args == 'it\\'s'", true },
		{ "process.args == \"it's\"", true },
		{ "process.args == 'C:\\\\x'", true },
		{ "process.args == '\\\"q\\\"'", true },
		{ "process.args == '\"q\"'", true },
		{ "process.args == 'a // b'", true },
		{ "process.args like 'C:\\\\*'", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "a\nb", "it's", "C:\\x", "\"q\"", "a // b");
	ASSERT_ROWS(rows, scene);
}

static void test_bytes_that_are_not_utf8_match_as_they_are(void **state)
{
	static const struct row rows[] = {
		{ "process.args == '\xff\xfe'", true },
		{ "process.args == '\xff'", false },
		{ "process.args like '\xff?'", true },
		{ "process.args like '?\?'", true },
		{ "process.args like '?'", false },
		{ "process.args like '*\xfe'", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "\xff\xfe");
	ASSERT_ROWS(rows, scene);
}

/* The shipped web-shell rule in short; each row changes one thing of its event. */
#define WEB_SHELL                                                                                 \
	"(process.parent.name in ('apache2', 'nginx') or process.parent.name like 'php-fpm*' "    \
	"or user.name in ('www-data') or process.parent.working_directory like '/var/www/*') "    \
	"and (process.name in @shells or process.args in ('/bin/sh')) and process.args == '-c'"

static bool is_web_shell(const struct scene *scene)
{
	const struct row row = { WEB_SHELL, true };
	struct string_list storage[2];
	struct string_list *lists = make_lists(storage);
	struct condition *condition =
		parser_parse(span_of(row.text), lists, fail_at, (void *)row.text);
	bool holds = condition_holds(condition, &scene->event);

	condition_free(condition);
	HASH_CLEAR(hh, lists);
	return holds;
}

static void test_a_web_shell_is_one_by_parent_user_or_directory(void **state)
{
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	assert_true(is_web_shell(&scene));
	scene.image.credentials.user.name = NULL;
	assert_true(is_web_shell(&scene));
	scene.parent_image.executable = "/usr/sbin/php-fpm8.2";
	scene.parent_image.comm = NULL;
	assert_true(is_web_shell(&scene));
	scene.parent_image.executable = "/usr/bin/java";
	assert_false(is_web_shell(&scene));
	scene.parent_image.working_directory = "/var/www/app";
	assert_true(is_web_shell(&scene));
	scene.image.comm = "x";
	assert_true(is_web_shell(&scene));
	scene.image.executable = "/bin/busybox";
	assert_false(is_web_shell(&scene));
	SCENE_ARGS(&scene, "/bin/sh", "-c", "id");
	assert_true(is_web_shell(&scene));
	SCENE_ARGS(&scene, "/bin/sh", "script");
	assert_false(is_web_shell(&scene));
}

static void test_wildcards(void **state)
{
	static const struct {
		const char *pattern;
		const char *text;
		bool matches;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "", false },
		{ "*", "", true },
		{ "**", "", true },
		{ "?", "", false },
		{ "?", "a", true },
		{ "?", "ab", false },
		{ "*?", "a", true },
		{ "?*", "a", true },
		{ "?*", "", false },
		{ "*?*", "abc", true },
		{ "a*", "a", true },
		{ "a*", "ab", true },
		{ "a*", "ba", false },
		{ "*a", "ba", true },
		{ "*a", "ab", false },
		{ "*a*", "bab", true },
		{ "*a*", "bbb", false },
		{ "a*b", "ab", true },
		{ "a*b", "axxb", true },
		{ "a*b", "axxbx", false },
		{ "a*b*c", "a1b2c", true },
		{ "a*b*c", "a1c2b", false },
		{ "*ab", "aab", true },
		{ "*aab", "aaab", true },
		{ "*abc*abd", "abcabcabd", true },
		{ "a*a", "a", false },
		{ "a*a", "aa", true },
		{ "***a***", "a", true },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "??*", "a", false },
		{ "*.so.?", "x.so.so.1", true },
		{ "/var/www/*.ch", "/var/www/a.ch", true },
		{ "/var/www/*.ch", "/var/www/a.ch/b", false },
		{ "/u0?/*", "/u01/x", true },
		{ "/u0?/*", "/u0/x", false },
		{ "[a]", "a", false },
		{ "[a]", "[a]", true },
		{ "\\*", "*", false },
		{ "\\*", "\\x", true },
		{ "A*", "ab", false },
		/* ? is one character, whatever its length. */
		{ "?", "\xc3\xa9", true },
		{ "?", "\xe2\x82\xac", true },
		{ "?", "\xf0\x9f\x98\x80", true },
		{ "??", "\xc3\xa9", false },
		{ "a?c", "a\xe2\x82\xac" "c", true },
		{ "*?", "\xc3\xa9", true },
		{ "*??", "\xc3\xa9", false },
		{ "\xc3\xa9*", "\xc3\xa9t\xc3\xa9", true },
		/* Bytes that are no character count one each. */
		{ "?", "\xff", true },
		{ "?", "\xff\xff", false },
		{ "??", "\xc3\xc3", true },
		{ "?", "\xe2\x82", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool matches = wildcard_match(span_of(rows[i].pattern), span_of(rows[i].text),
						  false);

		if (matches != rows[i].matches)
			print_error("'%s' like '%s' should be %s\n", rows[i].text, rows[i].pattern,
				    rows[i].matches ? "true" : "false");
		assert_int_equal(matches, rows[i].matches);
	}
}

/* What * covers is whole characters too: it leaves no part of one for a ?. */
static void test_a_star_does_not_split_a_character(void **state)
{
	static const struct {
		const char *pattern;
		const char *text;
	} rows[] = {
		{ "x*??c?", "x\xe2\x82\xac" "cd" },
		{ "*??c?", "\xe2\x82\xac" "cd" },
		{ "*???c?", "\xf0\x9f\x98\x80" "cd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_false(wildcard_match(span_of(rows[i].pattern), span_of(rows[i].text),
						false));
}

static void test_wildcards_can_ignore_case(void **state)
{
	(void)state;
	assert_true(wildcard_match(span_of("/TMP/*.sh"), span_of("/tmp/A.SH"), true));
	assert_false(wildcard_match(span_of("/TMP/*.sh"), span_of("/tmp/A.SH"), false));
	assert_false(wildcard_match(span_of("a"), span_of("b"), true));
}

/* Each * can be tried anew at every byte: a naive matcher needs longer than anybody waits. */
static void test_many_stars_take_no_time(void **state)
{
	char pattern[128], text[20001];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[sizeof(pattern) - 1] = 'b';
	memset(text, 'a', sizeof(text));
	assert_false(wildcard_match((struct span){ pattern, sizeof(pattern) },
					(struct span){ text, sizeof(text) }, false));
	text[sizeof(text) - 1] = 'b';
	assert_true(wildcard_match((struct span){ pattern, sizeof(pattern) },
				       (struct span){ text, sizeof(text) }, false));
}

static void test_a_value_with_a_nul_is_compared_to_its_end(void **state)
{
	static const struct row rows[] = {
		{ "process.args == 'ab'", false },
		{ "process.args in ('abcd')", false },
		{ "process.args in~ ('AB')", false },
		{ "process.args like 'ab'", false },
		{ "process.args like 'ab?d'", true },
		{ "process.args like '*d'", true },
		{ "process.args < 'abb'", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "abcd");
	scene.args.text[2] = '\0';
	ASSERT_ROWS(rows, scene);
}

static void test_regular_expressions_match_the_whole_value(void **state)
{
	static const struct row rows[] = {
		{ "process.executable regex '/usr/bin/.*'", true },
		{ "process.executable regex '/usr/bin'", false },
		{ "process.executable regex 'dash'", false },
		{ "process.executable regex '.*dash'", true },
		{ "process.executable regex '/USR/.*'", false },
		{ "process.executable regex~ '/USR/.*'", true },
		{ "process.executable regex ('a', '.*sh')", true },
		{ "process.executable regex ('a', 'b')", false },
		{ "not process.executable regex 'a'", true },
		{ "process.name regex 's.|x'", true },
		{ "process.name regex 'x|s.'", true },
		{ "process.name regex 's|sh'", true },
		{ "process.args regex \"\"\"id \\d>&\\d\"\"\"", true },
		{ "process.args regex \"\"\"\\d+\"\"\"", false },
		{ "process.args regex @shells", true },
		{ "process.args regex ''", false },
		{ "'' regex ''", true },
		{ "'a\\nb' regex 'a.b'", true },
		{ "'a' regex '^a$'", true },
		{ "'\xc3\xa9' regex '.'", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

/* A byte that is no UTF-8 is a part of the value like any other: with one more in an argument nobody gets
 * out of a rule's reach, or into an exception's. */
static void test_bytes_that_are_not_utf8_neither_hide_nor_split_the_value(void **state)
{
	static const struct row rows[] = {
		{ "process.args like '*do*evil*'", true },
		{ "process.args regex '.*do.*evil.*'", true },
		{ "match(process.args, '.*do.*evil.*')", true },
		{ "process.args regex 'do.* evil'", true },
		{ "process.args regex ' evil'", false },
		{ "process.args regex 'do '", false },
		{ "match(process.args, ' evil')", false },
		{ "process.args regex ''", false },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "do \xff evil");
	ASSERT_ROWS(rows, scene);
}

/* Evaluates a condition on an event with one argument. */
static bool holds_for_argument(const char *text, const char *argument, bool *limited)
{
	struct condition *condition = parser_parse(span_of(text), NULL, fail_at, (void *)text);
	struct evaluation evaluation = { 0 };
	struct scene scene;
	bool holds;

	scene_init(&scene);
	SCENE_ARGS(&scene, argument);
	evaluation.event = &scene.event;
	assert_non_null(condition);
	holds = condition_evaluate(condition, &evaluation);
	*limited = evaluation.limited;
	evaluation_end(&evaluation);
	condition_free(condition);
	return holds;
}

/* Each needs more steps of backtracking than it is given. */
static void test_padding_does_not_hide_from_a_regular_expression(void **state)
{
	static const struct {
		const char *condition, *padding, *end;
		bool holds;
	} rows[] = {
		{ "process.args regex '(.*a.*a.*a.*)+c'", "a", "b", false },
		{ "process.args regex '(.*a.*a.*a.*)+c'", "a", "c", true },
		{ "process.args regex '.*echo *.*su ([^;]* )?(-S|--stdin)'", "echo su ", "-S", true },
		{ "process.args regex '.*echo *.*su ([^;]* )?(-S|--stdin)'", "echo su ", "-s", false },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[SCENE_MAX_TEXT - 16] = "";
		bool limited;

		while (strlen(text) < sizeof(text) - 16)
			strcat(text, rows[i].padding);
		strcat(text, rows[i].end);
		if (holds_for_argument(rows[i].condition, text, &limited) == rows[i].holds && !limited)
			continue;
		print_error("%s with much %s and %s: %s\n", rows[i].condition, rows[i].padding,
			    rows[i].end, limited ? "gave up" : "wrong");
		wrong++;
	}
	assert_rows(wrong);
}

/* A back reference rules out the way that does without backtracking. */
static void test_a_regular_expression_gives_up_in_time(void **state)
{
	static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
	bool limited;

	(void)state;
	assert_false(holds_for_argument("process.args regex '(?P<n>a+)+(?P=n)'", text, &limited));
	assert_true(limited);
	assert_true(holds_for_argument("process.args regex 'a+b'", text, &limited));
	assert_false(limited);
}

static void test_arithmetic(void **state)
{
	static const struct row rows[] = {
		{ "1 + 2 == 3", true },
		{ "1 + 2 * 3 == 7", true },
		{ "(1 + 2) * 3 == 9", true },
		{ "10 - 2 - 3 == 5", true },
		{ "-3 + 5 == 2", true },
		{ "7 / 2 == 3", true },
		{ "-7 / 2 == -4", true },
		{ "7.0 / 2.5 > 2.79", true },
		{ "7 % 3 == 1", true },
		{ "1 / 0 == null", true },
		{ "1 % 0 == null", true },
		{ "1 / 0 == 1", false },
		{ "1 / 0 != 1", true },
		{ "process.pid + 1 == 2232", true },
		{ "process.pid - process.parent.pid == 1330", true },
		{ "-process.pid == -2231", true },
		{ "process.args_count * 2 in (6, 7)", true },
		{ "process.pid % 2 == 1", true },
		{ "divide(7, 2) == 3 and modulo(7, 2) == 1 and multiply(2, 3) == 6", true },
		{ "add(1, 2) == 3 and subtract(1, 2) == -1", true },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_functions_of_text(void **state)
{
	static const struct row rows[] = {
		{ "length('') == 0", true },
		{ "length('abc') == 3", true },
		{ "length('\xc3\xa9\xe2\x82\xac') == 2", true },
		{ "length('\xff\xfe') == 2", true },
		{ "startsWith('abc', 'ab')", true },
		{ "startsWith('abc', '')", true },
		{ "startsWith('abc', 'b')", false },
		{ "startsWith('ab', 'abc')", false },
		{ "startsWith('abc', 'AB')", false },
		{ "startsWith~('abc', 'AB')", true },
		{ "endsWith('abc', 'bc')", true },
		{ "endsWith('abc', 'b')", false },
		{ "endsWith('c', 'bc')", false },
		{ "endsWith~('abc', 'BC')", true },
		{ "stringContains('abcd', 'bc')", true },
		{ "stringContains('abcd', 'cb')", false },
		{ "stringContains('abcd', '')", false },
		{ "stringContains('', 'a')", false },
		{ "stringContains~('abcd', 'BC')", true },
		{ "indexOf('abcb', 'b') == 1", true },
		{ "indexOf('abcb', 'b', 2) == 3", true },
		{ "indexOf('abcb', 'b', 4) == null", true },
		{ "indexOf('abcb', 'x') == null", true },
		{ "indexOf('abc', '') == 0", true },
		{ "indexOf('\xc3\xa9z', 'z') == 1", true },
		{ "indexOf~('aBc', 'b') == 1", true },
		{ "substring('hello', 1) == 'ello'", true },
		{ "substring('hello', 1, 3) == 'el'", true },
		{ "substring('hello', -3) == 'llo'", true },
		{ "substring('hello', -3, -1) == 'll'", true },
		{ "substring('hello', 0, 99) == 'hello'", true },
		{ "substring('hello', 99) == ''", true },
		{ "substring('hello', 3, 1) == ''", true },
		{ "substring('hello', -99) == 'hello'", true },
		{ "substring('\xc3\xa9\xc3\xa8', 1) == '\xc3\xa8'", true },
		{ "between('/a/b/c', '/', '/') == 'a'", true },
		{ "between('/a/b/c', '/', '/', true) == 'a/b'", true },
		{ "between('/a/b/c', '/', '/', false) == 'a'", true },
		{ "between('abc', 'x', 'c') == ''", true },
		{ "between('abc', 'a', 'x') == ''", true },
		{ "between~('aXbYc', 'x', 'y') == 'b'", true },
		{ "concat('a') == 'a'", true },
		{ "concat('a', 1, true, 1.5) == 'a1true1.5'", true },
		{ "string(5) == '5'", true },
		{ "string(-0.5) == '-0.5'", true },
		{ "string(false) == 'false'", true },
		{ "string('x') == 'x'", true },
		{ "wildcard('abc', 'x', 'a*')", true },
		{ "wildcard('abc', 'A*')", false },
		{ "wildcard~('abc', 'A*')", true },
		{ "match('abc', 'x', 'a.c')", true },
		{ "match('abc', 'b')", false },
		{ "match~('abc', 'A.C')", true },
		{ "startsWith(substring('hello', 1), concat('e', 'l'))", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_numbers_are_read_from_text(void **state)
{
	static const struct row rows[] = {
		{ "number('42') == 42", true },
		{ "number('-1.5') == -1.5", true },
		{ "number('1e3') == 1000", true },
		{ "number('0x2a') == 42", true },
		{ "number('2a', 16) == 42", true },
		{ "number('0x2a', 16) == 42", true },
		{ "number('777', 8) == 511", true },
		{ "number('12') == number('0xc')", true },
		{ "number('') == null", true },
		{ "number(' 1') == 1", true },
		{ "number('1 ') == 1", true },
		{ "number('- 1') == null", true },
		{ "number(' ') == null", true },
		{ "number('abc') == null", true },
		{ "number('0x') == null", true },
		{ "number('8', 8) == null", true },
		{ "number('1', 1) == null", true },
		{ "number('1', 37) == null", true },
		{ "number('inf') == null", true },
		{ "number('nan') == null", true },
		{ "number('1', -2) == null", true },
		{ "number('.') == null", true },
		{ "number('--1') == null", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_addresses_lie_in_blocks(void **state)
{
	static const struct row rows[] = {
		{ "cidrMatch('192.0.2.7', '192.0.2.0/24')", true },
		{ "cidrMatch('192.0.3.7', '192.0.2.0/24')", false },
		{ "cidrMatch('192.0.3.7', '192.0.2.0/24', '192.0.3.0/24')", true },
		{ "cidrMatch('192.0.2.7', '192.0.2.0/29')", true },
		{ "cidrMatch('192.0.2.8', '192.0.2.0/29')", false },
		{ "cidrMatch('192.0.2.7', '192.0.2.7')", true },
		{ "cidrMatch('192.0.2.7', '192.0.2.7/32')", true },
		{ "cidrMatch('192.0.2.7', '0.0.0.0/0')", true },
		{ "cidrMatch('2001:db8::1', '2001:db8::/32')", true },
		{ "cidrMatch('2001:db9::1', '2001:db8::/32')", false },
		{ "cidrMatch('::1', '::1/128')", true },
		{ "cidrMatch('192.0.2.7', '::/0')", false },
		{ "cidrMatch('::1', '0.0.0.0/0')", false },
		{ "cidrMatch('192.0.2.7', '192.0.2.0/33')", false },
		{ "cidrMatch('192.0.2.7', '192.0.2.0/-1')", false },
		{ "cidrMatch('192.0.2.7', '192.0.2.0/')", false },
		{ "cidrMatch('192.0.2.7', '192.0.2.0/a')", false },
		{ "cidrMatch('192.0.2', '192.0.2.0/24')", false },
		{ "cidrMatch('', '0.0.0.0/0')", false },
		{ "cidrMatch('a', '0.0.0.0/0')", false },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_a_function_applies_to_each_value(void **state)
{
	static const struct row rows[] = {
		{ "length(process.args) == 2", true },
		{ "length(process.args) == 7", true },
		{ "length(process.args) == 3", false },
		{ "length(process.args) != 2", false },
		{ "startsWith(process.args, '-')", true },
		{ "startsWith(process.args, '+')", false },
		{ "not startsWith(process.args, '-')", false },
		{ "not startsWith(process.args, '+')", true },
		{ "endsWith(process.name, 'ash')", true },
		{ "substring(process.args, 0, 2) == 'id'", true },
		{ "concat(process.args, '!') == '-c!'", true },
		{ "length(process.name) in (4, 5)", true },
		{ "match(process.args, 'id .*')", true },
		{ "startsWith(process.args, '-') == true", true },
		{ "startsWith(process.args, '-') == false", true },
		/* Of further arguments the first value counts. */
		{ "concat('x', process.args) == 'xsh'", true },
		{ "concat('x', process.args) == 'x-c'", false },
	};
	struct scene scene;

	(void)state;
	scene_web_shell(&scene);
	ASSERT_ROWS(rows, scene);
}

static void test_a_function_of_null_is_null(void **state)
{
	static const struct row rows[] = {
		{ "length(process.executable) == 0", false },
		{ "length(process.executable) == null", true },
		{ "length(process.executable) >= 0", false },
		{ "length(process.executable) != 0", true },
		{ "startsWith(process.executable, '')", false },
		{ "not startsWith(process.executable, '')", true },
		{ "startsWith(process.executable, '') == null", true },
		{ "startsWith('a', process.executable) == null", true },
		{ "startsWith(process.executable, '') == false", false },
		{ "concat('a', process.executable) == 'a'", false },
		{ "process.pid + 1 == null", true },
		{ "process.pid + 1 == 1", false },
		{ "string(process.executable) == null", true },
		{ "length(null) == null", true },
		{ "?no.such.field == null", true },
		{ "?no.such.field == 'x'", false },
		{ "?no.such.field != 'x'", true },
		{ "?no.such.field", false },
		{ "not ?no.such.field", true },
		{ "?no.such.field in ('a', 1)", false },
		{ "?no.such.field regex '.*'", false },
		{ "length(?no.such.field) == null", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	ASSERT_ROWS(rows, scene);
}

/* The man page: an argument whose record went missing satisfies nothing. */
static void test_a_function_of_a_missing_argument_satisfies_nothing(void **state)
{
	static const struct row rows[] = {
		{ "length(process.args) == 0", false },
		{ "length(process.args) >= 0", false },
		{ "concat(process.args, 'x') like '*'", false },
		{ "startsWith(process.args, '')", false },
		{ "startsWith(process.args, '') == true", false },
		{ "number(process.args) != 1", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, scene_missing);
	ASSERT_ROWS(rows, scene);
}

static void test_what_is_not_known_is_neither_true_nor_false(void **state)
{
	static const struct row rows[] = {
		{ "startsWith(process.args, '') == false", false },
		{ "startsWith(process.args, '') == null", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, scene_missing);
	ASSERT_ROWS(rows, scene);
}

/* A result of nothing for one value does not hide the next. */
static void test_null_of_one_value_leaves_the_others(void **state)
{
	static const struct row rows[] = {
		{ "number(process.args) == 42", true },
		{ "number(process.args) == null", false },
		{ "indexOf(process.args, '2') == 1", true },
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	SCENE_ARGS(&scene, "sh", "42", "x");
	ASSERT_ROWS(rows, scene);
}

static void ignore(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	(void)user;
	(void)finding;
	(void)offset;
	(void)message;
}

/* What the parser takes must not be too deep for whoever evaluates it. */
static void test_a_deep_condition_is_refused_or_can_be_evaluated(void **state)
{
	struct condition *condition;
	struct scene scene;
	UT_string text;

	(void)state;
	utstring_init(&text);
	utstring_printf(&text, "0 == ");
	for (int i = 0; i < PARSER_MAX_DEPTH - 1; i++)
		utstring_printf(&text, "(");
	utstring_printf(&text, "process.pid");
	for (int i = 0; i < PARSER_MAX_DEPTH - 1; i++) {
		for (int j = 0; j < PARSER_MAX_DEPTH; j++)
			utstring_printf(&text, "+0");
		utstring_printf(&text, ")");
	}
	scene_init(&scene);
	scene.event.process.pid = 5;
	condition = parser_parse((struct span){ utstring_body(&text), utstring_len(&text) }, NULL,
				 ignore, NULL);
	if (condition)
		assert_false(condition_holds(condition, &scene.event));
	condition_free(condition);
	utstring_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings_are_equal_byte_for_byte),
		cmocka_unit_test(test_unequal_is_not_equal),
		cmocka_unit_test(test_numbers_are_in_numeric_order),
		cmocka_unit_test(test_strings_are_in_the_order_of_their_bytes),
		cmocka_unit_test(test_booleans_hold_by_themselves_or_compared),
		cmocka_unit_test(test_a_process_satisfies_by_either_of_its_names),
		cmocka_unit_test(test_any_argument_satisfies),
		cmocka_unit_test(test_absent_fields_satisfy_no_comparison),
		cmocka_unit_test(test_null_asks_whether_a_field_is_absent),
		cmocka_unit_test(test_empty_is_not_absent),
		cmocka_unit_test(test_no_arguments_at_all_are_absent),
		cmocka_unit_test(test_a_missing_argument_satisfies_nothing),
		cmocka_unit_test(test_like_knows_wildcards_and_case),
		cmocka_unit_test(test_in_is_exact_but_for_case_with_a_tilde),
		cmocka_unit_test(test_letters_beyond_ascii_match_in_their_own_case_only),
		cmocka_unit_test(test_and_or_not_combine),
		cmocka_unit_test(test_an_exception_on_an_unknown_field_does_not_hold),
		cmocka_unit_test(test_escapes_in_strings_are_what_they_stand_for),
		cmocka_unit_test(test_bytes_that_are_not_utf8_match_as_they_are),
		cmocka_unit_test(test_a_web_shell_is_one_by_parent_user_or_directory),
		cmocka_unit_test(test_wildcards),
		cmocka_unit_test(test_a_star_does_not_split_a_character),
		cmocka_unit_test(test_wildcards_can_ignore_case),
		cmocka_unit_test(test_many_stars_take_no_time),
		cmocka_unit_test(test_a_value_with_a_nul_is_compared_to_its_end),
		cmocka_unit_test(test_regular_expressions_match_the_whole_value),
		cmocka_unit_test(test_bytes_that_are_not_utf8_neither_hide_nor_split_the_value),
		cmocka_unit_test(test_padding_does_not_hide_from_a_regular_expression),
		cmocka_unit_test(test_a_regular_expression_gives_up_in_time),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_functions_of_text),
		cmocka_unit_test(test_numbers_are_read_from_text),
		cmocka_unit_test(test_addresses_lie_in_blocks),
		cmocka_unit_test(test_a_function_applies_to_each_value),
		cmocka_unit_test(test_a_function_of_null_is_null),
		cmocka_unit_test(test_a_function_of_a_missing_argument_satisfies_nothing),
		cmocka_unit_test(test_what_is_not_known_is_neither_true_nor_false),
		cmocka_unit_test(test_null_of_one_value_leaves_the_others),
		cmocka_unit_test(test_a_deep_condition_is_refused_or_can_be_evaluated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
