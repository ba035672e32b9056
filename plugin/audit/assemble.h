/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the records of one event into what happened: an exec, a fork or an exit. libauparse's feed
 * groups the records and separates raw fields from enriched ones.
 */
#ifndef AUSPAWN_AUDIT_ASSEMBLE_H
#define AUSPAWN_AUDIT_ASSEMBLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit/gather.h"
#include "process/event.h"

/* The files that an exec opens: a script, five interpreters that are scripts, a program, its loader. */
#define AUDIT_MAX_FILES 8

enum audit_event_kind { AUDIT_EVENT_EXEC, AUDIT_EVENT_FORK, AUDIT_EVENT_UNSHARE, AUDIT_EVENT_EXIT };

struct audit_event {
	enum audit_event_kind kind;
	const char *node; /* NULL without node= */
	struct stamp stamp;
	pid_t pid;  /* of the caller: its thread group, as the host counts */
	pid_t ppid; /* of its parent at that moment */
	const struct image *image; /* exec: what the caller became. Others: what it is, as far as one
				      record tells (no directory, no arguments). The handler may
				      image_ref() it. */
	const char *key; /* NULL without */
	struct syscall syscall;
	const char *file[AUDIT_MAX_FILES]; /* exec: the names of its PATH records, by item; NULL where
					      there is none; valid during the call */
	pid_t child;     /* fork: the new process or thread, as the caller's pid namespace counts */
	bool thread;     /* fork: surely a thread, no process */
	bool new_pids;   /* fork: the child is the first of a pid namespace; unshare: the next child is */
};

struct assemble_stats {
	uint64_t execs;
	uint64_t forks;
	uint64_t exits;
	uint64_t malformed; /* events that lack what every such event has */
};

struct assembler;
typedef void (*assemble_handler)(void *user, const struct audit_event *event);

/* Returns an assembler that calls `handle` for each event; NULL if libauparse can't be had, with errno
 * set. assembler_free() releases it. */
struct assembler *assembler_new(assemble_handler handle, void *user);
void assembler_free(struct assembler *assembler);

/* Takes the records of one event; calls the handler before it returns, if they make sense. */
void assembler_take(struct assembler *assembler, const struct gathered *gathered);

const struct assemble_stats *assembler_stats(const struct assembler *assembler);

#endif
