/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/letter.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include <utlist.h>

struct letter_node {
	struct letter_node *prev, *next;
	struct letter *letter;
};

struct letter *letter_new(struct span text)
{
	struct letter *letter = mem_resize(NULL, sizeof(*letter) + text.length + 1, 1);

	*letter = (struct letter){ .refs = 1, .length = text.length + 1 };
	memcpy(letter->line, text.start, text.length);
	letter->line[text.length] = '\n';
	return letter;
}

void letter_release(struct letter *letter)
{
	if (!--letter->refs)
		free(letter);
}

void queue_push(struct letter_queue *queue, struct letter *letter)
{
	struct letter_node *node = mem_zalloc(sizeof(*node));

	node->letter = letter;
	letter->refs++;
	letter->queued |= queue->bit;
	queue->bytes += letter->length;
	DL_APPEND(queue->nodes, node);
}

struct letter *queue_first(const struct letter_queue *queue)
{
	return queue->nodes ? queue->nodes->letter : NULL;
}

struct letter *queue_last(const struct letter_queue *queue)
{
	return queue->nodes ? queue->nodes->prev->letter : NULL;
}

static void remove_node(struct letter_queue *queue, struct letter_node *node)
{
	DL_DELETE(queue->nodes, node);
	queue->bytes -= node->letter->length;
	letter_release(node->letter);
	free(node);
}

void queue_remove_first(struct letter_queue *queue)
{
	remove_node(queue, queue->nodes);
}

void queue_remove_last(struct letter_queue *queue)
{
	remove_node(queue, queue->nodes->prev);
}

void queue_purge(struct letter_queue *queue)
{
	struct letter_node *node, *next;

	DL_FOREACH_SAFE (queue->nodes, node, next) {
		if (!(node->letter->wanted & queue->bit))
			remove_node(queue, node);
	}
}

void queue_clear(struct letter_queue *queue)
{
	while (queue->nodes)
		queue_remove_first(queue);
}

void queue_each(const struct letter_queue *queue, void (*visit)(void *user, struct letter *letter),
		void *user)
{
	struct letter_node *node;

	DL_FOREACH (queue->nodes, node)
		visit(user, node->letter);
}
