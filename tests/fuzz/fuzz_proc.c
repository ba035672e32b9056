/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc/PID has in stat, status, cgroup and environ: much in it is the process's own choice. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "process/container.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "A", "PATH", NULL };
	/* Files are read with a NUL behind. */
	char *text = mem_strndup((const char *)data, size);
	struct span span = { text, size };
	struct credentials credentials = { 0 };
	struct container container;
	struct procfs_stat stat;
	char *variables;
	size_t count;

	container_from_cgroup(span, &container);
	if (strlen(container.id) >= CONTAINER_MAX_ID || (container.runtime && !container.id[0]))
		abort();
	procfs_parse_stat(span, &stat);
	procfs_parse_status(span, &credentials);
	procfs_parse_nested(span);
	variables = procfs_parse_environment(span, names, &count);
	if (!variables != !count || count > PROCFS_MAX_VARIABLES)
		abort();
	free(variables);
	free(text);
	return 0;
}
