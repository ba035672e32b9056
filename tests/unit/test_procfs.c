/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <libgen.h>
#include <limits.h>

#include "process/procfs.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Stands for the name service, which every machine has its own of. */
void users_complete(struct users *users, struct credentials *credentials,
		    const struct users_place *place)
{
	(void)place;
	assert_ptr_equal(users, (void *)0x1);
	if (credentials->known && credentials->user.id == 34)
		credentials->user.name = "www-data";
}

struct world {
	struct fake_proc proc;
	struct procfs *procfs;
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));

	fake_proc_make(&world->proc);
	world->procfs = procfs_open(world->proc.path, (struct users *)0x1);
	assert_non_null(world->procfs);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	procfs_free(world->procfs);
	fake_proc_remove(&world->proc, 0);
	free(world);
	return 0;
}

/* Reads one process, whenever it started; image_unref() releases the result. */
static const struct image *read_one(struct world *world, pid_t pid)
{
	struct procfs_process process;

	assert_true(procfs_read(world->procfs, pid, INT64_MAX / 2, &process));
	assert_int_equal(process.pid, pid);
	return process.image;
}

#define TAIL " 1 7 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0 309441 3133440 356 1844674407370955\n"

static void test_stat_is_read_behind_the_name(void **state)
{
	static const char *const names[] = {
		"cat", "", ")", "(", "a) S 99 (b", ") R 1 2 3 4", "two words", "new\nline",
		"(sd-pam)",
	};
	struct procfs_stat stat;
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		memset(&stat, 0xff, sizeof(stat));
		snprintf(text, sizeof(text), "1854 (%s) R" TAIL, names[i]);
		if (!procfs_parse_stat(span_of(text), &stat))
			fail_msg("not read: %s", text);
		assert_int_equal(stat.ppid, 1);
		assert_int_equal(stat.tty, 0);
		assert_int_equal(stat.start_ticks, 309441);
	}
}

static void test_stat_tells_terminals_and_long_uptimes(void **state)
{
	struct procfs_stat stat;

	(void)state;
	assert_true(procfs_parse_stat(
		SPAN("7 (sh) S 4194303 7 7 34817 7 0 1 0 0 0 1 2 3 4 20 0 1 0 4294967296123\n"),
		&stat));
	assert_int_equal(stat.ppid, 4194303);
	assert_int_equal(stat.tty, 34817);
	assert_int_equal(stat.start_ticks, 4294967296123);
}

static void test_stat_tells_the_leaders(void **state)
{
	static const struct {
		const char *text;
		pid_t group, session;
	} cases[] = {
		{ "12 10", 12, 10 },
		/* Outside of the pid namespace of this /proc. */
		{ "0 0", 0, 0 },
		/* All but gone. */
		{ "-1 -1", 0, 0 },
		{ "4294967297 2147483648", 0, 0 },
		{ "4194303 2147483647", 4194303, 2147483647 },
	};
	struct procfs_stat stat;
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "7 (sh) S 1 %s 0 7 0 1 0 0 0 1 2 3 4 20 0 1 0 42\n",
			 cases[i].text);
		assert_true(procfs_parse_stat(span_of(text), &stat));
		assert_int_equal(stat.group, cases[i].group);
		assert_int_equal(stat.session, cases[i].session);
		assert_int_equal(stat.start_ticks, 42);
	}
}

static void test_stat_that_is_cut_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "1854", "1854 (cat", "1854 (cat)", "1854 (cat) R", "1854 (cat) R 1 2",
		"1854 (cat) R 1 7 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0",
		"1854 (cat) R 1 x 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0 309441",
		"1854 (cat) R x 7 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0 309441",
		"1854 (cat) R -1 7 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0 309441",
		"1854 (cat) R 4294967297 7 7 0 -1 4194304 104 0 0 0 1 2 3 4 20 0 1 0 309441",
	};
	struct procfs_stat stat;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (procfs_parse_stat(span_of(texts[i]), &stat))
			fail_msg("read: %s", texts[i]);
	}
	assert_false(procfs_parse_stat(SPAN_NONE, &stat));
}

