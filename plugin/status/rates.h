/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much there was in the last minute, from samples of totals. */
#ifndef AUSPAWN_STATUS_RATES_H
#define AUSPAWN_STATUS_RATES_H

#include <stddef.h>
#include <stdint.h>

#define RATES_LATELY_MS 60000
#define RATES_EVERY_MS	10000 /* at most so often a sample is kept */
#define RATES_SAMPLES	8

struct rates_totals {
	uint64_t records;
	uint64_t execs;
	uint64_t alerts;
	uint64_t bytes; /* of the stream */
};

struct rates {
	struct {
		int64_t at;
		struct rates_totals totals;
	} sample[RATES_SAMPLES]; /* a ring */
	size_t samples;		 /* ever taken */
};

/* Keeps the totals of `now` (a monotonic clock in ms), if the last that were kept are old enough. */
void rates_sample(struct rates *rates, const struct rates_totals *totals, int64_t now);

/* What came since the last minute began, up to RATES_EVERY_MS more of it; with fewer samples, since the first. */
struct rates_totals rates_lately(const struct rates *rates, const struct rates_totals *totals,
				 int64_t now);

/* How long that is in ms. */
int64_t rates_span(const struct rates *rates, int64_t now);

#endif
