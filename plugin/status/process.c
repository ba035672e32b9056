/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/whole_file.h"

#define MAX_PROC_FILE 4096
#define START_FIELD   22 /* of /proc/PID/stat, the first being 1 */

uint64_t process_start_ticks(pid_t pid)
{
	char path[64];
	char *text, *field;
	uint64_t ticks = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = whole_file_read(path, MAX_PROC_FILE);
	/* The name, the second field, can hold blanks and parentheses. */
	field = text ? strrchr(text, ')') : NULL;
	for (int i = 2; field && i < START_FIELD; i++)
		field = strchr(field + 1, ' ');
	if (field)
		ticks = strtoull(field + 1, NULL, 10);
	free(text);
	return ticks;
}

void process_usage(uint64_t *resident, uint64_t *cpu)
{
	char *text = whole_file_read("/proc/self/statm", MAX_PROC_FILE);
	struct rusage usage;
	uint64_t pages = 0;

	if (text)
		sscanf(text, "%*u %" SCNu64, &pages);
	free(text);
	*resident = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	*cpu = 0;
	if (!getrusage(RUSAGE_SELF, &usage))
		*cpu = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}
