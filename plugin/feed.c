/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

struct feed {
	struct intake *intake;
	struct pipeline *pipeline;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct feed *feed_new(int fd, size_t bound, struct pipeline *pipeline)
{
	struct intake *intake = intake_start(fd, bound);
	struct feed *feed;

	if (!intake)
		return NULL;
	feed = mem_zalloc(sizeof(*feed));
	feed->intake = intake;
	feed->pipeline = pipeline;
	return feed;
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	intake_stop(feed->intake);
	free(feed);
}

int feed_fd(const struct feed *feed)
{
	return intake_fd(feed->intake);
}

bool feed_read(struct feed *feed, int64_t now)
{
	struct intake_piece piece = intake_take(feed->intake);

	if (piece.data.length) {
		pipeline_advance(feed->pipeline, clock_ms(CLOCK_REALTIME));
		pipeline_feed(feed->pipeline, piece.data, now);
	}
	if (piece.torn)
		pipeline_tear(feed->pipeline);
	return piece.more;
}

bool feed_is_drained(struct feed *feed)
{
	return intake_is_drained(feed->intake);
}

bool feed_has_ended(struct feed *feed)
{
	return intake_has_ended(feed->intake);
}

void feed_drain(struct feed *feed, int64_t until)
{
	struct pollfd ready = { .fd = feed_fd(feed), .events = POLLIN };
	int64_t now;

	while ((now = clock_ms(CLOCK_MONOTONIC)) < until) {
		if (!feed_read(feed, now) && feed_is_drained(feed))
			return;
		poll(&ready, 1, 1);
	}
}

struct intake_stats feed_queue(struct feed *feed)
{
	return feed ? intake_stats(feed->intake) : (struct intake_stats){ 0 };
}
