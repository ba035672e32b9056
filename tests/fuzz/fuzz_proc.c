/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc/PID has in stat, status and cgroup: names in it are the process's own choice. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "process/container.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Files are read with a NUL behind. */
	char *text = mem_strndup((const char *)data, size);
	struct span span = { text, size };
	struct credentials credentials = { 0 };
	struct container container;
	struct procfs_stat stat;

	container_from_cgroup(span, &container);
	if (strlen(container.id) >= CONTAINER_MAX_ID || (container.runtime && !container.id[0]))
		abort();
	procfs_parse_stat(span, &stat);
	procfs_parse_status(span, &credentials);
	procfs_parse_nested(span);
	free(text);
	return 0;
}
