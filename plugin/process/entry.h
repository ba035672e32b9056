/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a session came into the machine: from a process through its ancestors to the nearest entry point, which
 * is a login service, a terminal, a container's runtime or init. The entry leader is the entry point's child
 * on that way, a login shell for instance. Processes of one kind in a row are one entry point: sshd forks
 * twice before it starts a shell, and a runtime's shim starts the runtime.
 */
#ifndef AUSPAWN_PROCESS_ENTRY_H
#define AUSPAWN_PROCESS_ENTRY_H

#include "process/event.h"

#define ENTRY_UNKNOWN "unknown" /* the type where the ancestors that are known end before an entry point */

/* A walk towards older ancestors. */
struct entry_walk {
	struct process leader; /* the process before; the entry leader once entry_step() has found one. Its
				  image is not referenced. */
	const char *kind;      /* of the entry point that this one is itself; NULL: of none */
};

/* Starts at `process`. */
void entry_begin(struct entry_walk *walk, const struct process *process);

/* Goes on to `creator`, who created the process before. Returns the entry type (init, sshd, ssm, teleport,
 * console, terminal or container) if that is the entry point; else NULL. */
const char *entry_step(struct entry_walk *walk, const struct process *creator);

#endif
