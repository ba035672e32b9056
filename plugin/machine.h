/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which machine this is, as its own events name it. */
#ifndef AUSPAWN_MACHINE_H
#define AUSPAWN_MACHINE_H

#include "config.h"
#include "process/event.h"

struct machine {
	char *node;    /* of its records, and its name where they have none */
	char id[64];   /* /etc/machine-id; "" if there is none */
	char *agent_id; /* NULL if there is none */
};

/* Asks the machine what `config` does not say. machine_clear() releases what is in `machine`. */
void machine_read(struct machine *machine, const struct config *config);
void machine_clear(struct machine *machine);

/* What its events say of the host; valid as long as `machine`. */
struct host machine_host(const struct machine *machine);

#endif
