/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an alert to the sinks that want it. Alerts are collected, kept in the state by one transaction for all
 * of a batch, offered to each sink in order until it takes them, and deleted with a later transaction. So each
 * is delivered at least once, and more than once only if the plugin was killed within DELIVERY_MARKS_MS.
 *
 * What waits is in the state; memory holds the next letters of each sink. Where the state can't be written it
 * holds all, up to a bound, and they are kept as soon as it can be. At the bound, of memory or of the state,
 * the oldest of the lowest severity are dropped and counted.
 */
#ifndef AUSPAWN_DELIVERY_H
#define AUSPAWN_DELIVERY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper.h"
#include "rules/rule.h"
#include "sinks.h"

#define DELIVERY_MARKS_MS    1000	  /* so long after an alert was taken it is deleted, at the latest */
#define DELIVERY_WINDOW	     (256u << 10) /* bytes of letters in memory for a sink that others wait behind */
#define DELIVERY_MAX_MEMORY  (8u << 20)	  /* and of those that can't be kept */
#define DELIVERY_BATCH	     (256u << 10) /* bytes that are kept by one transaction, ... */
#define DELIVERY_BATCH_MS    20		  /* and how long the first of them waits for the others */
#define DELIVERY_MIN_OUTBOX  (1u << 20)

struct delivery_stats {
	struct {
		uint64_t taken;	  /* since the start */
		uint64_t waiting; /* now */
		uint64_t too_big; /* for the sink, dropped */
		uint64_t dropped; /* there were too many */
		bool failing;	  /* it did not take the last one that it was offered */
		int64_t oldest;	  /* when the next one was made, s since 1970; 0 if none is in memory */
	} sink[SINKS];
	uint64_t dropped; /* alerts; there were too many */
	uint64_t kept;	  /* bytes in the state */
	uint64_t unkept;  /* bytes that could not be kept */
};

struct delivery;

/* Both must outlive the delivery, but for keeper_free(), which comes first. Without a keeper, NULL, all is in memory.
 * `outbox_size` is how many bytes of alerts the state may hold. delivery_free() releases it; what could not be kept
 * is lost then. */
struct delivery *delivery_new(struct sinks *sinks, struct keeper *keeper, size_t outbox_size);
void delivery_free(struct delivery *delivery);

/* Goes on after sinks_configure(). Alerts for a sink that is not enabled any more are dropped. */
void delivery_configure(struct delivery *delivery, size_t outbox_size);

/* Takes an alert's document over. */
void delivery_alert(struct delivery *delivery, enum severity severity, struct json_object *document);

/* Keeps what has come and offers what waits. `now` is a monotonic clock in ms. */
void delivery_flush(struct delivery *delivery, int64_t now);

/* The same if there is enough for a transaction, or for as long as no more comes. */
void delivery_batch(struct delivery *delivery, bool more, int64_t now);

/* When delivery_flush() is to be called at the latest, beside what sinks_fd() and sinks_deadline() say; -1 if it need
 * not be. */
int64_t delivery_deadline(const struct delivery *delivery);

/* The last: keeps what is to be kept, and tells of the rest. */
void delivery_end(struct delivery *delivery, int64_t now);

struct delivery_stats delivery_stats(const struct delivery *delivery);

#endif
