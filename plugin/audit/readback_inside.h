/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search is made of: for readback.c and readback_open.c alone. */
#ifndef AUSPAWN_AUDIT_READBACK_INSIDE_H
#define AUSPAWN_AUDIT_READBACK_INSIDE_H

#include <sys/types.h>

#include "audit/auditd_log.h"
#include "audit/lines.h"
#include "audit/once.h"
#include "audit/ranges.h"
#include "audit/readback.h"

/* An event of which the stream had a part. */
struct part {
	const char *node;
	struct stamp stamp;
	enum syscall_kind kind;
	char *lines;
	struct part *prev, *next;
};

enum state {
	IDLE,
	SEEKING, /* the file in which the search begins, from the youngest back */
	READING, /* from there to the end */
};

/* What the records in a piece of the log say of when it was written. */
struct probe {
	bool any;
	int64_t earliest, latest; /* ms since 1970 */
	uint64_t lowest;	  /* serial */
};

struct readback {
	char *auditd_conf;
	int64_t max_age_ms;
	struct readback_handlers handlers;
	struct gather *gather; /* of what is found */
	struct once *begun;    /* events that were taken by a record that is not of interest itself */
	struct ranges coming;  /* wanted in the next search */
	struct ranges wanted;  /* in this one */
	struct part *coming_parts;
	struct part *parts;
	size_t part_count;
	enum state state;
	int64_t due;	     /* of the next step */
	int64_t from, until; /* the time in which what is wanted happened */
	uint64_t last;	     /* the highest serial of that, of all nodes */
	int64_t oldest;	     /* that may be taken */
	struct auditd_log log;
	unsigned int number; /* of the file while seeking */
	unsigned int seeks;
	unsigned int tries;
	int fd; /* the file; -1: none */
	off_t offset;
	struct lines lines;
	struct probe probe; /* of what is being read */
	struct readback_stats stats;
	char data[READBACK_STEP];
};

#endif
