/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the plugin's standard input into the pipeline: what waits in the queue between, and how it ends. */
#ifndef AUSPAWN_FEED_H
#define AUSPAWN_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/intake.h"
#include "pipeline.h"

struct feed;

/* Begins to read `fd` into a queue of `bound` bytes, in a thread. The pipeline must outlive the feed. NULL with
 * errno set if that can't be. feed_free() releases it and accepts NULL; what waits is gone then. */
struct feed *feed_new(int fd, size_t bound, struct pipeline *pipeline);
void feed_free(struct feed *feed);

/* Readable when feed_read() has something to do. */
int feed_fd(const struct feed *feed);

/* Judges some of what waits. Returns whether more does. `now` is here and below a monotonic clock in ms. */
bool feed_read(struct feed *feed, int64_t now);

/* Has all been judged that was written so far? */
bool feed_is_drained(struct feed *feed);

/* Has the stream ended? Some of it may still wait. */
bool feed_has_ended(struct feed *feed);

/* Judges what waits and what was written, until `until`: what ended us waits for our end. */
void feed_drain(struct feed *feed, int64_t until);

/* Of the queue. `feed` may be NULL. */
struct intake_stats feed_queue(struct feed *feed);

#endif
