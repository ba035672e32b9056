/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children that only their creator's pid namespace has named. In a container a fork's record gives
 * the child a number that means nothing out here; when a process appears in there that nobody
 * knows, it is one of them. Its creator may be gone by then, and the namespace's first process have
 * adopted it.
 */
#ifndef AUSPAWN_PROCESS_BIRTHS_H
#define AUSPAWN_PROCESS_BIRTHS_H

#include "process/table.h"

#define BIRTHS_MAX 256 /* kept of each list; of more the oldest are forgotten */

/* A fork by a process of a pid namespace, and the creator as it was then. */
struct birth {
	struct entry_key creator;
	uint64_t creator_birth;
	int64_t creator_start;
	const struct image *creator_image; /* referenced */
	pid_t number;			   /* of the child, in its creator's namespace */
	int64_t time;			   /* ms since 1970 */
	struct birth *prev, *next;
};

struct births_list {
	struct birth *first; /* the oldest */
	size_t count;
};

struct births {
	struct births_list unmet; /* whose child has not been heard of out here */
	struct births_list early; /* children that were, before the record of the fork came */
	struct births_list guessed; /* taken by a child whose number nobody knew */
};

enum births_answer {
	BIRTHS_NONE, /* nothing is known */
	BIRTHS_FOUND,
	BIRTHS_DOUBTFUL, /* not the parent, but one of several others */
};

/* What is known of a process that has just appeared. */
struct births_query {
	const struct entry *parent; /* whose child it is now */
	int64_t now;		    /* ms since 1970 */
	pid_t number;		    /* its own in its namespace; 0: unknown */
	int64_t start;		    /* ms since 1970; unused without a number */
};

/* Notes that `creator` forked a child to which its namespace gave `number`. */
void births_add(struct births *births, const struct entry *creator, pid_t number, int64_t time);

/* Notes that a child of `parent` has appeared before its birth, with `number` in its namespace (0: unknown). */
void births_met(struct births *births, const struct entry *parent, pid_t number, int64_t now);

/* Which birth was that? If it is found it is put into `*birth`, whose image is then the caller's to
 * image_unref(), and no other child's. */
enum births_answer births_take(struct births *births, const struct process_table *table,
			       const struct births_query *query, struct birth *birth);

/* Forgets all of them. */
void births_clear(struct births *births);

#endif