static void test_status_gives_each_id_its_place(void **state)
{
	struct credentials credentials = { 0 };

	(void)state;
	assert_true(procfs_parse_status(
		SPAN("Name:\tUid:\nUmask:\t0022\nTracerPid:\t0\nUid:\t1\t2\t3\t4\n"
		     "Gid:\t5\t6\t7\t8\nFDSize:\t64\n"), &credentials));
	assert_true(credentials.known);
	assert_int_equal(credentials.real_user.id, 1);
	assert_int_equal(credentials.user.id, 2);
	assert_int_equal(credentials.saved_user.id, 3);
	assert_int_equal(credentials.real_group.id, 5);
	assert_int_equal(credentials.group.id, 6);
	assert_int_equal(credentials.saved_group.id, 7);
}

static void test_status_without_its_ids_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"Name:\tx\n",
		"Name:\tx\nUid:\t1\t2\t3\t4\n",
		"Name:\tx\nGid:\t1\t2\t3\t4\n",
		"Name:\tx\nUid:\t1\t2\nGid:\t1\t2\t3\t4\n",
		"Name:\tx\nUid:\t1\t2\t3\t4\nGid:\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct credentials credentials = { .known = true };

		assert_false(procfs_parse_status(span_of(texts[i]), &credentials));
		assert_false(credentials.known);
	}
	assert_false(procfs_parse_status(SPAN_NONE, &(struct credentials){ 0 }));
}

static void test_folder_that_is_none_cannot_be_opened(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/none", ((struct world *)*state)->proc.path);
	errno = 0;
	assert_null(procfs_open(path, (struct users *)0x1));
	assert_int_equal(errno, ENOENT);
}

static void test_process_is_read_from_its_files(void **state)
{
	struct world *world = *state;
	struct procfs_process process;
	const struct image *image;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 901, .ppid = 812, .start_ticks = 1000, .tty = 34817, .comm = "sh",
		.cmdline = SPAN("sh\0-c\0id -u\0"), .exe = "/usr/bin/dash", .cwd = "/var/www",
		.cgroup = "0::/system.slice/docker-" ID ".scope\n", .loginuid = "1000\n",
		.sessionid = "4\n", .uid = 33 });
	assert_true(procfs_read(world->procfs, 901, INT64_MAX / 2, &process));
	assert_int_equal(process.pid, 901);
	assert_int_equal(process.ppid, 812);
	assert_true(process.start.ms > 0);
	assert_int_equal(process.start.ticks, 1000);
	assert_false(process.nested);
	image = process.image;
	assert_text(image->executable, "/usr/bin/dash");
	assert_text(image->comm, "sh");
	assert_text(image->working_directory, "/var/www");
	assert_int_equal(image->args.known, 3);
	assert_int_equal(image->args.count, 3);
	assert_span(args_get(&image->args, 1), "-c");
	assert_span(((struct span){ image->args.text, image->args.text_length }), "sh -c id -u");
	assert_int_equal(image->interactive, KNOWN_TRUE);
	assert_true(image->credentials.known);
	assert_int_equal(image->credentials.real_user.id, 33);
	assert_int_equal(image->credentials.user.id, 34);
	assert_int_equal(image->credentials.saved_user.id, 35);
	assert_int_equal(image->credentials.real_group.id, 43);
	assert_text(image->credentials.user.name, "www-data");
	assert_null(image->credentials.real_user.name);
	assert_int_equal(image->credentials.login_user.id, 1000);
	assert_int_equal(image->credentials.session, 4);
	assert_true(image->container_known);
	assert_text(image->container_id, ID);
	assert_text(image->container_runtime, "docker");
	assert_int_equal(image->refs, 1);
	image_unref(image);
}

static void test_service_has_no_login_no_terminal_and_no_container(void **state)
{
	struct world *world = *state;
	const struct image *image;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .ppid = 1, .comm = "cron", .cmdline = SPAN("cron\0"),
		.exe = "/usr/sbin/cron", .cwd = "/",
		.cgroup = "0::/system.slice/cron.service\n", .loginuid = "4294967295\n",
		.sessionid = "4294967295\n" });
	image = read_one(world, 5);
	assert_text(image->working_directory, "/");
	assert_int_equal(image->credentials.login_user.id, ID_UNSET);
	assert_int_equal(image->credentials.session, ID_UNSET);
	assert_int_equal(image->interactive, KNOWN_FALSE);
	assert_true(image->container_known);
	assert_null(image->container_id);
	assert_null(image->container_runtime);
	image_unref(image);
}

