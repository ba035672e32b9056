/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static void read_id(struct machine *machine)
{
	FILE *file = fopen("/etc/machine-id", "re");

	if (!file)
		return;
	if (fgets(machine->id, sizeof(machine->id), file))
		machine->id[strcspn(machine->id, "\n")] = '\0';
	fclose(file);
}

void machine_read(struct machine *machine, const struct config *config)
{
	char hostname[HOST_NAME_MAX + 1] = "";

	*machine = (struct machine){ 0 };
	gethostname(hostname, sizeof(hostname) - 1);
	read_id(machine);
	machine->node = mem_strdup(config->node ? config->node : hostname);
	if (config->agent_id || machine->id[0])
		machine->agent_id = mem_strdup(config->agent_id ? config->agent_id : machine->id);
}

void machine_clear(struct machine *machine)
{
	free(machine->node);
	free(machine->agent_id);
	*machine = (struct machine){ 0 };
}

struct host machine_host(const struct machine *machine)
{
	return (struct host){ machine->node, machine->id[0] ? machine->id : NULL,
			      machine->agent_id };
}
