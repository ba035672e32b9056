/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From root to as little as will do: one call for the daemon, and what came of it. */
#ifndef AUSPAWN_PRIVILEGE_PRIVILEGE_H
#define AUSPAWN_PRIVILEGE_PRIVILEGE_H

#include <stdbool.h>

#include "messages.h"
#include "privilege/names.h"

struct privilege_settings {
	const char *user;      /* who to become */
	bool sandbox;	       /* install the filter of system calls */
	const char *state_dir; /* given to that user */
	const char *output[2]; /* files that are written; NULL: none */
	const char *metrics;   /* one that is replaced by others, for everybody to read; NULL: none */
};

/* Tells of something. */
typedef void (*privilege_log)(void *user, enum message_number number, const char *text);

/* Makes the places to write to, forks the helper that asks for names, becomes the user, drops
 * capabilities, installs the filter. Whatever of that can't be done is told, and the rest is done:
 * an alert is worth more. Returns the helper, which names_free() ends, or NULL. */
struct names *privilege_enter(const struct privilege_settings *settings, privilege_log log,
			      void *user);

struct privilege_facts {
	char user[64];	    /* a name, or a number that has none */
	char *capabilities; /* in effect, "dac_read_search, sys_ptrace"; "none" */
	bool no_new_privileges;
	bool filtered; /* by a filter of system calls */
};

/* What this process holds, as the kernel says. privilege_facts_clear() releases what is in it. */
void privilege_describe(struct privilege_facts *facts);
void privilege_facts_clear(struct privilege_facts *facts);

#endif