/* A kernel thread has an empty command line and no program; a kernel can be without audit. */
static void test_kernel_thread_has_neither_program_nor_arguments(void **state)
{
	struct world *world = *state;
	const struct image *image;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 2, .comm = "kthreadd",
							    .cmdline = SPAN("") });
	image = read_one(world, 2);
	assert_text(image->comm, "kthreadd");
	assert_null(image->executable);
	assert_null(image->working_directory);
	assert_null(image->args.text);
	assert_int_equal(image->credentials.login_user.id, ID_UNSET);
	assert_int_equal(image->credentials.session, ID_UNSET);
	image_unref(image);
}

static void test_arguments_are_told_apart_by_nul(void **state)
{
	static const struct {
		struct span cmdline;
		uint32_t known;
		const char *first, *last, *line;
	} cases[] = {
		{ { "a\0", 2 }, 1, "a", "a", "a" },
		{ { "a\0b\0", 4 }, 2, "a", "b", "a b" },
		{ { "a\0\0", 3 }, 2, "a", "", "a " },
		{ { "\0", 1 }, 1, "", "", "" },
		{ { "\0a\0", 3 }, 2, "", "a", " a" },
		{ { "a b\0c\0", 6 }, 2, "a b", "c", "a b c" },
		/* A process may overwrite its own, and leave no NUL. */
		{ { "nginx: worker process", 21 }, 1, "nginx: worker process",
		  "nginx: worker process", "nginx: worker process" },
		{ { "x", 1 }, 1, "x", "x", "x" },
		{ { "a\0bc", 4 }, 2, "a", "bc", "a bc" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct image *image;
		const struct args *args;

		fake_proc_add(&world->proc, &(struct fake_process){
			.pid = 5, .comm = "x", .cmdline = cases[i].cmdline });
		image = read_one(world, 5);
		args = &image->args;
		assert_int_equal(args->known, cases[i].known);
		assert_int_equal(args->count, cases[i].known);
		assert_span(args_get(args, 0), cases[i].first);
		assert_span(args_get(args, args->known - 1), cases[i].last);
		assert_span(((struct span){ args->text, args->text_length }), cases[i].line);
		image_unref(image);
	}
}

static void test_very_long_arguments_are_cut(void **state)
{
	struct world *world = *state;
	char *cmdline = mem_resize(NULL, 2 * PROCFS_MAX_FILE, 1);
	const struct image *image;

	memset(cmdline, 'x', 2 * PROCFS_MAX_FILE);
	cmdline[2] = '\0';
	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .cmdline = { cmdline, 2 * PROCFS_MAX_FILE } });
	free(cmdline);
	image = read_one(world, 5);
	assert_int_equal(image->args.known, 2);
	assert_int_equal(image->args.text_length, PROCFS_MAX_FILE);
	assert_span(args_get(&image->args, 0), "xx");
	assert_int_equal(args_get(&image->args, 1).length, PROCFS_MAX_FILE - 3);
	image_unref(image);
}

/* No more than these are kept: a file of nothing but NULs has as many arguments as bytes. */
static void test_very_many_arguments_are_cut(void **state)
{
	struct world *world = *state;
	char *cmdline = mem_zalloc(PROCFS_MAX_FILE);
	const struct image *image;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .cmdline = { cmdline, PROCFS_MAX_FILE } });
	free(cmdline);
	image = read_one(world, 5);
	assert_true(image->args.known >= PROCFS_MAX_FILE / 2);
	assert_int_equal(image->args.count, PROCFS_MAX_FILE);
	assert_null(memchr(image->args.text, '\0', image->args.text_length));
	assert_span(args_get(&image->args, image->args.known - 1), "");
	image_unref(image);
}

