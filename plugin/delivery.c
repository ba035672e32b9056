/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delivery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "delivery_inside.h"

#include <utlist.h>

#define OFFERS_AT_ONCE	  1000	/* then others have their turn */
#define TELL_AFTER_MS	  5000	/* a sink that is merely slow is not told of */
#define COMPLAIN_AGAIN_MS 60000

_Static_assert(SINKS == OUTBOX_SINKS, "the outbox has a bit for each sink");

/* --- what is in memory only --- */

void delivery_append(struct delivery *delivery, struct letter *letter)
{
	DL_APPEND(delivery->pending, letter);
	delivery->pending_bytes += letter->length;
}

void delivery_remove(struct delivery *delivery, struct letter *letter)
{
	DL_DELETE(delivery->pending, letter);
	delivery->pending_bytes -= letter->length;
	letter_release(letter);
}

/* What was taken need not be kept any more. */
static void forget_taken(struct delivery *delivery)
{
	struct letter *letter, *next;

	DL_FOREACH_SAFE (delivery->pending, letter, next) {
		if (!letter->wanted)
			delivery_remove(delivery, letter);
	}
}

static void drop_pending(struct delivery *delivery, struct letter *letter)
{
	for (int i = 0; i < SINKS; i++) {
		delivery->stats.sink[i].waiting -= letter->wanted >> i & 1;
		delivery->stats.sink[i].dropped += letter->wanted >> i & 1;
	}
	letter->wanted = 0;
	delivery->stats.dropped++;
	delivery_remove(delivery, letter);
}

/* The oldest of the lowest severity go, a few at once because they have to be looked for. */
static void bound_memory(struct delivery *delivery, size_t most)
{
	size_t enough = most - most / 64;
	struct letter *letter, *next;

	if (delivery->pending_bytes <= most)
		return;
	for (int severity = 0; severity < OUTBOX_SEVERITIES; severity++) {
		DL_FOREACH_SAFE (delivery->pending, letter, next) {
			if (delivery->pending_bytes > enough && letter->severity == severity)
				drop_pending(delivery, letter);
		}
	}
	for (int i = 0; i < SINKS; i++)
		queue_purge(&delivery->standing[i].queue);
}

void delivery_queue(struct delivery *delivery)
{
	struct letter *letter;

	for (int i = 0; i < SINKS; i++) {
		struct standing *standing = &delivery->standing[i];

		if (standing->behind)
			continue;
		DL_FOREACH (delivery->pending, letter) {
			if (letter->wanted & ~letter->queued & standing->queue.bit)
				queue_push(&standing->queue, letter);
		}
	}
}

/* --- to the sinks --- */

static bool on_read(void *user, const struct outbox_letter *kept)
{
	struct standing *standing = user;
	struct letter *letter = letter_new(kept->text);

	letter->wanted = standing->queue.bit;
	letter->id = kept->id;
	letter->time = kept->time;
	letter->severity = kept->severity;
	letter->priority = kept->priority;
	standing->last = kept->id;
	queue_push(&standing->queue, letter);
	letter_release(letter);
	return standing->queue.bytes < DELIVERY_WINDOW;
}

/* Reads the next letters from the state. */
static void read_on(struct delivery *delivery, enum sink sink, int64_t now)
{
	struct standing *standing = &delivery->standing[sink];
	int error;

	delivery->retry = now + KEEPER_AGAIN_MS;
	if (!keeper_reopen(delivery->keeper, now) || !standing->behind)
		return;
	error = outbox_read(delivery->outbox, sink, standing->last, on_read, standing);
	if (error) {
		keeper_found(delivery->keeper, error, now);
		return;
	}
	if (standing->queue.bytes >= DELIVERY_WINDOW)
		return;
	standing->behind = false;
	delivery_queue(delivery);
}

static void note_error(struct delivery *delivery, enum sink sink, int error, int64_t now)
{
	struct standing *standing = &delivery->standing[sink];

	if (!standing->error != !error)
		standing->since = now;
	if (!error && standing->told)
		sinks_log(delivery->sinks, now, MESSAGE_SINK_AGAIN, "%s takes alerts again",
			  sinks_name(delivery->sinks, sink));
	if (!error)
		standing->told = false;
	/* -EAGAIN does not tell more than is known. */
	if (!error || error != -EAGAIN || !standing->error)
		standing->error = error;
	if (standing->told || !error || now - standing->since < TELL_AFTER_MS)
		return;
	standing->told = true;
	sinks_log(delivery->sinks, now, MESSAGE_SINK_FAILED, "%s takes no alerts: %s; %" PRIu64 " wait",
		  sinks_name(delivery->sinks, sink),
		  standing->error == -EAGAIN ? "nobody reads them" : strerror(-standing->error),
		  delivery->stats.sink[sink].waiting);
}

