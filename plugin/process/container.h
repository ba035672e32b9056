/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which container a process lives in, from its control groups (cgroups(7): /proc/PID/cgroup). */
#ifndef AUSPAWN_PROCESS_CONTAINER_H
#define AUSPAWN_PROCESS_CONTAINER_H

#include <stdbool.h>

#include "base/span.h"
#include "process/event.h"

#define CONTAINER_MAX_ID 128 /* bytes, with the NUL */

struct container {
	char id[CONTAINER_MAX_ID]; /* "" outside of containers */
	const char *runtime;       /* docker, podman, containerd, cri-o, lxc, systemd-nspawn; NULL where
				      the path does not tell */
	struct namespaces namespaces; /* not by the control groups */
};

/* Is it an id as docker, podman, containerd and CRI-O make them: 64 hexadecimal digits, none a capital? */
bool container_is_long_id(struct span text);

/* Finds the innermost container that the text of a cgroup file names: v1, v2 or both. */
void container_from_cgroup(struct span cgroup, struct container *container);

#endif
