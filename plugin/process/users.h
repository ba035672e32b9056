/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of users and groups by id, of this machine and of the containers on it, remembered for a
 * while. Whoever knows them is asked through struct users_source, and may take long: an event does
 * not wait for that, its name stays absent, and the answer that comes later is for those after it.
 */
#ifndef AUSPAWN_PROCESS_USERS_H
#define AUSPAWN_PROCESS_USERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "process/event.h"

#define USERS_MAX_CACHED  4096 /* names; past that all are forgotten */
#define USERS_KEEP_S	  300  /* seconds that a name is believed */
#define USERS_KEEP_NONE_S 60   /* that there is none; at boot a name service may come late */
#define USERS_ASK_AGAIN_S 15   /* without an answer */
#define USERS_FAILED_S	  1    /* if nobody could be asked: another process of a container may be */
#define USERS_MAX_NAME	  256  /* bytes of a name, with the NUL; a longer one is none */

struct users_question {
	uint32_t id;
	bool is_group;
	pid_t pid;	/* of a process in the container that is asked; 0: the machine itself is */
	uint64_t ticks; /* its start, in USER_HZ since boot */
};

enum users_answer {
	USERS_NAMED,
	USERS_NAMELESS, /* there is no such user or group */
	USERS_LATER,
};

struct users_source {
	/* Asks. With USERS_LATER `*ticket` is the answer's number, or 0 if none will come. */
	enum users_answer (*ask)(void *from, const struct users_question *question,
				 uint64_t *ticket, char name[USERS_MAX_NAME]);
	/* Takes an answer that came late, without waiting. Returns its ticket, or 0 if there is
	 * none. `*answer` is USERS_LATER if there was a failure. */
	uint64_t (*take)(void *from, enum users_answer *answer, char name[USERS_MAX_NAME]);
	void *from;
};

/* Where somebody lives. */
struct users_place {
	struct namespaces namespaces; /* of a container: a process that makes its own can't rename others */
	const char *container; /* its id: the kernel gives the next container the numbers of one that is gone */
	pid_t pid;	/* of a process in it; 0: none is known, only what is remembered counts */
	uint64_t ticks; /* the start of that process */
};

struct users;

/* `source` is copied; NULL: nobody can be asked. */
struct users *users_new(const struct users_source *source);
void users_free(struct users *users);

/* Fills in the names that `credentials` lacks. In a container (`place`, else NULL) a name that the
 * container has replaces one that is there, which is the machine's; the login user is always the
 * machine's. Names are valid until the next call. */
void users_complete(struct users *users, struct credentials *credentials,
		    const struct users_place *place);

#endif
