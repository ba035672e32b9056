/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where auditd keeps its own log (auditd.conf(5)): the file that it writes to, number 0 here, and those that it
 * set aside, 1 being the youngest.
 */
#ifndef AUSPAWN_AUDIT_AUDITD_LOG_H
#define AUSPAWN_AUDIT_AUDITD_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define AUDITD_LOG_MAX_FILES 999 /* auditd's own bound */

struct auditd_log {
	char *path;	    /* of number 0; NULL: auditd writes none */
	unsigned int files; /* how many are kept; AUDITD_LOG_MAX_FILES if none is ever removed */
	uint64_t file_size; /* bytes at which a file is set aside; 0: never */
};

/* Reads auditd's configuration; what it does not say is as auditd takes it. Returns 0 or a negative errno; then
 * there is no log. auditd_log_clear() releases what is in it. */
int auditd_log_read(struct auditd_log *log, const char *auditd_conf);
void auditd_log_clear(struct auditd_log *log);

/* Opens a file of the log. Returns its descriptor, or a negative errno: -ENOENT if there is none of that number. */
int auditd_log_open(const struct auditd_log *log, unsigned int number);

/* Which number does that file have now? False if it was removed. */
bool auditd_log_find(const struct auditd_log *log, const struct stat *file, unsigned int *number);

/* How far back the log reaches when it is full, in seconds, if `rate` bytes are written each second; -1 if there is
 * no end to it, 0 if there is no log. */
int64_t auditd_log_reach(const struct auditd_log *log, double rate);

#endif
