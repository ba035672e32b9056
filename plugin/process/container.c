/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/container.h"

#define LONG_ID 64 /* hexadecimal digits: docker, podman, containerd and CRI-O ids */

/* How runtimes name a control group: PREFIX, the id, SUFFIX. */
static const struct {
	const char *prefix;
	const char *suffix;
	const char *runtime;
	bool long_id; /* 64 hexadecimal digits; otherwise any name */
} scopes[] = {
	{ "docker-", ".scope", "docker", true },
	{ "libpod-", ".scope", "podman", true },
	{ "libpod-payload-", "", "podman", true }, /* below a service: --cgroups=split */
	{ "libpod-", "", "podman", true },
	{ "cri-containerd-", ".scope", "containerd", true },
	{ "nerdctl-", ".scope", "containerd", true },
	{ "crio-", ".scope", "cri-o", true },
	{ "crio-", "", "cri-o", true },
	{ "runc-", ".scope", NULL, true },
	{ "lxc.payload.", "", "lxc", false },
	{ "systemd-nspawn@", ".service", "systemd-nspawn", false },
};

/* Parents whose children are containers by name: /PARENT/ID. */
static const struct {
	const char *parent;
	const char *runtime;
	bool long_id;
} folders[] = {
	{ "docker", "docker", true },
	{ "lxc", "lxc", false },
	{ "lxc.payload", "lxc", false },
};

/* SLICE:RUNTIME:ID, meant for systemd, is a folder's name where the runtime makes its folders itself. */
static const struct {
	const char *middle;
	const char *runtime;
} joined[] = {
	{ ".slice:cri-containerd:", "containerd" },
	{ ".slice:crio:", "cri-o" },
	{ ".slice:docker:", "docker" },
	{ ".slice:nerdctl:", "containerd" },
	{ ".slice:libpod:", "podman" },
};

/* Parents whose children have such ids without being containers: podman's pods, the machines of Kata. */
static const char *const no_containers[] = { "libpod_parent", "kata_overhead" };

bool container_is_long_id(struct span text)
{
	if (text.length != LONG_ID)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.start[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

static bool ends_with(struct span text, const char *suffix)
{
	size_t length = strlen(suffix);

	return text.length >= length &&
	       !memcmp(text.start + text.length - length, suffix, length);
}

static bool set(struct container *container, struct span id, const char *runtime)
{
	if (!id.length || id.length >= CONTAINER_MAX_ID)
		return false;
	for (size_t i = 0; i < id.length; i++) {
		if (id.start[i] <= ' ' || id.start[i] > '~')
			return false; /* no runtime names one so */
	}
	memcpy(container->id, id.start, id.length);
	container->id[id.length] = '\0';
	container->runtime = runtime;
	return true;
}

/* A name as systemd escapes it, where a dash is \x2d (systemd.unit(5)). */
static bool set_escaped(struct container *container, struct span id, const char *runtime)
{
	static const char dash[] = "\\x2d";
	char plain[CONTAINER_MAX_ID];
	size_t length = 0;

	while (id.length && length < sizeof(plain)) {
		size_t skip = span_starts_with(id, dash) ? sizeof(dash) - 1 : 1;

		plain[length++] = skip == 1 ? *id.start : '-';
		id.start += skip;
		id.length -= skip;
	}
	return !id.length && set(container, (struct span){ plain, length }, runtime);
}

static bool match_scope(struct span name, struct container *container)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		size_t prefix = strlen(scopes[i].prefix);
		size_t suffix = strlen(scopes[i].suffix);
		struct span id;

		if (!span_starts_with(name, scopes[i].prefix) ||
		    !ends_with(name, scopes[i].suffix) || name.length <= prefix + suffix)
			continue;
		id = (struct span){ name.start + prefix, name.length - prefix - suffix };
		if (scopes[i].long_id && !container_is_long_id(id))
			continue;
		return set_escaped(container, id, scopes[i].runtime);
	}
	return false;
}

static bool match_joined(struct span name, struct container *container)
{
	struct span id = { name.start + name.length - LONG_ID, LONG_ID };

	if (name.length <= LONG_ID || !container_is_long_id(id))
		return false;
	name.length -= LONG_ID;
	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		if (ends_with(name, joined[i].middle))
			return set(container, id, joined[i].runtime);
	}
	return false;
}

