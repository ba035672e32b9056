/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lines of the stream matter, told from their bytes alone, before anything parses them. */
#ifndef AUSPAWN_AUDIT_TRIAGE_H
#define AUSPAWN_AUDIT_TRIAGE_H

#include <stdbool.h>

#include "audit/syscalls.h"
#include "base/span.h"
#include "process/event.h"

#define TRIAGE_MAX_NODE 255 /* bytes; a host name is shorter (RFC 1035) */

enum record_type {
	RECORD_SYSCALL,
	RECORD_EXECVE,
	RECORD_CWD,
	RECORD_PATH,
	RECORD_END, /* PROCTITLE and EOE: of an event with a system call nothing follows but EOE */
	RECORD_FURTHER, /* BPRM_FCAPS: of an exec too, but of no interest */
	RECORD_OTHER,
	RECORD_DAEMON, /* this and the next: of auditd itself, whose serials are its own */
	RECORD_DAEMON_START,
	RECORD_DAEMON_END, /* DAEMON_END and DAEMON_ABORT */
};

struct record {
	enum record_type type;
	struct span node; /* SPAN_NONE without node= */
	struct stamp stamp;
	struct span body; /* the fields, after "msg=audit(...): "; with the enriched part, if any */
};

struct call {
	enum syscall_kind kind;
	bool success; /* success=yes; exit_group has none and does not return */
};

/* Reads the head of a line: [node=NAME ]type=TYPE msg=audit(SEC.MS:SERIAL): BODY. Returns false, and
 * leaves `*record` undefined, if the line is no audit record. */
bool triage_record(struct span line, struct record *record);

/* Reads what a SYSCALL record's `body` is about. */
struct call triage_call(const struct syscalls *syscalls, struct span body);

#endif
