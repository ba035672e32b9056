/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <fcntl.h>

/* What a /proc made of plain files can't show: that a process's root is the top of its mounts. */
static const char *root_target = "/";

static ssize_t fake_readlinkat(int folder, const char *path, char *out, size_t size)
{
	size_t length = strlen(root_target);

	(void)folder;
	assert_text(path, "root");
	memcpy(out, root_target, length < size ? length : size);
	return (ssize_t)(length < size ? length : size);
}

#define readlinkat fake_readlinkat
#include "process/container_names.c"
#undef readlinkat

#define WHOLE_MAP "         0          0 4294967295\n"
#define PID 7
#define TICKS 100

/* --- maps --- */

static void test_ids_are_translated(void **state)
{
	static const struct {
		const char *map;
		uint32_t id;
		bool known;
		uint32_t inside;
	} cases[] = {
		{ WHOLE_MAP, 0, true, 0 },
		{ WHOLE_MAP, 33, true, 33 },
		{ WHOLE_MAP, UINT32_MAX, false, 0 },
		{ "         0     100000      65536\n", 100033, true, 33 },
		{ "         0     100000      65536\n", 165535, true, 65535 },
		{ "         0     100000      65536\n", 165536, false, 0 },
		{ "         0     100000      65536\n", 33, false, 0 },
		/* podman without root, --userns=keep-id */
		{ "0 1 1000\n1000 0 1\n1001 1001 64536\n", 0, true, 1000 },
		{ "0 1000 1\n1 100000 65536\n", 1000, true, 0 },
		{ "0 1000 1\n1 100000 65536\n", 100032, true, 33 },
		{ "0 1000 1\n1 100000 65536", 100032, true, 33 },
		{ "5 4294967290 4\n", 4294967293u, true, 8 },
		{ "", 0, false, 0 },
		{ "\n\n", 0, false, 0 },
		{ "0 0\n", 0, false, 0 },
		{ "0 0 x\n0 0 4294967296\n-1 0 1\n0 0 1\n", 0, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t inside = 0;
		bool known = container_names_map(span_of(cases[i].map), cases[i].id, &inside);

		if (known != cases[i].known || inside != cases[i].inside)
			fail_msg("%s of %u: %u", cases[i].map, cases[i].id, inside);
	}
}

/* --- lines --- */

#define LONG_NAME "a23456789012345678901234567890123456789012345678901234567890123" /* 63 bytes */

static void test_names_are_found_by_id(void **state)
{
	static const struct {
		struct span text;
		uint32_t id;
		const char *name;
	} cases[] = {
		{ SPAN("root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n"), 33,
		  "www-data" },
		{ SPAN("root:x:0:0:root:/root:/bin/sh\n"), 0, "root" },
		{ SPAN("root:x:0:0:root:/root:/bin/sh"), 0, "root" },
		{ SPAN("wheel:x:10:a,b,c\n"), 10, "wheel" },
		{ SPAN("short:x:5\n"), 5, "short" },
		{ SPAN("first:x:1000:::\nsecond:x:1000:::\n"), 1000, "first" },
		{ SPAN("none:x::0\nhex:x:0x1:0\nminus:x:-1:0\nbig:x:4294967297:0\nspace:x: 1:0\n"), 1,
		  NULL },
		{ SPAN("a:x:4294967295:0\n"), UINT32_MAX, "a" },
		{ SPAN("\n\n#comment\nroot\nroot:\nroot:x\nok:x:0\n"), 0, "ok" },
		{ SPAN(LONG_NAME ":x:1:1\n"), 1, LONG_NAME },
		{ SPAN(LONG_NAME "4:x:1:1\n"), 1, NULL },
		/* Nothing that steers a terminal or a log, and no instruction to the name service. */
		{ SPAN("a\x1b[2J:x:1:1\nb:x:1:1\n"), 1, NULL },
		{ SPAN("a b:x:1:1\n"), 1, NULL },
		{ SPAN("a\0b:x:1:1\n"), 1, NULL },
		{ SPAN("+nis:x:1:1\n"), 1, NULL },
		{ SPAN("-nis:x:1:1\n"), 1, NULL },
		{ SPAN(":x:1:1\n"), 1, NULL },
		{ SPAN("gr\xc3\xbc\xc3\x9f:x:1:1\n"), 1, "gr\xc3\xbc\xc3\x9f" },
		{ SPAN(""), 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[CONTAINER_NAMES_MAX] = "before";
		bool found = container_names_find(cases[i].text, true, cases[i].id, name);

		if (found != (cases[i].name != NULL) || (found && strcmp(name, cases[i].name) != 0))
			fail_msg("%s of %u: %s", cases[i].text.start, cases[i].id, name);
	}
}

static void test_line_that_was_cut_does_not_count(void **state)
{
	char name[CONTAINER_NAMES_MAX];

	(void)state;
	assert_false(container_names_find(SPAN("a:x:0:0\nb:x:10"), false, 10, name));
	assert_true(container_names_find(SPAN("a:x:0:0\nb:x:10"), true, 10, name));
	assert_true(container_names_find(SPAN("a:x:0:0\nb:x:10\n"), false, 10, name));
}

/* --- files --- */

struct place {
	struct fake_proc proc;
	int procfs;
	char root[96];
};

static void in_root(const struct place *place, const char *name, char path[160])
{
	snprintf(path, 160, "%s/%s", place->root, name);
}

static void write_file(const char *path, struct span text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text.start, 1, text.length, file), text.length);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	struct place *place = mem_zalloc(sizeof(*place));
	char path[160];

	root_target = "/";
	fake_proc_make(&place->proc);
	snprintf(place->root, sizeof(place->root), "%s/root-of-it", place->proc.path);
	assert_int_equal(mkdir(place->root, 0700), 0);
	in_root(place, "etc", path);
	assert_int_equal(mkdir(path, 0700), 0);
	in_root(place, "etc/passwd", path);
	write_file(path, SPAN("root:x:0:0::/:\nweb:x:33:33::/:\n"));
	in_root(place, "etc/group", path);
	write_file(path, SPAN("root:x:0:\nwebs:x:33:web\n"));
	fake_proc_add(&place->proc, &(struct fake_process){ .pid = PID, .ppid = 1, .start_ticks = TICKS,
							    .comm = "x) (y" });
	fake_proc_write(&place->proc, PID, "uid_map", SPAN(WHOLE_MAP));
	fake_proc_write(&place->proc, PID, "gid_map", SPAN("0 1000 100\n"));
	fake_proc_link(&place->proc, PID, "root", place->root);
	place->procfs = open(place->proc.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place->procfs >= 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	close(place->procfs);
	fake_proc_remove(&place->proc, 0);
	free(place);
	return 0;
}

static int ask_user(const struct place *place, uint32_t id, char *name)
{
	const struct container_names_question question = { PID, TICKS, id, false };

	return container_names_ask(place->procfs, &question, name);
}

static void test_container_names_its_users_and_groups(void **state)
{
	const struct place *place = *state;
	struct container_names_question question = { .pid = PID, .id = 33 };
	char name[CONTAINER_NAMES_MAX];

	assert_int_equal(ask_user(place, 33, name), 0);
	assert_text(name, "web");
	assert_int_equal(container_names_ask(place->procfs, &question, name), 0);
	assert_text(name, "web");
	question.group = true;
	question.id = 1033;
	assert_int_equal(container_names_ask(place->procfs, &question, name), 0);
	assert_text(name, "webs");
}

static void test_what_it_does_not_name_has_none(void **state)
{
	const struct place *place = *state;
	struct container_names_question question = { PID, TICKS, 33, true };
	char name[CONTAINER_NAMES_MAX];

	assert_int_equal(ask_user(place, 34, name), -ENOENT);
	/* Not in its user namespace. */
	assert_int_equal(container_names_ask(place->procfs, &question, name), -ENOENT);
}

static void test_another_process_is_not_asked(void **state)
{
	const struct place *place = *state;
	struct container_names_question question = { PID, TICKS + 1, 33, false };
	char name[CONTAINER_NAMES_MAX];

	assert_int_equal(container_names_ask(place->procfs, &question, name), -ESRCH);
	question.pid = PID + 1;
	question.ticks = TICKS;
	assert_int_equal(container_names_ask(place->procfs, &question, name), -ESRCH);
}

static void test_root_of_ones_own_choice_names_nobody(void **state)
{
	char name[CONTAINER_NAMES_MAX];

	root_target = "/home/me/jail";
	assert_int_equal(ask_user(*state, 33, name), -EXDEV);
}

static void test_file_that_is_not_there_says_nothing(void **state)
{
	const struct place *place = *state;
	char path[160], name[CONTAINER_NAMES_MAX];

	in_root(place, "etc/passwd", path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(ask_user(place, 33, name), -ENOTDIR);
}

/* Of what lies in a container nothing is trusted. */
static void test_links_stay_inside(void **state)
{
	const struct place *place = *state;
	char path[160], name[CONTAINER_NAMES_MAX], outside[160];

	snprintf(outside, sizeof(outside), "%s/outside", place->proc.path);
	write_file(outside, SPAN("wrong:x:33:33\n"));
	in_root(place, "etc/passwd", path);
	assert_int_equal(remove(path), 0);

	/* From the top of the container, not of the machine; and not above it. */
	assert_int_equal(symlink(outside, path), 0);
	assert_int_not_equal(ask_user(place, 33, name), 0);
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink("../../outside", path), 0);
	assert_int_not_equal(ask_user(place, 33, name), 0);
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink("passwd", path), 0);
	assert_int_equal(ask_user(place, 33, name), -ELOOP);
	assert_int_equal(remove(path), 0);

	assert_int_equal(symlink("/../etc/./users", path), 0);
	in_root(place, "etc/users", path);
	write_file(path, SPAN("right:x:33:33\n"));
	assert_int_equal(ask_user(place, 33, name), 0);
	assert_text(name, "right");
}

