/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "import/writer.h"

#include <uthash.h>

#define MAX_NAME 180 /* bytes: with what is added, a file's name still */

struct output_name {
	char *name;
	UT_hash_handle hh;
};

int output_open(struct output *output, const char *folder, bool force)
{
	*output = (struct output){ .folder = folder, .fd = -1, .force = force };
	if (mkdir(folder, 0755) && errno != EEXIST)
		return -errno;
	output->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return output->fd < 0 ? -errno : 0;
}

static void free_names(struct output_name **names)
{
	struct output_name *name, *next;

	HASH_ITER (hh, *names, name, next) {
		HASH_DEL(*names, name);
		free(name->name);
		free(name);
	}
}

void output_close(struct output *output)
{
	free_names(&output->names);
	free_names(&output->ids);
	if (output->fd >= 0)
		close(output->fd);
}

/* --- names --- */

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The name without folder and ".toml", of letters, digits and, between them, what `others` has; all
 * else becomes a dash. free() releases it. */
static char *harmless_name(const char *path, const char *others)
{
	const char *slash = strrchr(path, '/');
	struct span name = span_of(slash ? slash + 1 : path);
	char *harmless;
	size_t length = 0;

	if (name.length > 5 && !strcmp(name.start + name.length - 5, ".toml"))
		name.length -= 5;
	harmless = mem_zalloc(name.length + sizeof("rule"));
	for (size_t i = 0; i < name.length && length < MAX_NAME; i++) {
		bool good = is_letter_or_digit(name.start[i]);
		char c = good || strchr(others, name.start[i]) ? name.start[i] : '-';

		/* Neither at the beginning, where a dot hides a file, nor two dashes of ours. */
		if (!good && (!length || (c == '-' && harmless[length - 1] == '-')))
			continue;
		harmless[length++] = c;
	}
	while (length && !is_letter_or_digit(harmless[length - 1]))
		length--;
	harmless[length] = '\0';
	return length ? harmless : strcpy(harmless, "rule");
}

/* Adds a name to those that were given; one that was becomes NAME-2, NAME-3 and so on. Takes over
 * `name`, and returns what it became, the hash's own. */
static const char *unlike_others(struct output_name **names, char *name)
{
	struct output_name *added = mem_zalloc(sizeof(*added));
	struct output_name *other;
	char *wanted = name;

	for (unsigned int i = 2;; i++) {
		UT_string next;

		HASH_FIND_STR(*names, name, other);
		if (!other)
			break;
		utstring_init(&next);
		utstring_printf(&next, "%s-%u", wanted, i);
		if (name != wanted)
			free(name);
		name = utstring_body(&next);
	}
	if (name != wanted)
		free(wanted);
	added->name = name;
	HASH_ADD_KEYPTR(hh, *names, added->name, strlen(added->name), added);
	return added->name;
}

static char *id_of(const char *name)
{
	char *id = harmless_name(name, "-");

	for (char *c = id; *c; c++)
		*c = ascii_lower(*c);
	return id;
}

/* --- files --- */

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Makes a file anew. One that was there is removed before, never written through: it can be a link
 * to anywhere. */
static int write_file(const struct output *output, const char *name, const char *text,
		      size_t length)
{
	int fd, error;

	if (output->force && unlinkat(output->fd, name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(output->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text, length);
	if (close(fd) && !error)
		error = -errno;
	if (error)
		unlinkat(output->fd, name, 0);
	return error;
}

static void report(const struct output *output, const char *path, const char *name, int error,
		   struct mistakes *mistakes)
{
	struct place place = { .file = path };

	if (error == -EEXIST)
		mistakes_add(mistakes, &place, "%s/%s is there already; --force replaces it",
			     output->folder, name);
	else
		mistakes_add(mistakes, &place, "%s/%s can't be written: %s", output->folder, name,
			     strerror(-error));
}

bool output_write(struct output *output, const char *path, const struct import *import,
		  struct mistakes *mistakes)
{
	const char *slash = strrchr(path, '/');
	const char *name = unlike_others(&output->names, harmless_name(path, "._-"));
	const char *id = unlike_others(&output->ids, id_of(name));
	UT_string rule_file, query_file, text;
	const char *failed;
	int error;

	utstring_init(&rule_file);
	utstring_init(&query_file);
	utstring_init(&text);
	utstring_printf(&rule_file, "%s.conf", name);
	utstring_printf(&query_file, "%s.%s", name, import_language_name(import->language));
	writer_append(&text, import, id, slash ? slash + 1 : path, utstring_body(&query_file));

	failed = utstring_body(&query_file);
	error = write_file(output, failed, import->query.start, import->query.length);
	if (!error) {
		failed = utstring_body(&rule_file);
		error = write_file(output, failed, utstring_body(&text), utstring_len(&text));
		if (error)
			unlinkat(output->fd, utstring_body(&query_file), 0);
	}
	if (error)
		report(output, path, failed, error, mistakes);
	else
		printf("%s/%s\n", output->folder, utstring_body(&rule_file));
	utstring_done(&rule_file);
	utstring_done(&query_file);
	utstring_done(&text);
	return !error;
}
