/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of users and groups by id, from the machine's name service, remembered for a while. */
#ifndef AUSPAWN_PROCESS_USERS_H
#define AUSPAWN_PROCESS_USERS_H

#include <stdint.h>

#include "process/event.h"

#define USERS_MAX_CACHED 4096 /* ids; past that all are forgotten */
#define USERS_KEEP_S 300      /* seconds that an answer, or that there is none, is believed */

struct users;

struct users *users_new(void);
void users_free(struct users *users);

/* Fills in the names that `credentials` lacks. They are valid until the next call. */
void users_complete(struct users *users, struct credentials *credentials);

#endif
