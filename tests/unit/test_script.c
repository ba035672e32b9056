/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/script.h"

#define LONG_PATH_SIZE (SCRIPT_MAX_PATH + 16)

/* Kept from one exec of a process to the next, with the script that it was found to be for. */
static const struct image *new_exec(const char *executable, const char *comm,
				    const char *const argv[], const struct image *previous)
{
	const struct image *image =
		new_image(&(struct image){ .executable = executable, .comm = comm }, argv);
	struct span script = script_of(image, previous);
	struct image draft = *image;
	char text[LONG_PATH_SIZE];
	const struct image *kept;

	if (script.start) {
		snprintf(text, sizeof(text), "%.*s", (int)script.length, script.start);
		draft.script = text;
	}
	kept = image_copy(&draft, SIZE_MAX);
	image_unref(image);
	return kept;
}

struct exec {
	const char *executable, *comm;
	const char *argv[14];
	const char *script; /* NULL: none */
};

static void check_exec(const struct exec *exec)
{
	const struct image *image = new_exec(exec->executable, exec->comm, exec->argv, NULL);

	if ((image->script == NULL) != (exec->script == NULL) ||
	    (image->script && strcmp(image->script, exec->script) != 0))
		fail_msg("%s, %s: %s", exec->executable, exec->comm,
			 image->script ? image->script : "none");
	image_unref(image);
}