static void test_only_regular_files_are_opened(void **state)
{
	const struct place *place = *state;
	char path[160], name[CONTAINER_NAMES_MAX];

	in_root(place, "etc/passwd", path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(ask_user(place, 33, name), -EINVAL);
	assert_int_equal(remove(path), 0);
	/* Opening it would wait for a writer. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(ask_user(place, 33, name), -EINVAL);
}

static void test_size_is_limited(void **state)
{
	const struct place *place = *state;
	char path[160], name[CONTAINER_NAMES_MAX];
	FILE *file;

	in_root(place, "etc/passwd", path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("first:x:1:1\n", file);
	for (size_t i = 0; i < CONTAINER_NAMES_MAX_FILE / 8; i++)
		fputs("no:x:2:\n", file);
	fputs("last:x:33:33\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(ask_user(place, 1, name), 0);
	assert_int_equal(ask_user(place, 33, name), -ENOENT);
}

/* The kernel's own files: this process's root is not the container's, but its map and stat are real. */
static void test_living_process_can_be_asked(void **state)
{
	const struct container_names_question question = { .pid = getpid(), .id = 0 };
	int procfs = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[CONTAINER_NAMES_MAX];
	int result;

	(void)state;
	assert_true(procfs >= 0);
	root_target = "/";
	result = container_names_ask(procfs, &question, name);
	close(procfs);
	if (!result)
		assert_text(name, "root");
	else
		assert_int_not_equal(result, -ESRCH);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_are_translated),
		cmocka_unit_test(test_names_are_found_by_id),
		cmocka_unit_test(test_line_that_was_cut_does_not_count),
		FILE_TEST(test_container_names_its_users_and_groups),
		FILE_TEST(test_what_it_does_not_name_has_none),
		FILE_TEST(test_another_process_is_not_asked),
		FILE_TEST(test_root_of_ones_own_choice_names_nobody),
		FILE_TEST(test_file_that_is_not_there_says_nothing),
		FILE_TEST(test_links_stay_inside),
		FILE_TEST(test_only_regular_files_are_opened),
		FILE_TEST(test_size_is_limited),
		cmocka_unit_test(test_living_process_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
