/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that are known, by node and pid, in bounded memory: when it is full the dead go first,
 * then those that only a fork record speaks of, then those that were longest not heard of.
 *
 * It is full at a number of processes or at a number of bytes. What a process is (struct image) is counted
 * once, however many share it: children by fork share their parent's, and of those met lately processes that
 * are equal in all share one.
 */
#ifndef AUSPAWN_PROCESS_TABLE_H
#define AUSPAWN_PROCESS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "process/event.h"

#include <uthash.h>

/* Bytes that are kept of a process's arguments, their list included; its own event has all of them. Fewer when
 * half of the table's bytes are used. */
#define TABLE_MAX_ARGS 4096
#define TABLE_FEW_ARGS 256

/* Bytes for each process of the configured number, on average: the entry takes some 220, the image some 400. */
#define TABLE_BYTES_EACH 560
#define TABLE_MIN_BYTES (1024 * TABLE_BYTES_EACH) /* of a table for fewer processes than that */

#define TABLE_RECENT 1024 /* images among which an equal one is looked for */

enum entry_state {
	ENTRY_DEAD,      /* it ended; kept for the names it gives to its descendants */
	ENTRY_TENTATIVE, /* a fork record named its number, which a pid namespace may have coined */
	ENTRY_LIVE,      /* an exec, a fork of its own or /proc showed it */
	ENTRY_STATES
};

struct entry_key {
	const char *node; /* by address: gatherers give each name one */
	int64_t pid;
};

struct process_table;

struct entry {
	struct entry_key key;
	struct process_table *table; /* where it is counted */
	uint64_t birth;  /* no other entry, earlier or later, has it: tells a process from the next one
			    with its pid */
	int64_t start;   /* ms since 1970; 0: unknown */
	int64_t seen;    /* ms since 1970: when it was last known to live */
	enum entry_state state;
	pid_t parent_pid; /* its creator; 0: none */
	int64_t execed;  /* ms since 1970: its last exec, if a record told of one; 0: none did */
	uint64_t ticks;  /* its start in /proc/PID/stat; 0: nobody looked */
	bool forked;     /* its own fork's record was seen: the next with its pid is another process's */
	bool unshared;   /* the children it forks from now on live in a pid namespace below its own */
	bool nested;     /* lives in a pid namespace below ours: its fork records name other numbers */
	pid_t claimant;  /* who forked a process with this pid while this one was taken for alive, ... */
	int64_t claimed; /* ... and when, in ms since 1970: maybe this one is gone; 0: nobody */
	const struct image *image;
	uint64_t parent_birth; /* 0: the creator has no entry */
	int64_t parent_start;
	const struct image *parent_image; /* the creator as it was then */
	struct entry *prev, *next; /* among those of its state, longest unheard first */
	UT_hash_handle hh;
};

struct process_table {
	size_t max;
	size_t max_bytes;
	size_t bytes; /* of entries and images, with what the allocator adds */
	uint64_t births;
	struct entry *entries;              /* hash by key */
	struct entry *unheard[ENTRY_STATES]; /* lists */
	const struct image *recent[TABLE_RECENT]; /* by hash; not referenced */
};

/* `max` is how many processes are kept, at least 2, and how many times TABLE_BYTES_EACH bytes: making room
 * never takes the entry made last, if that is a live one.
 * table_clear() releases what is in it. */
void table_init(struct process_table *table, size_t max);
void table_clear(struct process_table *table);

/* Returns the entry of that pid, in whatever state; NULL if there is none. */
struct entry *table_find(const struct process_table *table, const char *node, pid_t pid);

/* Returns a fresh entry in place of any with that pid, and makes room for it. */
struct entry *table_add(struct process_table *table, const char *node, pid_t pid,
			enum entry_state state);

/* The process was heard of at `time` (ms since 1970) and is in `state` now. */
void table_touch(struct process_table *table, struct entry *entry, enum entry_state state,
		 int64_t time);

/* Replaces what an entry is by `image` of image_copy()'s making or by NULL, cut to what the table keeps, or by one that is equal to that. Where
 * bytes are short others than `entry` may go for it. */
void table_set_image(struct entry *entry, const struct image *image);

/* Makes `parent`, as it is now, the creator of `entry`. */
void table_set_parent(struct entry *entry, const struct entry *parent);

/* Makes the creator of `entry` whoever had `key` and `birth`, as it was when it was `image`. */
void table_set_birth(struct entry *entry, const struct entry_key *key, uint64_t birth, int64_t start,
		     const struct image *image);

/* Returns the entry of the creator, if it is still the same process; else NULL. */
struct entry *table_parent(const struct process_table *table, const struct entry *entry);

#endif