static void test_script_is_the_argument_that_names_the_process(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "./one.sh" },
		{ "/usr/bin/perl", "three.pl", { "/usr/bin/perl", "-w", "./three.pl" }, "./three.pl" },
		{ "/usr/bin/python3.11", "gunicorn",
		  { "/srv/venv/bin/python3", "/srv/venv/bin/gunicorn", "-w", "2" },
		  "/srv/venv/bin/gunicorn" },
		{ "/usr/bin/env", "two.py", { "/usr/bin/env", "python3", "./two.py" }, "./two.py" },
		{ "/bin/busybox", "run", { "/bin/sh", "/etc/init.d/run", "run" }, "/etc/init.d/run" },
		/* An option with spaces is one argument. */
		{ "/usr/bin/awk", "report", { "/usr/bin/awk", "-v x=1 -f", "/srv/report" },
		  "/srv/report" },
		/* The kernel keeps 15 bytes of a name. */
		{ "/usr/bin/bash", "a-very-long-nam", { "/bin/bash", "/srv/a-very-long-name.sh" },
		  "/srv/a-very-long-name.sh" },
		/* Interpreters that are scripts put themselves in front. */
		{ "/usr/bin/dash", "nested.sh",
		  { "/bin/sh", "/srv/one.sh", "arg with spaces", "./nested.sh" }, "./nested.sh" },
		{ "/usr/bin/dash", "deep",
		  { "/bin/sh", "1", "-1", "2", "-2", "3", "-3", "4", "-4", "-5", "./deep" }, "./deep" },
		/* The first argument after the program is looked at first: the script's own may be alike. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh", "/tmp/one.sh" }, "./one.sh" },
		/* Started from a descriptor (fexecve(3)). */
		{ "/usr/bin/dash", "3", { "/bin/sh", "/dev/fd/3" }, "/dev/fd/3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

static void test_other_programs_have_no_script(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/id", "id", { "id", "-u" }, NULL },
		{ "/usr/bin/id", "id", { "id", "id" }, NULL },
		/* Links have another name than what they lead to, and call themselves by it. */
		{ "/usr/bin/dash", "sh", { "sh", "-c", "id" }, NULL },
		{ "/usr/bin/dash", "sh", { "/bin/sh", "-c", "sh" }, NULL },
		{ "/usr/bin/mawk", "awk", { "awk", "awk" }, NULL },
		/* In a container of busybox. */
		{ "/bin/busybox", "exe", { "sh", "-c", "sleep 1" }, NULL },
		/* Given to an interpreter by hand. */
		{ "/usr/bin/python3.11", "python3", { "python3", "memfd.py" }, NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./two.sh" }, NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", missing_arg, "x" }, NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh/" }, NULL },
		/* So far behind only the script's own arguments are. */
		{ "/usr/bin/dash", "deep",
		  { "/bin/sh", "1", "-1", "2", "-2", "3", "-3", "4", "-4", "-5", "-6", "./deep" }, NULL },
		{ "/usr/bin/dash", "one.sh", { "./one.sh" }, NULL },
		{ "/usr/bin/dash", "one.sh", { NULL }, NULL },
		{ "/usr/bin/dash", NULL, { "/bin/sh", "./one.sh" }, NULL },
		{ "/usr/bin/dash", "", { "/bin/sh", "" }, NULL },
		{ NULL, "one.sh", { "/bin/sh", "./one.sh" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

static void test_nothing_is_known_without_arguments(void **state)
{
	const struct image image = { .executable = "/usr/bin/dash", .comm = "one.sh" };

	(void)state;
	assert_null(script_of(&image, NULL).start);
}

static void test_longer_than_a_path_is_none(void **state)
{
	char path[LONG_PATH_SIZE];
	const struct image *image;

	(void)state;
	memset(path, '/', sizeof(path));
	memcpy(path + SCRIPT_MAX_PATH - 2, "x", 2);
	image = new_exec("/usr/bin/dash", "x", ARGV("/bin/sh", path), NULL);
	assert_text(image->script, path);
	image_unref(image);
	memcpy(path + SCRIPT_MAX_PATH - 2, "/x", 3);
	image = new_exec("/usr/bin/dash", "x", ARGV("/bin/sh", path), NULL);
	assert_null(image->script);
	image_unref(image);
}

/* The script after a second exec of the process that was `first`. */
static void check_second(const struct exec *first, const struct exec *second)
{
	const struct image *before = new_exec(first->executable, first->comm, first->argv, NULL);
	const struct image *image =
		new_exec(second->executable, second->comm, second->argv, before);

	assert_text(before->script, first->script);
	assert_text(image->script, second->script);
	image_unref(image);
	image_unref(before);
}

static void test_what_env_starts_has_its_script(void **state)
{
	static const struct exec env = { "/usr/bin/env", "two.py",
					 { "/usr/bin/env", "python3", "./two.py", "x" }, "./two.py" };
	static const struct exec split = { "/usr/bin/coreutils", "two.py",
					   { "/usr/bin/env", "-S python3 -u", "./two.py" },
					   "./two.py" };
	static const struct exec seconds[] = {
		{ "/usr/bin/python3.11", "python3", { "python3", "./two.py", "x" }, "./two.py" },
		{ "/usr/bin/python3.11", "python3", { "python3", "-u", "./two.py" }, "./two.py" },
		/* An interpreter that is a script itself: the one that was called counts. */
		{ "/usr/bin/dash", "mysh", { "/bin/sh", "/usr/bin/mysh", "./two.py" }, "./two.py" },
		{ "/usr/bin/dash", "mysh", { "/bin/sh", "/usr/bin/mysh", "./three.py" },
		  "/usr/bin/mysh" },
		{ "/usr/bin/python3.11", "python3", { "python3", "two.py" }, NULL },
		{ "/usr/bin/python3.11", "python3", { "./two.py", "x" }, NULL },
		{ "/usr/bin/python3.11", "python3", { "python3", missing_arg }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++)
		check_second(&env, &seconds[i]);
	check_second(&split, &seconds[1]);
}

/* `exec grep foo "$0"` in a script makes grep none of its interpreters. */
static void test_what_a_script_becomes_is_not_its_interpreter(void **state)
{
	static const struct exec script = { "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" },
					    "./one.sh" };
	static const struct exec grep = { "/usr/bin/grep", "grep", { "grep", "x", "./one.sh" }, NULL };
	static const struct exec env = { "/usr/bin/env", "env", { "env", "python3", "./two.py" }, NULL };
	static const struct exec python = { "/usr/bin/python3.11", "python3",
					    { "python3", "./two.py" }, NULL };

	(void)state;
	check_second(&script, &grep);
	check_second(&env, &python);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script_is_the_argument_that_names_the_process),
		cmocka_unit_test(test_other_programs_have_no_script),
		cmocka_unit_test(test_nothing_is_known_without_arguments),
		cmocka_unit_test(test_longer_than_a_path_is_none),
		cmocka_unit_test(test_what_env_starts_has_its_script),
		cmocka_unit_test(test_what_a_script_becomes_is_not_its_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
