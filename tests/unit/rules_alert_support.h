/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several tests of rules, alerts and what follows them share. */
#ifndef RULES_ALERT_SUPPORT_H
#define RULES_ALERT_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/mistakes.h"
#include "base/utf8.h"
#include "process/document.h"
#include "process/event.h"
#include "rules/parser.h"
#include "rules/ruleset.h"

#include <utstring.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A folder of one test's own, for tests with folder_make() and folder_remove() around them. */
struct folder {
	char path[64];
	char file[108]; /* the last answer of folder_file(); as long as a socket's path can be */
};

static inline int folder_make(void **state)
{
	struct folder *folder = mem_zalloc(sizeof(*folder));

	snprintf(folder->path, sizeof(folder->path), "%s/auspawn.XXXXXX", P_tmpdir);
	*state = folder;
	return mkdtemp(folder->path) ? 0 : -1;
}

static inline int folder_remove_one(const char *path, const struct stat *status, int flag,
				    struct FTW *ftw)
{
	(void)status;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int folder_remove(void **state)
{
	struct folder *folder = *state;
	int error = nftw(folder->path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(folder);
	return error;
}

/* The path of `name` in the folder; valid until the next call. */
static inline const char *folder_file(struct folder *folder, const char *name)
{
	snprintf(folder->file, sizeof(folder->file), "%s/%s", folder->path, name);
	return folder->file;
}

static inline void write_bytes(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(close(fd), 0);
}

static inline void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* All of a file, which must be there; free() releases it. */
static inline char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t length = 0;
	char *text = NULL;

	assert_non_null(file);
	for (;;) {
		size_t n;

		text = mem_resize(text, length + 4096, 1);
		n = fread(text + length, 1, 4095, file);
		length += n;
		if (n < 4095)
			break;
	}
	fclose(file);
	text[length] = '\0';
	return text;
}

static inline void assert_file(const char *path, const char *expected)
{
	char *text = read_text(path);

	assert_string_equal(text, expected);
	free(text);
}

/* A socket bound to `name` in the folder: a syslog daemon's end where `type` is SOCK_DGRAM. */
static inline int bind_socket(struct folder *folder, const char *name, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, folder_file(folder, name), sizeof(address.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

#define SCENE_MAX_TEXT 4096
#define SCENE_MAX_ARGS 32

struct scene_args {
	char text[SCENE_MAX_TEXT];
	struct arg arg[SCENE_MAX_ARGS];
};

/* An event with room for what it points to. scene_init() leaves everything unknown that can be. */
struct scene {
	struct image image, parent_image, previous_image;
	struct scene_args args, parent_args;
	struct process_event event;
};

static inline void scene_at(struct scene *scene, int64_t ms)
{
	struct process_event *event = &scene->event;

	event->stamp.sec = ms / 1000;
	event->stamp.ms = (unsigned int)(ms % 1000);
	snprintf(event->id, sizeof(event->id), "%lld.%03u:%llu", (long long)event->stamp.sec,
		 event->stamp.ms, (unsigned long long)event->stamp.serial);
}

static inline void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->image.interactive = UNKNOWN;
	scene->parent_image.interactive = UNKNOWN;
	scene->event.process.image = &scene->image;
	scene->event.stamp.serial = 42;
	scene_at(scene, 1700000000123);
}

/* Gives an image of the scene arguments; `argv` ends with NULL. A pointer to scene_missing stands for an
 * argument whose record went missing. */
static const char scene_missing[] = "";

static inline void scene_set_args(struct image *image, struct scene_args *storage,
				  const char *const argv[])
{
	size_t end = 0;
	uint32_t count = 0;

	for (; argv[count]; count++) {
		size_t length = strlen(argv[count]);

		assert_true(count < SCENE_MAX_ARGS && end + length + 2 < SCENE_MAX_TEXT);
		storage->arg[count] = (struct arg){ 0, ARG_MISSING };
		if (argv[count] == scene_missing)
			continue;
		if (end)
			storage->text[end++] = ' ';
		memcpy(storage->text + end, argv[count], length);
		storage->arg[count] = (struct arg){ (uint32_t)end, (uint32_t)length };
		end += length;
	}
	storage->text[end] = '\0';
	image->args = (struct args){ storage->text, (uint32_t)end, count, count, storage->arg };
}

#define SCENE_ARGS(scene, ...)                                                                    \
	scene_set_args(&(scene)->image, &(scene)->args, (const char *const[]){ __VA_ARGS__, NULL })

/* What a web shell looks like: every field of it and of its parent is known. */
static inline void scene_web_shell(struct scene *scene)
{
	static const struct credentials www_data = {
		.known = true,
		.user = { 33, "www-data" },
		.real_user = { 33, "www-data" },
		.saved_user = { 33, "www-data" },
		.group = { 33, "www-data" },
		.real_group = { 33, "www-data" },
		.saved_group = { 33, "www-data" },
		.login_user = { 1000, "alice" },
		.session = 7,
	};

	scene_init(scene);
	scene->image.executable = "/usr/bin/dash";
	scene->image.comm = "sh";
	scene->image.working_directory = "/var/www/html";
	scene->image.interactive = KNOWN_FALSE;
	scene->image.credentials = www_data;
	scene->image.container_id = "c0ffee";
	scene->image.container_runtime = "docker";
	SCENE_ARGS(scene, "sh", "-c", "id 2>&1");
	scene->parent_image = scene->image;
	scene->parent_image.executable = "/usr/sbin/apache2";
	scene->parent_image.comm = "apache2";
	scene->parent_image.working_directory = "/";
	scene_set_args(&scene->parent_image, &scene->parent_args,
		       (const char *const[]){ "/usr/sbin/apache2", "-k", "start", NULL });
	scene->previous_image.executable = "/usr/bin/env";
	scene->event.host = (struct host){ "web1", "0123456789abcdef", "agent-1" };
	scene->event.key = "exec\x01proc";
	scene->event.process.pid = 2231;
	scene->event.process.start = 1700000000100;
	scene->event.parent = (struct process){ 901, 1699999999000, &scene->parent_image };
	scene->event.ancestors = 1;
	scene->event.ancestor[0] = (struct process){ 812, 1699999998000, &scene->parent_image };
	scene->event.reparented_to = 1;
	scene->event.previous = &scene->previous_image;
}

/* Asserts that `text` is well-formed UTF-8 in which nothing steers a terminal, reorders text or ends the
 * line. */
static inline void assert_harmless(struct span text)
{
	while (text.length) {
		uint32_t code = 0;
		size_t length = utf8_sequence(text, &code);

		assert_true(length > 0);
		assert_false(utf8_is_control(code));
		text.start += length;
		text.length -= length;
	}
}

/* The JSON of a document's member, "(absent)" without; valid until the document changes. */
static inline const char *member_json(struct json_object *document, const char *name)
{
	struct json_object *inner = document;
	char part[128];
	const char *dot;

	for (; (dot = strchr(name, '.')); name = dot + 1) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		if (!json_object_object_get_ex(inner, part, &inner))
			return "(absent)";
	}
	if (!json_object_object_get_ex(inner, name, &inner))
		return "(absent)";
	return json_object_to_json_string_ext(inner, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* Fails the test if rows of its table were wrong; each of them has been shown. */
#define assert_rows(wrong) assert_int_equal(wrong, 0)

/* Shows what a row came to. Returns whether it is as expected. */
static inline bool row_is(const char *row, const char *is, const char *expected)
{
	if (!strcmp(is, expected))
		return true;
	print_error("%s\n  expected: %s\n  is:       %s\n", row, expected, is);
	return false;
}

/* Rules of one rule file's text, which must have no mistake. ruleset_free() releases them. */
static inline struct ruleset *load_rules(struct folder *folder, const char *text)
{
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;
	char name[256];

	snprintf(name, sizeof(name), "%s", folder_file(folder, "rules"));
	assert_true(mkdir(name, 0700) == 0 || errno == EEXIST);
	write_text(folder_file(folder, "rules/10-test.conf"), text);
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = name,
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	for (size_t i = 0; i < mistakes.count; i++)
		print_error("%s\n", mistakes.all[i].text);
	assert_int_equal(mistakes.count, 0);
	mistakes_clear(&mistakes);
	return ruleset;
}

/* Is the rule enabled, and does the event satisfy its condition and none of its exceptions? By the conditions as
 * they were parsed: what the compiled ones must agree with. `*limited` becomes true if a regular expression gave
 * up on the way, and is left alone otherwise. */
static inline bool rule_matches(const struct rule *rule, const struct process_event *event, bool *limited)
{
	struct evaluation evaluation = { .event = event };
	bool matches = rule->tuning.enabled && condition_evaluate(rule->condition, &evaluation);

	for (size_t i = 0; i < rule->excepts && matches; i++)
		matches = !condition_evaluate(rule->except[i].condition, &evaluation);
	*limited |= evaluation.limited;
	evaluation_end(&evaluation);
	return matches;
}

#endif