/* Offers the next letter. Returns whether the sink is done with it. */
static bool offer_first(struct delivery *delivery, enum sink sink, int64_t now)
{
	struct standing *standing = &delivery->standing[sink];
	struct letter *letter = queue_first(&standing->queue);
	const struct offer offer = { letter->priority, (time_t)letter->time,
				     { letter->line, letter->length } };
	int error = sinks_offer(delivery->sinks, sink, &offer, now);

	if (error != -EMSGSIZE)
		note_error(delivery, sink, error, now);
	if (error && error != -EMSGSIZE)
		return false;
	delivery->stats.sink[sink].too_big += error != 0;
	delivery->stats.sink[sink].taken += error == 0;
	delivery->stats.sink[sink].waiting--;
	letter->wanted &= ~standing->queue.bit;
	if (letter->id)
		standing->taken = letter->id;
	if (delivery->marks_due < 0 && letter->id)
		delivery->marks_due = now + DELIVERY_MARKS_MS;
	queue_remove_first(&standing->queue);
	return true;
}

static void offer(struct delivery *delivery, enum sink sink, int64_t now)
{
	struct standing *standing = &delivery->standing[sink];

	for (int i = 0; i < OFFERS_AT_ONCE; i++) {
		if (!queue_first(&standing->queue) && standing->behind)
			read_on(delivery, sink, now);
		if (!queue_first(&standing->queue) || !offer_first(delivery, sink, now))
			return;
	}
	delivery->hurry = true;
}

static void complain(struct delivery *delivery, int64_t now)
{
	uint64_t lost = delivery->stats.dropped;

	for (int i = 0; i < SINKS; i++)
		lost += delivery->stats.sink[i].too_big;
	if (lost == delivery->complained || now < delivery->complain)
		return;
	sinks_log(delivery->sinks, now, MESSAGE_ALERTS_DROPPED,
		  "%" PRIu64 " alerts dropped: too many wait (the oldest of the lowest severity go), "
		  "or they are too big for the socket",
		  lost - delivery->complained);
	delivery->complained = lost;
	delivery->complain = now + COMPLAIN_AGAIN_MS;
}

void delivery_flush(struct delivery *delivery, int64_t now)
{
	if (delivery->pending || delivery->unwanted ||
	    (delivery->marks_due >= 0 && now >= delivery->marks_due)) {
		if (!delivery->keeper || !keeper_commit(delivery->keeper, now)) {
			bound_memory(delivery, delivery->size < DELIVERY_MAX_MEMORY ? delivery->size :
										      DELIVERY_MAX_MEMORY);
			delivery_queue(delivery);
			delivery->marks_due = delivery->marks_due < 0 ? -1 : now + DELIVERY_MARKS_MS;
			delivery->retry = now + KEEPER_AGAIN_MS;
		}
		sinks_follow(delivery->sinks);
	}
	delivery->fresh = false;
	delivery->fresh_bytes = 0;
	delivery->since = 0;
	delivery->hurry = false;
	for (int i = 0; i < SINKS; i++)
		offer(delivery, (enum sink)i, now);
	forget_taken(delivery);
	complain(delivery, now);
}

void delivery_batch(struct delivery *delivery, bool more, int64_t now)
{
	if (!delivery->fresh && !delivery->hurry)
		return;
	if (!delivery->since)
		delivery->since = now;
	if (!more || delivery->fresh_bytes >= DELIVERY_BATCH ||
	    now - delivery->since >= DELIVERY_BATCH_MS)
		delivery_flush(delivery, now);
}

/* Is there something that only the state can help with? */
static bool needs_state(const struct delivery *delivery)
{
	bool needs = delivery->pending;

	for (int i = 0; i < SINKS; i++)
		needs |= delivery->standing[i].behind && !queue_first(&delivery->standing[i].queue);
	return needs && delivery->keeper;
}

int64_t delivery_deadline(const struct delivery *delivery)
{
	if (delivery->hurry || delivery->fresh)
		return 0;
	if (needs_state(delivery) &&
	    (delivery->marks_due < 0 || delivery->retry < delivery->marks_due))
		return delivery->retry;
	return delivery->marks_due;
}

