/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The condition language, row by row: conformance.tsv has conditions, the event that each is about and whether
 * it holds for that. Lines with # are remarks. The file is meant to be read beside Elasticsearch's reference
 * of EQL and auspawn-rules(7). */
#include "rules_alert_support.h"

#include "rules/compile.h"

/* What a web server's parent of a shell is not: a program with an argument that got lost. */
static void scene_missing_argument(struct scene *scene)
{
	scene_init(scene);
	scene->image.executable = "/usr/bin/curl";
	scene->image.comm = "curl";
	SCENE_ARGS(scene, "curl", scene_missing, "http://192.168.1.20/x");
}

static void scene_bytes(struct scene *scene)
{
	scene_init(scene);
	scene->image.executable = "/tmp/\xffx\xc3\xa9";
	SCENE_ARGS(scene, "\xc3\xa9t\xc3\xa9", "caf\xe9", "\xf0\x9f\x98\x80", "\xa9");
}

static const struct {
	const char *name;
	void (*make)(struct scene *scene);
} events[] = {
	{ "web-shell", scene_web_shell },
	{ "nothing", scene_init },
	{ "missing", scene_missing_argument },
	{ "bytes", scene_bytes },
};

static struct scene *scene_called(const char *name)
{
	static struct scene scenes[COUNT_OF(events)];

	for (size_t i = 0; i < COUNT_OF(events); i++) {
		if (strcmp(name, events[i].name) != 0)
			continue;
		if (!scenes[i].event.id[0])
			events[i].make(&scenes[i]);
		return &scenes[i];
	}
	return NULL;
}

static void show_mistake(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	print_error("%s\n  at %zu: %s\n", (const char *)user, offset, message);
}

/* "true" or "false", as the condition and its compiled form say. */
static const char *judge(const char *text, const struct string_list *lists,
			 const struct process_event *event)
{
	struct condition *condition = parser_parse(span_of(text), lists, show_mistake, (void *)text);
	struct condition *compiled;
	bool holds, compiled_holds;

	if (!condition)
		return "a mistake";
	compiled = compile_condition(condition);
	holds = condition_holds(condition, event);
	compiled_holds = condition_holds(compiled, event);
	condition_free(condition);
	condition_free(compiled);
	if (holds != compiled_holds)
		return "something else when compiled";
	return holds ? "true" : "false";
}

/* Cuts what follows the last tab off. */
static char *cut_last(char *line)
{
	char *tab = strrchr(line, '\t');

	if (!tab)
		fail_msg("no tab in: %s", line);
	*tab = '\0';
	return tab + 1;
}

static bool check_row(char *line, const struct string_list *lists)
{
	const char *expected = cut_last(line);
	const char *name = cut_last(line);
	struct scene *scene = scene_called(name);

	if (!scene)
		fail_msg("there is no event '%s': %s", name, line);
	return row_is(line, judge(line, lists, &scene->event), expected);
}

static void test_every_row(void **state)
{
	char *paths[] = { (char[]){ "/usr/bin/dash" }, (char[]){ "/usr/bin/bash" } };
	char *patterns[] = { (char[]){ "id *" }, (char[]){ "uname*" } };
	struct string_list list[] = { { .item = paths, .items = COUNT_OF(paths) },
				      { .item = patterns, .items = COUNT_OF(patterns) } };
	struct string_list *lists = NULL;
	const char *srcdir = getenv("srcdir");
	size_t rows = 0, wrong = 0;
	char path[4096], *text, *rest, *line;

	(void)state;
	HASH_ADD_KEYPTR(hh, lists, "paths", 5, &list[0]);
	HASH_ADD_KEYPTR(hh, lists, "patterns", 8, &list[1]);
	snprintf(path, sizeof(path), "%s/tests/unit/conformance.tsv", srcdir ? srcdir : ".");
	text = rest = read_text(path);
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		wrong += !check_row(line, lists);
		rows++;
	}
	free(text);
	HASH_CLEAR(hh, lists);
	assert_rows(wrong);
	assert_in_range(rows, 300, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
