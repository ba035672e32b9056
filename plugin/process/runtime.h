/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that run containers, and what their arguments tell of the containers they run. Such a program
 * lives outside of the container that its children live in, so nothing that it is says where they are; but
 * a shim that serves one container names it, and so does the runtime's call that creates one.
 *
 * Who may name a program can name it anything, so only programs in the system's folders are believed.
 */
#ifndef AUSPAWN_PROCESS_RUNTIME_H
#define AUSPAWN_PROCESS_RUNTIME_H

#include <stdbool.h>

#include "process/container.h"
#include "process/event.h"

/* Does the program, or what it starts, put children into another container than its own? */
bool runtime_is(const struct image *image);

/* Is it the part of runc that enters a new container's namespaces and groups to become its program
 * (runc init)? */
bool runtime_is_init(const struct image *image);

/* Finds the container of those that a shim starts or adopts, if it serves one alone: docker's
 * containerd-shim, nerdctl's, conmon. Kubernetes' shims serve pods. Returns false if the image is no such
 * shim. */
bool runtime_serves(const struct image *shim, struct container *container);

/* Finds the container that a call of runc creates or enters (runc run ID, runc exec ID ...). Returns false
 * if the image is no such call. */
bool runtime_creates(const struct image *call, struct container *container);

/* Does such a program start helpers of its own, besides what it runs in the container: is `image` one that
 * conmon was told to start when the container has ended (--exit-command)? */
bool runtime_starts_outside(const struct image *shim, const struct image *image);

#endif