void delivery_end(struct delivery *delivery, int64_t now)
{
	const struct letter *letter;
	uint64_t lost = 0, waiting = 0;

	delivery_flush(delivery, now);
	if (delivery->marks_due >= 0 && delivery->keeper)
		keeper_commit(delivery->keeper, now);
	DL_FOREACH (delivery->pending, letter)
		lost++;
	for (int i = 0; i < SINKS; i++) {
		if (delivery->stats.sink[i].waiting > waiting)
			waiting = delivery->stats.sink[i].waiting;
	}
	if (lost)
		sinks_log(delivery->sinks, now, MESSAGE_ALERTS_LOST,
			  "%" PRIu64 " alerts are lost: neither were they taken nor could they be kept",
			  lost);
	if (waiting > lost)
		sinks_log(delivery->sinks, now, MESSAGE_ALERTS_WAIT, "%" PRIu64 " alerts wait for the next start",
			  waiting - lost);
}

/* --- from the rules --- */

static void write_letter(struct delivery *delivery, enum sink sink, unsigned wanted,
			 enum severity severity, struct json_object *document)
{
	struct letter *letter;

	utstring_clear(&delivery->text);
	sinks_encode(delivery->sinks, sink, document, &delivery->text);
	letter = letter_new((struct span){ utstring_body(&delivery->text),
					   utstring_len(&delivery->text) });
	letter->wanted = wanted;
	letter->severity = severity;
	letter->priority = sinks_priority(delivery->sinks, severity);
	letter->time = time(NULL);
	for (int i = 0; i < SINKS; i++)
		delivery->stats.sink[i].waiting += wanted >> i & 1;
	delivery_append(delivery, letter);
	delivery->fresh = true;
	delivery->fresh_bytes += letter->length;
}

void delivery_alert(struct delivery *delivery, enum severity severity, struct json_object *document)
{
	unsigned enabled = sinks_enabled(delivery->sinks);
	unsigned done = 0;

	for (int i = 0; i < SINKS; i++) {
		unsigned wanted = 1u << i & enabled & ~done;

		/* One text for all that take the same. */
		if (wanted && sinks_agree(delivery->sinks))
			wanted = enabled;
		if (wanted)
			write_letter(delivery, (enum sink)i, wanted, severity, document);
		done |= wanted;
	}
	json_object_put(document);
	/* One moment can bring more than there is room for: the end of a window with many rare groups. */
	bound_memory(delivery, delivery->size);
}

/* --- beginning and end --- */

struct delivery *delivery_new(struct sinks *sinks, struct keeper *keeper, size_t outbox_size)
{
	struct delivery *delivery = mem_zalloc(sizeof(*delivery));
	const struct keeper_part part = delivery_part(delivery);

	delivery->sinks = sinks;
	delivery->keeper = keeper;
	delivery->size = outbox_size;
	delivery->marks_due = -1;
	for (int i = 0; i < SINKS; i++)
		delivery->standing[i].queue.bit = 1u << i;
	utstring_init(&delivery->text);
	if (keeper)
		keeper_add_part(keeper, &part);
	return delivery;
}

void delivery_free(struct delivery *delivery)
{
	if (!delivery)
		return;
	for (int i = 0; i < SINKS; i++)
		queue_clear(&delivery->standing[i].queue);
	while (delivery->pending)
		delivery_remove(delivery, delivery->pending);
	utstring_done(&delivery->text);
	free(delivery);
}

void delivery_configure(struct delivery *delivery, size_t outbox_size)
{
	unsigned enabled = sinks_enabled(delivery->sinks);
	struct letter *letter;

	delivery->size = outbox_size;
	for (int i = 0; i < SINKS; i++) {
		struct standing *standing = &delivery->standing[i];

		if (enabled & standing->queue.bit)
			continue;
		queue_clear(&standing->queue);
		standing->behind = false;
		delivery->stats.sink[i].waiting = 0;
	}
	DL_FOREACH (delivery->pending, letter)
		letter->wanted &= enabled;
	forget_taken(delivery);
	delivery->unwanted = true;
}

struct delivery_stats delivery_stats(const struct delivery *delivery)
{
	struct delivery_stats stats = delivery->stats;

	for (int i = 0; i < SINKS; i++) {
		const struct letter *letter = queue_first(&delivery->standing[i].queue);

		stats.sink[i].oldest = letter ? letter->time : 0;
		stats.sink[i].failing = delivery->standing[i].error;
	}
	stats.kept = delivery->outbox ? outbox_bytes(delivery->outbox) : 0;
	stats.unkept = delivery->pending_bytes;
	return stats;
}
