/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts on their way: written out, ready to be given to a sink, and the queue of each sink. */
#ifndef AUSPAWN_ALERT_LETTER_H
#define AUSPAWN_ALERT_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct letter {
	struct letter *prev, *next; /* in a list of its own, beside the queues */
	unsigned refs;		    /* lists and queues that have it */
	unsigned wanted;	    /* a bit for each sink that has not taken it */
	unsigned queued;	    /* a bit for each sink whose queue has had it */
	int64_t id;		    /* in the store; 0: it is not there */
	int64_t time;		    /* when it was made, s since 1970 */
	int severity;
	int priority;
	size_t length;
	char line[]; /* with its newline */
};

/* Returns a letter with the text in it, and a newline behind, that one list has. letter_release() takes it off one. */
struct letter *letter_new(struct span text);
void letter_release(struct letter *letter);

struct letter_node;

/* Letters for one sink, the next one first. Zeroes are an empty one. */
struct letter_queue {
	struct letter_node *nodes;
	size_t bytes;
	unsigned bit; /* of the sink */
};

void queue_push(struct letter_queue *queue, struct letter *letter);

/* The next letter, or the last; NULL if there is none. Still the queue's. */
struct letter *queue_first(const struct letter_queue *queue);
struct letter *queue_last(const struct letter_queue *queue);

void queue_remove_first(struct letter_queue *queue);
void queue_remove_last(struct letter_queue *queue);

/* Removes those that the sink does not want any more. */
void queue_purge(struct letter_queue *queue);
void queue_clear(struct letter_queue *queue);

/* For each letter: queue_each(queue, visit, user). */
void queue_each(const struct letter_queue *queue, void (*visit)(void *user, struct letter *letter),
		void *user);

#endif
