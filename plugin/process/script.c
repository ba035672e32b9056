/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/script.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "process/field.h"

#define COMM_LENGTH 15 /* bytes of a name that the kernel keeps (TASK_COMM_LEN) */
#define MAX_BASE    64 /* bytes of a base name that are compared with patterns */

/* Interpreters that are scripts themselves go five deep (fs/exec.c: exec_binprm), and each has its
 * path and at most one argument. */
#define LAST_INDEX 10

/* Programs in front of the interpreter bring arguments of their own. */
#define LAST_CARRIED 32

/* They become what their arguments name, in the same process and with the rest of the arguments. */
static const char *const wrappers[] = {
	"chrt", "env", "ionice", "nice", "nohup", "setarch", "setpriv", "setsid", "stdbuf", "taskset",
};

/* They interpret the file that their first argument names, whoever wrote that there: a script for the shell
 * can begin with `exec python3 "$0" "$@"`. */
static const char *const interpreters[] = {
	"bash",  "dash", "expect*", "guile*", "ksh*", "lua*",  "node",  "nodejs", "perl*",
	"php*",  "pypy*", "python*", "ruby*",  "sh",   "tclsh*", "wish*", "zsh",
};

/* --- names --- */

static bool is_absolute(struct span path)
{
	return path.length && path.start[0] == '/';
}

/* Is that the name that the kernel gives a process whose exec named `path`? */
static bool gives_name(struct span path, const char *comm)
{
	struct span base = field_base_name(path);

	if (base.length > COMM_LENGTH)
		base.length = COMM_LENGTH;
	return path.start && path.length < SCRIPT_MAX_PATH && span_is(base, comm);
}

static struct span argument(const struct image *image, uint32_t index)
{
	const struct args *args = &image->args;

	return args->text && index < args->known ? args_get(args, index) : SPAN_NONE;
}

static bool is_one_of(struct span path, const char *const patterns[], size_t count)
{
	struct span base = field_base_name(path);
	char name[MAX_BASE];

	if (!base.start || base.length >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)base.length, base.start);
	for (size_t i = 0; i < count; i++) {
		if (!fnmatch(patterns[i], name, 0))
			return true;
	}
	return false;
}
#define IS_ONE_OF(path, patterns) is_one_of(path, patterns, sizeof(patterns) / sizeof((patterns)[0]))

/* A folder that is gone, or out of sight, has a name that leads nowhere. */
static bool is_place(struct span directory)
{
	const char *const mark = " (deleted)";
	size_t length = strlen(mark);

	return is_absolute(directory) &&
	       (directory.length < length ||
		memcmp(directory.start + directory.length - length, mark, length) != 0);
}

/* Returns `path` as seen from `directory`; free() releases it. */
static char *absolute(struct span path, const char *directory)
{
	struct span from = span_of(directory);
	char *whole;

	if (is_absolute(path) || !path.length || !is_place(from) ||
	    from.length + 1 + path.length >= SCRIPT_MAX_PATH)
		return mem_strndup(path.start, path.length);
	while (span_starts_with(path, "./")) {
		path.start += 2;
		path.length -= 2;
	}
	if (from.length == 1)
		from.length = 0;
	whole = mem_resize(NULL, from.length + 1 + path.length + 1, 1);
	snprintf(whole, from.length + 1 + path.length + 1, "%.*s/%.*s", (int)from.length, from.start,
		 (int)path.length, path.start);
	return whole;
}

/* --- by the files that were opened --- */

/* The loader of a program that is no script stands where an interpreter would. */
static bool is_loader(const char *file)
{
	struct span base = field_base_name(span_of(file));

	return span_starts_with(base, "ld") && memmem(base.start, base.length, ".so", 3);
}

/* Does the argument name the file that was executed? One opened by a descriptor has the name /dev/fd/N
 * there, and none in its record; one opened below a folder's descriptor has /dev/fd/N/NAME (fs/exec.c:
 * alloc_bprm). */
