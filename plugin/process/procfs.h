/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says about processes of this machine, now (proc(5)). */
#ifndef AUSPAWN_PROCESS_PROCFS_H
#define AUSPAWN_PROCESS_PROCFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "process/container.h"
#include "process/event.h"
#include "process/users.h"

#define PROCFS_MAX_FILE 65536 /* bytes read of any one file; more arguments than that are cut */

/* How far a start time from /proc (10 ms ticks) and an audit time stamp (4 ms ticks, taken at the
 * system call's entry) can disagree about the same moment, in ms. */
#define PROCFS_SLACK_MS 20

struct procfs_process {
	pid_t pid;
	pid_t ppid;
	int64_t start;             /* ms since 1970 */
	const struct image *image; /* the caller's to image_unref() */
};

struct procfs;

/* Opens a mounted /proc; NULL with errno set if it cannot be. `users` names ids and must outlive it.
 * procfs_free() releases it. */
struct procfs *procfs_open(const char *path, struct users *users);
void procfs_free(struct procfs *procfs);

/* Reads one process, if it lives and had started by `by` (ms since 1970, and slack). */
bool procfs_read(struct procfs *procfs, pid_t pid, int64_t by, struct procfs_process *process);

/* Which container does a process live in? Returns false if it has gone or started after `by`. */
bool procfs_container(struct procfs *procfs, pid_t pid, int64_t by, struct container *container);

/* When did a process start (ms since 1970)? -1 if it has gone. */
int64_t procfs_start(struct procfs *procfs, pid_t pid);

/* Calls `handle` for every process that lives; `process` is valid during the call. */
void procfs_scan(struct procfs *procfs,
		 void (*handle)(void *user, const struct procfs_process *process), void *user);

/* The fields of /proc/PID/stat that matter; the name in it can hold anything, parentheses too. */
struct procfs_stat {
	pid_t ppid;
	int64_t tty;
	uint64_t start_ticks; /* since boot, in USER_HZ */
};
bool procfs_parse_stat(struct span text, struct procfs_stat *stat);

/* The Uid and Gid lines of /proc/PID/status. */
bool procfs_parse_status(struct span text, struct credentials *credentials);

#endif
