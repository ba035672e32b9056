/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long events took from their time until they were judged: a histogram of the last five to ten minutes. A bucket is
 * an eighth of its power of two wide, so that what it tells is at most 12.5 % too much; below 8 ms it is exact. The
 * kernel's time stamps are themselves only as good as its ticks, 4 ms on many machines.
 */
#ifndef AUSPAWN_STATUS_DELAYS_H
#define AUSPAWN_STATUS_DELAYS_H

#include <stdint.h>

#define DELAYS_BUCKETS	 240 /* up to 2^32 ms; longer ones are in the last */
#define DELAYS_PERIOD_MS (5 * 60 * 1000)

struct delays {
	uint64_t bucket[2][DELAYS_BUCKETS]; /* of the present period, and of the one before */
	int64_t began;			    /* the present one; 0: there was none yet */
	uint64_t longest;		    /* ever, in ms */
};

/* Notes a delay of `ms`; below 0 is 0, of a clock that was set. `now` is here and below a monotonic clock in ms. */
void delays_add(struct delays *delays, int64_t ms, int64_t now);

/* How many there were in the last five to ten minutes. */
uint64_t delays_count(struct delays *delays, int64_t now);

/* The delay that `share` (0 to 1) of them did not exceed, in ms, at most 12.5 % too much; UINT64_MAX if there were
 * none. */
uint64_t delays_share(struct delays *delays, double share, int64_t now);

#endif
