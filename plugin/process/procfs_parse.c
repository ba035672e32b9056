/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the texts of files in /proc say. */
#include "process/procfs.h"

#include <inttypes.h>
#include <stdio.h>

#define FLAG_EXITING 0x4 /* include/linux/sched.h: PF_EXITING */

/* A process outside of what this /proc shows has number 0, one that is all but gone -1. */
static pid_t pid_of(long long number)
{
	return number > 0 && number <= INT32_MAX ? (pid_t)number : 0;
}

bool procfs_parse_stat(struct span text, struct procfs_stat *stat)
{
	const char *name_end = text.start ? memrchr(text.start, ')', text.length) : NULL;
	long long ppid, group, session, tty;
	unsigned long long start;
	char state;
	unsigned int flags;

	/* PID (NAME) STATE PPID PGRP SESSION TTY ... and field 22 is the start. */
	if (!name_end ||
	    sscanf(name_end + 1,
		   " %c %lld %lld %lld %lld %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &state, &ppid, &group, &session, &tty, &flags, &start) != 7)
		return false;
	if (ppid < 0 || ppid > INT32_MAX)
		return false;
	stat->ended = state == 'Z' || state == 'X';
	stat->ppid = (pid_t)ppid;
	stat->group = pid_of(group);
	stat->session = pid_of(session);
	stat->tty = tty;
	stat->exiting = flags & FLAG_EXITING;
	stat->start_ticks = start;
	return true;
}

static bool parse_ids(const char *line, struct identity *real, struct identity *effective,
		      struct identity *saved)
{
	return line && sscanf(line + 5, "%" SCNu32 " %" SCNu32 " %" SCNu32, &real->id,
			      &effective->id, &saved->id) == 3;
}

bool procfs_parse_status(struct span text, struct credentials *credentials)
{
	if (!text.start)
		return false;
	credentials->known =
		parse_ids(strstr(text.start, "\nUid:"), &credentials->real_user,
			  &credentials->user, &credentials->saved_user) &&
		parse_ids(strstr(text.start, "\nGid:"), &credentials->real_group,
			  &credentials->group, &credentials->saved_group);
	return credentials->known;
}

bool procfs_parse_nested(struct span text)
{
	const char *line = text.start ? strstr(text.start, "\nNSpid:") : NULL;
	int outer, inner;

	return line && sscanf(line + 7, "%d %d", &outer, &inner) == 2;
}

pid_t procfs_parse_inner(struct span text)
{
	const char *line = text.start ? strstr(text.start, "\nNSpid:") : NULL;
	int number, length, numbers = 0;
	pid_t last = 0;

	if (!line)
		return 0;
	for (line += 7; *line != '\n' && sscanf(line, "%d%n", &number, &length) == 1; line += length) {
		last = number;
		numbers++;
	}
	return numbers > 1 ? last : 0;
}

uint32_t procfs_parse_namespace(const char *target)
{
	const char *number = target ? strchr(target, '[') : NULL;
	uint32_t namespace;

	return number && sscanf(number, "[%" SCNu32 "]", &namespace) == 1 ? namespace : 0;
}
