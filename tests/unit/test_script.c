/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/script.h"

#define LONG_PATH_SIZE (SCRIPT_MAX_PATH + 16)

struct exec {
	const char *executable, *comm;
	const char *argv[14];
	const char *script; /* NULL: none */
	const char *directory;
	const char *file[AUDIT_MAX_FILES]; /* none: PATH records are not kept */
};

/* Kept from one exec of a process to the next, with the script that it was found to be for. */
static const struct image *new_exec(const struct exec *exec, const struct image *previous)
{
	struct audit_event event = { .kind = AUDIT_EVENT_EXEC };
	const struct image *kept;
	struct image draft;
	char *script;

	event.image = new_image(&(struct image){ .executable = exec->executable, .comm = exec->comm,
						 .working_directory = exec->directory },
				exec->argv);
	memcpy(event.file, exec->file, sizeof(event.file));
	script = script_of(&event, previous);
	draft = *event.image;
	draft.script = script;
	kept = image_copy(&draft, SIZE_MAX);
	image_unref(event.image);
	free(script);
	return kept;
}

static void check_script(const struct exec *exec, const struct image *image)
{
	if ((image->script == NULL) != (exec->script == NULL) ||
	    (image->script && strcmp(image->script, exec->script) != 0))
		fail_msg("%s, %s: %s", exec->executable, exec->comm,
			 image->script ? image->script : "none");
}

static void check_exec(const struct exec *exec)
{
	const struct image *image = new_exec(exec, NULL);

	check_script(exec, image);
	image_unref(image);
}

