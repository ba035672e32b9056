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

/* When a process started: in USER_HZ since boot, exactly and whatever is done to the clock; and in ms since
 * 1970, as the clock stands now. */
struct procfs_start {
	uint64_t ticks;
	int64_t ms;
	bool ended; /* it only waits for its parent to notice, and has no children any more */
};

struct procfs_process {
	pid_t pid;
	pid_t ppid;
	struct procfs_start start;
	bool nested;               /* lives in a pid namespace below ours: its numbers are not ours */
	const struct image *image; /* the caller's to image_unref() */
};

/* What is worth knowing of a process that an exec record has just told of. */
struct procfs_glance {
	struct procfs_start start;
	bool nested;
	pid_t inner;   /* its number in its own pid namespace, if nested; else 0 */
	pid_t group;   /* leader of its process group; 0 if that is out of sight */
	pid_t session; /* leader of its session; likewise */
	bool container_known;
	struct container container; /* its namespaces can be unknown where its id is not */
};

struct procfs;

/* Opens a mounted /proc; NULL with errno set if it cannot be. `users` names ids and must outlive it.
 * procfs_free() releases it. */
struct procfs *procfs_open(const char *path, struct users *users);
void procfs_free(struct procfs *procfs);

/* Reads one process, if it lives and had started by `by` (ms since 1970, and slack). */
bool procfs_read(struct procfs *procfs, pid_t pid, int64_t by, struct procfs_process *process);

/* The same of less. */
bool procfs_look(struct procfs *procfs, pid_t pid, int64_t by, struct procfs_glance *glance);

/* Gives the users and groups in `credentials` the names that they have where the process lives: the
 * container's own, else the machine's (users_complete()). `pid` is 0 if the process is gone. The names are
 * valid until the next call. */
void procfs_name(struct procfs *procfs, pid_t pid, uint64_t ticks, const struct container *container,
		 struct credentials *credentials);

/* Reads those variables of a process's environment that `names` has, which ends with NULL, if the process that
 * began at `ticks` still has the pid. Returns them as "NAME=value", each with its NUL, and their number in
 * `*count`; free() releases them. NULL if there are none. What a process changes after its exec shows only as
 * far as it does so in place. */
char *procfs_environment(struct procfs *procfs, pid_t pid, uint64_t ticks,
			 const char *const names[], size_t *count);
#define PROCFS_MAX_ENVIRONMENT (8u << 20) /* bytes; what is beyond is not seen */
#define PROCFS_MAX_VARIABLES 64  /* of one process: of more, the first and the last half of that */
#define PROCFS_MAX_VARIABLE 4096 /* bytes, name and all; what is longer is cut */

/* When did the process that has the pid now start? Returns false if there is none. */
bool procfs_started(struct procfs *procfs, pid_t pid, struct procfs_start *start);

/* Which session does the process that has the pid now belong to? `*session` is its leader's pid, 0 if that is out of
 * sight or the process never had one. Returns false if there is no such process. */
bool procfs_session(struct procfs *procfs, pid_t pid, pid_t *session);

/* Calls `handle` for every process that lives; `process` is valid during the call. */
void procfs_scan(struct procfs *procfs,
		 void (*handle)(void *user, const struct procfs_process *process), void *user);

/* The fields of /proc/PID/stat that matter; the name in it can hold anything, parentheses too. */
struct procfs_stat {
	bool ended; /* a zombie */
	pid_t ppid;
	pid_t group, session; /* as in struct procfs_glance */
	int64_t tty;
	bool exiting;         /* it ends, or waits for its parent to ask for its status */
	uint64_t start_ticks; /* since boot, in USER_HZ */
};
bool procfs_parse_stat(struct span text, struct procfs_stat *stat);

/* The Uid and Gid lines of /proc/PID/status, a text with a NUL behind. */
bool procfs_parse_status(struct span text, struct credentials *credentials);

/* The number in what a link of /proc/PID/ns leads to, such as "mnt:[4026531841]"; 0 if there is none. */
uint32_t procfs_parse_namespace(const char *target);

/* Does its NSpid line have more than one number? */
bool procfs_parse_nested(struct span text);

/* The last of the numbers of its NSpid line; 0 if there is only one. */
pid_t procfs_parse_inner(struct span text);

/* Picks variables out of the text of /proc/PID/environ, as procfs_environment() returns them. */
char *procfs_parse_environment(struct span text, const char *const names[], size_t *count);

#endif