static bool match_folder(struct span parent, struct span name, struct container *container)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (span_is(parent, folders[i].parent) &&
		    (!folders[i].long_id || container_is_long_id(name)))
			return set(container, name, folders[i].runtime);
	}
	for (size_t i = 0; i < sizeof(no_containers) / sizeof(no_containers[0]); i++) {
		if (span_is(parent, no_containers[i]))
			return false;
	}
	/* Kubernetes' cgroupfs driver and plain runc: the id is the whole name. */
	return container_is_long_id(name) && set(container, name, NULL);
}

/* machine.slice/machine-NAME.scope; libvirt puts its virtual machines there too, and its own kind of
 * containers. */
static bool match_machine(struct span parent, struct span name, struct container *container)
{
	const size_t prefix = strlen("machine-");
	const size_t suffix = strlen(".scope");

	if (!span_is(parent, "machine.slice") || !span_starts_with(name, "machine-") ||
	    !ends_with(name, ".scope") || span_starts_with(name, "machine-qemu\\x2d"))
		return false;
	return name.length > prefix + suffix &&
	       set_escaped(container,
			   (struct span){ name.start + prefix, name.length - prefix - suffix },
			   span_starts_with(name, "machine-lxc\\x2d") ? NULL : "systemd-nspawn");
}

/* What a path tells: the innermost container, and the one around that. */
struct nest {
	struct container inner, outer;
	const char *name; /* the inner one's folder, in the path */
	unsigned int depth;
};

static void enter(struct nest *nest, struct span parent, struct span name)
{
	struct container container;

	if (match_scope(name, &container) || match_joined(name, &container) ||
	    match_folder(parent, name, &container) || match_machine(parent, name, &container)) {
		nest->outer = nest->inner;
		nest->inner = container;
		nest->name = name.start;
		nest->depth++;
	}
}

/* systemd-nspawn itself stays outside of what it runs, in a group beside that. */
static bool is_supervisor(const struct nest *nest, struct span parent, struct span name)
{
	return span_is(name, "supervisor") && nest->depth && parent.start == nest->name &&
	       nest->inner.runtime &&
	       !strcmp(nest->inner.runtime, "systemd-nspawn");
}

static struct nest read_path(struct span path)
{
	struct nest nest = { 0 };
	struct span parent = SPAN_NONE;

	while (path.length) {
		const char *slash = memchr(path.start, '/', path.length);
		struct span name = { path.start,
				     slash ? (size_t)(slash - path.start) : path.length };

		if (is_supervisor(&nest, parent, name)) {
			nest.inner = nest.outer;
			nest.depth--;
			return nest;
		}
		if (name.length) {
			enter(&nest, parent, name);
			parent = name;
		}
		if (!slash)
			break;
		path.length -= name.length + 1;
		path.start = slash + 1;
	}
	return nest;
}

/* The path in a line HIERARCHY:CONTROLLERS:PATH. A group that is gone while its last process ends is
 * marked. */
static struct span path_of(struct span line)
{
	static const char mark[] = " (deleted)";
	const char *path = line.length ? memchr(line.start, '/', line.length) : NULL;

	if (!path)
		return SPAN_NONE;
	line.length -= (size_t)(path - line.start);
	line.start = path;
	if (ends_with(line, mark))
		line.length -= sizeof(mark) - 1;
	return line;
}

void container_from_cgroup(struct span cgroup, struct container *container)
{
	unsigned int depth = 0;

	container->id[0] = '\0';
	container->runtime = NULL;

	/* Not every hierarchy need be divided: the one that is divided most tells. */
	while (cgroup.length) {
		const char *newline = memchr(cgroup.start, '\n', cgroup.length);
		size_t length = newline ? (size_t)(newline - cgroup.start) : cgroup.length;
		struct nest nest = read_path(path_of((struct span){ cgroup.start, length }));

		if (nest.depth > depth) {
			*container = nest.inner;
			depth = nest.depth;
		}
		length += newline != NULL;
		cgroup.start += length;
		cgroup.length -= length;
	}
}