static void test_script_is_the_argument_that_names_the_process(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, .script = "./one.sh" },
		{ "/usr/bin/perl", "three.pl", { "/usr/bin/perl", "-w", "./three.pl" }, .script = "./three.pl" },
		{ "/usr/bin/python3.11", "gunicorn",
		  { "/srv/venv/bin/python3", "/srv/venv/bin/gunicorn", "-w", "2" },
		  .script = "/srv/venv/bin/gunicorn" },
		{ "/usr/bin/env", "two.py", { "/usr/bin/env", "python3", "./two.py" }, .script = "./two.py" },
		{ "/bin/busybox", "run", { "/bin/sh", "/etc/init.d/run", "run" }, .script = "/etc/init.d/run" },
		/* An option with spaces is one argument. */
		{ "/usr/bin/awk", "report", { "/usr/bin/awk", "-v x=1 -f", "/srv/report" },
		  .script = "/srv/report" },
		/* The kernel keeps 15 bytes of a name. */
		{ "/usr/bin/bash", "a-very-long-nam", { "/bin/bash", "/srv/a-very-long-name.sh" },
		  .script = "/srv/a-very-long-name.sh" },
		/* Interpreters that are scripts put themselves in front. */
		{ "/usr/bin/dash", "nested.sh",
		  { "/bin/sh", "/srv/one.sh", "arg with spaces", "./nested.sh" }, .script = "./nested.sh" },
		{ "/usr/bin/dash", "deep",
		  { "/bin/sh", "1", "-1", "2", "-2", "3", "-3", "4", "-4", "-5", "./deep" }, .script = "./deep" },
		/* The first argument after the program is looked at first: the script's own may be alike. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh", "/tmp/one.sh" }, .script = "./one.sh" },
		/* Started from a descriptor (fexecve(3)). */
		{ "/usr/bin/dash", "3", { "/bin/sh", "/dev/fd/3" }, .script = "/dev/fd/3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

static void test_other_programs_have_no_script(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/id", "id", { "id", "-u" }, .script = NULL },
		{ "/usr/bin/id", "id", { "id", "id" }, .script = NULL },
		/* Links have another name than what they lead to, and call themselves by it. */
		{ "/usr/bin/dash", "sh", { "sh", "-c", "id" }, .script = NULL },
		{ "/usr/bin/dash", "sh", { "/bin/sh", "-c", "sh" }, .script = NULL },
		{ "/usr/bin/mawk", "awk", { "awk", "awk" }, .script = NULL },
		/* In a container of busybox. */
		{ "/bin/busybox", "exe", { "sh", "-c", "sleep 1" }, .script = NULL },
		/* Given to an interpreter by hand. */
		{ "/usr/bin/python3.11", "python3", { "python3", "memfd.py" }, .script = NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./two.sh" }, .script = NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", missing_arg, "x" }, .script = NULL },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh/" }, .script = NULL },
		/* So far behind only the script's own arguments are. */
		{ "/usr/bin/dash", "deep",
		  { "/bin/sh", "1", "-1", "2", "-2", "3", "-3", "4", "-4", "-5", "-6", "./deep" }, .script = NULL },
		{ "/usr/bin/dash", "one.sh", { "./one.sh" }, .script = NULL },
		{ "/usr/bin/dash", "one.sh", { NULL }, .script = NULL },
		{ "/usr/bin/dash", NULL, { "/bin/sh", "./one.sh" }, .script = NULL },
		{ "/usr/bin/dash", "", { "/bin/sh", "" }, .script = NULL },
		{ NULL, "one.sh", { "/bin/sh", "./one.sh" }, .script = NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

static void test_nothing_is_known_without_arguments(void **state)
{
	const struct image image = { .executable = "/usr/bin/dash", .comm = "one.sh" };

	(void)state;
	assert_null(script_of(&(struct audit_event){ .image = &image }, NULL));
}

static void test_longer_than_a_path_is_none(void **state)
{
	char path[LONG_PATH_SIZE];
	struct exec exec = { "/usr/bin/dash", "x", { "/bin/sh", path }, .script = path };

	(void)state;
	memset(path, '/', sizeof(path));
	memcpy(path + SCRIPT_MAX_PATH - 2, "x", 2);
	check_exec(&exec);
	memcpy(path + SCRIPT_MAX_PATH - 2, "/x", 3);
	exec.script = NULL;
	check_exec(&exec);
}

static void test_relative_path_is_made_absolute(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "/srv/one.sh", .directory = "/srv" },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "one.sh" }, "/srv/one.sh", .directory = "/srv" },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "././one.sh" }, "/one.sh", .directory = "/" },
		/* What .. stands for depends on links. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "../b/one.sh" }, "/srv/a/../b/one.sh", .directory = "/srv/a" },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "/opt/one.sh" }, "/opt/one.sh", .directory = "/srv" },
		/* That place is gone, or out of sight. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "./one.sh", .directory = "/srv (deleted)" },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "./one.sh", .directory = "(unreachable)/srv" },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "./one.sh", .directory = NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

#define LOADER "/lib64/ld-linux-x86-64.so.2"

static void test_files_that_were_opened_name_the_script(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "/srv/one.sh", "/srv",
		  { "./one.sh", "/bin/sh", LOADER } },
		{ "/usr/bin/perl", "three.pl", { "/usr/bin/perl", "-w", "./three.pl" }, "/srv/three.pl",
		  "/srv", { "./three.pl", "/usr/bin/perl", LOADER } },
		{ "/usr/bin/dash", "nested.sh",
		  { "/bin/sh", "/srv/one.sh", "arg with spaces", "./nested.sh", "x" },
		  "/srv/nested.sh", "/srv", { "./nested.sh", "/srv/one.sh", "/bin/sh", LOADER } },
		/* Its loader is no file of its own. */
		{ "/bin/busybox", "run", { "/bin/sh", "/run" }, "/run", "/", { "/run", "/bin/sh" } },
		/* The script has its interpreter's name. */
		{ "/usr/bin/python3.11", "python3.11", { "/usr/bin/python3", "/srv/python3.11" },
		  "/srv/python3.11", NULL, { "/srv/python3.11", "/usr/bin/python3", LOADER } },
		{ "/usr/bin/dash", "sh", { "/bin/sh", "/srv/sh" }, "/srv/sh", NULL,
		  { "/srv/sh", "/bin/sh", LOADER } },
		/* execveat(2) of a descriptor: named after the file, or after the number by older kernels; ... */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "/dev/fd/3" }, "/dev/fd/3", "/srv",
		  { "", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "3", { "/bin/sh", "-e", "/dev/fd/3" }, "/dev/fd/3", "/srv",
		  { "", "/bin/sh", LOADER } },
		/* ... and of a name below a folder's descriptor. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "/dev/fd/12/bin/one.sh" },
		  "/dev/fd/12/bin/one.sh", "/srv", { "bin/one.sh", "/bin/sh", LOADER } },
		/* binfmt_misc */
		{ "/usr/bin/qemu-arm-static", "tool", { "/usr/bin/qemu-arm-static", "./tool" },
		  "/srv/tool", "/srv", { "./tool", "/usr/bin/qemu-arm-static" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

static void test_arguments_alone_make_no_script(void **state)
{
	static const struct exec cases[] = {
		{ "/usr/bin/id", "id", { "id", "-u" }, NULL, "/", { "/usr/bin/id", LOADER } },
		{ "/srv/busybox", "busybox", { "./busybox", "sh" }, NULL, "/", { "./busybox" } },
		/* Says that it is a script, and the kernel opened no interpreter. */
		{ "/srv/real", "link", { LOADER, "/srv/link" }, NULL, "/", { "/srv/link", LOADER } },
		{ "/srv/real", "link", { "/bin/sh", "/srv/link" }, NULL, "/", { "/srv/link", LOADER } },
		{ "/srv/real", "link", { "/bin/sh", "/srv/link" }, NULL, "/", { "/srv/link" } },
		/* Its loader has a name of its own choice. */
		{ "/srv/one.sh", "one.sh", { "/tmp/python3", "/srv/one.sh" }, NULL, "/",
		  { "/srv/one.sh", "/tmp/python3" } },
		/* A record is missing. */
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", missing_arg, "x" }, NULL, "/",
		  { "./one.sh", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, NULL, "/",
		  { "./one.sh", NULL, LOADER } },
		{ "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" }, "/one.sh", "/",
		  { NULL, "/bin/sh", LOADER } },
		/* Of the nested ones no interpreter may be passed over. */
		{ "/usr/bin/dash", "nested.sh", { "/bin/sh", "a", "b", "./nested.sh" }, NULL, "/",
		  { "./nested.sh", "/srv/one.sh", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "other", { "/bin/sh", "./one.sh" }, NULL, "/",
		  { "./one.sh", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "3", { "/bin/sh", "/dev/fd/" }, NULL, "/", { "", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "3", { "/bin/sh", "/dev/fd/3x" }, NULL, "/", { "", "/bin/sh", LOADER } },
		{ "/usr/bin/dash", "3", { "/bin/sh", "" }, NULL, "/", { "", "/bin/sh", LOADER } },
		{ "/memfd:x (deleted)", "memfd:x", { "kworker/0:1" }, NULL, "/", { "", LOADER } },
		{ "/usr/sbin/x (deleted)", "x", { "/bin/x", "/srv/x" }, .script = NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_exec(&cases[i]);
}

/* Execs of one process, one after the other. */
static void check_chain(const struct exec *const execs[], size_t count)
{
	const struct image *image = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct image *next = new_exec(execs[i], image);

		check_script(execs[i], next);
		image_unref(image);
		image = next;
	}
	image_unref(image);
}
#define CHECK_CHAIN(...)                                                                           \
	check_chain((const struct exec *const[]){ __VA_ARGS__ },                                   \
		    sizeof((const struct exec *const[]){ __VA_ARGS__ }) / sizeof(struct exec *))

static void test_what_env_starts_has_its_script(void **state)
{
	static const struct exec env = { "/usr/bin/env", "two.py",
					 { "/usr/bin/env", "python3", "./two.py", "x" },
					 "/srv/two.py", .directory = "/srv" };
	static const struct exec split = { "/usr/bin/coreutils", "two.py",
					   { "/usr/bin/env", "-S python3 -u", "./two.py" },
					   "/srv/two.py", .directory = "/srv" };
	static const struct exec unsplit = { "/usr/bin/python3.11", "python3",
					     { "python3", "-u", "./two.py" }, "/srv/two.py", .directory = "/srv" };
	static const struct exec seconds[] = {
		{ "/usr/bin/python3.11", "python3", { "python3", "./two.py", "x" }, "/srv/two.py", .directory = "/srv" },
		/* An interpreter that is a script itself: the one that was called counts. */
		{ "/usr/bin/dash", "mysh", { "/bin/sh", "/usr/bin/mysh", "./two.py", "x" },
		  "/srv/two.py", .directory = "/srv" },
		{ "/usr/bin/dash", "mysh", { "/bin/sh", "/usr/bin/mysh", "./three.py", "x" },
		  "/usr/bin/mysh", .directory = "/srv" },
		/* env -C: the same name is another file there. */
		{ "/usr/bin/python3.11", "python3", { "python3", "./two.py", "x" }, NULL, .directory = "/tmp" },
		{ "/usr/bin/python3.11", "python3", { "./two.py", "x" }, NULL, .directory = "/srv" },
		{ "/usr/bin/python3.11", "python3", { "python3", missing_arg, "x" }, NULL, .directory = "/srv" },
		/* The rest of the arguments is another. */
		{ "/usr/bin/python3.11", "python3", { "python3", "./two.py" }, NULL, .directory = "/srv" },
		{ "/usr/bin/python3.11", "python3", { "python3", "./two.py", "x", "y" }, NULL, .directory = "/srv" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++)
		CHECK_CHAIN(&env, &seconds[i]);
	CHECK_CHAIN(&split, &unsplit);
}

static void test_script_goes_through_a_chain_of_programs(void **state)
{
	static const struct exec env = { "/usr/bin/env", "two.py",
					 { "/usr/bin/env", "-S nice -n 5 setsid python3", "/srv/two.py" },
					 "/srv/two.py", NULL,
					 { "/srv/two.py", "/usr/bin/env", LOADER } };
	static const struct exec nice = { "/usr/bin/nice", "nice",
					  { "nice", "-n", "5", "setsid", "python3", "/srv/two.py" },
					  "/srv/two.py", NULL, { "/usr/bin/nice", LOADER } };
	static const struct exec setsid = { "/usr/bin/setsid", "setsid",
					    { "setsid", "python3", "/srv/two.py" }, "/srv/two.py", NULL,
					    { "/usr/bin/setsid", LOADER } };
	static const struct exec python = { "/usr/bin/python3.11", "python3",
					    { "python3", "/srv/two.py" }, "/srv/two.py", NULL,
					    { "/usr/bin/python3", LOADER } };
	/* What the script starts in the end, with the script as an argument. */
	static const struct exec after = { "/usr/bin/grep", "grep", { "grep", "x", "/srv/two.py" }, NULL,
					   NULL, { "/usr/bin/grep", LOADER } };
	static const struct exec again = { "/usr/bin/python3.11", "python3",
					   { "python3", "/srv/two.py" }, NULL, NULL,
					   { "/usr/bin/python3", LOADER } };

	(void)state;
	CHECK_CHAIN(&env, &nice, &setsid, &python, &after, &again);
}

/* A shell's script can begin with exec python3 "$0" "$@" and be python's from there on. */
static void test_script_can_choose_its_interpreter(void **state)
{
	static const struct exec shell = { "/usr/bin/dash", "pip", { "/bin/sh", "/srv/bin/pip", "list" },
					   .script = "/srv/bin/pip" };
	static const struct exec python = { "/srv/very/long/bin/python3 (deleted)", "python3",
					    { "/srv/very/long/bin/python3", "/srv/bin/pip", "list" },
					    .script = "/srv/bin/pip" };
	static const struct exec option = { "/usr/bin/python3.11", "python3",
					    { "python3", "-c", "/srv/bin/pip", "list" }, .script = NULL };

	(void)state;
	CHECK_CHAIN(&shell, &python);
	CHECK_CHAIN(&shell, &option);
}

/* `exec grep foo "$0"` in a script makes grep none of its interpreters. */
static void test_what_a_script_becomes_is_not_its_interpreter(void **state)
{
	static const struct exec script = { "/usr/bin/dash", "one.sh", { "/bin/sh", "./one.sh" },
					    .script = "./one.sh" };
	static const struct exec grep = { "/usr/bin/grep", "grep", { "grep", "x", "./one.sh" }, .script = NULL };
	static const struct exec cat = { "/usr/bin/cat", "cat", { "cat", "./one.sh" }, .script = NULL };
	static const struct exec env = { "/usr/bin/env", "env", { "env", "python3", "./two.py" }, .script = NULL };
	static const struct exec python = { "/usr/bin/python3.11", "python3",
					    { "python3", "./two.py" }, .script = NULL };

	(void)state;
	CHECK_CHAIN(&script, &grep);
	CHECK_CHAIN(&script, &cat);
	CHECK_CHAIN(&env, &python);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script_is_the_argument_that_names_the_process),
		cmocka_unit_test(test_other_programs_have_no_script),
		cmocka_unit_test(test_nothing_is_known_without_arguments),
		cmocka_unit_test(test_longer_than_a_path_is_none),
		cmocka_unit_test(test_relative_path_is_made_absolute),
		cmocka_unit_test(test_files_that_were_opened_name_the_script),
		cmocka_unit_test(test_arguments_alone_make_no_script),
		cmocka_unit_test(test_what_env_starts_has_its_script),
		cmocka_unit_test(test_script_goes_through_a_chain_of_programs),
		cmocka_unit_test(test_script_can_choose_its_interpreter),
		cmocka_unit_test(test_what_a_script_becomes_is_not_its_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