static void test_file_that_cannot_be_read_tells_nothing(void **state)
{
	static const char *const files[] = { "comm", "cmdline", "status", "cgroup", "loginuid" };
	struct world *world = *state;
	const struct image *image;
	char path[128];

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5 });
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/5/%s", world->proc.path, files[i]);
		remove(path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	image = read_one(world, 5);
	assert_null(image->comm);
	assert_null(image->args.text);
	assert_false(image->credentials.known);
	assert_null(image->container_id);
	assert_int_equal(image->credentials.login_user.id, ID_UNSET);
	image_unref(image);
}

static void test_name_can_end_in_anything(void **state)
{
	struct world *world = *state;
	const struct image *image;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5, .comm = "a\n) R 1" });
	image = read_one(world, 5);
	assert_text(image->comm, "a\n) R 1");
	image_unref(image);
}

static int64_t started_ms(struct world *world, pid_t pid)
{
	struct procfs_start start;

	assert_true(procfs_started(world->procfs, pid, &start));
	return start.ms;
}

static void test_process_that_started_after_the_event_is_another(void **state)
{
	struct world *world = *state;
	struct procfs_process process;
	struct procfs_glance glance;
	int64_t start;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "0::/lxc/web\n" });
	start = started_ms(world, 5);
	assert_true(start > 0);
	/* Both clocks have ticks. */
	assert_true(procfs_read(world->procfs, 5, start - PROCFS_SLACK_MS / 2, &process));
	image_unref(process.image);
	assert_true(procfs_look(world->procfs, 5, start - PROCFS_SLACK_MS / 2, &glance));
	assert_false(procfs_read(world->procfs, 5, start - 1000, &process));
	assert_false(procfs_look(world->procfs, 5, start - 1000, &glance));
	assert_true(procfs_read(world->procfs, 5, start + 1000, &process));
	image_unref(process.image);
	assert_true(procfs_look(world->procfs, 5, start + 1000, &glance));
}

static void test_look_tells_container_start_and_namespace(void **state)
{
	struct world *world = *state;
	struct procfs_glance glance;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "0::/lxc/web\n" });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_text(glance.container.id, "web");
	assert_text(glance.container.runtime, "lxc");
	assert_int_equal(glance.start.ticks, 500);
	assert_in_range(glance.start.ms, started_ms(world, 5) - 500, started_ms(world, 5) + 500);
	assert_false(glance.nested);

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 600, .nspid = "5\t1" });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_text(glance.container.id, "");
	assert_int_equal(glance.start.ticks, 600);
	assert_true(glance.nested);
}

static void test_namespaces_are_told_of_what_is_in_a_container(void **state)
{
	struct world *world = *state;
	struct procfs_glance glance;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "0::/lxc/web\n",
		.mount_namespace = "mnt:[4026532345]", .user_namespace = "user:[4026531837]" });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_int_equal(glance.container.namespaces.mount, 4026532345);
	assert_int_equal(glance.container.namespaces.user, 4026531837);
	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "0::/\n",
		.mount_namespace = "mnt:[4026532345]", .user_namespace = "user:[4026531837]" });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_int_equal(glance.container.namespaces.mount, 0);
	assert_int_equal(procfs_parse_namespace(NULL), 0);
	assert_int_equal(procfs_parse_namespace("mnt:[]"), 0);
	assert_int_equal(procfs_parse_namespace("mnt:4026532345"), 0);
}

/* Its groups of version 1 are shown as the roots. */
static void test_process_that_ends_may_not_tell_its_container(void **state)
{
	struct world *world = *state;
	struct procfs_process process;
	struct procfs_glance glance;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "1:pids:/\n", .exiting = true });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_false(glance.container_known);
	assert_true(procfs_read(world->procfs, 5, INT64_MAX / 2, &process));
	assert_false(process.image->container_known);
	image_unref(process.image);
	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .cgroup = "0::/lxc/web\n", .exiting = true });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_true(glance.container_known);
}

static void test_look_tells_the_leaders(void **state)
{
	struct world *world = *state;
	struct procfs_glance glance;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .group = 4, .session = 3 });
	assert_true(procfs_look(world->procfs, 5, INT64_MAX / 2, &glance));
	assert_int_equal(glance.group, 4);
	assert_int_equal(glance.session, 3);
}

