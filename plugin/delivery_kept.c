/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The delivery's part of the keeper's transactions. */
#include "delivery_inside.h"

#include <string.h>

#include <utlist.h>

static void to_pending(void *user, struct letter *letter)
{
	struct delivery *delivery = user;

	if (!letter->id || !letter->wanted || !letter->queued)
		return;
	letter->queued = 0;
	letter->refs++;
	delivery_append(delivery, letter);
}

static int earlier(const struct letter *a, const struct letter *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

/* Another database: what is in memory goes there, behind what it has. */
static int begin_anew(struct delivery *delivery)
{
	struct letter *pending = delivery->pending;
	struct letter *letter;
	int error = 0;

	delivery->pending = NULL;
	for (int i = 0; i < SINKS; i++)
		queue_each(&delivery->standing[i].queue, to_pending, delivery);
	/* A sink can have come further than the other. */
	DL_SORT(delivery->pending, earlier);
	DL_CONCAT(delivery->pending, pending);
	DL_FOREACH (delivery->pending, letter) {
		letter->queued = 0;
		letter->id = 0;
	}
	for (int i = 0; i < SINKS && !error; i++) {
		struct standing *standing = &delivery->standing[i];
		uint64_t *waiting = &delivery->stats.sink[i].waiting;

		queue_clear(&standing->queue);
		standing->behind = sinks_enabled(delivery->sinks) & standing->queue.bit;
		standing->taken = standing->last = outbox_taken(delivery->outbox, (unsigned)i);
		error = outbox_count(delivery->outbox, (unsigned)i, waiting);
		DL_FOREACH (delivery->pending, letter)
			*waiting += letter->wanted >> i & 1;
	}
	delivery->fresh = delivery->pending;
	delivery->unwanted = true;
	delivery->hurry = true;
	return error;
}

static int on_opened(void *user, struct state *state)
{
	struct delivery *delivery = user;
	int error = outbox_open(state, &delivery->outbox);

	/* A copy of it may be older: then it has not all that was kept, and would give the same ids again. */
	if (error || (delivery->known && delivery->origin == state_origin(state) &&
		      delivery->latest <= outbox_latest(delivery->outbox)))
		return error;
	delivery->origin = state_origin(state);
	error = begin_anew(delivery);
	delivery->known = !error;
	return error;
}

static void forget_ids(struct delivery *delivery)
{
	struct letter *letter;

	DL_FOREACH (delivery->pending, letter)
		letter->id = 0;
}

static void on_failed(void *user)
{
	struct delivery *delivery = user;

	outbox_undo(delivery->outbox);
	forget_ids(delivery);
}

static void on_closing(void *user)
{
	struct delivery *delivery = user;

	outbox_close(delivery->outbox);
	delivery->outbox = NULL;
	forget_ids(delivery);
}

static bool has_all(const struct standing *standing)
{
	return !standing->behind && !queue_first(&standing->queue);
}

static void on_drop(void *user, int64_t id, unsigned sinks)
{
	struct delivery *delivery = user;

	for (int i = 0; i < SINKS; i++) {
		const struct standing *standing = &delivery->standing[i];

		if (standing->behind && id > standing->last && sinks & standing->queue.bit)
			delivery->dropping_of[i]++;
	}
}

/* Some sink is so far behind that memory has not all that it wants, or there could not be so many. */
static void bound_outbox(struct delivery *delivery)
{
	uint64_t bytes = outbox_bytes(delivery->outbox);
	int64_t behind = INT64_MAX;

	if (bytes <= delivery->size)
		return;
	for (int i = 0; i < SINKS; i++) {
		const struct standing *standing = &delivery->standing[i];

		if (standing->behind && standing->last < behind)
			behind = standing->last;
	}
	delivery->dropping += outbox_drop(delivery->outbox, behind,
					 bytes - delivery->size + delivery->size / 64, on_drop,
					 delivery);
}

static void note_taken(struct delivery *delivery)
{
	int64_t latest = outbox_latest(delivery->outbox);
	int64_t all = latest;

	for (unsigned i = 0; i < SINKS; i++) {
		const struct standing *standing = &delivery->standing[i];
		int64_t taken = has_all(standing) ? latest : standing->taken;

		outbox_note_taken(delivery->outbox, i, taken);
		all = taken < all ? taken : all;
	}
	outbox_delete(delivery->outbox, all);
	if (delivery->unwanted)
		delivery->dropping += outbox_delete_unwanted(delivery->outbox,
							     sinks_enabled(delivery->sinks));
}

static void on_save(void *user)
{
	struct delivery *delivery = user;
	struct letter *letter;

	delivery->dropping = 0;
	memset(delivery->dropping_of, 0, sizeof(delivery->dropping_of));
	outbox_begin(delivery->outbox);
	note_taken(delivery);
	DL_FOREACH (delivery->pending, letter) {
		const struct outbox_letter kept = {
			.sinks = letter->wanted,
			.severity = letter->severity,
			.priority = letter->priority,
			.time = letter->time,
			.text = { letter->line, letter->length - 1 },
		};

		letter->id = outbox_add(delivery->outbox, &kept);
	}
	bound_outbox(delivery);
}

/* The rest can be read again. */
static void trim(struct standing *standing)
{
	if (standing->queue.bytes <= 2 * DELIVERY_WINDOW)
		return;
	while (standing->queue.bytes > DELIVERY_WINDOW)
		queue_remove_last(&standing->queue);
	standing->last = queue_last(&standing->queue) ? queue_last(&standing->queue)->id : standing->taken;
	standing->behind = true;
}

static void on_saved(void *user)
{
	struct delivery *delivery = user;

	delivery->hurry |= delivery->pending != NULL;
	delivery_queue(delivery);
	for (int i = 0; i < SINKS; i++) {
		struct standing *standing = &delivery->standing[i];

		if (!standing->behind && delivery->pending)
			standing->last = delivery->pending->prev->id;
		trim(standing);
	}
	while (delivery->pending)
		delivery_remove(delivery, delivery->pending);
	for (int i = 0; i < SINKS; i++) {
		delivery->stats.sink[i].waiting -= delivery->dropping_of[i];
		delivery->stats.sink[i].dropped += delivery->dropping_of[i];
	}
	delivery->stats.dropped += delivery->dropping;
	delivery->latest = outbox_latest(delivery->outbox);
	delivery->unwanted = false;
	delivery->marks_due = -1;
	delivery->fresh = false;
}

struct keeper_part delivery_part(struct delivery *delivery)
{
	return (struct keeper_part){ on_opened, on_save, on_saved, on_failed, on_closing, delivery };
}
