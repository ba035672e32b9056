/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of an exec, from its EXECVE records (kernel/auditsc.c: audit_log_execve_info): quoted or
 * hexadecimal, split into pieces when long, spread over several records when many.
 */
#ifndef AUSPAWN_AUDIT_ARGV_H
#define AUSPAWN_AUDIT_ARGV_H

#include "base/memory.h"
#include "base/span.h"
#include "process/event.h"

#include <utstring.h>

/* Arguments that a missing record can have held, at two bytes each and some to spare: bounds what a forged
 * index can make us allocate. */
#define ARGV_MAX_HOLE 65536

/* More than a process can be given: the kernel allows 6 MB of strings, and every argument has a NUL
 * (fs/exec.c: _STK_LIM / 4 * 3). */
#define ARGV_MAX (6u << 20)

#define ARGV_KEEP 65536 /* bytes of text, and arguments, for which memory is kept from one exec to the next */

struct argv {
	UT_string text;
	struct arg *arg;
	uint32_t known;
	uint32_t allocated;
	uint32_t count;  /* argc= */
	int64_t pieces;  /* of the last argument: how many have come; 0 if it was not split */
	bool seen;       /* argc=, without which nothing else counts */
};

void argv_init(struct argv *argv);
void argv_free(struct argv *argv);

/* Forgets the arguments and keeps the memory, unless it is much. */
void argv_reset(struct argv *argv);

/* Adds what the fields of one EXECVE record say, in the order of the records. An argument that is not
 * the next one leaves those between marked as missing; one that was there already is passed over. */
void argv_add(struct argv *argv, struct span fields);

/* What has been added so far; refers to `argv`'s memory until its next change. */
struct args argv_args(const struct argv *argv);

#endif
