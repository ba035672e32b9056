/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/runtime.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "process/field.h"

#define MAX_BASE 64 /* bytes of a base name that count */

/* By base name of the program, or by the process's own name. */
static const char *const runtimes[] = {
	"buildah",	     "conmon",	     "containerd",     "containerd-shim*",
	"crio",		     "crun*",	     "docker-containerd*", "docker-runc*",
	"dockerd",	     "incusd",	     "lxc-attach",     "lxc-execute",
	"lxc-start",	     "lxd",	     "machinectl",     "memfd:runc_cloned:*",
	"podman",	     "runc*",	     "runsc*",	       "systemd-nspawn",
	"youki*",
};

static const char *const shims[] = { "containerd-shim*", "docker-containerd-shim*" };
static const char *const callers[] = { "runc*", "docker-runc*" };

/* Where programs lie that their users can't replace. */
static const char *const folders[] = { "/bin/", "/opt/", "/sbin/", "/snap/", "/usr/" };

/* --- names --- */

static bool is_one_of(struct span name, const char *const patterns[], size_t count)
{
	char text[MAX_BASE];

	if (!name.start || name.length >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)name.length, name.start);
	for (size_t i = 0; i < count; i++) {
		if (!fnmatch(patterns[i], text, 0))
			return true;
	}
	return false;
}
#define IS_ONE_OF(name, patterns) is_one_of(name, patterns, sizeof(patterns) / sizeof((patterns)[0]))

/* A process may have given itself a name: runc's calls itself runc:[2:INIT]. The program, where it is
 * known, is what it is; but what runs from a descriptor is called by one. */
static struct span name_of(const struct image *image)
{
	struct span program = field_program_name(image->executable);

	return program.start ? program : span_of(image->comm);
}

bool runtime_is(const struct image *image)
{
	return image && (IS_ONE_OF(name_of(image), runtimes) || runtime_is_init(image));
}

/* runc starts itself anew, from a sealed copy: the name is then "exe" or the copy's. */
bool runtime_is_init(const struct image *image)
{
	const struct args *args = &image->args;

	if (image->comm && !strncmp(image->comm, "runc:[", 6))
		return true;
	return args->text && args->count == 2 && args->known == 2 &&
	       IS_ONE_OF(field_base_name(args_get(args, 0)), callers) &&
	       span_is(args_get(args, 1), "init");
}

static bool is_trusted(const struct image *image, const char *const patterns[], size_t count)
{
	struct span path = span_of(image->executable);

	if (!is_one_of(field_program_name(image->executable), patterns, count))
		return false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (span_starts_with(path, folders[i]))
			return true;
	}
	return false;
}
#define IS_TRUSTED(image, patterns)                                                                \
	is_trusted(image, patterns, sizeof(patterns) / sizeof((patterns)[0]))

/* --- arguments --- */

static struct span argument(const struct image *image, uint32_t index)
{
	return image->args.text && index < image->args.known ? args_get(&image->args, index) :
							       SPAN_NONE;
}

/* Returns what follows `option`, as the next argument or behind a =; SPAN_NONE without. */
static struct span value_of(const struct image *image, const char *option)
{
	size_t length = strlen(option);

	for (uint32_t i = 1; i < image->args.known; i++) {
		struct span text = argument(image, i);

		if (!text.start || !span_starts_with(text, option))
			continue;
		if (text.length == length)
			return argument(image, i + 1);
		if (text.start[length] == '=')
			return (struct span){ text.start + length + 1, text.length - length - 1 };
	}
	return SPAN_NONE;
}

static bool contains(struct span text, const char *part)
{
	return text.length && memmem(text.start, text.length, part, strlen(part));
}

static bool set(struct container *container, struct span id, const char *runtime)
{
	if (!id.start || !container_is_long_id(id))
		return false;
	memcpy(container->id, id.start, id.length);
	container->id[id.length] = '\0';
	container->runtime = runtime;
	return true;
}

/* containerd-shim-runc-v2 -namespace moby -id ID -address /run/containerd/containerd.sock;
 * containerd-shim -namespace moby -workdir /var/lib/.../moby/ID -address ...;
 * docker-containerd-shim ID /var/run/docker/libcontainerd/ID docker-runc. */
static bool shim_serves(const struct image *shim, struct container *container)
{
	struct span namespace = value_of(shim, "-namespace");
	struct span folder = value_of(shim, "-workdir");
	const char *runtime = "containerd";

	if (!namespace.start)
		return set(container, argument(shim, 1), "docker");
	if (span_is(namespace, "moby"))
		runtime = "docker";
	else if (!span_is(namespace, "default"))
		return false;
	return set(container, value_of(shim, "-id"), runtime) ||
	       (folder.start && set(container, field_base_name(folder), runtime));
}

static bool conmon_serves(const struct image *conmon, struct container *container)
{
	struct span exits = value_of(conmon, "--exit-dir");
	struct span id = value_of(conmon, "-c");
	const char *runtime = NULL;

	if (contains(exits, "/libpod/"))
		runtime = "podman";
	else if (contains(exits, "/crio/"))
		runtime = "cri-o";
	return set(container, id.start ? id : value_of(conmon, "--cid"), runtime);
}

static bool is_conmon(const struct image *image)
{
	static const char *const conmon[] = { "conmon" };

	return IS_TRUSTED(image, conmon);
}

bool runtime_serves(const struct image *shim, struct container *container)
{
	if (!shim)
		return false;
	if (is_conmon(shim))
		return conmon_serves(shim, container);
	return IS_TRUSTED(shim, shims) && shim_serves(shim, container);
}

/* Where docker and containerd have runc keep its state. */
static const char *runtime_by_root(struct span root)
{
	if (contains(root, "/moby"))
		return "docker";
	return contains(root, "/containerd/") ? "containerd" : NULL;
}

/* runc [--root DIR ...] create|run|exec|restore [OPTION ...] ID [COMMAND ...]: no option has such a value. */
bool runtime_creates(const struct image *call, struct container *container)
{
	static const char *const verbs[] = { "create", "run", "exec", "restore" };
	const char *runtime;
	uint32_t i = 1;

	if (!call || !IS_TRUSTED(call, callers))
		return false;
	runtime = runtime_by_root(value_of(call, "--root"));
	while (i < call->args.known && !IS_ONE_OF(argument(call, i), verbs))
		i++;
	for (i++; i < call->args.known; i++) {
		if (set(container, argument(call, i), runtime))
			return true;
	}
	return false;
}

bool runtime_starts_outside(const struct image *shim, const struct image *image)
{
	struct span command = value_of(shim, "--exit-command");

	return runtime_is(image) ||
	       (command.start && image->executable && span_is(command, image->executable));
}
