/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/script.h"

#include "process/field.h"

#define COMM_LENGTH 15 /* bytes of a name that the kernel keeps (TASK_COMM_LEN) */

/* Interpreters that are scripts themselves go five deep (fs/exec.c: exec_binprm), and each has its
 * path and at most one argument. */
#define LAST_INDEX 10

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

/* `sh`, a link to dash, is named after the link, which its first argument names as well; an
 * interpreter's is what the #! line has. */
static bool is_interpreter(const struct image *image)
{
	return image->comm && image->comm[0] && image->executable &&
	       !gives_name(span_of(image->executable), image->comm) &&
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

static struct span find_same(const struct image *image, struct span script)
{
	for (uint32_t i = 1; i <= LAST_INDEX; i++) {
		struct span path = argument(image, i);

		if (path.start && span_equal(path, script))
			return path;
	}
	return SPAN_NONE;
}

static bool is_env(const struct image *image)
{
	struct span program = argument(image, 0);

	return program.start && span_is(field_base_name(program), "env");
}

struct span script_of(const struct image *image, const struct image *previous)
{
	struct span script = SPAN_NONE;

	/* What env starts may be a script too; the one that was called counts, as with nested ones.
	 */
	if (previous && previous->script && is_env(previous))
		script = find_same(image, span_of(previous->script));
	if (!script.start && is_interpreter(image))
		script = find_named(image);
	return script;
}
