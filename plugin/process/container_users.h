/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of users and groups in containers, remembered for a while. Nobody waits long for a container: what it says
 * is read by a thread of its own, whoever asks goes on without the name after a tenth of a second, and all that are
 * asked for within a second take no more than that together.
 */
#ifndef AUSPAWN_PROCESS_CONTAINER_USERS_H
#define AUSPAWN_PROCESS_CONTAINER_USERS_H

#include <stdint.h>
#include <sys/types.h>

#include "process/event.h"

#define CONTAINER_USERS_WAIT_MS 100  /* in each second */
#define CONTAINER_USERS_STUCK	4    /* containers that have not answered yet; past that none is asked */
#define CONTAINER_USERS_CACHED	4096 /* names; past that all are forgotten */
#define CONTAINER_USERS_KEEP_S	300  /* seconds that an answer, or that there is none, is believed */

struct container_users;

/* A process in a container. */
struct container_user {
	pid_t pid;      /* 0: it is gone, and only what is remembered can be told */
	uint64_t ticks; /* its start as in /proc/PID/stat */
	struct namespaces namespaces; /* what is remembered is remembered by these; nothing is told if they
					 are not known */
};

/* `procfs` is a descriptor of a mounted /proc, which must outlive it. container_users_free() releases it. */
struct container_users *container_users_new(int procfs);
void container_users_free(struct container_users *users);

/* Gives the users and groups in `credentials` the names that the container has for them, in place of any others; those
 * that it has no name for stay as they are, and who logged in is a user of the host. The names are valid until the
 * next call. */
void container_users_complete(struct container_users *users, const struct container_user *who,
			      struct credentials *credentials);

#endif
