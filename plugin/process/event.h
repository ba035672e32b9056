/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What flows through the house: a process event is one successful execve, with who did it and who
 * they descend from. This is the one header that every room may include.
 */
#ifndef AUSPAWN_PROCESS_EVENT_H
#define AUSPAWN_PROCESS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

#define EVENT_MAX_ANCESTORS 16 /* beyond the parent; older ones are left out */

/* The id that the kernel sets and login programs change: unset. (linux/audit.h: AUDIT_UID_UNSET) */
#define ID_UNSET UINT32_MAX

/* Identifies an audit event on one node; the three numbers of msg=audit(SEC.MS:SERIAL). */
struct stamp {
	int64_t sec; /* since 1970, UTC */
	unsigned int ms;
	uint64_t serial;
};

static inline int64_t stamp_ms(const struct stamp *stamp)
{
	return stamp->sec * 1000 + stamp->ms;
}

/* An argument, as a part of struct args' text. A record that went missing leaves arguments that are
 * known to have been there, with ARG_MISSING as length. */
struct arg {
	uint32_t start;
	uint32_t length;
};
#define ARG_MISSING UINT32_MAX

struct args {
	const char *text;      /* all of them, joined by single spaces; NULL where nothing is known */
	uint32_t text_length;  /* in bytes */
	uint32_t known;        /* elements in arg[] */
	uint32_t count;        /* argc as the kernel gave it; more than `known` if records are missing
				  or the list was cut to bound memory */
	const struct arg *arg;
};

/* The bytes of argument `index` (below `known`); SPAN_NONE if it is missing. */
static inline struct span args_get(const struct args *args, uint32_t index)
{
	const struct arg *arg = &args->arg[index];

	if (arg->length == ARG_MISSING)
		return SPAN_NONE;
	return (struct span){ args->text + arg->start, arg->length };
}

/* Packed: every process that is remembered has seven of them. */
struct identity {
	uint32_t id;
	const char *name; /* NULL if unknown */
} __attribute__((packed, aligned(4)));

struct credentials {
	bool known;
	struct identity user, real_user, saved_user; /* `user` is the effective one */
	struct identity group, real_group, saved_group;
	struct identity login_user; /* auid: who logged in; id ID_UNSET for services */
	uint32_t session;           /* ses; ID_UNSET for services */
};

/* Numbers of the namespaces that a process in a container lives in (namespaces(7)); 0: unknown. */
struct namespaces {
	uint32_t mount;
	uint32_t user;
};

enum known_bool { KNOWN_FALSE, KNOWN_TRUE, UNKNOWN };

/*
 * What a process is: its last exec as far as it is known. Never changed once made, shared by
 * reference between a process, the children it forks and the events that tell of them. Strings are
 * NULL where nothing is known.
 */
struct image {
	unsigned int refs;
	unsigned int kept; /* how many of them are the process table's */
	size_t size;       /* bytes of its one allocation; 0 if it was not made by image_copy() */
	const char *executable;
	const char *comm;
	const char *working_directory;
	const char *script; /* what the program interprets (process/script.h) */
	struct args args;
	struct credentials credentials;
	enum known_bool interactive; /* has a controlling terminal */
	bool container_known; /* somebody looked: no id then means no container */
	const char *container_id;
	const char *container_runtime;
	struct namespaces namespaces; /* only of what is in a container */
};

/* Returns a copy of `image`, whose strings may lie anywhere, in one allocation and with one
 * reference. Arguments past `max_args_size` bytes are left out; `args.count` stays. */
struct image *image_copy(const struct image *image, size_t max_args_size);

/* The bytes that an image's arguments take: their text and the list of them. */
size_t image_args_size(const struct image *image);

/* Do both, made by image_copy(), say the same? Never true of images that differ in anything that they say. */
bool image_equal(const struct image *a, const struct image *b);

/* The same for equal images. */
uint64_t image_hash(const struct image *image);

/* Takes and gives back a reference; both accept NULL. */
const struct image *image_ref(const struct image *image);
void image_unref(const struct image *image);

/* A process as an event shows it: itself, its parent or an older ancestor. */
struct process {
	pid_t pid;                 /* 0: nobody is known */
	int64_t start;             /* ms since 1970; 0: unknown */
	const struct image *image; /* NULL: only the pid is known */
};

/* The machine an event comes from; any member may be NULL. */
struct host {
	const char *name;
	const char *id;       /* /etc/machine-id */
	const char *agent_id; /* of this installation of auspawn */
};

#define SYSCALL_MAX_ARG 17 /* bytes: sixteen digits and a NUL */

/* The system call of an event, as its record shows it. */
struct syscall {
	const char *name;               /* libaudit's; NULL where that does not know it */
	char arg[4][SYSCALL_MAX_ARG]; /* a0 to a3, in hexadecimal; "" where the record has none */
};

struct process_event {
	const char *node; /* node= of the records; NULL without */
	struct stamp stamp;
	char id[64];      /* "SEC.MS:SERIAL", as ausearch prints it */
	const char *key;  /* of the audit rule; several are separated by 0x01; NULL without */
	struct syscall syscall;
	struct host host;
	struct process process;
	struct process parent;
	unsigned int ancestors;                      /* used elements of ancestor[] */
	struct process ancestor[EVENT_MAX_ANCESTORS]; /* the parent's parent first */
	pid_t reparented_to;          /* who adopted the process before its exec; 0: nobody */
	const struct image *previous; /* what it was before an exec without a fork; NULL: not known */
	struct process session_leader; /* by /proc at the time of the exec, as is ... */
	struct process group_leader;   /* ... this; no image where only the number is known */
	struct process entry_leader;   /* by lineage (process/entry.h) */
	const char *entry_type;        /* the kind of its entry point; NULL: nobody looked */
	char *env_vars;                /* NAME=value of those that were asked for, each with its NUL */
	size_t env_count;              /* how many there are */
};

/* Gives back the images that the event refers to, and releases what else it holds. */
void event_release(struct process_event *event);

#endif