static bool names_file(struct span argument, const char *file)
{
	const char *const descriptors = "/dev/fd/";
	struct span rest = argument;
	size_t skip = strlen(descriptors);

	if (!argument.length || argument.length >= SCRIPT_MAX_PATH)
		return false;
	if (span_is(argument, file))
		return true;
	if (!span_starts_with(argument, descriptors))
		return false;
	while (skip < argument.length && argument.start[skip] >= '0' && argument.start[skip] <= '9')
		skip++;
	rest.start += skip;
	rest.length -= skip;
	if (skip == strlen(descriptors) || !rest.length)
		return skip > strlen(descriptors) && !file[0];
	rest.start++;
	rest.length--;
	return rest.start[-1] == '/' && span_is(rest, file);
}

/* Follows the arguments from the program, which is files[last], back to the script, files[0]. Returns the
 * script's index, or 0 if these arguments are none that the kernel made. */
static uint32_t follow(const struct image *image, const char *const files[], unsigned int last)
{
	struct span program = argument(image, 0);
	uint32_t index = 0;

	if (!program.start || !span_is(program, files[last]))
		return 0;
	for (unsigned int file = last; file-- > 0;) {
		index++;
		if (!names_file(argument(image, index), files[file]))
			index++; /* what the #! line has behind the program */
		if (!names_file(argument(image, index), files[file]))
			return 0;
	}
	return index;
}

static struct span find_by_files(const struct audit_event *exec)
{
	const char *const *files = exec->file;
	unsigned int count = 0;

	/* The program itself, with an interpreter that only looks like one: ELF files name theirs, too. */
	if (exec->image->executable && span_is(span_of(files[0]), exec->image->executable))
		return SPAN_NONE;
	while (count < AUDIT_MAX_FILES && files[count])
		count++;
	for (unsigned int last = count; last-- > 1;) {
		uint32_t index = is_loader(files[last]) ? 0 : follow(exec->image, files, last);
		struct span path = index ? argument(exec->image, index) : SPAN_NONE;

		/* By a descriptor: named after the file, or after the number by older kernels. */
		if (path.start && (!span_is(path, files[0]) ||
				   (exec->image->comm && gives_name(path, exec->image->comm))))
			return path;
	}
	return SPAN_NONE;
}

/* --- by the process's name --- */

/* `sh`, a link to dash, is named after the link, which its first argument names as well; an
 * interpreter's is what the #! line has. */
static bool is_interpreter(const struct image *image)
{
	return image->comm && image->comm[0] && image->executable &&
	       !gives_name(field_program_name(image->executable), image->comm) &&
	       !gives_name(argument(image, 0), image->comm);
}

static struct span find_named(const struct image *image)
{
	for (uint32_t i = 1; i <= LAST_INDEX; i++) {
		struct span path = argument(image, i);

		if (gives_name(path, image->comm))
			return path;
	}
	return SPAN_NONE;
}

/* --- by the exec before --- */

/* Returns the index of the argument that names the script; 0 if none does. */
static uint32_t find_same(const struct image *image, const char *script)
{
	for (uint32_t i = 1; i <= LAST_CARRIED; i++) {
		struct span path = argument(image, i);
		bool same;
		char *whole;

		if (!path.start || path.length >= SCRIPT_MAX_PATH)
			continue;
		whole = absolute(path, image->working_directory);
		same = !strcmp(whole, script);
		free(whole);
		if (same)
			return i;
	}
	return 0;
}

/* Did the process start this program only to go on with its script? */
static bool carries_on(const struct image *image, const struct image *previous)
{
	uint32_t before, now;

	if (!previous || !previous->script)
		return false;
	before = find_same(previous, previous->script);
	now = find_same(image, previous->script);
	if (!before || !now || previous->args.count - before != image->args.count - now)
		return false;
	return IS_ONE_OF(argument(previous, 0), wrappers) ||
	       (now == 1 && image->executable &&
		IS_ONE_OF(field_program_name(image->executable), interpreters));
}

char *script_of(const struct audit_event *exec, const struct image *previous)
{
	const struct image *image = exec->image;
	struct span script = SPAN_NONE;

	/* What env starts may be a script too; the one that was called counts, as with nested ones. */
	if (carries_on(image, previous))
		return mem_strdup(previous->script);
	if (exec->file[0] && exec->file[1])
		script = find_by_files(exec);
	else if (!exec->file[0] && is_interpreter(image))
		script = find_named(image);
	return script.start ? absolute(script, image->working_directory) : NULL;
}
