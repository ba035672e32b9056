/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's side of names.h: what goes over the sockets, and who answers. */
#ifndef AUSPAWN_PRIVILEGE_NAMES_HELPER_H
#define AUSPAWN_PRIVILEGE_NAMES_HELPER_H

#include "privilege/account.h"
#include "process/users.h"

enum names_of {
	NAMES_OF_MACHINE,
	NAMES_OF_CONTAINERS,
	NAMES_OF,
};

/* One message of a SOCK_SEQPACKET socket; any other length, and any other value, is thrown away. */
struct names_request {
	uint64_t ticket; /* from 1 on */
	uint64_t ticks;
	int32_t pid;
	uint32_t id;
	uint32_t is_group;
	uint32_t unused; /* 0 */
};

struct names_reply {
	uint64_t ticket;
	uint32_t answer;	   /* enum users_answer; USERS_LATER: a failure */
	uint32_t unused;	   /* 0 */
	char name[USERS_MAX_NAME]; /* with a NUL in it */
};

struct names_helper {
	int sockets[NAMES_OF];	 /* all that it keeps open */
	unsigned int patience_s; /* with one question */
	const struct account *account;
	pid_t plugin;
};

/* Is the helper, until the plugin's end of a socket is closed or the plugin ends. */
void names_helper_run(const struct names_helper *helper) __attribute__((noreturn));

#endif