static void check_environment(struct span text, const char *const names[],
			      const char *const expected[], const char *file, int line)
{
	size_t count = 12345;
	char *variables = procfs_parse_environment(text, names, &count);
	const char *variable = variables;
	size_t i = 0;

	for (; expected[i] && i < count; i++) {
		check_text(variable, expected[i], file, line);
		variable += strlen(variable) + 1;
	}
	if (expected[i] || i < count || !variables != !count) {
		print_error("%zu variables\n", count);
		_fail(file, line);
	}
	free(variables);
}
#define assert_environment(text, names, ...)                                                      \
	check_environment(text, names, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
#define assert_no_environment(text, names)                                                        \
	check_environment(text, names, (const char *const[]){ NULL }, __FILE__, __LINE__)

static void test_only_the_named_variables_are_picked(void **state)
{
	const char *const *names = ARGV("LD_PRELOAD", "PATH");

	(void)state;
	assert_environment(SPAN("HOME=/\0PATH=/bin\0LD_PRELOAD=/tmp/x.so\0"), names, "PATH=/bin",
			   "LD_PRELOAD=/tmp/x.so");
	/* Empty, without an end, with another =, twice. */
	assert_environment(SPAN("PATH=\0LD_PRELOAD=a=b"), names, "PATH=", "LD_PRELOAD=a=b");
	assert_environment(SPAN("PATH=1\0PATH=2\0"), names, "PATH=1", "PATH=2");
	assert_environment(SPAN("\0\0PATH=1\0\0"), names, "PATH=1");
	assert_no_environment(SPAN("PATH\0XPATH=1\0PATHX=1\0path=1\0=PATH\0A=PATH=1\0"), names);
	assert_no_environment(SPAN(""), names);
	assert_no_environment(SPAN_NONE, names);
	assert_no_environment(SPAN("PATH=1\0"), ((const char *const[]){ NULL }));
}

static void test_variables_are_bounded(void **state)
{
	char text[PROCFS_MAX_VARIABLE + 100];
	char many[3 * 2 * PROCFS_MAX_VARIABLES];
	size_t count;
	char *variables;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "A=", 2);
	memcpy(text + sizeof(text) - 4, "\0A=", 4);
	variables = procfs_parse_environment((struct span){ text, sizeof(text) }, ARGV("A"), &count);
	assert_int_equal(count, 2);
	assert_int_equal(strlen(variables), PROCFS_MAX_VARIABLE);
	assert_text(variables + PROCFS_MAX_VARIABLE + 1, "A=");
	free(variables);

	/* The last is there however many were put before it, and so is the first. */
	for (size_t i = 0; i < sizeof(many); i += 3)
		memcpy(many + i, "A=", 3);
	many[sizeof(many) - 1] = 'z';
	variables = procfs_parse_environment((struct span){ many, sizeof(many) }, ARGV("A"), &count);
	assert_int_equal(count, PROCFS_MAX_VARIABLES);
	assert_text(variables + 3 * (PROCFS_MAX_VARIABLES - 1), "A=z");
	free(variables);
}

/* Padding hides nothing. */
static void test_long_environment_is_read_to_its_end(void **state)
{
	struct world *world = *state;
	size_t size = 5 * PROCFS_MAX_FILE;
	char *text = mem_resize(NULL, size, 1);
	char *variables;
	size_t count;

	memset(text, 'x', size);
	memcpy(text, "PAD=", 4);
	memcpy(text + size - 9, "\0B=1\0B=2", 9);
	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .environ = { text, size } });
	variables = procfs_environment(world->procfs, 5, 500, ARGV("B"), &count);
	assert_int_equal(count, 2);
	assert_text(variables, "B=1");
	free(variables);
	free(text);
}

static void test_environment_is_of_the_process_that_is_meant(void **state)
{
	struct world *world = *state;
	size_t count;
	char *variables;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 5, .comm = "x", .start_ticks = 500, .environ = SPAN("A=1\0B=2\0") });
	variables = procfs_environment(world->procfs, 5, 500, ARGV("B"), &count);
	assert_int_equal(count, 1);
	assert_text(variables, "B=2");
	free(variables);
	assert_null(procfs_environment(world->procfs, 5, 501, ARGV("B"), &count));
	assert_int_equal(count, 0);
	assert_null(procfs_environment(world->procfs, 6, 500, ARGV("B"), &count));
	assert_int_equal(count, 0);
	/* Not ours to read. */
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5, .comm = "x",
							    .start_ticks = 500 });
	assert_null(procfs_environment(world->procfs, 5, 500, ARGV("B"), &count));
}

