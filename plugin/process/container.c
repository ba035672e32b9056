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
	{ "libpod-", "", "podman", true },
	{ "cri-containerd-", ".scope", "containerd", true },
	{ "crio-", ".scope", "cri-o", true },
	{ "crio-", "", "cri-o", true },
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
};

static bool is_long_id(struct span text)
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

static void set(struct container *container, struct span id, const char *runtime)
{
	if (!id.length || id.length >= CONTAINER_MAX_ID)
		return;
	for (size_t i = 0; i < id.length; i++) {
		if (id.start[i] <= ' ' || id.start[i] > '~')
			return; /* no runtime names one so */
	}
	memcpy(container->id, id.start, id.length);
	container->id[id.length] = '\0';
	container->runtime = runtime;
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
		if (scopes[i].long_id && !is_long_id(id))
			continue;
		set(container, id, scopes[i].runtime);
		return true;
	}
	return false;
}

static void match_name(struct span parent, struct span name, struct container *container)
{
	if (match_scope(name, container))
		return;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!span_is(parent, folders[i].parent) ||
		    (folders[i].long_id && !is_long_id(name)))
			continue;
		set(container, name, folders[i].runtime);
		return;
	}
	/* Kubernetes' cgroupfs driver and plain runc: the id is the whole name. */
	if (is_long_id(name))
		set(container, name, NULL);
}

/* machine.slice/machine-NAME.scope; the dash of a name is written \x2d there and left so here. libvirt puts
 * its virtual machines there too. */
static void match_machine(struct span parent, struct span name, struct container *container)
{
	if (span_is(parent, "machine.slice") && span_starts_with(name, "machine-") &&
	    ends_with(name, ".scope") && !span_starts_with(name, "machine-qemu\\x2d"))
		set(container, (struct span){ name.start + 8, name.length - 8 - 6 },
		    "systemd-nspawn");
}

static void read_path(struct span path, struct container *container)
{
	struct span parent = SPAN_NONE;

	while (path.length) {
		const char *slash = memchr(path.start, '/', path.length);
		struct span name = { path.start,
				     slash ? (size_t)(slash - path.start) : path.length };

		if (name.length) {
			match_name(parent, name, container);
			match_machine(parent, name, container);
			parent = name;
		}
		if (!slash)
			return;
		path.length -= name.length + 1;
		path.start = slash + 1;
	}
}

void container_from_cgroup(struct span cgroup, struct container *container)
{
	container->id[0] = '\0';
	container->runtime = NULL;

	/* HIERARCHY:CONTROLLERS:PATH; every hierarchy tells the same, so the first that knows will do. */
	while (cgroup.length && !container->id[0]) {
		const char *newline = memchr(cgroup.start, '\n', cgroup.length);
		struct span line = { cgroup.start, newline ? (size_t)(newline - cgroup.start) :
							      cgroup.length };
		const char *path = line.length ? memchr(line.start, '/', line.length) : NULL;

		if (path)
			read_path((struct span){ path, line.length - (size_t)(path - line.start) },
				  container);
		cgroup.start += line.length;
		cgroup.length -= line.length;
		if (newline) {
			cgroup.start++;
			cgroup.length--;
		}
	}
}
