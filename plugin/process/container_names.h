/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that a container gives to its users and groups: those of its own /etc/passwd and /etc/group,
 * read through /proc/PID/root of a process that lives in it. Nothing is kept from one question to the next.
 *
 * Everything in a container is its owner's choice, so a question can take as long as the file system that
 * lies below it likes to (FUSE). Ask where waiting harms nobody.
 */
#ifndef AUSPAWN_PROCESS_CONTAINER_NAMES_H
#define AUSPAWN_PROCESS_CONTAINER_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

#define CONTAINER_NAMES_MAX      64         /* bytes of a name, with the NUL; longer ones are none */
#define CONTAINER_NAMES_MAX_FILE (1u << 20) /* bytes read of a file; what is beyond is not seen */

/* Who is to be named. */
struct container_names_question {
	pid_t pid;      /* of a process in the container, as the host counts */
	uint64_t ticks; /* its start as in /proc/PID/stat; 0: whoever has the pid */
	uint32_t id;    /* of the user or group, as the host counts */
	bool group;
};

/* Writes the name into `name`. `procfs` is a descriptor of a mounted /proc. Returns 0;
 * -ENOENT if the container was asked and has no such name (also where its user namespace has no such id);
 * -ESRCH if the process is gone or another one has its pid;
 * another negative errno if the container can't be asked: the file is not there, no regular file, not in
 * the container, or the process has a root of its own choice (chroot(2)). */
int container_names_ask(int procfs, const struct container_names_question *question,
			char name[CONTAINER_NAMES_MAX]);

/* Translates an id of the host into the container's by the text of /proc/PID/uid_map or gid_map
 * (user_namespaces(7)). Returns false if it has none there. */
bool container_names_map(struct span map, uint32_t id, uint32_t *inside);

/* Finds the name that the text of a passwd or group file has for an id. The last line counts only if it is
 * whole: with a newline, or the file's end behind it (`ended`). Returns false if there is none, or none that
 * may be shown: names have no control bytes, and neither + nor - in front. */
bool container_names_find(struct span text, bool ended, uint32_t id, char name[CONTAINER_NAMES_MAX]);

#endif