static void test_process_of_an_inner_pid_namespace_is_told(void **state)
{
	struct world *world = *state;
	struct procfs_process process;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5, .nspid = "5\t6" });
	assert_true(procfs_read(world->procfs, 5, INT64_MAX / 2, &process));
	assert_true(process.nested);
	image_unref(process.image);
}

static void test_more_than_one_number_is_an_inner_namespace(void **state)
{
	(void)state;
	assert_false(procfs_parse_nested(SPAN("Name:\tx\nNSpid:\t21395\nNSpgid:\t21395\n")));
	assert_true(procfs_parse_nested(SPAN("Name:\tx\nNSpid:\t21395\t6\nNSpgid:\t1\n")));
	assert_true(procfs_parse_nested(SPAN("Name:\tx\nNSpid:\t21395\t6\t1\n")));
	assert_false(procfs_parse_nested(SPAN("Name:\tNSpid:\t1\t2\n")));
	assert_false(procfs_parse_nested(SPAN("Name:\tx\n")));
	assert_false(procfs_parse_nested(SPAN_NONE));
	assert_int_equal(procfs_parse_inner(SPAN("Name:\tx\nNSpid:\t21395\nNSpgid:\t21395\n")), 0);
	assert_int_equal(procfs_parse_inner(SPAN("Name:\tx\nNSpid:\t21395\t6\nNSpgid:\t1\n")), 6);
	assert_int_equal(procfs_parse_inner(SPAN("Name:\tx\nNSpid:\t21395\t6\t1\n")), 1);
	assert_int_equal(procfs_parse_inner(SPAN("Name:\tx\nNSpid:\t21395\t6")), 6);
	assert_int_equal(procfs_parse_inner(SPAN_NONE), 0);
}

static void test_start_counts_clock_ticks(void **state)
{
	struct world *world = *state;
	const int64_t hz = sysconf(_SC_CLK_TCK);
	int64_t difference;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5, .start_ticks = 100 });
	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 6, .start_ticks = 100 + (uint64_t)(3600 * hz) });
	difference = started_ms(world, 6) - started_ms(world, 5);
	assert_in_range(difference, 3600000 - 1000, 3600000 + 1000);
}

static void assert_not_there(struct world *world, pid_t pid)
{
	struct procfs_process process;
	struct procfs_glance glance;
	struct procfs_start start;

	assert_false(procfs_read(world->procfs, pid, INT64_MAX / 2, &process));
	assert_false(procfs_look(world->procfs, pid, INT64_MAX / 2, &glance));
	assert_false(procfs_started(world->procfs, pid, &start));
}

static void test_process_that_is_gone_is_not_read(void **state)
{
	assert_not_there(*state, 5);
}

static void test_process_whose_stat_cannot_be_read_is_not_read(void **state)
{
	struct world *world = *state;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 5, .comm = "x" });
	fake_proc_write(&world->proc, 5, "stat", SPAN("5 (x) S 1"));
	assert_not_there(world, 5);
}

struct scanned {
	size_t count;
	pid_t pids, ppids; /* sums */
};

static void on_process(void *user, const struct procfs_process *process)
{
	struct scanned *scanned = user;

	scanned->count++;
	scanned->pids += process->pid;
	scanned->ppids += process->ppid;
	assert_non_null(process->image);
}

static void test_scan_finds_every_process_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct scanned scanned = { 0 };
	char path[128];

	for (pid_t pid = 1; pid <= 1000; pid *= 10)
		fake_proc_add(&world->proc, &(struct fake_process){
			.pid = pid, .ppid = pid / 10, .comm = "x", .start_ticks = 7 });
	fake_proc_write(&world->proc, 10, "stat", SPAN("10 (x) S")); /* just gone */
	snprintf(path, sizeof(path), "%s/self", world->proc.path);
	assert_int_equal(symlink("1", path), 0);
	snprintf(path, sizeof(path), "%s/sys", world->proc.path);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/7", world->proc.path);
	assert_int_equal(mkdir(path, 0700), 0);

	procfs_scan(world->procfs, on_process, &scanned);
	assert_int_equal(scanned.count, 3);
	assert_int_equal(scanned.pids, 1101);
	assert_int_equal(scanned.ppids, 110);
	/* Once more finds them again. */
	procfs_scan(world->procfs, on_process, &scanned);
	assert_int_equal(scanned.count, 6);
}

