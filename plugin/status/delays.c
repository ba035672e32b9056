/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/delays.h"

#include <stddef.h>
#include <string.h>

#define SUB_BITS 3
#define SUB	 (1u << SUB_BITS)

static size_t bucket_of(uint64_t ms)
{
	unsigned int power;
	size_t bucket;

	if (ms < SUB)
		return (size_t)ms;
	power = 63 - (unsigned int)__builtin_clzll(ms);
	bucket = (size_t)(power - SUB_BITS + 1) * SUB + ((ms >> (power - SUB_BITS)) & (SUB - 1));
	return bucket < DELAYS_BUCKETS ? bucket : DELAYS_BUCKETS - 1;
}

/* The longest delay that the bucket holds. */
static uint64_t end_of(size_t bucket)
{
	unsigned int shift;

	if (bucket < SUB)
		return bucket;
	shift = (unsigned int)(bucket / SUB - 1);
	return ((SUB + bucket % SUB + 1) << shift) - 1;
}

static void turn(struct delays *delays, int64_t now)
{
	int64_t age = now - delays->began;

	if (delays->began && age < DELAYS_PERIOD_MS)
		return;
	if (delays->began && age < 2 * DELAYS_PERIOD_MS)
		memcpy(delays->bucket[1], delays->bucket[0], sizeof(delays->bucket[1]));
	else
		memset(delays->bucket[1], 0, sizeof(delays->bucket[1]));
	memset(delays->bucket[0], 0, sizeof(delays->bucket[0]));
	delays->began = now;
}

void delays_add(struct delays *delays, int64_t ms, int64_t now)
{
	uint64_t delay = ms < 0 ? 0 : (uint64_t)ms;

	turn(delays, now);
	delays->bucket[0][bucket_of(delay)]++;
	if (delay > delays->longest)
		delays->longest = delay;
}

uint64_t delays_count(struct delays *delays, int64_t now)
{
	uint64_t count = 0;

	turn(delays, now);
	for (size_t i = 0; i < DELAYS_BUCKETS; i++)
		count += delays->bucket[0][i] + delays->bucket[1][i];
	return count;
}

uint64_t delays_share(struct delays *delays, double share, int64_t now)
{
	double wanted = (double)delays_count(delays, now) * share;
	uint64_t seen = 0;

	for (size_t i = 0; i < DELAYS_BUCKETS; i++) {
		seen += delays->bucket[0][i] + delays->bucket[1][i];
		if (seen && (double)seen >= wanted)
			return end_of(i) < delays->longest ? end_of(i) : delays->longest;
	}
	return UINT64_MAX;
}