/* The files of the kernel that runs are like the ones made up here. */
static void test_this_process_is_found_in_the_real_proc(void **state)
{
	struct procfs *procfs = procfs_open("/proc", (struct users *)0x1);
	struct procfs_process process;
	struct procfs_glance glance;
	char executable[PATH_MAX], directory[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", executable, sizeof(executable) - 1);

	(void)state;
	assert_non_null(procfs);
	assert_true(length > 0);
	executable[length] = '\0';
	assert_non_null(getcwd(directory, sizeof(directory)));
	assert_true(procfs_read(procfs, getpid(), INT64_MAX / 2, &process));
	assert_int_equal(process.ppid, getppid());
	assert_text(process.image->executable, executable);
	assert_text(process.image->working_directory, directory);
	assert_int_equal(strncmp(process.image->comm, basename(executable), 15), 0);
	assert_int_equal(process.image->credentials.real_user.id, getuid());
	assert_int_equal(process.image->credentials.user.id, geteuid());
	assert_int_equal(process.image->credentials.real_group.id, getgid());
	assert_int_equal(process.image->credentials.group.id, getegid());
	assert_true(process.image->args.known >= 1);
	assert_true(process.start.ms > 0);
	image_unref(process.image);
	assert_true(procfs_look(procfs, getpid(), INT64_MAX / 2, &glance));
	assert_int_equal(glance.group, getpgrp());
	assert_int_equal(glance.session, getsid(0));
	assert_int_equal(glance.start.ticks, process.start.ticks);
	procfs_free(procfs);
}

#define PROC_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat_is_read_behind_the_name),
		cmocka_unit_test(test_stat_tells_terminals_and_long_uptimes),
		cmocka_unit_test(test_stat_tells_the_leaders),
		cmocka_unit_test(test_stat_that_is_cut_is_refused),
		cmocka_unit_test(test_status_gives_each_id_its_place),
		cmocka_unit_test(test_status_without_its_ids_is_refused),
		PROC_TEST(test_folder_that_is_none_cannot_be_opened),
		PROC_TEST(test_process_is_read_from_its_files),
		PROC_TEST(test_service_has_no_login_no_terminal_and_no_container),
		PROC_TEST(test_kernel_thread_has_neither_program_nor_arguments),
		PROC_TEST(test_arguments_are_told_apart_by_nul),
		PROC_TEST(test_very_long_arguments_are_cut),
		PROC_TEST(test_very_many_arguments_are_cut),
		PROC_TEST(test_file_that_cannot_be_read_tells_nothing),
		PROC_TEST(test_name_can_end_in_anything),
		PROC_TEST(test_process_that_started_after_the_event_is_another),
		PROC_TEST(test_look_tells_container_start_and_namespace),
		PROC_TEST(test_namespaces_are_told_of_what_is_in_a_container),
		PROC_TEST(test_process_that_ends_may_not_tell_its_container),
		PROC_TEST(test_look_tells_the_leaders),
		cmocka_unit_test(test_only_the_named_variables_are_picked),
		cmocka_unit_test(test_variables_are_bounded),
		PROC_TEST(test_environment_is_of_the_process_that_is_meant),
		PROC_TEST(test_long_environment_is_read_to_its_end),
		PROC_TEST(test_process_of_an_inner_pid_namespace_is_told),
		cmocka_unit_test(test_more_than_one_number_is_an_inner_namespace),
		PROC_TEST(test_start_counts_clock_ticks),
		PROC_TEST(test_process_that_is_gone_is_not_read),
		PROC_TEST(test_process_whose_stat_cannot_be_read_is_not_read),
		PROC_TEST(test_scan_finds_every_process_and_nothing_else),
		cmocka_unit_test(test_this_process_is_found_in_the_real_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
